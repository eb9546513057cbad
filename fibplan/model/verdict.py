"""What the measurement says of the lamella, and why."""

from enum import StrEnum
from typing import Literal, Self

from fibplan.model.base import Frozen, Text
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


class Exclusion(Frozen):
    """Points of a sweep that do not enter its fit, and why."""

    why: str
    points: int


class Contribution(Frozen):
    """One row of an uncertainty budget: a source of error, and how far it spreads the resistance."""

    source: str
    distribution: Literal["rectangular", "normal"]
    standard_ohm: float
    """Standard uncertainty of the resistance from this source alone."""
    share: float
    """Of the whole variance, from 0 to 1."""


class Measured(Frozen):
    """A resistance between two tips from one sweep.

    Where all three numbers are known ``low_ohm`` and ``high_ohm`` are the ends of a 95 % interval. Where the current is
    not resolved, or a limit held the source back, one of them is a one-sided 95 % bound: a bound that is not known is
    0 below and None above. ``expected_ohm`` is None wherever no single resistance describes the curve.
    """

    low_ohm: float
    expected_ohm: float | None
    high_ohm: float | None
    points_used: int
    points_excluded: int
    source: str
    doubts: tuple[str, ...] = ()
    """What forbids trusting the numbers: a path with a doubt neither passes nor is marginal."""
    remarks: tuple[str, ...] = ()
    """What the shape of the curve says; where it is no straight line, the bounds are already wider for it."""
    excluded: tuple[Exclusion, ...] = ()
    """Why points are excluded; together they are ``points_excluded``."""
    budget: tuple[Contribution, ...] = ()
    """What spreads the number, the largest first."""
    contacts_ohm: float | None = None
    """The most that leads and contacts may be of it: 0 with four wires, None where nothing bounds it."""

    @property
    def sample_low_ohm(self) -> float:
        """The least that the sample alone has: with two wires and no baseline of the tips, nothing is known."""
        return 0.0 if self.contacts_ohm is None else max(0.0, self.low_ohm - self.contacts_ohm)

    @property
    def dominant(self) -> str:
        """What spreads the number most, or nothing where it has no budget."""
        return self.budget[0].source if self.budget else ""


class PathVerdict(Frozen):
    """One path's resistance, its grade, and the reasons in words."""

    path: str
    resistance: Measured | None
    predicted: Interval | None = None
    grade: Grade
    reasons: tuple[str, ...]
    remedies: tuple[str, ...] = ()


class Acceptance(Frozen):
    """Who accepts a lamella whose paths are marginal, and why."""

    person: Text
    reason: Text


class Verdict(Frozen):
    """The outcome over all paths; ``simulated`` stays for ever.

    Paths that are marginal are accepted by a person alone, and then ``acceptance`` says who and why.
    """

    outcome: Outcome
    paths: tuple[PathVerdict, ...]
    simulated: bool
    acceptance: Acceptance | None = None

    @property
    def acceptable(self) -> bool:
        """Whether a person may accept it: nothing fails or is open, and something is marginal."""
        return self.outcome is Outcome.REWORK and self._grades <= {Grade.PASS, Grade.MARGINAL}

    def accepted_by(self, acceptance: Acceptance) -> Self:
        """The same verdict, accepted in spite of what is marginal; :class:`ValueError` where more is wrong."""
        if not self.acceptable:
            raise ValueError(f"a verdict of {self.outcome} cannot be accepted")
        return self.model_copy(update={"outcome": Outcome.ACCEPT, "acceptance": acceptance})

    @property
    def _grades(self) -> set[Grade]:
        return {path.grade for path in self.paths}

    @property
    def accepted(self) -> bool:
        return self.outcome is Outcome.ACCEPT
