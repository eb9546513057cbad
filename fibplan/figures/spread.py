"""How the resistance of each path comes out over all samples, against what is accepted."""

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator

from fibplan.figures.canvas import (
    axes_at,
    headed_sheet,
    legend_at_foot,
    printed,
    quantity,
    write_at,
)
from fibplan.figures.limits import REJECTED, limit_axis, limit_words, marginal_line, span_of
from fibplan.model.path import Above
from fibplan.model.plan import Plan
from fibplan.planning.predict import OPEN_OHM
from fibplan.planning.tolerance.result import PROBABILITIES, Tolerance

PANEL_MM, TITLE_MM, AXIS_MM, FOOT_MM = 34.0, 5.5, 10.0, 10.0
CHART_MM = (14.0, 72.0)
NOTES_MM = 89.0


@printed()
def spread_figure(plan: Plan, tolerance: Tolerance) -> Figure:
    """The share of samples under each resistance, path by path, with the limits of its criterion.

    One panel a path, resistance in ohm along x and per cent of the samples along y.
    """
    share = tolerance.accepted
    below_mm = 2.0 + (TITLE_MM + PANEL_MM + AXIS_MM) * len(tolerance.paths) + FOOT_MM
    interval = f"{100 * share.low:.0f} to {100 * share.high:.0f} %, {tolerance.samples} samples"
    subject = f"{plan.recipe.title}; {100 * share.expected:.0f} % accepted ({interval})"
    figure = headed_sheet("Resistances as everything strays", subject, below_mm)
    foot_mm = FOOT_MM + (TITLE_MM + PANEL_MM + AXIS_MM) * len(tolerance.paths)
    for name in tolerance.paths:
        foot_mm -= TITLE_MM + PANEL_MM + AXIS_MM
        _draw_panel(figure, plan, tolerance, name, foot_mm + AXIS_MM)
    legend_at_foot(figure, _legend())
    return figure


def _draw_panel(figure: Figure, plan: Plan, tolerance: Tolerance, name: str, bottom_mm: float) -> None:
    spread, criterion = tolerance.paths[name], plan.recipe.verification[name].criterion
    axes = axes_at(figure, CHART_MM[0], bottom_mm, CHART_MM[1], PANEL_MM)
    axes.set_gid(f"spread-{name}")
    limit_axis(axes, span_of([spread.planned, *spread.quantiles], criterion), criterion)
    axes.set_ylim(0, 100)
    axes.yaxis.set_major_locator(FixedLocator([0, 25, 50, 75, 100]))
    axes.set_xlabel("resistance between the tips, log scale", labelpad=1.5)
    axes.set_ylabel("samples below, %", labelpad=1.5)
    axes.plot(spread.quantiles, [100 * probability for probability in PROBABILITIES], color="black", zorder=4)
    axes.axvline(spread.planned, color="black", linewidth=0.6, linestyle=":", zorder=3)
    top = bottom_mm + PANEL_MM
    write_at(figure, 3.0, top + TITLE_MM - 1.5, f"{name}: {limit_words(criterion)}", bold=True)
    write_at(figure, NOTES_MM, top - 1.0, "\n".join(_notes(tolerance, name, insulating=isinstance(criterion, Above))))


def _notes(tolerance: Tolerance, name: str, *, insulating: bool) -> list[str]:
    spread = tolerance.paths[name]
    ends = [f"{at:.0%}".replace("%", " %") for at in (0.05, 0.5, 0.95)]
    lines = [f"{100 * spread.passed:.0f} % pass"]
    lines += [f"{at}: {_ohms(spread.quantile(float(at[:-2]) / 100))}" for at in ends]
    lines += [f"open: {100 * spread.opened:.1f} %"] if spread.opened else []
    if insulating:
        shorts = 100 * tolerance.halo_shorts, 100 * tolerance.touching
        lines += ["(given no short)", f"short by halo: {shorts[0]:.1f} %", f"by a deposit: {shorts[1]:.1f} %"]
    return lines


def _ohms(ohm: float) -> str:
    return "open" if ohm >= OPEN_OHM else quantity(ohm, "ohm")


def _legend() -> list[Artist]:
    return [
        Line2D([], [], color="black", linewidth=0.8, label="share of the samples"),
        Line2D([], [], color="black", linewidth=0.6, linestyle=":", label="as planned"),
        marginal_line(),
        Patch(**REJECTED, label="not accepted"),
    ]
