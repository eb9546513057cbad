"""What every card says of itself: where its numbers come from, and what goes wrong with the tool."""

from typing import Annotated, Literal

from pydantic import Field

from fibplan.model.base import (
    CardName,
    Distinct,
    FormatVersion,
    Frozen,
    Number,
    Text,
)
from fibplan.model.interval import (
    Spread,
    Status,
)

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
