"""How each part is filled so that it is told apart without colour: a grey of its own, a hatch, an outline."""

from typing import Literal, NamedTuple

from matplotlib.patches import Patch, Polygon

from fibplan.model.layout import Part, Region
from fibplan.model.recipe import Role


class Fill(NamedTuple):
    """Face colour (its lightness alone tells neighbours apart), hatch, and style of the outline."""

    face: str
    hatch: str = ""
    outline: Literal["-", "--"] = "-"
    alpha: float | None = None


LAYERS = {
    Role.SUBSTRATE: Fill("#e6e6e6"),
    Role.BARRIER: Fill("#202020"),
    Role.CURRENT_COLLECTOR: Fill("#7f9fbf", "////"),
    Role.ELECTROLYTE: Fill("#fbf6dc", "...."),
    Role.ACTIVE_LAYER: Fill("#ffffff", "xxxxx"),
    Role.PROTECTIVE_LAYER: Fill("#dcc9ab", "\\\\\\"),
}
PARTS = {
    Part.WINDOW: Fill("#ffffff"),
    Part.ELECTRODE: Fill("#cfcfcf", "---"),
    Part.HALO: Fill("none", outline="--"),
    Part.BRIDGE: Fill("#8c8c8c", "|||", alpha=0.75),
    Part.SUPPORT: Fill("#a8a8a8", "ooo", alpha=0.75),
}
FRAME = Fill("#b4b4b4", "....")
"""What lies around the window."""


def fill_of(region: Region) -> Fill:
    return LAYERS[Role(region.name)] if region.part is Part.LAYER else PARTS[region.part]


def outlined(region: Region, name: str) -> Polygon:
    """The region as a patch with exactly its outline, found again under ``name``."""
    fill = fill_of(region)
    patch = Polygon(
        region.outline_um,
        closed=True,
        facecolor="none" if fill.alpha is not None else fill.face,
        edgecolor="black",
        hatch=fill.hatch,
        linestyle=fill.outline,
        linewidth=0.9 if region.part is Part.HALO else 0.5,
    )
    if fill.alpha is not None:
        patch.set_facecolor((fill.face, fill.alpha))
    patch.set_gid(name)
    return patch


def swatch(fill: Fill, label: str) -> Patch:
    """The entry of a legend."""
    face = fill.face if fill.alpha is None else (fill.face, fill.alpha)
    return Patch(facecolor=face, edgecolor="black", hatch=fill.hatch, linestyle=fill.outline, label=label)
