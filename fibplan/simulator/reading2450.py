"""How a 2450 prints one reading: the elements of a buffer and their status bits (2450-901-01 Rev B, p 6-109)."""

import math

from fibplan.simulator.events import ScpiError
from fibplan.simulator.scpi import Parameters
from fibplan.simulator.sourcemeter import Reading, Setup

ELEMENTS_MOST = 14
OVERFLOW = 9.9e37
NO_READING = 9.91e37
"""What stands at an index that holds no reading."""
READ_BACK, LIMITED, FOUR_WIRE, OUTPUT_ON = 8, 32, 64, 128
"""Source status bits (2450 reference manual, buffer status)."""
NAMES = {
    "SOURce": "source", "READing": "reading", "SOURSTATus": "source status", "STATus": "status", "RELative": "time",
}  # fmt: skip


def elements(given: Parameters) -> list[str]:
    """The elements that the rest of the parameters name, the reading where there are none."""
    wanted: list[str] = []
    while given:
        try:
            wanted.append(given.name(NAMES))
        except ScpiError:
            raise ScpiError(1133) from None
        if len(wanted) > ELEMENTS_MOST:
            raise ScpiError(-108)
    return wanted or ["reading"]


def shown(reading: Reading | None, setup: Setup, element: str) -> str:
    """One element of a reading as the instrument prints it."""
    if reading is None:
        return nr3(NO_READING)
    if element == "source":
        return nr3(reading.source_v)
    if element == "reading":
        return nr3(reading.amps if math.isfinite(reading.amps) else math.copysign(OVERFLOW, reading.amps))
    if element == "time":
        return f"{reading.time_s:.6f}"
    return str(_source_status(reading, setup)) if element == "source status" else "0"


def nr3(value: float) -> str:
    """A number with an exponent, seven digits."""
    return f"{value:.6E}"


def _source_status(reading: Reading, setup: Setup) -> int:
    bits = {
        READ_BACK: setup.readback,
        LIMITED: reading.limited,
        FOUR_WIRE: setup.four_wire,
        OUTPUT_ON: reading.output_on,
    }
    return sum(bit for bit, present in bits.items() if present)
