"""Patterns as they were found in somebody's file, and the refusal of a file that holds none."""

import math
from dataclasses import dataclass, field
from typing import Protocol

from fibplan.errors import FibplanError
from fibplan.formats.exports.pattern import Shape
from fibplan.units import show

SMALLEST_M, LARGEST_M = 1e-9, 1e-3
"""No pattern is smaller or larger: beyond that the unit of the file is not the metre."""

CURRENTS_A = (1e-14, 1e-5)
VOLTAGES_V = (100.0, 100e3)


class UnusablePatterns(FibplanError):
    """A file of patterns that no recipe can begin from."""

    code = "unusable-patterns"


@dataclass(frozen=True)
class FoundPattern:
    """One pattern: metres from the centre of the field, x to the right, y up; counter-clockwise radians."""

    shape: Shape
    x_m: float
    y_m: float
    width_m: float
    length_m: float
    depth_m: float
    rotation_rad: float = 0.0
    gas: bool = False
    """Whether it deposits."""

    @property
    def words(self) -> str:
        """What it is, for a list."""
        kind = self.shape.value.removeprefix("Pattern")
        size = f"{show(self.width_m, 'm')} x {show(self.length_m, 'm')}"
        return f"{kind} {size} at x {show(self.x_m, 'm')}, y {show(self.y_m, 'm')}"


@dataclass(frozen=True)
class FoundGroup:
    """Patterns that are milled together: amperes, and volts where the file says them."""

    name: str
    current_a: float
    patterns: tuple[FoundPattern, ...]
    voltage_v: float | None = None


@dataclass(frozen=True)
class Found:
    """What a file holds, in its order, and what in it has no place in a recipe."""

    file: str
    sha256: str
    groups: tuple[FoundGroup, ...]
    left: tuple[str, ...] = field(default_factory=tuple)


class Reader(Protocol):
    """Reads the text of one kind of file; :class:`UnusablePatterns` says what is wrong with it and where."""

    def __call__(self, text: str, file: str) -> Found: ...


def within(value: float, least: float, most: float, what: str, file: str) -> float:
    """The value, if it is one that can be meant."""
    if not math.isfinite(value) or not least <= value <= most:
        message = f"{what} is {value:g}, which is not between {least:g} and {most:g}"
        raise UnusablePatterns(message, where=file, remedy="write SI units: metres, amperes, volts")
    return value


def length(value: float, what: str, file: str) -> float:
    """Metres of a size."""
    return within(value, SMALLEST_M, LARGEST_M, what, file)


def place(value: float, what: str, file: str) -> float:
    """Metres of a position."""
    return within(value, -LARGEST_M, LARGEST_M, what, file)
