"""A column's card with more calibrations: the old text to the letter but for them, its name and its title."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from textwrap import indent
from typing import Any

from fibplan.advice.calibration import Narrowed
from fibplan.errors import InvalidFile, Misuse
from fibplan.library.faults import validate
from fibplan.library.origin import decoded
from fibplan.library.source_map import SourceMap, read_yaml
from fibplan.library.written import as_yaml
from fibplan.model.cards import AnyCard
from fibplan.model.fib_card import Calibration, FibCard
from fibplan.units import show

SIMULATED = "SIMULATED"
"""Stands in the title, and in what was measured, of whatever came from a simulator."""

SCALAR = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\']|\'\')*\'|.*?(?=\s+#|\s*$)')
"""A value that ends on its own line: quoted, or up to a comment."""

HEADING = "# Rates that were measured on this column: each replaces every other of its material and voltage."


def rests_on_simulation(old: FibCard, narrowed: Sequence[Narrowed]) -> bool:
    """Whether anything that the old card with these rates rests on was simulated."""
    sources = [one.measurement.source for one in narrowed]
    return any(SIMULATED in source for source in [*sources, *(entry.measured for entry in old.calibrations)])


def calibrated_card(old: FibCard, text: str, narrowed: Sequence[Narrowed], *, name: str, by: str, date: str) -> bytes:
    """The new card's file, read back: nothing but its name, its title and the added calibrations is new in it.

    Raises :class:`~fibplan.errors.Misuse` for a ``text`` of the old card that is written so that it cannot be added to.
    """
    added = as_yaml([_entry(one, " ".join(by.split()), date) for one in narrowed])
    content = _edited(text, old.name, {"name": name, "title": _title(old, narrowed, date)}, added).encode("utf-8")
    try:
        new: AnyCard = validate(AnyCard, *read_yaml(decoded(content, name), name))
    except InvalidFile as broken:
        raise _not_editable(old) from broken
    if not isinstance(new, FibCard) or new.name != name or not _as_meant(new, old, narrowed):
        raise _not_editable(old)
    return content


def _title(old: FibCard, narrowed: Sequence[Narrowed], date: str) -> str:
    """The old title with the date of this calibration instead of an earlier one's, in double quotes."""
    title = re.sub(rf", (calibrated|{SIMULATED} calibration) \d{{4}}-\d\d-\d\d$", "", old.title)
    done = f"{SIMULATED} calibration" if rests_on_simulation(old, narrowed) else "calibrated"
    return json.dumps(f"{title}, {done} {date}", ensure_ascii=False)


def _entry(one: Narrowed, by: str, date: str) -> dict[str, Any]:
    """A calibration as a card writes it."""
    rate = one.posterior
    return {
        "material": one.material,
        "accelerating_voltage": show(one.voltage_v, "V", 6),
        "volume_per_dose": {
            **{end: show(getattr(rate, end), rate.unit, 6) for end in ("expected", "low", "high")},
            "coverage": rate.coverage,
            "status": rate.status.value,
            "source": rate.source,
        },
        "measured": one.measurement.source,
        "date": date,
        "by": by,
    }


def _edited(text: str, file: str, values: Mapping[str, str], added: str) -> str:
    """The card's text with other values, each on its line, and the added calibrations, in the text's line ends."""
    data, places = read_yaml(text, file)
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    for key, value in values.items():
        place = places.values[(key,)]
        row, column = place.line - 1, place.column - 1
        lines[row] = lines[row][:column] + SCALAR.sub(lambda _, new=value: new, lines[row][column:], count=1)
    first = places.values.get(("calibrations", 0))
    if first is None:
        lines += ["", HEADING, "calibrations:", indent(added, "  ").rstrip("\n")]
    else:
        dash = max(0, lines[first.line - 1].rfind("-", 0, first.column - 1))
        lines.insert(_end_of_calibrations(lines, data, places), indent(added, " " * dash).rstrip("\n"))
    edited = "\n".join(lines) + "\n"
    return edited.replace("\n", "\r\n") if "\r\n" in text else edited


def _end_of_calibrations(lines: Sequence[str], data: Mapping[str, Any], places: SourceMap) -> int:
    """How many lines stand before the end of the last calibration; comments before the next key are that key's."""
    begins = places.keys[("calibrations",)].line
    later = [places.keys[(key,)].line - 1 for key in data if places.keys[(key,)].line > begins]
    end = min(later, default=len(lines))
    while not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#"):
        end -= 1
    return end


def _as_meant(new: FibCard, old: FibCard, narrowed: Sequence[Narrowed]) -> bool:
    kept, added = new.calibrations[: len(old.calibrations)], new.calibrations[len(old.calibrations) :]
    meant = old.model_copy(update={"name": new.name, "title": new.title, "calibrations": new.calibrations})
    same = new == meant and kept == old.calibrations and len(added) == len(narrowed)
    return same and all(_says(entry, one) for entry, one in zip(added, narrowed, strict=True))


def _says(entry: Calibration, one: Narrowed) -> bool:
    """Whether the card says what was found, to the five digits that it is written with."""
    found, rate = one.posterior, entry.volume_per_dose
    ends = [(rate.low, found.low), (rate.expected, found.expected), (rate.high, found.high)]
    close = all(math.isclose(written, meant, rel_tol=1e-5) for written, meant in ends)
    return close and (entry.material, entry.accelerating_voltage) == (one.material, one.voltage_v)


def _not_editable(old: FibCard) -> Misuse:
    remedy = "write its name and its title on a line each, and its calibrations as a list with a line for every key"
    return Misuse("this card's text cannot be added to", where=old.name, remedy=remedy)
