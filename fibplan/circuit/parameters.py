"""The uncertain numbers behind a network, and their values at given standard normal scores."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from fibplan.model.interval import Interval
from fibplan.model.plan import Plan
from fibplan.model.recipe import Layer, Role

CONDUCTING_ROLES = (Role.SUBSTRATE, Role.BARRIER, Role.CURRENT_COLLECTOR, Role.ELECTROLYTE, Role.ACTIVE_LAYER)
"""The layers that current runs through on its way between the tips, or leaks through beside."""

BETWEEN_METALS = (Role.ACTIVE_LAYER, Role.ELECTROLYTE)
"""The layers that lie between collector and cap."""

CONTACT, COVERAGE, DEPOSIT = "contact resistivity", "step coverage", "bridge resistivity"
MEMBRANE = "membrane resistivity"

Values = Mapping[str, NDArray[np.float64]]
"""Parameter name to values in SI units, one entry a sample."""


def parameters(plan: Plan) -> dict[str, Interval]:
    """Every interval that the network of this plan depends on, by name."""
    found: dict[str, Interval] = {}
    for layer in plan.recipe.sample.stack:
        resistivity = plan.cards.materials[layer.material].resistivity
        if resistivity is not None and layer.role in CONDUCTING_ROLES:
            found[resistivity_of(layer)] = resistivity
    process = plan.cards.gis.process("FIBID") if plan.cards.gis else None
    if process is not None:
        found[CONTACT] = process.contact_resistivity
        deposited = plan.cards.materials[process.material].resistivity
        if deposited is not None:
            found[DEPOSIT] = deposited
        if process.step_coverage is not None:
            found[COVERAGE] = process.step_coverage
        if process.halo is not None:
            for name in ("edge_fraction", "decay_length", "percolation_thickness", "residual_sheet_resistance"):
                found[f"halo {name.replace('_', ' ')}"] = getattr(process.halo, name)
    electrode = _electrode_resistivity(plan)
    if electrode is not None:
        found[electrode_film(plan)] = electrode
    chip = plan.cards.echip
    film = plan.cards.materials.get(chip.window.material) if chip is not None else None
    if film is not None and film.resistivity is not None:
        found[MEMBRANE] = film.resistivity
    skin = plan.cards.fib.skin
    if skin is not None:
        found["skin thickness"], found["skin resistivity"] = skin.thickness, skin.resistivity
    if plan.cards.probe is not None:
        found["first tip"] = found["second tip"] = plan.cards.probe.tip_resistance
    return found


def resistivity_of(layer: Layer) -> str:
    """The parameter's name for the resistivity of that layer."""
    return f"{layer.name} resistivity"


def electrode_film(plan: Plan) -> str:
    """The parameter's name for the resistivity of the electrode that the bridge starts from."""
    return f"{plan.recipe.bridge.start if plan.recipe.bridge else 'no electrode'} resistivity"


def _electrode_resistivity(plan: Plan) -> Interval | None:
    chip, bridge = plan.cards.echip, plan.recipe.bridge
    electrode = chip.electrode(bridge.start) if chip is not None and bridge is not None else None
    material = plan.cards.materials.get(electrode.material) if electrode is not None else None
    return material.resistivity if material is not None else None


def at_scores(interval: Interval, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values of a split log-normal whose median is ``expected`` and whose central ``coverage`` spans low to high.

    Each side of the median has its own spread, so that an interval that is not symmetric in the logarithm keeps both
    its ends. A score of 0 gives the expected value.
    """
    reach = float(ndtri(0.5 + interval.coverage / 2)) if interval.coverage < 1 else 1.0
    up = math.log(interval.high / interval.expected) / reach
    down = math.log(interval.expected / interval.low) / reach
    return interval.expected * np.exp(np.where(scores > 0, up, down) * scores)


def expected_values(plan: Plan) -> dict[str, NDArray[np.float64]]:
    """Every parameter at its expected value: one sample."""
    return {name: np.array([interval.expected]) for name, interval in parameters(plan).items()}


def sampled_values(plan: Plan, seed: int, samples: int) -> dict[str, NDArray[np.float64]]:
    """Independent draws of every parameter; the same seed gives the same draws."""
    found = parameters(plan)
    scores = np.random.default_rng(seed).standard_normal((samples, len(found)))
    return {name: at_scores(interval, scores[:, column]) for column, (name, interval) in enumerate(found.items())}
