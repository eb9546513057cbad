"""``simulate smu`` and ``measure``: two processes that meet only on a socket, and ``verify`` on what was written."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep

import pytest
from as_users_run_it import ENVIRONMENT, Run
from fake_instrument import fake_instruments
from shipped import smu_card

from fibplan.simulator.device import Resistor
from fibplan.simulator.server import SimulatedSmu


@contextmanager
def simulated(*arguments: str) -> Iterator[str]:
    """The VISA resource of a running ``fibplan simulate smu``."""
    process = subprocess.Popen(
        [sys.executable, "-m", "fibplan", "simulate", "smu", "--time-scale", "0", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8", env=ENVIRONMENT,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(timeout=20)
        process.stdout.close()


SWEEP = ["--voltage", "5 mV", "--compliance", "40 uA", "--path", "bridge", "--out", "curves.json"]


def test_a_resistance_is_measured_over_the_wire(run: Run, tmp_path: Path) -> None:
    """The curve of 150 ohm comes back with a flag for every point and the mark of a simulated instrument."""
    with simulated("--dut", "150") as resource:
        told = run("measure", "--resource", resource, *SWEEP, "--format", "json")
    assert told.returncode == 0, told.stderr
    curve = json.loads(told.stdout)
    assert curve["instrument"]["simulated"] is True
    assert len(curve["points"]) == 41
    assert not any(point["in_compliance"] or point["overflow"] for point in curve["points"])
    assert json.loads((tmp_path / "curves.json").read_text(encoding="utf-8"))["curves"] == [curve]


def test_a_clamped_point_is_flagged(run: Run) -> None:
    """Past the compliance the points say so."""
    with simulated("--dut", "50") as resource:
        told = run("measure", "--resource", resource, *SWEEP, "--format", "json")
    flags = [point["in_compliance"] for point in json.loads(told.stdout)["points"]]
    assert flags[0]
    assert flags[-1]
    assert not flags[len(flags) // 2]


def test_a_recipe_s_path_is_measured_and_judged_from_disk(run: Run) -> None:
    """One sweep is no verdict: what of the protocol is missing is named, and so is the path that was not measured."""
    with simulated("--recipe", "lmno-poseidon-select", "--path", "bridge") as resource:
        measured = run("measure", "--resource", resource, "--recipe", "lmno-poseidon-select", "--path", "bridge",
                       "--out", "curves.json")  # fmt: skip
    assert measured.returncode == 0, measured.stderr
    told = run("verify", "curves.json", "--recipe", "lmno-poseidon-select", "--format", "json")
    verdict = json.loads(told.stdout)
    assert told.returncode == 1
    assert verdict["verdict"] == "inconclusive"
    assert verdict["paths"]["bridge"]["grade"] == "inconclusive"
    assert verdict["paths"]["bridge"]["reasons"][1] == "gentle, reversed, repeat: not measured in this run"
    assert verdict["paths"]["protective"]["reasons"] == ["this path was not measured"]


@pytest.mark.parametrize("model", ["2400", "2450", "2636B"])
def test_each_instrument_is_measured_with_its_own_dialect(run: Run, model: str) -> None:
    """``--model`` chooses the card, and with it the words: the curve of 150 ohm is whole."""
    with simulated("--dut", "150", "--model", model) as resource:
        told = run("measure", "--resource", resource, *SWEEP, "--model", model, "--format", "json")
    assert told.returncode == 0, told.stderr
    curve = json.loads(told.stdout)
    assert curve["instrument"]["model"] == model
    assert not any(point["in_compliance"] or point["overflow"] for point in curve["points"])


def test_the_conversation_is_written_where_it_is_asked_for(run: Run, tmp_path: Path) -> None:
    """Every line is one message; a second run does not replace the file."""
    with simulated("--dut", "150") as resource:
        first = run("measure", "--resource", resource, *SWEEP, "--wire-log", "wire.jsonl")
        kept = (tmp_path / "wire.jsonl").read_text(encoding="utf-8")
        second = run("measure", "--resource", resource, *SWEEP, "--wire-log", "wire.jsonl")
    assert first.returncode == 0, first.stderr
    messages = [json.loads(line) for line in kept.splitlines()]
    assert messages[0]["text"] == "*IDN?"
    assert {message["way"] for message in messages} == {"sent", "received"}
    assert second.returncode == 2
    assert "wire.jsonl: this file is there already" in second.stderr
    assert (tmp_path / "wire.jsonl").read_text(encoding="utf-8") == kept


def test_what_is_known_of_a_broken_sweep_is_kept_and_marked(run: Run, tmp_path: Path) -> None:
    """The connection goes before the fetch: exit code 3, one line, and a curve in the file that says it is partial."""
    instrument = SimulatedSmu(smu_card("keithley-2450"), Resistor(150.0), time_scale=0.0).instrument
    lost = []

    def answering(message: str) -> bytes | None:
        if message.startswith("*WAI") and not lost:
            lost.append(message)
            return None
        reply = instrument.answer(message)
        return b"" if reply is None else reply.encode("ascii") + b"\n"

    with fake_instruments() as start:
        told = run("measure", "--resource", start(answering).resource, *SWEEP)
    assert told.returncode == 3
    assert "a new connection confirmed that the output is off; 41 points of the sweep are kept" in told.stderr
    assert "Traceback" not in told.stderr
    (curve,) = json.loads((tmp_path / "curves.json").read_text(encoding="utf-8"))["curves"]
    assert curve["partial"] is True
    assert len(curve["points"]) == 41


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without telling it")
@pytest.mark.parametrize("model", ["2400", "2450", "2636b"])
def test_a_termination_in_a_sweep_switches_the_output_off(tmp_path: Path, model: str) -> None:
    """SIGTERM while a sweep of a minute runs: the process ends with the output off, long before the sweep would."""
    sweep = ["--voltage", "0.5 V", "--compliance", "1 mA", "--points", "1001", "--path", "p", "--out", "c.json"]
    with SimulatedSmu(smu_card(f"keithley-{model}"), Resistor(1e3), time_scale=1.0) as slow:
        command = [sys.executable, "-m", "fibplan", "measure", "--resource", slow.resource, "--model", model, *sweep]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT, cwd=tmp_path) as process:
            while not slow.output_enabled and process.poll() is None:
                sleep(0.01)
            process.terminate()
            _, told = process.communicate(timeout=10)
        assert "stopping: every output is switched off" in told
        assert not slow.output_enabled
    assert process.returncode == 130
    assert "UNKNOWN" not in told
    assert not (tmp_path / "c.json").exists()


REFUSED = {
    "nothing listens": (["--resource", "TCPIP::127.0.0.1::1::SOCKET", *SWEEP], 3),
    "no resource": (["--resource", "nonsense", *SWEEP], 3),
    "too much current": (
        ["--resource", "x", "--voltage", "1 V", "--compliance", "20 A", "--path", "p", "--out", "c.json"], 3,
    ),
    "no sweep said": (["--resource", "x", "--path", "bridge", "--out", "c.json"], 2),
    "decimal comma": (
        ["--resource", "x", "--voltage", "1,5 V", "--compliance", "1 uA", "--path", "p", "--out", "c.json"], 2,
    ),
    "unknown path": (
        ["--resource", "x", "--recipe", "lmno-poseidon-select", "--path", "brige", "--out", "c.json"], 2,
    ),
    "unknown probing step": (
        ["--resource", "x", "--recipe", "lmno-poseidon-select", "--path", "bridge", "--probing", "s", "--out", "c"], 2,
    ),
    "not a curve set": (
        ["--resource", "x", "--voltage", "1 V", "--compliance", "1 uA", "--path", "p", "--out", "mine.txt"], 2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_measured_is_one_line_and_nothing_is_lost(run: Run, tmp_path: Path, name: str) -> None:
    """Each failure has its exit code, one line on stderr, no traceback, and leaves files as they were."""
    arguments, code = REFUSED[name]
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    told = run("measure", *arguments)
    assert told.returncode == code, told.stderr
    assert len(told.stderr.splitlines()) == 1
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == {"mine.txt": "mine"}


@pytest.mark.skipif(os.name == "nt", reason="a console's Ctrl-C cannot be sent to one process on Windows")
def test_ctrl_c_ends_the_simulator_with_130() -> None:
    """Interrupting it is how it is meant to end: the port is closed and the exit code says interrupted."""
    process = subprocess.Popen(
        [sys.executable, "-m", "fibplan", "simulate", "smu", "--dut", "open"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", env=ENVIRONMENT,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline().startswith("TCPIP::127.0.0.1::")
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in told
