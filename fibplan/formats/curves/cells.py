"""The cells of a table's line, and the numbers in them, each with its place."""

import math
import re
from typing import NamedTuple

from fibplan.errors import InvalidFile
from fibplan.formats.curves.reader import CurveFile, refusal
from fibplan.units import shortened

OVERFLOW = 9.0e36
"""What is larger is what Keithley instruments write for a reading that holds no number (2400S-900-01 p 18-49)."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,3})?")
_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+(?:[eE][+-]?[0-9]{1,3})?")


class Cell(NamedTuple):
    """What stands in a cell, without blanks around it, and where: line and column from 1."""

    text: str
    line: int
    column: int


def cells_of(line: str, number: int, delimiter: str) -> list[Cell]:
    """The cells of line ``number``; a cell in double quotes may hold the delimiter."""
    pieces = line.split(delimiter) if '"' not in line else _quoted(line, delimiter)
    cells: list[Cell] = []
    start = 0
    for piece in pieces:
        stripped = piece.strip()
        column = start + len(piece) - len(piece.lstrip()) + 1
        cells.append(Cell(_unquoted(stripped), number, column))
        start += len(piece) + len(delimiter)
    return cells


def number_in(cell: Cell, file: CurveFile, *, decimal_comma: bool = False) -> float:
    """The finite number in a cell; :class:`~fibplan.errors.InvalidFile` for anything else."""
    text = cell.text
    if decimal_comma:
        if "." in text:
            raise _no_number(cell, file, "has a point, but a decimal comma was said", "leave --decimal-comma out")
        text = text.replace(",", ".", 1)
    if _NUMBER.fullmatch(text) is None:
        raise _unreadable(cell, file)
    value = float(text)
    if not math.isfinite(value):
        raise _no_number(cell, file, "is too large for a number", "export the curve again")
    return value


def _unreadable(cell: Cell, file: CurveFile) -> InvalidFile:
    if not cell.text:
        return _no_number(cell, file, "is an empty cell", "take out the rows that were not measured")
    if cell.text.lstrip("+-").lower() in ("nan", "inf", "infinity"):
        return _no_number(cell, file, "is no number", "take out the rows that were not measured")
    if _COMMA.fullmatch(cell.text):
        return _no_number(cell, file, "has a decimal comma", "say --decimal-comma, or export with decimal points")
    return _no_number(cell, file, "is no number", "export the curve again, or name other columns with --columns")


def _no_number(cell: Cell, file: CurveFile, what: str, remedy: str) -> InvalidFile:
    return refusal(file, f"'{shortened(cell.text)}' {what}", remedy, line=cell.line, column=cell.column)


def _quoted(line: str, delimiter: str) -> list[str]:
    pieces, inside, start = list[str](), False, 0
    for place, character in enumerate(line):
        if character == '"':
            inside = not inside
        elif character == delimiter and not inside:
            pieces.append(line[start:place])
            start = place + 1
    return [*pieces, line[start:]]


def _unquoted(text: str) -> str:
    if len(text) >= 2 and text.startswith('"') and text.endswith('"'):
        return text[1:-1].replace('""', '"').strip()
    return text
