"""What a 2400 reads and says of it: elements, status word, formats, limits, registers; pages of 2400S-900-01."""

import itertools
import math
import struct

import pytest
from bench2400 import a_2400, errors, numbers
from hypothesis import given
from hypothesis import strategies as st
from shipped import smu_card

from fibplan.model.cards import range_holding
from fibplan.simulator.accuracy import OVERRANGE
from fibplan.simulator.device import Resistor
from fibplan.simulator.scpi2400.readings import NOT_A_NUMBER, Point, sent
from fibplan.simulator.scpi2400.settings import ELEMENTS, Element, Settings

NAN = 9.91e37
CARD = smu_card("keithley-2400")


def test_the_word_of_a_real_instrument_comes_out() -> None:
    """Sourcing voltage, measuring current, filter on: 21510, as a real 2400 sent it (github SiLab-Bonn/basil 121)."""
    instrument = a_2400(Resistor(1e8), time_scale=0.0)
    volts, amps, ohms, _, word = numbers(instrument.answer(":SENS:AVER ON;:SOUR:VOLT -2;:OUTP ON;:MEAS:CURR?"))
    assert (volts, ohms, word) == (-2.0, NAN, 21510)
    assert amps == pytest.approx(-2e-8, abs=400e-12)


def test_the_word_of_the_manual_comes_out() -> None:
    """Auto ohms on 10 kohm, all three measured: 48132, with 100 uA sourced (p 18-48 and 18-53)."""
    instrument = a_2400(Resistor(1e4), time_scale=0.0)
    volts, amps, ohms, _, word = numbers(instrument.answer(":SENS:FUNC 'VOLT','RES';:OUTP ON;:READ?"))
    assert (volts, amps, word) == (pytest.approx(1.0, rel=2e-3), pytest.approx(1e-4, rel=1e-3), 48132)
    assert ohms == pytest.approx(volts / amps, rel=1e-5)


@pytest.mark.parametrize(
    ("ohms", "amps"),
    [
        (15.0, 1e-1),
        (150.0, 1e-2),
        (1.5e3, 1e-3),
        (1.5e4, 1e-4),
        (1.5e5, 1e-5),
        (1.5e6, 1e-6),
        (1.5e7, 1e-6),
        (1.5e8, 1e-7),
    ],
)
def test_auto_ohms_takes_the_test_current_of_its_range(ohms: float, amps: float) -> None:
    """Each range in ohm has the current of table 4-1, and the resistance is read with it."""
    instrument = a_2400(Resistor(ohms), time_scale=0.0)
    answer = instrument.answer(":FORM:ELEM CURR,RES;:SENS:FUNC 'RES';:OUTP ON;:READ?")
    current, resistance = numbers(answer)
    assert current == pytest.approx(amps, rel=5e-3)
    assert resistance == pytest.approx(ohms, rel=1e-2)


def test_elements_keep_their_order_whatever_is_asked_for() -> None:
    """V, I, R, time, status, whichever order they are named in (p 18-49)."""
    instrument = a_2400(Resistor(1e4), time_scale=0.0)
    instrument.answer(":SENS:FUNC 'VOLT';:SOUR:VOLT 1;:SENS:CURR:PROT 1e-2;:OUTP ON;:INIT")
    volts, amps, ohms, moment, word = numbers(instrument.answer(":FETC?"))
    assert numbers(instrument.answer(":FORM:ELEM STAT,CURR;:FETC?")) == [amps, word]
    assert numbers(instrument.answer(":FORM:ELEM TIME,VOLT;:FETC?")) == [volts, moment]
    assert numbers(instrument.answer(":FORM:ELEM RES;:FETC?")) == [ohms] == [NAN]


def test_what_is_sourced_and_not_measured_shows_its_program_even_in_compliance() -> None:
    """V is the programmed 1 V although 100 uA hold 1 kohm at 0.1 V; measured it is what is there (p 18-49, 18-50)."""
    instrument = a_2400(time_scale=0.0)
    instrument.answer(":SOUR:VOLT 1;:SENS:CURR:PROT 1e-4;:OUTP ON;:FORM:ELEM VOLT,CURR,STAT")
    volts, amps, word = numbers(instrument.answer(":READ?"))
    assert (volts, int(word) & 0x10008) == (1.0, 8)
    assert amps == pytest.approx(1e-4, rel=1e-3)
    volts, _, word = numbers(instrument.answer(":SENS:FUNC 'VOLT';:READ?"))
    assert volts == pytest.approx(0.1, abs=1e-3)
    assert int(word) & 1 << 11


@pytest.mark.parametrize(("sign", "full_scale"), [(1, 1e-6), (-1, 1e-6), (1, 1e-5), (-1, 1e-4)])
def test_a_fixed_lower_measure_range_limits_at_105_percent_and_says_so(sign: int, full_scale: float) -> None:
    """Range compliance: 1.05 uA, 10.5 uA, ...; bit 16 and not bit 3, and no overflow (p 6-2, table 6-1, 7-2, 18-50)."""
    instrument = a_2400(time_scale=0.0)
    instrument.answer(
        f":SENS:CURR:PROT 1e-2;:SENS:CURR:RANG {full_scale};:SOUR:VOLT {sign};:OUTP ON;:FORM:ELEM CURR,STAT"
    )
    amps, word = numbers(instrument.answer(":READ?"))
    assert amps == pytest.approx(sign * 1.05 * full_scale, rel=5e-3)
    assert int(word) & 0x10009 == 1 << 16
    assert instrument.answer(":SENS:CURR:PROT:TRIP?;:SENS:VOLT:PROT:TRIP?") == "1;0"


def test_with_autorange_only_the_programmed_limit_holds() -> None:
    """Range compliance cannot occur with autorange (p 6-2); the limit that holds is the programmed one: bit 3."""
    instrument = a_2400(time_scale=0.0)
    instrument.answer(":SENS:CURR:PROT 5e-4;:SOUR:VOLT 1;:OUTP ON;:FORM:ELEM CURR,STAT")
    amps, word = numbers(instrument.answer(":READ?"))
    assert amps == pytest.approx(5e-4, rel=1e-3)
    assert int(word) & 0x10009 == 8


def test_a_current_source_is_held_by_the_voltage_limit() -> None:
    """1 mA into 1 kohm with 0.5 V: the voltage stays, the current falls to 0.5 mA, bit 3 (p 6-2)."""
    instrument = a_2400(time_scale=0.0)
    instrument.answer(":SOUR:FUNC CURR;:SOUR:CURR 1e-3;:SENS:FUNC 'VOLT';:SENS:VOLT:PROT 0.5;:OUTP ON")
    volts, amps, _, _, word = numbers(instrument.answer(":READ?"))
    assert (volts, amps) == (pytest.approx(0.5, rel=5e-3), pytest.approx(5e-4, rel=5e-3))
    assert int(word) & 0x10008 == 8
    assert instrument.answer(":SENS:VOLT:PROT:TRIP?;:SENS:CURR:PROT:TRIP?") == "1;0"


def test_four_wires_leave_the_leads_out_and_say_so() -> None:
    """Leads of 50 ohm are read with two wires and not with four; bit 22 (p 18-51, 18-104)."""
    instrument = a_2400(Resistor(150.0, leads_ohm=50.0), time_scale=0.0)
    instrument.answer(
        ":SOUR:VOLT 0.5;:SENS:CURR:PROT 0.1;:SENS:RES:MODE MAN;:SENS:FUNC:ALL;:OUTP ON;:FORM:ELEM RES,STAT"
    )
    two, plain = numbers(instrument.answer(":READ?"))
    four, marked = numbers(instrument.answer(":SYST:RSEN ON;:READ?"))
    assert (two, four) == (pytest.approx(200.0, rel=5e-3), pytest.approx(150.0, rel=5e-3))
    assert int(marked) == int(plain) | 1 << 22


def test_terminals_and_ohms_mode_stand_in_the_word() -> None:
    """Bit 2 front, bit 10 auto ohms (p 18-50)."""
    instrument = a_2400(time_scale=0.0)
    word = ":FORM:ELEM STAT;:OUTP ON;:READ?"
    assert numbers(instrument.answer(word)) == [4 + 1024 + 4096 + 16384]
    assert numbers(instrument.answer(":ROUT:TERM REAR;:SENS:RES:MODE MAN;:READ?")) == [4096 + 16384]


def test_over_voltage_protection_holds_the_output() -> None:
    """With the protection at 20 V nothing above comes out, and bit 4 says so (p 18-79, 18-50)."""
    instrument = a_2400(Resistor(1e6), time_scale=0.0)
    instrument.answer(":SOUR:VOLT:PROT 20;:SOUR:VOLT 40;:SENS:FUNC 'VOLT';:OUTP ON;:FORM:ELEM VOLT,STAT")
    volts, word = numbers(instrument.answer(":READ?"))
    assert volts == pytest.approx(20.0, rel=2e-3)
    assert int(word) & 1 << 4


def test_the_timestamp_runs_from_power_on_and_from_its_reset() -> None:
    """Seconds since the start or since :SYST:TIME:RES; *RST leaves it alone (p 18-50, 18-113)."""
    instrument = a_2400()
    instrument.answer(":OUTP ON;:FORM:ELEM TIME;:SENS:CURR:NPLC 10;:TRIG:COUN 5")
    first = numbers(instrument.answer(":READ?"))
    assert all(later - earlier == pytest.approx(0.203, abs=0.02) for earlier, later in itertools.pairwise(first))
    instrument.answer("*RST;:OUTP ON;:FORM:ELEM TIME")
    assert numbers(instrument.answer(":READ?"))[0] > first[-1]
    assert instrument.answer(":SYST:TIME:RES;:SYST:TIME?") == "0.000"
    assert numbers(instrument.answer(":READ?"))[0] < 0.1


def test_a_repeating_filter_averages_and_takes_its_time() -> None:
    """Ten conversions a reading take ten times as long and are less noisy; a moving filter takes one (p 7-11, 7-12)."""
    spread = {}
    for kind, step in (("MOV", 0.023), ("REP", 0.203)):
        instrument = a_2400(Resistor(1e7))
        instrument.answer(
            f":SENS:AVER:TCON {kind};:SENS:AVER ON;:OUTP ON;:SOUR:VOLT 1;:TRIG:COUN 100;:FORM:ELEM CURR,TIME"
        )
        answer = numbers(instrument.answer(":READ?"))
        amps, moments = answer[::2], answer[1::2]
        assert moments[-1] - moments[-2] == pytest.approx(step, abs=0.005)
        assert instrument.answer(":SENS:CURR:NPLC?") == "1.00"
        spread[kind] = max(amps) - min(amps)
    assert spread["REP"] < spread["MOV"]


@given(seed=st.integers(0, 2**32), exponent=st.floats(1.0, 9.0), volts=st.floats(0.05, 20.0))
def test_a_reading_is_within_the_one_year_specification(seed: int, exponent: float, volts: float) -> None:
    """Of any 2400 and any resistor, the current is what its own measured voltage drives, within both specifications."""
    ohms = 10.0**exponent
    instrument = a_2400(Resistor(ohms), time_scale=0.0, seed=seed)
    instrument.answer(f":SENS:CURR:PROT 1;:SENS:FUNC 'VOLT';:SOUR:VOLT {volts!r};:OUTP ON;:FORM:ELEM VOLT,CURR,STAT")
    read_v, read_a, word = numbers(instrument.answer(":READ?"))
    if int(word) & 8:
        return
    meter_v = range_holding(CARD.measure_voltage, volts, OVERRANGE)
    meter_a = range_holding(CARD.measure_current, volts / ohms * 1.01, OVERRANGE)
    error_v = meter_v.gain * abs(read_v) + meter_v.offset
    error_a = meter_a.gain * abs(read_a) + meter_a.offset
    assert abs(read_a - read_v / ohms) <= error_a + error_v / ohms * 1.001 + 1e-6 * abs(read_a)


numbers_of_a_point = st.one_of(st.floats(-1e3, 1e3), st.sampled_from([math.inf, -math.inf, math.nan, 0.0, 1e-12]))
points = st.lists(
    st.builds(
        Point,
        volts=numbers_of_a_point,
        amps=numbers_of_a_point,
        ohms=numbers_of_a_point,
        time_s=st.floats(0.0, 99_999.0),
        status=st.integers(0, 2**24 - 1),
    ),
    min_size=1,
    max_size=20,
)


@given(
    readings=points,
    elements=st.sets(st.sampled_from(ELEMENTS), min_size=1).map(
        lambda chosen: [name for name in ELEMENTS if name in chosen]
    ),
    swapped=st.booleans(),
)
def test_a_binary_block_holds_what_ascii_prints(readings: list[Point], elements: list[Element], swapped: bool) -> None:
    """#0, four bytes a number, the same numbers within single precision and seven printed digits (p 18-48, 18-54)."""
    printed = numbers(sent(readings, Settings(elements=tuple(elements))))
    block = sent(readings, Settings(elements=tuple(elements), real=True, swapped=swapped)).encode("latin-1")
    assert block[:2] == b"#0"
    unpacked = struct.unpack(f"{'<' if swapped else '>'}{len(printed)}f", block[2:])
    assert unpacked == pytest.approx(printed, rel=1.2e-6, abs=1e-37)
    assert len(printed) == len(readings) * len(elements)


def test_overflow_and_absence_are_different_numbers() -> None:
    """9.9e37 of either sign is an overflow, 9.91e37 is nothing sourced or measured (p 18-49, 18-50)."""
    shown = Point(math.inf, -math.inf, math.nan, 0.0, 0)
    assert sent([shown], Settings()) == "+9.900000E+37,-9.900000E+37,+9.910000E+37,+0.000000E+00,+0.000000E+00"
    assert NOT_A_NUMBER == NAN


def test_ohms_of_no_current_overflow() -> None:
    """An open path in manual ohms reads beyond every range or overflows, never a plausible resistance."""
    instrument = a_2400(Resistor(math.inf), time_scale=0.0)
    instrument.answer(":SENS:RES:MODE MAN;:SENS:FUNC:ALL;:SOUR:VOLT 10;:OUTP ON;:FORM:ELEM RES")
    (ohms,) = numbers(instrument.answer(":READ?"))
    assert abs(ohms) > 1e10


def test_a_binary_answer_ends_with_a_line_feed_and_joins_text() -> None:
    """Header and terminator come once an answer (p 18-48)."""
    instrument = a_2400(time_scale=0.0)
    instrument.answer(":FORM REAL,32;:FORM:ELEM CURR,VOLT;:TRIG:COUN 3;:OUTP ON")
    answer = instrument.respond(b":READ?\r\n")
    assert (answer[:2], len(answer), answer[-1:]) == (b"#0", 2 + 3 * 2 * 4 + 1, b"\n")
    assert instrument.respond(b":FORM?;:FETC?") == b"REAL,32;" + answer
    assert instrument.respond(b":FORM SRE;:OUTP?") == b"1\n"


def test_registers_keep_what_happened_until_they_are_read() -> None:
    """RAV, Comp, and the sums in the status byte, each where its enable register lets it (p 15-8 to 15-14)."""
    instrument = a_2400(time_scale=0.0)
    instrument.answer("*CLS;:SOUR:VOLT 1;:SENS:CURR:PROT 1e-4;:STAT:MEAS:ENAB 16384;*SRE 1;:OUTP ON;:INIT")
    assert instrument.answer("*STB?") == str(1 + 64)
    assert instrument.answer(":STAT:MEAS:COND?;:STAT:MEAS?;:STAT:MEAS?") == f"{64 + 16384};{64 + 16384};0"
    assert instrument.answer("*STB?") == "0"
    assert instrument.answer(":STAT:OPER:COND?;:STAT:OPER?;:STAT:OPER?") == "1024;1024;0"
    instrument.answer(":NO;*ESE 32")
    instrument.answer("*ESE 32;*SRE 32")
    assert instrument.answer("*STB?;*SRE?;*ESE?;*ESR?;*ESR?;*STB?") == "100;32;32;32;0;20"
    instrument.answer(":STAT:PRES")
    assert instrument.answer(":STAT:MEAS:ENAB?;:STAT:QUES:ENAB?;:STAT:QUES?;:STAT:QUES:COND?;*SRE?") == "0;0;0;0;32"


def test_power_on_and_operation_complete_stand_in_the_standard_register() -> None:
    """PON once, OPC after *OPC; *RST clears neither register nor enable (p 15-11, 16-3)."""
    instrument = a_2400()
    assert instrument.answer("*ESR?;*OPC;*ESE 1;*RST;*STB?;*ESE?;*ESR?") == "128;48;1;1"


def test_the_buffer_is_filled_once_and_survives_a_reset() -> None:
    """NEXT stores until it is full, BFL tells, *RST keeps it, the next store overwrites (p 9-5, 18-114 to 18-116)."""
    instrument = a_2400(time_scale=0.0)
    instrument.answer("*CLS;:FORM:ELEM CURR;:TRAC:POIN 3;FEED:CONT NEXT;:OUTP ON;:SOUR:VOLT 0.1;:TRIG:COUN 2;:INIT")
    assert instrument.answer(":TRAC:POIN:ACT?;:TRAC:FEED:CONT?;:STAT:MEAS?") == f"2;NEXT;{64 + 256}"
    instrument.answer(":INIT")
    assert instrument.answer(":TRAC:POIN:ACT?;:TRAC:FEED:CONT?;:STAT:MEAS?") == f"3;NEV;{64 + 256 + 512}"
    stored = instrument.answer(":TRAC:DATA?")
    assert len(numbers(stored)) == 3
    assert instrument.answer("*RST;:FORM:ELEM CURR;:TRAC:POIN?;:TRAC:DATA?") == f"3;{stored}"
    assert len(numbers(instrument.answer(":OUTP ON;:READ?"))) == 1
    assert instrument.answer(":TRAC:DATA?") == stored
    instrument.answer(":TRAC:FEED:CONT NEXT;:SOUR:VOLT 0.05;:INIT")
    assert numbers(instrument.answer(":TRAC:DATA?")) == pytest.approx([5e-5], rel=0.05)
    free, used = numbers(instrument.answer(":TRAC:FREE?"))
    assert (used, free) == (24, 2499 * 24)
    assert errors(instrument) == []


def test_stored_times_count_from_the_first_or_from_the_one_before() -> None:
    """The first reading is at zero; ABSolute counts from it, DELTa between readings (p 9-4, 18-116)."""
    instrument = a_2400()
    instrument.answer(":FORM:ELEM TIME;:TRAC:POIN 3;FEED:CONT NEXT;:OUTP ON;:SENS:CURR:NPLC 10;:TRIG:COUN 3;:INIT")
    absolute = numbers(instrument.answer(":TRAC:DATA?"))
    assert absolute == pytest.approx([0.0, 0.203, 0.406], abs=0.02)
    assert numbers(instrument.answer(":TRAC:TST:FORM DELT;:TRAC:DATA?")) == pytest.approx([0.0, 0.203, 0.203], abs=0.02)


def test_statistics_of_the_buffer() -> None:
    """Mean, deviation, largest, smallest and their difference of V, I and R (p 9-4, 18-43)."""
    instrument = a_2400(time_scale=0.0)
    instrument.answer(":SOUR:VOLT:STAR 0;STOP 0.1;STEP 0.05;:SOUR:VOLT:MODE SWE;:SENS:CURR:PROT 1e-3")
    instrument.answer(":TRAC:POIN 3;FEED:CONT NEXT;:TRIG:COUN 3;:OUTP ON;:INIT")
    expected = {"MEAN": 5e-5, "SDEV": 5e-5, "MAX": 1e-4, "MIN": 0.0, "PKPK": 1e-4}
    for name, amps in expected.items():
        volts, current, ohms = numbers(instrument.answer(f":CALC3:FORM {name};DATA?"))
        assert (current, ohms) == (pytest.approx(amps, abs=1e-6), NAN)
        assert volts == pytest.approx(amps * 1e3, abs=1e-9)
    assert instrument.answer(":CALC3:FORM?") == "PKPK"
