"""The plan as it comes out when things stray: the lamella elsewhere on the chip, and deposits of another size.

The lamella comes to rest off its place and turned about its corner. Bridge, pads and support are drawn on an image of
it where it lies, so that they go with it and stray from it by the pattern's own error; tips land on what they see, and
cuts and notch stay where they were milled. Electrodes and window stand still. Halos are left out, which no field
reads: they follow from the deposits.
"""

from collections.abc import Mapping

import shapely
from shapely import Polygon
from shapely.affinity import translate

from fibplan.layout.clearance import polygon
from fibplan.layout.frame import point_to_chip, to_chip, to_lamella
from fibplan.layout.region import region
from fibplan.model.layout import Part, Region, TipPlace
from fibplan.model.plan import Plan
from fibplan.model.recipe import Placement
from fibplan.planning.tolerance.spreads import (
    ACROSS,
    ALONG,
    BRIDGE_THICKNESS,
    EDGE,
    LAMELLA_THICKNESS,
    PAD_THICKNESS,
    PATTERN_ACROSS,
    PATTERN_ALONG,
    TURN,
)
from fibplan.units import UM

ON_CHIP = (Part.WINDOW, Part.ELECTRODE, Part.PASSIVATION)
DEPOSITS = (Part.BRIDGE, Part.PAD, Part.SUPPORT)


def displaced(plan: Plan, strayed: Mapping[str, float]) -> Plan:
    """The plan with lengths strayed by so many metres, the angle by so many radians, thicknesses by those factors.

    Of the plan only its layout, placement and thicknesses change; the plan itself for nothing strayed.
    """
    if not strayed:
        return plan
    assert plan.layout is not None
    assert plan.measured_thickness_m is not None
    before = plan.recipe.lamella.placement
    assert before is not None
    after = _placed(before, strayed)
    moved = [_moved(entry, before, after, strayed) for entry in plan.layout.regions if entry.part is not Part.HALO]
    chip = {entry.name for entry in plan.layout.regions if entry.part in ON_CHIP}
    tips = tuple(tip if tip.on in chip else _landed(tip, before, after) for tip in plan.layout.tips)
    regions = tuple(entry for entry in moved if entry is not None)
    return plan.model_copy(
        update={
            "recipe": _recipe(plan, after, strayed),
            "layout": plan.layout.model_copy(update={"regions": regions, "tips": tips}),
            "measured_thickness_m": plan.measured_thickness_m * strayed.get(LAMELLA_THICKNESS, 1.0),
        }
    )


def _placed(placement: Placement, strayed: Mapping[str, float]) -> Placement:
    along, across = (strayed.get(name, 0.0) * UM for name in (ALONG, ACROSS))
    x, y = point_to_chip((along, across), placement)
    return placement.model_copy(update={"x": x, "y": y, "rotation": placement.rotation + strayed.get(TURN, 0.0)})


def _recipe(plan: Plan, placement: Placement, strayed: Mapping[str, float]) -> object:
    recipe = plan.recipe
    update: dict[str, object] = {"lamella": recipe.lamella.model_copy(update={"placement": placement})}
    if recipe.bridge is not None:
        thickness = recipe.bridge.thickness * strayed.get(BRIDGE_THICKNESS, 1.0)
        update["bridge"] = recipe.bridge.model_copy(update={"thickness": thickness})
    return recipe.model_copy(update=update)


def _moved(entry: Region, before: Placement, after: Placement, strayed: Mapping[str, float]) -> Region | None:
    """None for a deposit of which nothing is left."""
    if entry.part in ON_CHIP:
        return entry
    outline, thickness = to_lamella(polygon(entry.outline_um), before), entry.thickness_m
    if entry.part in DEPOSITS:
        outline = _deposited(outline, strayed)
        thickness *= strayed.get(PAD_THICKNESS if entry.part is Part.PAD else BRIDGE_THICKNESS, 1.0)
    if outline.is_empty:
        return None
    return region(entry.part, entry.name, entry.label, to_chip(outline, after), thickness)


def _deposited(outline: Polygon, strayed: Mapping[str, float]) -> Polygon:
    """Grown or shrunk at every edge, the largest piece where it falls apart, and shifted."""
    along, across, edge = (strayed.get(name, 0.0) * UM for name in (PATTERN_ALONG, PATTERN_ACROSS, EDGE))
    grown = outline.buffer(edge, join_style="mitre") if edge else outline
    largest = max(shapely.get_parts(grown), key=shapely.area, default=Polygon())
    return translate(Polygon(largest.exterior), along, across)


def _landed(tip: TipPlace, before: Placement, after: Placement) -> TipPlace:
    spot = to_lamella(shapely.box(*tip.place_um, *tip.place_um).buffer(1.0, cap_style="square"), before)
    there = to_chip(spot, after).centroid
    return tip.model_copy(update={"place_um": (round(there.x, 6), round(there.y, 6))})
