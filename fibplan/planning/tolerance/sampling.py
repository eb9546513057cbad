"""The yield of a plan: seeded samples of everything that strays, mapped over one executor."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from fibplan.circuit.contributions import basis_error
from fibplan.errors import Misuse
from fibplan.layout.lamella import upright
from fibplan.model.plan import Plan
from fibplan.planning.tolerance.draws import draw, ends
from fibplan.planning.tolerance.judging import Samples, accepted, path_spreads, ranking
from fibplan.planning.tolerance.readings import Readings, readings
from fibplan.planning.tolerance.result import Tolerance
from fibplan.planning.tolerance.spreads import MAKING, controls, pairs, spreads

Integers = NDArray[np.int64]

LEAST, MOST = 64, 2**20
"""Samples: fewer say nothing, more take days."""
RANKED_SHARE = 8
"""One sample in so many is also ranked by, at least ``LEAST``: each takes a field for everything that strays."""
GEOMETRIES, MATERIALS = 8, 4096
"""Samples of one job, whatever the number of workers: the same jobs, the same numbers."""


class Executor(Protocol):
    """What :class:`concurrent.futures.Executor` and its kin do: a function of one entry of each iterable, in order."""

    def map(self, fn: Callable[..., Any], /, *iterables: Iterable[Any]) -> Iterator[Any]:
        """The results in the order of the entries."""
        ...


class InProcess:
    """An executor that does one job after the other, here."""

    def map(self, fn: Callable[..., Any], /, *iterables: Iterable[Any]) -> Iterator[Any]:
        """The results in the order of the entries."""
        return map(fn, *iterables)


def yield_of(
    plan: Plan, samples: int, seed: int = 0, executor: Executor | None = None, *, ranked: bool = True
) -> Tolerance:
    """The chance that a lamella of this plan is accepted, and with ``ranked`` what to control first.

    ``samples`` are rounded up to a power of two; the same plan, samples and seed give the same numbers, whatever the
    executor. Everything of :func:`~fibplan.planning.tolerance.spreads.spreads` strays. Where the making strays, each
    sample has a field of its own; where only materials do, all share a reduced basis. Raises :class:`Misuse` for a plan
    that has no such fields, for too few or too many samples, and for a seed below zero.
    """
    count = rounded_up(samples)
    require_fields(plan)
    if seed < 0:
        raise Misuse(f"the seed {seed} is below zero", where="yield", remedy="choose one from 0 up")
    found, together = spreads(plan), pairs(plan)
    rows = min(count, max(LEAST, count // RANKED_SHARE)) if ranked else 0
    drawn = draw(found, together, count, rows, seed)
    swung = ends(found, together) if ranked else np.zeros((1, len(found)))
    everything = np.concatenate([drawn.first, drawn.second, *drawn.mixed, swung])
    making = any(spread.name in MAKING for spread in found)
    jobs = _jobs(count, rows, len(controls(found)), len(everything)) if making else _parts(everything, MATERIALS)
    done = (executor or InProcess()).map(readings, [plan] * len(jobs), [everything[job] for job in jobs])
    results = Samples(plan, found, _in_order(list(done), jobs), count, rows)
    by, influences = ranking(results) if ranked else ("", ())
    return Tolerance(
        samples=count,
        seed=seed,
        accepted=accepted(results),
        paths=path_spreads(results),
        halo_shorts=float(results.drawn.halo.mean()),
        touching=float(results.drawn.touching.mean()),
        ranked=rows,
        by=by,
        ranking=influences,
        basis_error=None if making else basis_error(plan),
    )


def rounded_up(samples: int) -> int:
    """The next power of two; :class:`Misuse` outside of what makes sense."""
    if not LEAST <= samples <= MOST:
        raise Misuse(
            f"{samples} samples are too {'few' if samples < LEAST else 'many'}",
            where="yield",
            remedy=f"choose from {LEAST} to {MOST}",
        )
    return 2 ** math.ceil(math.log2(samples))


def require_fields(plan: Plan) -> None:
    """:class:`Misuse` for a plan without a bridge on a chip, without a measured path, or that stands upright."""
    measured = plan.measured_thickness_m is not None and plan.recipe.verification
    if plan.layout is None or plan.recipe.bridge is None or not measured:
        raise Misuse(
            "there is no yield to predict: the recipe has no bridge on a chip that is measured",
            where="yield",
            remedy="leave it out, or add a chip, a bridge and a step that measures",
        )
    if upright(plan.recipe):
        raise Misuse(
            "no field is solved for a lamella that stands upright, whose layers hide one another in plan view",
            where="lamella.placement.pose",
            remedy="lay it flat, or leave the yield out",
        )


def _jobs(count: int, rows: int, inputs: int, size: int) -> list[Integers]:
    """Which rows are done together: each ranked sample with what is mixed from it, whose geometry may be its own."""
    mixed = count + rows + rows * np.arange(inputs)
    by_sample = [np.append(row, mixed + row) for row in range(rows)]
    rest = np.append(np.arange(rows, count + rows), np.arange(count + rows + rows * inputs, size))
    return [*by_sample, *(rest[part] for part in _parts(rest, GEOMETRIES))]


def _parts(rows: NDArray[Any], most: int) -> list[Integers]:
    """Places of the rows, in parts of at most so many."""
    return np.array_split(np.arange(len(rows)), max(1, -(-len(rows) // most)))


def _in_order(done: Sequence[Readings], jobs: Sequence[Integers]) -> Readings:
    """The readings of all jobs in the order of the rows."""
    order = np.argsort(np.concatenate(jobs))
    return Readings(
        np.concatenate([each.ohms for each in done], axis=1)[:, order],
        np.concatenate([each.halo for each in done])[order],
        np.concatenate([each.touching for each in done])[order],
    )
