"""How far a simulated instrument is from the truth: by errors of its own, constant for years, and by a little noise.

Specified accuracy is systematic: independent noise of that size would average away over a sweep, and no real
instrument does that. So gain and offset are drawn once for each range of each serial number.
"""

import math
from dataclasses import dataclass
from random import Random
from typing import Literal, NamedTuple

from fibplan.model.cards import AccuracyRange, SmuCard, range_holding

Quantity = Literal["V", "A"]

SYSTEMATIC = 0.95
"""The share of the one-year specification that systematic errors may use, so that noise does not leave it."""
NOISE = 0.002
"""Standard deviation of the noise at one power-line cycle, as a share of the range's offset specification."""
NPLC_LEAST = 1e-3
COUNTS = 1_000_000
"""Counts in full scale: 10 fA on 10 nA, 10 nA on 10 mA (SPEC-2450 Rev A, 6.5 digits)."""
OVERRANGE = 1.05
"""How far beyond full scale a range still sources and measures (SPEC-2450 Rev A; 2400S-900-01 p 6-2)."""


@dataclass(frozen=True)
class Deviation:
    """The gain and offset by which one range of one instrument is off."""

    gain: float
    offset: float

    def applied(self, value: float) -> float:
        return value * (1.0 + self.gain) + self.offset


class _Range(NamedTuple):
    """One range as it errs: its noise at one power-line cycle, and its resolution."""

    deviation: Deviation
    noise: float
    resolution: float


class Accuracy:
    """The errors of the instrument with this serial number: the same whenever it is asked, noise aside.

    It resolves ``counts`` steps of the full scale of each range.
    """

    def __init__(self, card: SmuCard, serial: str, seed: int, counts: float = COUNTS) -> None:
        self._counts = counts
        self._sources = {"V": card.source_voltage, "A": card.source_current}
        self._meters = {"V": card.measure_voltage, "A": card.measure_current}
        self._identity = f"{seed}:{serial}"
        self._noise = Random(f"{self._identity}:noise")
        self._known: dict[tuple[str, Quantity, float], _Range] = {}

    def sourced(self, quantity: Quantity, level: float, source_range: float) -> float:
        """What the source really gives for the programmed ``level``, volts or amperes."""
        return self._range("source", quantity, source_range).deviation.applied(level)

    def measured(self, quantity: Quantity, truth: float, full_scale: float, nplc: float = 1.0) -> float:
        """What is read for ``truth`` on that range, volts or amperes, integrated over ``nplc`` cycles of the mains.

        Noise shrinks with the root of the integration time, as white noise does.
        """
        deviation, noise, resolution = self._range("measure", quantity, full_scale)
        noisy = deviation.applied(truth) + self._noise.gauss(0.0, noise / math.sqrt(max(nplc, NPLC_LEAST)))
        return round(noisy / resolution) * resolution

    def _range(self, role: Literal["source", "measure"], quantity: Quantity, full_scale: float) -> _Range:
        known = self._known.get((role, quantity, full_scale))
        if known is None:
            entry = range_holding((self._sources if role == "source" else self._meters)[quantity], full_scale)
            known = _Range(self._drawn(role, quantity, entry), NOISE * entry.offset, entry.full_scale / self._counts)
            self._known[role, quantity, full_scale] = known
        return known

    def _drawn(self, role: str, quantity: Quantity, entry: AccuracyRange) -> Deviation:
        drawn = Random(f"{self._identity}:{role} {quantity}:{entry.full_scale!r}")
        return Deviation(
            gain=drawn.uniform(-1.0, 1.0) * SYSTEMATIC * entry.gain,
            offset=drawn.uniform(-1.0, 1.0) * SYSTEMATIC * entry.offset,
        )
