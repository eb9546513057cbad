"""What is left of a plan after what was really done, and what the rules say of that."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from fibplan.checks.rules import check
from fibplan.errors import Misuse
from fibplan.journal.events import Actuals, OperationAdded
from fibplan.journal.state import Progress, SessionState
from fibplan.model.finding import Finding, errors_in
from fibplan.model.plan import Plan
from fibplan.model.steps import Step
from fibplan.planning.replan import Actual, Course, Extra, replan

Check = Callable[[Plan], Sequence[Finding]]
_STEP: TypeAdapter[Step] = TypeAdapter(Step)


@dataclass(frozen=True)
class Foresight:
    """The plan as it is now, and what the rules say of it that they did not say of the recipe."""

    plan: Plan
    findings: tuple[Finding, ...] = ()
    """Their paths name steps, where a recipe's own findings number them."""
    past: frozenset[str] = frozenset()
    """Steps that are over: what the rules say of them can no longer be mended."""

    def with_findings(self, more: Sequence[Finding]) -> "Foresight":
        """The same, and what else is wrong with what is left."""
        return replace(self, findings=(*self.findings, *more))

    @property
    def blocking(self) -> list[Finding]:
        """Errors in what is left."""
        return [finding for finding in errors_in(self.findings) if step_of(finding) not in self.past]


def foresee(plan: Plan, state: SessionState, rules: Check = check) -> Foresight:
    """The plan of the session that began with ``plan``, from what its journal says was done."""
    course = course_of(plan, state)
    fresh = replan(plan, course)
    if fresh is plan:
        return Foresight(plan)
    known = {(finding.code, finding.path) for finding in _named(plan, rules(plan))}
    found = [finding for finding in _named(fresh, rules(fresh)) if (finding.code, finding.path) not in known]
    past = {name for name in state.operations if course.past(name)}
    return Foresight(fresh, tuple(found), frozenset(past))


def step_of(finding: Finding) -> str | None:
    """The name of the step that the finding is about, or None."""
    match finding.path:
        case ("steps", str(name), *_):
            return name
        case _:
            return None


def course_of(plan: Plan, state: SessionState) -> Course:
    """What became of the plan, as the journal says."""
    over = {**state.stopped, **state.done}
    over = {name: ended for name, ended in over.items() if state.operations[name] in (Progress.DONE, Progress.STOPPED)}
    return Course(
        actuals={name: actual_of(ended) for name, ended in over.items()},
        stopped={name for name in over if state.operations[name] is Progress.STOPPED},
        skipped={name for name in state.skipped if state.operations[name] is Progress.SKIPPED},
        extras=extras(plan, state.added),
    )


def actual_of(ended: Actuals) -> Actual:
    """The values of an event, as planning takes them."""
    return Actual(
        ended.duration_s,
        ended.thickness_m,
        ended.note,
        ended.thickness_by,
        ended.beam_on_s,
        ended.beam_current_a,
        ended.imaging_dose,
    )


def extras(plan: Plan, added: Sequence[OperationAdded]) -> list[Extra]:
    """The steps that were added, in the order in which they were; each may redo one that was added before it.

    Raises :class:`~fibplan.errors.Misuse` for one that is no step.
    """
    steps = {operation.name: operation.step for operation in plan.operations}
    found: list[Extra] = []
    for event in added:
        step = _own(event) if event.step is not None else _again(event, steps)
        steps[event.operation] = step
        found.append(Extra(step, event.before, event.redoes))
    return found


def _own(event: OperationAdded) -> Step:
    try:
        return _STEP.validate_python({**(event.step or {}), "name": event.operation})
    except ValidationError as error:
        raise _no_step(event.operation, error) from None


def _again(event: OperationAdded, steps: dict[str, Step]) -> Step:
    step = steps.get(event.redoes or "")
    if step is None:
        raise Misuse(f"there is no operation '{event.redoes}' to redo", remedy=f"there are {', '.join(steps)}")
    changes = {name: _field(step, name, text, event.operation) for name, text in event.changes.items()}
    return step.model_copy(update={**changes, "name": event.operation})


def _field(step: Step, name: str, text: str, operation: str) -> Any:
    """The value of one field, written as in a recipe."""
    fields = type(step).model_fields
    if name not in fields or name in ("name", "kind", "after"):
        raise Misuse(f"{step.kind} has no '{name}' that could be changed", where=operation)
    field = fields[name]
    try:
        return TypeAdapter(field.rebuild_annotation()).validate_python(text)
    except ValidationError as error:
        raise _no_step(f"{operation}.{name}", error) from None


def _no_step(where: str, error: ValidationError) -> Misuse:
    first = error.errors()[0]
    place = ".".join([where, *(str(part) for part in first["loc"])])
    return Misuse(first["msg"].removeprefix("Value error, "), where=place, remedy="write it as in a recipe")


def _named(plan: Plan, findings: Sequence[Finding]) -> list[Finding]:
    """The findings with the names of steps in their paths instead of numbers, which change when a step is added."""
    names = {operation.position: operation.name for operation in plan.operations}
    return [_with_name(finding, names) for finding in findings]


def _with_name(finding: Finding, names: dict[int, str]) -> Finding:
    match finding.path:
        case ("steps", int(place), *rest):
            return finding.model_copy(update={"path": ("steps", names[place], *rest)})
        case _:
            return finding
