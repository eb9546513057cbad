"""The probing protocol as data, and what its steps prove: floor, contacts, repetitions, and who confirmed the dark."""

import math

import pytest
from lamella_case import plan_of, recipe_with
from verification.test_verdicts import curve_of, curves_of, with_curve

from fibplan.model.cards import ProbeCard
from fibplan.model.curve import Curve, CurveSet
from fibplan.model.plan import Plan
from fibplan.model.verdict import Grade, Outcome
from fibplan.session.probing import request_of
from fibplan.verification.probing import (
    CONDITIONS,
    REPEAT,
    SWEEP,
    floor_steps,
    isolation_paths,
    path_steps,
    protocol,
)
from fibplan.verification.verdict import judge

BOTH = ("bridge", "protective")
ISOLATIONS = ("isolation-reference_electrode", "isolation-counter_electrode")


def with_tips(plan: Plan, tips: int) -> Plan:
    probe = plan.cards.probe
    assert isinstance(probe, ProbeCard)
    return plan.model_copy(
        update={"cards": plan.cards.model_copy(update={"probe": probe.model_copy(update={"tips": tips})})}
    )


def judged(plan: Plan, curves: CurveSet):
    assert plan.cards.smu is not None
    return judge(plan, curves, plan.cards.smu)


def test_the_floor_comes_first_then_the_electrodes_then_the_paths(paper_plan: Plan) -> None:
    """Nothing is swept through the lamella before the lifted tips and the isolation of the electrodes were."""
    order = list(dict.fromkeys(step.path for step in protocol(paper_plan, BOTH)))
    assert order == ["tips", *ISOLATIONS, *BOTH]
    (floor,) = floor_steps(paper_plan)
    assert floor.landings == ("lifted", "lifted")
    assert "lift every tip" in floor.instruction


def test_two_tips_leapfrog(paper_plan: Plan) -> None:
    """On an insulating path one tip stays while the other moves, then the reverse; each is proved on either side."""
    steps = path_steps(paper_plan, "protective")
    start, end = "working_electrode", "protective_layer"
    assert [(step.name, step.landings, step.moved) for step in steps] == [
        ("contact_start_before", (start, start), (1, 2)),
        ("gentle", (start, end), (2,)),
        ("sweep", (start, end), ()),
        ("reversed", (start, end), ()),
        ("repeat", (start, end), ()),
        ("contact_end_between", (end, end), (1,)),
        ("leapfrog", (start, end), (1,)),
        ("contact_start_after", (start, start), (2,)),
    ]
    assert steps[1].instruction == "land tip 2 on the protective layer; tip 1 stays on the working electrode"


@pytest.mark.parametrize("tips", [3, 4])
@pytest.mark.parametrize("path", [*BOTH, *ISOLATIONS])
def test_a_third_tip_proves_the_others_which_never_move(paper_plan: Plan, tips: int, path: str) -> None:
    """With three tips or more, tips 1 and 2 stand still from their contact checks before to those after."""
    steps = path_steps(with_tips(paper_plan, tips), path)
    checks = [step.name for step in steps if step.purpose == "contact"]
    assert checks == ["contact_start_before", "contact_end_before", "contact_start_after", "contact_end_after"]
    assert {tip for step in steps[1:] for tip in step.moved if tip == 1} == set()
    assert {tip for step in steps[2:] for tip in step.moved if tip == 2} == set()
    assert all(step.tips == (1, 2) for step in steps if step.purpose == "resistance")


@pytest.mark.parametrize("path", BOTH)
def test_a_path_is_approached_from_low_voltage_and_swept_from_rest(paper_plan: Plan, path: str) -> None:
    """The first sweep through it is the gentlest, and each sweep begins and ends at zero and sees both signs twice."""
    steps = [step for step in path_steps(paper_plan, path) if step.purpose == "resistance"]
    assert steps[0].voltage_v < 0.5 * steps[1].voltage_v
    for step in steps:
        levels = request_of(paper_plan, step).levels
        assert levels[0] == levels[-1] == 0.0
        assert (max(levels), min(levels)) == pytest.approx((step.voltage_v, -step.voltage_v))
        first = next(level for level in levels if level)
        assert math.copysign(1.0, first) == (-1.0 if step.reversed else 1.0)
    assert [step.name for step in steps if step.reversed] == ["reversed"]
    assert [step.name for step in steps if step.pause_s] == [REPEAT]


def test_no_step_carries_more_than_the_plan_lets_its_path_carry() -> None:
    """The lower of recipe and plan is what every step of a path is held to, contact checks included."""
    for limit_a in (1e-7, 1e-5, 1e-3):
        plan = plan_of(recipe_with(), limit_a)
        for step in (step for name in BOTH for step in path_steps(plan, name)):
            assert step.compliance_a <= limit_a
            assert request_of(plan, step).compliance_a == step.compliance_a


def test_a_recipe_s_own_isolation_path_stands_in_its_place(paper_plan: Plan) -> None:
    """What the recipe says of two electrodes is not measured a second time by another rule."""
    own = paper_plan.recipe.verification["protective"].model_copy(update={"end": "reference_electrode"})
    recipe = paper_plan.recipe.model_copy(update={"verification": {**paper_plan.recipe.verification, "mine": own}})
    assert list(isolation_paths(paper_plan.model_copy(update={"recipe": recipe}))) == ["isolation-counter_electrode"]


def test_an_old_curve_set_is_inconclusive_and_says_what_is_missing(paper_plan: Plan) -> None:
    """One sweep a path, as earlier releases measured it, loads and decides nothing."""
    old = [curve for curve in curves_of(paper_plan, 150.0, 1.25e7).curves if curve.probing == SWEEP]
    bare = [Curve.model_validate_json(curve.model_copy(update={"conditions": ()}).model_dump_json()) for curve in old]
    verdict = judged(paper_plan, CurveSet(curves=tuple(curve for curve in bare if curve.path in BOTH)))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    bridge, protective, *isolations = verdict.paths
    assert "gentle, reversed, repeat: not measured in this run" in bridge.reasons
    told = " ".join(protective.reasons)
    assert "leapfrog" in told
    assert "open-tip floor was not measured" in told
    assert "nobody confirmed that the electron beam is blanked" in told
    assert {path.reasons for path in isolations} == {("this path was not measured",)}


def test_a_curve_without_the_new_fields_keeps_its_bytes(paper_plan: Plan) -> None:
    """A curve of an earlier release is written as it was, so that the journal's hash of it still holds."""
    curve = curves_of(paper_plan, 150.0, 1.25e7).curves[0].model_copy(update={"conditions": ()})
    assert not {"conditions", "about_v"} & set(curve.model_dump())
    lit = curve.model_copy(update={"conditions": tuple(CONDITIONS), "about_v": 3.9})
    assert Curve.model_validate_json(lit.model_dump_json()) == lit


# what the lifted tips read in ohm and in amperes of stray current, and the grade of the protective path
FLOORS = {
    "silent": (math.inf, 0.0, Grade.PASS),
    "a little": (math.inf, 2e-9, Grade.PASS),
    "beam on": (math.inf, 4e-7, Grade.INCONCLUSIVE),
    "light on": (math.inf, 2e-8, Grade.INCONCLUSIVE),
    "leaking cable": (2e7, 0.0, Grade.INCONCLUSIVE),
    "tips touching": (60.0, 0.0, Grade.INCONCLUSIVE),
}


@pytest.mark.parametrize("name", FLOORS)
def test_a_stray_current_forbids_an_insulating_verdict(name: str, paper_plan: Plan) -> None:
    """Until the floor is gone no path is called insulating, and nothing is taken off its readings."""
    ohm, stray, grade = FLOORS[name]
    (step,) = floor_steps(paper_plan)
    floor = curve_of(ohm, step.voltage_v, step.compliance_a, path="tips", probing="floor", offset=stray)
    verdict = judged(paper_plan, with_curve(curves_of(paper_plan, 150.0, 1.25e7), floor))
    assert [path.grade for path in verdict.paths] == [Grade.PASS, grade, grade, grade]


def test_a_floor_that_was_measured_later_proves_nothing_of_the_sweep(paper_plan: Plan) -> None:
    """The floor counts where it stands in the set: before the sweep."""
    floor, *rest = curves_of(paper_plan, 150.0, 1.25e7).curves
    verdict = judged(paper_plan, CurveSet(curves=(*rest, floor)))
    assert verdict.paths[1].grade is Grade.INCONCLUSIVE


@pytest.mark.parametrize("step", ["gentle", "reversed", "repeat", "contact_end_between", "leapfrog"])
@pytest.mark.parametrize("how", ["missing", "partial", "early"])
def test_every_step_of_an_insulating_path_is_needed(step: str, how: str, paper_plan: Plan) -> None:
    """A step that is missing, broken off or taken at another time leaves the path undecided, and is named."""
    curves = list(curves_of(paper_plan, 150.0, 1.25e7).curves)
    place = next(index for index, c in enumerate(curves) if (c.path, c.probing) == ("protective", step))
    curve = curves.pop(place)
    if how == "partial":
        curves.insert(place, curve.model_copy(update={"partial": True}))
    if how == "early":
        curves.insert(0, curve) if step != "gentle" else curves.append(curve)
    protective = judged(paper_plan, CurveSet(curves=tuple(curves))).paths[1]
    assert protective.grade is Grade.INCONCLUSIVE
    assert any(step.replace("_", " ") in reason for reason in protective.reasons)


@pytest.mark.parametrize(("factor", "grade"), [(1.1, Grade.PASS), (1.5, Grade.INCONCLUSIVE), (0.5, Grade.INCONCLUSIVE)])
@pytest.mark.parametrize("step", ["leapfrog", "reversed", "repeat"])
def test_readings_must_agree_within_a_fifth(step: str, factor: float, grade: Grade, paper_plan: Plan) -> None:
    """What the tips read after they were landed again is the same path, or nobody knows which."""
    other = curve_of(3e7 * factor, 0.5, 1e-6, path="protective", probing=step)
    verdict = judged(paper_plan, with_curve(curves_of(paper_plan, 150.0, 3e7), other))
    assert verdict.paths[1].grade is grade


def test_the_bounds_hold_for_every_repetition(paper_plan: Plan) -> None:
    """A path passes only where its worst sweep does."""
    worse = curve_of(0.95e7, 0.5, 1e-6, path="protective", probing="repeat")
    verdict = judged(paper_plan, with_curve(curves_of(paper_plan, 150.0, 1.1e7), worse))
    assert verdict.paths[1].grade is Grade.MARGINAL


def test_an_insulating_pass_says_no_metallic_short_and_that_it_was_dry(paper_plan: Plan) -> None:
    """A pass claims what was measured and no more."""
    reason = judged(paper_plan, curves_of(paper_plan, 150.0, 1.25e7)).paths[1].reasons[0]
    assert reason.startswith("no metallic short: at least ")
    assert reason.endswith("as measured dry")
