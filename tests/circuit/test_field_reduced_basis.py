"""The reduced basis: other films and contacts on the same geometry, without solving the field again."""

from dataclasses import replace

import numpy as np
import pytest
from shapely import box

from fibplan.circuit.field.films import FilmStack, Joint, Sheet, Terminal
from fibplan.circuit.field.grid import Resolution
from fibplan.circuit.field.halo import Halo
from fibplan.circuit.field.lattice import Lattice
from fibplan.circuit.field.reduced_basis import ReducedBasis, reduced_basis
from fibplan.circuit.field.solution import solve, solve_lattice
from fibplan.errors import Misuse

RANGES = {"bridge": (0.2, 2.0), "collector": (0.7, 1.4), "active": (0.05, 20.0), "halo": (0.03, 30.0),
          ("bridge", "collector"): (0.08, 100.0)}  # fmt: skip


@pytest.fixture(scope="module")
def lattice() -> Lattice:
    bridge = box(-4, -1.7, 3, 0.2)
    stack = FilmStack(
        (
            Sheet("electrode", box(-40, -10, -2, 10), 0.6), Sheet("bridge", bridge, 1 / 30),
            Sheet("collector", box(1, -0.3, 16, 0.33), 0.7), Sheet("active", box(1, 0.33, 16, 0.79), 2e-10),
            Sheet("cap", box(1, 0.79, 16, 2.3), 0.007),
            Sheet("halo", box(-3, -1, 4, 1.5).difference(bridge), Halo(bridge, 3e-4, 0.3, 0.5, 1e-12)),
        ),
        (
            Joint("bridge", "electrode", 1e11), Joint("bridge", "collector", 1e11),
            Joint("collector", "active", np.inf), Joint("active", "cap", np.inf),
            Joint("bridge", "halo", np.inf), Joint("halo", "cap", 1e11),
            Joint("halo", "collector", 1e11),
        ),
        (Terminal("WE", "electrode"), Terminal("collector", "collector", box(9, -0.2, 9.4, 0.2)),
         Terminal("cap", "cap", box(9, 1.2, 9.4, 1.6))),
    )  # fmt: skip
    return solve(stack, Resolution().refined(0.6)).lattice


@pytest.fixture(scope="module")
def basis(lattice: Lattice) -> ReducedBasis:
    return reduced_basis(lattice, RANGES)


def full(lattice: Lattice, basis: ReducedBasis, factors: np.ndarray) -> np.ndarray:
    every = dict(zip(basis.parts, factors, strict=True))
    scale = np.array([every.get(part, 1.0) for part in lattice.parts])
    links = replace(lattice.links, siemens=lattice.links.siemens * scale[lattice.links.part])
    return solve_lattice(replace(lattice, links=links)).conductance


def test_it_agrees_with_full_solves_that_it_has_not_seen(lattice: Lattice, basis: ReducedBasis) -> None:
    """Within 1 % on every conductance, at random factors over the whole range, as its own error promises."""
    assert 0 < basis.error < 0.003
    low, high = np.log(np.array(list(RANGES.values()))).T
    factors = np.exp(np.random.default_rng(5).uniform(low, high, (12, len(low))))
    for found, sample in zip(basis.conductances(factors), factors, strict=True):
        truth = full(lattice, basis, sample)
        assert found == pytest.approx(truth, rel=0.01)


def test_it_never_conducts_worse_than_the_film_and_keeps_the_sum_rules(lattice: Lattice, basis: ReducedBasis) -> None:
    """The least power over fewer potentials is no less than over all of them; rows sum to zero, both ways alike."""
    factors = np.array([[0.3, 0.8, 7.0, 20.0, 0.2]])
    found, truth = basis.conductances(factors)[0], full(lattice, basis, factors[0])
    assert (np.linalg.eigvalsh(found - truth) > -1e-9 * np.abs(truth).max()).all()
    assert (found == found.T).all()
    assert found.sum(axis=0) == pytest.approx(0.0, abs=1e-15)


def test_many_samples_are_what_each_alone_is(basis: ReducedBasis) -> None:
    """Samples do not touch each other, however many are solved at once."""
    factors = np.exp(np.random.default_rng(1).uniform(-1, 1, (2300, len(RANGES))))
    many = basis.conductances(factors)
    assert many.shape == (2300, 3, 3)
    for row in (0, 999, 1000, 2299):
        assert many[row] == pytest.approx(basis.conductances(factors[row : row + 1])[0], rel=1e-9, abs=1e-18)


def test_too_few_solves_are_admitted(lattice: Lattice) -> None:
    """A basis that was stopped before it agreed says how far off it was."""
    poor = reduced_basis(lattice, RANGES, most_solves=2)
    assert poor.solves == 2
    assert poor.error > 0.003


@pytest.mark.parametrize("ranges", [{"nothing": (0.5, 2.0)}, {"bridge": (0.0, 2.0)}, {"bridge": (2.0, 1.0)},
                                    {"bridge": (1.0, np.nan)}, {"bridge": (1.0, np.inf)}])  # fmt: skip
def test_ranges_without_meaning_are_refused(lattice: Lattice, ranges: dict[str, tuple[float, float]]) -> None:
    """A part that is not there, or factors that are not positive and finite."""
    with pytest.raises(Misuse):
        reduced_basis(lattice, ranges)


def test_a_basis_of_nothing_that_conducts_is_open() -> None:
    """Two tips on an insulator: no factor makes it conduct, and no solve is spent on it."""
    ends = (Terminal("a", "film", box(0, 0, 1, 1)), Terminal("b", "film", box(8, 0, 9, 1)))
    insulator = FilmStack((Sheet("film", box(0, 0, 9, 1), 0.0),), (), ends)
    found = reduced_basis(solve(insulator).lattice, {"film": (0.1, 9)})
    assert (found.conductances(np.array([[1.0], [5.0]])) == 0).all()
    assert (found.error, found.solves) == (0.0, 1)
