"""``fibplan demo``: the whole main job on the simulator, no question asked."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fibplan.cli.options import Format, FormatOption, LibraryOption, SeedOption
from fibplan.cli.output import finding_line, say, say_json, tell
from fibplan.clock import ScriptedClock
from fibplan.errors import ExitCode, Misuse

if TYPE_CHECKING:
    from fibplan.cli.diagnosis_report import Advised
    from fibplan.cli.lamella import SimulatedLamella
    from fibplan.journal.chain import Record
    from fibplan.journal.state import SessionState
    from fibplan.library.examine import Examined
    from fibplan.model.plan import Expected, Plan
    from fibplan.model.verdict import Verdict

BEGIN = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
"""A scripted session begins here, whenever it is run: the same recipe, commit and seed give the same bytes."""

RECIPE = "lmno-poseidon-select"
FAULT_HELP = "What is wrong, such as open_bridge; give it again for more. An unknown name lists them all."


def demo(
    *,
    recipe: Annotated[str, typer.Option("--recipe", help="Another recipe, by file or name.")] = RECIPE,
    fault: Annotated[list[str] | None, typer.Option("--fault", help=FAULT_HELP)] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder for everything that is written.")] = Path("fibplan-demo"),
    library: LibraryOption = None,
    output: FormatOption = Format.TEXT,
    seed: SeedOption = 0,
) -> None:
    """Plan, mill, bridge, measure, judge and hand off a simulated lamella: 0 accepted, 1 not accepted."""
    from fibplan.cli.lamella import SimulatedLamella, expected_of, simulated_truth
    from fibplan.cli.plan import write_drawings
    from fibplan.library.examine import examine
    from fibplan.library.search_path import default_search_path

    examined = examine(recipe, default_search_path(library or ()))
    plan = examined.sound_plan()
    for finding in examined.findings:
        tell(finding_line(examined, finding))
    expected = expected_of(plan, seed)
    lamella = SimulatedLamella(plan, simulated_truth(plan, expected), fault or (), seed)
    show = Show(examined, plan, expected, lamella, seed, _unused(out))
    tell(f"plan: {len(plan.operations)} operations, {plan.duration}")
    drawings = write_drawings(plan, show.figures)
    clock = ScriptedClock(BEGIN)
    state = _session(show, clock)
    verdict = state.verdict
    assert verdict is not None, "a scripted session measures every path"
    advised = _advised(show, state)
    pictures = [*drawings, *_draw_results(show, state, advised)]
    package = _package(show, state, pictures, advised, clock)
    _report(show, verdict, advised, package, output)
    raise typer.Exit(ExitCode.FINE if verdict.accepted else ExitCode.NOT_ACCEPTED)


@dataclass(frozen=True)
class Show:
    """What is demonstrated, on which simulated lamella, and where it is written."""

    examined: "Examined"
    plan: "Plan"
    expected: "Expected"
    lamella: "SimulatedLamella"
    seed: int
    folder: Path

    @property
    def figures(self) -> Path:
        return self.folder / "figures"

    @property
    def session(self) -> Path:
        return self.folder / "session"


def _unused(folder: Path) -> Path:
    """The folder itself, or the same name with the next free number: nothing is ever written over."""
    number = 1
    candidate = folder
    if folder.exists() and not folder.is_dir():
        raise Misuse("this is a file", where=str(folder), remedy="name a folder with --out")
    while candidate.exists() and any(candidate.iterdir()):
        number += 1
        candidate = folder.with_name(f"{folder.name}-{number}")
    return candidate


def _session(show: Show, clock: ScriptedClock) -> "SessionState":
    """A scripted session on a simulated SMU behind a real socket."""
    from fibplan.model.curve import CurveSet
    from fibplan.model.verdict import Verdict
    from fibplan.session.engine import Crew, run_session
    from fibplan.session.frozen import frozen_sources
    from fibplan.session.operator import ScriptedOperator
    from fibplan.simulator.device import Resistor
    from fibplan.simulator.server import SimulatedSmu
    from fibplan.smu.connect import connect
    from fibplan.verification.verdict import judge

    card = show.plan.cards.smu
    assert card is not None, "a rule refuses a recipe that verifies without an SMU"

    def judged(curves: CurveSet) -> Verdict:
        return judge(show.plan, curves, card, show.expected.resistances)

    with SimulatedSmu(card, Resistor(math.inf), seed=show.seed, time_scale=0.0) as simulated:
        operator = ScriptedOperator(clock, lambda landings: simulated.connect(show.lamella.device(landings)))
        crew = Crew(operator, connect(simulated.resource, card), judged, clock, _Progress(show.plan))
        return run_session(show.session, show.plan, frozen_sources(show.examined), crew, f"demo-{show.seed}")


class _Progress:
    """Tells every operation and curve as it is recorded."""

    def __init__(self, plan: "Plan") -> None:
        self._total = len(plan.operations)
        self._count = 0

    def __call__(self, record: "Record") -> None:
        from fibplan.units import show_time

        event = record.event
        if event.kind == "operation_done":
            self._count += 1
            tell(f"[{self._count:2d}/{self._total}] {event.operation}: {show_time(event.duration_s)} (SIMULATED)")
        elif event.kind == "curve_measured":
            tell(f"        measured {event.path}, {event.probing.replace('_', ' ')}")


def _advised(show: Show, state: "SessionState") -> "Advised":
    """What is probably wrong with the lamella, and what to do about it."""
    from fibplan.cli.diagnosis_report import advised_on
    from fibplan.session.folder import SessionFolder

    assert show.plan.cards.smu is not None, "a rule refuses a recipe that verifies without an SMU"
    curves = SessionFolder(show.session).curves(state.curves)
    return advised_on(show.plan, curves, show.plan.cards.smu, show.seed)


def _draw_results(show: Show, state: "SessionState", advised: "Advised") -> list[Path]:
    """The I-V curve of every path, predicted against measured, and what is probably wrong."""
    from fibplan.cli.pictures import result_pictures
    from fibplan.cli.plan import write_pictures
    from fibplan.session.folder import SessionFolder

    session = SessionFolder(show.session)
    return write_pictures(result_pictures(session, show.plan, state, show.expected, advised.diagnosis), show.figures)


def _package(show: Show, state: "SessionState", pictures: list[Path], advised: "Advised", clock: ScriptedClock) -> Path:
    """The hand-off of an accepted lamella, or the failure report of another, and its record in the journal."""
    from fibplan.cli.handoff_write import write_package
    from fibplan.handoff.contents import gather
    from fibplan.session.folder import SessionFolder

    session = SessionFolder(show.session)
    figures = {path.name: path.read_bytes() for path in pictures}
    contents = gather(session, show.plan, figures, state.opened.session, diagnosis=advised.diagnosis)
    return write_package(contents, session, state, show.folder, clock)


def _report(show: Show, verdict: "Verdict", advised: "Advised", package: Path, output: Format) -> None:
    from fibplan.cli.diagnosis_report import advice_json, advice_lines
    from fibplan.cli.verify import verdict_json, verdict_lines

    if output is Format.JSON:
        told = {"recipe": show.plan.recipe.title, "faults": show.lamella.faults, "truth_ohm": show.lamella.truth}
        written = {"package": str(package), "figures": str(show.figures), "session": str(show.session)}
        say_json({**told, **verdict_json(verdict), **advice_json(advised), **written})
        return
    for line in (*verdict_lines(verdict), *advice_lines(advised)):
        say(line)
    kind = "hand-off package" if verdict.accepted else "failure report (this lamella is not handed off)"
    say(f"{kind}: {package}")
    say(f"pictures: {show.figures}")
    say(f"journal and curves: {show.session}")
