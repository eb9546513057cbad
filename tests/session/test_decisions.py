"""What a person may decide while a session is walked, and what becomes of it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from lamella_case import NOON, SOURCES, ResistorSmu, crew_of, judge_of, plan_of, recipe_with

from fibplan.clock import ScriptedClock
from fibplan.errors import InstrumentError, Misuse, NotAccepted
from fibplan.journal.events import Ending, Found, OperationStarted
from fibplan.journal.file import Journal, read
from fibplan.journal.lock import Locked
from fibplan.journal.state import Progress, fold
from fibplan.library.examine import examine
from fibplan.library.search_path import SearchPath
from fibplan.planning.replan import Actual
from fibplan.session.engine import Crew, resume_session, run_session
from fibplan.session.folder import SessionFolder
from fibplan.session.frozen import frozen_sources
from fibplan.session.integrity import verify_session
from fibplan.session.operator import Done, ScriptedOperator, Stopped
from fibplan.session.reasons import ReasonNeeded
from fibplan.session.waiting import Doubted, Next, Unaccepted, Uncertain, Unfinished
from fibplan.session.walk import Abort, Begin, Confirm, Correct, GoOn, Inspected, Leave, Redo, Skip, as_planned

RECIPE = recipe_with()
PLAN = plan_of(RECIPE)


def deciding(**answers: Callable[[], object]):
    """As planned, but for the first time that the named operation is next."""
    left = dict(answers)

    def decide(session, waiting):
        if isinstance(waiting, Next) and waiting.operation.name.replace("-", "_") in left:
            return left.pop(waiting.operation.name.replace("-", "_"))()
        return as_planned(session, waiting)

    return decide


def test_an_abort_ends_a_session_for_good(tmp_path: Path) -> None:
    """The SMU is off, the reason is kept, nothing more may be done, and the last line says aborted."""
    smu = ResistorSmu()
    crew = crew_of(RECIPE, smu, decide=deciding(measure=lambda: Abort("it broke")))
    state = run_session(tmp_path / "s", PLAN, SOURCES, crew, "s-001")
    assert state.closed is not None
    assert (state.closed.outcome, state.closed.reason) == (Ending.ABORTED, "it broke")
    assert smu.closed
    with pytest.raises(Misuse, match="the session is over"):
        resume_session(tmp_path / "s", crew_of(RECIPE, ResistorSmu()), PLAN)


def test_a_session_that_was_left_goes_on_where_it_was(tmp_path: Path) -> None:
    """What was done is not done again, what was measured counts, and it ends as if it had never been left."""
    crew = crew_of(RECIPE, ResistorSmu(), decide=deciding(hand_off=Leave))
    state = run_session(tmp_path / "s", PLAN, SOURCES, crew, "s-001")
    assert state.closed is None
    state = resume_session(tmp_path / "s", crew_of(RECIPE, ResistorSmu()), PLAN)
    assert state.closed is not None
    assert state.closed.outcome is Ending.ACCEPTED
    started = [
        record.event.operation
        for record in read(tmp_path / "s/journal.jsonl")
        if record.event.kind == "operation_started"
    ]
    assert started == ["thin", "measure", "hand-off"]


def test_a_verdict_that_a_crash_came_before_is_reached_on_resuming(tmp_path: Path) -> None:
    """Killed between the last curve and the verdict, the session judges the curves on the disk."""
    root = tmp_path / "s"
    run_session(root, PLAN, SOURCES, crew_of(RECIPE, ResistorSmu()), "s-001")
    lines = (root / "journal.jsonl").read_bytes().splitlines(keepends=True)
    measured = next(place for place, line in enumerate(lines) if b"verdict_reached" in line)
    (root / "journal.jsonl").write_bytes(b"".join(lines[:measured]))
    state = resume_session(root, crew_of(RECIPE, ResistorSmu()), PLAN)
    assert state.closed is not None
    assert state.closed.outcome is Ending.ACCEPTED


def test_without_a_person_nothing_uncertain_goes_on(tmp_path: Path) -> None:
    """A script that resumes after a crash is told what ran and for how long at most, and starts nothing."""
    clock = ScriptedClock(NOON)
    root, pressed = tmp_path / "s", []

    class Dying(ScriptedOperator):
        def perform(self, operation) -> Done:
            pressed.append(operation.name)
            clock.sleep(600)
            raise InstrumentError("lost")

    with pytest.raises(InstrumentError):
        run_session(root, PLAN, SOURCES, crew_of(RECIPE, ResistorSmu(), clock, operator=Dying(clock, print)), "s-001")
    for _ in range(2):
        with pytest.raises(Misuse, match=r"'thin' was started at 12:00:00 UTC, ran 10 min 00 s at most, and was never"):
            resume_session(root, crew_of(RECIPE, ResistorSmu(), clock, operator=Dying(clock, print)), PLAN)
    assert pressed == ["thin"]
    assert fold(record.event for record in read(root / "journal.jsonl")).uncertain == ("thin",)


def test_an_inspected_operation_goes_on_by_what_was_found(tmp_path: Path) -> None:
    """Found untouched, it is begun again because somebody said so; the journal has both starts and the look between."""
    root, clock = tmp_path / "s", ScriptedClock(NOON)
    run_session(root, PLAN, SOURCES, crew_of(RECIPE, ResistorSmu(), decide=deciding(thin=Leave)), "s-001")
    with Journal(root / "journal.jsonl", clock) as journal:
        journal.append(OperationStarted(operation="thin", changes_lamella=True))

    def look(session, waiting):
        if isinstance(waiting, Uncertain):
            return Inspected(Found.NOT_BEGUN, Actual(0.0))
        return as_planned(session, waiting)

    state = resume_session(root, crew_of(RECIPE, ResistorSmu(), clock, decide=look), PLAN)
    assert state.closed is not None
    assert state.closed.outcome is Ending.ACCEPTED
    kinds = [record.event.kind for record in read(root / "journal.jsonl")]
    first = kinds.index("operation_started")
    assert kinds[first : first + 4] == [
        "operation_started",
        "session_resumed",
        "operation_inspected",
        "operation_started",
    ]


class Stopping(ScriptedOperator):
    """Breaks one operation off each time it begins."""

    def perform(self, operation) -> Done | Stopped:
        if operation.name == "polish":
            return Stopped("charging", Actual(30.0))
        return super().perform(operation)


BROKEN_OFF = {
    "as planned": (as_planned, None),
    "rest left out": (lambda *asked: Skip("thin enough"), ("polish",)),
    "redone": (lambda *asked: Redo(["polish"], "the flood gun helps"), ("polish", "polish-2")),
}


@pytest.mark.parametrize("name", BROKEN_OFF)
def test_a_broken_off_operation_is_decided_about(tmp_path: Path, library: SearchPath, name: str) -> None:
    """An operator that stops is asked what becomes of the rest; without a person the session is left there."""
    clock, examined = ScriptedClock(NOON), examine("si-lamella-grid", library)
    answer, begun = BROKEN_OFF[name]

    def decide(session, waiting):
        return answer(session, waiting) if isinstance(waiting, Unfinished) else as_planned(session, waiting)

    crew = Crew(Stopping(clock, print), None, judge_of(RECIPE), clock, decide=decide)
    plan, sources = examined.sound_plan(), frozen_sources(examined)
    if begun is None:
        with pytest.raises(Misuse, match="'polish' was broken off: charging"):
            run_session(tmp_path / "s", plan, sources, crew, "s-001")
        return
    state = run_session(tmp_path / "s", plan, sources, crew, "s-001")
    assert tuple(entry for entry in state.operations if entry.startswith("polish")) == begun
    assert state.operations["polish"] is Progress.STOPPED
    assert state.closed is not None
    assert state.closed.outcome is Ending.UNVERIFIED


@pytest.mark.parametrize("answer", [Confirm("looked twice"), Correct(Actual(120.0, 100e-9)), Begin()])
def test_doubted_values_are_confirmed_or_corrected(tmp_path: Path, answer: object) -> None:
    """With a reason they are taken, corrected they are forgotten, and any other answer takes nothing."""
    clock, smu = ScriptedClock(NOON), ResistorSmu()

    class Slipping(ScriptedOperator):
        def perform(self, operation) -> Done:
            return Done(1e7 if operation.name == "thin" else operation.duration_s.expected, operation.thickness_after_m)

    def decide(session, waiting):
        return answer if isinstance(waiting, Doubted) else as_planned(session, waiting)

    crew = crew_of(RECIPE, smu, clock, operator=Slipping(clock, smu.land), decide=decide)
    if isinstance(answer, Begin):
        with pytest.raises(ReasonNeeded, match="is the most that was expected"):
            run_session(tmp_path / "s", PLAN, SOURCES, crew, "s-001")
        return
    done = run_session(tmp_path / "s", PLAN, SOURCES, crew, "s-001").done["thin"]
    assert (done.duration_s, done.reason) == ((1e7, "looked twice") if isinstance(answer, Confirm) else (120.0, ""))


def test_a_decision_that_answers_nothing_is_refused(tmp_path: Path) -> None:
    """Going on where nothing is paused, or inspecting where nothing is uncertain, is a mistake of whoever decides."""
    for number, decision in enumerate([GoOn(), Inspected(Found.FINISHED, Actual(1.0)), Confirm("yes")]):
        crew = crew_of(RECIPE, ResistorSmu(), decide=deciding(thin=lambda made=decision: made))
        with pytest.raises(Misuse, match="answers nothing where the session waits with Next"):
            run_session(tmp_path / f"s{number}", PLAN, SOURCES, crew, "s-001")


def test_two_sessions_run_side_by_side(tmp_path: Path) -> None:
    """While one is open another one begins, runs and ends in the same workspace."""

    def other() -> Begin:
        state = run_session(tmp_path / "b", PLAN, SOURCES, crew_of(RECIPE, ResistorSmu()), "s-002")
        assert state.closed is not None
        return Begin()

    crew = crew_of(RECIPE, ResistorSmu(), decide=deciding(measure=other))
    state = run_session(tmp_path / "a", PLAN, SOURCES, crew, "s-001")
    assert state.closed is not None
    assert {verify_session(tmp_path / name).whole for name in "ab"} == {True}


def test_one_session_is_open_in_one_place(tmp_path: Path) -> None:
    """While it is walked it cannot be resumed, and whoever tries is told who has it and may look."""
    root = tmp_path / "s"

    def second() -> Begin:
        with pytest.raises(
            Locked, match=r"is being written by process \d+ on .* since .* UTC; .* looked at"
        ) as refused:
            resume_session(root, crew_of(RECIPE, ResistorSmu()), PLAN)
        assert refused.value.holder is not None
        assert read(SessionFolder(root).journal)
        return Begin()

    run_session(root, PLAN, SOURCES, crew_of(RECIPE, ResistorSmu(), decide=deciding(measure=second)), "s-001")


def test_a_lamella_that_is_not_accepted_can_be_reworked(tmp_path: Path, library: SearchPath) -> None:
    """The bridge is deposited and measured again as new operations; only what was measured after that counts."""
    examined, smu, clock = examine("lmno-poseidon-select", library), ResistorSmu(bridge_ohm=5e4), ScriptedClock(NOON)
    plan = examined.sound_plan()

    class Reworking(ScriptedOperator):
        def perform(self, operation) -> Done:
            if operation.name == "bridge-2":
                smu.bridge_ohm = 150.0
            return super().perform(operation)

    def decide(session, waiting):
        if isinstance(waiting, Unaccepted):
            return Redo(["bridge", "measure"], "the bridge is open")
        return as_planned(session, waiting)

    crew = Crew(Reworking(clock, smu.land), smu, judge_of(plan.recipe), clock, decide=decide)
    state = run_session(tmp_path / "s", plan, frozen_sources(examined), crew, "s-001")
    assert state.closed is not None
    assert state.closed.outcome is Ending.ACCEPTED
    assert list(state.operations)[-4:] == ["measure", "bridge-2", "measure-2", "hand-off"]
    assert (len(state.curves), state.curves_ever) == (25, 50)
    assert {Path(curve.file).name[:3] for curve in state.curves} == {f"{number:03d}" for number in range(26, 51)}
    assert verify_session(tmp_path / "s").whole


def test_a_rework_that_is_not_measured_is_not_handed_off(tmp_path: Path, library: SearchPath) -> None:
    """After a change nothing measured counts: the rules say so, and no script goes past that."""
    examined, smu, clock = examine("lmno-poseidon-select", library), ResistorSmu(bridge_ohm=5e4), ScriptedClock(NOON)
    plan = examined.sound_plan()

    def decide(session, waiting):
        return Redo(["bridge"], "open") if isinstance(waiting, Unaccepted) else as_planned(session, waiting)

    crew = Crew(ScriptedOperator(clock, smu.land), smu, judge_of(plan.recipe), clock, decide=decide)
    with pytest.raises(NotAccepted, match="handed off without a measurement of 'bridge' after 'bridge-2' changed it"):
        run_session(tmp_path / "s", plan, frozen_sources(examined), crew, "s-001")
    state = fold(record.event for record in read(tmp_path / "s/journal.jsonl"))
    assert state.operations["hand-off"] is Progress.PENDING
    assert state.left is not None
