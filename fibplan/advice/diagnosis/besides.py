"""Whether a second thing may be wrong: a path that the first suspicion does not explain, and another fault does."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from fibplan.advice.diagnosis.evidence import Evidence, Kind
from fibplan.advice.diagnosis.likelihood import log_likelihoods
from fibplan.advice.diagnosis.suspects import Reals, Suspect, Suspects
from fibplan.model.cards import SmuCard
from fibplan.model.diagnosis import AS_PLANNED, SOMETHING_ELSE
from fibplan.verification.probing import TIPS

BETTER = 50.0
"""So many times better must another fault explain a path to be told beside the first; chosen."""
FLOWED = (Kind.VALUE, Kind.SPAN, Kind.BELOW)
"""Readings of a current that the tips' voltage drove."""


class Beside(NamedTuple):
    """A fault that a path alone points at, and its samples weighed by how well they explain that path."""

    fault: str
    path: str
    weights: Reals


def besides(
    suspects: Suspects, first: Sequence[str], evidence: Sequence[Evidence], card: SmuCard
) -> tuple[Beside, ...]:
    """For each path that no member of the ``first`` group explains, the fault that does; each fault once.

    Every contact check counts with every path, so that no tip is suspected that was seen to touch.
    """
    found: dict[str, Beside] = {}
    paths = dict.fromkeys(entry.path for entry in evidence)
    named = [entry for entry in suspects.entries if entry.fault != SOMETHING_ELSE]
    possible = [entry for entry in named if not _refuted(entry, suspects, evidence)]
    for path in paths:
        own = [entry for entry in evidence if entry.path == path or entry.contact_below is not None]
        logs = [(entry, _explains(entry, suspects, own, card)) for entry in possible]
        beside = _beside(first, path, logs)
        if beside is not None:
            found.setdefault(beside.fault, beside)
    return tuple(found.values())


def _refuted(suspect: Suspect, suspects: Suspects, evidence: Sequence[Evidence]) -> bool:
    """Whether current flowed where this fault opens what the plan joins: nothing else that is wrong can undo that."""
    flowed = {entry.landings for entry in evidence if entry.reading.kind in FLOWED and entry.path != TIPS}
    return any(bool(suspects.parted(suspect, pair).all()) for pair in flowed)


def _explains(suspect: Suspect, suspects: Suspects, evidence: Sequence[Evidence], card: SmuCard) -> Reals:
    """Logarithm of the chance of these readings with each sample, its weight included."""
    with np.errstate(divide="ignore"):
        return log_likelihoods(suspect, suspects, evidence, card) + np.log(suspect.weights)


def _beside(first: Sequence[str], path: str, logs: Sequence[tuple[Suspect, Reals]]) -> Beside | None:
    total = {entry.fault: float(np.logaddexp.reduce(values)) for entry, values in logs}
    known = max((total[name] for name in first if name in total), default=math.inf)
    better = [
        (entry, values)
        for entry, values in logs
        if entry.fault not in (*first, AS_PLANNED) and total[entry.fault] > known + math.log(BETTER)
    ]
    if not better:
        return None
    best, values = max(better, key=lambda pair: total[pair[0].fault] + math.log(pair[0].prior))
    shares = np.exp(values - values.max())
    return Beside(best.fault, path, shares / shares.sum())
