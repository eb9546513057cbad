"""The plan of what is left, after what was really done: thickness, beam current, beam time and imaging as they were."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from fibplan.milling.beam import less
from fibplan.milling.column import Column
from fibplan.milling.membrane import REFERENCE_VOLTAGE, imaging_dose
from fibplan.model.cards import Cards
from fibplan.model.interval import Interval, computed, exactly, product, total
from fibplan.model.plan import Operation, Plan
from fibplan.model.recipe import Recipe, Role
from fibplan.model.steps import Beamed, Deposit, Step, Thinning, Transfer, Weld
from fibplan.planning.expand import expand
from fibplan.planning.faces import Faces, milled, untouched
from fibplan.planning.membrane import membrane_dose, membrane_summary

NORMAL_90 = 1.645
"""Standard deviations to either end of the 90 % interval of a normal distribution."""
ONE_TIME = 0.2
"""Standard uncertainty, relative, of what one beam time tells about the next: how deep a pattern really went."""
SAME = 1e-3
"""Relative: a value that differs by less was as planned."""


@dataclass(frozen=True)
class Actual:
    """What an operation really was: seconds in all and with the beam on, amperes, metres left, C/m2 of imaging.

    None stands for what nobody measured. ``thickness_by`` is how the thickness was measured.
    """

    duration_s: float
    thickness_m: float | None = None
    note: str = ""
    thickness_by: str = ""
    beam_on_s: float | None = None
    beam_current_a: float | None = None
    imaging_dose: float | None = None


@dataclass(frozen=True)
class Extra:
    """A step that the recipe has not: before which operation it comes (None: last), and which one it redoes."""

    step: Step
    before: str | None = None
    redoes: str | None = None


@dataclass(frozen=True)
class Course:
    """What became of a plan so far; ``stopped`` are the operations that were broken off."""

    actuals: Mapping[str, Actual]
    stopped: Collection[str] = ()
    skipped: Collection[str] = ()
    extras: Sequence[Extra] = ()

    def past(self, name: str) -> bool:
        """Whether that operation is over, however it ended."""
        return name in self.actuals or name in self.stopped or name in self.skipped


def replan(plan: Plan, course: Course) -> Plan:
    """The plan with everything that is past as it was, and all that is left reckoned from there; itself if all went so.

    A thickness that was measured is where the next rung begins. A beam current that was measured is what its aperture
    delivers from then on. A beam time tells how fast this column removes or grows at that voltage, so that the times
    and doses left move towards it and narrow. An operation that was redone counts by its last time; what it brought
    onto the membrane before stays.
    """
    if not _departs(plan, course):
        return plan
    steps = _steps(plan, course)
    recipe = plan.recipe.model_copy(update={"steps": tuple(steps)})
    return _Walk(plan, expand(recipe, plan.cards), course).walked()


def _departs(plan: Plan, course: Course) -> bool:
    """Whether anything was other than planned; a duration alone changes nothing that is left."""
    if course.stopped or course.skipped or course.extras:
        return True
    operations = {operation.name: operation for operation in plan.operations}
    return any(_differs(operations[name], actual) for name, actual in course.actuals.items())


def _differs(operation: Operation, actual: Actual) -> bool:
    pairs = [
        (actual.thickness_m, operation.thickness_after_m),
        (actual.beam_current_a, operation.beam_current_a),
        (actual.beam_on_s, operation.beam_on_s.expected if operation.beam_on_s is not None else None),
    ]
    measured = any(
        real is not None and planned is not None and not math.isclose(real, planned, rel_tol=SAME)
        for real, planned in pairs
    )
    return measured or actual.imaging_dose is not None


def _steps(plan: Plan, course: Course) -> list[Step]:
    """The steps, less what was left out or redone, each leaving what was measured, in the one order they have now."""
    steps = [operation.step for operation in plan.operations]
    for extra in course.extras:
        names = [step.name for step in steps]
        steps.insert(names.index(extra.before) if extra.before in names else len(names), extra.step)
    left = [_as_it_was(step, course) for step in steps if not _is_gone(step, course)]
    waits = [(), *((step.name,) for step in left)]
    return [step.model_copy(update={"after": after}) for step, after in zip(left, waits, strict=False)]


def _is_gone(step: Step, course: Course) -> bool:
    """Whether the step explains nothing of how the lamella is now, nor will be done."""
    if step.name in course.skipped:
        return True
    actual = course.actuals.get(step.name)
    if isinstance(step, Thinning) and actual is not None and actual.thickness_m is not None:
        return False
    if step.name in course.stopped:
        return True
    return not isinstance(step, Thinning) and any(extra.redoes == step.name for extra in course.extras)


def _as_it_was(step: Step, course: Course) -> Step:
    actual = course.actuals.get(step.name)
    if isinstance(step, Thinning) and actual is not None and actual.thickness_m is not None:
        return step.model_copy(update={"leaves": actual.thickness_m})
    return step


Pace = tuple[str, float]
"""What the speed of a beam is common to: removal or the process of a deposit, and the voltage."""


def _pace(step: Beamed) -> Pace:
    return step.process if isinstance(step, Deposit | Weld) else "removal", step.accelerating_voltage


@dataclass
class _Told:
    """What beam times said of one pace: the sum of the logarithms of actual over expected dose, and how many."""

    sum: float = 0.0
    count: int = 0

    def corrected(self, dose: Interval) -> Interval:
        """The dose after what was told: a log-normal prior of the dose's own width, and ``ONE_TIME`` for every time."""
        if not self.count or dose.low <= 0:
            return dose
        prior = (math.log(dose.high / dose.low) / (2 * NORMAL_90)) ** 2
        if prior == 0.0:
            return dose
        variance = 1 / (1 / prior + self.count / ONE_TIME**2)
        expected = dose.expected * math.exp(variance * self.sum / ONE_TIME**2)
        reach = math.exp(NORMAL_90 * math.sqrt(min(prior, variance + ONE_TIME**2)))
        here = exactly(1.0, "1", "beam times of this session")
        return computed((expected / reach, expected, expected * reach), dose.unit, [dose, here])


class _Walk:
    """Goes through the operations once, with what was learnt from those before."""

    def __init__(self, frozen: Plan, fresh: Plan, course: Course) -> None:
        self._frozen = frozen
        self._fresh = fresh
        self._course = course
        self._faces: Faces = untouched(fresh.recipe)
        self._told: dict[Pace, _Told] = {}
        self._delivered: dict[tuple[float, float], float] = {}

    def walked(self) -> Plan:
        operations = [self._operation(operation) for operation in self._fresh.operations]
        summary = membrane_summary(operations, self._recipe, self._cards, self._fresh.layout)
        if summary is not None:
            summary = summary.model_copy(
                update={"total": total([summary.total, *self._gone_doses(operations)], "C/m2")}
            )
        changes = {"operations": tuple(operations), "cap_left_m": self._faces.cap_m, "membrane": summary}
        return self._fresh.model_copy(update=changes)

    @property
    def _cards(self) -> Cards:
        return self._fresh.cards

    @property
    def _recipe(self) -> Recipe:
        return self._fresh.recipe

    def _operation(self, operation: Operation) -> Operation:
        actual = self._course.actuals.get(operation.name)
        changes: dict[str, object] = {}
        if isinstance(operation.step, Beamed):
            changes = self._beam(operation, operation.step, actual)
        if actual is not None:
            changes["duration_s"] = exactly(actual.duration_s, "s", "this session")
        self._image(operation, actual, changes)
        changes["cap_left_m"] = self._faces.cap_m
        return operation.model_copy(update=changes)

    def _beam(self, operation: Operation, step: Beamed, actual: Actual | None) -> dict[str, object]:
        planned, time = operation.dose_c, operation.beam_on_s
        assert planned is not None
        assert time is not None
        told = self._told.setdefault(_pace(step), _Told())
        aperture = (step.accelerating_voltage, step.beam_current)
        if actual is not None and actual.beam_current_a is not None:
            self._delivered[aperture] = actual.beam_current_a
        current = self._delivered.get(aperture, step.beam_current)
        dose = told.corrected(planned)
        if actual is not None and actual.beam_on_s is not None:
            dose = exactly(actual.beam_on_s * current, "C", "this session")
            if planned.expected > 0 and dose.expected > 0 and operation.name not in self._course.stopped:
                told.sum += math.log(dose.expected / planned.expected)
                told.count += 1
        as_planned = dose is planned and current == step.beam_current
        beam_on = time if as_planned else dose.scaled(1.0 / current, "s")
        if isinstance(step, Thinning):
            self._faces = milled(self._faces, step, dose, self._recipe, Column.of(self._cards))
        exposed, looked = operation.membrane_dose is not None, self._looked(actual)
        return {
            "dose_c": dose,
            "beam_on_s": beam_on,
            "duration_s": operation.duration_s if as_planned else _with_beam_of(operation.duration_s, time, beam_on),
            "membrane_dose": membrane_dose(step, dose, self._recipe, looked, self._fresh.layout) if exposed else None,
            "look_dose": imaging_dose(looked.fib.imaging) if exposed else None,
        }

    def _looked(self, actual: Actual | None) -> Cards:
        """The cards as if one look with the beam brought the dose that was imaged with, where that is known."""
        if actual is None or actual.imaging_dose is None:
            return self._cards
        imaging = self._cards.fib.imaging
        seconds = actual.imaging_dose * (imaging.field * 1e-6) ** 2 / imaging.beam_current
        looked = imaging.model_copy(update={"time": exactly(seconds, "s", "this session")})
        return self._cards.model_copy(update={"fib": self._cards.fib.model_copy(update={"imaging": looked})})

    def _image(self, operation: Operation, actual: Actual | None, changes: dict[str, object]) -> None:
        """What imaging takes off the cap, and brings onto a membrane over which no beam was planned to work."""
        cap, layer = self._faces.cap_m, self._recipe.sample.layer(Role.PROTECTIVE_LAYER)
        if actual is None or not actual.imaging_dose:
            return
        dose = exactly(actual.imaging_dose, "C/m2", "this session")
        voltage = operation.accelerating_voltage_v or REFERENCE_VOLTAGE
        rate = Column.of(self._cards).plain_rate(layer.material, voltage) if layer is not None else None
        if cap is not None and rate is not None:
            self._faces = replace(self._faces, cap_m=less(cap, product([dose, rate], "m")))
        if not isinstance(operation.step, Beamed) and self._over_chip(operation):
            changes |= {"membrane_dose": dose, "look_dose": dose}

    def _over_chip(self, operation: Operation) -> bool:
        if self._cards.echip is None or self._recipe.lamella.placement is None:
            return False
        names = [entry.name for entry in self._fresh.operations]
        moves = [place for place, entry in enumerate(self._fresh.operations) if isinstance(entry.step, Transfer)]
        return bool(moves) and names.index(operation.name) >= moves[-1]

    def _gone_doses(self, operations: Sequence[Operation]) -> list[Interval]:
        """Onto the membrane, by operations that were broken off or redone, at most as much as was planned for them."""
        kept = {operation.name for operation in operations}
        redoes = {extra.step.name: extra.redoes for extra in self._course.extras}
        planned = {operation.name: operation.membrane_dose for operation in self._frozen.operations}
        begun = {*self._course.actuals, *self._course.stopped} - kept
        doses = [planned.get(first_of(name, redoes)) for name in sorted(begun)]
        return [dose for dose in doses if dose is not None]


def first_of(name: str, redoes: Mapping[str, str | None]) -> str:
    """The operation that was redone, and redone again, by that one."""
    while (earlier := redoes.get(name)) is not None:
        name = earlier
    return name


def _with_beam_of(duration: Interval, before: Interval, beam: Interval) -> Interval:
    """The duration with another beam time in it; the rest of it is what the person and the stage take."""
    rest = [getattr(duration, end) - getattr(before, end) for end in ("low", "expected", "high")]
    ends = [part + getattr(beam, end) for part, end in zip(rest, ("low", "expected", "high"), strict=True)]
    low, expected, high = ends
    return computed((low, expected, high), "s", [duration, beam])
