"""Steps that are done together, as they share a sheet of paper: neighbours of one purpose, few enough for one page."""

from dataclasses import dataclass
from itertools import groupby

from fibplan.model.plan import Operation, Plan
from fibplan.model.steps import (
    CleaningCrossSection,
    Deposit,
    HandOff,
    LiftOut,
    Measure,
    MillNotch,
    MillTrench,
    Polish,
    Thin,
    Transfer,
    Undercut,
    Weld,
)

MOST_STEPS = 3
"""On one page, in type that is read from a metre away."""


@dataclass(frozen=True)
class StepGroup:
    """Operations with their numbers in the plan; ``title`` says what they are for."""

    title: str
    operations: tuple[tuple[int, Operation], ...]


def step_groups(plan: Plan) -> list[StepGroup]:
    """All operations in order; a purpose with too many of them takes several groups, numbered in their titles."""
    numbered = list(enumerate(plan.operations, start=1))
    groups: list[StepGroup] = []
    for title, entries in groupby(numbered, key=lambda entry: _purpose(entry[1])):
        together = tuple(entries)
        count = -(-len(together) // MOST_STEPS)
        size = -(-len(together) // count)
        parts = [together[start : start + size] for start in range(0, len(together), size)]
        for number, part in enumerate(parts, start=1):
            groups.append(StepGroup(f"{title} ({number} of {count})" if count > 1 else title, part))
    return groups


def _purpose(operation: Operation) -> str:
    match operation.step:
        case Deposit(makes="protective_layer"):
            return "Protect the surface"
        case MillTrench() | CleaningCrossSection() | Undercut():
            return "Cut the lamella free"
        case Thin() | Polish() | MillNotch():
            return "Thin the lamella"
        case LiftOut() | Transfer() | Weld(joins="needle"):
            return "Lift out and transfer"
        case Measure() | HandOff():
            return "Measure and hand off"
        case _:
            return "Fix and join"
