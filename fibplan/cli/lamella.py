"""A simulated lamella: the plan's own network, read between whichever pads the tips have landed on."""

from collections.abc import Mapping

from fibplan.circuit.faults import fault_named
from fibplan.circuit.network import build_network, landed
from fibplan.circuit.solve import resistance_between
from fibplan.circuit.truth import values_reading
from fibplan.errors import Misuse
from fibplan.model.plan import Expected, Plan
from fibplan.model.recipe import Terminal
from fibplan.planning.predict import predict
from fibplan.simulator.device import Resistor

PAPER_READINGS = {"bridge": 150.0, "protective": 1.25e7}
"""Ohm, as read in Bhatia et al., Small Methods 6 (2022) 2100891."""


class SimulatedLamella:
    """What the tips would read on a lamella whose paths have the ``truth`` in ohm, unless a fault changes it."""

    def __init__(self, plan: Plan, truth: Mapping[str, float], fault: str | None = None) -> None:
        self._values = values_reading(plan, truth)
        sound = build_network(plan, self._values)
        self._network = fault_named(fault)(sound, plan, self._values) if fault else sound

    def resistance(self, landings: tuple[Terminal, Terminal]) -> float:
        """Ohm between a tip on each landing; infinite where nothing joins them."""
        probed = landed(self._network, landings, self._values)
        return float(resistance_between(probed, "first tip", "second tip")[0])

    def device(self, landings: tuple[Terminal, Terminal]) -> Resistor:
        """The device under test for a simulated SMU whose tips have landed there."""
        return Resistor(self.resistance(landings))


def simulated_truth(plan: Plan, expected: Expected) -> dict[str, float]:
    """For each path the paper's own reading where the prediction allows it, the expected one elsewhere."""
    return {
        name: PAPER_READINGS[name] if name in PAPER_READINGS and PAPER_READINGS[name] in interval else interval.expected
        for name, interval in expected.resistances.items()
        if name in plan.recipe.verification
    }


def expected_of(plan: Plan, seed: int) -> Expected:
    """The prediction; :class:`Misuse` for a recipe that has nothing electrical to simulate."""
    expected = predict(plan, seed=seed)
    if expected is None:
        raise Misuse(
            "the recipe has no bridge on a chip, so there is nothing to measure",
            where=plan.recipe.title,
            remedy="choose a recipe with a verification section",
        )
    return expected
