"""How thick the halo of an ion-beam deposit is at a distance from its edge, and how far it conducts."""

import math

from fibplan.model.cards import Halo


def halo_thickness(deposit_m: float, distance_um: float, edge_fraction: float, decay_length_m: float) -> float:
    """Metres of halo at that distance from the edge of a deposit: ``f t exp(-d / l)``."""
    return edge_fraction * deposit_m * math.exp(-distance_um * 1e-6 / decay_length_m)


def widest_extent_um(deposit_m: float, halo: Halo) -> float:
    """How far from the edge the halo conducts at most, with every number at its worse end; zero if nowhere."""
    at_edge = halo.edge_fraction.high * deposit_m
    ratio = at_edge / halo.percolation_thickness.low
    return max(0.0, halo.decay_length.high * 1e6 * math.log(ratio))
