"""Every named fault on the simulated lamella, through the real driver and the whole protocol: caught, or harmless."""

import math
from pathlib import Path

import pytest
from lamella_case import NOON
from shipped import smu_card

from fibplan.circuit.faults import FAULTS
from fibplan.cli.curve_file import append_curve, read_curves
from fibplan.cli.lamella import SimulatedLamella, expected_of, simulated_truth
from fibplan.clock import ScriptedClock
from fibplan.model.cards import SmuCard
from fibplan.model.curve import CurveSet
from fibplan.model.plan import Expected, Plan
from fibplan.model.verdict import Grade, Outcome, Verdict
from fibplan.session.operator import ScriptedOperator
from fibplan.session.probing import measured_paths, probe
from fibplan.simulator.device import Resistor
from fibplan.simulator.server import SimulatedSmu
from fibplan.smu.connect import connect
from fibplan.verification.verdict import judge

MODELS = ["keithley-2400", "keithley-2450", "keithley-2636b"]
HARMLESS = {
    "mains_noise": "an integration over whole power-line cycles averages it away, and both criteria are fulfilled"
}
SEEDS = range(5)


@pytest.fixture(scope="module")
def expected(paper_plan: Plan) -> Expected:
    return expected_of(paper_plan, 0)


def measured(plan: Plan, expected: Expected, card: SmuCard, faults: list[str], seed: int = 0) -> CurveSet:
    """The whole protocol on the paper's lamella with these faults."""
    lamella = SimulatedLamella(plan, simulated_truth(plan, expected), faults, seed)
    clock = ScriptedClock(NOON)
    with (
        SimulatedSmu(card, Resistor(math.inf), seed=seed, time_scale=0.0) as simulated,
        connect(simulated.resource, card) as smu,
    ):
        operator = ScriptedOperator(clock, lambda landings: simulated.connect(lamella.device(landings)))
        return CurveSet(curves=tuple(probe(plan, measured_paths(plan), operator, smu, clock)))


def grades_of(verdict: Verdict) -> dict[str, Grade]:
    return {path.path.partition("_")[0]: path.grade for path in verdict.paths}


@pytest.mark.parametrize("model", MODELS)
def test_the_paper_s_own_case_is_accepted_on_each_instrument(paper_plan: Plan, expected: Expected, model: str) -> None:
    """150 ohm and 12.5 Mohm pass, and so does the isolation of the electrodes."""
    card = smu_card(model)
    verdict = judge(paper_plan, measured(paper_plan, expected, card, []), card, expected.resistances)
    assert verdict.outcome is Outcome.ACCEPT
    assert set(grades_of(verdict).values()) == {Grade.PASS}


@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_is_accepted_unless_it_is_harmless(
    paper_plan: Plan, expected: Expected, fault: str, tmp_path: Path
) -> None:
    """On five seeds each; and the stored curves give the same verdict as the live run."""
    card = smu_card("keithley-2450")
    for seed in SEEDS:
        curves = measured(paper_plan, expected, card, [fault], seed)
        live = judge(paper_plan, curves, card, expected.resistances)
        assert live.accepted is (fault in HARMLESS), live
        assert all(path.remedies for path in live.paths if path.grade is not Grade.PASS)
        for curve in curves.curves:
            append_curve(tmp_path / f"{seed}.json", curve)
        assert judge(paper_plan, read_curves(tmp_path / f"{seed}.json"), card, expected.resistances) == live


# faults at once, and the grades of both paths that must not be better
PAIRS = {
    "an oxidised tip before a short": (["resistive_tip", "skin_short"], Grade.INCONCLUSIVE),
    "tips in the air over a short": (["probe_lifted", "skin_short"], Grade.INCONCLUSIVE),
    "exchanged pads over a short": (["wrong_pad", "skin_short"], Grade.FAIL),
    "the beam left on over a short": (["offset_current", "halo_short"], None),
}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", PAIRS)
def test_nothing_hides_a_short(paper_plan: Plan, expected: Expected, model: str, name: str) -> None:
    """A fault of the probing beside a fault of the lamella never makes the protective path look insulated."""
    faults, grade = PAIRS[name]
    card = smu_card(model)
    verdict = judge(paper_plan, measured(paper_plan, expected, card, faults), card, expected.resistances)
    assert not verdict.accepted
    assert grades_of(verdict)["protective"] in ((Grade.FAIL, Grade.INCONCLUSIVE) if grade is None else (grade,))


@pytest.mark.parametrize("model", MODELS)
def test_a_resistive_tip_alone_rejects_no_bridge(paper_plan: Plan, expected: Expected, model: str) -> None:
    """What the tip adds is not the bridge's: measure again, and say how."""
    card = smu_card(model)
    verdict = judge(paper_plan, measured(paper_plan, expected, card, ["resistive_tip"]), card, expected.resistances)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "the tips" in verdict.paths[0].remedies[0]


def test_exchanged_curves_are_never_accepted(paper_plan: Plan, expected: Expected) -> None:
    """The bridge's curves under the name of the protective path, and the other way round, reject the lamella."""
    card = smu_card("keithley-2450")
    other = {"bridge": "protective", "protective": "bridge"}
    curves = [
        curve.model_copy(update={"path": other.get(curve.path, curve.path)})
        for curve in measured(paper_plan, expected, card, []).curves
    ]
    verdict = judge(paper_plan, CurveSet(curves=tuple(curves)), card, expected.resistances)
    assert not verdict.accepted
    assert Grade.PASS not in [path.grade for path in verdict.paths[:2]]
