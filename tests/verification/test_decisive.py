"""What would decide a path that is not decided: named, with bounds that the measurement then keeps."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iv_case import CARD
from verification.test_verdicts import curve_of, curves_of

from fibplan.model.interval import Interval, Status
from fibplan.model.path import Above, Relative
from fibplan.model.plan import Plan
from fibplan.model.verdict import Grade, Measured, Outcome
from fibplan.units import parse
from fibplan.verification.criteria import graded, in_ohm
from fibplan.verification.decisive import decisive
from fibplan.verification.fit import resistance_of
from fibplan.verification.verdict import judge


def protective(plan: Plan) -> Above:
    criterion = plan.recipe.verification["protective"].criterion
    assert isinstance(criterion, Above)
    return criterion


def test_the_gain_is_told_in_numbers_and_decides(paper_plan: Plan) -> None:
    """A hasty sweep that spans the limit: NPLC 10 on a finer range narrows it to one side, and says so."""
    curve = curve_of(1.1e7, 0.5, 1e-6, path="protective")
    coarse = {"nplc": 0.01, "current_range_a": 1e-5}
    curve = curve.model_copy(update={"settings": curve.settings.model_copy(update=coarse)})
    measured = resistance_of(curve, CARD)
    grade, _ = graded(measured, protective(paper_plan))
    assert grade is not Grade.PASS
    (told, *_) = decisive(curve, measured, protective(paper_plan), CARD)
    found = re.fullmatch(r"(NPLC 10.*) narrows (.+)-(.+) to (.+)-(.+), which decides it", told)
    assert found, told
    low, high = (parse(text, "ohm", "1 ohm") for text in found.groups()[3:])
    assert measured.low_ohm < low < 1.1e7 < high
    fine = curve.model_copy(
        update={"settings": curve.settings.model_copy(update={"nplc": 10.0, "current_range_a": 1e-7})}
    )
    again = resistance_of(fine, CARD)
    assert low < again.expected_ohm < high
    assert again.low_ohm == pytest.approx(low, rel=0.01)
    assert again.high_ohm == pytest.approx(high, rel=0.01)


@given(
    bounds=st.tuples(st.floats(0.0, 1e9), st.none() | st.floats(1.0, 1e3)),
    contacts=st.none() | st.floats(min_value=0.0, max_value=1e7),
    path=st.sampled_from(["bridge", "protective"]),
)
def test_something_is_always_proposed(
    paper_plan: Plan, bounds: tuple[float, float | None], contacts: float | None, path: str
) -> None:
    """Whatever the bounds, there is a sentence, and nothing breaks."""
    low, width = bounds
    high = None if width is None else max(low, 1.0) * width
    measured = Measured(
        low_ohm=low,
        expected_ohm=None,
        high_ohm=high,
        points_used=9,
        points_excluded=0,
        source="",
        contacts_ohm=contacts,
    )
    curve = curve_of(150.0, 5e-3, 4e-5)
    told = decisive(curve, measured, paper_plan.recipe.verification[path].criterion, CARD)
    assert told
    assert all(text for text in told)


def predicted(ohm: float) -> Interval:
    return Interval(low=ohm / 2, expected=ohm, high=ohm * 2, unit="ohm", source="test", status=Status.DERIVED)


# ohm, predicted ohm, and the grade with limits at 50 % and 10 % of what is predicted
RELATIVE = {
    "a healthy thick lamella": (5e6, 6e6, Grade.PASS),
    "a thick lamella that leaks a little": (2e6, 6e6, Grade.MARGINAL),
    "a thick lamella that leaks": (4e5, 6e6, Grade.FAIL),
    "5 Mohm where 100 are predicted": (5e6, 1e8, Grade.FAIL),
}


@pytest.mark.parametrize("name", RELATIVE)
def test_limits_may_go_with_the_predicted_resistance(paper_plan: Plan, name: str) -> None:
    """What is healthy depends on how thick the lamella is; without a prediction the limits in ohm hold."""
    ohm, expected, grade = RELATIVE[name]
    recipe = paper_plan.recipe
    criterion = protective(paper_plan).model_copy(update={"relative": Relative(above=0.5, marginal=0.1)})
    path = recipe.verification["protective"].model_copy(update={"criterion": criterion})
    plan = paper_plan.model_copy(
        update={"recipe": recipe.model_copy(update={"verification": {**recipe.verification, "protective": path}})}
    )
    verdict = judge(plan, curves_of(plan, 150.0, ohm), CARD, {"protective": predicted(expected)})
    assert verdict.paths[1].grade is grade
    assert verdict.paths[2].grade is Grade.PASS
    assert in_ohm(criterion, None) == criterion
    assert judge(plan, curves_of(plan, 150.0, 5e6), CARD).outcome is Outcome.REWORK
