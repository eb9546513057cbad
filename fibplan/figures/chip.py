"""The plan view of the chip: the window with its electrodes, and below it the lamella in detail."""

import math

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon as Outline
from matplotlib.patches import Rectangle
from shapely import LineString, Point, Polygon, box, shortest_line, union_all
from shapely.geometry.base import BaseGeometry

from fibplan.figures.canvas import (
    BODY_PT,
    LINE_MM,
    SMALL_PT,
    WIDTH_MM,
    extent,
    head,
    heading_mm,
    new_figure,
    printed,
    quantity,
    wrapped,
    write_at,
)
from fibplan.figures.detail import DETAIL_HEADING_MM, detail_panel, draw_detail
from fibplan.figures.fills import FRAME, LAYERS, PARTS, add_tips, fiducial_swatch, outlined, swatch, tip_swatch
from fibplan.figures.panel import Bounds, Panel, add_scale_bar, draw_gap, fitted, grown, head_panel, open_axes
from fibplan.model.base import PointUm
from fibplan.model.layout import ChipLayout, Part, TipPlace
from fibplan.model.plan import Plan
from fibplan.model.recipe import Role

UM = 1e-6
MARGIN_MM = 3.0
NOTES_MM = 1.1 * WIDTH_MM
"""Type as small as that of the notes fits on a line of body text this long."""
SMALL_LINE_MM = LINE_MM * SMALL_PT / BODY_PT
LEGEND_COLUMNS = 4
IN_LEGEND = (
    Part.BRIDGE, Part.SUPPORT, Part.PAD, Part.NOTCH, Part.CUT, Part.HALO, Part.PASSIVATION, Part.WINDOW,
)  # fmt: skip
PLATE = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
"""Keeps letters legible on a hatched ground."""


@printed()
def chip_figure(plan: Plan) -> Figure:
    """The same as a figure, whose axes are in micrometres of the chip frame."""
    layout = plan.layout
    assert layout is not None
    overview, detail = _overview_panel(layout), detail_panel(plan, layout)
    entries, notes = _legend_entries(layout), _notes(layout)
    notes_mm = SMALL_LINE_MM * notes.count("\n")
    legend_mm = 4.2 * -(-len(entries) // LEGEND_COLUMNS) + 2.0 + notes_mm
    below_overview = 6.0 + legend_mm + detail.height_mm + DETAIL_HEADING_MM + 5.0
    height = below_overview + 6.0 + overview.height_mm + 7.0 + heading_mm(plan.recipe.title)
    figure = new_figure(height)
    head(figure, "The lamella on the chip, plan view", plan.recipe.title)
    _draw_overview(figure, layout, overview, detail, below_overview + 6.0)
    draw_detail(figure, plan, layout, detail, 6.0 + legend_mm)
    figure.legend(
        handles=entries,
        loc="lower left",
        ncols=LEGEND_COLUMNS,
        bbox_to_anchor=(0.01, (5.0 + notes_mm) / height),
        borderaxespad=0.0,
    )
    write_at(figure, MARGIN_MM, 4.2 + notes_mm, notes, size=SMALL_PT)
    return figure


def _overview_panel(layout: ChipLayout) -> Panel:
    """The window, what tips land on beside it, and the lamella should it lie outside, with a margin."""
    shown = [region for region in layout.regions if region.part not in (Part.ELECTRODE, Part.PASSIVATION)]
    tips = [Point(tip.place_um).buffer(1.0) for tip in _tips_in_view(layout)]
    x0, y0, x1, y1 = union_all([*tips, *(Polygon(region.outline_um) for region in shown)]).bounds
    bounds: Bounds = grown((x0, y0, x1, y1), 0.05 * max(x1 - x0, y1 - y0))
    return fitted(bounds, WIDTH_MM - 11.0 - MARGIN_MM, 20.0, 55.0)


def _tips_in_view(layout: ChipLayout) -> list[TipPlace]:
    """Those that land no farther from the window than it is wide."""
    window = Polygon(layout.of(Part.WINDOW)[0].outline_um)
    x0, _, x1, _ = window.bounds
    return [tip for tip in layout.tips if window.distance(Point(tip.place_um)) <= x1 - x0]


def _draw_overview(figure: Figure, layout: ChipLayout, panel: Panel, detail: Panel, bottom_mm: float) -> None:
    axes = open_axes(figure, panel, 11.0, bottom_mm, "overview")
    _draw_ground(axes, layout, panel)
    for index, region in enumerate(layout.regions):
        axes.add_patch(outlined(region, f"overview-{index}-{region.name}"))
    inset = Rectangle((detail.x0, detail.y0), *_size(detail), facecolor="none", edgecolor="black", linewidth=0.9)
    axes.add_patch(inset)
    letter = _write_letter(axes, panel, detail)
    add_tips(axes, layout)
    margin = _to_window_edge(layout)
    written = [letter]
    if margin is not None:
        draw_gap(axes, "lamella to window edge", margin)
        written.append(margin.buffer(1.0 / panel.mm_per_um))
        frame = detail.view.exterior.buffer(0.3 / panel.mm_per_um)
        written.append(_write_margin(axes, panel, margin, layout, frame))
    written += [Point(tip.place_um).buffer(2.0 / panel.mm_per_um) for tip in layout.tips]
    written += _draw_fiducials(axes, layout, panel)
    for electrode in layout.of(Part.ELECTRODE):
        free = Polygon(electrode.outline_um).difference(
            union_all([detail.view.buffer(2.5 / panel.mm_per_um), *written])
        )
        spots = free.intersection(panel.view.buffer(-2.5 / panel.mm_per_um))
        if not spots.is_empty:
            spot = spots.representative_point()
            axes.text(spot.x, spot.y, electrode.label, weight="bold", ha="center", va="center", bbox=PLATE)
    shown = [Polygon(region.outline_um) for region in layout.regions if region.part is not Part.WINDOW]
    add_scale_bar(axes, panel, [*shown, *written])
    axes.set_xlabel("x, chip frame (µm)", labelpad=1.5)
    axes.set_ylabel("y (µm)", labelpad=0.5)
    head_panel(figure, "a", _overview_title(layout, panel), bottom_mm + panel.height_mm)


def _draw_ground(axes: Axes, layout: ChipLayout, panel: Panel) -> None:
    """The chip around its window: as far as its edge where that is known, and otherwise all over the panel."""
    if layout.die_um is None:
        ground = Rectangle((panel.x0, panel.y0), *_size(panel), linewidth=0.0)
    else:
        ground = Outline(layout.die_um, edgecolor="black", linewidth=0.9)
    ground.set(facecolor=FRAME.face, hatch=FRAME.hatch, gid="overview-chip")
    axes.add_patch(ground)


def _draw_fiducials(axes: Axes, layout: ChipLayout, panel: Panel) -> list[Polygon]:
    """A cross and a number at each mark in view, the number away from the middle; the boxes (um) that they take."""
    mm = 1.0 / panel.mm_per_um
    taken: list[Polygon] = []
    for number, mark in enumerate(layout.fiducials, 1):
        x, y = mark.place_um
        if not panel.view.contains(Point(x, y)):
            continue
        for width, color, above in ((2.2, "white", 7), (0.9, "black", 8)):
            axes.plot([x], [y], "+", color=color, markersize=6.0, markeredgewidth=width, zorder=above)
        at = x + math.copysign(2.6 * mm, x), y + math.copysign(1.6 * mm, y)
        label = axes.text(*at, str(number), size=SMALL_PT, ha="center", va="center", bbox=PLATE, zorder=8)
        label.set_gid(f"fiducial-{number}")
        taken.append(
            box(min(x, at[0]) - 1.8 * mm, min(y, at[1]) - 1.8 * mm, max(x, at[0]) + 1.8 * mm, max(y, at[1]) + 1.8 * mm)
        )
    return taken


def _notes(layout: ChipLayout) -> str:
    """What the numbers at the fiducials mean, which tips land outside, and whose drawing the chip is."""
    named = [f"{number}\u00a0{mark.name} ({_place(mark.place_um)})" for number, mark in enumerate(layout.fiducials, 1)]
    marks = [wrapped(f"Fiducials: {'; '.join(named)}.", NOTES_MM)] if named else []
    near = _tips_in_view(layout)
    far = [tip for tip in layout.tips if tip not in near]
    labels = {electrode.name: electrode.label for electrode in layout.of(Part.ELECTRODE)}
    named = [(labels.get(tip.terminal, tip.terminal.replace("_", " ")), tip) for tip in far]
    tips = [f"The tip on the {name} lands outside a, at {_place(tip.place_um)}." for name, tip in named]
    return "\n".join([*marks, *tips, wrapped(f"Outlines of the chip: {layout.drawing}.", NOTES_MM)])


def _place(place_um: PointUm) -> str:
    x, y = place_um
    return f"x\u00a0{x:g}\u00a0\u00b5m, y\u00a0{y:g}\u00a0\u00b5m".replace("-", "\u2212")


def _write_letter(axes: Axes, panel: Panel, detail: Panel) -> Polygon:
    """The letter of the detail beside its frame, on the side with room; the box (um) that it takes."""
    mm = 1.0 / panel.mm_per_um
    x = detail.x0 - 2.5 * mm if detail.x1 + 5.0 * mm > panel.x1 else detail.x1 + 2.5 * mm
    axes.text(x, detail.y1, "b", weight="bold", ha="center", va="top", bbox=PLATE)
    return box(x - 4.0 * mm, detail.y1 - 5.0 * mm, x + 4.0 * mm, detail.y1 + 3.0 * mm)


def _to_window_edge(layout: ChipLayout) -> LineString | None:
    """The shortest line from the lamella to the edge of the window that it lies in."""
    window = Polygon(layout.of(Part.WINDOW)[0].outline_um)
    lamella = union_all([Polygon(region.outline_um) for region in layout.of(Part.LAYER)])
    if not window.contains(lamella):
        return None
    line = shortest_line(lamella, window.exterior)
    return line if line.length > 0 else None


def _write_margin(axes: Axes, panel: Panel, margin: LineString, layout: ChipLayout, frame: BaseGeometry) -> Polygon:
    """The length of that line beside it, where it hides least; the box (um) that it takes."""
    mm = 1.0 / panel.mm_per_um
    (x0, y0), (x1, y1) = margin.coords
    across = abs(y1 - y0) > abs(x1 - x0)
    spots = [margin.interpolate(share, normalized=True) for share in (0.7, 0.9, 0.5, 1.0)]
    off = (7.0 * mm, 0.0) if across else (0.0, 2.6 * mm)
    middles = [(spot.x + side * off[0], spot.y + side * off[1]) for spot in spots for side in (1, -1)]
    shown = [Polygon(region.outline_um) for region in layout.regions if region.part is not Part.WINDOW]
    drawn = union_all([*shown, frame])
    room = {(x, y): box(x - 5.5 * mm, y - 1.8 * mm, x + 5.5 * mm, y + 1.8 * mm) for x, y in middles}
    x, y = min(middles, key=lambda middle: _hidden(room[middle], drawn, panel.view))
    axes.text(x, y, quantity(margin.length * UM, "m"), ha="center", va="center", bbox=PLATE, zorder=9)
    return room[x, y]


def _hidden(label: Polygon, drawn: BaseGeometry, view: Polygon) -> float:
    """How much of what is drawn a label hides, and how much of it lies outside the panel (um2)."""
    return float(label.intersection(drawn).area + 10 * label.difference(view).area)


def _overview_title(layout: ChipLayout, panel: Panel) -> str:
    window = layout.of(Part.WINDOW)[0]
    x0, y0, x1, y1 = Polygon(window.outline_um).bounds
    size = extent((x1 - x0) * UM, (y1 - y0) * UM)
    title = f"{window.label} {size}, {quantity(window.thickness_m, 'm')} thick"
    if layout.die_um is not None:
        x0, y0, x1, y1 = Polygon(layout.die_um).bounds
        title += f"; chip {extent((x1 - x0) * UM, (y1 - y0) * UM)}"
    electrodes = layout.of(Part.ELECTRODE)
    away = [entry.label for entry in electrodes if not Polygon(entry.outline_um).intersects(panel.view)]
    return f"{title}; not in this view: {', '.join(away)}" if away else title


def _size(panel: Panel) -> tuple[float, float]:
    return panel.x1 - panel.x0, panel.y1 - panel.y0


def _legend_entries(layout: ChipLayout) -> list[Artist]:
    roles = dict.fromkeys(Role(region.name) for region in layout.of(Part.LAYER))
    layers = [swatch(LAYERS[role], role.replace("_", " ")) for role in roles]
    electrode = swatch(PARTS[Part.ELECTRODE], "chip electrode")
    named = [layout.of(part)[0] for part in IN_LEGEND if layout.of(part)]
    parts = [swatch(PARTS[region.part], region.label) for region in named]
    tips = [tip_swatch()] if layout.tips else []
    marks = [fiducial_swatch()] if layout.fiducials else []
    return [*layers, electrode, *parts, swatch(FRAME, "frame of the chip"), *tips, *marks]
