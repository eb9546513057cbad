"""What the milling card says of a step: what is done, what shows that it is done, and what to tick."""

from fibplan.model.path import Below, VerificationPath
from fibplan.model.plan import Operation, Plan
from fibplan.model.steps import (
    Beamed,
    CleaningCrossSection,
    Deposit,
    IsolationCut,
    LiftOut,
    Measure,
    MillNotch,
    MillTrench,
    Polish,
    Thin,
    Thinning,
    Transfer,
    Undercut,
    Weld,
)
from fibplan.units import show
from fibplan.verification.probing import swept_paths


def what_of(operation: Operation) -> str:
    """The kind of step in words; an asterisk marks what the recipe's author chose."""
    step = operation.step
    words = step.kind.replace("_", " ")
    match step:
        case Deposit():
            words = f"{step.process} deposit: {step.makes.replace('_', ' ')}"
        case Weld():
            words = f"{step.process} weld to the {step.joins}"
        case MillTrench():
            words = f"{words}, {step.profile.replace('_', ' ')}, {'both sides' if step.sides == 2 else 'one side'}"
        case CleaningCrossSection() | Thin() | Polish() if step.overtilt:
            words = f"{words}, stage {show(step.overtilt, 'rad')}{_star(step, 'overtilt')} beyond parallel, each face"
        case _:
            pass
    if not isinstance(step, Thinning):
        return words
    before = operation.thickness_before_m
    begin = f"from {show(before, 'm')} " if before is not None else ""
    return f"{words}: {begin}down to {show(step.leaves, 'm')}{_star(step, 'leaves')}"


def _star(step: Beamed, name: str) -> str:
    return "*" if name in step.assumed else ""


def look_for(operation: Operation, plan: Plan) -> str:
    """What shows that the step is done, or has gone too far."""
    step = operation.step
    match step:
        case Deposit() | Weld():
            return _grown(step)
        case Beamed():
            return _milled(operation, plan)
        case LiftOut():
            return "the lamella moves with the needle before you lift"
        case Transfer():
            return "place and pose as drawn; the membrane is whole"
        case Measure():
            return "; ".join(_limit(name, path) for name, path in swept_paths(plan, step.paths).items())
        case _:
            return "verdict accepted, package written"


def _grown(step: Deposit | Weld) -> str:
    match step:
        case Deposit(makes="protective_layer"):
            return "a closed, even film over the whole length of the lamella"
        case Deposit(makes="bridge"):
            return "the film lies on the electrode and on the collector, and nothing of it on the active layer"
        case Deposit():
            return "the film is closed from the square to the lamella"
        case Weld():
            return "the film is closed and lies on both parts"


def _milled(operation: Operation, plan: Plan) -> str:
    step = operation.step
    match step:
        case MillTrench() | CleaningCrossSection():
            return f"both faces smooth; {show(step.leaves, 'm')} of slab from top to bottom"
        case Undercut():
            return "the slit goes through, seen from both sides; the lamella hangs on one side only"
        case Thin() | Polish():
            return f"{show(step.leaves, 'm')} from top to bottom, no hole, no bend{_cap(operation, plan)}"
        case MillNotch():
            return "cap and active layer are gone from that end, the collector is not"
        case IsolationCut():
            return f"the halo is cut; not deeper than {show(step.depth, 'm')}, the membrane is whole"
        case _:
            return "only what was drawn is gone"


def _cap(operation: Operation, plan: Plan) -> str:
    if operation.cap_left_m is None:
        return ""
    least = plan.cards.fib.shape.least_cap.expected
    return f"; cap left {operation.cap_left_m}, stop when it comes under {show(least, 'm')}"


def _limit(name: str, path: VerificationPath) -> str:
    criterion = path.criterion
    word = (
        f"under {show(criterion.below, 'ohm')}"
        if isinstance(criterion, Below)
        else f"over {show(criterion.above, 'ohm')}"
    )
    sweep = path.sweep
    driven = f"+-{show(sweep.voltage, 'V')}" if sweep.voltage else ""
    return f"{name} {word} ({driven}, at most {show(sweep.compliance, 'A')})"


def ticks_of(operation: Operation, plan: Plan) -> list[str]:
    """What to tick, in the order in which it is done."""
    step = operation.step
    match step:
        case Deposit() | Weld():
            return ["beam set", "gas in", "placed", "grown", "gas out", "looked"]
        case Beamed():
            return ["beam set", "tilt set", "placed", "milled", "looked"]
        case Measure():
            return list(swept_paths(plan, step.paths))
        case _:
            return ["done", "looked"]
