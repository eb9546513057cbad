"""The shortest way for a strip of metal in plan view: from one of several landings to a target, clear of the rest."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from shapely import (
    LineString,
    Point,
    Polygon,
    get_coordinates,
    intersects,
    linestrings,
    prepare,
    shortest_line,
)
from shapely.geometry.base import BaseGeometry

from fibplan.model.base import PointUm

SLACK_UM = 1e-5
"""A strip may come this much nearer than its clearance, so that one that keeps it exactly is not refused."""

Points = NDArray[np.float64]


@dataclass(frozen=True)
class Landing:
    """Where a strip begins on its conductor, and where it is free to turn."""

    inner: PointUm
    outer: PointUm


@dataclass(frozen=True)
class Course:
    """What is to be reached, what is kept clear of, and how wide the strip is; um, one frame for all.

    ``beyond`` is how far the strip runs on, straight, from where its middle meets the target.
    """

    target: BaseGeometry
    avoided: BaseGeometry
    width: float
    clearance: float
    beyond: float


def routed(landings: Sequence[Landing], course: Course) -> list[PointUm] | None:
    """The middle line of the shortest strip that keeps its clearance, or None if there is none.

    Of those that are equally short, within a picometre, it is that of the first landing.

    The shortest way around obstacles that are grown by half the width turns only at their corners (Lozano-Perez and
    Wesley, Comm. ACM 22 (1979) 560).
    """
    if course.target.is_empty or not landings:
        return None
    blocked = course.avoided.buffer(course.width / 2 + course.clearance - SLACK_UM, join_style="mitre")
    prepare(blocked)
    corners = get_coordinates(blocked.buffer(SLACK_UM / 10, join_style="mitre"))
    onward = _Onward.over(corners, course.target, blocked)
    ways = [way for landing in landings if (way := onward.begun(landing)) is not None]
    for way in sorted(ways, key=lambda way: round(_length(way), 6)):
        line = _run_on(way, course.beyond)
        near = strip(line, course.width).distance(course.avoided)
        if course.avoided.is_empty or near >= course.clearance - 2 * SLACK_UM:
            return line
    return None


def strip(line: Sequence[PointUm], width: float) -> Polygon:
    """The outline of a strip of that width about its middle line, square at both ends."""
    outline = LineString(line).buffer(width / 2, cap_style="flat", join_style="mitre").simplify(1e-6)
    assert isinstance(outline, Polygon)
    return Polygon(outline.exterior)


@dataclass(frozen=True)
class _Onward:
    """For each corner the length of the shortest way to the target, and the points of it."""

    corners: Points
    lengths: Points
    ways: list[list[PointUm]]
    target: BaseGeometry
    blocked: BaseGeometry

    @classmethod
    def over(cls, corners: Points, target: BaseGeometry, blocked: BaseGeometry) -> "_Onward":
        onward = cls(corners, np.full(len(corners), np.inf), [[] for _ in corners], target, blocked)
        for place, corner in enumerate(corners):
            end = onward.last(corner)
            if end is not None:
                onward.lengths[place] = math.dist(corner, end)
                onward.ways[place] = [_point(corner), end]
        onward.relax()
        return onward

    def relax(self) -> None:
        """Dijkstra's algorithm, beginning with the corners that see the target."""
        steps = [self.seen_from(corner) for corner in self.corners]
        open_places = set(range(len(self.corners)))
        while open_places:
            nearest = min(open_places, key=lambda place: self.lengths[place])
            open_places.remove(nearest)
            for place in open_places:
                length = self.lengths[nearest] + steps[nearest][place]
                if length < self.lengths[place]:
                    self.lengths[place] = length
                    self.ways[place] = [_point(self.corners[place]), *self.ways[nearest]]

    def begun(self, landing: Landing) -> list[PointUm] | None:
        """The shortest way from that landing on."""
        end = self.last(landing.outer)
        if end is not None:
            return [landing.inner, landing.outer, end]
        lengths = self.lengths + self.seen_from(landing.outer)
        if not len(lengths) or not np.isfinite(lengths.min()):
            return None
        return [landing.inner, landing.outer, *self.ways[int(lengths.argmin())]]

    def seen_from(self, place: PointUm | Points) -> Points:
        """The distance to each corner; infinite where something is in between."""
        if not len(self.corners):
            return np.empty(0)
        lines = np.stack([np.broadcast_to(np.asarray(place), self.corners.shape), self.corners], axis=1)
        lengths = np.hypot(*(self.corners - np.asarray(place)).T)
        return np.where(intersects(self.blocked, linestrings(lines)), np.inf, lengths)

    def last(self, place: PointUm | Points) -> PointUm | None:
        """The nearest point of the target, if nothing is in between."""
        line = shortest_line(Point(place), self.target)
        return None if intersects(self.blocked, line) else _point(get_coordinates(line)[-1])


def _point(place: Points) -> PointUm:
    return float(place[0]), float(place[1])


def _length(way: Sequence[PointUm]) -> float:
    return sum(math.dist(start, end) for start, end in pairwise(way))


def _run_on(way: Sequence[PointUm], beyond: float) -> list[PointUm]:
    """The way, without points that repeat, and its last piece longer by ``beyond``."""
    line = [way[0], *(end for start, end in pairwise(way) if math.dist(start, end) > 1e-9)]
    (x0, y0), (x1, y1) = line[-2:]
    scale = beyond / math.hypot(x1 - x0, y1 - y0)
    return [*line[:-1], (x1 + scale * (x1 - x0), y1 + scale * (y1 - y0))]
