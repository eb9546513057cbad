"""Where everything lies in plan view, as plain outlines in the chip frame (micrometres)."""

from enum import StrEnum

from fibplan.model.base import Frozen, PointUm


class Part(StrEnum):
    """What a region is."""

    WINDOW = "window"
    ELECTRODE = "electrode"
    PASSIVATION = "passivation"
    LAYER = "layer"
    NOTCH = "notch"
    BRIDGE = "bridge"
    SUPPORT = "support"
    PAD = "pad"
    HALO = "halo"
    CUT = "cut"


class Region(Frozen):
    """One outlined area: ``name`` is an electrode's or a layer role's name, thickness in metres.

    Of a notch the thickness is that of the lamella, which it goes through; of a cut it is the depth.
    """

    part: Part
    name: str
    label: str
    outline_um: tuple[PointUm, ...]
    thickness_m: float


class TipPlace(Frozen):
    """Where the tip for a terminal lands: on which region, and whether there is only the membrane under that."""

    terminal: str
    on: str
    place_um: PointUm
    over_membrane: bool


class FiducialPlace(Frozen):
    """A mark of the chip that is found again on the stage of another microscope."""

    name: str
    place_um: PointUm


class ChipLayout(Frozen):
    """Every region on the chip, drawn from bottom to top in this order, where the tips land, and the chip's marks."""

    drawing: str
    regions: tuple[Region, ...]
    tips: tuple[TipPlace, ...] = ()
    fiducials: tuple[FiducialPlace, ...] = ()
    die_um: tuple[PointUm, ...] | None = None
    """The edge of the chip, where its card says it."""

    def named(self, name: str) -> Region | None:
        """The region with that name, or None."""
        return next((region for region in self.regions if region.name == name), None)

    def of(self, part: Part) -> tuple[Region, ...]:
        return tuple(region for region in self.regions if region.part is part)
