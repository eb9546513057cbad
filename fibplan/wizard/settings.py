"""What is dialled in for an operation, as the person reads it off the screen."""

from collections.abc import Iterator

from fibplan.model.plan import Operation, Plan
from fibplan.model.recipe import Role
from fibplan.model.steps import (
    Beamed,
    CleaningCrossSection,
    Deposit,
    IsolationCut,
    MillTrench,
    Polish,
    Step,
    Thin,
    Thinning,
    Transfer,
    Undercut,
    Weld,
)
from fibplan.units import show

Setting = tuple[str, str]
"""A word for the left margin, and the value."""
UM = 1e-6

KINDS = {
    "deposit": "deposit metal", "weld": "weld", "mill_trench": "mill trenches", "undercut": "cut free below",
    "cleaning_cross_section": "clean both faces", "lift_out": "lift out with the needle", "thin": "thin both faces",
    "transfer": "lay down and cut the needle free", "polish": "polish both faces at low voltage",
    "isolation_cut": "cut through the halo", "measure": "measure between the tips", "hand_off": "hand off to the TEM",
}  # fmt: skip


def task_of(operation: Operation) -> str:
    """What is done, in a few words."""
    step = operation.step
    match step:
        case Deposit(makes="protective_layer"):
            return "deposit the protective cap"
        case Deposit():
            return "deposit the bridge between chip and lamella"
        case Weld(joins="needle"):
            return "weld the needle to the lamella"
        case Weld():
            return "weld the lamella to its support"
        case _ if isinstance(step, Thinning):
            return f"{KINDS[step.kind]} until {show(step.leaves, 'm')} is left"
        case _:
            return KINDS[step.kind]


def settings_of(plan: Plan, operation: Operation) -> tuple[Setting, ...]:
    """Beam, pattern, tilt, gas and dose; nothing for what is done without a beam."""
    step = operation.step
    if not isinstance(step, Beamed):
        return ()
    return tuple(_settings(plan, operation, step))


def _settings(plan: Plan, operation: Operation, step: Beamed) -> Iterator[Setting]:
    electrons = isinstance(step, Deposit | Weld) and step.process == "FEBID"
    particle = "electron beam" if electrons else "ion beam"
    yield "beam", f"{particle}, {show(step.accelerating_voltage, 'V')}, {show(step.beam_current, 'A')}"
    yield "pattern", _pattern(plan, operation)
    if isinstance(step, Deposit | Weld) and plan.cards.gis is not None:
        yield "gas", f"{plan.cards.gis.precursor.rsplit(', ')[-1]} ({step.process}), needle in"
    yield "tilt", _tilt(plan, operation, electrons=electrons)
    dose = f", dose {show(operation.dose_c.expected, 'C')}" if operation.dose_c is not None else ""
    yield "dwell", f"as in the column's application file (the recipe sets none){dose}"


def _pattern(plan: Plan, operation: Operation) -> str:
    step, recipe = operation.step, plan.recipe
    match step:
        case MillTrench():
            profile = "stair step (regular cross-section)" if step.profile == "stair_step" else "box (rectangle)"
            sides = "on both sides" if step.sides == 2 else "on one side"
            return f"{profile}, {_um(step.length, step.width)} x {show(step.depth, 'm')} deep, {sides}"
        case CleaningCrossSection():
            return f"cleaning cross-section, {_um(step.length)} long, {show(step.depth, 'm')} deep, on each face"
        case Undercut():
            return f"rectangle, {_um(step.length, step.width)}, {show(step.depth, 'm')} deep"
        case Thin() | Polish():
            return f"on each face, {_um(recipe.lamella.length)} long{_each_face(operation)}"
        case IsolationCut():
            return f"rectangle, {_um(step.length, step.width)}, {show(step.depth, 'm')} deep; not through the membrane"
        case Deposit() | Weld():
            return _deposit(plan, step)
        case _:
            return "none"


def _each_face(operation: Operation) -> str:
    before, after = operation.thickness_before_m, operation.thickness_after_m
    if before is None or after is None:
        return ""
    return f", {show((before - after) / 2, 'm')} off each: {show(before, 'm')} to {show(after, 'm')}"


def _deposit(plan: Plan, step: Deposit | Weld) -> str:
    recipe = plan.recipe
    if isinstance(step, Deposit) and step.makes == "protective_layer":
        cap = recipe.sample.layer(Role.PROTECTIVE_LAYER)
        thickness = step.thickness or (cap.thickness if cap is not None else None)
        return f"rectangle, {_um(recipe.lamella.length, recipe.lamella.cap_width)}{_high(thickness)}"
    if isinstance(step, Deposit):
        bridge = recipe.bridge
        region = plan.layout.named("bridge") if plan.layout is not None else None
        size = _extent(region.outline_um) if region is not None else (_um(bridge.width) if bridge else "")
        return f"{size}{_high(step.thickness or (bridge.thickness if bridge else None))}, on the electrode first"
    support = recipe.support if step.joins == "support" else None
    length = step.length or (support.length if support else None)
    width = step.width or (support.width if support else None)
    size = _um(length, width) if length and width else "a patch"
    return f"rectangle, {size}{_high(step.thickness or (support.thickness if support else None))}"


def _extent(outline: tuple[tuple[float, float], ...]) -> str:
    spans = [max(values) - min(values) for values in zip(*outline, strict=True)]
    return f"rectangle, {_um(*spans)}"


def _high(thickness: float | None) -> str:
    return f", {show(thickness, 'm')} high" if thickness is not None else ""


def _um(*sizes_um: float) -> str:
    return " x ".join(f"{size:.3g}" for size in sizes_um) + " um"


def _tilt(plan: Plan, operation: Operation, *, electrons: bool) -> str:
    step, square = operation.step, show(plan.cards.fib.beam_angle, "rad")
    if electrons:
        return "stage tilt 0 deg, the electron beam square to the surface"
    if isinstance(step, Undercut):
        return "low, so that the beam comes in below the lamella: the recipe sets none"
    if isinstance(step, Thinning) and _is_transferred(plan, operation):
        return "the beam along the faces as the lamella stands now: the recipe sets none"
    overtilt = getattr(step, "overtilt", 0.0)
    if overtilt:
        lean = show(overtilt, "rad")
        return f"stage tilt {square} + {lean} for one face, {square} - {lean} for the other"
    return f"stage tilt {square}, the ion beam square to the surface"


def _is_transferred(plan: Plan, operation: Operation) -> bool:
    steps: list[Step] = [entry.step for entry in plan.operations]
    place = [entry.name for entry in plan.operations].index(operation.name)
    return any(isinstance(step, Transfer) for step in steps[:place])
