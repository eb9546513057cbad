"""The resistance in one bipolar sweep, with bounds for its statistics and for the instrument's specification."""

import math
from collections.abc import Sequence
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


class Line(NamedTuple):
    """``I = conductance V + offset``: siemens, amperes, and the standard error of the conductance."""

    conductance: float
    offset_a: float
    standard_error: float
    points: int


def resistance_of(curve: Curve, card: SmuCard) -> Measured:
    """Resistance in ohm with bounds of 95 % coverage, from the points that are neither clamped nor overflowed.

    Offsets of current and voltage drop out of the slope of a sweep through zero; the gains of both do not. Where too
    many points are clamped only an upper bound is known, where no current is resolved only a lower one.
    """
    usable = [point for point in curve.points if point.usable and point.current_a is not None]
    excluded = len(curve.points) - len(usable)
    if len(usable) < FEWEST_POINTS or excluded > len(usable):
        return _bounded_by_compliance(curve, excluded)
    line = fit_line(usable)
    reach = float(stdtrit(line.points - 2, 0.5 + COVERAGE / 2)) * line.standard_error
    if line.conductance <= 3 * reach or _swing(usable, line) <= _offset(usable, card):
        return _bounded_by_resolution(usable, line, reach, card, excluded)
    relative = math.hypot(reach / line.conductance, _gain_reach(usable, card))
    resistance = 1.0 / line.conductance
    return Measured(
        low_ohm=resistance / (1 + relative),
        expected_ohm=resistance,
        high_ohm=resistance / (1 - relative) if relative < 1 else None,
        points_used=line.points,
        points_excluded=excluded,
        source=f"slope of {line.points} points, offset {show(line.offset_a, 'A')}, {curve.instrument.identity}",
    )


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


def _bounded_by_compliance(curve: Curve, excluded: int) -> Measured:
    """The source could not reach its voltage at the limited current, so the resistance is below their ratio."""
    highest = max(abs(point.source_v) for point in curve.points)
    clamped = any(point.in_compliance for point in curve.points)
    return Measured(
        low_ohm=0.0,
        expected_ohm=None,
        high_ohm=highest / curve.settings.compliance_a if clamped else None,
        points_used=0,
        points_excluded=excluded,
        source=f"{excluded} of {len(curve.points)} points are clamped or overflowed, {curve.instrument.identity}",
    )


def _bounded_by_resolution(
    points: Sequence[CurvePoint], line: Line, reach: float, card: SmuCard, excluded: int
) -> Measured:
    """No current above noise and offset is seen, so the resistance is above voltage over what would have been seen."""
    highest = max(abs(point.voltage_v) for point in points)
    most = max(line.conductance, 0.0) + reach + (_offset(points, card) / highest if highest > 0 else math.inf)
    return Measured(
        low_ohm=1.0 / most if math.isfinite(most) else 0.0,
        expected_ohm=None,
        high_ohm=None,
        points_used=line.points,
        points_excluded=excluded,
        source=f"no current resolved in {line.points} points, specification of {card.title}",
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
    """Amperes that the fitted conductance drives at the ends of the sweep."""
    return line.conductance * max(abs(point.voltage_v) for point in points)
