"""A recipe: what a person writes down so that a lamella can be made, joined, measured and handed off.

Format version 1. Every file says ``fibplan: 1``; one that extends another may leave it to its base. A recipe that is
valid in version 1 stays valid in it, with the same meaning, in every release: keys are only added, never required.
Whatever would change what a recipe in use means, or refuse it, becomes version 2; a release that reads version 2 also
reads version 1, and a release that meets a version it does not know refuses the file. What rules find in a recipe is
no part of the format: they may become stricter, each under its code.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from fibplan.model.base import (
    Angle,
    Area,
    CardName,
    Compliance,
    Count,
    DoseRate,
    Flow,
    FormatVersion,
    Frequency,
    Frozen,
    Length,
    LengthUm,
    NamedEntries,
    Number,
    PositionUm,
    Resistance,
    ScanRate,
    SignedVoltage,
    StepName,
    SweepVoltage,
    Text,
)
from fibplan.model.steps import Step


class Source(Frozen):
    """Where a recipe comes from."""

    citation: Text
    doi: Text | None = None


class Instruments(Frozen):
    """The cards this recipe is made for, by name. Without a chip there is no electrical part."""

    fib: CardName
    gis: CardName | None = None
    smu: CardName | None = None
    echip: CardName | None = None
    holder: CardName | None = None
    tem: CardName | None = None
    probe: CardName | None = None


class Role(StrEnum):
    """What a layer of the stack is there for."""

    SUBSTRATE = "substrate"
    BARRIER = "barrier"
    CURRENT_COLLECTOR = "current_collector"
    ELECTROLYTE = "electrolyte"
    ACTIVE_LAYER = "active_layer"
    PROTECTIVE_LAYER = "protective_layer"


class Layer(Frozen):
    """One layer of the stack; the substrate's thickness is what the lamella keeps of it."""

    name: Text
    role: Role
    material: CardName
    thickness: Length
    assumed: tuple[Text, ...] = ()


class Sample(Frozen):
    """The layers from the substrate up to the protective cap."""

    name: Text
    stack: Annotated[tuple[Layer, ...], Field(min_length=1)]

    def layer(self, role: Role) -> Layer | None:
        """The lowest layer with that role."""
        return next((layer for layer in self.stack if layer.role is role), None)

    @property
    def height(self) -> float:
        """Metres from the lower edge of the substrate to the top of the cap."""
        return sum(layer.thickness for layer in self.stack)


class Thinning(StrEnum):
    """Where the lamella is thinned to its final thickness."""

    BEFORE_TRANSFER = "before_transfer"
    ON_CHIP = "on_chip"


class Placement(Frozen):
    """Where the lamella lies on the chip, flat, with its layers in plan view.

    ``x`` and ``y`` place the corner at the substrate edge and the near end, in the chip frame (origin at the window's
    centre); ``rotation`` turns it there, counter-clockwise; ``mirror`` flips it along its length first.
    """

    x: PositionUm
    y: PositionUm
    rotation: Angle = 0.0
    mirror: bool = False
    assumed: tuple[Text, ...] = ()


class Lamella(Frozen):
    """The slab that is cut out: its length along the surface and the thickness it ends with."""

    length: LengthUm
    final_thickness: Length
    thinning: Thinning
    cap_width: LengthUm
    placement: Placement | None = None
    assumed: tuple[Text, ...] = ()


class Bridge(Frozen):
    """The metal that joins an electrode of the chip to a layer of the lamella, laid straight along the lamella.

    ``overlap_electrode`` and ``overlap_lamella`` are the lengths that lie on either; ``clearance`` is kept between the
    bridge and the first layer above the collector.
    """

    start: Literal["working_electrode", "reference_electrode", "counter_electrode"]
    end: Literal["current_collector"]
    width: LengthUm
    thickness: Length
    overlap_electrode: LengthUm
    overlap_lamella: LengthUm
    clearance: LengthUm
    assumed: tuple[Text, ...] = ()


class Support(Frozen):
    """The weld that holds the substrate edge of the lamella to the membrane; ``position`` is along the lamella."""

    position: LengthUm
    length: LengthUm
    width: LengthUm
    overlap: LengthUm
    thickness: Length
    assumed: tuple[Text, ...] = ()


class Below(Frozen):
    """The path must conduct: its resistance must be under ``below``; up to ``marginal`` it is marginal."""

    kind: Literal["conducting"]
    below: Resistance
    marginal: Resistance


class ContactCheck(Frozen):
    """A tip is in contact while a gentle sweep to a helper tip on its own conductor reads under ``below``."""

    below: Resistance
    voltage: SweepVoltage
    compliance: Compliance
    assumed: tuple[Text, ...] = ()


class Above(Frozen):
    """The path must insulate: its resistance must be over ``above``; down to ``marginal`` it is marginal.

    A reading counts only while both tips pass the ``contact`` check before and after it.
    """

    kind: Literal["insulating"]
    above: Resistance
    marginal: Resistance
    contact: ContactCheck


Criterion = Annotated[Below | Above, Field(discriminator="kind")]


class Sweep(Frozen):
    """A bipolar two-probe sweep from ``-voltage`` to ``+voltage``."""

    voltage: SweepVoltage
    compliance: Compliance
    points: Annotated[Count, Field(ge=5, le=100_000)]
    nplc: Annotated[Number, Field(ge=0.01, le=10)] = 1.0
    assumed: tuple[Text, ...] = ()


Terminal = Literal["working_electrode", "current_collector", "protective_layer"]


class VerificationPath(Frozen):
    """Between which conductors it is measured, how, and what decides."""

    start: Terminal
    end: Terminal
    criterion: Criterion
    sweep: Sweep
    why: Text | None = None
    assumed: tuple[Text, ...] = ()


class CyclicVoltammetry(Frozen):
    """The window against the pseudo-reference, and the offset that gives it against Li+/Li."""

    lower: SignedVoltage
    upper: SignedVoltage
    reference_offset: SignedVoltage
    scan_rate: ScanRate
    assumed: tuple[Text, ...] = ()


class Impedance(Frozen):
    """The frequency range and the amplitude peak to peak."""

    highest: Frequency
    lowest: Frequency
    amplitude: SweepVoltage


class DiffractionMap(Frozen):
    """A scanned precession diffraction map."""

    step: Length
    area: Area
    precession: Angle


class HandOffSettings(Frozen):
    """What the TEM operator has to set, carried into the package as it stands."""

    flow: Flow | None = None
    electrolyte: Text | None = None
    dose_rate_most: DoseRate | None = None
    cyclic_voltammetry: CyclicVoltammetry | None = None
    impedance: Impedance | None = None
    diffraction_map: DiffractionMap | None = None


class Accepted(Frozen):
    """A warning that the author knows of and lets stand, with the reason; it travels into the package."""

    code: Text
    reason: Text


class Recipe(Frozen):
    """The whole of a recipe file, format version 1."""

    fibplan: FormatVersion
    extends: Text | None = None
    """The recipe that this one builds on, by name or by path from this file's folder; it writes only what differs."""
    title: Text
    source: Source
    instruments: Instruments
    sample: Sample
    lamella: Lamella
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    bridge: Bridge | None = None
    support: Support | None = None
    verification: Annotated[dict[StepName, VerificationPath], NamedEntries()] = Field(default_factory=dict)
    hand_off: HandOffSettings | None = None
    accepts: tuple[Accepted, ...] = ()
