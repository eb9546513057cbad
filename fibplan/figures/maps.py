"""Potential and current density over the plan view, one volt between the tips of a path."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Polygon as Outline
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from fibplan.circuit.field.grid import bounds_between
from fibplan.circuit.field.maps import FilmMap
from fibplan.circuit.maps import PathField
from fibplan.figures.canvas import (
    CHARACTERS_PER_MM,
    SCALE_BAR_MM,
    SMALL_PT,
    WIDTH_MM,
    axes_at,
    headed_sheet,
    printed,
    quantity,
    write_at,
)
from fibplan.figures.panel import Panel, add_scale_bar, fitted, grown, head_panel, open_axes, with_room_below

LEFT_MM, NAMES_MM, BAR_MM = 12.0, 23.0, 13.0
"""Left of the panels; for the names of the films and the colour bar, right of them."""
COLOURS = "cividis"
"""Made for colour-blind readers, and its lightness alone rises from end to end (Nunez et al., PLoS ONE 13 (2018))."""
DECADES = 3
"""Of current density below the greatest; less is drawn as the least."""
PERCENTILE = 99.5
"""The greatest that is drawn: at a sharp corner the density grows without limit as the grid is refined."""
BESIDE_UM = 0.8
"""Shown around the films; three times as much where the electrode is."""
NAME_MM = 2.6
"""Between the names of two films at least."""
ROOM_MM = 1.0
"""Left and right of a name inside its film."""
PLATE = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}

SPOTS = 21
"""Places along each direction that a name inside its film is tried at."""

Values = NDArray[np.float64]


@dataclass(frozen=True)
class _View:
    """One of the two panels: its name, what it shows, and how far above the sheet's lower edge it stands."""

    name: str
    panel: Panel
    bottom_mm: float


@printed()
def maps_figure(title: str, path: str, field: PathField) -> Figure:
    """Both maps of a path; axes in um of the lamella's frame, the uppermost film shown where several lie."""
    panel = _view(field)
    read = f"{quantity(field.ohm, 'ohm')} without the tips"
    head = f"{title}. Path '{path}', {read}; expected values, {_halo_words(field)}."
    figure = headed_sheet("Where the current runs, plan view", head, 2 * panel.height_mm + 36.0)
    lower, upper = 14.0, 14.0 + panel.height_mm + 13.0
    density = _densities(field)
    scale = LogNorm(density / 10**DECADES, density)
    _map(figure, _View("potential", panel, upper), field, _volts, Normalize(0.0, 1.0))
    head_panel(figure, "a", "Potential, 1 V between the tips (V)", upper + panel.height_mm)
    _map(figure, _View("density", panel, lower), field, _density, scale)
    what = f"Current per width of film, 1 V between the tips (A/m), {DECADES} decades"
    head_panel(figure, "b", what, lower + panel.height_mm)
    foot = "Crosses: tips within the view. White inside an outline: nothing joins it to a tip. x along the lamella."
    write_at(figure, 3.0, 4.2, foot, size=SMALL_PT)
    return figure


def _halo_words(field: PathField) -> str:
    """Whether a halo is among the films."""
    halos = any(film.film.startswith("halo") for film, _ in field.films)
    return "with the halo as far as it conducts" if halos else "at which no halo conducts"


def _volts(film: FilmMap) -> Values:
    return film.volts


def _density(film: FilmMap) -> Values:
    return np.where(np.isnan(film.volts), np.nan, np.hypot(*film.density_a_per_m))


def _densities(field: PathField) -> float:
    """The greatest density that is drawn; 1 A/m where none flows."""
    found = np.concatenate([_density(film).ravel() for film, _ in field.films])
    joined = found[~np.isnan(found)]
    greatest = float(np.percentile(joined, PERCENTILE)) if joined.size else 0.0
    return greatest if greatest > 0 else 1.0


def _view(field: PathField) -> Panel:
    """Bridge and lamella, with what is near of electrode and pads."""
    near = shapely.union_all(
        [outline for film, outline in field.films if not film.film.startswith(("electrode", "pad"))]
    )
    x0, y0, x1, y1 = grown(near.bounds, BESIDE_UM)
    panel = fitted((x0 - 2 * BESIDE_UM, y0, x1, y1), WIDTH_MM - LEFT_MM - NAMES_MM - BAR_MM, 18.0, 75.0)
    return with_room_below(panel, SCALE_BAR_MM[1] + 1.0)


def _map(figure: Figure, view: _View, field: PathField, of: Callable[[FilmMap], Values], scale: Normalize) -> None:
    panel, bottom_mm = view.panel, view.bottom_mm
    axes = open_axes(figure, panel, LEFT_MM, bottom_mm, view.name)
    axes.set_facecolor("white")
    for film, outline in field.films:
        values = np.ma.masked_invalid(of(film))
        floor = scale.vmin if isinstance(scale, LogNorm) else None
        shown: Any = values if floor is None else np.ma.maximum(values, floor)
        axes.pcolormesh(
            bounds_between(film.x_um), bounds_between(film.y_um), shown, cmap=COLOURS, norm=scale, rasterized=True
        )
        for part in shapely.get_parts(outline):
            corners = np.array(part.exterior.coords)
            axes.add_patch(Outline(corners, closed=True, facecolor="none", edgecolor="black", linewidth=0.4))
    for x, y in field.tips:
        if panel.x0 < x < panel.x1 and panel.y0 < y < panel.y1:
            axes.plot(x, y, "x", color="black", markersize=5, markeredgewidth=2.2)
            axes.plot(x, y, "x", color="white", markersize=4.4, markeredgewidth=1.0)
    _name_films(axes, field, panel)
    axes.set_xlabel("x, lamella frame (µm)", labelpad=1.5)
    axes.set_ylabel("y (µm)", labelpad=2.5)
    drawn = [outline.intersection(panel.view) for _, outline in field.films]
    add_scale_bar(axes, panel, drawn)
    bar = axes_at(figure, WIDTH_MM - BAR_MM, bottom_mm, 3.0, panel.height_mm)
    figure.colorbar(ScalarMappable(scale, COLOURS), cax=bar)


def _name_films(axes: Axes, field: PathField, panel: Panel) -> None:
    """The layers beside the panel at their heights, the rest inside itself."""
    mm = 1.0 / panel.mm_per_um
    beside: list[tuple[float, float, str]] = []
    placed: list[BaseGeometry] = []
    for film, outline in field.films:
        seen = outline.intersection(panel.view)
        if " on " in film.film or seen.is_empty:
            continue
        name = film.film.split(" ")[0]
        if name in ("electrode", "bridge", "pad", "halo"):
            spot = _clear_of(seen, field, film.film, mm)
            half = (len(name) / CHARACTERS_PER_MM / 2 + ROOM_MM) * mm
            room = shapely.box(spot[0] - half, spot[1] - 2.0 * mm, spot[0] + half, spot[1] + 2.0 * mm)
            if name == "halo" and any(room.intersects(other) for other in placed):
                continue  # the head tells of it
            placed.append(room)
            axes.text(spot[0], spot[1], name, ha="center", va="center", size=SMALL_PT, bbox=PLATE)
        else:
            x, y = _thinnest(seen)
            beside.append((y, x, film.film.replace("_", " ")))
    lowest = -np.inf
    for y, x, name in sorted(beside):
        at = max(y, lowest + NAME_MM * mm)
        lowest = at
        axes.annotate(
            name, (x, y), (panel.x1 + 2.5 * mm, at), size=SMALL_PT, va="center", annotation_clip=False,
            arrowprops={"arrowstyle": "-", "linewidth": 0.4, "shrinkA": 0.5, "shrinkB": 0},
        )  # fmt: skip


def _thinnest(layer: BaseGeometry) -> tuple[float, float]:
    """The middle of a layer where it is thinnest, and no pad or track is part of it, as far right as it can be."""
    x0, y0, x1, y1 = layer.bounds
    across = np.linspace(x1, x0, SPOTS + 2)[1:-1]
    chords = [shapely.LineString([(x, y0), (x, y1)]).intersection(layer) for x in across]
    middle = min((chord for chord in chords if chord.length > 0.0), key=lambda chord: round(chord.length, 6)).centroid
    return middle.x, middle.y


def _clear_of(seen: BaseGeometry, field: PathField, name: str, mm: float) -> tuple[float, float]:
    """Where its name hides least of the films above it and of what lies beside it."""
    names = [film.film for film, _ in field.films]
    above = [outline for film, outline in field.films if names.index(film.film) > names.index(name)]
    free = seen.difference(shapely.union_all(above))
    half = (len(name) / CHARACTERS_PER_MM / 2 + 0.5) * mm
    x0, y0, x1, y1 = seen.bounds
    spots = [(float(x), float(y)) for x in np.linspace(x0, x1, SPOTS) for y in np.linspace(y0, y1, SPOTS)]
    rooms = shapely.box(*np.array([(x - half, y - 1.5 * mm, x + half, y + 1.5 * mm) for x, y in spots]).T)
    return spots[int(np.argmax(shapely.area(shapely.intersection(rooms, free))))]
