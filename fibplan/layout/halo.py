"""How thick the halo of an ion-beam deposit is at a distance from its edge, how far it conducts, and what it joins."""

import math
from collections.abc import Iterable

from shapely import get_parts, union_all
from shapely.geometry.base import BaseGeometry

from fibplan.layout.clearance import polygon
from fibplan.model.cards import Halo
from fibplan.model.layout import Region

ROUND = 16
"""Chords of a quarter circle: 0.2 % of the extent are cut off at a corner."""


def halo_thickness(deposit_m: float, distance_um: float, edge_fraction: float, decay_length_m: float) -> float:
    """Metres of halo at that distance from the edge of a deposit: ``f t exp(-d / l)``."""
    return edge_fraction * deposit_m * math.exp(-distance_um * 1e-6 / decay_length_m)


def widest_extent_um(deposit_m: float, halo: Halo) -> float:
    """How far from the edge the halo conducts at most, with every number at its worse end; zero if nowhere."""
    return _extent_um(halo.edge_fraction.high * deposit_m, halo.percolation_thickness.low, halo.decay_length.high)


def expected_extent_um(deposit_m: float, halo: Halo) -> float:
    """How far from the edge the halo is expected to conduct; zero if nowhere."""
    return _extent_um(
        halo.edge_fraction.expected * deposit_m, halo.percolation_thickness.expected, halo.decay_length.expected
    )


def halo_joins(deposit: Region, extent_um: float, cuts: Iterable[Region], near: Iterable[Region], far: Region) -> bool:
    """Whether a halo of that extent leads from any of the near regions to the far one without crossing a cut.

    It begins at every conductor that it covers, so that one at the electrode's edge can lead around a single cut.
    """
    sides = union_all([polygon(side.outline_um) for side in near]), polygon(far.outline_um)
    taken = union_all([polygon(cut.outline_um) for cut in cuts])
    return leads_across(polygon(deposit.outline_um), *sides, taken, extent_um)


def leads_across(
    deposit: BaseGeometry, near: BaseGeometry, far: BaseGeometry, taken: BaseGeometry, extent_um: float
) -> bool:
    """The same for outlines: whether a piece of the film that the cuts leave touches both sides."""
    film = deposit.buffer(extent_um, quad_segs=ROUND).difference(taken)
    return any(piece.intersects(near) and piece.intersects(far) for piece in get_parts(film))


def _extent_um(edge_m: float, percolation_m: float, decay_m: float) -> float:
    return max(0.0, decay_m * 1e6 * math.log(edge_m / percolation_m))
