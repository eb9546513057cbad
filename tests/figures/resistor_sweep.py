"""The curve that a sweep over a resistor gives."""

import math
from datetime import UTC, datetime

import numpy as np

from fibplan.model.curve import Curve, CurvePoint, Instrument, Settings
from fibplan.verification.probing import CONDITIONS, ProbingStep


def sweep(step: ProbingStep, ohm: float, simulated: bool = True, overflowed: int = 0, points: int = 0) -> Curve:
    """A sweep over a resistor, held at the compliance where it must be, with a little noise of fixed seed."""
    noise = np.random.default_rng(7).normal(0.0, 1e-4, points or step.points) * step.voltage_v / min(ohm, 1e9)
    volts = np.linspace(-step.voltage_v, step.voltage_v, points or step.points)
    found: list[CurvePoint] = []
    for index, (volt, error) in enumerate(zip(volts.tolist(), noise.tolist(), strict=True)):
        free = volt / ohm + error
        held = abs(free) >= step.compliance_a
        amps = math.copysign(min(abs(free), step.compliance_a), free)
        lost = index < overflowed
        found.append(
            CurvePoint(
                level=volt,
                voltage_v=amps * ohm if held else volt,
                current_a=None if lost else amps,
                time_s=0.1 * index,
                in_compliance=held and not lost,
                overflow=int(math.copysign(lost, volt)),
            )
        )
    serial = "SIM00001" if simulated else "04412345"
    return Curve(
        path=step.path,
        probing=step.name,
        instrument=Instrument(
            identity=f"KEITHLEY INSTRUMENTS,MODEL 2450,{serial},1.7.12b",
            model="2450",
            serial=serial,
            simulated=simulated,
        ),
        settings=Settings(compliance_a=step.compliance_a, current_range_a=None, voltage_range_v=0.02, nplc=1.0),
        started=datetime(2026, 3, 1, 12, 0, 7, tzinfo=UTC),
        points=tuple(found),
        conditions=tuple(CONDITIONS),
    )
