"""Ladder and timeline are drawn to their scales: thicknesses, skins and times are the plan's numbers."""

import math

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from fibplan.figures.ladder import ladder_figure
from fibplan.figures.timeline import timeline_figure
from fibplan.figures.words import minutes
from fibplan.model.plan import Plan
from fibplan.model.steps import Thinning


def bars(axes: Axes) -> dict[str, Rectangle]:
    return {str(patch.get_gid()): patch for patch in axes.patches if isinstance(patch, Rectangle) and patch.get_gid()}


def test_each_rung_is_as_wide_as_it_is_thick(plans: dict[str, Plan]) -> None:
    """In both panels a rung is drawn with its thickness after the step, about the mid-plane, in the panel's unit."""
    for plan in plans.values():
        figure = ladder_figure(plan)
        for axes, metres in zip(figure.axes, (1e-6, 1e-9), strict=True):
            drawn = bars(axes)
            for rung in (entry for entry in plan.operations if isinstance(entry.step, Thinning)):
                slab = drawn[f"{axes.get_gid()}-after-{rung.name}"]
                assert math.isclose(slab.get_width() * metres, rung.thickness_after_m, rel_tol=1e-9)
                assert math.isclose(slab.get_x() + slab.get_width() / 2, 0.0, abs_tol=1e-9)


def test_skins_lie_inside_both_faces(paper_plan: Plan) -> None:
    """The damaged skins are as deep as the plan says, and end at the two faces of the rung."""
    axes = ladder_figure(paper_plan).axes[1]
    drawn = bars(axes)
    for rung in (entry for entry in paper_plan.operations if isinstance(entry.step, Thinning)):
        near, far, slab = (drawn[f"middle-{what}-{rung.name}"] for what in ("skin-near", "skin-far", "after"))
        assert math.isclose(near.get_width() * 1e-9, rung.damage_m, rel_tol=1e-9)
        assert math.isclose(near.get_x(), slab.get_x(), rel_tol=1e-9)
        assert math.isclose(far.get_x() + far.get_width(), slab.get_x() + slab.get_width(), rel_tol=1e-9)


def test_the_final_lamella_is_seen_whole_when_magnified(plans: dict[str, Plan]) -> None:
    """The thinnest rung fits into the magnified panel, and every rung into the other."""
    for plan in plans.values():
        whole, middle = ladder_figure(plan).axes
        thicknesses = [entry.thickness_after_m for entry in plan.operations if isinstance(entry.step, Thinning)]
        assert max(thicknesses) * 1e6 < whole.get_xlim()[1] - whole.get_xlim()[0]
        assert min(thicknesses) * 1e9 < middle.get_xlim()[1] - middle.get_xlim()[0]


def test_rungs_say_their_beam_and_thickness(paper_plan: Plan) -> None:
    """The polish is written with voltage, current, thickness before and after, damage and time with its interval."""
    polish = next(operation for operation in paper_plan.operations if operation.name == "polish")
    texts = {text.get_text() for text in ladder_figure(paper_plan).texts}
    assert {"polish", "5 kV, 30 pA", "170 nm → 100 nm", "6 nm", *minutes(polish.duration_s)} <= texts


def test_bars_follow_each_other_without_a_gap(plans: dict[str, Plan]) -> None:
    """Overhead and beam of an operation take its expected duration and begin where the one before ended."""
    for plan in plans.values():
        drawn = bars(timeline_figure(plan).axes[0])
        ended = 0.0
        for operation in plan.operations:
            overhead, beam = drawn[f"overhead-{operation.name}"], drawn[f"beam-{operation.name}"]
            hours = 3600.0
            assert math.isclose(overhead.get_x() * hours, ended, abs_tol=1e-6)
            assert math.isclose(beam.get_x(), overhead.get_x() + overhead.get_width(), abs_tol=1e-9)
            ended += operation.duration_s.expected
            assert math.isclose((beam.get_x() + beam.get_width()) * hours, ended, abs_tol=1e-6)
            beam_on = operation.beam_on_s.expected if operation.beam_on_s is not None else 0.0
            assert math.isclose(beam.get_width() * hours, beam_on, abs_tol=1e-6)


def test_the_last_end_is_the_whole_session(paper_plan: Plan) -> None:
    """The whisker of the last operation goes from the least to the most that the session takes."""
    axes = timeline_figure(paper_plan).axes[0]
    (whisker,) = [line for line in axes.lines if line.get_gid() == f"end-{paper_plan.operations[-1].name}"]
    low, high = (float(hours) * 3600.0 for hours in whisker.get_xdata())
    assert math.isclose(low, paper_plan.duration.low)
    assert math.isclose(high, paper_plan.duration.high)
    assert axes.get_xlim()[1] * 3600.0 > high


def test_a_short_session_is_in_minutes(paper_plan: Plan) -> None:
    """A session that is over within two hours has its axis in minutes."""
    short = paper_plan.model_copy(update={"operations": paper_plan.operations[:2]})
    assert "(min)" in timeline_figure(short).axes[0].get_xlabel()
    assert "(h)" in timeline_figure(paper_plan).axes[0].get_xlabel()
