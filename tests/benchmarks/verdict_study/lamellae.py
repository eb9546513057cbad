"""Lamellae drawn from a plan's own tolerances, with faults: what they truly are, and what the tips stand on.

Those of one :class:`Batch` came out with the same geometry, whose field is solved once, and differ in materials, tips
and faults. The truth is read from the network itself, between the conductors and without tips, so that nothing that
is wrong with the probing is part of it.
"""

import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from fibplan.circuit.faults import with_faults
from fibplan.circuit.halos import halo_closes
from fibplan.circuit.isolation import with_isolation
from fibplan.circuit.laws import Drift, Intermittence
from fibplan.circuit.network import TIPS, Network, build_network, landed
from fibplan.circuit.parameters import expected_values
from fibplan.circuit.solve import resistance_between
from fibplan.model.path import Above, Below
from fibplan.model.plan import Plan
from fibplan.planning.tolerance.displaced import displaced
from fibplan.planning.tolerance.draws import correlated
from fibplan.planning.tolerance.readings import readings
from fibplan.planning.tolerance.spreads import MAKING, pairs, spreads
from fibplan.simulator.specimen import Specimen, between_tips
from fibplan.verification.probing import ProbingStep, all_paths

Values = Mapping[str, NDArray[np.float64]]
FACTOR = 1.5
"""Beyond a limit by that factor a lamella truly violates it; within it by that factor it is clearly good."""
LIFTED = "lifted"
A_SWEEP_S = 1.0
"""A joint that drifts is what it has become after so long."""


class Truth(StrEnum):
    """How a lamella stands against all criteria of its recipe, tips included where it is good."""

    CLEAR = "good, every limit cleared by 1.5"
    GOOD = "good, within 1.5 of a limit"
    BETWEEN = "violates, by less than 1.5"
    VIOLATES = "violates by 1.5 or more"


@dataclass(frozen=True)
class Lamella:
    """One sample of a network, with faults; ``only`` is the path on which the faults are, empty for all."""

    plan: Plan
    sound: Network
    values: Values
    faults: tuple[str, ...] = ()
    seed: int = 0
    only: str = ""

    def device(self, step: ProbingStep) -> Specimen:
        """What lies between the tips of that probing step."""
        probed = landed(self.sound, step.landings, self.values)
        for edge in list(probed.edges(LIFTED, keys=True)) if LIFTED in probed else []:
            probed.edges[edge]["resistance"] = np.full(1, np.inf)
        faults = self.faults if self.only in ("", step.path) else ()
        return between_tips(with_faults(probed, faults, self.plan, self.values), self.seed)

    @property
    def ohms(self) -> dict[str, float]:
        """Of each path itself, from conductor to conductor."""
        network = _after_a_sweep(with_faults(self.sound, self.faults, self.plan, self.values))
        return {
            name: float(resistance_between(network, path.start, path.end)[0])
            for name, path in all_paths(self.plan).items()
        }

    @property
    def truth(self) -> Truth:
        """The sample alone decides what violates, the sample with its tips, as two wires read it, what is good."""
        tips = sum(float(self.values[tip][0]) for tip in TIPS)
        ohms = self.ohms
        if self.excess(ohms) >= FACTOR:
            return Truth.VIOLATES
        whole = self.excess({name: ohm + tips for name, ohm in ohms.items()})
        if whole > 1.0:
            return Truth.BETWEEN
        return Truth.CLEAR if whole <= 1.0 / FACTOR else Truth.GOOD

    @property
    def skin_ohm(self) -> float:
        """Of the skin that shorts it."""
        faulty = with_faults(self.sound, self.faults, self.plan, self.values)
        before = set(self.sound.edges(keys=True))
        return next(
            float(faulty.edges[edge]["resistance"][0]) for edge in faulty.edges(keys=True) if edge not in before
        )

    def excess(self, ohms: Mapping[str, float]) -> float:
        """How many times the worst path is beyond its limit; under 1 where all are within."""
        return max(_excess(ohms[name], path.criterion) for name, path in all_paths(self.plan).items())


def _excess(ohm: float, criterion: Below | Above) -> float:
    if isinstance(criterion, Below):
        return ohm / criterion.below
    return criterion.above / ohm if ohm > 0.0 else math.inf


def _after_a_sweep(network: Network) -> Network:
    """A joint that gives way, as the resistance that it is: what it has become, or open."""
    later = network.copy()
    for edge in later.edges(keys=True):
        law = later.edges[edge].get("law")
        if isinstance(law, Drift):
            later.edges[edge]["resistance"] = later.edges[edge]["resistance"] + law.ohm(A_SWEEP_S)
        elif isinstance(law, Intermittence):
            later.edges[edge]["resistance"] = np.full(1, np.inf)
    return later


@dataclass(frozen=True)
class Batch:
    """Samples of materials and tips on one geometry; ``halo`` are those whose halo joins them to the cap."""

    plan: Plan
    network: Network
    values: Values
    halo: NDArray[np.bool_]
    touching: bool

    def lamella(self, row: int, faults: tuple[str, ...], sizes: Mapping[str, float], seed: int) -> Lamella:
        values = {name: _at(entry, row) for name, entry in self.values.items()}
        values |= {f"{name} size": np.array([size]) for name, size in sizes.items()}
        sound = self.network.copy()
        for edge in sound.edges(keys=True):
            sound.edges[edge]["resistance"] = _at(sound.edges[edge]["resistance"], row)
        return Lamella(self.plan, sound, values, faults, seed)

    @property
    def sound_rows(self) -> NDArray[np.intp]:
        """Of samples that nothing joins to the cap by itself."""
        return np.flatnonzero(~self.halo)


def _at(entry: NDArray[np.float64], row: int) -> NDArray[np.float64]:
    return entry[row : row + 1] if entry.size > 1 else np.atleast_1d(entry)


def batch_of(plan: Plan, seed: int, geometry: int, rows: int) -> Batch:
    """That many samples on that geometry, drawn again where its deposits touch or its halo closes in every one."""
    attempt = 0
    while True:
        made = _batch(plan, np.random.default_rng([seed, geometry, attempt]), rows)
        if len(made.sound_rows) and not made.touching:
            return made
        attempt += 1


def _batch(plan: Plan, chance: np.random.Generator, rows: int) -> Batch:
    found = spreads(plan)
    scores = correlated(chance.standard_normal((rows, len(found))), found, pairs(plan))
    making = [column for column, spread in enumerate(found) if spread.name in MAKING]
    scores[:, making] = scores[0, making]
    drawn = {spread.name: spread.at(scores[:, column]) for column, spread in enumerate(found)}
    made = displaced(plan, {name: float(drawn[name][0]) for name in MAKING if name in drawn})
    expected = {name: np.broadcast_to(entry, rows) for name, entry in expected_values(plan).items()}
    values = {**expected, **{name: entry for name, entry in drawn.items() if name not in MAKING}}
    network = with_isolation(build_network(made, values), made, values)
    touching = bool(readings(plan, scores[:1]).touching[0])
    return Batch(made, network, values, halo_closes(made, values), touching)


def seed_of(*words: object) -> int:
    """The same for the same words, on every computer."""
    return zlib.crc32(" ".join(map(str, words)).encode())
