"""A cheap yield of many designs: few makings of each, and for each of those many materials that share its field.

All designs are given the same draws, so that they differ by what they are and not by chance (common random numbers).
"""

from collections.abc import Sequence

import numpy as np

from fibplan.model.plan import Plan
from fibplan.planning.tolerance.draws import draw
from fibplan.planning.tolerance.judging import Samples, accepted
from fibplan.planning.tolerance.readings import Readings, readings
from fibplan.planning.tolerance.sampling import Executor
from fibplan.planning.tolerance.spreads import MAKING, Array, pairs, spreads

MAKINGS, MATERIALS = 4, 128
"""Each making costs a field, the materials next to nothing."""


def screened(plans: Sequence[Plan], seed: int, executor: Executor) -> list[float]:
    """The share of each plan that is accepted, to a few per cent: good enough to tell which are worth a full look."""
    scores = [_scores(plan, seed) for plan in plans]
    jobs = [
        (plan, rows)
        for plan, drawn in zip(plans, scores, strict=True)
        for rows in np.array_split(drawn, MAKINGS)  # one making a job
    ]
    done = list(executor.map(readings, [plan for plan, _ in jobs], [rows for _, rows in jobs]))
    found: list[float] = []
    for place, plan in enumerate(plans):
        read = _joined(done[place * MAKINGS : (place + 1) * MAKINGS])
        found.append(accepted(Samples(plan, spreads(plan), read, len(scores[place]), 0)).expected)
    return found


def _scores(plan: Plan, seed: int) -> Array:
    """The first draws, each with the making of the block that it stands in: a row a sample, a column a spread."""
    found = spreads(plan)
    scores = draw(found, pairs(plan), MAKINGS * MATERIALS, 0, seed).first.copy()
    making = [column for column, spread in enumerate(found) if spread.name in MAKING]
    scores[:, making] = np.repeat(scores[:MAKINGS, making], MATERIALS, axis=0)
    return scores


def _joined(done: Sequence[Readings]) -> Readings:
    return Readings(
        np.concatenate([each.ohms for each in done], axis=1),
        np.concatenate([each.halo for each in done]),
        np.concatenate([each.touching for each in done]),
    )
