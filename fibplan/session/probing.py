"""Runs the sweeps that prove the paths, one probing step after another, on what the tips have landed on.

None carries more than the plan lets its path carry, since the protocol itself takes the lower of recipe and plan; a
cell with a voltage of its own is swept about that voltage, and never to zero.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial

from fibplan.clock import Clock
from fibplan.errors import Misuse
from fibplan.model.curve import Curve, Instrument
from fibplan.model.plan import PathLimit, Plan
from fibplan.model.steps import Measure
from fibplan.planning.field_limits import BoundedPlan, bounded, field_limit
from fibplan.session.operator import Operator
from fibplan.smu.protocol import Smu, SweepBroken, SweepRequest, Swept
from fibplan.smu.shapes import FromZero, Levels, Shape
from fibplan.units import show
from fibplan.verification.open_circuit import CHARGED_V, open_circuit_of
from fibplan.verification.probing import (
    CONDITIONS,
    OPEN_CIRCUIT,
    TIPS,
    ProbingStep,
    all_paths,
    floor_steps,
    path_steps,
    protocol,
)

RESTING_A = 1e-10
"""An SMU sweeps no zero; so little takes a cell of 1 Mohm 0.1 mV from its rest."""


def allowed_steps(plan: Plan, name: str) -> tuple[ProbingStep, ...]:
    """The sweeps of one path, or of the tips alone, none of which carries more than the plan's limit for it.

    A path for which the plan states no limit is bounded by the recipe's compliance alone. Raises
    :class:`~fibplan.errors.Misuse` when there is no such path.
    """
    plan = bounded(plan)
    if name == TIPS:
        return floor_steps(plan)
    known = all_paths(plan)
    if name not in known:
        remedy = f"it has: {', '.join(known) or 'none'}"
        raise Misuse(f"the recipe verifies no path '{name}'", where="verification", remedy=remedy)
    return path_steps(plan, name)


def measured_paths(plan: Plan) -> tuple[str, ...]:
    """Every path that the plan's operations measure, each once, in their order."""
    steps = [operation.step for operation in plan.operations]
    return tuple(dict.fromkeys(path for step in steps if isinstance(step, Measure) for path in step.paths))


def probe(plan: Plan, paths: Sequence[str], operator: Operator, smu: Smu, clock: Clock) -> Iterator[Curve]:
    """The curves of the whole protocol for these paths, each as soon as it is measured.

    What is known of a sweep that broke off comes before the failure is raised, marked partial. Raises
    :class:`~fibplan.errors.Misuse`, with the output off, for a cell that a sweep would short.
    """
    yield from probe_within(bounded(plan), paths, operator, smu, clock)


def probe_within(
    plan: BoundedPlan, paths: Sequence[str], operator: Operator, smu: Smu, clock: Clock
) -> Iterator[Curve]:
    """The same within limits that are solved already, for whoever probes many lamellae of one plan."""
    steps = protocol(plan, paths)
    conditions = operator.confirm(CONDITIONS)
    rest_v: dict[str, float] = {}
    for step in steps:
        operator.land(step)
        clock.sleep(step.pause_s)
        started = clock.now()
        about_v = rest_v.get(step.path) if step.about_open_circuit else None
        request = _request(plan.limit(step.path), step, about_v)
        where = {"conditions": conditions, "about_v": about_v or 0.0}
        taken = partial(curve_of, step.path, step.name, smu.instrument, started, **where)
        try:
            curve = taken(smu.sweep(request))
        except SweepBroken as broken:
            yield taken(broken.taken, partial=True)
            raise
        if step.purpose == "open_circuit":
            rest_v[step.path] = open_circuit_of(curve).volts
        yield curve


def request_of(plan: Plan, step: ProbingStep, about_v: float | None = None) -> SweepRequest:
    """The sweep of a probing step, bounded in voltage by the recipe, in current and power by what the path stands.

    ``about_v`` is the open-circuit voltage of what lies between the tips. Raises :class:`~fibplan.errors.Misuse` where
    it is needed and missing, and where the sweep would short a charged cell or drive it backwards.
    """
    return _request(field_limit(plan, step.path), step, about_v)


def _request(limit: PathLimit | None, step: ProbingStep, about_v: float | None) -> SweepRequest:
    if step.purpose == "open_circuit":
        return _resting(step)
    if step.about_open_circuit:
        _refuse_short(step, about_v)
    farthest = abs(about_v or 0.0) + step.voltage_v
    return SweepRequest(
        shape=_shape_of(step, about_v or 0.0),
        compliance_a=step.compliance_a,
        nplc=step.nplc,
        limit_v=farthest,
        power_most_w=None if limit is None else farthest * limit.current_a,
    )


def curve_of(
    path: str,
    probing: str,
    instrument: Instrument,
    started: datetime,
    swept: Swept,
    *,
    partial: bool = False,
    conditions: Sequence[str] = (),
    about_v: float = 0.0,
) -> Curve:
    """A curve of what was swept there and then."""
    return Curve(
        path=path,
        probing=probing,
        instrument=swept.instrument or instrument,
        settings=swept.settings,
        started=swept.started or started,
        points=swept.points,
        partial=partial,
        conditions=tuple(conditions),
        about_v=about_v,
        source_file=swept.source_file,
    )


def _shape_of(step: ProbingStep, about_v: float) -> Shape:
    """From rest to plus, to minus and back, or from minus to plus; reversed, with the signs exchanged."""
    peak = -step.voltage_v if step.reversed else step.voltage_v
    if not step.from_zero:
        return SweepRequest.bipolar(
            voltage_v=step.voltage_v, compliance_a=step.compliance_a, points=step.points, nplc=step.nplc
        ).shape
    around = FromZero(peak=peak, points=(step.points - 1) // 4 + 1)
    return around if about_v == 0.0 else Levels(values=tuple(about_v + level for level in around.levels))


def _resting(step: ProbingStep) -> SweepRequest:
    """Next to no current, as much one way as the other, and the voltage read."""
    return SweepRequest(
        source="current",
        shape=Levels(values=(0.0, RESTING_A, 0.0, -RESTING_A, 0.0)),
        compliance_a=step.compliance_a,
        limit_v=step.voltage_v,
        nplc=step.nplc,
    )


def _refuse_short(step: ProbingStep, about_v: float | None) -> None:
    if about_v is None:
        raise Misuse(
            f"'{step.name}' leads through a cell whose open-circuit voltage nobody has measured",
            where=f"verification.{step.path}",
            remedy=f"run its '{OPEN_CIRCUIT}' step first, into the same curve set",
        )
    if abs(about_v) > CHARGED_V and step.voltage_v >= abs(about_v):
        raise Misuse(
            f"'{step.name}' goes {show(step.voltage_v, 'V')} from the {show(about_v, 'V')} of a charged cell: "
            "it would short it or drive it backwards",
            where=f"verification.{step.path}",
            remedy=f"sweep to less than {show(abs(about_v), 'V')} either side",
        )
