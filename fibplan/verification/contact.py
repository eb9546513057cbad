"""Whether the tips of a path are proved to have been in contact while it was swept, and what they may add to it."""

from collections.abc import Iterator, Mapping, Sequence

from fibplan.model.cards import SmuCard
from fibplan.model.curve import Curve
from fibplan.model.path import Above, VerificationPath
from fibplan.model.verdict import Measured
from fibplan.units import show
from fibplan.verification.fit import resistance_of
from fibplan.verification.probing import ProbingStep


def contact_doubts(
    path: VerificationPath, steps: Sequence[ProbingStep], run: Mapping[str, Curve], card: SmuCard
) -> list[str]:
    """Why the tips may have hung in the air; nothing for a conducting path, which proves its own contacts."""
    if not isinstance(path.criterion, Above):
        return []
    limit = path.criterion.contact.below
    checked = [(step.name, run[step.name]) for step in steps if step.purpose == "contact" and step.name in run]
    return [
        f"{name.replace('_', ' ')}: {why}, so the tip may hang in the air"
        for name, curve in checked
        if (why := _why_unproved(resistance_of(curve, card), limit))
    ]


def tips_of_run(steps: Sequence[ProbingStep], run: Mapping[str, Curve], card: SmuCard) -> tuple[Measured, ...]:
    """What the contact checks before and after read: together they bound leads and tips.

    Each reads its own tip with another beside it, so that their sum is never less than what lay in the path. Of the
    checks of one conductor the largest counts. Empty unless both ends of the path were checked.
    """
    checks = [step for step in steps if step.purpose == "contact"]
    ends = {step.landings for step in checks}
    found: list[Measured] = []
    for end in ends:
        read = [resistance_of(run[step.name], card) for step in checks if step.landings == end and step.name in run]
        if not read:
            return ()
        found.append(max(read, key=_most))
    return tuple(found)


def _most(measured: Measured) -> float:
    """An unbounded or doubted one is the largest."""
    return float("inf") if measured.high_ohm is None or measured.doubts else measured.high_ohm


def _why_unproved(measured: Measured, limit: float) -> str:
    connects = measured.high_ohm is not None and measured.high_ohm <= limit and not measured.doubts
    return "" if connects else next(_told(measured))


def _told(measured: Measured) -> Iterator[str]:
    yield from measured.doubts
    if measured.expected_ohm is None:
        yield "no contact seen" if measured.high_ohm is None else f"up to {show(measured.high_ohm, 'ohm')}"
    else:
        yield show(measured.expected_ohm, "ohm")
