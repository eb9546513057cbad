"""Whether the chip itself may carry a lamella: its electrodes are apart and the tips quiet, before anything lies on it.

A measurement before the transfer finds what would spoil the lamella for good: metal that joins the electrodes of the
chip, or a stray current that hides what leaks.
"""

from collections.abc import Callable, Iterator

from fibplan.journal.state import Progress, SessionState
from fibplan.model.curve import CurveSet
from fibplan.model.finding import Finding, Severity
from fibplan.model.plan import Operation, Plan
from fibplan.model.steps import Measure, Transfer
from fibplan.model.verdict import Grade, PathVerdict
from fibplan.verification.verdict import isolation_verdicts

CODE = "chip-not-isolated"


def chip_findings(plan: Plan, state: SessionState, curves: Callable[[], CurveSet]) -> tuple[Finding, ...]:
    """An error of the pending transfer for each isolation that the check of the bare chip does not pass.

    Nothing before that check is over, while it is to be repeated, and once the lamella was changed after it: nobody got
    that far without passing it, or without accepting the errors.
    """
    transfer = next((entry for entry in plan.operations if _awaits_lamella(entry, state)), None)
    checks = list(_measured_before(plan, transfer)) if transfer is not None else []
    done = [name for name in checks if state.operations.get(name) is Progress.DONE]
    unsettled = [name for name in checks if state.operations.get(name) in (Progress.PENDING, Progress.STARTED)]
    if transfer is None or plan.cards.smu is None or not done or unsettled or not state.curves:
        return ()
    judged = isolation_verdicts(plan, curves(), plan.cards.smu)
    return tuple(_finding(verdict, transfer.name, done[-1]) for verdict in judged if verdict.grade is not Grade.PASS)


def _awaits_lamella(operation: Operation, state: SessionState) -> bool:
    pending = state.operations.get(operation.name) is Progress.PENDING
    return isinstance(operation.step, Transfer) and pending


def _measured_before(plan: Plan, transfer: Operation) -> Iterator[str]:
    for operation in plan.operations[: plan.operations.index(transfer)]:
        if isinstance(operation.step, Measure):
            yield operation.name


def _finding(verdict: PathVerdict, transfer: str, check: str) -> Finding:
    words = verdict.path.replace("_", " ").replace("isolation-", "the isolation of the ")
    return Finding(
        code=CODE,
        severity=Severity.ERROR,
        path=("steps", transfer),
        message=f"the bare chip is no place for the lamella: {words} is {verdict.grade}: {'; '.join(verdict.reasons)}",
        remedy=f"mend that or take another chip, and redo '{check}'",
    )
