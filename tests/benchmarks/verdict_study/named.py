"""The cases that the study names: the paper's own lamella, and what must never be taken for one."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from benchmarks.verdict_study.lamellae import Lamella

from fibplan.circuit.isolation import with_isolation
from fibplan.circuit.network import build_network
from fibplan.circuit.truth import values_reading
from fibplan.model.curve import CurveSet
from fibplan.model.plan import Plan

PAPER = {"bridge": 150.0, "protective": 1.25e7}
"""Ohm, as read in Bhatia et al., Small Methods 6 (2022) 2100891."""
SHORT_OHM = 9e3
PROTECTIVE = "protective"


class Named(NamedTuple):
    """What is wrong with the paper's lamella; ``only`` on that path, or the curves of both paths exchanged."""

    faults: tuple[str, ...] = ()
    sizes: Mapping[str, float] = {}
    only: str = ""
    short_ohm: float | None = None
    exchanged: bool = False


CASES = {
    "the paper's own": Named(),
    "open bridge": Named(("open_bridge",)),
    "shorted cap": Named(("halo_short",)),
    "tips in the air on the protective path": Named(("probe_lifted",), only=PROTECTIVE),
    "oxidised tip (10 Mohm) before a short of 9 kohm": Named(("resistive_tip", "skin_short"), short_ohm=SHORT_OHM),
    "exchanged curves": Named(exchanged=True),
    "collector and cap exchanged": Named(("wrong_pad",)),
}


def lamella_of(plan: Plan, named: Named) -> Lamella:
    """The lamella that reads what the paper's did, with what is wrong with it."""
    values = values_reading(plan, PAPER)
    sound = with_isolation(build_network(plan, values), plan, values)
    if named.short_ohm is not None:
        usual = Lamella(plan, sound, values, ("skin_short",)).skin_ohm
        values = {**values, "skin_short size": np.array([named.short_ohm / usual])}
    return Lamella(plan, sound, values, named.faults, only=named.only)


def exchanged(curves: CurveSet) -> CurveSet:
    """Each curve of either path filed under the other's name."""
    other = dict(zip(PAPER, reversed(PAPER), strict=True))
    return CurveSet(
        curves=tuple(curve.model_copy(update={"path": other.get(curve.path, curve.path)}) for curve in curves.curves)
    )
