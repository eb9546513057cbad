"""Where everything lies in plan view, as plain outlines in the chip frame (micrometres)."""

from enum import StrEnum

from fibplan.model.base import Frozen, PointUm


class Part(StrEnum):
    """What a region is."""

    WINDOW = "window"
    ELECTRODE = "electrode"
    LAYER = "layer"
    BRIDGE = "bridge"
    SUPPORT = "support"
    HALO = "halo"


class Region(Frozen):
    """One outlined area: ``name`` is an electrode's or a layer role's name, thickness in metres."""

    part: Part
    name: str
    label: str
    outline_um: tuple[PointUm, ...]
    thickness_m: float


class ChipLayout(Frozen):
    """Every region on the chip, drawn from bottom to top in this order."""

    drawing: str
    regions: tuple[Region, ...]

    def named(self, name: str) -> Region | None:
        """The region with that name, or None."""
        return next((region for region in self.regions if region.name == name), None)

    def of(self, part: Part) -> tuple[Region, ...]:
        return tuple(region for region in self.regions if region.part is part)
