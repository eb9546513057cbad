"""What to look for, what to write down, what drifts meanwhile, and what is safe to leave."""

from collections.abc import Iterator

from fibplan.journal.state import Progress, SessionState
from fibplan.model.plan import Operation, Plan
from fibplan.model.steps import Beamed, Deposit, LiftOut, Measure, Polish, Thinning, Transfer, Undercut, Weld
from fibplan.units import show, show_time

DRIFT_S = 300.0
"""How often the drift is looked at while the beam works: operator practice."""

LOOK_FOR = {
    "deposit": "an even film, no pores, no lifted edge; gas needle clear of the stage",
    "weld": "metal on both parts and in the gap; nothing moves when nudged",
    "mill_trench": "walls without a kink; redeposition in the corners; the cap whole",
    "cleaning_cross_section": "smooth faces, layers in focus; curtains below pores; the cap whole",
    "undercut": "light through the slit along the whole length",
    "lift_out": "the lamella comes free and touches no wall; then retract slowly",
    "transfer": "the layers face the way the drawing shows; the needle cut, not torn",
    "thin": "faces parallel, contrast even; the cap does not recede; no hole",
    "polish": "even faces at low voltage and low dose; the active layer whole",
    "isolation_cut": "the floor of the cut dark and even; the membrane whole",
    "measure": "tips that dimple the metal and do not drift; no light, no beam",
    "hand_off": "the package beside the session; the chip in its box, marked",
}


def look_for(operation: Operation) -> str:
    """What to see in the image before going on."""
    return LOOK_FOR[operation.kind]


def record(operation: Operation) -> str:
    """What is asked for once it is over."""
    step = operation.step
    if isinstance(step, Thinning):
        return "thickness and how measured, time, beam current, imaged dose; an image"
    if isinstance(step, Beamed):
        return "time with the beam on, beam current, imaged dose; an image"
    if isinstance(step, Measure):
        return "the curves record themselves; note what you see of the tips"
    return "time; an image"


def inspect_at(operation: Operation) -> str:
    """When to look: at the low end, because rates are known to a factor of two at best."""
    beam = operation.beam_on_s
    if beam is None:
        return ""
    return f"look after {show_time(beam.low)}, the low end: rates may be off by a factor of two"


def reminders(plan: Plan, operation: Operation) -> str:
    """What has to be set again before this operation, and what drifts during it."""
    return "; ".join(_reminders(plan, operation))


def _reminders(plan: Plan, operation: Operation) -> Iterator[str]:
    step = operation.step
    if not isinstance(step, Beamed):
        return
    before = _beam_before(plan, operation)
    beam = (step.accelerating_voltage, step.beam_current)
    if before != beam:
        was = f" (it was {show(before[0], 'V')}, {show(before[1], 'A')})" if before is not None else ""
        yield f"another beam{was}: refocus, stigmate, align"
    if operation.beam_on_s is not None and operation.beam_on_s.high > DRIFT_S:
        yield f"drift every {DRIFT_S / 60:.0f} min"


def _beam_before(plan: Plan, operation: Operation) -> tuple[float, float] | None:
    names = [entry.name for entry in plan.operations]
    earlier = plan.operations[: names.index(operation.name)] if operation.name in names else ()
    beams = [entry.step for entry in earlier if isinstance(entry.step, Beamed)]
    return (beams[-1].accelerating_voltage, beams[-1].beam_current) if beams else None


def safe_to_leave(plan: Plan, state: SessionState) -> tuple[str, ...]:
    """What the person makes sure of before going away, from how far the lamella is."""
    over = [entry.step for entry in plan.operations if state.operations.get(entry.name) is Progress.DONE]
    told = ["Stop the pattern, blank both beams, retract the gas needle: nothing may go on by itself."]
    if any(isinstance(step, Measure) for step in over):
        told.append("Lift the tips; the SMU's output is off. The chip can stay in the chamber or go into its box.")
    elif any(isinstance(step, Transfer) for step in over):
        told.append("The lamella lies on its chip: it is safe under vacuum, and in air once it is welded.")
    elif any(isinstance(step, LiftOut) for step in over):
        told.append("NOT safe: the lamella hangs on the needle. Lay it down first, or retract the needle straight up.")
    elif any(isinstance(step, Weld) for step in over):
        told.append("NOT safe: needle and lamella are joined. Cut the needle free before the stage moves.")
    elif any(isinstance(step, Undercut) for step in over):
        told.append("The lamella hangs on its side walls: safe under vacuum; do not vent in a hurry.")
    elif any(isinstance(step, Thinning) for step in over):
        told.append("The lamella still stands in the bulk: it is safe to leave under vacuum for days.")
    elif any(isinstance(step, Deposit) for step in over):
        told.append("Only the cap is there: it is safe to leave, and to take out.")
    else:
        told.append("Nothing was done yet: it is safe to leave, and to take out.")
    if any(isinstance(step, Polish) for step in over):
        told.append("A polished face grows an oxide in air: keep the vacuum, or note how long it was out.")
    return tuple(told)
