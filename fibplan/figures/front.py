"""Yield against deposition time: the designs that nothing dominates, the recipe's bridge and the proposed one."""

from typing import Any, NamedTuple

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, MaxNLocator

from fibplan.advice.design.propose import BridgeProposal, Point
from fibplan.figures.canvas import (
    SMALL_PT,
    axes_at,
    headed_sheet,
    legend_at_foot,
    printed,
    quantity,
    write_at,
)

CHART_MM = (14.0, 98.0, 52.0)
"""Left edge, width and height of the axes."""
AXIS_MM, ROW_MM, FOOT_MM = 10.0, 4.2, 12.0
COLUMNS_MM = {
    "": 3.0,
    "time": 7.5,
    "accepted": 21.0,
    "width": 46.0,
    "thickness": 57.0,
    "overlaps": 71.0,
    "landing": 86.0,
    "bridge": 104.0,
}
MARKS: dict[str, dict[str, Any]] = {
    "as it is": {"marker": "s", "markerfacecolor": "white", "markersize": 6.5},
    "proposed": {"marker": "o", "markerfacecolor": "black", "markersize": 5.5},
    "": {"marker": "o", "markerfacecolor": "white", "markersize": 4.5},
}
LABEL_PT = (0.0, 7.5)
"""From a point's upper end to its number."""


class Row(NamedTuple):
    """A design with its number in the figure, and what it is."""

    number: int
    kind: str
    point: Point


@printed()
def front_figure(proposal: BridgeProposal) -> Figure:
    """Every design of the front with the interval of its yield, numbered, and what each is below.

    Minutes along x, per cent along y.
    """
    rows = _rows(proposal)
    table_mm = ROW_MM * (len(rows) + 1)
    below = CHART_MM[2] + AXIS_MM + table_mm + FOOT_MM
    status = proposal.present.accepted.status
    subject = (
        f"{proposal.present.plan.recipe.title}; {proposal.front_samples} samples each, seed {proposal.seed}; {status}"
    )
    figure = headed_sheet("Yield against the time for bridge and cuts", subject, below + 2.0)
    axes = axes_at(figure, CHART_MM[0], FOOT_MM + table_mm + AXIS_MM, CHART_MM[1], CHART_MM[2])
    _prepare(axes, proposal, rows)
    _draw_steps(axes, proposal)
    for row in rows:
        _draw_point(axes, row)
    _write_table(figure, rows, FOOT_MM + table_mm)
    legend_at_foot(figure, _legend())
    return figure


def _rows(proposal: BridgeProposal) -> list[Row]:
    """The front from the fastest on, and the recipe's own bridge among them."""
    own = proposal.present
    points = [*proposal.front, *([own] if all(point.design != own.design for point in proposal.front) else [])]
    points.sort(key=lambda point: (point.time_s, point.accepted.expected))
    chosen = proposal.chosen
    kinds = ["proposed" if point is chosen else "as it is" if point.design == own.design else "" for point in points]
    return [Row(number, kind, point) for number, (kind, point) in enumerate(zip(kinds, points, strict=True), 1)]


def _prepare(axes: Axes, proposal: BridgeProposal, rows: list[Row]) -> None:
    axes.set_gid("front")
    longest = max(proposal.most_s, *(row.point.time_s for row in rows)) / 60
    axes.set_xlim(0.0, 1.06 * longest)
    axes.set_ylim(0.0, 112.0)
    axes.yaxis.set_major_locator(FixedLocator([0, 20, 40, 60, 80, 100]))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=10, integer=True))
    axes.grid(axis="y", color="#cccccc", linewidth=0.4)
    axes.set_axisbelow(True)
    axes.set_xlabel("expected time for bridge and cuts, with what person and stage take (min)", labelpad=1.5)
    axes.set_ylabel("accepted, %", labelpad=1.5)
    limit = axes.axvline(proposal.most_s / 60, color="black", linewidth=0.6, linestyle=(0, (4, 3)), zorder=1)
    limit.set_gid("allowed")


def _draw_steps(axes: Axes, proposal: BridgeProposal) -> None:
    """What is reached within each time."""
    times = [*(point.time_s / 60 for point in proposal.front), proposal.most_s / 60]
    shares = [100 * point.accepted.expected for point in proposal.front]
    if shares:
        (line,) = axes.step(times, [*shares, shares[-1]], where="post", color="#707070", linewidth=0.8, zorder=2)
        line.set_gid("reached")


def _draw_point(axes: Axes, row: Row) -> None:
    share, minutes = row.point.accepted, row.point.time_s / 60
    whisker = axes.vlines(minutes, 100 * share.low, 100 * share.high, color="black", linewidth=0.8, zorder=3)
    whisker.set_gid(f"interval-{row.number}")
    (mark,) = axes.plot(
        [minutes], [100 * share.expected], color="black", linestyle="", zorder=5, clip_on=False, **MARKS[row.kind]
    )
    mark.set_gid(f"point-{row.number}")
    axes.annotate(
        str(row.number), (minutes, 100 * share.high), LABEL_PT, textcoords="offset points", ha="center", va="center",
        size=SMALL_PT, weight="bold" if row.kind else "normal",
    )  # fmt: skip


def _write_table(figure: Figure, rows: list[Row], top_mm: float) -> None:
    for heading, left in COLUMNS_MM.items():
        write_at(figure, left, top_mm, heading, size=SMALL_PT, bold=True)
    for place, row in enumerate(rows, 1):
        for (heading, left), text in zip(COLUMNS_MM.items(), _cells(row), strict=True):
            bold = heading == "" or bool(row.kind)
            write_at(figure, left, top_mm - ROW_MM * place, text, size=SMALL_PT, bold=bold)


def _cells(row: Row) -> tuple[str, ...]:
    design, share = row.point.design, row.point.accepted
    landing = design.landing.short.replace(" um", " \u00b5m") + (", cut" if design.cut else "")
    return (
        str(row.number),
        f"{row.point.time_s / 60:.1f} min",
        f"{100 * share.expected:.0f} % ({100 * share.low:.0f} to {100 * share.high:.0f})",
        f"{design.width_um:g} \u00b5m",
        quantity(design.thickness_m, "m"),
        f"{design.overlap_electrode_um:g}, {design.overlap_lamella_um:g} \u00b5m",
        landing,
        row.kind,
    )


def _legend() -> list[Artist]:
    return [
        Line2D([], [], color="black", linestyle="", label="the recipe's bridge", **MARKS["as it is"]),
        Line2D([], [], color="black", linestyle="", label="proposed", **MARKS["proposed"]),
        Line2D([], [], color="black", linestyle="", label="no other dominates it", **MARKS[""]),
        Line2D([], [], color="black", linewidth=0.8, label="90 % interval of the samples"),
        Line2D([], [], color="#707070", linewidth=0.8, label="reached within that time"),
        Line2D([], [], color="black", linewidth=0.6, linestyle=(0, (4, 3)), label="time allowed"),
    ]
