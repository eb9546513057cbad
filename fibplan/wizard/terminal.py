"""Where screens are shown: a terminal that is drawn over, or a stream that is written to line by line."""

import errno
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from io import StringIO
from typing import TextIO

from rich.console import Console
from rich.text import Text

from fibplan.wizard.glyphs import glyphs_of, written
from fibplan.wizard.keyboard import Keyboard
from fibplan.wizard.screen import Composed, Lines, Page

TICK_S = 0.5
PROMPT = "> "
NARROWEST, LOWEST, NEEDED = 40, 8, 80
CLEAR, SAVE, RESTORE, TO_LINE_END = "\x1b[2J\x1b[H", "\x1b7", "\x1b8", "\x1b[K"


class Changed(Exception):
    """The terminal has another size than when the screen was drawn, or something else was written over it."""


class Terminal:
    """A stream that screens go to and a keyboard that answers come from.

    ``over`` says whether it is drawn over: a terminal that knows how to move its cursor, with a person before it.
    """

    def __init__(self, stream: TextIO, keyboard: Keyboard, *, simulated: bool, ascii_only: bool = False) -> None:
        self._stream = stream
        self._keyboard = keyboard
        self._simulated = simulated
        self._ascii = ascii_only
        self._drawn = StringIO()
        self._console = Console(
            file=self._drawn, force_terminal=_coloured(stream), highlight=False, markup=False, emoji=False, width=500,
            legacy_windows=False, color_system="auto" if _coloured(stream) else None,
        )  # fmt: skip
        self.over = _moves_cursor(stream)

    @property
    def page(self) -> Page:
        """As it is now."""
        width, height = self._size()
        glyphs = glyphs_of(self._encoding, ascii_only=self._ascii)
        return Page(max(width - _margin(), NARROWEST), max(height, LOWEST), glyphs, self._simulated)

    @property
    def narrow(self) -> bool:
        """Whether it has fewer columns than the screens are made for."""
        return self.over and self._size()[0] < NEEDED

    def show(self, screen: Composed) -> None:
        """Draw it over what was there, or write it below."""
        text = "\n".join(self._styled(entry) for entry in screen.lines)
        self._write(f"{CLEAR if self.over else ''}{text}\n")

    def tell(self, lines: Lines) -> None:
        """Some lines below what is there."""
        for entry in lines:
            self._write(self._styled(entry) + "\n")

    def line(self, screen: Composed | None = None, ring: Callable[[], bool] | None = None) -> str:
        """What is typed at the prompt; the live block of ``screen`` is drawn again meanwhile.

        ``ring`` says, a few times a second, whether the bell is to be rung now. Raises :class:`Changed` where the
        screen is to be drawn anew.
        """
        self._write(PROMPT)
        try:
            return self._typed(screen, ring)
        except BaseException:
            self._write("\n")
            raise

    def _typed(self, screen: Composed | None, ring: Callable[[], bool] | None) -> str:
        ticking = self.over and screen is not None and screen.live is not None
        size = self._size()
        with _returns(self.over) as returned:
            while True:
                text = self._keyboard.line(TICK_S if self.over else None)
                if text is not None:
                    if not self.over:
                        self._write(f"{text}\n")
                    return text
                if self.over and (self._size() != size or returned):
                    raise Changed
                if ticking and screen is not None:
                    self._redraw(screen)
                    if ring is not None and ring():
                        self._write("\a")

    def _redraw(self, screen: Composed) -> None:
        assert screen.live is not None
        rows = [
            f"\x1b[{screen.live_row + 1 + place};1H{self._styled(entry)}{TO_LINE_END}"
            for place, entry in enumerate(screen.live())
        ]
        self._write(f"{SAVE}{''.join(rows)}{RESTORE}")

    def _styled(self, text: Text) -> str:
        self._drawn.seek(0)
        self._drawn.truncate()
        self._console.print(text, end="", crop=False, soft_wrap=True)
        return self._drawn.getvalue().rstrip()

    def _size(self) -> tuple[int, int]:
        with suppress(OSError, ValueError):
            if self._stream.isatty():
                size = os.get_terminal_size(self._stream.fileno())
                if size.columns and size.lines:
                    return size.columns, size.lines
        fallback = shutil.get_terminal_size((80, 24))
        return fallback.columns, 10_000

    @property
    def _encoding(self) -> str:
        return getattr(self._stream, "encoding", None) or "ascii"

    def _write(self, text: str) -> None:
        """A terminal that has gone is noticed when it is read, not here: what is being done must not fail for it."""
        try:
            self._stream.write(written(text, self._encoding))
            self._stream.flush()
        except (BrokenPipeError, ValueError):
            self.over = False
        except OSError as error:
            if error.errno not in (errno.EIO, errno.EPIPE, errno.EBADF):
                raise
            self.over = False


@contextmanager
def _returns(over: bool) -> Generator[list[int]]:
    """Grows whenever the program goes on after Ctrl-Z, when the shell has written over the screen."""
    returned: list[int] = []
    if not over or sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield returned
        return
    before = signal.signal(signal.SIGCONT, lambda number, _frame: returned.append(number))
    try:
        yield returned
    finally:
        signal.signal(signal.SIGCONT, before)


def _margin() -> int:
    """A Windows console breaks a line that fills its last column."""
    return 1 if os.name == "nt" else 0


def _coloured(stream: TextIO) -> bool:
    return _moves_cursor(stream) and "NO_COLOR" not in os.environ


def _moves_cursor(stream: TextIO) -> bool:
    """Whether it understands escape sequences, as every terminal but the oldest does; a Windows console when told."""
    if not stream.isatty() or os.environ.get("TERM") == "dumb":
        return False
    return _virtual_terminal() if sys.platform == "win32" else True


def _virtual_terminal() -> bool:
    """Whether the Windows console takes escape sequences, which it is asked to from now on."""
    if sys.platform != "win32":
        return True
    import ctypes

    kernel = ctypes.windll.kernel32
    handle, mode = kernel.GetStdHandle(-11), ctypes.c_ulong()
    enable_virtual_terminal_processing = 4
    if not kernel.GetConsoleMode(handle, ctypes.byref(mode)):
        return False
    return bool(kernel.SetConsoleMode(handle, mode.value | enable_virtual_terminal_processing))
