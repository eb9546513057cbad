"""The yield of a plan in words, as a table and as JSON: how many are accepted, and what to control first."""

from typing import Any

from rich import box
from rich.table import Table

from fibplan.model.path import Above
from fibplan.model.plan import Plan
from fibplan.planning.predict import OPEN_OHM
from fibplan.planning.tolerance.indices import Indices
from fibplan.planning.tolerance.result import ACCEPTED, Influence, PathSpread, Tolerance
from fibplan.units import show

TOLD = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Of the quantiles, those that JSON gives."""
LEAST_SHARE = 0.01
"""Total index under which a control is not worth a row."""


def yield_lines(plan: Plan, tolerance: Tolerance) -> list[str]:
    """The yield with its interval, each path, shorts, and what to control first."""
    share = tolerance.accepted
    lines = [
        f"Yield: {percent(share.expected)} accepted ({percent(share.low)} to {percent(share.high)}, "
        f"{percent(share.coverage)} interval of {tolerance.samples} samples); {share.status}.",
        "A sample is accepted if its true two-probe resistance, tips included, passes every path.",
        *(_path_line(plan, name, spread) for name, spread in tolerance.paths.items()),
    ]
    if any(isinstance(path.criterion, Above) for path in plan.recipe.verification.values()):
        lines.append(
            f"Chance of a short from collector to cap: through the halo {percent(tolerance.halo_shorts)}, "
            f"by a deposit that lies on both {percent(tolerance.touching)}."
        )
    if tolerance.basis_error is not None:
        lines.append(
            "Only materials stray; the reduced basis is within "
            f"{max(tolerance.basis_error, 1e-6):.1g} of full solves (relative)."
        )
    return [*lines, _control_line(tolerance)]


def ranking_table(tolerance: Tolerance) -> Table:
    """One row a control that matters: how far it strays, and its indices in per cent with standard errors."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("control")
    table.add_column("strays")
    results = [name for name in (ACCEPTED, *tolerance.paths) if any(name in each.indices for each in tolerance.ranking)]
    for heading in results:
        table.add_column(heading, justify="right")
    for each in _told(tolerance):
        table.add_row(each.control, each.spans, *(_shares(each.indices.get(name)) for name in results))
    return table


def ranking_lines(tolerance: Tolerance) -> list[str]:
    """What the table's numbers are."""
    left = len(tolerance.ranking) - len(_told(tolerance))
    rows = "row" if tolerance.ranked == 1 else "rows"
    return [
        "Per cent of the variance: that goes when this alone is known / that stays while only this is unknown, each "
        f"with its standard error (Sobol indices of {tolerance.ranked} {rows}); of a path's log R, and of being "
        "accepted.",
        *([f"Not shown: {left} more, each under {percent(LEAST_SHARE)} of everything."] if left else []),
    ]


def yield_json(tolerance: Tolerance) -> dict[str, Any]:
    """The same for other programs."""
    share = tolerance.accepted
    return {
        "samples": tolerance.samples,
        "seed": tolerance.seed,
        "accepted": {
            "low": share.low,
            "expected": share.expected,
            "high": share.high,
            "coverage": share.coverage,
            "status": share.status.value,
        },
        "criteria": "on the true two-probe resistance, tips included",
        "short_probability": {"halo": tolerance.halo_shorts, "touching": tolerance.touching},
        "paths": {name: _path_json(spread) for name, spread in tolerance.paths.items()},
        "ranked_by": tolerance.by,
        "ranked_rows": tolerance.ranked,
        "ranking": [each.model_dump(mode="json") for each in tolerance.ranking],
        "basis_error": tolerance.basis_error,
    }


def _path_json(spread: PathSpread) -> dict[str, Any]:
    return {
        "passed": spread.passed,
        "opened": spread.opened,
        "planned_ohm": spread.planned,
        "quantiles_ohm": {f"{probability:g}": spread.quantile(probability) for probability in TOLD},
    }


def _path_line(plan: Plan, name: str, spread: PathSpread) -> str:
    given = ", given no short" if isinstance(plan.recipe.verification[name].criterion, Above) else ""
    opened = f"; open in {percent(spread.opened)}" if spread.opened else ""
    low, middle, high = (_ohms(spread.quantile(probability)) for probability in (0.05, 0.5, 0.95))
    return f"  {name}: {percent(spread.passed)} pass; median {middle}, 90 % from {low} to {high}{given}{opened}."


def _ohms(ohm: float) -> str:
    return "open" if ohm >= OPEN_OHM else show(ohm, "ohm")


def _control_line(tolerance: Tolerance) -> str:
    """What to control first, in words."""
    if not tolerance.ranking or tolerance.by not in tolerance.ranking[0].indices:
        return "Nothing that strays changes any reading."
    first = tolerance.ranking[0]
    found = first.indices[tolerance.by].total
    what = "whether a lamella is accepted" if tolerance.by == ACCEPTED else f"the {tolerance.by} path's log R"
    why = {0.0: "No sample is accepted: change the plan first. ", 1.0: "Every sample is accepted. "}
    few = "" if tolerance.by == ACCEPTED else why.get(tolerance.accepted.expected, "Too few decide otherwise to rank. ")
    return (
        f"{few}Control first: {first.control} ({first.spans}), behind {percent(_bounded(found.value))} of "
        f"the variance of {what} (+- {percent(found.error)})."
    )


def _told(tolerance: Tolerance) -> list[Influence]:
    def most(each: Influence) -> float:
        return max((found.total.value for found in each.indices.values()), default=0.0)

    return [each for each in tolerance.ranking if most(each) >= LEAST_SHARE]


def _shares(found: Indices | None) -> str:
    if found is None:
        return ""
    first, total = found.first, found.total
    alone = f"{100 * _bounded(first.value):.0f}+-{100 * first.error:.0f}"
    return f"{alone} / {100 * _bounded(total.value):.0f}+-{100 * total.error:.0f}"


def _bounded(share: float) -> float:
    return min(max(share, 0.0), 1.0)


def percent(share: float) -> str:
    """A share of samples, as exact as a few hundred of them are.

    >>> percent(0.078), percent(0.5), percent(0.0), percent(0.999)
    ('7.8 %', '50 %', '0 %', '99.9 %')
    """
    digits = 0 if share in (0.0, 1.0) or 0.1 <= share <= 0.9 else 1
    return f"{100 * share:.{digits}f} %"
