"""A curve as a table that any spreadsheet reads: units in the header, flags in columns, its origin in comments."""

from fibplan.model.curve import Curve, CurvePoint
from fibplan.units import show

COLUMNS = ("source [V]", "voltage [V]", "current [A]", "time [s]", "in compliance", "overflow")


def render_table(curve: Curve, mark: str) -> str:
    """The points of ``curve``, one a line; ``mark`` (or nothing) is its first line. An overflow has no current."""
    rows = [",".join(COLUMNS), *(_row(point) for point in curve.points)]
    return "\n".join([*(f"# {line}" for line in _comments(curve, mark)), *rows]) + "\n"


def _comments(curve: Curve, mark: str) -> list[str]:
    settings = curve.settings
    compliance = f"compliance {show(settings.compliance_a, 'A')}, {settings.nplc:g} power-line cycles"
    wires = "four wires" if settings.four_wire else "two wires: the resistance includes tips and contacts"
    lines = [
        mark,
        f"path {curve.path}, probing {curve.probing}, begun {curve.started.isoformat()}",
        f"instrument {curve.instrument.identity}",
        f"{compliance}, {wires}",
        "the sweep was cut short" if curve.partial else "",
    ]
    return [" ".join(line.split()) for line in lines if line]


def _row(point: CurvePoint) -> str:
    current = "" if point.current_a is None else repr(point.current_a)
    numbers = [repr(point.source_v), repr(point.voltage_v), current, repr(point.time_s)]
    return ",".join([*numbers, str(int(point.in_compliance)), str(int(point.overflow))])
