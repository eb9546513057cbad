"""The largest current each verification path may carry where it is energised or printed: by hand and by the field.

A notch in the bridge, a cut into the collector, a poorly covered step or a small overlap lowers the limit here, which
the plan's own estimate does not see.
"""

from typing import NewType

from fibplan.circuit.sections import film_sections
from fibplan.model.plan import PathLimit, Plan
from fibplan.model.recipe import Role
from fibplan.planning.limits import least_of, limit_of

BoundedPlan = NewType("BoundedPlan", Plan)
"""A plan whose limits are those of :func:`field_limits`."""
AGREES = 0.99
"""A field that allows this share of the estimate agrees with it: so good is its grid."""


def field_limits(plan: Plan) -> tuple[PathLimit, ...]:
    """For every path that the plan limits, the lower of its own estimate and what the field gives."""
    return tuple(_lower(plan, limit) for limit in plan.limits)


def bounded(plan: Plan) -> BoundedPlan:
    """The same plan with the limits that hold where something is energised."""
    return BoundedPlan(plan.model_copy(update={"limits": field_limits(plan)}))


def field_limit(plan: Plan, path: str) -> PathLimit | None:
    """The same for one path; None where the plan states no limit for it."""
    limit = plan.limit(path)
    return _lower(plan, limit) if limit is not None else None


def _lower(plan: Plan, by_hand: PathLimit) -> PathLimit:
    probe = plan.cards.probe
    if probe is None:
        return by_hand
    strip = plan.recipe.sample.layer(Role.CURRENT_COLLECTOR)
    names = {Role.CURRENT_COLLECTOR.value: strip.name} if strip is not None else {}
    sections = film_sections(plan, by_hand.path)
    field = [limit_of(probe, by_hand.path, (names.get(found.part, found.part), found.area_m2)) for found in sections]
    least = least_of([by_hand, *field])
    return least if least.current_a < AGREES * by_hand.current_a else by_hand
