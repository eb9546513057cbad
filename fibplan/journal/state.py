"""The state of a session: a fold over its events, never stored anywhere else."""

from collections.abc import Iterable
from enum import StrEnum

from pydantic import Field

from fibplan.errors import StorageError
from fibplan.journal.events import (
    Actuals,
    CurveMeasured,
    Event,
    FileAttached,
    FindingAccepted,
    Found,
    MarginalAccepted,
    NoteWritten,
    OperationAdded,
    OperationDone,
    OperationInspected,
    OperationSkipped,
    OperationStarted,
    OperationStopped,
    PackageWritten,
    RulesChecked,
    SessionClosed,
    SessionOpened,
    SessionPaused,
    SessionSuspended,
    SessionWentOn,
    VerdictReached,
)
from fibplan.model.base import Frozen
from fibplan.model.finding import Finding
from fibplan.model.verdict import Verdict


class Progress(StrEnum):
    """How far an operation is. Of one that is started and not confirmed nobody knows whether it happened."""

    PENDING = "pending"
    STARTED = "started"
    DONE = "done"
    STOPPED = "stopped"
    SKIPPED = "skipped"


class SessionState(Frozen):
    """Everything that is known of a session."""

    opened: SessionOpened
    operations: dict[str, Progress]
    """In the order in which they are done, those that were added included."""
    done: dict[str, OperationDone] = Field(default_factory=dict[str, OperationDone])
    """What each finished operation really took and left."""
    stopped: dict[str, Actuals] = Field(default_factory=dict[str, Actuals])
    """What is known of each operation that was broken off."""
    skipped: dict[str, str] = Field(default_factory=dict[str, str])
    """The reason for each operation that is not done, or of which only the part is that was before it was stopped."""
    added: tuple[OperationAdded, ...] = ()
    thickness_m: float | None = None
    """The thickness that was reported last, in metres."""
    curves: tuple[CurveMeasured, ...] = ()
    """Measured since the lamella was changed last."""
    curves_ever: int = 0
    verdict: Verdict | None = None
    """From these curves; None while there is none since the lamella was changed last."""
    answered: bool = False
    """Whether operations were added since that verdict."""
    findings: tuple[Finding, ...] = ()
    """What the rules said last of what is left, beyond what they said of the recipe."""
    accepted: tuple[FindingAccepted, ...] = ()
    notes: tuple[NoteWritten, ...] = ()
    attached: tuple[FileAttached, ...] = ()
    paused: bool = False
    left: SessionSuspended | None = None
    """How it was left, if that is the last thing that happened."""
    closed: SessionClosed | None = None
    packages: tuple[PackageWritten, ...] = ()

    @property
    def uncertain(self) -> tuple[str, ...]:
        """Operations that were started and never confirmed."""
        return tuple(name for name, progress in self.operations.items() if progress is Progress.STARTED)

    @property
    def pending(self) -> tuple[str, ...]:
        """Operations that are still to be done, in their order."""
        return tuple(name for name, progress in self.operations.items() if progress is Progress.PENDING)


def fold(events: Iterable[Event]) -> SessionState:
    """The state after ``events``, of which the first opens the session.

    Raises :class:`~fibplan.errors.StorageError` when it does not.
    """
    story = iter(events)
    first = next(story, None)
    if not isinstance(first, SessionOpened):
        raise StorageError("the journal opens no session", remedy="nothing was done in it: begin a new session")
    folding = Folding(first)
    for event in story:
        folding.take(event)
    return folding.state


class Folding:
    """A fold that is gone on with as events come."""

    def __init__(self, opened: SessionOpened) -> None:
        self._opened = opened
        self._operations = dict.fromkeys(opened.operations, Progress.PENDING)
        self._done: dict[str, OperationDone] = {}
        self._stopped: dict[str, Actuals] = {}
        self._skipped: dict[str, str] = {}
        self._added: list[OperationAdded] = []
        self._curves: list[CurveMeasured] = []
        self._accepted: list[FindingAccepted] = []
        self._notes: list[NoteWritten] = []
        self._attached: list[FileAttached] = []
        self._packages: list[PackageWritten] = []
        self._latest: dict[str, object] = {}
        self._curves_ever = 0

    @property
    def state(self) -> SessionState:
        """After all events that were taken."""
        told = {
            "done": dict(self._done),
            "stopped": dict(self._stopped),
            "skipped": dict(self._skipped),
            "added": tuple(self._added),
            "curves": tuple(self._curves),
            "curves_ever": self._curves_ever,
            "accepted": tuple(self._accepted),
            "notes": tuple(self._notes),
            "attached": tuple(self._attached),
            "packages": tuple(self._packages),
        }
        bare = SessionState.model_construct(opened=self._opened, operations=dict(self._operations))
        return bare.model_copy(update={**told, **self._latest})

    def take(self, event: Event) -> None:
        """What happened next."""
        self._latest["left"] = event if isinstance(event, SessionSuspended) else None
        match event:
            case OperationStarted() | OperationDone() | OperationStopped() | OperationInspected() | OperationSkipped():
                self._take_operation(event)
            case OperationAdded():
                self._add(event)
            case NoteWritten():
                self._notes.append(event)
            case FileAttached():
                self._attached.append(event)
            case FindingAccepted():
                self._accepted.append(event)
            case CurveMeasured():
                self._curves.append(event)
                self._curves_ever += 1
                self._latest["verdict"] = None
            case PackageWritten():
                self._packages.append(event)
            case MarginalAccepted():
                self._latest["verdict"] = self._accepted_by(event)
            case SessionOpened():
                raise StorageError("the journal opens its session twice", remedy="restore it from a copy")
            case _:
                self._latest |= _latest(event)

    def _accepted_by(self, event: MarginalAccepted) -> Verdict:
        verdict = self._latest.get("verdict")
        if not isinstance(verdict, Verdict) or not verdict.acceptable:
            raise StorageError("the journal accepts a verdict that nobody may accept", remedy="restore it from a copy")
        return verdict.accepted_by(event.acceptance)

    def _take_operation(
        self, event: OperationStarted | OperationDone | OperationStopped | OperationInspected | OperationSkipped
    ) -> None:
        name = event.operation
        if not (isinstance(event, OperationSkipped) and self._operations.get(name) is Progress.STOPPED):
            self._operations[name] = _progress(event)
        match event:
            case OperationStarted(changes_lamella=True):
                self._curves.clear()
                self._latest["verdict"] = None
            case OperationDone():
                self._done[name] = event
            case OperationInspected(found=Found.FINISHED):
                rest = event.model_dump(exclude={"kind", "found"})
                self._done[name] = OperationDone.model_validate(rest)
            case OperationStopped() | OperationInspected(found=Found.PARTLY):
                self._stopped[name] = event
            case OperationSkipped():
                self._skipped[name] = event.reason
            case _:
                pass
        if isinstance(event, Actuals) and event.thickness_m is not None:
            self._latest["thickness_m"] = event.thickness_m

    def _add(self, event: OperationAdded) -> None:
        self._added.append(event)
        names = [name for name in self._operations if name != event.operation]
        names.insert(names.index(event.before) if event.before in names else len(names), event.operation)
        progress = {**self._operations, event.operation: Progress.PENDING}
        self._operations = {name: progress[name] for name in names}
        self._latest["answered"] = True


def _latest(event: Event) -> dict[str, object]:
    """What holds from that event on, until another one says otherwise."""
    match event:
        case RulesChecked():
            return {"findings": event.findings}
        case VerdictReached():
            return {"verdict": event.verdict, "answered": False}
        case SessionPaused() | SessionWentOn():
            return {"paused": isinstance(event, SessionPaused)}
        case SessionClosed():
            return {"closed": event}
        case _:
            return {}


def _progress(
    event: OperationStarted | OperationDone | OperationStopped | OperationInspected | OperationSkipped,
) -> Progress:
    match event:
        case OperationStarted():
            return Progress.STARTED
        case OperationDone() | OperationInspected(found=Found.FINISHED):
            return Progress.DONE
        case OperationInspected(found=Found.NOT_BEGUN):
            return Progress.PENDING
        case OperationStopped() | OperationInspected():
            return Progress.STOPPED
        case OperationSkipped():
            return Progress.SKIPPED
