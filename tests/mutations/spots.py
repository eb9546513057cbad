"""Where every key and value of a recipe stands in its text, so that a mutant is the text with one passage changed.

PyYAML composes the text here, not fibplan's own reader: the reader is what is tested.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

KeyPath = tuple[str | int, ...]
Damage = Callable[["Original"], "Iterator[Mutant]"]

UNITS = "nm|um|um2|pA|nA|uA|mV|V|kV|deg|ohm|kohm|Mohm|uL/min|e/nm2/s|mV/s|kHz|mHz"
QUANTITY = re.compile(rf"([-+]?[0-9.]+) ({UNITS})")


@dataclass(frozen=True)
class Mutant:
    """A damaged recipe: what was done to it where, and the line that a refusal should name, if that is certain.

    Mutants of one ``group`` differ only in the place: the same key, in another step or layer.
    """

    content: bytes
    what: str
    line: int | None = None
    group: str = ""


@dataclass(frozen=True)
class Spot:
    """A scalar in the text; ``start`` and ``end`` are offsets, ``line`` counts from 1."""

    path: KeyPath
    text: str
    start: int
    end: int
    line: int

    @property
    def key(self) -> str:
        """The nearest key, also of an item of a list."""
        return next((part for part in reversed(self.path) if isinstance(part, str)), "")

    @property
    def name(self) -> str:
        """The path in one word."""
        return ".".join(str(part) for part in self.path)

    @property
    def quantity(self) -> tuple[str, str] | None:
        """Number and unit, where the text is both."""
        match = QUANTITY.fullmatch(self.text)
        return (match[1], match[2]) if match else None


@dataclass(frozen=True)
class Original:
    """A shipped recipe and the places in it."""

    file: Path

    @cached_property
    def text(self) -> str:
        return self.file.read_text(encoding="utf-8")

    @cached_property
    def root(self) -> yaml.Node:
        root = yaml.compose(self.text, Loader=yaml.BaseLoader)
        assert root is not None
        return root

    @cached_property
    def data(self) -> dict[str, Any]:
        """The recipe, every scalar as text."""
        return yaml.load(self.text, Loader=yaml.BaseLoader)

    @cached_property
    def entries(self) -> list[tuple[KeyPath, yaml.Node | None, yaml.Node]]:
        """Path, key (None in a list) and value of everything below the top, from the top down."""
        return list(_entries(self.root, ()))

    @cached_property
    def values(self) -> list[Spot]:
        """Every scalar that is a value."""
        return [_spot(path, node) for path, _, node in self.entries if isinstance(node, yaml.ScalarNode)]

    @cached_property
    def keys(self) -> list[Spot]:
        """Every key; ``path`` is that of its value."""
        return [_spot(path, key) for path, key, _ in self.entries if key is not None]

    @cached_property
    def containers(self) -> list[Spot]:
        """Every list and mapping below the top; ``text`` is what is written."""
        nodes = [(path, node) for path, _, node in self.entries if not isinstance(node, yaml.ScalarNode)]
        return [self._written(path, node) for path, node in nodes]

    @cached_property
    def steps(self) -> list[str]:
        """The text of each step, comments and empty lines before the next one included."""
        return self._items("steps")

    @cached_property
    def layers(self) -> list[str]:
        """The text of each layer of the stack, from the substrate up."""
        return self._items("sample", "stack")

    @cached_property
    def pairs(self) -> list[tuple[Spot, Spot]]:
        """Every key whose value is a scalar, with that value."""
        values = {spot.path: spot for spot in self.values}
        return [(key, values[key.path]) for key in self.keys if key.path in values]

    def indentation(self, key: Spot) -> int | None:
        """The column of a key that begins its line, a dash before it or not; None for one in braces."""
        before = self.text[: key.start].rpartition("\n")[2]
        return len(before) if before.strip(" -") == "" else None

    def at(self, *path: str | int) -> Spot | None:
        """The scalar at that path, or None."""
        return next((spot for spot in self.values if spot.path == path), None)

    def changed(self, spot: Spot, new: str) -> Mutant:
        """The text with that passage written anew."""
        text = self.text[: spot.start] + new + self.text[spot.end :]
        shown = new if len(new) < 60 else f"{new[:57]}..."
        return Mutant(text.encode(), f"{spot.name}: {spot.text!r} -> {shown!r}", spot.line, spot.key)

    def rewritten(self, text: str, what: str, line: int | None = None, group: str = "") -> Mutant:
        """The whole text written anew."""
        return Mutant(text.encode(), what, line, group or what)

    def replaced(self, changes: list[tuple[Spot, str]], what: str) -> Mutant:
        """The text with several passages written anew."""
        text = self.text
        for spot, new in sorted(changes, key=lambda change: change[0].start, reverse=True):
            text = text[: spot.start] + new + text[spot.end :]
        return Mutant(text.encode(), what, group=what)

    def with_items(self, old: list[str], new: list[str], what: str) -> Mutant:
        """The steps or layers of the text, in another order or number."""
        before = "".join(old)
        assert self.text.count(before) == 1
        return Mutant(self.text.replace(before, "".join(new)).encode(), what, group=what)

    def _items(self, *path: str) -> list[str]:
        [node] = [node for found, _, node in self.entries if found == path]
        lines = self.text.splitlines(keepends=True)
        begins = [item.start_mark.line for item in node.value]
        ends = [*begins[1:], _last_line(node.value[-1]) + 1]
        return ["".join(lines[begin:end]) for begin, end in zip(begins, ends, strict=True)]

    def _written(self, path: KeyPath, node: yaml.Node) -> Spot:
        start, end = node.start_mark.index, node.end_mark.index
        while self.text[end - 1] in " \n":
            end -= 1
        return Spot(path, self.text[start:end], start, end, node.start_mark.line + 1)


def on_values(wanted: Callable[[Spot], bool], change: Callable[[str], str | None]) -> Damage:
    """Writes each wanted value anew; None, and what stays the same, makes no mutant."""
    return _on(lambda original: original.values, wanted, change)


def on_keys(wanted: Callable[[Spot], bool], change: Callable[[str], str | None]) -> Damage:
    """The same for keys."""
    return _on(lambda original: original.keys, wanted, change)


def on_containers(wanted: Callable[[Spot], bool], change: Callable[[str], str | None]) -> Damage:
    """The same for lists and mappings."""
    return _on(lambda original: original.containers, wanted, change)


def keyed(*names: str) -> Callable[[Spot], bool]:
    """Whether a value has one of these keys."""
    return lambda spot: spot.key in names


def everywhere(_: Spot) -> bool:
    return True


def _on(
    spots: Callable[[Original], list[Spot]], wanted: Callable[[Spot], bool], change: Callable[[str], str | None]
) -> Damage:
    def damage(original: Original) -> Iterator[Mutant]:
        for spot in spots(original):
            new = change(spot.text) if wanted(spot) else None
            if new is not None and new != spot.text:
                yield original.changed(spot, new)

    return damage


def _entries(node: yaml.Node, path: KeyPath) -> Iterator[tuple[KeyPath, yaml.Node | None, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        below = [((*path, key.value), key, value) for key, value in node.value]
    elif isinstance(node, yaml.SequenceNode):
        below = [((*path, index), None, value) for index, value in enumerate(node.value)]
    else:
        return
    for entry in below:
        yield entry
        yield from _entries(entry[2], entry[0])


def _spot(path: KeyPath, node: yaml.Node) -> Spot:
    start, end = node.start_mark, node.end_mark
    return Spot(path, node.value, start.index, end.index, start.line + 1)


def _last_line(node: yaml.Node) -> int:
    """The line that the last scalar below ``node`` ends in; the end of a block itself is where the next one begins."""
    if not isinstance(node, yaml.CollectionNode) or node.flow_style:
        return node.end_mark.line
    last = node.value[-1]
    return _last_line(last[1] if isinstance(last, tuple) else last)
