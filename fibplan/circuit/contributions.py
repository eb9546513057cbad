"""What each part adds to a path, in ohm, one entry a sample: from few full fields or one reduced field a geometry.

Along what leads from tip to tip a part counts with its share of the power (see
:meth:`fibplan.circuit.field.paths.Path.resistance_shares`), so that the parts in series add up to what the field gives
for the whole. Only materials differ from sample to sample here; where the geometry differs too, each has a plan.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from fibplan.circuit.field.films import Array, FilmStack, Terminal
from fibplan.circuit.field.grid import Resolution
from fibplan.circuit.field.lattice import Lattice, Part, lattice_on
from fibplan.circuit.field.reduced_basis import CHUNK, ReducedBasis, reduced_basis
from fibplan.circuit.field.solution import differences, grid_for, solve, solve_lattice
from fibplan.circuit.field.soundness import sound
from fibplan.circuit.films import (
    BRIDGE,
    CAP,
    COLLECTOR,
    ELECTRODE,
    END,
    PAD,
    SLIVER_UM2,
    START,
    Film,
    between_stack,
    coverage_of,
    films_between,
    leading_contacts,
    leading_films,
    leading_stack,
    outline_of,
)
from fibplan.circuit.parameters import CONTACT, COVERAGE, Values, at_scores, expected_values, parameters
from fibplan.model.plan import Plan
from fibplan.units import UM

RESOLUTION = Resolution(across=192.0, plain=1.4, growth=1.0, oblique=2.8, least_um=3e-3)
"""Dense at the edges of contacts and sparse elsewhere: the paper's bridge comes out within 1 % of a converged grid."""
TOLERANCE = 0.01
"""Of the reduced basis, against full solves that it has not seen."""
SPREAD = 2.6
"""The basis is made for scores up to this, 99 samples of 100; beyond, it overstates the conductance a little."""

FEW = 16
"""Up to so many different samples are solved in full, which takes no longer than to make a basis for them."""

APART_UM = 0.01
"""Kept between metals of two potentials on one layer, where they would touch: such a lamella is short anyway."""

FOOT = "foot"
LANDING = "landing"
Ohms = dict[str, Array]


def leading_ohms(plan: Plan, values: Values) -> Ohms:
    """Ohm of electrode, foot (its contact with the bridge), bridge, landing (on the collector), collector and pad.

    An end that does not overlap is an open contact; a bridge in two pieces is open itself.
    """
    films = leading_films(plan)
    outlines = {film.name: film.outline for film in films}
    size = max(entry.size for entry in values.values())
    kinds = dict.fromkeys((ELECTRODE, FOOT, BRIDGE, LANDING, COLLECTOR, PAD), 0.0)
    ohms = {kind: np.full(size, nothing) for kind, nothing in kinds.items()}
    apart = [pair for pair in leading_contacts(films) if outlines[pair[0]].intersection(outlines[pair[1]]).area == 0]
    if apart:
        return {**ohms, **{_kind(pair): np.full(size, np.inf) for pair in apart}}
    stack, ranges = leading_stack(plan, expected_values(plan)), _ranges(plan, films)
    parts = tuple(part for part, _, _ in ranges)
    factors = np.stack([np.broadcast_to(_factor(plan, films, part, values), size) for part in parts], axis=1)
    different, sample = np.unique(factors, axis=0, return_inverse=True)
    if len(different) <= FEW:
        whole, powers = _solved_powers(_lattice(stack), parts, different)
        whole, powers = whole[sample.ravel()], powers[:, sample.ravel()]
    else:
        whole, powers = _powers(_leading_basis(stack, ranges), factors)
    if not whole.all():
        return {**ohms, BRIDGE: np.full(size, np.inf)}
    for part, power in zip(parts, powers, strict=True):
        ohms[_kind(part)] = ohms[_kind(part)] + power / whole**2
    for film in films:
        ohms[_kind(film.name)] = ohms[_kind(film.name)] + _more_at_step(plan, film, values)
    return ohms


def basis_error(plan: Plan) -> float:
    """The greatest relative error of the reduced basis of :func:`leading_ohms`, against full solves of its own.

    Zero where the bridge reaches nothing, so that there is none.
    """
    films = leading_films(plan)
    outlines = {film.name: film.outline for film in films}
    if any(outlines[one].intersection(outlines[other]).area == 0 for one, other in leading_contacts(films)):
        return 0.0
    return _leading_basis(leading_stack(plan, expected_values(plan)), _ranges(plan, films)).error


def between_squares(plan: Plan) -> list[float]:
    """Squares across each layer between collector and cap, from the collector up; infinite where a cut parts it.

    Where bridge or pads lie on a layer they hold it at the potential of the collector or the cap.
    """
    near = shapely.union_all([outline_of(plan, name) for name in (BRIDGE, f"{PAD}_{COLLECTOR}")])
    far = outline_of(plan, f"{PAD}_{CAP}")
    return [_squares(_covered(between_stack(plan, place), near, far)) for place in range(len(films_between(plan)))]


def _covered(stack: FilmStack, near: BaseGeometry, far: BaseGeometry) -> FilmStack:
    """The same with the terminals of a layer grown by the metal that lies on it, which never make one of the two."""
    outline = stack.sheets[0].outline
    ends = [far, *(terminal.region for terminal in stack.terminals if terminal.name == END and terminal.region)]
    on_layer = {START: near.difference(shapely.union_all(ends).buffer(APART_UM)), END: far}
    return replace(stack, terminals=tuple(_grown(terminal, outline, on_layer) for terminal in stack.terminals))


def _grown(terminal: Terminal, outline: BaseGeometry, on_layer: Mapping[str, BaseGeometry]) -> Terminal:
    met = on_layer[terminal.name].intersection(outline)
    if met.area <= SLIVER_UM2 or terminal.region is None:
        return terminal
    return replace(terminal, region=shapely.union_all([terminal.region, met]))


def _more_at_step(plan: Plan, film: Film, values: Values) -> Array:
    """Ohm that the step in a film adds where it is covered otherwise than expected, the current taken as even there."""
    if film.edge is None:
        return np.zeros(1)
    line, height_m = film.edge
    squares = height_m * UM / line.length
    return squares * (1.0 / coverage_of(values) - 1.0 / coverage_of(expected_values(plan))) / film.conductance(values)


def _kind(part: Part) -> str:
    if isinstance(part, tuple):
        return {ELECTRODE: FOOT, COLLECTOR: LANDING if part[0] == BRIDGE else PAD}[part[1]]
    return part.split(" ")[0]


def _conductance(films: list[Film], part: Part, values: Values) -> Array:
    if isinstance(part, tuple):
        return 1.0 / values[CONTACT]
    return next(film for film in films if film.name == part).conductance(values)


def _factor(plan: Plan, films: list[Film], part: Part, values: Values) -> Array:
    return _conductance(films, part, values) / _conductance(films, part, expected_values(plan))


def _ranges(plan: Plan, films: list[Film]) -> tuple[tuple[Part, float, float], ...]:
    """The least and greatest factor of each part, with every parameter at either end of its spread."""
    found = parameters(plan)
    low, high = (
        {name: at_scores(interval, np.array([score])) for name, interval in found.items()}
        for score in (-SPREAD, SPREAD)
    )
    corners = [low, high]
    if COVERAGE in found:
        corners += [{**low, COVERAGE: high[COVERAGE]}, {**high, COVERAGE: low[COVERAGE]}]
    parts: list[Part] = [film.name for film in films if film.resistivity in found]
    parts += leading_contacts(films)
    factors = [(part, [float(_factor(plan, films, part, corner)[0]) for corner in corners]) for part in parts]
    return tuple((part, min(several), max(several)) for part, several in factors)


@lru_cache(maxsize=4)
def _lattice(stack: FilmStack) -> Lattice:
    checked = sound(stack)
    return lattice_on(checked, grid_for(checked, RESOLUTION))


def _solved_powers(lattice: Lattice, parts: tuple[Part, ...], factors: Array) -> tuple[Array, Array]:
    """As :func:`_powers`, by a full solve for each."""
    links, drop = lattice.links, differences(lattice)
    place = [lattice.parts.index(part) for part in parts]
    watts = np.empty((len(parts), len(factors)))
    for sample, row in enumerate(factors):
        scale = np.ones(len(lattice.parts))
        scale[place] = row
        siemens = links.siemens * scale[links.part]
        solution = solve_lattice(replace(lattice, links=replace(links, siemens=siemens)))
        lost = siemens * (drop @ solution.unit_potentials[:, 0]) ** 2
        watts[:, sample] = np.bincount(links.part, lost, minlength=len(lattice.parts))[place]
    return watts.sum(axis=0), watts


@lru_cache(maxsize=16)
def _leading_basis(stack: FilmStack, ranges: tuple[tuple[Part, float, float], ...]) -> ReducedBasis:
    wanted: Mapping[Part, tuple[float, float]] = {part: (low, high) for part, low, high in ranges}
    return reduced_basis(_lattice(stack), wanted, tolerance=TOLERANCE)


@lru_cache(maxsize=64)
def _squares(stack: FilmStack) -> float:
    if stack.sheets[0].outline.is_empty:
        return float("inf")
    siemens = -solve(stack, RESOLUTION).conductance[0, 1]
    return 1.0 / siemens if siemens > 0 else float("inf")


def _powers(basis: ReducedBasis, factors: Array) -> tuple[Array, Array]:
    """Siemens between the two terminals for each sample, and the watts in each part at 1 V, parts first."""
    chunks = [_powers_of(basis, chunk) for chunk in np.array_split(factors, max(1, -(-len(factors) // CHUNK)))]
    return np.concatenate([whole for whole, _ in chunks]), np.concatenate([parts for _, parts in chunks], axis=1)


def _powers_of(basis: ReducedBasis, factors: Array) -> tuple[Array, Array]:
    held = len(basis.terminals)
    total = basis.fixed + np.tensordot(factors, basis.varied, axes=1)
    rest = np.linalg.solve(total[:, held:, held:], -total[:, held:, :1])[..., 0]
    drops = np.concatenate([np.tile([1.0, 0.0], (len(factors), 1)), rest], axis=1)
    watts = np.stack([((drops @ part) * drops).sum(axis=1) for part in basis.varied]) * factors.T
    return watts.sum(axis=0), watts
