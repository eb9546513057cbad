"""Bridges that land where no route of a recipe leads: at the far end, or over the substrate's edge at a given place."""

from shapely import union_all
from shapely.geometry.polygon import orient

from fibplan.advice.design.space import Landing
from fibplan.layout.clearance import polygon
from fibplan.layout.frame import point_to_chip
from fibplan.layout.joint import ABOVE
from fibplan.layout.lamella import layer_span_um
from fibplan.layout.region import region
from fibplan.layout.route import Course, routed, strip
from fibplan.layout.route import Landing as Beginning
from fibplan.model.base import PointUm
from fibplan.model.layout import Part, Region
from fibplan.model.outline import outline_fault
from fibplan.model.plan import Plan
from fibplan.model.recipe import Bridge, Recipe, Role

DRAWN_TO = 3
"""Decimals of a micrometre that an outline is written with."""

SHARES = (0.15, 0.3, 0.5, 0.7, 0.85)
"""Of the lamella's length: places over the substrate's edge that are tried."""


def possible_landings(plan: Plan) -> tuple[Landing, ...]:
    """Every landing that may differ from the one that is written."""
    bridge, length = plan.recipe.bridge, plan.recipe.lamella.length
    assert bridge is not None
    other = Landing("nearest" if bridge.route == "straight" else "straight")
    edges = (Landing("edge", round(share * length, 1)) for share in SHARES)
    return (Landing("written"), other, Landing("far_end"), *edges)


def drawn_outline(plan: Plan, bridge: Bridge, landing: Landing) -> tuple[PointUm, ...] | None:
    """The bridge drawn from that landing by the shortest way that keeps clear, in the chip frame; None without one."""
    chip, placement = plan.cards.echip, plan.recipe.lamella.placement
    assert chip is not None
    assert placement is not None
    inner, outer = _beginning(plan.recipe, bridge, landing)
    beginning = Beginning(point_to_chip(inner, placement), point_to_chip(outer, placement))
    line = routed([beginning], _course(plan, bridge))
    if line is None:
        return None
    drawn = region(Part.BRIDGE, "bridge", "bridge", orient(strip(line, bridge.width)), bridge.thickness)
    outline = tuple((round(x, DRAWN_TO), round(y, DRAWN_TO)) for x, y in drawn.outline_um)
    return outline if outline_fault(outline) is None else None


def _beginning(recipe: Recipe, bridge: Bridge, landing: Landing) -> tuple[PointUm, PointUm]:
    """Where the strip begins on the collector and where it is free to turn, in the lamella's frame."""
    _, top = layer_span_um(recipe.sample, Role.CURRENT_COLLECTOR) or (0.0, 0.0)
    edge, length = top - bridge.clearance, recipe.lamella.length
    middle = edge - bridge.width / 2
    if landing.kind == "far_end":
        return (length - bridge.overlap_lamella, middle), (length, middle)
    return (landing.x_um, edge), (landing.x_um, min(0.0, middle))


def _course(plan: Plan, bridge: Bridge) -> Course:
    """What a bridge of that width must reach and keep clear of, as a routed one does."""
    assert plan.layout is not None
    start = plan.layout.named(bridge.start)
    assert start is not None
    regions = plan.layout.regions
    covered = union_all([polygon(entry.outline_um) for entry in regions if entry.part is Part.PASSIVATION])
    bare = polygon(start.outline_um).difference(covered)
    inset = min(bridge.overlap_electrode, bridge.width / 2)
    inner = bare.buffer(-inset, join_style="mitre")
    kept = union_all([polygon(entry.outline_um) for entry in regions if _kept_clear(entry, bridge)])
    return Course(
        target=bare if inner.is_empty else inner,
        avoided=kept,
        width=bridge.width,
        clearance=bridge.clearance,
        beyond=bridge.overlap_electrode - (0.0 if inner.is_empty else inset),
    )


def _kept_clear(entry: Region, bridge: Bridge) -> bool:
    layer = entry.part is Part.LAYER and entry.name in ABOVE
    other = entry.part is Part.ELECTRODE and entry.name != bridge.start
    return layer or other or entry.part is Part.SUPPORT
