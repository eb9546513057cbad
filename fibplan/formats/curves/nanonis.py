"""Nanonis bias spectroscopy, ``.dat``: the text file that SPECS' Nanonis controllers write.

Lines of key, tab, value, tab; an empty line; ``[DATA]``; the names of the columns with their units, between tabs; then
one row a bias. ``[bwd]`` marks the way back, which stands beside the same biases, ``[00001]`` a numbered sweep,
``[AVG]`` the mean of them, ``[filt]`` filtered values. Key and column names as public readers of the format use them
(nanonispy2 1.2.0; nanonis-xarray 0.1.9); a file of the controller itself was not at hand.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from fibplan.formats.curves.cells import Cell, cells_of, number_in
from fibplan.formats.curves.measured import Row, Said, curve_from, timed
from fibplan.formats.curves.reader import CurveFile, Told, refusal
from fibplan.formats.curves.text import beginning_of, lines_of
from fibplan.formats.curves.whole import why_cut
from fibplan.model.curve import Curve

DATA = "[DATA]"
BIAS = ("Bias calc (V)", "Bias (V)")
"""The programmed bias, and the one that was read, where there is no other."""
_CURRENT = re.compile(r"Current(?: \[(AVG|[0-9]{5})\])?( \[bwd\])? \(A\)")
SETTINGS = "Bias Spectroscopy>"
SAVE_AGAIN = "save the spectrum again, with the channels Bias and Current"


class Channel(NamedTuple):
    """One column of currents: which sweep, whether backwards, and its place."""

    sweep: str
    backwards: bool
    place: int


class Nanonis:
    """The reader."""

    name = "nanonis-dat"
    title = "Nanonis bias spectroscopy (.dat)"

    def recognises(self, file: CurveFile) -> bool:
        return beginning_of(file).startswith("Experiment\t")

    def read(self, file: CurveFile, told: Told) -> Curve:
        """The forward sweep, and the backward one after it; numbered sweeps one after the other."""
        if told.columns:
            raise refusal(file, "a Nanonis file names its columns itself", "leave --columns out, or say --reader csv")
        lines, cut = lines_of(file)
        start = _start_of_data(file, lines)
        header = dict(_header(lines[:start]))
        names = cells_of(_line(file, lines, start + 1), start + 2, "\t")
        bias, channels = _columns(file, names)
        table = _table(file, lines, start + 2, len(names))
        volts = [number_in(cells[bias], file, decimal_comma=told.decimal_comma) for cells in table]
        pixels = _pixels(header)
        whole = not cut and (len(table) == pixels if pixels is not None else not why_cut(volts, told.about_v))
        averaged = channels[0].sweep == "AVG"
        said = Said(
            rows=[
                row
                for channel in (channels if whole else channels[:1])
                for row in _rows(file, table, volts, channel, told, programmed=names[bias].text == BIAS[0])
            ],
            identity="Nanonis controller",
            model="Nanonis",
            started=_begun(header, told),
            points=None if pixels is None else pixels * len(channels),
            cut=cut,
            remarks=("each current is a mean of several sweeps",) if averaged else (),
        )
        step = _seconds(header, "Settling time (s)") + _seconds(header, "Integration time (s)")
        return curve_from(file, self.name, replace(said, rows=timed(said.rows, step)) if step else said, told)


def _start_of_data(file: CurveFile, lines: Sequence[str]) -> int:
    if not lines[0].startswith("Experiment\t"):
        raise refusal(file, "this is no Nanonis spectroscopy file: it does not begin with Experiment", "use --reader")
    try:
        return next(place for place, line in enumerate(lines) if line.strip() == DATA)
    except StopIteration:
        raise refusal(file, f"there is no {DATA}: the file breaks off", SAVE_AGAIN, line=len(lines)) from None


def _header(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        key, _, value = line.partition("\t")
        yield key, value.strip()


def _line(file: CurveFile, lines: Sequence[str], place: int) -> str:
    if place >= len(lines):
        raise refusal(file, f"nothing follows {DATA}: the file breaks off", SAVE_AGAIN, line=len(lines))
    return lines[place]


def _columns(file: CurveFile, names: Sequence[Cell]) -> tuple[int, list[Channel]]:
    """The place of the bias, and the currents in the order in which they were measured."""
    texts = [cell.text for cell in names]
    found = [name for name in BIAS if name in texts]
    line = names[0].line
    if not found:
        raise refusal(file, f"no column is called {' or '.join(BIAS)}: no bias spectroscopy", SAVE_AGAIN, line=line)
    twice = [cell for place, cell in enumerate(names) if cell.text and cell.text in texts[:place]]
    if twice:
        message = f"two columns are called '{twice[0].text}'"
        raise refusal(file, message, SAVE_AGAIN, line=line, column=twice[0].column)
    matches = [(place, _CURRENT.fullmatch(text)) for place, text in enumerate(texts)]
    channels = [Channel(m.group(1) or "", bool(m.group(2)), place) for place, m in matches if m is not None]
    if not channels:
        raise refusal(file, "no column is called Current (A)", SAVE_AGAIN, line=line)
    return texts.index(found[0]), _measured_ones(channels)


def _measured_ones(channels: Sequence[Channel]) -> list[Channel]:
    """The numbered sweeps where they were saved, else the only one, else the mean."""
    numbered = [channel for channel in channels if channel.sweep.isdigit()]
    single = [channel for channel in channels if not channel.sweep]
    return sorted(numbered or single or channels, key=lambda channel: (channel.sweep, channel.backwards))


def _table(file: CurveFile, lines: Sequence[str], start: int, columns: int) -> list[list[Cell]]:
    return [
        _cells(file, line, number, columns)
        for number, line in enumerate(lines[start:], start=start + 1)
        if line.strip()
    ]


def _cells(file: CurveFile, line: str, number: int, columns: int) -> list[Cell]:
    cells = cells_of(line, number, "\t")
    while len(cells) > columns and not cells[-1].text:
        cells.pop()
    if len(cells) != columns:
        message = f"there are {len(cells)} values where {columns} columns are named"
        raise refusal(file, message, SAVE_AGAIN, line=number)
    return cells


def _rows(
    file: CurveFile,
    table: Sequence[list[Cell]],
    volts: Sequence[float],
    channel: Channel,
    told: Told,
    *,
    programmed: bool,
) -> Iterator[Row]:
    """A channel's rows in the order in which they were measured: on the way back from the last to the first."""
    for place in reversed(range(len(table))) if channel.backwards else range(len(table)):
        cell = table[place][channel.place]
        amperes = number_in(cell, file, decimal_comma=told.decimal_comma)
        yield Row(cell.line, volts[place], amperes, level_v=volts[place] if programmed else None)


def _pixels(header: Mapping[str, str]) -> int | None:
    text = header.get(f"{SETTINGS}Num Pixel", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _seconds(header: Mapping[str, str], key: str) -> float:
    for name in (f"{SETTINGS}{key}", key):
        with suppress(KeyError, ValueError):
            value = float(header[name])
            return value if 0.0 < value < 1e6 else 0.0
    return 0.0


def _begun(header: Mapping[str, str], told: Told) -> datetime | None:
    """When it began, or was saved; in the zone that was told."""
    for key in ("Start time", "Date", "Saved Date"):
        with suppress(KeyError, ValueError):
            return told.in_utc(datetime.strptime(header[key], "%d.%m.%Y %H:%M:%S"))  # noqa: DTZ007 - its zone is told
    return None
