"""Recipe and cards to a plan: every step becomes an operation with volume, dose, time, thickness and damage."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fibplan.layout.place import lay_out
from fibplan.milling.column import Column
from fibplan.milling.damage import damaged_share, lasting
from fibplan.milling.duration import deposition_time, dose, milling_time
from fibplan.milling.membrane import imaging_dose
from fibplan.milling.removal import Removed, removed_by
from fibplan.model.cards import Cards
from fibplan.model.interval import Interval, total
from fibplan.model.layout import ChipLayout
from fibplan.model.plan import LayerFinish, Operation, Plan, RateUsed
from fibplan.model.recipe import Recipe
from fibplan.model.steps import (
    Beamed,
    Deposit,
    HandOff,
    IsolationCut,
    LiftOut,
    Measure,
    Removal,
    Step,
    Thinning,
    Transfer,
    Weld,
)
from fibplan.planning.deposits import deposit_volume_um3
from fibplan.planning.faces import Faces, milled, untouched
from fibplan.planning.limits import path_limits
from fibplan.planning.membrane import cuts_of, membrane_dose, membrane_summary, on_membrane
from fibplan.planning.order import ordered


@dataclass(frozen=True)
class Bound:
    """A recipe with all that its steps refer to."""

    recipe: Recipe
    cards: Cards
    layout: ChipLayout | None
    steps: tuple[Step, ...]
    """In the order in which they are done."""

    @property
    def column(self) -> Column:
        return Column.of(self.cards)


@dataclass(frozen=True)
class Progress:
    """Where the lamella and the column (volts, amperes) stand between two operations."""

    faces: Faces
    beam: tuple[float, float] | None = None


def expand(recipe: Recipe, cards: Cards) -> Plan:
    """The plan of a recipe whose steps have an order (see :func:`fibplan.planning.order.order_findings`)."""
    bound = Bound(recipe, cards, lay_out(recipe, cards), tuple(ordered(recipe.steps)))
    position = {step.name: index for index, step in enumerate(recipe.steps)}
    progress = Progress(untouched(recipe))
    operations: list[Operation] = []
    measured_at: float | None = None
    for step in bound.steps:
        operation, progress = _operation(step, position[step.name], bound, progress)
        operations.append(operation)
        if isinstance(step, Measure):
            measured_at = progress.faces.thickness_m
    return Plan(
        recipe=recipe,
        cards=cards,
        operations=tuple(operations),
        layout=bound.layout,
        limits=path_limits(recipe, cards, measured_at),
        measured_thickness_m=measured_at,
        finish=_finish(recipe, progress.faces),
        cap_left_m=progress.faces.cap_m,
        membrane=membrane_summary(operations, recipe, cards, bound.layout),
    )


def _operation(step: Step, position: int, bound: Bound, progress: Progress) -> tuple[Operation, Progress]:
    """The operation of a step and where things stand after it."""
    before = progress.faces
    bare = Operation(
        name=step.name,
        kind=step.kind,
        step=step,
        position=position,
        after=step.after,
        duration_s=total(_overheads(step, bound.cards, progress), "s"),
        thickness_before_m=before.thickness_m,
        thickness_after_m=before.thickness_m,
        damage_before_m=before.deepest_damage_m,
        damage_m=before.deepest_damage_m,
        cap_left_m=before.cap_m,
    )
    return _with_beam(bare, step, bound, progress) if isinstance(step, Beamed) else (bare, progress)


def _with_beam(bare: Operation, step: Beamed, bound: Bound, progress: Progress) -> tuple[Operation, Progress]:
    volume, time, rates = _work(step, bound, progress.faces)
    dose_c = dose(time, step.beam_current)
    faces = progress.faces
    if isinstance(step, Thinning):
        faces = milled(faces, step, dose_c, bound.recipe, bound.column)
    recipe, cards, layout = bound.recipe, bound.cards, bound.layout
    exposed = on_membrane(bound.steps, step, recipe, cards, layout)
    operation = bare.model_copy(
        update={
            "accelerating_voltage_v": step.accelerating_voltage,
            "beam_current_a": step.beam_current,
            "volume_um3": volume,
            "beam_on_s": time,
            "dose_c": dose_c,
            "duration_s": total([time, bare.duration_s], "s"),
            "thickness_after_m": faces.thickness_m,
            "damage_m": faces.deepest_damage_m,
            "cap_left_m": faces.cap_m,
            "membrane_dose": membrane_dose(step, dose_c, recipe, cards, layout) if exposed else None,
            "look_dose": imaging_dose(cards.fib.imaging) if exposed else None,
            "rates": rates,
        }
    )
    return operation, replace(progress, faces=faces, beam=(step.accelerating_voltage, step.beam_current))


def _work(step: Beamed, bound: Bound, faces: Faces) -> tuple[float, Interval, tuple[RateUsed, ...]]:
    """Volume in um3 that the step removes or deposits, the time with the beam on, and the rates of what it removes."""
    if isinstance(step, Deposit | Weld):
        volume = deposit_volume_um3(step, bound.recipe, bound.layout)
        process = bound.cards.gis.process(step.process) if bound.cards.gis else None
        time = deposition_time(process, volume, step.beam_current) if process is not None else total([], "s")
        return volume, time, ()
    assert isinstance(step, Removal)
    removed = _removed(step, bound, faces)
    rated = bound.column.rated(removed, step)
    rates = {rate.material: rate for _, rate in rated}
    return sum(part.volume_um3 for part in removed), milling_time(rated, step.beam_current), tuple(rates.values())


def _removed(step: Removal, bound: Bound, faces: Faces) -> list[Removed]:
    process = bound.cards.gis.process("FIBID") if bound.cards.gis else None
    film = process.material if process else bound.recipe.sample.stack[-1].material
    patterns = bound.cards.fib.patterns
    removed = removed_by(step, bound.recipe, faces.thickness_m, patterns=patterns, deposited=film)
    times = len(cuts_of(step, bound.recipe, bound.layout)) if isinstance(step, IsolationCut) else 1
    return [Removed(part.material, part.volume_um3 * max(1, times)) for part in removed]


def _overheads(step: Step, cards: Cards, progress: Progress) -> Sequence[Interval]:
    """What the person and the stage take beside the beam."""
    times = cards.fib.overheads
    match step:
        case LiftOut():
            return [times.lift_out]
        case Transfer():
            return [times.transfer]
        case Measure():
            loading = cards.probe.loading if cards.probe is not None else None
            return [*([loading] if loading is not None else []), *[times.measurement] * len(step.paths)]
        case HandOff():
            return [times.hand_off]
        case _:
            beam = (step.accelerating_voltage, step.beam_current)
            change = [] if beam == progress.beam else [times.current_change]
            gas = [times.gis_insertion] if isinstance(step, Deposit | Weld) else []
            return [*change, *gas, times.stage_move, times.imaging]


def _finish(recipe: Recipe, faces: Faces) -> tuple[LayerFinish, ...]:
    """How each layer ends; nothing for a lamella that was never thinned."""
    thickness = faces.thickness_m
    if thickness is None:
        return ()
    return tuple(
        LayerFinish(
            layer=layer.name,
            role=layer.role,
            damage_m=faces.damage_m[layer.name],
            damaged_share=damaged_share(faces.damage_m[layer.name].expected, thickness),
            gallium_m=faces.gallium_m.get(layer.name),
        )
        for layer in lasting(recipe.sample)
        if layer.name in faces.damage_m
    )
