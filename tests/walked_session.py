"""A session of the paper's recipe on a simulated lamella, judged in earnest: what a package is verified with."""

import math
from datetime import UTC, datetime
from pathlib import Path

from shipped import PAPER, ROOT

from fibplan.cli.lamella import SimulatedLamella, simulated_truth
from fibplan.clock import ScriptedClock
from fibplan.handoff.contents import PackageContents, gather
from fibplan.library.examine import examine
from fibplan.library.search_path import SearchPath
from fibplan.model.curve import CurveSet
from fibplan.model.plan import Plan
from fibplan.model.verdict import Verdict
from fibplan.planning.predict import predict
from fibplan.session.engine import Crew, run_session
from fibplan.session.folder import SessionFolder
from fibplan.session.frozen import frozen_sources
from fibplan.session.operator import ScriptedOperator
from fibplan.simulator.device import Resistor
from fibplan.simulator.server import SimulatedSmu
from fibplan.smu.connect import connect
from fibplan.verification.verdict import judge

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIGURES = {"chip.png": b"\x89PNG one", "ladder.png": b"\x89PNG two", "chip.svg": b"<svg/>"}


def walked(root: Path, name: str = "lamella-7", faults: tuple[str, ...] = (), recipe: Path = PAPER) -> PackageContents:
    """The contents of a session of that recipe in ``root``."""
    examined = examine(str(recipe), SearchPath([ROOT]))
    plan = examined.sound_plan()
    expected = predict(plan, seed=0)
    assert expected is not None
    lamella = SimulatedLamella(plan, simulated_truth(plan, expected), faults)
    clock = ScriptedClock(NOON)
    card = plan.cards.smu
    assert card is not None

    def judged(curves: CurveSet) -> Verdict:
        return judge(plan, curves, card, expected.resistances)

    with SimulatedSmu(card, Resistor(math.inf), time_scale=0.0) as served:
        operator = ScriptedOperator(clock, lambda landings: served.connect(lamella.device(landings)))
        crew = Crew(operator, connect(served.resource, card), judged, clock)
        run_session(root, plan, frozen_sources(examined), crew, name)
    return gathered(root, plan, name)


def gathered(root: Path, plan: Plan, name: str = "lamella-7") -> PackageContents:
    """The contents of the session in ``root`` with two small figures."""
    return gather(SessionFolder(root), plan, FIGURES, name)
