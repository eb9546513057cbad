"""Puts the wizard together: terminal and answers, the person, the SMU or what stands in for it, and the judge."""

import math
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from fibplan.cli.counsel import Counsellor
from fibplan.cli.delivery import draw_session, open_picture, predicted
from fibplan.cli.lamella import SimulatedLamella, simulated_truth
from fibplan.cli.story import story_lines
from fibplan.clock import Clock, SystemClock
from fibplan.errors import Misuse
from fibplan.model.curve import CurveSet
from fibplan.model.plan import Expected, Plan
from fibplan.model.verdict import Verdict
from fibplan.planning.predict import predict
from fibplan.session.engine import Crew
from fibplan.session.probing import measured_paths
from fibplan.session.session import Session
from fibplan.smu.protocol import Smu
from fibplan.verification.probing import ProbingStep
from fibplan.verification.verdict import judge
from fibplan.wizard.decider import AskingDecider
from fibplan.wizard.desk import Desk, Manner
from fibplan.wizard.file_smu import FileSmu
from fibplan.wizard.keyboard import keyboard_of
from fibplan.wizard.person import ManualOperator, nowhere
from fibplan.wizard.practice import PracticeClock, mended
from fibplan.wizard.seat import Seat
from fibplan.wizard.smu_on_demand import SmuOnDemand
from fibplan.wizard.terminal import Terminal


@dataclass(frozen=True)
class Setup:
    """What is real and what is not: kept in the journal, so that a session is resumed as it was begun."""

    simulated: bool
    resource: str = ""
    visa_library: str = "@py"
    faults: tuple[str, ...] = ()
    seed: int = 0
    time_scale: float = 0.02
    files: bool = False
    """Whether each sweep is read from a file of the bench's own software."""
    columns: str = ""

    @property
    def speed(self) -> float:
        """How many times as fast as real time simulated work goes."""
        return 1.0 / self.time_scale if self.simulated else 1.0

    @property
    def clock(self) -> Clock:
        return PracticeClock(SystemClock(), self.speed) if self.simulated else SystemClock()

    def answers(self) -> dict[str, str]:
        """As they are kept, by ids of their own."""
        kept = {"seed": str(self.seed)}
        if self.simulated:
            kept |= {"faults": " ".join(self.faults), "time_scale": f"{self.time_scale:g}"}
        else:
            kept |= {"resource": self.resource, "visa_library": self.visa_library, "files": str(self.files)}
            kept |= {"columns": self.columns}
        return {f"setup.{name}": value for name, value in kept.items()}

    @classmethod
    def kept(cls, simulated: bool, given: dict[str, list[str]]) -> "Setup":
        """As a session was begun, by what its journal keeps."""
        last = {name.removeprefix("setup."): answers[-1] for name, answers in given.items() if answers}
        return cls(
            simulated,
            last.get("resource", ""),
            last.get("visa_library", "@py"),
            tuple(last.get("faults", "").split()),
            int(last.get("seed", "0")),
            float(last.get("time_scale", "0.02")),
            last.get("files") == "True",
            last.get("columns", ""),
        )


def seat_of(stream: TextIO, manner: Manner, setup: Setup, *, operator: str, resume: str, ascii_only: bool) -> Seat:
    """The person's place: a terminal on that stream, and answers from the standard input."""
    terminal = Terminal(stream, keyboard_of(sys.stdin), simulated=setup.simulated, ascii_only=ascii_only)
    return Seat(
        Desk(terminal, manner), setup.clock, operator, setup.simulated, resume, setup.speed,
        story=lambda records: list(story_lines(records)),
    )  # fmt: skip


@contextmanager
def crewed(plan: Plan, seat: Seat, setup: Setup) -> Generator[Crew]:
    """Everybody that a session of that plan works with; what is simulated stops with it."""
    expected = predict(plan, seed=setup.seed)

    def judged(curves: CurveSet) -> Verdict:
        card = plan.cards.smu
        assert card is not None, "a rule refuses a recipe that verifies without an SMU"
        return judge(plan, curves, card, predicted(expected))

    def drawn(session: Session) -> list[Path]:
        curves = session.curves
        folder = session.folder.root / "figures"
        pictures = draw_session(session.plan, expected, curves, session.state.verdict, folder)
        open_picture(next(path for path in reversed(pictures) if path.suffix == ".png"))
        return [path for path in pictures if path.suffix == ".png"]

    seat.draw = drawn
    with _instrument(plan, expected, seat, setup) as (smu, on_landing):
        decider = AskingDecider(seat, Counsellor(setup.seed))
        yield Crew(ManualOperator(seat, on_landing), smu, judged, seat.clock, decide=decider)


@contextmanager
def _instrument(
    plan: Plan, expected: Expected | None, seat: Seat, setup: Setup
) -> Generator[tuple[Smu | None, Callable[[ProbingStep], None]]]:
    if not measured_paths(plan):
        yield None, nowhere
    elif setup.simulated:
        with _simulated(plan, expected, seat, setup) as both:
            yield both
    elif setup.files:
        landed: list[ProbingStep] = []
        assert plan.cards.smu is not None
        yield FileSmu(seat, lambda: landed[-1], plan.cards.smu.model, setup.columns), landed.append
    else:
        yield _real(plan, setup), nowhere


@contextmanager
def _simulated(
    plan: Plan, expected: Expected | None, seat: Seat, setup: Setup
) -> Generator[tuple[Smu, Callable[[ProbingStep], None]]]:
    """A simulated SMU behind a real socket, on a lamella that has its faults until something is done about them."""
    from fibplan.simulator.device import Resistor
    from fibplan.simulator.server import SimulatedSmu
    from fibplan.smu.connect import connect

    card = plan.cards.smu
    assert card is not None
    assert expected is not None
    truth = simulated_truth(plan, expected)
    faulty = SimulatedLamella(plan, truth, setup.faults, setup.seed)
    sound = SimulatedLamella(plan, truth, (), setup.seed)
    with SimulatedSmu(card, Resistor(math.inf), seed=setup.seed, time_scale=0.0) as server:

        def land(step: ProbingStep) -> None:
            lamella = sound if mended(lambda: seat.session) else faulty
            server.connect(lamella.device(step.landings))

        yield SmuOnDemand(lambda: connect(server.resource, card)), land


def _real(plan: Plan, setup: Setup) -> Smu:
    from fibplan.smu.connect import connect

    card = plan.cards.smu
    assert card is not None
    if not setup.resource:
        remedy = "give --resource VISA, --from-files for sweeps of other software, or practise with --simulate"
        raise Misuse("the recipe measures, and no SMU is named", where="--resource", remedy=remedy)
    return SmuOnDemand(lambda: connect(setup.resource, card, visa_library=setup.visa_library))


def smu_words(crew: Crew) -> str:
    """Who answers, for the first screen."""
    return crew.smu.instrument.identity if crew.smu is not None else "none: the recipe measures nothing"
