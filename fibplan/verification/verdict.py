"""From a curve set to a verdict with reasons, path by path."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from fibplan.model.cards import SmuCard
from fibplan.model.curve import UNKNOWN_MODEL, Curve, CurveSet, model_number
from fibplan.model.interval import Interval
from fibplan.model.path import Above, Below, VerificationPath
from fibplan.model.plan import Plan
from fibplan.model.verdict import Grade, Measured, Outcome, PathVerdict, Verdict
from fibplan.verification.contact import contact_doubts, tips_of_run
from fibplan.verification.criteria import graded, in_ohm
from fibplan.verification.decisive import decisive
from fibplan.verification.fit import resistance_of
from fibplan.verification.floor import floor_doubts
from fibplan.verification.probing import SWEEP, ProbingStep, all_paths, isolation_paths, path_steps
from fibplan.verification.repeats import together
from fibplan.verification.run import Run, foreign, last_run

TO_DO = {
    ("conducting", Grade.FAIL): (
        "look at both ends of the bridge in the SEM; deposit it again, thicker and over its whole length",
        "then measure every path again: new Pt brings a new halo",
    ),
    ("conducting", Grade.MARGINAL): (
        "deposit more Pt on the bridge, measure again with fresh tips or four wires, or have a named person accept it",
    ),
    ("insulating", Grade.FAIL): (
        "cut the halo between the bridge and the protective layer at the lowest current, not through the membrane",
        "clean the faces that can be reached at 5 kV, then measure every path again",
    ),
    ("insulating", Grade.MARGINAL): ("clean the faces at 5 kV and measure again, or have a named person accept it",),
    ("isolation", Grade.FAIL): (
        "look for metal between the two electrodes in the SEM, and cut it at the lowest current, not through the "
        "membrane; then measure every path again",
    ),
    ("isolation", Grade.MARGINAL): (
        "look for metal between the two electrodes in the SEM and measure again, or have a named person accept it",
    ),
}
LAND_AGAIN = "blank the beam, land the tips again, show that each is in contact, and repeat the sweep"


class Case(NamedTuple):
    """What is judged: the plan that was followed, what was measured, and the card of what measured it."""

    plan: Plan
    curves: CurveSet
    card: SmuCard


def judge(plan: Plan, curves: CurveSet, card: SmuCard, predicted: Mapping[str, Interval] | None = None) -> Verdict:
    """Accept only when every path passes; one that fails rejects, one that cannot be decided leaves all undecided.

    The paths are the recipe's and the isolation of the chip's electrodes. ``card`` is that of the instrument that
    measured. What is ``predicted`` is told beside what was measured, and is what relative limits go with.
    """
    told = predicted or {}
    case = Case(plan, curves, card)
    found = [_path_verdict(case, name, path, told.get(name)) for name, path in all_paths(plan).items()]
    return Verdict(outcome=_outcome(verdict.grade for verdict in found), paths=tuple(found), simulated=curves.simulated)


def isolation_verdicts(plan: Plan, curves: CurveSet, card: SmuCard) -> tuple[PathVerdict, ...]:
    """Whether the electrodes of the chip are apart, each from the one that the bridge starts from."""
    case = Case(plan, curves, card)
    return tuple(_path_verdict(case, name, path, None) for name, path in isolation_paths(plan).items())


def _outcome(grades: Iterable[Grade]) -> Outcome:
    found = set(grades)
    if Grade.FAIL in found:
        return Outcome.REJECT
    if Grade.INCONCLUSIVE in found or not found:
        return Outcome.INCONCLUSIVE
    return Outcome.REWORK if Grade.MARGINAL in found else Outcome.ACCEPT


def _path_verdict(case: Case, name: str, path: VerificationPath, predicted: Interval | None) -> PathVerdict:
    plan, curves, card = case
    steps = path_steps(plan, name)
    sweep = curves.of(name, SWEEP)
    hindrance = _hindrance(sweep, card) or _not_as_planned(sweep, steps)
    if sweep is None or hindrance:
        return PathVerdict(
            path=name, resistance=None, predicted=predicted, grade=Grade.INCONCLUSIVE, reasons=(hindrance,),
            remedies=("measure it: `fibplan measure` takes the steps from the recipe",) if sweep is None else (),
        )  # fmt: skip
    run = last_run(name, steps, curves)
    path = path.model_copy(update={"criterion": in_ohm(path.criterion, predicted)})
    measured = _measured(path, steps, run, card)
    grade, reason = graded(measured, path.criterion)
    doubts = [*measured.doubts, *_unproved(path, steps, run), *floor_doubts(path, sweep, curves, card)]
    if grade in (Grade.PASS, Grade.MARGINAL):
        doubts += contact_doubts(path, steps, run.curves, card)
    kind = "isolation" if name in isolation_paths(plan) else path.criterion.kind
    final = Grade.INCONCLUSIVE if doubts else grade
    return PathVerdict(
        path=name,
        resistance=measured,
        predicted=predicted,
        grade=final,
        reasons=(reason, *doubts, *measured.remarks),
        remedies=_remedies(kind, final, doubts)
        or (decisive(sweep, measured, path.criterion, card) if final is Grade.INCONCLUSIVE else ()),
    )


def _measured(path: VerificationPath, steps: Sequence[ProbingStep], run: Run, card: SmuCard) -> Measured:
    """From every sweep of the run that counts; what the tips may add is known on a conducting path only."""
    tips = tips_of_run(steps, run.curves, card) if isinstance(path.criterion, Below) else ()
    swept = [step.name for step in steps if step.purpose == "resistance" and step.name in run.curves]
    return together({name: resistance_of(run.curves[name], card, tips) for name in swept})


def _unproved(path: VerificationPath, steps: Sequence[ProbingStep], run: Run) -> list[str]:
    """What of the protocol has no curve that counts; a path that conducts passes without a look at its contacts."""
    needed = [step.name for step in steps if step.purpose != "contact" or isinstance(path.criterion, Above)]
    why = {name: run.missing[name] for name in needed if name in run.missing}
    return [
        f"{', '.join(name.replace('_', ' ') for name in why if why[name] == reason)}: {reason}"
        for reason in dict.fromkeys(why.values())
    ]


def _hindrance(curve: Curve | None, card: SmuCard) -> str:
    """Why a sweep cannot be judged at all, or nothing."""
    if curve is None:
        return "this path was not measured"
    if curve.partial:
        return "the sweep broke off before its end"
    if curve.instrument.model == UNKNOWN_MODEL:
        return "nobody said which instrument measured it, and so how well: read its file again with --model"
    if model_number(curve.instrument.model) != model_number(card.model):
        return (
            f"measured with a {curve.instrument.model}, but the accuracy at hand is that of a {card.model}: "
            f"the card of a {model_number(curve.instrument.model)} is needed"
        )
    return ""


def _not_as_planned(sweep: Curve | None, steps: Sequence[ProbingStep]) -> str:
    """Why a file's curve is not the sweep of this path, or nothing."""
    planned = next(step for step in steps if step.name == SWEEP)
    return "" if sweep is None else foreign(sweep, planned)


def _remedies(kind: str, grade: Grade, doubts: list[str]) -> tuple[str, ...]:
    return (LAND_AGAIN,) if doubts else TO_DO.get((kind, grade), ())
