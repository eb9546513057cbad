"""The sheet that every picture is drawn on: size, type, black-and-white style, scale bar, watermark, file bytes."""

import math
import textwrap
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any, Literal

from matplotlib import style
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fibplan.units import show

FileFormat = Literal["png", "svg"]
FORMATS: tuple[FileFormat, ...] = ("png", "svg")

WIDTH_MM = 120.0
INCH_MM = 25.4
DPI = 300
SMALL_PT = 6.0
BODY_PT = 6.5
TITLE_PT = 8.0
LINE_SPACING = 1.25
LINE_MM = LINE_SPACING * BODY_PT * INCH_MM / 72.0
"""From one line of body text to the next."""
CAPITAL = 0.73
"""Height of a capital over the size of the type."""
CHARACTERS_PER_MM = 0.78
"""Of body text, on the average."""

STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": BODY_PT,
    "axes.labelsize": BODY_PT,
    "axes.titlesize": BODY_PT,
    "axes.titlepad": 3.0,
    "axes.linewidth": 0.6,
    "axes.formatter.use_mathtext": False,
    "axes.unicode_minus": True,
    "xtick.labelsize": SMALL_PT,
    "ytick.labelsize": SMALL_PT,
    "xtick.major.width": 0.5,
    "ytick.major.width": 0.5,
    "xtick.major.size": 2.0,
    "ytick.major.size": 2.0,
    "legend.fontsize": SMALL_PT,
    "legend.frameon": False,
    "legend.handlelength": 2.4,
    "legend.handleheight": 1.1,
    "legend.columnspacing": 1.4,
    "hatch.linewidth": 0.4,
    "lines.linewidth": 0.8,
    "patch.linewidth": 0.5,
    "figure.dpi": DPI,
    "savefig.dpi": DPI,
    "svg.fonttype": "path",
    "svg.hashsalt": "fibplan",
}


@contextmanager
def printed() -> Generator[None]:
    """The style of every figure, as a context or a decorator; a matplotlibrc does not reach inside it."""
    with style.context(["default", STYLE]):
        yield


def new_figure(height_mm: float) -> Figure:
    """An empty sheet of the common width."""
    return Figure(figsize=(WIDTH_MM / INCH_MM, height_mm / INCH_MM), facecolor="white")


def sheet_height_mm(figure: Figure) -> float:
    """Of the whole sheet."""
    return float(figure.get_figheight()) * INCH_MM


def legend_at_foot(figure: Figure, entries: Sequence[Artist], above_mm: float = 2.0) -> None:
    """The entries in three columns, so far above the sheet's lower edge."""
    corner = (0.01, above_mm / sheet_height_mm(figure))
    figure.legend(handles=entries, loc="lower left", ncols=3, bbox_to_anchor=corner, borderaxespad=0)


def axes_at(figure: Figure, left_mm: float, bottom_mm: float, width_mm: float, height_mm: float) -> Axes:
    """Axes whose frame has that place and size on the sheet."""
    height = sheet_height_mm(figure)
    return figure.add_axes((left_mm / WIDTH_MM, bottom_mm / height, width_mm / WIDTH_MM, height_mm / height))


def write_at(
    figure: Figure, left_mm: float, top_mm: float, text: str, *, size: float = BODY_PT, bold: bool = False
) -> None:
    """Lines that begin so far from the sheet's left edge; ``top_mm`` is the top of the first line's capitals.

    Each line stands on a baseline of its own, so that the letters in it do not move it.
    """
    point = INCH_MM / 72.0
    height = sheet_height_mm(figure)
    weight = "bold" if bold else "normal"
    for place, line in enumerate(text.split("\n")):
        baseline = top_mm - (CAPITAL + LINE_SPACING * place) * size * point
        figure.text(left_mm / WIDTH_MM, baseline / height, line, size=size, weight=weight, va="baseline")


HEADING_MM = 6.0
"""Room for the heading without what stands under it."""


def heading_mm(subject: str) -> float:
    """The height that a heading with this second line takes."""
    return HEADING_MM + LINE_MM * (wrapped(subject, WIDTH_MM - 6.0).count("\n") + 1)


def headed_sheet(title: str, subject: str, below_mm: float) -> Figure:
    """A sheet with what the picture shows, below it of what, and so much room under both."""
    figure = new_figure(heading_mm(subject) + below_mm)
    head(figure, title, subject)
    return figure


def head(figure: Figure, title: str, subject: str) -> None:
    """What the picture shows, and below it of what."""
    height = sheet_height_mm(figure)
    write_at(figure, 3.0, height - 2.0, title, size=TITLE_PT, bold=True)
    write_at(figure, 3.0, height - HEADING_MM, wrapped(subject, WIDTH_MM - 6.0))


def shortened(text: str, width_mm: float) -> str:
    """The text, cut with an ellipsis where it would be wider than that in bold."""
    room = int(width_mm * CHARACTERS_PER_MM * 0.85)
    return text if len(text) <= room else f"{text[: room - 1]}\u2026"


def wrapped(text: str, width_mm: float) -> str:
    """The text broken into lines of about that width."""
    return "\n".join(textwrap.wrap(text, max(8, int(width_mm * CHARACTERS_PER_MM))))


def quantity(value: float, unit: str, digits: int = 3) -> str:
    """A value with its engineering prefix, spelled as in print.

    >>> quantity(2e-6, "m"), quantity(1.25e7, "ohm")
    ('2 µm', '12.5 MΩ')
    """
    return show(value, unit, digits).replace(" u", " µ").replace("ohm", "Ω")


def extent(length_m: float, width_m: float) -> str:
    """Length by width.

    >>> extent(1.5e-5, 2e-6)
    '15 µm \u00d7 2 µm'
    """
    return f"{quantity(length_m, 'm')} \u00d7 {quantity(width_m, 'm')}"


def round_length(at_most: float) -> float:
    """The largest 1, 2 or 5 times a power of ten that is not above ``at_most``.

    >>> round_length(7.3), round_length(0.19), round_length(20)
    (5.0, 0.1, 20.0)
    """
    decade = 10.0 ** math.floor(math.log10(at_most))
    return round(max(step for step in (1, 2, 5) if step * decade <= at_most * (1 + 1e-12)) * decade, 12)


SCALE_BAR_MM = (20.0, 7.0)
"""The room a scale bar with its plate takes at most."""


def scale_bar(axes: Axes, corner: tuple[float, float], unit_mm: float) -> None:
    """A bar of a round length in um with its label, on a white plate whose lower left corner is ``corner``.

    ``unit_mm`` is how many millimetres of the sheet one micrometre takes.
    """
    mm = 1.0 / unit_mm
    length = round_length((SCALE_BAR_MM[0] - 3.0) * mm)
    x, y = corner
    width = max(length + 3.0 * mm, 13.0 * mm)
    plate = Rectangle(corner, width, SCALE_BAR_MM[1] * mm, facecolor="white", edgecolor="black", zorder=8)
    bar = Rectangle((x + (width - length) / 2, y + 1.2 * mm), length, 1.0 * mm, color="black", linewidth=0, zorder=9)
    bar.set_gid(f"scale-bar-{axes.get_gid()}")
    axes.add_patch(plate)
    axes.add_patch(bar)
    axes.text(x + width / 2, y + 4.5 * mm, quantity(length * 1e-6, "m"), ha="center", va="center", zorder=9)


def watermark(figure: Figure) -> None:
    """SIMULATED across the whole sheet."""
    mark = figure.text(
        0.5, 0.5, "SIMULATED", size=44, weight="bold", color="black", alpha=0.16, rotation=28, ha="center", va="center"
    )
    mark.set_gid("simulated")


@printed()
def render(figure: Figure, file_format: FileFormat) -> bytes:
    """The figure as a file: the same bytes whenever and wherever the same version of matplotlib draws it."""
    stream = BytesIO()
    if file_format == "png":
        FigureCanvasAgg(figure).print_png(stream, metadata={"Software": None})
    else:
        FigureCanvasSVG(figure).print_svg(stream, metadata={"Date": None, "Creator": None})
    return stream.getvalue()


def pictures(figures: Mapping[str, Figure]) -> dict[str, bytes]:
    """Each figure as a file in every format, by the file's name."""
    return {f"{name}.{kind}": render(figure, kind) for name, figure in figures.items() for kind in FORMATS}
