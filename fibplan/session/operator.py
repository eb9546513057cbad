"""The person at the microscope, as a Protocol, and the scripted twin that does what the plan says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from fibplan.clock import Clock
from fibplan.model.path import Landing
from fibplan.model.plan import Operation
from fibplan.model.steps import Thinning
from fibplan.planning.replan import Actual
from fibplan.verification.probing import ProbingStep

Landings = tuple[Landing, Landing]


Done = Actual
"""What an operation really was, as the one who performed it says."""


@dataclass(frozen=True)
class Stopped:
    """The operation was broken off for that reason; ``actual`` is what is known of the part that was done."""

    reason: str
    actual: Actual


class Operator(Protocol):
    """Whoever mills, lifts out and lands the tips."""

    @property
    def name(self) -> str:
        """Who it is, as the journal names them."""
        ...

    @property
    def simulated(self) -> bool:
        """Whether nothing was really done: that mark stays with the session."""
        ...

    def perform(self, operation: Operation) -> Done | Stopped:
        """Return when the operation is over. A measurement is over here once the sample lies below the tips.

        That it was started is on the disk before this is called: only now may anybody be told to press the button.
        """
        ...

    def confirm(self, conditions: Mapping[str, str]) -> tuple[str, ...]:
        """The names of those ``conditions`` (name to a clause in words) that hold; asked before anything is swept.

        A sweep is made all the same: each curve keeps what was confirmed, and the verdict asks for all of them.
        """
        ...

    def land(self, step: ProbingStep) -> None:
        """Return when the tips stand where ``step`` asks for them, as :attr:`ProbingStep.instruction` says.

        A tip that is not in ``step.moved`` must not have been touched since the step before. Landing "lifted" is in
        the air. Called before every step, also one for which no tip moves.
        """
        ...


class ScriptedOperator:
    """Takes exactly the time that the plan expects, on the clock it is given; a rung leaves the planned thickness.

    ``on_landing`` hears of every landing, so that a simulated sample can be switched when the tips move.
    """

    def __init__(self, clock: Clock, on_landing: Callable[[Landings], None], name: str = "script") -> None:
        self._clock = clock
        self._on_landing = on_landing
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    @property
    def simulated(self) -> bool:
        return True

    def perform(self, operation: Operation) -> Done:
        """Sleep for the expected duration; the planned thickness is left where the step thins."""
        duration_s = operation.duration_s.expected
        self._clock.sleep(duration_s)
        if isinstance(operation.step, Thinning):
            return Done(duration_s, operation.thickness_after_m, thickness_by="as planned")
        return Done(duration_s)

    def confirm(self, conditions: Mapping[str, str]) -> tuple[str, ...]:
        """All of them hold."""
        return tuple(conditions)

    def land(self, step: ProbingStep) -> None:
        """The tips are there at once."""
        self._on_landing(step.landings)
