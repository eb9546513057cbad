"""Predicted beside measured resistance, path by path, on one logarithmic axis with the zones of the criteria."""

import math
from collections.abc import Iterable
from typing import NamedTuple

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import FixedLocator, NullLocator

from fibplan.figures.canvas import (
    SMALL_PT,
    axes_at,
    headed_sheet,
    legend_at_foot,
    printed,
    quantity,
    shortened,
    watermark,
    write_at,
)
from fibplan.figures.words import DIGITS, bounds, prefixed, resistance
from fibplan.model.interval import Interval
from fibplan.model.path import Above, Below, Criterion
from fibplan.model.plan import Expected, Plan
from fibplan.model.verdict import Grade, Measured, PathVerdict, Verdict
from fibplan.verification.probing import all_paths

ROW_MM = 21.0
FOOT_MM = 20.0
WORDS_MM, CHART_MM = 3.0, (48.0, 67.0)
PREDICTED_AT, MEASURED_AT = 0.33, 0.70
"""Heights of the two bars in a row, from its top."""
ZONES = {Grade.PASS: ("#ffffff", ""), Grade.MARGINAL: ("#e4e4e4", "...."), Grade.FAIL: ("#c4c4c4", "xxxx")}


class Row(NamedTuple):
    """One path with what is known of it."""

    name: str
    criterion: Criterion
    predicted: Interval | None
    short_probability: float
    verdict: PathVerdict | None

    @property
    def measured(self) -> Measured | None:
        return self.verdict.resistance if self.verdict is not None else None


@printed()
def resistances_figure(plan: Plan, expected: Expected | None, verdict: Verdict | None) -> Figure:
    """What was predicted, what was measured, as far as there is any, and what the recipe asks for.

    One row a path in the order of the recipe, resistance in ohm along x.
    """
    rows = _rows(plan, expected, verdict)
    subject = f"{plan.recipe.title}; {verdict.outcome.upper() if verdict is not None else 'nothing measured yet'}"
    rows_mm = ROW_MM * max(1, len(rows))
    figure = headed_sheet("Resistances, predicted and measured", subject, 2.0 + rows_mm + FOOT_MM)
    axes = axes_at(figure, CHART_MM[0], FOOT_MM, CHART_MM[1], rows_mm)
    low, high = _span(rows)
    _prepare(axes, low, high, len(rows))
    for index, row in enumerate(rows):
        _draw_zones(axes, row.criterion, index, (low, high))
        _draw_bars(axes, row, index, (low, high))
        _write_row(figure, row, FOOT_MM + rows_mm - ROW_MM * index - 1.5)
    legend_at_foot(figure, _legend())
    if verdict is not None and verdict.simulated:
        watermark(figure)
    return figure


def _rows(plan: Plan, expected: Expected | None, verdict: Verdict | None) -> list[Row]:
    judged = {path.path: path for path in verdict.paths} if verdict is not None else {}
    predicted = expected.resistances if expected is not None else {}
    shorts = expected.short_probability if expected is not None else {}
    return [
        Row(name, path.criterion, predicted.get(name), shorts.get(name, 0.0), judged.get(name))
        for name, path in all_paths(plan).items()
        if name in plan.recipe.verification or name in judged
    ]


def _span(rows: Iterable[Row]) -> tuple[float, float]:
    """Whole decades around everything there is to see, in ohm."""
    values: list[float] = []
    for row in rows:
        first = row.criterion.below if isinstance(row.criterion, Below) else row.criterion.above
        values += [first, row.criterion.marginal]
        values += [row.predicted.low, row.predicted.high] if row.predicted is not None else []
        if row.measured is not None:
            values += [row.measured.low_ohm, row.measured.expected_ohm or 0.0, row.measured.high_ohm or 0.0]
    exponents = [math.log10(value) for value in values if value > 0.0 and math.isfinite(value)] or [0.0]
    return 10.0 ** math.floor(min(exponents) - 0.3), 10.0 ** math.ceil(max(exponents) + 0.3)


def _prepare(axes: Axes, low: float, high: float, rows: int) -> None:
    axes.set_gid("resistances")
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.set_ylim(max(1, rows), 0)
    axes.set_yticks([])
    decades = range(round(math.log10(low)), round(math.log10(high)) + 1)
    every = 1 if len(decades) <= 7 else 2 if len(decades) <= 13 else 3
    axes.xaxis.set_major_locator(FixedLocator([10.0**decade for decade in decades[::every]]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(prefixed("ohm"))
    axes.set_xlabel("resistance between the tips, log scale", labelpad=1.5)


def _draw_zones(axes: Axes, criterion: Criterion, index: int, span: tuple[float, float]) -> None:
    low, high = span
    if isinstance(criterion, Above):
        edges = (low, criterion.marginal, criterion.above, high)
        grades = (Grade.FAIL, Grade.MARGINAL, Grade.PASS)
    else:
        edges = (low, criterion.below, criterion.marginal, high)
        grades = (Grade.PASS, Grade.MARGINAL, Grade.FAIL)
    for grade, left, right in zip(grades, edges, edges[1:], strict=False):
        face, hatch = ZONES[grade]
        zone = Rectangle((left, index), right - left, 1.0, facecolor=face, hatch=hatch, edgecolor="#8a8a8a")
        zone.set_gid(f"{grade}-{index}")
        axes.add_patch(zone)
    axes.axhline(index, color="black", linewidth=0.6)


def _draw_bars(axes: Axes, row: Row, index: int, span: tuple[float, float]) -> None:
    predicted = row.predicted
    if predicted is not None:
        _bar(axes, (predicted.low, predicted.high), index + PREDICTED_AT, f"predicted-{row.name}", face="white")
        axes.plot(
            [predicted.expected] * 2,
            [index + PREDICTED_AT - 0.11, index + PREDICTED_AT + 0.11],
            color="black",
            zorder=5,
        )
    if row.measured is not None:
        _draw_measured(axes, row.measured, index + MEASURED_AT, f"measured-{row.name}", span)


def _draw_measured(axes: Axes, measured: Measured, y: float, name: str, span: tuple[float, float]) -> None:
    """The bounds; where one is not known, an arrow to that end of the axis."""
    low = measured.low_ohm if measured.low_ohm > 0.0 else span[0]
    high = measured.high_ohm if measured.high_ohm is not None else span[1]
    _bar(axes, (low, high), y, name, face="black")
    if measured.low_ohm <= 0.0:
        axes.plot([low], [y], "<", color="black", markeredgecolor="white", markersize=6.0, clip_on=False, zorder=6)
    if measured.high_ohm is None:
        axes.plot([high], [y], ">", color="black", markeredgecolor="white", markersize=6.0, clip_on=False, zorder=6)
    if measured.expected_ohm is not None:
        axes.plot([measured.expected_ohm], [y], "D", color="black", markeredgecolor="white", markersize=4.5, zorder=6)


def _bar(axes: Axes, ends: tuple[float, float], y: float, name: str, *, face: str) -> None:
    half = 0.11 if face == "white" else 0.04
    bar = Rectangle((ends[0], y - half), ends[1] - ends[0], 2 * half, facecolor=face, edgecolor="black", linewidth=0.8)
    bar.set(zorder=4, gid=name)
    axes.add_patch(bar)


def _write_row(figure: Figure, row: Row, top_mm: float) -> None:
    width = CHART_MM[0] - WORDS_MM - 1.0
    grade = row.verdict.grade.upper() if row.verdict is not None else ""
    name = row.name.replace("isolation-", "to the ").replace("_", " ")
    named = f"{name}: {grade}" if grade else name
    whole = shortened(named, width) == named
    write_at(figure, WORDS_MM, top_mm, named if whole else shortened(name, width), bold=True)
    lines = _lines(row) if whole else [grade, *_lines(row)]
    write_at(figure, WORDS_MM, top_mm - 3.2, "\n".join(lines), size=SMALL_PT)


def _lines(row: Row) -> list[str]:
    if isinstance(row.criterion, Above):
        lines = [f"must insulate: above {quantity(row.criterion.above, 'ohm')}"]
    else:
        lines = [f"must conduct: below {quantity(row.criterion.below, 'ohm')}"]
    predicted = row.predicted
    if predicted is not None:
        ends = f"{quantity(predicted.low, 'ohm')} to {quantity(predicted.high, 'ohm')}"
        lines += [f"predicted {quantity(predicted.expected, 'ohm')}", f"    {ends} (coverage {predicted.coverage:.0%})"]
    lines += _measured_lines(row.measured)
    if row.short_probability > 0.0:
        lines.append(f"chance that the halo shorts it {row.short_probability:.1%}")
    return lines


def _measured_lines(measured: Measured | None) -> list[str]:
    if measured is None:
        return ["not measured"]
    if measured.expected_ohm is None:
        return [f"measured {resistance(measured)}"]
    return [f"measured {quantity(measured.expected_ohm, 'ohm', DIGITS)}", f"    {bounds(measured)}"]


def _legend() -> list[Artist]:
    zones = [
        Patch(facecolor=face, hatch=hatch, edgecolor="#8a8a8a", label=grade) for grade, (face, hatch) in ZONES.items()
    ]
    bars = [
        Patch(facecolor="white", edgecolor="black", linewidth=0.8, label="predicted, with the median"),
        Line2D([], [], color="black", linewidth=2.2, marker="D", markersize=4.0, label="measured"),
        Line2D([], [], color="black", marker=">", markersize=4.5, linestyle="", label="no bound on that side"),
    ]
    return [*zones, *bars]
