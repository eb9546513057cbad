"""Rules about what must come before what."""

from collections.abc import Iterator

import networkx as nx

from fibplan.checks.found import at, error
from fibplan.model.finding import Finding
from fibplan.model.plan import Operation, Plan
from fibplan.model.recipe import Thinning as Place
from fibplan.model.steps import Deposit, HandOff, LiftOut, Measure, Thinning, Transfer, Weld


def one_chain(plan: Plan) -> Iterator[Finding]:
    """Every operation waits, directly or through others, for the one before it: one sample, one beam, one order."""
    graph = nx.DiGraph([(before, operation.name) for operation in plan.operations for before in operation.after])
    for earlier, later in zip(plan.operations, plan.operations[1:], strict=False):
        if later.name not in graph or earlier.name not in graph or not nx.has_path(graph, earlier.name, later.name):
            message = f"nothing says whether '{later.name}' comes before or after '{earlier.name}'"
            yield error("order-open", at(later, "after"), message, f"add '{earlier.name}' to its 'after'")


def thinned_where_said(plan: Plan) -> Iterator[Finding]:
    """The lamella is thinned to its end before or after the transfer, as the recipe says."""
    transfers = [index for index, operation in enumerate(plan.operations) if isinstance(operation.step, Transfer)]
    rungs = [index for index, operation in enumerate(plan.operations) if isinstance(operation.step, Thinning)]
    if not transfers or not rungs:
        return
    said = plan.recipe.lamella.thinning
    if (said is Place.BEFORE_TRANSFER) != (rungs[-1] < transfers[-1]):
        last = plan.operations[rungs[-1]]
        message = f"the lamella is to be thinned {said.replace('_', ' ')}, but '{last.name}' says otherwise"
        yield error(
            "thinned-elsewhere", at(last, "after"), message, "change lamella.thinning or the order of the steps"
        )


def lifted_before_transfer(plan: Plan) -> Iterator[Finding]:
    """A transfer follows a lift-out."""
    lifted = False
    for operation in plan.operations:
        lifted = lifted or isinstance(operation.step, LiftOut)
        if isinstance(operation.step, Transfer) and not lifted:
            message = f"'{operation.name}' moves a lamella that was not lifted out"
            yield error("transfer-before-lift-out", at(operation), message, "add a lift_out step before it")


def bridge_deposited(plan: Plan) -> Iterator[Finding]:
    """A recipe with a bridge or a support has the step that deposits it, after the transfer."""
    transfers = [operation for operation in plan.operations if isinstance(operation.step, Transfer)]
    moved_at = plan.operations.index(transfers[-1]) if transfers else -1
    for section, operations in (("bridge", _making_bridge(plan)), ("support", _welding_support(plan))):
        if getattr(plan.recipe, section) is None:
            continue
        if not operations:
            yield error(f"{section}-not-deposited", (section,), f"no step deposits the {section}", "add the step")
        for operation in operations:
            if plan.operations.index(operation) < moved_at:
                message = f"'{operation.name}' deposits the {section} before the lamella lies on the chip"
                yield error(f"{section}-too-early", at(operation, "after"), message, "let it wait for the transfer")


def measured_last(plan: Plan) -> Iterator[Finding]:
    """Nothing mills or deposits between the last measurement and the hand-off, and nothing is handed off unmeasured."""
    if not plan.recipe.verification:
        return
    measured: Operation | None = None
    changed: Operation | None = None
    for operation in plan.operations:
        if isinstance(operation.step, Measure):
            measured, changed = operation, None
        elif operation.beam_current_a is not None:
            changed = operation
        elif isinstance(operation.step, HandOff) and (measured is None or changed is not None):
            what = f"'{changed.name}' changed it" if changed else "it was made"
            yield error(
                "handed-off-unmeasured",
                at(operation, "after"),
                f"the lamella is handed off without a measurement after {what}",
                "measure every path after the last step that mills or deposits",
            )


def _making_bridge(plan: Plan) -> list[Operation]:
    return [op for op in plan.operations if isinstance(op.step, Deposit) and op.step.makes == "bridge"]


def _welding_support(plan: Plan) -> list[Operation]:
    return [op for op in plan.operations if isinstance(op.step, Weld) and op.step.joins == "support"]
