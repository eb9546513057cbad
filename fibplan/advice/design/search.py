"""A search for designs that nothing dominates: from what is not dominated, one change at a time.

Pareto local search (L. Paquete, M. Chiarandini and T. Stuetzle, Lect. Notes Econ. Math. Syst. 535 (2004) 177) over the
values of a space: it takes no derivative, and the same draws for every design make it the same each time.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from fibplan.advice.design.making import Workshop, deposition_s, outline_of
from fibplan.advice.design.screening import screened
from fibplan.advice.design.space import LEAPS, Design, Space
from fibplan.model.layout import Part
from fibplan.model.plan import Plan
from fibplan.planning.tolerance.sampling import Executor

PARENTS = 2
"""So many designs are varied in one round."""
BEGINNINGS = 4
"""Smaller designs that the search begins with where the recipe's own takes too long."""

Told = Callable[[str], None]


class Bounds(NamedTuple):
    """Seconds that a design may take, and how many designs are screened."""

    most_s: float
    designs: int


class Candidate(NamedTuple):
    """A design with its plan, seconds of deposition, and the share that is accepted."""

    design: Design
    plan: Plan
    time_s: float
    share: float


@dataclass
class Search:
    """What has been screened, and what has been varied."""

    workshop: Workshop
    space: Space
    bounds: Bounds
    seed: int
    executor: Executor
    told: Told
    found: dict[Any, Candidate] = field(default_factory=dict[Any, Candidate])
    tried: set[Design] = field(default_factory=set[Design])
    varied: set[tuple[Design, int]] = field(default_factory=set[tuple[Design, int]])

    def run(self) -> list[Candidate]:
        """Everything that was screened, the recipe's own design first where it takes no longer than it may.

        Landing and cut are varied in the beginning, and once more when half of the designs are screened.
        """
        self._screen([self.space.start])
        if not self.found:
            self._screen(self._beginnings())
        for most in (self.bounds.designs // 2, self.bounds.designs):
            self._screen(other for design in self._best() for other in self.space.others(design))
            while len(self.found) < most and (parents := self._parents()):
                self.varied.update(parents)
                self._screen(each for parent, leap in parents for each in self.space.neighbours(parent, leap))
        return list(self.found.values())

    def _best(self) -> list[Design]:
        """The likeliest to be accepted, if there is any."""
        return [each.design for each in undominated(self.found.values())[-1:]]

    def _parents(self) -> list[tuple[Design, int]]:
        """The likeliest to be accepted of those that nothing dominates and that were not varied by that leap."""
        front = undominated(self.found.values())
        worth = [each.design for each in reversed(front) if 2 * each.share >= front[-1].share]
        for leap in LEAPS:
            left = [(design, leap) for design in worth if (design, leap) not in self.varied]
            if left:
                return left[:PARENTS]
        return []

    def _beginnings(self) -> Iterator[Design]:
        """Smaller designs that are fast enough."""
        fast = (design for design in self.space.smaller() if self._fast(self.workshop.allowed(design)))
        return (design for _, design in zip(range(BEGINNINGS), fast, strict=False))

    def _screen(self, designs: Iterable[Design]) -> None:
        """The new ones that keep the rules and the time, as many as are left to be screened."""
        fresh: dict[Any, tuple[Design, Plan]] = {}
        for design in designs:
            if len(self.found) + len(fresh) >= self.bounds.designs:
                break
            if design in self.tried:
                continue
            self.tried.add(design)
            plan = self.workshop.allowed(design)
            if plan is not None and self._fast(plan) and _sort(plan) not in self.found:
                fresh.setdefault(_sort(plan), (design, plan))
        shares = screened([plan for _, plan in fresh.values()], self.seed, self.executor)
        for (sort, (design, plan)), share in zip(fresh.items(), shares, strict=True):
            self.found[sort] = Candidate(design, plan, deposition_s(plan), share)
        if fresh:
            best = max(each.share for each in self.found.values())
            self.told(f"screened {len(self.found)} designs of at most {self.bounds.designs}; the best about {best:.0%}")

    def _fast(self, plan: Plan | None) -> bool:
        return plan is not None and deposition_s(plan) <= self.bounds.most_s


def undominated(found: Iterable[Candidate]) -> list[Candidate]:
    """Those than which no other is as fast and accepted as often, and better in one of them; the fastest first."""
    kept: list[Candidate] = []
    for each in sorted(found, key=lambda one: (one.time_s, -one.share)):
        if not kept or each.share > kept[-1].share:
            kept.append(each)
    return kept


def thinned(points: Sequence[Candidate], most: int) -> list[Candidate]:
    """At most that many of a front, its ends among them: the one that gains least on the one before goes first."""
    kept = list(points)
    while len(kept) > most:
        gains = [kept[place].share - kept[place - 1].share for place in range(1, len(kept) - 1)]
        del kept[1 + gains.index(min(gains))]
    return kept


def _sort(plan: Plan) -> Any:
    """What makes two designs the same lamella."""
    assert plan.layout is not None
    bridge = plan.recipe.bridge
    assert bridge is not None
    cuts = tuple((cut.outline_um, cut.thickness_m) for cut in plan.layout.of(Part.CUT))
    return outline_of(plan), bridge.thickness, cuts
