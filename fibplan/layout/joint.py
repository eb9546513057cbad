"""The bridge from an electrode to the collector, and the pads and tracks that bring a conductor to the frame."""

from shapely import Point, Polygon, box, union_all
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from fibplan.layout.clearance import polygon
from fibplan.layout.frame import point_to_chip, rectangle, to_chip, to_lamella
from fibplan.layout.lamella import cap_landings, collector_landings, layer_span_um, upright
from fibplan.layout.route import Course, Landing, routed, strip
from fibplan.model.echip_card import EchipCard
from fibplan.model.layout import Part, Region
from fibplan.model.recipe import Bridge, Pad, Placement, Recipe, Role
from fibplan.units import UM

REACH_UM = 200.0
"""How far from the window's edge a pad is looked for."""

ABOVE = (Role.ELECTROLYTE, Role.ACTIVE_LAYER, Role.PROTECTIVE_LAYER)
"""The layers that a joint to the collector keeps clear of."""


def bridge_outline(recipe: Recipe, bridge: Bridge, chip: EchipCard, placed: list[Region]) -> Polygon:
    """The bridge in the chip frame: as drawn, by the shortest way, or straight; ``placed`` are chip, layers, support.

    Where there is no way that keeps clear it is drawn straight, so that the drawing and the rules show what is wrong.
    """
    placement = recipe.lamella.placement
    assert placement is not None
    if bridge.outline_um is not None:
        return polygon(bridge.outline_um)
    nearest = bridge_by_nearest_way(recipe, bridge, chip, placed) if bridge.route == "nearest" else None
    return nearest if nearest is not None else to_chip(_straight(recipe, bridge, chip, placement), placement)


def bridge_by_nearest_way(recipe: Recipe, bridge: Bridge, chip: EchipCard, placed: list[Region]) -> Polygon | None:
    """The shortest admissible bridge, or None if there is none; a lamella that stands upright has none."""
    electrode = chip.electrode(bridge.start)
    if electrode is None or upright(recipe):
        return None
    others = [entry for entry in placed if entry.part is Part.ELECTRODE and entry.name != bridge.start]
    shape = polygon(electrode.outline_um).difference(_shapes(placed, Part.PASSIVATION))
    inset = min(bridge.overlap_electrode, bridge.width / 2)
    inner = shape.buffer(-inset, join_style="mitre")
    course = Course(
        target=shape if inner.is_empty else inner,
        avoided=union_all([_shapes(others, Part.ELECTRODE), _shapes(placed, Part.SUPPORT), _layers(placed, ABOVE)]),
        width=bridge.width,
        clearance=bridge.clearance,
        beyond=bridge.overlap_electrode - (0.0 if inner.is_empty else inset),
    )
    landings = collector_landings(recipe, bridge.width, bridge.overlap_lamella, bridge.clearance)
    line = routed(_on_chip(landings, recipe), course)
    return strip(line, bridge.width) if line is not None else None


def pad_outline(recipe: Recipe, pad: Pad, chip: EchipCard, placed: list[Region]) -> Polygon | None:
    """Square and track in the chip frame: as drawn or by the shortest way; None if nothing keeps clear.

    Of ways that are equally short it takes the one that begins farthest from other pads and, for the cap, from the
    bridge, so that their halos stay apart. ``placed`` is all that lies there already.
    """
    if pad.outline_um is not None:
        return polygon(pad.outline_um)
    if upright(recipe):
        return None
    collector = pad.terminal == "current_collector"
    kept = ABOVE if collector else (Role.CURRENT_COLLECTOR, Role.ELECTROLYTE, Role.ACTIVE_LAYER)
    bridge, pads = _shapes(placed, Part.BRIDGE), _shapes(placed, Part.PAD)
    metals = [bridge, pads, _shapes(placed, Part.ELECTRODE), _shapes(placed, Part.SUPPORT)]
    avoided = union_all([*metals, _layers(placed, kept)])
    course = Course(
        target=_over_frame(chip, pad).difference(
            avoided.buffer(pad.side * 0.71 + pad.clearance).union(_shapes(placed, Part.PASSIVATION).buffer(pad.side))
        ),
        avoided=avoided,
        width=pad.width,
        clearance=pad.clearance,
        beyond=0.0,
    )
    if collector:
        landings = collector_landings(recipe, pad.width, pad.overlap, pad.clearance)
    else:
        landings = cap_landings(recipe, pad.width, pad.overlap)
    line = routed(_farthest_first(_on_chip(landings, recipe), pads if collector else pads.union(bridge)), course)
    if line is None:
        return None
    x, y = line[-1]
    whole = strip(line, pad.width).union(pad_square(pad, x, y))
    return Polygon(whole.exterior) if isinstance(whole, Polygon) else None


def pad_square(pad: Pad, x: float, y: float) -> Polygon:
    """The square that the tip lands on, about its middle."""
    half = pad.side / 2
    return translate(box(-half, -half, half, half), x, y)


def _over_frame(chip: EchipCard, pad: Pad) -> BaseGeometry:
    """Where the middle of a pad can be, its whole square over the frame and a margin off the membrane."""
    width, height = chip.window.width / 2, chip.window.height / 2
    off = pad.side / 2 + chip.window.margin
    hole = box(-width - off, -height - off, width + off, height + off)
    return box(-width - REACH_UM, -height - REACH_UM, width + REACH_UM, height + REACH_UM).difference(hole)


def _farthest_first(landings: list[Landing], metal: BaseGeometry) -> list[Landing]:
    if metal.is_empty:
        return landings
    return sorted(landings, key=lambda landing: -metal.distance(Point(landing.outer)))


def _on_chip(landings: list[Landing], recipe: Recipe) -> list[Landing]:
    placement = recipe.lamella.placement
    assert placement is not None
    return [Landing(point_to_chip(each.inner, placement), point_to_chip(each.outer, placement)) for each in landings]


def _shapes(placed: list[Region], part: Part) -> BaseGeometry:
    return union_all([polygon(entry.outline_um) for entry in placed if entry.part is part])


def _layers(placed: list[Region], roles: tuple[Role, ...]) -> BaseGeometry:
    found = [entry for entry in placed if entry.part is Part.LAYER and entry.name in roles]
    return union_all([polygon(entry.outline_um) for entry in found])


def _straight(recipe: Recipe, bridge: Bridge, chip: EchipCard, placement: Placement) -> Polygon:
    """A straight strip along the lamella, its upper edge kept ``clearance`` below the top of the collector.

    Where the strip meets no electrode it is drawn as a stub, so that the drawing and the rule show what is wrong. On
    a lamella that stands upright it is drawn across the end, since no layer can be told from another there.
    """
    _, top = layer_span_um(recipe.sample, Role(bridge.end)) or (0.0, 0.0)
    upper = top - bridge.clearance
    if upright(recipe):
        upper = (recipe.lamella.final_thickness * UM + bridge.width) / 2
    lower = upper - bridge.width
    edge = _electrode_edge(bridge, chip, placement, lower, upper)
    return rectangle(edge - bridge.overlap_electrode, lower, bridge.overlap_lamella, upper)


def _electrode_edge(bridge: Bridge, chip: EchipCard, placement: Placement, lower: float, upper: float) -> float:
    """Where the electrode ends, along the lamella, in the band of the bridge; 0 if it is not in that band."""
    electrode = chip.electrode(bridge.start)
    if electrode is None:
        return 0.0
    shape = to_lamella(polygon(electrode.outline_um), placement)
    far = rectangle(-1e4, lower, 0.0, upper)
    met = shape.intersection(far)
    return 0.0 if met.is_empty else float(met.bounds[2])
