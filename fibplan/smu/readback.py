"""What an instrument was asked to set against what it says that it has set."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from fibplan.errors import InstrumentError
from fibplan.model.cards import SmuCard
from fibplan.model.curve import Settings
from fibplan.smu.protocol import SweepRequest
from fibplan.smu.replies import number
from fibplan.units import show

LIMIT, NPLC, SOURCE_RANGE, MEASURE_RANGE = "limit", "power-line cycles", "source range", "measure range"
"""The settings that a curve keeps, called so in every dialect."""
CLOSE = 1e-3
"""How far a number may be from what was asked: an instrument rounds to its resolution."""


class Setting(NamedTuple):
    """One setting as it was asked for, and the query that reads it back."""

    name: str
    query: str
    asked: str | float
    scale: float = 1.0
    """The instrument answers this many times the value: some tell a range with its overrange."""
    holds: float = 0.0
    """Above zero for a range: it must reach ``asked`` when it is driven this many times its full scale."""

    def agrees(self, answer: str, where: str) -> bool:
        """Whether what was set is what was asked; raises where a number was expected and none came."""
        if isinstance(self.asked, str):
            return same_words(answer, self.asked)
        value = self.value(answer, where)
        if self.holds:
            return value * self.holds >= self.asked * (1.0 - CLOSE)
        return math.isclose(value, self.asked, rel_tol=CLOSE, abs_tol=1e-12)

    def value(self, answer: str, where: str) -> float:
        return number(answer, where) / self.scale


def idle_level(request: SweepRequest, query: str) -> list[Setting]:
    """The level that a sweep idles at, where that is not the zero of a reset."""
    return [Setting("level before and after the sweep", query, request.idle)] if request.idle else []


class Answered(NamedTuple):
    """The answer to each setting's query, and the instrument's own words where it complains."""

    values: Sequence[str]
    words: Sequence[str]


def differences(asked: Sequence[Setting], answered: Answered, where: str) -> list[str]:
    """Every setting that is not what was asked, told with both."""
    return [
        f"{setting.name}: asked {setting.asked}, set {answer[:40]}"
        for setting, answer in zip(asked, answered.values, strict=True)
        if not setting.agrees(answer, where)
    ]


def wider_than_needed(request: SweepRequest, settings: Settings, card: SmuCard) -> list[str]:
    """Whether the source range reaches further than the lowest of the card's ranges that hold the sweep.

    Every sweep stays on its one range, so a level that was misunderstood on the way goes no further than that.
    """
    found = settings.voltage_range_v if request.sources_voltage else settings.current_range_a
    table, unit = (card.source_voltage, "V") if request.sources_voltage else (card.source_current, "A")
    enough = min((entry.full_scale for entry in table if entry.full_scale >= request.shape.reach), default=math.inf)
    if found is None or found <= enough * (1.0 + CLOSE):
        return []
    return [f"{SOURCE_RANGE}: {show(enough, unit)} is enough, set {show(found, unit)}"]


def refused(wrong: Sequence[str], words: Sequence[str], where: str) -> InstrumentError:
    """The failure of a configuration: what was asked, what was set, and the instrument's words."""
    said = f"it says {' and '.join(words)}" if words else "it says nothing of it"
    return InstrumentError(
        f"the instrument did not take the settings ({'; '.join([*wrong, said])})",
        where=where,
        remedy="change the sweep so that the instrument takes it",
    )


def settings_of(request: SweepRequest, asked: Sequence[Setting], answered: Answered, where: str) -> Settings:
    """The settings that a curve keeps, as the instrument read them back."""
    pairs = {setting.name: (setting, answer) for setting, answer in zip(asked, answered.values, strict=True)}

    def told(name: str) -> float:
        setting, answer = pairs[name]
        return setting.value(answer, where)

    measure_range = None if request.measure_range is None else told(MEASURE_RANGE)
    source_range, limit, voltage = told(SOURCE_RANGE), told(LIMIT), request.sources_voltage
    return Settings(
        source=request.source,
        compliance_a=limit if voltage else None,
        limit_v=None if voltage else limit,
        voltage_range_v=source_range if voltage else measure_range,
        current_range_a=measure_range if voltage else source_range,
        nplc=told(NPLC),
        four_wire=request.four_wire,
        autozero=request.autozero,
        output_off="high impedance",
    )


def same_words(answer: str, asked: str) -> bool:
    """Whether two lists of names are the same, whatever their quotes, capitals and order."""
    return sorted(_names(answer)) == sorted(_names(asked))


def _names(text: str) -> list[str]:
    return [name.strip().strip("\"'").upper() for name in text.split(",")]
