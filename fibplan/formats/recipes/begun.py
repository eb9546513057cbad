"""A recipe's data with the milling steps of somebody's patterns in the place of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fibplan.formats.recipes.found import Found, FoundPattern, UnusablePatterns
from fibplan.formats.recipes.ladder import DIGITS, Ladder
from fibplan.units import parse, show

Data = dict[str, Any]

RUNGS = ("mill_trench", "cleaning_cross_section", "thin", "polish")
"""Kinds of step that the patterns take the place of, all of them."""

FREED = ("thin", "polish")
"""Kinds that are done when the lamella is cut free already."""


@dataclass(frozen=True)
class Begun:
    """The recipe's data, and what of the patterns it does not say."""

    data: Data
    left: tuple[str, ...]


def begun_from(data: Data, found: Sequence[Found], voltage: str) -> Begun:
    """``data`` of a recipe with the patterns' steps; ``voltage`` is taken where a file says none.

    Deposits but the cap, lift-out, transfer, joint and measurements stay as they were. Raises
    :class:`UnusablePatterns` where nothing can be carried over.
    """
    ladder = Ladder(_lamella_m(data, found), _height_m(data), voltage, _kept_names(data))
    for file in found:
        ladder.left += [f"{Path(file.file).name}: {line}" for line in file.left]
        for group in file.groups:
            ladder.add(group)
    if not any(step["kind"] in RUNGS for step in ladder.steps) or ladder.gap_m is None:
        names = ", ".join(file.file for file in found)
        message = f"no pattern in it mills a lamella free: {'; '.join(ladder.left[:3]) or 'there is only a cap'}"
        raise UnusablePatterns(message, where=names, remedy="name a file with patterns on both sides of the lamella")
    begun = {**data, "lamella": _lamella(data, ladder), "steps": _steps(data, ladder)}
    return Begun(begun, (*_unsaid(found), *ladder.left))


def _lamella_m(data: Data, found: Sequence[Found]) -> float:
    """The width of the pair of patterns that come nearest to one another: between them is the lamella."""
    groups = [group.patterns for file in found for group in file.groups]
    pairs = [pair for pair in groups if len(pair) == 2 and not pair[0].gas]
    nearest = min(pairs, key=_apart, default=None)
    return nearest[0].width_m if nearest is not None else parse(data["lamella"]["length"], "m")


def _apart(pair: tuple[FoundPattern, ...]) -> float:
    one, other = pair
    return abs(one.y_m - other.y_m) - (one.length_m + other.length_m) / 2


def _height_m(data: Data) -> float:
    return sum(parse(layer["thickness"], "m") for layer in data["sample"]["stack"])


def _kept_names(data: Data) -> set[str]:
    """Of the steps that stay in any case."""
    return {step["name"] for step in data["steps"] if not _replaceable(step)}


def _replaceable(step: Data) -> bool:
    return step["kind"] in (*RUNGS, "undercut") or step.get("makes") == "protective_layer"


def _lamella(data: Data, ladder: Ladder) -> Data:
    assert ladder.gap_m is not None
    changed = {
        "length": show(ladder.lamella_m, "m", DIGITS),
        "final_thickness": show(ladder.gap_m, "m", DIGITS),
        "thinning": "before_transfer",
    }
    if ladder.cap_width_m is not None:
        changed["cap_width"] = show(ladder.cap_width_m, "m", DIGITS)
    return {**data["lamella"], **changed}


def _steps(data: Data, ladder: Ladder) -> list[Data]:
    """Cap, the patterns' steps with an undercut before the faces are thinned, then the rest, one after the other."""
    spare = [{**step, "name": ladder.name(step["name"])} for step in data["steps"] if _replaceable(step)]
    cap = [ladder.cap] if ladder.cap is not None else [step for step in spare if step["kind"] == "deposit"]
    milled = list(ladder.steps)
    if not any(step["kind"] == "undercut" for step in milled):
        free = next((place for place, step in enumerate(milled) if step["kind"] in FREED), len(milled))
        milled[free:free] = [step for step in spare if step["kind"] == "undercut"]
    return _in_order([*cap, *milled, *(step for step in data["steps"] if not _replaceable(step))])


def _in_order(steps: list[Data]) -> list[Data]:
    """Each waits for the one before it."""
    ordered: list[Data] = []
    for step in steps:
        after = {"after": [ordered[-1]["name"]]} if ordered else {}
        bare = {key: value for key, value in step.items() if key not in ("name", "kind", "after")}
        ordered.append({"name": step["name"], "kind": step["kind"], **after, **bare})
    return ordered


def _unsaid(found: Sequence[Found]) -> list[str]:
    """What such files never say."""
    lines = ["overtilt, tilt of the stage and order of the faces are not in such files: they are left at parallel"]
    lines.append("removal rates, dwell times and overlaps stay behind: a plan takes its rates from the cards")
    if any(group.voltage_v is None for file in found for group in file.groups):
        lines.append("pattern files do not say the accelerating voltage: it is assumed")
    return lines
