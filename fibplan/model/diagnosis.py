"""What is probably wrong with a lamella, and what to do about it."""

from typing import Any

from pydantic import Field

from fibplan.model.base import Frozen, PointUm
from fibplan.model.interval import Interval

AS_PLANNED, SOMETHING_ELSE = "as_planned", "something_else"
"""What a lamella may be besides having one of the named faults."""


class Suspicion(Frozen):
    """One fault by its name, or ``as_planned``, or ``something_else``: its probability before and after the curves."""

    fault: str
    words: str
    prior: float
    probability: float


class FaultGroup(Frozen):
    """Faults that these tips on these landings cannot tell apart, and what would."""

    name: str
    members: tuple[str, ...]
    probability: float
    reason: str
    """Why they look alike; empty where there is only one."""
    split_by: str
    """The observation that would tell them apart; empty where there is only one."""


class Diagnosis(Frozen):
    """Suspicions and groups, each the most probable first; the probabilities of either sum to one.

    ``evidence`` names the sweeps that were used, ``notes`` what cannot be seen behind what was found. ``besides`` are
    faults that a path points at which the first group does not explain: several things may be wrong at once, while the
    probabilities are of one thing.
    """

    suspicions: tuple[Suspicion, ...]
    groups: tuple[FaultGroup, ...]
    evidence: tuple[str, ...]
    notes: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()
    calibrated_on: str = "simulated lamellae"
    seed: int
    samples: int

    def probability(self, fault: str) -> float:
        """That of one fault, 0 for one that this lamella cannot have."""
        return next((entry.probability for entry in self.suspicions if entry.fault == fault), 0.0)

    def group_of(self, fault: str) -> FaultGroup | None:
        """The group that it is in."""
        return next((group for group in self.groups if fault in group.members), None)


class Rework(Frozen):
    """What to do next if that fault is what it is.

    ``steps`` are written as in a recipe, so that a session takes them as new operations; none where the lamella is
    beyond rework, as ``possible`` says. ``outline_um`` is the polygon in the chip frame that the beam scans. What the
    paths should read afterwards is in ohm, by path. ``objections`` are what the rules say of the plan with these steps
    and did not say before: a session asks for a reason for each error among them.
    """

    fault: str
    probability: float
    possible: bool
    action: str
    instructions: tuple[str, ...]
    steps: tuple[dict[str, Any], ...] = ()
    outline_um: tuple[PointUm, ...] = ()
    duration_s: Interval | None = None
    predicted_ohm: dict[str, Interval] = Field(default_factory=dict[str, Interval])
    measure_again: tuple[str, ...] = ()
    objections: tuple[str, ...] = ()


class ReliabilityBin(Frozen):
    """Claims of about the same probability: their mean, how many there are, and how many of them were right."""

    claimed: float
    cases: int
    right: int
    low: float
    high: float
    """Between which the true rate lies with 95 % (Clopper and Pearson)."""

    @property
    def rate(self) -> float:
        return self.right / self.cases


class Reliability(Frozen):
    """How often what a diagnosis claims is so, by what it claims; ``made_on`` says which lamellae were diagnosed."""

    bins: tuple[ReliabilityBin, ...]
    lamellae: int
    made_on: str
