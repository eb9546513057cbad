"""What the membrane under the lamella bears: ion dose per area, beam current, heat."""

import math

from fibplan.milling.rates import removal_rate
from fibplan.model.cards import DepositionProcess, IonImaging, Window
from fibplan.model.interval import Interval, product
from fibplan.model.materials import Material

REFERENCE_VOLTAGE = 30e3


def perforation_dose(window: Window, membrane: Material) -> Interval | None:
    """C/m2 that mill through the membrane at 30 kV: thickness over removal rate, 250 pC/um2 for 50 nm of Si3N4."""
    if membrane.milling is None:
        return None
    return removal_rate(membrane.milling, REFERENCE_VOLTAGE).dividing(window.thickness, "C/m2")


def dose_budget(window: Window, perforation: Interval) -> Interval:
    """C/m2 that all operations together may bring: the card's share of the perforation dose."""
    return product([perforation, window.dose_budget], "C/m2")


def closing_dose(process: DepositionProcess) -> Interval | None:
    """C/m2 that reach the membrane under a growing deposit before its film is closed and shields it."""
    if process.halo is None:
        return None
    closed = process.halo.percolation_thickness
    ends = {"low": closed.low / process.volume_per_dose.high, "high": closed.high / process.volume_per_dose.low}
    middle = closed.expected / process.volume_per_dose.expected
    return closed.model_copy(update={**ends, "expected": middle, "unit": "C/m2"})


def imaging_dose(imaging: IonImaging) -> Interval:
    """C/m2 of one look with the ion beam."""
    return imaging.time.scaled(imaging.beam_current / (imaging.field * 1e-6) ** 2, "C/m2")


def spread_dose(dose_c: Interval, area_um2: float) -> Interval:
    """C/m2 of a dose over an area."""
    return dose_c.scaled(1.0 / (area_um2 * 1e-12), "C/m2")


def heating_k(window: Window, membrane: Material, voltage_v: float, current_a: float) -> Interval | None:
    """Kelvin at most: all the beam's power in the film, which leads it to the frame.

    ``V I ln(R / r) / (2 pi k d)`` for a disc of radius r in the middle of a round film of radius R, here half the
    window's shorter side; the steady state of radial heat conduction. Three kelvin for 30 pA on 50 nm.
    """
    if membrane.thermal_conductivity is None:
        return None
    reach = math.log(min(window.width, window.height) / 2 / window.heated_radius)
    power = voltage_v * current_a * max(reach, 0.0) / (2 * math.pi * window.thickness)
    return membrane.thermal_conductivity.dividing(power, "K")
