"""Whether a sweep ends where a sweep ends, for files that do not say how many points they have."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from fibplan.units import show

NEAR = 0.5
"""Share of the usual step within which two voltages are the same end of a sweep."""


def why_cut(levels: Sequence[float], about_v: float = 0.0) -> str:
    """Why a sweep may have lost its end, or nothing where it is one that a whole sweep is.

    A whole sweep reaches as far above the voltage it lies about as below, and ends at the far side of where it began or
    where it began. A sweep there and back that was cut exactly where it turns cannot be told from one that only goes
    there.
    """
    levels = [level - about_v for level in levels]
    steps = [abs(after - before) for before, after in pairwise(levels) if after != before]
    if not steps:
        return "the voltage never changes: this is no sweep"
    near = NEAR * median(steps)
    if abs(max(levels) + min(levels)) > near:
        ends = f"from {show(min(levels) + about_v, 'V')} to {show(max(levels) + about_v, 'V')}"
        return f"it goes {ends}, not as far on either side of {show(about_v, 'V')}: the file may have lost its end"
    if min(abs(levels[-1] - levels[0]), abs(levels[-1] + levels[0])) > near:
        ends = f"begins at {show(levels[0] + about_v, 'V')} and ends at {show(levels[-1] + about_v, 'V')}"
        return f"it {ends}: the file may have lost its end"
    return ""
