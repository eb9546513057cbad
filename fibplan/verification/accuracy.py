"""What an instrument's card promises of a reading: gain and offset of the range in use, and what haste adds."""

from typing import NamedTuple

from fibplan.model.cards import SmuCard, range_holding
from fibplan.model.curve import Settings

LIKE_2400 = (0.1, 5e-5, 5e-4), (0.01, 5e-4, 5e-3)
HASTE = {
    "scpi-2400": LIKE_2400,
    "scpi-2450": LIKE_2400,
    "tsp-2600": ((0.1, 1e-4, 1e-4), (0.01, 1e-3, 1e-3), (0.001, 1e-2, 1e-2)),
}
"""From so many power-line cycles on, so much of full scale is added, and so much on the ranges that suffer most.

SPEC-2400 Rev L p 2 and Series 2600B specifications; what a 2450 adds was not found, so that it is taken for a 2400.
"""
SUFFER_V, SUFFER_A = 0.2, 1.0
"""Full scales that a 2400 is least exact on in haste: 200 mV (and the 20 mV that a 2400 has not) and 1 A."""


class Spec(NamedTuple):
    """Half-widths of a range: the reading is within ``gain`` of itself plus ``offset`` plus ``haste``."""

    full_scale: float
    gain: float
    offset: float
    haste: float = 0.0


def spec_of(card: SmuCard, settings: Settings, *, voltage: bool, full_scale: float) -> Spec:
    """The promise for that range of the voltmeter or of the ammeter, in volts or amperes."""
    table = card.measure_voltage if voltage else card.measure_current
    entry = range_holding(table, full_scale)
    suffers = entry.full_scale <= SUFFER_V if voltage else entry.full_scale >= SUFFER_A
    added = _haste(card.dialect, settings.nplc, suffers=suffers) * entry.full_scale
    return Spec(entry.full_scale, entry.gain, entry.offset, added)


def _haste(dialect: str, nplc: float, *, suffers: bool) -> float:
    """The share of full scale that an integration under one cycle adds; between two rows the worse one holds."""
    if nplc >= 1.0:
        return 0.0
    rows = HASTE[dialect]
    _, usual, worst = next((row for row in rows if nplc >= row[0]), rows[-1])
    return worst if suffers else usual
