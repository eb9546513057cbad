"""Rules about the sweeps: what a path may carry, and what the SMU can tell of it."""

from collections.abc import Iterator

from fibplan.checks.instruments import swept
from fibplan.checks.remedy import at_least, at_most
from fibplan.checks.rule import ERROR, WARNING, Found, rule
from fibplan.model.cards import AccuracyRange, SmuCard
from fibplan.model.path import Above
from fibplan.model.plan import Plan
from fibplan.units import show
from fibplan.verification.probing import through_cell

DE_MARZI = "De Marzi et al., JAP 96 (2004) 3458"
ACCURACY = "accuracy tables of the SMU's card"
CELL_SWEEP_V = 0.5
"""Chosen: every cell of lithium that is charged at all has more than this."""
RESOLVED = 3.0
"""A current counts as resolved, and a voltage as set, from three times the offset specification on."""


@rule("compliance-unsafe", ERROR, DE_MARZI)
def compliance_safe(plan: Plan) -> Iterator[Found]:
    """No sweep may carry more than its path's weakest cross-section bears."""
    for name, path in plan.recipe.verification.items():
        limit = plan.limit(name)
        if limit is not None and path.sweep.compliance > limit.current_a:
            message = (
                f"{show(path.sweep.compliance, 'A')} is more than the {show(limit.current_a, 'A')} that the "
                f"{limit.weakest} ({show(limit.cross_section_m2, 'm2')}) is known to carry"
            )
            remedy = f"use {at_most(limit.current_a, 'A')} or less"
            yield Found(("verification", name, "sweep", "compliance"), message, remedy)


@rule("contact-compliance-unsafe", ERROR, DE_MARZI)
def contact_compliance_safe(plan: Plan) -> Iterator[Found]:
    """No contact check may carry more than its path's weakest cross-section bears."""
    for name, path in plan.recipe.verification.items():
        limit, criterion = plan.limit(name), path.criterion
        if limit is not None and isinstance(criterion, Above) and criterion.contact.compliance > limit.current_a:
            message = f"{show(criterion.contact.compliance, 'A')} is more than {show(limit.current_a, 'A')}"
            where = ("verification", name, "criterion", "contact", "compliance")
            yield Found(where, message, f"use {at_most(limit.current_a, 'A')} or less")


@rule("contact-undecidable", ERROR)
def contact_decidable(plan: Plan) -> Iterator[Found]:
    """A contact at its limit drives less than the compliance, and a current that the SMU resolves."""
    for name, path in plan.recipe.verification.items():
        if not isinstance(path.criterion, Above):
            continue
        contact = path.criterion.contact
        current = contact.voltage / contact.below
        least = RESOLVED * _offset(plan.cards.smu.measure_current, current) if plan.cards.smu else 0.0
        if not least <= current <= contact.compliance:
            message = f"a contact at its limit drives {show(current, 'A')}"
            where = ("verification", name, "criterion", "contact", "voltage")
            remedy = f"choose a voltage that drives {show(least, 'A')} to {show(contact.compliance, 'A')}"
            yield Found(where, message, remedy)


@rule("contact-below-offset", ERROR, ACCURACY)
def contact_crosses_zero(plan: Plan) -> Iterator[Found]:
    """Every contact check is set to more than what the SMU's source may be off by, and so crosses zero."""
    for smu, name, path in swept(plan):
        if isinstance(path.criterion, Above):
            where = ("verification", name, "criterion", "contact", "voltage")
            yield from _near_zero(smu, path.criterion.contact.voltage, 1.0, where)


@rule("sweep-below-offset", ERROR, ACCURACY)
def sweep_crosses_zero(plan: Plan) -> Iterator[Found]:
    """Every sweep goes to three times what the SMU's source may be off by, and so crosses zero on any that is sound.

    A line's slope is free of a constant offset, so that the sweep need not be a hundred times as large.
    """
    for smu, name, path in swept(plan):
        yield from _near_zero(smu, path.sweep.voltage, RESOLVED, ("verification", name, "sweep", "voltage"))


@rule("sweep-clamps", WARNING)
def sweep_not_clamped(plan: Plan) -> Iterator[Found]:
    """At its limit of resistance every path leaves the whole sweep out of compliance."""
    for name, path in plan.recipe.verification.items():
        limit, sweep = path.criterion.limit, path.sweep
        most = _volts(limit * sweep.compliance)
        if sweep.voltage <= most:
            continue
        message = f"{show(sweep.voltage, 'V')} drives more than the compliance through a path at its limit"
        key, remedy = "voltage", f"sweep to {at_most(most, 'V')} or less"
        if isinstance(path.criterion, Above):
            key, remedy = "compliance", f"use {at_least(sweep.voltage / limit, 'A')} or more"
        yield Found(("verification", name, "sweep", key), message, remedy)


@rule("sweep-shorts-cell", ERROR)
def charged_cell_not_shorted(plan: Plan) -> Iterator[Found]:
    """A path that leads through a full cell is swept to less than half a volt about its open-circuit voltage.

    A charged one then never sees zero volts. The session measures that voltage first, and refuses a sweep beyond it.
    """
    for name, path in plan.recipe.verification.items():
        if through_cell(plan, path) and path.sweep.voltage > CELL_SWEEP_V:
            message = f"{show(path.sweep.voltage, 'V')} either side of a cell's own voltage may short it"
            remedy = f"sweep to {at_most(CELL_SWEEP_V, 'V')} or less"
            yield Found(("verification", name, "sweep", "voltage"), message, remedy)


@rule("criterion-not-resolved", ERROR, ACCURACY)
def criterion_resolved(plan: Plan) -> Iterator[Found]:
    """At its limit of resistance every path drives a current that the SMU resolves."""
    for smu, name, path in swept(plan):
        limit = path.criterion.limit
        current = path.sweep.voltage / limit
        least = RESOLVED * _offset(smu.measure_current, current)
        needed = _volts(least * limit)
        if path.sweep.voltage < needed:
            message = f"{show(limit, 'ohm')} at {show(path.sweep.voltage, 'V')} is {show(current, 'A')}, under the "
            message += f"{show(least, 'A')} that {smu.title} resolves"
            remedy = f"sweep to {at_least(needed, 'V')} or more"
            yield Found(("verification", name, "sweep", "voltage"), message, remedy)


def _near_zero(smu: SmuCard, voltage_v: float, offsets: float, where: tuple[str, ...]) -> Iterator[Found]:
    """Whether a sweep reaches less than so many times the offset of the range that sources it."""
    offset = _offset(smu.source_voltage, voltage_v)
    needed = _volts(offsets * offset)
    if voltage_v < needed:
        message = f"{show(voltage_v, 'V')} from {smu.title}, whose source may be {show(offset, 'V')} off"
        yield Found(where, message, f"sweep to {at_least(needed, 'V')} or more")


def _volts(product: float) -> float:
    """To the picovolt, so that 3 x 200 uV are 600 uV and not a bit more."""
    return round(product, 12)


def _offset(ranges: tuple[AccuracyRange, ...], value: float) -> float:
    """The offset specification of the most accurate range that holds the value; zero where none does."""
    return min((entry.offset for entry in ranges if entry.full_scale >= value), default=0.0)
