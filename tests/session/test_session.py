"""A session step by step: what it waits for, what it takes, and what it refuses."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lamella_case import NOON

from fibplan.clock import ScriptedClock
from fibplan.errors import Misuse
from fibplan.journal.events import (
    AnswerGiven,
    FindingAccepted,
    Found,
    NoteWritten,
    OperationDone,
    OperationInspected,
    OperationStopped,
    RulesChecked,
)
from fibplan.journal.file import read
from fibplan.journal.state import Progress, fold
from fibplan.library.examine import Examined, examine
from fibplan.library.search_path import SearchPath
from fibplan.planning.replan import Actual
from fibplan.session.foresight import step_of
from fibplan.session.frozen import frozen_sources
from fibplan.session.opening import Who, begin, resume
from fibplan.session.reasons import ReasonNeeded
from fibplan.session.session import Session
from fibplan.session.waiting import Blocked, Next, Paused, Running, Uncertain, Unfinished

WHO = Who("A. Person", simulated=True)


@pytest.fixture(scope="session")
def examined(library: SearchPath) -> Examined:
    return examine("lmno-poseidon-select", library)


@pytest.fixture
def clock() -> ScriptedClock:
    return ScriptedClock(NOON)


@pytest.fixture
def session(tmp_path: Path, examined: Examined, clock: ScriptedClock) -> Iterator[Session]:
    with begin(
        tmp_path / "s", examined.sound_plan(), frozen_sources(examined), session="s-001", who=WHO, clock=clock
    ) as begun:
        yield begun


def meant(session: Session, name: str, **values: object) -> Actual:
    operation = session.operation(name)
    planned = {"duration_s": operation.duration_s.expected, "thickness_m": operation.thickness_after_m}
    return Actual(**{**planned, **values})


def do(session: Session, name: str, **values: object) -> None:
    session.start(name)
    session.done(name, meant(session, name, **values))


def do_until(session: Session, name: str) -> None:
    """Everything before that operation, as planned."""
    while (waiting := session.waiting) != Next(session.operation(name)):
        assert isinstance(waiting, Next), waiting
        do(session, waiting.operation.name)


def events(session: Session) -> list[object]:
    return [record.event for record in read(session.folder.journal)]


def test_operations_are_begun_in_their_order_only(session: Session) -> None:
    """Whatever is not next is refused, and nothing of the refusal stands in the journal."""
    before = events(session)
    with pytest.raises(Misuse, match=r"'polish' cannot be begun now; 'cap' is next"):
        session.start("polish")
    with pytest.raises(Misuse, match="'cap' is not running"):
        session.done("cap", Actual(60.0))
    assert events(session) == before
    session.start("cap")
    assert session.waiting == Running(session.operation("cap"))
    with pytest.raises(Misuse, match=r"cannot be begun now; confirm or stop 'cap' first"):
        session.start("cap")


def test_every_event_says_when_and_who(session: Session, clock: ScriptedClock) -> None:
    """Each record has the operator, the time of day in UTC and the time that never runs backwards."""
    clock.sleep(7.5)
    session.note("the stage drifts")
    record = read(session.folder.journal)[-1]
    assert (record.operator, (record.utc - NOON).total_seconds(), record.monotonic_s) == ("A. Person", 7.5, 7.5)


def test_state_is_what_the_journal_folds_to(session: Session) -> None:
    """At any moment the state in hand is the one that anybody reads from the file."""
    do(session, "cap")
    session.start("trenches")
    session.note("a note")
    session.stop("trenches", Actual(5.0), "the beam went off")
    session.redo(["trenches"], "the beam is back")
    session.pause("lunch")
    assert session.state == fold(events(session))
    assert list(session.state.operations)[:4] == ["cap", "trenches", "trenches-2", "narrow"]
    assert session.state.notes == (NoteWritten(text="a note", operation="trenches"),)


def test_measured_values_change_what_is_left(session: Session) -> None:
    """After a rung that left more than planned, the session expects to take longer."""
    do_until(session, "thin-to-170")
    before = session.remaining.expected - session.operation("thin-to-170").duration_s.expected
    do(session, "thin-to-170", thickness_m=240e-9, thickness_by="SEM, end view")
    assert session.operation("polish").thickness_before_m == 240e-9
    assert session.remaining.expected > before
    assert session.state.done["thin-to-170"].thickness_by == "SEM, end view"


def test_a_new_error_stops_before_the_next_operation(session: Session) -> None:
    """What the rules find in what is left is recorded, blocks the next operation, and goes on only with a reason."""
    do_until(session, "thin-to-170")
    session.start("thin-to-170")
    session.done("thin-to-170", meant(session, "thin-to-170", thickness_m=80e-9))
    waiting = session.waiting
    assert isinstance(waiting, Blocked)
    assert [(finding.code, finding.path) for finding in waiting.findings] == [
        ("thickness-grows", ("steps", "polish", "leaves"))
    ]
    last = events(session)[-1]
    assert isinstance(last, RulesChecked)
    assert set(waiting.findings) <= set(last.findings)
    with pytest.raises(Misuse, match="an error blocks it"):
        session.start("polish")
    with pytest.raises(Misuse, match="a reason is missing"):
        session.accept("  ")
    session.accept("measured at the thinnest place")
    assert isinstance(events(session)[-1], FindingAccepted)
    assert session.waiting == Next(session.operation("polish"))


def test_an_error_can_be_mended_instead(session: Session) -> None:
    """Leaving out the step that an error is about takes the error away."""
    do_until(session, "thin-to-170")
    do(session, "thin-to-170", thickness_m=101e-9)
    session.skip("polish", "thin enough")
    waiting = session.waiting
    assert not isinstance(waiting, Blocked) or "polish" not in {step_of(finding) for finding in waiting.findings}
    assert session.state.operations["polish"] is Progress.SKIPPED


ABSURD = {
    "grew": ({"thickness_m": 7e-6}, "the lamella grew from 6 um to 7 um"),
    "far off": ({"thickness_m": 50e-9}, "a thickness of 50 nm where 3 um was planned"),
    "ten times the time": ({"duration_s": 1e6}, "is the most that was expected"),
    "no time": ({"duration_s": 0.0}, "is the least that was expected"),
    "beam on too long": ({"duration_s": 500.0, "beam_on_s": 501.0}, "the beam was on for"),
    "another current": ({"beam_current_a": 70e-9}, "a beam current of 70 nA where 7 nA was planned"),
}


@pytest.mark.parametrize("name", ABSURD)
def test_absurd_values_need_a_reason(session: Session, name: str) -> None:
    """They are refused without one and nothing is recorded; with one, both the doubt and the reason stand there."""
    values, doubt = ABSURD[name]
    do_until(session, "narrow")
    session.start("narrow")
    before = events(session)
    actual = meant(session, "narrow", **values)
    with pytest.raises(ReasonNeeded, match=doubt):
        session.done("narrow", actual)
    with pytest.raises(ReasonNeeded):
        session.done("narrow", actual, "  ")
    assert events(session) == before
    session.done("narrow", actual, "looked twice")
    done = session.state.done["narrow"]
    assert (len(done.doubts), done.reason) == (1, "looked twice")


@pytest.mark.parametrize(
    "values",
    [{"thickness_m": 0.0}, {"thickness_m": -1e-7}, {"duration_s": float("nan")}, {"duration_s": float("inf")},
     {"beam_on_s": -1.0}, {"beam_current_a": 0.0}, {"imaging_dose": float("nan")}],
)  # fmt: skip
def test_impossible_values_are_refused_with_any_reason(session: Session, values: dict[str, float]) -> None:
    """No reason makes a thickness of nothing, or a time that is no number, true; the operation goes on running."""
    do_until(session, "narrow")
    session.start("narrow")
    for way in (session.done, session.stop):
        with pytest.raises(Misuse, match="is impossible"):
            way("narrow", meant(session, "narrow", **values), "really")
    assert session.waiting == Running(session.operation("narrow"))


def test_what_is_broken_off_is_not_gone_past(session: Session) -> None:
    """After a stop the session asks; it goes on with the operation done again, or with the rest left out."""
    do_until(session, "narrow")
    session.start("narrow")
    session.stop("narrow", Actual(30.0, thickness_m=4e-6), "charging")
    assert isinstance(session.waiting, Unfinished)
    assert session.waiting.ended == OperationStopped(
        operation="narrow", duration_s=30.0, thickness_m=4e-6, reason="charging"
    )
    with pytest.raises(Misuse, match="'narrow' was broken off"):
        session.start("clean-faces")
    assert session.redo(["narrow"], "the flood gun helps") == ("narrow-2",)
    assert session.waiting == Next(session.operation("narrow-2"))
    assert session.operation("narrow-2").thickness_before_m == 4e-6
    session.start("narrow-2")
    session.stop("narrow-2", Actual(30.0, thickness_m=3.1e-6), "charging again")
    assert session.redo(["narrow-2"], "once more") == ("narrow-3",)
    session.start("narrow-3")
    session.stop("narrow-3", Actual(30.0, thickness_m=3.1e-6), "still charging")
    session.skip("narrow-3", "near enough")
    assert session.state.operations["narrow-3"] is Progress.STOPPED
    assert session.waiting == Next(session.operation("clean-faces"))
    assert session.operation("clean-faces").thickness_before_m == 3.1e-6


def test_a_redone_operation_may_differ(session: Session) -> None:
    """What changes is written as in a recipe, and what is wrong about it is told before anything is recorded."""
    do_until(session, "undercut")
    before = events(session)
    for changes, message in [
        ({"leaves": "1,1 um"}, "write '1.1 um'|decimal"),
        ({"colour": "red"}, "has no 'colour'"),
        ({"name": "other"}, "has no 'name'"),
    ]:
        with pytest.raises(Misuse, match=message):
            session.redo(["clean-faces"], "again", changes)
    assert events(session) == before
    assert session.redo(["clean-faces"], "streaks", {"leaves": "1.1 um", "beam_current": "1 nA"}) == ("clean-faces-2",)
    again = session.operation("clean-faces-2")
    assert (again.thickness_before_m, again.thickness_after_m, again.beam_current_a) == (1.2e-6, 1.1e-6, 1e-9)


def test_several_operations_are_redone_in_their_order(session: Session) -> None:
    """All of them come before what was pending, in the order in which they were named, under names of their own."""
    do_until(session, "undercut")
    assert session.redo(["narrow", "clean-faces"], "rework") == ("narrow-2", "clean-faces-2")
    assert session.redo(["narrow"], "rework") == ("narrow-3",)
    assert session.state.pending[:4] == ("narrow-3", "narrow-2", "clean-faces-2", "undercut")
    with pytest.raises(Misuse, match="'polish' is not over"):
        session.redo(["polish"], "why not")


def test_steps_of_its_own_can_be_added(session: Session) -> None:
    """A step that the recipe has not is written as in one; one that is none is refused with what is wrong."""
    step = {
        "kind": "polish",
        "name": "extra",
        "accelerating_voltage": "5 kV",
        "beam_current": "30 pA",
        "leaves": "100 nm",
    }
    do_until(session, "needle")
    with pytest.raises(Misuse, match="extra"):
        session.add([{**step, "leaves": "90"}], "rework")
    assert session.add([step], "still damaged") == ("extra",)
    assert session.waiting == Next(session.operation("extra"))
    assert session.operation("extra").thickness_before_m == 100e-9


def test_a_pause_stops_what_is_next_but_not_what_runs(session: Session) -> None:
    """Nothing is begun in a pause; an operation that runs may end in it, and notes are taken."""
    session.start("cap")
    session.pause("telephone")
    session.done("cap", meant(session, "cap"))
    session.note("still on the telephone")
    assert session.waiting == Paused()
    with pytest.raises(Misuse, match="the session is paused"):
        session.start("trenches")
    session.go_on()
    session.start("trenches")


def test_answers_are_kept_for_a_replay(session: Session) -> None:
    """What was answered to which question stands in the journal, whatever the terminal made of the text."""
    session.answer("cap.thickness", " 1.5 \u00b5m\udcff ")
    assert events(session)[-1] == AnswerGiven(question="cap.thickness", answer="1.5 \u00b5m\\udcff")


@pytest.fixture
def killed(tmp_path: Path, examined: Examined, clock: ScriptedClock) -> Path:
    """A session of which the process died while it milled, an hour ago."""
    session = begin(
        tmp_path / "s", examined.sound_plan(), frozen_sources(examined), session="s-001", who=WHO, clock=clock
    )
    do_until(session, "narrow")
    session.start("narrow")
    clock.sleep(60)
    session.note("looks good")
    clock.sleep(3540)
    session._journal.close()  # pyright: ignore[reportPrivateUsage]
    return tmp_path / "s"


def test_what_was_started_and_not_confirmed_is_never_begun_again_unseen(killed: Path, clock: ScriptedClock) -> None:
    """Resumed, the session says what ran, since when and for how long at most, and takes nothing but an inspection."""
    with resume(killed, who=WHO, clock=clock) as session:
        waiting = session.waiting
        assert isinstance(waiting, Uncertain)
        assert (waiting.operation.name, waiting.at_most_s) == ("narrow", 3600.0)
        assert (waiting.started, (waiting.seen_last - NOON).total_seconds()) == (NOON, 60.0)
        assert waiting.expected_s == session.operation("narrow").beam_on_s
        for refused in (
            lambda: session.start("narrow"),
            lambda: session.start("clean-faces"),
            lambda: session.done("narrow", Actual(60.0)),
            lambda: session.stop("narrow", Actual(60.0), "why"),
            lambda: session.skip("narrow", "why"),
            lambda: session.skip("clean-faces", "why"),
            lambda: session.redo(["trenches"], "why"),
        ):
            with pytest.raises(Misuse, match=r"narrow"):
                refused()
        session.note("notes are always taken")


FINDS = {
    Found.NOT_BEGUN: (Progress.PENDING, "narrow"),
    Found.FINISHED: (Progress.DONE, "clean-faces"),
    Found.PARTLY: (Progress.STOPPED, None),
}


@pytest.mark.parametrize("found", FINDS)
def test_an_inspection_says_how_it_goes_on(killed: Path, clock: ScriptedClock, found: Found) -> None:
    """Not begun: it may be begun. Finished: the next may be. Partly: it is asked what becomes of the rest."""
    progress, following = FINDS[found]
    with resume(killed, who=WHO, clock=clock) as session:
        actual = meant(session, "narrow") if found is Found.FINISHED else Actual(0.0)
        session.inspect("narrow", found, actual)
        assert session.state.operations["narrow"] is progress
        assert isinstance(session.waiting, Unfinished) or session.waiting == Next(session.operation(following or ""))
        assert isinstance(session.waiting, Unfinished) == (following is None)
        inspected = next(event for event in events(session) if isinstance(event, OperationInspected))
        assert inspected.found is found
        if found is Found.FINISHED:
            assert isinstance(session.state.done["narrow"], OperationDone)


def test_an_inspection_doubts_absurd_values_too(killed: Path, clock: ScriptedClock) -> None:
    """A lamella that grew while nobody looked needs a reason like any other."""
    with resume(killed, who=WHO, clock=clock) as session:
        with pytest.raises(ReasonNeeded, match="the lamella grew"):
            session.inspect("narrow", Found.FINISHED, meant(session, "narrow", thickness_m=7e-6))
        assert isinstance(session.waiting, Uncertain)


def test_a_resumed_session_plans_as_it_did(killed: Path, clock: ScriptedClock, examined: Examined) -> None:
    """The plan is made again from what was frozen and from what was measured, and nothing of it is stored."""
    with resume(killed, who=WHO, clock=clock) as session:
        session.inspect("narrow", Found.FINISHED, meant(session, "narrow", thickness_m=2.5e-6))
        told = session.plan
    with resume(killed, who=WHO, clock=clock, plan=examined.sound_plan()) as session:
        assert session.plan == told
        assert session.operation("clean-faces").thickness_before_m == 2.5e-6


def test_simulated_and_real_never_mix(killed: Path, clock: ScriptedClock) -> None:
    """A simulated session is not gone on with as a real one, and is free again after the refusal."""
    with pytest.raises(Misuse, match="a simulated session cannot go on as a real one"):
        resume(killed, who=Who("A. Person", simulated=False), clock=clock)
    resume(killed, who=WHO, clock=clock).__exit__(None, None, None)
