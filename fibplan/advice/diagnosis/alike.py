"""Which suspects the tips cannot tell apart, from what they would read on each, and which look would split them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from fibplan.advice.diagnosis.evidence import Evidence, Kind, Landings
from fibplan.advice.diagnosis.suspects import OPEN, Reals, Suspect, Suspects
from fibplan.advice.diagnosis.synthesis import STRAIGHT, Signature, signature_of
from fibplan.model.cards import SmuCard
from fibplan.model.diagnosis import SOMETHING_ELSE

ALIKE = 0.2
"""Two suspects are one group where the best guess between them, by any one sweep, is wrong in more than half of that
share of the cases: one in ten; chosen."""
BINS = np.arange(-1.0, OPEN + 0.25, 0.25)
"""Decades of ohm, four bins each."""
UNSEEN = 13.0
"""Beyond so many decades of ohm half a volt drives 50 fA at most, and no source-measure unit sees it."""


@dataclass(frozen=True)
class Alike:
    """Members in the order of the suspects, and the least share in which any sweep leaves two of them alike."""

    members: tuple[str, ...]
    overlap: float


def groups_of(suspects: Suspects, evidence: Sequence[Evidence], card: SmuCard) -> tuple[Alike, ...]:
    """Every suspect once, with those that none of these sweeps tells from it."""
    found: list[list[Suspect]] = []
    overlaps: list[float] = []
    for entry in suspects.entries:
        for place, group in enumerate(found):
            shared = [overlap_of(suspects, entry, other, evidence, card) for other in group]
            if SOMETHING_ELSE not in (entry.fault, group[0].fault) and min(shared) > ALIKE:
                group.append(entry)
                overlaps[place] = min(overlaps[place], *shared)
                break
        else:
            found.append([entry])
            overlaps.append(1.0)
    return tuple(
        Alike(tuple(entry.fault for entry in group), overlap) for group, overlap in zip(found, overlaps, strict=True)
    )


def overlap_of(
    suspects: Suspects, first: Suspect, second: Suspect, evidence: Iterable[Evidence], card: SmuCard
) -> float:
    """The share that both have in common of what the sweep that parts them best would show: 1 where all look alike."""
    shares: dict[object, float] = {}
    for entry in evidence:
        both = tuple(signature_of(suspects, suspect, entry, card) for suspect in (first, second))
        key = (entry.landings, entry.contact_below, id(both[0]), id(both[1]), _unresolved(entry), _clamped(entry))
        if entry.reading.kind is not Kind.NOTHING and key not in shares:
            shown = [1.0 - abs(both[0].shapes[shape] - both[1].shapes[shape]) for shape in both[0].shapes]
            shares[key] = min(_same_ohms(first, second, both, entry), *shown)
    return min(shares.values(), default=1.0)


def _unresolved(entry: Evidence | None) -> float:
    """Decades of ohm from which on nothing is told apart, to one digit."""
    return round(entry.reading.low, 1) if entry is not None and entry.reading.kind is Kind.ABOVE else UNSEEN


def _clamped(entry: Evidence | None) -> float:
    """Decades of ohm below which nothing is told apart."""
    return round(entry.reading.high, 1) if entry is not None and entry.reading.kind is Kind.BELOW else float(BINS[0])


def _same_ohms(first: Suspect, second: Suspect, both: tuple[Signature, ...], entry: Evidence) -> float:
    if entry.contact_below is not None:
        limit = math.log10(entry.contact_below)
        shares = [float(suspect.weights[suspect.log_ohm[entry.landings] <= limit].sum()) for suspect in (first, second)]
        return 1.0 - abs(shares[0] - shares[1])
    return shared_ohms(first, second, entry.landings, entry, both)


def shared_ohms(
    first: Suspect,
    second: Suspect,
    landings: Landings,
    entry: Evidence | None = None,
    both: tuple[Signature, ...] = (STRAIGHT, STRAIGHT),
) -> float:
    """How much the distributions of what is read there overlap; what is not resolved, or all clamped, is alike."""
    window = (_clamped(entry), _unresolved(entry))
    held = _shares(first, landings, both[0], window), _shares(second, landings, both[1], window)
    return float(np.minimum(*held).sum())


def _shares(suspect: Suspect, landings: Landings, signature: Signature, window: tuple[float, float]) -> Reals:
    clamped, unresolved = window
    ohms = suspect.log_ohm[landings]
    moved = np.where(ohms < OPEN, ohms + signature.shift, OPEN)
    seen = np.where(moved >= unresolved, OPEN, np.clip(moved, clamped, OPEN))
    counts, _ = np.histogram(seen, bins=BINS, weights=suspect.weights)
    whole = counts.sum()
    return counts / whole if whole else counts
