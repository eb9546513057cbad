"""Kills ``fibplan run`` and ``fibplan resume`` themselves at random moments, where nobody is asked.

What a kill left uncertain stops the next ``resume`` until the answers say what was found: that is tried every time.
"""

import itertools
import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from fibplan.journal.chain import Fault
from fibplan.journal.events import Found, OperationInspected, OperationStarted
from fibplan.journal.file import examine as examine_journal
from fibplan.journal.state import SessionState, fold
from fibplan.session.folder import SessionFolder
from fibplan.session.integrity import verify_session

FIBPLAN = (sys.executable, "-m", "fibplan")
UNASKED = ("--no-input", "--accept-defaults", "--operator", "Ada")
BEGUN = ("run", "lmno-poseidon-select", "--simulate", "--time-scale", "0.001", *UNASKED)
KILLS_A_SESSION = 4
PATIENCE_S = 300.0
POLL_S = 0.002


@dataclass
class WizardResult:
    """What was found."""

    kills: int = 0
    sessions: int = 0
    unopened: int = 0
    torn: int = 0
    uncertain: int = 0
    faults: list[str] = field(default_factory=list[str])

    def __str__(self) -> str:
        return "\n".join(
            [
                f"{self.kills} kills of the wizard in {self.sessions} sessions; {self.unopened} came before one was "
                f"open, {self.torn} tore a line of the journal",
                f"{self.uncertain} kills left an operation uncertain: each time resume refused to go on unasked, "
                "and did once the answers said what was found",
                *(f"FAULT: {fault}" for fault in self.faults),
                f"{len(self.faults)} FAULTS"
                if self.faults
                else "every session was accepted, no record was lost, nothing was begun twice unasked",
            ]
        )


class KillingTheWizard:
    """Sessions one after the other, killed ``kills`` times in all; the SMU is simulated inside what is killed."""

    def __init__(self, folder: Path, kills: int, seed: int) -> None:
        self._folder = folder
        self._wanted = kills
        self._random = random.Random(seed)
        self._span_s = 0.0
        self._length = 0
        self.result = WizardResult()

    def run(self) -> WizardResult:
        """The first session is not killed: it tells how long one takes."""
        for number in itertools.count():
            self._session(self._folder / f"session-{number:03d}", killing=number > 0)
            self.result.sessions += 1
            if self.result.kills >= self._wanted or self.result.faults:
                return self.result
        raise AssertionError

    def _session(self, folder: Path, *, killing: bool) -> None:
        folder.mkdir()
        last = min(self._wanted, self.result.kills + KILLS_A_SESSION) if killing else 0
        records: list[str] = []
        while not self.result.faults:
            state = _state_in(folder)
            began = time.monotonic()
            if self._ran(folder, self._command(folder, state), killing=self.result.kills < last):
                self._span_s = self._span_s or time.monotonic() - began
                self._length = self._length or _written(folder)
                self._check_end(folder)
                return
            self._check_prefix(folder, records)

    def _command(self, folder: Path, state: SessionState | None) -> tuple[str, ...]:
        """What goes on with the session, once it was seen that nothing does so without being told what was found."""
        if state is None:
            return (*BEGUN, "--workspace", str(folder))
        if state.closed is not None:
            return ("sessions", "show", _root_in(folder).name, "--workspace", str(folder))
        resume = ("resume", _root_in(folder).name, "--workspace", str(folder), *UNASKED)
        if not state.uncertain and not state.stopped:
            return resume
        if state.uncertain:
            self.result.uncertain += 1
            self._check_refused(folder, resume, state)
        answers = folder / "answers.yaml"
        answers.write_text(yaml.safe_dump(_inspected(state)), encoding="utf-8")
        return (*resume, "--answers", str(answers))

    def _check_refused(self, folder: Path, resume: tuple[str, ...], state: SessionState) -> None:
        ran = subprocess.run(
            [*FIBPLAN, *resume], capture_output=True, text=True, encoding="utf-8", check=False, timeout=PATIENCE_S,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        after = _state_in(folder)
        if ran.returncode != 2 or f"operation.{state.uncertain[0]}.found" not in ran.stderr:
            self.result.faults.append(f"{folder.name}: resume did not ask what was found: {ran.stderr[-500:]}")
        if after is None or after.uncertain != state.uncertain:
            self.result.faults.append(f"{folder.name}: what was uncertain is not any more, unasked")

    def _ran(self, folder: Path, command: tuple[str, ...], *, killing: bool) -> bool:
        """Whether it came to its end."""
        process = subprocess.Popen(
            [*FIBPLAN, *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        if killing and self._awaited(process, folder):
            process.kill()
            process.communicate()
            self.result.kills += 1
            return False
        _, said = process.communicate(timeout=PATIENCE_S)
        if process.returncode != 0:
            self.result.faults.append(f"{folder.name}: {command[0]} ended with {process.returncode}: {said[-800:]!r}")
        return True

    def _awaited(self, process: subprocess.Popen[bytes], folder: Path) -> bool:
        """Whether it still ran when its journal had grown to a random length, or a random time was over."""
        now = _written(folder)
        length = now + self._random.random() * max(self._length - now, 0)
        until = time.monotonic() + self._random.uniform(0.5, 3.0) * self._span_s
        while process.poll() is None:
            if _written(folder) > length or time.monotonic() > until:
                return True
            time.sleep(POLL_S)
        return False

    def _check_prefix(self, folder: Path, records: list[str]) -> None:
        """All that stood in the journal before stands there still."""
        root = _root_in(folder)
        if not SessionFolder(root).journal.exists():
            self.result.unopened += 1
            return
        found = examine_journal(SessionFolder(root).journal)
        if found.broken is not None:
            self.result.torn += 1
            if found.broken.fault is not Fault.TORN:
                self.result.faults.append(f"{folder.name}: {found.broken}")
        there = [record.hash for record in found.records]
        if there[: len(records)] != records:
            self.result.faults.append(f"{folder.name}: a record was lost")
        records[:] = there

    def _check_end(self, folder: Path) -> None:
        faults, root = self.result.faults, _root_in(folder)
        state = _state_in(folder)
        if state is None or state.closed is None or state.closed.outcome != "accepted":
            faults.append(f"{folder.name}: it did not end accepted")
        if not (found := verify_session(root)).whole:
            faults.append(f"{folder.name}: {found.fault}")
        events = [record.event for record in examine_journal(SessionFolder(root).journal).records]
        begun = Counter(event.operation for event in events if isinstance(event, OperationStarted))
        unbegun = Counter(
            event.operation
            for event in events
            if isinstance(event, OperationInspected) and event.found is Found.NOT_BEGUN
        )
        faults += [
            f"{folder.name}: {name} begun {count} times" for name, count in begun.items() if count > 1 + unbegun[name]
        ]


def _root_in(folder: Path) -> Path:
    """The session there that was begun last."""
    roots = sorted((path for path in folder.iterdir() if path.is_dir()), key=lambda path: (len(path.name), path.name))
    sessions = [path for path in roots if not path.name.endswith("-figures")]
    return sessions[-1] if sessions else folder / "none"


def _written(folder: Path) -> int:
    """Bytes of the journal there."""
    journal = SessionFolder(_root_in(folder)).journal
    return journal.stat().st_size if journal.exists() else 0


def _state_in(folder: Path) -> SessionState | None:
    journal = SessionFolder(_root_in(folder)).journal
    records = examine_journal(journal).records if journal.exists() else ()
    return fold(record.event for record in records) if records else None


def _inspected(state: SessionState) -> dict[str, str]:
    """What somebody finds who looks: nothing was milled, as it is practice; a measurement is done again."""
    answers: dict[str, str] = {}
    for name in (*state.uncertain, *state.stopped):
        answers |= {
            f"operation.{name}.found": "partly done" if name.startswith("measure") else "not begun",
            f"operation.{name}.stop_reason": "it was killed",
            f"operation.{name}.unfinished": "redo",
            "session.redo_reason": "it was killed",
        }
    return answers


def kill_the_wizard(folder: Path, kills: int, seed: int) -> WizardResult:
    """Sessions in that folder, killed so many times in all."""
    return KillingTheWizard(folder, kills, seed).run()
