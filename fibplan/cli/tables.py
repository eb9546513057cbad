"""Plans and predictions as tables for a terminal of any width."""

import math
import sys
from io import StringIO

from rich import box
from rich.console import Console
from rich.table import Table

from fibplan.cli.output import say
from fibplan.model.interval import Interval, joined_sources
from fibplan.model.path import Below
from fibplan.model.plan import Expected, MembraneDose, Operation, Plan, RateBasis
from fibplan.model.recipe import Role
from fibplan.planning.predict import OPEN_OHM
from fibplan.units import show

BETWEEN_METALS = (Role.ACTIVE_LAYER, Role.ELECTROLYTE)
BETWEEN_COLUMNS = 2
"""A line and a blank at most."""


def print_table(table: Table) -> None:
    """On stdout, with ASCII lines where the console knows no others.

    Cells fold at blanks, and never inside a word, since a number in two pieces would be read as another one. A
    console too narrow even so gets lines that are too long for it.
    """
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    if not encoding.lower().startswith("utf"):
        table.box = box.ASCII
    drawn = StringIO()
    console = Console(file=drawn, highlight=False, emoji=False, markup=False)
    console.width = max(console.width, _least_width(table))
    console.print(table, crop=False)
    for line in drawn.getvalue().splitlines():
        say(line.rstrip())


def _least_width(table: Table) -> int:
    """Of the table with every column as narrow as its longest word, which from now on it is at least."""
    for column in table.columns:
        words = [word for cell in (column.header, *column.cells) for word in str(cell).split()]
        column.min_width = max(map(len, words), default=0)
    return sum((column.min_width or 0) + BETWEEN_COLUMNS for column in table.columns)


def operations_table(plan: Plan) -> Table:
    """One row an operation: what, with which beam, how much, how long, and what is left."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("operation", overflow="fold")
    for heading in ("kV", "current", "um3", "dose nC", "minutes (low-high)", "leaves", "damage"):
        table.add_column(heading, justify="right", overflow="fold")
    for operation in plan.operations:
        table.add_row(*_row(operation))
    return table


def outcome_lines(plan: Plan) -> list[str]:
    """Time, cap, damage and membrane dose in words, each with how far it is verified."""
    lines = [_sourced("Whole session", plan.duration)]
    lines += _rate_lines(plan)
    if plan.cap_left_m is not None:
        lines.append(_sourced("Cap left", plan.cap_left_m))
    for layer in plan.finish:
        gallium = "" if layer.gallium_m is None else f"; gallium to {layer.gallium_m}"
        share = f"{layer.damaged_share:.0%} of the thickness"
        lines.append(f"{layer.layer}: a face damaged by {layer.damage_m}, {share}{gallium}.")
    return lines if plan.membrane is None else [*lines, *_membrane_lines(plan.membrane)]


def source_lines(plan: Plan) -> list[str]:
    """Where time, cap, damage and membrane dose come from, each source once."""
    intervals = [plan.duration, *(layer.damage_m for layer in plan.finish)]
    intervals += [plan.cap_left_m] if plan.cap_left_m is not None else []
    intervals += [plan.membrane.total, plan.membrane.budget] if plan.membrane is not None else []
    return ["Sources:", *(f"- {source}" for source in joined_sources(intervals).split("; "))]


def resistances_table(plan: Plan, expected: Expected) -> Table:
    """One row a path: what should be measured, what it must be, and what it is made of."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    coverage = min((interval.coverage for interval in expected.resistances.values()), default=0.0)
    for heading in ("path", f"predicted ({coverage:.0%})", "must be", "made of, each alone"):
        table.add_column(heading, overflow="fold")
    for name, interval in expected.resistances.items():
        criterion = plan.recipe.verification[name].criterion
        conducting = isinstance(criterion, Below)
        limit = f"under {show(criterion.below, 'ohm')}" if conducting else f"over {show(criterion.above, 'ohm')}"
        table.add_row(name, _span(interval), limit, _made_of(expected, name))
    return table


def limit_lines(expected: Expected) -> list[str]:
    """Which part each path's resistance goes with most, and what an insulating reading can mean."""
    lines: list[str] = []
    for name, shares in expected.shares.items():
        if not shares:
            lines.append(f"{name}: open, nothing joins its two tips.")
            continue
        part, share = max(shares.items(), key=lambda entry: entry[1])
        what = part.replace("_", " ")
        line = f"{name}: limited by the {what}, {min(share, 1.0):.0%} of its resistance."
        if name in expected.short_probability and part in BETWEEN_METALS:
            line += f" Such a reading may be the {what} itself and no leak: it conducts over its whole length."
        lines.append(line)
    return lines


def _membrane_lines(dose: MembraneDose) -> list[str]:
    """What the membrane takes, and below it what it bears."""
    lines = [
        _sourced("Dose on the membrane", dose.total),
        _sourced("  budget", dose.budget),
        _sourced("  perforated by", dose.perforation),
    ]
    if dose.heating_k is not None:
        lines.append(f"  heated by less than {math.ceil(dose.heating_k.high)} K; {dose.heating_k.status}.")
    return lines


def _rate_lines(plan: Plan) -> list[str]:
    """Which removal rates were measured on this column, and which are those of a way of scanning itself."""
    calibrated = sorted({name for operation in plan.operations for name in operation.calibrated})
    by_scan: dict[str, list[str]] = {}
    for operation in plan.operations:
        for rate in operation.rates:
            if rate.basis is RateBasis.SCAN:
                by_scan.setdefault(rate.material, []).append(operation.name)
    own = [f"{material} in {', '.join(names)}" for material, names in by_scan.items()]
    return [
        f"Rates calibrated on this column: {', '.join(calibrated) or 'none'}.",
        f"Rates on the card for the way of scanning: {'; '.join(own) or 'none'}.",
    ]


def _sourced(what: str, interval: Interval) -> str:
    return f"{what}: {interval}; {interval.status}."


def _row(operation: Operation) -> tuple[str, ...]:
    time, damage = operation.duration_s, operation.damage_m
    return (
        operation.name,
        _number(operation.accelerating_voltage_v, 1e3),
        "" if operation.beam_current_a is None else show(operation.beam_current_a, "A"),
        _number(operation.volume_um3),
        "" if operation.dose_c is None else _number(operation.dose_c.expected, 1e-9),
        f"{_minutes(time.expected)} ({_minutes(time.low)}-{_minutes(time.high)})",
        "" if operation.thickness_after_m is None else show(operation.thickness_after_m, "m"),
        show(damage, "m") if damage else "",
    )


def _number(value: float | None, unit: float = 1.0) -> str:
    """Three digits, without an exponent where the number is of ordinary size."""
    if value is None:
        return ""
    scaled = value / unit
    return f"{scaled:.0f}" if scaled >= 100 else f"{scaled:.3g}"


def _minutes(seconds: float) -> str:
    return f"{max(1, round(seconds / 60))}"


def _span(interval: Interval) -> str:
    if interval.low >= OPEN_OHM:
        return "open"
    return f"{show(interval.expected, 'ohm')} ({show(interval.low, 'ohm')} to {show(interval.high, 'ohm')})"


def _made_of(expected: Expected, path: str) -> str:
    parts = sorted(expected.contributions[path].items(), key=lambda part: part[1])
    text = ", ".join(f"{role.replace('_', ' ')} {show(ohms, 'ohm')}" for role, ohms in parts)
    if path in expected.short_probability:
        text += f"; chance of a halo short {expected.short_probability[path]:.1%}"
    return text
