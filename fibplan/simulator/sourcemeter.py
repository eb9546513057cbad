"""What a source-measure unit does to a device, whatever language it is spoken to in: levels, limits, ranges, sweeps.

Time is a function of the clock: whoever looks finds every point taken that is due by then, so a sweep ends by itself
although nobody asks, and a test decides how fast time runs.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from fibplan.clock import Clock
from fibplan.model.cards import SmuCard, range_holding
from fibplan.simulator.accuracy import OVERRANGE, Accuracy, Quantity
from fibplan.simulator.device import DeviceUnderTest, Loop, OperatingPoint
from fibplan.simulator.setup import AutoDelay, Setup, Sweep

LINE_HZ = 50.0
"""The mains of the simulated laboratory; no driver may rely on it."""
OVERHEAD_S = 0.0005
"""Time per point beyond integration and delays: what 1551 points a second leave (SPEC-2400 Rev L, p 3, 0.01 cycles)."""
RANGE_CHANGE_S = 1.0 / 75.0
"""Time of one change of the measure range: at most 75 a second (SPEC-2400 Rev L, p 3)."""
STRAY_F = 100e-12
"""Capacitance of a metre of unguarded cable, charged at no more than the limit; a chosen, usual value."""
AT_ONCE = 10_000
"""How many points of an endless sweep are taken at most whenever somebody looks, on a clock that does not wait."""


class Limit(Enum):
    """What holds the source back: nothing, its programmed limit, or 105 % of a fixed lower measure range."""

    NONE = 0
    REAL = 1
    RANGE = 2


class Reading(NamedTuple):
    """One point: as programmed, as measured (infinite on overflow), as read back, and under which conditions.

    ``level`` and ``readback`` are volts or amperes, whichever is sourced; ``time_s`` counts from the first point of a
    sweep, ``moment_s`` is the time in the laboratory.
    """

    level: float
    readback: float
    volts: float
    amps: float
    limit: Limit
    output_on: bool
    time_s: float
    source: Quantity
    four_wire: bool
    moment_s: float = 0.0


Store = Callable[[Reading], None]


@dataclass
class Run:
    """A sweep that is under way: when it took its first point, when the next is due, and how many it has taken.

    ``began_s`` is in the time of the laboratory, ``due`` on the clock, ``time_s`` since the first point.
    """

    sweep: Sweep
    store: Store
    began_s: float
    due: float
    time_s: float = 0.0
    taken: int = 0


@dataclass
class SourceMeter:
    """The instrument behind the language; not thread safe, its owner locks.

    ``defaults`` gives the setup after a reset. A limit on the output voltage, such as an open interlock, is set as
    ``ceiling_v``. A measure range reads up to ``reads_to`` times its full scale; where that is more than the source may
    reach, a range that limits the source does not overflow; an automatic one goes up at
    ``ranges_up_at``. A source range gives up to ``sources_to`` times its full
    scale. Where ``range_holds`` is false, a low measure range overflows without limiting the source.
    """

    card: SmuCard
    device: DeviceUnderTest
    accuracy: Accuracy
    clock: Clock
    defaults: Callable[[], Setup]
    auto_delay: AutoDelay
    time_scale: float = 1.0
    ceiling_v: float = math.inf
    reads_to: float = OVERRANGE
    ranges_up_at: float = 1.0 + 1e-9
    sources_to: float = OVERRANGE
    range_holds: bool = True
    setup: Setup = field(init=False)
    output_on: bool = False
    run: Run | None = None
    _sample_v: float = 0.0
    _laboratory_s: float = 0.0

    def __post_init__(self) -> None:
        self.setup = self.defaults()
        self._born = self.clock.monotonic()

    def reset(self) -> None:
        """Output off, nothing running, every setting as after power-on."""
        self.run = None
        self.switch(on=False)
        self.setup = self.defaults()

    def switch(self, *, on: bool) -> None:
        """Output on or off: off discharges the cable, and until it goes on nothing lies on the sample."""
        if on and not self.output_on:
            self.device.settled(0.0, self._moment_s())
        self.output_on = on
        if not on:
            self._sample_v = 0.0

    def start(self, sweep: Sweep, store: Store) -> None:
        """Start a sweep, output on; every reading is given to ``store`` when it is due."""
        if sweep.range_type == "BEST":
            self.fit_source_range(sweep.reach)
        self.switch(on=True)
        step_s = self._step_s(sweep)
        self.run = Run(sweep, store, self._moment_s() + step_s, self.clock.monotonic() + step_s * self.time_scale)
        self.advance()

    def advance(self) -> None:
        """Take every point that is due; the last one ends the sweep."""
        now, left = self.clock.monotonic(), AT_ONCE
        while self.run is not None and self.run.due <= now and left:
            left -= 1
            self._take(self.run)

    def remaining_s(self) -> float | None:
        """Seconds until the sweep should have ended, None when none is running."""
        if self.run is None:
            return None
        if math.isinf(self.run.sweep.rounds):
            return math.inf
        rest = (self.run.sweep.total - self.run.taken - 1) * self._step_s(self.run.sweep) * self.time_scale
        return max(0.0, self.run.due + rest - self.clock.monotonic())

    def abort(self) -> None:
        """Stop the sweep where it is; the output stays as it was."""
        if self.run is not None and self.run.sweep.holds:
            self.setup.sourced.level = self._level()
        self.run = None

    def measure(self, stood_s: float = 0.0) -> Reading:
        """One reading at the present level, which has stood for that long already."""
        if self.setup.sourced.source_auto:
            self.fit_source_range(self.setup.sourced.level)
        self._laboratory_s += self._integration_s() + OVERHEAD_S + self._delay_s()
        moment_s, settled_s = self._moment_s(), stood_s + self._delay_s() + OVERHEAD_S
        return self._reading(self.setup.sourced.level, moment_s, settled_s, moment_s)

    def reading_s(self) -> float:
        """How long one reading takes on the clock, delays included."""
        return (self._integration_s() + OVERHEAD_S + self._delay_s()) * self.time_scale

    @property
    def now_s(self) -> float:
        """Seconds since power-on, in the time of the laboratory."""
        return self._moment_s()

    def let_pass(self, seconds: float) -> None:
        """Seconds of the laboratory go by, also where nothing waits for them."""
        self._laboratory_s = self._moment_s() + (seconds if self.time_scale == 0.0 else 0.0)

    def limit_now(self) -> Limit:
        """What holds the source back at this moment."""
        return self._operated(self._level(), self._moment_s(), math.inf)[1] if self.output_on else Limit.NONE

    def fit_source_range(self, level: float) -> None:
        """Put the source on the most sensitive range that gives ``level``."""
        ranges = self.card.source_voltage if self.setup.source == "V" else self.card.source_current
        self.setup.sourced.source_range = range_holding(ranges, level, self.sources_to).full_scale

    def _take(self, run: Run) -> None:
        level = run.sweep.level(run.taken)
        if run.sweep.range_type == "AUTO":
            self.fit_source_range(level)
        before = self.setup.side(self.setup.opposite).measure_range
        settled_s = self._delay_s() + run.sweep.delay_s + OVERHEAD_S
        reading = self._reading(level, run.began_s + run.time_s, settled_s, run.time_s)
        run.store(reading)
        run.taken += 1
        changed = before != self.setup.side(self.setup.opposite).measure_range
        step_s = self._step_s(run.sweep) + (RANGE_CHANGE_S if changed else 0.0)
        run.time_s += step_s
        run.due += step_s * self.time_scale
        if run.taken >= run.sweep.total or (run.sweep.aborts and reading.limit is not Limit.NONE):
            self._finish(run.sweep, level)

    def _finish(self, sweep: Sweep, level: float) -> None:
        self.run = None
        if sweep.holds:
            self.setup.sourced.level = level
        if sweep.ends_off:
            self.switch(on=False)

    def _moment_s(self) -> float:
        """The time in the laboratory; where nothing waits, the sum of what everything would have taken."""
        if self.time_scale > 0.0:
            self._laboratory_s = max(self._laboratory_s, (self.clock.monotonic() - self._born) / self.time_scale)
        return self._laboratory_s

    def _level(self) -> float:
        if self.run is None or not self.run.taken:
            return self.setup.sourced.level
        return self.run.sweep.level(self.run.taken - 1)

    def _delay_s(self) -> float:
        return self.auto_delay(self.setup.amps.measure_range) if self.setup.delay_auto else self.setup.delay_s

    def _integration_s(self) -> float:
        return len(self.setup.measured) * self.setup.nplc / LINE_HZ

    def _step_s(self, sweep: Sweep) -> float:
        return self._integration_s() + OVERHEAD_S + self._delay_s() + sweep.delay_s

    def _reading(self, level: float, moment_s: float, settled_s: float, time_s: float) -> Reading:
        self._laboratory_s = max(self._laboratory_s, moment_s)
        point, limit = OperatingPoint(0.0, 0.0, 0.0, limited=False), Limit.NONE
        if self.output_on:
            point, limit = self._operated(level, moment_s, settled_s)
            self._sample_v = point.sample_v
            self.device.settled(point.sample_v, moment_s)
        amps = point.amps + (self.device.pickup(moment_s, self._integration_s()) if self.output_on else 0.0)
        volts, amps = self._read("V", point.volts, limit), self._read("A", amps, limit)
        readback = (volts if self.setup.source == "V" else amps) if self.setup.readback else level
        setup = self.setup
        return Reading(
            level, readback, volts, amps, limit, self.output_on, time_s, setup.source, setup.four_wire, moment_s
        )

    def _read(self, quantity: Quantity, truth: float, limit: Limit) -> float:
        """The measured value, infinite on overflow."""
        setup, side = self.setup, self.setup.side(quantity)
        sourced = quantity == setup.source
        meters = self.card.measure_voltage if quantity == "V" else self.card.measure_current
        if sourced:
            full_scale = side.source_range
        else:
            if side.measure_auto:
                side.measure_range = range_holding(
                    meters, max(abs(truth), side.measure_least), self.ranges_up_at
                ).full_scale
            full_scale = side.measure_range
            held = limit is Limit.RANGE and self.reads_to <= OVERRANGE
            if held or abs(truth) > full_scale * self.reads_to:
                return math.copysign(math.inf, truth)
        return self.accuracy.measured(quantity, truth, full_scale, setup.nplc)

    def _operated(self, level: float, moment_s: float, settled_s: float) -> tuple[OperatingPoint, Limit]:
        setup = self.setup
        most = setup.sourced.source_range * self.sources_to
        truth = self.accuracy.sourced(setup.source, max(-most, min(most, level)), setup.sourced.source_range)
        fixed = setup.side(setup.opposite)
        free = fixed.measure_auto or not self.range_holds
        range_limit = math.inf if free else fixed.measure_range * OVERRANGE
        limit = min(fixed.limit, range_limit)
        which = Limit.REAL if fixed.limit <= range_limit else Limit.RANGE
        loop = Loop(self.device, setup.four_wire, moment_s)
        if setup.source == "V":
            truth = max(-self.ceiling_v, min(self.ceiling_v, truth))
            point = self._charged(loop.sourcing_voltage(truth, limit), limit, settled_s)
        else:
            point = loop.sourcing_current(truth, min(limit, self.ceiling_v))
        return point, which if point.limited else Limit.NONE

    def _charged(self, point: OperatingPoint, limit_a: float, settled_s: float) -> OperatingPoint:
        """The same point, unless the stray capacitance could not be charged in that time with what the limit leaves."""
        missing = point.sample_v - self._sample_v
        reached = max(limit_a - abs(point.amps), 0.0) * settled_s / STRAY_F
        if point.limited or abs(missing) <= reached:
            return point
        short = missing - math.copysign(reached, missing)
        held = math.copysign(limit_a, missing)
        return OperatingPoint(point.volts - short, held, point.sample_v - short, limited=True)
