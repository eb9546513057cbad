"""Protochips Clarity and AXON logs, ``.csv``: everything an in-situ holder's software recorded, row by row.

The first line names the columns: Time, Notes, then Current, Voltage and Resistance of each channel. The next lines tell
of the log in their Notes, ``Date (yyyy.mm.dd) = ...`` to ``User agreeing to terms = ...``, its units among them; only
then come the readings. No line says where the log ends. Layout after the public log at hyperspy/rosettasciio bc254db1
(rsciio/tests/data/protochips), which RosettaSciIO 0.15.0 reads too.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from fibplan.formats.curves.cells import Cell, cells_of, number_in
from fibplan.formats.curves.columns import located
from fibplan.formats.curves.measured import Row, Said, curve_from
from fibplan.formats.curves.reader import Column, CurveFile, Told, refusal
from fibplan.formats.curves.text import beginning_of, lines_of
from fibplan.model.curve import Curve

TIME, NOTES = "Time", "Notes"
LAST_OF_HEADER = "User agreeing to terms"
AGAIN = "export the log again"
QUANTITIES = {"voltage": "Voltage", "current": "Current", "time": TIME}


class Protochips:
    """The reader."""

    name = "protochips-csv"
    title = "Protochips Clarity or AXON electrical log (.csv)"

    def recognises(self, file: CurveFile) -> bool:
        first = beginning_of(file).partition("\n")[0]
        return [cell.text for cell in cells_of(first, 1, ",")[:2]] == [TIME, NOTES]

    def read(self, file: CurveFile, told: Told) -> Curve:
        """The readings of the one channel that was used, or of the columns that were told."""
        lines, cut = lines_of(file)
        names = cells_of(lines[0], 1, ",")
        if [cell.text for cell in names[:2]] != [TIME, NOTES]:
            raise refusal(file, f"this is no Protochips log: it does not begin with {TIME}, {NOTES}", "use --reader")
        table = [_cells(file, line, number, names) for number, line in enumerate(lines[1:], start=2) if line.strip()]
        notes, readings = _parted(file, table)
        columns = told.columns or _only_channel(file, names, readings)
        more = [key for key in columns if key not in QUANTITIES]
        if more:
            raise refusal(file, f"a Protochips log has no {more[0]}", "leave it out of --columns, or say --reader csv")
        with_units = {key: _with_unit(key, column, notes) for key, column in columns.items()}
        with_units.setdefault("time", _with_unit("time", Column(TIME), notes))
        factors = located(file, with_units, names, len(names), 1)
        said = Said(
            rows=[_row(file, cells, factors, told) for cells in readings],
            identity="Protochips log",
            started=_begun(notes, told),
            cut=cut,
            remarks=(f"columns {columns['voltage'].name} and {columns['current'].name}",),
        )
        return curve_from(file, self.name, said, told)


def _cells(file: CurveFile, line: str, number: int, names: Sequence[Cell]) -> list[Cell]:
    cells = cells_of(line, number, ",")
    if len(cells) != len(names):
        message = f"there are {len(cells)} cells where {len(names)} columns are named"
        raise refusal(file, message, f"{AGAIN}, with decimal points and without commas in the notes", line=number)
    return cells


def _parted(file: CurveFile, table: Sequence[list[Cell]]) -> tuple[dict[str, str], list[list[Cell]]]:
    """What the notes at the beginning say, and the readings after them."""
    notes: dict[str, str] = {}
    for place, cells in enumerate(table):
        key, equals, value = (part.strip() for part in cells[1].text.partition("="))
        if not equals:
            return notes, list(table[place:])
        notes[key] = value
        if key == LAST_OF_HEADER:
            return notes, list(table[place + 1 :])
    raise refusal(file, "no reading follows the notes at the beginning: the log breaks off", AGAIN, line=len(table) + 1)


def _only_channel(file: CurveFile, names: Sequence[Cell], readings: Sequence[list[Cell]]) -> dict[str, Column]:
    """The columns of the channel that read anything but zero."""
    texts = [cell.text for cell in names]
    channels = [text.removesuffix(" Voltage") for text in texts if text.endswith(" Voltage")]
    both = [channel for channel in channels if f"{channel} Current" in texts]
    if not both:
        message = "no channel has both a Voltage and a Current: this is no electrical log"
        raise refusal(file, message, "export the log of the electrical experiment")
    used = [channel for channel in both if _reads(file, texts.index(f"{channel} Voltage"), readings)]
    if len(used) != 1:
        which = f"{len(used)} channels were used: {', '.join(used)}" if used else "no channel read a voltage"
        remedy = f"say --columns 'voltage={both[0]} Voltage,current={both[0]} Current'"
        raise refusal(file, which, remedy)
    return {key: Column(f"{used[0]} {QUANTITIES[key]}") for key in ("voltage", "current")}


def _reads(file: CurveFile, place: int, readings: Sequence[list[Cell]]) -> bool:
    return any(number_in(cells[place], file) != 0.0 for cells in readings)


def _with_unit(key: str, column: Column, notes: Mapping[str, str]) -> Column:
    """The column with the unit that the notes give its quantity."""
    return column if column.unit else Column(column.name, notes.get(f"{key.capitalize()} units", ""))


def _row(file: CurveFile, cells: Sequence[Cell], factors: Mapping[str, tuple[int, float]], told: Told) -> Row:
    def value(key: str) -> float:
        place, factor = factors[key]
        return number_in(cells[place], file, decimal_comma=told.decimal_comma) * factor

    return Row(cells[0].line, value("voltage"), value("current"), time_s=value("time"))


def _begun(notes: Mapping[str, str], told: Told) -> datetime | None:
    """The date and the time of its notes, in the zone that was told."""
    return next(_times(notes, told), None)


def _times(notes: Mapping[str, str], told: Told) -> Iterator[datetime]:
    written = f"{notes.get('Date (yyyy.mm.dd)')} {notes.get('Time (hh:mm:ss.ms)')}"
    for pattern in ("%Y.%m.%d %H:%M:%S.%f", "%Y.%m.%d %H:%M:%S"):
        with suppress(ValueError):
            yield told.in_utc(datetime.strptime(written, pattern))  # noqa: DTZ007 - its zone is told
