"""How far each tolerance alone moves each resistance: bars from one end to the other, the longest on top."""

import math

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from fibplan.figures.canvas import (
    LINE_MM,
    SMALL_PT,
    axes_at,
    headed_sheet,
    legend_at_foot,
    printed,
    shortened,
    write_at,
)
from fibplan.figures.limits import REJECTED, limit_axis, limit_words, marginal_line, span_of
from fibplan.model.plan import Plan
from fibplan.planning.tolerance.result import Influence, Tolerance

ROW_MM, TITLE_MM, AXIS_MM, FOOT_MM = 6.4, 5.0, 9.5, 14.0
WORDS_MM, CHART_MM, SHARE_MM = 3.0, (50.0, 51.0), 103.5
LEAST_FACTOR = 1.02
"""A control that moves the resistance by less has no bar."""
MOST_ROWS = 12
EN_DASH = "\u2013"
INDEX = "total index: share of the variance of log R that stays while only this is unknown"
FACES = {"lower": "white", "higher": "#707070"}


@printed()
def tornado_figure(plan: Plan, tolerance: Tolerance) -> Figure:
    """Each path with each control at the 5 % and at the 95 % end of its spread, all else as expected.

    One panel a path, resistance in ohm along x.
    """
    rows = {name: _rows(tolerance, name) for name in tolerance.paths}
    heights = {name: TITLE_MM + ROW_MM * max(1, len(found)) + AXIS_MM for name, found in rows.items()}
    figure = headed_sheet(
        "What each tolerance does alone", f"{plan.recipe.title}; {INDEX}", 2.0 + sum(heights.values()) + FOOT_MM
    )
    foot_mm = FOOT_MM + sum(heights.values())
    for name, found in rows.items():
        foot_mm -= heights[name]
        _draw_panel(figure, plan, tolerance, (name, found), foot_mm + AXIS_MM)
    legend_at_foot(figure, _legend())
    return figure


def _rows(tolerance: Tolerance, path: str) -> list[Influence]:
    """The controls that move the path, the widest swing first."""

    def swing(each: Influence) -> float:
        low, high = each.swings[path]
        return math.log(high / low)

    moving = [each for each in tolerance.ranking if swing(each) >= math.log(LEAST_FACTOR)]
    return sorted(moving, key=swing, reverse=True)[:MOST_ROWS]


def _draw_panel(
    figure: Figure, plan: Plan, tolerance: Tolerance, path: tuple[str, list[Influence]], bottom_mm: float
) -> None:
    name, rows = path
    planned, criterion = tolerance.paths[name].planned, plan.recipe.verification[name].criterion
    height_mm = ROW_MM * max(1, len(rows))
    axes = axes_at(figure, CHART_MM[0], bottom_mm, CHART_MM[1], height_mm)
    axes.set_gid(f"tornado-{name}")
    span = span_of([planned, *(ohm for each in rows for ohm in each.swings[name])], criterion)
    limit_axis(axes, span, criterion)
    axes.set_ylim(max(1, len(rows)), 0)
    axes.set_yticks([])
    axes.set_xlabel("resistance between the tips, log scale", labelpad=1.5)
    top = bottom_mm + height_mm
    write_at(figure, WORDS_MM, top + TITLE_MM - 1.2, f"{name}: {limit_words(criterion)}", bold=True)
    write_at(figure, SHARE_MM, top + TITLE_MM - 1.2, "total index", size=SMALL_PT)
    for place, each in enumerate(rows):
        _draw_bar(axes, each.swings[name], planned, place, span)
        _write_row(figure, each, name, top - ROW_MM * place - 0.9)
    axes.axvline(min(max(planned, span[0]), span[1]), color="black", linewidth=0.6, zorder=5)
    if not rows:
        write_at(figure, WORDS_MM, top - 2.0, "nothing that strays moves it")


def _draw_bar(axes: Axes, swing: tuple[float, float], planned: float, place: int, span: tuple[float, float]) -> None:
    """From the plan to either end; an arrow where an end lies beyond the axis."""
    inside = min(max(planned, span[0]), span[1])
    for (side, face), end in zip(FACES.items(), swing, strict=True):
        drawn = min(max(end, span[0]), span[1])
        left, right = sorted((inside, drawn))
        bar = Rectangle((left, place + 0.2), right - left, 0.6, facecolor=face, edgecolor="black")
        bar.set(zorder=4, gid=f"{side}-{place}", linewidth=0.6)
        axes.add_patch(bar)
        if drawn != end:
            axes.plot([drawn], [place + 0.5], ">" if end > drawn else "<", color="black", markersize=4.5, zorder=6,
                      clip_on=False)  # fmt: skip


def _write_row(figure: Figure, each: Influence, path: str, top_mm: float) -> None:
    width = CHART_MM[0] - WORDS_MM - 1.0
    write_at(figure, WORDS_MM, top_mm, shortened(each.control.replace("_", " "), width), bold=True)
    write_at(figure, WORDS_MM, top_mm - LINE_MM, shortened(_printed_spans(each), width * 1.3), size=SMALL_PT)
    found = each.indices.get(path)
    if found is not None:
        share = f"{100 * min(max(found.total.value, 0.0), 1.0):.0f} \u00b1 {100 * found.total.error:.0f} %"
        write_at(figure, SHARE_MM, top_mm - LINE_MM / 2, share)


def _printed_spans(each: Influence) -> str:
    """From where to where, spelled as in print; members by their last word, which tells them apart."""
    spans = each.strays.items()
    single = len(set(each.strays.values())) == 1
    apart = (f"{name.split()[-1]} {span.replace(' to ', EN_DASH)}" for name, span in spans)
    text = each.spans if single else ", ".join(apart)
    for ours, theirs in (("+-", "\u00b1"), ("ohm", "\u03a9"), (" u", " \u00b5"), ("cm2", "cm\u00b2")):
        text = text.replace(ours, theirs)
    return text


def _legend() -> list[Artist]:
    bars = [
        Patch(facecolor=face, edgecolor="black", linewidth=0.6, label=f"{side} of its 5 % and 95 % ends")
        for side, face in FACES.items()
    ]
    return [
        *bars,
        Patch(**REJECTED, label="not accepted"),
        Line2D([], [], color="black", linewidth=0.6, label="as planned"),
        marginal_line(),
        Line2D([], [], color="black", marker=">", markersize=4.5, linestyle="", label="beyond the axis"),
    ]
