"""What one sweep says: the kind of its reading, its bounds, and the shapes that are not a straight line's."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from fibplan.model.cards import SmuCard
from fibplan.model.curve import Curve, CurveSet, model_number
from fibplan.model.path import Above
from fibplan.model.plan import Plan
from fibplan.model.verdict import Measured
from fibplan.verification.bounds import unresolved
from fibplan.verification.fit import resistance_of
from fibplan.verification.open_circuit import about_rest
from fibplan.verification.plausible import WITHOUT_VOLTAGE
from fibplan.verification.probing import NO_STATED_CHECK, ProbingStep, all_paths, protocol
from fibplan.verification.readings import Readings, readings_of
from fibplan.verification.shape import findings_of
from fibplan.verification.slope import Slope, slope_of

Landings = tuple[str, str]
STRAY = 3.0
"""An offset that many times the instrument's own has a cause outside it."""


class Kind(StrEnum):
    """What sort of a number a sweep gives."""

    VALUE = "value"
    SPAN = "span"
    BELOW = "below"
    ABOVE = "above"
    NOTHING = "nothing"


class Shape(StrEnum):
    """What makes a sweep no straight line, put together where one cause shows itself as either."""

    BENT = "bent"
    UNSTEADY = "unsteady"
    ROUGH = "rough"
    OFFSET = "offset"


SHAPES = {
    "curvature": Shape.BENT,
    "asymmetry": Shape.BENT,
    "hysteresis": Shape.UNSTEADY,
    "drift": Shape.UNSTEADY,
    "jumps": Shape.ROUGH,
    "noise": Shape.ROUGH,
}


@dataclass(frozen=True)
class Reading:
    """A sweep's bounds and middle as decimal logarithms of ohm, and its shapes."""

    kind: Kind
    low: float = -math.inf
    middle: float = math.nan
    high: float = math.inf
    shapes: frozenset[Shape] = frozenset()

    @property
    def spread(self) -> float:
        """Standard deviation of a value whose bounds hold 95 %."""
        return (self.high - self.low) / 3.92 if math.isfinite(self.high - self.low) else 0.0


@dataclass(frozen=True)
class Evidence:
    """One probing step that was measured; ``contact_below`` is what a tip in contact reads at most, in ohm."""

    path: str
    probing: str
    landings: Landings
    reading: Reading
    contact_below: float | None = None
    curve: Curve | None = field(default=None, compare=False)

    @property
    def name(self) -> str:
        return f"{self.path}, {self.probing.replace('_', ' ')}"


def evidence_of(plan: Plan, curves: CurveSet, card: SmuCard) -> tuple[Evidence, ...]:
    """The latest whole sweep of every probing step, in the order of the plan, whatever the order of the curves.

    A sweep that broke off, or of another instrument than the card's, says nothing.
    """
    return tuple(_evidence(plan, curves, card))


def probing_of(plan: Plan) -> tuple[ProbingStep, ...]:
    """Every probing step that reads a current."""
    return tuple(step for step in protocol(plan, list(plan.recipe.verification)) if step.purpose != "open_circuit")


def _evidence(plan: Plan, curves: CurveSet, card: SmuCard) -> Iterator[Evidence]:
    for step in probing_of(plan):
        curve = curves.of(step.path, step.name)
        if curve is None or curve.partial or model_number(curve.instrument.model) != model_number(card.model):
            continue
        limit = _contact_below(plan, step.path) if step.purpose == "contact" else None
        first, second = step.landings
        yield Evidence(step.path, step.name, (first, second), reading_of(curve, card), limit, curve)


def _contact_below(plan: Plan, path: str) -> float:
    """Of that path, or of the first one that states any."""
    paths = all_paths(plan)
    criteria = [entry.criterion for entry in (paths[path], *paths.values())]
    return next((entry.contact.below for entry in criteria if isinstance(entry, Above)), NO_STATED_CHECK.below)


def reading_of(curve: Curve, card: SmuCard) -> Reading:
    """The reading of one sweep."""
    measured, readings = resistance_of(curve, card), readings_of(about_rest(curve), card)
    slope = slope_of(readings) if measured.points_used else None
    if slope is None:
        return Reading(_kind(measured, seen=False), *_bounds(measured))
    seen = not unresolved(slope, readings)
    kind = _kind(measured, seen=seen)
    return Reading(kind, *_bounds(measured), _shapes(slope, readings, measured, seen=seen))


def _kind(measured: Measured, *, seen: bool) -> Kind:
    if measured.expected_ohm is not None:
        return Kind.VALUE
    if seen:
        return Kind.SPAN
    if measured.high_ohm is not None:
        return Kind.BELOW if measured.low_ohm <= 0.0 else Kind.SPAN
    return Kind.ABOVE if measured.low_ohm > 0.0 else Kind.NOTHING


def _bounds(measured: Measured) -> tuple[float, float, float]:
    low = math.log10(measured.low_ohm) if measured.low_ohm > 0.0 else -math.inf
    high = math.log10(measured.high_ohm) if measured.high_ohm is not None else math.inf
    middle = math.log10(measured.expected_ohm) if measured.expected_ohm is not None and measured.expected_ohm > 0 else 0
    return low, middle, high


def _shapes(slope: Slope, readings: Readings, measured: Measured, *, seen: bool) -> frozenset[Shape]:
    found = [finding.name for finding in findings_of(slope, readings) if finding.found]
    shapes = {SHAPES[name] for name in found if name in SHAPES and (seen or name == "noise")}
    own = readings.coarsest.offset + abs(slope.value) * readings.source.offset
    if WITHOUT_VOLTAGE in measured.doubts or abs(slope.intercept) > STRAY * own:
        shapes.add(Shape.OFFSET)
    return frozenset(shapes)
