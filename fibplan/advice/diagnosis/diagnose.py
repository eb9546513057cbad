"""From plan and curves to what is probably wrong."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fibplan.advice.diagnosis.alike import ALIKE, Alike, groups_of, shared_ohms
from fibplan.advice.diagnosis.besides import Beside, besides
from fibplan.advice.diagnosis.evidence import Evidence, evidence_of, probing_of
from fibplan.advice.diagnosis.likelihood import log_likelihoods
from fibplan.advice.diagnosis.suspects import SAMPLES, Landings, Reals, Suspects, suspects_of
from fibplan.advice.diagnosis.words import CALLED, image_of, name_of
from fibplan.circuit.faults import LAWS
from fibplan.model.cards import SmuCard
from fibplan.model.curve import CurveSet
from fibplan.model.diagnosis import AS_PLANNED, Diagnosis, FaultGroup, Suspicion
from fibplan.model.plan import Plan

ELSEWHERE: tuple[Landings, ...] = (
    ("working_electrode", "reference_electrode"),
    ("working_electrode", "counter_electrode"),
    ("current_collector", "protective_layer"),
    ("working_electrode", "protective_layer"),
    ("working_electrode", "current_collector"),
)
"""Where else the tips may land to tell two suspects apart, the chip's own electrodes first."""
OPEN_SHARE = 0.5
"""A group most of which reads open hides what lies behind it."""


@dataclass(frozen=True)
class Belief:
    """A diagnosis with what it was made from: for each fault its samples, weighed by how well they explain the curves.

    ``weights`` sum to one for each fault, one entry a sample; those of a fault that is told beside the first suspicion
    are for the path that points at it.
    """

    diagnosis: Diagnosis
    suspects: Suspects
    weights: dict[str, Reals]
    evidence: tuple[Evidence, ...]


def diagnose(plan: Plan, curves: CurveSet, card: SmuCard, seed: int = 0) -> Diagnosis | None:
    """The diagnosis alone, or None for a plan whose tips read nothing; see :func:`belief_of`."""
    belief = belief_of(plan, curves, card, seed)
    return belief.diagnosis if belief is not None else None


def belief_of(
    plan: Plan, curves: CurveSet, card: SmuCard, seed: int = 0, suspects: Suspects | None = None
) -> Belief | None:
    """Probabilities by Bayes' rule from every probing step that was measured; without any, the chances of the cards.

    ``suspects`` of the same plan are used again where they are given, which is quicker and gives the same. None for a
    plan without a bridge on a chip. Raises :class:`~fibplan.errors.Misuse` for a lamella that stands upright.
    """
    prepared = suspects if suspects is not None else suspects_for(plan, seed)
    if prepared is None:
        return None
    evidence = evidence_of(plan, curves, card)
    logs = {entry.fault: log_likelihoods(entry, prepared, evidence, card) for entry in prepared.entries}
    weights, chances = _weighed(prepared, logs)
    found = _diagnosis(prepared, evidence, chances, card)
    more = besides(prepared, found.groups[0].members, evidence, card)
    told = {"besides": tuple(entry.fault for entry in more), "notes": (*found.notes, *map(_also, more))}
    weights |= {entry.fault: entry.weights for entry in more}
    return Belief(found.model_copy(update=told), prepared, weights, evidence)


def _also(beside: Beside) -> str:
    return f"two things may be wrong at once: '{beside.path}' reads as if {CALLED[beside.fault]}"


def suspects_for(plan: Plan, seed: int = 0, samples: int = SAMPLES) -> Suspects | None:
    """The suspects of a plan, with the tips wherever its probing or a further look may put them."""
    pairs: list[Landings] = [(step.landings[0], step.landings[1]) for step in probing_of(plan)]
    return suspects_of(plan, [*pairs, *ELSEWHERE], seed, samples)


def _weighed(suspects: Suspects, logs: dict[str, Reals]) -> tuple[dict[str, Reals], dict[str, float]]:
    """Sample weights by fault, and the probability of each fault."""
    joint: dict[str, Reals] = {}
    for entry in suspects.entries:
        with np.errstate(divide="ignore"):
            joint[entry.fault] = logs[entry.fault] + np.log(entry.weights) + np.log(entry.prior)
    highest = max(float(values.max()) for values in joint.values())
    shares = {fault: np.exp(values - highest) for fault, values in joint.items()}
    whole = sum(float(values.sum()) for values in shares.values())
    chances = {fault: float(values.sum()) / whole for fault, values in shares.items()}
    own = {entry.fault: entry.weights for entry in suspects.entries}
    weights = {fault: values / values.sum() if values.sum() > 0.0 else own[fault] for fault, values in shares.items()}
    return weights, chances


def _diagnosis(suspects: Suspects, evidence: Sequence[Evidence], chances: dict[str, float], card: SmuCard) -> Diagnosis:
    suspicions = [
        Suspicion(fault=entry.fault, words=CALLED[entry.fault], prior=entry.prior, probability=chances[entry.fault])
        for entry in suspects.entries
    ]
    alike = groups_of(suspects, evidence, card)
    groups = [_group(suspects, group, evidence, chances) for group in alike]
    ranked = tuple(sorted(groups, key=lambda group: -group.probability))
    return Diagnosis(
        suspicions=tuple(sorted(suspicions, key=lambda entry: -entry.probability)),
        groups=ranked,
        evidence=tuple(entry.name for entry in evidence),
        notes=tuple(_notes(suspects, ranked[0], evidence)),
        seed=suspects.seed,
        samples=suspects.samples,
    )


def _group(suspects: Suspects, group: Alike, evidence: Sequence[Evidence], chances: dict[str, float]) -> FaultGroup:
    """Members, the most probable first, though the plan as it is stays in front."""
    members = sorted(group.members, key=lambda name: (name != AS_PLANNED, -chances[name]))
    several = len(members) > 1
    return FaultGroup(
        name=name_of(members),
        members=tuple(members),
        probability=sum(chances[name] for name in members),
        reason=_reason(group, evidence) if several else "",
        split_by=_split(suspects, members, evidence) if several else "",
    )


def _reason(group: Alike, evidence: Sequence[Evidence]) -> str:
    if not evidence:
        return "nothing was measured"
    return (
        f"what they would read in {len(evidence)} sweeps overlaps by {group.overlap:.0%} at least: the best guess "
        "between two of them is wrong too often"
    )


def _split(suspects: Suspects, members: Sequence[str], evidence: Sequence[Evidence]) -> str:
    """The first further look that parts every two of them; an image where no landing of the tips does."""
    done = {entry.landings for entry in evidence}
    ways = [pair for pair in ELSEWHERE if pair not in done]
    parted = [(pair, _parted(suspects, members, pair)) for pair in ways]
    looks = [f"a sweep from {pair[0]} to {pair[1]}".replace("_", " ") for pair, names in parted if names]
    seen = {name for _, names in parted for name in names}
    left = [name for name in members if name not in seen]
    looks += [_program(name) for name in left if name in LAWS]
    image = image_of([name for name in left if name not in LAWS])
    return "; ".join(dict.fromkeys(look for look in (*looks[:3], image) if look))


def _parted(suspects: Suspects, members: Sequence[str], pair: Landings) -> list[str]:
    """The members that a sweep there tells from every other one."""
    entries = [suspects.of(name) for name in members]
    return [
        entry.fault
        for entry in entries
        if all(shared_ohms(entry, other, pair) < ALIKE for other in entries if other is not entry)
    ]


def _program(name: str) -> str:
    """The sweep that shows a law."""
    match name:
        case "mains_noise":
            return "a sweep with an integration of a fraction of a power-line cycle (mains)"
        case "offset_current":
            return "a sweep with the tips lifted (stray current)"
        case "nonlinear_contact":
            return "a sweep to a larger voltage, up and down (a film in the joint bends it)"
        case _:
            return "a longer sweep, up and down, and again after a pause (a joint that gives way)"


def _notes(suspects: Suspects, first: FaultGroup, evidence: Sequence[Evidence]) -> list[str]:
    notes: list[str] = []
    proved = suspects.plan.recipe.verification
    resistances = [entry.landings for entry in evidence if entry.contact_below is None and entry.path in proved]
    if not evidence:
        return ["nothing usable was measured: these are the chances that the cards give"]
    suspect = suspects.of(first.members[0])
    shares = [float(suspect.weights[suspects.parted(suspect, pair)].sum()) for pair in resistances]
    if shares and min(shares) > OPEN_SHARE:
        notes.append("nothing can be told of what lies behind an open: measure every path again when it is closed")
    if all(entry.contact_below is None for entry in evidence):
        notes.append("no contact check was measured: a tip in the air looks like an open, and like an insulator")
    return notes
