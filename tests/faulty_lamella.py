"""A lamella drawn from a plan's own tolerances, with faults, and the curves of its whole probing protocol.

The device is the simulator's; the instrument is an ideal one with seeded errors within its specification, so that a
hundred lamellae take seconds. Nothing of the diagnosis is used.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fibplan.circuit.faults import with_faults
from fibplan.circuit.isolation import with_isolation
from fibplan.circuit.network import Network, build_network, landed
from fibplan.circuit.parameters import sampled_values
from fibplan.model.cards import SmuCard, range_holding
from fibplan.model.curve import Curve, CurvePoint, CurveSet, Instrument, Settings
from fibplan.model.plan import Plan
from fibplan.session.probing import request_of
from fibplan.simulator.device import Loop
from fibplan.simulator.specimen import Specimen, between_tips
from fibplan.verification.probing import ProbingStep, protocol

Values = Mapping[str, NDArray[np.float64]]
BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)
POINT_S, LANDING_S = 0.06, 1.0
SPECIFIED, QUIET = 0.5, 0.01
"""Gain and offset are drawn within this share of the specification; noise is that share of the offset's."""


def drawn(plan: Plan, seed: int, **sizes: float) -> dict[str, NDArray[np.float64]]:
    """The materials and tips of one lamella, and the sizes of its faults as factors."""
    factors = {f"{name} size": np.array([factor]) for name, factor in sizes.items()}
    return {**sampled_values(plan, seed, 1), **factors}


class Bench(NamedTuple):
    """A lamella with the tips at hand, and the instrument."""

    plan: Plan
    card: SmuCard
    values: Values
    faults: Sequence[str]
    seed: int

    def device(self, sound: Network, step: ProbingStep) -> Specimen:
        """What lies between the tips; in the air, only what reaches them from outside."""
        lifted = "lifted" in step.landings
        landings = ("working_electrode", "working_electrode") if lifted else step.landings
        probed = with_faults(landed(sound, landings, self.values), self.faults, self.plan, self.values)
        found = between_tips(probed, self.seed)
        return Specimen(math.inf, laws=found.laws, seed=self.seed) if lifted else found


def curves_of(
    plan: Plan,
    card: SmuCard,
    values: Values,
    faults: Sequence[str] = (),
    *,
    seed: int = 0,
    wanted: Sequence[str] = (),
) -> CurveSet:
    """The curves of every probing step, or of those whose names are ``wanted``; a cell rests at no volts."""
    bench = Bench(plan, card, values, faults, seed)
    chance = np.random.default_rng([seed, 7])
    sound = with_isolation(build_network(plan, values), plan, values)
    moment, found = 0.0, list[Curve]()
    for step in protocol(plan, list(plan.recipe.verification)):
        moment += LANDING_S + step.pause_s
        if step.purpose != "open_circuit" and (not wanted or step.name in wanted):
            found.append(_swept(bench, step, bench.device(sound, step), chance, moment))
            moment += POINT_S * len(found[-1].points)
    return CurveSet(curves=tuple(found))


def _swept(bench: Bench, step: ProbingStep, device: Specimen, chance: np.random.Generator, begun: float) -> Curve:
    request = request_of(bench.plan, step, 0.0)
    limit, levels = request.compliance_a, request.levels
    assert limit is not None
    spec = range_holding(bench.card.measure_current, limit)
    gain, offset = (SPECIFIED * chance.uniform(-1.0, 1.0) for _ in range(2))
    points = list[CurvePoint]()
    for place, level in enumerate(levels):
        moment = begun + POINT_S * place
        spot = Loop(device, four_wire=False, moment_s=moment).sourcing_voltage(level, limit)
        noise = QUIET * spec.offset * float(chance.standard_normal()) + device.pickup(moment, request.nplc / 50.0)
        amps = spot.amps * (1.0 + gain * spec.gain) + offset * spec.offset + noise
        points.append(
            CurvePoint(
                level=level, voltage_v=spot.volts, current_a=amps, time_s=moment - begun, in_compliance=spot.limited
            )
        )
    settings = Settings(
        compliance_a=limit, current_range_a=spec.full_scale, voltage_range_v=2.0 if max(levels) > 0.02 else 0.02,
        nplc=request.nplc,
    )  # fmt: skip
    instrument = Instrument(identity="AN IDEAL INSTRUMENT", model=bench.card.model, serial="1", simulated=True)
    return Curve(
        path=step.path, probing=step.name, instrument=instrument, settings=settings,
        started=BEGIN + timedelta(seconds=begun), points=tuple(points),
    )  # fmt: skip
