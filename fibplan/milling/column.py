"""The rate at which a column removes a material in a step: which card it comes from, and what the step makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from fibplan.milling.duration import milling_time
from fibplan.milling.rates import calibrated_rate, redeposition_factor, removal_rate, scan_rate, side_wall_gain
from fibplan.milling.removal import Removed, aspect_ratio, scan_of
from fibplan.model.cards import Cards
from fibplan.model.fib_card import FibCard
from fibplan.model.interval import Interval, exactly, product
from fibplan.model.materials import Material
from fibplan.model.plan import RateBasis, RateUsed
from fibplan.model.steps import Polish, Removal, Thin


@dataclass(frozen=True)
class Column:
    """A column with the materials it mills: all that a rate depends on beside the step."""

    fib: FibCard
    materials: Mapping[str, Material]

    @classmethod
    def of(cls, cards: Cards) -> Self:
        """The column that these cards are of."""
        return cls(cards.fib, cards.materials)

    def plain_rate(self, material: str, voltage_v: float) -> Interval | None:
        """Volume per dose in m3/C at normal incidence on an open surface, calibrated where this column was."""
        milling = self.materials[material].milling
        calibrated = calibrated_rate(self.fib.calibrations, material, voltage_v)
        if calibrated is not None:
            return calibrated.volume_per_dose
        return removal_rate(milling, voltage_v) if milling is not None else None

    def base_rate(self, material: str, step: Removal) -> tuple[RateBasis, Interval] | None:
        """What the rate in that step is made from, in m3/C, or None where no card has it.

        A calibration of this column comes first: it is the only one that was measured here. The scan's own rate comes
        before the material's, which takes the scan's gain for every material alike.
        """
        voltage = step.accelerating_voltage
        calibrated = calibrated_rate(self.fib.calibrations, material, voltage)
        if calibrated is not None:
            return RateBasis.CALIBRATED, calibrated.volume_per_dose
        own = scan_rate(scan_of(step, self.fib.patterns), material, voltage)
        if own is not None:
            return RateBasis.SCAN, own
        plain = self.plain_rate(material, voltage)
        return (RateBasis.MATERIAL, plain) if plain is not None else None

    def rate(self, material: str, step: Removal) -> RateUsed | None:
        """Volume per dose of that material in that step, or None where no card has its milling rate."""
        base = self.base_rate(material, step)
        if base is None:
            return None
        basis, known = base
        gain = [] if basis is RateBasis.SCAN else [self._gain(material, step)]
        confined = redeposition_factor(self.fib.redeposition, aspect_ratio(step))
        return RateUsed(material=material, basis=basis, volume_per_dose=product([known, *gain, confined], "m3/C"))

    def rated(self, removed: list[Removed], step: Removal) -> list[tuple[Removed, RateUsed]]:
        """What that step removes, each with its rate; what has no rate is left out."""
        parts = ((part, self.rate(part.material, step)) for part in removed if part.volume_um3 > 0)
        return [(part, rate) for part, rate in parts if rate is not None]

    def milling_time(self, removed: list[Removed], step: Removal) -> Interval:
        """Seconds with the beam on in that step."""
        return milling_time(self.rated(removed, step), step.beam_current)

    def _gain(self, material: str, step: Removal) -> Interval:
        """How much faster than a plain box at normal incidence the step's scan removes."""
        scan = scan_of(step, self.fib.patterns)
        if scan is not None:
            return scan.gain
        milling = self.materials[material].milling
        if isinstance(step, Thin | Polish) and milling is not None and milling.angle is not None:
            return side_wall_gain(milling.angle, step.overtilt, self.fib.shape.taper)
        return exactly(1.0, "1")
