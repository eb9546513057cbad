"""Groups of patterns as the milling steps they amount to, in recipe data, and what each step cannot say of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fibplan.formats.exports.pattern import Shape
from fibplan.formats.recipes.found import FoundGroup, FoundPattern
from fibplan.units import show

Data = dict[str, Any]

SAME = 1e-3
"""Sizes that differ by less than this share are the same: whole passes and a scan's grid change them by less."""

TOUCH_M = 2e-9
"""Edges that are no farther apart than this meet."""

POLISHING_V = 10e3
"""At this voltage and below thinning is called polishing."""

DIGITS = 6
"""Of a size or a current: what is read from a file is written as it was drawn."""


@dataclass
class Ladder:
    """What the groups read so far amount to; ``gap_m`` is the thickness of the slab after them."""

    lamella_m: float
    """The length of the lamella."""
    height_m: float
    """Of the lamella's stack, which thinning mills through."""
    voltage: str
    """Where a file says none."""
    taken: set[str] = field(default_factory=set[str])
    """Names of steps."""
    gap_m: float | None = None
    steps: list[Data] = field(default_factory=list[Data])
    cap: Data | None = None
    cap_width_m: float | None = None
    """Of the cap, across the lamella, where one was found."""
    left: list[str] = field(default_factory=list[str])

    def add(self, group: FoundGroup) -> None:
        """The group as a step, or as a line of what could not be carried over."""
        carried = self._step(group)
        if isinstance(carried, str):
            self.left.append(f"{group.name}: {carried}")
            return
        kind, values, notes = carried
        self.left += [f"{group.name}: {note}" for note in notes]
        step = {"name": self.name(group.name), "kind": kind, **self._beam(group), **values}
        if kind == "deposit":
            self.cap = step
        else:
            self.steps.append(step)

    def _step(self, group: FoundGroup) -> "Carried | str":
        patterns = group.patterns
        if any(pattern.shape is Shape.LINE for pattern in patterns):
            return f"{_counted(patterns)}: lines are no step of a recipe"
        if any(pattern.gas for pattern in patterns):
            return self._deposit(patterns)
        turned = [pattern for pattern in patterns if abs(pattern.rotation_rad) > SAME]
        if turned:
            return f"{_counted(turned)}: turned patterns are not carried over"
        if len(patterns) == 1:
            return self._single(patterns[0])
        return self._pair(*patterns, group) if len(patterns) == 2 else f"{_counted(patterns)}: no pair about a lamella"

    def _deposit(self, patterns: Sequence[FoundPattern]) -> "Carried | str":
        """A cap, where it is the first thing that is done; where another deposit belongs a file does not say."""
        if len(patterns) > 1 or self.steps or self.cap is not None:
            return f"{_counted(patterns)}: which part a deposit makes is not said"
        cap = patterns[0]
        size = f"{show(cap.width_m, 'm', DIGITS)} x {show(cap.length_m, 'm', DIGITS)}"
        values = {"process": "FIBID", "makes": "protective_layer", "thickness": show(cap.depth_m, "m", DIGITS)}
        self.cap_width_m = cap.length_m
        return "deposit", values, [f"its first deposit, {size}, is taken to be the cap"]

    def _single(self, pattern: FoundPattern) -> "Carried | str":
        """Across the middle an undercut, beside it a trench on one side."""
        sizes = {"length": show(pattern.width_m, "m", DIGITS), "width": show(pattern.length_m, "m", DIGITS)}
        depth = {"depth": show(pattern.depth_m, "m", DIGITS)}
        gap = 2 * (abs(pattern.y_m) - pattern.length_m / 2)
        if gap <= 0:
            if self.gap_m is None:
                return f"{pattern.words}: it lies across the lamella before there is one"
            return "undercut", {**sizes, **depth}, ["taken to be the undercut"]
        if self.gap_m is not None and gap >= self.gap_m:
            return f"{pattern.words}: it lies beside the slab"
        self.gap_m = gap
        values = {**sizes, **depth, "profile": _profile(pattern), "sides": 1, "leaves": show(gap, "m", DIGITS)}
        return "mill_trench", values, ["one trench: the slab is taken to be as wide on its other side"]

    def _pair(self, first: FoundPattern, second: FoundPattern, group: FoundGroup) -> "Carried | str":
        """A trench, or a rung of the ladder where the two reach from slab to trench."""
        lower, upper = sorted((first, second), key=lambda pattern: pattern.y_m)
        gap = upper.y_m - lower.y_m - (upper.length_m + lower.length_m) / 2
        if gap <= 0:
            return f"{lower.words}, {upper.words}: the two overlap"
        if self.gap_m is not None and gap >= self.gap_m * (1 + SAME):
            return f"{lower.words}, {upper.words}: they leave more than there is"
        notes = _unlike(lower, upper)
        values = {"length": show(lower.width_m, "m", DIGITS), "depth": show(lower.depth_m, "m", DIGITS)}
        before, self.gap_m = self.gap_m, gap
        leaves = {"leaves": show(gap, "m", DIGITS)}
        if before is None:
            box = {"width": show(lower.length_m, "m", DIGITS), "profile": _profile(lower)}
            if lower.shape is Shape.CLEANING:
                notes.append("a cleaning cross-section into the bulk is a trench in a recipe")
            return "mill_trench", {**values, **box, **leaves}, notes
        if abs(lower.length_m - (before - gap) / 2) > max(TOUCH_M, SAME * lower.length_m):
            high, needed = show(lower.length_m, "m"), show((before - gap) / 2, "m")
            notes.append(f"each pattern is {high} high; a recipe mills what is there, {needed}")
        if lower.shape is Shape.RECTANGLE and self._is_face(lower):
            volts = group.voltage_v
            return "polish" if volts is not None and volts <= POLISHING_V else "thin", leaves, notes
        if lower.shape is not Shape.CLEANING:
            notes.append("it becomes a cleaning cross-section: thinning in a recipe is as long and deep as the lamella")
        return "cleaning_cross_section", {**values, **leaves}, notes

    def _is_face(self, pattern: FoundPattern) -> bool:
        """Whether it is as long as the lamella and as deep as its stack."""
        long = abs(pattern.width_m - self.lamella_m) <= SAME * self.lamella_m
        return long and abs(pattern.depth_m - self.height_m) <= SAME * self.height_m

    def _beam(self, group: FoundGroup) -> Data:
        amperes = {"beam_current": show(group.current_a, "A", DIGITS)}
        if group.voltage_v is None:
            return {"accelerating_voltage": self.voltage, **amperes, "assumed": ["accelerating_voltage"]}
        return {"accelerating_voltage": show(group.voltage_v, "V", DIGITS), **amperes}

    def name(self, wanted: str) -> str:
        """In small letters, digits and dashes, and no other step's."""
        plain = re.sub(r"[^a-z0-9]+", "-", wanted.lower()).strip("-")[:80] or "step"
        name, number = plain, 1
        while name in self.taken:
            number += 1
            name = f"{plain}-{number}"
        self.taken.add(name)
        return name


Carried = tuple[str, Data, list[str]]
"""The kind of a step, its values, and what it cannot say of the patterns."""


def _profile(pattern: FoundPattern) -> str:
    return "stair_step" if pattern.shape is Shape.REGULAR else "box"


def _unlike(lower: FoundPattern, upper: FoundPattern) -> list[str]:
    """What is lost when two patterns become one step of two equal sides about the middle."""
    notes: list[str] = []
    sizes = (("wide", lower.width_m, upper.width_m), ("high", lower.length_m, upper.length_m),
             ("deep", lower.depth_m, upper.depth_m))  # fmt: skip
    for word, one, other in sizes:
        if abs(one - other) > SAME * one:
            notes.append(
                f"the upper pattern is {show(other, 'm')} {word}, the lower one {show(one, 'm')}, which is taken"
            )
    middle = (lower.y_m + lower.length_m / 2 + upper.y_m - upper.length_m / 2) / 2
    if max(abs(lower.x_m), abs(upper.x_m), abs(middle)) > TOUCH_M:
        notes.append(
            f"the patterns lie about x {show(lower.x_m, 'm')}, y {show(middle, 'm')}, a recipe's about the middle"
        )
    return notes


def _counted(patterns: Sequence[FoundPattern]) -> str:
    return patterns[0].words if len(patterns) == 1 else f"{len(patterns)} patterns"
