"""What people write of what they did: cleaned so that it can be kept, and asked for where it is missing."""

from collections.abc import Sequence

from fibplan.errors import FibplanError, Misuse

STOPPED = {
    "SIGINT": "stopped by Ctrl-C (SIGINT)",
    "SIGQUIT": "stopped by Ctrl-\\ (SIGQUIT)",
    "SIGBREAK": "stopped by Ctrl-Break (SIGBREAK)",
    "SIGTERM": "stopped by the system (SIGTERM)",
    "SIGHUP": "terminal closed (SIGHUP)",
}
"""What a signal means to the person at the terminal."""
NAME_MOST, REASON_MOST = 200, 2000
"""Characters that a person's name, and a reason that is printed on every package, may have; chosen."""


class ReasonNeeded(Misuse):
    """Values look wrong, and nobody said why they hold; ``doubts`` are sentences."""

    code = "reason-needed"

    def __init__(self, operation: str, doubts: Sequence[str]) -> None:
        super().__init__("; ".join(doubts), where=operation, remedy="correct the values, or confirm them with a reason")
        self.doubts = tuple(doubts)


def given(text: str, what: str = "a reason") -> str:
    """The text, cleaned; :class:`~fibplan.errors.Misuse` where nothing is left of it."""
    cleaned = clean(text)
    if not cleaned:
        raise Misuse(f"{what} is missing", remedy="write a few words")
    return cleaned


def signed(text: str, what: str, most: int) -> str:
    """What stands for ever under a decision, on one printable line; :class:`~fibplan.errors.Misuse` without a letter.

    ``most`` is how many characters it may have.
    """
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in given(text, what)).split())
    if not any(sign.isalpha() for sign in line):
        raise Misuse(f"{what} is missing", remedy="write a few words")
    if len(line) > most:
        raise Misuse(f"{what} may have {most} characters, not {len(line)}", remedy="write it shorter")
    return line


def clean(text: str) -> str:
    """As it can be written, whatever a terminal or a file name made of it."""
    return text.strip().encode("utf-8", "backslashreplace").decode("utf-8")


def why_left(error: BaseException | None) -> str:
    """Why a session was left in the middle of something, or just left."""
    if error is None:
        return "left"
    if isinstance(error, KeyboardInterrupt):
        return STOPPED["SIGINT"]
    if isinstance(error, SystemExit) and str(error) in STOPPED:
        return STOPPED[str(error)]
    text = str(error) if isinstance(error, FibplanError) else f"{type(error).__name__}: {error}".removesuffix(": ")
    return clean(text)
