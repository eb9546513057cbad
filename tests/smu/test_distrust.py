"""Whatever answers, the driver gives the numbers of an instrument or one clear failure, and it never hangs."""

import random
import socket
from datetime import UTC, datetime

import pytest

from fibplan.clock import ScriptedClock
from fibplan.errors import InstrumentError
from fibplan.model.cards import SmuCard
from fibplan.simulator.device import Resistor
from fibplan.simulator.keithley2450 import Keithley2450
from fibplan.smu.connect import connect, identified
from fibplan.smu.protocol import SweepRequest

REQUEST = SweepRequest(voltage_v=0.5, compliance_a=1e-3, points=3)


def noise(chance: random.Random, good: bytes) -> bytes:
    """One of many ways in which an answer can go wrong; never a well-formed other number."""
    return chance.choice(
        [
            chance.randbytes(chance.randrange(1, 200)) + b"\n",
            b"\n",
            b"\xff\xfe\n",
            b"9" * 50_000 + b"\n",
            b";" * 20 + b"\n",
            good[: chance.randrange(len(good) - 1)].rstrip(b"\n") + b"\n",
            good.rstrip(b"\n") * 2 + b"\n",
            b"nan," + good,
            good.replace(b"E", b"X").replace(b"0", b"o").replace(b"1", b"l"),
            b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
        ]
    )


@pytest.mark.parametrize("seed", range(40))
def test_a_garbled_answer_is_a_failure_and_never_a_number(fake, card: SmuCard, seed: int) -> None:
    """Whichever answer goes wrong and however, the sweep raises an InstrumentError."""
    chance = random.Random(seed)
    instrument = Keithley2450(card, Resistor(1e3), ScriptedClock(datetime(2026, 1, 1, tzinfo=UTC)), time_scale=0.0)
    spoiled = iter([False] * chance.randrange(5) + [True])

    def answering(message: str) -> bytes:
        reply = instrument.answer(message)
        good = f"{reply}\n".encode() if reply is not None else b""
        return noise(chance, good) if good and next(spoiled, True) else good

    with pytest.raises(InstrumentError) as failure:
        connect(fake(answering).resource, card, patience_s=0.1).sweep(REQUEST)
    assert failure.value.remedy


@pytest.mark.parametrize("seed", range(10))
def test_a_server_that_speaks_something_else_is_explained(fake, card: SmuCard, seed: int) -> None:
    """Random lines in answer to the identity query are refused."""
    chance = random.Random(seed)
    server = fake(lambda message: chance.randbytes(50) + b"\n")
    with pytest.raises(InstrumentError):
        connect(server.resource, card, patience_s=0.1)


def test_silence_is_explained(fake, card: SmuCard) -> None:
    """A server that never answers is one clear failure."""
    with pytest.raises(InstrumentError, match=r"no answer within 0\.1 s"):
        connect(fake(lambda message: b"").resource, card, patience_s=0.1)


def test_an_endless_answer_is_cut_off(fake, card: SmuCard) -> None:
    """A server that sends without end, and never a line, cannot hold the driver."""
    with pytest.raises(InstrumentError, match="does not end"):
        connect(fake(lambda message: b"9" * 1_000_000).resource, card, patience_s=0.5)


def test_a_port_that_nobody_listens_on_is_explained(card: SmuCard) -> None:
    """A refused connection is one clear failure."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(InstrumentError, match="connection is lost"):
        connect(f"TCPIP::127.0.0.1::{port}::SOCKET", card, patience_s=0.2)


@pytest.mark.parametrize("resource", ["garbage", "ASRL/dev/none::INSTR", ""])
def test_a_resource_that_cannot_be_opened_is_explained(card: SmuCard, resource: str) -> None:
    """A wrong resource name is told with an example of a right one."""
    with pytest.raises(InstrumentError, match=r"TCPIP::192\.168\.0\.5::5025::SOCKET"):
        connect(resource, card)


def test_a_visa_library_that_is_not_there_is_explained(card: SmuCard) -> None:
    """An unknown VISA library is named."""
    with pytest.raises(InstrumentError, match="@nothing"):
        connect("TCPIP::127.0.0.1::5025::SOCKET", card, visa_library="@nothing")


def test_a_dialect_without_driver_is_explained(card: SmuCard) -> None:
    """A card of a dialect that is not spoken is refused before anything is opened."""
    with pytest.raises(InstrumentError, match=r"no driver for the dialect scpi-2400.*scpi-2450"):
        connect("TCPIP::127.0.0.1::1::SOCKET", card.model_copy(update={"dialect": "scpi-2400"}))


@pytest.mark.parametrize("identity", ["", "a,b,c", "a,b,c,d,e", "KEITHLEY,,1,2", "KEITHLEY, ,1,2"])
def test_an_identity_without_four_fields_is_none(identity: str) -> None:
    """Maker, model, serial number and firmware, or no instrument."""
    with pytest.raises(InstrumentError, match="no identity"):
        identified(identity, "here")
