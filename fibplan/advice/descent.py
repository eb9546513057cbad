"""The search for ladders: the ways from the last trench down to the final thickness that no other way beats.

Ways that stand at the same place are compared by time, damage and cap; those that another one beats are dropped. What
is left at the end is every trade-off that the settings allow.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from fibplan.advice.course import Course, Leg, Place, arrived, highest
from fibplan.advice.rungs import Setting
from fibplan.milling.damage import entry_thickness
from fibplan.model.steps import Polish

LEAST_OFF = 2e-9
"""Metres off both faces together; a rung that takes less removes nothing."""

ROUNDING = 1e-12
"""Metres that two sums of the same thicknesses may differ by."""

ALIKE = 1e-9
"""Metres: no way is kept because it leaves less than this more of the cap."""


class Way(NamedTuple):
    """A way down so far: seconds of the whole session, deepest damage (expected and high), cap, entry to its rung."""

    time_s: float
    damage_m: float
    damage_high_m: float
    cap_m: float
    entry_m: float
    settings: tuple[Setting, ...]


class Stretch(NamedTuple):
    """What a rung at one setting adds to any way: seconds, metres off each face, its own harm, cap that it eats."""

    time_s: float
    off_m: float
    harm_m: float
    harm_high_m: float
    eaten_m: float
    entry_m: float
    setting: Setting


def written_way(course: Course) -> Way:
    """The way that the recipe goes as it is written."""
    return _written_from(course, first_way(course))


def first_way(course: Course) -> Way:
    """The way that has not begun, with the seconds that no setting changes."""
    cap = course.faces.cap_m.expected if course.faces.cap_m is not None else 0.0
    damage = course.faces.deepest_damage_m, highest(course.faces.damage_m.values())
    bare = Way(0.0, *damage, cap, 0.0, ())
    return bare._replace(time_s=course.total_s - _written_from(course, bare).time_s)


def descents(course: Course) -> list[Way]:
    """Every way down that no other beats in time, damage, cap and entry to the last rung; the fastest first."""
    standing: dict[Place, list[Way]] = {course.start: [first_way(course)]}
    for leg in course.legs:
        reached: dict[Place, list[Way]] = {}
        for place, ways in standing.items():
            for setting in leg.rung.settings:
                gone = list(_going(course, leg, place, setting, ways))
                if gone:
                    reached.setdefault(arrived(leg, setting), []).extend(gone)
        standing = {place: unbeaten(ways) for place, ways in reached.items()}
    return unbeaten(way for ways in standing.values() for way in ways if _sound(course, way))


def unbeaten(ways: Iterable[Way], margin_m: float = 0.0) -> list[Way]:
    """Those that are better than every faster one in damage, cap or entry, by more than a margin; the fastest first."""
    kept: list[Way] = []
    for way in sorted(ways):
        if not any(_as_good(other, way, margin_m) for other in reversed(kept)):
            kept.append(way)
    return kept


def _as_good(one: Way, other: Way, margin_m: float) -> bool:
    return (
        one.damage_m <= other.damage_m + margin_m
        and one.damage_high_m <= other.damage_high_m + margin_m
        and one.cap_m > other.cap_m - max(margin_m, ALIKE)
        and one.entry_m >= other.entry_m - margin_m
    )


def _written_from(course: Course, way: Way) -> Way:
    place = course.start
    for leg in course.legs:
        place, way = arrived(leg, leg.rung.written), _gone(way, _stretch(course, leg, place, leg.rung.written))
    return way


def _sound(course: Course, way: Way) -> bool:
    return way.damage_m <= course.most_damage_m + ROUNDING


def _going(course: Course, leg: Leg, place: Place, setting: Setting, ways: Sequence[Way]) -> Iterator[Way]:
    """The ways after that rung at that setting, where the rules allow it; as it is written it may always go on."""
    written = setting == leg.rung.written and (place.leaves_m, place.rung_beam) == leg.before[:2]
    if not (written or _falls(leg, place, setting)):
        return
    polishes = isinstance(leg.rung.step, Polish) and not written
    stretch = _stretch(course, leg, place, setting)
    for way in ways:
        needed = entry_thickness(setting.leaves_m, way.damage_m, stretch.harm_m) if polishes else 0.0
        if place.leaves_m >= needed - ROUNDING and way.cap_m - stretch.eaten_m >= course.least_cap_m - ROUNDING:
            yield _gone(way, stretch)


def _falls(leg: Leg, place: Place, setting: Setting) -> bool:
    """Thickness, current and voltage fall, by as much at least as makes a rung or a polish worth its name.

    A rung takes off no less than its own beam harms, both faces together, unless it is written with less.
    """
    voltage, current = place.rung_beam
    worth = min(2 * leg.effects[setting.voltage_v].harm_m, leg.rung.before_m - leg.rung.written.leaves_m)
    gentler = setting.voltage_v < voltage * (1 - 1e-9) or not isinstance(leg.rung.step, Polish)
    return (
        place.leaves_m - setting.leaves_m >= max(worth, LEAST_OFF) - ROUNDING
        and setting.current_a <= current * (1 + 1e-9)
        and setting.voltage_v <= voltage * (1 + 1e-9)
        and gentler
    )


def _stretch(course: Course, leg: Leg, place: Place, setting: Setting) -> Stretch:
    """What that rung and what follows it add, as the planner would have it."""
    effect, off = leg.effects[setting.voltage_v], place.leaves_m - setting.leaves_m
    charge = effect.charge_c_m * off
    changes = sum(one != other for one, other in pairwise([place.beam, setting[1:], *leg.passed]))
    return Stretch(
        time_s=charge / setting.current_a + changes * course.change_s,
        off_m=off / 2,
        harm_m=effect.harm_m,
        harm_high_m=effect.harm_high_m,
        eaten_m=charge * effect.cap_m2_c / setting.leaves_m,
        entry_m=place.leaves_m if leg.last else 0.0,
        setting=setting,
    )


def _gone(way: Way, stretch: Stretch) -> Way:
    return Way(
        time_s=way.time_s + stretch.time_s,
        damage_m=max(stretch.harm_m, way.damage_m - stretch.off_m),
        damage_high_m=max(stretch.harm_high_m, way.damage_high_m - stretch.off_m),
        cap_m=way.cap_m - stretch.eaten_m,
        entry_m=stretch.entry_m,
        settings=(*way.settings, stretch.setting),
    )
