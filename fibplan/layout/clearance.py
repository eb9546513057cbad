"""Overlaps and gaps between regions, in um2 and um."""

from shapely import Point, Polygon

from fibplan.model.layout import ChipLayout, Region


def overlap_um2(first: Region, second: Region) -> float:
    """The area that both cover."""
    return Polygon(first.outline_um).intersection(Polygon(second.outline_um)).area


def gap_um(first: Region, second: Region) -> float:
    """The least distance between them; zero where they touch or overlap."""
    return Polygon(first.outline_um).distance(Polygon(second.outline_um))


def margin_um(inner: Region, outer: Region) -> float:
    """How far the inner region stays inside the outer, convex one; negative by how far it sticks out."""
    inside, outside = Polygon(inner.outline_um), Polygon(outer.outline_um)
    if outside.contains(inside):
        return inside.distance(outside.exterior)
    return -max(outside.distance(Point(corner)) for corner in inner.outline_um)


def required(layout: ChipLayout, name: str) -> Region:
    """The region with that name; the caller has made sure that it is there."""
    region = layout.named(name)
    assert region is not None, name
    return region
