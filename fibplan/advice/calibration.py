"""A removal rate on *this* column: what the card says of it, narrowed by what was measured there.

A rate is taken as log-normal. Its median is the interval's ``expected``; the standard deviation of its logarithm is
that of a normal distribution whose central interval of the stated coverage is as wide as ``ln(high / low)``, however
far off the middle the median lies. A measurement adds a normal error of known size to the logarithm, so the rate
after it is log-normal again (Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.5: normal mean with known
variance), and independent measurements give the same rate in any order.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from fibplan.errors import Misuse
from fibplan.milling.rates import redeposition_factor
from fibplan.model.fib_card import FibCard
from fibplan.model.interval import Interval, Status
from fibplan.units import show

OUTLIER = 3.0
"""Combined standard deviations beyond which a measurement is more likely a slip than a surprise."""

Rated = tuple[str, float]
"""What has a rate: a material, and an accelerating voltage in volts."""


@dataclass(frozen=True)
class Accuracy:
    """Relative standard uncertainties, to first order those of the logarithm, of what a rate is made from.

    ``depth`` is that of the volume removed: of the measured depth of a box.
    """

    depth: float = 0.05
    current: float = 0.05
    time: float = 0.01


@dataclass(frozen=True)
class Measurement:
    """A rate in m3/C at normal incidence on an open surface, the standard uncertainty of its logarithm, from what."""

    rate: float
    log_sd: float
    source: str


@dataclass(frozen=True)
class Box:
    """A box that was milled and measured; lengths in metres, ampere, seconds."""

    length: float
    width: float
    depth: float
    beam_current: float
    time: float

    @property
    def as_milled(self) -> float:
        """Volume over dose in m3/C."""
        return self.length * self.width * self.depth / (self.beam_current * self.time)

    def __str__(self) -> str:
        size = " x ".join(show(side, "m") for side in (self.length, self.width, self.depth))
        return f"box {size} in {show(self.time, 's')} at {show(self.beam_current, 'A')}"


def measured_box(box: Box, fib: FibCard, accuracy: Accuracy) -> Measurement:
    """The rate on an open surface that a box tells: ``V / (I t)`` over what its depth leaves of the rate."""
    left = redeposition_factor(fib.redeposition, box.depth / min(box.length, box.width))
    source = f"{box}: {show(box.as_milled, 'm3/C')}, redeposition factor {left.expected:.2g} undone"
    spread = math.hypot(accuracy.depth, accuracy.current, accuracy.time, log_sd(left))
    return Measurement(box.as_milled / left.expected, spread, source)


@dataclass(frozen=True)
class Narrowed:
    """One rate before and after its measurement."""

    material: str
    voltage_v: float
    prior: Interval
    measurement: Measurement
    posterior: Interval


def update(prior: Interval, measurement: Measurement) -> Interval:
    """The rate after the measurement, with the prior's coverage: the precision-weighted mean of the logarithms.

    Raises :class:`~fibplan.errors.Misuse` for a prior without a spread, which no measurement can move.
    """
    spread, noise = log_sd(prior), measurement.log_sd
    if spread == 0.0 or prior.coverage == 1.0:
        remedy = "write low and high with a coverage below 1 on its card first"
        raise Misuse(f"the rate {prior} is given without uncertainty", where=prior.source, remedy=remedy)
    both = math.hypot(spread, noise)
    median = prior.expected * (measurement.rate / prior.expected) ** ((spread / both) ** 2)
    factor = math.exp(_quantile(prior.coverage) * spread * (noise / both))
    return Interval(
        low=median / factor,
        expected=median,
        high=median * factor,
        unit=prior.unit,
        coverage=prior.coverage,
        source=f"Bayesian update of {prior} by {measurement.source}",
        status=Status.DERIVED,
    )


def surprise(prior: Interval, measurement: Measurement) -> float:
    """How many combined standard deviations the measurement lies from the prior; 0 inside the prior's own ends."""
    if measurement.rate in prior:
        return 0.0
    return abs(math.log(measurement.rate / prior.expected)) / math.hypot(log_sd(prior), measurement.log_sd)


def width_ratio(prior: Interval, posterior: Interval) -> float:
    """Width of the posterior over that of the prior, both in the logarithm."""
    return math.log(posterior.high / posterior.low) / math.log(prior.high / prior.low)


def log_sd(interval: Interval) -> float:
    """The standard deviation of the logarithm of a quantity with that interval.

    Raises :class:`~fibplan.errors.Misuse` when it reaches down to zero.
    """
    if interval.low <= 0.0:
        message = f"{interval} reaches down to zero"
        raise Misuse(message, where=interval.source, remedy="write a low end above zero on its card")
    return standard_deviation(math.log(interval.high / interval.low), interval.coverage)


def together(measurements: Sequence[Measurement]) -> Measurement:
    """Measurements that err together as one: the weighted mean, as uncertain as they are on the average.

    Patterns of one session share beam current, overheads and factors. Their standard uncertainties add linearly, as
    for full correlation (GUM 5.2.2, note 1), so that many patterns seem no better known than the factors they share.
    """
    weights = [entry.log_sd**-2 for entry in measurements]
    shares = [weight / math.fsum(weights) for weight in weights]
    pairs = list(zip(shares, measurements, strict=True))
    return Measurement(
        rate=math.exp(math.fsum(share * math.log(entry.rate) for share, entry in pairs)),
        log_sd=math.fsum(share * entry.log_sd for share, entry in pairs),
        source=", ".join(entry.source for entry in measurements),
    )


def standard_deviation(width: float, coverage: float) -> float:
    """The standard deviation of what lies in an interval that wide; with full coverage a uniform one (GUM 4.3.7)."""
    return width / math.sqrt(12.0) if coverage == 1.0 else width / (2.0 * _quantile(coverage))


def _quantile(coverage: float) -> float:
    """Half the width of the central interval of the standard normal distribution with that coverage."""
    return NormalDist().inv_cdf((1.0 + coverage) / 2.0)
