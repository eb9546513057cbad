"""Which curves belong together: the last run of a path's probing steps, in the order that the protocol asks for."""

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from fibplan.model.curve import Curve, CurveSet
from fibplan.verification.plausible import unlike_planned
from fibplan.verification.probing import SWEEP, ProbingStep


class Run(NamedTuple):
    """The curves of one run of a path by probing step, and why each step that lacks one has none that counts."""

    curves: dict[str, Curve]
    missing: dict[str, str]


def last_run(path: str, steps: Sequence[ProbingStep], curves: CurveSet) -> Run:
    """The last sweep of that path, and the curves around it as the ``steps`` name them.

    A curve counts only where it was taken: by its place in the set between the sweep before and this one, or between
    this one and the next, by its time, whole, and with the same instrument; out of a file also only where it is like
    the planned sweep. The last sweep itself always stands. Without one there are no curves.
    """
    own = [curve for curve in curves.curves if curve.path == path]
    sweeps = [place for place, curve in enumerate(own) if curve.probing == SWEEP]
    if not sweeps:
        return Run({}, {step.name: "not measured" for step in steps})
    last = sweeps[-1]
    first = sweeps[-2] + 1 if len(sweeps) > 1 else 0
    names = [step.name for step in steps]
    before, after = names[: names.index(SWEEP)], names[names.index(SWEEP) + 1 :]
    places = {
        **_latest(own, range(first, last), before),
        SWEEP: last,
        **_latest(own, range(last + 1, len(own)), after),
    }
    found = {name: own[places[name]] for name in names if name in places}
    missing = {step.name: _why(step, names, places, found) for step in steps}
    missing = {name: why for name, why in missing.items() if why}
    return Run({name: curve for name, curve in found.items() if name not in missing}, missing)


def _latest(own: Sequence[Curve], places: range, names: Sequence[str]) -> dict[str, int]:
    return {own[place].probing: place for place in places if own[place].probing in names}


def foreign(curve: Curve, step: ProbingStep) -> str:
    """Why a curve out of another program's file is not that step's, or nothing: fibplan's own are swept as planned."""
    if curve.source_file is None or step.purpose == "open_circuit":
        return ""
    return unlike_planned(curve, step.voltage_v, step.compliance_a)


def _why(step: ProbingStep, names: Sequence[str], places: dict[str, int], found: dict[str, Curve]) -> str:
    """Why the curve of that step does not count, or nothing."""
    name, sweep = step.name, found[SWEEP]
    curve = found.get(name)
    if curve is None:
        return "not measured in this run"
    if curve.partial:
        return "broken off"
    if curve.instrument != sweep.instrument:
        return "measured with another instrument"
    before = {*names[: names.index(name)], SWEEP} - {name}
    if name != SWEEP and (why := foreign(curve, step) or _mistaken(curve, step, found, before)):
        return why
    for early, late in pairwise([other for other in names if other in found]):
        disordered = places[early] > places[late] or found[early].started > found[late].started
        if disordered and name in (early, late) and name != SWEEP:
            return "measured at another time than its name says"
    return ""


def _mistaken(curve: Curve, step: ProbingStep, found: Mapping[str, Curve], before: Collection[str]) -> str:
    """Why a file's curve is another step's, or nothing: it was given for one before, or was not swept in reverse."""
    if curve.source_file is None:
        return ""
    if twin := next((name for name in found if name in before and found[name].points == curve.points), ""):
        return f"its readings are those of '{twin}', to the last digit"
    return "its signs are not exchanged" if step.reversed and not _begins_low(curve) else ""


def _begins_low(curve: Curve) -> bool:
    """Whether the sweep reaches its lowest level before its highest."""
    levels = [point.level for point in sorted(curve.points, key=lambda point: point.time_s)]
    return levels.index(min(levels)) < levels.index(max(levels))
