"""What may move in a thickness ladder: the thicknesses, voltages and currents that each of its rungs can be set to.

The rungs after the last trench keep their names and their order. The last one keeps its thickness, and so does a rung
after which the lamella is undercut, welded, lifted or measured: no card says what other thickness that would bear.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from fibplan.checks.ladder import SLACK, rungs
from fibplan.milling.beam import edge_offset_m, probe_of
from fibplan.milling.damage import deepest_damage, entry_thickness
from fibplan.model.fib_card import FibCard
from fibplan.model.plan import Operation, Plan
from fibplan.model.recipe import Recipe
from fibplan.model.steps import CleaningCrossSection, MillTrench, Polish, Thin
from fibplan.units import parse, show

Moving = CleaningCrossSection | Thin | Polish
"""The rungs whose settings may move; a trench keeps its own."""

DIGITS = 12
"""More than any quantity is written with."""

BETWEEN = 12
"""Thicknesses tried between the first and the last, beside those at which a rule begins to hold."""


class Goal(StrEnum):
    """What a ladder is made for."""

    TIME = "time"
    DAMAGE = "damage"


class Setting(NamedTuple):
    """What a rung leaves, in metres, and with which beam, in volts and amperes."""

    leaves_m: float
    voltage_v: float
    current_a: float


@dataclass(frozen=True)
class Rung:
    """A movable rung as it is written, in metres before it, and all that it can be set to."""

    operation: Operation
    step: Moving
    before_m: float
    written: Setting
    settings: tuple[Setting, ...]


def moving_rungs(plan: Plan) -> list[Operation]:
    """The rungs after the last trench, in their order."""
    ladder = rungs(plan)
    trenches = [index for index, rung in enumerate(ladder) if isinstance(rung.step, MillTrench)]
    return ladder[trenches[-1] + 1 :] if trenches else []


def movable(plan: Plan, goal: Goal, held: Iterable[int] = ()) -> list[Rung]:
    """Every moving rung with its possible settings; those at the recipe positions ``held`` keep all that is written."""
    found = moving_rungs(plan)
    thicknesses = _thicknesses(plan, found, goal)
    kept = set(held)
    return [
        _rung(operation, plan, goal, thicknesses if _free(operation, plan) else (), operation.position in kept)
        for operation in found
    ]


def set_to(recipe: Recipe, ladder: Sequence[tuple[Rung, Setting]]) -> Recipe:
    """The recipe with these rungs at these settings."""
    steps = list(recipe.steps)
    for rung, setting in ladder:
        leaves, voltage, current = setting
        update = {"leaves": leaves, "accelerating_voltage": voltage, "beam_current": current}
        steps[rung.operation.position] = rung.step.model_copy(update=update)
    return recipe.model_copy(update={"steps": tuple(steps)})


def written_as(value: float, unit: str) -> str:
    """The value with the fewest digits that read back as the same number."""
    texts = (show(value, unit, digits) for digits in range(1, DIGITS))
    return next((text for text in texts if parse(text, unit) == value), show(value, unit, DIGITS))


def _free(operation: Operation, plan: Plan) -> bool:
    """Whether nothing comes between this rung and the next one."""
    following = plan.operations[plan.operations.index(operation) + 1 :][:1]
    return bool(following) and isinstance(following[0].step, Moving)


def _rung(operation: Operation, plan: Plan, goal: Goal, thicknesses: Sequence[float], kept: bool) -> Rung:
    step = operation.step
    assert isinstance(step, Moving)
    written = Setting(step.leaves, step.accelerating_voltage, step.beam_current)
    settings = [] if kept else _settings(operation, step, plan, goal, [*thicknesses, step.leaves])
    possible = tuple(sorted({written, *settings}))
    return Rung(operation, step, operation.thickness_before_m or math.inf, written, possible)


def _settings(
    operation: Operation, step: Moving, plan: Plan, goal: Goal, thicknesses: Sequence[float]
) -> Iterable[Setting]:
    """Every setting that alone, whatever comes before and after it, breaks no rule."""
    final, last = plan.recipe.lamella.final_thickness, operation is moving_rungs(plan)[-1]
    for voltage in _voltages(step, plan, goal, last=last):
        for current in _currents(operation, step, plan, voltage, last=last):
            probe = None if last else probe_of(plan.cards.fib, voltage, current)
            least = plan.cards.fib.shape.edge_offset.expected * (probe or 0.0)
            for leaves in thicknesses:
                if edge_offset_m(leaves, final) >= least:
                    yield Setting(leaves, voltage, current)


def _voltages(step: Moving, plan: Plan, goal: Goal, *, last: bool) -> list[float]:
    """The step's own, and for the sake of damage every lower one where the faces are finished."""
    if goal is Goal.TIME or not (last or isinstance(step, Polish)):
        return [step.accelerating_voltage]
    known = {beam.accelerating_voltage for beam in plan.cards.fib.beams if beam.particle == "Ga"}
    return [*sorted(voltage for voltage in known if voltage < step.accelerating_voltage), step.accelerating_voltage]


def _currents(operation: Operation, step: Moving, plan: Plan, voltage_v: float, *, last: bool) -> list[float]:
    """Apertures of the card at that voltage.

    No more than the step's own where no rule can tell how far the probe reaches: on the final face itself, and where
    the card knows no probe diameter. Over the membrane no more than it is advised to bear, or the step's own.
    """
    fib, most = plan.cards.fib, math.inf
    if last or probe_of(fib, voltage_v, step.beam_current) is None:
        most = step.beam_current
    elif operation.membrane_dose is not None and plan.cards.echip is not None:
        most = max(step.beam_current, plan.cards.echip.window.beam_current_advised)
    return [current for current in _apertures(fib, voltage_v) if current <= most * (1 + 1e-9)]


def _apertures(fib: FibCard, voltage_v: float) -> list[float]:
    beams = [b for b in fib.beams if b.particle == "Ga" and math.isclose(b.accelerating_voltage, voltage_v)]
    return sorted({aperture.beam_current for beam in beams for aperture in beam.apertures})


def _thicknesses(plan: Plan, found: Sequence[Operation], goal: Goal) -> list[float]:
    """Metres between the first and the final thickness, each as short as it can be written.

    For given currents the time is linear in what every rung leaves, so that it is least where a rule begins to hold:
    those thicknesses are in, also one rung's least removal above or below them.
    """
    if not found:
        return []
    start, final = found[0].thickness_before_m or 0.0, plan.recipe.lamella.final_thickness
    begins = {
        _rounded_up(metres) for metres in [*_offset_thresholds(plan, found), *_entry_thresholds(plan, found, goal)]
    }
    least = 2 * deepest_damage(plan.recipe.sample, plan.cards.materials, found[0].accelerating_voltage_v or 0.0)
    beside = {_rounded_up(metres + side * least) for metres in begins for side in (-1, 1)}
    spread = {_rounded_up(final * (start / final) ** (share / BETWEEN)) for share in range(1, BETWEEN)}
    written = {rung.thickness_after_m or 0.0 for rung in found}
    return sorted(metres for metres in begins | beside | spread | written if final + SLACK < metres < start - SLACK)


def _offset_thresholds(plan: Plan, found: Sequence[Operation]) -> Iterable[float]:
    """What is left where the pattern's edge is just far enough from the final face, for every aperture."""
    fib, final = plan.cards.fib, plan.recipe.lamella.final_thickness
    for voltage in {rung.accelerating_voltage_v or 0.0 for rung in found}:
        for current in _apertures(fib, voltage):
            probe = probe_of(fib, voltage, current)
            if probe is not None:
                yield final + 2 * fib.shape.edge_offset.expected * probe


def _entry_thresholds(plan: Plan, found: Sequence[Operation], goal: Goal) -> list[float]:
    """From what the last polish, and any polish before it, must start at the least, at any voltage it may have."""
    reached = {plan.recipe.lamella.final_thickness}
    begins: set[float] = set()
    for earlier, rung in reversed(list(pairwise(found))):
        if not isinstance(rung.step, Polish) or not isinstance(earlier.step, Moving):
            break
        own = {_harm(plan, volts) for volts in _voltages(rung.step, plan, goal, last=rung is found[-1])}
        before = {_harm(plan, volts) for volts in _voltages(earlier.step, plan, goal, last=False)}
        reached = {entry_thickness(to, deep, shallow) for to in reached for deep in before for shallow in own}
        begins |= reached
    return sorted(begins)


def _harm(plan: Plan, voltage_v: float) -> float:
    return deepest_damage(plan.recipe.sample, plan.cards.materials, voltage_v)


def _rounded_up(metres: float) -> float:
    """To whole nanometres, above a micrometre to ten of them; a value that is whole already stays."""
    step = 1 if metres < 1e-6 else 10
    nanometres = math.ceil(metres * 1e9 / step - 1e-6) * step
    return parse(f"{nanometres} nm", "m")
