"""What ``fibplan plan`` tells of the network beside the paths: isolation of the electrodes, and currents it bears."""

from collections.abc import Sequence
from typing import Any

from fibplan.model.plan import Isolation, PathLimit, Plan
from fibplan.planning.field_limits import field_limits
from fibplan.planning.isolation import predict_isolation
from fibplan.planning.predict import OPEN_OHM
from fibplan.units import show

SQUARE_UM = 1e-12
"""In square metres."""


def network_lines(plan: Plan) -> list[str]:
    """Both, for a plan with paths; the isolation is that of the expected network and its samples."""
    isolation = predict_isolation(plan)
    told = ["Currents that the paths bear:", *current_lines(plan, field_limits(plan))] if plan.limits else []
    return [*told, *(["Isolation of the electrodes:", *isolation_lines(isolation)] if isolation is not None else [])]


def network_json(plan: Plan | None) -> dict[str, Any]:
    """Both under ``isolation`` and ``limits``; empty without a plan."""
    return {
        "isolation": isolation_json(predict_isolation(plan) if plan is not None else None),
        "limits": currents_json(plan, field_limits(plan)) if plan is not None else {},
    }


def isolation_lines(isolation: Isolation) -> list[str]:
    """One line an electrode, and what the numbers leave out."""
    lines = [_isolation_line(isolation, name) for name in isolation.resistances]
    if lines:
        lines.append("Clean and dry: what dirt or moisture on the chip adds is on no card. Measure it.")
    return lines


def current_lines(plan: Plan, limits: Sequence[PathLimit]) -> list[str]:
    """The largest current that each path bears, what sets it, and what its sweep is limited to."""
    return [
        f"{limit.path}: at most {show(limit.current_a, 'A')}, since the {limit.weakest.replace('_', ' ')} has "
        f"{limit.cross_section_m2 / SQUARE_UM:.2g} um2 ({limit.source}); the SMU is limited to "
        f"{show(_compliance(plan, limit), 'A')}."
        for limit in limits
    ]


def _compliance(plan: Plan, limit: PathLimit) -> float:
    """The lower of what the recipe asks for and what the path bears."""
    return min(plan.recipe.verification[limit.path].sweep.compliance, limit.current_a)


def isolation_json(isolation: Isolation | None) -> dict[str, Any]:
    """Resistances in ohm by electrode, and the matrix of conductances in siemens; empty without a bridge."""
    if isolation is None:
        return {}
    return {
        "from": isolation.start,
        "resistances_ohm": {
            name: {
                "low": interval.low,
                "expected": interval.expected,
                "high": interval.high,
                "coverage": interval.coverage,
                "status": interval.status.value,
                "source": interval.source,
            }
            for name, interval in isolation.resistances.items()
        },
        "terminals": list(isolation.terminals),
        "conductance_s": [list(row) for row in isolation.siemens],
    }


def currents_json(plan: Plan, limits: Sequence[PathLimit]) -> dict[str, Any]:
    """The largest current of each path in ampere, the section that sets it, and what its sweep is limited to."""
    return {
        limit.path: {
            "current_a": limit.current_a,
            "compliance_a": _compliance(plan, limit),
            "cross_section_m2": limit.cross_section_m2,
            "weakest": limit.weakest,
            "source": limit.source,
        }
        for limit in limits
    }


def _isolation_line(isolation: Isolation, name: str) -> str:
    interval = isolation.resistances[name]
    pair = f"{isolation.start.replace('_', ' ')} to {name.replace('_', ' ')}"
    if interval.expected >= OPEN_OHM:
        return f"{pair}: nothing on the cards joins them."
    span = f"{show(interval.low, 'ohm')} to {show(interval.high, 'ohm')}"
    return f"{pair}: {show(interval.expected, 'ohm')} ({span}); {interval.status}."
