"""Whether a curve can be what it says it is: columns exchanged, nothing measured, current without a voltage."""

from collections.abc import Iterator

import numpy as np

from fibplan.model.curve import MEASURE_RANGE, Curve, CurvePoint, SourceFile
from fibplan.units import show
from fibplan.verification.readings import Readings, Reals
from fibplan.verification.slope import Slope

FEWEST_POINTS = 5
STRAY = 3.0
"""A reading that many offset specifications large is not the instrument's own."""
AT_LEVEL = 0.1
"""Share that the steps of a source may be off before its reading is taken for something else."""
BEYOND = 1.1
"""No instrument reads that many times its limit without saying so."""
OUTER = 0.75
"""Points beyond this share of the sweep's largest level are its outer ones."""
AT_OUTER = 0.5
"""Share of its level that a source must read there; under it the instrument's offset is most of the reading."""

LEAST_OHM = 1.0
"""Two tips on a sample always have more than this between them, leads and contacts included."""
LEAST_SWEEP_V = 1e-4
"""No sweep is shorter: a column of currents under it is no column of volts, and at rest no resistance is asked for."""
MOST_V, MOST_A = 3300.0, 10.0
"""No source-measure unit for probing reads more."""
OTHERWISE = 2.0
"""How many times further, or less far, than planned a sweep may go and still be that of its path."""
STEADY = 30.0
"""A slope that many standard errors large is none that is lost in noise."""


def impossible(curve: Curve) -> str:
    """Why no two tips on a sample can give these readings, or nothing: exchanged columns, wrong units."""
    volts = max((abs(point.voltage_v) for point in curve.points if point.voltage_v is not None), default=0.0)
    amperes = max((abs(point.current_a) for point in curve.points if point.current_a is not None), default=0.0)
    if volts > MOST_V or amperes > MOST_A:
        return f"it reaches {show(volts, 'V')} and {show(amperes, 'A')}: a column has the wrong unit"
    if curve.settings.four_wire or amperes < LEAST_SWEEP_V or volts >= LEAST_OHM * amperes:
        return ""
    told = f"{show(volts / amperes, 'ohm')} is less than two tips have"
    return f"{told}: the columns of voltage and current are exchanged, or one has the wrong unit"


def unlike_planned(curve: Curve, voltage_v: float, compliance_a: float) -> str:
    """Why a curve is not the sweep that is planned for its path, or nothing: another path's, or wrong units.

    ``voltage_v`` is how far the planned sweep goes from rest, ``compliance_a`` its limit.
    """
    reach = max((abs(volts - curve.about_v) for volts in _volts_of(curve)), default=0.0)
    if voltage_v > 0.0 and not voltage_v / OTHERWISE <= reach <= voltage_v * OTHERWISE:
        planned = f"the sweep of this path goes to {show(voltage_v, 'V')}"
        return f"it goes to {show(reach, 'V')} where {planned}: another path's curve, or the wrong unit"
    amperes = max((abs(point.current_a) for point in curve.points if point.current_a is not None), default=0.0)
    if amperes > OTHERWISE * compliance_a:
        planned = f"this path is held to {show(compliance_a, 'A')}"
        return f"it reads {show(amperes, 'A')} where {planned}: another path's curve, or the wrong unit"
    return ""


def _volts_of(curve: Curve) -> list[float]:
    """What was set, or read where a current was sourced."""
    if curve.settings.source == "voltage":
        return [point.level for point in curve.points]
    return [point.voltage_v for point in curve.points if point.voltage_v is not None]


def hindrance(curve: Curve, readings: Readings) -> str:
    """Why no number may be taken from these points, or nothing."""
    held = sum(entry.points for entry in readings.excluded if entry.why in HELD)
    if len(curve.points) - held < FEWEST_POINTS or 2 * held > len(curve.points) or readings.points < FEWEST_POINTS:
        return f"too few points are neither {' nor '.join(HELD)}"
    if curve.source_file is not None and (why := impossible(curve)):
        return why
    sourced, other = ("voltage", "current") if readings.sources_voltage else ("current", "voltage")
    if not _follows(readings.x, readings):
        if _follows(readings.y, readings):
            return "the columns of voltage and current are exchanged"
        return f"the {sourced} that was read is not the one that was set: wrong column, wrong unit, or no contact"
    if np.ptp(readings.x) == 0.0:
        return f"the {sourced} never changes"
    if np.ptp(readings.y) == 0.0 and not _an_offset(float(readings.y[0]), readings):
        return f"every {other} reads the same: it was not measured"
    if (limit := _limit(curve)) is not None and float(np.abs(readings.y).max()) > BEYOND * limit:
        unit = "A" if readings.sources_voltage else "V"
        return f"the {other} is beyond its limit of {show(limit, unit)}: wrong column, or wrong unit"
    return ""


WITHOUT_VOLTAGE = "current flows without a voltage: electron beam, chamber light, or a charged cell"
HELD = ("clamped", "overflowed", "without a number")
"""Why a point holds nothing."""


def doubts_of(curve: Curve, readings: Readings, slope: Slope) -> Iterator[str]:
    """What forbids trusting a number that can be taken."""
    stray = STRAY * readings.coarsest.offset
    levels = [point.level for point in readings.kept]
    if slope.value * readings.reach < -stray:
        yield "the current runs against the voltage: leads or sign are exchanged"
    elif runs_against(curve, stray):
        yield WITHOUT_VOLTAGE
    if min(levels) >= 0.0 or max(levels) <= 0.0:
        yield "only one direction of the current was swept"
    if any(point.overflow for point in curve.points):
        yield "some readings overflowed"
    if curve.source_file is not None:
        yield from _doubts_of_a_file(curve.source_file, readings, slope)


def _doubts_of_a_file(file: SourceFile, readings: Readings, slope: Slope) -> Iterator[str]:
    if MEASURE_RANGE in file.unknown:
        yield f"{file.name} does not say the measure range: read it again with --current-range"
    own = readings.coarsest.offset
    if 0.0 < abs(slope.value) * readings.reach <= own and abs(slope.value) > STEADY * slope.standard:
        yield f"the readings are steady far below {show(own, 'A' if readings.sources_voltage else 'V')}: wrong unit?"


def outer_points(curve: Curve) -> list[CurvePoint]:
    """The points near both ends of the sweep, where the instrument's offsets weigh little."""
    least = OUTER * max(abs(point.level) for point in curve.points)
    return [point for point in curve.points if abs(point.level) >= least]


def ratios(curve: Curve, readings: Readings, slope: Slope | None) -> list[float]:
    """What was measured over what was sourced at every outer point that has both, clamped or not.

    As much of the line's intercept is taken off as the instrument's own offsets explain. Settling points do not count.
    """
    offset = 0.0
    if slope is not None:
        own = readings.coarsest.offset + abs(slope.value) * readings.source.offset
        offset = max(-own, min(own, slope.intercept))
    settling = {point.time_s for point in readings.settling}
    pairs = [_both(point, curve) for point in outer_points(curve) if point.time_s not in settling]
    return [abs((y - offset) / x) for x, y in pairs if x]


def _both(point: CurvePoint, curve: Curve) -> tuple[float, float]:
    """What was sourced and what was measured; nothing sourced where either holds no number, or too little to tell."""
    if point.voltage_v is None or point.current_a is None:
        return 0.0, 0.0
    voltage = curve.settings.source == "voltage"
    x, y = (point.voltage_v, point.current_a) if voltage else (point.current_a, point.voltage_v)
    return (0.0, y) if not point.clamped and abs(x) < AT_OUTER * abs(point.level) else (x, y)


def _follows(values: Reals, readings: Readings) -> bool:
    """Whether these readings step as the levels do, offsets aside."""
    levels = np.array([point.level for point in readings.kept], dtype=np.float64)
    spread = float(((levels - levels.mean()) ** 2).sum())
    step = float(((levels - levels.mean()) * values).sum()) / spread if spread > 0.0 else 1.0
    return abs(step - 1.0) <= AT_LEVEL


def _an_offset(value: float, readings: Readings) -> bool:
    """Whether an instrument that sees nothing may read this at every point: its own offset, to its last digit."""
    return 0.0 < abs(value) <= readings.coarsest.offset


def _limit(curve: Curve) -> float | None:
    settings = curve.settings
    return settings.compliance_a if settings.source == "voltage" else settings.limit_v


def runs_against(curve: Curve, stray: float) -> bool:
    """Whether an outer point, clamped or not, reads the wrong way by more than ``stray``."""
    return any(_against(point, curve, stray) for point in outer_points(curve))


def _against(point: CurvePoint, curve: Curve, stray: float) -> bool:
    value = point.current_a if curve.settings.source == "voltage" else point.voltage_v
    return value is not None and abs(value) > stray and value * point.level < 0
