"""Overlaps and gaps between regions, in um2 and um."""

from collections.abc import Sequence
from functools import lru_cache

from shapely import Point, Polygon, get_parts
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from fibplan.model.base import PointUm
from fibplan.model.layout import ChipLayout, Region

ROUNDING_UM = 1e-5
"""Outlines are rounded to a picometre, so shapes that touch may be apart by as much after a rotation."""

ROUNDED_BUFFER = 1.005
"""A buffer's corners are chords: so much wider it holds the whole round."""

WIDTH_UM = 1e-3
"""How exactly a width is found."""


@lru_cache(maxsize=1024)
def polygon(outline_um: tuple[PointUm, ...]) -> Polygon:
    """The polygon with that outline. Every rule asks for the same few of a plan, so each is made once."""
    return Polygon(outline_um)


def overlap_um2(first: Region, second: Region) -> float:
    """The area that both cover."""
    return polygon(first.outline_um).intersection(polygon(second.outline_um)).area


def gap_um(first: Region, second: Region) -> float:
    """The least distance between them; zero where they touch or overlap."""
    return polygon(first.outline_um).distance(polygon(second.outline_um))


def fewest_squares(strip: Region, start: Region, end: Region) -> float:
    """Squares that a film has at the least between what it covers of two conductors; zero where it misses either.

    ``L^2 / A``: of a potential that rises evenly over the least distance L, within the free area A that lies so near to
    the start, no true one conducts better (Dirichlet's principle). Exact for a straight strip that is square at both
    ends.
    """
    film, first, last = polygon(strip.outline_um), polygon(start.outline_um), polygon(end.outline_um)
    foot, landing = film.intersection(first), film.intersection(last)
    if foot.is_empty or landing.is_empty:
        return 0.0
    length = foot.distance(landing)
    area = film.difference(first).difference(last).intersection(foot.buffer(length * ROUNDED_BUFFER)).area
    return length**2 / area if length > ROUNDING_UM and area > 0 else 0.0


def margin_um(inner: Region, outer: Region) -> float:
    """How far the inner region stays inside the outer, convex one; negative by how far it sticks out."""
    inside, outside = polygon(inner.outline_um), polygon(outer.outline_um)
    if outside.contains(inside):
        return inside.distance(outside.exterior)
    return -max(outside.distance(Point(corner)) for corner in inner.outline_um)


def farthest_out(inner: Region, outer: Region) -> tuple[float, PointUm]:
    """The corner of the inner region that lies farthest from the outer one, after how far that is."""
    outside = polygon(outer.outline_um)
    return max((outside.distance(Point(corner)), corner) for corner in inner.outline_um)


def bare_um2(first: Region, second: Region, films: Sequence[Region]) -> float:
    """The area that both cover and none of the films does."""
    both = polygon(first.outline_um).intersection(polygon(second.outline_um))
    return both.difference(unary_union([polygon(film.outline_um) for film in films])).area


def beside_um2(region: Region, others: Sequence[Region]) -> float:
    """The area of the region that lies on none of the others."""
    return polygon(region.outline_um).difference(unary_union([polygon(e.outline_um) for e in others])).area


def narrowest_um(strip: Region, start: Region, ends: Sequence[Region]) -> float:
    """How wide the strip is where it is narrowest between ``start`` and ``ends``; zero if it does not join them.

    That is the most by which all three can be eroded, each edge by half of it, with a way left from start to end.
    """
    first, last = polygon(start.outline_um), unary_union([polygon(end.outline_um) for end in ends])
    whole = unary_union([polygon(strip.outline_um), first, last])
    low, high = 0.0, min(_breadth(first), _breadth(last), _breadth(polygon(strip.outline_um)))
    while high - low > WIDTH_UM:
        width = (low + high) / 2
        pieces = get_parts(whole.buffer(-width / 2, join_style="mitre"))
        joined = any(piece.intersects(first) and piece.intersects(last) for piece in pieces)
        low, high = (width, high) if joined else (low, width)
    return high if low > 0 else 0.0


def _breadth(shape: BaseGeometry) -> float:
    """The larger side of its bounds: nothing is wider."""
    x0, y0, x1, y1 = shape.bounds
    return max(x1 - x0, y1 - y0)


def required(layout: ChipLayout, name: str) -> Region:
    """The region with that name; the caller has made sure that it is there."""
    region = layout.named(name)
    assert region is not None, name
    return region
