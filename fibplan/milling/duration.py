"""The time with the beam on: what is removed or grown, over rate times current."""

from collections.abc import Mapping
from dataclasses import dataclass

from fibplan.milling.rates import calibrated_rate, redeposition_factor, removal_rate, side_wall_gain
from fibplan.milling.removal import Removed, aspect_ratio
from fibplan.model.cards import DepositionProcess, FibCard
from fibplan.model.interval import Interval, exactly, product, total
from fibplan.model.materials import Material
from fibplan.model.steps import CleaningCrossSection, MillTrench, Polish, Removal, Thin

UM3 = 1e-18
"""Cubic metres in a cubic micrometre."""


@dataclass(frozen=True)
class Column:
    """A column with the materials it mills: all that a rate depends on beside the step."""

    fib: FibCard
    materials: Mapping[str, Material]

    def plain_rate(self, material: str, voltage_v: float) -> Interval | None:
        """Volume per dose in m3/C at normal incidence on an open surface, calibrated where this column was."""
        milling = self.materials[material].milling
        calibrated = calibrated_rate(self.fib.calibrations, material, voltage_v)
        if calibrated is not None:
            return calibrated.volume_per_dose
        return removal_rate(milling, voltage_v) if milling is not None else None

    def rate(self, material: str, step: Removal) -> Interval | None:
        """Volume per dose in m3/C of that material in that step, or None where its card has no milling rate."""
        plain = self.plain_rate(material, step.accelerating_voltage)
        if plain is None:
            return None
        confined = redeposition_factor(self.fib.redeposition, aspect_ratio(step))
        return product([plain, self._gain(material, step), confined], "m3/C")

    def milling_time(self, removed: list[Removed], step: Removal) -> Interval:
        """Seconds with the beam on, ``t = V / (S I k)``, summed over the materials (Giannuzzi and Stevie 2005)."""
        rated = [(part, self.rate(part.material, step)) for part in removed if part.volume_um3 > 0]
        return total((beam_on(part.volume_um3, rate, step.beam_current) for part, rate in rated if rate), "s")

    def _gain(self, material: str, step: Removal) -> Interval:
        """How much faster than a plain box at normal incidence the step's scan removes."""
        match step:
            case MillTrench(profile="stair_step"):
                return self.fib.patterns.stair_step.gain
            case CleaningCrossSection():
                return self.fib.patterns.cleaning_cross_section.gain
            case Thin() | Polish():
                milling = self.materials[material].milling
                if milling is not None and milling.angle is not None:
                    return side_wall_gain(milling.angle, step.overtilt, self.fib.shape.taper)
                return exactly(1.0, "1")
            case _:
                return exactly(1.0, "1")


def beam_on(volume_um3: float, rate: Interval, current_a: float) -> Interval:
    """Seconds to remove or to grow that volume at that volume per dose and current."""
    return rate.dividing(volume_um3 * UM3 / current_a, "s")


def deposition_time(process: DepositionProcess, volume_um3: float, current_a: float) -> Interval:
    """Seconds with the beam on to grow that volume."""
    return beam_on(volume_um3, process.volume_per_dose, current_a)


def dose(time: Interval, current_a: float) -> Interval:
    """Coulomb that reach the sample in that time."""
    return time.scaled(current_a, "C")
