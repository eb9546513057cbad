"""Decides what a session waits for, by asking: whatever is destructive is a whole word, and most need a reason."""

from collections.abc import Mapping
from dataclasses import dataclass

from fibplan.errors import Misuse
from fibplan.journal.events import Found
from fibplan.journal.state import Progress
from fibplan.model.plan import Operation
from fibplan.planning.replan import Actual
from fibplan.session.session import Session
from fibplan.session.waiting import Blocked, Doubted, Next, Paused, Unaccepted, Uncertain, Unfinished, Waiting
from fibplan.session.walk import (
    Abort,
    AcceptMarginal,
    Begin,
    Confirm,
    Correct,
    Decision,
    Finish,
    GoOn,
    Inspected,
    Leave,
    Redo,
    Skip,
)
from fibplan.wizard import session_questions as ask
from fibplan.wizard.actuals import asked_actual, confirmed_actual, review_screen
from fibplan.wizard.ending import asked_abort
from fibplan.wizard.proposal import Proposal, Propose, nothing_proposed
from fibplan.wizard.screen import Block, Page, Screen, line, wrapped
from fibplan.wizard.seat import Seat
from fibplan.wizard.step_screen import step_screen
from fibplan.wizard.stopped_screens import blocked_screen, uncertain_screen, unfinished_screen
from fibplan.wizard.verdict_screen import verdict_screen


@dataclass(frozen=True)
class AskingDecider:
    """Asks the person at the desk; ``propose`` says what could mend a lamella that is not accepted."""

    seat: Seat
    propose: Propose = nothing_proposed

    def __call__(self, session: Session, waiting: Waiting | Doubted) -> Decision:
        self.seat.take(session)
        self.seat.forward()
        if self.seat.abort is not None:
            reason, self.seat.abort = self.seat.abort, None
            return Abort(reason)
        while True:
            decision = self._decision(session, waiting)
            if decision is not None:
                return decision

    def _decision(self, session: Session, waiting: Waiting | Doubted) -> Decision | None:
        """What is decided, or None where the person thinks again."""
        match waiting:
            case Next(operation):
                return self._next(session, operation)
            case Uncertain():
                return self._uncertain(session, waiting)
            case Paused():
                return self._paused()
            case Unfinished(name):
                return self._unfinished(session, waiting, name)
            case Blocked():
                return self._blocked(session, waiting)
            case Unaccepted():
                return self._unaccepted(session, waiting)
            case Doubted():
                return self._doubted(waiting)
            case _:
                raise Misuse("there is nothing to decide")

    def _next(self, session: Session, operation: Operation) -> Decision | None:
        match self.seat.desk.ask(ask.begin(operation, simulated=self.seat.simulated), self._step(session, operation)):
            case "begin":
                return Begin()
            case "skip":
                return Skip(self._reason(f"operation.{operation.name}.skip", "Why is it left out?", "after skip"))
            case "pause":
                return self._pause(session, operation)
            case word:
                return self._common(session, word)

    def _step(self, session: Session, operation: Operation) -> Screen:
        """The step; with the verdict above it once there is one."""
        step = step_screen(session.plan, session.state, operation)
        verdict = session.state.verdict
        if verdict is None:
            return step
        above = verdict_screen(verdict, session.curves)
        return lambda page: [*above(page), *step(page)[:1]]

    def _pause(self, session: Session, operation: Operation) -> Decision | None:
        screen = step_screen(session.plan, session.state, operation)
        session.pause(self.seat.desk.ask(ask.pause_reason(), screen))
        decision = self._paused()
        if isinstance(decision, GoOn):
            session.go_on()
            return None
        return decision

    def _paused(self) -> Decision:
        def screen(page: Page) -> list[Block]:
            text = "Nothing is begun until you go on. The session can be left, and resumed later."
            return [Block((line("PAUSED", "bold yellow"), *wrapped(text, page.width)))]

        while True:
            match self.seat.desk.ask(ask.go_on(), screen):
                case "continue":
                    return GoOn()
                case "leave":
                    return Leave()
                case _ if (decision := self._abort()) is not None:
                    return decision
                case _:
                    pass

    def _common(self, session: Session, word: str) -> Decision | None:
        """Words that mean the same wherever they are offered."""
        match word:
            case "redo":
                return self._redo(session)
            case "leave":
                return Leave()
            case "finish":
                return Finish()
            case "abort":
                return self._abort()
            case _:
                return None

    def _abort(self) -> Decision | None:
        reason = asked_abort(self.seat)
        return None if reason is None else Abort(reason)

    def _redo(self, session: Session) -> Decision | None:
        over = _over(session)
        if not over:
            return None
        names = self.seat.desk.ask(ask.redo(lambda: over), _names_screen(over)).split()
        return Redo(names, self._reason("session.redo", "Why is it done again?", "after redo"))

    def _reason(self, where: str, why: str, when: str) -> str:
        return self.seat.desk.ask(ask.reason(where, why, when), _reason_screen(why))

    def _uncertain(self, session: Session, waiting: Uncertain) -> Decision:
        operation = waiting.operation
        screen = uncertain_screen(waiting)
        match self.seat.desk.ask(ask.found(operation), screen):
            case "not begun":
                return Inspected(Found.NOT_BEGUN, Actual(0.0))
            case "partly done":
                actual = asked_actual(self.seat, operation, waiting.at_most_s, waiting.at_most_s)
                where = f"operation.{operation.name}.stop"
                return Inspected(Found.PARTLY, actual, self._reason(where, "What happened?", "after partly done"))
            case "finished":
                return self._finished(session, waiting)
            case _:
                return Leave()

    def _finished(self, session: Session, waiting: Uncertain) -> Decision:
        operation, times = waiting.operation, waiting.expected_s.expected
        actual = confirmed_actual(self.seat, operation, times, times)
        doubts = session.doubts(operation.name, actual)
        while doubts:
            decision = self._doubted(Doubted(operation, actual, doubts))
            if isinstance(decision, Confirm):
                return Inspected(Found.FINISHED, actual, decision.reason)
            assert isinstance(decision, Correct)
            actual = decision.actual
            doubts = session.doubts(operation.name, actual)
        return Inspected(Found.FINISHED, actual)

    def _unfinished(self, session: Session, waiting: Unfinished, name: str) -> Decision | None:
        match self.seat.desk.ask(ask.unfinished(name), unfinished_screen(waiting)):
            case "redo":
                return Redo([name], self._reason("session.redo", "Why is it done again?", "after redo"))
            case "skip":
                return Skip(self._reason(f"operation.{name}.skip", "Why is the rest left out?", "after skip"))
            case word:
                return self._common(session, word)

    def _blocked(self, session: Session, waiting: Blocked) -> Decision | None:
        match self.seat.desk.ask(ask.blocked(), blocked_screen(waiting)):
            case "accept":
                return Confirm(self._reason("session.blocked", "Why go on in spite of it?", "after accept"))
            case "skip":
                name = session.state.pending[0]
                return Skip(self._reason(f"operation.{name}.skip", f"Why is {name} left out?", "after skip"))
            case word:
                return self._common(session, word)

    def _unaccepted(self, session: Session, waiting: Unaccepted) -> Decision | None:
        self.seat.desk.show(verdict_screen(waiting.verdict, session.curves, (("weighing what may be wrong ...", ""),)))
        counsel = self.propose(session, waiting.verdict)
        screen = verdict_screen(waiting.verdict, session.curves, counsel.lines)
        question = ask.after_verdict(len(counsel.proposals), acceptable=waiting.verdict.acceptable)
        match self.seat.desk.ask(question, screen).split():
            case ["rework", number]:
                return self._taken_up(session, counsel.proposals[int(number) - 1])
            case ["accept"]:
                return self._accepted(screen)
            case [word]:
                return self._common(session, word)
            case _:
                return None

    def _accepted(self, screen: Screen) -> Decision:
        person = self.seat.desk.ask(ask.accepted_by(), screen)
        why = ask.reason("verdict.accepted", "Why is it accepted?", "after accept")
        return AcceptMarginal(person, self.seat.desk.ask(why, screen))

    def _taken_up(self, session: Session, proposal: Proposal) -> Decision:
        """How it is done is kept, since the screen goes."""
        session.note(": ".join(part for part in ("rework", proposal.text, proposal.detail) if part))
        return proposal.decision

    def _doubted(self, waiting: Doubted) -> Confirm | Correct:
        operation = waiting.operation
        screen = review_screen(operation, waiting.actual, waiting.doubts)
        if self.seat.desk.ask(ask.doubt(operation, waiting.doubts), screen) == "keep":
            where = f"operation.{operation.name}.doubt"
            return Confirm(self._reason(where, f"Why does it hold: {'; '.join(waiting.doubts)}?", "after keep"))
        times = waiting.actual.duration_s, waiting.actual.beam_on_s or 0.0
        return Correct(confirmed_actual(self.seat, operation, *times))


def _over(session: Session) -> Mapping[str, str]:
    """Operations that can be done again, with how they are over."""
    over = (Progress.DONE, Progress.STOPPED, Progress.SKIPPED)
    return {name: str(progress) for name, progress in session.state.operations.items() if progress in over}


def _names_screen(known: Mapping[str, str]) -> Screen:
    def screen(page: Page) -> list[Block]:
        told = "They are done again as new operations, before all that is pending; the journal keeps both."
        text = ", ".join(f"{name} ({how})" for name, how in known.items())
        return [Block((line("REDO", "bold"), *wrapped(told, page.width), line(""), *wrapped(text, page.width)))]

    return screen


def _reason_screen(why: str) -> Screen:
    def screen(page: Page) -> list[Block]:
        told = "It is kept in the journal with your name and the time."
        return [Block((*wrapped(why, page.width, "bold"), *wrapped(told, page.width)))]

    return screen
