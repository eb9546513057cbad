"""The person at the microscope as the engine knows one: is told what to press, lands the tips, says what was."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fibplan.model.plan import Operation
from fibplan.model.steps import Measure
from fibplan.planning.replan import Actual
from fibplan.session.operator import Done, Stopped
from fibplan.verification.probing import ProbingStep
from fibplan.wizard import measuring_questions as measuring
from fibplan.wizard import session_questions as ask
from fibplan.wizard.actuals import asked_actual, confirmed_actual
from fibplan.wizard.desk import Left
from fibplan.wizard.ending import asked_abort
from fibplan.wizard.measuring import condition_screen, landing_screen, ready_screen
from fibplan.wizard.milling_clock import MillingClock
from fibplan.wizard.screen import Screen
from fibplan.wizard.seat import Seat
from fibplan.wizard.step_screen import running_screen


def nowhere(step: ProbingStep) -> None:
    """The real tips are moved by the person."""


@dataclass(frozen=True)
class ManualOperator:
    """Asks at the desk. ``on_landing`` hears where the tips are, so that a simulated sample can follow them."""

    seat: Seat
    on_landing: Callable[[ProbingStep], None] = nowhere

    @property
    def name(self) -> str:
        return self.seat.operator

    @property
    def simulated(self) -> bool:
        return self.seat.simulated

    def perform(self, operation: Operation) -> Done | Stopped:
        """Return once the person has confirmed what it was, or why it was broken off.

        Raises :class:`~fibplan.wizard.desk.Left` when the person leaves: the operation is uncertain then.
        """
        self.seat.forward()
        if isinstance(operation.step, Measure):
            return self._made_ready(operation)
        clock = MillingClock(
            self.seat.clock,
            operation.beam_on_s or operation.duration_s,
            self.seat.speed,
            operation.beam_on_s is not None,
        )
        self.seat.running = clock
        try:
            return self._performed(operation, clock)
        finally:
            self.seat.running = None

    def confirm(self, conditions: Mapping[str, str]) -> tuple[str, ...]:
        """Those that the person says hold, each asked for by itself."""
        name = self.seat.measuring
        held: list[str] = []
        for condition, clause in conditions.items():
            question = measuring.condition(name, condition, clause, simulated=self.simulated)
            if self.seat.desk.ask(question, condition_screen(conditions)) == "yes":
                held.append(condition)
        self.seat.conditions = tuple(held)
        return self.seat.conditions

    def land(self, step: ProbingStep) -> None:
        """Return once both tips stand there; where no tip moves nothing is asked."""
        self.on_landing(step)
        session = self.seat.open
        screen = landing_screen(session.plan, step, session, simulated=self.simulated)
        if not step.moved:
            self.seat.desk.show(screen)
            return
        question = measuring.landed(self.seat.measuring, step, simulated=self.simulated)
        if self.seat.desk.ask(question, screen) == "leave":
            raise Left("the session was left before a sweep")

    def _made_ready(self, operation: Operation) -> Done | Stopped:
        began = self.seat.clock.monotonic()
        question = measuring.sample_ready(operation, simulated=self.simulated)
        if self.seat.desk.ask(question, ready_screen(self.seat.open.plan, operation)) == "leave":
            return Stopped("it was left before anything was swept", Actual(self.seat.clock.monotonic() - began))
        if self.simulated:
            return Actual(operation.duration_s.expected)
        return Actual(self.seat.clock.monotonic() - began)

    def _performed(self, operation: Operation, clock: MillingClock) -> Done | Stopped:
        session = self.seat.open
        screen = running_screen(session.plan, session.state, operation, clock)
        while True:
            match self.seat.desk.ask(ask.end(operation, simulated=self.simulated), screen):
                case "done":
                    return confirmed_actual(self.seat, operation, *self._times(operation, clock))
                case "stop":
                    return self._stopped(operation, clock, screen, "")
                case "abort" if (reason := asked_abort(self.seat)) is not None:
                    self.seat.abort = reason
                    return self._stopped(operation, clock, screen, reason)
                case "pause":
                    self._paused(clock, screen)
                case _:
                    pass

    def _paused(self, clock: MillingClock, screen: Screen) -> None:
        session = self.seat.open
        clock.hold()
        session.pause(self.seat.desk.ask(ask.pause_reason(), screen))
        self.seat.desk.ask(ask.beam_off(), screen)
        session.go_on()
        clock.go_on()

    def _stopped(self, operation: Operation, clock: MillingClock, screen: Screen, reason: str) -> Stopped:
        clock.hold()
        where = f"operation.{operation.name}.stop"
        why = reason or self.seat.desk.ask(ask.reason(where, "Why was it broken off?", "after stop"), screen)
        actual = asked_actual(self.seat, operation, clock.whole_s, clock.seconds)
        return Stopped(why, actual)

    def _times(self, operation: Operation, clock: MillingClock) -> tuple[float, float]:
        """What is offered as the time; simulated work has gone as planned by the time that somebody says it is over."""
        clock.hold()
        if not self.simulated:
            return clock.whole_s, clock.seconds
        beam_s = operation.beam_on_s.expected if operation.beam_on_s is not None else 0.0
        return operation.duration_s.expected, beam_s
