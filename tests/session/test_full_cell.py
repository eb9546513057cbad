"""A cell with a voltage of its own: asked for it first, swept about it, and never shorted."""

import math
from collections.abc import Iterator

import pytest
from lamella_case import NOON, plan_of, recipe_with
from shipped import smu_card

from fibplan.clock import ScriptedClock
from fibplan.errors import Misuse
from fibplan.model.cards import SmuCard
from fibplan.model.curve import Curve
from fibplan.model.plan import Plan
from fibplan.session.operator import Landings, ScriptedOperator
from fibplan.session.probing import probe, request_of
from fibplan.simulator.device import Resistor
from fibplan.simulator.server import SimulatedSmu
from fibplan.simulator.sourcemeter import SourceMeter
from fibplan.simulator.specimen import Specimen
from fibplan.smu.connect import connect
from fibplan.verification.fit import resistance_of
from fibplan.verification.probing import path_steps

OHM = 1.25e7
MODELS = ["keithley-2400", "keithley-2450", "keithley-2636b"]


def cell_plan(kind: str = "full_cell") -> Plan:
    recipe = recipe_with()
    return plan_of(recipe.model_copy(update={"sample": recipe.sample.model_copy(update={"kind": kind})}))


def measured(card: SmuCard, emf_v: float) -> Iterator[Curve]:
    """The curves of the protective path of a cell with that voltage, on the simulated instrument."""

    def device(landings: Landings) -> Specimen:
        if "lifted" in landings:
            return Specimen(math.inf)
        if landings[0] == landings[1]:
            return Specimen(1.0, 60.0)
        return Specimen(OHM, 60.0, emf_v=emf_v)

    with SimulatedSmu(card, Resistor(math.inf), seed=3, time_scale=0.0) as simulated:
        operator = ScriptedOperator(ScriptedClock(NOON), lambda landings: simulated.connect(device(landings)))
        with connect(simulated.resource, card) as smu:
            yield from probe(cell_plan(), ["protective"], operator, smu, ScriptedClock(NOON))
            assert not simulated.output_enabled


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("emf_v", [3.9, -3.9, 0.8])
def test_a_charged_cell_is_swept_about_its_own_voltage(model: str, emf_v: float) -> None:
    """No level of any sweep comes near zero volts, and the resistance is that of the path all the same."""
    card = smu_card(model)
    curves = {curve.probing: curve for curve in measured(card, emf_v)}
    swept = [curves[name] for name in ("gentle", "sweep", "reversed", "repeat", "leapfrog")]
    for curve in swept:
        assert curve.about_v == pytest.approx(emf_v, abs=0.02)
        assert all(abs(point.level) > 0.25 for point in curve.points)
    found = resistance_of(curves["sweep"], card)
    assert found.low_ohm <= OHM * 1.002
    assert found.high_ohm is not None
    assert found.high_ohm >= OHM / 1.002
    assert found.doubts == ()


@pytest.mark.parametrize("model", MODELS)
def test_a_sweep_that_would_short_the_cell_is_refused_with_the_output_off(model: str) -> None:
    """A cell of 0.3 V is not driven 0.5 V either side: refused after the gentle sweep, with what was measured kept."""
    curves = measured(smu_card(model), 0.3)
    taken = [next(curves).probing for _ in range(4)]
    assert taken == ["floor", "contact_start_before", "open_circuit", "gentle"]
    with pytest.raises(Misuse, match=r"'sweep' goes 500 mV from the (30|29)\d mV of a charged cell"):
        next(curves)


def test_an_empty_cell_is_swept_about_zero() -> None:
    """Without a voltage of its own the cell is swept like any other path."""
    curves = {curve.probing: curve for curve in measured(smu_card("keithley-2450"), 0.0)}
    assert abs(curves["sweep"].about_v) < 0.02
    assert not any(doubt for doubt in resistance_of(curves["sweep"], smu_card("keithley-2450")).doubts)


def test_no_sweep_through_a_cell_is_asked_for_before_its_voltage_is_known() -> None:
    """Whoever leaves the open-circuit step out is refused."""
    plan = cell_plan()
    sweep = next(step for step in path_steps(plan, "protective") if step.name == "sweep")
    with pytest.raises(Misuse, match="nobody has measured"):
        request_of(plan, sweep)


def test_a_half_cell_and_a_bridge_have_no_voltage_to_ask_for() -> None:
    """Only a path through the cell is asked for its voltage."""
    names = {step.name for step in path_steps(cell_plan("half_cell"), "protective")}
    assert "open_circuit" not in names | {step.name for step in path_steps(cell_plan(), "bridge")}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("emf_v", [3.9, -3.9])
def test_the_output_goes_on_and_off_at_the_cell_s_own_voltage(
    model: str, emf_v: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a charged cell between the tips the simulated source never stands at zero volts while its output is on."""
    switched: list[tuple[float, float]] = []
    switch = SourceMeter.switch

    def watched(meter: SourceMeter, *, on: bool) -> None:
        device = meter.device
        assert isinstance(device, Resistor | Specimen)
        if meter.setup.source == "V" and isinstance(device, Specimen) and device.emf_v and on != meter.output_on:
            switched.append((device.emf_v, meter.setup.sourced.level))
        switch(meter, on=on)

    monkeypatch.setattr(SourceMeter, "switch", watched)
    list(measured(smu_card(model), emf_v))
    assert len(switched) == 2 * len(("gentle", "sweep", "reversed", "repeat", "leapfrog"))
    assert all(level == pytest.approx(cell_v, abs=0.02) for cell_v, level in switched)
