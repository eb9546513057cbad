"""The ion dose that each operation brings onto the chip's membrane, and what the membrane bears."""

from collections.abc import Sequence

from shapely import union_all
from shapely.geometry.base import BaseGeometry

from fibplan.layout.clearance import polygon
from fibplan.milling.membrane import (
    closing_dose,
    dose_budget,
    heating_k,
    imaging_dose,
    perforation_dose,
    spread_dose,
)
from fibplan.model.cards import Cards
from fibplan.model.echip_card import Window
from fibplan.model.interval import Interval, total
from fibplan.model.layout import ChipLayout, Part, Region
from fibplan.model.materials import Material
from fibplan.model.plan import MembraneDose, Operation
from fibplan.model.recipe import Recipe
from fibplan.model.steps import Beamed, Deposit, IsolationCut, MillNotch, Step, StepBase, Transfer, Weld
from fibplan.planning.deposits import deposit_outline
from fibplan.units import UM

SLIVER_UM2 = 1e-3
"""Layers that touch may leave as much between them once they are turned and rounded."""


def on_membrane(
    steps: Sequence[Step], step: Beamed, recipe: Recipe, cards: Cards, layout: ChipLayout | None = None
) -> bool:
    """Whether the ion beam of that step works over the membrane.

    So it does after the last transfer of a recipe with a chip, but for a pattern that the layout shows over the frame.
    """
    if cards.echip is None or recipe.lamella.placement is None or getattr(step, "process", "") == "FEBID":
        return False
    moves = [index for index, entry in enumerate(steps) if isinstance(entry, Transfer)]
    if not moves or step not in steps[moves[-1] :]:
        return False
    place = pattern_outline(step, recipe, layout)
    return layout is None or place is None or place.intersection(_membrane(layout)).area > SLIVER_UM2


def pattern_outline(step: StepBase, recipe: Recipe, layout: ChipLayout | None) -> BaseGeometry | None:
    """Where the step's pattern lies on the chip, in um; None where nothing says it."""
    if layout is None:
        return None
    match step:
        case Deposit() | Weld():
            place = deposit_outline(step, layout)
        case IsolationCut():
            place = _shape(cuts_of(step, recipe, layout))
        case MillNotch():
            place = _shape(layout.of(Part.NOTCH))
        case _:
            place = _shape(layout.of(Part.LAYER))
    return None if place.is_empty else place


def cuts_of(step: IsolationCut, recipe: Recipe, layout: ChipLayout | None) -> list[Region]:
    """The cuts of the layout that the step mills."""
    names = {f"cut_{number}" for number, cut in enumerate(recipe.cuts) if cut.step == step.name}
    return [cut for cut in layout.of(Part.CUT) if cut.name in names] if layout is not None else []


def membrane_dose(
    step: Beamed, dose_c: Interval, recipe: Recipe, cards: Cards, layout: ChipLayout | None = None
) -> Interval:
    """C/m2 at the most exposed place under that step, the look that places it included.

    Under a deposit only the dose before its film is closed counts. What mills a lamella that lies flat is spread over
    the lamella's own outline. A cut that stays within the lamella spares the membrane; one whose place nothing says is
    taken to lie beside it.
    """
    look = imaging_dose(cards.fib.imaging)
    match step:
        case Deposit() | Weld():
            process = cards.gis.process(step.process) if cards.gis else None
            closing = closing_dose(process) if process is not None else None
            return total([look, *([closing] if closing is not None else [])], "C/m2")
        case IsolationCut():
            drawn = cuts_of(step, recipe, layout)
            if layout is not None and drawn and not any(_beside_lamella(cut, layout) for cut in drawn):
                return look
            return total([look, spread_dose(dose_c, step.length * step.width * max(1, len(drawn)))], "C/m2")
        case MillNotch() if layout is not None and layout.of(Part.NOTCH):
            return total([look, spread_dose(dose_c, _shape(layout.of(Part.NOTCH)).area)], "C/m2")
        case _:
            outline = recipe.lamella.length * recipe.sample.height * UM
            return total([look, spread_dose(dose_c, outline)], "C/m2")


def membrane_summary(
    operations: Sequence[Operation], recipe: Recipe, cards: Cards, layout: ChipLayout | None = None
) -> MembraneDose | None:
    """The doses added up where they are most, beside what the membrane bears.

    A look exposes all of the membrane around the lamella, a pattern only where it lies. None without a chip or without
    a beam over it.
    """
    exposed = [operation for operation in operations if operation.membrane_dose is not None]
    chip = cards.echip
    if chip is None or not exposed:
        return None
    membrane = cards.materials[chip.window.material]
    perforation = perforation_dose(chip.window, membrane)
    if perforation is None:
        return None
    looks = [dose for op in exposed if not isinstance(op.step, Beamed) and (dose := op.membrane_dose) is not None]
    worked = [operation for operation in exposed if isinstance(operation.step, Beamed)]
    places = [pattern_outline(operation.step, recipe, layout) for operation in worked]
    sums = [_summed(place, worked, places) for place in places]
    return MembraneDose(
        total=total([*sorted(sums, key=lambda dose: dose.expected)[-1:], *looks], "C/m2"),
        budget=dose_budget(chip.window, perforation),
        perforation=perforation,
        heating_k=_strongest_heating(exposed, chip.window, membrane),
    )


def _summed(
    place: BaseGeometry | None, exposed: Sequence[Operation], places: Sequence[BaseGeometry | None]
) -> Interval:
    """C/m2 at that place: every look, and every pattern that meets it or that may lie anywhere."""
    doses: list[Interval] = []
    for operation, other in zip(exposed, places, strict=True):
        meets = place is None or other is None or place.intersects(other)
        dose = operation.membrane_dose if meets else operation.look_dose
        doses += [dose] if dose is not None else []
    return total(doses, "C/m2")


def _strongest_heating(exposed: Sequence[Operation], window: Window, membrane: Material) -> Interval | None:
    """Kelvin, by the largest current of those over the membrane."""
    strongest = max(exposed, key=lambda operation: operation.beam_current_a or 0.0)
    return heating_k(window, membrane, strongest.accelerating_voltage_v or 0.0, strongest.beam_current_a or 0.0)


def _beside_lamella(cut: Region, layout: ChipLayout) -> bool:
    """Whether the cut meets the membrane: beside the lamella, in its notch, or deeper than the lamella is thick."""
    lamella = layout.of(Part.LAYER)
    thickness = min((layer.thickness_m for layer in lamella), default=0.0)
    over = polygon(cut.outline_um).intersection(_membrane(layout))
    return not over.is_empty and (cut.thickness_m >= thickness or over.difference(_shape(lamella)).area > SLIVER_UM2)


def _membrane(layout: ChipLayout) -> BaseGeometry:
    return _shape(layout.of(Part.WINDOW))


def _shape(regions: Sequence[Region]) -> BaseGeometry:
    return union_all([polygon(region.outline_um) for region in regions])
