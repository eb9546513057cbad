"""From readings to what they mean: how many samples are accepted, how the paths spread, and what to control first."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from fibplan.circuit.parameters import parameters
from fibplan.model.interval import Interval, Status, joined_sources, worst
from fibplan.model.path import Above, Below, VerificationPath
from fibplan.model.plan import Plan
from fibplan.planning.predict import COVERAGE, OPEN_OHM
from fibplan.planning.tolerance.draws import members_at_ends
from fibplan.planning.tolerance.indices import Indices, indices
from fibplan.planning.tolerance.readings import Readings
from fibplan.planning.tolerance.result import ACCEPTED, PROBABILITIES, Influence, PathSpread
from fibplan.planning.tolerance.spreads import Array, Spread, controls, pairs, statuses

SEEN = 10
"""The acceptance is ranked by where at least so many samples are accepted, and so many are not."""
FAR = 1e3
"""A reading so many times beyond the second limit of its path says no more than a nearer one: an open has no size."""


@dataclass(frozen=True)
class Samples:
    """Readings of ``count`` samples, of ``rows`` second ones, of the mixed ones, of the ends, and of the plan."""

    plan: Plan
    found: tuple[Spread, ...]
    read: Readings
    count: int
    rows: int

    @property
    def drawn(self) -> Readings:
        """Of the samples alone."""
        return self.read.of(slice(self.count))

    @property
    def paths(self) -> dict[str, VerificationPath]:
        return self.plan.recipe.verification


def accepted(samples: Samples) -> Interval:
    """The share of samples that pass every path, with Wilson's interval (J. Am. Stat. Assoc. 22 (1927) 209).

    It takes the samples as independent, which makes it a little too wide for the even ones that they are. What the
    cards do not know is in the share itself, not in the interval.
    """
    passed = _passes(samples, samples.drawn.ohms).all(axis=0)
    share, score, size = float(np.mean(passed)), float(ndtri(0.5 + COVERAGE / 2)), samples.count
    middle = (share + score**2 / (2 * size)) / (1 + score**2 / size)
    half = score / (1 + score**2 / size) * np.sqrt(share * (1 - share) / size + (score / (2 * size)) ** 2)
    used = parameters(samples.plan).values()
    return Interval(
        low=min(share, max(0.0, float(middle - half))),
        expected=share,
        high=max(share, min(1.0, float(middle + half))),
        unit="1",
        coverage=COVERAGE,
        source=joined_sources(used),
        status=worst([Status.DERIVED, *(interval.status for interval in used), *statuses(samples.plan)]),
    )


def path_spreads(samples: Samples) -> dict[str, PathSpread]:
    """Each path over the samples."""
    ohms, passed = samples.drawn.ohms, _passes(samples, samples.drawn.ohms)
    short = (samples.drawn.halo > 0) | (samples.drawn.touching > 0)
    found: dict[str, PathSpread] = {}
    for row, (name, path) in enumerate(samples.paths.items()):
        kept = ohms[row][~short] if isinstance(path.criterion, Above) and not short.all() else ohms[row]
        quantiles = np.quantile(np.minimum(kept, OPEN_OHM), PROBABILITIES, method="lower")
        found[name] = PathSpread(
            passed=float(passed[row].mean()),
            opened=float(np.isinf(ohms[row]).mean()),
            planned=float(min(samples.read.ohms[row, -1], OPEN_OHM)),
            quantiles=tuple(float(ohm) for ohm in quantiles),
        )
    return found


def ranking(samples: Samples) -> tuple[str, tuple[Influence, ...]]:
    """The result that decides, and what to control, by its total index: the acceptance, or else the weakest path."""
    names = list(controls(samples.found))
    results = {**_logarithms(samples), ACCEPTED: _passes(samples, samples.read.ohms).all(axis=0).astype(float)}
    found = {name: indices(*_split(samples, values)) for name, values in results.items()}
    by = _deciding(samples, results[ACCEPTED], found)
    swings = _swings(samples)
    influences = [
        Influence(
            control=name,
            strays={spread.name: spread.words for spread in controls(samples.found)[name]},
            indices={result: of[place] for result, of in found.items() if of is not None},
            swings=swings[name],
        )
        for place, name in enumerate(names)
    ]
    return by, tuple(sorted(influences, key=lambda each: -each.indices[by].total.value if by in each.indices else 0.0))


def _passes(samples: Samples, ohms: Array) -> Array:
    """Whether the reading of each path passes, shape (paths, samples)."""
    limits = [(path.criterion, row) for path, row in zip(samples.paths.values(), ohms, strict=True)]
    return np.stack([row < limit.limit if isinstance(limit, Below) else row > limit.limit for limit, row in limits])


def _logarithms(samples: Samples) -> dict[str, Array]:
    """Decades of each reading, which ends where it is ``FAR`` beyond the second limit."""
    found: dict[str, Array] = {}
    for row, (name, path) in zip(samples.read.ohms, samples.paths.items(), strict=True):
        criterion = path.criterion
        below = isinstance(criterion, Below)
        least, most = (0.0, criterion.marginal * FAR) if below else (criterion.marginal / FAR, OPEN_OHM)
        found[name] = np.log10(np.clip(row, max(least, 1e-3), most))
    return found


def _split(samples: Samples, values: Array) -> tuple[Array, Array, Array]:
    """A result of the ranked samples, of the second ones, and of the mixed ones by control."""
    inputs, start = len(controls(samples.found)), samples.count + samples.rows
    mixed = values[start : start + inputs * samples.rows].reshape(inputs, samples.rows)
    return values[: samples.rows], values[samples.count : start], mixed


def _deciding(samples: Samples, passed: Array, found: dict[str, list[Indices] | None]) -> str:
    first, second, _ = _split(samples, passed)
    both = np.concatenate([first, second])
    if min(both.sum(), (1 - both).sum()) >= SEEN:
        return ACCEPTED
    shares = _passes(samples, samples.drawn.ohms).mean(axis=1)
    names = [name for name in samples.paths if found[name] is not None] or list(samples.paths)
    return min(names, key=lambda name: shares[list(samples.paths).index(name)])


def _swings(samples: Samples) -> dict[str, dict[str, tuple[float, float]]]:
    """Least and greatest ohm of each path at the ends of each control, and of the plan."""
    start = samples.count + samples.rows * (1 + len(controls(samples.found)))
    ohms = np.minimum(samples.read.ohms[:, start:], OPEN_OHM)
    places = members_at_ends(samples.found, pairs(samples.plan))
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for name in controls(samples.found):
        rows = [place for place, (control, _) in enumerate(places) if control == name]
        at = ohms[:, [*rows, -1]]
        found[name] = {
            path: (float(low), float(high))
            for path, low, high in zip(samples.paths, at.min(axis=1), at.max(axis=1), strict=True)
        }
    return found
