"""What is measured before the hand-off: between which conductors, how, and what decides."""

from typing import Annotated, Literal, get_args

from pydantic import Field

from fibplan.model.base import Compliance, Count, Frozen, Number, PositionUm, Resistance, SweepVoltage, Text


class Below(Frozen):
    """The path must conduct: its resistance must be under ``below``; up to ``marginal`` it is marginal."""

    kind: Literal["conducting"]
    below: Resistance
    """A reading under this passes."""
    marginal: Resistance
    """A reading over this fails; between the two it is marginal."""

    @property
    def limit(self) -> float:
        """Ohm that decide between a pass and less."""
        return self.below


class ContactCheck(Frozen):
    """A tip is in contact while a gentle sweep to a helper tip on its own conductor reads under ``below``."""

    below: Resistance
    """A tip that reads under this to its helper is in contact."""
    voltage: SweepVoltage
    """The largest of the gentle sweep."""
    compliance: Compliance
    """The current that the check may carry at most."""
    assumed: tuple[Text, ...] = ()
    """Names of fields whose values are not in the recipe's source but chosen by its author."""


class Relative(Frozen):
    """Limits as shares of the resistance that is predicted for the path, which the active layer makes.

    Of two sound lamellae the thicker one reads less: one of 1 um may read 5 Mohm where 10 Mohm are asked for in ohm.
    """

    above: Annotated[Number, Field(gt=0, le=1)]
    """A reading over this share of the predicted resistance passes."""
    marginal: Annotated[Number, Field(gt=0, le=1)]
    """A reading under this share fails; between the two it is marginal."""


class Above(Frozen):
    """The path must insulate: its resistance must be over ``above``; down to ``marginal`` it is marginal.

    A reading counts only while both tips pass the ``contact`` check before and after it.
    """

    kind: Literal["insulating"]
    above: Resistance
    """A reading over this passes."""
    marginal: Resistance
    """A reading under this fails; between the two it is marginal."""
    contact: ContactCheck
    """How each tip proves that it touches, before and after the sweep."""
    relative: Relative | None = None
    """Limits that go with the resistance that the plan predicts for the path, instead of the two in ohm."""

    @property
    def limit(self) -> float:
        """Ohm that decide between a pass and less."""
        return self.above


Criterion = Annotated[Below | Above, Field(discriminator="kind")]


class Sweep(Frozen):
    """A bipolar two-probe sweep from ``-voltage`` to ``+voltage``."""

    voltage: SweepVoltage
    """The largest of the sweep, in both directions."""
    compliance: Compliance = 1e-6
    """The current that the sweep may carry at most; 1 uA, which an insulating path needs, where it is left out."""
    points: Annotated[Count, Field(ge=5, le=100_000)]
    """How many voltages are measured from rest to both ends and back, rounded to one more than a multiple of four."""
    nplc: Annotated[Number, Field(ge=0.01, le=10)] = 1.0
    """How long each point is integrated, in cycles of the mains."""
    assumed: tuple[Text, ...] = ()
    """Names of fields whose values are not in the recipe's source but chosen by its author."""


ElectrodeName = Literal["working_electrode", "reference_electrode", "counter_electrode"]
ELECTRODES: tuple[ElectrodeName, ...] = get_args(ElectrodeName)
"""The terminals that belong to the chip."""
Terminal = Literal[ElectrodeName, "current_collector", "protective_layer"]
"""A conductor that a tip can land on: an electrode of the chip, or a layer of the lamella."""
Landing = Terminal | Literal["lifted"]
"""Where a tip is: on a conductor, or in the air."""


class Tip(Frozen):
    """Where the tip for one conductor lands, in the chip frame, instead of the place that the layout would choose."""

    terminal: Terminal
    """The conductor."""
    x: PositionUm
    """Along the window's long side."""
    y: PositionUm
    """Across the window."""
    assumed: tuple[Text, ...] = ()
    """Names of fields whose values are not in the recipe's source but chosen by its author."""


class VerificationPath(Frozen):
    """Between which conductors it is measured, how, and what decides."""

    start: Terminal
    """The conductor under the first tip."""
    end: Terminal
    """The conductor under the second tip."""
    criterion: Criterion
    """What reading passes."""
    sweep: Sweep
    """How it is measured."""
    why: Text | None = None
    """What goes wrong if this path fails."""
    assumed: tuple[Text, ...] = ()
    """Names of fields whose values are not in the recipe's source but chosen by its author."""
