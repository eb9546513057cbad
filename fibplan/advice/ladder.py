"""A better thickness ladder for a recipe: the search proposes, the planner and the rules decide."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from fibplan.advice.course import course_of
from fibplan.advice.descent import Way, descents, unbeaten
from fibplan.advice.rungs import Goal, Rung, movable, moving_rungs, set_to, written_as
from fibplan.checks.ladder import SLACK
from fibplan.checks.rules import check
from fibplan.errors import Misuse
from fibplan.milling.damage import deepest_damage
from fibplan.model.finding import Finding, Severity
from fibplan.model.interval import Interval
from fibplan.model.plan import Operation, Plan
from fibplan.planning.expand import expand

WORTH_S = 1.0
"""Seconds: a ladder that saves less is no better."""

WORTH_M = 1e-11
"""Metres: damage that differs by less is the same."""

TRIES = 50
"""Ladders that the rules are asked about before the search gives up."""

LEAST_POINTS, MOST_POINTS = 3, 8
"""Of the trade-off that is told."""

UNITS = {"leaves": "m", "accelerating_voltage": "V", "beam_current": "A"}


@dataclass(frozen=True)
class NewValue:
    """One value of a step that changes, as it is written before and after; ``assumed`` where it was the author's."""

    position: int
    step: str
    field: str
    before: str
    after: str
    assumed: bool


@dataclass(frozen=True)
class Superfluous:
    """A step that does little for its time, with the reason."""

    step: str
    reason: str
    duration_s: Interval


@dataclass(frozen=True)
class Proposal:
    """The plan as it is, the better one (None where there is none), and the plans that trade time for something."""

    goal: Goal
    before: Plan
    after: Plan | None
    trade_off: tuple[Plan, ...]

    @property
    def new_values(self) -> list[NewValue]:
        return [] if self.after is None else list(_new_values(self.before, self.after))


def propose(plan: Plan, goal: Goal) -> Proposal:
    """A ladder that breaks no rule which the plan keeps, with the least expected time, or damage and then time.

    The plan must have no error. Final damage never grows, and the cap keeps twice what it needs or what it had. A
    step for which the recipe accepts a warning keeps its values, which the written reason speaks of. Raises
    :class:`~fibplan.errors.Misuse` for a recipe without a rung that could move.
    """
    if not moving_rungs(plan):
        raise Misuse("no step thins the lamella after its trenches", where="steps", remedy="there is nothing to move")
    findings = check(plan)
    rungs = movable(plan, goal, _accepted(plan, findings))
    ways = descents(course_of(plan, rungs))
    allowed = _Allowed(plan, rungs, findings)
    best = next(islice(allowed.plans(sorted(ways, key=lambda way: _rank(way, goal)), TRIES), 1), None)
    after = best if best is not None and _better(best, plan, goal) else None
    slowest = max(plan.duration.expected, after.duration.expected if after is not None else 0.0)
    points = spread([way for way in ways if way.time_s <= slowest + WORTH_S], MOST_POINTS)
    if len(points) < LEAST_POINTS:
        points = spread(ways, MOST_POINTS)
    return Proposal(goal, plan, after, tuple(allowed.plans(points, MOST_POINTS)))


def spread(ways: Sequence[Way], most: int) -> list[Way]:
    """At most that many of the ways, each better than every faster one in something by a margin as small as can be."""
    margin = WORTH_M
    while len(points := unbeaten(ways, margin)) > most:
        margin *= 1.5
    return points


def deepest(plan: Plan) -> Interval | None:
    """Final damage of a face, in metres, in the layer that is harmed deepest."""
    return max((layer.damage_m for layer in plan.finish), key=lambda depth: (depth.expected, depth.high), default=None)


def entry_of(plan: Plan) -> float:
    """Metres that the last rung starts from."""
    return moving_rungs(plan)[-1].thickness_before_m or 0.0


def superfluous(plan: Plan) -> list[Superfluous]:
    """Steps that take off no more than their own beam harms, or that mill on with the beam of the step before."""
    found: list[Superfluous] = []
    rungs = moving_rungs(plan)
    for earlier, rung in [(None, rungs[0]), *pairwise(rungs)]:
        reason = _needless(earlier, rung, plan)
        if reason and rung is not rungs[-1]:
            found.append(Superfluous(rung.name, reason, rung.duration_s))
    return found


@dataclass(frozen=True)
class _Allowed:
    """Asks planner and rules whether a way may be offered."""

    plan: Plan
    rungs: Sequence[Rung]
    findings: Sequence[Finding]

    def plans(self, ways: Iterable[Way], most: int) -> Iterator[Plan]:
        """The plans of the first ``most`` ways, without those that bring an error or a warning that was not there."""
        known = _troubles(self.findings)
        for way in islice(ways, most):
            recipe = set_to(self.plan.recipe, list(zip(self.rungs, way.settings, strict=True)))
            plan = expand(recipe, self.plan.cards)
            if _troubles(check(plan)) <= known:
                yield plan


def _troubles(findings: Iterable[Finding]) -> set[tuple[object, ...]]:
    return {(found.code, found.path) for found in findings if found.severity is not Severity.NOTE}


def _accepted(plan: Plan, findings: Iterable[Finding]) -> set[int]:
    """Positions of the steps for which a warning is accepted."""
    codes = {entry.code for entry in plan.recipe.accepts}
    paths = [found.path for found in findings if found.code in codes and found.path[:1] == ("steps",)]
    return {path[1] for path in paths if isinstance(path[1], int)}


def _rank(way: Way, goal: Goal) -> tuple[object, ...]:
    """Ways in the order in which they are wanted; the rest of the way decides between equals."""
    damage = (round(way.damage_m / WORTH_M), round(way.damage_high_m / WORTH_M))
    time = round(way.time_s, 3)
    return ((time, *damage) if goal is Goal.TIME else (*damage, time)) + (-way.cap_m, -way.entry_m, way.settings)


def _better(plan: Plan, than: Plan, goal: Goal) -> bool:
    """Whether it is worth offering: faster, or for the sake of damage less harmed, or as little in less time."""
    faster = plan.duration.expected <= than.duration.expected - WORTH_S
    less, more = deepest(plan), deepest(than)
    if goal is Goal.TIME or less is None or more is None:
        return faster
    gained = (round((more.expected - less.expected) / WORTH_M), round((more.high - less.high) / WORTH_M), faster)
    return gained > (0, 0, False)


def _new_values(before: Plan, after: Plan) -> Iterator[NewValue]:
    for old, new in zip(moving_rungs(before), moving_rungs(after), strict=True):
        for field, unit in UNITS.items():
            was, becomes = getattr(old.step, field), getattr(new.step, field)
            if was != becomes:
                texts = written_as(was, unit), written_as(becomes, unit)
                yield NewValue(old.position, old.name, field, *texts, assumed=field in old.step.assumed)


def _needless(earlier: Operation | None, rung: Operation, plan: Plan) -> str:
    """Why the rung does little, or nothing to say."""
    off = (rung.thickness_before_m or 0.0) - (rung.thickness_after_m or 0.0)
    harm = deepest_damage(plan.recipe.sample, plan.cards.materials, rung.accelerating_voltage_v or 0.0)
    if off <= 2 * harm + SLACK:
        return f"it takes {written_as(round(off / 2, 10), 'm')} off each face, no more than its own beam harms"
    if (
        earlier is not None
        and _same_beam(earlier, rung)
        and plan.operations.index(rung) == plan.operations.index(earlier) + 1
    ):
        return f"it goes on with the beam of '{earlier.name}', which could leave as little"
    return ""


def _same_beam(one: Operation, other: Operation) -> bool:
    first, second = one.step, other.step
    fields = ("kind", "accelerating_voltage", "beam_current", "overtilt")
    return all(getattr(first, field, None) == getattr(second, field, None) for field in fields)
