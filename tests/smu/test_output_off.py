"""However a sweep ends, the output is off, or the failure says that nobody knows."""

import _thread
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from fibplan.errors import InstrumentError
from fibplan.model.cards import SmuCard
from fibplan.simulator.device import Resistor
from fibplan.simulator.keithley2450 import Keithley2450
from fibplan.simulator.server import SimulatedSmu
from fibplan.smu.connect import connect
from fibplan.smu.protocol import SweepRequest

REQUEST = SweepRequest(voltage_v=0.5, compliance_a=1e-3, points=2)

CHILD = """
import json, pathlib, sys
from fibplan.model.cards import SmuCard
from fibplan.smu.connect import connect
from fibplan.smu.protocol import SweepRequest

card = SmuCard.model_validate(json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")))
smu = connect(sys.argv[2], card)
"""
SWEEPS = CHILD + "smu.sweep(SweepRequest(voltage_v=0.5, compliance_a=1e-3, points=100))\n"
FORGETS = CHILD + "input()\n"


def switch_on(simulated: SimulatedSmu) -> None:
    """Somebody else switches the output on."""
    with socket.create_connection(("127.0.0.1", int(simulated.resource.split("::")[2]))) as other:
        other.sendall(b":OUTP ON;*OPC?\n")
        other.recv(10)
    assert simulated.output_enabled


def fail_with_output_on(simulated: SimulatedSmu, failure: type[BaseException]) -> None:
    switch_on(simulated)
    raise failure


def child(script: str, card_file: Path, simulated: SimulatedSmu) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", script, str(card_file), simulated.resource],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_the_output_is_off_after_a_sweep(simulated: SimulatedSmu, card: SmuCard) -> None:
    """The sweep itself switches the output off, before the connection is closed."""
    with connect(simulated.resource, card) as smu:
        smu.sweep(REQUEST)
        assert not simulated.output_enabled


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_leaving_the_context_switches_the_output_off(
    simulated: SimulatedSmu, card: SmuCard, failure: type[BaseException]
) -> None:
    """An exception of any kind leaves the context with the output off, and is the one that is seen."""
    with pytest.raises(failure), connect(simulated.resource, card):
        fail_with_output_on(simulated, failure)
    assert not simulated.output_enabled


def test_an_interrupt_in_the_middle_of_a_sweep_switches_the_output_off(slow, held, card: SmuCard) -> None:
    """Ctrl-C while the instrument sweeps is seen as such, with the output off and the late answer not mistaken."""

    def interrupt() -> None:
        assert slow.output_enabled
        _thread.interrupt_main()
        held.advance(100.0)

    held.on_first_wait = interrupt
    with pytest.raises(KeyboardInterrupt), connect(slow.resource, card, patience_s=2.0) as smu:
        smu.sweep(REQUEST)
    assert not slow.output_enabled


def test_a_killed_host_leaves_the_sweep_to_end_with_the_output_off(slow, held, card_file: Path) -> None:
    """When the computer dies in the middle of a sweep the instrument finishes it and switches its output off."""
    host = child(SWEEPS, card_file, slow)
    assert held.waiting.wait(60.0)
    host.kill()
    host.communicate()
    assert slow.output_enabled
    held.advance(100.0)
    assert not slow.output_enabled


def test_a_program_that_forgets_to_close_switches_the_output_off_when_it_ends(
    simulated: SimulatedSmu, card_file: Path, heard: list[str]
) -> None:
    """At the end of the program the output goes off although nobody closed the connection."""
    program = child(FORGETS, card_file, simulated)
    while "*LANG?" not in heard:
        assert program.poll() is None
    switch_on(simulated)
    _, told = program.communicate(b"\n", timeout=60.0)
    assert (program.returncode, told) == (0, b"")
    assert not simulated.output_enabled


def test_a_connection_lost_in_the_middle_of_a_sweep_is_one_clear_failure(fake, card: SmuCard, held) -> None:
    """The failure says that there was no answer and that the output state is unknown; closing adds nothing to it."""
    instrument = Keithley2450(card, Resistor(1e3), held)

    def answering(message: str) -> bytes | None:
        if message.startswith(":INIT"):
            return None
        return f"{reply}\n".encode() if (reply := instrument.answer(message)) else b""

    smu = connect(fake(answering).resource, card, patience_s=0.2)
    with pytest.raises(InstrumentError, match=r"UNKNOWN; switch the output off on the instrument") as lost:
        smu.sweep(REQUEST)
    assert len(lost.value.lines()) == 1
    smu.close()
    with pytest.raises(InstrumentError, match="UNKNOWN"):
        smu.output_off()
    with pytest.raises(InstrumentError, match="connection is closed"):
        smu.sweep(REQUEST)


def test_closing_twice_does_nothing(simulated: SimulatedSmu, card: SmuCard, heard: list[str]) -> None:
    """After an orderly close the output is known to be off, and nothing more is sent."""
    smu = connect(simulated.resource, card)
    smu.close()
    heard.clear()
    smu.close()
    smu.output_off()
    assert heard == []
