"""Which column holds what: the map that a person writes, and the units in a table's header."""

import re
from collections.abc import Iterator, Mapping, Sequence

from fibplan.errors import Misuse
from fibplan.formats.curves.cells import Cell
from fibplan.formats.curves.reader import Column, CurveFile, refusal
from fibplan.units import QuantityError, parse, shortened

UNITS = {"voltage": "V", "current": "A", "time": "s", "level": "V", "clamped": ""}
"""What a column can be, and the dimension of its unit; ``clamped`` has 0 or 1, or no or yes."""
NEEDED = ("voltage", "current")
LIKE = "voltage=Voltage:V,current=Current:nA,time=Time:s"
_HEADER_UNIT = re.compile(r"(.*?)\s*(?:\[([^\[\]]+)\]|\(([^()]+)\)|/\s*([^/()\[\]\s]+))")
_SPELT = {
    "volt": "V", "volts": "V", "millivolts": "mV", "amp": "A", "amps": "A", "ampere": "A", "amperes": "A",
    "milliamps": "mA", "microamps": "uA", "nanoamps": "nA", "second": "s", "seconds": "s", "sec": "s",
    "milliseconds": "ms",
}  # fmt: skip
"""Unit names that are written out."""

Factors = Mapping[str, tuple[int, float]]
"""The place of each column, from 0, and the factor to SI."""


def read_map(text: str) -> dict[str, Column]:
    """The columns of ``voltage=NAME[:UNIT],current=...``; a number from 1 on can stand for a name.

    >>> read_map("voltage=Bias:mV,current=3")["voltage"]
    Column(name='Bias', unit='mV')

    Raises :class:`~fibplan.errors.Misuse` for anything else.
    """
    columns: dict[str, Column] = {}
    for entry in text.split(","):
        key, equals, rest = (part.strip() for part in entry.partition("="))
        name, _, unit = (part.strip() for part in rest.rpartition(":")) if ":" in rest else (rest, "", "")
        if key not in UNITS or not equals or not name:
            known = ", ".join(UNITS)
            raise _misuse(f"'{shortened(entry.strip())}' does not say which column one of {known} is")
        if key in columns:
            raise _misuse(f"{key} is said twice")
        columns[key] = Column(name, unit)
    missing = [key for key in NEEDED if key not in columns]
    if missing:
        raise _misuse(f"nothing says which column the {missing[0]} is")
    return columns


def _misuse(message: str) -> Misuse:
    return Misuse(message, where="--columns", remedy=f"write for example --columns {LIKE}")


def located(file: CurveFile, columns: Mapping[str, Column], header: Sequence[Cell], width: int, line: int) -> Factors:
    """Place and factor of each column that is asked for; ``header`` is empty where the table has none.

    Raises :class:`~fibplan.errors.InvalidFile` for a column that is not there or twice there, a unit that nobody says,
    two that differ, and one of another dimension.
    """
    found: dict[str, tuple[int, float]] = {}
    for key, column in columns.items():
        place = _place(file, column, header, width, line)
        taken = [other for other, (there, _) in found.items() if there == place]
        if taken:
            message = f"column {place + 1} cannot be both {taken[0]} and {key}"
            raise refusal(file, message, f"write for example --columns {LIKE}", line=line)
        cell = header[place] if header else Cell("", line, 1)
        found[key] = (place, _factor(file, key, column, cell))
    return found


def names_of(header: Sequence[Cell]) -> str:
    """The names of the columns, to choose from."""
    return ", ".join(f"'{shortened(cell.text)}'" for cell in header[:12]) + (", ..." if len(header) > 12 else "")


def stands_in(column: Column, header: Sequence[Cell]) -> bool:
    """Whether a column of that name is in the header."""
    return any(True for _ in _called(column.name, header))


def _called(name: str, header: Sequence[Cell]) -> Iterator[int]:
    """Where a name stands, as it is or without its unit, whatever its capitals are."""
    exact = [place for place, cell in enumerate(header) if cell.text == name]
    wanted = name.casefold()
    yield from exact or [
        place for place, cell in enumerate(header) if wanted in (cell.text.casefold(), _split(cell.text)[0].casefold())
    ]


def _place(file: CurveFile, column: Column, header: Sequence[Cell], width: int, line: int) -> int:
    places = list(_called(column.name, header))
    if not places and column.name.isdecimal() and 1 <= int(column.name) <= width:
        return int(column.name) - 1
    if len(places) == 1:
        return places[0]
    there = f"there are {names_of(header)}" if header else f"there are {width} columns without names"
    what = "no column is" if not places else f"{len(places)} columns are"
    raise refusal(file, f"{what} called '{shortened(column.name)}': {there}", "name one, or give its number", line=line)


def _split(text: str) -> tuple[str, str]:
    """A header's name and its unit, which stands in brackets or after a slash."""
    match = _HEADER_UNIT.fullmatch(text)
    if match is None:
        return text, ""
    return match.group(1), next((unit for unit in match.groups()[1:] if unit), "")


def _factor(file: CurveFile, key: str, column: Column, cell: Cell) -> float:
    if not UNITS[key]:
        return 1.0
    in_header = _split(cell.text)[1]
    if not column.unit and not in_header:
        message = f"neither the header nor the map says the unit of the {key}"
        raise refusal(file, message, f"write {key}={column.name}:{UNITS[key]}, or what it is", line=cell.line)
    said, written = (_si(file, unit, key, cell) if unit else None for unit in (column.unit, in_header))
    if said is not None and written is not None and said != written:
        message = f"the {key} is in {in_header} in the header and in {column.unit} in the map"
        raise refusal(file, message, "leave the unit out of the map, or correct it", line=cell.line, column=cell.column)
    factor = said if said is not None else written
    assert factor is not None
    return factor


def _si(file: CurveFile, unit: str, key: str, cell: Cell) -> float:
    spelt = _SPELT.get(unit.casefold(), unit)
    try:
        return parse(f"1 {spelt}", UNITS[key])
    except QuantityError as error:
        message = f"'{shortened(unit)}' is no unit of a {key}: {error.problem}"
        remedy = f"write {key}=NAME:{UNITS[key]}, or with a prefix such as m or u"
        raise refusal(file, message, remedy, line=cell.line, column=cell.column) from None
