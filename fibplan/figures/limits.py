"""Resistance along x with the limits of a path's criterion, as tornado and distribution share it."""

import math
from collections.abc import Iterable
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, NullLocator

from fibplan.figures.canvas import quantity
from fibplan.figures.words import prefixed
from fibplan.model.path import Below, Criterion

FARTHEST = 1e3
"""What lies so many times beyond a limit is drawn at the edge, with an arrow."""
MARGINAL = (0, (4, 3))
REJECTED: dict[str, Any] = {"facecolor": "#dcdcdc", "edgecolor": "#9a9a9a", "hatch": "....", "linewidth": 0.0}


def span_of(values: Iterable[float], criterion: Criterion) -> tuple[float, float]:
    """Whole steps of 1, 2 or 5 around the values and both limits, in ohm, as far as they are worth drawing."""
    limits = sorted((criterion.limit, criterion.marginal))
    kept = [min(max(value, limits[0] / FARTHEST), limits[1] * FARTHEST) for value in values]
    return _rounded(min(*kept, *limits) / 1.15, down=True), _rounded(max(*kept, *limits) * 1.15, down=False)


def marginal_line() -> Line2D:
    """The second limit in a legend."""
    return Line2D([], [], color="black", linewidth=0.6, linestyle=MARGINAL, label="marginal limit")


def limit_axis(axes: Axes, span: tuple[float, float], criterion: Criterion) -> None:
    """A logarithmic axis of that span, with what is not accepted shaded and the second limit dashed."""
    low, high = span
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    decades = range(math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9) + 1)
    every = 1 if len(decades) <= 5 else 2
    steps = (1,) if len(decades) > 2 else (1, 2, 5)
    ticks = [step * 10.0**decade for decade in range(decades.start - 1, decades.stop + 1)[::every] for step in steps]
    axes.xaxis.set_major_locator(FixedLocator([tick for tick in ticks if low / 1.0001 <= tick <= high * 1.0001]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(prefixed("ohm"))
    edges = (criterion.limit, high) if isinstance(criterion, Below) else (low, criterion.limit)
    shade = axes.axvspan(*edges, zorder=0, **REJECTED)
    shade.set_gid("rejected")
    axes.axvline(criterion.limit, color="black", linewidth=1.0, zorder=1)
    axes.axvline(criterion.marginal, color="black", linewidth=0.6, linestyle=MARGINAL, zorder=1)


def limit_words(criterion: Criterion) -> str:
    """What is accepted."""
    way = "below" if isinstance(criterion, Below) else "above"
    return f"accepted {way} {quantity(criterion.limit, 'ohm')}, marginal to {quantity(criterion.marginal, 'ohm')}"


def _rounded(value: float, *, down: bool) -> float:
    decade = 10.0 ** math.floor(math.log10(value))
    steps = [step * decade for step in (1.0, 2.0, 5.0, 10.0)]
    return max(s for s in steps if s <= value) if down else min(s for s in steps if s >= value)
