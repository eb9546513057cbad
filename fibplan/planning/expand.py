"""Recipe and cards to a plan: every step becomes an operation with volume, dose, time, thickness and damage."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fibplan.layout.place import lay_out
from fibplan.milling.damage import damage_after, deepest_damage
from fibplan.milling.duration import deposition_time, dose, milling_time
from fibplan.milling.removal import removed_by
from fibplan.model.cards import Cards
from fibplan.model.interval import Interval, total
from fibplan.model.layout import ChipLayout
from fibplan.model.plan import Operation, Plan
from fibplan.model.recipe import Recipe
from fibplan.model.steps import (
    Beamed,
    CleaningCrossSection,
    Deposit,
    HandOff,
    LiftOut,
    Measure,
    MillTrench,
    Polish,
    Removal,
    Step,
    Thin,
    Thinning,
    Transfer,
    Weld,
)
from fibplan.planning.deposits import deposit_volume_um3
from fibplan.planning.limits import path_limits
from fibplan.planning.order import ordered


@dataclass(frozen=True)
class Bound:
    """A recipe with all that its steps refer to."""

    recipe: Recipe
    cards: Cards
    layout: ChipLayout | None


@dataclass(frozen=True)
class Progress:
    """Where the lamella and the column stand between two operations (metres; volts and amperes)."""

    thickness_m: float | None = None
    damage_m: float = 0.0
    beam: tuple[float, float] | None = None


def expand(recipe: Recipe, cards: Cards) -> Plan:
    """The plan of a recipe whose steps have an order (see :func:`fibplan.planning.order.order_findings`)."""
    layout = lay_out(recipe, cards)
    position = {step.name: index for index, step in enumerate(recipe.steps)}
    progress = Progress()
    operations: list[Operation] = []
    measured_at: float | None = None
    for step in ordered(recipe.steps):
        operation = _operation(step, position[step.name], Bound(recipe, cards, layout), progress)
        operations.append(operation)
        progress = _after(operation, progress)
        if isinstance(step, Measure):
            measured_at = progress.thickness_m
    return Plan(
        recipe=recipe,
        cards=cards,
        operations=tuple(operations),
        layout=layout,
        limits=path_limits(recipe, cards, measured_at),
        measured_thickness_m=measured_at,
    )


def _operation(step: Step, position: int, bound: Bound, progress: Progress) -> Operation:
    bare = Operation(
        name=step.name,
        kind=step.kind,
        step=step,
        position=position,
        after=step.after,
        duration_s=total(_overheads(step, bound.cards, progress), "s"),
        thickness_before_m=progress.thickness_m,
        thickness_after_m=step.leaves if isinstance(step, Thinning) else progress.thickness_m,
        damage_before_m=progress.damage_m,
        damage_m=_damage(step, bound, progress),
    )
    return _with_beam(bare, step, bound, progress) if isinstance(step, Beamed) else bare


def _with_beam(bare: Operation, step: Beamed, bound: Bound, progress: Progress) -> Operation:
    volume, beam_on = _work(step, bound, progress)
    return bare.model_copy(
        update={
            "accelerating_voltage_v": step.accelerating_voltage,
            "beam_current_a": step.beam_current,
            "volume_um3": volume,
            "beam_on_s": beam_on,
            "dose_c": dose(beam_on, step.beam_current),
            "duration_s": total([beam_on, bare.duration_s], "s"),
        }
    )


def _work(step: Beamed, bound: Bound, progress: Progress) -> tuple[float, Interval]:
    """Volume in um3 that the step removes or deposits, and the time with the beam on."""
    recipe, cards = bound.recipe, bound.cards
    if isinstance(step, Deposit | Weld):
        volume = deposit_volume_um3(step, recipe, bound.layout)
        process = cards.gis.process(step.process) if cards.gis else None
        if process is None:
            return volume, total([], "s")
        return volume, deposition_time(process, volume, step.beam_current)
    assert isinstance(step, Removal)
    process = cards.gis.process("FIBID") if cards.gis else None
    film = process.material if process else recipe.sample.stack[-1].material
    factors = cards.fib.volume_factors
    removed = removed_by(step, recipe, progress.thickness_m, factors=factors, deposited=film)
    time = milling_time(removed, cards.materials, step.accelerating_voltage, step.beam_current)
    return sum(part.volume_um3 for part in removed), time


def _overheads(step: Step, cards: Cards, progress: Progress) -> Sequence[Interval]:
    """What the person and the stage take beside the beam."""
    times = cards.fib.overheads
    match step:
        case LiftOut():
            return [times.lift_out]
        case Transfer():
            return [times.transfer]
        case Measure():
            return [times.measurement] * len(step.paths)
        case HandOff():
            return [times.hand_off]
        case _:
            beam = (step.accelerating_voltage, step.beam_current)
            change = [] if beam == progress.beam else [times.current_change]
            gas = [times.gis_insertion] if isinstance(step, Deposit | Weld) else []
            return [*change, *gas, times.stage_move, times.imaging]


def _damage(step: Step, bound: Bound, progress: Progress) -> float:
    """Depth of the damaged side wall after the step; only steps that mill the faces change it."""
    if not isinstance(step, MillTrench | CleaningCrossSection | Thin | Polish):
        return progress.damage_m
    own = deepest_damage(bound.recipe.sample, bound.cards.materials, step.accelerating_voltage)
    before = progress.thickness_m
    removed = (before - step.leaves) / 2 if before is not None else float("inf")
    return damage_after(progress.damage_m, max(0.0, removed), own)


def _after(operation: Operation, progress: Progress) -> Progress:
    beam = progress.beam
    if operation.accelerating_voltage_v is not None and operation.beam_current_a is not None:
        beam = (operation.accelerating_voltage_v, operation.beam_current_a)
    return replace(
        progress,
        thickness_m=operation.thickness_after_m,
        damage_m=operation.damage_m or progress.damage_m,
        beam=beam,
    )
