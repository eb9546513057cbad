"""The beam beside its pattern: how wide the probe is, how far a pattern stays from the final face, what tails eat."""

import math
from collections.abc import Iterable
from itertools import pairwise

from fibplan.model.fib_card import Aperture, FibCard
from fibplan.model.interval import Interval, computed, product


def probe_diameter(apertures: Iterable[Aperture], beam_current_a: float) -> float | None:
    """Metres at that current, log-log between the apertures whose diameter is known; None where none is.

    Outside the known apertures the slope of the nearest two goes on.
    """
    known = sorted({a.beam_current: a.probe_diameter for a in apertures if a.probe_diameter is not None}.items())
    if not known:
        return None
    if len(known) == 1:
        return known[0][1]
    pairs = list(pairwise(known))
    (low, narrow), (high, wide) = next((pair for pair in pairs if beam_current_a <= pair[1][0]), pairs[-1])
    share = math.log(beam_current_a / low) / math.log(high / low)
    return narrow * (wide / narrow) ** share


def probe_of(fib: FibCard, voltage_v: float, current_a: float) -> float | None:
    """Metres of probe at that voltage and current on this column; a voltage without diameters has none."""
    apertures = [
        aperture
        for beam in fib.beams
        if beam.particle == "Ga" and math.isclose(beam.accelerating_voltage, voltage_v)
        for aperture in beam.apertures
    ]
    return probe_diameter(apertures, current_a)


def edge_offset_m(leaves_m: float, final_m: float) -> float:
    """How far a pattern that leaves ``leaves_m`` stays from each final face."""
    return (leaves_m - final_m) / 2.0


def cap_eaten(dose_c: Interval, tail: Interval, rate: Interval, area_um2: float) -> Interval:
    """Metres of cap that the beam's tail removes: its share of the dose, spread over the top of the lamella."""
    return product([dose_c, tail, rate], "m3").scaled(1.0 / (area_um2 * 1e-12), "m")


def less(thickness_m: Interval, eaten: Interval) -> Interval:
    """What is left: low with high and high with low, never below zero."""
    left = (thickness_m.low - eaten.high, thickness_m.expected - eaten.expected, thickness_m.high - eaten.low)
    low, expected, high = (max(0.0, metres) for metres in left)
    return computed((low, expected, high), "m", [thickness_m, eaten])
