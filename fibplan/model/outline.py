"""Outlines in plan view as a card writes them: a list of corners that must enclose one area."""

from typing import Annotated

from pydantic import AfterValidator, Field

from fibplan.model.base import FARTHEST, PointUm
from fibplan.units import UM, QuantityError


def _simple(corners: tuple[PointUm, ...]) -> tuple[PointUm, ...]:
    """The corners, if they lie within a metre and their outline neither crosses nor touches itself."""
    from shapely import Polygon, is_valid_reason

    for x, y in corners:
        if max(abs(x), abs(y)) >= FARTHEST * UM:
            raise QuantityError(f"the corner [{x:g}, {y:g}] is a metre or more away", "write micrometres")
    outline = Polygon(corners)
    if not outline.is_valid:
        fault, _, place = is_valid_reason(outline).partition("[")
        where = f"{fault.lower()} at [{place.replace(' ', ', ')}"
        raise QuantityError(f"this outline is not simple: {where}", "list its corners in order around the edge")
    return corners


OutlineUm = Annotated[tuple[PointUm, ...], Field(min_length=3), AfterValidator(_simple)]
