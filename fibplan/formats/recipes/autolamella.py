"""Reads AutoLamella protocols: the ``tasks`` of fibsem 0.5, and the ``milling`` of the protocols before them."""

import math
from collections.abc import Iterator
from typing import Any

from fibplan.errors import InvalidFile
from fibplan.formats.exports.pattern import Shape
from fibplan.formats.recipes.found import (
    CURRENTS_A,
    VOLTAGES_V,
    Found,
    FoundGroup,
    FoundPattern,
    UnusablePatterns,
    length,
    place,
    within,
)
from fibplan.library.source_map import read_yaml

SHAPES = {
    "Rectangle": Shape.RECTANGLE,
    "RegularCrossSection": Shape.REGULAR,
    "CleaningCrossSection": Shape.CLEANING,
}
"""By ``cross_section`` of a pattern."""

EARLIER = ("trench", "undercut", "mill_rough", "mill_polishing")
"""The order in which a protocol without tasks is milled; its keys stand in that of the alphabet."""

Stage = tuple[str, dict[str, Any]]


def read_protocol(text: str, file: str) -> Found:
    """Every stage that is switched on as a group: of a ``Trench`` two patterns, of a ``Rectangle`` one."""
    try:
        data, _ = read_yaml(text, file)
    except InvalidFile as broken:
        first = broken.faults[0]
        place_of_it = f"line {first.line}: {first.message}"
        raise UnusablePatterns(place_of_it, where=file, remedy=first.remedy) from None
    groups: list[FoundGroup] = []
    left: list[str] = []
    for name, stage in _stages(data, file):
        read = _group(name, stage, file)
        if isinstance(read, str):
            left.append(f"stage '{name}': {read}")
        else:
            groups.append(read)
    if not groups and not left:
        raise UnusablePatterns("there is no milling stage in it", where=file, remedy="name a protocol that mills")
    return Found(file, "", tuple(groups), tuple(left))


def _stages(data: dict[str, Any], file: str) -> Iterator[Stage]:
    """Name and content of every stage, in the file's order."""
    tasks = data.get("tasks")
    if tasks is None:
        milling = _mapping(data.get("milling"), "milling", file)
        first = [key for key in EARLIER if key in milling]
        ordered = {key: milling[key] for key in (*first, *milling)}
        yield from _in_milling(ordered, "milling", file)
        return
    if "workflow" not in data:
        message = "it breaks off: after its tasks AutoLamella writes the workflow"
        raise UnusablePatterns(message, where=file, remedy="copy it again; if it is whole, add: workflow: {}")
    for name, task in _mapping(tasks, "tasks", file).items():
        milling = _mapping(task, f"tasks.{name}", file).get("milling")
        yield from _in_milling(milling, f"tasks.{name}.milling", file)


def _in_milling(milling: Any, where: str, file: str) -> Iterator[Stage]:
    for key, part in _mapping(milling or {}, where, file).items():
        listed = part if isinstance(part, list) else _mapping(part, f"{where}.{key}", file).get("stages") or []
        if not isinstance(listed, list):
            raise UnusablePatterns(f"{where}.{key}.stages is no list", where=file, remedy="save the protocol again")
        for number, stage in enumerate(listed):
            entry = _mapping(stage, f"{where}.{key}[{number}]", file)
            yield str(entry.get("name") or f"{key}-{number + 1}"), entry


def _group(name: str, stage: dict[str, Any], file: str) -> FoundGroup | str:
    """The stage's patterns, or why they have no place in a recipe."""
    if stage.get("enabled") is False:
        return "switched off"
    pattern = _mapping(stage.get("pattern"), f"stage '{name}': pattern", file)
    beam = _mapping(stage.get("milling"), f"stage '{name}': milling", file)
    kind = pattern.get("name")
    if kind not in ("Trench", "Rectangle"):
        return f"a pattern {kind} is no step of a lamella"
    shape = SHAPES.get(str(pattern.get("cross_section", "Rectangle")))
    if shape is None:
        return f"a cross-section {pattern.get('cross_section')} is not known"
    drawn = _trench(name, pattern, shape, file) if kind == "Trench" else (_rectangle(name, pattern, shape, file),)
    what = f"stage '{name}': milling_current"
    current = within(_number(beam, "milling_current", name, file), *CURRENTS_A, what, file)
    volts = _number(beam, "milling_voltage", name, file) if "milling_voltage" in beam else None
    if volts is not None:
        within(volts, *VOLTAGES_V, f"stage '{name}': milling_voltage", file)
    return FoundGroup(name, current, drawn, volts)


def _trench(name: str, pattern: dict[str, Any], shape: Shape, file: str) -> tuple[FoundPattern, ...]:
    """The lower and the upper box, ``spacing`` apart; a side without height is not milled."""

    def size(key: str) -> float:
        return length(_number(pattern, key, name, file), f"stage '{name}': {key}", file)

    width, depth, spacing = size("width"), size("depth"), size("spacing")
    x, y = _point(name, pattern, file)
    found: list[FoundPattern] = []
    for key, side in (("lower_trench_height", -1), ("upper_trench_height", 1)):
        if _number(pattern, key, name, file) > 0:
            height = size(key)
            found.append(FoundPattern(shape, x, y + side * (spacing + height) / 2, width, height, depth))
    return tuple(found)


def _rectangle(name: str, pattern: dict[str, Any], shape: Shape, file: str) -> FoundPattern:
    x, y = _point(name, pattern, file)
    sizes = [
        length(_number(pattern, key, name, file), f"stage '{name}': {key}", file)
        for key in ("width", "height", "depth")
    ]
    turned = _number(pattern, "rotation", name, file) if "rotation" in pattern else 0.0
    return FoundPattern(shape, x, y, *sizes, rotation_rad=math.radians(turned))


def _point(name: str, pattern: dict[str, Any], file: str) -> tuple[float, float]:
    point = _mapping(pattern.get("point") or {"x": 0.0, "y": 0.0}, f"stage '{name}': point", file)
    x, y = (place(_number(point, axis, name, file), f"stage '{name}': point.{axis}", file) for axis in "xy")
    return x, y


def _number(values: dict[str, Any], key: str, name: str, file: str) -> float:
    value = values.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        message = f"stage '{name}': {key} is '{str(value)[:40]}', which is no number"
        raise UnusablePatterns(message, where=file, remedy="write a number in SI units, such as 1.0e-06")
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _mapping(value: Any, where: str, file: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        message = f"{where} is no mapping of keys to values"
        raise UnusablePatterns(message, where=file, remedy="save the protocol again in AutoLamella")
    return value
