"""What is probably wrong with a lamella that was not accepted, and the rework, in the words of the wizard."""

from collections.abc import Iterator

from fibplan.errors import FibplanError
from fibplan.model.diagnosis import Diagnosis, Rework
from fibplan.model.verdict import Verdict
from fibplan.session.session import Session
from fibplan.session.walk import Add
from fibplan.wizard.proposal import MOST, Counsel, Proposal, measured_again


class Counsellor:
    """Weighs the curves once for each verdict: that takes seconds."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._known: tuple[Verdict, Counsel] | None = None

    def __call__(self, session: Session, verdict: Verdict) -> Counsel:
        if self._known is None or self._known[0] is not verdict:
            self._known = (verdict, self._counsel(session))
        return self._known[1]

    def _counsel(self, session: Session) -> Counsel:
        from fibplan.advice.diagnosis.diagnose import belief_of
        from fibplan.advice.rework.rework import rework_for

        again = tuple(measured_again(session))
        card = session.plan.cards.smu
        assert card is not None, "a rule refuses a recipe that verifies without an SMU"
        try:
            belief = belief_of(session.plan, session.curves, card, self._seed)
        except FibplanError as failure:
            return Counsel((f"no diagnosis: {failure.message}",), again)
        if belief is None:
            return Counsel((), again)
        told = (*_suspicions(belief.diagnosis), *belief.diagnosis.notes)
        reworks = rework_for(belief)
        beyond = tuple(f"no rework: {entry.action}" for entry in reworks if not entry.possible or not entry.steps)
        proposals = tuple(_proposal(entry) for entry in reworks if entry.possible and entry.steps)
        return Counsel((*told, *beyond), (*proposals, *again))


def _suspicions(diagnosis: Diagnosis) -> Iterator[str]:
    for group in diagnosis.groups[:MOST]:
        if group.probability >= 0.01:
            split = f"; to tell them apart: {group.split_by}" if group.split_by else ""
            yield f"{group.probability:.0%} {group.name}{split} (calibrated on {diagnosis.calibrated_on})"


def _proposal(rework: Rework) -> Proposal:
    steps = " and ".join(str(step["name"]) for step in rework.steps)
    how = "; ".join(rework.instructions)
    objections = "".join(f"; OBJECTION: {text}" for text in rework.objections)
    text = f"{rework.action} ({steps})"
    return Proposal(text, Add(list(rework.steps), f"rework: {rework.action}"), f"{how}{objections}")
