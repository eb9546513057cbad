"""What a rework would take, and what the tips should read after it."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from fibplan.advice.diagnosis.diagnose import Belief
from fibplan.advice.diagnosis.suspects import Reals, log_ohm
from fibplan.checks.rules import check
from fibplan.circuit.network import Network, landed
from fibplan.circuit.parameters import parameters
from fibplan.model.finding import Severity
from fibplan.model.interval import Interval, Status, worst
from fibplan.model.plan import Operation, Plan
from fibplan.model.steps import HandOff, Step
from fibplan.planning.replan import Course, Extra, replan

Mend = Callable[[Network], Network]
COVERAGE = 0.9
_STEP: TypeAdapter[Step] = TypeAdapter(Step)


def operations_of(plan: Plan, steps: Sequence[dict[str, Any]]) -> tuple[Operation, ...]:
    """The steps as they would stand in the plan, before the hand-off: with their times, doses and what they take."""
    names = [step["name"] for step in steps]
    return tuple(entry for entry in _with_steps(plan, steps).operations if entry.name in names)


def objections_to(plan: Plan, steps: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """What the rules say of the plan with these steps, and not of the plan without them; notes are left out."""
    known = {finding.message for finding in check(plan)}
    return tuple(
        f"{finding.severity}: {finding.message} [{finding.code}]"
        for finding in check(_with_steps(plan, steps))
        if finding.severity is not Severity.NOTE and finding.message not in known
    )


def _with_steps(plan: Plan, steps: Sequence[dict[str, Any]]) -> Plan:
    last = next((entry.name for entry in plan.operations if isinstance(entry.step, HandOff)), None)
    extras = [Extra(_STEP.validate_python(step), last) for step in steps]
    return replan(plan, Course({}, extras=extras))


def predicted_after(belief: Belief, fault: str, mend: Mend = lambda network: network) -> dict[str, Interval]:
    """Ohm between the tips of every path once that fault is gone, from the samples that explain the curves.

    ``mend`` is what the rework does to the network without the fault.
    """
    suspects, weights = belief.suspects, belief.weights[fault]
    mended, plan = mend(suspects.network), suspects.plan
    found: dict[str, Interval] = {}
    for name, path in plan.recipe.verification.items():
        probed = landed(mended, (path.start, path.end), suspects.values)
        low, expected, high = weighed_quantiles(log_ohm(probed, suspects.samples), weights)
        found[name] = Interval(
            low=10.0**low,
            expected=10.0**expected,
            high=10.0**high,
            unit="ohm",
            coverage=COVERAGE,
            source="the plan's network without the fault, on the samples that explain the curves",
            status=worst([Status.DERIVED, *(entry.status for entry in parameters(plan).values())]),
        )
    return found


def weighed_quantiles(values: Reals, weights: Reals) -> tuple[float, float, float]:
    """Low, median and high of samples with weights that sum to one, with ``COVERAGE`` between the ends."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    last = len(values) - 1
    shares = ((1 - COVERAGE) / 2, 0.5, (1 + COVERAGE) / 2)
    low, middle, high = (float(values[order[min(int(np.searchsorted(reached, share)), last)]]) for share in shares)
    return low, middle, high
