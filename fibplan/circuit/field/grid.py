"""Grid lines: on every edge that lies along an axis, dense beside edges and in narrow gaps, sparse elsewhere."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from fibplan.circuit.field.films import Array
from fibplan.circuit.field.raster import outlines_of
from fibplan.errors import Misuse

ALONG_AXIS = 1e-9
"""An edge whose lesser extent is this share of its greater one lies along an axis."""
NEARLY, NEARLY_AT_CONTACT = 0.05, 0.5
"""The same for a long edge, which then counts as a line through its middle: a film that is turned a little needs no
cells as small as its currents crowd in all over the extent of its edges. At a contact with a transfer length of its own
the line may lean more."""
LONG = 0.5
"""Of the mean width of an outline."""
HALF = np.concatenate([[0.0], np.geomspace(1e-4, 0.5, 24)])
SHARES = np.concatenate([HALF, 1 - HALF[-2:0:-1]])
"""Where between two places the spacing of nodes is asked for: densely beside either."""
MOST_LINES = 4000
"""Chosen: a full square grid of as many lines would not fit a small computer's memory."""


@dataclass(frozen=True)
class Resolution:
    """How fine the grid is.

    Where currents crowd, at inner corners and at the edges of contacts, a cell is ``1/across`` of the gap to the next
    edge beside it, and at contacts no larger than ``transfer`` of the length in which the current changes film. At
    other edges it is ``1/plain`` of the gap. Cells grow with distance from an edge by ``growth`` of that distance. In
    the extent of edges that are not along an axis they are ``1/oblique`` of the mean width of their film. No cell is
    smaller than ``least_um``; edges closer than that share a line.
    """

    across: float = 96.0
    plain: float = 4.0
    growth: float = 0.35
    oblique: float = 8.0
    transfer: float = 0.5
    least_um: float = 1e-3

    def refined(self, factor: float) -> "Resolution":
        """The same with cells that are so many times smaller everywhere."""
        return replace(
            self, across=self.across * factor, plain=self.plain * factor, growth=self.growth / factor,
            oblique=self.oblique * factor, transfer=self.transfer / factor, least_um=self.least_um / factor,
        )  # fmt: skip


@dataclass(frozen=True)
class Grid:
    """Nodes at every crossing of the lines ``x_um`` and ``y_um``; a cell reaches half-way to the next nodes."""

    x_um: Array
    y_um: Array

    @property
    def x_bounds(self) -> Array:
        return bounds_between(self.x_um)

    @property
    def y_bounds(self) -> Array:
        return bounds_between(self.y_um)


@dataclass(frozen=True)
class Contour:
    """An outline that the grid is fitted to; at the edges of a contact currents crowd within ``crowds_um``."""

    shape: BaseGeometry
    crowds_um: float | None = None


def graded_grid(extent: tuple[float, float, float, float], contours: Sequence[Contour], resolution: Resolution) -> Grid:
    """A grid over an extent (least x and y, greatest x and y) with a line on every edge along an axis within it.

    Where two edges must share a line it lies on that of the earlier contour. Raises :class:`Misuse` for a grid too
    large to solve on.
    """
    low_x, low_y, high_x, high_y = extent
    drawn = [_drawn(contour) for contour in contours]
    x_um = _axis([_features(each, 0) for each in drawn], low_x, high_x, resolution)
    y_um = _axis([_features(each, 1) for each in drawn], low_y, high_y, resolution)
    return Grid(x_um, y_um)


def bounds_between(nodes: Array) -> Array:
    """Where the cells of the nodes begin and end."""
    return np.concatenate([nodes[:1], (nodes[1:] + nodes[:-1]) / 2, nodes[-1:]])


@dataclass(frozen=True)
class _Drawn:
    """A contour as rows of edges (x0, y0, x1, y1), at which of them currents crowd and within what length, and its
    mean width."""

    edges: Array
    sharp: NDArray[np.bool_]
    crowds_um: float
    width: float


def _drawn(contour: Contour) -> _Drawn:
    """All edges of a contact are sharp, of other outlines those that meet at an inner corner."""
    shape = contour.shape
    rings = outlines_of(shape) if shape.area > 0 else [shapely.get_coordinates(p) for p in shapely.get_parts(shape)]
    edges = np.concatenate([np.empty((0, 4)), *(np.hstack([ring[:-1], ring[1:]]) for ring in rings)])
    width = 2 * shape.area / shape.length if shape.length > 0 else 0.0
    if contour.crowds_um is not None:
        return _Drawn(edges, np.ones(len(edges), dtype=bool), contour.crowds_um, width)
    if shape.area == 0:
        return _Drawn(edges, np.zeros(len(edges), dtype=bool), np.inf, width)
    return _Drawn(edges, np.concatenate([_at_inner_corner(ring) for ring in rings]), np.inf, width)


def _at_inner_corner(ring: Array) -> NDArray[np.bool_]:
    """Which edges of a ring begin or end where more than half a turn lies inside."""
    after = np.diff(ring, axis=0)
    before = np.roll(after, 1, axis=0)
    inner = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0] < 0
    return inner | np.roll(inner, -1)


@dataclass(frozen=True)
class _Features:
    """Of one contour along one axis: edges across it, those where currents crowd and within what length, the span of
    its oblique edges, and its mean width."""

    edges: Array
    sharp: Array
    crowds_um: float
    oblique: tuple[float, float] | None
    width: float


def _features(drawn: _Drawn, axis: int) -> _Features:
    start, end = drawn.edges[:, axis], drawn.edges[:, axis + 2]
    along, across = np.abs(end - start), np.abs(drawn.edges[:, 3 - axis] - drawn.edges[:, 1 - axis])
    leaning = NEARLY_AT_CONTACT if np.isfinite(drawn.crowds_um) else NEARLY
    least = np.where(np.maximum(along, across) >= LONG * drawn.width, leaning, ALONG_AXIS)
    upright = along <= least * across
    slanted = ~upright & (across > least * along)
    span = None
    if slanted.any():
        span = (float(np.minimum(start, end)[slanted].min()), float(np.maximum(start, end)[slanted].max()))
    middle = (start + end) / 2
    lines, sharp = np.unique(middle[upright]), np.unique(middle[upright & drawn.sharp])
    return _Features(lines, sharp, drawn.crowds_um, span, drawn.width)


def _axis(features: Sequence[_Features], low: float, high: float, resolution: Resolution) -> Array:
    lines = _lines(features, low, high, resolution.least_um)
    from_, to, finest = _demands(features, lines, resolution)

    def spacing(x: Array) -> Array:
        distance = np.maximum(np.maximum(from_[:, None] - x, x - to[:, None]), 0.0)
        return np.min(finest[:, None] + resolution.growth * distance, axis=0)

    nodes = _divided(lines, np.concatenate([from_, to]), spacing)
    if len(nodes) > MOST_LINES:
        raise Misuse(
            f"the grid would have {len(nodes)} lines from {low:g} to {high:g} um, more than {MOST_LINES}",
            where="field",
            remedy="turn the frame so that narrow films lie along the axes, or allow larger cells",
        )
    return nodes


def _demands(features: Sequence[_Features], lines: Array, resolution: Resolution) -> tuple[Array, Array, Array]:
    """Spans of the axis and the largest cell within each."""
    gaps = np.diff(lines)
    beside = np.minimum(np.concatenate([gaps[:1], gaps]), np.concatenate([gaps, gaps[-1:]]))
    finest = beside / resolution.plain
    spans: list[tuple[float, float, float]] = []
    for feature in features:
        for edge in feature.sharp:
            at = int(np.argmin(np.abs(lines - edge)))
            if abs(lines[at] - edge) <= resolution.least_um:
                crowded = min(beside[at] / resolution.across, resolution.transfer * feature.crowds_um)
                finest[at] = min(finest[at], crowded)
        if feature.oblique is not None and feature.width > 0:
            spans.append((*feature.oblique, feature.width / resolution.oblique))
    more = np.array(spans).reshape(-1, 3)
    from_, to = np.concatenate([lines, more[:, 0]]), np.concatenate([lines, more[:, 1]])
    return from_, to, np.maximum(np.concatenate([finest, more[:, 2]]), resolution.least_um)


def _lines(features: Sequence[_Features], low: float, high: float, least: float) -> Array:
    kept = [low, high]
    for value in (float(edge) for feature in features for edge in feature.edges):
        if low < value < high and min(abs(value - line) for line in kept) > least:
            kept.append(value)
    return np.sort(np.array(kept))


def _divided(lines: Array, spans: Array, spacing: Callable[[Array], Array]) -> Array:
    """Nodes on every line, and between them as far apart as ``spacing`` asks for.

    ``spans`` are where it may change between them.
    """
    cuts = np.unique(np.concatenate([lines, spans[(spans > lines[0]) & (spans < lines[-1])]]))
    x = np.append((cuts[:-1, None] + np.diff(cuts)[:, None] * SHARES).ravel(), cuts[-1])
    wanted = spacing(x)
    cells = np.concatenate([[0.0], np.cumsum(np.diff(x) * 2 / (wanted[1:] + wanted[:-1]))])
    at = cells[np.searchsorted(x, lines)]
    count = np.maximum(np.ceil(np.diff(at) - 1e-6), 1.0).astype(np.int64)
    first = np.cumsum(count) - count
    step = (np.arange(count.sum()) - np.repeat(first, count)) * np.repeat(np.diff(at) / count, count)
    nodes = np.append(np.interp(np.repeat(at[:-1], count) + step, cells, x), lines[-1])
    nodes[first] = lines[:-1]
    return nodes
