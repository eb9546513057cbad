"""A protocol for AutoLamella, the application of OpenFIBSEM (``fibsem``): one supervised milling task for each step.

After ``AutoLamellaTaskProtocol`` of fibsem 0.5.3 (MIT; fibsem/applications/autolamella/structures.py, milling/base.py,
milling/patterning/patterns2.py): SI units, ``Trench`` for a pair of boxes on either side of the lamella, ``Rectangle``
with its rotation in degrees for a single one, the application file by the kind of cross-section.
"""

import math
from collections.abc import Iterator
from typing import Any

from fibplan.formats.exports.export import Files, NothingToExport, Origin
from fibplan.formats.exports.pattern import Pattern, Shape
from fibplan.formats.exports.step_patterns import StepPatterns, step_patterns
from fibplan.library.written import as_yaml
from fibplan.model.plan import Plan
from fibplan.model.steps import Deposit, IsolationCut, Weld

NAME = "autolamella-protocol.yaml"

FIELDS_M = (20e-6, 950e-6)
"""The least and the widest field of view that fibsem offers."""

CROSS_SECTIONS = {
    Shape.RECTANGLE: "Rectangle",
    Shape.REGULAR: "RegularCrossSection",
    Shape.CLEANING: "CleaningCrossSection",
}

NOT_VERIFIED = "loaded by fibsem 0.5.3 without a microscope; not verified on a tool"
TIMES = "fibsem has removal rates of its own: its times are not the plan's"

Data = dict[str, Any]


def write(plan: Plan, origin: Origin) -> Files:
    """The protocol; what it cannot do stands in the notes and in comments at its head."""
    steps = step_patterns(plan)
    carried = [step for step in steps if not _left_out(step)]
    if not carried:
        raise NothingToExport("no step of it mills beside the lamella", where=origin.recipe, remedy="use --to card")
    left = [f"{step.operation.name}: {reason}" for step in steps if (reason := _left_out(step))]
    notes = (NOT_VERIFIED, TIMES, *(f"left out: {line}" for line in left))
    head = "".join(f"# {line}\n" for line in [origin.line, *notes])
    return Files({NAME: f"{head}{as_yaml(_protocol(plan, carried, origin))}".encode()}, notes)


def _left_out(step: StepPatterns) -> str:
    """Why a step is no task of the protocol; nothing for one that is."""
    kind = step.operation.step
    if isinstance(kind, Deposit | Weld):
        return "AutoLamella only mills, it has no gas"
    if isinstance(kind, IsolationCut):
        return "milled on the chip, where AutoLamella does not know the lamella's place"
    if not step.patterns:
        return "; ".join(step.notes)
    trench = len(step.patterns) == 2 and step.patterns[0].y_m == -step.patterns[1].y_m
    return "" if trench or len(step.patterns) == 1 else "its patterns are neither a trench nor a rectangle"


def _protocol(plan: Plan, steps: list[StepPatterns], origin: Origin) -> Data:
    return {
        "name": plan.recipe.title,
        "description": origin.line,
        "version": "1.0",
        "tasks": {step.name: _task(step) for step in steps},
        "workflow": {"name": "", "description": "", "tasks": list(_order(steps))},
        "options": {"turn_beams_off": False},
    }


def _order(steps: list[StepPatterns]) -> Iterator[Data]:
    """Every task waits for the one before it, and for a person."""
    before: list[str] = []
    for step in steps:
        yield {"name": step.name, "supervise": True, "required": True, "requires": before}
        before = [step.name]


def _task(step: StepPatterns) -> Data:
    milling = {
        "name": step.operation.name,
        "field_of_view": _field(step.patterns),
        "channel": "ION",
        "alignment": {"enabled": False},
        "stages": [_stage(step)],
    }
    return {"task_type": "BASIC_MILLING", "parameters": {}, "milling": {"milling": milling}}


def _stage(step: StepPatterns) -> Data:
    first = step.patterns[0]
    return {
        "name": step.operation.name,
        "milling": {
            "milling_current": step.operation.beam_current_a,
            "milling_voltage": step.operation.accelerating_voltage_v,
            "application_file": first.scan.application.name,
            "patterning_mode": "Serial",
        },
        "pattern": _trench(step.patterns) if len(step.patterns) == 2 else _rectangle(first),
        "strategy": {"name": "Standard", "config": {}},
    }


def _trench(patterns: tuple[Pattern, ...]) -> Data:
    lower, upper = patterns
    return {
        "name": "Trench",
        "point": {"x": lower.x_m, "y": 0.0},
        "width": lower.width_m,
        "depth": lower.depth_m,
        "spacing": _rounded(upper.y_m - lower.y_m - (upper.length_m + lower.length_m) / 2),
        "upper_trench_height": upper.length_m,
        "lower_trench_height": lower.length_m,
        "cross_section": CROSS_SECTIONS[lower.shape],
    }


def _rectangle(pattern: Pattern) -> Data:
    return {
        "name": "Rectangle",
        "point": {"x": pattern.x_m, "y": pattern.y_m},
        "width": pattern.width_m,
        "height": pattern.length_m,
        "depth": pattern.depth_m,
        "rotation": math.degrees(pattern.rotation_rad),
        "scan_direction": pattern.direction,
        "cross_section": CROSS_SECTIONS[pattern.shape],
    }


def _field(patterns: tuple[Pattern, ...]) -> float:
    """A square half as large again as the patterns, in steps of 10 um, within what fibsem offers."""
    edges = [(abs(p.x_m) + p.width_m / 2, abs(p.y_m) + p.length_m / 2) for p in patterns]
    reach = max(map(max, edges))
    tens = math.ceil(round(2 * 1.5 * reach * 1e5, 6))
    return _rounded(min(max(tens * 1e-5, FIELDS_M[0]), FIELDS_M[1]))


def _rounded(metres: float) -> float:
    """To a picometre."""
    return round(metres, 12)
