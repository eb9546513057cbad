"""Lays the recipe's parts out on the chip."""

from shapely.affinity import rotate, translate

from fibplan.layout.clearance import polygon
from fibplan.layout.frame import rectangle, to_chip
from fibplan.layout.halo import widest_extent_um
from fibplan.layout.joint import bridge_outline, pad_outline
from fibplan.layout.lamella import layer_regions
from fibplan.layout.region import region
from fibplan.layout.support import routed_supports, stated_supports
from fibplan.layout.tips import tip_places
from fibplan.model.cards import Cards
from fibplan.model.echip_card import EchipCard
from fibplan.model.layout import ChipLayout, FiducialPlace, Part, Region
from fibplan.model.recipe import Cut, Placement, Recipe
from fibplan.model.steps import IsolationCut


def lay_out(recipe: Recipe, cards: Cards) -> ChipLayout | None:
    """Every region in the chip frame, from bottom to top; None for a recipe without a chip or without a placement."""
    placement, chip = recipe.lamella.placement, cards.echip
    if placement is None or chip is None:
        return None
    ground = [*_chip_regions(chip), *layer_regions(recipe, placement)]
    deposits = _deposits(recipe, chip, placement, ground)
    halos = [halo for deposit in deposits if (halo := _halo(deposit, cards)) is not None]
    cuts = [made for number, cut in enumerate(recipe.cuts) for made in _cut(recipe, cut, number, placement)]
    regions = [*ground, *halos, *deposits, *cuts]
    return ChipLayout(
        drawing=chip.drawing,
        regions=tuple(regions),
        tips=tip_places(recipe, chip, regions),
        fiducials=tuple(FiducialPlace(name=mark.name, place_um=(mark.x, mark.y)) for mark in chip.fiducials),
        die_um=chip.die_um,
    )


def _chip_regions(chip: EchipCard) -> list[Region]:
    half_width, half_height = chip.window.width / 2, chip.window.height / 2
    window = rectangle(-half_width, -half_height, half_width, half_height)
    regions = [region(Part.WINDOW, "window", "Si3N4 window", window, chip.window.thickness)]
    for electrode in chip.electrodes:
        label = "".join(word[0].upper() for word in electrode.name.split("_"))
        outline = polygon(electrode.outline_um)
        regions.append(region(Part.ELECTRODE, electrode.name, label, outline, electrode.thickness))
    for number, film in enumerate(chip.passivation):
        outline = polygon(film.outline_um)
        regions.append(region(Part.PASSIVATION, f"passivation_{number}", film.material, outline, film.thickness))
    return regions


def _deposits(recipe: Recipe, chip: EchipCard, placement: Placement, ground: list[Region]) -> list[Region]:
    """Bridge, supports and pads: what is told where to lie, then the bridge finds its way, the supports, the pads."""
    bridge = recipe.bridge
    welds = stated_supports(recipe, placement)
    laid: list[Region] = []
    if bridge is not None:
        outline = bridge_outline(recipe, bridge, chip, [*ground, *welds])
        laid.append(region(Part.BRIDGE, "bridge", "Pt bridge", outline, bridge.thickness))
    laid += welds
    laid += routed_supports(recipe, chip, [*ground, *laid])
    for pad in recipe.pads:
        outline = pad_outline(recipe, pad, chip, [*ground, *laid])
        if outline is not None:
            laid.append(region(Part.PAD, f"pad_{pad.terminal}", "landing pad", outline, pad.thickness))
    return laid


def _cut(recipe: Recipe, cut: Cut, number: int, placement: Placement) -> list[Region]:
    """The cut as its step mills it; nothing while there is no such step."""
    step = next((step for step in recipe.steps if step.name == cut.step), None)
    if not isinstance(step, IsolationCut):
        return []
    half_length, half_width = step.length / 2, step.width / 2
    turned = rotate(
        rectangle(-half_length, -half_width, half_length, half_width), cut.rotation, origin=(0, 0), use_radians=True
    )
    outline = to_chip(translate(turned, cut.x, cut.y), placement)
    return [region(Part.CUT, f"cut_{number}", "isolation cut", outline, step.depth)]


def _halo(deposit: Region, cards: Cards) -> Region | None:
    process = cards.gis.process("FIBID") if cards.gis else None
    if process is None or process.halo is None:
        return None
    extent = widest_extent_um(deposit.thickness_m, process.halo)
    if extent <= 0.0:
        return None
    outline = polygon(deposit.outline_um).buffer(extent, quad_segs=4)
    thickness = process.halo.percolation_thickness.low
    return region(Part.HALO, f"{deposit.name}_halo", "halo at its widest", outline, thickness)
