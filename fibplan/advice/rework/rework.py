"""For every likely fault the next action."""

from fibplan.advice.diagnosis.diagnose import Belief
from fibplan.advice.diagnosis.words import CALLED
from fibplan.advice.rework.after import objections_to
from fibplan.advice.rework.bridge import ACTIONS, redeposit
from fibplan.advice.rework.probing_again import AGAIN, probe_again
from fibplan.advice.rework.shorts import clean_faces, cut_electrodes, cut_halo
from fibplan.model.diagnosis import AS_PLANNED, Rework

LIKELY = 0.05
"""A fault less probable than this is not worked on; chosen."""


def rework_for(belief: Belief) -> tuple[Rework, ...]:
    """One action for each fault that is likely or told beside, the most probable first; none for a sound lamella.

    Its ``steps`` are new operations, to be given to :meth:`fibplan.session.session.Session.add`: what is past stays.
    """
    beside = belief.diagnosis.besides
    likely = [entry for entry in belief.diagnosis.suspicions if entry.probability >= LIKELY or entry.fault in beside]
    found = (_rework(belief, entry.fault, entry.probability) for entry in likely if entry.fault != AS_PLANNED)
    plan = belief.suspects.plan
    return tuple(
        entry.model_copy(update={"objections": objections_to(plan, entry.steps)}) if entry.steps else entry
        for entry in found
    )


def _rework(belief: Belief, fault: str, probability: float) -> Rework:
    if fault in AGAIN:
        return probe_again(belief, fault, probability)
    if fault in ACTIONS:
        return redeposit(belief, fault, probability)
    match fault:
        case "halo_short":
            return cut_halo(belief, probability)
        case "skin_short":
            return clean_faces(belief, probability)
        case "electrode_short":
            return cut_electrodes(belief, probability)
        case _:
            return _unknown(fault, probability)


def _unknown(fault: str, probability: float) -> Rework:
    return Rework(
        fault=fault,
        probability=probability,
        possible=False,
        action=f"no rework is known for this: {CALLED[fault]}",
        instructions=("look at bridge, faces and tips in the SEM; where nothing is seen, reject the lamella",),
    )
