"""The ranges of a 2400, which are chosen by the value that is expected, and what goes together with what.

2400S-900-01 p 18-60 to 18-63 (measure ranges) and 18-74 to 18-76 (source ranges).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fibplan.model.cards import AccuracyRange, SmuCard, range_holding
from fibplan.simulator.accuracy import OVERRANGE, Quantity
from fibplan.simulator.scpi import Handler, Parameters
from fibplan.simulator.scpi2400.settings import LIMIT_A, LIMIT_V, RANGE_A, RANGE_V
from fibplan.simulator.scpi_settings import nr3


@dataclass(frozen=True)
class Ranges:
    """The ranges of one quantity, volts or amperes, and what it reaches at most."""

    sourced: Sequence[AccuracyRange]
    measured: Sequence[AccuracyRange]
    reach: float
    least_limit: float
    limit: float
    """The limit after a reset."""
    usual: float
    """The range after a reset."""


LEAST_LIMIT_V = 200e-6
"""The least voltage limit of the family, where the card has none (p 6-2)."""


def ranges_of(card: SmuCard) -> dict[Quantity, Ranges]:
    """The ranges of both quantities of this model."""
    least_v = LEAST_LIMIT_V if card.voltage_limit_least is None else card.voltage_limit_least
    return {
        "V": Ranges(card.source_voltage, card.measure_voltage, card.voltage_most, least_v, LIMIT_V, RANGE_V),
        "A": Ranges(
            card.source_current,
            card.measure_current,
            card.current_limit_most,
            card.current_limit_least,
            LIMIT_A,
            RANGE_A,
        ),
    }


def holding(ranges: Sequence[AccuracyRange], value: float) -> float:
    """Full scale of the most sensitive range that holds ``value``, which may be 105 % of it (p 18-62, 18-75)."""
    return range_holding(ranges, value, OVERRANGE).full_scale


def shown_range(full_scale: float) -> str:
    """A range as its query prints it: 105 % of full scale."""
    return nr3(full_scale * OVERRANGE)


def within_power(card: SmuCard, volts: float, amps: float) -> bool:
    """Whether a range of the one and a limit of the other go together (p 18-62 note 4)."""
    areas = card.operating_areas
    return not areas or any(volts <= area.voltage and amps <= area.current for area in areas)


def range_setting(
    header: str,
    entries: Sequence[AccuracyRange],
    ranges: Ranges,
    read: Callable[[], float],
    assign: Callable[[float], None],
) -> dict[str, Handler]:
    """A range, set by the value that is expected, or to the next one UP or DOWN, MINimum being the lowest.

    ``read`` gives the full scale of the present one.
    """
    limits = (-ranges.reach, ranges.reach, ranges.usual)

    def ask(given: Parameters) -> str:
        if not given:
            return shown_range(read())
        return shown_range(holding(entries, given.bound(0.0, ranges.reach, ranges.usual)))

    return {
        f"{header} <n>": lambda given: assign(given.number(*limits, words=_neighbours(entries, read()))),
        f"{header}? <which>": ask,
    }


def _neighbours(entries: Sequence[AccuracyRange], full_scale: float) -> dict[str, float]:
    scales = sorted(entry.full_scale for entry in entries)
    above = [scale for scale in scales if scale > full_scale]
    below = [scale for scale in scales if scale < full_scale]
    return {"UP": min(above, default=full_scale), "DOWN": max(below, default=full_scale), "MINimum": 0.0}
