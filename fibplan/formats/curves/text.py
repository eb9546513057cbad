"""A file's bytes as lines of text, or the reason why they are not."""

import re
from typing import NamedTuple

from fibplan.formats.curves.reader import CurveFile, refusal

LONGEST_LINE = 20_000
"""Bytes: a header with a few hundred columns."""
MOST_LINES = 1_001_000
"""A million points, the most that an SMU holds, and a header."""
BEGINNING = 4096
"""Bytes by which a format is recognised."""
SAVE_AS_UTF8 = "open it in the program that wrote it, or in a text editor, and save it as UTF-8"


class Lines(NamedTuple):
    """The lines that are whole, without their ends; ``cut`` when the file goes on after the last one."""

    lines: list[str]
    cut: bool


def lines_of(file: CurveFile) -> Lines:
    """All lines that have an end: what follows the last end may be half a number and is left out.

    Raises :class:`~fibplan.errors.InvalidFile` for an empty file, one that is not UTF-8, one whose lines end in
    different ways, and one that is too long to be a sweep.
    """
    content = file.content.removeprefix(b"\xef\xbb\xbf")
    if not content:
        raise refusal(file, "the file is empty", "export the curve again")
    _refuse_other_encodings(file, content)
    end = _line_end(file, content)
    pieces = content.split(end) if end else [content]
    cut = bool(pieces.pop())
    if not pieces:
        raise refusal(file, "there is no whole line in it", "export the curve again")
    _refuse_too_long(file, pieces)
    return Lines([_decoded(file, piece, number) for number, piece in enumerate(pieces, start=1)], cut)


def beginning_of(file: CurveFile) -> str:
    """The first few lines as far as they can be read at all, to recognise a format by."""
    text = file.content[:BEGINNING].decode("utf-8", "replace").removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _refuse_other_encodings(file: CurveFile, content: bytes) -> None:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content[:2]:
        raise refusal(file, "the text is in UTF-16", SAVE_AS_UTF8)
    if b"\0" in content:
        place = content.index(b"\0")
        line = content.count(b"\n", 0, place) + 1
        column = place - content.rfind(b"\n", 0, place)
        message = "a byte 0 stands here: this is no text, or its encoding is UTF-16"
        raise refusal(file, message, SAVE_AS_UTF8, line=line, column=column)


def _line_end(file: CurveFile, content: bytes) -> bytes:
    """The one line end of the file, nothing where there is none; a CR at the very end may have lost its LF."""
    both = content.count(b"\r\n")
    feeds, returns = content.count(b"\n") - both, content.count(b"\r") - both
    if content.endswith(b"\r") and (both or feeds):
        returns -= 1
    used = [end for end, count in ((b"\r\n", both), (b"\n", feeds), (b"\r", returns)) if count]
    if len(used) > 1:
        raise refusal(
            file,
            "this line ends otherwise than those before it (CR, LF and CR LF are mixed): parts of two files?",
            "export the curve again, or save it with one kind of line end",
            line=_first_other(content),
        )
    return used[0] if used else b""


def _first_other(content: bytes) -> int:
    ends = re.findall(rb"\r\n|\n|\r", content)
    return next(number for number, end in enumerate(ends, start=1) if end != ends[0])


def _refuse_too_long(file: CurveFile, pieces: list[bytes]) -> None:
    if len(pieces) > MOST_LINES:
        message = f"it has more than {MOST_LINES:,} lines: no sweep is so long"
        raise refusal(file, message, "export one curve alone", line=MOST_LINES)
    for number, piece in enumerate(pieces, start=1):
        if len(piece) > LONGEST_LINE:
            message = f"this line has {len(piece):,} bytes where a table has at most {LONGEST_LINE:,}"
            raise refusal(file, message, "export the curve again as a table", line=number)


def _decoded(file: CurveFile, piece: bytes, number: int) -> str:
    try:
        return piece.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"byte 0x{piece[error.start]:02X} is not UTF-8: the text is in windows-1252 or a like encoding"
        raise refusal(file, message, SAVE_AS_UTF8, line=number, column=error.start + 1) from None
