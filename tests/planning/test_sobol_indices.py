"""Sobol's indices against what is known in closed form."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import qmc

from fibplan.planning.tolerance.indices import Indices, indices

Array = NDArray[np.float64]


def indices_of(result: Callable[[Array], Array], inputs: int, points: Array) -> list[Indices]:
    """By the same scheme as the yield, on uniform inputs."""
    first, second = points[:, :inputs], points[:, inputs:]
    mixed = np.repeat(first[None], inputs, axis=0)
    for place in range(inputs):
        mixed[place][:, place] = second[:, place]
    found = indices(result(first), result(second), np.array([result(each) for each in mixed]))
    assert found is not None
    return found


def even(dimensions: int, rows: int) -> Array:
    return qmc.Sobol(dimensions, seed=0).random(rows)


def ishigami(points: Array) -> Array:
    """T. Ishigami and T. Homma, Proc. ISUMA (1990) 398, with a = 7 and b = 0.1."""
    x, y, z = (math.pi * (2 * points - 1)).T
    return np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)


def test_ishigami_s_function() -> None:
    """First order 0.3139, 0.4424, 0; total 0.5576, 0.4424, 0.2437."""
    found = indices_of(ishigami, 3, even(6, 8192))
    assert [each.first.value for each in found] == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)
    assert [each.total.value for each in found] == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.02)


def test_what_adds_up_has_indices_that_sum_to_one() -> None:
    """In a product of log-normals the logarithms add: each index is its share of the squares, first and total alike."""
    widths = np.array([0.1, 0.3, 0.5, 1.0])
    found = indices_of(lambda points: np.log10(np.exp(ndtri(points) * widths).prod(axis=1)), 4, even(8, 4096))
    shares = widths**2 / (widths**2).sum()
    assert [each.first.value for each in found] == pytest.approx(shares, abs=0.02)
    assert [each.total.value for each in found] == pytest.approx(shares, abs=0.02)
    assert sum(each.first.value for each in found) == pytest.approx(1.0, abs=0.02)


def test_a_standard_error_is_what_seeds_differ_by() -> None:
    """Over forty draws by chance an index spreads by what one of them states, within a factor 1.7; even points less."""
    several = [indices_of(ishigami, 3, np.random.default_rng(seed).random((256, 6))) for seed in range(40)]
    for place in range(3):
        spread = np.std([each[place].total.value for each in several])
        stated = np.median([each[place].total.error for each in several])
        assert stated / 1.7 < spread < stated * 1.7


def test_a_result_that_never_varies_has_no_indices() -> None:
    """Zero over zero is not a share."""
    assert indices(np.ones(64), np.ones(64), np.ones((3, 64))) is None
