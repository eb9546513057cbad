"""What the TEM operator has to set, as a recipe states it."""

from typing import Annotated

from pydantic import Field

from fibplan.model.base import (
    Angle,
    Area,
    CardName,
    Count,
    DoseRate,
    Flow,
    Frequency,
    Frozen,
    Length,
    Number,
    Quantity,
    Resistance,
    ScanRate,
    SignedVoltage,
    SweepVoltage,
    Text,
)

Dose = Annotated[float, Quantity("e/m2", like="1e5 e/nm2")]
ChargeDensity = Annotated[float, Quantity("C/m3", like="63 uA h/cm2/um", most=1e10)]
"""Metallic lithium has 7.4e9 C/m3."""
ElectronCurrent = Annotated[float, Quantity("A", like="100 pA", most=1e-6)]
BeamTime = Annotated[float, Quantity("s", like="10 ms", most=7 * 24 * 3600.0)]
CellVoltage = Annotated[float, Quantity("V", like="200 mV", most=10.0)]
MOST_REPEATS = 10_000


class CyclicVoltammetry(Frozen):
    """The window against the pseudo-reference, and the offset that gives it against Li+/Li."""

    lower: SignedVoltage
    """The lower end of the window, against the pseudo-reference."""
    upper: SignedVoltage
    """The upper end of the window, against the pseudo-reference."""
    reference_offset: SignedVoltage
    """Of the pseudo-reference, against Li+/Li."""
    scan_rate: ScanRate
    """How fast the potential is swept."""
    offset_shift: CellVoltage | None = None
    """By how much the pseudo-reference was seen to shift, either way."""
    manganese_below: CellVoltage | None = None
    """Against Li+/Li: below it manganese takes part, and not nickel alone."""
    assumed: tuple[Text, ...] = ()
    """Names of fields whose values are not in the recipe's source but chosen by its author."""


class Impedance(Frozen):
    """The frequency range and the amplitude peak to peak."""

    highest: Frequency
    """Where the spectrum begins."""
    lowest: Frequency
    """Where the spectrum ends."""
    amplitude: SweepVoltage
    """Peak to peak."""
    points_per_decade: Annotated[Count, Field(ge=1, le=1000)] | None = None
    """How many frequencies between one and ten times it."""
    periods: Annotated[Number, Field(gt=0, le=1000)] | None = None
    """How many periods are waited for at each frequency."""
    cell: Resistance | None = None
    """Of the whole cell, as it was read before or is expected."""
    assumed: tuple[Text, ...] = ()
    """Names of fields whose values are not in the recipe's source but chosen by its author."""


class Imaging(Frozen):
    """How the lamella is looked at with a parallel beam: what dose rate that is follows from current over area."""

    current: ElectronCurrent
    """On the sample."""
    illuminated_diameter: Length
    """Of the beam on the sample, at that magnification and spot."""
    magnification: Annotated[Number, Field(gt=0, le=1e7)] | None = None
    """As the microscope shows it."""
    spot: Text | None = None
    """The spot number, or whatever sets the condenser."""
    exposure: BeamTime
    """With the beam on the lamella, in all."""
    assumed: tuple[Text, ...] = ()
    """Names of fields whose values are not in the recipe's source but chosen by its author."""


class DiffractionMap(Frozen):
    """A scanned precession diffraction map."""

    step: Length
    """Between neighbouring beam positions."""
    area: Area
    """That the map covers."""
    precession: Angle
    """Of the beam about the axis."""
    dwell: BeamTime | None = None
    """On each beam position."""
    current: ElectronCurrent | None = None
    """In the probe."""
    probe: Length | None = None
    """Diameter of the probe on the sample, precession included."""
    maps: Annotated[Count, Field(ge=1, le=MOST_REPEATS)] = 1
    """How often the same area is mapped."""
    assumed: tuple[Text, ...] = ()
    """Names of fields whose values are not in the recipe's source but chosen by its author."""


class HandOffSettings(Frozen):
    """What the TEM operator has to set, carried into the package as it stands."""

    flow: Flow | None = None
    """Of the electrolyte through the cell."""
    electrolyte: Text | None = None
    """Salt, solvents and what is known of their purity."""
    liquid: CardName | None = None
    """What the electrolyte counts as, among the media of the microscope's card."""
    liquid_thickness: Length | None = None
    """Measured in the loaded cell where the lamella lies; otherwise it follows from the spacers."""
    dose_rate_most: DoseRate | None = None
    """That the sample may be exposed to."""
    dose_most: Dose | None = None
    """That the sample may have taken in the end."""
    imaging: Imaging | None = None
    """How the lamella is looked at."""
    capacity: ChargeDensity | None = None
    """Of the active layer: charge by its volume."""
    capacity_least: ChargeDensity | None = None
    """What is left of it after cycling, or in the worst film."""
    cyclic_voltammetry: CyclicVoltammetry | None = None
    """How the cell is cycled."""
    impedance: Impedance | None = None
    """How its impedance is measured."""
    diffraction_map: DiffractionMap | None = None
    """What is mapped."""
