"""The halo between the collector's side and the cap: when it closes the gap, and what it conducts there.

A stated reduction: one field solve over the film gives the squares between the two sides, and the fall of its thickness
is taken along the shortest way across. Against a field over the film itself it is within a factor 1.7, while the
film's own numbers are known within a factor of ten.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from fibplan.circuit.field.contacts import overlap_of
from fibplan.circuit.field.films import Array, FilmStack, Sheet, Terminal
from fibplan.circuit.field.grid import Resolution
from fibplan.circuit.field.solution import solve
from fibplan.circuit.outlines import cuts, in_lamella
from fibplan.circuit.parameters import DEPOSIT, Values, parameters
from fibplan.layout.halo import leads_across, widest_extent_um
from fibplan.layout.sides import cap_side, deposits, electrode_side
from fibplan.model.layout import Part, Region
from fibplan.model.plan import Plan
from fibplan.units import UM

FARTHEST_UM = 10.0
"""On insulators at a high current a halo was seen out to here (Gopal et al., Nano Lett. 4 (2004) 2071, not seen)."""
NEAREST_UM = 1e-3
"""Two sides nearer than this are taken to be so far apart."""
TAIL = 2.0
"""So many times the widest extent of the card at most: few samples reach as far as that extent itself."""
COARSE = Resolution().refined(0.3)
"""Within about 2 %, far below what the film's thickness is known to."""


@dataclass(frozen=True)
class HaloGap:
    """Where the halo of one deposit could reach from one side to the other.

    It closes the gap once it conducts out to ``closes_at_um`` from the deposit, and leaves the conductors at
    ``leaves_at_um``; the film in between has so many ``squares``.
    """

    closes_at_um: float
    leaves_at_um: float
    squares: float


def halo_gaps(plan: Plan) -> dict[str, HaloGap]:
    """The gap from the electrode's side to the cap's under every deposit whose halo can reach across, by its name."""
    assert plan.recipe.bridge is not None
    assert plan.layout is not None
    near = electrode_side(plan.layout, plan.recipe.bridge.start)
    return gaps_between(plan, near, cap_side(plan.layout))


def gaps_between(plan: Plan, near: Iterable[Region], far: Iterable[Region]) -> dict[str, HaloGap]:
    """The gap between any two sides under every deposit whose halo can reach across, by the deposit's name.

    Each halo counts for itself: where those of two deposits meet, the thicker one decides.
    """
    assert plan.layout is not None
    sides = [shapely.union_all([in_lamella(plan, region) for region in side]) for side in (near, far)]
    if plan.cards.gis is None or "halo edge fraction" not in parameters(plan) or any(side.is_empty for side in sides):
        return {}
    taken = cuts(plan)
    found = {
        deposit.name: _gap(in_lamella(plan, deposit), *sides, taken, _farthest_um(plan, deposit))
        for deposit in deposits(plan.layout)
    }
    return {name: gap for name, gap in found.items() if gap is not None and np.isfinite(gap.squares)}


def halo_resistance(plan: Plan, deposit: str, values: Values, *, closed: bool | None = None) -> Array:
    """Ohm to the cap through the halo of that deposit, see :func:`film_resistance`."""
    return film_resistance(plan, deposit, halo_gaps(plan)[deposit], values, closed=closed)


def film_resistance(plan: Plan, deposit: str, gap: HaloGap, values: Values, *, closed: bool | None = None) -> Array:
    """Ohm across a gap through the halo of that deposit, one entry a sample.

    Out to where it is as thick as the percolation threshold the film conducts like the deposit itself, ``rho / t`` per
    square; beyond, only the residual sheet resistance is left. ``closed`` decides for every sample that it conducts all
    the way, nowhere thinner than the threshold, or else what is beyond its extent does not.
    """
    width = gap.closes_at_um - gap.leaves_at_um
    thickness, decay = halo_edge_m(plan, deposit, values), values["halo decay length"] * UM
    extent = halo_extent_um(plan, deposit, values)
    out_to = np.clip(extent, gap.leaves_at_um, gap.closes_at_um)
    rises = np.exp(np.minimum(out_to / decay, 700.0)) * -np.expm1((gap.leaves_at_um - out_to) / decay)
    film = values[DEPOSIT] / thickness * decay * rises
    thin = values[DEPOSIT] / values["halo percolation thickness"]
    shorts = extent >= gap.closes_at_um if closed is None else np.full(extent.shape, closed)
    beyond = np.where(shorts, thin, values["halo residual sheet resistance"])
    return gap.squares / width * (film + beyond * (gap.closes_at_um - out_to))


def halo_closes(plan: Plan, values: Values) -> NDArray[np.bool_]:
    """For each sample, whether the halo of any deposit conducts all the way to the other side."""
    size = max(entry.size for entry in values.values())
    closed = [halo_extent_um(plan, deposit, values) >= gap.closes_at_um for deposit, gap in halo_gaps(plan).items()]
    return np.any([np.zeros(size, dtype=bool), *closed], axis=0)


def halo_extent_um(plan: Plan, deposit: str, values: Values) -> Array:
    """How far from the deposit the film is as thick as the percolation threshold; below zero if nowhere."""
    ratio = halo_edge_m(plan, deposit, values) / values["halo percolation thickness"]
    return values["halo decay length"] * UM * np.log(ratio)


def halo_edge_m(plan: Plan, deposit: str, values: Values) -> Array:
    """Metres of halo at the very edge of that deposit."""
    assert plan.layout is not None
    region = plan.layout.named(deposit)
    assert region is not None
    return values["halo edge fraction"] * region.thickness_m


def _farthest_um(plan: Plan, deposit: Region) -> float:
    """How far from that deposit a gap is looked for: of welds and pads, where their halo could close it at all."""
    process = plan.cards.gis.process("FIBID") if plan.cards.gis is not None else None
    if deposit.part is Part.BRIDGE or process is None or process.halo is None:
        return FARTHEST_UM
    return min(FARTHEST_UM, TAIL * widest_extent_um(deposit.thickness_m, process.halo))


@lru_cache(maxsize=64)
def _gap(
    deposit: BaseGeometry, near: BaseGeometry, far: BaseGeometry, taken: BaseGeometry, farthest_um: float
) -> HaloGap | None:
    """None where no halo leads across."""
    apart = shapely.distance(near, far)
    if apart < NEAREST_UM:
        return HaloGap(NEAREST_UM, 0.0, NEAREST_UM)
    if not leads_across(deposit, near, far, taken, farthest_um):
        return None
    low, high = 0.0, farthest_um
    while high - low > NEAREST_UM:
        middle = (low + high) / 2
        low, high = (low, middle) if leads_across(deposit, near, far, taken, middle) else (middle, high)
    film = deposit.buffer(2 * high, join_style="mitre").difference(shapely.union_all([near, far, taken]))
    return HaloGap(high, max(0.0, high - apart), _squares(film, near, far))


def _squares(film: BaseGeometry, near: BaseGeometry, far: BaseGeometry) -> float:
    """Of the parts of the film that touch both sides."""
    touching = [part for part in shapely.get_parts(film) if part.dwithin(near, 1e-5) and part.dwithin(far, 1e-5)]
    if not touching:
        return float("inf")
    shape = shapely.union_all(touching)
    around = shapely.box(*shape.bounds).buffer(0.1, join_style="mitre")
    terminals = [Terminal(name, "halo", overlap_of(side, around)) for name, side in (("near", near), ("far", far))]
    siemens = -solve(FilmStack((Sheet("halo", shape, 1.0),), (), tuple(terminals)), COARSE).conductance[0, 1]
    return 1.0 / siemens if siemens > 0 else float("inf")
