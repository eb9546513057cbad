"""Which inputs a result varies with: Sobol's indices, first order and total, with their standard errors.

``first`` is the share of the variance that goes when the input is known, ``total`` the share that stays while only it
is unknown; without interactions they are the same and sum to one.
"""

import numpy as np

from fibplan.model.base import Frozen
from fibplan.planning.tolerance.spreads import Array

REDRAWN = 200
"""Rows are drawn anew so often for the standard errors (Archer, Saltelli and Sobol', J. Stat. Comput. Simul. 58 (1997)
99)."""


class Index(Frozen):
    """A share of a variance, with its standard error; of few samples it may come out below zero or over one."""

    value: float
    error: float


class Indices(Frozen):
    """Of one input for one result."""

    first: Index
    total: Index


def indices(first: Array, second: Array, mixed: Array) -> list[Indices] | None:
    """Indices of each input from the results of ``Draws``; None where the result does not vary.

    ``first`` and ``second`` have a result a row, ``mixed`` one for each input and row. First order by Saltelli et al.,
    Comput. Phys. Commun. 181 (2010) 259, table 2 (b), total by Jansen, Comput. Phys. Commun. 117 (1999) 35. The errors
    are those of samples drawn by chance; even ones err less.
    """
    if np.ptp(np.concatenate([first, second])) == 0.0:
        return None
    rows = np.random.default_rng(0).integers(len(first), size=(REDRAWN, len(first)))
    orders = _orders(first, second, mixed)
    redrawn = np.array([_orders(first[row], second[row], mixed[:, row]) for row in rows])
    errors = np.nanstd(redrawn, axis=0)
    return [
        Indices(
            first=Index(value=float(orders[0, place]), error=float(errors[0, place])),
            total=Index(value=float(orders[1, place]), error=float(errors[1, place])),
        )
        for place in range(len(mixed))
    ]


def _orders(first: Array, second: Array, mixed: Array) -> Array:
    """First order and total of each input."""
    both = np.concatenate([first, second])
    variance = float(both.var())
    if variance == 0.0:
        return np.full((2, len(mixed)), np.nan)
    alone = ((second - both.mean()) * (mixed - first)).mean(axis=1)
    left = ((mixed - first) ** 2).mean(axis=1) / 2
    return np.stack([alone, left]) / variance
