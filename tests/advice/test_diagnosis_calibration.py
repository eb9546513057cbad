"""Whether the probabilities of a diagnosis mean what they say, on a few simulated lamellae and in arithmetic."""

import pytest
from benchmarks.diagnosis import report, study

from fibplan.advice.diagnosis.calibration import Case, clopper_pearson, reliability_of, within
from fibplan.model.cards import SmuCard
from fibplan.model.plan import Plan


def test_the_study_runs_short_and_finds_the_right_group(paper_plan: Plan, card: SmuCard) -> None:
    """One lamella of each fault: nine of ten right at once, all but one in the first two, as the finer classifier."""
    found = study(paper_plan, card, 1, samples=600, fine=2)
    assert within(found.cases, 1) >= 0.85
    assert within(found.cases, 2) >= 0.92
    assert within(found.cases, 1) >= within(found.finest, 1) - 0.15
    assert sum(entry.cases for entry in found.reliability.bins) >= len(found.cases)
    assert "Bayes-optimal" in "".join(report(found))


def test_a_bin_holds_its_claims_and_counts_the_right_ones() -> None:
    """Of ten claims of 80 % eight are right: the rate is 80 %, within bounds that hold it."""
    cases = [Case("a" if right else "b", ((("a",), 0.8), (("b",), 0.2))) for right in [True] * 8 + [False] * 2]
    found = {round(entry.claimed, 1): entry for entry in reliability_of(cases, "simulated lamellae").bins}
    assert found[0.8].rate == pytest.approx(0.8)
    assert found[0.2].right == 2
    assert found[0.8].low < 0.8 < found[0.8].high


def test_the_bounds_are_those_of_clopper_and_pearson() -> None:
    """Of none in a hundred the true rate is under 3.62 %, and of all over 96.38 %."""
    assert clopper_pearson(0, 100) == pytest.approx((0.0, 0.03622), abs=1e-5)
    assert clopper_pearson(100, 100) == pytest.approx((0.96378, 1.0), abs=1e-5)
