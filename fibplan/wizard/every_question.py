"""Every question that a session can ask, in the order of a session that goes as planned."""

from collections.abc import Iterator
from dataclasses import replace

from fibplan.model.plan import Operation, Plan
from fibplan.model.steps import HandOff, Measure
from fibplan.verification.probing import CONDITIONS, ProbingStep, protocol
from fibplan.wizard import measuring_questions as measuring
from fibplan.wizard import session_questions as ask
from fibplan.wizard.question import Question

CLOCK = "what the clock says"
"""In a list of questions, for a default that is not known before."""


def questions_of(plan: Plan, *, simulated: bool, files: bool = False) -> Iterator[Question]:
    """Every question of a session that goes as planned, and then those that may come up."""
    yield ask.operator_name(None)
    yield ask.go(simulated=simulated)
    measured = any(isinstance(operation.step, Measure) for operation in plan.operations)
    for operation in plan.operations:
        asked = _asked_of(plan, operation, simulated=simulated, files=files)
        if isinstance(operation.step, HandOff) and not measured:
            asked = (replace(question, when="the lamella is accepted") for question in asked)
        yield from asked
    if files and measured:
        yield measuring.columns()
    yield from _may_come(plan)


def _asked_of(plan: Plan, operation: Operation, *, simulated: bool, files: bool) -> Iterator[Question]:
    yield ask.begin(operation, simulated=simulated)
    if isinstance(operation.step, Measure):
        told: set[str] = set()
        yield measuring.sample_ready(operation, simulated=simulated)
        yield from (measuring.condition(operation.name, *entry, simulated=simulated) for entry in CONDITIONS.items())
        for step in protocol(plan, operation.step.paths):
            if step.moved:
                yield measuring.landed(operation.name, step, simulated=simulated)
            if files:
                yield from _asked_of_a_file(plan, operation.name, step, first=step.path not in told)
                told.add(step.path)
        return
    yield ask.end(operation, simulated=simulated)
    for question in ask.actual_questions(operation, 0.0, 0.0, simulated=simulated):
        timed = question.id.endswith((".time", ".beam_on"))
        yield replace(question, default=CLOCK) if timed else question
    yield ask.confirm(operation, simulated=simulated)


def _asked_of_a_file(plan: Plan, operation: str, step: ProbingStep, *, first: bool) -> Iterator[Question]:
    """The file of a sweep, and once a path what no file of other software says."""
    if first:
        assert plan.cards.smu is not None, "a rule refuses a recipe that verifies without an SMU"
        yield measuring.instrument(operation, step.path, plan.cards.smu.model)
        yield measuring.current_range(operation, step.path)
        yield measuring.cycles(operation, step.path)
    yield measuring.curve_file(operation, step.path, step.name)


def _may_come(plan: Plan) -> Iterator[Question]:
    for operation in plan.operations:
        yield ask.doubt(operation)
        yield ask.found(operation)
        yield ask.unfinished(operation.name)
        for what, why in (
            ("skip", "Why is it left out?"),
            ("stop", "Why was it broken off?"),
            ("doubt", "Why does it hold?"),
        ):
            yield ask.reason(ask.id_of(operation, what), why, f"after {what}" if what != "doubt" else "after keep")
    yield from (ask.go_on(), ask.pause_reason(), ask.beam_off(), ask.blocked())
    yield ask.reason("session.blocked", "Why go on?", "after accept")
    yield ask.after_verdict(1, acceptable=True)
    yield ask.accepted_by()
    yield ask.reason("verdict.accepted", "Why is it accepted?", "after accept")
    yield ask.redo(dict)
    yield ask.reason("session.redo", "Why is it done again?", "after redo")
    yield ask.reason("session.abort", "Why does it end here?", "after abort")
    yield ask.sure("This ends the session.")
