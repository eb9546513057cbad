"""Whether a probability means what it says: of the cases that are given 80 %, about 80 % must be so."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy.special import betaincinv

from fibplan.model.diagnosis import Diagnosis, Reliability, ReliabilityBin

EDGES = (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0 + 1e-9)
"""Claims under the first edge are not counted: nearly all groups of nearly all cases are as good as excluded."""
COVERAGE = 0.95


class Case(NamedTuple):
    """One lamella whose fault is known: for each group its members and its probability, the most probable first."""

    truth: str
    groups: tuple[tuple[tuple[str, ...], float], ...]

    @property
    def place(self) -> int:
        """Of the right group, from 1."""
        return next(number for number, (members, _) in enumerate(self.groups, 1) if self.truth in members)


def case_of(truth: str, diagnosis: Diagnosis, chances: dict[str, float]) -> Case:
    """A diagnosis as a case, with the chances that faults have among the lamellae in place of those of the cards."""
    odds = {
        entry.fault: entry.probability / entry.prior * chances.get(entry.fault, 0.0) for entry in diagnosis.suspicions
    }
    whole = sum(odds.values()) or 1.0
    groups = [(group.members, sum(odds[name] for name in group.members) / whole) for group in diagnosis.groups]
    return Case(truth, tuple(sorted(groups, key=lambda group: -group[1])))


def within(cases: Sequence[Case], places: int) -> float:
    """Share of the cases whose right group is among so many first ones."""
    return sum(case.place <= places for case in cases) / len(cases)


def reliability_of(cases: Sequence[Case], made_on: str) -> Reliability:
    """Every claim about a group, right or wrong, by its probability."""
    claims = [(share, case.truth in members) for case in cases for members, share in case.groups]
    bins = [_bin(claims, low, high) for low, high in pairwise(EDGES)]
    return Reliability(bins=tuple(entry for entry in bins if entry is not None), lamellae=len(cases), made_on=made_on)


def _bin(claims: Iterable[tuple[float, bool]], low: float, high: float) -> ReliabilityBin | None:
    held = [(share, right) for share, right in claims if low <= share < high]
    if not held:
        return None
    count, right = len(held), sum(is_right for _, is_right in held)
    least, most = clopper_pearson(right, count)
    mean = float(np.mean([share for share, _ in held]))
    return ReliabilityBin(claimed=mean, cases=count, right=right, low=least, high=most)


def clopper_pearson(right: int, count: int) -> tuple[float, float]:
    """Between which the rate lies that gave so many of so many (Clopper and Pearson, Biometrika 26 (1934) 404)."""
    tail = (1.0 - COVERAGE) / 2.0
    low = float(betaincinv(right, count - right + 1, tail)) if right else 0.0
    high = float(betaincinv(right + 1, count - right, 1.0 - tail)) if right < count else 1.0
    return low, high
