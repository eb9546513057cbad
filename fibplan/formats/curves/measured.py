"""From rows of numbers to a curve that says of itself what is known, what is not, and what was concluded."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from fibplan.formats.curves.cells import OVERFLOW
from fibplan.formats.curves.flat_top import flat_top
from fibplan.formats.curves.reader import AUTOMATIC, CurveFile, Told, refusal
from fibplan.formats.curves.whole import why_cut
from fibplan.model.curve import MEASURE_RANGE, UNKNOWN_MODEL, Curve, CurvePoint, Instrument, Settings, SourceFile
from fibplan.units import show
from fibplan.verification.plausible import BEYOND, impossible

LEAST_NPLC = 0.001
"""Stands for an integration time that nobody said: the shortest of any instrument here, so the least exact."""
AT_LIMIT = 0.99
"""Share of a limit from which on a point is taken to be held back by it."""
UNKNOWN = "unknown instrument"


@dataclass(frozen=True)
class Row:
    """One point as the file has it: volts, amperes, seconds, and the line it stands on.

    ``level_v`` is the programmed voltage and ``clamped`` a flag, where the file has them.
    """

    line: int
    voltage_v: float
    current_a: float
    time_s: float | None = None
    level_v: float | None = None
    clamped: bool | None = None


@dataclass(frozen=True)
class Said:
    """What the file says of its rows.

    ``points`` is how many there must be, where it says so; ``cut`` when its last line has no end.
    """

    rows: Sequence[Row]
    identity: str = UNKNOWN
    model: str = ""
    started: datetime | None = None
    simulated: bool = False
    points: int | None = None
    cut: bool = False
    remarks: tuple[str, ...] = ()


def curve_from(file: CurveFile, reader: str, said: Said, told: Told) -> Curve:
    """The curve of these rows.

    Raises :class:`~fibplan.errors.InvalidFile` where there are none, where time runs backwards, and for a curve that
    no two tips on a sample can give.
    """
    if not said.rows:
        raise refusal(file, "there is no row of numbers in it", "export the curve again")
    _refuse_backwards(file, said.rows)
    cut = _why_partial(said, told)
    points, clamping = _points(said.rows, told)
    curve = Curve(
        path=told.path,
        probing=told.probing,
        instrument=_instrument(said, told),
        settings=_settings(told),
        started=told.started or said.started or file.modified,
        points=points,
        partial=bool(cut),
        conditions=told.conditions,
        about_v=told.about_v,
        source_file=SourceFile(
            name=file.own_name,
            sha256=file.sha256,
            reader=reader,
            unknown=tuple(_unknown(said, told)),
            remarks=tuple(remark for remark in (*said.remarks, cut, clamping) if remark),
        ),
    )
    if why := impossible(curve):
        raise refusal(file, why, "check the columns and their units", line=said.rows[0].line)
    _refuse_beyond_limit(file, said.rows, told)
    return curve


def _refuse_backwards(file: CurveFile, rows: Sequence[Row]) -> None:
    last = rows[0].time_s
    for row in rows:
        if last is not None and row.time_s is not None and row.time_s < last:
            message = (
                f"time goes back here, from {show(last, 's')} to {show(row.time_s, 's')}: the rows are not in order"
            )
            raise refusal(file, message, "export them in the order in which they were measured", line=row.line)
        last = row.time_s


def _refuse_beyond_limit(file: CurveFile, rows: Sequence[Row], told: Told) -> None:
    limit = told.compliance_a
    beyond = [row for row in rows if limit is not None and BEYOND * limit < abs(row.current_a) <= OVERFLOW]
    if limit is not None and beyond:
        message = f"{show(beyond[0].current_a, 'A')} is beyond the limit of {show(limit, 'A')} that was said"
        raise refusal(file, message, "check the unit of the current, or the limit", line=beyond[0].line)


def _why_partial(said: Said, told: Told) -> str:
    """Why the sweep may not be whole, or nothing."""
    expected = said.points or told.points
    if said.cut:
        return "the file breaks off in its last line, which is left out: the sweep is not whole"
    if expected is not None:
        found = len(said.rows)
        return "" if found == expected else f"{found} of {expected} points are in the file: the sweep is not whole"
    levels = [row.voltage_v if row.level_v is None else row.level_v for row in said.rows]
    return why_cut(levels, told.about_v)


def _points(rows: Sequence[Row], told: Told) -> tuple[tuple[CurvePoint, ...], str]:
    """The points, and what was concluded of those that a limit held."""
    begun = rows[0].time_s or 0.0
    points = [_point(row, place, begun) for place, row in enumerate(rows)]
    if told.compliance_a is not None:
        limit = AT_LIMIT * told.compliance_a
        held = [row.clamped or abs(row.current_a) >= limit for row in rows]
        words = f"reach the limit of {show(told.compliance_a, 'A')} that was said" if any(held) else ""
    elif rows[0].clamped is not None:
        held, words = [bool(row.clamped) for row in rows], ""
    else:
        held = flat_top(points, told.about_v)
        words = "stand on a flat top and are taken for clamped: nobody said the limit" if any(held) else ""
    marked = (p.model_copy(update={"in_compliance": h}) for p, h in zip(points, held, strict=True))
    return tuple(marked), words and f"{sum(held)} points {words}"


def _point(row: Row, place: int, begun: float) -> CurvePoint:
    lost = abs(row.current_a) > OVERFLOW or abs(row.voltage_v) > OVERFLOW
    level = row.voltage_v if row.level_v is None else row.level_v
    return CurvePoint(
        level=0.0 if abs(level) > OVERFLOW else level,
        voltage_v=None if abs(row.voltage_v) > OVERFLOW else row.voltage_v,
        current_a=None if abs(row.current_a) > OVERFLOW else row.current_a,
        time_s=float(place) if row.time_s is None else row.time_s - begun,
        overflow=0 if not lost else -1 if min(row.current_a, row.voltage_v) < -OVERFLOW else 1,
    )


def _instrument(said: Said, told: Told) -> Instrument:
    """As the file says; where it does not, as the person says, in words that tell so."""
    identity = said.identity
    if told.model and not said.model:
        identity = f"{told.model}, as the person said who read the file; {said.identity} in the file"
    model = said.model or told.model or UNKNOWN_MODEL
    return Instrument(identity=identity, model=model, serial="", simulated=said.simulated)


def _settings(told: Told) -> Settings:
    told_range = told.current_range_a
    return Settings(
        compliance_a=told.compliance_a,
        voltage_range_v=None,
        current_range_a=None if told_range == AUTOMATIC else told_range,
        nplc=LEAST_NPLC if told.nplc is None else told.nplc,
        output_off="not told",
    )


def _unknown(said: Said, told: Told) -> list[str]:
    """What neither the file nor the person said, in words."""
    first = said.rows[0]
    told_of = {
        "instrument": bool(said.model or told.model),
        "limit of the current": told.compliance_a is not None or first.clamped is not None,
        MEASURE_RANGE: told.current_range_a is not None,
        "integration time": told.nplc is not None,
        "programmed voltages": first.level_v is not None,
        "times of the points": first.time_s is not None,
        "time of the measurement (that of the file's last change stands for it)": bool(told.started or said.started),
        "time zone (that of this computer stands for it)": bool(told.started or not said.started or told.zone),
        "number of points": bool(said.points or told.points),
        "what was dark and blanked": bool(told.conditions),
        "two or four wires (taken for two)": False,
    }
    return [what for what, known in told_of.items() if not known]


def timed(rows: Sequence[Row], step_s: float) -> list[Row]:
    """The rows that many seconds apart."""
    return [replace(row, time_s=place * step_s) for place, row in enumerate(rows)]
