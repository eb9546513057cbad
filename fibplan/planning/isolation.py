"""What isolates the electrodes of the chip from the one that the bridge starts from, after all the work on it."""

import numpy as np

from fibplan.circuit.isolation import SUBSTRATE, with_isolation
from fibplan.circuit.network import build_network
from fibplan.circuit.outlines import CAP, COLLECTOR
from fibplan.circuit.parameters import MEMBRANE, expected_values, parameters, sampled_values
from fibplan.circuit.solve import conductance_matrix, resistance_between
from fibplan.model.interval import Interval, Status, joined_sources, worst
from fibplan.model.plan import Isolation, Plan
from fibplan.planning.predict import COVERAGE, OPEN_OHM, SAMPLES


def predict_isolation(plan: Plan, *, seed: int = 0, samples: int = SAMPLES) -> Isolation | None:
    """Resistances between electrodes, and the conductances between all terminals; None without a bridge on a chip.

    Only what the cards give numbers for leaks: membrane, barrier and halos, no dirt and no moisture. Raises
    :class:`~fibplan.errors.Misuse` for a lamella that stands upright.
    """
    chip, bridge = plan.cards.echip, plan.recipe.bridge
    if plan.layout is None or bridge is None or chip is None or plan.measured_thickness_m is None:
        return None
    electrodes = [electrode.name for electrode in chip.electrodes]
    terminals = (*electrodes, COLLECTOR, CAP, SUBSTRATE)
    sampled, expected = (
        with_isolation(build_network(plan, values), plan, values)
        for values in (sampled_values(plan, seed, samples), expected_values(plan))
    )
    known = tuple(terminal for terminal in terminals if terminal in expected)
    return Isolation(
        start=bridge.start,
        resistances={
            name: _interval(resistance_between(sampled, bridge.start, name), plan)
            for name in electrodes
            if name != bridge.start
        },
        terminals=known,
        siemens=tuple(tuple(float(entry) for entry in row) for row in conductance_matrix(expected, known)[0]),
    )


def _interval(ohms: np.ndarray, plan: Plan) -> Interval:
    ends = [(1 - COVERAGE) / 2, 0.5, (1 + COVERAGE) / 2]
    low, expected, high = np.quantile(np.minimum(ohms, OPEN_OHM), ends, method="lower")
    found = parameters(plan)
    used = [interval for name, interval in found.items() if name == MEMBRANE or name.startswith("halo")]
    return Interval(
        low=float(low),
        expected=float(expected),
        high=float(high),
        unit="ohm",
        coverage=COVERAGE,
        source=joined_sources(used) if used else "no card has a number for what could leak",
        status=worst([Status.DERIVED, *(interval.status for interval in used)]),
    )
