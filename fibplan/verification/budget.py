"""What spreads a slope: the parts of its error, how far they reach together, and the table that says what dominates.

GUM (JCGM 100:2008) and its Supplement 1. A specification is rectangular (GUM 4.3.7) and, for one range of one
instrument, one draw: it does not average out over the points of a sweep.
"""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from fibplan.model.verdict import Contribution
from fibplan.units import show
from fibplan.verification.accuracy import Spec
from fibplan.verification.propagation import COVERAGE, RECTANGULAR, reach
from fibplan.verification.readings import Readings
from fibplan.verification.slope import Slope

SCATTER = "scatter of the points"


class Error(NamedTuple):
    """One source of error of a slope: the half-width of a rectangular one, the standard deviation of a normal one."""

    source: str
    distribution: Literal["rectangular", "normal"]
    size: float

    @property
    def standard(self) -> float:
        return self.size / RECTANGULAR if self.distribution == "rectangular" else self.size


def errors_of(slope: Slope, readings: Readings) -> list[Error]:
    """Everything that spreads the slope, in its own unit."""
    return [
        Error(SCATTER, "normal", slope.standard),
        *_gains(slope, readings),
        *_offsets(slope, readings),
        Error("integration under one power-line cycle", "rectangular", _haste(slope, readings)),
    ]


def reach_of(errors: Iterable[Error], coverage: float = COVERAGE) -> float:
    """The half-width of the interval that covers their sum."""
    parts = list(errors)
    widths = [part.size for part in parts if part.distribution == "rectangular"]
    normal = sum(part.size**2 for part in parts if part.distribution == "normal") ** 0.5
    return reach(widths, normal, coverage)


def budget_of(errors: Sequence[Error], ohm_per_slope: float) -> tuple[Contribution, ...]:
    """The table, the largest first; ``ohm_per_slope`` is how far the resistance moves with the slope."""
    whole = sum(part.standard**2 for part in errors)
    rows = [
        Contribution(
            source=part.source,
            distribution=part.distribution,
            standard_ohm=part.standard * ohm_per_slope,
            share=part.standard**2 / whole,
        )
        for part in errors
        if part.standard > 0.0
    ]
    return tuple(sorted(rows, key=lambda row: -row.share))


def _gains(slope: Slope, readings: Readings) -> list[Error]:
    """One draw for each range: that of the source's readback, and those that were measured on."""
    source, sense = ("voltage", "current") if readings.sources_voltage else ("current", "voltage")
    size = abs(slope.value)
    measured = [
        Error(_gain_of(part.spec, sense), "rectangular", part.weight * size * part.spec.gain) for part in slope.parts
    ]
    return [Error(_gain_of(readings.source, source), "rectangular", size * readings.source.gain), *measured]


def _gain_of(spec: Spec, quantity: str) -> str:
    unit = "V" if quantity == "voltage" else "A"
    return f"gain of the {show(spec.full_scale, unit)} {quantity} range"


def _offsets(slope: Slope, readings: Readings) -> list[Error]:
    """Offsets drop out of a line on one range, not out of one across several."""
    if len(slope.joined) < 2:
        return []
    size = sum(spec.offset for spec in slope.joined) / readings.reach
    return [Error(f"offsets of {len(slope.joined)} ranges", "rectangular", size)]


def _haste(slope: Slope, readings: Readings) -> float:
    """A share of full scale at the ends of the sweep: not constant, so that it does not drop out as an offset does."""
    weighed = sum(part.weight * part.spec.haste for part in slope.parts)
    return (weighed + abs(slope.value) * readings.source.haste) / readings.reach
