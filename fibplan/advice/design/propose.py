"""A better bridge for a recipe: the search proposes, the rules decide, and full samples say how much better it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fibplan.advice.design.making import Workshop, deposition_s
from fibplan.advice.design.search import Bounds, Candidate, Search, Told, thinned, undominated
from fibplan.advice.design.space import LEAPS, Design, Space
from fibplan.errors import Misuse
from fibplan.model.interval import Interval
from fibplan.model.plan import Plan
from fibplan.planning.tolerance.sampling import LEAST, Executor, InProcess, require_fields, rounded_up, yield_of
from fibplan.planning.tolerance.spreads import spreads

LONGER = 2.0
"""Without a time to keep, a design may take so many times what the recipe takes; chosen."""
MOST_POINTS = 5
"""Designs of the front that are sampled in full."""
ALIKE = 0.01
"""Of designs whose yields differ by less, the fastest is proposed."""
LEAST_GAIN = 0.02
"""A yield that grows by less is not told from chance by some hundred samples."""


class Asked(NamedTuple):
    """Seconds that bridge and cuts may take (None for ``LONGER`` times what they take), samples and their seed.

    ``designs`` are screened at the most.
    """

    most_s: float | None = None
    samples: int = 512
    seed: int = 0
    designs: int = 72


class Point(NamedTuple):
    """A design with its plan, its seconds of deposition, and its yield."""

    design: Design
    plan: Plan
    time_s: float
    accepted: Interval


@dataclass(frozen=True)
class BridgeProposal:
    """The recipe's bridge, the better one (None where there is none), and all that nothing dominates.

    ``before`` and ``after`` have ``samples`` samples, ``front`` and ``present``, the recipe's bridge beside it, fewer.
    """

    space: Space
    most_s: float
    before: Point
    after: Point | None
    front: tuple[Point, ...]
    present: Point
    samples: int
    front_samples: int
    seed: int
    screened: int

    @property
    def chosen(self) -> Point | None:
        """The point of the front that ``after`` is."""
        return next((point for point in self.front if self.after and point.design == self.after.design), None)


def propose_bridge(
    plan: Plan, asked: Asked, executor: Executor | None = None, told: Told | None = None
) -> BridgeProposal:
    """The bridge that most lamellae are accepted with, among those that can be made in the time that is allowed.

    The plan must have no error; every design keeps the rules that the plan keeps. Dozens of designs are weighed with
    few samples, those of the front with half of all, the best of them and the recipe's own with all. Raises
    :class:`Misuse` for a plan without fields or without anything that strays, and for numbers without sense.
    """
    require_sense(plan, asked)
    sampler = _Sampler(rounded_up(asked.samples), asked.seed, executor or InProcess(), told or _nobody)
    workshop = Workshop(plan)
    space, own_s = workshop.space(), deposition_s(plan)
    limit = asked.most_s if asked.most_s is not None else LONGER * own_s
    found = Search(workshop, space, Bounds(limit, asked.designs), asked.seed, sampler.executor, sampler.told).run()
    kept = [each for each in thinned(undominated(found), MOST_POINTS) if each.design != space.start]
    present, *others = sampler.points([Candidate(space.start, plan, own_s, 0.0), *kept], sampler.fewer)
    front = _undominated(point for point in (present, *others) if point.time_s <= limit)
    varied = _with_other_overlaps(workshop, space, front, limit)
    front = _undominated([*front, *sampler.points(varied, sampler.fewer)])
    best = _best(front)
    asked_of = [present] if best is None or best.design == present.design else [present, best]
    before, *after = sampler.points([Candidate(*point[:3], 0.0) for point in asked_of], sampler.count)
    return BridgeProposal(
        space=space,
        most_s=limit,
        before=before,
        after=next((point for point in after if _better(point, before, limit)), None),
        front=tuple(front),
        present=present,
        samples=sampler.count,
        front_samples=sampler.fewer,
        seed=asked.seed,
        screened=len(found),
    )


def require_sense(plan: Plan, asked: Asked) -> None:
    """:class:`Misuse` for what has no yield, or one that no bridge changes, and for a time or seed below zero."""
    require_fields(plan)
    rounded_up(asked.samples)
    if asked.seed < 0:
        raise Misuse(f"the seed {asked.seed} is below zero", where="--seed", remedy="choose one from 0 up")
    if asked.most_s is not None and asked.most_s <= 0:
        raise Misuse("this is no time to deposit in", where="--within", remedy="allow some minutes, such as '20 min'")
    if not plan.recipe.verification:
        raise Misuse("nothing is measured that could be accepted", where="verification", remedy="add its paths")
    if not spreads(plan):
        raise Misuse(
            "nothing strays: no card of this recipe gives a tolerance or an interval",
            where="yield",
            remedy="write tolerances into the cards of column and gas injector",
        )


@dataclass(frozen=True)
class _Sampler:
    """Yields with all samples, or with half of them."""

    count: int
    seed: int
    executor: Executor
    told: Told

    @property
    def fewer(self) -> int:
        return max(LEAST, self.count // 2)

    def points(self, found: Sequence[Candidate], count: int) -> list[Point]:
        """Each with its yield of so many samples."""
        points: list[Point] = []
        for place, each in enumerate(found, 1):
            self.told(f"sampling design {place} of {len(found)} with {count} samples")
            share = yield_of(each.plan, count, self.seed, self.executor, ranked=False)
            points.append(Point(each.design, each.plan, each.time_s, share.accepted))
        return points


def _nobody(text: str) -> None:
    """Is told."""
    del text


def _with_other_overlaps(workshop: Workshop, space: Space, front: Sequence[Point], limit: float) -> list[Candidate]:
    """The best of the front with its overlaps otherwise: how often one misses, only full samples see."""
    best = _best(front)
    if best is None:
        return []
    known = {space.start, *(point.design for point in front)}
    near = space.neighbours(best.design, LEAPS[0])
    overlaps = (each for each in near if each[:2] == best.design[:2] and each not in known)
    plans = ((each, workshop.allowed(each)) for each in overlaps)
    found = [Candidate(each, plan, deposition_s(plan), 0.0) for each, plan in plans if plan is not None]
    return [each for each in found if each.time_s <= limit]


def _best(front: Sequence[Point]) -> Point | None:
    """The fastest of those that are accepted about as often as any."""
    most = max((point.accepted.expected for point in front), default=0.0)
    return next((point for point in front if point.accepted.expected > most - ALIKE), None)


def _better(point: Point, than: Point, limit: float) -> bool:
    """Accepted more often, or all there is where the recipe's own takes too long."""
    return than.time_s > limit or point.accepted.expected >= than.accepted.expected + LEAST_GAIN


def _undominated(points: Iterable[Point]) -> list[Point]:
    """The fastest first; what is slower is accepted more often."""
    by_time = sorted(points, key=lambda point: (point.time_s, -point.accepted.expected))
    kept: list[Point] = []
    for point in by_time:
        if not kept or point.accepted.expected > kept[-1].accepted.expected:
            kept.append(point)
    return kept
