"""Points that a limit seems to have held, in a file that says nothing of a limit."""

from collections.abc import Sequence

from fibplan.model.curve import CurvePoint

FLAT = 0.005
"""Relative: currents that differ by less than this share are one flat top."""
LEAST_POINTS = 3
RISE = 0.05
"""Relative: on an ohmic path the voltage rises as the current does; one that rises so much over a flat top does not."""


def flat_top(points: Sequence[CurvePoint], about_v: float = 0.0) -> list[bool]:
    """For each point whether it lies where the voltage goes on to the end of the sweep and the current does not.

    Each sign of the current is looked at alone. A path that saturates by itself looks the same: then, too, those points
    say nothing of a resistance.
    """
    held = [False] * len(points)
    for sign in (1.0, -1.0):
        side = [place for place, point in enumerate(points) if _current(point) * sign > 0.0]
        for place in _flat(points, side, about_v):
            held[place] = True
    return held


def _flat(points: Sequence[CurvePoint], side: Sequence[int], about_v: float) -> list[int]:
    """The places of a flat top that holds every point from its first voltage outwards."""
    top = max((abs(_current(points[place])) for place in side), default=0.0)
    flat = [place for place in side if abs(_current(points[place])) >= (1.0 - FLAT) * top]
    if len(flat) < LEAST_POINTS:
        return []
    reach = {place: abs(points[place].level - about_v) for place in side}
    inner, outer = min(reach[place] for place in flat), max(reach[place] for place in flat)
    beyond = sum(far >= inner for far in reach.values())
    return flat if outer > (1.0 + RISE) * inner and beyond == len(flat) else []


def _current(point: CurvePoint) -> float:
    return 0.0 if point.current_a is None else point.current_a
