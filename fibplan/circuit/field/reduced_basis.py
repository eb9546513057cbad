"""Conductance matrices for other films on the same geometry, from the fields of a few.

The potential at any conductances of films and contacts is looked for among combinations of potentials that were solved
at some of them, by the least power. The power is then too great by the square of what the potential lacks, so that a
few fields suffice. A. K. Noor and J. M. Peters, AIAA Journal 18 (1980) 455; error estimate by fresh full solves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array

from fibplan.circuit.field.films import Array
from fibplan.circuit.field.lattice import Lattice, Part
from fibplan.circuit.field.solution import differences, solve_lattice
from fibplan.errors import Misuse

CHECKS = 4
"""So many full solves in a row, each at factors that the basis has not seen, must agree with it."""
NEGLIGIBLE = 1e-10
"""What a field adds to the basis, as a share of its power, below which it is left out."""
CHUNK = 1000
"""Samples solved at once, so that memory does not grow with their number."""


@dataclass(frozen=True)
class ReducedBasis:
    """Conductances between terminals as a function of factors on films and contacts.

    ``parts`` names what the factors are of, in order; everything else is as in the lattice. ``error`` is the greatest
    relative difference of any conductance between two terminals from the full solves that the basis was checked with,
    ``solves`` how many full solves it took in all.
    """

    terminals: tuple[str, ...]
    parts: tuple[Part, ...]
    fixed: Array
    varied: Array
    error: float
    solves: int

    def conductances(self, factors: Array) -> Array:
        """Siemens, shape (samples, terminals, terminals), for ``factors`` of shape (samples, parts), all positive.

        What is below 1e-12 of the greatest conductance of a sample is rounding.
        """
        chunks = np.array_split(factors, max(1, -(-len(factors) // CHUNK)))
        return np.concatenate([self._chunk(chunk) for chunk in chunks])

    def _chunk(self, factors: Array) -> Array:
        size = len(self.terminals)
        whole = self.fixed + np.tensordot(factors, self.varied, axes=1)
        held, across, inner = whole[:, :size, :size], whole[:, :size, size:], whole[:, size:, size:]
        matrix = held - across @ np.linalg.solve(inner, across.transpose(0, 2, 1)) if inner.size else held.copy()
        diagonal = np.arange(size)
        matrix = np.minimum((matrix + matrix.transpose(0, 2, 1)) / 2, 0.0)
        matrix[:, diagonal, diagonal] = 0.0
        matrix[:, diagonal, diagonal] = -matrix.sum(axis=2)
        return matrix


def reduced_basis(
    lattice: Lattice, ranges: Mapping[Part, tuple[float, float]], *, tolerance: float = 0.003, most_solves: int = 60
) -> ReducedBasis:
    """A basis for factors on the conductances of films and contacts, each between its least and greatest.

    Factors are tried evenly in their logarithms, the same ones for the same ranges; full solves go on until some in a
    row agree within ``tolerance``, or are ``most_solves``: its ``error`` says which. Where nothing conducts there is
    nothing to try. Raises :class:`Misuse` for a part that the lattice does not have, or a range that is not positive
    and finite.
    """
    parts = tuple(ranges)
    _check(lattice, ranges)
    low, high = np.log(np.array(list(ranges.values()), dtype=float).reshape(-1, 2)).T
    fields = _Fields(lattice, parts)
    basis, errors = fields.reduced(), []
    if not lattice.links.siemens.size:
        return replace(basis, error=0.0, solves=1)
    while len(errors) + 1 < most_solves and not _agrees(errors, tolerance):
        factors = np.exp(low + (high - low) * _spread(len(errors), len(parts)))
        full, potentials = fields.solved(factors)
        errors.append(_difference(basis.conductances(factors[None])[0], full))
        fields.add(potentials)
        basis = fields.reduced()
    return replace(basis, error=max(errors[-CHECKS:], default=0.0), solves=len(errors) + 1)


class _Fields:
    """Potentials that span the basis: those of the lattice as it is for the terminals, then what others add to them.

    ``drops`` are theirs along each link times the root of its conductance, so that products are powers.
    """

    def __init__(self, lattice: Lattice, parts: tuple[Part, ...]) -> None:
        self.lattice, self.parts = lattice, parts
        index = [lattice.parts.index(part) for part in parts]
        self.group = np.full(len(lattice.parts), len(parts))
        self.group[index] = np.arange(len(parts))
        self.links = [np.flatnonzero(self.group[lattice.links.part] == group) for group in range(len(parts) + 1)]
        self.first = solve_lattice(lattice).unit_potentials
        self.drop = csr_array(differences(lattice).multiply(np.sqrt(lattice.links.siemens)[:, None]))
        self.drops = self.drop @ self.first
        self.powers = np.zeros((len(parts) + 1, 0, 0))

    def solved(self, factors: Array) -> tuple[Array, Array]:
        """Conductances between terminals and unit potentials at those factors, by a full solve."""
        links = self.lattice.links
        scale = np.append(factors, 1.0)[self.group]
        solution = solve_lattice(replace(self.lattice, links=replace(links, siemens=links.siemens * scale[links.part])))
        return solution.conductance, solution.unit_potentials

    def add(self, potentials: Array) -> None:
        """Adds what these have that the basis has not; twice, since once leaves rounding."""
        inner = self.drops[:, len(self.lattice.terminals) :]
        change = self.drop @ (potentials - self.first)
        rest = change - inner @ (inner.T @ change)
        rest -= inner @ (inner.T @ rest)
        found, size = np.linalg.qr(rest)
        new = np.diag(size) ** 2 > NEGLIGIBLE * (change**2).sum(axis=0)
        self.drops = np.hstack([self.drops, found[:, new]])

    def reduced(self) -> ReducedBasis:
        """The power of the basis in each part at factor one; what was known of it is kept."""
        known, size = self.powers.shape[-1], len(self.drops.T)
        powers = np.zeros((len(self.links), size, size))
        powers[:, :known, :known] = self.powers
        for group, links in enumerate(self.links):
            drops = self.drops[links]
            more = drops.T @ drops[:, known:]
            powers[group, :, known:] = more
            powers[group, known:] = more.T
        self.powers = powers
        return ReducedBasis(self.lattice.terminals, self.parts, powers[-1], powers[:-1], np.inf, 0)


def _spread(sample: int, dimensions: int) -> Array:
    """The next point of a sequence that fills a unit cube evenly, made of powers of the generalised golden ratio."""
    ratio = 2.0
    for _ in range(40):
        ratio = (1 + ratio) ** (1 / (dimensions + 1))
    return np.mod(0.5 + (sample + 1) / ratio ** np.arange(1, dimensions + 1), 1.0)


def _difference(reduced: Array, full: Array) -> float:
    """The greatest relative difference of an off-diagonal conductance."""
    row, column = np.triu_indices(len(full), 1)
    found, truth = reduced[row, column], full[row, column]
    there = truth < 0
    return float(np.abs(found[there] / truth[there] - 1).max(initial=0.0))


def _agrees(errors: list[float], tolerance: float) -> bool:
    return len(errors) >= CHECKS and max(errors[-CHECKS:]) < tolerance


def _check(lattice: Lattice, ranges: Mapping[Part, tuple[float, float]]) -> None:
    for part, (low, high) in ranges.items():
        if part not in lattice.parts:
            raise Misuse(f"there is no film or joint {part!r}", where="reduced basis", remedy="name one of the stack")
        if not 0 < low <= high < np.inf:
            raise Misuse(
                f"the factors of {part!r} are from {low} to {high}",
                where="reduced basis",
                remedy="give a positive least and a finite greatest",
            )
