"""The physics behind the wire: limits, ranges, accuracy, time."""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shipped import smu_card

from fibplan.clock import ScriptedClock
from fibplan.model.cards import SmuCard, range_holding
from fibplan.simulator.accuracy import Accuracy
from fibplan.simulator.device import DeviceUnderTest, Loop, Resistor
from fibplan.simulator.events import CAPACITY, EventLog
from fibplan.simulator.keithley2450 import Keithley2450
from fibplan.simulator.server import INSTRUMENTS

Bench = Callable[[DeviceUnderTest], Keithley2450]


@dataclass(frozen=True)
class Diode(Resistor):
    """A device whose resistance is not constant."""

    resistance_ohm: float = 1.0

    leads_ohm: float = 0.0

    def current(self, volts: float, moment_s: float) -> float:
        return 1e-9 * math.expm1(min(volts, 1.0) / 0.025)


def column(answer: str | None, index: int, width: int) -> list[float]:
    assert answer is not None
    return [float(text) for text in answer.split(",")][index::width]


def test_the_limit_holds_the_voltage_where_the_device_takes_that_current(on: Bench) -> None:
    """In compliance the source readback is what the device really sees, and the point says that it was limited."""
    instrument = on(Resistor(150.0))
    instrument.answer(":SOUR:VOLT:ILIM 1e-3;:SOUR:SWE:VOLT:LIN -1,1,2,0,1,BEST,OFF;:INIT;*WAI")
    answer = instrument.answer(':TRAC:DATA? 1,2,"defbuffer1",SOUR,READ,SOURSTAT')
    assert column(answer, 0, 3) == pytest.approx([-0.15, 0.15], abs=1e-3)
    assert column(answer, 1, 3) == pytest.approx([-1e-3, 1e-3], rel=1e-3)
    assert column(answer, 2, 3) == [168, 168]


def test_a_device_that_is_no_resistor_is_held_at_the_limit_too() -> None:
    """The operating point of any monotonic device in compliance carries the limit current."""
    point = Loop(Diode(), four_wire=False, moment_s=0.0).sourcing_voltage(1.0, 1e-3)
    assert point.limited
    assert point.amps == pytest.approx(1e-3, rel=1e-6)


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_a_fixed_range_overflows_in_both_directions(on: Bench, sign: float) -> None:
    """Beyond 105 % of a fixed range the reading is an overflow with the sign of the current, flagged as limited."""
    instrument = on(Resistor(1e3))
    instrument.answer(f":SENS:CURR:RANG 1e-6;:SOUR:VOLT {sign};:OUTP ON")
    assert column(instrument.answer(':READ? "defbuffer1",READ,SOURSTAT'), 0, 1) == [sign * 9.9e37, 168]


def test_an_open_circuit_carries_nothing_but_offset(on: Bench, card: SmuCard) -> None:
    """An open circuit reads zero within the offset of the lowest range."""
    instrument = on(Resistor(math.inf))
    instrument.answer(":SOUR:VOLT 10;:OUTP ON")
    (amps,) = column(instrument.answer(":READ?"), 0, 1)
    assert abs(amps) <= range_holding(card.measure_current, 0.0).offset


def test_a_reading_with_the_output_off_says_so(on: Bench) -> None:
    """Without output there is no voltage on the device, and the output bit is not set."""
    instrument = on(Resistor(1e3))
    instrument.answer(":SOUR:VOLT 1")
    amps, status = column(instrument.answer(':READ? "defbuffer1",READ,SOURSTAT'), 0, 1)
    assert abs(amps) < 1e-9
    assert status == 8


@given(seed=st.integers(), amps=st.floats(-1.0, 1.0))
def test_every_reading_is_within_the_one_year_specification(card: SmuCard, seed: int, amps: float) -> None:
    """For any instrument and current, error and noise together stay within the card's accuracy."""
    entry = range_holding(card.measure_current, amps)
    read = Accuracy(card, "SIM00001", seed).measured("A", amps, entry.full_scale)
    assert abs(read - amps) <= entry.gain * abs(amps) + entry.offset


def test_errors_are_systematic_and_do_not_average_away(card: SmuCard) -> None:
    """The mean of many readings keeps the instrument's own error, which another seed has differently."""
    means = []
    for seed in (1, 2):
        accuracy = Accuracy(card, "SIM00001", seed)
        readings = [accuracy.measured("A", 5e-3, 1e-2) for _ in range(400)]
        assert max(readings) - min(readings) < 6e-7 * 0.05
        means.append(sum(readings) / len(readings) - 5e-3)
    assert abs(means[0] - means[1]) > 1e-8


def test_a_reading_has_no_more_digits_than_its_range(card: SmuCard, clock: ScriptedClock) -> None:
    """10 pA on the 1 uA range of a 2400 (SPEC-2400 Rev L) and 10 fA on the 10 nA range of a 2450 (SPEC-2450 Rev A)."""
    for resolves, full_scale, step in ((smu_card("keithley-2400"), 1e-6, 10e-12), (card, 10e-9, 10e-15)):
        accuracy = INSTRUMENTS[resolves.dialect](resolves, Resistor(1e3), clock)._meter.accuracy
        steps = [accuracy.measured("A", 0.3 * full_scale + 0.3 * step * more, full_scale) / step for more in range(50)]
        assert steps == pytest.approx([round(count) for count in steps], abs=1e-6)
        assert 15 <= len({round(count) for count in steps}) < 50


def test_a_cable_is_charged_by_no_more_than_the_limit(on: Bench) -> None:
    """20 V on 100 pF at 1 nA take two seconds: until then an open path is read short of its level, in compliance."""
    told = []
    for delay in (0.5, 3.0):
        instrument = on(Resistor(math.inf))
        instrument.answer(f":SOUR:VOLT:ILIM 1e-9;:SOUR:SWE:VOLT:LIN 20,20,2,{delay},1,BEST,OFF;:INIT")
        read = column(instrument.answer('*WAI;:TRAC:DATA? 1,1,"defbuffer1",SOUR,SOURSTAT'), 0, 1)
        told.append((read[0], bool(int(read[1]) & 32)))
    (early, limited), (settled, free) = told
    assert limited
    assert 4.9 < early < 7.0
    assert not free
    assert settled == pytest.approx(20.0, rel=1e-3)


def test_the_same_seed_is_the_same_instrument(card: SmuCard, clock: ScriptedClock) -> None:
    """Two instruments with one seed answer the same bytes."""
    message = ':SOUR:SWE:VOLT:LIN -1,1,11;:INIT;*WAI;:TRAC:DATA? 1,11,"defbuffer1",SOUR,READ'
    first, second = (Keithley2450(card, Resistor(1e4), clock, seed=7).answer(message) for _ in range(2))
    assert first == second


def test_autorange_reads_with_the_accuracy_of_the_range_it_needs(on: Bench) -> None:
    """With autorange the measure range is the most sensitive one that holds the current."""
    for ohms, full_scale in ((1.25e7, "1.000000E-07"), (1e3, "1.000000E-03")):
        instrument = on(Resistor(ohms))
        instrument.answer(":SOUR:VOLT:ILIM 0.1;:SOUR:VOLT 0.99;:OUTP ON")
        instrument.answer(":READ?")
        assert instrument.answer(":SENS:CURR:RANG?") == full_scale


def test_autorange_goes_no_lower_than_it_is_told(on: Bench) -> None:
    """The lower limit of the automatic range holds, and what is below it is read with the accuracy of that range."""
    instrument = on(Resistor(1.25e7))
    instrument.answer(":SENS:CURR:RANG:AUTO:LLIM 1e-6;:SOUR:VOLT 1;:OUTP ON")
    instrument.answer(":READ?")
    assert instrument.answer(":SENS:CURR:RANG?;:SENS:CURR:RANG:AUTO:LLIM?") == "1.000000E-06;1.000000E-06"


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_a_voltage_limit_holds_the_current_where_the_device_takes_that_voltage(on: Bench, sign: float) -> None:
    """Sourcing current into too much resistance gives the limit as voltage, and what the device takes as current."""
    instrument = on(Resistor(1e6))
    instrument.answer(f':SOUR:FUNC CURR;:SENS:FUNC "VOLT";:SOUR:CURR:VLIM 5;:SOUR:CURR {sign * 1e-4};:OUTP ON')
    amps, volts, status = column(instrument.answer(':READ? "defbuffer1",SOUR,READ,SOURSTAT'), 0, 1)
    assert (amps, volts) == (pytest.approx(sign * 5e-6, abs=3e-8), pytest.approx(sign * 5.0, rel=1e-3))
    assert status == 168


def test_a_fixed_voltage_range_limits_a_current_source(on: Bench) -> None:
    """Beyond 105 % of a fixed voltage range the reading is an overflow, and the point is flagged as limited."""
    instrument = on(Resistor(1e6))
    instrument.answer(':SOUR:FUNC CURR;:SENS:FUNC "VOLT";:SENS:VOLT:RANG 2;:SOUR:CURR 1e-5;:OUTP ON')
    assert column(instrument.answer(':READ? "defbuffer1",READ,SOURSTAT'), 0, 1) == [9.9e37, 168]


def test_a_reading_takes_its_time(on: Bench, clock: ScriptedClock) -> None:
    """Whoever asks for readings waits for every one of them: delay, cycles and overhead."""
    on(Resistor(1e3)).answer(":SENS:CURR:RANG 1e-2;:SENS:CURR:NPLC 10;:SENS:COUN 3;:READ?")
    assert clock.monotonic() == pytest.approx(3 * (0.2 + 0.001 + 0.0005))


def test_a_sweep_takes_points_times_integration_overhead_and_delays(card: SmuCard) -> None:
    """Scaled time passes as (cycles / 50 Hz + overhead + delays) for every point, and scale 0 does not wait."""
    for scale, expected in ((1.0, 11 * (0.04 + 0.0005 + 0.001 + 0.1)), (0.5, 11 * 0.07075), (0.0, 0.0)):
        clock = ScriptedClock(datetime(2026, 1, 1, tzinfo=UTC))
        instrument = Keithley2450(card, Resistor(1e3), clock, time_scale=scale)
        instrument.answer(":SENS:CURR:NPLC 2;RANG 1e-2;:SOUR:SWE:VOLT:LIN -1,1,11,0.1,1,BEST,OFF;:INIT;*WAI")
        assert clock.monotonic() == pytest.approx(expected, abs=0.01)


def test_a_sweep_nobody_watches_ends_with_the_output_off(instrument: Keithley2450, clock: ScriptedClock) -> None:
    """The output is on while the sweep runs and off after it, although no client asks."""
    instrument.answer(":SOUR:SWE:VOLT:LIN -1,1,100,0,1,BEST,OFF;:INIT")
    assert instrument.output_enabled
    clock.sleep(1.0)
    assert instrument.output_enabled
    clock.sleep(10.0)
    assert not instrument.output_enabled


def test_moving_the_tips_changes_what_is_measured_next(instrument: Keithley2450) -> None:
    """A device that is connected between two sweeps is the one the second sweep measures."""
    message = ":SOUR:VOLT:ILIM 1;:SOUR:SWE:VOLT:LIN 1,1,2,0,1,BEST,OFF;:TRAC:CLE;:INIT;*WAI;:TRAC:DATA? 1,2"
    before = column(instrument.answer(message), 0, 1)
    instrument.connect(Resistor(1e5))
    after = column(instrument.answer(message), 0, 1)
    assert before == pytest.approx([1e-3] * 2, rel=2e-3)
    assert after == pytest.approx([1e-5] * 2, rel=2e-3)


def test_an_endless_sweep_is_bounded_and_can_be_aborted(card: SmuCard, clock: ScriptedClock) -> None:
    """A sweep that repeats for ever without waiting fills the buffer no further than it is long."""
    instrument = Keithley2450(card, Resistor(1e3), clock, time_scale=0.0)
    instrument.answer(":TRAC:POIN 10;:SOUR:SWE:VOLT:LIN -1,1,5,0,0,AUTO,OFF,ON;:INIT")
    assert instrument.answer(":TRAC:ACT?;:OUTP?") == "10;1"
    assert instrument.answer(":ABOR;:OUTP OFF;:OUTP?") == "0"


def test_a_closed_interlock_lets_high_voltage_through(on: Bench) -> None:
    """The output stays below 42 V until the interlock is closed."""
    instrument = on(Resistor(1e6))
    reached = []
    for closed in (False, True):
        instrument.close_interlock(closed)
        instrument.answer("*CLS;:SOUR:VOLT:ILIM 1e-2;:SOUR:VOLT 100;:OUTP ON")
        reached += column(instrument.answer(':READ? "defbuffer1",SOUR'), 0, 1)
    assert reached == pytest.approx([42.0, 100.0], rel=1e-2)
    assert instrument.answer(":SYST:ERR:COUN?") == "0"


def test_a_full_event_log_ends_with_queue_overflow(clock: ScriptedClock) -> None:
    """The log keeps what it holds, its last entry becomes -350, and it grows no further."""
    log = EventLog(clock.now)
    for _ in range(CAPACITY + 50):
        log.error(-113)
    codes = list(itertools.takewhile(lambda code: code != "0", (log.next((1, 2)).split(",")[0] for _ in range(2000))))
    assert codes == ["-113"] * (CAPACITY - 1) + ["-350"]


def test_a_device_without_resistance_is_refused() -> None:
    """A resistance that is not above zero, or no number, is no device."""
    for ohms in (0.0, -1.0, math.nan):
        with pytest.raises(ValueError, match="above zero"):
            Resistor(ohms)
