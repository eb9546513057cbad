"""The engine: what it writes, when it stops, and what it never does."""

from dataclasses import replace

import pytest
from lamella_case import NOON, RECIPE, SOURCES, ResistorSmu, crew_of, plan_of, recipe_with

from fibplan.clock import ScriptedClock
from fibplan.errors import InstrumentError, Misuse, StorageError
from fibplan.journal.events import (
    CurveMeasured,
    Ending,
    OperationDone,
    OperationStarted,
    SessionClosed,
    SessionOpened,
    SessionSuspended,
    VerdictReached,
)
from fibplan.journal.file import read
from fibplan.journal.state import Progress, fold
from fibplan.model.provenance import RecipeSource
from fibplan.session.engine import run_session
from fibplan.session.folder import SessionFolder
from fibplan.session.operator import Done, ScriptedOperator
from fibplan.verification.probing import PAUSE_S

RECIPE_AS_IT_IS = recipe_with()
PLAN = plan_of(RECIPE_AS_IT_IS)


class Interrupting(ScriptedOperator):
    """An operator that is stopped by ``error`` at one operation."""

    def __init__(self, clock, smu, operation, error):
        super().__init__(clock, smu.land)
        self.operation = operation
        self.error = error

    def perform(self, operation) -> Done:
        if operation.name == self.operation:
            raise self.error
        return super().perform(operation)


def without_smu(recipe):
    return replace(crew_of(recipe, ResistorSmu()), smu=None)


def story(root) -> list[object]:
    return [record.event for record in read(SessionFolder(root).journal)]


def kinds(root) -> list[str]:
    return [type(event).__name__ for event in story(root)]


def test_an_accepted_session_is_walked_to_its_end(tmp_path):
    """A lamella that passes is handed off, and the journal tells all of it in the order it happened."""
    root = tmp_path / "s"
    state = run_session(root, PLAN, SOURCES, crew_of(RECIPE_AS_IT_IS, ResistorSmu()), "s-001")
    assert state.closed is not None
    assert state.closed.outcome is Ending.ACCEPTED
    assert set(state.operations.values()) == {Progress.DONE}
    assert kinds(root) == [
        "SessionOpened", "OperationStarted", "OperationDone", "OperationStarted", *["CurveMeasured"] * 15,
        "OperationDone", "VerdictReached", "OperationStarted", "OperationDone", "SessionClosed",
    ]  # fmt: skip
    assert fold(story(root)) == state


def test_the_story_opens_with_what_it_follows(tmp_path):
    """The first record names recipe, cards and plan by hash, the operator, and that it is simulated."""
    state = run_session(tmp_path / "s", PLAN, SOURCES, crew_of(RECIPE_AS_IT_IS, ResistorSmu()), "s-001")
    opened = state.opened
    assert (opened.session, opened.recipe, opened.operator, opened.simulated) == (
        "s-001", "small.yaml", "script", True,
    )  # fmt: skip
    assert opened.recipe_sha256 == SOURCES.recipe.sha256
    assert list(opened.cards_sha256) == ["fib/some-fib.yaml", "materials.yaml"]
    assert opened.operations == ("thin", "measure", "hand-off")


def test_actual_values_are_recorded(tmp_path):
    """What an operation took and left stands in its record, on the injected clock."""
    state = run_session(tmp_path / "s", PLAN, SOURCES, crew_of(RECIPE_AS_IT_IS, ResistorSmu()), "s-001")
    assert state.done["thin"] == OperationDone(
        operation="thin", duration_s=120.0, thickness_m=1e-7, thickness_by="as planned"
    )
    assert state.thickness_m == 1e-7
    last = read(tmp_path / "s" / "journal.jsonl")[-1]
    assert (last.utc - NOON).total_seconds() == last.monotonic_s == 360.0 + 2 * PAUSE_S


@pytest.mark.parametrize(
    "smu", [ResistorSmu(bridge_ohm=5e4), ResistorSmu(protective_ohm=2e3)], ids=["open bridge", "shorted"]
)
def test_a_rejected_lamella_is_never_handed_off(tmp_path, smu):
    """When the verdict does not accept, the session ends there and no record of the hand-off exists."""
    root = tmp_path / "s"
    state = run_session(root, PLAN, SOURCES, crew_of(RECIPE_AS_IT_IS, smu), "s-001")
    assert state.closed is not None
    assert state.closed.outcome is Ending.NOT_ACCEPTED
    assert "verdict reject" in state.closed.reason
    assert state.operations["hand-off"] is Progress.PENDING
    assert isinstance(story(root)[-2], VerdictReached)
    assert not any(getattr(event, "operation", "") == "hand-off" for event in story(root))


THIN, MEASURE, HAND_OFF = RECIPE["steps"]
AGAIN = {**THIN, "name": "again"}
CHANGED = {
    "changed after the measurement": ([THIN, MEASURE, AGAIN, HAND_OFF], Ending.UNVERIFIED),
    "changed, and one path measured again": (
        [THIN, MEASURE, AGAIN, {**MEASURE, "name": "partly", "paths": ["bridge"]}, HAND_OFF], Ending.NOT_ACCEPTED,
    ),
    "changed, and all measured again": (
        [THIN, MEASURE, AGAIN, {**MEASURE, "name": "after"}, HAND_OFF], Ending.ACCEPTED,
    ),
    "changed after all, without a hand-off": ([THIN, MEASURE, AGAIN], Ending.UNVERIFIED),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGED)
def test_what_was_measured_before_a_change_no_longer_counts(tmp_path, name):
    """Whatever mills or deposits after a measurement takes its curves and its verdict away, in the journal too."""
    steps, ending = CHANGED[name]
    recipe = recipe_with(steps=steps)
    root = tmp_path / "s"
    state = run_session(root, plan_of(recipe), SOURCES, crew_of(recipe, ResistorSmu()), "s-001")
    assert state.closed is not None
    assert state.closed.outcome is ending
    assert (state.verdict is not None and state.verdict.accepted) is (ending is Ending.ACCEPTED)
    assert fold(story(root)) == state


def test_a_lamella_that_was_never_measured_is_never_handed_off(tmp_path):
    """A plan that hands off without measuring ends before the hand-off, unverified."""
    recipe = recipe_with(steps=[RECIPE["steps"][0], {"name": "hand-off", "kind": "hand_off"}])
    state = run_session(tmp_path / "s", plan_of(recipe), SOURCES, without_smu(recipe), "s-001")
    assert state.closed is not None
    assert state.closed.outcome is Ending.UNVERIFIED
    assert state.operations == {"thin": Progress.DONE, "hand-off": Progress.PENDING}


def test_started_is_durable_before_the_operation_is_performed(tmp_path):
    """While the operator is at work, the file already says that the operation was started."""
    root, seen = tmp_path / "s", []

    class Looking(ScriptedOperator):
        def perform(self, operation) -> Done:
            seen.append((operation.name, story(root)[-1]))
            return super().perform(operation)

    clock, smu = ScriptedClock(NOON), ResistorSmu()
    crew = crew_of(RECIPE_AS_IT_IS, smu, clock, operator=Looking(clock, smu.land))
    run_session(root, PLAN, SOURCES, crew, "s-001")
    assert [name for name, _ in seen] == ["thin", "measure", "hand-off"]
    assert all(event == OperationStarted(operation=name, changes_lamella=name == "thin") for name, event in seen)


def test_every_record_is_reported_once_it_is_durable(tmp_path):
    """Whoever listens hears of each record in order, and finds it in the file."""
    root, heard = tmp_path / "s", []

    def report(record):
        assert read(root / "journal.jsonl")[-1] == record
        heard.append(record)

    run_session(root, PLAN, SOURCES, crew_of(RECIPE_AS_IT_IS, ResistorSmu(), report=report), "s-001")
    assert tuple(heard) == read(root / "journal.jsonl")
    assert isinstance(heard[-1].event, SessionClosed)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (KeyboardInterrupt(), "stopped by Ctrl-C (SIGINT)"),
        (SystemExit("SIGTERM"), "stopped by the system (SIGTERM)"),
        (SystemExit("SIGHUP"), "terminal closed (SIGHUP)"),
        (SystemExit(130), "SystemExit: 130"),
        (InstrumentError("no answer", where="FIB"), "FIB: no answer"),
        (ZeroDivisionError("bug \udcff"), "ZeroDivisionError: bug \\udcff"),
    ],
    ids=["Ctrl-C", "SIGTERM", "closed terminal", "exit", "failure", "bug"],
)
def test_what_stops_a_session_is_recorded_and_travels_on(tmp_path, error, reason):
    """Whatever interrupts the work is raised again, the journal says why and what hangs, and it can be resumed."""
    root, clock, smu = tmp_path / "s", ScriptedClock(NOON), ResistorSmu()
    crew = crew_of(RECIPE_AS_IT_IS, smu, clock, operator=Interrupting(clock, smu, "measure", error))
    with pytest.raises(type(error)) as raised:
        run_session(root, PLAN, SOURCES, crew, "s-001")
    assert raised.value is error
    state = fold(story(root))
    assert state.left == SessionSuspended(reason=reason)
    assert state.closed is None
    assert state.uncertain == ("measure",)
    assert smu.closed
    assert not smu.open
    assert not (root / "journal.jsonl.lock").exists()


def test_a_lost_smu_keeps_the_curves_it_gave(tmp_path):
    """When the SMU is lost between two sweeps, the session fails with every curve before it kept and named."""
    root, smu = tmp_path / "s", ResistorSmu(lost_after=2)
    with pytest.raises(InstrumentError, match="does not answer"):
        run_session(root, PLAN, SOURCES, crew_of(RECIPE_AS_IT_IS, smu), "s-001")
    state = fold(story(root))
    assert [(entry.path, entry.probing) for entry in state.curves] == [
        ("tips", "floor"), ("bridge", "contact_start_before"),
    ]  # fmt: skip
    assert len(SessionFolder(root).curves(state.curves).curves) == 2
    assert state.left is not None


def test_the_output_is_off_before_the_end_is_recorded(tmp_path):
    """While the output cannot be confirmed off, not even an accepted session is closed."""

    class Stuck(ResistorSmu):
        def close(self) -> None:
            stuck, self.open = self.open, False
            if stuck:
                raise InstrumentError("the output is still on")

    root = tmp_path / "s"
    with pytest.raises(InstrumentError, match="still on"):
        run_session(root, PLAN, SOURCES, crew_of(RECIPE_AS_IT_IS, Stuck()), "s-001")
    state = fold(story(root))
    assert state.closed is None
    assert state.left == SessionSuspended(reason="the output is still on")


def test_a_journal_that_is_lost_does_not_hide_what_happened(tmp_path):
    """When the end cannot be recorded either, what stopped the session is still what is raised, with a note."""
    root, clock, smu = tmp_path / "s", ScriptedClock(NOON), ResistorSmu()

    class Unplugging(ScriptedOperator):
        def perform(self, operation) -> Done:
            (root / "journal.jsonl").rename(root / "kept")
            (root / "journal.jsonl").mkdir()
            raise InstrumentError("the network share is gone")

    crew = crew_of(RECIPE_AS_IT_IS, smu, clock, operator=Unplugging(clock, smu.land))
    with pytest.raises(InstrumentError, match="share is gone") as raised:
        run_session(root, PLAN, SOURCES, crew, "s-001")
    assert "could not record" in raised.value.__notes__[0]


def test_no_path_is_energised_beyond_the_plan(tmp_path):
    """Where the plan lets a path carry less than the recipe asks for, the plan's limit is what is sent."""
    smu = ResistorSmu()
    run_session(tmp_path / "s", plan_of(RECIPE_AS_IT_IS, 1e-5), SOURCES, crew_of(RECIPE_AS_IT_IS, smu), "s-001")
    assert {request.compliance_a for request in smu.swept} == {1e-5, 1e-6}


def test_what_is_sent_is_what_the_recipe_allows(tmp_path):
    """Every sweep has the voltage and compliance that the recipe gives its path or its contact check."""
    smu = ResistorSmu()
    run_session(tmp_path / "s", PLAN, SOURCES, crew_of(RECIPE_AS_IT_IS, smu), "s-001")
    contact, sweep = (1e-3, 2e-5), (0.5, 1e-6)
    sent = [(request.shape.reach, request.compliance_a) for request in smu.swept]
    bridge = [contact, (1e-3, 2e-5), *[(5e-3, 2e-5)] * 3, contact]
    assert sent == [sweep, *bridge, contact, (0.1, 1e-6), *[sweep] * 3, contact, sweep, contact]


def test_measuring_without_an_smu_or_an_unknown_path_is_refused(tmp_path):
    """A plan that cannot be measured is refused before the first operation."""
    with pytest.raises(Misuse, match="there is no SMU"):
        run_session(tmp_path / "s", PLAN, SOURCES, without_smu(RECIPE_AS_IT_IS), "s-001")
    recipe = recipe_with(steps=[{"name": "measure", "kind": "measure", "paths": ["brigde"]}])
    with pytest.raises(Misuse, match=r"no path 'brigde'; it has: bridge, protective"):
        run_session(tmp_path / "s", plan_of(recipe), SOURCES, crew_of(recipe, ResistorSmu()), "s-001")


def test_paths_measured_apart_are_judged_together(tmp_path):
    """With one measurement a path, the verdict waits for the last path's first curve and is reached once."""
    measures = [{"name": f"m-{path}", "kind": "measure", "paths": [path]} for path in ("bridge", "protective")]
    recipe = recipe_with(steps=[*measures, {"name": "hand-off", "kind": "hand_off"}])
    state = run_session(tmp_path / "s", plan_of(recipe), SOURCES, crew_of(recipe, ResistorSmu()), "s-001")
    assert kinds(tmp_path / "s").count("VerdictReached") == 1
    assert state.closed is not None
    assert state.closed.outcome is Ending.ACCEPTED


def test_a_real_instrument_makes_no_simulated_session_real(tmp_path):
    """A scripted operator marks the session simulated even when the SMU is a real one."""
    smu = ResistorSmu(simulated=False)
    state = run_session(tmp_path / "s", PLAN, SOURCES, crew_of(RECIPE_AS_IT_IS, smu), "s-001")
    assert state.opened.simulated


def test_curves_are_kept_as_they_were_measured(tmp_path):
    """The curves read back through the journal are those measured, and a changed file is named."""
    root = tmp_path / "s"
    state = run_session(root, PLAN, SOURCES, crew_of(RECIPE_AS_IT_IS, ResistorSmu()), "s-001")
    first = next(event for event in story(root) if isinstance(event, CurveMeasured))
    assert first.file == "curves/001-tips-floor.json"
    curves = SessionFolder(root).curves(state.curves)
    assert [curve.probing for curve in curves.curves].count("sweep") == 2
    file = root / first.file
    file.write_bytes(file.read_bytes().replace(b"0.5", b"0.6"))
    with pytest.raises(StorageError, match=r"001-tips-floor\.json: the curve was changed"):
        SessionFolder(root).curves(state.curves)


def test_two_sessions_with_the_same_inputs_are_the_same(tmp_path):
    """On scripted clocks and ids a session leaves the same bytes every time."""
    for name in ("a", "b"):
        run_session(tmp_path / name, PLAN, SOURCES, crew_of(RECIPE_AS_IT_IS, ResistorSmu()), "s-001")
    files = [file.relative_to(tmp_path / "a") for file in (tmp_path / "a").rglob("*") if file.is_file()]
    assert len(files) == 20
    assert all((tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes() for file in files)


def test_a_session_opens_its_story_before_anything_is_done(tmp_path):
    """The first record of every session, even of one stopped at once, is its opening."""
    clock, smu = ScriptedClock(NOON), ResistorSmu()
    crew = crew_of(RECIPE_AS_IT_IS, smu, clock, operator=Interrupting(clock, smu, "thin", KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        run_session(tmp_path / "s", PLAN, SOURCES, crew, "s-001")
    assert [type(event) for event in story(tmp_path / "s")] == [
        SessionOpened, OperationStarted, SessionSuspended,
    ]  # fmt: skip


def test_the_opening_says_what_the_recipe_was_made_from(tmp_path):
    """The first record has the hash of the recipe's file and what git said of it."""
    source = RecipeSource(name="small.yaml", sha256=SOURCES.recipe.sha256, note="not in a git repository")
    sources = replace(SOURCES, made_from=(source,))
    state = run_session(tmp_path / "s", PLAN, sources, crew_of(RECIPE_AS_IT_IS, ResistorSmu()), "s-001")
    assert state.opened.made_from == (source,)
    assert SessionFolder(tmp_path / "s").sources(state.opened) == sources
