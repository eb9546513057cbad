"""How far a simulated instrument is from the truth: by errors of its own, constant for years, and by a little noise.

Specified accuracy is systematic: independent noise of that size would average away over a sweep, and no real
instrument does that. So gain and offset are drawn once for each range of each serial number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from fibplan.model.cards import AccuracyRange, SmuCard

SYSTEMATIC = 0.95
"""The share of the one-year specification that systematic errors may use, so that noise does not leave it."""
NOISE = 0.002
"""Standard deviation of the noise, as a share of the range's offset specification."""
COUNTS = 1_000_000
"""Counts in full scale: 10 fA on 10 nA, 10 nA on 10 mA (SPEC-2450 Rev A, 6.5 digits)."""
OVERRANGE = 1.05
"""How far beyond full scale a range still sources and measures (SPEC-2450 Rev A)."""


def range_for(ranges: Sequence[AccuracyRange], value: float, headroom: float = 1.0) -> AccuracyRange:
    """The most sensitive range that holds ``value``, or the largest there is."""
    ordered = sorted(ranges, key=lambda entry: entry.full_scale)
    return next((entry for entry in ordered if abs(value) <= entry.full_scale * headroom), ordered[-1])


@dataclass(frozen=True)
class Deviation:
    """The gain and offset by which one range of one instrument is off."""

    gain: float
    offset: float

    def applied(self, value: float) -> float:
        return value * (1.0 + self.gain) + self.offset


class Accuracy:
    """The errors of the instrument with this serial number: the same whenever it is asked, noise aside."""

    def __init__(self, card: SmuCard, serial: str, seed: int) -> None:
        self._card = card
        self._identity = f"{seed}:{serial}"
        self._noise = Random(f"{self._identity}:noise")
        self._known: dict[tuple[str, float], Deviation] = {}

    def sourced_voltage(self, level: float, source_range: float) -> float:
        """What the source really gives for the programmed ``level``, in volts."""
        entry = range_for(self._card.source_voltage, source_range)
        return self._deviation("source voltage", entry).applied(level)

    def measured_voltage(self, volts: float, full_scale: float) -> float:
        """What is read for ``volts`` on that range, in volts."""
        return self._reading("measure voltage", range_for(self._card.measure_voltage, full_scale), volts)

    def measured_current(self, amps: float, full_scale: float) -> float:
        """What is read for ``amps`` on that range, in amperes."""
        return self._reading("measure current", range_for(self._card.measure_current, full_scale), amps)

    def _reading(self, quantity: str, entry: AccuracyRange, truth: float) -> float:
        noisy = self._deviation(quantity, entry).applied(truth) + self._noise.gauss(0.0, NOISE * entry.offset)
        count = entry.full_scale / COUNTS
        return round(noisy / count) * count

    def _deviation(self, quantity: str, entry: AccuracyRange) -> Deviation:
        known = self._known.get((quantity, entry.full_scale))
        if known is None:
            drawn = Random(f"{self._identity}:{quantity}:{entry.full_scale!r}")
            known = Deviation(
                gain=drawn.uniform(-1.0, 1.0) * SYSTEMATIC * entry.gain,
                offset=drawn.uniform(-1.0, 1.0) * SYSTEMATIC * entry.offset,
            )
            self._known[quantity, entry.full_scale] = known
        return known
