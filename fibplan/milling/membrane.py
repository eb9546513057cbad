"""What the membrane under the lamella bears: ion dose per area, beam current, heat."""

import math

from fibplan.milling.rates import removal_rate
from fibplan.model.cards import DepositionProcess
from fibplan.model.echip_card import Window
from fibplan.model.fib_card import IonImaging
from fibplan.model.interval import Interval, product
from fibplan.model.materials import Material

REFERENCE_VOLTAGE = 30e3
"""Volts at which the membrane is taken to be milled; every lower one removes less for its dose."""


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
    return product([process.halo.percolation_thickness, process.volume_per_dose.dividing(1.0, "C/m3")], "C/m2")


def imaging_dose(imaging: IonImaging) -> Interval:
    """C/m2 of one look with the ion beam."""
    return imaging.time.scaled(imaging.beam_current / (imaging.field * 1e-6) ** 2, "C/m2")


def spread_dose(dose_c: Interval, area_um2: float) -> Interval:
    """C/m2 of a dose over an area."""
    return dose_c.scaled(1.0 / (area_um2 * 1e-12), "C/m2")


def heating_k(window: Window, membrane: Material, voltage_v: float, current_a: float) -> Interval | None:
    """Kelvin by which the film is warmer than its frame, with all the beam's power in it: its high end is the most.

    ``V I (ln(R / r) + 1/2) / (2 pi k d)``, the steady state of radial heat conduction in a round film of radius R,
    here half the window's shorter side, at the centre of an evenly heated disc of radius r (the 1/2 is what the centre
    is warmer than the disc's rim). Four kelvin for 30 pA on 50 nm.
    """
    if membrane.thermal_conductivity is None:
        return None
    reach = max(0.0, math.log(min(window.width, window.height) / 2 / window.heated_radius)) + 0.5
    power = voltage_v * current_a * reach / (2 * math.pi * window.thickness)
    return membrane.thermal_conductivity.dividing(power, "K")
