"""Rules about what the beam leaves behind: damage, gallium, and a cap that has been eaten."""

import math
from collections.abc import Iterator
from itertools import pairwise

from fibplan.checks.ladder import SLACK, rungs
from fibplan.checks.rule import ERROR, PRACTICE, WARNING, Found, at, rule
from fibplan.milling.damage import deepest_damage, entry_thickness
from fibplan.model.plan import Plan
from fibplan.model.recipe import Role
from fibplan.model.steps import Polish
from fibplan.units import show

ISTFA = "ISTFA 2004 p. 563; McCaffrey et al., Ultramicroscopy 87 (2001) 97"
MOST_DAMAGED = 0.5


@rule("polish-leaves-damage", ERROR, ISTFA)
def polish_removes_damage(plan: Plan) -> Iterator[Found]:
    """A polish starts thick enough to take away the damage that was made before it."""
    for earlier, rung in pairwise(rungs(plan)):
        step = rung.step
        if not isinstance(step, Polish) or rung.thickness_before_m is None or rung.damage_before_m is None:
            continue
        own = deepest_damage(plan.recipe.sample, plan.cards.materials, step.accelerating_voltage)
        needed = entry_thickness(step.leaves, rung.damage_before_m, own)
        if rung.thickness_before_m < needed - SLACK:
            off = (rung.thickness_before_m - step.leaves) / 2
            yield Found(
                at(rung, "leaves"),
                f"'{rung.name}' takes {show(off, 'm')} off each face, but {show(rung.damage_before_m, 'm')} are "
                f"damaged and it damages {show(own, 'm')} itself",
                f"let '{earlier.name}' leave at least {show(math.ceil(needed * 1e9) * 1e-9, 'm')}",
            )


@rule("polish-at-full-voltage", WARNING, ISTFA)
def polish_gentler(plan: Plan) -> Iterator[Found]:
    """A polish uses less voltage than the step before it, or it removes no damage."""
    for earlier, rung in pairwise(rungs(plan)):
        voltage = rung.accelerating_voltage_v or 0.0
        if isinstance(rung.step, Polish) and voltage >= (earlier.accelerating_voltage_v or 0.0):
            message = f"'{rung.name}' polishes at the {show(voltage, 'V')} of the step before it"
            yield Found(at(rung, "accelerating_voltage"), message, "use a lower voltage, such as 5 kV")


@rule("no-polish", WARNING, ISTFA)
def polished_at_last(plan: Plan) -> Iterator[Found]:
    """The ladder ends with a polish."""
    for last in rungs(plan)[-1:]:
        if not isinstance(last.step, Polish) and (last.damage_m or 0.0) > 0:
            message = f"the faces keep the {show(last.damage_m or 0.0, 'm')} of damage of '{last.name}'"
            yield Found(at(last), message, "end with a polish at low voltage")


@rule("mostly-damaged", ERROR, "Holmstroem et al., arXiv 1201.1407")
def mostly_sound(plan: Plan) -> Iterator[Found]:
    """At least half of every layer's thickness is undamaged in the end."""
    for layer in plan.finish:
        if layer.damaged_share > MOST_DAMAGED:
            yield Found(
                ("lamella", "final_thickness"),
                f"{layer.damaged_share:.0%} of the {layer.layer} will be damaged ({show(layer.damage_m, 'm')} a face)",
                "keep the lamella thicker, or polish at a lower voltage",
            )


@rule("cap-lost", ERROR, PRACTICE)
def cap_survives(plan: Plan) -> Iterator[Found]:
    """Enough of the cap is left in the end, as far as can be expected."""
    yield from _cap(plan, missing=True)


@rule("cap-doubtful", WARNING, PRACTICE)
def cap_survives_surely(plan: Plan) -> Iterator[Found]:
    """Enough of the cap is left even with a margin of two."""
    yield from _cap(plan, missing=False)


def _cap(plan: Plan, *, missing: bool) -> Iterator[Found]:
    least, left = plan.cards.fib.shape.least_cap.expected, plan.cap_left_m
    if left is None or (left.expected < least) is not missing:
        return
    if missing or left.expected < 2 * least:
        stack = plan.recipe.sample.stack
        index = next(index for index, layer in enumerate(stack) if layer.role is Role.PROTECTIVE_LAYER)
        yield Found(
            ("sample", "stack", index, "thickness"),
            f"the beam's tails leave {left} of the cap",
            f"deposit {show(stack[index].thickness + 2 * least - left.expected, 'm', 2)} or more",
        )
