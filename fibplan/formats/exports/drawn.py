"""What each step draws: boxes in um with their depths, and the view that they are drawn in.

Before the transfer and in every thinning the lamella's middle is the centre of the field, its length along x, the beam
along its faces. On the chip the axes are those of the chip frame and the middle of the lamella's place is the centre.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from shapely import Polygon, get_parts, union_all
from shapely.affinity import translate

from fibplan.formats.exports.outlines import Box, boxes
from fibplan.formats.exports.pattern import Shape
from fibplan.layout.clearance import polygon
from fibplan.model.layout import ChipLayout, Part, Region
from fibplan.model.plan import Operation, Plan
from fibplan.model.recipe import Recipe, Role
from fibplan.model.steps import (
    CleaningCrossSection,
    Deposit,
    IsolationCut,
    MillNotch,
    MillTrench,
    Polish,
    Thin,
    Transfer,
    Undercut,
    Weld,
)
from fibplan.planning.deposits import deposit_outline, deposit_volume_um3, footprint_um2
from fibplan.units import UM

AT_SAMPLE = "beam along the faces; the middle of the lamella is the centre of the field, its length along x"
AT_SLIT = "seen at the tilt of your undercut; the middle of the slit is the centre of the field"
AT_PATCH = "the middle of the patch is the centre of the field: move it to where it belongs"


class Piece(NamedTuple):
    """A box in um, and how deep it is milled or how high it is grown, in metres."""

    box: Box
    depth_m: float


@dataclass(frozen=True)
class Drawn:
    """What a step draws, all of one shape."""

    shape: Shape
    pieces: Sequence[Piece]
    view: str


def drawn_by(operation: Operation, plan: Plan) -> Drawn | str:
    """What a step draws, or why it draws nothing."""
    step, recipe = operation.step, plan.recipe
    match step:
        case MillTrench():
            shape = Shape.REGULAR if step.profile == "stair_step" else Shape.RECTANGLE
            sides = _beside(step.length, step.width, step.leaves * UM)[: step.sides]
            return Drawn(shape, [Piece(side, step.depth) for side in sides], AT_SAMPLE)
        case CleaningCrossSection():
            return _off_faces(operation, Shape.CLEANING, step.length, step.depth, step.leaves)
        case Thin() | Polish():
            return _off_faces(operation, Shape.RECTANGLE, recipe.lamella.length, recipe.sample.height, step.leaves)
        case Undercut():
            return Drawn(Shape.RECTANGLE, [Piece(Box(0.0, 0.0, step.length, step.width), step.depth)], AT_SLIT)
        case MillNotch():
            return _notch(operation, plan)
        case IsolationCut():
            names = {f"cut_{number}" for number, cut in enumerate(recipe.cuts) if cut.step == step.name}
            cuts = [cut for cut in plan.layout.of(Part.CUT) if cut.name in names] if plan.layout else []
            somewhere = [Piece(Box(0.0, 0.0, step.length, step.width), step.depth)]
            return _on_chip(cuts, plan.layout) or Drawn(Shape.RECTANGLE, somewhere, AT_PATCH)
        case Deposit() | Weld():
            return _deposit(step, plan)
        case _:
            return f"no pattern is known for a step of the kind {step.kind}: draw it by hand"


def _beside(length_um: float, width_um: float, gap_um: float) -> list[Box]:
    """One box below the lamella and one above it."""
    away = (gap_um + width_um) / 2
    return [Box(0.0, -away, length_um, width_um), Box(0.0, away, length_um, width_um)]


def _off_faces(operation: Operation, shape: Shape, length_um: float, depth_m: float, leaves_m: float) -> Drawn | str:
    before = operation.thickness_before_m
    if before is None or before <= leaves_m:
        return f"how thick the slab is before '{operation.name}' is not known: draw it by hand"
    sides = _beside(length_um, (before - leaves_m) / 2 * UM, leaves_m * UM)
    return Drawn(shape, [Piece(side, depth_m) for side in sides], AT_SAMPLE)


def _notch(operation: Operation, plan: Plan) -> Drawn | str:
    """From above through cap and active layer of the slab, or through the lamella where it lies on the chip."""
    recipe, layout = plan.recipe, plan.layout
    notch = recipe.bridge.notch if recipe.bridge is not None else None
    before = operation.thickness_before_m
    if notch is None or before is None:
        return f"how large the notch of '{operation.name}' is is not known: draw it by hand"
    if _transferred(operation, plan) and layout is not None:
        lying = _on_chip(layout.of(Part.NOTCH), layout)
        return lying or f"the recipe does not say where '{operation.name}' lies"
    away = (recipe.lamella.length - notch.length) / 2
    box = Box(-away if notch.end == "near" else away, 0.0, notch.length, before * UM)
    return Drawn(Shape.RECTANGLE, [Piece(box, _above_collector_m(recipe))], AT_SAMPLE)


def _above_collector_m(recipe: Recipe) -> float:
    roles = [layer.role for layer in recipe.sample.stack]
    first = roles.index(Role.CURRENT_COLLECTOR) + 1 if Role.CURRENT_COLLECTOR in roles else 0
    return sum(layer.thickness for layer in recipe.sample.stack[first:])


def _transferred(operation: Operation, plan: Plan) -> bool:
    """Whether the lamella lies on the chip by then."""
    names = [entry.name for entry in plan.operations]
    before = plan.operations[: names.index(operation.name)]
    return any(isinstance(entry.step, Transfer) for entry in before)


MADE_OF = {"bridge": Part.BRIDGE, "landing_pad": Part.PAD, "support": Part.SUPPORT}
"""Which regions of the layout a deposit or a weld makes."""


def _deposit(step: Deposit | Weld, plan: Plan) -> Drawn | str:
    """The metal as it lies on sample or chip, in as many patterns as the step asks for."""
    if step.process == "FEBID":
        return "grown with the electron beam: no pattern file for one has been seen, draw it by hand"
    laid = _on_chip(_laid(step, plan.layout), plan.layout, step.thickness)
    if laid is None:
        area = footprint_um2(step, plan.recipe, plan.layout)
        if area <= 0:
            return f"the recipe does not say how large '{step.name}' is"
        height = deposit_volume_um3(step, plan.recipe, plan.layout) / area / UM
        laid = _patch(step, plan.recipe, height)
    patches = step.patches if isinstance(step, Deposit) else 1
    whole = sum(piece.box.width * piece.box.height for piece in laid.pieces)
    shares = [patches * piece.box.width * piece.box.height / whole for piece in laid.pieces]
    parts = [_divided(piece, max(1, round(share))) for piece, share in zip(laid.pieces, shares, strict=True)]
    return replace(laid, pieces=[part for divided in parts for part in divided])


def _patch(step: Deposit | Weld, recipe: Recipe, height_m: float) -> Drawn:
    """The cap over the lamella, or a patch whose place only the person at the FIB knows."""
    if isinstance(step, Weld):
        size = Box(0.0, 0.0, step.length or 0.0, step.width or 0.0)
        return Drawn(Shape.RECTANGLE, [Piece(size, height_m)], AT_PATCH)
    cap = Box(0.0, 0.0, recipe.lamella.length, recipe.lamella.cap_width)
    return Drawn(Shape.RECTANGLE, [Piece(cap, height_m)], AT_SAMPLE)


def _laid(step: Deposit | Weld, layout: ChipLayout | None) -> list[Region]:
    """What the step makes of the layout's regions, each as far as it makes it."""
    part = MADE_OF.get(step.makes if isinstance(step, Deposit) else step.joins)
    if layout is None or part is None:
        return []
    made = deposit_outline(step, layout)
    shapes = [(region, polygon(region.outline_um).intersection(made)) for region in layout.of(part)]
    return [
        region.model_copy(update={"outline_um": tuple(piece.exterior.coords)[:-1]})
        for region, shape in shapes
        for piece in get_parts(shape)
        if isinstance(piece, Polygon)
    ]


def _divided(piece: Piece, parts: int) -> list[Piece]:
    """The box in equal parts along its longer side, if it is not turned."""
    box = piece.box
    if parts == 1 or box.rotation:
        return [piece]
    along_x = box.width >= box.height
    length = (box.width if along_x else box.height) / parts
    offsets = [(number - (parts - 1) / 2) * length for number in range(parts)]
    cut = [
        box._replace(x=box.x + offset, width=length) if along_x else box._replace(y=box.y + offset, height=length)
        for offset in offsets
    ]
    return [Piece(part, piece.depth_m) for part in cut]


def _on_chip(regions: Sequence[Region], layout: ChipLayout | None, depth_m: float | None = None) -> Drawn | None:
    """Those regions relative to the middle of the lamella's place, each as deep as it is thick; None without any."""
    if layout is None or not regions:
        return None
    x, y = _middle(layout.of(Part.LAYER))
    pieces = [
        Piece(box, depth_m or region.thickness_m)
        for region in regions
        for box in boxes(translate(polygon(region.outline_um), -x, -y))
    ]
    view = f"on the chip, axes of the chip frame; the centre of the field is [{x:.3f}, {y:.3f}] um in it"
    return Drawn(Shape.RECTANGLE, pieces, view)


def _middle(layers: Sequence[Region]) -> tuple[float, float]:
    x0, y0, x1, y1 = union_all([polygon(layer.outline_um) for layer in layers]).bounds
    return (x0 + x1) / 2, (y0 + y1) / 2
