"""What could mend a lamella that was not accepted: what is probably wrong, and decisions taken up by their number."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fibplan.model.verdict import Verdict
from fibplan.session.session import Session
from fibplan.session.walk import Add, Redo

MOST = 3
"""Suspicions that are told: what comes after them is a list of everything."""


@dataclass(frozen=True)
class Proposal:
    """What is done, the decision that does it, and how in detail."""

    text: str
    decision: Redo | Add
    detail: str = ""


@dataclass(frozen=True)
class Counsel:
    """What is probably wrong, in lines; how the person goes about it; and the proposals."""

    diagnosis: tuple[str, ...] = ()
    proposals: tuple[Proposal, ...] = ()

    @property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """Everything with its details, and with the words that take a proposal up."""
        taken = ((f"rework {number}: {entry.text}", entry.detail) for number, entry in enumerate(self.proposals, 1))
        return (*((told, "") for told in self.diagnosis), *taken)


Propose = Callable[[Session, Verdict], Counsel]


def nothing_proposed(session: Session, verdict: Verdict) -> Counsel:
    """Nobody knows of anything."""
    del session, verdict
    return Counsel()


def measured_again(session: Session) -> Sequence[Proposal]:
    """What needs no diagnosis: the tips are landed anew."""
    from fibplan.model.steps import Measure

    measures = [entry.name for entry in session.plan.operations if isinstance(entry.step, Measure)]
    if not measures:
        return ()
    text = f"land the tips anew and measure again (redo {measures[-1]})"
    return (Proposal(text, Redo([measures[-1]], "measured again with tips landed anew")),)
