"""A proposed ladder keeps every rule, is never worse than the one it replaces, and no other of its kind beats it."""

import itertools
import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shipped import RECIPES

from fibplan.advice.course import course_of
from fibplan.advice.descent import Way, descents, unbeaten, written_way
from fibplan.advice.ladder import MOST_POINTS, deepest, entry_of, propose, superfluous
from fibplan.advice.leaning import leanings, saved_time
from fibplan.advice.rungs import Goal, Rung, Setting, movable, moving_rungs, set_to, written_as
from fibplan.checks.rules import check
from fibplan.errors import Misuse
from fibplan.library.examine import examine_file
from fibplan.library.load import load_recipe
from fibplan.library.search_path import SearchPath
from fibplan.milling.damage import deepest_damage
from fibplan.model.fib_card import Calibration
from fibplan.model.finding import Severity
from fibplan.model.plan import Plan
from fibplan.model.recipe import Accepted, Recipe
from fibplan.planning.expand import expand
from fibplan.units import parse

GOALS = list(Goal)
CURRENTS = [1e-11, 3e-11, 5e-11, 1e-10, 3e-10, 5e-10, 1e-9, 3e-9]


@pytest.fixture(scope="module")
def plans(library: SearchPath) -> dict[str, Plan]:
    return {path.stem: examine_file(load_recipe(path), library).sound_plan() for path in RECIPES}


@pytest.fixture(scope="module")
def faster(paper_plan: Plan) -> Plan:
    """The paper's recipe with its fastest ladder."""
    after = propose(paper_plan, Goal.TIME).after
    assert after is not None
    return after


@pytest.fixture(scope="module")
def grid_plan(plans: dict[str, Plan]) -> Plan:
    return plans["si-lamella-grid"]


def troubles(plan: Plan) -> set[tuple[object, ...]]:
    return {(found.code, found.path) for found in check(plan) if found.severity is not Severity.NOTE}


def stepped(recipe: Recipe, **changes: dict[str, object]) -> Recipe:
    """The recipe with fields of the named steps changed; a name is written with _ for -."""
    steps = [step.model_copy(update=changes.get(step.name.replace("-", "_"), {})) for step in recipe.steps]
    return recipe.model_copy(update={"steps": tuple(steps)})


@st.composite
def ladders(draw: st.DrawFn) -> dict[str, dict[str, float]]:
    """Two thinning steps before a polish of 80 nm, some with warnings, none with an error but by accident."""
    entry = draw(st.integers(min_value=120, max_value=260))
    middle = entry + draw(st.integers(min_value=30, max_value=700))
    coarse = draw(st.sampled_from(CURRENTS[3:]))
    fine = draw(st.sampled_from([current for current in CURRENTS if current <= coarse]))
    return {
        "thin_to_400": {"leaves": parse(f"{middle} nm", "m"), "beam_current": coarse},
        "thin_to_160": {"leaves": parse(f"{entry} nm", "m"), "beam_current": fine},
        "polish": {"beam_current": draw(st.sampled_from([1e-11, 3e-11, 5e-11, 1e-10]))},
    }


@pytest.mark.parametrize("recipe", [path.stem for path in RECIPES])
@pytest.mark.parametrize("goal", GOALS)
def test_a_shipped_recipe_gets_a_sound_ladder_that_is_no_worse(plans: dict[str, Plan], recipe: str, goal: Goal) -> None:
    """The proposal brings no error and no new warning, takes no longer, and leaves no more damage."""
    before = plans[recipe]
    after = propose(before, goal).after
    assert after is not None
    assert troubles(after) <= troubles(before)
    assert after.duration.expected < before.duration.expected
    first, second = deepest(before), deepest(after)
    assert first is not None
    assert second is not None
    assert second.expected <= first.expected
    assert after.cap_left_m is not None
    assert after.cap_left_m.expected >= 2 * after.cards.fib.shape.least_cap.expected


@settings(max_examples=15)
@given(changes=ladders(), goal=st.sampled_from(GOALS))
def test_any_ladder_gets_one_that_is_no_worse(
    grid_plan: Plan, changes: dict[str, dict[str, float]], goal: Goal
) -> None:
    """Time for time and damage for damage never grow, and no rule that the original kept is broken."""
    before = expand(stepped(grid_plan.recipe, **changes), grid_plan.cards)
    if any(found.severity is Severity.ERROR for found in check(before)):
        return
    after = propose(before, goal).after or before
    assert troubles(after) <= troubles(before)
    first, second = deepest(before), deepest(after)
    assert first is not None
    assert second is not None
    assert second.expected <= first.expected + 1e-15
    if goal is Goal.TIME:
        assert after.duration.expected <= before.duration.expected
    else:
        assert (second.expected, second.high) <= (first.expected + 1e-15, first.high + 1e-15)


@settings(max_examples=15)
@given(changes=ladders(), places=st.lists(st.integers(min_value=0), min_size=6, max_size=6))
def test_the_search_tells_what_the_planner_says(
    grid_plan: Plan, changes: dict[str, dict[str, float]], places: list[int]
) -> None:
    """Time, damage and cap of every way are those of the plan that it becomes, also of the way that is written."""
    before = expand(stepped(grid_plan.recipe, **changes), grid_plan.cards)
    rungs = movable(before, Goal.TIME)
    course = course_of(before, rungs)
    ways = descents(course)
    assert written_way(course).time_s == pytest.approx(before.duration.expected)
    for way in (ways[place % len(ways)] for place in places):
        plan = expand(set_to(before.recipe, list(zip(rungs, way.settings, strict=True))), before.cards)
        damage = deepest(plan)
        assert damage is not None
        assert plan.cap_left_m is not None
        assert way.time_s == pytest.approx(plan.duration.expected, rel=1e-12)
        assert (way.damage_m, way.damage_high_m) == pytest.approx((damage.expected, damage.high))
        assert way.cap_m == pytest.approx(plan.cap_left_m.expected)
        assert way.entry_m == entry_of(plan)


@settings(max_examples=12)
@given(changes=ladders(), data=st.data())
def test_no_combination_of_the_same_settings_is_faster(
    grid_plan: Plan, changes: dict[str, dict[str, float]], data: st.DataObject
) -> None:
    """On a coarse grid the search finds what trying everything finds, with planner and rules as the judges."""
    before = expand(stepped(grid_plan.recipe, **changes), grid_plan.cards)
    if troubles(before):
        return
    coarse = [_thinned_out(rung, data) for rung in movable(before, Goal.TIME)]
    found = descents(course_of(before, coarse))[0]
    fastest = min(_tried(before, coarse))
    assert found.time_s == pytest.approx(fastest, rel=1e-12)


def test_no_coarse_grid_of_thicknesses_is_faster(grid_plan: Plan) -> None:
    """The search knows the thicknesses at which a rule begins to hold, so that others are not better."""
    found = propose(grid_plan, Goal.TIME).after
    rungs = movable(grid_plan, Goal.TIME)
    thicknesses = [parse(f"{nanometres} nm", "m") for nanometres in (170, 220, 290, 350, 470)]
    grids: list[list[float]] = [[rungs[0].written.leaves_m], thicknesses, thicknesses, [rungs[-1].written.leaves_m]]
    currents = [[3e-9, 7e-9], [3e-10, 1e-9, 3e-9], [5e-11, 1e-10, 3e-10], [3e-11]]
    coarse = [
        replace(rung, settings=tuple(Setting(*pair) for pair in _products(leaves, rung, amperes)))
        for rung, leaves, amperes in zip(rungs, grids, currents, strict=True)
    ]
    assert found is not None
    assert found.duration.expected <= min(_tried(grid_plan, coarse)) + 1e-6


def _products(leaves: list[float], rung: Rung, currents: list[float]) -> list[tuple[float, float, float]]:
    return [(metres, rung.written.voltage_v, amperes) for metres in leaves for amperes in currents]


def _thinned_out(rung: Rung, data: st.DataObject) -> Rung:
    """The rung with the settings it is written with and a few others."""
    others = data.draw(st.lists(st.sampled_from(rung.settings), max_size=3, unique=True))
    return replace(rung, settings=tuple(sorted({rung.written, *others})))


def _tried(plan: Plan, rungs: list[Rung]) -> list[float]:
    """Seconds of every sound combination that thins at each rung by what its own beam harms, or by what is written."""
    known, seconds = troubles(plan), [plan.duration.expected]
    for settings_ in itertools.product(*(rung.settings for rung in rungs)):
        leaves = [rungs[0].before_m, *(setting.leaves_m for setting in settings_)]
        off = [first - second for first, second in itertools.pairwise(leaves)]
        if all(
            _worth(plan, rung, setting, metres) for rung, setting, metres in zip(rungs, settings_, off, strict=True)
        ):
            tried = expand(set_to(plan.recipe, list(zip(rungs, settings_, strict=True))), plan.cards)
            if troubles(tried) <= known:
                seconds.append(tried.duration.expected)
    return seconds


def _worth(plan: Plan, rung: Rung, setting: Setting, off_m: float) -> bool:
    harm = deepest_damage(plan.recipe.sample, plan.cards.materials, setting.voltage_v)
    return off_m >= min(2 * harm, rung.before_m - rung.written.leaves_m) - 1e-12


@pytest.mark.parametrize("goal", GOALS)
def test_the_same_plan_gets_the_same_proposal(grid_plan: Plan, goal: Goal) -> None:
    """Nothing is left to chance."""
    assert propose(grid_plan, goal) == propose(grid_plan, goal)


def test_a_proposal_cannot_be_improved(grid_plan: Plan) -> None:
    """Asked again about its own ladder, it has nothing better, but still shows what could be traded."""
    after = propose(grid_plan, Goal.TIME).after
    assert after is not None
    again = propose(after, Goal.TIME)
    assert again.after is None
    assert again.new_values == []
    assert len(again.trade_off) >= 3


@pytest.mark.parametrize("recipe", [path.stem for path in RECIPES])
def test_the_trade_off_has_no_ladder_that_another_beats(plans: dict[str, Plan], recipe: str) -> None:
    """Three to eight ladders, the proposed one first, each better than every faster one in something."""
    proposal = propose(plans[recipe], Goal.TIME)
    assert 3 <= len(proposal.trade_off) <= MOST_POINTS
    assert proposal.after is not None
    assert proposal.trade_off[0].recipe == proposal.after.recipe
    values = [_values(plan) for plan in proposal.trade_off]
    for slower, faster in itertools.permutations(values, 2):
        assert any(first < second for first, second in zip(slower, faster, strict=True))
    assert all(troubles(plan) <= troubles(plans[recipe]) for plan in proposal.trade_off)


def _values(plan: Plan) -> tuple[float, ...]:
    damage, cap = deepest(plan), plan.cap_left_m
    assert damage is not None
    assert cap is not None
    return plan.duration.expected, damage.expected, -entry_of(plan), -cap.expected


def test_ways_that_differ_by_less_than_the_margin_are_one(grid_plan: Plan) -> None:
    """A slower way stays only if damage, cap or entry is better by more than the margin."""
    ways = [Way(float(place), 6e-9, 8e-9, 9e-7, place * 1e-9, ()) for place in range(10)]
    assert len(unbeaten(ways)) == 10
    assert [way.entry_m for way in unbeaten(ways, 3.5e-9)] == pytest.approx([0.0, 4e-9, 8e-9])


def test_what_is_not_its_to_move_stays(paper_plan: Plan, faster: Plan) -> None:
    """Names, order, voltages, the last thickness, the thickness at the undercut and all other steps stay."""
    moved = {rung.name for rung in moving_rungs(paper_plan)}
    for old, new in zip(paper_plan.recipe.steps, faster.recipe.steps, strict=True):
        assert old == (new if old.name not in moved else new.model_copy(update=_written(old)))
    leaves = {rung.name: rung.thickness_after_m for rung in faster.operations}
    assert (leaves["clean-faces"], leaves["polish"]) == (1.2e-6, 1e-7)


def _written(step: object) -> dict[str, float]:
    return {field: getattr(step, field) for field in ("leaves", "beam_current")}


def test_currents_are_those_of_the_card_and_the_last_one_does_not_grow(faster: Plan) -> None:
    """Every proposed current has an aperture; on the final face, where no offset protects it, none is larger."""
    assert not any(found.code == "current-not-on-card" for found in check(faster))
    assert moving_rungs(faster)[-1].beam_current_a == 3e-11


def test_a_gentler_voltage_is_used_for_damage_only(grid_plan: Plan) -> None:
    """With 2 kV on the card the polish goes to it for the sake of damage, never for the sake of time."""
    beams = grid_plan.cards.fib.beams
    gentle = next(beam for beam in beams if beam.accelerating_voltage == 5e3 and beam.particle == "Ga")
    gentle = gentle.model_copy(update={"accelerating_voltage": 2e3})
    fib = grid_plan.cards.fib.model_copy(update={"beams": (*beams, gentle)})
    plan = expand(grid_plan.recipe, grid_plan.cards.model_copy(update={"fib": fib}))
    gentler, quick = propose(plan, Goal.DAMAGE).after, propose(plan, Goal.TIME).after
    assert gentler is not None
    assert quick is not None
    harm = deepest_damage(plan.recipe.sample, plan.cards.materials, 2e3)
    assert moving_rungs(gentler)[-1].accelerating_voltage_v == 2e3
    assert moving_rungs(quick)[-1].accelerating_voltage_v == 5e3
    damage = deepest(gentler)
    assert damage is not None
    assert math.isclose(damage.expected, harm)


def test_a_step_whose_warning_is_accepted_keeps_its_values(grid_plan: Plan) -> None:
    """The written reason speaks of those values, and an acceptance that nothing causes would be a new warning."""
    accepts = (Accepted(code="edge-offset-small", reason="the tails are known on this column"),)
    recipe = stepped(grid_plan.recipe, thin_to_160={"leaves": 1.3e-7}).model_copy(update={"accepts": accepts})
    plan = expand(recipe, grid_plan.cards)
    assert troubles(plan) == set()
    after = propose(plan, Goal.TIME).after
    assert after is not None
    assert troubles(after) == set()
    assert after.recipe.steps[9] == recipe.steps[9]


def test_a_lamella_without_a_cap_is_judged_by_the_rest(grid_plan: Plan) -> None:
    """Where there is no cap to lose, time and damage alone decide which ways are kept."""
    sample = grid_plan.recipe.sample.model_copy(update={"stack": grid_plan.recipe.sample.stack[:1]})
    plan = expand(grid_plan.recipe.model_copy(update={"sample": sample}), grid_plan.cards)
    ways = descents(course_of(plan, movable(plan, Goal.TIME)))
    assert {way.cap_m for way in ways} == {0.0}
    assert len(ways) == len({way.entry_m for way in ways})
    assert ways[0].time_s < plan.duration.expected


def test_a_recipe_that_thins_nothing_has_nothing_to_move(grid_plan: Plan) -> None:
    """A ladder of trenches alone is refused in one line."""
    thinning = moving_rungs(grid_plan)
    trenches = tuple(operation for operation in grid_plan.operations if operation not in thinning)
    plan = grid_plan.model_copy(update={"operations": trenches})
    with pytest.raises(Misuse, match="no step thins the lamella after its trenches"):
        propose(plan, Goal.TIME)


def test_steps_that_do_little_are_told(paper_plan: Plan) -> None:
    """A step that takes no more than its own beam harms, or goes on with the beam before it, is superfluous."""
    little = stepped(paper_plan.recipe, thin_to_300={"leaves": 5.6e-7}, thin_to_170={"beam_current": 1e-10})
    found = {entry.step: entry.reason for entry in superfluous(expand(little, paper_plan.cards))}
    assert found["thin-to-300"] == "it takes 20 nm off each face, no more than its own beam harms"
    same = stepped(
        paper_plan.recipe, thin_to_300={"overtilt": 0.0}, thin_to_170={"beam_current": 1e-10, "overtilt": 0.0}
    )
    found = {entry.step: entry.reason for entry in superfluous(expand(same, paper_plan.cards))}
    assert found == {"thin-to-170": "it goes on with the beam of 'thin-to-300', which could leave as little"}
    assert superfluous(paper_plan) == []


def test_what_the_saved_time_leans_on(grid_plan: Plan) -> None:
    """One rate at its end changes the saved time by what replanning with that rate changes it by."""
    after = propose(grid_plan, Goal.TIME).after
    assert after is not None
    saved = saved_time(grid_plan, after)
    assert saved.low <= saved.expected <= saved.high
    found = {(entry.material, entry.voltage_v): entry for entry in leanings(grid_plan, after)}
    entry = found["silicon", 5e3]
    assert not entry.calibrated
    measured = entry.rate.model_copy(update={"low": entry.rate.low, "expected": entry.rate.low, "high": entry.rate.low})
    calibration = Calibration(
        material="silicon", accelerating_voltage="5 kV", volume_per_dose=measured, measured="a box", date="now", by="me"
    )  # fmt: skip
    fib = grid_plan.cards.fib.model_copy(update={"calibrations": (calibration,)})
    cards = grid_plan.cards.model_copy(update={"fib": fib})
    slow, slow_after = expand(grid_plan.recipe, cards), expand(after.recipe, cards)
    lost = saved.expected - saved_time(slow, slow_after).expected
    assert lost == pytest.approx(entry.lost_low_s)
    assert any(entry.calibrated for entry in leanings(slow, slow_after))


def test_what_a_scan_s_own_rate_is_worth(grid_plan: Plan) -> None:
    """Also the rate of one scan alone, at its end, changes the saved time by what replanning with it does."""
    after = propose(grid_plan, Goal.TIME).after
    assert after is not None
    (entry,) = [entry for entry in leanings(grid_plan, after) if entry.scan]
    assert (entry.material, entry.voltage_v, entry.scan) == ("silicon", 30e3, "cleaning_cross_section")
    fib = grid_plan.cards.fib
    scan = fib.patterns.cleaning_cross_section
    low = entry.rate.model_copy(update={"expected": entry.rate.low, "high": entry.rate.low})
    slow_scan = scan.model_copy(update={"rates": (scan.rates[0].model_copy(update={"volume_per_dose": low}),)})
    patterns = fib.patterns.model_copy(update={"cleaning_cross_section": slow_scan})
    cards = grid_plan.cards.model_copy(update={"fib": fib.model_copy(update={"patterns": patterns})})
    slow, slow_after = expand(grid_plan.recipe, cards), expand(after.recipe, cards)
    lost = saved_time(grid_plan, after).expected - saved_time(slow, slow_after).expected
    assert lost == pytest.approx(entry.lost_low_s)


@given(value=st.integers(min_value=1, max_value=99_999))
def test_a_quantity_is_written_so_that_it_reads_back(value: int) -> None:
    """The text of a thickness in whole nanometres is that thickness."""
    metres = parse(f"{value} nm", "m")
    assert parse(written_as(metres, "m"), "m") == metres
