"""A recipe's text with a few values changed or added in place: comments, order and spelling of the rest stay."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from fibplan.errors import Misuse
from fibplan.library.source_map import Place, read_yaml, spelled
from fibplan.model.finding import RecipePath

LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""What ends a line in YAML 1.1, whose parser counts the lines."""

BLANK = re.compile(r"\s*(#.*)?")
"""A line without a value."""


class NewText(NamedTuple):
    """What is written at a path instead of what stands there."""

    path: RecipePath
    before: str
    after: str


class NewKey(NamedTuple):
    """A key that is written behind the plain value ``value`` at ``beside``, in the same mapping."""

    beside: RecipePath
    value: str
    key: str
    text: str


class NewItem(NamedTuple):
    """Texts that are written behind the plain value ``value`` at ``beside``, the last item of a list."""

    beside: RecipePath
    value: str
    texts: tuple[str, ...]


class NewLines(NamedTuple):
    """Lines that are written before the block at ``before``, and before the comment over it; None for the file's end.

    They are indented as the block is; ``item`` says that it is an item of a list, with a dash.
    """

    before: RecipePath | None
    lines: tuple[str, ...]
    item: bool = False


Edit = NewText | NewKey | NewItem | NewLines


class _Spliced(NamedTuple):
    """Text between two places that is replaced."""

    begins: int
    ends: int
    text: str


def rewritten(text: str, name: str, changes: Iterable[Edit], comment: Sequence[str]) -> str:
    """The YAML text with those values changed and a comment before it, in the text's own line ends."""
    source = _Source(text, name)
    for splice in sorted((source.splice(change) for change in changes), key=lambda each: each[:2], reverse=True):
        text = text[: splice.begins] + splice.text + text[splice.ends :]
    return "".join(f"# {line}{source.end}" for line in comment) + text


def as_it_stands(data: Any, path: RecipePath) -> str:
    """The text at that path of a file's data."""
    for part in path:
        data = data[part]
    return str(data)


class _Source:
    """A text whose edits are looked for."""

    def __init__(self, text: str, name: str) -> None:
        _, self.places = read_yaml(text, name)
        self.text, self.name = text, name
        self.starts = [0, *(match.end() for match in LINE_END.finditer(text))]
        found = LINE_END.search(text)
        self.end = found.group() if found else "\n"

    def splice(self, change: Edit) -> _Spliced:
        match change:
            case NewText():
                begins, ends = self._value(change.path, change.before)
                quote = (ends - begins - len(change.before)) // 2
                return _Spliced(begins + quote, ends - quote, change.after)
            case NewKey():
                return self._key(change)
            case NewItem():
                return self._item(change)
            case NewLines():
                return self._lines(change)

    def _key(self, change: NewKey) -> _Spliced:
        _, ends = self._value(change.beside, change.value)
        written = f"{change.key}: {change.text}"
        place = self.places.keys[change.beside]
        before = self.text[self.starts[place.line - 1] : self._offset(place)]
        if before.strip(" -"):
            return _Spliced(ends, ends, f", {written}")
        return self._after_line(ends, f"{' ' * len(before)}{written}")

    def _item(self, change: NewItem) -> _Spliced:
        begins, ends = self._value(change.beside, change.value)
        before = self.text[self.starts[self.places.values[change.beside].line - 1] : begins]
        if before.strip(" -"):
            return _Spliced(ends, ends, "".join(f", {text}" for text in change.texts))
        return self._after_line(ends, self.end.join(f"{before}{text}" for text in change.texts))

    def _after_line(self, place: int, lines: str) -> _Spliced:
        found = LINE_END.search(self.text, place)
        at = found.start() if found else len(self.text)
        return _Spliced(at, at, f"{self.end}{lines}")

    def _lines(self, change: NewLines) -> _Spliced:
        if change.before is None:
            gap = "" if not self.text or self.text.endswith(("\n", "\r")) else self.end
            return _Spliced(len(self.text), len(self.text), gap + "".join(line + self.end for line in change.lines))
        place = self.places.values[change.before] if change.item else self.places.keys[change.before]
        line = place.line - 1
        before = self.text[self.starts[line] : self._offset(place)]
        if before.strip(" ") != ("-" if change.item else ""):
            where = f"{place.file}:{place.line}:{place.column}: {spelled(change.before)}"
            raise Misuse("nothing can be added before this", where=where, remedy="write it on a line of its own")
        while line > 0 and BLANK.fullmatch(self.text[self.starts[line - 1] : self.starts[line]].rstrip()):
            line -= 1
        indent = before.partition("-")[0]
        return _Spliced(
            self.starts[line], self.starts[line], "".join(f"{indent}{text}{self.end}" for text in change.lines)
        )

    def _offset(self, place: Place) -> int:
        return self.starts[place.line - 1] + place.column - 1

    def _value(self, path: RecipePath, written: str) -> tuple[int, int]:
        """Where the value's text begins and ends, quotes included; :class:`Misuse` where it is written in parts."""
        place = self.places.values[path]
        offset = self._offset(place)
        for quote in ("", '"', "'"):
            if self.text.startswith(f"{quote}{written}{quote}", offset):
                return offset, offset + len(written) + 2 * len(quote)
        where = f"{place.file}:{place.line}:{place.column}: {spelled(path)}"
        raise Misuse("this value cannot be changed in place", where=where, remedy=f"write it as {written}")
