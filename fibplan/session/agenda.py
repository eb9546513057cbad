"""What a session waits for, as it follows from its journal and from what the rules say of what is left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fibplan.errors import Misuse
from fibplan.journal.chain import Record
from fibplan.journal.events import OperationStarted
from fibplan.journal.state import Progress, SessionState
from fibplan.model.finding import Finding
from fibplan.model.plan import Operation
from fibplan.model.steps import HandOff, Measure, Step
from fibplan.session.foresight import Foresight
from fibplan.session.waiting import (
    AtEnd,
    Blocked,
    Next,
    Paused,
    Running,
    ToJudge,
    Unaccepted,
    Uncertain,
    Unfinished,
    Waiting,
)


@dataclass(frozen=True)
class Agenda:
    """A session at one moment; ``running`` is the operation that this process itself has started, if any."""

    state: SessionState
    foresight: Foresight
    records: Sequence[Record]
    running: str | None
    now: datetime

    @property
    def waiting(self) -> Waiting:
        """What it waits for, the most urgent first."""
        state = self.state
        if state.closed is not None:
            return AtEnd()
        if state.uncertain:
            return self._started(state.uncertain[0])
        if state.paused:
            return Paused()
        if stopped := unfinished(state):
            return Unfinished(stopped, state.stopped[stopped])
        if blocking := self._blocking():
            return Blocked(tuple(blocking))
        if self._is_to_judge():
            return ToJudge()
        if state.verdict is not None and not state.verdict.accepted and not state.answered:
            return Unaccepted(state.verdict)
        return self._next()

    def operation(self, name: str) -> Operation:
        """An operation that is part of the plan now; :class:`~fibplan.errors.Misuse` for any other."""
        operations = {entry.name: entry for entry in self.foresight.plan.operations}
        if name not in operations:
            raise Misuse(f"there is no operation '{name}' in the plan now", remedy=f"there are {', '.join(operations)}")
        return operations[name]

    def begun(self, name: str) -> datetime:
        """When that operation was started last."""
        return [record.utc for record in self.records if _starts(record, name)][-1]

    def _started(self, name: str) -> Running | Uncertain:
        operation = self.operation(name)
        if name == self.running:
            return Running(operation)
        starts = [place for place, record in enumerate(self.records) if _starts(record, name)]
        started, later = self.records[starts[-1]], self.records[starts[-1] :]
        before_resumed = next((place for place, record in enumerate(later) if _resumes(record)), len(later)) - 1
        at_most_s = max(0.0, (self.now - started.utc).total_seconds())
        return Uncertain(operation, started.utc, later[before_resumed].utc, at_most_s)

    def _next(self) -> Next | AtEnd:
        pending = self.state.pending
        if not pending:
            return AtEnd()
        operation = self.operation(pending[0])
        accepted = self.state.verdict is not None and self.state.verdict.accepted
        return AtEnd() if isinstance(operation.step, HandOff) and not accepted else Next(operation)

    def _blocking(self) -> list[Finding]:
        accepted = {(entry.finding.code, entry.finding.path) for entry in self.state.accepted}
        return [finding for finding in self.foresight.blocking if (finding.code, finding.path) not in accepted]

    def _is_to_judge(self) -> bool:
        """Whether no path waits for its first curve: a path that is measured later cannot be judged now."""
        state = self.state
        if state.verdict is not None or not state.curves:
            return False
        steps = {entry.name: entry.step for entry in self.foresight.plan.operations}
        pending = (steps[name] for name in state.pending)
        due = {path for step in pending if isinstance(step, Measure) for path in step.paths}
        return due <= {curve.path for curve in state.curves} and self._last_measurement_is_done(steps)

    def _last_measurement_is_done(self, steps: Mapping[str, Step]) -> bool:
        over = [
            progress
            for name, progress in self.state.operations.items()
            if progress is not Progress.PENDING and isinstance(steps.get(name), Measure)
        ]
        return over[-1:] == [Progress.DONE]


def unfinished(state: SessionState) -> str | None:
    """What was broken off, unless it was redone or its rest left out."""
    settled = {*state.skipped, *(event.redoes for event in state.added)}
    stopped = (name for name, progress in state.operations.items() if progress is Progress.STOPPED)
    return next((name for name in stopped if name not in settled), None)


def told(waiting: Waiting) -> str:
    """What has to happen first."""
    match waiting:
        case Running(operation):
            return f"confirm or stop '{operation.name}' first"
        case Uncertain(operation):
            return f"inspect '{operation.name}' first: it was started and never confirmed"
        case Paused():
            return "the session is paused: let it go on first"
        case Unfinished(name):
            return f"'{name}' was broken off: redo it, or leave out the rest of it"
        case Blocked(findings):
            return f"an error blocks it: {findings[0].message}"
        case ToJudge():
            return "judge the curves first"
        case Unaccepted(verdict):
            accept = ", accept what is marginal" if verdict.acceptable else ""
            return f"the verdict is {verdict.outcome}: rework the lamella{accept}, or finish"
        case Next(operation):
            return f"'{operation.name}' is next"
        case AtEnd():
            return "the session is at its end"


def _starts(record: Record, name: str) -> bool:
    return isinstance(record.event, OperationStarted) and record.event.operation == name


def _resumes(record: Record) -> bool:
    return record.event.kind == "session_resumed"
