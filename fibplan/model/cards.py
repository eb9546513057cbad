"""Instrument cards: what the tools of a laboratory can do, every number with its source and status."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from fibplan.model.base import (
    Angle,
    CardName,
    Count,
    Current,
    Distinct,
    FormatVersion,
    Frozen,
    Length,
    LengthUm,
    Number,
    PositionUm,
    Text,
    Voltage,
)
from fibplan.model.interval import (
    AngleInterval,
    ContactResistivity,
    CurrentDensity,
    CurrentInterval,
    FlowInterval,
    Fraction,
    Interval,
    IntervalText,
    LengthInterval,
    ResistanceInterval,
    Resistivity,
    Spread,
    Status,
    TimeInterval,
    VolumePerDose,
)
from fibplan.model.materials import Material
from fibplan.model.outline import OutlineUm
from fibplan.model.tolerance import Correlated, DepositTolerances, LamellaTolerances
from fibplan.units import show

FaultName = Literal[
    "open_bridge",
    "thin_bridge",
    "halo_short",
    "skin_short",
    "resistive_tip",
    "probe_lifted",
    "wrong_pad",
    "electrode_short",
    "drifting_contact",
    "intermittent_contact",
    "nonlinear_contact",
    "mains_noise",
    "offset_current",
    "something_else",
]
"""What can be wrong with a lamella and its probing, as ``fibplan demo --fault`` names it, and anything else."""


class FaultChance(Frozen):
    """How often one named fault happens in work with what the card describes, and how much its size differs."""

    fault: FaultName
    """Which; that of ``halo_short`` follows from the halo itself, so that no card tells it."""
    chance: Spread
    """That one lamella has it, before anything is measured."""
    spread: Annotated[Number, Field(ge=1)] = 1.0
    """Nine of ten are larger or smaller than the named fault's own size by less than this factor."""


class Card(Frozen):
    """What every card says of itself."""

    fibplan: FormatVersion
    name: CardName
    title: Text
    source: Text
    status: Status
    faults: Annotated[tuple[FaultChance, ...], Distinct("fault")] = ()
    """What goes wrong with it, for the diagnosis; a fault that no card tells of has the least chance that one has."""


class Aperture(Frozen):
    """One beam current that the column can be set to."""

    beam_current: Current
    probe_diameter: Length | None = None
    status: Status = Status.UNVERIFIED


class Beam(Frozen):
    """The beam currents that are available at one accelerating voltage."""

    particle: Literal["Ga", "electron"]
    accelerating_voltage: Voltage
    apertures: Annotated[tuple[Aperture, ...], Field(min_length=1), Distinct("beam_current")]


class Overheads(Frozen):
    """The time that work between the patterns takes; ``measurement`` is that of one path with the tips at hand."""

    current_change: TimeInterval
    stage_move: TimeInterval
    imaging: TimeInterval
    gis_insertion: TimeInterval
    lift_out: TimeInterval
    transfer: TimeInterval
    measurement: TimeInterval
    hand_off: TimeInterval


class ScanRate(Frozen):
    """A removal rate that is known for one way of scanning: it replaces the material's own times the scan's gain."""

    material: CardName
    accelerating_voltage: Voltage
    volume_per_dose: VolumePerDose

    @property
    def conditions(self) -> str:
        """What it holds for."""
        return f"{self.material} at {show(self.accelerating_voltage, 'V')}"


class Pattern(Frozen):
    """How a way of scanning differs from a plain box: its volume over that of the box, and its rate over the box's.

    ``rates`` are those that are known for this scan itself; what has none mills at its plain rate times the gain.
    """

    volume: Fraction
    gain: Fraction
    rates: Annotated[tuple[ScanRate, ...], Distinct("conditions")] = ()


class Patterns(Frozen):
    """The scans that are not plain boxes."""

    stair_step: Pattern
    cleaning_cross_section: Pattern


class Redeposition(Frozen):
    """What is left of the removal rate in a cut that is ``aspect_ratio`` times as deep as it is wide."""

    aspect_ratio: Annotated[Number, Field(gt=0)]
    factor: Fraction


class BeamShape(Frozen):
    """What the beam does beside its pattern.

    ``tail`` is the share of the current that falls outside the probe; ``edge_offset`` how many probe diameters a
    pattern's edge must stay away from the final face (at its low end the face itself is milled); ``taper`` the angle
    that a side wall leans when the beam is parallel to it; ``least_cap`` the least that must be left of the cap.
    """

    tail: Fraction
    edge_offset: Fraction
    taper: AngleInterval
    least_cap: LengthInterval


class IonImaging(Frozen):
    """What one look with the ion beam costs: the current over a square ``field`` for ``time``."""

    beam_current: Current
    field: LengthUm
    time: TimeInterval


class Calibration(Frozen):
    """A removal rate that was measured on this column: it replaces every other of the material at that voltage."""

    material: CardName
    accelerating_voltage: Voltage
    volume_per_dose: VolumePerDose
    measured: Text
    """From what: the box or the session."""
    date: Text
    by: Text


class Skin(Frozen):
    """A conducting film of redeposited metal and gallium that milling leaves across the faces of the lamella."""

    thickness: LengthInterval
    resistivity: Resistivity


class FibCard(Card):
    """A focused-ion-beam column, with the electron column beside it."""

    kind: Literal["fib"]
    beam_angle: Angle
    beams: Annotated[tuple[Beam, ...], Field(min_length=1)]
    overheads: Overheads
    patterns: Patterns
    redeposition: Annotated[tuple[Redeposition, ...], Distinct("aspect_ratio")]
    shape: BeamShape
    imaging: IonImaging
    calibrations: tuple[Calibration, ...] = ()
    skin: Skin | None = None
    """What is left of it after the last polish, both faces together; without it the faces are clean."""
    tolerances: LamellaTolerances | None = None
    """How far the lamella and what is drawn on it stray from the plan; without it, nothing does."""


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


class Window(Frozen):
    """The electron-transparent membrane, centred on the origin of the chip frame.

    It bears ``dose_budget`` of the ion dose that would mill through it, and beam currents up to
    ``beam_current_advised``, at the very most ``beam_current_most``. A deposit heats it over ``heated_radius``.
    """

    width: LengthUm
    height: LengthUm
    thickness: Length
    material: CardName
    margin: LengthUm
    status: Status
    dose_budget: Fraction
    beam_current_advised: Current
    beam_current_most: Current
    heated_radius: LengthUm


class Electrode(Frozen):
    """One metal electrode in plan view, chip frame, micrometres."""

    name: Literal["working_electrode", "reference_electrode", "counter_electrode"]
    material: CardName
    thickness: Length
    outline_um: OutlineUm
    status: Status


class Passivation(Frozen):
    """An insulating film over the leads, in plan view; under it neither a bridge nor a tip meets metal."""

    material: Text
    """What it is made of, such as SU-8."""
    thickness: Length
    """Above the metal that it covers."""
    outline_um: OutlineUm
    """Its edge, chip frame."""
    status: Status
    """Whether somebody published these numbers."""


class Fiducial(Frozen):
    """A mark that is found again on the stage of another microscope; its place is in the chip frame."""

    name: Text
    """What drawings and tables call it."""
    x: PositionUm
    """Along the window's long side."""
    y: PositionUm
    """Across the window."""


class EchipCard(Card):
    """The chip that carries the lamella: window and electrodes in plan view, origin at the window's centre."""

    kind: Literal["echip"]
    drawing: Text
    """Whose drawing the outlines are, said on every picture."""
    die_um: OutlineUm | None = None
    """The edge of the chip itself, chip frame; left out where nobody has measured it."""
    window: Window
    electrodes: Annotated[tuple[Electrode, ...], Field(min_length=1), Distinct("name")]
    spacer: Length | None = None
    facing_spacer: Length | None = None
    stacking: Literal["beside", "on_top"] = "beside"
    """Whether the spacers of the two chips stand beside one another, or one on top of the other."""
    passivation: Annotated[tuple[Passivation, ...], Field(max_length=100)] = ()
    """What covers the leads."""
    fiducials: Annotated[tuple[Fiducial, ...], Field(max_length=1000), Distinct("name")] = ()
    """Marks that the lamella's place on another stage is found by."""

    @property
    def gap(self) -> float | None:
        """Least metres to the facing chip; None if no chip faces.

        Spacers beside one another keep the thicker one's distance, spacers on top of one another the sum of both.
        """
        spacers = [spacer for spacer in (self.spacer, self.facing_spacer) if spacer is not None]
        return (sum if self.stacking == "on_top" else max)(spacers) if spacers else None

    def electrode(self, name: str) -> Electrode | None:
        return next((entry for entry in self.electrodes if entry.name == name), None)


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
