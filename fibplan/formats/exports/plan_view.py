"""The plan view around the lamella as a small picture in a page: greys and letters that survive a copying machine."""

from collections.abc import Sequence
from html import escape

from shapely import Polygon, box, union_all

from fibplan.layout.clearance import polygon
from fibplan.model.layout import ChipLayout, Part, Region

GREYS = {
    Part.ELECTRODE: "#d9d9d9",
    Part.LAYER: "#ffffff",
    Part.BRIDGE: "#808080",
    Part.SUPPORT: "#a6a6a6",
    Part.PAD: "#bfbfbf",
    Part.CUT: "#000000",
}
"""What is drawn, from bottom to top as the layout has it, and how dark."""

AROUND = (Part.LAYER, Part.BRIDGE, Part.SUPPORT, Part.CUT)
"""The picture shows all of these; an electrode or a pad may go beyond its edge."""

MARGIN = 0.12
HEIGHT_MM, WIDTH_MM = 120.0, 180.0
LETTER_MM = 6.0
"""A region that is thinner on paper than this has no letter, but its name under the picture."""

BARS_UM = (1, 2, 5, 10, 20, 50, 100)


def plan_view(layout: ChipLayout) -> str:
    """The picture with a scale bar, and under it a line that says what the letters are."""
    shown = [region for region in layout.regions if region.part in GREYS]
    x0, y0, x1, y1 = _frame(layout)
    drawn = [region for region in shown if polygon(region.outline_um).intersects(box(x0, y0, x1, y1))]
    unit = (x1 - x0) / 100
    shapes = "".join(_shape(region, unit) for region in drawn)
    least = LETTER_MM / WIDTH_MM * (x1 - x0)
    wide = [region for region in drawn if _thinnest(region) >= least]
    lettered = list(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", wide, strict=False))
    letters = "".join(_letter(letter, region, drawn, box(x0, y0, x1, y1)) for letter, region in lettered)
    bar = max((length for length in BARS_UM if length <= (x1 - x0) / 4), default=BARS_UM[0])
    scale = f'<rect x="{x0 + 2 * unit:.3f}" y="{-y0 - 2 * unit:.3f}" width="{bar}" height="{unit:.3f}" fill="#000"/>'
    seen = f"{x0:.3f} {-y1:.3f} {x1 - x0:.3f} {y1 - y0:.3f}"
    style = f"width:{WIDTH_MM:g}mm;height:{HEIGHT_MM:g}mm;max-width:100%;border:1pt solid #000"
    svg = f'<svg viewBox="{seen}" style="{style}">{shapes}{letters}{scale}</svg>'
    legend = ", ".join(f"{letter} {region.label}" for letter, region in lettered)
    thin = ", ".join(region.label for region in drawn if _thinnest(region) < least)
    unlettered = f"; too thin for a letter: {thin}" if thin else ""
    words = f"{legend}{unlettered}. Bar {bar} um. Drawn from the chip's card: {layout.drawing}."
    return f"{svg}<p>{escape(words)}</p>"


def _frame(layout: ChipLayout) -> tuple[float, float, float, float]:
    """West, south, east, north of what is shown, in um, in the shape of the picture."""
    shapes = [polygon(region.outline_um) for part in AROUND for region in layout.of(part)]
    x0, y0, x1, y1 = union_all(shapes).bounds
    across = max(x1 - x0, (y1 - y0) * WIDTH_MM / HEIGHT_MM) * (1 + 2 * MARGIN)
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    half_width, half_height = across / 2, across / 2 * HEIGHT_MM / WIDTH_MM
    return x - half_width, y - half_height, x + half_width, y + half_height


def _thinnest(region: Region) -> float:
    """The lesser side of its box, in um."""
    x0, y0, x1, y1 = polygon(region.outline_um).bounds
    return min(x1 - x0, y1 - y0)


def _shape(region: Region, unit: float) -> str:
    points = _points(region.outline_um)
    return f'<polygon points="{points}" fill="{GREYS[region.part]}" stroke="#000" stroke-width="{unit / 4:.3f}"/>'


def _points(corners: Sequence[tuple[float, float]]) -> str:
    """Downwards is positive in a picture."""
    return " ".join(f"{x:.3f},{-y:.3f}" for x, y in corners)


def _letter(letter: str, region: Region, drawn: Sequence[Region], frame: Polygon) -> str:
    """Where the region shows and nothing lies on it, if there is such a place; black on white."""
    above = [polygon(other.outline_um) for other in drawn[drawn.index(region) + 1 :]]
    whole = polygon(region.outline_um).intersection(frame)
    bare = whole.difference(union_all(above))
    place = (whole if bare.is_empty else bare).representative_point()
    size = LETTER_MM / WIDTH_MM * (frame.bounds[2] - frame.bounds[0])
    return (
        f'<text x="{place.x:.3f}" y="{-place.y + size / 3:.3f}" font-size="{size:.3f}" font-weight="bold" '
        f'text-anchor="middle" stroke="#fff" stroke-width="{size / 4:.3f}" paint-order="stroke">{letter}</text>'
    )
