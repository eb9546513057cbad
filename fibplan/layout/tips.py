"""Where the tips land: on each conductor that is probed, over the chip's frame where it reaches that far."""

from collections.abc import Iterable

import numpy as np
from shapely import LineString, Point, Polygon, get_parts, length, maximum_inscribed_circle, union_all
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from fibplan.layout.clearance import ROUNDING_UM, polygon
from fibplan.model.echip_card import EchipCard
from fibplan.model.layout import Part, Region, TipPlace
from fibplan.model.path import Above
from fibplan.model.recipe import Recipe

ROOM_UM = 5.0
"""Metal that is left around a tip where the conductor is wide enough: a tip is placed to a few micrometres."""

LEAST_ROOM_UM = ROOM_UM / 8
"""With less metal around it no tip is placed over the frame."""


def tip_places(recipe: Recipe, chip: EchipCard, regions: list[Region]) -> tuple[TipPlace, ...]:
    """One place for each conductor that a tip has to touch and that is there, in the order of the paths.

    Those are the ends of the verification paths and, where one of these must insulate, every electrode of the chip.
    """
    paths = recipe.verification.values()
    terminals: list[str] = [terminal for path in paths for terminal in (path.start, path.end)]
    if any(isinstance(path.criterion, Above) for path in paths):
        terminals += [electrode.name for electrode in chip.electrodes]
    places = (_place(terminal, recipe, chip, regions) for terminal in dict.fromkeys(terminals))
    return tuple(place for place in places if place is not None)


def metal_of(terminal: str, regions: Iterable[Region]) -> BaseGeometry:
    """All metal of that conductor that a tip can touch: not under passivation."""
    names = (terminal, f"pad_{terminal}")
    metal = union_all([polygon(entry.outline_um) for entry in regions if entry.name in names])
    covers = [polygon(entry.outline_um) for entry in regions if entry.part is Part.PASSIVATION]
    return metal.difference(union_all(covers)) if covers else metal


def _place(terminal: str, recipe: Recipe, chip: EchipCard, regions: list[Region]) -> TipPlace | None:
    window = next(entry for entry in regions if entry.part is Part.WINDOW)
    membrane = polygon(window.outline_um)
    metal = metal_of(terminal, regions)
    if metal.is_empty:
        return None
    stated = next((tip for tip in recipe.tips if tip.terminal == terminal), None)
    point = Point(stated.x, stated.y) if stated is not None else _best(metal, membrane, chip, regions)
    bare = metal.intersects(point.buffer(ROUNDING_UM))
    on = next((e.name for e in reversed(regions) if bare and _carries(e, terminal, point)), "")
    place = (round(point.x, 6), round(point.y, 6))
    return TipPlace(terminal=terminal, on=on, place_um=place, over_membrane=membrane.intersects(point))


def _carries(region: Region, terminal: str, point: Point) -> bool:
    return region.name in (terminal, f"pad_{terminal}") and polygon(region.outline_um).distance(point) < ROUNDING_UM


def _best(metal: BaseGeometry, membrane: Polygon, chip: EchipCard, regions: list[Region]) -> Point:
    """The place over the frame that is nearest to the lamella with room around it, or else the one with most room.

    Where none lies over the frame it is the middle of what the bridge leaves free.
    """
    frame = metal.difference(membrane.buffer(chip.window.margin))
    roomy = frame.buffer(-ROOM_UM)
    if not roomy.is_empty:
        lamella = union_all([polygon(entry.outline_um) for entry in regions if entry.part is Part.LAYER])
        return nearest_points(roomy, lamella)[0]
    radii = [maximum_inscribed_circle(piece) for piece in get_parts(frame) if not piece.is_empty]
    roomiest = radii[int(np.argmax(length(radii)))] if radii else LineString()
    if roomiest.length >= LEAST_ROOM_UM:
        return Point(roomiest.coords[0])
    free = metal.difference(union_all([polygon(e.outline_um) for e in regions if e.part is Part.BRIDGE]))
    return (metal if free.is_empty else free).centroid
