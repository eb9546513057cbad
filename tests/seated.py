"""A person at a real terminal, of any size: types answers to questions, and keeps every screen that was shown."""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from as_users_run_it import ENVIRONMENT

CLEAR = "\x1b[2J\x1b[H"
PROMPT = "\r\n> "
PATIENCE_S = 90

USUAL = {
    "Who works": "Ada",
    "Start the session": "start",
    "What now": "next",
    "Over?": "done",
    "Thickness that is left": "",
    "How was it measured": "",
    "How long did it take": "",
    "How long was the beam on": "",
    "Beam current, as measured": "",
    "Dose it was imaged with": "",
    "Anything to remember": "",
    "Record this": "next",
    "Is the sample below the tips": "ready",
    "Does this hold": "yes",
    "Are all tips clear": "lifted",
    "Do both tips stand there": "landed",
}
"""What somebody types where all goes as planned, by how the question begins."""


class Seated:
    """``fibplan`` in a pseudo-terminal of so many columns and rows, in that folder."""

    def __init__(self, folder: Path, *arguments: str, columns: int = 80, rows: int = 24, **environment: str) -> None:
        pexpect = pytest.importorskip("pexpect")
        self.columns, self.rows = columns, rows
        usual = {key: value for key, value in ENVIRONMENT.items() if key not in ("COLUMNS", "NO_COLOR", "LINES")}
        told = {**usual, "TERM": "xterm", "TZ": "UTC", **environment}
        self._process: Any = pexpect.spawn(
            sys.executable, ["-W", "error", "-m", "fibplan", *arguments], cwd=str(folder), env=told,
            dimensions=(rows, columns), encoding="utf-8", timeout=PATIENCE_S, codec_errors="replace",
        )  # fmt: skip
        self._process.delaybeforesend = None
        self._shown = ""

    def question(self) -> str:
        """The screen that asks the next question, without colours."""
        self._process.expect_exact(PROMPT)
        self._shown += self._process.before + PROMPT
        return plain(self._process.before.rpartition(CLEAR)[2])

    def say(self, text: str) -> None:
        self._process.sendline(text)

    def answer(self, answers: Mapping[str, str], until: str) -> str:
        """Answers questions by how they begin until one begins with ``until``; the screen that asks that one."""
        while True:
            screen = self.question()
            asked = asked_in(screen, [until, *answers])
            if asked == until:
                return screen
            self.say(answers[asked])

    def to_end(self, answers: Mapping[str, str]) -> str:
        """Answers until the process ends; what it said after the last screen."""
        import pexpect

        while True:
            found = self._process.expect_exact([PROMPT, pexpect.EOF])
            self._shown += self._process.before + (PROMPT if found == 0 else "")
            screen = plain(self._process.before.rpartition(CLEAR)[2])
            if found == 1:
                self._process.close()
                return screen
            self.say(answers[asked_in(screen, list(answers))])

    def last_words(self) -> list[str]:
        """The lines that are left on the terminal once the process has ended."""
        return [line.rstrip() for line in self.to_end({}).splitlines() if line.strip()]

    def wait_for(self, text: str) -> str:
        """What was drawn until that text was, with nothing typed."""
        self._process.expect_exact(text)
        return self._process.before

    @property
    def shown(self) -> str:
        """All that was sent to the terminal, as it was sent."""
        return self._shown

    def signal(self, number: int) -> None:
        self._process.kill(number)

    def resize(self, columns: int, rows: int) -> None:
        """The window has another size from now on."""
        self.columns, self.rows = columns, rows
        self._process.setwinsize(rows, columns)

    def hang_up(self) -> None:
        """The window is closed."""
        os.close(self._process.child_fd)

    def wait(self) -> int | None:
        """The exit code."""
        self._process.wait()
        return self._process.exitstatus

    @property
    def code(self) -> int | None:
        return self._process.exitstatus

    @property
    def pid(self) -> int:
        return self._process.pid

    def screens(self) -> list[list[str]]:
        """Every screen as lines, what was typed and drawn over it left out."""
        return [plain(screen).splitlines() for screen in self._shown.split(CLEAR)[1:]]

    def assert_fit(self) -> None:
        """No screen is longer or wider than the terminal, so that no prompt scrolled away."""
        for screen in self.screens():
            prompts = [place for place, line in enumerate(screen) if line.startswith("> ")]
            lines = [*screen[: prompts[0]], "> "] if prompts else screen
            assert len(lines) <= self.rows, "\n".join(lines)
            assert max(map(len, lines), default=0) <= self.columns, "\n".join(lines)


def asked_in(screen: str, beginnings: list[str]) -> str:
    """Which of these the last question on that screen begins with."""
    for line in reversed(screen.splitlines()):
        for beginning in beginnings:
            if line.startswith(beginning):
                return beginning
    raise AssertionError(f"an unforeseen question:\n{screen}")


def plain(text: str) -> str:
    """The text without what was drawn over it meanwhile, and without colours."""
    still = re.sub(r"\x1b7.*?\x1b8", "", text, flags=re.DOTALL)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\a", "", still).replace("\r", "")
