"""How each part is filled so that it is told apart without colour: a grey of its own, a hatch, an outline."""

from typing import Any, Literal, NamedTuple

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Polygon

from fibplan.model.layout import ChipLayout, Part, Region
from fibplan.model.recipe import Role


class Fill(NamedTuple):
    """Face colour (its lightness alone tells neighbours apart), hatch, and style of the outline."""

    face: str
    hatch: str = ""
    outline: Literal["-", "--", ":"] = "-"
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
    Part.PASSIVATION: Fill("#f4f4f4", "////", outline="--", alpha=0.35),
    Part.NOTCH: Fill("none", outline=":"),
    Part.HALO: Fill("none", outline="--"),
    Part.BRIDGE: Fill("#8c8c8c", "|||", alpha=0.75),
    Part.SUPPORT: Fill("#a8a8a8", "ooo", alpha=0.75),
    Part.PAD: Fill("#bcbcbc", "+++", alpha=0.75),
    Part.CUT: Fill("#ffffff", "/////"),
}
TIP: dict[str, Any] = {
    "marker": "o", "markersize": 5.0, "markerfacecolor": "white", "markeredgecolor": "black", "markeredgewidth": 0.9,
    "zorder": 8,
}  # fmt: skip
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
        linewidth=0.9 if region.part in (Part.HALO, Part.NOTCH) else 0.5,
    )
    if fill.alpha is not None:
        patch.set_facecolor((fill.face, fill.alpha))
    patch.set_gid(name)
    return patch


def add_tips(axes: Axes, layout: ChipLayout) -> None:
    """A ring with a point in it wherever a tip lands."""
    for tip in layout.tips:
        (ring,) = axes.plot(*tip.place_um, **TIP, linestyle="none")
        ring.set_gid(f"{axes.get_gid()}-tip-{tip.terminal}")
        axes.plot(*tip.place_um, marker="o", markersize=1.4, color="black", zorder=9, linestyle="none")


def tip_swatch() -> Line2D:
    """Its entry of a legend."""
    return Line2D([], [], **TIP, linestyle="none", label="where a tip lands")


def fiducial_swatch() -> Line2D:
    """The same for a mark of the chip."""
    return Line2D([], [], marker="+", markersize=6.0, color="black", linestyle="none", label="fiducial")


def swatch(fill: Fill, label: str) -> Patch:
    """The entry of a legend."""
    face = fill.face if fill.alpha is None else (fill.face, fill.alpha)
    return Patch(facecolor=face, edgecolor="black", hatch=fill.hatch, linestyle=fill.outline, label=label)
