"""A rate after a measurement: Bayes' rule for a log-normal, whatever the numbers."""

import itertools
import math
from functools import reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shipped import ROOT

from fibplan.advice.calibration import (
    Accuracy,
    Box,
    Measurement,
    log_sd,
    measured_box,
    surprise,
    together,
    update,
    width_ratio,
)
from fibplan.errors import Misuse
from fibplan.library.examine import examine_file
from fibplan.library.load import load_recipe
from fibplan.library.search_path import SearchPath
from fibplan.milling.column import Column
from fibplan.milling.removal import Removed
from fibplan.model.fib_card import Calibration, FibCard
from fibplan.model.interval import Interval, Status
from fibplan.model.plan import Plan
from fibplan.model.steps import MillTrench

POSITIVE = st.floats(min_value=1e-11, max_value=1e-8)
NOISE = st.floats(min_value=1e-3, max_value=1.0)
MEASUREMENTS = st.builds(Measurement, rate=POSITIVE, log_sd=NOISE, source=st.just("box"))


@st.composite
def priors(draw: st.DrawFn) -> Interval:
    """Rates whose median need not lie in the middle, and which are known to better than three decades."""
    expected = draw(POSITIVE)
    down, up = (draw(st.floats(min_value=1.01, max_value=30.0)) for _ in range(2))
    coverage = draw(st.floats(min_value=0.5, max_value=0.99))
    return rate(expected / down, expected, expected * up, coverage=coverage)


def rate(low: float, expected: float, high: float, coverage: float = 0.9) -> Interval:
    return Interval(
        low=low, expected=expected, high=high, unit="m3/C", coverage=coverage, source="card", status=Status.UNVERIFIED
    )


@pytest.fixture(scope="module")
def silicon_plan(library: SearchPath) -> Plan:
    """Every operation of it mills nothing but silicon, beside the cap."""
    return examine_file(load_recipe(ROOT / "recipes" / "si-lamella-grid.yaml"), library).sound_plan()


@given(prior=priors(), measurements=st.lists(MEASUREMENTS, min_size=2, max_size=4))
def test_measurements_count_the_same_in_any_order(prior: Interval, measurements: list[Measurement]) -> None:
    """Independent measurements lead to one rate, however they follow each other."""
    results = [reduce(update, order, prior) for order in itertools.permutations(measurements)]
    for result in results[1:]:
        assert result.expected == pytest.approx(results[0].expected, rel=1e-9)
        assert result.low == pytest.approx(results[0].low, rel=1e-9)
        assert result.high == pytest.approx(results[0].high, rel=1e-9)


@given(prior=priors(), measurement=MEASUREMENTS)
def test_a_measurement_never_widens(prior: Interval, measurement: Measurement) -> None:
    """High over low never grows, and the coverage stays what it was."""
    posterior = update(prior, measurement)
    assert 0.0 < width_ratio(prior, posterior) <= 1.0 + 1e-9
    assert log_sd(posterior) <= min(log_sd(prior), measurement.log_sd) * (1 + 1e-9)
    assert posterior.coverage == prior.coverage


@given(prior=priors(), measurement=MEASUREMENTS)
def test_the_median_lies_between_the_card_and_the_measurement(prior: Interval, measurement: Measurement) -> None:
    """Neither is overshot."""
    low, high = sorted((prior.expected, measurement.rate))
    assert low * (1 - 1e-9) <= update(prior, measurement).expected <= high * (1 + 1e-9)


@given(prior=priors(), measured=POSITIVE)
def test_an_exact_measurement_is_believed_and_a_vague_one_changes_nothing(prior: Interval, measured: float) -> None:
    """Without uncertainty the rate is what was measured; with a boundless one it stays that of the card."""
    exact = update(prior, Measurement(measured, 0.0, "box"))
    assert (exact.low, exact.high) == pytest.approx((measured, measured), rel=1e-9)
    vague = update(prior, Measurement(measured, 1e9, "box"))
    assert vague.expected == pytest.approx(prior.expected, rel=1e-9)
    assert width_ratio(prior, vague) == pytest.approx(1.0)


def test_the_update_is_bayes_rule() -> None:
    """Median and ends are those of prior density times likelihood, integrated number by number."""
    prior, measurement = rate(1.5e-10, 2e-10, 2.9e-10), Measurement(1.6e-10, 0.12, "box")
    x = np.linspace(math.log(2e-11), math.log(2e-9), 400_001)
    density = np.exp(-0.5 * ((x - math.log(2e-10)) / log_sd(prior)) ** 2 - 0.5 * ((x - math.log(1.6e-10)) / 0.12) ** 2)
    share = np.cumsum(density) / density.sum()
    low, median, high = (math.exp(np.interp(level, share, x)) for level in (0.05, 0.5, 0.95))
    posterior = update(prior, measurement)
    assert (posterior.low, posterior.expected, posterior.high) == pytest.approx((low, median, high), rel=1e-4)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Of columns drawn from the card, each measured once with error, 90 % lie inside what is then said of them."""
    chance = np.random.default_rng(5)
    prior = rate(1.5e-10, 2e-10, 2.6667e-10)
    truths = 2e-10 * np.exp(log_sd(prior) * chance.standard_normal(4000))
    readings = truths * np.exp(0.1 * chance.standard_normal(4000))
    pairs = zip(truths, readings, strict=True)
    held = [truth in update(prior, Measurement(reading, 0.1, "box")) for truth, reading in pairs]
    assert np.mean(held) == pytest.approx(0.9, abs=0.015)


def test_the_result_is_derived_and_names_its_measurement() -> None:
    """Status and source of the rate say how it came about."""
    posterior = update(rate(1.5e-10, 2e-10, 2.9e-10), Measurement(1.7e-10, 0.1, "box in 3 min"))
    assert posterior.status is Status.DERIVED
    assert "box in 3 min" in posterior.source
    assert "0.2 um3/nC (0.15 um3/nC to 0.29 um3/nC)" in posterior.source


@pytest.mark.parametrize(
    ("prior", "said"),
    [
        (rate(2e-10, 2e-10, 2e-10), "given without uncertainty"),
        (rate(1e-10, 2e-10, 3e-10, coverage=1.0), "given without uncertainty"),
        (rate(0.0, 2e-10, 3e-10), "reaches down to zero"),
    ],
    ids=["no spread", "certain", "zero"],
)
def test_a_rate_that_no_measurement_can_narrow_is_refused(prior: Interval, said: str) -> None:
    """A card without an interval, with a certain one, or with one down to zero is told apart from a log-normal."""
    with pytest.raises(Misuse, match=said):
        update(prior, Measurement(2e-10, 0.1, "box"))


@given(prior=priors(), measurement=MEASUREMENTS)
def test_what_the_card_allows_is_no_surprise(prior: Interval, measurement: Measurement) -> None:
    """A measurement is an outlier only outside the card's own ends, however lopsided those are."""
    assert (surprise(prior, measurement) == 0.0) == (measurement.rate in prior)


def test_a_slip_of_a_factor_ten_is_a_surprise() -> None:
    """Ten times the current lies more than three combined standard deviations off."""
    assert surprise(rate(1.5e-10, 2e-10, 2.9e-10), Measurement(2e-11, 0.08, "box")) > 3.0


@given(measurements=st.lists(MEASUREMENTS, min_size=1, max_size=5))
def test_patterns_that_err_together_are_known_no_better_than_the_best(measurements: list[Measurement]) -> None:
    """Their mean lies among them and is at least as uncertain as the surest: repeating a shared error averages none."""
    merged = together(measurements)
    rates = [entry.rate for entry in measurements]
    assert min(rates) * (1 - 1e-9) <= merged.rate <= max(rates) * (1 + 1e-9)
    noises = [entry.log_sd for entry in measurements]
    assert min(noises) * (1 - 1e-9) <= merged.log_sd <= max(noises) * (1 + 1e-9)
    assert together(measurements[::-1]).rate == pytest.approx(merged.rate, rel=1e-9)


@given(
    side_um=st.floats(min_value=1, max_value=20),
    depth_um=st.floats(min_value=0.1, max_value=10),
    current_na=st.floats(min_value=0.01, max_value=20),
)
def test_a_calibrated_column_takes_the_time_that_was_measured(
    silicon_plan: Plan, side_um: float, depth_um: float, current_na: float
) -> None:
    """The vendor's bookkeeping holds for a calibrated rate: the same box is planned with its own time, to 0.03 %."""
    volume, dose_nc = side_um**2 * depth_um, side_um**2 * depth_um / 0.17
    box = Box(side_um * 1e-6, side_um * 1e-6, depth_um * 1e-6, current_na * 1e-9, dose_nc / current_na)
    fib = silicon_plan.cards.fib
    measurement = measured_box(box, fib, Accuracy())
    surely = Measurement(measurement.rate, 1e-9, measurement.source)
    posterior = update(rate(1.5e-10, 2e-10, 2.9e-10), surely)
    calibrated = Column(calibrated_card(fib, posterior), silicon_plan.cards.materials)
    shape = {"profile": "box", "length": side_um, "width": side_um, "depth": box.depth}
    step = trench(silicon_plan).model_copy(update={**shape, "beam_current": box.beam_current})
    time = calibrated.milling_time([Removed("silicon", volume)], step)
    assert time.expected == pytest.approx(box.time, rel=3e-4)


def test_a_box_says_what_was_undone_and_how_well_it_is_known(silicon_plan: Plan) -> None:
    """30 um3 in 180 nC are 0.167 um3/nC; the open surface is 1/0.95 faster, known to 5, 5, 1 and 3 % together."""
    measured = measured_box(Box(5e-6, 5e-6, 1.2e-6, 1e-9, 180.0), silicon_plan.cards.fib, Accuracy())
    assert measured.rate == pytest.approx(30e-18 / 180e-9 / 0.95)
    factor = math.log(1.0 / 0.9) / (2 * 1.6448536)
    assert measured.log_sd == pytest.approx(math.hypot(0.05, 0.05, 0.01, factor))
    assert measured.source == "box 5 um x 5 um x 1.2 um in 180 s at 1 nA: 0.167 um3/nC, redeposition factor 0.95 undone"


def trench(plan: Plan) -> MillTrench:
    return next(step for step in plan.recipe.steps if isinstance(step, MillTrench))


def calibrated_card(fib: FibCard, volume_per_dose: Interval) -> FibCard:
    calibration = Calibration.model_construct(
        material="silicon", accelerating_voltage=30e3, volume_per_dose=volume_per_dose
    )
    return fib.model_copy(update={"calibrations": (calibration,)})
