"""Kills a session at random moments and resumes it, until it ends: what may never be lost, and never be done twice.

``python tests/crash/killing.py`` in the environment that fibplan is installed in kills 200 times and prints what was
found; ``--kills`` and ``--seed`` say otherwise. With ``--wizard`` the whole command is killed, not only the session.
"""

import argparse
import itertools
import math
import queue
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from killing_wizard import WizardResult, kill_the_wizard

from fibplan.circuit.truth import values_reading
from fibplan.cli.lamella import SimulatedLamella
from fibplan.journal.chain import Fault
from fibplan.journal.file import examine as examine_journal
from fibplan.journal.file import lock_of
from fibplan.journal.state import fold
from fibplan.library.examine import examine
from fibplan.library.search_path import SearchPath
from fibplan.session.folder import SessionFolder
from fibplan.session.integrity import verify_session
from fibplan.simulator.device import Resistor
from fibplan.simulator.server import SimulatedSmu

HERE = Path(__file__).resolve().parent
RECIPE = "lmno-poseidon-select"
TRUTH = {"bridge": 160.0, "protective": 1.25e7}
TIME_SCALE = 0.1
"""Of the sweeps, against those of a real instrument."""
KILLS_A_SESSION = 5
"""So that sessions also come to their end, and are killed there."""
PATIENCE_S = 120.0
SLOW_MACHINE_S = 2.0
"""What a busy computer may take to notice that the output is off."""


@dataclass
class Result:
    """What was found; ``worst_off_s`` is how long after a kill the output was still on at the longest."""

    kills: int = 0
    sessions: int = 0
    resumed: int = 0
    torn: int = 0
    uncertain: int = 0
    while_on: int = 0
    worst_off_s: float = 0.0
    longest_sweep_s: float = 0.0
    faults: list[str] = field(default_factory=list[str])

    def __str__(self) -> str:
        lines = [
            f"{self.kills} kills in {self.sessions} sessions, {self.resumed} times resumed after one",
            f"{self.uncertain} kills left an operation uncertain, {self.torn} tore a line of the journal",
            f"{self.while_on} kills found the output on; it went off within {self.worst_off_s:.2f} s, "
            f"the longest sweep took {self.longest_sweep_s:.2f} s",
            *(f"FAULT: {fault}" for fault in self.faults),
            "every session was accepted, no confirmed record was lost, nothing was done twice"
            if not self.faults
            else f"{len(self.faults)} FAULTS",
        ]
        return "\n".join(lines)


class Walker:
    """One process that walks the session, and what it says."""

    def __init__(self, root: Path, world: Path, resource: str) -> None:
        command = [sys.executable, str(HERE / "walker.py"), str(root), str(world), resource]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        self.expect("ready", PATIENCE_S)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def line(self, patience_s: float) -> str | None:
        """The next line, or None once it says no more; raises :class:`queue.Empty`."""
        return self._lines.get(timeout=max(0.0, patience_s))

    def expect(self, wanted: str, patience_s: float) -> None:
        line = self.line(patience_s)
        if line != wanted:
            raise RuntimeError(f"'{line}' instead of '{wanted}': {self.death()}")

    def go_on(self) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write("\n")
            self._process.stdin.flush()
        except OSError:
            return

    def kill(self) -> list[str]:
        """End it at once, as nothing can prevent; what it had still said."""
        self._process.kill()
        self._process.wait()
        return list(iter(lambda: self.line(PATIENCE_S), None))

    def death(self) -> str:
        """What it said of its own end."""
        assert self._process.stderr is not None
        self._process.kill()
        return self._process.stderr.read()[-2000:]

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    continue


class Killing:
    """Sessions one after the other on one simulated SMU, killed ``kills`` times in all."""

    def __init__(self, folder: Path, kills: int, seed: int) -> None:
        self._folder = folder
        self._wanted = kills
        self._random = random.Random(seed)
        self._span_s = 3.0
        plan = examine(RECIPE, SearchPath([HERE.parents[1]])).sound_plan()
        values_reading(plan, TRUTH)
        self._lamella = SimulatedLamella(plan, TRUTH)
        assert plan.cards.smu is not None
        self._smu = SimulatedSmu(plan.cards.smu, Resistor(math.inf), time_scale=TIME_SCALE)
        self.result = Result()

    def run(self) -> Result:
        """The first session is not killed: it tells how long one takes."""
        with self._smu:
            self._session(0, killing=False)
            for number in itertools.count(1):
                if self.result.kills >= self._wanted or self.result.faults:
                    return self.result
                self._session(number, killing=True)
        raise AssertionError

    def _session(self, number: int, *, killing: bool) -> None:
        """One session to its end, killed a few times on its way."""
        root, world = self._folder / f"session-{number:03d}", self._folder / f"world-{number:03d}.txt"
        confirmed: list[str] = []
        self.result.sessions += 1
        most = min(self._wanted, self.result.kills + KILLS_A_SESSION) if killing else 0
        while True:
            walker = Walker(root, world, self._smu.resource)
            try:
                ended = self._walk(walker, root, confirmed, killing=self.result.kills < most)
            finally:
                walker.close()
            if ended is not None:
                self._check_end(root, world, ended)
                return
            self.result.resumed += 1
            if self.result.faults:
                return

    def _walk(self, walker: Walker, root: Path, confirmed: list[str], *, killing: bool) -> str | None:
        """How the session ended, or None where it was killed."""
        began = time.monotonic()
        deadline = began + (self._random.uniform(0.0, self._span_s) if killing else PATIENCE_S)
        walker.go_on()
        landed = 0.0
        while True:
            try:
                line = walker.line(deadline - time.monotonic())
            except queue.Empty:
                self._killed(walker, root, confirmed)
                return None
            if line is None:
                self.result.faults.append(f"{root.name}: it died by itself: {walker.death()}")
                return None
            match line.split():
                case ["record", digest]:
                    confirmed.append(digest)
                    if landed:
                        self.result.longest_sweep_s = max(self.result.longest_sweep_s, time.monotonic() - landed)
                    landed = 0.0
                case ["land", first, second]:
                    self._smu.connect(self._lamella.device((first, second)))  # pyright: ignore[reportArgumentType]
                    landed = time.monotonic()
                    walker.go_on()
                case ["end", *outcome]:
                    if not killing and not self.result.kills:
                        self._span_s = time.monotonic() - began
                    return " ".join(outcome)
                case _:
                    self.result.faults.append(f"{root.name}: it said '{line}'")

    def _killed(self, walker: Walker, root: Path, confirmed: list[str]) -> None:
        said = walker.kill()
        self.result.kills += 1
        self._await_off(root)
        confirmed += [line.split()[1] for line in said if line.startswith("record ")]
        journal = SessionFolder(root).journal
        if not journal.exists():
            if confirmed:
                self.result.faults.append(f"{root.name}: the journal is gone")
            return
        found = examine_journal(journal)
        if found.broken is not None:
            self.result.torn += 1
            if found.broken.fault is not Fault.TORN:
                self.result.faults.append(f"{root.name}: {found.broken}")
        there = [record.hash for record in found.records]
        if there[: len(confirmed)] != confirmed:
            self.result.faults.append(f"{root.name}: a confirmed record was lost")
        confirmed[:] = there
        if found.records and fold(record.event for record in found.records).uncertain:
            self.result.uncertain += 1

    def _await_off(self, root: Path) -> None:
        """The output goes off by itself, within the sweep that was under way."""
        killed = time.monotonic()
        if self._smu.output_enabled:
            self.result.while_on += 1
        while self._smu.output_enabled:
            if time.monotonic() - killed > self.result.longest_sweep_s + SLOW_MACHINE_S:
                self.result.faults.append(f"{root.name}: the output stayed on")
                return
            time.sleep(0.002)
        self.result.worst_off_s = max(self.result.worst_off_s, time.monotonic() - killed)

    def _check_end(self, root: Path, world: Path, outcome: str) -> None:
        faults = self.result.faults
        if outcome != "accepted":
            faults.append(f"{root.name}: ended {outcome}")
        found = verify_session(root)
        if not found.whole:
            faults.append(f"{root.name}: {found.fault}")
        if lock_of(SessionFolder(root).journal).exists():
            faults.append(f"{root.name}: the lock was left")
        begun = Counter(line for line in world.read_text(encoding="utf-8").splitlines() if line.startswith("begin "))
        faults += [f"{root.name}: '{line}' {count} times" for line, count in begun.items() if count > 1]


def kill(kills: int, seed: int) -> Result:
    """Sessions in a folder of their own, killed so many times in all."""
    with tempfile.TemporaryDirectory() as folder:
        return Killing(Path(folder), kills, seed).run()


def kill_wizard(kills: int, seed: int) -> WizardResult:
    """The same with the commands of a user, where nobody is asked."""
    with tempfile.TemporaryDirectory() as folder:
        return kill_the_wizard(Path(folder), kills, seed)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--wizard", action="store_true")
    arguments = parser.parse_args()
    killing = kill_wizard if arguments.wizard else kill
    result = killing(arguments.kills, arguments.seed)
    sys.stdout.write(f"{result}\n")
    return 1 if result.faults else 0


if __name__ == "__main__":
    sys.exit(main())
