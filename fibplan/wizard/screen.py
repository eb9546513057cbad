"""Screens as lines of text: blocks of words and drawings that are fitted to a page before anything is printed."""

import re
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from rich.text import Text

from fibplan.wizard.glyphs import UNICODE, Glyphs, printable

Lines = tuple[Text, ...]
LABEL = 8
"""Columns of the word at the left that says what a line is about."""
WIDE = 110
"""Columns from which drawings stand beside the words instead of below them."""
GAP = 2


@dataclass(frozen=True)
class Page:
    """What a screen is drawn for: columns, rows, signs, and whether everything on it is simulated."""

    width: int = 80
    height: int = 24
    glyphs: Glyphs = UNICODE
    simulated: bool = False

    def narrowed(self, width: int) -> "Page":
        return replace(self, width=width)


@dataclass(frozen=True, eq=False)
class Block:
    """Lines that belong together. Where a page is too small the highest ``rank`` is left out first, and 0 never.

    ``live`` draws them again while somebody waits: as many as there are now.
    """

    lines: Lines
    rank: int = 0
    name: str = ""
    live: Callable[[], Lines] | None = None


Screen = Callable[[Page], Sequence[Block]]
"""Blocks for a page, drawn anew whenever it is shown: the terminal may have been resized."""


@dataclass(frozen=True)
class Composed:
    """A screen that fits: its lines, what found no room, and where the live block begins, if there is one."""

    lines: Lines
    gone: tuple[Block, ...] = ()
    live: Callable[[], Lines] | None = None
    live_row: int = 0


def line(text: str, style: str = "") -> Text:
    """One line, which moves no cursor."""
    return Text(printable(text), style=style, no_wrap=True, end="")


def wrapped(text: str, width: int, style: str = "", indent: str = "") -> Lines:
    """As many lines as it takes, folded between words where it can be; a number stays with its unit."""
    parts = [part for part in text.splitlines() if part.strip()] or [""]
    folded = [
        piece
        for part in parts
        for piece in textwrap.wrap(_tied(part), max(width, 10), subsequent_indent=indent, break_on_hyphens=False)
        or [""]
    ]
    return tuple(line(piece, style) for piece in folded)


def _tied(text: str) -> str:
    """Blanks at which no line is folded, which :func:`line` takes out again, between numbers and units."""
    return re.sub(r"(?<=[0-9]) (?=[A-Za-z])", "\u00a0", printable(text))


def labelled(label: str, text: str, width: int, style: str = "") -> Lines:
    """A bold word at the left, and what is said of it beside it."""
    said = wrapped(text, width - LABEL, style)
    heads = [label.ljust(LABEL), *[" " * LABEL] * (len(said) - 1)]
    return tuple(Text.assemble((head, "bold"), part) for head, part in zip(heads, said, strict=True))


def rule(page: Page) -> Text:
    return line(page.glyphs.rule * page.width, "dim")


def beside(left: Sequence[Text], right: Sequence[Text], left_width: int) -> Lines:
    """Two columns, the left one padded to its width."""
    rows = max(len(left), len(right))
    pairs = [(row(left, place), row(right, place)) for place in range(rows)]
    return tuple(
        Text.assemble(first, " " * (left_width + GAP - first.cell_len), second) if second.plain else first
        for first, second in pairs
    )


def row(lines: Sequence[Text], place: int) -> Text:
    """That line, or an empty one below the last."""
    return lines[place] if place < len(lines) else line("")


def columns(left: Screen, right: Screen, page: Page, share: float = 0.5) -> Lines:
    """Two screens' lines beside each other, on one page."""
    first = int((page.width - GAP) * share)
    pages = page.narrowed(first), page.narrowed(page.width - GAP - first)
    lines = [flat(screen(part)) for screen, part in zip((left, right), pages, strict=True)]
    return beside(lines[0], lines[1], first)


def flat(blocks: Iterable[Block]) -> Lines:
    """The lines of all of them."""
    return tuple(entry for block in blocks for entry in block.lines)


def composed(head: Lines, blocks: Sequence[Block], foot: Lines, page: Page) -> Composed:
    """The blocks between head and foot, with a row left for what is typed.

    Blocks are left out whole, the highest rank first, and what is left is cut before the foot would scroll away.
    """
    if len(head) + len(foot) + 1 > page.height:
        head = ()
    rows = max(page.height - len(head) - len(foot) - 1, 0)
    kept, gone = fitted(blocks, rows)
    if gone:
        kept, gone = fitted(blocks, rows - 1)
    body = _cut([entry for block in kept for entry in block.lines], rows - bool(gone), page)
    names = ", ".join(dict.fromkeys(block.name for block in gone if block.name))
    more = wrapped(f"more: {names}", page.width, "dim")[:1] if gone else ()
    before = 0
    for block in kept:
        if block.live is not None and before < len(body):
            live = _clipped(block.live, len(body) - before)
            return Composed((*head, *body, *more, *foot), tuple(gone), live, len(head) + before)
        before += len(block.lines)
    return Composed((*head, *body, *more, *foot), tuple(gone))


def _clipped(live: Callable[[], Lines], rows: int) -> Callable[[], Lines]:
    """So many of its lines, so that what stands below is not drawn over."""
    return lambda: live()[:rows]


def _cut(lines: Sequence[Text], rows: int, page: Page) -> Lines:
    return tuple(entry[: page.width] if entry.cell_len > page.width else entry for entry in lines[: max(rows, 0)])


def fitted(blocks: Sequence[Block], rows: int) -> tuple[list[Block], list[Block]]:
    """Those that fit into so many rows, in their order, and those that do not."""
    kept, gone = list(blocks), list[Block]()
    while _rows(kept) > rows:
        least = max(kept, key=lambda block: block.rank, default=None)
        if least is None or least.rank == 0:
            break
        kept.remove(least)
        gone.append(least)
    for block in sorted(gone, key=lambda entry: entry.rank):
        if _rows(kept) + len(block.lines) <= rows:
            gone.remove(block)
            kept = [entry for entry in blocks if entry in kept or entry is block]
    return kept, gone


def _rows(blocks: Iterable[Block]) -> int:
    return sum(len(block.lines) for block in blocks)
