"""The resistance in one sweep, with an interval or a bound after the GUM, and what the sweep cannot vouch for."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from fibplan.model.cards import SmuCard
from fibplan.model.curve import Curve, CurvePoint
from fibplan.model.verdict import Exclusion, Measured
from fibplan.units import show
from fibplan.verification.bounds import by_limit, by_resolution, clamped_throughout, nothing, unresolved
from fibplan.verification.budget import Error, budget_of, errors_of, reach_of
from fibplan.verification.open_circuit import about_rest
from fibplan.verification.plausible import doubts_of, hindrance, ratios
from fibplan.verification.readings import Readings, readings_of
from fibplan.verification.shape import Finding, findings_of
from fibplan.verification.slope import Slope, slope_of

OHMIC = 1.2
"""Ratios of voltage and current that differ by less than this factor belong to one resistance."""
LARGE = 0.1
"""A deviation of that share of the swing leaves no single resistance, or no contact that can be trusted."""
UNSTEADY = ("hysteresis", "drift", "jumps")
"""Shapes that the contacts make, not the sample's law."""


class Line(NamedTuple):
    """``I = conductance V + offset``: siemens and amperes."""

    conductance: float
    offset_a: float


def fit_line(points: Sequence[CurvePoint]) -> Line:
    """The least-squares line of measured current on measured voltage, to look at."""
    volts = np.array([point.voltage_v for point in points], dtype=np.float64)
    amperes = np.array([point.current_a for point in points], dtype=np.float64)
    centred = volts - volts.mean()
    spread = float((centred**2).sum())
    slope = float((centred * amperes).sum()) / spread if spread > 0.0 else 0.0
    return Line(slope, float(amperes.mean() - slope * volts.mean()))


def resistance_of(curve: Curve, card: SmuCard, tips: Sequence[Measured] | None = None) -> Measured:
    """Resistance in ohm between the tips, from the points that a limit, a range or settling has not spoilt.

    Offsets of current and voltage drop out of the slope of a sweep through zero; the gains of both do not. What the
    shape of the curve adds widens the interval; where its outer points, clamped ones included, do not lie on one line
    through zero, the bounds reach from the lowest to the highest of their ratios and no value is given. ``tips`` are
    contact checks that together bound leads and contacts: they inform ``contacts_ohm`` and nothing else, since landings
    do not reproduce.
    """
    contacts, curve = _contacts(curve, tips), about_rest(curve)
    return _measured(curve, card, readings_of(curve, card)).model_copy(update={"contacts_ohm": contacts})


def _measured(curve: Curve, card: SmuCard, readings: Readings) -> Measured:
    if clamped_throughout(curve):
        return by_limit(curve, card, readings)
    if why := hindrance(curve, readings):
        return nothing(curve, readings, why)
    slope = slope_of(readings)
    if slope is None:
        return nothing(curve, readings, "too few points lie on one range")
    readings = _counted(slope, readings)
    doubts = tuple(doubts_of(curve, readings, slope))
    if unresolved(slope, readings):
        return by_resolution(curve, slope, readings, card, doubts)
    return _by_slope(curve, slope, readings, doubts)


def _contacts(curve: Curve, tips: Sequence[Measured] | None) -> float | None:
    """The sum of what the tips are at most; four wires have none, and one tip without a bound leaves it open."""
    if curve.settings.four_wire:
        return 0.0
    most = [tip.high_ohm for tip in tips or () if not tip.doubts]
    bounds = [high for high in most if high is not None]
    return sum(bounds) if tips and len(bounds) == len(tips) else None


def _counted(slope: Slope, readings: Readings) -> Readings:
    """With the points that stand alone on their range counted out."""
    alone = readings.points - slope.points
    if not alone:
        return readings
    return readings._replace(excluded=(*readings.excluded, Exclusion(why="too few on their range", points=alone)))


def _by_slope(curve: Curve, slope: Slope, readings: Readings, doubts: tuple[str, ...]) -> Measured:
    findings = [finding for finding in findings_of(slope, readings) if finding.found]
    errors = [*errors_of(slope, readings), *_widening(findings, slope)]
    outer = [*ratios(curve, readings, slope), slope.value]
    one_line = max(outer) <= OHMIC * min(outer)
    low, high = _ends(slope, reach_of(errors), [] if one_line else outer, readings)
    ohmic = one_line and not any(_bent(finding) for finding in findings)
    value = 1.0 / slope.value if readings.sources_voltage else slope.value
    return Measured(
        low_ohm=low,
        expected_ohm=value if ohmic else None,
        high_ohm=high if math.isfinite(high) else None,
        points_used=slope.points,
        points_excluded=len(curve.points) - slope.points,
        source=_source(curve, slope, readings),
        doubts=(*doubts, *(finding.words for finding in findings if _unsteady(finding))),
        remarks=(*_remarks(findings), *([] if ohmic else [_not_ohmic(low, high)]), *_stray(slope, readings, ohmic)),
        excluded=readings.excluded,
        budget=budget_of(errors, value / slope.value),
    )


def _ends(slope: Slope, half: float, outer: Sequence[float], readings: Readings) -> tuple[float, float]:
    """Ohm from the interval of the slope, and from the ratios that are not on its line."""
    least, most = min(slope.value - half, *outer, math.inf), max(slope.value + half, *outer, 0.0)
    return (_over(most), _over(least)) if readings.sources_voltage else (max(least, 0.0), most)


def _over(slope: float) -> float:
    return 1.0 / slope if slope > 0.0 else math.inf


def _widening(findings: Sequence[Finding], slope: Slope) -> list[Error]:
    """What a shape may bend the slope; noise has done so already, through the scatter."""
    shapes = [finding for finding in findings if finding.name != "noise"]
    return [Error(finding.name, "rectangular", finding.share * abs(slope.value)) for finding in shapes]


def _unsteady(finding: Finding) -> bool:
    return finding.name in UNSTEADY and finding.share > LARGE


def _bent(finding: Finding) -> bool:
    return finding.name in ("curvature", "asymmetry") and finding.share > LARGE


def _remarks(findings: Sequence[Finding]) -> list[str]:
    return [finding.words for finding in findings if not _unsteady(finding)]


def _not_ohmic(low: float, high: float) -> str:
    least, most = show(low, "ohm"), show(high, "ohm") if math.isfinite(high) else "no bound"
    return f"no single resistance describes the curve: it goes from {least} to {most}"


def _stray(slope: Slope, readings: Readings, ohmic: bool) -> list[str]:
    """An offset that is not the instrument's does not change the slope, but it has a cause."""
    own = readings.coarsest.offset + abs(slope.value) * readings.source.offset
    if not ohmic or abs(slope.intercept) <= 3.0 * own:
        return []
    offset = show(slope.intercept, "A" if readings.sources_voltage else "V")
    return [f"an offset of {offset} is more than the instrument's own: electron beam, chamber light, or a cell"]


def _source(curve: Curve, slope: Slope, readings: Readings) -> str:
    offset = show(slope.intercept, "A" if readings.sources_voltage else "V")
    return f"slope of {slope.points} points, offset {offset}, {curve.instrument.identity}"
