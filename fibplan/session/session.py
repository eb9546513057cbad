"""A session that is open for writing: whatever is done in it is durable before the call that does it returns."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from fibplan.clock import Clock
from fibplan.errors import Misuse, StorageError
from fibplan.journal.chain import Record
from fibplan.journal.events import (
    AnswerGiven,
    Event,
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
    RulesChecked,
    SessionClosed,
    SessionOpened,
    SessionPaused,
    SessionResumed,
    SessionSuspended,
    SessionWentOn,
    VerdictReached,
)
from fibplan.journal.file import Journal
from fibplan.journal.state import Folding, Progress, SessionState
from fibplan.model.curve import Curve, CurveSet
from fibplan.model.interval import Interval, total
from fibplan.model.plan import Operation, Plan
from fibplan.model.steps import Measure, Transfer
from fibplan.model.verdict import Acceptance, Grade, Verdict
from fibplan.planning.replan import Actual, first_of
from fibplan.session.agenda import Agenda, told, unfinished
from fibplan.session.attachment import MOST_BYTES, attach_image
from fibplan.session.bare_chip import chip_findings
from fibplan.session.doubts import doubts, refuse_impossible, refuse_older
from fibplan.session.folder import SessionFolder
from fibplan.session.foresight import Foresight, extras, foresee
from fibplan.session.reasons import NAME_MOST, REASON_MOST, ReasonNeeded, clean, given, signed, why_left
from fibplan.session.waiting import Blocked, Next, ToJudge, Unaccepted, Uncertain, Waiting

Report = Callable[[Record], None]


def unheard(record: Record) -> None:
    """The report of a session that nobody listens to."""


class Session:
    """One session with its plan as it is now. Leaving it lets the next writer in; a failure is recorded as the reason.

    Made by :func:`fibplan.session.opening.begin` and :func:`~fibplan.session.opening.resume`. Every method that does
    something raises :class:`~fibplan.errors.Misuse` where the session waits for something else, and
    :class:`~fibplan.errors.StorageError` where it cannot be recorded; then nothing has happened.
    """

    def __init__(
        self, folder: SessionFolder, plan: Plan, journal: Journal, clock: Clock, report: Report = unheard
    ) -> None:
        self.folder = folder
        self._frozen = plan
        self._journal = journal
        self._clock = clock
        self._report = report
        opened, *rest = [record.event for record in journal.records]
        assert isinstance(opened, SessionOpened)
        self._folding = Folding(opened)
        for event in rest:
            self._folding.take(event)
        self._state = self._folding.state
        self._running: str | None = None
        self._foresight = self._foreseen()

    @property
    def state(self) -> SessionState:
        """What its journal says."""
        return self._state

    @property
    def records(self) -> tuple[Record, ...]:
        """Its journal."""
        return self._journal.records

    @property
    def foresight(self) -> Foresight:
        """The plan as it is now, with what the rules say of it."""
        return self._foresight

    @property
    def plan(self) -> Plan:
        """The plan as it is now: what is past as it was, what is left reckoned from there."""
        return self._foresight.plan

    @property
    def remaining(self) -> Interval:
        """Seconds that the pending operations take."""
        pending = set(self._state.pending)
        return total((entry.duration_s for entry in self.plan.operations if entry.name in pending), "s")

    @property
    def curves(self) -> CurveSet:
        """What was measured since the lamella was changed last, read from the disk."""
        return self.folder.curves(self._state.curves)

    @property
    def measuring_since(self) -> datetime:
        """When the running measurement was begun; :class:`~fibplan.errors.Misuse` where none is running."""
        if self._running is None or not isinstance(self.operation(self._running).step, Measure):
            raise Misuse("no measurement is running", where=self._where, remedy=told(self.waiting))
        return self._agenda.begun(self._running)

    def operation(self, name: str) -> Operation:
        """An operation that is part of the plan now; :class:`~fibplan.errors.Misuse` for any other."""
        return self._agenda.operation(name)

    @property
    def waiting(self) -> Waiting:
        """What the session waits for."""
        return self._agenda.waiting

    def resumed(self, event: SessionResumed) -> None:
        """This process goes on with it; what is left is reckoned again, should a crash have come before that."""
        self._write(event)
        self._revise()

    def start(self, name: str) -> None:
        """The operation is going to be performed: nobody may be told so before this returns."""
        waiting = self.waiting
        if not isinstance(waiting, Next) or waiting.operation.name != name:
            raise Misuse(f"'{name}' cannot be begun now", where=self._where, remedy=told(waiting))
        self._write(OperationStarted(operation=name, changes_lamella=_changes_lamella(waiting.operation)))
        self._running = name

    def doubts(self, name: str, actual: Actual) -> tuple[str, ...]:
        """What looks wrong about these values of that operation.

        Raises :class:`~fibplan.errors.Misuse` for what is impossible.
        """
        return doubts(self.operation(name), self._state.thickness_m, actual)

    def done(self, name: str, actual: Actual, reason: str = "") -> None:
        """The operation is over, with what it really was. Values that are doubted need a ``reason``.

        Raises :class:`ReasonNeeded` where there is none.
        """
        self._require_running(name)
        doubted = self._without_reason(name, actual, reason)
        self._write(OperationDone(**_values(name, actual), doubts=doubted, reason=clean(reason)))
        self._running = None
        self._revise()

    def stop(self, name: str, actual: Actual, reason: str) -> None:
        """The operation is broken off; what is left of it can be redone as a new one."""
        self._require_running(name)
        refuse_impossible(actual)
        self._write(OperationStopped(**_values(name, actual), reason=given(reason)))
        self._running = None
        self._revise()

    def inspect(self, name: str, found: Found, actual: Actual, reason: str = "") -> None:
        """Somebody looked at an operation that is uncertain, and found that.

        Raises :class:`ReasonNeeded` like :meth:`done`.
        """
        waiting = self.waiting
        if not isinstance(waiting, Uncertain) or waiting.operation.name != name:
            raise Misuse(f"'{name}' is not uncertain", where=self._where, remedy=told(waiting))
        doubted = self._without_reason(name, actual, reason) if found is Found.FINISHED else ()
        refuse_impossible(actual)
        event = OperationInspected(**_values(name, actual), doubts=doubted, reason=clean(reason), found=found)
        self._write(event)
        self._revise()

    def skip(self, name: str, reason: str) -> None:
        """The pending operation is not done at all, or no more of one that was broken off."""
        self._require_quiet()
        if self._state.operations.get(name) is not Progress.PENDING and name != unfinished(self._state):
            raise Misuse(f"'{name}' is not pending", where=self._where, remedy=f"pending: {self._pending}")
        self._write(OperationSkipped(operation=name, reason=given(reason)))
        self._revise()

    def redo(self, names: Sequence[str], reason: str, changes: dict[str, str] | None = None) -> tuple[str, ...]:
        """Operations that are over are done again, as new ones with the names that are returned, before all pending.

        ``changes`` to their fields are written as in a recipe, such as ``{"leaves": "120 nm"}``.
        """
        over = (Progress.DONE, Progress.STOPPED, Progress.SKIPPED)
        for name in names:
            if self._state.operations.get(name) not in over:
                raise Misuse(f"'{name}' is not over", where=self._where, remedy="redo what is done, stopped or skipped")
        redone = {event.operation: event.redoes for event in self._state.added}
        return self._add_all([(first_of(name, redone), name, changes or {}, None) for name in names], reason)

    def add(self, steps: Sequence[dict[str, Any]], reason: str) -> tuple[str, ...]:
        """Steps that are written as in a recipe are done before all that is pending, under the names returned."""
        named = [(str(step.get("name", "")), None, dict[str, str](), step) for step in steps]
        return self._add_all(named, reason)

    def accept(self, reason: str) -> None:
        """Go on in spite of every error that blocks the session; one record each."""
        waiting = self.waiting
        if not isinstance(waiting, Blocked):
            raise Misuse("no error is waiting", where=self._where, remedy=told(waiting))
        for finding in waiting.findings:
            self._write(FindingAccepted(finding=finding, reason=given(reason)))

    def pause(self, reason: str = "") -> None:
        """Nothing is begun until :meth:`go_on`; an operation that is running goes on running."""
        self._require_open()
        if not self._state.paused:
            self._write(SessionPaused(reason=clean(reason)))

    def go_on(self) -> None:
        """The pause is over."""
        self._require_open()
        if self._state.paused:
            self._write(SessionWentOn())

    def note(self, text: str) -> None:
        """Something to remember, of the running operation if one is."""
        self._require_open()
        self._write(NoteWritten(text=given(text, "a note"), operation=self._running))

    def attach(
        self, source: Path, note: str = "", *, most: int = MOST_BYTES, name: str = "", sha256: str | None = None
    ) -> str:
        """Keep a copy of an image; its name in the session's folder. Errors as :func:`attach_image` raises them.

        ``name`` is what it was called where ``source`` is itself a copy that a session kept, ``sha256`` its hash there.
        """
        self._require_open()
        attached = attach_image(
            self.folder.root, source, clean(note), self._running, most=most, name=name, sha256=sha256
        )
        self._write(attached)
        return attached.file

    def answer(self, question: str, answer: str) -> None:
        """What somebody answered to the question of that id."""
        self._require_open()
        self._write(AnswerGiven(question=question, answer=clean(answer)))

    def measured(self, curve: Curve) -> None:
        """A curve of the running measurement, which is on the disk before it is recorded.

        Raises :class:`~fibplan.errors.Misuse` for one from a file that is older than the measurement.
        """
        refuse_older(curve, self.measuring_since)
        self._write(self.folder.add_curve(self._state.curves_ever + 1, curve))

    def judged(self, verdict: Verdict) -> None:
        """What the curves say."""
        if not isinstance(self.waiting, ToJudge):
            raise Misuse("there is nothing to judge now", where=self._where, remedy=told(self.waiting))
        self._write(VerdictReached(verdict=verdict))

    def accept_marginal(self, person: str, reason: str) -> None:
        """That ``person`` accepts the lamella although paths are marginal; kept for ever, whatever comes after.

        Raises :class:`~fibplan.errors.Misuse` for any other verdict, and without a name or a reason.
        """
        waiting = self.waiting
        if not isinstance(waiting, Unaccepted):
            raise Misuse("no verdict waits to be accepted", where=self._where, remedy=told(waiting))
        if not waiting.verdict.acceptable:
            problem = f"a verdict of {waiting.verdict.outcome} is nobody's to accept"
            raise Misuse(problem, where=self._where, remedy="rework the lamella, or measure again")
        acceptance = Acceptance(
            person=signed(person, "a name", NAME_MOST), reason=signed(reason, "a reason", REASON_MOST)
        )
        marginal = [path.path for path in waiting.verdict.paths if path.grade is Grade.MARGINAL]
        self._write(MarginalAccepted(acceptance=acceptance, paths=tuple(marginal)))

    def close(self, ending: SessionClosed) -> None:
        """Nothing more is done in this session."""
        self._require_open()
        self._write(ending)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the next writer in. A session that is not closed was left, and can be resumed."""
        try:
            try:
                if self._state.closed is None:
                    self._write(SessionSuspended(reason=why_left(error)))
            finally:
                self._journal.close()
        except StorageError as lost:
            if error is None:
                raise
            error.add_note(f"the journal could not record why the session was left: {lost}")

    @property
    def _agenda(self) -> Agenda:
        return Agenda(self._state, self._foresight, self.records, self._running, self._clock.now())

    def _write(self, event: Event) -> None:
        record = self._journal.append(event)
        self._folding.take(event)
        self._state = self._folding.state
        self._report(record)

    def _foreseen(self) -> Foresight:
        foresight = foresee(self._frozen, self._state)
        return foresight.with_findings(chip_findings(foresight.plan, self._state, lambda: self.curves))

    def _revise(self) -> None:
        """Reckon again what is left, and record what the rules say of it when that is something else than before.

        While an operation is broken off they would only say that it is missing.
        """
        self._foresight = self._foreseen()
        if unfinished(self._state) is None and self._foresight.findings != self._state.findings:
            self._write(RulesChecked(findings=self._foresight.findings))

    def _add_all(
        self, entries: Sequence[tuple[str, str | None, dict[str, str], dict[str, Any] | None]], reason: str
    ) -> tuple[str, ...]:
        self._require_quiet()
        before = next(iter(self._state.pending), None)
        taken = list(self._state.operations)
        events: list[OperationAdded] = []
        for wanted, redoes, changes, step in entries:
            name = _free(wanted, taken)
            taken.append(name)
            events.append(
                OperationAdded(
                    operation=name, before=before, redoes=redoes, changes=changes, step=step, reason=given(reason)
                )
            )
        extras(self._frozen, (*self._state.added, *events))
        for event in events:
            self._write(event)
        self._revise()
        return tuple(event.operation for event in events)

    def _without_reason(self, name: str, actual: Actual, reason: str) -> tuple[str, ...]:
        doubted = self.doubts(name, actual)
        if doubted and not reason.strip():
            raise ReasonNeeded(name, doubted)
        return doubted

    def _require_open(self) -> None:
        if self._state.closed is not None:
            raise Misuse("the session is over", where=self._where, remedy="begin a new one")

    def _require_quiet(self) -> None:
        """Nothing is running or uncertain."""
        self._require_open()
        if self._state.uncertain:
            raise Misuse(f"'{self._state.uncertain[0]}' is not over", where=self._where, remedy=told(self.waiting))

    def _require_running(self, name: str) -> None:
        if name != self._running:
            raise Misuse(f"'{name}' is not running", where=self._where, remedy=told(self.waiting))

    @property
    def _pending(self) -> str:
        return ", ".join(self._state.pending) or "nothing"

    @property
    def _where(self) -> str:
        return self._state.opened.session


def _changes_lamella(operation: Operation) -> bool:
    """Whether what was measured before it no longer counts: it mills, deposits, or puts the lamella somewhere else."""
    return operation.beam_current_a is not None or isinstance(operation.step, Transfer)


def _values(name: str, actual: Actual) -> dict[str, Any]:
    values = asdict(actual)
    return {**values, "operation": name, "note": clean(actual.note), "thickness_by": clean(actual.thickness_by)}


def _free(wanted: str, taken: Sequence[str]) -> str:
    """The name, or with the first number from 2 that nobody has."""
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name
