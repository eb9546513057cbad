"""What the simulated source-measure unit is connected to, and where source and device meet."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

HALVINGS = 60
"""Enough to place a voltage to the last bit of a double."""


class DeviceUnderTest(Protocol):
    """A two-terminal device whose current grows with the voltage."""

    def current(self, volts: float) -> float:
        """The current at that voltage, in amperes."""
        ...


@dataclass(frozen=True)
class Resistor:
    """A resistance in ohm; ``inf`` is an open circuit."""

    resistance_ohm: float

    def __post_init__(self) -> None:
        if not self.resistance_ohm > 0.0:
            raise ValueError(f"a resistance of {self.resistance_ohm} ohm is not above zero")

    def current(self, volts: float) -> float:
        return volts / self.resistance_ohm


class OperatingPoint(NamedTuple):
    """Volts across the device, amperes through it, and whether a limit held the voltage back."""

    volts: float
    amps: float
    limited: bool


def operating_point(device: DeviceUnderTest, volts: float, limit_a: float) -> OperatingPoint:
    """Where a source of ``volts`` that never gives more than ``limit_a`` drives the device."""
    amps = device.current(volts)
    if abs(amps) <= limit_a:
        return OperatingPoint(volts, amps, limited=False)
    inside, outside = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2.0
        if abs(device.current(volts * middle)) <= limit_a:
            inside = middle
        else:
            outside = middle
    held = volts * inside
    return OperatingPoint(held, device.current(held), limited=True)
