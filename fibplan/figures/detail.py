"""The lamella on the chip in detail: its layers, bridge, support and halo, each named beside the panel."""

import math

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from shapely import LineString, Polygon, union_all
from shapely.ops import nearest_points

from fibplan.figures.callouts import COLUMN_MM, Callout, Side, column_height_mm, draw_callouts
from fibplan.figures.canvas import SCALE_BAR_MM, WIDTH_MM, extent, quantity
from fibplan.figures.fills import PARTS, add_tips, outlined
from fibplan.figures.panel import (
    Bounds,
    Panel,
    add_scale_bar,
    draw_gap,
    fitted,
    grown,
    head_panel,
    open_axes,
    with_room_below,
)
from fibplan.model.layout import ChipLayout, Part, Region
from fibplan.model.plan import Plan
from fibplan.model.recipe import Pose, Role

UM = 1e-6
DETAIL_HEADING_MM = 5.0
FRAMING = (Part.LAYER, Part.NOTCH, Part.BRIDGE, Part.SUPPORT, Part.CUT)
"""What the detail shows whole, with the halos of these deposits; of a pad it shows where the track begins."""


KEPT_APART = (
    ("bridge to active layer", "bridge", Role.ACTIVE_LAYER),
    ("bridge to cap", "bridge", Role.PROTECTIVE_LAYER),
    ("support to collector", "support", Role.CURRENT_COLLECTOR),
)
"""What each gap is called, and the regions on either side of it."""


def detail_panel(plan: Plan, layout: ChipLayout) -> Panel:
    """The lamella with all that was deposited at it, and tall enough for the labels beside it."""
    x0, y0, x1, y1 = union_all(_framed(layout)).bounds
    bounds: Bounds = grown((x0, y0, x1, y1), 0.06 * max(x1 - x0, y1 - y0))
    width = WIDTH_MM - 2 * COLUMN_MM
    view = with_room_below(fitted(bounds, width, 30.0, 70.0), SCALE_BAR_MM[1] + 1.5)
    least = column_height_mm(_callouts(plan, layout, view))
    return fitted((view.x0, view.y0, view.x1, view.y1), width, least, 90.0)


def draw_detail(figure: Figure, plan: Plan, layout: ChipLayout, panel: Panel, bottom_mm: float) -> None:
    """The panel with its two columns of labels; ``bottom_mm`` is where its frame begins."""
    axes = open_axes(figure, panel, COLUMN_MM, bottom_mm, "detail")
    axes.set_xticks([])
    axes.set_yticks([])
    membrane = Rectangle((panel.x0, panel.y0), panel.x1 - panel.x0, panel.y1 - panel.y0)
    membrane.set(facecolor=PARTS[Part.WINDOW].face, linewidth=0)
    axes.add_patch(membrane)
    for index, region in enumerate(layout.regions):
        if region.part is not Part.WINDOW:
            axes.add_patch(outlined(region, f"detail-{index}-{region.name}"))
    gaps = _gaps(plan, layout, panel)
    for name, line in gaps:
        draw_gap(axes, name, line)
    leaders = draw_callouts(axes, panel, _callouts(plan, layout, panel))
    add_tips(axes, layout)
    pads = [Polygon(region.outline_um) for region in layout.of(Part.PAD)]
    lines = [line.buffer(1.0 / panel.mm_per_um) for line in (*leaders, *(line for _, line in gaps))]
    add_scale_bar(axes, panel, [*_framed(layout), *pads, *lines])
    head_panel(figure, "b", _title(plan), bottom_mm + panel.height_mm)


def _framed(layout: ChipLayout) -> list[Polygon]:
    shown = [region for part in FRAMING for region in layout.of(part)]
    return [Polygon(region.outline_um) for region in (*shown, *_halos(layout))]


def _halos(layout: ChipLayout) -> list[Region]:
    return [halo for halo in layout.of(Part.HALO) if not halo.name.startswith(Part.PAD)]


def _title(plan: Plan) -> str:
    lamella = plan.recipe.lamella
    size = extent(lamella.length * UM, plan.recipe.sample.height)
    title = f"Lamella {size}, {quantity(lamella.final_thickness, 'm')} thick"
    placement = lamella.placement
    if placement is None:
        return title
    mirrored = ", mirrored" if placement.mirror else ""
    upright = f", {placement.pose}" if placement.pose is Pose.UPRIGHT else ""
    turned = f"turned {math.degrees(placement.rotation):.3g}°{mirrored}{upright}"
    return f"{title}; corner at x {placement.x:g} µm, y {placement.y:g} µm, {turned}".replace("-", "\u2212")


def _callouts(plan: Plan, layout: ChipLayout, panel: Panel) -> list[Callout]:
    bridge_side, layer_side = _sides(layout)
    layers = zip(plan.recipe.sample.stack, layout.of(Part.LAYER), strict=True)
    named = [
        Callout(f"{layer.name} {quantity(layer.thickness, 'm')}", _midline(region), layer_side)
        for layer, region in layers
    ]
    deposits = _alike(
        [
            Callout(_deposit_text(region), _core(region), bridge_side if region.part is Part.BRIDGE else layer_side)
            for region in (*layout.of(Part.BRIDGE), *layout.of(Part.SUPPORT))
        ]
    )
    others = _alike(
        [
            Callout(_other_text(region), visible, bridge_side if region.part is Part.NOTCH else layer_side)
            for region in (*layout.of(Part.NOTCH), *layout.of(Part.CUT), *layout.of(Part.PAD))
            if not (visible := Polygon(region.outline_um).intersection(panel.view)).is_empty
        ]
    )
    halos = _alike(
        [
            Callout(_halo_text(halo), Polygon(halo.outline_um).exterior, _side_of_halo(halo, bridge_side, layer_side))
            for halo in _halos(layout)
        ],
        counted=False,
    )
    electrodes = [
        Callout(_electrode_text(electrode), visible.buffer(-0.5 / panel.mm_per_um), bridge_side)
        for electrode in layout.of(Part.ELECTRODE)
        if (visible := Polygon(electrode.outline_um).intersection(panel.view)).area > 4.0 / panel.mm_per_um**2
    ]
    gaps = [
        Callout(
            f"gap {name}\n{quantity(line.length * UM, 'm')}",
            line.centroid,
            layer_side if name.startswith(Part.SUPPORT) else bridge_side,
            dot=False,
        )
        for name, line in _gaps(plan, layout, panel)
    ]
    return [*named, *deposits, *others, *halos, *electrodes, *gaps]


def _alike(callouts: list[Callout], *, counted: bool = True) -> list[Callout]:
    """One callout for all that say the same on the same side, with how many they are."""
    found: list[Callout] = []
    for first in {(callout.text, callout.side): callout for callout in reversed(callouts)}.values():
        targets = [each.target for each in callouts if (each.text, each.side) == (first.text, first.side)]
        many = f"{len(targets)} \u00d7 " if counted and len(targets) > 1 else ""
        found.append(Callout(f"{many}{first.text}", union_all(targets), first.side))
    return found


def _sides(layout: ChipLayout) -> tuple[Side, Side]:
    """The column for the bridge's end of the lamella, and the one for its layers."""
    bridge = layout.named("bridge")
    lamella = union_all([Polygon(region.outline_um) for region in layout.of(Part.LAYER)]).centroid
    if bridge is not None and Polygon(bridge.outline_um).centroid.x > lamella.x:
        return "right", "left"
    return "left", "right"


def _side_of_halo(halo: Region, bridge_side: Side, layer_side: Side) -> Side:
    return bridge_side if halo.name.startswith(Part.BRIDGE) else layer_side


def _midline(region: Region) -> LineString:
    """From end to end of a region that is laid out as a rectangle, along the lamella, a little inside."""
    near_lower, far_lower, far_upper, near_upper = region.outline_um
    start, end = LineString([near_lower, near_upper]).centroid, LineString([far_lower, far_upper]).centroid
    whole = LineString([start, end])
    return LineString([whole.interpolate(0.02, normalized=True), whole.interpolate(0.98, normalized=True)])


def _core(region: Region) -> Polygon:
    """The region without its rim, so that a leader ends well inside it."""
    outline = Polygon(region.outline_um)
    return outline.buffer(-0.6 * outline.area / outline.length)


def _deposit_text(region: Region) -> str:
    thick = f"{quantity(region.thickness_m, 'm')} thick"
    if len(region.outline_um) != 4:
        return f"{region.label}\n{Polygon(region.outline_um).area:.3g} µm\u00b2\n{thick}"
    near_lower, far_lower, _, near_upper = region.outline_um
    sides = math.dist(near_lower, far_lower) * UM, math.dist(near_lower, near_upper) * UM
    length, width = max(sides), min(sides)
    return f"{region.label}\n{extent(length, width)}\n{thick}"


def _other_text(region: Region) -> str:
    if region.part is Part.PAD:
        return f"track to {region.label}\n{quantity(region.thickness_m, 'm')} thick"
    if region.part is Part.CUT:
        return f"{region.label}\n{quantity(region.thickness_m, 'm')} deep"
    return "notch: layers milled back"


def _halo_text(halo: Region) -> str:
    return f"{halo.label}\n{quantity(halo.thickness_m, 'm')} thick at edge"


def _electrode_text(electrode: Region) -> str:
    return f"{electrode.label}\n{quantity(electrode.thickness_m, 'm')} thick"


def _gaps(plan: Plan, layout: ChipLayout, panel: Panel) -> list[tuple[str, LineString]]:
    """The shortest lines between what must stay apart, where there is a gap in view: the clearances."""
    layers = union_all([Polygon(region.outline_um) for region in layout.of(Part.LAYER)])
    start = plan.recipe.bridge.start if plan.recipe.bridge is not None else None
    found: list[tuple[str, LineString]] = []
    for electrode in layout.of(Part.ELECTRODE):
        if start in (None, electrode.name):
            line = LineString(nearest_points(Polygon(electrode.outline_um), layers))
            found.append((f"{electrode.label} to lamella", line))
    for name, first, second in KEPT_APART:
        one, other = layout.named(first), layout.named(second)
        if one is not None and other is not None:
            line = LineString(nearest_points(Polygon(one.outline_um), Polygon(other.outline_um)))
            found.append((name, line))
    return [(name, line) for name, line in found if line.length > 0 and line.within(panel.view)]
