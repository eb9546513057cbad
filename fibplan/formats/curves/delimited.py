"""Any other table of text, with the columns that a person names: CSV after RFC 4180, or with another delimiter.

Lines that begin with ``#`` are comments; one of them that says SIMULATED makes the curve a simulated one, as in the
tables that fibplan writes. Lines above the header are passed over. Neither units nor decimal commas are guessed.
"""

import re
from collections.abc import Sequence

from fibplan.errors import InvalidFile
from fibplan.formats.curves.cells import Cell, cells_of, number_in
from fibplan.formats.curves.columns import LIKE, Factors, located, names_of, stands_in
from fibplan.formats.curves.measured import UNKNOWN, Row, Said, curve_from
from fibplan.formats.curves.reader import CurveFile, Told, refusal
from fibplan.formats.curves.text import beginning_of, lines_of
from fibplan.model.curve import Curve

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t"}
MOST_ABOVE = 200
"""Lines above the header."""
_SIMULATED = re.compile(r"\bSIMULATED\b")
FLAGS = {"0": False, "1": True, "false": False, "true": True, "no": False, "yes": True}

Table = list[tuple[int, str]]
"""Numbered lines that are neither empty nor comments."""


class Delimited:
    """The reader."""

    name = "csv"
    title = "any table of text, with --columns"

    def recognises(self, file: CurveFile) -> bool:
        """Whether it is text with a delimiter in it, and no XML and no JSON."""
        text = beginning_of(file)
        plain = "\0" not in text and "\ufffd" not in text[:-4] and not text.lstrip().startswith(("<", "{"))
        return plain and any(delimiter in text for delimiter in DELIMITERS.values())

    def read(self, file: CurveFile, told: Told) -> Curve:
        """The rows below the header, in their order."""
        lines, cut = lines_of(file)
        comments = [line for line in lines if line.startswith("#")]
        table = [(n, line) for n, line in enumerate(lines, start=1) if line.strip() and not line.startswith("#")]
        if not table:
            raise refusal(file, "there is no table in it", "export the curve again")
        delimiter = told.delimiter or _delimiter(file, table, told)
        header, start = _header(file, table, delimiter, told)
        rows = [cells_of(line, number, delimiter) for number, line in table[start:]]
        width = len(header) or (len(rows[0]) if rows else 0)
        _require_width(file, rows, width)
        if not told.columns:
            there = f": there are {names_of(header)}" if header else ""
            raise refusal(file, f"nothing says which column is what{there}", f"write for example --columns {LIKE}")
        factors = located(file, told.columns, header, width, header[0].line if header else table[0][0])
        said = Said(
            rows=[_row(file, cells, factors, told) for cells in rows],
            identity=UNKNOWN,
            simulated=any(_SIMULATED.search(comment) for comment in comments),
            cut=cut,
        )
        return curve_from(file, self.name, said, told)


def _delimiter(file: CurveFile, table: Table, told: Told) -> str:
    """The one that parts the last lines alike, into two cells or more."""
    last = [line for _, line in table[-20:]]
    allowed = [sign for sign in DELIMITERS.values() if not (told.decimal_comma and sign == ",")]
    fitting = [sign for sign in allowed if len({line.count(sign) for line in last}) == 1 and sign in last[0]]
    if ";" in fitting or "\t" in fitting:
        fitting = [sign for sign in fitting if sign != ","]  # then commas are decimal ones, which are refused by name
    if len(fitting) == 1:
        return fitting[0]
    what = "more than one sign could part the columns" if fitting else "no sign parts the columns alike in every line"
    raise refusal(file, what, f"say --delimiter {', '.join(DELIMITERS)}", line=table[-1][0])


def _header(file: CurveFile, table: Table, delimiter: str, told: Told) -> tuple[list[Cell], int]:
    """The line that names the columns, and where the rows begin; no names where the first line has numbers."""
    named = [column for column in told.columns.values() if not column.name.isdecimal()]
    for place, (number, line) in enumerate(table[:MOST_ABOVE]):
        cells = cells_of(line, number, delimiter)
        if named and all(stands_in(column, cells) for column in named):
            return cells, place + 1
    first = cells_of(table[0][1], table[0][0], delimiter)
    return ([], 0) if _is_row(file, first) else (first, 1)


def _is_row(file: CurveFile, cells: Sequence[Cell]) -> bool:
    """Whether any cell holds a number, with whichever decimal sign."""
    return any(_is_number(file, cell, comma=comma) for cell in cells for comma in (False, True))


def _is_number(file: CurveFile, cell: Cell, *, comma: bool) -> bool:
    try:
        number_in(cell, file, decimal_comma=comma)
    except InvalidFile:
        return False
    return True


def _require_width(file: CurveFile, rows: Sequence[Sequence[Cell]], width: int) -> None:
    for cells in rows:
        if len(cells) != width:
            message = f"there are {len(cells)} cells where {width} columns are named"
            remedy = "export the table again; numbers with a decimal comma need another delimiter"
            raise refusal(file, message, remedy, line=cells[0].line)


def _row(file: CurveFile, cells: Sequence[Cell], factors: Factors, told: Told) -> Row:
    def value(key: str) -> float | None:
        if key not in factors:
            return None
        place, factor = factors[key]
        return number_in(cells[place], file, decimal_comma=told.decimal_comma) * factor

    volts, amperes = value("voltage"), value("current")
    assert volts is not None
    assert amperes is not None
    clamped = _flag(file, cells[factors["clamped"][0]]) if "clamped" in factors else None
    return Row(cells[0].line, volts, amperes, time_s=value("time"), level_v=value("level"), clamped=clamped)


def _flag(file: CurveFile, cell: Cell) -> bool:
    if cell.text.lower() not in FLAGS:
        message = f"'{cell.text[:60]}' does not say whether the point is clamped"
        raise refusal(file, message, f"write one of {', '.join(FLAGS)}", line=cell.line, column=cell.column)
    return FLAGS[cell.text.lower()]
