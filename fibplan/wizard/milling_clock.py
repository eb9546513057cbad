"""The clock of a running operation: when to look, and between which times it ends. It never says that it is over."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from rich.text import Text

from fibplan.clock import Clock
from fibplan.model.interval import Interval
from fibplan.units import show_time
from fibplan.wizard.guidance import DRIFT_S
from fibplan.wizard.screen import Lines, Page, line, wrapped

REMIND_S = 60.0
"""How long a reminder stands."""
LONGEST_CLOCK, LONGEST_TIME = "00:00:00", "00 min 00 s"
"""As wide as a time gets on the clock, and in words."""
SAID = {
    "early": f"LOOK in {LONGEST_TIME}, at the low end (L): rates may be off by two",
    "low": "LOOK NOW: the low end is past, it may be enough already",
    "expected": "LOOK NOW: the expected time is past; only the image says whether it is enough",
    "high": "STOP AND LOOK: longer than the longest that was expected",
}
"""What the time means, by which end of the interval it has passed."""
HAND_WORK = {"usual": "take the time that it takes", "late": "longer than usual: note what holds it up"}


@dataclass
class MillingClock:
    """Runs from when it is made, ``speed`` times as fast as the real time, and stands while it is held."""

    clock: Clock
    expected: Interval
    speed: float = 1.0
    beam: bool = True

    def __post_init__(self) -> None:
        self.began = self.clock.now()
        self._since = self.clock.monotonic()
        self._held_s = 0.0
        self._hold: float | None = None
        self._rung = False

    @property
    def seconds(self) -> float:
        """How long the beam was on so far."""
        now = self._hold if self._hold is not None else self.clock.monotonic()
        return (now - self._since - self._held_s) * self.speed

    @property
    def whole_s(self) -> float:
        """How long it took so far, with all that it was held."""
        return (self.clock.monotonic() - self._since) * self.speed

    def hold(self) -> None:
        """The beam is off."""
        if self._hold is None:
            self._hold = self.clock.monotonic()

    def go_on(self) -> None:
        """The beam is on again."""
        if self._hold is not None:
            self._held_s += self.clock.monotonic() - self._hold
            self._hold = None

    def to_ring(self) -> bool:
        """True once, when the low end is reached."""
        if self._rung or self.seconds < self.expected.low:
            return False
        self._rung = True
        return True

    def lines(self, page: Page) -> Lines:
        """How long, a bar, what it means, between which times it ends; with a beam, when to look at the drift.

        On one page always as many lines, since they are drawn over.
        """
        seconds = max(self.seconds, 0.0)
        fast = f"   ({self.speed:g} times as fast as real time)" if self.speed != 1.0 else ""
        said, style = _said(seconds, self.expected) if self.beam else _hand_work(seconds, self.expected)
        lines = (
            *_rows(f"{clocked(seconds)} since the start{fast}", page, "bold", f"{LONGEST_CLOCK} since the start{fast}"),
            _bar(seconds, self.expected, page),
            *_rows(said, page, style, *(SAID.values() if self.beam else HAND_WORK.values())),
            *_rows(f"ends between {self._ends}", page),
        )
        return (*lines, *_drift(seconds, page)) if self.beam else lines

    @property
    def _ends(self) -> str:
        low, high = (self._at(end) for end in (self.expected.low, self.expected.high))
        return f"{low:%H:%M:%S} and {high:%H:%M:%S}, {show_time(self.expected.low)} to {show_time(self.expected.high)}"

    def _at(self, seconds: float) -> datetime:
        return (self.began + timedelta(seconds=seconds / self.speed + self._held_s)).astimezone()


def clocked(seconds: float) -> str:
    """``0:04:12``."""
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _bar(seconds: float, expected: Interval, page: Page) -> Text:
    """The time so far against low, expected and high."""
    room = page.width - 2
    whole = max(expected.high * 1.1, seconds, 1.0)
    gone = min(room, round(seconds / whole * room))
    signs = list((page.glyphs.bar * gone).ljust(room, page.glyphs.removed))
    for end, sign in ((expected.low, "L"), (expected.expected, "E"), (expected.high, "H")):
        signs[min(room - 1, int(end / whole * room))] = sign
    return Text.assemble("[", ("".join(signs), "cyan"), "]", end="")


def _rows(text: str, page: Page, style: str = "", *others: str) -> Lines:
    """The text in as many lines as the longest takes of it and of the ``others`` that come there, too."""
    count = max(len(wrapped(each, page.width)) for each in (text, *others))
    said = wrapped(text, page.width, style)
    return (*said, *[line("")] * (count - len(said)))


def _drift(seconds: float, page: Page) -> Lines:
    left = DRIFT_S - seconds % DRIFT_S
    now, later = "LOOK at the drift now, and refocus", "look at the drift and refocus in "
    if seconds > DRIFT_S and left > DRIFT_S - REMIND_S:
        return _rows(now, page, "bold yellow", later + LONGEST_TIME)
    return _rows(later + show_time(left), page, "dim", later + LONGEST_TIME)


def _hand_work(seconds: float, expected: Interval) -> tuple[str, str]:
    """Of what is done by hand no clock knows more than how long it usually takes."""
    return (HAND_WORK["late"], "bold yellow") if seconds > expected.high else (HAND_WORK["usual"], "")


def _said(seconds: float, expected: Interval) -> tuple[str, str]:
    if seconds < expected.low:
        return SAID["early"].replace(LONGEST_TIME, show_time(expected.low - seconds)), ""
    if seconds < expected.expected:
        return SAID["low"], "bold yellow"
    if seconds < expected.high:
        return SAID["expected"], "bold yellow"
    return SAID["high"], "bold red"
