"""What is known where no value is: one-sided 95 % bounds from a limit that held, or from a signal that was not seen."""

import math

from fibplan.model.cards import SmuCard, range_holding
from fibplan.model.curve import Curve, CurvePoint
from fibplan.model.verdict import Exclusion, Measured
from fibplan.verification.budget import Error, budget_of, errors_of, reach_of
from fibplan.verification.plausible import FEWEST_POINTS, WITHOUT_VOLTAGE, ratios, runs_against
from fibplan.verification.propagation import ONE_SIDED, reach
from fibplan.verification.readings import Readings
from fibplan.verification.slope import Slope

RESOLVED = 3.0
"""A slope that many times the reach of its own scatter is seen."""
AT_LIMIT = 0.9
"""Share of its limit that a source which is held back reads."""


def clamped_throughout(curve: Curve) -> bool:
    """Whether most points and both ends of the sweep are held back, and no point is lost otherwise."""
    lowest, highest = min(p.level for p in curve.points), max(p.level for p in curve.points)
    ends = [point for point in curve.points if point.level in (lowest, highest)]
    clamped = sum(point.clamped for point in curve.points)
    lost = sum(not point.usable and not point.clamped for point in curve.points)
    enough = len(curve.points) >= FEWEST_POINTS and 2 * clamped > len(curve.points)
    return enough and not lost and all(point.clamped for point in ends)


def by_limit(curve: Curve, card: SmuCard, readings: Readings) -> Measured:
    """A sourced voltage that the current held back is above ``I R``, a sourced current is above ``V / R``.

    So the resistance is below their ratio, or above it, as far as the source may be off its level and its limit. Where
    a fixed range held it back, the range is the limit.
    """
    level, limit = max(abs(point.level) for point in curve.points), _held_at(curve)
    if not level or not math.isfinite(limit):
        return nothing(curve, readings, "the limit that held the source back is not told")
    if any(not _at(limit, point, curve) for point in curve.points if point.clamped):
        return nothing(curve, readings, "points are marked as held back that are below the limit")
    if runs_against(curve, 0.5 * limit):
        return nothing(curve, readings, WITHOUT_VOLTAGE)
    off = 1.0 + _off(curve, card, level, limit)
    voltage, clamped = readings.sources_voltage, sum(point.clamped for point in curve.points)
    return Measured(
        low_ohm=0.0 if voltage else limit / (level * off),
        expected_ohm=None,
        high_ohm=level / limit * off if voltage else None,
        points_used=0,
        points_excluded=len(curve.points),
        source=f"{clamped} of {len(curve.points)} points are clamped, {curve.instrument.identity}",
        excluded=_none_used(readings),
    )


def _at(limit: float, point: CurvePoint, curve: Curve) -> bool:
    """Whether a point that is marked as held back reads the limit; one that overflowed reads beyond it."""
    value = point.current_a if curve.settings.source == "voltage" else point.voltage_v
    return value is None or abs(value) >= AT_LIMIT * limit


def _off(curve: Curve, card: SmuCard, level: float, limit: float) -> float:
    """How much larger the ratio of level and limit may be, as a share: one-sided 95 %.

    A limit is taken to be as exact as the source of its quantity.
    """
    settings = curve.settings
    voltage = settings.source == "voltage"
    sources, limits = card.source_voltage, card.source_current
    told = settings.voltage_range_v if voltage else settings.current_range_a
    if not voltage:
        sources, limits = limits, sources
    source, held = range_holding(sources, told or level), range_holding(limits, limit)
    return reach([source.gain, source.offset / level, held.gain, held.offset / limit], 0.0, ONE_SIDED)


def _held_at(curve: Curve) -> float:
    """The lower of the programmed limit and a fixed measure range: amperes for a sourced voltage, else volts."""
    settings = curve.settings
    if settings.source == "voltage":
        limits = (settings.compliance_a, settings.current_range_a)
    else:
        limits = (settings.limit_v, settings.voltage_range_v)
    return min((limit for limit in limits if limit is not None), default=math.inf)


def unresolved(slope: Slope, readings: Readings) -> bool:
    """Whether what was measured does not rise over its scatter and the instrument's offset."""
    scatter = reach_of([Error("scatter", "normal", slope.standard)])
    seen = slope.value * readings.reach
    return slope.value <= RESOLVED * scatter or seen <= readings.coarsest.offset + readings.coarsest.haste


def by_resolution(curve: Curve, slope: Slope, readings: Readings, card: SmuCard, doubts: tuple[str, ...]) -> Measured:
    """No current is seen, so the resistance is above voltage over what would have been; no voltage, so it is below."""
    offset = Error(f"offset of {card.title}", "rectangular", readings.coarsest.offset / readings.reach)
    errors = [*errors_of(slope, readings), offset]
    most = max([abs(slope.value) + reach_of(errors, ONE_SIDED), *ratios(curve, readings, slope)])
    voltage = readings.sources_voltage
    unseen = "no current resolved" if voltage else "no voltage resolved"
    return Measured(
        low_ohm=1.0 / most if voltage else 0.0,
        expected_ohm=None,
        high_ohm=None if voltage else most,
        points_used=slope.points,
        points_excluded=len(curve.points) - slope.points,
        source=f"{unseen} in {slope.points} points, specification of {card.title}",
        doubts=doubts,
        excluded=readings.excluded,
        budget=budget_of(errors, most**-2 if voltage else 1.0),
    )


def nothing(curve: Curve, readings: Readings, why: str) -> Measured:
    """No bound at all, and the reason."""
    return Measured(
        low_ohm=0.0,
        expected_ohm=None,
        high_ohm=None,
        points_used=0,
        points_excluded=len(curve.points),
        source=f"no usable sweep, {curve.instrument.identity}",
        doubts=(why,),
        excluded=_none_used(readings),
    )


def _none_used(readings: Readings) -> tuple[Exclusion, ...]:
    """The points that were left over too."""
    left = [Exclusion(why="too few to fit", points=readings.points)] if readings.points else []
    return (*readings.excluded, *left)
