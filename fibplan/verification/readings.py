"""The points of a curve that say something of the sample, each with the range it was read on, and the rest counted."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fibplan.model.cards import AccuracyRange, SmuCard, range_holding
from fibplan.model.curve import Curve, CurvePoint
from fibplan.model.verdict import Exclusion
from fibplan.verification.accuracy import Spec, spec_of

Reals = NDArray[np.float64]

TURN = (0.99, 1.06)
"""Shares of full scale between which it is open on which range an automatic one read: a 2450 and a 2600B go up at 100 %
(2450-901-01; 2600BS-901-01), a 2400 at 105 % (2400S-900-01 p 7-3)."""
SETTLES_WITHIN = 0.1
"""Only so much of the beginning of a sweep may be called settling."""
SETTLING = 6.0
"""Standard deviations between a first reading and the later one at its level that make it a settling one."""


class Readings(NamedTuple):
    """The points that count, in the order of time.

    ``x`` is the quantity that was sourced and ``y`` the other, as they were read: volts and amperes, or the other way
    round. ``part`` numbers the measure range of each point, ``specs`` those of ``y`` by that number; ``source`` is that
    of ``x``.
    """

    x: Reals
    y: Reals
    time_s: Reals
    part: NDArray[np.intp]
    specs: tuple[Spec, ...]
    source: Spec
    sources_voltage: bool
    excluded: tuple[Exclusion, ...]
    kept: tuple[CurvePoint, ...]
    settling: tuple[CurvePoint, ...]

    @property
    def points(self) -> int:
        return len(self.x)

    @property
    def reach(self) -> float:
        """The largest magnitude of what was sourced."""
        return float(np.abs(self.x).max(initial=0.0))

    @property
    def coarsest(self) -> Spec:
        """The least sensitive range that was read on."""
        return max(self.specs, key=lambda spec: spec.full_scale)


def readings_of(curve: Curve, card: SmuCard) -> Readings:
    """The curve's own order does not matter, only the times of its points do."""
    voltage = curve.settings.source == "voltage"
    held, usable = _usable(curve.points)
    kept, turning = _off_the_turns(usable, curve, card)
    first = _settling(kept, curve, card)
    settling, kept = kept[:first], kept[first:]
    counts = {**held, "near a change of range": turning, "settling": first}
    volts, amperes = _columns(kept)
    x, y = (volts, amperes) if voltage else (amperes, volts)
    specs, part = _ranges(y, curve, card)
    return Readings(
        x=x,
        y=y,
        time_s=np.array([point.time_s for point in kept], dtype=np.float64),
        part=part,
        specs=specs,
        source=_source_spec(x, curve, card),
        sources_voltage=voltage,
        excluded=tuple(Exclusion(why=why, points=count) for why, count in counts.items() if count),
        kept=tuple(kept),
        settling=tuple(settling),
    )


def _usable(points: Sequence[CurvePoint]) -> tuple[dict[str, int], list[CurvePoint]]:
    """Each point that is not has one reason, the first that fits."""
    counts = {"clamped": 0, "overflowed": 0, "without a number": 0}
    usable: list[CurvePoint] = []
    for point in sorted(points, key=lambda p: (p.time_s, p.level)):
        if point.clamped:
            counts["clamped"] += 1
        elif point.overflow:
            counts["overflowed"] += 1
        elif not _has_numbers(point):
            counts["without a number"] += 1
        else:
            usable.append(point)
    return counts, usable


def _has_numbers(point: CurvePoint) -> bool:
    values = (point.voltage_v, point.current_a, point.level, point.time_s)
    return all(value is not None and math.isfinite(value) for value in values)


def _columns(points: Sequence[CurvePoint]) -> tuple[Reals, Reals]:
    """Volts and amperes."""
    volts = np.array([point.voltage_v for point in points], dtype=np.float64)
    return volts, np.array([point.current_a for point in points], dtype=np.float64)


def _measured(point: CurvePoint, curve: Curve) -> float:
    value = point.current_a if curve.settings.source == "voltage" else point.voltage_v
    return 0.0 if value is None else value


def _table(curve: Curve, card: SmuCard) -> tuple[AccuracyRange, ...]:
    return card.measure_current if curve.settings.source == "voltage" else card.measure_voltage


def _fixed_range(curve: Curve) -> float | None:
    settings = curve.settings
    return settings.current_range_a if settings.source == "voltage" else settings.voltage_range_v


def _off_the_turns(points: list[CurvePoint], curve: Curve, card: SmuCard) -> tuple[list[CurvePoint], int]:
    """Without the points of which an automatic range leaves open on which range they were read."""
    if _fixed_range(curve) is not None:
        return points, 0
    ends = sorted(entry.full_scale for entry in _table(curve, card))[:-1]

    def clear(point: CurvePoint) -> bool:
        size = abs(_measured(point, curve))
        return not any(TURN[0] * end <= size <= TURN[1] * end for end in ends)

    kept = [point for point in points if clear(point)]
    return kept, len(points) - len(kept)


def _settling(points: list[CurvePoint], curve: Curve, card: SmuCard) -> int:
    """How many at the beginning were read again later, at the same level, and otherwise."""
    most = int(SETTLES_WITHIN * len(points))
    later = {point.level: point for point in points}
    changes = [_measured(p, curve) - _measured(later[p.level], curve) for p in points if later[p.level] is not p]
    if not most or len(changes) < 2 * most:
        return 0
    usual = 1.4826 * float(np.median(np.abs(changes[most:])))
    offset = range_holding(_table(curve, card), max(abs(_measured(p, curve)) for p in points)).offset
    least = max(SETTLING * usual, offset)

    def settles(point: CurvePoint) -> bool:
        return abs(_measured(point, curve) - _measured(later[point.level], curve)) > least

    return next((place for place, point in enumerate(points[: most + 1]) if not settles(point)), 0)


def _ranges(y: Reals, curve: Curve, card: SmuCard) -> tuple[tuple[Spec, ...], NDArray[np.intp]]:
    """The ranges in use, finest first, and for each reading the number of its own."""
    table, fixed = _table(curve, card), _fixed_range(curve)
    if fixed is not None or not len(y):
        scales = np.full(len(y), range_holding(table, fixed or 0.0).full_scale)
    else:
        ends = np.sort(np.array([entry.full_scale for entry in table], dtype=np.float64))
        scales = ends[np.minimum(np.searchsorted(ends, np.abs(y)), len(ends) - 1)]
    used, part = np.unique(scales, return_inverse=True)
    voltage = curve.settings.source != "voltage"
    return tuple(spec_of(card, curve.settings, voltage=voltage, full_scale=float(end)) for end in used), part


def _source_spec(x: Reals, curve: Curve, card: SmuCard) -> Spec:
    """The source's readback is a measurement on the source's range."""
    voltage = curve.settings.source == "voltage"
    told = curve.settings.voltage_range_v if voltage else curve.settings.current_range_a
    full_scale = told if told is not None else float(np.abs(x).max(initial=0.0))
    return spec_of(card, curve.settings, voltage=voltage, full_scale=full_scale)
