"""The lamella on its chip seen from above, in signs: conductors, deposits, and where the tips land."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from rich.text import Text

from fibplan.model.layout import ChipLayout, Part, Region, TipPlace
from fibplan.model.plan import Plan
from fibplan.wizard.screen import Lines, Page, line, wrapped

MARGIN_UM = 2.5
MARGIN_ABOVE_UM = 0.6
ROW_TO_COLUMN = 2.0
"""A sign is about twice as high as it is wide."""
SAMPLES = 5
"""Rows and columns of points that are looked at in each sign, so that a thin layer is not missed."""
ON_TOP = {Part.ELECTRODE: 0, Part.LAYER: 1, Part.NOTCH: 2, Part.PAD: 3, Part.BRIDGE: 4, Part.SUPPORT: 4, Part.CUT: 5}
STYLES = {
    Part.ELECTRODE: "yellow", Part.LAYER: "blue", Part.PAD: "green", Part.BRIDGE: "bold green",
    Part.SUPPORT: "green", Part.CUT: "red", Part.NOTCH: "dim",
}  # fmt: skip
FIXED = {Part.BRIDGE: "#", Part.SUPPORT: "+", Part.CUT: "x", Part.PAD: "o", Part.NOTCH: "."}


@dataclass(frozen=True)
class _View:
    """The piece of the chip that is drawn, in micrometres, and how many signs it has."""

    left: float
    top: float
    step: float
    columns: int
    rows: int

    def sign(self, x: float, y: float) -> tuple[int, int]:
        """Row and column of a place; it may lie outside."""
        return int((self.top - y) // (self.step * ROW_TO_COLUMN)), int((x - self.left) // self.step)


def plan_view(
    plan: Plan, page: Page, rows: int = 9, landings: Mapping[int, str] | None = None, beam: Part | None = None
) -> Lines:
    """The chip around the lamella, with the numbers of tips where they land; then a legend.

    ``landings`` are conductors by the number of the tip; ``beam`` is the part that the beam works on.
    """
    layout = plan.layout
    if layout is None:
        return ()
    shown = [region for region in layout.regions if region.part in ON_TOP]
    view = _view(shown, page.width, rows)
    signs = _signs(shown)
    cells = _cells(shown, signs, view, beam)
    tips = _land(cells, layout, view, landings or {}, signs)
    legend = _legend(shown, signs, cells)
    worked = [f"the beam works on {signs[region.name]} ({region.label})" for region in shown if region.part is beam]
    told = wrapped("; ".join([*tips, *worked]), page.width) if tips or worked else ()
    return (*(_assembled(row) for row in cells), *told, *wrapped(legend, page.width, "dim"))


Cell = tuple[str, str]
"""A sign and its style."""


def _view(shown: Sequence[Region], columns: int, rows: int) -> _View:
    corners = [corner for region in shown if region.part is not Part.ELECTRODE for corner in region.outline_um]
    xs, ys = zip(*corners, strict=True) if corners else ((-10.0, 10.0), (-5.0, 5.0))
    width, height = max(xs) - min(xs) + 2 * MARGIN_UM, max(ys) - min(ys) + 2 * MARGIN_ABOVE_UM
    step = max(width / columns, height / (rows * ROW_TO_COLUMN))
    middle_x, middle_y = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2
    return _View(middle_x - step * columns / 2, middle_y + step * ROW_TO_COLUMN * rows / 2, step, columns, rows)


def _signs(shown: Iterable[Region]) -> dict[str, str]:
    """One sign a region: a fixed one for what is deposited or cut, a letter of its label for the rest."""
    signs: dict[str, str] = {}
    for region in shown:
        letters = [letter for letter in region.label if letter.isalpha()]
        free = [letter for letter in [*letters, *map(str.swapcase, letters)] if letter not in signs.values()]
        signs[region.name] = FIXED.get(region.part) or (free[0] if free else "?")
    return signs


def _cells(shown: Sequence[Region], signs: dict[str, str], view: _View, beam: Part | None) -> list[list[Cell]]:
    offsets = (np.arange(SAMPLES) + 0.5) / SAMPLES
    xs = view.left + view.step * (np.arange(view.columns)[:, None] + offsets).ravel()
    ys = view.top - view.step * ROW_TO_COLUMN * (np.arange(view.rows)[:, None] + offsets).ravel()
    grid_x, grid_y = np.meshgrid(xs, ys)
    cells: list[list[Cell]] = [[(" ", "")] * view.columns for _ in range(view.rows)]
    for region in sorted(shown, key=_depth):
        inside = shapely.contains_xy(shapely.Polygon(region.outline_um), grid_x, grid_y)
        hit = inside.reshape(view.rows, SAMPLES, view.columns, SAMPLES).any(axis=(1, 3))
        style = "bold reverse red" if region.part is beam else STYLES[region.part]
        for row, column in np.argwhere(hit):
            cells[row][column] = (signs[region.name], style)
    return cells


def _depth(region: Region) -> tuple[int, float]:
    """Deposits over layers over electrodes, and the thin over the broad."""
    return ON_TOP[region.part], -float(shapely.Polygon(region.outline_um).area)


def _land(
    cells: list[list[Cell]], layout: ChipLayout, view: _View, landings: Mapping[int, str], signs: Mapping[str, str]
) -> list[str]:
    """Puts the tips into the drawing; what is said of each."""
    told: list[str] = []
    for number, terminal in landings.items():
        tip = next((tip for tip in layout.tips if tip.terminal == terminal), None)
        wanted = view.sign(*tip.place_um) if tip is not None else (view.rows // 2, view.columns // 2)
        inside = 0 <= wanted[0] < view.rows and 0 <= wanted[1] < view.columns
        row, column = min(max(wanted[0], 0), view.rows - 1), min(max(wanted[1], 0), view.columns - 1)
        if inside:
            row, column = _nearest(cells, signs.get(tip.on if tip is not None else terminal, ""), (row, column))
        if cells[row][column][0].isdigit():
            column += 1 if column + 1 < view.columns else -1
        cells[row][column] = (str(number), "bold reverse")
        where = f" at {_place(tip)}" if tip is not None else ""
        told.append(f"{number} on {_named(layout, terminal)}{where}{'' if inside else ', outside the drawing'}")
    return told


def _nearest(cells: list[list[Cell]], sign: str, place: tuple[int, int]) -> tuple[int, int]:
    """The place nearest to that one where the sign of the tip's conductor stands: one row may hold two layers."""
    row, column = place
    there = [(r, c) for r, line in enumerate(cells) for c, cell in enumerate(line) if cell[0] == sign]
    return min(there, key=lambda at: abs(at[0] - row) + abs(at[1] - column), default=place)


def _place(tip: TipPlace) -> str:
    x, y = tip.place_um
    membrane = ", over the membrane: in steps of some nm" if tip.over_membrane else ""
    return f"x {x:.3g}, y {y:.3g} um{membrane}"


def _named(layout: ChipLayout, terminal: str) -> str:
    region = layout.named(terminal)
    words = terminal.replace("_", " ")
    return f"{region.label} ({words})" if region is not None and region.label != words else words


def _legend(shown: Sequence[Region], signs: dict[str, str], cells: list[list[Cell]]) -> str:
    seen = {sign for row in cells for sign, _ in row}
    entries = {signs[region.name]: region.label for region in shown if signs[region.name] in seen}
    return "  ".join(f"{sign} {label}" for sign, label in entries.items())


def _assembled(row: Sequence[Cell]) -> Text:
    return Text.assemble(*row, end="") if row else line("")
