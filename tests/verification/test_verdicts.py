"""Verdicts: every way a curve can stand against its criterion, decided on bounds and never on the middle."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fibplan.model.cards import SmuCard
from fibplan.model.curve import UNKNOWN_MODEL, Curve, CurvePoint, CurveSet, Instrument, Settings, SourceFile
from fibplan.model.plan import Plan
from fibplan.model.verdict import Grade, Outcome
from fibplan.verification.fit import resistance_of
from fibplan.verification.probing import CONDITIONS, ProbingStep, protocol
from fibplan.verification.verdict import judge

INSTRUMENT = Instrument(identity="KEITHLEY INSTRUMENTS,MODEL 2450,X1,1", model="2450", serial="X1", simulated=False)

ISOLATION = "isolation-reference_electrode"


def curve_of(
    ohms: float, volts: float, compliance: float, *, path: str = "bridge", probing: str = "sweep", noise: float = 1e-13,
    offset: float = 0.0,
) -> Curve:  # fmt: skip
    """What a source with that compliance reads on a resistor, with seeded noise and an offset in amperes."""
    chance = np.random.default_rng(7)
    points: list[CurvePoint] = []
    for index, level in enumerate(np.linspace(-volts, volts, 41)):
        current = level / ohms
        clamped = abs(current) > compliance
        held = math.copysign(compliance, current) if clamped else current
        seen = float(held + offset + noise * chance.standard_normal())
        across = float(held * ohms if clamped else level)
        points.append(
            CurvePoint(level=float(level), voltage_v=across, current_a=seen, time_s=0.02 * index, in_compliance=clamped)
        )
    settings = Settings(compliance_a=compliance, current_range_a=None, voltage_range_v=0.2, nplc=1.0)
    return Curve(
        path=path, probing=probing, instrument=INSTRUMENT, settings=settings, started=datetime(2026, 1, 1, tzinfo=UTC),
        points=tuple(points), conditions=tuple(CONDITIONS),
    )  # fmt: skip


def curve_through(
    current_at: Callable[[float], float], volts: float, compliance: float, *, path: str = "protective", points: int = 41
) -> Curve:
    """A sweep of a device with that current at each voltage, held back at the compliance by a source in series."""
    taken: list[CurvePoint] = []
    for index, level in enumerate(np.linspace(-volts, volts, points)):
        current = current_at(float(level))
        clamped = abs(current) > compliance
        taken.append(
            CurvePoint(
                level=float(level),
                voltage_v=float(level) * (compliance / abs(current) if clamped else 1.0),
                current_a=math.copysign(compliance, current) if clamped else current,
                time_s=0.02 * index,
                in_compliance=clamped,
            )
        )
    sound = curve_of(1e6, volts, compliance, path=path)
    return sound.model_copy(update={"points": tuple(taken)})


def curves_of(
    plan: Plan, bridge: float, protective: float, contact: float = 60.0, isolation: float = math.inf
) -> CurveSet:
    """Every sweep that the probing protocol asks for, on resistors of those ohm; ``isolation`` is WE to RE."""
    ohms = {"bridge": bridge, "protective": protective, ISOLATION: isolation}

    def ohm_of(step: ProbingStep) -> float:
        if step.purpose == "contact":
            return 60.0 if step.path.startswith("isolation") else contact
        return ohms.get(step.path, math.inf)

    curves = [
        curve_of(ohm_of(step), step.voltage_v, step.compliance_a, path=step.path, probing=step.name)
        for step in protocol(plan, tuple(plan.recipe.verification))
    ]
    return CurveSet(curves=tuple(curves))


def with_curve(curves: CurveSet, changed: Curve) -> CurveSet:
    """The same set with that curve in place of the one of its path and probing step."""
    same = (changed.path, changed.probing)
    return CurveSet(curves=tuple(changed if (c.path, c.probing) == same else c for c in curves.curves))


@pytest.fixture(scope="session")
def card(paper_plan: Plan) -> SmuCard:
    assert paper_plan.cards.smu is not None
    return paper_plan.cards.smu


CASES = {
    "the paper's own lamella": (150.0, 1.25e7, 60.0, Outcome.ACCEPT, Grade.PASS, Grade.PASS),
    "open bridge": (math.inf, math.inf, 60.0, Outcome.REJECT, Grade.FAIL, Grade.PASS),
    "bad bridge": (5e3, 1.25e7, 60.0, Outcome.REJECT, Grade.FAIL, Grade.PASS),
    "doubtful bridge": (600.0, 1.25e7, 60.0, Outcome.REWORK, Grade.MARGINAL, Grade.PASS),
    "shorted cap": (150.0, 9e3, 60.0, Outcome.REJECT, Grade.PASS, Grade.FAIL),
    "doubtful cap": (150.0, 5e6, 60.0, Outcome.REWORK, Grade.PASS, Grade.MARGINAL),
    "tips in the air": (150.0, math.inf, math.inf, Outcome.INCONCLUSIVE, Grade.PASS, Grade.INCONCLUSIVE),
    "oxidised tip before a short": (150.0, 1e7 + 9e3, 1e7, Outcome.INCONCLUSIVE, Grade.PASS, Grade.INCONCLUSIVE),
    "oxidised tip on a sound bridge": (1e7, 2.25e7, 1e7, Outcome.INCONCLUSIVE, Grade.INCONCLUSIVE, Grade.INCONCLUSIVE),
    "bridge between the limits": (995.0, 1.25e7, 60.0, Outcome.REWORK, Grade.MARGINAL, Grade.PASS),
    "bridge at the limit, contacts unknown": (
        1040.0,
        1.25e7,
        60.0,
        Outcome.INCONCLUSIVE,
        Grade.INCONCLUSIVE,
        Grade.PASS,
    ),
    "curves exchanged": (1.25e7, 150.0, 60.0, Outcome.REJECT, Grade.FAIL, Grade.FAIL),
    "no current resolved, tips landed": (150.0, math.inf, 60.0, Outcome.ACCEPT, Grade.PASS, Grade.PASS),
}


@pytest.mark.parametrize("name", CASES)
def test_every_case_has_its_verdict(name: str, paper_plan: Plan, card: SmuCard) -> None:
    """Both grades and the outcome are what a careful person would say of these two resistances."""
    bridge, protective, contact, outcome, first, second = CASES[name]
    verdict = judge(paper_plan, curves_of(paper_plan, bridge, protective, contact), card)
    assert [path.grade for path in verdict.paths] == [first, second, Grade.PASS, Grade.PASS]
    assert verdict.outcome is outcome
    assert all(path.reasons for path in verdict.paths)
    assert all(path.remedies for path in verdict.paths if path.grade is not Grade.PASS)


ISOLATED = {
    "metal between two electrodes": (1e3, Outcome.REJECT, Grade.FAIL),
    "a film between two electrodes": (5e6, Outcome.REWORK, Grade.MARGINAL),
    "electrodes apart": (1e9, Outcome.ACCEPT, Grade.PASS),
}


@pytest.mark.parametrize("name", ISOLATED)
def test_the_chip_s_own_isolation_decides_too(name: str, paper_plan: Plan, card: SmuCard) -> None:
    """A lamella whose two paths are sound is accepted only on a chip whose electrodes are apart."""
    ohm, outcome, grade = ISOLATED[name]
    verdict = judge(paper_plan, curves_of(paper_plan, 150.0, 1.25e7, isolation=ohm), card)
    assert {path.path: path.grade for path in verdict.paths}[ISOLATION] is grade
    assert verdict.outcome is outcome
    assert [path.grade for path in verdict.paths].count(Grade.PASS) == 3 + (grade is Grade.PASS)


def test_an_isolation_that_was_not_measured_is_inconclusive(paper_plan: Plan, card: SmuCard) -> None:
    """What nobody looked at is not taken for isolated."""
    sound = curves_of(paper_plan, 150.0, 1.25e7)
    verdict = judge(paper_plan, CurveSet(curves=tuple(c for c in sound.curves if c.path != ISOLATION)), card)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert [path.grade for path in verdict.paths].count(Grade.INCONCLUSIVE) == 1


def test_nothing_measured_is_inconclusive(paper_plan: Plan, card: SmuCard) -> None:
    """Without curves nothing is accepted and nothing is rejected."""
    verdict = judge(paper_plan, CurveSet(), card)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert {path.reasons for path in verdict.paths} == {("this path was not measured",)}


def test_a_broken_off_sweep_is_inconclusive(paper_plan: Plan, card: SmuCard) -> None:
    """A sweep that lost its end is never judged."""
    curves = curves_of(paper_plan, 150.0, 1.25e7)
    cut = [curve.model_copy(update={"partial": curve.path == "bridge"}) for curve in curves.curves]
    verdict = judge(paper_plan, CurveSet(curves=tuple(cut)), card)
    assert verdict.outcome is Outcome.INCONCLUSIVE


def test_another_instrument_than_the_card_s_is_inconclusive(paper_plan: Plan, card: SmuCard) -> None:
    """The accuracy of one model says nothing of a curve that another measured."""
    other = INSTRUMENT.model_copy(update={"model": "2400"})
    curves = [curve.model_copy(update={"instrument": other}) for curve in curves_of(paper_plan, 150.0, 1.25e7).curves]
    assert judge(paper_plan, CurveSet(curves=tuple(curves)), card).outcome is Outcome.INCONCLUSIVE


def test_an_instrument_that_nobody_named_is_asked_for(paper_plan: Plan, card: SmuCard) -> None:
    """A file that does not say what measured leaves its path undecided, and the reason says how to name it."""
    unnamed = INSTRUMENT.model_copy(update={"model": UNKNOWN_MODEL})
    curves = [curve.model_copy(update={"instrument": unnamed}) for curve in curves_of(paper_plan, 150.0, 1.25e7).curves]
    verdict = judge(paper_plan, CurveSet(curves=tuple(curves)), card)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert all("--model" in path.reasons[0] for path in verdict.paths)


def test_a_clamped_path_never_reads_too_insulating(card: SmuCard) -> None:
    """A short behind a compliance of 1 uA gives an upper bound, not the 500 kohm of voltage over clamped current."""
    measured = resistance_of(curve_of(9e3, 0.5, 1e-6), card)
    assert measured.expected_ohm is None
    assert measured.high_ohm == pytest.approx(5e5, rel=1e-3)
    assert measured.low_ohm == 0.0


def test_simulated_curves_mark_the_verdict_for_ever(paper_plan: Plan, card: SmuCard) -> None:
    """One simulated curve makes the whole verdict a simulated one."""
    curves = curves_of(paper_plan, 150.0, 1.25e7)
    simulated = INSTRUMENT.model_copy(update={"simulated": True})
    one = curves.curves[0].model_copy(update={"instrument": simulated})
    mixed = CurveSet(curves=(one, *curves.curves[1:]))
    assert judge(paper_plan, mixed, card).simulated


@given(ohms=st.floats(min_value=20, max_value=1e9), offset=st.floats(min_value=-1e-9, max_value=1e-9))
def test_bounds_hold_the_true_resistance(card: SmuCard, ohms: float, offset: float) -> None:
    """With an offset current and little noise the bounds contain the truth, or say that only a lower one is known."""
    measured = resistance_of(curve_of(ohms, 0.5, 1.0, offset=offset), card)
    assert measured.low_ohm <= ohms
    assert measured.high_ohm is None or ohms <= measured.high_ohm


@given(ohms=st.floats(min_value=1e3, max_value=1e8), factor=st.floats(min_value=1.0, max_value=10.0))
def test_more_resistance_never_reads_less(card: SmuCard, ohms: float, factor: float) -> None:
    """The lower bound grows with the resistance."""
    less = resistance_of(curve_of(ohms, 0.5, 1.0), card)
    more = resistance_of(curve_of(ohms * factor, 0.5, 1.0), card)
    assert more.low_ohm >= less.low_ohm * (1 - 1e-6)


# name: current in amperes at a voltage, and the grade of the protective path
FOOLING: dict[str, tuple[Callable[[float], float], Grade]] = {
    "insulating until a leak opens beyond 0.3 V": (lambda v: v / 2e7 if abs(v) < 0.3 else v / 1e5, Grade.INCONCLUSIVE),
    "leads exchanged": (lambda v: -v / 6e5, Grade.INCONCLUSIVE),
    "leads exchanged on a good path": (lambda v: -v / 1.25e7, Grade.INCONCLUSIVE),
    "a leak in one direction only": (lambda v: max(v, 0.0) / 6e6, Grade.MARGINAL),
    "a short in one direction only": (lambda v: max(v, 0.0) / 6e5, Grade.INCONCLUSIVE),
    "the beam left on": (lambda v: 4e-7 + v / 2e7, Grade.INCONCLUSIVE),
    "a good path": (lambda v: v / 1.25e7, Grade.PASS),
}


@pytest.mark.parametrize("name", FOOLING)
def test_no_shape_of_curve_fools_the_protective_path(name: str, paper_plan: Plan, card: SmuCard) -> None:
    """A leak that shows only at some voltages, exchanged leads and stray current never pass as insulation."""
    current_at, grade = FOOLING[name]
    good = curves_of(paper_plan, 150.0, 1.25e7)
    for step in ("sweep", "reversed", "repeat", "leapfrog"):
        good = with_curve(good, curve_through(current_at, 0.5, 1e-6).model_copy(update={"probing": step}))
    gentle = curve_through(current_at, 0.1, 1e-6).model_copy(update={"probing": "gentle"})
    verdict = judge(paper_plan, with_curve(good, gentle), card)
    assert verdict.paths[1].grade is grade, verdict.paths[1]


def test_a_spike_in_compliance_makes_no_bridge(card: SmuCard) -> None:
    """One clamped or twenty overflowed points on an open path leave its resistance without an upper bound."""
    open_path = curve_of(1e9, 5e-3, 4e-5)
    points = list(open_path.points)
    points[7] = points[7].model_copy(update={"in_compliance": True, "current_a": 4e-5})
    assert resistance_of(open_path.model_copy(update={"points": tuple(points)}), card).high_ohm is None
    points[:20] = [point.model_copy(update={"overflow": True, "current_a": None}) for point in points[:20]]
    assert resistance_of(open_path.model_copy(update={"points": tuple(points)}), card).high_ohm is None


def test_a_bridge_that_conducts_one_way_only_does_not_pass(paper_plan: Plan, card: SmuCard) -> None:
    """A contact that rectifies is no bridge, whatever the slope through all its points."""
    one_way = curve_through(lambda v: max(v, 0.0) / 150.0, 5e-3, 4e-5, path="bridge")
    curves = with_curve(curves_of(paper_plan, 150.0, 1.25e7), one_way)
    assert judge(paper_plan, curves, card).outcome is not Outcome.ACCEPT


def test_contacts_of_an_earlier_run_prove_nothing_of_a_later_sweep(paper_plan: Plan, card: SmuCard) -> None:
    """After the tips were lifted and the sweep repeated, the earlier contact checks no longer count."""
    curves = curves_of(paper_plan, 150.0, 1.25e7)
    lifted = curve_of(math.inf, 0.5, 1e-6, path="protective")
    later = lifted.model_copy(update={"started": lifted.started + timedelta(hours=28)})
    verdict = judge(paper_plan, curves.with_curve(later), card)
    assert verdict.outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize("change", [{"partial": True}, {"started": datetime(2027, 1, 1, tzinfo=UTC)},
                                    {"instrument": INSTRUMENT.model_copy(update={"serial": "X2"})}])  # fmt: skip
def test_a_contact_check_counts_only_if_whole_and_of_the_same_run(
    paper_plan: Plan, card: SmuCard, change: dict[str, object]
) -> None:
    """A contact check that broke off, was measured after its sweep, or by another instrument is no proof."""
    curves = curves_of(paper_plan, 150.0, 1.25e7)
    changed = [c.model_copy(update=change) if c.probing == "contact_end_between" else c for c in curves.curves]
    verdict = judge(paper_plan, CurveSet(curves=tuple(changed)), card)
    assert verdict.paths[1].grade is Grade.INCONCLUSIVE


FILE = SourceFile(name="sweep.dat", sha256="0" * 64, reader="nanonis")


def from_files(curves: CurveSet, change: Callable[[Curve], Curve]) -> CurveSet:
    """The curves as another program wrote them, each with its own noise; those of ``protective`` changed."""
    told = [_from_file(curve, place) for place, curve in enumerate(curves.curves)]
    return CurveSet(curves=tuple(change(curve) if curve.path == "protective" else curve for curve in told))


def _from_file(curve: Curve, place: int) -> Curve:
    """With a digit of its own in every reading; every sweep begins at its lowest level."""
    points = [p.model_copy(update={"current_a": (p.current_a or 0.0) + 1e-15 * place}) for p in curve.points]
    return curve.model_copy(update={"points": tuple(points), "source_file": FILE})


def upside_down(curve: Curve) -> Curve:
    """The same levels, highest first."""
    times = [point.time_s for point in curve.points]
    points = [p.model_copy(update={"time_s": t}) for p, t in zip(curve.points, reversed(times), strict=True)]
    return curve.model_copy(update={"points": tuple(points)})


def scaled(curve: Curve, volts: float) -> Curve:
    """The same readings with a voltage that many times as large."""
    points = [
        p.model_copy(update={"level": volts * p.level, "voltage_v": volts * (p.voltage_v or 0.0)}) for p in curve.points
    ]
    return curve.model_copy(update={"points": tuple(points)})


def of_step(name: str, change: Callable[[Curve], Curve]) -> Callable[[Curve], Curve]:
    return lambda curve: change(curve) if curve.probing == name else curve


MISTAKEN: dict[str, tuple[Callable[[Curve], Curve], str]] = {
    "another path's sweep": (of_step("sweep", lambda c: scaled(c, 0.01)), "another path's curve, or the wrong unit"),
    "a sweep in millivolts": (of_step("sweep", lambda c: scaled(c, 1e3)), "another path's curve, or the wrong unit"),
    "another path's repeat": (of_step("repeat", lambda c: scaled(c, 0.01)), "another path's curve, or the wrong unit"),
    "another path's contact": (of_step("contact_end_between", lambda c: scaled(c, 500.0)), "another path's curve"),
    "not reversed": (of_step("reversed", upside_down), "reversed: its signs are not exchanged"),
    "one file for all": (lambda c: c.model_copy(update={"points": ONE_SWEEP.points}), "to the last digit"),
}
ONE_SWEEP = curve_of(1.25e7, 0.5, 1e-6)


@pytest.mark.parametrize("name", MISTAKEN)
def test_a_file_that_is_not_the_planned_sweep_leaves_its_path_undecided(
    name: str, paper_plan: Plan, card: SmuCard
) -> None:
    """Another path's curve, another unit, a sweep that was not reversed or one that is given twice decide nothing."""
    change, why = MISTAKEN[name]
    sound = judge(paper_plan, from_files(curves_of(paper_plan, 150.0, 1.25e7), lambda curve: curve), card)
    assert sound.outcome is Outcome.ACCEPT
    verdict = judge(paper_plan, from_files(curves_of(paper_plan, 150.0, 1.25e7), change), card)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert why in " ".join(verdict.paths[1].reasons)


def test_a_floor_that_goes_less_far_than_the_sweep_vouches_for_nothing(paper_plan: Plan, card: SmuCard) -> None:
    """What leaks between lifted tips at 5 mV says nothing of what leaks at 500 mV."""
    curves = curves_of(paper_plan, 150.0, 1.25e7)
    (floor,) = [curve for curve in curves.curves if curve.probing == "floor"]
    verdict = judge(paper_plan, with_curve(curves, scaled(floor, 0.01)), card)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "the open-tip floor goes to 5 mV and the sweep to 500 mV" in " ".join(verdict.paths[1].reasons)
