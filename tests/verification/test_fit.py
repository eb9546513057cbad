"""What number, bound or refusal comes out of a sweep: laws that hold for every curve, and every kind of bad one."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iv_case import CARD, VOLTS, changed, curve_of, levels_of, read, resistor

from fibplan.model.curve import Curve, CurvePoint, CurveSet, Settings
from fibplan.model.plan import Plan
from fibplan.model.verdict import Grade, Measured
from fibplan.verification.fit import resistance_of
from fibplan.verification.verdict import judge

OHM = 1.25e7
OHMS = st.floats(min_value=1e6, max_value=1e8)


def bounds(measured: Measured) -> tuple[float, float | None, float | None]:
    return measured.low_ohm, measured.expected_ohm, measured.high_ohm


@given(ohm=OHMS, factor=st.floats(min_value=0.2, max_value=5.0))
def test_k_times_the_current_is_a_kth_of_the_resistance(ohm: float, factor: float) -> None:
    """On one range, with the offset far away, value and bounds go with one over the current."""
    curve = resistor(ohm, noise=0.0, compliance_a=1e-3)
    scaled = changed(curve, current_a=lambda p: factor * (p.current_a or 0.0))
    before, after = resistance_of(curve, CARD), resistance_of(scaled, CARD)
    assert bounds(after) == pytest.approx(tuple(end / factor for end in bounds(before) if end), rel=1e-6)


@given(ohm=OHMS, amperes=st.floats(-2e-10, 2e-10), volts=st.floats(-2e-4, 2e-4))
def test_the_instrument_s_offsets_do_not_change_the_number(ohm: float, amperes: float, volts: float) -> None:
    """Offsets of the ammeter and of the voltmeter within their specifications drop out of the slope."""
    curve = resistor(ohm)
    moved = changed(
        curve, current_a=lambda p: (p.current_a or 0.0) + amperes, voltage_v=lambda p: (p.voltage_v or 0.0) + volts
    )
    assert bounds(resistance_of(moved, CARD)) == pytest.approx(bounds(resistance_of(curve, CARD)), rel=1e-9)


@given(order=st.permutations(range(41)))
def test_the_order_of_the_points_does_not_matter(order: list[int]) -> None:
    """A file that was sorted by something else than time gives the same bytes."""
    curve = resistor(OHM)
    shuffled = curve.model_copy(update={"points": tuple(curve.points[place] for place in order)})
    assert resistance_of(shuffled, CARD) == resistance_of(curve, CARD)


@given(ohm=OHMS, factor=st.floats(min_value=1.0, max_value=1e4))
def test_bounds_grow_with_the_resistance(ohm: float, factor: float) -> None:
    """Whatever else is larger: a more resistive sample never gets a lower bound under that of a less resistive one."""
    less, more = resistance_of(resistor(ohm, noise=0.0), CARD), resistance_of(resistor(ohm * factor, noise=0.0), CARD)
    assert more.low_ohm >= less.low_ohm * (1 - 1e-9)
    assert more.high_ohm is None or more.high_ohm >= (less.high_ohm or 0.0) * (1 - 1e-9)


@given(places=st.sets(st.integers(0, 40), max_size=8), kind=st.sampled_from(["clamped", "overflowed"]))
def test_excluded_points_never_enter_but_are_counted(places: set[int], kind: str) -> None:
    """What a point reads that a limit or a range spoilt changes neither value nor scatter; how many is told."""
    curve = resistor(OHM)
    spoilt: dict[str, object] = {"in_compliance": True} if kind == "clamped" else {"overflow": 1, "current_a": None}
    points = [p.model_copy(update=spoilt if n in places else {}) for n, p in enumerate(curve.points)]
    left = [point for n, point in enumerate(curve.points) if n not in places]
    measured = resistance_of(curve.model_copy(update={"points": tuple(points)}), CARD)
    alone = resistance_of(curve.model_copy(update={"points": tuple(left)}), CARD)
    assert bounds(measured) == bounds(alone)
    assert (measured.points_used, measured.points_excluded) == (41 - len(places), len(places))
    assert {entry.why: entry.points for entry in measured.excluded} == ({kind: len(places)} if places else {})


def test_a_clamped_leak_at_either_end_is_not_overlooked() -> None:
    """A path that breaks down in one direction only is judged by that direction, whichever is swept first."""
    for sign in (-1.0, 1.0):
        levels = levels_of()
        points = [
            point.model_copy(update={"in_compliance": True, "current_a": sign * 1e-6, "voltage_v": sign * 0.01})
            if sign * point.level > 0.4
            else point
            for point in read(lambda v, _: v / 2e7, levels).points
        ]
        measured = resistance_of(resistor(2e7).model_copy(update={"points": tuple(points)}), CARD)
        assert measured.low_ohm == pytest.approx(1e4, rel=1e-3)
        assert measured.expected_ohm is None


def test_settling_points_are_left_out_and_counted() -> None:
    """First readings that are read again later, and otherwise, are charging, not the sample."""
    late = [1e-7, 4e-8, 1e-8]
    curve = resistor(OHM, both_ways=True)
    points = [
        p.model_copy(update={"current_a": (p.current_a or 0.0) - late[n]}) if n < len(late) else p
        for n, p in enumerate(curve.points)
    ]
    measured = resistance_of(curve.model_copy(update={"points": tuple(points)}), CARD)
    assert {entry.why: entry.points for entry in measured.excluded} == {"settling": 3}
    assert measured.expected_ohm == pytest.approx(OHM, rel=1e-4)
    assert not measured.remarks


def test_a_sweep_one_way_has_no_settling_points() -> None:
    """Nobody read those levels again: what bends only at one end may be the sample, and stays."""
    late = [1e-7, 4e-8, 1e-8]
    curve = resistor(OHM)
    points = [
        p.model_copy(update={"current_a": (p.current_a or 0.0) - late[n]}) if n < len(late) else p
        for n, p in enumerate(curve.points)
    ]
    measured = resistance_of(curve.model_copy(update={"points": tuple(points)}), CARD)
    assert not measured.excluded
    assert measured.low_ohm < 0.5 * OHM


def test_a_change_of_range_leaves_no_step() -> None:
    """Each range errs by its own offset; the lines through each agree where a line across both would not."""
    offsets = {True: 9e-11, False: -4.9e-11}  # within the specification of 100 nA and of 10 nA
    curve = resistor(OHM, current_range_a=None)
    stepped = changed(curve, current_a=lambda p: (p.current_a or 0.0) + offsets[abs(p.current_a or 0.0) > 1e-8])
    measured = resistance_of(stepped, CARD)
    assert measured.expected_ohm == pytest.approx(OHM, rel=1e-5)
    assert not measured.remarks
    assert {row.source for row in measured.budget} >= {
        "gain of the 10 nA current range",
        "gain of the 100 nA current range",
    }


def test_a_current_under_the_offset_is_a_lower_bound_and_never_a_value() -> None:
    """Half a volt and an offset of 300 pA see no resistance over some gigohm, whatever the slope says."""
    measured = resistance_of(resistor(1e12), CARD)
    assert measured.expected_ohm is None
    assert measured.high_ohm is None
    assert 0.5 * VOLTS / 3e-10 < measured.low_ohm < 2.0 * VOLTS / 3e-10
    assert "no current resolved" in measured.source


def sourced(ohm: float, reach_a: float, limit_v: float) -> Curve:
    """A current sweep on a fixed voltage range."""
    points: list[CurvePoint] = []
    for place, share in enumerate(levels_of(41, reach=1.0)):
        level = share * reach_a
        held = abs(level * ohm) > limit_v
        volts = math.copysign(limit_v, level) if held else level * ohm + 1e-7 * math.sin(17.0 * place)
        seen = volts / ohm if held else level
        points.append(CurvePoint(level=level, voltage_v=volts, current_a=seen, time_s=0.1 * place, in_compliance=held))
    settings = Settings(source="current", limit_v=limit_v, voltage_range_v=2.0, current_range_a=reach_a, nplc=1.0)
    return curve_of(points, settings)


def test_a_sourced_current_whose_voltage_is_not_resolved_bounds_from_above() -> None:
    """A milliampere that drops less than the voltmeter's offset says that there is little resistance, and no more."""
    measured = resistance_of(sourced(0.01, 1e-3, 1.0), CARD)
    assert (measured.low_ohm, measured.expected_ohm) == (0.0, None)
    assert 0.01 < (measured.high_ohm or 0.0) < 1.0
    assert "no voltage resolved" in measured.source


def test_bounds_from_a_limit_are_on_the_right_side() -> None:
    """A voltage that was held back is a resistance at most so large, a current that was is one at least so large."""
    levels = levels_of()
    short = [
        CurvePoint(level=v, voltage_v=1e-3 * v, current_a=math.copysign(1e-6, v), time_s=0.02 * n, in_compliance=True)
        for n, v in enumerate(levels)
    ]
    shorted = resistance_of(resistor(OHM).model_copy(update={"points": tuple(short)}), CARD)
    assert (shorted.low_ohm, shorted.expected_ohm) == (0.0, None)
    assert 5e5 < (shorted.high_ohm or 0.0) < 5.02e5
    opened = resistance_of(sourced(1e6, 1e-3, 0.1), CARD)
    assert (opened.expected_ohm, opened.high_ohm) == (None, None)
    assert 99.0 < opened.low_ohm < 100.0


def exchanged(curve: Curve) -> Curve:
    return changed(curve, voltage_v=lambda p: p.current_a, current_a=lambda p: p.voltage_v)


def with_settings(curve: Curve, **fields: object) -> Curve:
    return curve.model_copy(update={"settings": curve.settings.model_copy(update=fields)})


def every(**fields: object) -> Callable[[Curve], Curve]:
    """The same for all points of a curve."""
    return lambda curve: changed(curve, **{name: lambda _, value=value: value for name, value in fields.items()})


# what is done to a good curve, and a word of the reason
BAD: dict[str, tuple[Callable[[Curve], Curve], str]] = {
    "one point": (lambda c: c.model_copy(update={"points": c.points[:1]}), "too few points"),
    "four points": (lambda c: c.model_copy(update={"points": c.points[::12]}), "too few points"),
    "all clamped, limit not told": (
        lambda c: every(in_compliance=True)(with_settings(c, compliance_a=None, current_range_a=None)),
        "not told",
    ),
    "marked clamped far below the limit": (every(in_compliance=True), "below the limit"),
    "a charged cell against the limit": (every(in_compliance=True, current_a=1e-6), "without a voltage"),
    "one clamped point": (
        lambda c: every(in_compliance=True, current_a=1e-6)(c.model_copy(update={"points": c.points[:1]})),
        "too few points",
    ),
    "all overflowed": (every(overflow=1, current_a=None), "too few points"),
    "not a number": (every(current_a=math.nan), "without a number"),
    "infinite": (every(voltage_v=math.inf), "without a number"),
    "no current at all": (every(current_a=0.0), "was not measured"),
    "a stuck reading": (every(current_a=4e-8), "was not measured"),
    "one voltage": (every(level=0.5, voltage_v=0.5), "never changes"),
    "columns exchanged": (exchanged, "exchanged"),
    "millivolts for volts": (lambda c: changed(c, voltage_v=lambda p: 1e3 * (p.voltage_v or 0.0)), "wrong unit"),
    "nanoamperes for amperes": (lambda c: changed(c, current_a=lambda p: 1e9 * (p.current_a or 0.0)), "wrong unit"),
    "leads exchanged": (lambda c: changed(c, current_a=lambda p: -(p.current_a or 0.0)), "runs against the voltage"),
    "half a sweep": (lambda c: c.model_copy(update={"points": c.points[21:]}), "only one direction"),
    "a beam left on": (lambda c: changed(c, current_a=lambda p: (p.current_a or 0.0) + 5e-7), "without a voltage"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_curve_is_refused_with_its_reason(name: str) -> None:
    """No number that looks fine: a doubt says what is wrong, so that the path neither passes nor fails."""
    spoil, reason = BAD[name]
    measured = resistance_of(spoil(resistor(OHM)), CARD)
    assert any(reason in doubt for doubt in measured.doubts), measured
    assert sum(entry.points for entry in measured.excluded) == measured.points_excluded


def test_duplicated_voltages_are_no_fault() -> None:
    """Every level read twice is a better sweep, not a worse one."""
    levels = [level for level in levels_of(21) for _ in range(2)]
    measured = resistance_of(read(lambda v, _: v / OHM, levels), CARD)
    assert measured.low_ohm < OHM < (measured.high_ohm or 0.0)
    assert not measured.doubts


numbers = st.one_of(st.none(), st.floats(min_value=-1e3, max_value=1e3), st.sampled_from([0.0, 1e-300, -1e-12]))
points = st.builds(
    CurvePoint,
    level=st.floats(min_value=-1.0, max_value=1.0),
    voltage_v=numbers,
    current_a=numbers,
    time_s=st.floats(min_value=0.0, max_value=10.0),
    in_compliance=st.booleans(),
    in_range_compliance=st.booleans(),
    overflow=st.sampled_from([-1, 0, 0, 0, 1]),
)
settings_ = st.builds(
    Settings,
    source=st.sampled_from(["voltage", "current"]),
    compliance_a=st.sampled_from([None, 1e-9, 1e-3]),
    limit_v=st.sampled_from([None, 0.1, 10.0]),
    voltage_range_v=st.sampled_from([None, 0.2, 20.0]),
    current_range_a=st.sampled_from([None, 1e-6, 1e-3]),
    nplc=st.sampled_from([0.01, 1.0]),
)


@given(taken=st.lists(points, min_size=1, max_size=30), settings=settings_)
def test_any_points_at_all_give_bounds_in_order(taken: list[CurvePoint], settings: Settings) -> None:
    """Nothing fails, bounds never cross, every point is used or counted, and every number is one."""
    measured = resistance_of(curve_of(taken, settings), CARD)
    assert Measured.model_validate(measured.model_dump()) == measured
    low, expected, high = bounds(measured)
    assert 0.0 <= low <= (expected or low) <= (high or math.inf)
    assert measured.points_used + measured.points_excluded == len(taken)
    assert sum(entry.points for entry in measured.excluded) == measured.points_excluded


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("path", ["bridge", "protective"])
def test_a_bad_curve_leaves_its_path_undecided(paper_plan: Plan, path: str, name: str) -> None:
    """No path passes or fails by a curve that cannot be trusted, and the reason is told."""
    spoil, reason = BAD[name]
    curves = CurveSet(curves=(spoil(resistor(OHM)).model_copy(update={"path": path}),))
    verdict = judge(paper_plan, curves, CARD)
    found = next(entry for entry in verdict.paths if entry.path == path)
    assert found.grade is Grade.INCONCLUSIVE
    assert any(reason in why for why in found.reasons)


def test_the_shape_of_a_curve_stands_among_the_reasons(paper_plan: Plan) -> None:
    """What widened the bounds is told with the grade."""
    bent = read(lambda v, _: (v + 0.4 * v**3) / OHM, levels_of(both_ways=True))
    curves = CurveSet(curves=(bent,))
    found = next(entry for entry in judge(paper_plan, curves, CARD).paths if entry.path == "protective")
    assert any("bends" in reason for reason in found.reasons)
