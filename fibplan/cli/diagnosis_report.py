"""A diagnosis and the rework that follows from it, as lines for a person and as JSON for a program."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fibplan.model.cards import SmuCard
    from fibplan.model.curve import CurveSet
    from fibplan.model.diagnosis import Diagnosis, Rework
    from fibplan.model.plan import Plan

LIKELY = 0.01
"""Groups less probable than this are not printed; JSON has them all."""


@dataclass(frozen=True)
class Advised:
    """What is probably wrong, None where the tips of a plan read nothing, and what to do about it."""

    diagnosis: "Diagnosis | None" = None
    reworks: "tuple[Rework, ...]" = ()


def advised_on(plan: "Plan", curves: "CurveSet", card: "SmuCard", seed: int) -> Advised:
    """The diagnosis of these curves and its rework."""
    from fibplan.advice.diagnosis.diagnose import belief_of
    from fibplan.advice.rework.rework import rework_for

    belief = belief_of(plan, curves, card, seed)
    return Advised() if belief is None else Advised(belief.diagnosis, rework_for(belief))


def advice_lines(advised: Advised) -> list[str]:
    """The likely groups with what would split them, then each rework with what to expect after it."""
    if advised.diagnosis is None:
        return []
    lines = [f"diagnosis (calibrated on {advised.diagnosis.calibrated_on}):"]
    for group in advised.diagnosis.groups:
        if group.probability >= LIKELY:
            lines.append(f"  {group.probability:5.1%}  {group.name}")
            lines += [f"         would split them: {group.split_by}"] if group.split_by else []
    lines += [f"  {note}" for note in advised.diagnosis.notes]
    return [*lines, *(line for rework in advised.reworks for line in _rework_lines(rework))]


def _rework_lines(rework: "Rework") -> Iterator[str]:
    yield f"rework, if it is {rework.fault} ({rework.probability:.1%}): {rework.action}"
    yield from (f"  {line}" for line in rework.instructions)
    for name, ohm in rework.predicted_ohm.items():
        yield f"  then {name} should read {ohm}"
    yield from (f"  the rules say of it: {text}" for text in rework.objections)
    if rework.measure_again:
        yield f"  measure again: {', '.join(rework.measure_again)}"


def advice_json(advised: Advised) -> dict[str, Any]:
    """Every fault with its probability, the groups, and the reworks with their steps as a recipe has them."""
    found = advised.diagnosis
    return {
        "diagnosis": [] if found is None else [entry.model_dump() for entry in found.suspicions],
        "diagnosis_groups": [] if found is None else [entry.model_dump() for entry in found.groups],
        "diagnosis_besides": [] if found is None else list(found.besides),
        "diagnosis_notes": [] if found is None else list(found.notes),
        "diagnosis_calibrated_on": None if found is None else found.calibrated_on,
        "rework": [entry.model_dump(mode="json") for entry in advised.reworks],
    }
