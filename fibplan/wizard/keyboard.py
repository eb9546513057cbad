"""Lines that somebody types, or that come from a pipe: waited for as long as wanted, while a clock goes on."""

import os
import select
import sys
import time
from typing import Protocol, TextIO

LONGEST = 20_000
"""Characters of an answer: what is longer is a file that was pasted."""
POLL_S = 0.05


class Gone(Exception):
    """Nobody is there any more: the end of the file, a closed terminal."""


class Keyboard(Protocol):
    """Where answers come from."""

    def line(self, patience_s: float | None) -> str | None:
        """The next line without its end, or None when there was none for that long; None waits for ever.

        Raises :class:`Gone` where there is no more.
        """
        ...


class DescriptorLines:
    """Lines from a terminal or a pipe by its descriptor: nothing is read that was not asked for twice."""

    def __init__(self, stream: TextIO) -> None:
        self._descriptor = stream.fileno()
        self._encoding = stream.encoding or "utf-8"
        self._kept = b""

    def line(self, patience_s: float | None) -> str | None:
        while b"\n" not in self._kept:
            ready, _, _ = select.select([self._descriptor], [], [], patience_s)
            if not ready:
                return None
            more = os.read(self._descriptor, 65_536)
            if not more:
                return self._last()
            self._kept += more
        text, _, self._kept = self._kept.partition(b"\n")
        return self._text(text)

    def _last(self) -> str:
        if not self._kept:
            raise Gone
        text, self._kept = self._kept, b""
        return self._text(text)

    def _text(self, text: bytes) -> str:
        return text.decode(self._encoding, "replace").rstrip("\r")[:LONGEST]


class ConsoleLines:
    """Lines of a Windows console or pipe: the clock goes on until the first key, and stands while a line is typed."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def line(self, patience_s: float | None) -> str | None:
        if patience_s is not None and self._stream.isatty() and not _a_key_within(patience_s):
            return None
        text = self._stream.readline()
        if not text:
            raise Gone
        return text.rstrip("\r\n")[:LONGEST]


class Nobody:
    """There is nobody to ask."""

    def line(self, patience_s: float | None) -> str | None:
        del patience_s
        raise Gone


def keyboard_of(stream: TextIO | None) -> Keyboard:
    """What reads from that stream on this system."""
    if stream is None or stream.closed:
        return Nobody()
    if os.name == "nt":
        return ConsoleLines(stream)
    try:
        return DescriptorLines(stream)
    except (OSError, ValueError):
        return Nobody()


def _a_key_within(seconds: float) -> bool:
    if sys.platform != "win32":
        return True
    import msvcrt

    until = time.monotonic() + seconds
    while not msvcrt.kbhit():
        if time.monotonic() >= until:
            return False
        time.sleep(POLL_S)
    return True
