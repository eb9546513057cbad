"""Everything that strays: every uncertain number of the network, and where and how thick things come to lie."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from fibplan.circuit.parameters import at_scores, parameters
from fibplan.model.interval import Interval, Status
from fibplan.model.plan import Plan
from fibplan.model.tolerance import AngleWithin, Correlated, LengthWithin
from fibplan.units import show

Array = NDArray[np.float64]

ALONG, ACROSS, TURN = "lamella along", "lamella across", "lamella rotation"
PATTERN_ALONG, PATTERN_ACROSS, EDGE = "pattern along", "pattern across", "deposit edge"
LAMELLA_THICKNESS, BRIDGE_THICKNESS, PAD_THICKNESS = "lamella thickness", "bridge thickness", "pad thickness"

MAKING = (
    ALONG, ACROSS, TURN, LAMELLA_THICKNESS, PATTERN_ALONG, PATTERN_ACROSS, EDGE, BRIDGE_THICKNESS, PAD_THICKNESS,
)  # fmt: skip
"""What strays in the making and gives each sample a plan of its own; all else only changes the plan's materials."""

CONTROLLED_TOGETHER = {
    ALONG: "lamella placement",
    ACROSS: "lamella placement",
    PATTERN_ALONG: "pattern placement",
    PATTERN_ACROSS: "pattern placement",
    BRIDGE_THICKNESS: "deposit thickness",
    PAD_THICKNESS: "deposit thickness",
    "first tip": "tips",
    "second tip": "tips",
    "halo edge fraction": "halo edge and decay",
    "halo decay length": "halo edge and decay",
}
"""What a person controls as one; numbers that err together are always among them."""


@dataclass(frozen=True)
class Spread:
    """One number that strays: its name, and how."""

    name: str
    how: Interval | LengthWithin | AngleWithin

    @property
    def control(self) -> str:
        """What a person has to control."""
        return CONTROLLED_TOGETHER.get(self.name, self.name)

    @property
    def words(self) -> str:
        """From where to where, with its unit."""
        if isinstance(self.how, Interval):
            ends = (_shown(self.how, end) for end in (self.how.low, self.how.high))
            return " to ".join(ends)
        return f"+-{show(self.how.within, 'm' if isinstance(self.how, LengthWithin) else 'rad')}"

    def at(self, scores: Array) -> Array:
        """Its values at standard normal scores: a split log-normal, or normal about nothing, in SI units."""
        if isinstance(self.how, Interval):
            return at_scores(self.how, scores)
        return self.how.within / float(ndtri(0.5 + self.how.coverage / 2)) * scores


@dataclass(frozen=True)
class Pair:
    """Two spreads by name and the rank correlation that was asked for."""

    first: str
    second: str
    how: Correlated


def spreads(plan: Plan) -> tuple[Spread, ...]:
    """Every number that strays, those of the making first; what a card gives without spread is not among them."""
    found: Mapping[str, Interval | LengthWithin | AngleWithin] = {**_making(plan), **parameters(plan)}
    return tuple(
        Spread(name, how) for name, how in found.items() if not isinstance(how, Interval) or how.low < how.high
    )


def pairs(plan: Plan) -> tuple[Pair, ...]:
    """Which of them err together."""
    process = plan.cards.gis.process("FIBID") if plan.cards.gis else None
    deposit = process.tolerances if process else None
    halo = process.halo if process else None
    stated = [
        (BRIDGE_THICKNESS, PAD_THICKNESS, deposit.thickness_correlation if deposit else None),
        ("halo edge fraction", "halo decay length", halo.correlation if halo else None),
        ("first tip", "second tip", plan.cards.probe.tip_correlation if plan.cards.probe else None),
    ]
    names = {spread.name for spread in spreads(plan)}
    return tuple(
        Pair(first, second, how) for first, second, how in stated if how is not None and {first, second} <= names
    )


def controls(found: tuple[Spread, ...]) -> dict[str, tuple[Spread, ...]]:
    """The spreads by what has to be controlled, in the order of first mention."""
    names = dict.fromkeys(spread.control for spread in found)
    return {name: tuple(spread for spread in found if spread.control == name) for name in names}


def statuses(plan: Plan) -> list[Status]:
    """Of all that strays, and of how it goes together."""
    return [*(spread.how.status for spread in spreads(plan)), *(pair.how.status for pair in pairs(plan))]


def _making(plan: Plan) -> dict[str, Interval | LengthWithin | AngleWithin]:
    lamella = plan.cards.fib.tolerances
    process = plan.cards.gis.process("FIBID") if plan.cards.gis else None
    deposit = process.tolerances if process else None
    found = {
        ALONG: lamella and lamella.lamella_placement,
        ACROSS: lamella and lamella.lamella_placement,
        TURN: lamella and lamella.lamella_rotation,
        LAMELLA_THICKNESS: lamella and lamella.lamella_thickness,
        PATTERN_ALONG: lamella and lamella.pattern_placement,
        PATTERN_ACROSS: lamella and lamella.pattern_placement,
        EDGE: deposit and deposit.edge,
        BRIDGE_THICKNESS: deposit and deposit.thickness,
        PAD_THICKNESS: deposit and deposit.thickness if plan.recipe.pads else None,
    }
    return {name: how for name, how in found.items() if how is not None}


def _shown(how: Interval, value: float) -> str:
    return f"{100 * value:.3g} %" if how.unit == "1" else show(value, how.unit)
