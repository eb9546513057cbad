"""The state of a session: a fold over its events, never stored anywhere else."""

from collections.abc import Iterable
from enum import StrEnum
from functools import reduce

from pydantic import Field

from fibplan.errors import StorageError
from fibplan.journal.events import (
    CurveMeasured,
    Event,
    OperationDone,
    OperationStarted,
    PackageWritten,
    SessionClosed,
    SessionOpened,
    VerdictReached,
)
from fibplan.model.base import Frozen
from fibplan.model.verdict import Verdict


class Progress(StrEnum):
    """How far an operation is. In a session that is over or was killed, a started one may or may not have happened."""

    PENDING = "pending"
    STARTED = "started"
    DONE = "done"


class SessionState(Frozen):
    """Everything that is known of a session."""

    opened: SessionOpened
    operations: dict[str, Progress]
    done: dict[str, OperationDone] = Field(default_factory=dict)
    """What each finished operation really took and left."""
    curves: tuple[CurveMeasured, ...] = ()
    """Measured since the lamella was changed last."""
    verdict: Verdict | None = None
    """From these curves; None while there is none since the lamella was changed last."""
    closed: SessionClosed | None = None
    packages: tuple[PackageWritten, ...] = ()

    @property
    def uncertain(self) -> tuple[str, ...]:
        """Operations that were started and never confirmed."""
        return tuple(name for name, progress in self.operations.items() if progress is Progress.STARTED)

    @property
    def thickness_m(self) -> float | None:
        """The thickness that was reported last, in metres."""
        reported = [done.thickness_m for done in self.done.values() if done.thickness_m is not None]
        return reported[-1] if reported else None


def fold(events: Iterable[Event]) -> SessionState:
    """The state after ``events``, of which the first opens the session.

    Raises :class:`~fibplan.errors.StorageError` when it does not.
    """
    story = iter(events)
    first = next(story, None)
    if not isinstance(first, SessionOpened):
        raise StorageError("the journal opens no session", remedy="nothing was done in it: begin a new session")
    pending = dict.fromkeys(first.operations, Progress.PENDING)
    return reduce(_after, story, SessionState(opened=first, operations=pending))


def _after(state: SessionState, event: Event) -> SessionState:
    return state.model_copy(update=_change(state, event))


def _change(state: SessionState, event: Event) -> dict[str, object]:
    match event:
        case OperationStarted():
            progress = {**state.operations, event.operation: Progress.STARTED}
            undone: dict[str, object] = {"curves": (), "verdict": None} if event.changes_lamella else {}
            return {"operations": progress, **undone}
        case OperationDone():
            progress = {**state.operations, event.operation: Progress.DONE}
            return {"operations": progress, "done": {**state.done, event.operation: event}}
        case CurveMeasured():
            return {"curves": (*state.curves, event)}
        case VerdictReached():
            return {"verdict": event.verdict}
        case SessionClosed():
            return {"closed": event}
        case PackageWritten():
            return {"packages": (*state.packages, event)}
        case SessionOpened():
            raise StorageError("the journal opens its session twice", remedy="restore it from a copy")
