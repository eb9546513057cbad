"""The paper's plan with other tolerances: none, materials only, or one of them changed."""

from typing import Any

from fibplan.model.base import Frozen
from fibplan.model.interval import Interval, Status
from fibplan.model.plan import Plan
from fibplan.model.tolerance import DepositTolerances, LamellaTolerances, LengthWithin


def within(metres: float) -> LengthWithin:
    return LengthWithin.model_construct(within=metres, coverage=0.9, source="test", status=Status.STATED)


def with_tolerances(plan: Plan, lamella: LamellaTolerances | None, deposit: DepositTolerances | None) -> Plan:
    """The plan with these tolerances of the making, and the cards' materials."""
    cards = plan.cards
    assert cards.gis is not None
    processes = tuple(process.model_copy(update={"tolerances": deposit}) for process in cards.gis.processes)
    update = {
        "fib": cards.fib.model_copy(update={"tolerances": lamella}),
        "gis": cards.gis.model_copy(update={"processes": processes}),
    }
    return plan.model_copy(update={"cards": cards.model_copy(update=update)})


def materials_only(plan: Plan) -> Plan:
    """The plan whose making does not stray."""
    return with_tolerances(plan, None, None)


def exact(plan: Plan) -> Plan:
    """The plan of which nothing strays at all: every interval at its expected value."""
    bare = materials_only(plan)
    return bare.model_copy(update={"cards": _narrowed(bare.cards)})


def _narrowed(value: Any) -> Any:
    if isinstance(value, Interval):
        return value.model_copy(update={"low": value.expected, "high": value.expected})
    if isinstance(value, Frozen):
        return value.model_copy(update={name: _narrowed(getattr(value, name)) for name in type(value).model_fields})
    if isinstance(value, dict):
        return {name: _narrowed(member) for name, member in value.items()}
    return tuple(_narrowed(member) for member in value) if isinstance(value, tuple) else value
