"""Samples of everything that strays, as standard normal scores: even, seeded, and correlated as the cards say.

Scrambled Sobol points (A. B. Owen, J. Complexity 14 (1998) 466) fill the unit cube more evenly than chance does.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri
from scipy.stats import qmc

from fibplan.planning.tolerance.spreads import Array, Pair, Spread, controls

END = 0.95
"""What a control is swung to: 5 % and 95 %."""
SMALLEST = 2.0**-40
"""Sobol points may be zero, which has no score."""


@dataclass(frozen=True)
class Draws:
    """Standard normal scores, rows samples and columns spreads.

    ``first`` are the samples themselves, and ``second`` as many others as there are rows to rank by. ``mixed`` has for
    each control those rows of ``first`` with the columns of that control from ``second`` (Saltelli et al., Comput.
    Phys. Commun. 181 (2010) 259): shape (controls, rows, spreads).
    """

    first: Array
    second: Array
    mixed: Array


def draw(found: tuple[Spread, ...], together: tuple[Pair, ...], samples: int, ranked: int, seed: int) -> Draws:
    """That many samples, a power of two, the first ``ranked`` of them with what the ranking takes."""
    size = len(found)
    sobol: Any = qmc.Sobol  # scipy is about to call the seed rng; both know it as seed
    points = sobol(2 * size, scramble=True, seed=seed).random(samples)
    scores = ndtri(np.clip(points, SMALLEST, 1 - SMALLEST))
    first = correlated(scores[:, :size], found, together)
    second = correlated(scores[:ranked, size:], found, together)
    mixed = np.repeat(first[None, :ranked], len(controls(found)), axis=0)
    for place, members in enumerate(controls(found).values()):
        columns = [found.index(member) for member in members]
        mixed[place][:, columns] = second[:, columns]
    return Draws(first, second, mixed)


def correlated(scores: Array, found: tuple[Spread, ...], together: tuple[Pair, ...]) -> Array:
    """Independent scores with the pairs made to have their rank correlations.

    Normal scores whose ranks correlate by ``s`` correlate by ``2 sin(pi s / 6)`` (K. Pearson, 1907).
    """
    names = [spread.name for spread in found]
    result = scores.copy()
    for pair in together:
        share = 2 * math.sin(math.pi * pair.how.rank / 6)
        one, other = names.index(pair.first), names.index(pair.second)
        result[:, other] = share * scores[:, one] + math.sqrt(1 - share**2) * scores[:, other]
    return result


def members_at_ends(found: tuple[Spread, ...], together: tuple[Pair, ...]) -> list[tuple[str, dict[str, float]]]:
    """Each control with scores of its members at either end of their spread, all else as expected.

    Members that err together are at their ends together, others one by one.
    """
    reach = float(ndtri(END))
    places: list[tuple[str, dict[str, float]]] = []
    for name, members in controls(found).items():
        joined = [pair for pair in together if pair.first in {member.name for member in members}]
        alone = {member.name for member in members} - {name for pair in joined for name in (pair.first, pair.second)}
        directions = [{pair.first: 1.0, pair.second: float(np.sign(pair.how.rank))} for pair in joined]
        directions += [{member.name: 1.0} for member in members if member.name in alone]
        places += [
            (name, {member: sign * reach * way for member, way in direction.items()})
            for direction in directions
            for sign in (-1.0, 1.0)
        ]
    return places


def ends(found: tuple[Spread, ...], together: tuple[Pair, ...]) -> Array:
    """The same as rows of scores, and a last row with everything as expected."""
    names = [spread.name for spread in found]
    places = members_at_ends(found, together)
    rows = np.zeros((len(places) + 1, len(found)))
    for row, (_, members) in zip(rows, places, strict=False):
        for name, score in members.items():
            row[names.index(name)] = score
    return rows
