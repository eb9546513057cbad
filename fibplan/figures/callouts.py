"""Labels in a column beside a panel, each with a leader to the thing it names; no two labels touch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from matplotlib.axes import Axes
from shapely import LineString, Point
from shapely.ops import nearest_points

from fibplan.figures.canvas import LINE_MM, wrapped
from fibplan.figures.panel import Panel

Side = Literal["left", "right"]


COLUMN_MM = 28.0
"""The room for the labels on either side of the panel."""


@dataclass(frozen=True)
class Callout:
    """A label and the shape (um) that its leader may end on, wherever that is shortest."""

    text: str
    target: Any
    side: Side
    dot: bool = True

    @property
    def label(self) -> str:
        """The text, with every line that is too long for the column broken."""
        return "\n".join(wrapped(line, COLUMN_MM - 3.0) for line in self.text.split("\n"))

    @property
    def height_mm(self) -> float:
        return (self.label.count("\n") + 1) * LINE_MM + 1.0


def column_height_mm(callouts: Sequence[Callout]) -> float:
    """The height that the fuller of the two columns needs."""
    sides: tuple[Side, Side] = ("left", "right")
    return max(sum(callout.height_mm for callout in callouts if callout.side == side) for side in sides)


def draw_callouts(axes: Axes, panel: Panel, callouts: Sequence[Callout]) -> list[LineString]:
    """Both columns, from bottom to top in the order in which their targets lie; the leaders (um) that were drawn."""
    leaders: list[LineString] = []
    for side, edge in (("left", panel.x0), ("right", panel.x1)):
        middle = Point(edge, (panel.y0 + panel.y1) / 2)
        found = [(_nearest(callout, middle)[1], callout) for callout in callouts if callout.side == side]
        column = sorted(found, key=lambda entry: entry[0])
        mm = 1.0 / panel.mm_per_um
        heights = [callout.height_mm * mm for _, callout in column]
        places = spread([wanted for wanted, _ in column], heights, panel.y0, panel.y1)
        outwards = -mm if side == "left" else mm
        for (_, callout), y in zip(column, places, strict=True):
            leaders.append(_draw(axes, callout, (edge + 1.8 * outwards, y), edge + 2.3 * outwards))
    return leaders


def spread(wanted: Sequence[float], heights: Sequence[float], low: float, high: float) -> list[float]:
    """Centres in the given rising order, near what is wanted, clear of each other and, with room, inside the ends.

    >>> spread([1.0, 1.1, 5.0], [1.0, 1.0, 1.0], 0.0, 6.0)
    [1.0, 2.0, 5.0]
    """
    centres: list[float] = []
    floor = low
    for want, height in zip(wanted, heights, strict=True):
        centres.append(max(want, floor + height / 2))
        floor = centres[-1] + height / 2
    ceiling = high
    for index in reversed(range(len(centres))):
        centres[index] = min(centres[index], ceiling - heights[index] / 2)
        ceiling = centres[index] - heights[index] / 2
    return centres


def _draw(axes: Axes, callout: Callout, attach: tuple[float, float], text_x: float) -> LineString:
    x, y = _nearest(callout, Point(attach))
    axes.plot([attach[0], x], [attach[1], y], color="white", linewidth=1.6, clip_on=False, zorder=6)
    axes.plot([attach[0], x], [attach[1], y], color="black", linewidth=0.5, clip_on=False, zorder=7)
    if callout.dot:
        axes.plot([x], [y], "o", color="black", markeredgecolor="white", markeredgewidth=0.4, markersize=2.6, zorder=7)
    axes.text(
        text_x,
        attach[1],
        callout.label,
        ha="right" if callout.side == "left" else "left",
        va="center",
        linespacing=1.2,
        clip_on=False,
    )
    return LineString([attach, (x, y)])


def _nearest(callout: Callout, point: Point) -> tuple[float, float]:
    found = nearest_points(callout.target, point)[0]
    return float(found.x), float(found.y)
