"""Instrument cards: what the tools of a laboratory can do, every number with its source and status."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from fibplan.model.base import (
    CardName,
    Count,
    Current,
    Distinct,
    Frozen,
    Number,
    Text,
    Voltage,
)
from fibplan.model.card import Card
from fibplan.model.echip_card import EchipCard
from fibplan.model.fib_card import FibCard
from fibplan.model.interval import (
    ContactResistivity,
    CurrentDensity,
    CurrentInterval,
    FlowInterval,
    Fraction,
    Interval,
    IntervalText,
    LengthInterval,
    ResistanceInterval,
    TimeInterval,
    VolumePerDose,
)
from fibplan.model.materials import Material
from fibplan.model.tolerance import Correlated, DepositTolerances


class Halo(Frozen):
    """The thin film that spreads beyond the edge of an ion-beam deposit.

    Its thickness is ``edge_fraction`` of the deposit at the edge and falls by 1/e every ``decay_length``. Where it is
    thinner than ``percolation_thickness`` the grains do not touch, and what conduction is left is
    ``residual_sheet_resistance``.
    """

    edge_fraction: Fraction
    decay_length: LengthInterval
    percolation_thickness: LengthInterval
    residual_sheet_resistance: ResistanceInterval
    correlation: Correlated | None = None
    """Of edge fraction and decay length; without it each errs for itself."""


class DepositionProcess(Frozen):
    """One way to deposit from this gas: by ion beam (FIBID) or by electron beam (FEBID)."""

    process: Literal["FIBID", "FEBID"]
    material: CardName
    volume_per_dose: VolumePerDose
    current_density_least: CurrentDensity | None = None
    current_density_most: CurrentDensity | None = None
    contact_resistivity: ContactResistivity
    step_coverage: Fraction | None = None
    """Thickness on a side wall over that on the flat; without it the film is as thick on both."""
    halo: Halo | None = None
    tolerances: DepositTolerances | None = None
    """How far a deposit strays from what was drawn; without it, nothing does."""


class GisCard(Card):
    """A gas injection system with one precursor."""

    kind: Literal["gis"]
    precursor: Text
    processes: Annotated[tuple[DepositionProcess, ...], Field(min_length=1), Distinct("process")]

    def process(self, name: str) -> DepositionProcess | None:
        return next((entry for entry in self.processes if entry.process == name), None)


class AccuracyRange(Frozen):
    """One range: readings are within ``gain`` of the reading plus ``offset``, one year, 1 power-line cycle."""

    full_scale: Annotated[Number, Field(gt=0)]
    gain: Annotated[Number, Field(ge=0)]
    offset: Annotated[Number, Field(ge=0)]


AccuracyTable = Annotated[tuple[AccuracyRange, ...], Field(min_length=1), Distinct("full_scale")]


def range_holding(ranges: Sequence[AccuracyRange], value: float, headroom: float = 1.0) -> AccuracyRange:
    """The most sensitive range that holds ``value``, or the largest there is."""
    found = largest = ranges[0]
    holds = False
    for entry in ranges:
        scale = entry.full_scale
        if abs(value) <= scale * headroom and (not holds or scale < found.full_scale):
            found, holds = entry, True
        if scale > largest.full_scale:
            largest = entry
    return found if holds else largest


class OperatingArea(Frozen):
    """Up to this voltage an instrument sources and sinks up to this current."""

    voltage: Voltage
    current: Current


LONGEST_LIST = 2500
"""Levels that an SMU takes as a list, 100 at a time (2400S-900-01 p 18-91; 2461-901-01 Rev A p 6-102).

A 2600B has no end but its memory; that it reads a line of more values is unverified.
"""


class SmuCard(Card):
    """A source-measure unit. Ranges are in volts or amperes, gains are fractions (0.0002 is 0.02 %)."""

    kind: Literal["smu"]
    model: Text
    dialect: Literal["scpi-2400", "scpi-2450", "tsp-2600"]
    measure_current: AccuracyTable
    measure_voltage: AccuracyTable
    source_voltage: AccuracyTable
    source_current: AccuracyTable
    current_limit_least: Current
    current_limit_most: Current
    voltage_limit_least: Voltage | None = None
    """The lowest limit of the voltage while a current is sourced."""
    voltage_most: Voltage
    operating_areas: tuple[OperatingArea, ...] = ()
    """Voltage and current that can be had together; without any, the most of both."""
    interlock_voltage: Voltage | None = None
    """What it sources at most without its interlock, where it has one."""
    points_most: Annotated[Count, Field(ge=2)]


Capacitance = Annotated[Interval, IntervalText("C/V/m2")]
StoppingPower = Annotated[Interval, IntervalText("V m2/kg")]


class BareMetal(Frozen):
    """What an electrode's bare metal carries in the electrolyte by its wetted area: charging, and what does not end."""

    capacitance: Capacitance
    residual_current: CurrentDensity


class HolderCard(Card):
    """The TEM holder that takes the chip."""

    kind: Literal["holder"]
    flow_least: FlowInterval | None = None
    flow_most: FlowInterval | None = None
    bulge: LengthInterval | None = None
    """How much farther apart both windows together bend than the spacers hold the chips."""
    bare_metal: BareMetal | None = None
    checklist: tuple[Text, ...]


class Medium(Frozen):
    """What the beam goes through, at the microscope's own voltage.

    ``mean_free_path`` is that of inelastic scattering. ``stopping_power`` is the collision stopping power by mass,
    divided by the elementary charge: a current density times it is a dose rate in Gy/s.
    """

    material: CardName
    mean_free_path: LengthInterval
    stopping_power: StoppingPower | None = None


class TemCard(Card):
    """The microscope the lamella is made for."""

    kind: Literal["tem"]
    accelerating_voltage: Voltage
    transparent_thickness: LengthInterval
    media: Annotated[tuple[Medium, ...], Distinct("material")] = ()
    """What the beam meets in a cell."""

    def medium(self, material: str) -> Medium | None:
        return next((entry for entry in self.media if entry.material == material), None)


class TipContact(Frozen):
    """What a tip is assumed to touch with: a square of side ``width``, and the current that such a contact stands."""

    width: LengthInterval
    safe_current: CurrentInterval


class ProbeCard(Card):
    """The tips that touch the pads.

    ``loading`` is the time until they are at hand: the way to the instrument that they stand in, and its pump-down.
    """

    kind: Literal["probe"]
    loading: TimeInterval | None = None
    tips: Annotated[Count, Field(ge=2, le=100)] = 2
    """How many are used: two must leapfrog to prove that they touch, a third one proves the contact of the others."""
    tip_resistance: ResistanceInterval
    tip_correlation: Correlated | None = None
    """Of the resistances of the two tips; without it each errs for itself."""
    safe_current_density: CurrentDensity
    contact: TipContact | None = None
    """Assumed, since nobody sees it; without it only the films limit the current."""


AnyCard = Annotated[
    FibCard | GisCard | SmuCard | EchipCard | HolderCard | TemCard | ProbeCard, Field(discriminator="kind")
]


class Cards(Frozen):
    """Every card that one recipe names, and the materials it uses: with the recipe, all a plan is made of."""

    fib: FibCard
    gis: GisCard | None = None
    smu: SmuCard | None = None
    echip: EchipCard | None = None
    holder: HolderCard | None = None
    tem: TemCard | None = None
    probe: ProbeCard | None = None
    materials: dict[str, Material]
