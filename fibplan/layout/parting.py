"""What would part a halo from the cap: a notch at the landing, or isolation cuts between them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from shapely import Polygon

from fibplan.layout.clearance import polygon
from fibplan.layout.frame import rectangle, to_chip, to_lamella
from fibplan.layout.halo import halo_joins
from fibplan.layout.lamella import layer_regions, layer_span_um
from fibplan.layout.region import region
from fibplan.model.layout import Part, Region
from fibplan.model.recipe import Notch, Placement, Recipe, Role
from fibplan.units import UM

CUT_WIDTH_UM = 0.3
"""The least that an isolation cut is made wide (operator practice, unverified: 0.3 to 1 um)."""

BESIDE_UM = 0.5
"""How far beside the lamella's end a cut goes down to the membrane."""

LONGEST_SHARE = 0.5
"""Of the lamella's length: a notch that takes more is not worth it."""


@dataclass(frozen=True)
class CutOffer:
    """A cut in the lamella frame: length and width in um, middle, and whether it is turned by 90 degrees."""

    length: float
    width: float
    x: float
    y: float
    upright: bool = False

    @property
    def words(self) -> str:
        """As somebody would write it into a recipe."""
        turned = ", rotation 90 deg" if self.upright else ""
        return f"{self.length:g} um x {self.width:g} um at x {self.x:g} um, y {self.y:g} um{turned}"

    @property
    def outline(self) -> Polygon:
        length, width = (self.width, self.length) if self.upright else (self.length, self.width)
        return rectangle(self.x - length / 2, self.y - width / 2, self.x + length / 2, self.y + width / 2)


def notch_that_parts(recipe: Recipe, bridge: Region, near: Sequence[Region], extent_um: float) -> Notch | None:
    """The shortest notch, in tenths of a micrometre, that a halo of that extent does not lead across from ``near``.

    None where the bridge lands at no end of the lamella, or where more than half of the lamella would be lost.
    """
    first, last = _along(recipe, bridge)
    length = recipe.lamella.length
    for end, lands, reach in (("near", first <= 0 < last, last), ("far", first < length <= last, length - first)):
        taken = math.ceil(10 * (reach + extent_um) + 1e-6) / 10
        if lands and taken <= LONGEST_SHARE * length:
            notch = Notch.model_construct(end=end, length=taken)
            if _parts(recipe, notch, bridge, near, extent_um):
                return notch
    return None


def cuts_that_part(recipe: Recipe, bridge: Region, near: Sequence[Region], extent_um: float) -> list[CutOffer]:
    """Cuts between bridge and cap that no halo of that extent leads around from ``near``; none where that cannot be.

    One runs along the lamella, half-way between collector and cap. Where the bridge comes in at an end, a second one
    stands beside that end, from the first one up to where the halo is too thin.
    """
    placement = recipe.lamella.placement
    cap = layer_span_um(recipe.sample, Role.PROTECTIVE_LAYER)
    collector = layer_span_um(recipe.sample, Role.CURRENT_COLLECTOR)
    if placement is None or cap is None or collector is None or recipe.bridge is None:
        return []
    gap = cap[0] - collector[1]
    width = min(CUT_WIDTH_UM, gap / 2)
    middle = collector[1] + gap / 2
    first, last = _along(recipe, bridge)
    length = recipe.lamella.length
    start, end = max(first - extent_um, -BESIDE_UM), min(last + extent_um, length + BESIDE_UM)
    offers = [_rounded(end - start, width, (start + end) / 2, middle)]
    rise = gap / 2 + extent_um + width
    if first <= 0:
        offers.append(_rounded(rise, width, start + width / 2, middle - width / 2 + rise / 2, upright=True))
    if last >= length:
        offers.append(_rounded(rise, width, end - width / 2, middle - width / 2 + rise / 2, upright=True))
    cuts = [region(Part.CUT, "cut", "cut", to_chip(offer.outline, placement), 0.0) for offer in offers]
    apart = not halo_joins(bridge, extent_um, cuts, near, _cap(recipe, placement))
    clear = all(polygon(cut.outline_um).disjoint(polygon(bridge.outline_um)) for cut in cuts)
    return offers if apart and clear else []


def _along(recipe: Recipe, bridge: Region) -> tuple[float, float]:
    """From where to where the bridge lies in the band of the lamella, along it."""
    placement = recipe.lamella.placement
    assert placement is not None
    height = recipe.sample.height * UM
    band = rectangle(-BESIDE_UM, 0.0, recipe.lamella.length + BESIDE_UM, height)
    met = to_lamella(polygon(bridge.outline_um), placement).intersection(band)
    return (0.0, 0.0) if met.is_empty else (met.bounds[0], met.bounds[2])


def _parts(recipe: Recipe, notch: Notch, bridge: Region, near: Sequence[Region], extent_um: float) -> bool:
    """Whether that notch takes the cap out of the halo of the bridge as it lies."""
    placement = recipe.lamella.placement
    assert recipe.bridge is not None
    assert placement is not None
    notched = recipe.model_copy(update={"bridge": recipe.bridge.model_copy(update={"notch": notch})})
    return not halo_joins(bridge, extent_um, (), near, _cap(notched, placement))


def _cap(recipe: Recipe, placement: Placement) -> Region:
    return next(layer for layer in layer_regions(recipe, placement) if layer.name == Role.PROTECTIVE_LAYER)


def _rounded(length: float, width: float, x: float, y: float, *, upright: bool = False) -> CutOffer:
    """To 10 nm, the length upwards."""
    return CutOffer(math.ceil(100 * length) / 100, round(width, 2), round(x, 2), round(y, 2), upright)
