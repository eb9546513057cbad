"""The resistance in one bipolar sweep, with bounds for its statistics and for the instrument's specification."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

from fibplan.model.cards import AccuracyRange, SmuCard
from fibplan.model.curve import Curve, CurvePoint
from fibplan.model.verdict import Measured
from fibplan.units import show

COVERAGE = 0.95
FEWEST_POINTS = 5
RECTANGULAR = math.sqrt(3.0)
"""Half-width over standard deviation of a rectangular distribution (GUM 4.3.7)."""
OHMIC = 1.2
"""Chords and a slope that differ by less than this factor belong to one straight line through zero."""
OUTER = 0.75
"""Points beyond this share of the sweep's voltage are its outer ones."""
STRAY = 3.0
"""A current that many offset specifications large is not the instrument's own."""


class Line(NamedTuple):
    """``I = conductance V + offset``: siemens, amperes, and the standard error of the conductance."""

    conductance: float
    offset_a: float
    standard_error: float
    points: int

    @property
    def reach(self) -> float:
        """Half-width of the conductance's 95 % interval (Student's t)."""
        return float(stdtrit(self.points - 2, 0.5 + COVERAGE / 2)) * self.standard_error


def resistance_of(curve: Curve, card: SmuCard) -> Measured:
    """Resistance in ohm with bounds of 95 % coverage, from the points that are neither clamped nor overflowed.

    Offsets of current and voltage drop out of the slope of a sweep through zero; the gains of both do not. Where the
    outer points, clamped ones included, do not lie on one line through zero, the bounds reach from the lowest to the
    highest of their ratios V/I. Where both ends are clamped only an upper bound is known, where no current is resolved
    only a lower one. ``doubts`` says what forbids trusting either.
    """
    usable = [point for point in curve.points if point.usable and point.current_a is not None]
    excluded = len(curve.points) - len(usable)
    if _clamped_throughout(curve, excluded):
        return _bounded_by_compliance(curve, excluded)
    if len(usable) < FEWEST_POINTS or excluded > len(usable):
        return _unknown(curve, excluded)
    line = fit_line(usable)
    doubts = tuple(_doubts(curve, usable, line, card))
    if line.conductance <= 3 * line.reach or _swing(usable, line) <= _offset(usable, card):
        return _bounded_by_resolution(curve, line, card, doubts)
    return _bounded_by_slope(curve, line, card, doubts)


def fit_line(points: Sequence[CurvePoint]) -> Line:
    """Ordinary least squares of measured current on measured voltage."""
    volts = np.array([point.voltage_v for point in points])
    amperes = np.array([point.current_a for point in points], dtype=np.float64)
    spread = float(((volts - volts.mean()) ** 2).sum())
    if spread <= 0.0:
        return Line(0.0, float(amperes.mean()), math.inf, len(points))
    slope = float(((volts - volts.mean()) * amperes).sum()) / spread
    offset = float(amperes.mean() - slope * volts.mean())
    residual = amperes - slope * volts - offset
    variance = float((residual**2).sum()) / (len(points) - 2)
    return Line(slope, offset, math.sqrt(variance / spread), len(points))


def accuracy_at(ranges: Sequence[AccuracyRange], value: float) -> AccuracyRange:
    """The most sensitive range that holds the value, or the largest."""
    fitting = [entry for entry in ranges if abs(value) <= entry.full_scale]
    return min(fitting, key=lambda entry: entry.full_scale) if fitting else max(ranges, key=lambda e: e.full_scale)


def outer_points(curve: Curve) -> list[CurvePoint]:
    """The points near both ends of the sweep, where the instrument's offset of voltage weighs little."""
    least = OUTER * max(abs(point.source_v) for point in curve.points)
    return [point for point in curve.points if abs(point.source_v) >= least]


def chords(curve: Curve) -> list[float]:
    """``|V| / |I|`` in ohm of every outer point that has a current, clamped or not."""
    seen = [(point.voltage_v, point.current_a) for point in outer_points(curve) if point.current_a is not None]
    return [abs(volts / amperes) if amperes else math.inf for volts, amperes in seen]


def _doubts(curve: Curve, usable: Sequence[CurvePoint], line: Line, card: SmuCard) -> Iterator[str]:
    stray = STRAY * _offset(usable, card)
    if line.conductance < -line.reach and _swing(usable, line) < -stray:
        yield "the current runs against the voltage: leads or sign are exchanged"
    elif any(_against(point, stray) for point in outer_points(curve)):
        yield "current flows without a voltage: electron beam, chamber light, or a charged cell"
    if any(point.overflow for point in curve.points):
        yield "some readings overflowed"


def _against(point: CurvePoint, stray_a: float) -> bool:
    """Whether a current beyond the instrument's own offset runs the wrong way at this point."""
    return point.current_a is not None and abs(point.current_a) > stray_a and point.current_a * point.source_v < 0


def _clamped_throughout(curve: Curve, excluded: int) -> bool:
    """Whether most points and both ends of the sweep are held back by the compliance."""
    ends = min(curve.points, key=lambda p: p.source_v), max(curve.points, key=lambda p: p.source_v)
    clamped = sum(point.in_compliance for point in curve.points)
    return all(point.in_compliance for point in ends) and clamped == excluded and 2 * clamped > len(curve.points)


def _bounded_by_compliance(curve: Curve, excluded: int) -> Measured:
    """The source could not reach its voltage at the limited current, so the resistance is below their ratio."""
    highest = max(abs(point.source_v) for point in curve.points)
    return Measured(
        low_ohm=0.0,
        expected_ohm=None,
        high_ohm=highest / curve.settings.compliance_a,
        points_used=0,
        points_excluded=excluded,
        source=f"{excluded} of {len(curve.points)} points are clamped, {curve.instrument.identity}",
    )


def _unknown(curve: Curve, excluded: int) -> Measured:
    return Measured(
        low_ohm=0.0,
        expected_ohm=None,
        high_ohm=None,
        points_used=0,
        points_excluded=excluded,
        source=f"{excluded} of {len(curve.points)} points are clamped or overflowed, {curve.instrument.identity}",
        doubts=("too few points are neither clamped nor overflowed",),
    )


def _bounded_by_slope(curve: Curve, line: Line, card: SmuCard, doubts: tuple[str, ...]) -> Measured:
    usable = [point for point in curve.points if point.usable]
    relative = math.hypot(line.reach / line.conductance, _gain_reach(usable, card))
    resistance = 1.0 / line.conductance
    low, high = resistance / (1 + relative), resistance / (1 - relative) if relative < 1 else math.inf
    outer = [*chords(curve), resistance]
    if max(outer) > OHMIC * min(outer):
        low, high = min(low, *outer), max(high, *outer)
    return Measured(
        low_ohm=low,
        expected_ohm=resistance,
        high_ohm=high if math.isfinite(high) else None,
        points_used=line.points,
        points_excluded=len(curve.points) - line.points,
        source=f"slope of {line.points} points, offset {show(line.offset_a, 'A')}, {curve.instrument.identity}",
        doubts=doubts,
    )


def _bounded_by_resolution(curve: Curve, line: Line, card: SmuCard, doubts: tuple[str, ...]) -> Measured:
    """No current above noise and offset is seen, so the resistance is above voltage over what would have been seen."""
    usable = [point for point in curve.points if point.usable]
    highest = max(abs(point.voltage_v) for point in usable)
    most = abs(line.conductance) + line.reach + (_offset(usable, card) / highest if highest > 0 else math.inf)
    low = 1.0 / most if math.isfinite(most) else 0.0
    return Measured(
        low_ohm=min(low, *chords(curve)),
        expected_ohm=None,
        high_ohm=None,
        points_used=line.points,
        points_excluded=len(curve.points) - line.points,
        source=f"no current resolved in {line.points} points, specification of {card.title}",
        doubts=doubts,
    )


def _gain_reach(points: Sequence[CurvePoint], card: SmuCard) -> float:
    """Relative half-width from the gains of current and voltage: rectangular, drawn once, so not averaged."""
    current = accuracy_at(card.measure_current, max(abs(point.current_a or 0.0) for point in points))
    voltage = accuracy_at(card.measure_voltage, max(abs(point.voltage_v) for point in points))
    return 1.96 * math.hypot(current.gain, voltage.gain) / RECTANGULAR


def _offset(points: Sequence[CurvePoint], card: SmuCard) -> float:
    """The offset specification of the range in use, in amperes."""
    return accuracy_at(card.measure_current, max(abs(point.current_a or 0.0) for point in points)).offset


def _swing(points: Sequence[CurvePoint], line: Line) -> float:
    """Amperes that the fitted conductance drives at the ends of the sweep, negative for a negative slope."""
    return line.conductance * max(abs(point.voltage_v) for point in points)
