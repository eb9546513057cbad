"""Values that are more likely a slip than a fact: they are taken only with a reason."""

import math
from collections.abc import Iterator
from datetime import datetime

from fibplan.errors import Misuse
from fibplan.model.curve import Curve
from fibplan.model.plan import Operation
from fibplan.planning.replan import Actual
from fibplan.units import show, show_time

TIMES = 10.0
"""A duration that many times above the highest, or below the lowest expected, is doubted."""
CURRENT_TIMES = 2.0
THICKNESS_TIMES = 3.0
MEASURED_TWICE = 0.05
"""Relative: by how much two measurements of one thickness may differ."""


def refuse_older(curve: Curve, since: datetime) -> None:
    """Raises :class:`~fibplan.errors.Misuse` for a curve out of a file that was measured before ``since``."""
    if curve.source_file is not None and curve.started < since:
        raise Misuse(
            f"it was measured on {curve.started:%Y-%m-%d %H:%M:%S %z}, and this measurement began on "
            f"{since:%Y-%m-%d %H:%M:%S %z}: the lamella was another one then",
            where=curve.source_file.name,
            remedy="sweep it again, and check that the clocks of both computers agree",
        )


def refuse_impossible(actual: Actual) -> None:
    """Raises :class:`~fibplan.errors.Misuse` for what no operation can have been."""
    positive = {"thickness": actual.thickness_m, "beam current": actual.beam_current_a}
    not_below = {
        "duration": actual.duration_s,
        "beam time": actual.beam_on_s,
        "imaging dose": actual.imaging_dose,
    }
    for name, value in {**positive, **not_below}.items():
        if value is None:
            continue
        if not math.isfinite(value) or value < 0 or (value == 0 and name in positive):
            remedy = f"give a value above zero{'' if name in positive else ', or zero'}"
            raise Misuse(f"a {name} of {value:g} is impossible", remedy=remedy)


def doubts(operation: Operation, before_m: float | None, actual: Actual) -> tuple[str, ...]:
    """What looks wrong about the values of an operation that began with ``before_m`` metres, one sentence each.

    Raises :class:`~fibplan.errors.Misuse` for what is impossible.
    """
    refuse_impossible(actual)
    return (*_thickness(operation, before_m, actual), *_time(operation, actual), *_current(operation, actual))


def _thickness(operation: Operation, before_m: float | None, actual: Actual) -> Iterator[str]:
    thickness, planned = actual.thickness_m, operation.thickness_after_m
    if thickness is None:
        return
    if before_m is not None and thickness > before_m * (1 + MEASURED_TWICE):
        yield f"the lamella grew from {show(before_m, 'm')} to {show(thickness, 'm')}"
    elif planned is not None and not planned / THICKNESS_TIMES <= thickness <= planned * THICKNESS_TIMES:
        yield f"a thickness of {show(thickness, 'm')} where {show(planned, 'm')} was planned"


def _time(operation: Operation, actual: Actual) -> Iterator[str]:
    pairs = {
        "": (actual.duration_s, operation.duration_s),
        " with the beam on": (actual.beam_on_s, operation.beam_on_s),
    }
    for what, (real, expected) in pairs.items():
        if real is None or expected is None:
            continue
        if real > TIMES * expected.high:
            yield f"it took {show_time(real)}{what}, where {show_time(expected.high)} is the most that was expected"
        elif real < expected.low / TIMES:
            yield f"it took {show_time(real)}{what}, where {show_time(expected.low)} is the least that was expected"
    if actual.beam_on_s is not None and actual.beam_on_s > actual.duration_s:
        yield f"the beam was on for {show_time(actual.beam_on_s)} of {show_time(actual.duration_s)}"


def _current(operation: Operation, actual: Actual) -> Iterator[str]:
    real, planned = actual.beam_current_a, operation.beam_current_a
    if real is None:
        return
    if planned is None:
        yield f"a beam current of {show(real, 'A')} in an operation without a beam"
    elif not planned / CURRENT_TIMES <= real <= planned * CURRENT_TIMES:
        yield f"a beam current of {show(real, 'A')} where {show(planned, 'A')} was planned"
