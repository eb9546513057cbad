"""The ranges and limits of a source-measure unit, from its card, and what of them goes together."""

from fibplan.model.cards import AccuracyRange, SmuCard, range_holding
from fibplan.simulator.accuracy import Quantity
from fibplan.simulator.tsp.errors import TspError

SOURCES_TO, READS_TO = 1.01, 1.02
"""How far beyond full scale a range sources and measures (2600B/26620.htm, 15121.htm)."""
SLACK = 1.001
"""Ranges and areas are compared with this factor, for the rounding of their numbers."""


class Ranges:
    """What the card says of one unit; each check raises :class:`TspError` with the instrument's own code."""

    def __init__(self, card: SmuCard) -> None:
        self._card = card

    def fitting(self, quantity: Quantity, value: float) -> float:
        """The full scale of the smallest source range that gives ``value``."""
        return range_holding(self._sources(quantity), value, SOURCES_TO).full_scale

    def measuring(self, quantity: Quantity, value: float) -> float:
        """The full scale of the smallest measure range that reads ``value``."""
        meters = self._card.measure_voltage if quantity == "V" else self._card.measure_current
        if abs(value) > max(entry.full_scale for entry in meters) * READS_TO:
            raise TspError(1101)
        return range_holding(meters, value, READS_TO).full_scale

    def check_level(self, quantity: Quantity, level: float) -> None:
        """Refuse a level that no range gives."""
        if abs(level) > max(entry.full_scale for entry in self._sources(quantity)) * SOURCES_TO:
            raise TspError(1101 if level > 0.0 else 1102)

    def check_limit(self, quantity: Quantity, value: float) -> None:
        """Refuse a limit that the instrument does not have (2600B/17115.htm)."""
        card = self._card
        least = card.current_limit_least if quantity == "A" else card.voltage_limit_least or 0.0
        most = card.current_limit_most if quantity == "A" else card.voltage_most
        if not least <= value <= most:
            raise TspError(1102 if value < least else 1101)

    def check_area(self, quantity: Quantity, full_scale: float, limit: float) -> None:
        """Refuse a source range and a limit that the output stage does not give together."""
        areas = self._card.operating_areas
        volts, amps = (full_scale, limit) if quantity == "V" else (limit, full_scale)
        if areas and not any(volts <= area.voltage * SLACK and amps <= area.current * SLACK for area in areas):
            raise TspError(5007)

    def _sources(self, quantity: Quantity) -> tuple[AccuracyRange, ...]:
        return self._card.source_voltage if quantity == "V" else self._card.source_current
