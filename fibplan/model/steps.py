"""The steps a recipe is made of: one class a kind, with the parameters that kind needs and no others."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from fibplan.model.base import Angle, Count, Current, Frozen, Length, LengthUm, StepName, Text, Voltage, whole
from fibplan.units import QuantityError


class StepBase(Frozen):
    """What every step has: a name, the steps it waits for, why it is there, and which values the source leaves open."""

    name: StepName
    """What other steps and the journal call this step; no other step of the recipe has it."""
    after: tuple[StepName, ...] = ()
    """Names of the steps that must be done before this one."""
    why: Text | None = None
    """The reason for this step, for whoever reads the recipe."""
    assumed: tuple[Text, ...] = ()
    """Names of fields whose values are not in the recipe's source but chosen by its author."""


class Beamed(StepBase):
    """A step done with the beam at a set voltage and current."""

    accelerating_voltage: Voltage
    """Of the ion beam, or of the electron beam for FEBID."""
    beam_current: Current
    """One that the column's card has at this voltage."""


class Deposit(Beamed):
    """Metal grown from the gas under the ion beam (FIBID) or the electron beam (FEBID)."""

    kind: Literal["deposit"]
    process: Literal["FIBID", "FEBID"]
    """What cracks the gas: the ion beam (FIBID) or the electron beam (FEBID)."""
    makes: Literal["protective_layer", "bridge", "landing_pad"]
    """The cap that protects the surface, the joint between electrode and lamella, or pads for tips to land on."""
    terminal: Literal["current_collector", "protective_layer"] | None = None
    """Of which conductor the landing pad is; left out, the pads of all."""
    portion: Literal["over_frame", "over_membrane"] | None = None
    """Of a landing pad, what lies over the chip's frame or over its membrane; left out, both."""
    patches: Annotated[Count, Field(ge=1, le=100)] = 1
    """Into how many equal patterns the area is divided; the beam works on one at a time."""
    thickness: Length | None = None
    """Of this deposit; left out where ``bridge``, ``pads`` or the stack says it."""

    @field_validator("terminal", "portion")
    @classmethod
    def _only_of_pads(cls, value: str | None, info: ValidationInfo) -> str | None:
        made = info.data.get("makes", "landing_pad")
        if value is not None and made != "landing_pad":
            raise QuantityError(f"a deposit that makes {made} has no {info.field_name}", "leave it out")
        return value


class Weld(Beamed):
    """Metal grown to hold the lamella: to the needle, or to the membrane or grid that supports it."""

    kind: Literal["weld"]
    process: Literal["FIBID", "FEBID"]
    """What cracks the gas: the ion beam (FIBID) or the electron beam (FEBID)."""
    joins: Literal["needle", "support"]
    """What the lamella is fixed to."""
    length: LengthUm | None = None
    """Of the patch of metal, along the lamella; left out where ``support`` or ``supports`` say it."""
    width: LengthUm | None = None
    """Of the patch of metal, across the lamella; left out where ``support`` says it."""
    thickness: Length | None = None
    """Of the metal; left out where ``support`` says it."""


class MillTrench(Beamed):
    """A trench beside the lamella, on one or both sides, down to ``depth``."""

    kind: Literal["mill_trench"]
    length: LengthUm
    """Along the lamella."""
    width: LengthUm
    """Away from the lamella, on each side that is milled."""
    depth: Length
    """Below the surface beside the cap."""
    profile: Literal["box", "stair_step"]
    """Of one depth (box), or deep at the lamella and shallow far from it (stair_step)."""
    sides: Annotated[Literal[1, 2], whole("1 or 2")] = 2
    """On how many sides of the lamella there is a trench."""
    leaves: Length
    """Thickness of the slab between the trenches."""


class CleaningCrossSection(Beamed):
    """Line by line towards the face, on both faces, until ``leaves`` is left between them."""

    kind: Literal["cleaning_cross_section"]
    length: LengthUm
    """Along the lamella."""
    depth: Length
    """Below the surface beside the cap."""
    leaves: Length
    """Thickness of the lamella when this step is done."""
    overtilt: Angle = 0.0
    """How far the stage is tilted beyond parallel, so that the beam leans into the face."""


class Undercut(Beamed):
    """The cut that frees the lamella below and at one side."""

    kind: Literal["undercut"]
    length: LengthUm
    """Along the lamella."""
    width: LengthUm
    """Height of the slit."""
    depth: Length
    """Into the lamella, through its whole thickness."""


class LiftOut(StepBase):
    """The person takes the lamella out with the needle."""

    kind: Literal["lift_out"]


class Transfer(StepBase):
    """The person lays the lamella down on the chip or fixes it to the grid, and cuts the needle free."""

    kind: Literal["transfer"]


class Thin(Beamed):
    """Both faces are milled until ``leaves`` is left."""

    kind: Literal["thin"]
    leaves: Length
    """Thickness of the lamella when this step is done."""
    overtilt: Angle = 0.0
    """How far the stage is tilted beyond parallel, so that the beam leans into the face."""


class Polish(Beamed):
    """Both faces are milled at low voltage, to remove the damage that was made before."""

    kind: Literal["polish"]
    leaves: Length
    """Thickness of the lamella when this step is done."""
    overtilt: Angle = 0.0
    """How far the stage is tilted beyond parallel, so that the beam leans into the face."""


class MillNotch(Beamed):
    """The notch that ``bridge`` asks for: cap, active layer and electrolyte milled off the slab at one of its ends."""

    kind: Literal["mill_notch"]


class IsolationCut(Beamed):
    """A shallow cut through the halo, so that two conductors part. The depth must not go through the membrane.

    Where it lies, and how many times it is milled, says ``cuts``.
    """

    kind: Literal["isolation_cut"]
    length: LengthUm
    """Along the cut."""
    width: LengthUm
    """Across the cut."""
    depth: Length
    """Below the surface of the halo."""


class Measure(StepBase):
    """The SMU sweeps the named verification paths."""

    kind: Literal["measure"]
    paths: Annotated[tuple[StepName, ...], Field(min_length=1)]
    """Names of paths under ``verification``, swept in this order; before the transfer what the bare chip has, such as
    isolation-reference_electrode."""


class HandOff(StepBase):
    """The lamella leaves for the TEM, with its package."""

    kind: Literal["hand_off"]


Removal = MillTrench | CleaningCrossSection | Undercut | MillNotch | Thin | Polish | IsolationCut
Thinning = MillTrench | CleaningCrossSection | Thin | Polish
"""The rungs of the thickness ladder: each says what it ``leaves``."""

Step = Annotated[
    Deposit
    | Weld
    | MillTrench
    | CleaningCrossSection
    | Undercut
    | LiftOut
    | Transfer
    | Thin
    | Polish
    | MillNotch
    | IsolationCut
    | Measure
    | HandOff,
    Field(discriminator="kind"),
]
