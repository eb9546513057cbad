"""The steps a recipe is made of: one class a kind, with the parameters that kind needs and no others."""

from typing import Annotated, Literal

from pydantic import Field

from fibplan.model.base import Angle, Current, Frozen, Length, LengthUm, StepName, Text, Voltage, whole


class StepBase(Frozen):
    """What every step has: a name, the steps it waits for, why it is there, and which values the source leaves open."""

    name: StepName
    after: tuple[StepName, ...] = ()
    why: Text | None = None
    assumed: tuple[Text, ...] = ()
    """Names of fields whose values are not in the recipe's source but chosen by its author."""


class Beamed(StepBase):
    """A step done with the beam at a set voltage and current."""

    accelerating_voltage: Voltage
    beam_current: Current


class Deposit(Beamed):
    """Metal grown from the gas under the ion beam (FIBID) or the electron beam (FEBID)."""

    kind: Literal["deposit"]
    process: Literal["FIBID", "FEBID"]
    makes: Literal["protective_layer", "bridge"]
    thickness: Length | None = None
    """Of this deposit; left out where ``bridge`` or the stack says it."""


class Weld(Beamed):
    """Metal grown to hold the lamella: to the needle, or to the membrane or grid that supports it."""

    kind: Literal["weld"]
    process: Literal["FIBID", "FEBID"]
    joins: Literal["needle", "support"]
    length: LengthUm | None = None
    width: LengthUm | None = None
    thickness: Length | None = None


class MillTrench(Beamed):
    """A trench beside the lamella, on one or both sides, down to ``depth``."""

    kind: Literal["mill_trench"]
    length: LengthUm
    width: LengthUm
    depth: Length
    profile: Literal["box", "stair_step"]
    sides: Annotated[Literal[1, 2], whole("1 or 2")] = 2
    leaves: Length


class CleaningCrossSection(Beamed):
    """Line by line towards the face, on both faces, until ``leaves`` is left between them."""

    kind: Literal["cleaning_cross_section"]
    length: LengthUm
    depth: Length
    leaves: Length
    overtilt: Angle = 0.0


class Undercut(Beamed):
    """The cut that frees the lamella below and at one side."""

    kind: Literal["undercut"]
    length: LengthUm
    width: LengthUm
    depth: Length


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
    overtilt: Angle = 0.0


class Polish(Beamed):
    """Both faces are milled at low voltage, to remove the damage that was made before."""

    kind: Literal["polish"]
    leaves: Length
    overtilt: Angle = 0.0


class IsolationCut(Beamed):
    """A shallow cut through the halo, so that two conductors part. The depth must not go through the membrane."""

    kind: Literal["isolation_cut"]
    length: LengthUm
    width: LengthUm
    depth: Length


class Measure(StepBase):
    """The SMU sweeps the named verification paths."""

    kind: Literal["measure"]
    paths: Annotated[tuple[StepName, ...], Field(min_length=1)]


class HandOff(StepBase):
    """The lamella leaves for the TEM, with its package."""

    kind: Literal["hand_off"]


Removal = MillTrench | CleaningCrossSection | Undercut | Thin | Polish | IsolationCut
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
    | IsolationCut
    | Measure
    | HandOff,
    Field(discriminator="kind"),
]
