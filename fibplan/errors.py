"""The failures a person can cause or must deal with: each says what, where, why, and the remedy.

Everything here ends a command with one clear line a fault and a defined exit code; anything else that is raised is a
bug and keeps its traceback.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """What a command returns to the shell: a contract that scripts rely on."""

    FINE = 0
    NOT_ACCEPTED = 1
    MISUSE = 2
    HARDWARE = 3
    INTERRUPTED = 130


class FibplanError(Exception):
    """A failure with a stable code, told in one line: what is wrong, where, and what to do about it."""

    code = "error"
    exit_code = ExitCode.MISUSE

    def __init__(self, message: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.remedy = remedy

    def lines(self) -> list[str]:
        """One line a fault, ready for stderr."""
        return [one_line(self.where, self.message, self.remedy)]

    def __str__(self) -> str:
        return "\n".join(self.lines())


class Misuse(FibplanError):
    """A command or function was asked for something that it cannot mean."""

    code = "misuse"


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in a file: where (``file:line:column: key``), what is wrong, what to write instead."""

    file: str
    line: int
    column: int
    where: str
    message: str
    remedy: str

    @property
    def place(self) -> str:
        position = f"{self.file}:{self.line}:{self.column}"
        return f"{position}: {self.where}" if self.where else position


class InvalidFile(FibplanError):
    """A file cannot be read as what it should be; every fault of the stage reached is listed."""

    code = "invalid-file"

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(f"{len(faults)} fault(s)", where=faults[0].place)
        self.faults = tuple(faults)

    def lines(self) -> list[str]:
        return [one_line(fault.place, fault.message, fault.remedy) for fault in self.faults]


class NotFound(FibplanError):
    """A named recipe, card, file or session does not exist where it was looked for."""

    code = "not-found"


class InstrumentError(FibplanError):
    """An instrument did not answer, refused, or answered something that cannot be trusted."""

    code = "instrument"
    exit_code = ExitCode.HARDWARE


class StorageError(FibplanError):
    """A journal or a package could not be written or read as it was written."""

    code = "storage"
    exit_code = ExitCode.HARDWARE


class NotAccepted(FibplanError):
    """Something was asked for that only an accepted lamella, or a recipe without errors, may have."""

    code = "not-accepted"
    exit_code = ExitCode.NOT_ACCEPTED


def one_line(where: str, message: str, remedy: str) -> str:
    """``where: message; remedy`` with the parts that are there."""
    head = f"{where}: {message}" if where else message
    text = f"{head}; {remedy}" if remedy else head
    return " ".join(text.split())
