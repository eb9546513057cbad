"""The one way a number that is not exactly known is carried: low, expected, high, with coverage, source and status."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, Self

from pydantic import GetCoreSchemaHandler, model_validator
from pydantic_core import core_schema

from fibplan.model.base import Frozen, Number, Text
from fibplan.units import QuantityError, example, parse, show, show_time

ENDS = ("low", "expected", "high")

ARITHMETIC = "arithmetic"
"""The source of a number that follows from no measurement: an empty sum, a ratio to itself."""


class Status(StrEnum):
    """How far a number can be trusted, best first."""

    STATED = "stated"
    PUBLISHED = "published"
    COMPUTED = "computed"
    DERIVED = "derived"
    UNVERIFIED = "unverified"


class Interval(Frozen):
    """``low <= expected <= high`` in the SI unit ``unit``; the truth lies inside with probability ``coverage``.

    Where an interval is a guess made from a few published values its coverage is a guess too, and its status says so.
    """

    low: float
    expected: float
    high: float
    unit: str
    coverage: Number = 0.9
    source: Text
    status: Status

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low <= self.expected <= self.high:
            message = f"low {self.low:g}, expected {self.expected:g}, high {self.high:g} are not in order"
            raise QuantityError(message, "write low <= expected <= high")
        if not 0.0 < self.coverage <= 1.0:
            raise QuantityError(f"coverage {self.coverage:g} is no probability", "write a value in (0, 1], such as 0.9")
        return self

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def scaled(self, factor: float, unit: str) -> "Interval":
        """All three values times a known positive ``factor``, now in ``unit``."""
        values = {end: getattr(self, end) * factor for end in ENDS}
        return self.model_copy(update={**values, "unit": unit})

    def dividing(self, numerator: float, unit: str) -> "Interval":
        """``numerator`` over this: the ends change places."""
        values = {"low": numerator / self.high, "expected": numerator / self.expected, "high": numerator / self.low}
        return self.model_copy(update={**values, "unit": unit})

    def __str__(self) -> str:
        if self.unit == "s":
            return f"{show_time(self.expected)} ({show_time(self.low)} to {show_time(self.high)})"
        return f"{show(self.expected, self.unit)} ({show(self.low, self.unit)} to {show(self.high, self.unit)})"


def exactly(value: float, unit: str, source: str = ARITHMETIC, status: Status = Status.STATED) -> Interval:
    """A number without spread."""
    return Interval(low=value, expected=value, high=value, unit=unit, coverage=1.0, source=source, status=status)


def total(parts: Iterable[Interval], unit: str) -> Interval:
    """The sum of quantities that err together (one rate, one operator): low with low, high with high.

    Adding the ends is exact for full correlation and too wide otherwise, so the coverage is at least the smallest of
    the parts'. An empty sum is exactly zero.
    """
    terms = list(parts)
    if not terms:
        return exactly(0.0, unit)
    low, expected, high = (sum(getattr(term, end) for term in terms) for end in ENDS)
    return computed((low, expected, high), unit, terms)


def product(factors: Iterable[Interval], unit: str) -> Interval:
    """The product of quantities that err independently, each taken as log-normal.

    Expected values multiply; the logarithmic distances to low and to high add in quadrature, each side for itself
    (GUM 5.1.2 for a product). The coverage is that of the least covered factor. All must be above zero.
    """
    terms = list(factors)
    expected = math.prod(term.expected for term in terms)
    down = math.hypot(*(math.log(term.expected / term.low) for term in terms))
    up = math.hypot(*(math.log(term.high / term.expected) for term in terms))
    return computed((expected * math.exp(-down), expected, expected * math.exp(up)), unit, terms)


def computed(ends: tuple[float, float, float], unit: str, terms: Sequence[Interval]) -> Interval:
    """Low, expected and high that follow from ``terms``: all their sources, and no better covered or verified."""
    low, expected, high = ends
    return Interval(
        low=low,
        expected=expected,
        high=high,
        unit=unit,
        coverage=min(term.coverage for term in terms),
        source=joined_sources(terms),
        status=worst(term.status for term in terms),
    )


def joined_sources(terms: Iterable[Interval]) -> str:
    """Every source once, in the order of first use; what is only arithmetic has none."""
    return _joined(tuple(term.source for term in terms))


@lru_cache(maxsize=4096)
def _joined(sources: tuple[str, ...]) -> str:
    parts = dict.fromkeys(part for source in sources for part in source.split("; "))
    return "; ".join(part for part in parts if part != ARITHMETIC) or ARITHMETIC


_FROM_BEST = {status: rank for rank, status in enumerate(Status)}


def worst(statuses: Iterable[Status]) -> Status:
    """A result is as well verified as the least verified number in it."""
    return max(statuses, key=_FROM_BEST.__getitem__)


MAY_BE_ZERO = ("rad", "s")
"""Units in which nothing at all is a value: no tilt, no waiting. Every other quantity of a card is divided by
somewhere, or has its logarithm taken, and a card that gives it as zero means something else."""


@dataclass(frozen=True)
class IntervalText:
    """Marks an interval that a card writes as ``{expected, low, high, source, status}``, each with a unit.

    ``low`` and ``high`` may be left out for a number that is given without spread. Nothing is below zero, and only
    what is measured in one of ``MAY_BE_ZERO`` may be zero. With ``below`` every number must stay under that.
    """

    unit: str
    below: float = math.inf

    def read(self, value: object) -> object:
        if not isinstance(value, dict):
            return value
        entry: dict[str, object] = {**value}
        middle = entry.get("expected")
        for name in ENDS:
            text = entry.get(name, middle)
            if text is not None:
                entry[name] = self._bounded(text, name)
        return {**entry, "unit": self.unit}

    def _bounded(self, text: object, name: str) -> float:
        number = parse(text, self.unit)
        if number < 0 or (number == 0 and self.unit not in MAY_BE_ZERO):
            what = f"{name} '{text}' is {'below' if number < 0 else 'not above'} zero"
            raise QuantityError(what, f"write a positive value, such as {example(self.unit)}")
        if number >= self.below:
            raise QuantityError(f"{name} '{text}' is too large", f"write less than {show(self.below, self.unit)}")
        return number

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(self.read, handler(source))


Fraction = Annotated[Interval, IntervalText("1")]
Spread = Annotated[Interval, IntervalText("1", below=1.0)]
LengthInterval = Annotated[Interval, IntervalText("m")]
TimeInterval = Annotated[Interval, IntervalText("s")]
ResistanceInterval = Annotated[Interval, IntervalText("ohm")]
Resistivity = Annotated[Interval, IntervalText("ohm m")]
ContactResistivity = Annotated[Interval, IntervalText("ohm m2")]
CurrentDensity = Annotated[Interval, IntervalText("A/m2")]
CurrentInterval = Annotated[Interval, IntervalText("A")]
VolumePerDose = Annotated[Interval, IntervalText("m3/C")]
AngleInterval = Annotated[Interval, IntervalText("rad")]
Conductivity = Annotated[Interval, IntervalText("W/m/K")]
FlowInterval = Annotated[Interval, IntervalText("m3/s")]
