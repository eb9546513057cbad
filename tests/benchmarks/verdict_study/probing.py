"""The whole probing protocol on a lamella: the real driver, over a socket, with a simulated instrument of its own."""

import math
from collections.abc import Callable
from datetime import UTC, datetime

from fibplan.clock import ScriptedClock
from fibplan.model.cards import SmuCard
from fibplan.model.curve import CurveSet
from fibplan.model.plan import PathLimit, Plan
from fibplan.planning import field_limits
from fibplan.session.operator import ScriptedOperator
from fibplan.session.probing import probe
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


def limits_solved_once() -> None:
    """From here on this process solves the field of each of the plan's paths once, and not for each sweep.

    A session has some 25 sweeps and does not notice; the study has two hundred thousand of one plan.
    """
    lower, known = field_limits._lower, dict[tuple[str, float], PathLimit]()  # pyright: ignore[reportPrivateUsage]

    def once(plan: Plan, by_hand: PathLimit) -> PathLimit:
        key = by_hand.path, by_hand.current_a
        if key not in known:
            known[key] = lower(plan, by_hand)
        return known[key]

    field_limits._lower = once  # pyright: ignore[reportPrivateUsage]


def curves_of(plan: Plan, card: SmuCard, device: Callable[[ProbingStep], Specimen], seed: int) -> CurveSet:
    """Every curve of the protocol, on an instrument whose errors the ``seed`` decides."""
    clock = ScriptedClock(BEGIN)
    with SimulatedSmu(card, Resistor(math.inf), seed=seed, time_scale=0.0, clock=clock) as simulated:
        smu = connect(simulated.resource, card, clock=clock)
        try:
            hands = Hands(clock, device, simulated)
            return CurveSet(curves=tuple(probe(plan, list(plan.recipe.verification), hands, smu, clock)))
        finally:
            smu.close()
