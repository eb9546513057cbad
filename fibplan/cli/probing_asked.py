"""The probing step that the person named for one sweep, and the voltage that the path was found to rest at."""

from pathlib import Path
from typing import TYPE_CHECKING

from fibplan.errors import Misuse

if TYPE_CHECKING:
    from fibplan.model.plan import Plan
    from fibplan.verification.probing import ProbingStep


def probing_step(plan: "Plan", path: str, probing: str) -> "ProbingStep":
    """The step of that path in the plan; :class:`~fibplan.errors.Misuse` where it has none of that name."""
    from fibplan.session.probing import allowed_steps

    steps = {step.name: step for step in allowed_steps(plan, path)}
    if probing not in steps:
        problem = f"'{path}' has no probing step '{probing}'"
        raise Misuse(problem, where="--probing", remedy=f"use {', '.join(steps)}")
    return steps[probing]


def open_circuit_v(path: str, curve_set: Path) -> float | None:
    """The open-circuit voltage of that path in that file, or None where nobody measured it."""
    from fibplan.cli.curve_file import read_curves
    from fibplan.verification.open_circuit import open_circuit_of
    from fibplan.verification.probing import OPEN_CIRCUIT

    resting = read_curves(curve_set).of(path, OPEN_CIRCUIT) if curve_set.exists() else None
    return None if resting is None else open_circuit_of(resting).volts
