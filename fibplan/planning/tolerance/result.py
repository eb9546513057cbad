"""What sampling everything that strays gives: yield, distributions, and what to control first."""

from fibplan.model.base import Frozen
from fibplan.model.interval import Interval
from fibplan.planning.tolerance.indices import Indices

ACCEPTED = "accepted"
"""The result that is 1 for a sample that passes every path and 0 for any other."""

PROBABILITIES = tuple(place / 100 for place in range(1, 100))
"""Of the quantiles that are kept."""


class PathSpread(Frozen):
    """One path over all samples: ``quantiles`` in ohm at ``PROBABILITIES``, an open counting as ``OPEN_OHM``.

    Of an insulating path they are those of the samples without a short.
    """

    passed: float
    """The share of samples that pass this path alone."""
    opened: float
    """The share in which nothing joins its tips."""
    planned: float
    """Ohm of the plan itself, every number at its expected value."""
    quantiles: tuple[float, ...]

    def quantile(self, probability: float) -> float:
        """At one of ``PROBABILITIES``."""
        return self.quantiles[PROBABILITIES.index(probability)]


class Influence(Frozen):
    """What one control does.

    ``strays`` says from where to where each of its numbers goes; ``indices`` are by result, a path's for the logarithm
    of its resistance, without the results that do not vary. ``swings`` are the least and greatest ohm of each path
    with this control at the 5 % and 95 % ends and all else as expected.
    """

    control: str
    strays: dict[str, str]
    indices: dict[str, Indices]
    swings: dict[str, tuple[float, float]]

    @property
    def spans(self) -> str:
        """From where to where, once where all its numbers go as far."""
        if len(set(self.strays.values())) == 1:
            return next(iter(self.strays.values()))
        return ", ".join(f"{name} {span}" for name, span in self.strays.items())


class Tolerance(Frozen):
    """The yield of a plan and what it goes with.

    A sample is accepted if the true resistance between the tips, tips included, as two probes would read it without
    error, passes the criterion of every path.
    """

    samples: int
    seed: int
    accepted: Interval
    """The chance that a lamella is accepted; the interval is that of the sampling alone."""
    paths: dict[str, PathSpread]
    halo_shorts: float
    """The share in which the halo conducts from collector to cap."""
    touching: float
    """The share in which bridge or collector's pad lies on cap or its pad."""
    ranked: int
    """Rows behind each index."""
    by: str
    """The result that the ranking goes by: ``ACCEPTED``, or a path where too few or too many are accepted."""
    ranking: tuple[Influence, ...]
    """What to control, first first."""
    basis_error: float | None
    """Greatest relative error of the reduced basis; None where every sample has a full field of its own."""
