"""What the measurement says of the lamella, and why."""

from enum import StrEnum

from fibplan.model.base import Frozen
from fibplan.model.interval import Interval


class Grade(StrEnum):
    """How one path stands against its criterion."""

    PASS = "pass"
    MARGINAL = "marginal"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


class Outcome(StrEnum):
    """What happens with the lamella."""

    ACCEPT = "accept"
    REWORK = "rework"
    REJECT = "reject"
    INCONCLUSIVE = "inconclusive"


class Measured(Frozen):
    """A resistance from one sweep. Where no current is resolved only ``low_ohm`` is known and the others are None."""

    low_ohm: float
    expected_ohm: float | None
    high_ohm: float | None
    points_used: int
    points_excluded: int
    source: str
    doubts: tuple[str, ...] = ()
    """What forbids trusting the numbers: a path with a doubt neither passes nor is marginal."""


class PathVerdict(Frozen):
    """One path's resistance, its grade, and the reasons in words."""

    path: str
    resistance: Measured | None
    predicted: Interval | None = None
    grade: Grade
    reasons: tuple[str, ...]
    remedies: tuple[str, ...] = ()


class Verdict(Frozen):
    """The outcome over all paths; ``simulated`` stays for ever."""

    outcome: Outcome
    paths: tuple[PathVerdict, ...]
    simulated: bool

    @property
    def accepted(self) -> bool:
        return self.outcome is Outcome.ACCEPT
