"""How far what is made strays from what was planned, and which numbers err together."""

from typing import Annotated

from pydantic import Field

from fibplan.model.base import Frozen, Length, Number, Quantity, Text
from fibplan.model.interval import Fraction, Status

Turn = Annotated[float, Quantity("rad", like="1 deg")]
Coverage = Annotated[Number, Field(gt=0, lt=1)]


class LengthWithin(Frozen):
    """Normal about what was planned, and within so much of it, on either side, with probability ``coverage``."""

    within: Length
    coverage: Coverage = 0.9
    source: Text
    status: Status


class AngleWithin(Frozen):
    """The same for an angle."""

    within: Turn
    coverage: Coverage = 0.9
    source: Text
    status: Status


class Correlated(Frozen):
    """Two numbers that err together: Spearman's rank correlation, 1 for two that are always wrong alike."""

    rank: Annotated[Number, Field(ge=-1, le=1)]
    why: Text
    source: Text
    status: Status


class LamellaTolerances(Frozen):
    """How far the lamella and what is drawn on it stray; without one of them, that does not stray.

    The lamella comes to rest off its place along and across it, and is turned about its corner. Bridge and pads are
    then drawn on an image of it: they go with the lamella, and stray from it by ``pattern_placement`` in each
    direction. Its thickness is what it was stopped at over what was planned.
    """

    lamella_placement: LengthWithin | None = None
    """Of the lamella on the chip, along it and across it, each."""
    lamella_rotation: AngleWithin | None = None
    """Of the lamella about its corner."""
    lamella_thickness: Fraction | None = None
    """When it is measured, over the planned one."""
    pattern_placement: LengthWithin | None = None
    """Of bridge and pads against the lamella, along it and across it, each."""


class DepositTolerances(Frozen):
    """How far a deposit of one gas strays from what was drawn; without one of them, that does not stray."""

    thickness: Fraction | None = None
    """Over the planned one."""
    edge: LengthWithin | None = None
    """Of every edge against the pattern's, outwards where it is positive; the same for all deposits."""
    thickness_correlation: Correlated | None = None
    """Of bridge and pads; without it each errs for itself."""
