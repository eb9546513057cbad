"""A plan-view panel: which part of the chip it shows, and how large that is on the sheet."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from shapely import LineString, Polygon, box, union_all
from shapely.geometry.base import BaseGeometry

from fibplan.figures.canvas import SCALE_BAR_MM, axes_at, scale_bar, write_at

Bounds = tuple[float, float, float, float]
"""Least x, least y, most x, most y, in um."""


@dataclass(frozen=True)
class Panel:
    """The edges of the view in um, chip frame, and the one scale of both its axes."""

    x0: float
    y0: float
    x1: float
    y1: float
    mm_per_um: float

    @property
    def height_mm(self) -> float:
        return (self.y1 - self.y0) * self.mm_per_um

    @property
    def width_mm(self) -> float:
        return (self.x1 - self.x0) * self.mm_per_um

    @property
    def view(self) -> Polygon:
        return box(self.x0, self.y0, self.x1, self.y1)


def fitted(bounds: Bounds, width_mm: float, least_mm: float, most_mm: float) -> Panel:
    """A panel of that width that shows at least ``bounds``, in the middle, between two heights."""
    x0, y0, x1, y1 = bounds
    scale = min(width_mm / (x1 - x0), most_mm / (y1 - y0))
    half_width = width_mm / scale / 2
    half_height = max((y1 - y0) * scale, least_mm) / scale / 2
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    return Panel(x - half_width, y - half_height, x + half_width, y + half_height, scale)


def with_room_below(panel: Panel, height_mm: float) -> Panel:
    """The same panel at the same scale, so much taller at its foot."""
    return replace(panel, y0=panel.y0 - height_mm / panel.mm_per_um)


def grown(bounds: Bounds, margin_um: float) -> Bounds:
    """The bounds with a margin on every side."""
    x0, y0, x1, y1 = bounds
    return x0 - margin_um, y0 - margin_um, x1 + margin_um, y1 + margin_um


def open_axes(figure: Figure, panel: Panel, left_mm: float, bottom_mm: float, name: str) -> Axes:
    """Axes in micrometres, with the same scale along both."""
    axes = axes_at(figure, left_mm, bottom_mm, panel.width_mm, panel.height_mm)
    axes.set_gid(name)
    axes.set_xlim(panel.x0, panel.x1)
    axes.set_ylim(panel.y0, panel.y1)
    return axes


def head_panel(figure: Figure, letter: str, text: str, above_mm: float) -> None:
    """The panel's letter and heading over a frame that ends ``above_mm`` above the sheet's lower edge."""
    write_at(figure, 3.0, above_mm + 3.6, letter, bold=True)
    write_at(figure, 7.0, above_mm + 3.6, text)


def add_scale_bar(axes: Axes, panel: Panel, drawn: Iterable[BaseGeometry]) -> None:
    """A scale bar in the corner, or in the middle of the edge, where it hides least of what is ``drawn``."""
    mm = 1.0 / panel.mm_per_um
    width, height = (side * mm for side in SCALE_BAR_MM)
    columns = (panel.x0 + 1.2 * mm, panel.x1 - 1.2 * mm - width, (panel.x0 + panel.x1 - width) / 2)
    rows = (panel.y0 + 1.2 * mm, panel.y1 - 1.2 * mm - height)
    corners = [(x, y) for y in rows for x in columns]
    covered = union_all(list(drawn))

    def hidden(corner: tuple[float, float]) -> float:
        x, y = corner
        return float(box(x, y, x + width, y + height).intersection(covered).area)

    scale_bar(axes, min(corners, key=hidden), panel.mm_per_um)


def draw_gap(axes: Axes, name: str, line: LineString) -> None:
    """A line with a bar at either end, found again under ``gap-`` and its name."""
    (x0, y0), (x1, y1) = line.coords
    arrow = axes.annotate(
        "",
        (x1, y1),
        (x0, y0),
        arrowprops={
            "arrowstyle": "|-|,widthA=0.3,widthB=0.3",
            "shrinkA": 0,
            "shrinkB": 0,
            "linewidth": 1.0,
            "mutation_scale": 5,
            "path_effects": [withStroke(linewidth=2.6, foreground="white")],
        },
        zorder=8,
    )
    arrow.set_gid(f"gap-{name.replace(' ', '-')}")
