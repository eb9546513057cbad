"""The whole probing protocol on a lamella: the real driver, over a socket, with a simulated instrument of its own."""

import math
from collections.abc import Callable
from datetime import UTC, datetime

from fibplan.clock import ScriptedClock
from fibplan.model.cards import SmuCard
from fibplan.model.curve import CurveSet
from fibplan.planning.field_limits import BoundedPlan
from fibplan.session.operator import ScriptedOperator
from fibplan.session.probing import probe_within
from fibplan.simulator.device import Resistor
from fibplan.simulator.server import SimulatedSmu
from fibplan.simulator.specimen import Specimen
from fibplan.smu.connect import connect
from fibplan.verification.probing import ProbingStep

CARDS = ("keithley-2400", "keithley-2450", "keithley-2636b")
BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Hands(ScriptedOperator):
    """Puts the tips where each step asks for them, whatever lies there then."""

    def __init__(
        self, clock: ScriptedClock, device: Callable[[ProbingStep], Specimen], simulated: SimulatedSmu
    ) -> None:
        super().__init__(clock, lambda landings: None)
        self._device, self._smu = device, simulated
        self._known: dict[tuple[str, tuple[str, str]], Specimen] = {}

    def land(self, step: ProbingStep) -> None:
        where = step.path, step.landings
        if where not in self._known:
            self._known[where] = self._device(step)
        self._smu.connect(self._known[where])


def curves_of(plan: BoundedPlan, card: SmuCard, device: Callable[[ProbingStep], Specimen], seed: int) -> CurveSet:
    """Every curve of the protocol, on an instrument whose errors the ``seed`` decides."""
    clock = ScriptedClock(BEGIN)
    with SimulatedSmu(card, Resistor(math.inf), seed=seed, time_scale=0.0, clock=clock) as simulated:
        smu = connect(simulated.resource, card, clock=clock)
        try:
            hands = Hands(clock, device, simulated)
            return CurveSet(curves=tuple(probe_within(plan, list(plan.recipe.verification), hands, smu, clock)))
        finally:
            smu.close()
