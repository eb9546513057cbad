"""A recipe's text with a few values changed in place: comments, order and spelling of all the rest stay as they are."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from fibplan.errors import Misuse
from fibplan.library.source_map import Place, read_yaml, spelled
from fibplan.model.finding import RecipePath

LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""What ends a line in YAML 1.1, whose parser counts the lines."""


class NewText(NamedTuple):
    """What is written at a path instead of what stands there."""

    path: RecipePath
    before: str
    after: str


def rewritten(text: str, name: str, changes: Iterable[NewText], comment: Sequence[str]) -> str:
    """The YAML text with those values changed and a comment before it, in the text's own line ends."""
    _, places = read_yaml(text, name)
    starts = [0, *(match.end() for match in LINE_END.finditer(text))]
    end = LINE_END.search(text)
    found = [(_begins(text, starts, places.values[change.path], change), change) for change in changes]
    for begins, change in sorted(found, reverse=True):
        text = text[:begins] + change.after + text[begins + len(change.before) :]
    return "".join(f"# {line}{end.group() if end else chr(10)}" for line in comment) + text


def as_it_stands(data: Any, path: RecipePath) -> str:
    """The text at that path of a file's data."""
    for part in path:
        data = data[part]
    return str(data)


def _begins(text: str, starts: Sequence[int], place: Place, change: NewText) -> int:
    """Where the value's text begins, behind its quote if it has one; :class:`Misuse` where it is written in parts."""
    offset = starts[place.line - 1] + place.column - 1
    for quote in ("", '"', "'"):
        if text.startswith(f"{quote}{change.before}{quote}", offset):
            return offset + len(quote)
    where = f"{place.file}:{place.line}:{place.column}: {spelled(change.path)}"
    raise Misuse("this value cannot be changed in place", where=where, remedy=f"write it as {change.before}")
