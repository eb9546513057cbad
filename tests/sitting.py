"""A person at the desk of a session, without a terminal: lines that are typed, and what was said to them."""

from collections.abc import Iterable
from io import StringIO
from pathlib import Path

from lamella_case import NOON, SOURCES, ResistorSmu, judge_of, plan_of, recipe_with
from shipped import ROOT

from fibplan.clock import ScriptedClock
from fibplan.journal.file import read
from fibplan.journal.state import SessionState
from fibplan.library.examine import examine_file
from fibplan.library.load import load_recipe
from fibplan.library.search_path import SearchPath
from fibplan.model.plan import Plan
from fibplan.model.recipe import Recipe
from fibplan.planning.expand import expand
from fibplan.session.engine import Crew, resume_session, run_session
from fibplan.wizard.decider import AskingDecider
from fibplan.wizard.desk import Desk, Manner
from fibplan.wizard.keyboard import Gone
from fibplan.wizard.person import ManualOperator, nowhere
from fibplan.wizard.proposal import Counsel
from fibplan.wizard.seat import Seat
from fibplan.wizard.terminal import Terminal

THIN = [
    {"name": "first", "kind": "mill_trench", "accelerating_voltage": "30 kV", "beam_current": "7 nA",
     "leaves": "200 nm", "length": "12 um", "width": "8 um", "depth": "6 um", "profile": "box"},
    {"name": "second", "kind": "thin", "after": ["first"], "accelerating_voltage": "30 kV", "beam_current": "300 pA",
     "leaves": "100 nm"},
]  # fmt: skip
MEASURED = [
    THIN[0],
    {"name": "measure", "kind": "measure", "after": ["first"], "paths": ["bridge", "protective"]},
    {"name": "hand-off", "kind": "hand_off", "after": ["measure"]},
]
MILLING = recipe_with(steps=THIN, verification={}, hand_off=None)
MEASURING = recipe_with(steps=MEASURED)
DONE = ["done", "200 nm", "SEM", "20 min", "16 min", "", "", "", "record"]
"""One rung: thickness, by, time, beam on, current, imaging dose, note, and the confirmation."""


GRID, PAPER = (
    examine_file(load_recipe(ROOT / "recipes" / f"{name}.yaml"), SearchPath([ROOT])).sound_plan()
    for name in ("si-lamella-grid", "lmno-poseidon-select")
)
CARDS = GRID.cards.model_copy(update={"materials": PAPER.cards.materials})


def planned(recipe: Recipe) -> Plan:
    """A plan with cards that know the materials, so that what is left can be planned anew."""
    return expand(recipe, CARDS).model_copy(update={"limits": plan_of(recipe).limits})


class Typing:
    """Types these lines; a clock that it is given goes on by a minute a line. Then nobody is there any more."""

    def __init__(self, lines: Iterable[str], clock: ScriptedClock) -> None:
        self._lines = iter(lines)
        self._clock = clock

    def line(self, patience_s: float | None) -> str | None:
        self._clock.sleep(60)
        for text in self._lines:
            return text
        raise Gone


class Sitting:
    """A person who types these lines at a session of that recipe, in that folder."""

    def __init__(
        self, root: Path, lines: Iterable[str], recipe=MILLING, simulated: bool = False, **crew: object
    ) -> None:
        self.root = root
        self.clock = ScriptedClock(NOON)
        self.out = StringIO()
        terminal = Terminal(self.out, Typing(lines, self.clock), simulated=simulated)
        desk = Desk(terminal, Manner())
        self.seat = Seat(desk, self.clock, "Ada", simulated, "fibplan resume s")
        self.recipe = recipe
        self.plan = planned(recipe)
        propose = crew.pop("propose", lambda session, verdict: Counsel())
        judge = crew.pop("judge", judge_of(recipe))
        smu = crew.pop("smu", None)
        landing = crew.pop("landing", nowhere)
        operator = ManualOperator(self.seat, landing)  # pyright: ignore[reportArgumentType]
        decider = AskingDecider(self.seat, propose)  # pyright: ignore[reportArgumentType]
        self.crew = Crew(operator, smu, judge, self.clock, decide=decider)  # pyright: ignore[reportArgumentType]

    def run(self) -> SessionState:
        return run_session(self.root, self.plan, SOURCES, self.crew, "s")

    def resume(self) -> SessionState:
        return resume_session(self.root, self.crew, self.plan)

    @property
    def said(self) -> str:
        return self.out.getvalue()


def events(root: Path, kind: str) -> list:
    return [record.event for record in read(root / "journal.jsonl") if record.event.kind == kind]


def measured(lines: Iterable[str], root: Path, **crew: object) -> Sitting:
    return Sitting(root, lines, MEASURING, **crew)


def landed(smu: ResistorSmu) -> dict[str, object]:
    return {"smu": smu, "landing": lambda step: smu.land(step.landings), "simulated": True}


TO_THE_TIPS = ["begin", "done", "", "", "", "", "", "", "", "record", "begin"]
