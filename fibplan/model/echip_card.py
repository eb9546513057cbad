"""The chip: its window, electrodes, passivation, fiducials and spacers."""

from typing import Annotated, Literal

from pydantic import Field

from fibplan.model.base import (
    CardName,
    Current,
    Distinct,
    Frozen,
    Length,
    LengthUm,
    PositionUm,
    Text,
)
from fibplan.model.card import Card
from fibplan.model.interval import (
    Fraction,
    Status,
)
from fibplan.model.outline import OutlineUm


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
