"""A Keithley 2450 in its native SCPI command set, sourcing voltage: headers, answers, events, status bits.

Sources: Model 2450 Reference Manual 2450-901-01 (pages of Rev B), SPEC-2450 Rev A. Current sourcing is not simulated:
asking for it is an illegal parameter, not a silent nothing.
"""

import math
from collections.abc import Callable, Iterator
from threading import Event, RLock

from fibplan.clock import Clock
from fibplan.model.cards import SmuCard
from fibplan.model.curve import model_number
from fibplan.simulator.accuracy import OVERRANGE, Accuracy, range_for
from fibplan.simulator.device import DeviceUnderTest
from fibplan.simulator.events import EventLog, ScpiError, Severity
from fibplan.simulator.reading2450 import elements, nr3, shown
from fibplan.simulator.scpi import Commands, Handler, Parameters, Unit, units
from fibplan.simulator.sourcemeter import AUTO_DELAY_S, RangeType, Setup, SourceMeter, Sweep

FIRMWARE = "1.6.7c"
SWEEP_USAGE = "<start>,<stop>,<points>,<delay>,<count>,<rangeType>,<failAbort>,<dual>,<buffer>"
WAITING = ("*WAI", "*OPC?")
LIMIT_SHARE = 0.106
"""The least limit, as a share of a fixed measure range (2450 reference manual, source limits)."""
LIMIT_CHANGED = 5053
"""The number of that warning is unverified; its severity and effect are from the manual."""
POINTS_MOST = 100_000
"""The largest buffer here; the instrument's own may be larger."""
ANSWER_CHARACTERS = 2**25
SLICE_S = 0.05

RANGE_TYPES: dict[str, RangeType] = {"AUTO": "AUTO", "BEST": "BEST", "FIXed": "FIX"}
OFF_STATES = {"NORMal": "NORM", "HIMPedance": "HIMP", "ZERO": "ZERO", "GUARd": "GUAR"}


class Keithley2450:
    """The instrument as a socket sees it: :meth:`answer` takes one message and gives one line or nothing.

    Safe to call from several threads. Serial numbers start with ``SIM``.
    """

    def __init__(
        self,
        card: SmuCard,
        device: DeviceUnderTest,
        clock: Clock,
        *,
        seed: int = 0,
        time_scale: float = 1.0,
        number: int = 1,
    ) -> None:
        self.serial = f"SIM{number:05d}"
        self._card = card
        self._clock = clock
        self._lock = RLock()
        self._halted = Event()
        self._log = EventLog(clock.now)
        self._meter = SourceMeter(card, device, Accuracy(card, self.serial, seed), clock, time_scale)
        self._off_states: dict[str, str] = {"CURR": "NORM", "VOLT": "NORM"}
        self._commands = Commands(
            {
                **self._common(),
                **self._system(),
                **self._source(),
                **self._source_voltage(),
                **self._sense(),
                **self._output(),
                **self._running(),
                **self._trace(),
            }
        )

    def connect(self, device: DeviceUnderTest) -> None:
        """Put the tips on another device; points that are due were still taken on the old one."""
        with self._lock:
            self._meter.advance()
            self._meter.device = device

    @property
    def output_enabled(self) -> bool:
        with self._lock:
            self._meter.advance()
            return self._meter.output_on

    def close_interlock(self, closed: bool = True) -> None:
        """Close the lid over the device, or open it."""
        with self._lock:
            self._meter.interlock_closed = closed

    def halt(self) -> None:
        """Let nobody wait for a sweep any longer: the server is going."""
        self._halted.set()

    def resume(self) -> None:
        """Let clients wait for sweeps again."""
        self._halted.clear()

    def overrun(self) -> None:
        """A line was longer than the input buffer and is lost."""
        with self._lock:
            self._log.error(-363)

    def answer(self, message: str) -> str | None:
        """Execute one message; the answers of its queries on one line, None where it asks nothing."""
        answers: list[str] = []
        try:
            answers.extend(self._answered(message))
        except ScpiError as refusal:
            with self._lock:
                self._log.error(refusal.code)
        return ";".join(answers) if answers else None

    def _answered(self, message: str) -> Iterator[str]:
        room = ANSWER_CHARACTERS
        for unit in units(message):
            answered = self._execute(unit)
            if answered is None:
                continue
            room -= len(answered)
            if room < 0:
                raise ScpiError(-430)
            yield answered

    def _execute(self, unit: Unit) -> str | None:
        if unit.header in WAITING:
            self._wait()
        with self._lock:
            self._meter.advance()
            return self._commands.run(unit)

    def _wait(self) -> None:
        """Return when no sweep is running; other clients are served meanwhile."""
        while not self._halted.is_set():
            with self._lock:
                self._meter.advance()
                remaining = self._meter.remaining_s()
            if remaining is None:
                return
            self._clock.sleep(min(max(remaining, 0.001), SLICE_S))

    @property
    def _setup(self) -> Setup:
        return self._meter.setup

    def _common(self) -> dict[str, Handler]:
        identity = f"KEITHLEY INSTRUMENTS,MODEL {model_number(self._card.model)},{self.serial},{FIRMWARE}"
        return {
            "*IDN?": lambda _: identity,
            "*LANG?": lambda _: "SCPI",
            "*RST": lambda _: self._reset(),
            "*CLS": lambda _: self._log.clear(),
            "*WAI": lambda _: None,
            "*OPC?": lambda _: "1",
            "*ESR?": lambda _: self._standard_event(),
            "*STB?": lambda _: "4" if self._log.count({Severity.ERROR}) else "0",
        }

    def _system(self) -> dict[str, Handler]:
        errors = (Severity.ERROR,)
        return {
            ":SYSTem:ERRor[:NEXT]?": lambda _: self._log.next(errors),
            ":SYSTem:ERRor:COUNt?": lambda _: str(self._log.count(errors)),
            ":SYSTem:EVENtlog:NEXT? <kind>...": lambda given: self._log.next(given.kinds()),
            ":SYSTem:EVENtlog:COUNt? <kind>...": lambda given: str(self._log.count(given.kinds())),
            ":SYSTem:CLEar": lambda _: self._log.clear(),
        }

    def _source(self) -> dict[str, Handler]:
        return {
            ":SOURce[1]:FUNCtion[:MODE] <function>": lambda given: given.name({"VOLTage[:DC]": None}),
            ":SOURce[1]:FUNCtion[:MODE]?": lambda _: "VOLT",
            f":SOURce[1]:SWEep:VOLTage:LINear {SWEEP_USAGE}": self._set_sweep,
        }

    def _source_voltage(self) -> dict[str, Handler]:
        root, setup = ":SOURce[1]:VOLTage", lambda: self._setup
        return {
            root + "[:LEVel][:IMMediate][:AMPLitude] <n>": self._set_level,
            root + "[:LEVel][:IMMediate][:AMPLitude]?": lambda _: nr3(setup().level_v),
            root + ":RANGe <n>": self._set_source_range,
            root + ":RANGe?": lambda _: nr3(setup().source_range_v),
            **self._switch(root + ":RANGe:AUTO", "source_range_auto"),
            root + ":ILIMit[:LEVel] <n>": self._set_limit,
            root + ":ILIMit[:LEVel]?": lambda _: nr3(setup().limit_a),
            root + ":ILIMit[:LEVel]:TRIPped?": lambda _: _flag(self._meter.limited),
            **self._switch(root + ":READ:BACK", "readback"),
            root + ":DELay <n>": self._set_delay,
            root + ":DELay?": lambda _: nr3(setup().source_delay_s),
            **self._switch(root + ":DELay:AUTO", "delay_auto"),
        }

    def _sense(self) -> dict[str, Handler]:
        root, setup = "[:SENSe[1]]:CURRent[:DC]", lambda: self._setup
        return {
            "[:SENSe[1]]:FUNCtion[:ON] <function>": self._set_function,
            "[:SENSe[1]]:FUNCtion[:ON]?": lambda _: '"CURR:DC"',
            root + ":RANGe[:UPPer] <n>": self._set_current_range,
            root + ":RANGe[:UPPer]?": lambda _: nr3(setup().current_range_a),
            **self._switch(root + ":RANGe:AUTO", "current_range_auto"),
            root + ":NPLCycles <n>": self._set_nplc,
            root + ":NPLCycles?": lambda _: nr3(setup().nplc),
            **self._switch(root + ":RSENse", "four_wire"),
            **self._switch(root + ":AZERo[:STATe]", "autozero"),
        }

    def _output(self) -> dict[str, Handler]:
        def off_state(function: str, header: str) -> dict[str, Handler]:
            def assign(given: Parameters) -> None:
                self._off_states[function] = given.name(OFF_STATES)

            return {header + " <state>": assign, header + "?": lambda _: self._off_states[function]}

        return {
            ":OUTPut[1][:STATe] <state>": self._set_output,
            ":OUTPut[1][:STATe]?": lambda _: _flag(self._meter.output_on),
            **off_state("VOLT", ":OUTPut[1]:VOLTage:SMODe"),
            **off_state("CURR", ":OUTPut[1]:CURRent:SMODe"),
        }

    def _running(self) -> dict[str, Handler]:
        return {
            ":INITiate[:IMMediate]": lambda _: self._initiate(),
            ":ABORt": lambda _: self._meter.abort(),
            ":READ? <buffer>,<elements>...": self._measured,
            ":MEASure? <buffer>,<elements>...": self._measured,
            ":FETCh? <buffer>,<elements>...": lambda given: self._selected(given, latest=True),
        }

    def _trace(self) -> dict[str, Handler]:
        return {
            ":TRACe:ACTual? <buffer>": lambda given: self._of_buffer(given, lambda: str(len(self._meter.buffer))),
            ":TRACe:CLEar <buffer>": lambda given: self._of_buffer(given, self._meter.buffer.clear),
            ":TRACe:POINts <n>,<buffer>": self._set_points,
            ":TRACe:POINts? <buffer>": lambda given: self._of_buffer(given, lambda: str(self._meter.buffer.maxlen)),
            ":TRACe:DATA? <first>,<last>,<buffer>,<elements>...": lambda given: self._selected(given, latest=False),
        }

    def _switch(self, header: str, attribute: str) -> dict[str, Handler]:
        def assign(given: Parameters) -> None:
            setattr(self._setup, attribute, given.switch())

        return {header + " <state>": assign, header + "?": lambda _: _flag(getattr(self._setup, attribute))}

    def _reset(self) -> None:
        self._meter.reset()
        self._off_states = dict.fromkeys(self._off_states, "NORM")

    def _standard_event(self) -> str:
        register, self._log.standard = self._log.standard, 0
        return str(register)

    def _set_level(self, given: Parameters) -> None:
        reach = self._card.voltage_most if self._setup.source_range_auto else self._setup.source_range_v * OVERRANGE
        level = given.number(-reach, reach, 0.0)
        self._setup.level_v = level
        if self._setup.source_range_auto:
            self._setup.source_range_v = range_for(self._card.source_voltage, level, OVERRANGE).full_scale

    def _set_source_range(self, given: Parameters) -> None:
        value = given.number(-self._card.voltage_most, self._card.voltage_most, Setup.source_range_v)
        self._setup.source_range_v = range_for(self._card.source_voltage, value, OVERRANGE).full_scale
        self._setup.source_range_auto = False

    def _set_limit(self, given: Parameters) -> None:
        most = self._card.current_limit_most
        self._setup.limit_a = given.number(self._card.current_limit_least, most, Setup.limit_a)
        self._reconcile_limit()

    def _set_current_range(self, given: Parameters) -> None:
        value = given.number(0.0, self._card.current_limit_most, Setup.current_range_a)
        self._setup.current_range_a = range_for(self._card.measure_current, value).full_scale
        self._setup.current_range_auto = False
        self._reconcile_limit()

    def _reconcile_limit(self) -> None:
        """A limit far below a fixed measure range is changed, with a warning that ``:SYST:ERR?`` never shows."""
        least = self._setup.current_range_a * LIMIT_SHARE
        if self._setup.current_range_auto or self._setup.limit_a >= least:
            return
        self._setup.limit_a = least
        self._log.warning(LIMIT_CHANGED, f"Source limit changed to {nr3(least)} to suit the measure range")

    def _set_delay(self, given: Parameters) -> None:
        self._setup.delay_s = given.number(0.0, 10_000.0, AUTO_DELAY_S)
        self._setup.delay_auto = False

    def _set_function(self, given: Parameters) -> None:
        if given.string().upper() not in {"CURR", "CURR:DC", "CURRENT", "CURRENT:DC"}:
            raise ScpiError(-224)

    def _set_nplc(self, given: Parameters) -> None:
        self._setup.nplc = given.number(0.01, 10.0, Setup.nplc)

    def _set_output(self, given: Parameters) -> None:
        self._meter.output_on = given.switch()
        if self._meter.output_on:
            self._check_interlock(self._setup.level_v)

    def _check_interlock(self, level: float) -> None:
        safe = self._card.interlock_voltage
        if safe is not None and abs(level) > safe and not self._meter.interlock_closed:
            self._log.error(5074)

    def _set_sweep(self, given: Parameters) -> None:
        reach = self._card.voltage_most
        start, stop = given.number(-reach, reach), given.number(-reach, reach)
        points = given.whole(2, self._card.points_most)
        delay = given.number(-1.0, 10_000.0) if given else -1.0
        rounds = given.whole(0, 268_435_455) if given else 1
        range_type = given.name(RANGE_TYPES) if given else "BEST"
        fail_abort = given.switch() if given else True
        dual = given.switch() if given else False
        self._of_buffer(given, lambda: None)
        if self._meter.run is not None:
            raise ScpiError(-221)
        if delay < 0.0 and delay != -1.0:
            raise ScpiError(-222)
        self._meter.sweep = Sweep(
            start, stop, points, max(delay, 0.0), rounds or math.inf, range_type, fail_abort, dual
        )

    def _initiate(self) -> None:
        if self._meter.run is not None:
            raise ScpiError(-213)
        if self._meter.sweep is None:
            raise ScpiError(-221)
        self._check_interlock(self._meter.sweep.reach_v)
        self._meter.start()

    def _measured(self, given: Parameters) -> str:
        self._meter.measure()
        return self._selected(given, latest=True)

    def _set_points(self, given: Parameters) -> None:
        points = given.whole(10, POINTS_MOST)
        self._of_buffer(given, lambda: self._meter.resize(points))

    def _of_buffer(self, given: Parameters, then: Callable[[], str | None]) -> str | None:
        """Do something to the buffer that is named, ``defbuffer1`` where none is."""
        if given and given.string().lower() != "defbuffer1":
            raise ScpiError(-224)
        return then()

    def _selected(self, given: Parameters, *, latest: bool) -> str:
        """The elements that are asked for, of the latest reading or of the indices that are given first."""
        size = len(self._meter.buffer)
        first, last = (size, size) if latest else (given.whole(1, POINTS_MOST), given.whole(1, POINTS_MOST))
        self._of_buffer(given, lambda: None)
        wanted = elements(given)
        stored = list(self._meter.buffer)
        chosen = (stored[index - 1] if 1 <= index <= size else None for index in range(first, last + 1))
        return ",".join(shown(reading, self._setup, element) for reading in chosen for element in wanted)


def _flag(value: bool) -> str:
    return "1" if value else "0"
