"""Time and identity from outside: whoever needs either is handed it, so that a run can be repeated to the byte."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

NewId = Callable[[], str]


class Clock(Protocol):
    """Tells the time of day, a time that never runs backwards, and waits."""

    def now(self) -> datetime:
        """The time of day in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds since some moment; differences are durations."""
        ...

    def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""
        ...


class SystemClock:
    """The computer's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            time.sleep(seconds)


class ScriptedClock:
    """A clock that moves only when somebody sleeps, by exactly that long.

    >>> clock = ScriptedClock(datetime(2026, 1, 1, tzinfo=UTC))
    >>> clock.sleep(90); clock.now().isoformat()
    '2026-01-01T00:01:30+00:00'
    """

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._elapsed = 0.0

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    def sleep(self, seconds: float) -> None:
        self._elapsed += max(seconds, 0.0)


def counted_ids(prefix: str) -> NewId:
    """Ids that count up, for a session that must be the same every time.

    >>> new_id = counted_ids("demo"); new_id(), new_id()
    ('demo-001', 'demo-002')
    """
    count = 0

    def new_id() -> str:
        nonlocal count
        count += 1
        return f"{prefix}-{count:03d}"

    return new_id
