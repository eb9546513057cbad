"""What a cell between two tips reads while no current is drawn, and a curve about that as one about zero."""

from typing import NamedTuple

import numpy as np

from fibplan.model.curve import Curve, CurvePoint

CHARGED_V = 0.02
"""From so much on a cell counts as charged: no metal or contact between two tips makes that by itself; chosen."""


class OpenCircuit(NamedTuple):
    """Volts at rest; ``held`` is whether the path could hold them against the meter's own current."""

    volts: float
    held: bool


def open_circuit_of(curve: Curve) -> OpenCircuit:
    """The median of the readings; zero where next to no current drives the meter to its limit.

    So little does that only through a path that lets no more flow from the cell either, so that sweeping it about zero
    cannot discharge what lies behind it.
    """
    readings = [point.voltage_v for point in curve.points if point.usable and point.voltage_v is not None]
    held = len(readings) == len(curve.points)
    return OpenCircuit(float(np.median(readings)) if held else 0.0, held)


def about_rest(curve: Curve) -> Curve:
    """The same curve with its open-circuit voltage taken off every level and reading."""
    if not curve.about_v or curve.settings.source != "voltage":
        return curve
    points = tuple(_shifted(point, curve.about_v) for point in curve.points)
    return curve.model_copy(update={"points": points, "about_v": 0.0})


def _shifted(point: CurvePoint, volts: float) -> CurvePoint:
    read = None if point.voltage_v is None else point.voltage_v - volts
    back = None if point.readback is None else point.readback - volts
    return point.model_copy(update={"level": point.level - volts, "voltage_v": read, "readback": back})
