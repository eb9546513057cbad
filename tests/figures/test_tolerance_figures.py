"""Tornado chart and distributions: the numbers of the yield, readable in print, the same bytes each time."""

import itertools

import pytest
from figures.test_legibility import overlapping, written
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from straying import exact, materials_only

from fibplan.figures.canvas import pictures
from fibplan.figures.spread import spread_figure
from fibplan.figures.tornado import tornado_figure
from fibplan.model.plan import Plan
from fibplan.planning.tolerance.result import Tolerance
from fibplan.planning.tolerance.sampling import yield_of


@pytest.fixture(scope="module")
def found(paper_plan: Plan) -> Tolerance:
    return yield_of(materials_only(paper_plan), 256)


def panel(figure: Figure, name: str) -> Axes:
    return next(axes for axes in figure.axes if axes.get_gid() == name)


def bars(axes: Axes) -> dict[str, Rectangle]:
    return {str(bar.get_gid()): bar for bar in axes.patches if isinstance(bar, Rectangle) and bar.get_gid()}


@pytest.mark.parametrize("path", ["bridge", "protective"])
def test_a_bar_reaches_from_the_plan_to_either_end(paper_plan: Plan, found: Tolerance, path: str) -> None:
    """The widest is on top, and none is drawn for what moves nothing."""
    drawn = bars(panel(tornado_figure(paper_plan, found), f"tornado-{path}"))
    low, high = drawn["lower-0"], drawn["higher-0"]
    planned = found.paths[path].planned
    assert low.get_x() + low.get_width() == pytest.approx(planned, rel=1e-6)
    assert high.get_x() == pytest.approx(planned, rel=1e-6)
    widths = [
        (drawn[f"higher-{row}"].get_x() + drawn[f"higher-{row}"].get_width()) / drawn[f"lower-{row}"].get_x()
        for row in range(sum(name.startswith("lower") for name in drawn))
    ]
    assert all(one >= other for one, other in itertools.pairwise(widths[1:]))
    assert min(widths) > 1.01


def test_the_bars_of_the_bridge_are_its_swings(paper_plan: Plan, found: Tolerance) -> None:
    """The end of the top bar is the resistance with that control at its end."""
    drawn = bars(panel(tornado_figure(paper_plan, found), "tornado-bridge"))
    widest = max((each.swings["bridge"] for each in found.ranking), key=lambda swing: swing[1] / swing[0])
    assert drawn["lower-0"].get_x() == pytest.approx(widest[0])
    assert drawn["higher-0"].get_x() + drawn["higher-0"].get_width() == pytest.approx(widest[1])


def test_the_distribution_is_that_of_the_samples(paper_plan: Plan, found: Tolerance) -> None:
    """Per cent against resistance, with both limits of the criterion."""
    axes = panel(spread_figure(paper_plan, found), "spread-bridge")
    curve, *limits = sorted(axes.lines, key=lambda line: -len(line.get_xdata()))
    assert list(curve.get_xdata()) == list(found.paths["bridge"].quantiles)
    assert {float(line.get_xdata()[0]) for line in limits} >= {300.0, 1000.0}


def test_nothing_overlaps_and_everything_is_on_the_sheet(paper_plan: Plan, found: Tolerance) -> None:
    """In both figures, also of a plan that nothing moves."""
    still = yield_of(exact(paper_plan), 64)
    for tolerance in (found, still):
        for figure in (tornado_figure(paper_plan, tolerance), spread_figure(paper_plan, tolerance)):
            texts = written(figure)
            assert overlapping(texts) == []
            for text, box in texts:
                assert figure.bbox.x0 <= box.x0, text.get_text()
                assert box.x1 <= figure.bbox.x1, text.get_text()


def test_the_same_yield_gives_the_same_bytes(paper_plan: Plan, found: Tolerance) -> None:
    """As PNG and as SVG."""
    for drawn in (tornado_figure, spread_figure):
        first, second = (pictures({"it": drawn(paper_plan, found)}) for _ in range(2))
        assert first == second
