"""A proposed bridge keeps rules and time, is what its yield was sampled for, and nothing on the front beats another."""

from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from straying import exact, materials_only

from fibplan.advice.design.changes import changes, new_cuts
from fibplan.advice.design.making import Workshop, deposition_s, made, troubles
from fibplan.advice.design.propose import LEAST_GAIN, LONGER, Asked, BridgeProposal, propose_bridge
from fibplan.advice.design.search import Candidate, thinned, undominated
from fibplan.advice.design.space import LEAPS, Design, Landing
from fibplan.checks.rules import check
from fibplan.errors import Misuse
from fibplan.layout.halo import halo_joins, widest_extent_um
from fibplan.layout.sides import cap_side, electrode_side
from fibplan.model.layout import Part
from fibplan.model.plan import Plan
from fibplan.model.recipe import Pose
from fibplan.planning.expand import expand
from fibplan.planning.tolerance.sampling import yield_of

FEW = 14
"""Designs that are screened in these tests."""


def with_bridge(plan: Plan, **changed: object) -> Plan:
    """The plan with these values of its bridge."""
    assert plan.recipe.bridge is not None
    bridge = plan.recipe.bridge.model_copy(update=changed)
    return expand(plan.recipe.model_copy(update={"bridge": bridge}), plan.cards)


@pytest.fixture(scope="module")
def thin(paper_plan: Plan) -> Plan:
    """The paper's plan with a bridge that is far too narrow and too thin; only materials stray."""
    return with_bridge(materials_only(paper_plan), width=0.8, thickness=1.2e-7)


@pytest.fixture(scope="module")
def better(thin: Plan) -> BridgeProposal:
    return propose_bridge(thin, Asked(20 * 60.0, 128, 3, FEW))


def test_a_bridge_too_thin_is_made_better(better: BridgeProposal) -> None:
    """More lamellae are accepted, by more than chance, with more metal."""
    assert better.after is not None
    assert better.after.accepted.expected > better.before.accepted.expected + 0.2
    assert better.after.accepted.low > better.before.accepted.high
    own, new = better.before.design, better.after.design
    assert new.width_um * new.thickness_m > own.width_um * own.thickness_m


def test_the_promise_is_what_the_yield_of_the_new_plan_is(better: BridgeProposal) -> None:
    """With the same samples and the same seed; the same holds for the recipe as it is."""
    for point in (better.before, better.after):
        assert point is not None
        found = yield_of(point.plan, better.samples, better.seed, ranked=False).accepted
        assert found == point.accepted
        assert expand(point.plan.recipe, point.plan.cards) == point.plan


def test_nothing_on_the_front_beats_another(better: BridgeProposal) -> None:
    """What takes longer is accepted more often, and the recipe's own bridge is not better than all of it."""
    assert len(better.front) > 1
    for faster, slower in pairwise(better.front):
        assert faster.time_s < slower.time_s
        assert faster.accepted.expected < slower.accepted.expected
    own = better.present
    assert any(p.time_s <= own.time_s and p.accepted.expected >= own.accepted.expected for p in better.front)
    assert better.chosen in better.front


def test_no_design_takes_longer_than_it_may(better: BridgeProposal) -> None:
    """Neither the proposed one nor any of the front, as the plan itself tells the time."""
    assert better.most_s == 20 * 60.0
    for point in better.front:
        assert point.time_s == deposition_s(point.plan)
        assert point.time_s <= better.most_s


def test_no_design_breaks_a_rule_that_the_recipe_keeps(thin: Plan, better: BridgeProposal) -> None:
    """Neither an error nor a warning is new."""
    known = troubles(thin.recipe, check(thin))
    for point in better.front:
        assert troubles(point.plan.recipe, check(point.plan)) <= known


def test_the_same_whoever_does_the_work(thin: Plan, better: BridgeProposal) -> None:
    """Two processes give the numbers of one."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        again = propose_bridge(thin, Asked(20 * 60.0, 128, 3, FEW), pool)
    assert [point.design for point in again.front] == [point.design for point in better.front]
    assert (again.before, again.after) == (better.before, better.after)


def test_where_nothing_is_better_nothing_is_proposed(better: BridgeProposal) -> None:
    """The recipe that was proposed, in the time that it takes, is left as it is; what is written is the least gain."""
    assert better.after is not None
    again = propose_bridge(better.after.plan, Asked(better.after.time_s, 128, 3, FEW))
    gained = 0.0 if again.after is None else again.after.accepted.expected - again.before.accepted.expected
    assert gained == 0.0 or gained >= LEAST_GAIN
    assert again.present.accepted.expected >= better.after.accepted.expected - 0.05


def test_a_recipe_that_takes_too_long_is_made_within_the_time(paper_plan: Plan) -> None:
    """Also where that costs yield: the time was asked for."""
    plan = materials_only(paper_plan)
    found = propose_bridge(plan, Asked(0.8 * deposition_s(plan), 64, 0, 4))
    assert found.after is not None
    assert found.after.time_s <= 0.8 * deposition_s(plan)
    assert all(point.time_s <= found.most_s for point in found.front)


def test_where_no_bridge_is_fast_enough_there_is_no_front(paper_plan: Plan) -> None:
    """Half a minute is less than the stage takes."""
    found = propose_bridge(materials_only(paper_plan), Asked(30.0, 64, 0, 4))
    assert (found.front, found.after, found.screened) == ((), None, 0)


def test_without_a_time_it_is_twice_what_the_recipe_takes(thin: Plan) -> None:
    """The bound is stated, and is that of the recipe's own bridge."""
    found = propose_bridge(thin, Asked(None, 64, 0, 1))
    assert found.most_s == LONGER * deposition_s(thin)


def test_overlaps_move_only_where_something_strays(paper_plan: Plan) -> None:
    """A bridge that never misses its electrode would lose its overlap."""
    assert "overlap_electrode_um" in Workshop(paper_plan).space().values
    held = Workshop(materials_only(paper_plan)).space()
    assert set(held.values) == {"width_um", "thickness_m"}
    assert any("overlaps" in why for why in held.held)


def test_a_drawn_bridge_keeps_its_outline(paper_plan: Plan) -> None:
    """Only its thickness and a cut are left to move."""
    assert paper_plan.layout is not None
    drawn = paper_plan.layout.of(Part.BRIDGE)[0].outline_um
    space = Workshop(with_bridge(paper_plan, outline_um=drawn)).space()
    assert set(space.values) == {"thickness_m"}
    assert space.landings == (Landing("written"),)


def test_every_landing_lays_the_bridge_elsewhere(paper_plan: Plan) -> None:
    """Far end and substrate's edge among them, each at the place that it names."""
    workshop = Workshop(paper_plan)
    space = workshop.space()
    assert {landing.kind for landing in space.landings} >= {"written", "edge"}
    for landing in space.landings:
        plan = workshop.allowed(space.start._replace(landing=landing))
        assert plan is not None
        assert plan.layout is not None
        placement = plan.recipe.lamella.placement
        assert placement is not None
        if landing.kind == "edge":
            (bridge,) = plan.layout.of(Part.BRIDGE)
            assert plan.recipe.bridge is not None
            assert plan.recipe.bridge.outline_um == bridge.outline_um
            top = sorted(bridge.outline_um, key=lambda point: point[1])[-2:]
            assert sum(x for x, _ in top) / 2 - placement.x == pytest.approx(landing.x_um, abs=0.01)


def test_the_current_follows_the_area(paper_plan: Plan) -> None:
    """Twice the area would be deposited too slowly with 30 pA; the change is told, and no rule warns."""
    plan = made(paper_plan, Workshop(paper_plan).space().start._replace(width_um=2.5))
    assert plan is not None
    assert "deposit-slow" not in {finding.code for finding in check(plan)}
    told = {(value.part, value.field): value.after for value in changes(paper_plan.recipe, plan.recipe)}
    assert told == {("bridge", "width"): "2.5 um", ("step 'bridge'", "beam_current"): "50 pA"}


def test_a_cut_parts_the_halo_and_has_its_step(paper_plan: Plan) -> None:
    """The widest halo leads to the cap no longer; the cuts are milled after the bridge and before the measurement."""
    design = Workshop(paper_plan).space().start._replace(cut=True)
    plan = made(paper_plan, design)
    assert plan is not None
    assert plan.layout is not None
    assert plan.recipe.bridge is not None
    assert plan.cards.gis is not None
    process = plan.cards.gis.process("FIBID")
    assert process is not None
    assert process.halo is not None
    (bridge,), cuts = plan.layout.of(Part.BRIDGE), plan.layout.of(Part.CUT)
    extent = widest_extent_um(bridge.thickness_m, process.halo)
    near, (cap,) = electrode_side(plan.layout, plan.recipe.bridge.start), cap_side(plan.layout)
    assert halo_joins(bridge, extent, (), near, cap)
    assert not halo_joins(bridge, extent, cuts, near, cap)
    names = [operation.name for operation in plan.operations]
    milled = [step.name for step in new_cuts(paper_plan.recipe, plan.recipe)]
    assert names.index("bridge") < names.index(milled[0]) <= names.index(milled[-1]) < names.index("measure")
    assert not [found for found in check(plan) if found.severity == "error"]
    cut_s = sum(op.duration_s.expected for op in plan.operations if op.name in milled)
    assert deposition_s(plan) == pytest.approx(deposition_s(paper_plan) + cut_s)


def test_its_own_design_is_the_plan_itself(paper_plan: Plan) -> None:
    """Nothing is changed that was not asked for."""
    assert paper_plan.recipe.bridge is not None
    assert made(paper_plan, Design.of(paper_plan.recipe.bridge)) is paper_plan


REFUSED = {
    "upright": "stands upright",
    "unmeasured": "no bridge on a chip that is measured",
    "exact": "nothing strays",
    "time": "this is no time",
    "seed": "below zero",
    "samples": "too few",
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_has_no_answer_is_refused(paper_plan: Plan, case: str) -> None:
    """In one line that says why."""
    recipe = paper_plan.recipe
    placement = recipe.lamella.placement
    assert placement is not None
    standing = placement.model_copy(update={"pose": Pose.UPRIGHT})
    upright = recipe.model_copy(update={"lamella": recipe.lamella.model_copy(update={"placement": standing})})
    plans = {
        "upright": paper_plan.model_copy(update={"recipe": upright}),
        "unmeasured": paper_plan.model_copy(update={"measured_thickness_m": None}),
        "exact": exact(paper_plan),
    }
    asked = {"time": Asked(-1.0), "seed": Asked(seed=-1), "samples": Asked(samples=3)}
    with pytest.raises(Misuse, match=REFUSED[case]) as refused:
        propose_bridge(plans.get(case, paper_plan), asked.get(case, Asked()))
    assert len(refused.value.lines()) == 1


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=20), st.integers(2, 6))
@settings(max_examples=60)
def test_a_front_holds_what_nothing_dominates(paper_plan: Plan, places: list[tuple[int, int]], most: int) -> None:
    """All of it and nothing else; thinned, it keeps both ends."""
    own = Design(1.0, 1e-7, 1.0, 1.0)
    found = [Candidate(own, paper_plan, float(time), share / 10) for time, share in places]
    front = undominated(found)
    for each in found:
        beaten = any(
            (one.time_s, -one.share) != (each.time_s, -each.share)
            and one.time_s <= each.time_s
            and one.share >= each.share
            for one in found
        )
        kept = any((one.time_s, one.share) == (each.time_s, each.share) for one in front)
        assert kept != beaten
    fewer = thinned(front, most)
    assert len(fewer) == min(most, len(front))
    assert (fewer[0], fewer[-1]) == (front[0], front[-1])


def test_neighbours_differ_in_one_thing(paper_plan: Plan) -> None:
    """And come back: what is a neighbour has the first as its own."""
    space = Workshop(paper_plan).space()
    for leap in LEAPS:
        for other in space.neighbours(space.start, leap):
            assert sum(one != two for one, two in zip(space.start, other, strict=True)) == 1
            assert space.start in space.neighbours(other, leap)
    for other in space.others(space.start):
        assert sum(one != two for one, two in zip(space.start, other, strict=True)) == 1


def test_a_thickness_that_the_step_writes_itself_is_held(paper_plan: Plan) -> None:
    """Else the bridge would be thought of as thicker than it is deposited."""
    steps = tuple(
        step.model_copy(update={"thickness": 4e-7}) if step.name == "bridge" else step
        for step in paper_plan.recipe.steps
    )
    plan = expand(paper_plan.recipe.model_copy(update={"steps": steps}), paper_plan.cards)
    space = Workshop(plan).space()
    assert "thickness_m" not in space.values
    assert any(why.startswith("thickness") for why in space.held)
    assert {design.thickness_m for design in space.smaller()} == {5e-7}
