"""A 2450 card and simulated instruments, the clock in the test's hand."""

import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from fibplan.clock import ScriptedClock
from fibplan.model.cards import SmuCard
from fibplan.simulator.device import DeviceUnderTest, Resistor
from fibplan.simulator.keithley2450 import Keithley2450
from fibplan.simulator.server import SimulatedSmu

# SPEC-2450 Rev A, one year, as in section 1.4 of the SMU facts: full scale, share of the reading, offset.
MEASURE_CURRENT = [
    (1e-8, 1e-3, 5e-11), (1e-7, 6e-4, 1e-10), (1e-6, 2.5e-4, 3e-10), (1e-5, 2.5e-4, 7e-10), (1e-4, 2e-4, 6e-9),
    (1e-3, 2e-4, 6e-8), (1e-2, 2e-4, 6e-7), (1e-1, 2.5e-4, 6e-6), (1.0, 3e-4, 5e-4),
]  # fmt: skip
MEASURE_VOLTAGE = [(0.02, 1e-3, 1.5e-4), (0.2, 1.2e-4, 2e-4), (2.0, 1.2e-4, 3e-4), (20.0, 1.5e-4, 1e-3),
                   (200.0, 1.5e-4, 1e-2)]  # fmt: skip
SOURCE_VOLTAGE = [(0.02, 1e-3, 2e-4), (0.2, 1.5e-4, 2e-4), (2.0, 2e-4, 3e-4), (20.0, 1.5e-4, 2.4e-3),
                  (200.0, 1.5e-4, 2.4e-2)]  # fmt: skip


def ranges(rows: list[tuple[float, float, float]]) -> list[dict[str, float]]:
    return [{"full_scale": full_scale, "gain": gain, "offset": offset} for full_scale, gain, offset in rows]


@pytest.fixture(scope="session")
def card() -> SmuCard:
    return SmuCard.model_validate(
        {
            "fibplan": 1,
            "kind": "smu",
            "name": "bench-2450",
            "title": "Keithley 2450",
            "source": "SPEC-2450 Rev A",
            "status": "published",
            "model": "2450",
            "dialect": "scpi-2450",
            "measure_current": ranges(MEASURE_CURRENT),
            "measure_voltage": ranges(MEASURE_VOLTAGE),
            "source_voltage": ranges(SOURCE_VOLTAGE),
            "current_limit_least": "1 nA",
            "current_limit_most": "1.05 A",
            "voltage_most": "210 V",
            "interlock_voltage": "21 V",
            "points_most": 1_000_000,
        }
    )


@pytest.fixture
def clock() -> ScriptedClock:
    return ScriptedClock(datetime(2026, 5, 6, 12, 57, 4, 484_000, tzinfo=UTC))


@pytest.fixture
def instrument(card: SmuCard, clock: ScriptedClock) -> Keithley2450:
    """A 2450 on 1 kohm; its time passes only when somebody sleeps."""
    return Keithley2450(card, Resistor(1e3), clock)


@pytest.fixture
def simulated(card: SmuCard) -> Iterator[SimulatedSmu]:
    """A 2450 on 1 kohm that does not wait, behind a real port."""
    with SimulatedSmu(card, Resistor(1e3), time_scale=0.0) as running:
        yield running


@pytest.fixture
def on(card: SmuCard, clock: ScriptedClock) -> Callable[[DeviceUnderTest], Keithley2450]:
    """A 2450 on the device that is named."""
    return lambda device: Keithley2450(card, device, clock)


class Talker:
    """A client with nothing but a socket."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10.0)
        self._lines = self.socket.makefile("rb")

    def send(self, sent: bytes) -> None:
        self.socket.sendall(sent)

    def ask(self, message: str) -> str:
        self.send(message.encode("ascii") + b"\n")
        return self._lines.readline().decode("ascii").rstrip("\n")

    def close(self) -> None:
        self._lines.close()
        self.socket.close()


@pytest.fixture
def talk_to() -> Iterator[Callable[[SimulatedSmu], Talker]]:
    """Opens one more connection to a simulated instrument."""
    talkers: list[Talker] = []

    def opened(running: SimulatedSmu) -> Talker:
        talkers.append(Talker(int(running.resource.split("::")[2])))
        return talkers[-1]

    yield opened
    for talker in talkers:
        talker.close()


@pytest.fixture
def talk(simulated: SimulatedSmu, talk_to: Callable[[SimulatedSmu], Talker]) -> Callable[[], Talker]:
    """Opens one more connection to the simulated instrument that does not wait."""
    return lambda: talk_to(simulated)
