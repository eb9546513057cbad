"""The column: its currents, beams, patterns, and how far what it mills strays."""

from typing import Annotated, Literal

from pydantic import Field

from fibplan.model.base import (
    Angle,
    CardName,
    Current,
    Distinct,
    Frozen,
    Length,
    LengthUm,
    Number,
    Text,
    Voltage,
)
from fibplan.model.card import Card
from fibplan.model.interval import (
    AngleInterval,
    Fraction,
    LengthInterval,
    Resistivity,
    Status,
    TimeInterval,
    VolumePerDose,
)
from fibplan.model.tolerance import LamellaTolerances
from fibplan.units import show


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
