"""I-V curves and resistances: points, slopes, limits and intervals stand where the numbers are."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from figures.resistor_sweep import sweep
from matplotlib.axes import Axes

from fibplan.figures.iv import draw_iv, iv_figure, iv_pictures
from fibplan.figures.resistances import resistances_figure
from fibplan.model.curve import Curve
from fibplan.model.plan import Plan
from fibplan.planning.predict import predict
from fibplan.verification.probing import SWEEP, path_steps


def marks(axes: Axes, name: str) -> tuple[list[float], list[float]]:
    found = [line for line in axes.lines if line.get_gid() == name]
    return (list(found[0].get_xdata()), list(found[0].get_ydata())) if found else ([], [])


def pictured(found, path: str):
    curve = found.curves.of(path, "sweep")
    verdict = next(entry for entry in found.verdict.paths if entry.path == path)
    return curve, iv_figure(curve, verdict, found.plan.recipe.verification[path])


def test_points_stand_at_their_readings(measured: Callable) -> None:
    """Every usable point is drawn at its measured voltage (mV) and current (uA), as the axes say."""
    curve, figure = pictured(measured("good"), "bridge")
    axes = figure.axes[0]
    volts, amperes = marks(axes, "used")
    assert volts == pytest.approx([point.voltage_v * 1e3 for point in curve.points])
    assert amperes == pytest.approx([point.current_a * 1e6 for point in curve.points])
    assert axes.get_ylabel() == "current (µA)"
    assert figure.axes[-1].get_xlabel() == "voltage (mV)"


def test_points_that_do_not_count_have_shapes_of_their_own(measured: Callable) -> None:
    """Clamped and overflowed points are marked apart from used ones, and each point of the sweep is drawn once."""
    curve, figure = pictured(measured("clamped", overflowed=2), "bridge")
    counts = {name: len(marks(figure.axes[0], name)[0]) for name in ("used", "clamped", "overflowed")}
    assert counts["clamped"] == sum(point.in_compliance for point in curve.points) > 0
    assert counts["overflowed"] == 2
    assert sum(counts.values()) == len(curve.points)
    shapes = {line.get_gid(): line.get_marker() for line in figure.axes[0].lines if line.get_gid() in counts}
    assert len(set(shapes.values())) == 3


def test_limit_lines_have_the_slope_of_the_limit(measured: Callable, paper_plan: Plan) -> None:
    """The dashed and the dotted line rise by one over the limits of the criterion."""
    for path, limits in (("bridge", (300.0, 1e3)), ("protective", (1e7, 1e6))):
        _, figure = pictured(measured("good"), path)
        volt = {"bridge": 1e-3, "protective": 1e-3}[path]
        ampere = {"µ": 1e-6, "n": 1e-9}[figure.axes[0].get_ylabel().split("(")[1][0]]
        for ohm in limits:
            volts, amperes = marks(figure.axes[0], f"limit-{ohm:g}")
            rise = (amperes[1] - amperes[0]) * ampere / ((volts[1] - volts[0]) * volt)
            assert math.isclose(1.0 / rise, ohm, rel_tol=1e-6)


def test_the_band_holds_exactly_the_slopes_within_the_bounds(measured: Callable) -> None:
    """The edges of the band rise by one over the measured bounds, about the offset of the fit."""
    found = measured("good")
    _, figure = pictured(found, "bridge")
    (band,) = [entry for entry in figure.axes[0].collections if entry.get_gid() == "slopes"]
    corners = np.unique(band.get_paths()[0].vertices.round(12), axis=0)
    rightmost = corners[corners[:, 0] == corners[:, 0].max()]
    offset = corners[corners[:, 0] == 0.0][0, 1]
    slopes = sorted((rightmost[:, 1] - offset) * 1e-6 / (rightmost[:, 0] * 1e-3))
    resistance = found.verdict.paths[0].resistance
    assert slopes == pytest.approx([1.0 / resistance.high_ohm, 1.0 / resistance.low_ohm], rel=1e-6)


def test_magnitudes_are_always_shown_and_residuals_where_a_slope_is_resolved(measured: Callable) -> None:
    """Under the current stands |I| on a log scale; under that the residuals, unless the circuit is open."""
    _, good = pictured(measured("good"), "bridge")
    _, unresolved = pictured(measured("open"), "bridge")
    assert [axes.get_gid() for axes in good.axes] == ["current", "magnitudes", "residuals"]
    assert [axes.get_gid() for axes in unresolved.axes] == ["current", "magnitudes"]
    assert good.axes[1].get_yscale() == "log"
    assert any(entry.get_gid() == "magnitudes-band" for entry in good.axes[1].collections)


def test_the_two_directions_have_marks_of_their_own(measured: Callable) -> None:
    """In a sweep up and down, points reached from above are drawn apart, and every point is drawn once."""
    found = measured("good")
    curve = found.curves.of("bridge", "sweep")
    there = [point.model_copy(update={"time_s": 0.1 * place}) for place, point in enumerate(curve.points)]
    back = [
        point.model_copy(update={"time_s": 0.1 * (len(there) + place)}) for place, point in enumerate(reversed(there))
    ]
    both = curve.model_copy(update={"points": (*there, *back)})
    axes = iv_figure(both, found.verdict.paths[0], None).axes[0]
    rising, falling = marks(axes, "used"), marks(axes, "falling")
    assert len(rising[0]) == len(there) + 1, "the first of the way back is reached from where it stands already"
    assert len(rising[0]) + len(falling[0]) == len(both.points)
    shapes = {line.get_gid(): line.get_marker() for line in axes.lines}
    assert shapes["used"] != shapes["falling"]


def test_points_that_the_fit_leaves_out_are_marked(measured: Callable) -> None:
    """With the instrument's card, points beside a change of an automatic range have a mark of their own."""
    found = measured("good")
    card = found.plan.cards.smu
    curve = found.curves.of("bridge", "sweep")
    edge = 1e-5
    points = [
        point.model_copy(update={"current_a": math.copysign(edge, point.level)}) if place in (3, 4) else point
        for place, point in enumerate(curve.points)
    ]
    figure = iv_figure(curve.model_copy(update={"points": tuple(points)}), found.verdict.paths[0], None, card)
    assert len(marks(figure.axes[0], "left-out")[0]) >= 2


def test_both_formats_come_from_one_drawing(measured: Callable) -> None:
    """The pictures of both formats are those that are drawn one by one."""
    found = measured("good")
    curve, verdict = found.curves.of("bridge", "sweep"), found.verdict.paths[0]
    path = found.plan.recipe.verification["bridge"]
    pictures = iv_pictures(curve, verdict, path)
    assert pictures == {name: draw_iv(curve, verdict, path, name) for name in ("png", "svg")}


def test_the_resistance_is_said_in_words(measured: Callable) -> None:
    """The picture says the resistance with its bounds, the grade and the reason."""
    _, figure = pictured(measured("good"), "bridge")
    assert any("Ω" in text.get_text() and "PASS: at most 152 Ω" in text.get_text() for text in figure.texts)


def test_contact_checks_stand_against_their_own_limit(measured: Callable) -> None:
    """The curve of a contact check is drawn with the contact limit and not with the path's criterion."""
    found = measured("good")
    curve = found.curves.of("protective", "contact_start_before")
    figure = iv_figure(curve, None, found.plan.recipe.verification["protective"])
    limits = [line.get_gid() for line in figure.axes[0].lines if str(line.get_gid()).startswith("limit")]
    assert limits == ["limit-10000"]


@pytest.mark.parametrize("points", [1, 2, 5])
def test_few_points_are_drawn(paper_plan: Plan, points: int) -> None:
    """A sweep that broke off after a few points still gives a picture, in both formats."""
    step = next(step for step in path_steps(paper_plan, "bridge") if step.name == SWEEP)
    curve = sweep(step, 150.0, points=points).model_copy(update={"partial": True})
    assert draw_iv(curve, None, None, "png")
    assert draw_iv(curve, None, paper_plan.recipe.verification["bridge"], "svg")


def test_a_curve_without_any_number_is_drawn(paper_plan: Plan) -> None:
    """A sweep of which every reading overflowed, or read exactly zero, still gives a picture."""
    step = next(step for step in path_steps(paper_plan, "bridge") if step.name == SWEEP)
    lost = sweep(step, 150.0, overflowed=step.points)
    silent = lost.model_copy(update={"points": tuple(_silent(lost))})
    for curve in (lost, silent):
        assert draw_iv(curve, None, paper_plan.recipe.verification["bridge"], "png")


def _silent(curve: Curve):
    return [point.model_copy(update={"current_a": 0.0, "overflow": False, "voltage_v": 0.0}) for point in curve.points]


def test_intervals_lie_where_the_numbers_are(measured: Callable) -> None:
    """Predicted and measured bars reach from their lowest to their highest resistance in ohm."""
    found = measured("good")
    expected = predict(found.plan, samples=200)
    figure = resistances_figure(found.plan, expected, found.verdict)
    axes = figure.axes[0]
    bars = {patch.get_gid(): (patch.get_x(), patch.get_x() + patch.get_width()) for patch in axes.patches}
    for verdict in found.verdict.paths:
        if verdict.path not in expected.resistances:
            continue
        predicted, resistance = expected.resistances[verdict.path], verdict.resistance
        assert bars[f"predicted-{verdict.path}"] == pytest.approx((predicted.low, predicted.high))
        assert bars[f"measured-{verdict.path}"] == pytest.approx((resistance.low_ohm, resistance.high_ohm))
    assert axes.get_xscale() == "log"


def test_zones_meet_at_the_criterion(measured: Callable) -> None:
    """Pass, marginal and fail cover the axis without a gap and change at the limits of the criterion."""
    found = measured("good")
    axes = resistances_figure(found.plan, None, found.verdict).axes[0]
    zones = {patch.get_gid(): (patch.get_x(), patch.get_x() + patch.get_width()) for patch in axes.patches}
    low, high = axes.get_xlim()
    assert zones["pass-0"] == pytest.approx((low, 300.0))
    assert zones["marginal-0"] == pytest.approx((300.0, 1e3))
    assert zones["fail-0"] == pytest.approx((1e3, high))
    assert zones["pass-1"] == pytest.approx((1e7, high))
    assert zones["fail-1"] == pytest.approx((low, 1e6))


def test_an_unknown_bound_reaches_the_end_of_the_axis(measured: Callable) -> None:
    """Where only a lower bound is known the bar goes on to the end of the axis, with an arrow there."""
    axes = resistances_figure(measured("open").plan, None, measured("open").verdict).axes[0]
    (bar,) = [patch for patch in axes.patches if patch.get_gid() == "measured-bridge"]
    assert bar.get_x() + bar.get_width() == pytest.approx(axes.get_xlim()[1])
    assert any(line.get_marker() == ">" for line in axes.lines)
