"""Which lamellae the study measures: drawn ones, each named fault, pairs, shorts near a limit, and named cases."""

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

import numpy as np
from benchmarks.verdict_study.lamellae import Batch, Lamella, Truth, seed_of

from fibplan.advice.diagnosis.suspects import Suspects
from fibplan.circuit.faults import FAULTS

DRAWN, PAIR, NEAR, NAMED = "drawn", "pair", "near a limit", "named"
HALO_SHORT = "halo_short"
OF_THE_PROBING = ("resistive_tip", "probe_lifted", "wrong_pad", "mains_noise", "offset_current")
"""Faults that the lamella itself does not have."""
NEAREST = {
    "thin_bridge": (0.05, 10.0),
    "skin_short": (1.0, 3e3),
    "electrode_short": (1.0, 1e4),
    "nonlinear_contact": (0.05, 2.0),
    "drifting_contact": (0.1, 2.0),
}
"""Between which factors a fault's size is drawn to come near its limit."""
OXIDES = (1e-5, 1.0)
"""Of the tip that may hide it: 100 ohm to 10 Mohm."""
NEAR_BY = 15.0
"""At most so many times beyond its limit."""
TRIES = 200


class Sizes(NamedTuple):
    """How much is measured: ``rows`` lamellae are drawn on each of the ``geometries``, the rest counts cases."""

    geometries: int = 64
    rows: int = 56
    each: int = 300
    pairs: int = 600
    near: int = 500
    diagnosed: int = 24

    @property
    def drawn(self) -> int:
        return self.geometries * self.rows


class Case(NamedTuple):
    """One lamella of the study: what kind it is of, and its number among these."""

    kind: str
    number: int

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.number}"

    @property
    def seed(self) -> int:
        return seed_of(self.kind, self.number)


class Made(NamedTuple):
    """A lamella as it came out, what it truly is, and whether its own halo joins it to the cap."""

    lamella: Lamella
    truth: Truth
    halo: bool


def cases_on(geometry: int, sizes: Sizes) -> Iterator[Case]:
    """Every case of that geometry, those that are diagnosed first."""
    counts = {DRAWN: sizes.drawn, PAIR: sizes.pairs, NEAR: sizes.near, **dict.fromkeys(FAULTS, sizes.each)}
    found = [
        Case(kind, number) for kind, count in counts.items() for number in range(geometry, count, sizes.geometries)
    ]
    yield from sorted(found, key=lambda case: case.number)


def is_diagnosed(case: Case, sizes: Sizes) -> bool:
    return (case.kind == DRAWN or case.kind in FAULTS) and case.number < sizes.diagnosed


def made(case: Case, batch: Batch, suspects: Suspects, sizes: Sizes) -> Made:
    """The lamella of that case; sizes of faults come from the spread that their cards tell."""
    chance = np.random.default_rng([case.seed, 1])
    if case.kind == DRAWN:
        return _as(batch, case.number // sizes.geometries, (), {}, case.seed)
    rows = batch.sound_rows if case.kind != HALO_SHORT else np.arange(len(batch.halo))
    row = int(chance.choice(rows))
    if case.kind == NEAR:
        return _near(batch, row, chance, case.seed)
    faults = (case.kind,) if case.kind in FAULTS else tuple(map(str, chance.choice(sorted(FAULTS), 2, replace=False)))
    return _as(batch, row, faults, {name: _size(suspects, name, chance) for name in faults}, case.seed)


def _as(batch: Batch, row: int, faults: tuple[str, ...], sizes: dict[str, float], seed: int) -> Made:
    lamella = batch.lamella(row, faults, sizes, seed)
    return Made(lamella, lamella.truth, bool(batch.halo[row]))


def _near(batch: Batch, row: int, chance: np.random.Generator, seed: int) -> Made:
    """A fault that violates a limit by little more than 1.5, behind a fault of the probing in every second case."""
    fault = str(chance.choice(sorted(NEAREST)))
    hiding = tuple(map(str, chance.choice(OF_THE_PROBING, 1))) if chance.random() < 0.5 else ()
    oxide = _log_uniform(chance, OXIDES)
    drawn = ({fault: _log_uniform(chance, NEAREST[fault]), "resistive_tip": oxide} for _ in range(TRIES))
    tried = (_as(batch, row, (fault, *hiding), sizes, seed) for sizes in drawn)
    first = next(tried)
    return next((found for found in chain([first], tried) if _is_near(found)), first)


def _is_near(found: Made) -> bool:
    return found.truth is Truth.VIOLATES and found.lamella.excess(found.lamella.ohms) < NEAR_BY


def _log_uniform(chance: np.random.Generator, ends: tuple[float, float]) -> float:
    return float(np.exp(chance.uniform(*np.log(ends))))


def _size(suspects: Suspects, fault: str, chance: np.random.Generator) -> float:
    return float(chance.choice(suspects.of(fault).sizes))
