"""What a practice session pretends: pauses that are over sooner, and a sample whose fault a rework mends."""

from collections.abc import Callable
from datetime import datetime

from fibplan.clock import Clock
from fibplan.journal.state import Progress
from fibplan.model.steps import Measure
from fibplan.session.session import Session


class PracticeClock:
    """The real time of day; whoever sleeps wakes ``speed`` times as early."""

    def __init__(self, clock: Clock, speed: float) -> None:
        self._clock = clock
        self._speed = speed

    def now(self) -> datetime:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds / self._speed)


def mended(session: Callable[[], Session | None]) -> bool:
    """Whether something was done to the lamella that its recipe has not: then what was wrong with it is gone."""
    known = session()
    if known is None:
        return False
    steps = {entry.name: entry.step for entry in known.plan.operations}
    added = (event.operation for event in known.state.added)
    return any(
        known.state.operations[name] is Progress.DONE and not isinstance(steps.get(name), Measure) for name in added
    )
