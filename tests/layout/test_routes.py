"""A bridge that is asked for finds the shortest way that keeps clear, or says that there is none."""

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon, box, union_all

from fibplan.layout.clearance import gap_um, overlap_um2, polygon, required
from fibplan.layout.route import Course, Landing, routed, strip
from fibplan.model.layout import ChipLayout, Part
from fibplan.model.path import ELECTRODES
from fibplan.model.plan import Plan
from fibplan.model.recipe import Pad
from fibplan.planning.expand import expand

NOTHING = Polygon()


def length(line: list[tuple[float, float]]) -> float:
    return LineString(line).length


def laid_out(plan: Plan, placement: dict[str, object], bridge: dict[str, object], **recipe: object) -> ChipLayout:
    """The paper's lamella, placed and joined otherwise."""
    lamella = plan.recipe.lamella
    lamella = lamella.model_copy(update={"placement": lamella.placement.model_copy(update=placement)})
    changed = plan.recipe.bridge.model_copy(update=bridge)
    made = plan.recipe.model_copy(update={"lamella": lamella, "bridge": changed, **recipe})
    layout = expand(made, plan.cards).layout
    assert layout is not None
    return layout


def test_nothing_in_between_gives_a_straight_strip() -> None:
    """With a clear view the strip runs straight to the nearest point and on by what it overlaps."""
    line = routed([Landing((2, 0), (0, 0))], Course(box(-50, -10, -3, 10), NOTHING, 1.0, 0.1, beyond=2.0))
    assert line == [(2, 0), (0, 0), (-5, 0)]
    assert strip(line, 1.0).bounds == (-5, -0.5, 2, 0.5)


def test_a_wall_is_gone_around_at_its_clearance() -> None:
    """The shortest way around a wall turns at its ends, half the width and the clearance away."""
    wall = box(-2, -5, -1, 4)
    line = routed([Landing((2, 0), (0, 0))], Course(box(-50, -1, -10, 1), wall, 1.0, 0.5, beyond=1.0))
    assert strip(line, 1.0).distance(wall) == pytest.approx(0.5, abs=1e-4)
    over = 4.0 + 0.5 + 0.5
    assert max(y for _, y in line) == pytest.approx(over, abs=1e-3)
    assert length(line) == pytest.approx(2 + over + 3 + math.hypot(7, over - 1) + 1, abs=1e-3)


def test_a_target_walled_in_has_no_way() -> None:
    """Where the obstacle closes all around there is no way, and none is made up."""
    wall = Point(-20, 0).buffer(8).difference(Point(-20, 0).buffer(7))
    assert routed([Landing((2, 0), (0, 0))], Course(Point(-20, 0).buffer(2), wall, 1.0, 0.1, beyond=1.0)) is None
    assert routed([], Course(box(0, 0, 1, 1), NOTHING, 1.0, 0.1, beyond=1.0)) is None
    assert routed([Landing((2, 0), (0, 0))], Course(NOTHING, wall, 1.0, 0.1, beyond=1.0)) is None


boxes = st.tuples(st.floats(-18, -2), st.floats(-8, 8), st.floats(0.5, 4), st.floats(0.5, 6)).map(
    lambda b: box(b[0], b[1], b[0] + b[2], b[1] + b[3])
)


@settings(max_examples=60)
@given(walls=st.lists(boxes, min_size=1, max_size=5), width=st.floats(0.2, 2), clearance=st.floats(0.05, 1))
def test_no_way_ever_comes_nearer_than_its_clearance(walls: list[Polygon], width: float, clearance: float) -> None:
    """Whatever stands in between, what is found reaches the target, keeps clear, and is no shorter than a line."""
    avoided = union_all(walls)
    assume(avoided.distance(box(0, -width / 2, 2, width / 2)) > clearance)
    target = box(-60, -10, -25, 10)
    line = routed([Landing((2, 0), (0, 0))], Course(target, avoided, width, clearance, beyond=1.0))
    if line is not None:
        outline = strip(line, width)
        assert outline.is_valid
        assert outline.distance(avoided) >= clearance - 1e-4
        assert outline.intersects(target)
        assert length(line) >= 2 + 25 + 1 - 1e-6


PLACEMENTS: dict[str, dict[str, object]] = {
    "as in the paper": {},
    "turned to the electrode": {"x": 6.0, "y": -7.5, "rotation": math.pi / 2, "mirror": True},
    "far end to the electrode": {"x": 16.0, "y": -5.7, "mirror": True, "rotation": 0.0},
    "substrate to the electrode": {"x": 2.0, "y": 9.0, "rotation": -math.pi / 2},
    "askew": {"x": 3.0, "y": -5.0, "rotation": 0.35},
}


@pytest.mark.parametrize("name", PLACEMENTS)
def test_a_routed_bridge_lands_clear_wherever_the_lamella_lies(name: str, paper_plan: Plan) -> None:
    """It lies on electrode and collector, and keeps clear of active layer, cap, support and the other electrodes."""
    layout = laid_out(paper_plan, PLACEMENTS[name], {"route": "nearest"})
    bridge = required(layout, "bridge")
    assert overlap_um2(bridge, required(layout, "working_electrode")) > 1.0
    assert overlap_um2(bridge, required(layout, "current_collector")) > 0.9
    kept = ("active_layer", "protective_layer", "support", "reference_electrode", "counter_electrode")
    assert min(gap_um(bridge, required(layout, other)) for other in kept) >= 0.1 - 1e-4


def test_the_shortest_landing_is_taken(paper_plan: Plan) -> None:
    """With the substrate towards the electrode it comes straight over the substrate's edge; otherwise by an end."""
    over = laid_out(paper_plan, PLACEMENTS["substrate to the electrode"], {"route": "nearest"})
    assert overlap_um2(required(over, "bridge"), required(over, "substrate")) > 8.0
    by_end = laid_out(paper_plan, {}, {"route": "nearest"})
    assert polygon(required(by_end, "bridge").outline_um).bounds == pytest.approx((-4.0, -1.77, 3.0, 0.23), abs=1e-4)


def test_a_drawn_bridge_is_where_it_was_drawn(paper_plan: Plan) -> None:
    """The outline of the recipe is the region's, corner by corner."""
    outline = ((-4.0, -1.5), (3.0, -1.5), (3.0, 0.2), (-4.0, 0.2))
    layout = laid_out(paper_plan, {}, {"outline_um": outline})
    assert required(layout, "bridge").outline_um == outline


@pytest.mark.parametrize("terminal", ["current_collector", "protective_layer"])
def test_a_pad_brings_its_tip_over_the_frame(terminal: str, paper_plan: Plan) -> None:
    """The track lies on its conductor, touches nothing else, and the tip lands on the square, off the membrane."""
    size = {"side": 10.0, "width": 2.0, "thickness": 5e-7, "overlap": 0.5, "clearance": 0.1}
    pad = Pad.model_construct(terminal=terminal, outline_um=None, **size)
    layout = laid_out(paper_plan, {}, {}, pads=(pad,))
    made = required(layout, f"pad_{terminal}")
    assert overlap_um2(made, required(layout, terminal)) > 0.2
    others = [r for part in (Part.ELECTRODE, Part.BRIDGE, Part.SUPPORT) for r in layout.of(part)]
    other_strip = {"current_collector": "protective_layer", "protective_layer": "current_collector"}[terminal]
    assert min(gap_um(made, other) for other in (*others, required(layout, other_strip))) >= 0.1 - 1e-4
    tip = next(tip for tip in layout.tips if tip.terminal == terminal)
    assert (tip.on, tip.over_membrane) == (made.name, False)


def test_without_a_pad_the_tip_for_the_electrode_lands_on_the_frame(paper_plan: Plan) -> None:
    """The electrode is thick metal over silicon outside the window; the lamella's strips are over the membrane."""
    over = {tip.terminal: tip.over_membrane for tip in paper_plan.layout.tips}
    assert over == {"current_collector": True, "protective_layer": True} | dict.fromkeys(ELECTRODES, False)
    for tip in paper_plan.layout.tips:
        assert polygon(required(paper_plan.layout, tip.terminal).outline_um).contains(Point(tip.place_um))
