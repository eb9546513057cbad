"""Rates of removal and growth, and the time with the beam on that follows from them."""

import math
from collections.abc import Iterable, Mapping
from itertools import pairwise

from fibplan.milling.removal import Removed
from fibplan.model.cards import DepositionProcess
from fibplan.model.interval import Interval, exactly, joined_sources, total, worst
from fibplan.model.materials import EnergyRatio, Material, Milling

UM3 = 1e-18
"""Cubic metres in a cubic micrometre."""


def removal_rate(milling: Milling, accelerating_voltage_v: float) -> Interval:
    """Volume per dose in m3/C at that voltage, normal incidence: the card's rate times its energy ratio."""
    reference = milling.volume_per_dose
    if math.isclose(accelerating_voltage_v, milling.accelerating_voltage):
        return reference
    ratio = _energy_ratio(milling, accelerating_voltage_v)
    return Interval(
        low=reference.low * ratio.low,
        expected=reference.expected * ratio.expected,
        high=reference.high * ratio.high,
        unit="m3/C",
        coverage=min(reference.coverage, ratio.coverage),
        source=joined_sources([reference, ratio]),
        status=worst([reference.status, ratio.status]),
    )


def milling_time(
    removed: Iterable[Removed], materials: Mapping[str, Material], voltage_v: float, current_a: float
) -> Interval:
    """Seconds with the beam on, t = V / (S I), summed over the materials (Giannuzzi and Stevie 2005)."""
    parts = [
        removal_rate(milling, voltage_v).dividing(part.volume_um3 * UM3 / current_a, "s")
        for part in removed
        if part.volume_um3 > 0 and (milling := materials[part.material].milling) is not None
    ]
    return total(parts, "s")


def deposition_time(process: DepositionProcess, volume_um3: float, current_a: float) -> Interval:
    """Seconds with the beam on to grow that volume."""
    return process.volume_per_dose.dividing(volume_um3 * UM3 / current_a, "s")


def dose(beam_on: Interval, current_a: float) -> Interval:
    """Coulomb that reach the sample in that time."""
    return beam_on.scaled(current_a, "C")


def _energy_ratio(milling: Milling, voltage_v: float) -> Interval:
    """The ratio at that voltage, by power law between the card's entries (SRIM tables are close to one).

    Outside the card's voltages the nearest entry holds.
    """
    reference = EnergyRatio.model_construct(
        accelerating_voltage=milling.accelerating_voltage, ratio=exactly(1.0, "1", "the reference voltage itself")
    )
    entries = sorted((*milling.energy_ratios, reference), key=lambda entry: entry.accelerating_voltage)
    for entry in entries:
        if math.isclose(entry.accelerating_voltage, voltage_v):
            return entry.ratio
    for lower, upper in pairwise(entries):
        if lower.accelerating_voltage < voltage_v < upper.accelerating_voltage:
            return _between(lower, upper, voltage_v)
    return entries[0].ratio if voltage_v < entries[0].accelerating_voltage else entries[-1].ratio


def _between(lower: EnergyRatio, upper: EnergyRatio, voltage_v: float) -> Interval:
    span = math.log(upper.accelerating_voltage / lower.accelerating_voltage)
    share = math.log(voltage_v / lower.accelerating_voltage) / span

    def at(name: str) -> float:
        first, second = getattr(lower.ratio, name), getattr(upper.ratio, name)
        return first * (second / first) ** share

    return Interval(
        low=at("low"),
        expected=at("expected"),
        high=at("high"),
        unit="1",
        coverage=min(lower.ratio.coverage, upper.ratio.coverage),
        source=joined_sources([lower.ratio, upper.ratio]),
        status=worst([lower.ratio.status, upper.ratio.status]),
    )
