"""The port: several clients, bounded lines, garbage."""

import random
from collections.abc import Callable

import pytest

from fibplan.errors import InstrumentError
from fibplan.model.cards import SmuCard
from fibplan.simulator.device import Resistor
from fibplan.simulator.server import LINE_BYTES, SimulatedSmu

IDENTITY = "KEITHLEY INSTRUMENTS,MODEL 2450,SIM00001,1.6.7c"


def test_several_clients_share_one_instrument(talk: Callable) -> None:
    """What one client sets, another reads."""
    first, second = talk(), talk()
    first.ask(":SOUR:VOLT 0.25;*OPC?")
    assert second.ask(":SOUR:VOLT?") == "2.500000E-01"


def test_a_sweep_lets_everybody_talk_but_whoever_asked_to_wait(card: SmuCard, talk_to: Callable) -> None:
    """While it sweeps the instrument executes commands; *WAI holds up only the one that sent it (p 3-107, B-10)."""
    with SimulatedSmu(card, Resistor(1e3), time_scale=1.0) as running:
        waiting, free = talk_to(running), talk_to(running)
        assert waiting.ask(":SOUR:SWE:VOLT:LIN -1,1,1001,0,1,BEST,OFF;:INIT;:OUTP?;:TRAC:ACT?") == "1;0"
        waiting.send(b"*WAI;:OUTP?\n")
        assert free.ask(":OUTP?") == "1"
        assert free.ask(":OUTP OFF;:ABOR;:OUTP?") == "0"
        assert waiting.ask("*OPC?") == "0"


def test_a_message_may_come_in_pieces_and_several_in_one(talk: Callable) -> None:
    """Lines are put together and taken apart, whatever the network does to them."""
    client = talk()
    client.send(b"*ID")
    assert client.ask("N?") == IDENTITY
    client.send(b":SOUR:VOLT 1\r\n:SOUR:VOLT?\n")
    assert client.ask("*OPC?") == "1.000000E+00"
    assert client.ask("*OPC?") == "1"


def test_an_endless_line_is_dropped_and_leaves_an_error(talk: Callable) -> None:
    """A line that is too long is lost whole, and the next one is understood."""
    client = talk()
    client.send(b"9" * (3 * LINE_BYTES) + b"\n")
    assert client.ask("*IDN?") == IDENTITY
    assert client.ask(":SYST:ERR?").startswith("-363,")


@pytest.mark.parametrize("seed", range(20))
def test_random_bytes_are_survived(simulated: SimulatedSmu, talk: Callable, seed: int) -> None:
    """After any bytes the instrument still answers, with every refusal in its log and its output as it was."""
    chance = random.Random(seed)
    client = talk()
    client.send(chance.randbytes(chance.randrange(1, 20_000)) + b"\n*CLS\n")
    client.close()
    assert talk().ask("*RST;*IDN?") == IDENTITY


PIECES = [
    ":", ";", ",", "?", " ", "\n", '"', "'", "*RST", "*WAI", ":SOUR", "VOLT", ":ILIM", ":SENS", "CURR", ":RANG", "AUTO",
    ":SWE", ":LIN", ":INIT", ":ABOR", ":TRAC", ":DATA?", ":READ?", ":OUTP", "ON", "NAN", "INF", "-1", "1e999", "0",
    "2147483648", "1" * 400, "defbuffer1", "SOURSTAT", ":SYST:ERR?", "MIN", "[1]", "(", "\\", "\x00",
]  # fmt: skip


@pytest.mark.parametrize("seed", range(20))
def test_random_messages_of_known_pieces_are_survived(talk: Callable, seed: int) -> None:
    """Nearly right messages neither crash nor hang the instrument."""
    chance = random.Random(seed)
    client = talk()
    client.send("".join(chance.choice(PIECES) for _ in range(2_000)).encode("latin-1") + b"\n")
    client.close()
    assert talk().ask("*RST;*IDN?") == IDENTITY


def test_an_answer_that_would_not_fit_is_cut_off_with_an_error(talk: Callable) -> None:
    """A message cannot make the instrument build an answer without bounds."""
    client = talk()
    client.send(b";".join([b":TRAC:DATA? 1,100000"] * 200) + b"\n:SYST:ERR?\n")
    assert len(client.ask("*OPC?")) < 2**25
    assert client.ask("*OPC?").startswith("-430,")


def test_stopping_and_starting_again(card: SmuCard) -> None:
    """A stopped server has no resource and may be stopped again; started anew it answers."""
    running = SimulatedSmu(card, Resistor(1e3), time_scale=0.0)
    running.stop()
    with pytest.raises(InstrumentError, match="not started"):
        _ = running.resource
    for _ in range(2):
        with running:
            assert running.resource.startswith("TCPIP::127.0.0.1::")
        running.stop()


def test_a_port_that_is_taken_is_explained(simulated: SimulatedSmu, card: SmuCard) -> None:
    """A port in use is one clear failure."""
    taken = int(simulated.resource.split("::")[2])
    with pytest.raises(InstrumentError, match="cannot listen"):
        SimulatedSmu(card, Resistor(1e3), port=taken).start()


def test_a_dialect_without_simulator_is_explained(card: SmuCard) -> None:
    """A card of another dialect is refused with the dialects there are."""
    with pytest.raises(InstrumentError, match=r"no simulator.*scpi-2450"):
        SimulatedSmu(card.model_copy(update={"dialect": "tsp-2600"}), Resistor(1e3))
