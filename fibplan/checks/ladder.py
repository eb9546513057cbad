"""Rules about the thickness ladder and the damage it leaves."""

import math
from collections.abc import Iterator
from itertools import pairwise

from fibplan.checks.found import at, error, warning
from fibplan.milling.damage import deepest_damage, entry_thickness
from fibplan.model.finding import Finding
from fibplan.model.plan import Operation, Plan
from fibplan.model.steps import MillTrench, Polish, Thinning
from fibplan.units import show

SLACK = 1e-9
"""Metres: thicknesses that differ by less are the same."""


def starts_with_trench(plan: Plan) -> Iterator[Finding]:
    """The ladder's first rung is a trench: until one is milled there are no faces to thin."""
    rungs = _rungs(plan)
    if rungs and not isinstance(rungs[0].step, MillTrench):
        message = f"'{rungs[0].name}' thins a lamella that no trench has set free yet"
        yield error("ladder-without-trench", at(rungs[0]), message, "begin with a mill_trench step")


def never_grows(plan: Plan) -> Iterator[Finding]:
    """No step leaves more than it found."""
    for rung in _rungs(plan):
        before, after = rung.thickness_before_m, rung.thickness_after_m
        if before is not None and after is not None and after > before + SLACK:
            message = f"'{rung.name}' leaves {show(after, 'm')} of a lamella that is {show(before, 'm')} thick"
            yield error("thickness-grows", at(rung, "leaves"), message, f"leave less than {show(before, 'm')}")


def removes_something(plan: Plan) -> Iterator[Finding]:
    """Every rung takes something off."""
    for rung in _rungs(plan):
        before, after = rung.thickness_before_m, rung.thickness_after_m
        if before is not None and after is not None and abs(after - before) <= SLACK:
            message = f"'{rung.name}' leaves the {show(before, 'm')} it found"
            yield warning("thickness-stays", at(rung, "leaves"), message, "leave less, or take the step out")


def ends_at_target(plan: Plan) -> Iterator[Finding]:
    """The last rung leaves the final thickness that the lamella is meant to have."""
    rungs = _rungs(plan)
    target = plan.recipe.lamella.final_thickness
    if rungs and not math.isclose(rungs[-1].thickness_after_m or 0.0, target, rel_tol=1e-6):
        message = (
            f"the ladder ends at {show(rungs[-1].thickness_after_m or 0.0, 'm')}, the lamella at {show(target, 'm')}"
        )
        yield error(
            "ladder-misses-target", at(rungs[-1], "leaves"), message, f"let the last step leave {show(target, 'm')}"
        )


def current_never_grows(plan: Plan) -> Iterator[Finding]:
    """Beam currents fall down the ladder: a larger probe would eat what a smaller one has shaped."""
    for earlier, later in pairwise(_rungs(plan)):
        first, second = earlier.beam_current_a or 0.0, later.beam_current_a or 0.0
        if second > first * (1 + 1e-9):
            message = f"'{later.name}' mills with {show(second, 'A')} after {show(first, 'A')}"
            yield warning("current-grows", at(later, "beam_current"), message, f"use {show(first, 'A')} or less")


def polish_removes_damage(plan: Plan) -> Iterator[Finding]:
    """A polish starts thick enough to take away the damage that was made before it."""
    for earlier, rung in pairwise(_rungs(plan)):
        step = rung.step
        if not isinstance(step, Polish) or rung.thickness_before_m is None or rung.damage_before_m is None:
            continue
        own = deepest_damage(plan.recipe.sample, plan.cards.materials, step.accelerating_voltage)
        needed = entry_thickness(step.leaves, rung.damage_before_m, own)
        if rung.thickness_before_m < needed - SLACK:
            yield error(
                "polish-leaves-damage",
                at(rung, "leaves"),
                f"'{rung.name}' takes {show((rung.thickness_before_m - step.leaves) / 2, 'm')} off each face, but "
                f"{show(rung.damage_before_m, 'm')} are damaged and it damages {show(own, 'm')} itself",
                f"let '{earlier.name}' leave at least {show(math.ceil(needed * 1e9) * 1e-9, 'm')}",
            )


def thin_enough(plan: Plan) -> Iterator[Finding]:
    """The lamella ends thin enough for the TEM it is made for."""
    if plan.cards.tem is None:
        return
    limit, target = plan.cards.tem.transparent_thickness.expected, plan.recipe.lamella.final_thickness
    if target > limit:
        message = f"{show(target, 'm')} is more than the {show(limit, 'm')} that {plan.cards.tem.title} sees through"
        yield warning(
            "too-thick-for-tem", ("lamella", "final_thickness"), message, f"thin to {show(limit, 'm')} or less"
        )


def _rungs(plan: Plan) -> list[Operation]:
    return [operation for operation in plan.operations if isinstance(operation.step, Thinning)]
