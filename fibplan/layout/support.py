"""The welds that hold the lamella: each where it is told to be, or where the substrate's edge has room for it."""

import numpy as np
from shapely import Polygon, box, contains, distance, prepare, union_all
from shapely.geometry.base import BaseGeometry

from fibplan.layout.clearance import polygon
from fibplan.layout.frame import rectangle, to_chip, to_lamella
from fibplan.layout.lamella import upright
from fibplan.layout.region import region
from fibplan.model.echip_card import EchipCard
from fibplan.model.layout import Part, Region
from fibplan.model.recipe import Placement, Recipe, Role, Support

PLACES = 600
"""Places along the lamella that are tried for a support: one every 25 nm of an ordinary lamella."""

CLEAR_UM = 0.1
"""What a support that finds its own place keeps clear of every metal by: as much as patterns can be placed to."""

METALS = (Part.ELECTRODE, Part.BRIDGE, Part.PAD, Part.SUPPORT)
STRIPS = (Role.CURRENT_COLLECTOR, Role.PROTECTIVE_LAYER)


def supports_of(recipe: Recipe) -> tuple[Support, ...]:
    """All welds that the recipe asks for, in its order."""
    return (*((recipe.support,) if recipe.support is not None else ()), *recipe.supports)


def stated_supports(recipe: Recipe, placement: Placement) -> list[Region]:
    """Those whose position the recipe states."""
    return [
        support_region(support, support.position, placement, number)
        for number, support in enumerate(supports_of(recipe))
        if support.position is not None
    ]


def routed_supports(recipe: Recipe, chip: EchipCard, placed: list[Region]) -> list[Region]:
    """Those that find their own place, one after the other; ``placed`` is all that lies there already.

    Of n supports the i-th wants the middle of the i-th n-th of the substrate's edge, and takes the nearest place that
    has room. Where there is none it is drawn in the middle, so that the drawing and the rules show what is wrong.
    """
    placement, supports = recipe.lamella.placement, supports_of(recipe)
    assert placement is not None
    found: list[Region] = []
    for number, support in enumerate(supports):
        if support.position is None:
            wanted = recipe.lamella.length * (number + 0.5) / len(supports)
            place = admissible_position(recipe, support, wanted, chip, [*placed, *found])
            found.append(support_region(support, wanted if place is None else place, placement, number))
    return found


def support_region(support: Support, position: float, placement: Placement, number: int) -> Region:
    """A weld across the substrate edge, ``overlap`` of it on the lamella and the rest on the membrane."""
    name = "support" if number == 0 else f"support_{number + 1}"
    return region(
        Part.SUPPORT, name, "support weld", to_chip(_outline(support, position), placement), support.thickness
    )


def admissible_position(
    recipe: Recipe, support: Support, wanted: float, chip: EchipCard, placed: list[Region]
) -> float | None:
    """The place along the lamella, in um and nearest to the wanted one, where the weld keeps off every metal.

    It lies whole on the substrate's edge, inside the window. None where there is no such place.
    """
    placement, length = recipe.lamella.placement, recipe.lamella.length
    assert placement is not None
    half = support.length / 2
    if half * 2 > length:
        return None
    tried = np.round(np.linspace(half, length - half, PLACES), 3)
    lower, upper = (np.full(PLACES, y) for y in (support.overlap - support.width, support.overlap))
    welds = box(tried - half, lower, tried + half, upper)
    avoided, window = _avoided(recipe, placed, placement), to_lamella(_window(chip), placement)
    prepare(window)
    free = contains(window, welds) & (distance(welds, avoided) >= CLEAR_UM if not avoided.is_empty else True)
    if not free.any():
        return None
    return float(min(tried[free], key=lambda place: abs(place - wanted)))


def kept_off(recipe: Recipe, placed: list[Region]) -> list[Region]:
    """The metals that no support may touch; under an upright lamella's foot no layer is in reach."""
    strips = () if upright(recipe) else STRIPS
    return [entry for entry in placed if entry.part in METALS or (entry.part is Part.LAYER and entry.name in strips)]


def _avoided(recipe: Recipe, placed: list[Region], placement: Placement) -> BaseGeometry:
    return union_all([to_lamella(polygon(entry.outline_um), placement) for entry in kept_off(recipe, placed)])


def _outline(support: Support, position: float) -> Polygon:
    near, far = position - support.length / 2, position + support.length / 2
    return rectangle(near, support.overlap - support.width, far, support.overlap)


def _window(chip: EchipCard) -> Polygon:
    half_width, half_height = chip.window.width / 2, chip.window.height / 2
    return rectangle(-half_width, -half_height, half_width, half_height)
