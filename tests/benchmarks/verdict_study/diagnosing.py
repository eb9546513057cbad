"""Where a diagnosis puts the right group, and where a classifier that knows how the lamellae were made puts it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from fibplan.advice.diagnosis.calibration import Case, case_of
from fibplan.advice.diagnosis.diagnose import Belief, belief_of, suspects_for
from fibplan.advice.diagnosis.evidence import Evidence
from fibplan.advice.diagnosis.likelihood import log_likelihoods
from fibplan.advice.diagnosis.suspects import Suspects
from fibplan.model.cards import SmuCard
from fibplan.model.curve import CurveSet
from fibplan.model.diagnosis import SOMETHING_ELSE
from fibplan.model.plan import Plan


class Places(NamedTuple):
    """Of the right group, from 1: in the diagnosis, and by the classifier beside it; its members."""

    diagnosis: int
    optimal: int
    group: tuple[str, ...]


def suspects_on(plans: Sequence[Plan], seed: int, samples: int) -> tuple[Suspects, ...]:
    """Other samples than the diagnosis has, on geometries as they come out."""
    found = [suspects_for(plan, seed + number, samples) for number, plan in enumerate(plans, 1)]
    return tuple(entry for entry in found if entry is not None)


def places_of(truth: str, curves: CurveSet, card: SmuCard, usual: Suspects, finer: Sequence[Suspects]) -> Places:
    """With every fault equally often, as the study has them; groups are those of the diagnosis for both."""
    belief = belief_of(usual.plan, curves, card, suspects=usual)
    assert belief is not None
    faults = [entry.fault for entry in usual.entries if entry.fault != SOMETHING_ELSE]
    found = case_of(truth, belief.diagnosis, dict.fromkeys(faults, 1.0 / len(faults)))
    group = next(members for members, _ in found.groups if truth in members)
    return Places(found.place, _optimal(truth, belief, faults, card, finer), group)


def _optimal(truth: str, belief: Belief, faults: Sequence[str], card: SmuCard, finer: Sequence[Suspects]) -> int:
    logs = {fault: _log_chance(fault, belief.evidence, card, finer) for fault in faults}
    highest = max(logs.values())
    shares = {fault: float(np.exp(value - highest)) for fault, value in logs.items()}
    groups = [
        (group.members, sum(shares.get(name, 0.0) for name in group.members)) for group in belief.diagnosis.groups
    ]
    return Case(truth, tuple(sorted(groups, key=lambda group: -group[1]))).place


def _log_chance(fault: str, evidence: Sequence[Evidence], card: SmuCard, finer: Sequence[Suspects]) -> float:
    """Logarithm of the chance of all that was measured, over all samples on all geometries."""
    totals: list[float] = []
    for suspects in finer:
        suspect = suspects.of(fault)
        with np.errstate(divide="ignore"):
            logs = log_likelihoods(suspect, suspects, evidence, card) + np.log(suspect.weights)
        totals.append(float(np.logaddexp.reduce(logs)))
    return float(np.logaddexp.reduce(totals))
