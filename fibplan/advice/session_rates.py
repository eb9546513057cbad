"""The removal rates that a session's times tell: each is the planned one times expected over actual beam time."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from fibplan.advice.calibration import Accuracy, Measurement, Rated, log_sd, standard_deviation, together
from fibplan.milling.column import Column
from fibplan.milling.duration import beam_on
from fibplan.milling.removal import Removed, removed_by, scan_of
from fibplan.model.fib_card import Calibration
from fibplan.model.interval import Interval, exactly
from fibplan.model.plan import Operation, Plan
from fibplan.model.steps import CleaningCrossSection, MillTrench, Polish, Thin, Undercut
from fibplan.units import show_time

Cut = MillTrench | CleaningCrossSection | Undercut | Thin | Polish
"""Steps whose time tells a rate. An isolation cut does not: how thick the film under it was is not known."""

PLANNED_DEPTHS = Accuracy(depth=0.2)
"""For a session, in which nobody measured how deep a pattern really went."""


@dataclass(frozen=True)
class Actual:
    """What an operation really took (seconds) and left (metres, or None where no thickness was looked at)."""

    duration_s: float
    thickness_m: float | None = None


@dataclass(frozen=True)
class SessionRates:
    """What the times of a session say of its rates, and why the other milling operations say nothing."""

    measured: dict[Rated, Measurement]
    unusable: dict[str, str]


def session_rates(plan: Plan, actuals: Mapping[str, Actual], accuracy: Accuracy, named: str) -> SessionRates:
    """The plain rates that would have made the plan expect the times that were taken; ``named`` is the session.

    Each operation that removes mostly one material gives the planned rate times expected over actual beam time. The
    intervals of its overhead, of its scan's gain and volume and of redeposition are part of the uncertainty.
    """
    found: dict[Rated, list[Measurement]] = {}
    unusable: dict[str, str] = {}
    reported: float | None = None
    for operation in plan.operations:
        actual = actuals.get(operation.name)
        if actual is None:
            continue
        if isinstance(operation.step, Cut):
            told = _Timed(plan, operation, operation.step, actual, reported).measured(accuracy)
            if isinstance(told, str):
                unusable[operation.name] = told
            else:
                rated, measurement = told
                found.setdefault(rated, []).append(measurement)
        reported = reported if actual.thickness_m is None else actual.thickness_m
    merged = {rated: together(entries) for rated, entries in found.items()}
    return SessionRates(
        {rated: Measurement(one.rate, one.log_sd, f"{named}: {one.source}") for rated, one in merged.items()}, unusable
    )


@dataclass(frozen=True)
class _Timed:
    """One milling operation with what it really took; ``before`` is the thickness that was reported last."""

    plan: Plan
    operation: Operation
    step: Cut
    actual: Actual
    before: float | None

    def measured(self, accuracy: Accuracy, dominant: float = 0.8) -> tuple[Rated, Measurement] | str:
        """The rate of the material that is more than ``dominant`` of the volume, or why none can be told."""
        removed = self._removed()
        volume = sum(part.volume_um3 for part in removed)
        most = max(removed, key=lambda part: part.volume_um3)
        if volume == 0.0 or most.volume_um3 <= dominant * volume:
            return f"no material is more than {dominant:.0%} of what it removed"
        rated = (most.material, self.step.accelerating_voltage)
        plain = self._column.plain_rate(*rated)
        if plain is None:
            return f"{most.material} has no milling rate on its card"
        return self._told(rated, plain, most, [part for part in removed if part is not most], accuracy)

    def _told(
        self, rated: Rated, plain: Interval, most: Removed, others: list[Removed], accuracy: Accuracy
    ) -> tuple[Rated, Measurement] | str:
        overhead, overhead_sd = self._overhead()
        beside = self._column.milling_time(others, self.step)
        time = self.actual.duration_s - overhead - beside.expected
        time_sd = math.hypot(overhead_sd, standard_deviation(beside.high - beside.low, beside.coverage))
        if time_sd >= 0.5 * time:
            return f"its overhead of {_give_or_take(overhead, overhead_sd)} hides its beam time"
        used = self._without_spread(rated, plain).rate(most.material, self.step)
        assert used is not None, "it was given a plain rate"
        rate = used.volume_per_dose
        expected = beam_on(most.volume_um3, rate, self.step.beam_current).expected
        factors = math.hypot(log_sd(rate), log_sd(self._share_of_box()))
        spread = math.hypot(accuracy.depth, accuracy.current, accuracy.time, time_sd / time, factors)
        less = f"less {_give_or_take(overhead, overhead_sd)} of overhead"
        source = f"{self.operation.name} {show_time(self.actual.duration_s)} {less}"
        return rated, Measurement(plain.expected * expected / time, spread, source)

    @property
    def _column(self) -> Column:
        return Column.of(self.plan.cards)

    def _removed(self) -> list[Removed]:
        """What was removed between the thicknesses that were reported, or else the planned ones."""
        left = self.actual.thickness_m
        step = self.step
        if left is not None and not isinstance(step, Undercut):
            step = step.model_copy(update={"leaves": left})
        before = self.operation.thickness_before_m if self.before is None else self.before
        recipe, patterns = self.plan.recipe, self.plan.cards.fib.patterns
        return removed_by(step, recipe, before, patterns=patterns, deposited=recipe.sample.stack[-1].material)

    def _overhead(self) -> tuple[float, float]:
        """Seconds beside the beam that the plan expects, and their standard uncertainty."""
        whole, beam = self.operation.duration_s, self.operation.beam_on_s
        assert beam is not None, "every milling operation has a beam time"
        width = (whole.high - beam.high) - (whole.low - beam.low)
        return whole.expected - beam.expected, standard_deviation(width, whole.coverage)

    def _without_spread(self, rated: Rated, plain: Interval) -> Column:
        """The column as if the plain rate were known: what is left of the rate's interval is that of its factors."""
        known = Calibration.model_construct(
            material=rated[0], accelerating_voltage=rated[1], volume_per_dose=exactly(plain.expected, plain.unit)
        )
        fib = self.plan.cards.fib.model_copy(update={"calibrations": (known,)})
        return Column(fib, self.plan.cards.materials)

    def _share_of_box(self) -> Interval:
        """The volume that the scan removes, over that of its box."""
        scan = scan_of(self.step, self.plan.cards.fib.patterns)
        return scan.volume if scan is not None else exactly(1.0, "1")


def _give_or_take(seconds: float, sd: float) -> str:
    return f"{show_time(seconds)} +- {show_time(sd)}"
