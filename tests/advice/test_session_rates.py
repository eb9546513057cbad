"""What a session's times say of its rates, and what they cannot say."""

import pytest
from shipped import ROOT

from fibplan.advice.calibration import Accuracy, Box, measured_box, update, width_ratio
from fibplan.advice.session_rates import PLANNED_DEPTHS, Actual, session_rates
from fibplan.library.examine import examine_file
from fibplan.library.load import load_recipe
from fibplan.library.search_path import SearchPath
from fibplan.model.interval import Interval, Status
from fibplan.model.plan import Operation, Plan


@pytest.fixture(scope="module")
def silicon_plan(library: SearchPath) -> Plan:
    """Every operation of it mills nothing but silicon, beside the cap."""
    return examine_file(load_recipe(ROOT / "recipes" / "si-lamella-grid.yaml"), library).sound_plan()


@pytest.mark.parametrize("slower", [0.8, 1.0, 2.0])
def test_a_session_tells_the_rate_that_would_have_foreseen_it(silicon_plan: Plan, slower: float) -> None:
    """Twice the beam time, with the overhead as expected, is half the plain rate, whatever the scan's own factors."""
    actuals = {op.name: took(op, slower) for op in milling(silicon_plan)}
    told = session_rates(silicon_plan, actuals, PLANNED_DEPTHS, "session s-1")
    measured = told.measured["silicon", 30e3]
    assert measured.rate == pytest.approx(2e-10 / slower, rel=1e-9)
    assert measured.source.startswith("session s-1: ")
    assert "of overhead" in measured.source


def test_a_session_narrows_little_while_the_factors_are_wide(silicon_plan: Plan) -> None:
    """Gain and redeposition are known to a factor of two at best, so a session's times are no substitute for a box."""
    actuals = {op.name: took(op, 1.0) for op in milling(silicon_plan)}
    measured = session_rates(silicon_plan, actuals, PLANNED_DEPTHS, "session").measured["silicon", 30e3]
    prior = Interval(
        low=1.5e-10, expected=2e-10, high=2.9e-10, unit="m3/C", coverage=0.9, source="card", status=Status.UNVERIFIED
    )
    box = measured_box(Box(5e-6, 5e-6, 1.2e-6, 1e-9, 180.0), silicon_plan.cards.fib, Accuracy())
    assert measured.log_sd > 0.2
    assert 0.7 < width_ratio(prior, update(prior, measured)) < 1.0
    assert width_ratio(prior, update(prior, box)) < 0.5


def test_an_operation_that_was_mostly_overhead_tells_nothing(silicon_plan: Plan) -> None:
    """An operation that took no longer than its overhead is named with the reason, and no rate is made up."""
    trenches = next(op for op in milling(silicon_plan) if op.kind == "mill_trench")
    told = session_rates(silicon_plan, {trenches.name: took(trenches, 0.0)}, PLANNED_DEPTHS, "session")
    assert told.measured == {}
    assert "hides its beam time" in told.unusable[trenches.name]


def test_only_what_is_mostly_one_material_is_used(paper_plan: Plan) -> None:
    """A cut through all layers says nothing of any one of them; trenches go mostly through the silicon below."""
    actuals = {op.name: took(op, 10.0) for op in milling(paper_plan)}
    told = session_rates(paper_plan, actuals, PLANNED_DEPTHS, "session")
    assert set(told.measured) == {("silicon", 30e3)}
    assert "no material is more than 80%" in told.unusable["polish"]


def test_what_was_left_is_what_counts_not_what_was_planned(silicon_plan: Plan) -> None:
    """Half the planned thickness taken off in the planned time is half the rate."""
    thinning = next(op for op in milling(silicon_plan) if op.kind == "cleaning_cross_section")
    before, after = thinning.thickness_before_m, thinning.thickness_after_m
    assert before is not None
    assert after is not None
    planned, halved = (
        session_rates(
            silicon_plan, {thinning.name: took(thinning, 5.0, thickness_m=left)}, PLANNED_DEPTHS, "session"
        ).measured["silicon", 30e3]
        for left in (after, (before + after) / 2)
    )
    assert halved.rate == pytest.approx(planned.rate / 2)


def milling(plan: Plan) -> list[Operation]:
    kinds = ("mill_trench", "cleaning_cross_section", "undercut", "thin", "polish")
    return [operation for operation in plan.operations if operation.kind in kinds]


def took(operation: Operation, slower: float, thickness_m: float | None = None) -> Actual:
    """The operation with its expected overhead and a beam time that much longer than expected."""
    beam = operation.beam_on_s
    assert beam is not None
    return Actual(operation.duration_s.expected + (slower - 1.0) * beam.expected, thickness_m)
