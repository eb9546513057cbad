"""PyMeasure's 2600 class, unchanged, against the simulated 2636B, whose smua is on the device."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fibplan.simulator.server import SimulatedSmu

keithley = pytest.importorskip("pymeasure.instruments.keithley", reason="an environment with PyMeasure 0.16 runs these")


@pytest.fixture
def simulated(served: Callable[..., SimulatedSmu]) -> SimulatedSmu:
    return served("2636b", 150.0)


@pytest.fixture
def instrument(simulated: SimulatedSmu) -> Iterator[Any]:
    """PyMeasure's instrument on 150 ohm."""
    opened = keithley.Keithley2600(
        simulated.resource, visa_library="@py", read_termination="\n", write_termination="\n", timeout=10_000
    )
    yield opened
    opened.adapter.close()


def test_it_finds_the_defaults_of_both_channels(instrument: Any) -> None:
    """Both channels show the default values of a 2636B; the queue is empty."""
    for channel in (instrument.ChA, instrument.ChB):
        found = (channel.source_output, channel.source_mode, channel.source_voltage, channel.source_current)
        assert found == ("OFF", "voltage", 0.0, 0.0)
        assert (channel.compliance_current, channel.compliance_voltage, channel.wires_mode) == (0.1, 20.0, "2")
        assert (channel.source_voltage_range, channel.source_current_range) == (0.2, 1e-9)
    assert instrument.next_error == (0, "Queue Is Empty")
    assert "Model 2636B" in instrument.id


def test_it_sources_and_measures(instrument: Any, simulated: SimulatedSmu) -> None:
    """1 V on 150 ohm, then 1 mA through it; ramped down, and off."""
    channel = instrument.ChA
    channel.apply_voltage(voltage_range=2, compliance_current=20e-3)
    channel.source_voltage, channel.source_output = 1.0, "ON"
    assert channel.current == pytest.approx(1.0 / 150.0, rel=2e-3)
    assert channel.resistance == pytest.approx(150.0, rel=2e-3)
    channel.apply_current(compliance_voltage=2.0)
    channel.source_current = 1e-3
    assert channel.voltage == pytest.approx(0.15, rel=5e-3)
    channel.ramp_to_current(0.0, steps=3, pause=0.0)
    channel.source_output = "OFF"
    assert instrument.check_errors() == []
    assert not simulated.output_enabled


def test_a_limit_below_a_microampere_is_lost(instrument: Any) -> None:
    """It writes 100 nA as 0.000000: error 1102, and the old limit of 100 mA stays in force (2600B/17115.htm)."""
    instrument.ChA.compliance_current = 1e-7
    assert instrument.ChA.compliance_current == 0.1
    assert instrument.next_error == (1102, "Parameter too small")


def test_its_integration_time_reads_wrong(instrument: Any) -> None:
    """It takes the 1 that the instrument answers for the second of its two limits: 25 cycles instead of 1."""
    assert instrument.ask("print(smua.measure.nplc)").strip() == "1.00000e+00"
    assert instrument.ChA.measure_nplc == 25


def test_what_is_not_tsp_is_a_syntax_error(instrument: Any) -> None:
    """``*OPT?`` is no common command of a 2600B: nothing is answered and -285 is left."""
    instrument.adapter.connection.timeout = 300
    with pytest.raises(Exception, match="VI_ERROR_TMO"):
        _ = instrument.options
    instrument.adapter.connection.timeout = 10_000
    assert instrument.next_error[0] == -285
