"""A network that reads given resistances between the tips: the simulated truth of a demonstration."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from fibplan.circuit.isolation import isolating
from fibplan.circuit.network import build_network, landed
from fibplan.circuit.parameters import BETWEEN_METALS, COVERAGE, at_scores, parameters, resistivity_of
from fibplan.circuit.solve import resistance_between
from fibplan.errors import Misuse
from fibplan.model.path import Below, Terminal
from fibplan.model.plan import Plan
from fibplan.units import show

BESIDE = ("halo", "skin")
"""How parameters begin that are not of what leads."""
FARTHEST = 6.0
"""Standard normal scores beyond which a truth has nothing to do with the cards."""


def values_reading(plan: Plan, readings: Mapping[str, float]) -> dict[str, NDArray[np.float64]]:
    """Parameter values with which each named path reads that many ohm between its tips.

    Everything on the conducting paths is moved together, by one score, until they read what they should; then what
    lies between collector and cap is moved likewise. Halo, skin, step coverage, and what isolates the electrodes from
    each other stay as expected.
    Raises :class:`Misuse` for a reading that the cards cannot give.
    """
    scores = dict.fromkeys(parameters(plan), 0.0)
    paths = plan.recipe.verification
    leaking = {resistivity_of(layer) for layer in plan.recipe.sample.stack if layer.role in BETWEEN_METALS}
    leaking = (leaking | {"halo residual sheet resistance"}) & set(scores)
    leading = {name for name in scores if not name.startswith(BESIDE)} - leaking - isolating(plan) - {COVERAGE}
    for name in sorted(readings, key=lambda path: not isinstance(paths[path].criterion, Below)):
        conducting = isinstance(paths[name].criterion, Below)
        moved = leading if conducting else leaking
        _move(plan, name, readings[name], scores, moved)
    return _values(plan, scores)


def _move(plan: Plan, path: str, reading: float, scores: dict[str, float], moved: set[str]) -> None:
    def excess(score: float) -> float:
        values = _values(plan, {**scores, **dict.fromkeys(moved, score)})
        probed = landed(build_network(plan, values), _landings(plan, path), values)
        return float(np.log(resistance_between(probed, "first tip", "second tip")[0] / reading))

    if excess(-FARTHEST) > 0 or excess(FARTHEST) < 0:
        raise Misuse(
            f"no lamella of this plan reads {show(reading, 'ohm')}",
            where=path,
            remedy="choose a truth inside the predicted interval",
        )
    root: Any = brentq(excess, -FARTHEST, FARTHEST, xtol=1e-12)
    scores.update(dict.fromkeys(moved, float(root)))


def _landings(plan: Plan, path: str) -> tuple[Terminal, Terminal]:
    entry = plan.recipe.verification[path]
    return entry.start, entry.end


def _values(plan: Plan, scores: Mapping[str, float]) -> dict[str, NDArray[np.float64]]:
    return {name: at_scores(interval, np.array([scores[name]])) for name, interval in parameters(plan).items()}
