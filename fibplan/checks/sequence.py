"""Rules about what must come before what."""

from collections.abc import Iterator
from itertools import pairwise
from types import UnionType

from shapely import union_all

from fibplan.checks.regions import region, words
from fibplan.checks.rule import ERROR, PRACTICE, WARNING, Found, at, rule
from fibplan.layout.clearance import ROUNDING_UM, polygon
from fibplan.layout.support import supports_of
from fibplan.model.layout import Region
from fibplan.model.plan import Operation, Plan
from fibplan.model.recipe import Role
from fibplan.model.recipe import Thinning as Place
from fibplan.model.steps import (
    Deposit,
    HandOff,
    IsolationCut,
    LiftOut,
    Measure,
    MillNotch,
    Polish,
    Thinning,
    Transfer,
    Undercut,
    Weld,
)
from fibplan.planning.deposits import deposit_outline
from fibplan.planning.order import awaits

LEFT_UM2 = 0.01
"""Less of a pad than this may be left without a step: rounding of outlines."""


@rule("order-open", ERROR)
def one_chain(plan: Plan) -> Iterator[Found]:
    """Every operation waits, directly or through others, for the one before it: one sample, one beam, one order."""
    waits = {operation.name: operation.after for operation in plan.operations}
    for earlier, later in pairwise(plan.operations):
        if not awaits(waits, later.name, earlier.name):
            message = f"nothing says whether '{later.name}' comes before or after '{earlier.name}'"
            yield Found(at(later, "after"), message, f"add '{earlier.name}' to its 'after'")


@rule("thinned-elsewhere", ERROR)
def thinned_where_said(plan: Plan) -> Iterator[Found]:
    """The lamella is thinned to its end before or after the transfer, as the recipe says."""
    transfers, rungs = _places(plan, Transfer), _places(plan, Thinning)
    if not transfers or not rungs:
        return
    said = plan.recipe.lamella.thinning
    if (said is Place.BEFORE_TRANSFER) != (rungs[-1] < transfers[-1]):
        last = plan.operations[rungs[-1]]
        message = f"the lamella is to be thinned {said.replace('_', ' ')}, but '{last.name}' says otherwise"
        yield Found(at(last, "after"), message, "change lamella.thinning or the order of the steps")


@rule("transfer-before-lift-out", ERROR)
def lifted_before_transfer(plan: Plan) -> Iterator[Found]:
    """A transfer follows a lift-out."""
    yield from _without_earlier(
        plan, Transfer, LiftOut, "moves a lamella that was not lifted out", "add a lift_out step"
    )


@rule("lift-out-before-undercut", ERROR)
def undercut_before_lift_out(plan: Plan) -> Iterator[Found]:
    """A lift-out follows an undercut, or the lamella still hangs on the wafer."""
    yield from _without_earlier(
        plan, LiftOut, Undercut, "lifts a lamella that was not cut free", "add an undercut step"
    )


@rule("lift-out-without-needle", ERROR)
def welded_before_lift_out(plan: Plan) -> Iterator[Found]:
    """A lift-out follows a weld to the needle."""
    needles = [index for index in _places(plan, Weld) if _joins(plan.operations[index], "needle")]
    for index in _places(plan, LiftOut):
        if not any(place < index for place in needles):
            operation = plan.operations[index]
            message = f"'{operation.name}' lifts a lamella that is not welded to the needle"
            yield Found(at(operation), message, "add a weld step that joins the needle before it")


@rule("transferred-without-weld", ERROR)
def welded_to_grid(plan: Plan) -> Iterator[Found]:
    """On a grid the first beam after a transfer deposits the weld that holds the lamella."""
    for place in _places(plan, Transfer) if plan.cards.echip is None else ():
        work = [operation for operation in plan.operations[place + 1 :] if operation.beam_current_a is not None]
        if not work or not _joins(work[0], "support"):
            transfer = plan.operations[place].name
            message = f"after '{transfer}' nothing holds the lamella on the grid"
            remedy = f"add a weld step that joins the support right after '{transfer}'"
            yield Found(at(work[0] if work else plan.operations[place]), message, remedy)


@rule("milled-without-cap", ERROR)
def capped_before_milling(plan: Plan) -> Iterator[Found]:
    """A stack with a protective layer is capped before the first trench."""
    if plan.recipe.sample.layer(Role.PROTECTIVE_LAYER) is None:
        return
    caps = [index for index in _places(plan, Deposit) if _makes(plan.operations[index], "protective_layer")]
    for index in _places(plan, Thinning)[:1]:
        if not any(place < index for place in caps):
            operation = plan.operations[index]
            message = f"'{operation.name}' mills before the protective layer is deposited"
            yield Found(at(operation, "after"), message, "deposit the protective layer first")


@rule("bridge-not-deposited", ERROR)
def bridge_deposited(plan: Plan) -> Iterator[Found]:
    """A recipe with a bridge has the step that deposits it."""
    if plan.recipe.bridge is not None and not _depositing_bridge(plan):
        yield Found(("bridge",), "no step deposits the bridge", "add a deposit step that makes it")


@rule("support-not-deposited", ERROR)
def support_deposited(plan: Plan) -> Iterator[Found]:
    """A recipe with a support has the step that deposits it."""
    if supports_of(plan.recipe) and not _welding_support(plan):
        key = "support" if plan.recipe.support is not None else "supports"
        yield Found((key,), "no step deposits the support", "add a weld step that joins it")


@rule("part-not-planned", WARNING)
def every_part_has_a_step(plan: Plan) -> Iterator[Found]:
    """Every notch and every landing pad that is drawn is made by a step."""
    told = "no step makes it, so its time, its dose and its cost to the membrane are not in the plan"
    if region(plan, "notch") is not None and not _places(plan, MillNotch):
        remedy = "add a step of kind mill_notch once the slab is free, before the lift-out"
        yield Found(("bridge", "notch"), f"the notch is drawn, but {told}", remedy)
    for index, pad in enumerate(plan.recipe.pads):
        made = region(plan, f"pad_{pad.terminal}")
        left = _left_um2(plan, made) if made is not None else 0.0
        if left > LEFT_UM2:
            message = f"{left:.3g} um2 of the pad of the {words(pad.terminal)} are drawn, but {told}"
            remedy = f"add a deposit step with makes: landing_pad and terminal: {pad.terminal} after the transfer"
            yield Found(("pads", index), message, remedy)


@rule("notch-undescribed", ERROR)
def notch_described(plan: Plan) -> Iterator[Found]:
    """A step that mills the notch has one to mill."""
    bridge = plan.recipe.bridge
    for place in _places(plan, MillNotch) if bridge is None or bridge.notch is None else ():
        operation = plan.operations[place]
        remedy = "add notch: {end: near, length: 3 um} under bridge, or take the step out"
        yield Found(at(operation), f"'{operation.name}' mills a notch that the bridge does not have", remedy)


@rule("notch-out-of-place", ERROR)
def notch_between_trench_and_bridge(plan: Plan) -> Iterator[Found]:
    """The notch is milled out of a slab that is free on both sides, and before the bridge, whose halo it keeps off."""
    bridges = [plan.operations.index(operation) for operation in _depositing_bridge(plan)]
    for place in _places(plan, MillNotch):
        operation = plan.operations[place]
        if operation.thickness_before_m is None:
            message = f"'{operation.name}' mills a notch before a trench has freed the slab"
            yield Found(at(operation, "after"), message, "let it wait for the trenches")
        if bridges and bridges[0] < place:
            message = f"'{operation.name}' mills the notch after '{plan.operations[bridges[0]].name}'"
            message += ", whose halo then lies where the notch was to keep it off"
            yield Found(at(operation, "after"), message, "mill it before the lift-out")


@rule("bridge-too-early", ERROR)
def bridge_after_transfer(plan: Plan) -> Iterator[Found]:
    """The bridge is deposited once the lamella was transferred and lies on the chip."""
    yield from _too_early(plan, _depositing_bridge(plan), "bridge")


@rule("support-too-early", ERROR)
def support_after_transfer(plan: Plan) -> Iterator[Found]:
    """The support is deposited once the lamella was transferred to it."""
    yield from _too_early(plan, _welding_support(plan), "support")


@rule("pad-too-early", ERROR)
def pads_after_transfer(plan: Plan) -> Iterator[Found]:
    """The landing pads are deposited once the lamella was transferred and lies on the chip."""
    yield from _too_early(plan, [op for op in plan.operations if _makes(op, "landing_pad")], "landing pad")


@rule("cut-too-early", ERROR)
def cuts_after_deposits(plan: Plan) -> Iterator[Found]:
    """A cut through a halo comes after every deposit on the chip: the halo of a later one would close it again."""
    transfers = _places(plan, Transfer)
    grown = [
        index
        for index in _places(plan, Deposit | Weld)
        if plan.operations[index].membrane_dose is not None and transfers and transfers[-1] < index
    ]
    for place in _places(plan, IsolationCut):
        operation = plan.operations[place]
        drawn = operation.name in {cut.step for cut in plan.recipe.cuts}
        if grown and place < grown[-1] and (drawn or transfers[-1] < place):
            deposit = plan.operations[grown[-1]].name
            message = f"'{operation.name}' cuts before '{deposit}', whose halo may close the cut"
            yield Found(at(operation, "after"), message, f"let it wait for '{deposit}'")


@rule("cleaning-not-last", WARNING, PRACTICE)
def faces_cleaned_last(plan: Plan) -> Iterator[Found]:
    """A face that is polished on the chip is polished after everything that deposits or cuts there."""
    transfers, polishes = _places(plan, Transfer), _places(plan, Polish)
    if plan.cards.echip is None or not transfers or not polishes or polishes[-1] < transfers[-1]:
        return
    for place in [index for index in _places(plan, Deposit | Weld | IsolationCut) if index > polishes[-1]]:
        operation, polish = plan.operations[place], plan.operations[polishes[-1]]
        message = f"'{operation.name}' soils or harms the faces that '{polish.name}' has cleaned"
        yield Found(at(operation, "after"), message, f"let '{polish.name}' wait for it")


@rule("handed-off-unmeasured", ERROR, "Bhatia et al., Small Methods 6 (2022) 2100891: measured before the TEM")
def measured_last(plan: Plan) -> Iterator[Found]:
    """Every path is measured after the last step that mills or deposits, before the lamella is handed off."""
    measured: set[str] = set()
    changed = "it was made"
    for operation in plan.operations:
        if isinstance(operation.step, Measure):
            measured |= set(operation.step.paths)
        elif operation.beam_current_a is not None:
            measured, changed = set(), f"'{operation.name}' changed it"
        elif isinstance(operation.step, HandOff):
            for path in plan.recipe.verification:
                if path not in measured:
                    message = f"the lamella is handed off without a measurement of '{path}' after {changed}"
                    remedy = "measure every path after the last step that mills or deposits"
                    yield Found(at(operation, "after"), message, remedy)


@rule("changed-after-hand-off", ERROR)
def unchanged_after_hand_off(plan: Plan) -> Iterator[Found]:
    """Nothing is done to a lamella that was handed off."""
    for place in _places(plan, HandOff)[:1]:
        for operation in plan.operations[place + 1 :]:
            message = f"'{operation.name}' comes after the hand-off"
            yield Found(at(operation, "after"), message, "do it before the last measurement, or take it out")


@rule("not-handed-off", ERROR)
def ends_with_hand_off(plan: Plan) -> Iterator[Found]:
    """The last operation hands the lamella off."""
    if not isinstance(plan.operations[-1].step, HandOff):
        last = plan.operations[-1]
        yield Found(at(last), f"the recipe ends with '{last.name}'", "end with a hand_off step")


def _places(plan: Plan, kind: type | UnionType) -> list[int]:
    """Where operations of that kind of step stand in the order of the plan."""
    return [index for index, operation in enumerate(plan.operations) if isinstance(operation.step, kind)]


def _without_earlier(plan: Plan, later: type, earlier: type, what: str, remedy: str) -> Iterator[Found]:
    firsts = _places(plan, earlier)
    for index in _places(plan, later):
        if not any(place < index for place in firsts):
            operation = plan.operations[index]
            yield Found(at(operation), f"'{operation.name}' {what}", f"{remedy} before it")


def _too_early(plan: Plan, operations: list[Operation], part: str) -> Iterator[Found]:
    transfers = _places(plan, Transfer)
    for operation in operations:
        if not transfers or plan.operations.index(operation) < transfers[-1]:
            message = f"'{operation.name}' deposits the {part} before the lamella is transferred"
            yield Found(at(operation, "after"), message, "let it wait for a transfer step")


def _left_um2(plan: Plan, pad: Region) -> float:
    """The area of the pad that no step deposits."""
    steps = [operation.step for operation in plan.operations]
    made = [
        deposit_outline(step, plan.layout)
        for step in steps
        if isinstance(step, Deposit) and step.makes == "landing_pad"
    ]
    pads = union_all(made).buffer(ROUNDING_UM)
    return float(polygon(pad.outline_um).difference(pads).area)


def _depositing_bridge(plan: Plan) -> list[Operation]:
    return [operation for operation in plan.operations if _makes(operation, "bridge")]


def _welding_support(plan: Plan) -> list[Operation]:
    return [operation for operation in plan.operations if _joins(operation, "support")]


def _makes(operation: Operation, part: str) -> bool:
    return isinstance(operation.step, Deposit) and operation.step.makes == part


def _joins(operation: Operation, part: str) -> bool:
    return isinstance(operation.step, Weld) and operation.step.joins == part
