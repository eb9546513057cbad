"""How far the time that a better ladder saves can be trusted, and on which rates it leans."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from fibplan.advice.rungs import Moving, moving_rungs
from fibplan.milling.duration import Column, beam_on
from fibplan.milling.rates import calibrated_rate
from fibplan.milling.removal import removed_by
from fibplan.model.interval import Interval
from fibplan.model.plan import Plan

Rated = tuple[str, float]
"""A material and the voltage at which it is milled."""


@dataclass(frozen=True)
class Leaning:
    """A removal rate in m3/C that the saved time depends on, and what its ends do to that time.

    Of the seconds saved ``lost_low_s`` vanish where the rate alone is at its low end, ``lost_high_s`` at its high end;
    below zero more is saved there.
    """

    material: str
    voltage_v: float
    rate: Interval
    calibrated: bool
    lost_low_s: float
    lost_high_s: float


def saved_time(before: Plan, after: Plan) -> Interval:
    """Seconds saved as expected, and the least and the most of it with all as fast, or as slow, as the cards allow."""
    first, second = before.duration, after.duration
    ends = [first.low - second.low, first.expected - second.expected, first.high - second.high]
    return first.model_copy(update={"low": min(ends), "expected": ends[1], "high": max(ends)})


def leanings(before: Plan, after: Plan) -> list[Leaning]:
    """Every rate with which the two ladders are milled, the one whose ends cost most of the saved time first."""
    first, second = _beam_times(before), _beam_times(after)
    column = Column(before.cards.fib, before.cards.materials)
    found: list[Leaning] = []
    for material, voltage in sorted(first.keys() | second.keys()):
        rate = column.plain_rate(material, voltage)
        if rate is None:
            continue
        saved = first[material, voltage] - second[material, voltage]
        calibrated = calibrated_rate(before.cards.fib.calibrations, material, voltage) is not None
        ends = (saved * (1 - rate.expected / end) for end in (rate.low, rate.high))
        found.append(Leaning(material, voltage, rate, calibrated, *ends))
    return sorted(found, key=lambda entry: -max(entry.lost_low_s, entry.lost_high_s))


def _beam_times(plan: Plan) -> dict[Rated, float]:
    """Expected seconds with the beam on each material at each voltage, all moving rungs together."""
    times: dict[Rated, float] = defaultdict(float)
    for rated, seconds in _parts(plan):
        times[rated] += seconds
    return times


def _parts(plan: Plan) -> Iterator[tuple[Rated, float]]:
    column, patterns = Column(plan.cards.fib, plan.cards.materials), plan.cards.fib.patterns
    for operation in moving_rungs(plan):
        step = operation.step
        assert isinstance(step, Moving)
        for part in removed_by(step, plan.recipe, operation.thickness_before_m, patterns=patterns, deposited=""):
            rate = column.rate(part.material, step)
            if rate is not None and part.volume_um3 > 0:
                rated = part.material, step.accelerating_voltage
                yield rated, beam_on(part.volume_um3, rate, step.beam_current).expected
