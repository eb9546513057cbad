"""How well each suspect explains what was measured: the chance of all readings together, sample by sample."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtr

from fibplan.advice.diagnosis.evidence import Evidence, Kind, Reading, Shape
from fibplan.advice.diagnosis.suspects import OPEN, Reals, Suspect, Suspects
from fibplan.advice.diagnosis.synthesis import Signature, signature_of
from fibplan.model.cards import SmuCard
from fibplan.model.diagnosis import SOMETHING_ELSE

NARROWEST = 0.02
"""Decades: no two landings read closer to one another than this (5 %); chosen."""
MISJUDGED = 0.02
"""How often a contact check says the wrong thing; chosen."""
DECADES = 16.0
"""Over so many decades something without a name may read anything: milliohms to teraohms and more."""


def log_likelihoods(suspect: Suspect, suspects: Suspects, evidence: Sequence[Evidence], card: SmuCard) -> Reals:
    """Natural logarithm of the chance of all that was measured, for each sample of the suspect.

    Sweeps between the same landings read one resistance: together they weigh as much as one of them, so that measuring
    again decides nothing by itself. Their shapes count each; a contact check only says whether there is contact.
    """
    if suspect.fault == SOMETHING_ELSE:
        return np.full(suspects.samples, sum(_anything(entry) for entry in evidence))
    same = Counter(entry.landings for entry in evidence if entry.contact_below is None)
    total = np.zeros(suspects.samples)
    for entry in evidence:
        if entry.contact_below is not None:
            total = total + _contact(suspect.log_ohm[entry.landings], entry)
            continue
        signature = signature_of(suspects, suspect, entry, card)
        width = _known_bandwidth(suspects, suspect, entry, len(same))
        told = _resistance(suspect.log_ohm[entry.landings], entry.reading, signature, width)
        total = total + _shapes(entry.reading, signature) + told / same[entry.landings]
    return total


def _known_bandwidth(suspects: Suspects, suspect: Suspect, entry: Evidence, dimensions: int) -> float:
    """Worked out once for these landings, however often they are swept."""
    key = ("bandwidth", suspect.fault, entry.landings, dimensions)
    found = suspects.known.get(key)
    if not isinstance(found, float):
        found = suspects.known[key] = bandwidth(suspect, entry, dimensions)
    return found


def bandwidth(suspect: Suspect, entry: Evidence, dimensions: int) -> float:
    """Decades over which one sample stands for its neighbours (Silverman's rule, for so many dimensions)."""
    ohms = suspect.log_ohm[entry.landings]
    finite = ohms[(ohms < OPEN) & (suspect.weights > 0.0)]
    if len(finite) < 2:
        return NARROWEST
    low, high = np.quantile(finite, [0.25, 0.75])
    spread = min(float(finite.std()), float(high - low) / 1.34) or float(finite.std())
    return max(0.9 * spread * len(finite) ** (-1.0 / (4.0 + dimensions)), NARROWEST)


def _resistance(ohms: Reals, reading: Reading, signature: Signature, width: float) -> Reals:
    """A value by its density per decade, bounds by the chance to lie within them."""
    told = math.log(signature.kinds[reading.kind])
    if reading.kind is Kind.NOTHING:
        return np.full(len(ohms), told)
    around = np.where(ohms < OPEN, ohms + signature.shift, OPEN)
    scale = math.hypot(width, signature.spread)
    if reading.kind is Kind.VALUE:
        return told + _normal(around, reading.middle, math.hypot(scale, reading.spread))
    if reading.kind is Kind.ABOVE:
        return told + log_ndtr((around - reading.low) / scale)
    if reading.kind is Kind.BELOW:
        return told + log_ndtr((reading.high - around) / scale)
    within = ndtr((reading.high - around) / scale) - ndtr((reading.low - around) / scale)
    return told + np.log(np.maximum(within, 1e-300))


def _normal(values: Reals, middle: float, scale: float) -> NDArray[np.float64]:
    return -0.5 * ((values - middle) / scale) ** 2 - math.log(scale * math.sqrt(2.0 * math.pi))


def _contact(ohms: Reals, entry: Evidence) -> Reals:
    """A contact check says yes or no; one that says neither says nothing."""
    limit, reading = math.log10(entry.contact_below or 1.0), entry.reading
    if reading.kind is Kind.NOTHING:
        return np.zeros(len(ohms))
    yes = np.where(ohms <= limit, 1.0 - MISJUDGED, MISJUDGED)
    return np.log(yes if reading.high <= limit else 1.0 - yes)


def _shapes(reading: Reading, signature: Signature) -> float:
    if reading.kind is Kind.NOTHING:
        return 0.0
    chances = [signature.shapes[shape] if shape in reading.shapes else 1.0 - signature.shapes[shape] for shape in Shape]
    return sum(math.log(chance) for chance in chances)


def _anything(entry: Evidence) -> float:
    """What has no name reads anything, and has any shape half of the time."""
    if entry.reading.kind is Kind.NOTHING:
        return 0.0
    if entry.contact_below is not None:
        return math.log(0.5)
    shapes = len(Shape) * math.log(0.5)
    if entry.reading.kind is Kind.VALUE:
        return shapes - math.log(DECADES)
    return shapes + math.log(0.25)
