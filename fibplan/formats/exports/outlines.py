"""Plan-view outlines as rectangles: one where the outline is a rectangle, horizontal strips where it is not."""

import math
from itertools import pairwise
from typing import NamedTuple

from shapely import LineString, Polygon, get_parts

STRIP_UM = 0.1
"""The height of a strip along a slanted edge; along upright edges strips are as high as they can be."""

MOST_STRIPS = 400
"""More than this takes the time of loading a pattern file beyond a minute; strips are then made higher."""


class Box(NamedTuple):
    """A rectangle in um: centre, width, height, and its rotation in rad, counter-clockwise."""

    x: float
    y: float
    width: float
    height: float
    rotation: float = 0.0


def boxes(outline: Polygon) -> list[Box]:
    """Rectangles that cover the outline; together they have its area."""
    simple = outline.simplify(1e-6)
    assert isinstance(simple, Polygon)
    corners = list(simple.exterior.coords)[:-1]
    whole = _rectangle(corners) if not simple.interiors else None
    return [whole] if whole is not None else _strips(simple)


def _rectangle(corners: list[tuple[float, ...]]) -> Box | None:
    if len(corners) != 4:
        return None
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = ((corner[0], corner[1]) for corner in corners)
    sides = (bx - ax, by - ay), (cx - bx, cy - by)
    lengths = math.hypot(*sides[0]), math.hypot(*sides[1])
    skew = math.hypot(ax + cx - bx - dx, ay + cy - by - dy) / max(lengths)
    lean = abs(sides[0][0] * sides[1][0] + sides[0][1] * sides[1][1]) / (lengths[0] * lengths[1])
    if skew > 1e-5 or lean > 1e-5:
        return None
    flat = 0 if abs(sides[0][0]) >= abs(sides[1][0]) else 1
    rotation = math.atan2(sides[flat][1], sides[flat][0])
    if abs(rotation) > math.pi / 2:
        rotation -= math.copysign(math.pi, rotation)
    straight = 0.0 if abs(rotation) < 1e-6 else rotation
    return Box((ax + cx) / 2, (ay + cy) / 2, lengths[flat], lengths[1 - flat], straight)


def _strips(outline: Polygon) -> list[Box]:
    """A strip between each two heights, as wide as the outline is half-way: the area of a trapezium is kept."""
    levels = sorted({round(corner[1], 6) for ring in (outline.exterior, *outline.interiors) for corner in ring.coords})
    finest = max(STRIP_UM, (levels[-1] - levels[0]) / MOST_STRIPS)
    found: list[Box] = []
    for low, high in pairwise(levels):
        parts = 1 if _upright(outline, low, high) else math.ceil((high - low) / finest)
        step = (high - low) / parts
        for part in range(parts):
            found += _across(outline, low + part * step, low + (part + 1) * step)
    return found


def _upright(outline: Polygon, low: float, high: float) -> bool:
    """Whether no edge between these heights is slanted."""
    margin = (high - low) * 0.01
    return _crossed(outline, low + margin) == _crossed(outline, high - margin)


def _crossed(outline: Polygon, y: float) -> list[tuple[float, float]]:
    """From where to where the outline is met at that height, to a picometre."""
    west, _, east, _ = outline.bounds
    met = get_parts(outline.intersection(LineString([(west - 1, y), (east + 1, y)])))
    spans = [(round(piece.bounds[0], 6), round(piece.bounds[2], 6)) for piece in met if piece.length > 0]
    return sorted(spans)


def _across(outline: Polygon, low: float, high: float) -> list[Box]:
    middle = (low + high) / 2
    return [Box((x0 + x1) / 2, middle, x1 - x0, high - low) for x0, x1 in _crossed(outline, middle)]
