"""What a source-measure unit does to a device, whatever language it is spoken to in: levels, limits, ranges, sweeps.

Time is a function of the clock: whoever looks finds every point taken that is due by then, so a sweep ends by itself
although nobody asks, and a test decides how fast time runs.
"""

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from fibplan.clock import Clock
from fibplan.model.cards import SmuCard
from fibplan.simulator.accuracy import OVERRANGE, Accuracy, range_for
from fibplan.simulator.device import DeviceUnderTest, operating_point

LINE_HZ = 50.0
"""The mains of the simulated laboratory; no driver may rely on it."""
OVERHEAD_S = 0.002
"""Time per point beyond integration and delays: reading the source back and storing."""
AUTO_DELAY_S = 0.001
"""The automatic source delay of the ranges from 100 uA up (2450 reference manual, source delay)."""
INTERLOCKED_V = 42.0
"""With the interlock open the output stays below this voltage (2450 reference manual, interlock)."""
BUFFER_POINTS = 10_000
"""What a default buffer holds after a reset (2450-901-01 Rev B, p 6-115)."""

RangeType = Literal["AUTO", "BEST", "FIX"]


class Reading(NamedTuple):
    """One point: the source as configured and as read back, amperes (infinite on overflow), and its conditions."""

    level_v: float
    source_v: float
    amps: float
    limited: bool
    output_on: bool
    time_s: float


@dataclass
class Setup:
    """Everything that a reset brings back (2450 reference manual: default values)."""

    level_v: float = 0.0
    source_range_v: float = 0.02
    source_range_auto: bool = True
    limit_a: float = 1.05e-4
    readback: bool = True
    delay_s: float = AUTO_DELAY_S
    delay_auto: bool = True
    current_range_a: float = 1e-4
    current_range_auto: bool = True
    nplc: float = 1.0
    four_wire: bool = False
    autozero: bool = True

    @property
    def source_delay_s(self) -> float:
        return AUTO_DELAY_S if self.delay_auto else self.delay_s


@dataclass(frozen=True)
class Sweep:
    """A linear voltage sweep; ``rounds`` may be infinite; ``delay_s`` comes on top of the source delay."""

    start_v: float
    stop_v: float
    points: int
    delay_s: float = 0.0
    rounds: float = 1
    range_type: RangeType = "BEST"
    fail_abort: bool = True
    dual: bool = False

    @property
    def total(self) -> float:
        return self.points * self.rounds * (2 if self.dual else 1)

    @property
    def reach_v(self) -> float:
        return max(abs(self.start_v), abs(self.stop_v))

    def level(self, index: int) -> float:
        lap, step = divmod(index, self.points)
        if self.dual and lap % 2:
            step = self.points - 1 - step
        return self.start_v + (self.stop_v - self.start_v) * step / (self.points - 1)


@dataclass
class Run:
    """A sweep that is under way: when it started, the real time each point takes, how many were taken."""

    sweep: Sweep
    started: float
    step_s: float
    taken: int = 0

    def due(self, now: float, at_once: int) -> int:
        """How many points should have been taken by ``now``; an endless sweep without waiting gets ``at_once`` more."""
        most = self.sweep.total if math.isfinite(self.sweep.total) else self.taken + at_once
        if self.step_s == 0.0:
            return int(most)
        return int(min(most, (now - self.started) / self.step_s))


@dataclass
class SourceMeter:
    """The instrument behind the language; not thread safe, its owner locks."""

    card: SmuCard
    device: DeviceUnderTest
    accuracy: Accuracy
    clock: Clock
    time_scale: float = 1.0
    interlock_closed: bool = False
    setup: Setup = field(default_factory=Setup)
    output_on: bool = False
    buffer: deque[Reading] = field(default_factory=lambda: deque[Reading](maxlen=BUFFER_POINTS))
    sweep: Sweep | None = None
    run: Run | None = None

    def reset(self) -> None:
        """Output off, nothing running, every setting and the buffer as after power-on."""
        self.run = self.sweep = None
        self.output_on = False
        self.setup = Setup()
        self.resize(BUFFER_POINTS)

    def resize(self, points: int) -> None:
        """Give the buffer room for so many readings; what it held is lost."""
        self.buffer = deque[Reading](maxlen=points)

    def start(self) -> None:
        """Start the sweep that is set up: the output goes on."""
        assert self.sweep is not None
        if self.sweep.range_type == "BEST":
            self.setup.source_range_v = self._source_range(self.sweep.reach_v)
        step = self._nominal_step_s(self.sweep) * self.time_scale
        self.output_on = True
        self.run = Run(self.sweep, self.clock.monotonic(), step)
        self.advance()

    def advance(self) -> None:
        """Take every point that is due, and end the sweep with the output off when the last one is taken."""
        run = self.run
        if run is None:
            return
        room = self.buffer.maxlen or 0
        due = run.due(self.clock.monotonic(), room)
        for index in range(max(run.taken, due - room), due):
            reading = self._swept(run.sweep, index)
            self.buffer.append(reading)
            if reading.limited and run.sweep.fail_abort:
                self._finish()
                return
        run.taken = due
        if due >= run.sweep.total:
            self._finish()

    def remaining_s(self) -> float | None:
        """Seconds until the sweep has ended, None when none is running."""
        if self.run is None:
            return None
        end = self.run.started + self.run.step_s * self.run.sweep.total
        return max(0.0, end - self.clock.monotonic())

    def abort(self) -> None:
        """Stop the sweep where it is: the output stays as it was, for the block that ends it is never reached."""
        self.run = None

    def measure(self) -> Reading:
        """One reading at the present level, stored in the buffer."""
        if self.setup.source_range_auto:
            self.setup.source_range_v = self._source_range(self.setup.level_v)
        reading = self._reading(self.setup.level_v, self.clock.monotonic())
        self.buffer.append(reading)
        return reading

    @property
    def limited(self) -> bool:
        """Whether a limit holds the voltage back at this moment."""
        return self.output_on and self._point(self.setup.level_v)[2]

    def _finish(self) -> None:
        self.run = None
        self.output_on = False

    def _swept(self, sweep: Sweep, index: int) -> Reading:
        self.setup.level_v = sweep.level(index)
        if sweep.range_type == "AUTO":
            self.setup.source_range_v = self._source_range(self.setup.level_v)
        return self._reading(self.setup.level_v, index * self._nominal_step_s(sweep))

    def _nominal_step_s(self, sweep: Sweep) -> float:
        return self.setup.nplc / LINE_HZ + OVERHEAD_S + self.setup.source_delay_s + sweep.delay_s

    def _reading(self, level: float, time_s: float) -> Reading:
        volts, amps, limited = self._point(level)
        setup = self.setup
        if setup.current_range_auto:
            setup.current_range_a = range_for(self.card.measure_current, amps).full_scale
        shown = self.accuracy.measured_voltage(volts, setup.source_range_v) if setup.readback else level
        read = self.accuracy.measured_current(amps, setup.current_range_a)
        if self._range_compliance(amps):
            read = math.copysign(math.inf, amps)
        return Reading(level, shown, read, limited, self.output_on, time_s)

    def _point(self, level: float) -> tuple[float, float, bool]:
        if not self.output_on:
            return 0.0, 0.0, False
        setup = self.setup
        most = setup.source_range_v * OVERRANGE
        volts = self.accuracy.sourced_voltage(max(-most, min(most, level)), setup.source_range_v)
        if self.card.interlock_voltage is not None and not self.interlock_closed:
            volts = max(-INTERLOCKED_V, min(INTERLOCKED_V, volts))
        return operating_point(self.device, volts, min(setup.limit_a, self._range_limit()))

    def _range_limit(self) -> float:
        """What a fixed measure range lets through; with autorange only the programmed limit counts."""
        return math.inf if self.setup.current_range_auto else self.setup.current_range_a * OVERRANGE

    def _range_compliance(self, amps: float) -> bool:
        return abs(amps) > self._range_limit() * (1.0 - 1e-9)

    def _source_range(self, level: float) -> float:
        return range_for(self.card.source_voltage, level, OVERRANGE).full_scale
