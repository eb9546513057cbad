"""The yield front: every design where its numbers put it, readable in print, the same bytes each time."""

from dataclasses import replace

import numpy as np
import pytest
from figures.test_legibility import overlapping, written
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from fibplan.advice.design.making import deposition_s, made
from fibplan.advice.design.propose import BridgeProposal, Point
from fibplan.advice.design.space import Design, Landing, Space
from fibplan.figures.canvas import pictures
from fibplan.figures.front import front_figure
from fibplan.model.interval import Interval, Status
from fibplan.model.plan import Plan


def point(plan: Plan, design: Design, share: float) -> Point:
    """The design with its own time, and a share of which the interval is 5 % to either side."""
    there = made(plan, design)
    assert there is not None
    low, high = max(0.0, share - 0.05), min(1.0, share + 0.05)
    accepted = Interval(low=low, expected=share, high=high, unit="1", source="test", status=Status.UNVERIFIED)
    return Point(design, there, deposition_s(there), accepted)


@pytest.fixture(scope="module")
def proposal(paper_plan: Plan) -> BridgeProposal:
    """A front of six designs, some of them close together, with the recipe's own beside it."""
    assert paper_plan.recipe.bridge is not None
    own = Design.of(paper_plan.recipe.bridge)
    shares = {
        own._replace(thickness_m=2.5e-7): 0.0,
        own._replace(thickness_m=3e-7): 0.4,
        own._replace(thickness_m=4e-7): 0.5,
        own._replace(thickness_m=4e-7, overlap_lamella_um=2.5): 0.52,
        own._replace(landing=Landing("edge", 4.5)): 0.7,
        own._replace(width_um=4.0, thickness_m=6e-7): 1.0,
    }
    front = tuple(point(paper_plan, design, share) for design, share in shares.items())
    present = point(paper_plan, own, 0.45)
    space = Space(own, {"thickness_m": (own.thickness_m,)})
    return BridgeProposal(space, 1800.0, present, front[-1], front, present, 128, 64, 3, 72)


def mark(figure: Figure, gid: str) -> Line2D:
    return next(line for axes in figure.axes for line in axes.lines if line.get_gid() == gid)


def test_every_design_is_where_its_numbers_put_it(proposal: BridgeProposal) -> None:
    """Minutes along x and per cent along y, in the order of the time; the recipe's own is a square."""
    figure = front_figure(proposal)
    points = sorted([*proposal.front, proposal.present], key=lambda each: (each.time_s, each.accepted.expected))
    for number, each in enumerate(points, 1):
        line = mark(figure, f"point-{number}")
        assert list(np.asarray(line.get_xdata())) == [each.time_s / 60]
        assert list(np.asarray(line.get_ydata())) == [100 * each.accepted.expected]
        assert (line.get_marker() == "s") == (each is proposal.present)
        assert (line.get_markerfacecolor() == "black") == (each is proposal.chosen)


def test_the_line_says_what_is_reached_within_a_time(proposal: BridgeProposal) -> None:
    """It never falls, and ends at the time that is allowed."""
    line = mark(front_figure(proposal), "reached")
    shares = list(np.asarray(line.get_ydata()))
    assert shares == sorted(shares)
    allowed = np.asarray(mark(front_figure(proposal), "allowed").get_xdata())
    assert np.asarray(line.get_xdata()).max() == proposal.most_s / 60 == allowed[0]


def test_nothing_overlaps_and_everything_is_on_the_sheet(proposal: BridgeProposal) -> None:
    """Also where there is no front at all."""
    for each in (proposal, replace(proposal, front=(), after=None)):
        figure = front_figure(each)
        texts = written(figure)
        assert overlapping(texts) == []
        for text, box in texts:
            assert figure.bbox.x0 <= box.x0, text.get_text()
            assert box.x1 <= figure.bbox.x1, text.get_text()
            assert figure.bbox.y0 <= box.y0, text.get_text()


def test_the_same_front_gives_the_same_bytes(proposal: BridgeProposal) -> None:
    """As PNG and as SVG."""
    first, second = (pictures({"front": front_figure(proposal)}) for _ in range(2))
    assert list(first) == ["front.png", "front.svg"]
    assert first == second
