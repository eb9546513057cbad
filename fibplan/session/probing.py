"""Runs the sweeps that prove one path, and never one that could carry more current than the plan allows the path."""

from collections.abc import Iterator

from fibplan.clock import Clock
from fibplan.errors import Misuse
from fibplan.model.curve import Curve
from fibplan.model.plan import Plan
from fibplan.model.recipe import VerificationPath
from fibplan.model.steps import Measure
from fibplan.session.operator import Operator
from fibplan.smu.protocol import Smu, SweepRequest
from fibplan.units import show
from fibplan.verification.probing import ProbingStep, probing_steps


def allowed_steps(plan: Plan, name: str) -> tuple[ProbingStep, ...]:
    """The sweeps of one path, none of which may carry more than the plan's limit for it.

    A path for which the plan states no limit is bounded by the recipe's compliance alone. Raises
    :class:`~fibplan.errors.Misuse` when the recipe has no such path or a compliance is above the limit.
    """
    steps = probing_steps(name, _path(plan, name))
    limit = plan.limit(name)
    for step in steps:
        if limit is not None and step.compliance_a > limit.current_a:
            raise Misuse(
                f"'{step.name}' may carry {show(step.compliance_a, 'A')} "
                f"where {limit.weakest} stands {show(limit.current_a, 'A')}",
                where=f"verification.{name}",
                remedy=f"set its compliance to {show(limit.current_a, 'A')} or less",
            )
    return steps


def measured_paths(plan: Plan) -> tuple[str, ...]:
    """Every path that the plan's operations measure, each once, in their order."""
    steps = [operation.step for operation in plan.operations]
    return tuple(dict.fromkeys(path for step in steps if isinstance(step, Measure) for path in step.paths))


def probe(plan: Plan, name: str, operator: Operator, smu: Smu, clock: Clock) -> Iterator[Curve]:
    """The curves of one path, each as soon as it is measured; nothing is energised before every limit was checked."""
    for step in allowed_steps(plan, name):
        operator.land(step)
        started = clock.now()
        swept = smu.sweep(_request(step))
        yield Curve(
            path=step.path,
            probing=step.name,
            instrument=smu.instrument,
            settings=swept.settings,
            started=started,
            points=swept.points,
        )


def _path(plan: Plan, name: str) -> VerificationPath:
    path = plan.recipe.verification.get(name)
    if path is None:
        known = ", ".join(plan.recipe.verification) or "none"
        raise Misuse(f"the recipe verifies no path '{name}'", where="verification", remedy=f"it has: {known}")
    return path


def _request(step: ProbingStep) -> SweepRequest:
    return SweepRequest(voltage_v=step.voltage_v, compliance_a=step.compliance_a, points=step.points, nplc=step.nplc)
