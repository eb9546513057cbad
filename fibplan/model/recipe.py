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
    CardName,
    Distinct,
    FormatVersion,
    Frozen,
    Length,
    LengthUm,
    NamedEntries,
    PositionUm,
    StepName,
    Text,
)
from fibplan.model.hand_off import HandOffSettings
from fibplan.model.outline import OutlineUm
from fibplan.model.path import Tip, VerificationPath
from fibplan.model.steps import Step


class Source(Frozen):
    """Where a recipe comes from."""

    citation: Text
    """The publication, person or laboratory that the recipe goes back to."""
    doi: Text | None = None
    """Its digital object identifier, without an address."""


class Instruments(Frozen):
    """The cards this recipe is made for, by name. Without a chip there is no electrical part."""

    fib: CardName
    """The ion beam column."""
    gis: CardName | None = None
    """The gas injector; needed for every deposit."""
    smu: CardName | None = None
    """The source-measure unit; needed for every measurement."""
    echip: CardName | None = None
    """The chip that the lamella is laid on; without one there is no electrical part."""
    holder: CardName | None = None
    """The TEM holder."""
    tem: CardName | None = None
    """The microscope that the lamella is handed off to."""
    probe: CardName | None = None
    """The tips that land on the pads."""


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
    """What messages and drawings call this layer."""
    role: Role
    """What the layer is there for; rules and prediction go by it, not by its name."""
    material: CardName
    """Its entry in a materials file."""
    thickness: Length
    """Across the layer; the substrate's is what the lamella keeps of it."""
    assumed: tuple[Text, ...] = ()
    """Names of fields whose values are not in the recipe's source but chosen by its author."""


class Sample(Frozen):
    """The layers from the substrate up to the protective cap."""

    name: Text
    """What the sample is called in reports."""
    stack: Annotated[tuple[Layer, ...], Field(min_length=1)]
    """The layers, the substrate first and the protective layer last."""
    kind: Literal["half_cell", "full_cell"] = "half_cell"
    """Whether both electrodes of a cell lie between the contacts: a full cell has a voltage of its own."""

    def layer(self, role: Role) -> Layer | None:
        """The lowest layer with that role."""
        return next((layer for layer in self.stack if layer.role is role), None)

    @property
    def has_voltage(self) -> bool:
        """Whether it has a voltage of its own: said to be a full cell, or with an active layer on either side of an
        electrolyte.
        """
        return self.kind == "full_cell" or sum(layer.role is Role.ACTIVE_LAYER for layer in self.stack) > 1

    @property
    def height(self) -> float:
        """Metres from the lower edge of the substrate to the top of the cap."""
        return sum(layer.thickness for layer in self.stack)

    @property
    def height_under_cap(self) -> float:
        """Metres from the lower edge of the substrate to the foot of the cap: how deep it is cut."""
        return sum(layer.thickness for layer in self.stack if layer.role is not Role.PROTECTIVE_LAYER)


class Thinning(StrEnum):
    """Where the lamella is thinned to its final thickness."""

    BEFORE_TRANSFER = "before_transfer"
    ON_CHIP = "on_chip"


class Pose(StrEnum):
    """On which of its sides the lamella comes to rest.

    Flat, it lies on a milled face: its layers show in plan view and the electron beam crosses its final thickness. So
    lies the lamella of Bhatia et al., Small Methods 6 (2022) 2100891, whose electrode is imaged through 100 nm and
    whose "bottom edge", the substrate's, is welded to the membrane. Upright, it stands on its substrate edge with the
    cap up: in plan view there is one narrow strip, length by final thickness, and the stack's height is the height.
    """

    FLAT = "flat"
    UPRIGHT = "upright"


class Placement(Frozen):
    """Where the lamella comes to rest on the chip, and on which of its sides.

    ``x`` and ``y`` place the corner at the substrate edge and the near end, in the chip frame (origin at the window's
    centre); ``rotation`` turns it there, counter-clockwise; ``mirror`` flips it along its length first. Of a lamella
    that stands upright the corner is that of a milled face at the near end.
    """

    x: PositionUm
    """Of the corner, along the window's long side."""
    y: PositionUm
    """Of the corner, across the window."""
    rotation: Angle = 0.0
    """About the corner, counter-clockwise."""
    mirror: Annotated[bool, Field(strict=True)] = False
    """Whether the lamella is flipped along its length before it is turned."""
    pose: Pose = Pose.FLAT
    """Whether it lies flat, its layers in plan view, or stands upright on its substrate edge."""
    assumed: tuple[Text, ...] = ()
    """Names of fields whose values are not in the recipe's source but chosen by its author."""


class Lamella(Frozen):
    """The slab that is cut out: its length along the surface and the thickness it ends with."""

    length: LengthUm
    """Along the surface of the sample."""
    final_thickness: Length
    """Between its two milled faces, when it is done."""
    thinning: Thinning
    """Whether it is thinned to the end before or after it is laid on the chip."""
    cap_width: LengthUm
    """Of the protective deposit, across the lamella."""
    placement: Placement | None = None
    """Where it lies on the chip."""
    assumed: tuple[Text, ...] = ()
    """Names of fields whose values are not in the recipe's source but chosen by its author."""


class Notch(Frozen):
    """A step at one end of the lamella: what lies above the collector is milled back there, before the lift-out."""

    end: Literal["near", "far"] = "near"
    """Of the lamella: the one that ``placement`` places, or the other."""
    length: LengthUm
    """How far active layer, electrolyte and cap are milled back from that end."""
    assumed: tuple[Text, ...] = ()
    """Names of fields whose values are not in the recipe's source but chosen by its author."""


class Bridge(Frozen):
    """The metal that joins an electrode of the chip to a layer of the lamella: asked for, or drawn as an outline.

    ``overlap_electrode`` and ``overlap_lamella`` are the lengths that lie on either; ``clearance`` is kept between the
    bridge and the first layer above the collector.
    """

    start: Literal["working_electrode", "reference_electrode", "counter_electrode"]
    """The electrode of the chip that it starts from."""
    end: Literal["current_collector"]
    """The layer of the lamella that it must reach."""
    width: LengthUm
    """Across the current."""
    thickness: Length
    """Of the deposit."""
    overlap_electrode: LengthUm
    """How far it lies on the electrode, along the current."""
    overlap_lamella: LengthUm
    """How far it lies on the lamella, along the current."""
    clearance: LengthUm
    """Kept between the bridge and the first layer above the collector."""
    route: Literal["straight", "nearest"] = "straight"
    """Straight along the lamella from its near end, or the shortest way to either end or over the substrate's edge."""
    outline_um: OutlineUm | None = None
    """The bridge as drawn, corners in the chip frame, counter-clockwise; ``width`` is then that of its free part."""
    notch: Notch | None = None
    """Keeps the halo of the bridge off active layer and cap, where it lands at an end of the lamella."""
    assumed: tuple[Text, ...] = ()
    """Names of fields whose values are not in the recipe's source but chosen by its author."""


class Support(Frozen):
    """A weld that holds the substrate edge of the lamella to the membrane; without a ``position`` it finds its own."""

    position: LengthUm | None = None
    """Of its middle, along the lamella from the near end; left out, the place with room that divides the edge best."""
    length: LengthUm
    """Along the lamella."""
    width: LengthUm
    """Across the substrate's edge."""
    overlap: LengthUm
    """How far it lies on the lamella, across the edge."""
    thickness: Length
    """Of the deposit."""
    assumed: tuple[Text, ...] = ()
    """Names of fields whose values are not in the recipe's source but chosen by its author."""


class Cut(Frozen):
    """Where an isolation cut lies: in the lamella's frame, x along its length, y across it from the substrate's edge.

    How long, wide and deep it is says the step that mills it; a step that several cuts name mills each of them.
    """

    step: StepName
    """The isolation cut among the steps that mills it."""
    x: PositionUm
    """Of its middle, along the lamella from the near end."""
    y: PositionUm
    """Of its middle, across the lamella from the substrate's edge towards the cap."""
    rotation: Angle = 0.0
    """Of its length against the lamella's, counter-clockwise in the lamella's frame."""
    assumed: tuple[Text, ...] = ()
    """Names of fields whose values are not in the recipe's source but chosen by its author."""


class Pad(Frozen):
    """Thick metal over the chip's frame for a tip to land on, with a track to a conductor of the lamella.

    Asked for, the track takes the shortest way from an end of the collector, or from the free edges of the cap.
    """

    terminal: Literal["current_collector", "protective_layer"]
    """The conductor of the lamella that it is joined to."""
    side: LengthUm
    """Of the square that the tip lands on."""
    width: LengthUm
    """Of the track."""
    thickness: Length
    """Of the deposit."""
    overlap: LengthUm
    """How far the track lies on the conductor."""
    clearance: LengthUm
    """Kept between the track and all that it must not touch."""
    outline_um: OutlineUm | None = None
    """Square and track as drawn, corners in the chip frame, counter-clockwise, instead of the shortest way."""
    assumed: tuple[Text, ...] = ()
    """Names of fields whose values are not in the recipe's source but chosen by its author."""


class Accepted(Frozen):
    """A warning that the author knows of and lets stand, with the reason; it travels into the package."""

    code: Text
    """Of the warning, as `fibplan check` prints it in brackets."""
    reason: Text
    """Why it is let stand."""


class Recipe(Frozen):
    """The whole of a recipe file, format version 1."""

    fibplan: FormatVersion
    """The version of this format."""
    extends: Text | None = None
    """The recipe that this one builds on, by name or by path from this file's folder; it writes only what differs."""
    title: Text
    """One line that says what is made."""
    source: Source
    """Where the recipe comes from."""
    instruments: Instruments
    """The cards that it is made for."""
    sample: Sample
    """What the lamella is cut from."""
    lamella: Lamella
    """What is cut out, and where it ends up."""
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    """What is done; the order follows from what each step waits for."""
    bridge: Bridge | None = None
    """The metal joint between chip and lamella."""
    support: Support | None = None
    """The weld that holds the lamella on the chip."""
    supports: tuple[Support, ...] = ()
    """Further welds that hold it, made in the same step."""
    cuts: tuple[Cut, ...] = ()
    """Where isolation cuts part what the halo joins."""
    pads: Annotated[tuple[Pad, ...], Distinct("terminal")] = ()
    """Landing pads for tips, over the chip's frame."""
    tips: Annotated[tuple[Tip, ...], Distinct("terminal")] = ()
    """Where tips land, for conductors whose place is not left to the layout."""
    verification: Annotated[dict[StepName, VerificationPath], NamedEntries()] = Field(default_factory=dict)
    """What is measured before the hand-off, by the name of each path."""
    hand_off: HandOffSettings | None = None
    """What the TEM operator has to set."""
    accepts: tuple[Accepted, ...] = ()
    """Warnings that the author lets stand."""
