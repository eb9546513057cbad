"""The panels of an I-V picture: current over voltage, its magnitude on a log scale, and residuals."""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullLocator
from numpy.typing import NDArray

from fibplan.figures.canvas import quantity
from fibplan.figures.words import prefixed, resistance
from fibplan.model.cards import SmuCard
from fibplan.model.curve import Curve, CurvePoint
from fibplan.model.path import Above, Below, ContactCheck
from fibplan.model.verdict import Measured
from fibplan.units import ENGINEERING
from fibplan.verification.fit import Line, fit_line
from fibplan.verification.open_circuit import about_rest
from fibplan.verification.plausible import FEWEST_POINTS
from fibplan.verification.readings import readings_of

Limits = Below | Above | ContactCheck
"""What a curve stands against: a path's criterion, or the contact check of a tip."""


class Look(NamedTuple):
    """Shape, fill and size of the marks of points with one fate."""

    marker: str
    face: str
    size: float


USED, CLAMPED, OVERFLOWED = Look("o", "black", 2.8), Look("s", "white", 4.0), Look("x", "black", 4.0)
RISING, FALLING, LEFT_OUT = Look("^", "black", 2.8), Look("v", "white", 4.0), Look("D", "white", 3.2)
FARTHEST_OHM = 1e30
"""Where the band ends that has no bound: beyond every axis."""


class Unit(NamedTuple):
    """A unit with the prefix that suits an axis, and how many of the bare unit it is."""

    name: str
    size: float


class Reading(NamedTuple):
    """A curve as it is drawn: its points by fate, the line through the used ones, the units of both axes.

    ``falling`` are those of the used ones that were reached from above, in a sweep that goes both ways. ``left_out``
    are usable points that the fit does not count: settling, or near a change of range.
    """

    used: list[CurvePoint]
    falling: list[CurvePoint]
    left_out: list[CurvePoint]
    clamped: list[CurvePoint]
    overflowed: list[CurvePoint]
    line: Line | None
    reach_v: float
    reach_a: float
    sources_voltage: bool

    @property
    def volt(self) -> Unit:
        return _unit(self.reach_v, "V")

    @property
    def ampere(self) -> Unit:
        return _unit(self.reach_a, "A")

    @property
    def offset_a(self) -> float:
        """Where the line passes zero volts; lines of other slopes are drawn through the same place."""
        return self.line.offset_a if self.line is not None else 0.0


def reading_of(curve: Curve, card: SmuCard | None = None) -> Reading:
    """The curve sorted; its reach is the largest voltage set or read and the largest current read.

    With the instrument's card the points are told apart that the fit leaves out.
    """
    numbered = [point for point in curve.points if point.voltage_v is not None and point.current_a is not None]
    usable = [point for point in numbered if point.usable]
    counted = {point.time_s for point in readings_of(about_rest(curve), card).kept} if card is not None else None
    used = [point for point in usable if counted is None or point.time_s in counted]
    amperes = [abs(point.current_a or 0.0) for point in numbered]
    sources_voltage = curve.settings.source == "voltage"
    programmed = [abs(point.level) for point in curve.points if sources_voltage]
    volts = [*programmed, *(abs(point.voltage_v or 0.0) for point in curve.points)]
    return Reading(
        used=used,
        falling=_falling(curve.points, used),
        left_out=[point for point in usable if point not in used],
        clamped=[point for point in numbered if not point.usable],
        overflowed=[point for point in curve.points if point.voltage_v is None or point.current_a is None],
        line=fit_line(used) if len(used) >= FEWEST_POINTS else None,
        reach_v=max(volts, default=0.0) or curve.settings.limit_v or 1.0,
        reach_a=max(amperes, default=0.0) or curve.settings.compliance_a or 1.0,
        sources_voltage=sources_voltage,
    )


def _falling(points: Sequence[CurvePoint], used: Sequence[CurvePoint]) -> list[CurvePoint]:
    """The used points at which the level came down; none where it only ever goes one way."""
    falls: dict[float, bool] = {}
    down = False
    for earlier, point in pairwise(points):
        down = point.level < earlier.level if point.level != earlier.level else down
        falls[point.time_s] = down
    both_ways = len(set(falls.values())) > 1
    return [point for point in used if both_ways and falls.get(point.time_s, False)]


def draw_main(axes: Axes, reading: Reading, measured: Measured | None, limits: Limits | None) -> None:
    """Points, the slopes that are within the bounds, and the slopes of the limits."""
    axes.set_gid("current")
    half_v, half_a = 1.06 * reading.reach_v / reading.volt.size, 1.15 * reading.reach_a / reading.ampere.size
    axes.set_xlim(-half_v, half_v)
    axes.set_ylim(-half_a, half_a)
    axes.tick_params(labelbottom=False)
    axes.set_ylabel(f"current ({reading.ampere.name})", labelpad=1.5)
    for draw in (axes.axhline, axes.axvline):
        draw(0.0, color="#999999", linewidth=0.4)
    if measured is not None:
        _draw_slopes(axes, reading, measured)
    for ohm, label, dashes in _lines(limits):
        _draw_slope(axes, reading, ohm, label, dashes)
    _draw_points(axes, reading, half_a, fitted=measured is not None and measured.points_used > 0)


def draw_magnitudes(axes: Axes, reading: Reading, measured: Measured | None, limits: Limits | None) -> None:
    """The magnitude of every current on a log scale, with the band and the limits."""
    _prepare(axes, reading)
    _draw_magnitudes(axes, reading, measured, limits)


def draw_residuals(axes: Axes, reading: Reading) -> None:
    """What the line through the used points leaves of them."""
    _prepare(axes, reading)
    if reading.line is not None:
        _draw_residuals(axes, reading, reading.line)


def has_residuals(reading: Reading, measured: Measured | None) -> bool:
    """Whether a slope was seen that a point can be off."""
    return measured is not None and measured.points_used > 0 and measured.high_ohm is not None and bool(reading.line)


def _prepare(axes: Axes, reading: Reading) -> None:
    half = 1.06 * reading.reach_v / reading.volt.size
    axes.set_xlim(-half, half)


def name_voltage(axes: Axes, reading: Reading) -> None:
    """The voltage axis of the lowest panel."""
    axes.set_xlabel(f"voltage ({reading.volt.name})", labelpad=1.5)


def _unit(largest: float, unit: str) -> Unit:
    exponent = 3 * math.floor(math.log10(largest * 1.001) / 3)
    exponent = min(max(exponent, min(ENGINEERING)), max(ENGINEERING))
    return Unit(f"{ENGINEERING[exponent]}{unit}".replace("u", "µ"), 10.0**exponent)


def _lines(limits: Limits | None) -> list[tuple[float, str, str]]:
    """Ohm, label and line style of each limit."""
    match limits:
        case None:
            return []
        case ContactCheck(below=ohm):
            return [(ohm, f"{quantity(ohm, 'ohm')}: contact is steeper", "--")]
        case Below(below=ohm, marginal=marginal):
            passes, margin = "passes if steeper", "marginal if steeper"
        case Above(above=ohm, marginal=marginal):
            passes, margin = "passes if flatter", "marginal if flatter"
    return [(ohm, f"{quantity(ohm, 'ohm')}: {passes}", "--"), (marginal, f"{quantity(marginal, 'ohm')}: {margin}", ":")]


def _draw_slope(axes: Axes, reading: Reading, ohm: float, label: str, dashes: str) -> None:
    ends = np.array([-1.1, 1.1]) * reading.reach_v
    amperes = reading.offset_a + ends / ohm
    (line,) = axes.plot(ends / reading.volt.size, amperes / reading.ampere.size, dashes, color="black", label=label)
    line.set_gid(f"limit-{ohm:g}")


def _draw_slopes(axes: Axes, reading: Reading, measured: Measured) -> None:
    """Every slope within the bounds; where one bound is missing, up to level or up to upright."""
    if measured.low_ohm <= 0.0 and measured.high_ohm is None:
        return
    ends = np.array([-1.1, 0.0, 1.1]) * reading.reach_v
    flattest = 1.0 / measured.high_ohm if measured.high_ohm is not None else 0.0
    upright = 1e3 * reading.reach_a / reading.reach_v
    steepest = 1.0 / measured.low_ohm if measured.low_ohm > 0.0 else max(upright, 2.0 * flattest)
    flat, steep = ((reading.offset_a + ends * slope) / reading.ampere.size for slope in (flattest, steepest))
    band = axes.fill_between(ends / reading.volt.size, flat, steep, facecolor="#c8d4e0", edgecolor="#5a6a7a")
    band.set(hatch="//", linewidth=0.6, label=f"slopes of {resistance(measured)}", gid="slopes")


def _draw_points(axes: Axes, reading: Reading, half_a: float, *, fitted: bool) -> None:
    for name, points, look, fate in _by_fate(reading, " in the fit" if fitted else ""):
        volts, amperes = _columns(points, reading)
        marks = _mark(axes, volts, amperes, look)
        marks.set(label=f"{_points(len(points))}{fate}", gid=name)
    if reading.overflowed:
        volts, amperes = _edge(reading, half_a)
        marks = _mark(axes, volts, amperes, OVERFLOWED)
        marks.set(label=f"{_points(len(volts))} overflowed: no number, at the edge", gid="overflowed")


def _by_fate(reading: Reading, fate: str = "") -> list[tuple[str, list[CurvePoint], Look, str]]:
    """Name, points, marks and words of each kind of point with numbers; the two directions apart, if there are two."""
    rising = [point for point in reading.used if point not in reading.falling]
    found = [
        ("used", rising, RISING if reading.falling else USED, f"{fate}, rising" if reading.falling else fate),
        ("falling", reading.falling, FALLING, f"{fate}, falling"),
        ("clamped", reading.clamped, CLAMPED, " in compliance, left out"),
        ("left-out", reading.left_out, LEFT_OUT, " settling or between ranges, left out"),
    ]
    return [entry for entry in found if entry[1]]


def _edge(reading: Reading, half_a: float) -> tuple[list[float], list[float]]:
    """Where an overflowed point stands: at its programmed level, and at the edge for what has no number."""
    signs = [math.copysign(1.0, point.overflow or point.level) for point in reading.overflowed]
    if reading.sources_voltage:
        volts = [point.level / reading.volt.size for point in reading.overflowed]
        return volts, [0.96 * half_a * sign for sign in signs]
    half = reading.reach_v / reading.volt.size
    return [half * sign for sign in signs], [point.level / reading.ampere.size for point in reading.overflowed]


def _mark(axes: Axes, volts: Sequence[float], heights: Sequence[float], look: Look) -> Line2D:
    (marks,) = axes.plot(volts, heights, look.marker, color="black", markersize=look.size, markeredgewidth=0.7)
    marks.set_markerfacecolor(look.face)
    return marks


def _points(count: int) -> str:
    return f"{count} point{'' if count == 1 else 's'}"


def _columns(points: Sequence[CurvePoint], reading: Reading) -> tuple[list[float], list[float]]:
    """Voltages and currents in the units of the axes."""
    volts = [(point.voltage_v or 0.0) / reading.volt.size for point in points]
    return volts, [(point.current_a or 0.0) / reading.ampere.size for point in points]


def _draw_residuals(axes: Axes, reading: Reading, line: Line) -> None:
    residuals = [_residual(point, line) for point in reading.used]
    largest = max(abs(residual) for residual in residuals) or reading.reach_a * 1e-6
    unit = _unit(largest, "A")
    axes.set_gid("residuals")
    axes.axhline(0.0, color="#999999", linewidth=0.4)
    for name, points, look, _ in _by_fate(reading):
        if name in ("used", "falling"):
            volts, _ = _columns(points, reading)
            _mark(axes, volts, [_residual(point, line) / unit.size for point in points], look)
    axes.set_ylim(-1.25 * largest / unit.size, 1.25 * largest / unit.size)
    axes.set_ylabel(f"residual ({unit.name})", labelpad=1.5)


def _residual(point: CurvePoint, line: Line) -> float:
    return (point.current_a or 0.0) - line.offset_a - line.conductance * (point.voltage_v or 0.0)


def _draw_magnitudes(axes: Axes, reading: Reading, measured: Measured | None, limits: Limits | None) -> None:
    axes.set_gid("magnitudes")
    axes.set_yscale("log")
    sizes: list[float] = []
    for _, points, look, _ in _by_fate(reading):
        found = [point for point in points if point.current_a]
        sizes += [abs(point.current_a or 0.0) for point in found]
        volts, _ = _columns(found, reading)
        _mark(axes, volts, [abs(point.current_a or 0.0) for point in found], look)
    fractions = np.concatenate([-np.geomspace(1.0, 1e-3, 60), np.geomspace(1e-3, 1.0, 60)])
    if measured is not None:
        _draw_band(axes, reading, measured, fractions * reading.reach_v)
    for ohm, _, dashes in _lines(limits):
        volts = fractions * reading.reach_v
        axes.plot(volts / reading.volt.size, np.abs(reading.offset_a + volts / ohm), dashes, color="black")
        sizes.append(reading.reach_v / ohm)
    _show_decades(axes, sizes or [reading.reach_a])
    axes.set_ylabel("|I|, log scale", labelpad=1.5)


def _draw_band(axes: Axes, reading: Reading, measured: Measured, volts: NDArray[np.float64]) -> None:
    """Every magnitude within the bounds; where one is missing, down or up to the edge."""
    if measured.low_ohm <= 0.0 and measured.high_ohm is None:
        return
    flat = reading.offset_a + volts / (measured.high_ohm if measured.high_ohm is not None else FARTHEST_OHM)
    steep = reading.offset_a + volts / (measured.low_ohm if measured.low_ohm > 0.0 else 1.0 / FARTHEST_OHM)
    least = np.where(flat * steep > 0.0, np.minimum(np.abs(flat), np.abs(steep)), 1.0 / FARTHEST_OHM)
    most = np.maximum(np.abs(flat), np.abs(steep))
    band = axes.fill_between(volts / reading.volt.size, least, most, facecolor="#c8d4e0", edgecolor="#5a6a7a")
    band.set(hatch="//", linewidth=0.6, gid="magnitudes-band")


def _show_decades(axes: Axes, sizes: Iterable[float]) -> None:
    exponents = [math.log10(size) for size in sizes]
    axes.set_ylim(10.0 ** (min(exponents) - 0.5), 10.0 ** (max(exponents) + 0.5))
    axes.yaxis.set_major_locator(LogLocator(numticks=6))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(prefixed("A"))
