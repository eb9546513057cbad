"""What a 2636B measures: accuracy, limits, ranges, buffers, formats, time; and how it is aborted and shared."""

import math
import struct
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shipped import smu_card
from tsp_case import bench

from fibplan.clock import ScriptedClock, SystemClock
from fibplan.model.cards import range_holding
from fibplan.simulator.device import Resistor
from fibplan.simulator.server import SimulatedSmu
from fibplan.simulator.tsp.keithley2600 import Keithley2600

CARD = smu_card("keithley-2636b")
IV = "smua.trigger.measure.iv(smua.nvbuffer1, smua.nvbuffer2) smua.trigger.measure.action = smua.ENABLE"


def sweep(levels: str, count: int, limit: str = "0.1") -> list[str]:
    """The lines that program a sweep with its output on, without starting it."""
    return [
        f"smua.source.limiti = {limit} smua.source.output = smua.OUTPUT_ON smua.nvbuffer1.collectsourcevalues = 1",
        f"smua.trigger.source.{levels} smua.trigger.source.action = smua.ENABLE {IV} smua.trigger.count = {count}",
    ]


@pytest.mark.parametrize(("ohms", "volts"), [(150.0, 1.0), (1.25e7, 1.0), (1.25e7, 20.0), (1e4, 0.1)])
def test_readings_are_within_the_one_year_specification(ohms: float, volts: float) -> None:
    """Current and voltage are each within gain and offset of the range that is read on (facts 1.4)."""
    with bench(Resistor(ohms)) as smu:
        amps, read = smu.numbers(
            f"smua.source.limiti = 0.1 smua.source.levelv = {volts} smua.source.output = 1 print(smua.measure.iv())"
        )
    true_v = range_holding(CARD.source_voltage, volts, 1.01)
    meter_v = range_holding(CARD.measure_voltage, volts, 1.02)
    meter_a = range_holding(CARD.measure_current, volts / ohms)
    slack = true_v.gain * volts + true_v.offset
    assert abs(read - volts) <= slack + meter_v.gain * volts + meter_v.offset
    assert abs(amps - volts / ohms) <= slack / ohms + meter_a.gain * volts / ohms + meter_a.offset


@settings(max_examples=25, deadline=None)
@given(volts=st.floats(-1.9, 1.9), ohms=st.floats(10.0, 1e9))
def test_resistance_is_voltage_by_current(volts: float, ohms: float) -> None:
    """measure.r and measure.p are the ratio and the product of what measure.iv gives, noise aside."""
    with bench(Resistor(ohms)) as smu:
        set_up = f"smua.source.levelv = {volts:.6e} smua.source.output = 1 format.asciiprecision = 12"
        read, amps, ratio, watts = smu.numbers(
            set_up, "local i, v = smua.measure.iv() printnumber(v, i, smua.measure.r(), smua.measure.p())"
        )
    if abs(amps) > 1e-9 and abs(read) > 0.1:
        assert ratio == pytest.approx(read / amps, rel=1e-2)
        assert watts == pytest.approx(read * amps, rel=1e-2)


def test_leads_are_seen_with_two_wires_and_not_with_four() -> None:
    """150 ohm behind 5 ohm of leads read 155 ohm locally and 150 ohm with remote sense (facts 1.4, consequences)."""
    with bench(Resistor(150.0, 5.0)) as smu:
        smu.send("smua.source.levelv = 1 smua.source.output = 1")
        read = [smu.numbers(f"smua.sense = smua.{sense} print(smua.measure.r())")[0] for sense in
                ("SENSE_LOCAL", "SENSE_REMOTE")]  # fmt: skip
    assert read == pytest.approx([155.0, 150.0], rel=2e-3)


def test_the_limit_is_told_in_every_place_that_tells_it() -> None:
    """A clamped source shows in source.compliance, the condition (bit 1) and the buffer's status (0x40) (facts 1.3)."""
    with bench(Resistor(150.0)) as smu:
        smu.send("smua.source.limiti = 1e-3 smua.source.levelv = 1 smua.source.output = 1")
        assert smu.numbers("print(smua.measure.iv(smua.nvbuffer1))") == pytest.approx([1e-3, 0.15], rel=5e-3)
        assert smu.ask("print(smua.source.compliance)") == "true"
        assert int(smu.numbers("print(status.measurement.instrument.smua.condition)")[0]) & 3 == 2
        assert smu.numbers("print(status.measurement.current_limit.condition)") == [2.0]
        assert int(smu.numbers("print(smua.nvbuffer1.statuses[1])")[0]) & 0x40
        smu.send("smua.source.limiti = 1e-2")
        assert smu.ask("print(smua.source.compliance)") == "false"


def test_a_current_is_sourced_and_its_voltage_limited() -> None:
    """Sourcing 1 mA into 1 kohm reads 1 V; a limit of 0.5 V holds it, bit 0 of the condition (facts 1.3)."""
    with bench() as smu:
        smu.send("smua.source.func = smua.OUTPUT_DCAMPS smua.source.leveli = 1e-3 smua.source.output = 1")
        assert smu.numbers("print(smua.measure.v())") == pytest.approx([1.0], rel=2e-3)
        assert smu.numbers("smua.source.limitv = 0.5 print(smua.measure.v())") == pytest.approx([0.5], rel=2e-3)
        assert smu.ask("print(smua.source.compliance)") == "true"
        assert int(smu.numbers("print(status.measurement.instrument.smua.condition)")[0]) & 3 == 1


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_fixed_range_that_is_too_low_overflows(sign: int) -> None:
    """Beyond 102 % of a fixed range the reading is 9.91e37, and bit 7 of the condition says so (2600B/15121.htm)."""
    with bench() as smu:
        smu.send("smua.measure.rangei = 1e-3", f"smua.source.levelv = {sign} * 1.01 smua.source.output = 1")
        assert abs(smu.numbers("print(smua.measure.i())")[0]) < 1.1e-3
        smu.send(f"smua.source.levelv = {sign} * 1.03")
        assert smu.ask("print(smua.measure.i())") == f"{'-' if sign < 0 else ''}9.91000e+37"
        assert int(smu.numbers("print(status.measurement.instrument.smua.condition)")[0]) & 128


def test_a_fixed_range_reads_back_as_full_scale() -> None:
    """A range is the smallest that holds the value, and setting it switches its automatic choice off."""
    with bench() as smu:
        smu.send("smua.measure.rangei = 5e-5 smua.source.rangev = 1.5")
        assert smu.numbers("print(smua.measure.rangei, smua.measure.autorangei)") == [1e-4, 0.0]
        assert smu.numbers("print(smua.source.rangev, smua.source.autorangev)") == [2.0, 0.0]


LEVELS = {
    "linearv(-1, 1, 5)": [-1.0, -0.5, 0.0, 0.5, 1.0],
    "logv(0.01, 1, 3, 0)": [0.01, 0.1, 1.0],
    "logv(1, 4, 3, 0)": [1.0, 2.0, 4.0],
    "listv({0, 1, -1, 0.5})": [0.0, 1.0, -1.0, 0.5],
}


@pytest.mark.parametrize(("levels", "expected"), LEVELS.items(), ids=LEVELS)
def test_sweeps_step_through_their_levels(levels: str, expected: list[float]) -> None:
    """Linear, logarithmic and list sweeps source what they say, and every point is measured (facts 1.3: sweep)."""
    with bench() as smu:
        smu.send(*sweep(levels, len(expected)), "smua.trigger.initiate() waitcomplete()")
        sourced = smu.numbers("printbuffer(1, smua.nvbuffer1.n, smua.nvbuffer1.sourcevalues)")
        amps = smu.numbers("printbuffer(1, smua.nvbuffer1.n, smua.nvbuffer1)")
        volts = smu.numbers("printbuffer(1, smua.nvbuffer2.n, smua.nvbuffer2.readings)")
        assert smu.codes() == []
    assert sourced == pytest.approx(expected, abs=1e-9)
    assert volts == pytest.approx(expected, abs=2e-3)
    assert amps == pytest.approx([level / 1e3 for level in expected], abs=1e-5)


def test_only_clamped_points_of_a_sweep_carry_the_flag() -> None:
    """Status 0x40 marks exactly the points that the limit holds (facts 1.3: buffer statuses)."""
    with bench() as smu:
        smu.send(*sweep("linearv(0.1, 1, 10)", 10, limit="5.5e-4"), "smua.trigger.initiate() waitcomplete()")
        statuses = smu.numbers("printbuffer(1, 10, smua.nvbuffer1.statuses)")
    assert [bool(int(status) & 0x40) for status in statuses] == [False] * 5 + [True] * 5


def test_the_end_of_a_sweep_is_idle_or_held() -> None:
    """SOURCE_IDLE goes back to the programmed level, SOURCE_HOLD stays at the last one; the output stays on."""
    for action, expected in (("SOURCE_IDLE", 0.25), ("SOURCE_HOLD", 1.0)):
        with bench() as smu:
            smu.send("smua.source.levelv = 0.25", *sweep("linearv(0, 1, 3)", 3))
            smu.send(f"smua.trigger.endsweep.action = smua.{action} smua.trigger.initiate() waitcomplete()")
            assert smu.numbers("print(smua.measure.v())") == pytest.approx([expected], abs=2e-3)
            assert smu.instrument.output_enabled


def test_a_limit_of_the_sweep_holds_for_the_sweep() -> None:
    """trigger.source.limiti replaces the limit while the sweep runs and not after it."""
    with bench() as smu:
        smu.send(*sweep("linearv(1, 1, 2)", 2), "smua.trigger.source.limiti = 1e-4 smua.source.levelv = 1")
        smu.send("smua.trigger.initiate() waitcomplete()")
        assert smu.numbers("printbuffer(1, 2, smua.nvbuffer1)") == pytest.approx([1e-4, 1e-4], rel=1e-2)
        assert smu.numbers("print(smua.source.limiti, smua.measure.i())") == pytest.approx([0.1, 1e-3], rel=1e-2)


FACTORY = {
    "SweepVLinMeasureI(smua, 0, 1, 0.01, 5)": [0.0, 0.25e-3, 0.5e-3, 0.75e-3, 1e-3],
    "SweepVLogMeasureI(smua, 0.01, 1, 0.01, 3)": [1e-5, 1e-4, 1e-3],
    "SweepVListMeasureI(smua, {0.5, -0.5}, 0.01, 2)": [0.5e-3, -0.5e-3],
    "SweepILinMeasureV(smua, 1e-4, 1e-3, 0.01, 2)": [0.1, 1.0],
}


@pytest.mark.parametrize(("call", "expected"), FACTORY.items(), ids=FACTORY)
def test_factory_sweeps_measure_and_switch_off(call: str, expected: list[float]) -> None:
    """The factory scripts leave their readings in nvbuffer1 and the output off (facts 1.3: factory scripts)."""
    with bench() as smu:
        smu.send(call)
        read = smu.numbers("printbuffer(1, smua.nvbuffer1.n, smua.nvbuffer1.readings)")
        assert read == pytest.approx(expected, rel=1e-2, abs=1e-5)
        assert (smu.codes(), smu.instrument.output_enabled) == ([], False)


BLOCKS = [
    ("REAL32", "LITTLEENDIAN", "<f"), ("REAL64", "BIGENDIAN", ">d"), ("SREAL", "SWAPPED", "<f"),
    ("DREAL", "NORMAL", ">d"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "order", "layout"), BLOCKS)
def test_binary_blocks(data: str, order: str, layout: str) -> None:
    """printbuffer sends #0, the numbers and a line feed, in the byte order that is set (facts 1.3)."""
    with bench() as smu:
        smu.send(*sweep("linearv(0, 1, 5)", 5), "smua.trigger.initiate() waitcomplete()")
        smu.send(f"format.data = format.{data} format.byteorder = format.{order}")
        sent = smu.send("printbuffer(1, 5, smua.nvbuffer1.sourcevalues)")
    assert (sent[:2], sent[-1:]) == (b"#0", b"\n")
    assert [value for (value,) in struct.iter_unpack(layout, sent[2:-1])] == [0.0, 0.25, 0.5, 0.75, 1.0]


def test_print_stays_text_when_buffers_are_binary() -> None:
    """format.data changes printbuffer and printnumber, not print; the default byte order is little-endian (1.3)."""
    with bench() as smu:
        smu.send("format.data = format.REAL64")
        assert smu.ask("print(0.5)") == "5.00000e-01"
        assert smu.send("printnumber(0.5)") == b"#0" + struct.pack("<d", 0.5) + b"\n"
        assert smu.numbers("print(format.byteorder, format.data)") == [1.0, 3.0]


def test_a_made_buffer_is_as_good_as_a_dedicated_one() -> None:
    """smua.makebuffer gives a buffer of that capacity with all its fields; what does not fit is lost."""
    with bench() as smu:
        smu.send("b = smua.makebuffer(3) b.appendmode = 1 b.collecttimestamps = 1 smua.measure.count = 5")
        smu.send("smua.source.levelv = 1 smua.source.output = 1 smua.measure.v(b)")
        assert smu.numbers("print(b.n, b.capacity, b.next)") == [3.0, 3.0, 4.0]
        assert smu.numbers("printbuffer(1, 3, b)") == pytest.approx([1.0] * 3, abs=2e-3)
        assert smu.numbers("print(b[1], b.readings[2], b.readings.getreading(3))") == pytest.approx([1.0] * 3, abs=2e-3)
        stamps = smu.numbers("printbuffer(1, 3, b.timestamps)")
        assert stamps == sorted(stamps)
        assert (stamps[0], smu.ask("print(b.sourcevalues[1], b.measurefunctions[1])")) == (0.0, "nil\tVoltage")


def test_relative_readings_are_less_the_level() -> None:
    """measure.rel takes a level off and sets status 0x20 (facts 1.3: buffer statuses)."""
    with bench() as smu:
        smu.send("smua.source.levelv = 1 smua.source.output = 1")
        smu.send("smua.measure.rel.levelv = 0.75 smua.measure.rel.enablev = 1 smua.measure.v(smua.nvbuffer1)")
        assert smu.numbers("print(smua.nvbuffer1[1])") == pytest.approx([0.25], abs=2e-3)
        assert int(smu.numbers("print(smua.nvbuffer1.statuses[1])")[0]) & 0x20


def test_programs_that_walk_the_tables_find_what_there_is() -> None:
    """Getters, Setters and Objects of the metatables name settings, functions and constants (keithley2600 2.1)."""
    with bench() as smu:
        walk = "for name in pairs(getmetatable(smua.source).{}) do print(name) end"
        readable, writable = (set(smu.ask(walk.format(kind)).split("\n")) for kind in ("Getters", "Setters"))
        assert {"levelv", "limiti", "compliance", "output"} <= readable
        assert readable - writable == {"compliance"}
        objects = set(smu.ask("for name in pairs(getmetatable(smua).Objects) do print(name) end").split("\n"))
        assert {"source", "measure", "trigger", "nvbuffer1", "OUTPUT_ON", "reset", "makebuffer"} <= objects
        assert smu.ask("print(getmetatable(smua.nvbuffer1).luatype)") == "reading_buffer"
        assert smu.ask("print(getmetatable(smua.nvbuffer1.readings).luatype)") == "synchronous_table"


def test_a_reading_takes_the_time_it_would_take() -> None:
    """Integration, delays and delay() pass on the clock: 2 cycles of 20 ms, 0.1 s of source delay, half a second."""
    clock = ScriptedClock(datetime(2026, 1, 1, tzinfo=UTC))
    with bench(time_scale=1.0, clock=clock) as smu:
        smu.send("smua.measure.delay = 0 smua.source.delay = 0.1 smua.measure.nplc = 2 smua.source.output = 1")
        began = clock.monotonic()
        smu.send("smua.measure.i()")
        assert clock.monotonic() - began == pytest.approx(0.04 + 0.1, abs=0.01)
        began = clock.monotonic()
        smu.send("timer.reset() delay(0.5)")
        assert clock.monotonic() - began == pytest.approx(0.5, abs=1e-6)
        assert smu.numbers("print(timer.measure.t())") == pytest.approx([0.5], abs=1e-6)


def test_a_sweep_goes_on_by_itself_and_is_seen_to_run() -> None:
    """initiate() returns at once; operation.sweeping tells bit 1 until the time of the sweep is over (facts 1.3)."""
    clock = ScriptedClock(datetime(2026, 1, 1, tzinfo=UTC))
    with bench(time_scale=1.0, clock=clock) as smu:
        smu.send("smua.measure.delay = 0", *sweep("linearv(0, 1, 101)", 101))
        smu.send("smua.trigger.initiate()")
        assert clock.monotonic() < 0.1
        assert smu.numbers("print(status.operation.sweeping.condition)") == [2.0]
        assert smu.numbers("print(smua.nvbuffer1.n)")[0] < 101
        smu.send("waitcomplete()")
        assert clock.monotonic() == pytest.approx(101 * 0.042, rel=0.05)
        assert smu.numbers("print(status.operation.sweeping.condition, smua.nvbuffer1.n)") == [0.0, 101.0]


def test_where_nothing_waits_a_sweep_is_still_seen_once() -> None:
    """A client that polls until the sweep begins does not hang, although it ended at once."""
    with bench() as smu:
        smu.send(*sweep("linearv(0, 1, 3)", 3), "smua.trigger.initiate()")
        assert smu.numbers("print(status.operation.sweeping.condition)") == [2.0]
        assert smu.numbers("print(status.operation.sweeping.condition)") == [0.0]


def test_both_units_sweep_together_on_a_trigger() -> None:
    """Armed on trigger.EVENT_ID both wait for *trg, and then both sweep: 6 (log of OE-FET/keithley2600)."""
    clock = ScriptedClock(datetime(2026, 1, 1, tzinfo=UTC))
    with bench(time_scale=1.0, clock=clock) as smu:
        for line in sweep("linearv(0, 1, 11)", 11):
            smu.send(line, line.replace("smua", "smub"))
        smu.send("smua.trigger.arm.stimulus = trigger.EVENT_ID smub.trigger.arm.stimulus = trigger.EVENT_ID")
        smu.send("smua.trigger.initiate() smub.trigger.initiate()")
        assert smu.numbers("print(status.operation.sweeping.condition)") == [0.0]
        assert smu.numbers("*trg", "print(status.operation.sweeping.condition)") == [6.0]
        assert smu.numbers("waitcomplete() print(smua.nvbuffer1.n, smub.nvbuffer1.n)") == [11.0, 11.0]


def test_abort_ends_script_and_sweep_and_leaves_the_output() -> None:
    """A script that waits is ended by abort within a moment, without an error; the output stays on."""
    with bench(time_scale=1.0, clock=SystemClock()) as smu:
        smu.send("mine = 5", *sweep("linearv(0, 1, 1001)", 1001))
        waiting = threading.Thread(target=smu.send, args=("smua.trigger.initiate() waitcomplete() mine = 6",))
        waiting.start()
        time.sleep(0.3)
        smu.instrument.urgent(b"abort")
        waiting.join(timeout=5.0)
        assert not waiting.is_alive()
        smu.send("abort")
        assert smu.numbers("print(status.operation.sweeping.condition, mine)") == [0.0, 5.0]
        assert (smu.codes(), smu.instrument.output_enabled) == ([], True)


def test_the_same_seed_is_the_same_instrument() -> None:
    """Two instruments with one seed send the same bytes, another seed others."""
    sent = []
    for seed in (1, 1, 2):
        with bench(seed=seed) as smu:
            sent.append(smu.send(*sweep("linearv(0, 1, 11)", 11), "smua.trigger.initiate() waitcomplete()",
                                 "printbuffer(1, 11, smua.nvbuffer1)"))  # fmt: skip
    assert sent[0] == sent[1] != sent[2]


def test_a_closed_interlock_lets_high_voltage_through() -> None:
    """With the lid closed 100 V are sourced, and status.measurement tells it (INTERLOCK)."""
    with bench(Resistor(1e6)) as smu:
        smu.instrument.close_interlock()
        smu.send("smua.source.levelv = 100 smua.source.output = 1")
        assert smu.numbers("print(smua.measure.v())") == pytest.approx([100.0], rel=2e-3)
        assert int(smu.numbers("print(status.measurement.condition)")[0]) & 2048


def test_moving_the_tips_changes_what_is_measured_next() -> None:
    """A device that is connected between two readings is the one the second reading sees."""
    with bench() as smu:
        smu.send("smua.source.levelv = 1 smua.source.output = 1 smua.measure.i()")
        smu.instrument.connect(Resistor(1e5))
        assert smu.numbers("print(smua.measure.i())") == pytest.approx([1e-5], rel=2e-2)


@pytest.mark.parametrize("volts", [1e-3, 0.2, 19.0])
def test_nothing_is_left_uncharged_for_want_of_a_delay(volts: float) -> None:
    """A level that has stood for a while is read settled, although no delay is set and the limit is low."""
    with bench(Resistor(math.inf)) as smu:
        smu.send("smua.measure.delay = 0 smua.source.limiti = 1e-8", f"smua.source.levelv = {volts}")
        smu.send("smua.source.output = 1 delay(2)")
        assert smu.numbers("print(smua.measure.v())")[0] == pytest.approx(volts, abs=0.01 + volts * 1e-3)
        assert smu.ask("print(smua.source.compliance)") == "false"


def test_a_client_that_goes_away_leaves_a_script_that_ends_with_the_output_off(talk_to: Callable) -> None:
    """The script of a dead computer runs to its end; the next client finds the output off and the data there."""
    with SimulatedSmu(CARD, Resistor(1e3), time_scale=1.0) as running:
        gone = talk_to(running)
        program = [*sweep("linearv(0, 1, 21)", 21), "smua.trigger.initiate()", "waitcomplete()",
                   "smua.source.output = smua.OUTPUT_OFF"]  # fmt: skip
        gone.send("\r\n".join(["loadandrunscript", *program, "endscript", ""]).encode())
        time.sleep(0.5)
        gone.close()
        assert running.output_enabled
        left = talk_to(running)
        assert left.ask("print(smua.source.output, smua.nvbuffer1.n)") == "0.00000e+00\t2.10000e+01"
        assert not running.output_enabled


def test_the_state_can_be_looked_at_while_a_script_computes(talk_to: Callable) -> None:
    """A script in an endless loop keeps nobody from seeing the output, and abort from another client ends it."""
    with SimulatedSmu(CARD, Resistor(1e3), time_scale=0.0) as running:
        busy, other = talk_to(running), talk_to(running)
        assert busy.ask("smua.source.output = 1 print('on')") == "on"
        busy.send(b"while true do end\n")
        time.sleep(0.2)
        assert running.output_enabled
        other.send(b"abort\n")
        assert other.ask("smua.source.output = 0 print(smua.source.output)") == "0.00000e+00"


def test_stopping_while_a_script_runs_ends_its_process() -> None:
    """A server that stops does not wait for a script, and leaves no process behind."""
    with SimulatedSmu(CARD, Resistor(1e3), time_scale=1.0) as running:
        instrument = running.instrument
        assert isinstance(instrument, Keithley2600)
        ended = threading.Thread(target=instrument.respond, args=(b"delay(1000)",))
        ended.start()
        time.sleep(0.3)
        process = instrument.interpreter.process
        assert process is not None
    ended.join(timeout=5.0)
    assert (ended.is_alive(), process.returncode is not None) == (False, True)


def test_the_measured_range_of_what_is_sourced_is_the_source_range() -> None:
    """measure.rangev is that of the source while voltage is sourced (2600B: measure range)."""
    with bench() as smu:
        assert smu.numbers("smua.source.rangev = 20 print(smua.measure.rangev)") == [20.0]


def test_a_unit_that_sweeps_refuses_another_measurement() -> None:
    """A reading during a sweep of the same unit is refused (2600B/77705.htm: 5042)."""
    clock = ScriptedClock(datetime(2026, 1, 1, tzinfo=UTC))
    with bench(time_scale=1.0, clock=clock) as smu:
        smu.send(*sweep("linearv(0, 1, 101)", 101), "smua.trigger.initiate()")
        assert smu.ask("print(smua.measure.i())") == ""
        assert smu.codes() == [5042]


def test_contacts_are_checked_against_their_threshold() -> None:
    """contact.r is the resistance of each pair, and contact.check compares it with the threshold, 50 ohm at first."""
    for leads, good in ((20.0, "true"), (200.0, "false")):
        with bench(Resistor(1e3, leads)) as smu:
            assert smu.numbers("print(smua.contact.r())") == [leads / 2.0] * 2
            assert smu.ask("print(smua.contact.check())") == good
