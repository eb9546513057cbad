"""A support that is asked for finds a place on the substrate's edge that keeps off every metal; a drawn one stays."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fibplan.layout.clearance import beside_um2, gap_um, margin_um, overlap_um2, required
from fibplan.layout.place import lay_out
from fibplan.layout.support import CLEAR_UM
from fibplan.model.layout import ChipLayout, Part, Region
from fibplan.model.plan import Plan
from fibplan.model.recipe import Role, Support


def support(position: float | None = None, length: float = 3.0, width: float = 1.5) -> Support:
    return Support.model_construct(position=position, length=length, width=width, overlap=0.5, thickness=3e-7)


def laid_out(plan: Plan, *supports: Support, placement: dict[str, object] | None = None) -> ChipLayout:
    """The paper's lamella with these welds, placed otherwise."""
    lamella = plan.recipe.lamella
    lamella = lamella.model_copy(update={"placement": lamella.placement.model_copy(update=placement or {})})
    first, *rest = supports
    changes = {"lamella": lamella, "support": first, "supports": tuple(rest)}
    layout = lay_out(plan.recipe.model_copy(update=changes), plan.cards)
    assert layout is not None
    return layout


def metals(layout: ChipLayout, but: Region) -> list[Region]:
    strips = [required(layout, name) for name in (Role.CURRENT_COLLECTOR, Role.PROTECTIVE_LAYER)]
    found = [region for part in (Part.ELECTRODE, Part.BRIDGE, Part.SUPPORT) for region in layout.of(part)]
    return [region for region in (*found, *strips) if region.name != but.name]


PLACEMENTS: dict[str, dict[str, object]] = {
    "as in the paper": {},
    "turned to the electrode": {"x": 6.0, "y": -7.5, "rotation": math.pi / 2, "mirror": True},
    "askew": {"x": 3.0, "y": -5.0, "rotation": 0.35},
    "on its head": {"x": 17.0, "y": 8.0, "rotation": math.pi},
}


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("name", PLACEMENTS)
def test_asked_for_supports_hold_and_keep_clear(name: str, count: int, paper_plan: Plan) -> None:
    """Each lies on substrate and membrane, inside the window, and 100 nm or more off every metal and each other."""
    layout = laid_out(paper_plan, *[support()] * count, placement=PLACEMENTS[name])
    welds = layout.of(Part.SUPPORT)
    assert len({weld.name for weld in welds}) == count
    for weld in welds:
        assert overlap_um2(weld, required(layout, Role.SUBSTRATE)) == pytest.approx(1.5, rel=1e-3)
        assert beside_um2(weld, layout.of(Part.LAYER)) == pytest.approx(3.0, rel=1e-3)
        assert margin_um(weld, required(layout, "window")) > 0
        assert min(gap_um(weld, metal) for metal in metals(layout, weld)) >= CLEAR_UM - 1e-4


def test_a_single_support_takes_the_middle_of_a_free_edge(paper_plan: Plan) -> None:
    """Nothing is in the way there: the lamella is 15 um long, and its corner lies at x 1 um."""
    left, _, right, _ = bounds(laid_out(paper_plan, support()))
    assert (left + right) / 2 == pytest.approx(8.5, abs=0.02)


def bounds(layout: ChipLayout, name: str = "support") -> tuple[float, float, float, float]:
    x, y = zip(*required(layout, name).outline_um, strict=True)
    return min(x), min(y), max(x), max(y)


def test_a_bridge_over_the_edge_is_stepped_aside_for(paper_plan: Plan) -> None:
    """With the bridge in the middle of the edge the weld lies beside it, as near as it may: at its clearance."""
    recipe = paper_plan.recipe
    over = recipe.bridge.model_copy(update={"outline_um": ((7.5, -9), (9.5, -9), (9.5, -0.5), (7.5, -0.5))})
    plan = paper_plan.model_copy(update={"recipe": recipe.model_copy(update={"bridge": over})})
    layout = laid_out(plan, support())
    assert gap_um(required(layout, "support"), required(layout, "bridge")) == pytest.approx(CLEAR_UM, abs=0.03)


@given(position=st.floats(1.5, 13.5))
@settings(max_examples=20)
def test_a_stated_position_stays(position: float, paper_plan: Plan) -> None:
    """Whatever else is asked for, a weld whose position the recipe gives lies there."""
    layout = laid_out(paper_plan, support(), support(position))
    left, _, right, _ = bounds(layout, "support_2")
    assert (left + right) / 2 == pytest.approx(1.0 + position, abs=1e-5)


def test_without_room_it_is_drawn_where_it_was_wanted(paper_plan: Plan) -> None:
    """A weld longer than the edge has no place: it is drawn in the middle, for the rules to tell."""
    left, _, right, _ = bounds(laid_out(paper_plan, support(length=20.0)))
    assert (left, right) == pytest.approx((-1.5, 18.5))
