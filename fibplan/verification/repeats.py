"""One resistance from several sweeps of a path: bounds that hold for all of them, and whether they agree."""

import math
from collections.abc import Mapping
from itertools import combinations

from fibplan.model.verdict import Measured
from fibplan.units import show
from fibplan.verification.probing import GENTLE, SWEEP

AGREE = 1.2
"""Readings that differ by more than this factor do not reproduce (two tips that leapfrog must agree within 20 %)."""

SAME_WORDS = 4
"""Remarks that begin with as many equal words say the same thing of another sweep."""


def together(read: Mapping[str, Measured]) -> Measured:
    """The sweep's own reading, with bounds widened to those of its repetitions; by probing step, ``sweep`` among them.

    The gentle sweep is too coarse to widen anything, and must only agree.
    """
    whole = read[SWEEP]
    counted = [measured for name, measured in read.items() if name != GENTLE]
    most = [measured.high_ohm for measured in counted if measured.high_ohm is not None]
    resolved = all(measured.expected_ohm is not None for measured in counted)
    return whole.model_copy(
        update={
            "low_ohm": min(measured.low_ohm for measured in counted),
            "expected_ohm": whole.expected_ohm if resolved else None,
            "high_ohm": max(most) if len(most) == len(counted) else None,
            "doubts": (*_each(read, "doubts"), *_disagreements(read)),
            "remarks": _each(read, "remarks"),
        }
    )


def _each(read: Mapping[str, Measured], kind: str) -> tuple[str, ...]:
    """What the sweep itself says, and of its repetitions only what none before has said with other numbers."""
    said: dict[str, str] = {}
    for name in (SWEEP, *(name for name in read if name not in (SWEEP, GENTLE))):
        for text in getattr(read[name], kind):
            said.setdefault(" ".join(text.split()[:SAME_WORDS]), text if name == SWEEP else f"{name}: {text}")
    return tuple(said.values())


def _disagreements(read: Mapping[str, Measured]) -> list[str]:
    """Pairs whose bounds, stretched, do not meet: only the first, as one contact that gives way makes several."""
    for (first, one), (second, other) in combinations(read.items(), 2):
        if _apart(one, other) or _apart(other, one):
            words = f"'{first}' reads {_span(one)} and '{second}' {_span(other)}"
            return [f"the readings do not reproduce within {AGREE - 1.0:.0%}: {words}"]
    return []


def _apart(lower: Measured, upper: Measured) -> bool:
    return (math.inf if lower.high_ohm is None else lower.high_ohm) * AGREE < upper.low_ohm


def _span(measured: Measured) -> str:
    if measured.expected_ohm is not None:
        return show(measured.expected_ohm, "ohm")
    high = "no bound" if measured.high_ohm is None else show(measured.high_ohm, "ohm")
    return f"{show(measured.low_ohm, 'ohm')} to {high}"
