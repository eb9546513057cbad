"""A simulated lamella: the plan's own network, read between whichever pads the tips have landed on."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from fibplan.circuit.faults import with_faults
from fibplan.circuit.isolation import with_isolation
from fibplan.circuit.network import TIPS, Network, build_network, landed
from fibplan.circuit.solve import resistance_between
from fibplan.circuit.truth import values_reading
from fibplan.errors import Misuse
from fibplan.model.path import Landing
from fibplan.model.plan import Expected, Plan
from fibplan.planning.predict import predict
from fibplan.simulator.specimen import Specimen, between_tips

CAP, LIFTED = "protective_layer", "lifted"
PAPER_READINGS = {"bridge": 150.0, "protective": 1.25e7}
"""Ohm, as read in Bhatia et al., Small Methods 6 (2022) 2100891."""


class SimulatedLamella:
    """What the tips would read on a lamella whose paths have the ``truth`` in ohm, unless ``faults`` change it.

    A sample with a voltage of its own has ``cell_v`` between the rest and its cap. The ``seed`` decides when an
    intermittent contact opens. Raises :class:`~fibplan.errors.NotFound` for a fault that there is not, and
    :class:`Misuse` for a truth that the cards cannot give or a fault that this lamella cannot have.
    """

    def __init__(
        self, plan: Plan, truth: Mapping[str, float], faults: Iterable[str] = (), seed: int = 0, *, cell_v: float = 0.0
    ) -> None:
        self.truth = dict(truth)
        self.faults = tuple(faults)
        self._plan = plan
        self._seed = seed
        self._cell_v = cell_v
        self._values = values_reading(plan, truth)
        self._sound = with_isolation(build_network(plan, self._values), plan, self._values)
        with_faults(self._sound, self.faults, plan, self._values)

    def resistance(self, landings: tuple[Landing, Landing]) -> float:
        """Ohm between a tip on each landing, at no volts and at first; infinite where nothing joins them."""
        return float(resistance_between(self._probed(landings), *TIPS)[0])

    def device(self, landings: tuple[Landing, Landing]) -> Specimen:
        """The device under test for a simulated SMU whose tips have landed there."""
        device = between_tips(self._probed(landings), self._seed)
        across = landings.count(CAP) == 1 and LIFTED not in landings
        if across and self._plan.recipe.sample.has_voltage:
            device = replace(device, emf_v=self._cell_v if landings[1] == CAP else -self._cell_v)
        return device

    def _probed(self, landings: tuple[Landing, Landing]) -> Network:
        probed = landed(self._sound, landings, self._values)
        if LIFTED in probed:
            for edge in probed.edges(LIFTED, keys=True):
                probed.edges[edge]["resistance"] = np.full(1, np.inf)
        return with_faults(probed, self.faults, self._plan, self._values)


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
