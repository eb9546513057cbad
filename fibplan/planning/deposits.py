"""How large a deposit is, and where it lies: from the step itself, or from the bridge, support, pads and cap."""

from collections.abc import Sequence
from typing import NamedTuple

from shapely import Polygon, union_all
from shapely.geometry.base import BaseGeometry

from fibplan.layout.clearance import polygon
from fibplan.model.layout import ChipLayout, Part, Region
from fibplan.model.recipe import Recipe, Role
from fibplan.model.steps import Deposit, Weld
from fibplan.units import UM


class Grown(NamedTuple):
    """A piece of a deposit in plan view, chip frame, and its height in metres."""

    shape: BaseGeometry
    thickness_m: float


def deposit_outline(step: Deposit | Weld, layout: ChipLayout | None) -> BaseGeometry:
    """Where the deposit lies on the chip, in um; empty for one that no layout shows."""
    return union_all([piece.shape for piece in _pieces(step, layout)])


def footprint_um2(step: Deposit | Weld, recipe: Recipe, layout: ChipLayout | None) -> float:
    """Plan-view area of the deposit in um2; zero where neither the step nor the recipe says it."""
    match step:
        case Deposit(makes="protective_layer"):
            return recipe.lamella.length * recipe.lamella.cap_width
        case Weld(length=float(length), width=float(width)):
            return length * width * _welds(step, layout)
        case _:
            return sum(piece.shape.area for piece in _pieces(step, layout))


def pattern_um2(step: Deposit | Weld, recipe: Recipe, layout: ChipLayout | None) -> float:
    """Area in um2 of one of the patterns that the deposit is made of, which takes all of the beam."""
    patterns = step.patches if isinstance(step, Deposit) else _welds(step, layout)
    return footprint_um2(step, recipe, layout) / patterns


def deposit_volume_um3(step: Deposit | Weld, recipe: Recipe, layout: ChipLayout | None) -> float:
    """Volume of the deposit in um3; each piece as thick as the step says, or else the part that it makes."""
    pieces = _pieces(step, layout)
    if step.thickness is not None or not pieces:
        return footprint_um2(step, recipe, layout) * _height_m(step, recipe) * UM
    area = footprint_um2(step, recipe, layout)
    whole = sum(piece.shape.area for piece in pieces)
    return sum(piece.shape.area / whole * area * piece.thickness_m for piece in pieces) * UM if whole > 0 else 0.0


def _height_m(step: Deposit | Weld, recipe: Recipe) -> float:
    """Metres: the step's own thickness, or the stack's for the cap."""
    if step.thickness is not None:
        return step.thickness
    cap = recipe.sample.layer(Role.PROTECTIVE_LAYER)
    makes_cap = isinstance(step, Deposit) and step.makes == "protective_layer"
    return cap.thickness if cap is not None and makes_cap else 0.0


def _pieces(step: Deposit | Weld, layout: ChipLayout | None) -> list[Grown]:
    """What the step makes of the layout's regions."""
    if layout is None:
        return []
    match step:
        case Deposit(makes="bridge"):
            return [_grown(region) for region in layout.of(Part.BRIDGE)]
        case Deposit(makes="landing_pad"):
            return _pads(step, layout)
        case Weld(joins="support"):
            return [_grown(region) for region in layout.of(Part.SUPPORT)]
        case _:
            return []


def _pads(step: Deposit, layout: ChipLayout) -> list[Grown]:
    """The pads that the step makes, or what of them lies over the frame or over the membrane."""
    chosen = [pad for pad in layout.of(Part.PAD) if step.terminal is None or pad.name == f"pad_{step.terminal}"]
    membrane = union_all([polygon(window.outline_um) for window in layout.of(Part.WINDOW)])
    match step.portion:
        case None:
            return [_grown(pad) for pad in chosen]
        case "over_frame":
            return [Grown(polygon(pad.outline_um).difference(membrane), pad.thickness_m) for pad in chosen]
        case "over_membrane":
            return [Grown(polygon(pad.outline_um).intersection(membrane), pad.thickness_m) for pad in chosen]


def _grown(region: Region) -> Grown:
    shape: Polygon = polygon(region.outline_um)
    return Grown(shape, region.thickness_m)


def _welds(step: Weld, layout: ChipLayout | None) -> int:
    """How many patches of metal the step makes: one for the needle, one for each support."""
    supports: Sequence[Region] = layout.of(Part.SUPPORT) if layout is not None and step.joins == "support" else ()
    return max(1, len(supports))
