"""Removal rates: volume per dose by material, voltage, scan, angle and confinement, each factor with its interval."""

import math
from collections.abc import Sequence
from itertools import pairwise

from fibplan.model.fib_card import Calibration, Pattern, Redeposition
from fibplan.model.interval import Interval, computed, exactly, product, worst
from fibplan.model.materials import AngleDependence, EnergyRatio, Milling

GRAZING = math.radians(89.9)
"""Beyond this the Yamamura form is numerically zero; a beam that never meets the wall removes nothing."""


def removal_rate(milling: Milling, accelerating_voltage_v: float) -> Interval:
    """Volume per dose in m3/C at that voltage, normal incidence: the card's rate times its energy ratio."""
    if math.isclose(accelerating_voltage_v, milling.accelerating_voltage):
        return milling.volume_per_dose
    return product([milling.volume_per_dose, energy_ratio(milling, accelerating_voltage_v)], "m3/C")


def calibrated_rate(
    calibrations: Sequence[Calibration], material: str, accelerating_voltage_v: float
) -> Calibration | None:
    """The latest calibration of that material at that voltage on this column, or None."""
    found = [
        entry
        for entry in calibrations
        if entry.material == material and math.isclose(entry.accelerating_voltage, accelerating_voltage_v)
    ]
    return found[-1] if found else None


def scan_rate(scan: Pattern | None, material: str, accelerating_voltage_v: float) -> Interval | None:
    """Volume per dose in m3/C that the card gives for that way of scanning that material at that voltage, or None."""
    found = (
        entry.volume_per_dose
        for entry in (scan.rates if scan is not None else ())
        if entry.material == material and math.isclose(entry.accelerating_voltage, accelerating_voltage_v)
    )
    return next(found, None)


def energy_ratio(milling: Milling, voltage_v: float) -> Interval:
    """The ratio at that voltage, by power law between the card's entries (SRIM tables are close to one).

    Outside the card's voltages the nearest entry holds.
    """
    reference = EnergyRatio.model_construct(accelerating_voltage=milling.accelerating_voltage, ratio=exactly(1.0, "1"))
    entries = sorted((*milling.energy_ratios, reference), key=lambda entry: entry.accelerating_voltage)
    for entry in entries:
        if math.isclose(entry.accelerating_voltage, voltage_v):
            return entry.ratio
    for lower, upper in pairwise(entries):
        if lower.accelerating_voltage < voltage_v < upper.accelerating_voltage:
            share = math.log(voltage_v / lower.accelerating_voltage)
            share /= math.log(upper.accelerating_voltage / lower.accelerating_voltage)
            return between(lower.ratio, upper.ratio, share)
    return entries[0].ratio if voltage_v < entries[0].accelerating_voltage else entries[-1].ratio


def angle_gain(angle: AngleDependence, incidence_rad: float) -> float:
    """Removal rate at that angle from the surface normal over the rate at normal incidence.

    ``cos(t)^-f exp(b (1 - 1/cos t))`` (Yamamura, Itikawa and Itoh, IPPJ-AM-26, 1983).

    >>> from fibplan.model.interval import Status
    >>> form = AngleDependence.model_construct(f=1.53, b=0.175)
    >>> round(angle_gain(form, 0.0), 3), round(angle_gain(form, math.radians(83.4)), 1)
    (1.0, 7.1)
    """
    cosine = math.cos(min(abs(incidence_rad), GRAZING))
    return cosine**-angle.f * math.exp(angle.b * (1.0 - 1.0 / cosine))


def side_wall_gain(angle: AngleDependence, overtilt_rad: float, taper: Interval) -> Interval:
    """The gain on a side wall that leans by ``taper`` under a beam tilted into it by ``overtilt_rad``.

    The spread of the form and the gains at both ends of the taper bound it.
    """

    def at(lean: float) -> float:
        return angle_gain(angle, math.pi / 2 - abs(overtilt_rad) - lean)

    expected, spread = at(taper.expected), angle.spread.expected
    ends = [at(taper.low), expected, at(taper.high)]
    return Interval(
        low=min(ends) * (1 - spread),
        expected=expected,
        high=max(ends) * (1 + spread),
        unit="1",
        coverage=taper.coverage,
        source=f"{angle.source}; {taper.source}",
        status=worst([angle.status, taper.status, angle.spread.status]),
    )


def redeposition_factor(table: Sequence[Redeposition], aspect_ratio: float) -> Interval:
    """What is left of the rate in a cut of that depth over width; outside the table its ends hold."""
    entries = sorted(table, key=lambda entry: entry.aspect_ratio)
    if not entries:
        return exactly(1.0, "1")
    for lower, upper in pairwise(entries):
        if lower.aspect_ratio <= aspect_ratio < upper.aspect_ratio:
            share = math.log(aspect_ratio / lower.aspect_ratio) / math.log(upper.aspect_ratio / lower.aspect_ratio)
            return between(lower.factor, upper.factor, share)
    return entries[0].factor if aspect_ratio < entries[0].aspect_ratio else entries[-1].factor


def between(first: Interval, second: Interval, share: float) -> Interval:
    """The interval ``share`` of the way from the first to the second on a logarithmic scale."""

    def at(one: float, other: float) -> float:
        return one * (other / one) ** share

    ends = at(first.low, second.low), at(first.expected, second.expected), at(first.high, second.high)
    return computed(ends, first.unit, [first, second])
