"""The way through a session: what it waits for is decided by somebody, and done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fibplan.clock import Clock
from fibplan.errors import Misuse, NotAccepted
from fibplan.journal.events import Ending, Found, SessionClosed
from fibplan.model.curve import CurveSet
from fibplan.model.plan import Operation
from fibplan.model.steps import Measure
from fibplan.model.verdict import Grade, Verdict
from fibplan.planning.replan import Actual
from fibplan.session.operator import Operator, Stopped
from fibplan.session.probing import probe
from fibplan.session.reasons import ReasonNeeded
from fibplan.session.session import Report, Session, unheard
from fibplan.session.waiting import (
    AtEnd,
    Blocked,
    Doubted,
    Next,
    Paused,
    ToJudge,
    Unaccepted,
    Uncertain,
    Unfinished,
    Waiting,
)
from fibplan.smu.protocol import Smu
from fibplan.units import show_time

Judge = Callable[[CurveSet], Verdict]


@dataclass(frozen=True)
class Begin:
    """Perform the operation that is next."""


@dataclass(frozen=True)
class Skip:
    """Leave the operation out that is next, or the rest of the one that was broken off, also where an error blocks."""

    reason: str


@dataclass(frozen=True)
class Redo:
    """Do operations that are over again, as new ones, before all that is pending."""

    operations: Sequence[str]
    reason: str
    changes: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Add:
    """Do steps that the recipe has not, written as in a recipe, before all that is pending."""

    steps: Sequence[dict[str, Any]]
    reason: str


@dataclass(frozen=True)
class Inspected:
    """What was found of an uncertain operation."""

    found: Found
    actual: Actual
    reason: str = ""


@dataclass(frozen=True)
class Confirm:
    """The doubted values hold; or the errors in what is left are accepted."""

    reason: str


@dataclass(frozen=True)
class Correct:
    """These are the values instead of the doubted ones."""

    actual: Actual


@dataclass(frozen=True)
class AcceptMarginal:
    """That person accepts the lamella although paths are marginal."""

    person: str
    reason: str


@dataclass(frozen=True)
class GoOn:
    """The pause is over."""


@dataclass(frozen=True)
class Finish:
    """Close the session with what the verdict says, if there is one."""


@dataclass(frozen=True)
class Abort:
    """Close the session; nothing more is done with this lamella."""

    reason: str


@dataclass(frozen=True)
class Leave:
    """Leave the session, to be resumed."""


Decision = Begin | Skip | Redo | Add | Inspected | Confirm | Correct | AcceptMarginal | GoOn | Finish | Abort | Leave
Decide = Callable[[Session, Waiting | Doubted], Decision]


def as_planned(session: Session, waiting: Waiting | Doubted) -> Decision:
    """Decides what needs no person: everything goes as planned, and a lamella that is not accepted is not reworked.

    Raises :class:`~fibplan.errors.FibplanError` where only a person may decide.
    """
    where = session.state.opened.session
    match waiting:
        case Next():
            return Begin()
        case Paused():
            return GoOn()
        case Unfinished(name, ended):
            remedy = "redo it, or leave out the rest of it, with a reason"
            raise Misuse(f"'{name}' was broken off: {ended.reason or 'a crash'}", where=where, remedy=remedy)
        case Unaccepted():
            return Finish()
        case Blocked(findings):
            told = "; ".join(f"{finding.message} [{finding.code}]" for finding in findings)
            raise NotAccepted(f"what is left has errors: {told}", where=where, remedy=findings[0].remedy)
        case Uncertain(operation, started=started, at_most_s=at_most_s):
            message = f"'{operation.name}' was started at {started:%H:%M:%S} UTC, ran {show_time(at_most_s)} at most, "
            remedy = "look at the lamella and say what was done of it: it is never begun again unseen"
            raise Misuse(f"{message}and was never confirmed", where=where, remedy=remedy)
        case Doubted(operation, doubts=doubts):
            raise ReasonNeeded(operation.name, doubts)
        case _:
            raise Misuse("there is nothing to decide", where=where)


@dataclass(frozen=True)
class Crew:
    """Who and what a session works with.

    ``report`` hears of every record once it is durable; ``decide`` is asked whenever the session waits for a person.
    """

    operator: Operator
    smu: Smu | None
    judge: Judge
    clock: Clock
    report: Report = unheard
    decide: Decide = as_planned

    @property
    def simulated(self) -> bool:
        """Whether any part of it only pretends."""
        return self.operator.simulated or (self.smu is not None and self.smu.instrument.simulated)


def walk(session: Session, crew: Crew) -> SessionClosed | None:
    """Go on until the session ends or is left; how it ended, not yet recorded, or None where it was left."""
    while True:
        waiting = session.waiting
        if isinstance(waiting, AtEnd):
            return ending_of(session.state.verdict)
        if isinstance(waiting, ToJudge):
            session.judged(crew.judge(session.curves))
            continue
        decision = crew.decide(session, waiting)
        match decision:
            case Finish():
                return ending_of(session.state.verdict)
            case Abort(reason):
                return SessionClosed(outcome=Ending.ABORTED, reason=reason)
            case Leave():
                return None
            case Begin():
                _perform(session, crew)
            case _:
                _obey(session, waiting, decision)


def _obey(session: Session, waiting: Waiting, decision: Decision) -> None:
    match decision, waiting:
        case Skip(reason), Next(operation):
            session.skip(operation.name, reason)
        case Skip(reason), Blocked():
            session.skip(session.state.pending[0], reason)
        case Skip(reason), Unfinished(name):
            session.skip(name, reason)
        case Redo(operations, reason, changes), _:
            session.redo(operations, reason, changes)
        case Add(steps, reason), _:
            session.add(steps, reason)
        case Inspected(found, actual, reason), Uncertain(operation):
            session.inspect(operation.name, found, actual, reason)
        case Confirm(reason), Blocked():
            session.accept(reason)
        case AcceptMarginal(person, reason), Unaccepted():
            session.accept_marginal(person, reason)
        case GoOn(), Paused():
            session.go_on()
        case _:
            made, due = type(decision).__name__, type(waiting).__name__
            raise Misuse(f"{made} answers nothing where the session waits with {due}")


def _perform(session: Session, crew: Crew) -> None:
    waiting = session.waiting
    if not isinstance(waiting, Next):
        raise Misuse(f"nothing can be begun where the session waits with {type(waiting).__name__}")
    operation = waiting.operation
    session.start(operation.name)
    outcome = crew.operator.perform(operation)
    if isinstance(outcome, Stopped):
        session.stop(operation.name, outcome.actual, outcome.reason)
        return
    if isinstance(operation.step, Measure):
        outcome = replace(outcome, duration_s=outcome.duration_s + _measure(session, crew, operation.step))
    _confirm(session, crew, operation, outcome)


def _measure(session: Session, crew: Crew, step: Measure) -> float:
    """Seconds that the sweeps took."""
    smu, clock = crew.smu, crew.clock
    if smu is None:
        raise Misuse("the plan measures, and there is no SMU", remedy="connect one, or simulate it")
    began = clock.monotonic()
    for curve in probe(session.plan, step.paths, crew.operator, smu, clock):
        session.measured(curve)
    return clock.monotonic() - began


def _confirm(session: Session, crew: Crew, operation: Operation, actual: Actual) -> None:
    """Record the values once nobody doubts them any more."""
    reason = ""
    while (doubts := session.doubts(operation.name, actual)) and not reason:
        decision = crew.decide(session, Doubted(operation, actual, doubts))
        match decision:
            case Confirm(given):
                reason = given
            case Correct(corrected):
                actual = corrected
            case _:
                raise ReasonNeeded(operation.name, doubts)
    session.done(operation.name, actual, reason)


def ending_of(verdict: Verdict | None) -> SessionClosed:
    """How a session ends that has come to its end with that verdict."""
    if verdict is None:
        return SessionClosed(
            outcome=Ending.UNVERIFIED, reason="nothing was measured since the last change, so nothing may be handed off"
        )
    if verdict.accepted and verdict.acceptance is not None:
        who = verdict.acceptance
        reason = f"{who.person} accepts the lamella, whose paths are marginal: {who.reason}"
        return SessionClosed(outcome=Ending.ACCEPTED, reason=reason)
    if verdict.accepted:
        return SessionClosed(outcome=Ending.ACCEPTED, reason="the verdict accepts the lamella")
    reasons = [
        f"{path.path}: {reason}" for path in verdict.paths if path.grade is not Grade.PASS for reason in path.reasons
    ]
    return SessionClosed(outcome=Ending.NOT_ACCEPTED, reason="; ".join([f"verdict {verdict.outcome}", *reasons]))
