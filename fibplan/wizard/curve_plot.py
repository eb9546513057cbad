"""An I-V curve in signs, with both axes labelled and the points that a limit held back marked."""

from rich.text import Text

from fibplan.model.curve import Curve, CurvePoint
from fibplan.units import show
from fibplan.wizard.screen import Lines, Page, line

AXIS = 10
"""Columns of the current's labels."""


def curve_plot(curve: Curve, page: Page, rows: int = 9) -> Lines:
    """Current over voltage; ``x`` marks points in compliance, which enter no fit."""
    mark = "SIMULATED " if curve.instrument.simulated else ""
    partial = ", broken off" if curve.partial else ""
    title = line(f"{mark}{curve.path}, {curve.probing.replace('_', ' ')}{partial}"[: page.width], "bold")
    points = [point for point in curve.points if point.voltage_v is not None and point.current_a is not None]
    if not points:
        return (title, line("no point has a reading"))
    return (title, *_plotted(points, page, rows))


def _plotted(points: list[CurvePoint], page: Page, rows: int) -> Lines:
    room = max(page.width - AXIS - 1, 10)
    volts = [point.voltage_v or 0.0 for point in points]
    amperes = [point.current_a or 0.0 for point in points]
    left, right = _widened(min(volts), max(volts))
    low, high = _widened(min(amperes), max(amperes))
    cells = [[" "] * room for _ in range(rows)]
    for point, volt, ampere in zip(points, volts, amperes, strict=True):
        column = round((volt - left) / (right - left) * (room - 1))
        place = round((high - ampere) / (high - low) * (rows - 1))
        cells[place][column] = page.glyphs.clamped if point.clamped else page.glyphs.point
    labels = {0: show(high, "A")[: AXIS - 1], rows - 1: show(low, "A")[: AXIS - 1]}
    drawn = [_row(labels.get(place, ""), cells[place], page) for place in range(rows)]
    return (*drawn, _voltage_axis(left, right, room), *_marks(points, page))


def _row(label: str, cells: list[str], page: Page) -> Text:
    return Text.assemble((label.rjust(AXIS - 1) + " ", "dim"), page.glyphs.upright, ("".join(cells), "cyan"), end="")


def _voltage_axis(left: float, right: float, room: int) -> Text:
    first, last = show(left, "V"), show(right, "V")
    return line((" " * AXIS + " " + first + last.rjust(max(room - len(first), 0)))[: AXIS + 1 + room], "dim")


def _marks(points: list[CurvePoint], page: Page) -> Lines:
    held = sum(point.clamped for point in points)
    return (line(f"{page.glyphs.clamped}: {held} points in compliance", "red"),) if held else ()


def _widened(low: float, high: float) -> tuple[float, float]:
    """The same, or a little more where it is nothing."""
    if high > low:
        return low, high
    reach = abs(high) * 0.1 or 1e-15
    return low - reach, high + reach
