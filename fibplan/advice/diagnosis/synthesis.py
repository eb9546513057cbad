"""How a fault's own law would show in a sweep: the same levels at the same moments, over the plan's own resistances.

A few sweeps are reckoned through the law and evaluated as a measured one is; how often each kind of reading and each
shape comes out is its chance.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fibplan.advice.diagnosis.evidence import Evidence, Kind, Landings, Reading, Shape, reading_of
from fibplan.advice.diagnosis.suspects import OPEN, Suspect, Suspects
from fibplan.circuit.faults import LAWS
from fibplan.circuit.laws import Drift, Intermittence, Law, MainsPickUp, StrayCurrent, TunnelBarrier
from fibplan.model.cards import SmuCard, range_holding
from fibplan.model.curve import Curve, CurvePoint
from fibplan.verification.open_circuit import about_rest

Reals = NDArray[np.float64]

SWEEPS = 8
"""How many are reckoned for one fault and one probing step."""
FALSE_ALARM = 0.01
"""How often a straight line shows a shape, or no single resistance; the tests promise less, the world keeps less."""
LEAST = 0.03
"""No kind and no shape is taken to be rarer than this, or commoner than the rest: few sweeps are reckoned."""
NOISE = 0.1
"""Noise as a share of the range's offset specification; chosen, below what the noise test speaks at."""
OLDEST_S = 30.0
"""So long may a contact have drifted before the sweep; chosen."""


@dataclass(frozen=True)
class Signature:
    """The chance of each kind and each shape, and by how much the law moves the reading: decades, mean and spread."""

    kinds: dict[Kind, float]
    shapes: dict[Shape, float]
    shift: float = 0.0
    spread: float = 0.0


STRAIGHT = Signature(
    kinds={kind: FALSE_ALARM if kind is Kind.SPAN else 1.0 for kind in Kind},
    shapes=dict.fromkeys(Shape, FALSE_ALARM),
)
"""Of a resistance: which kind its reading is follows from its size."""


def signature_of(suspects: Suspects, suspect: Suspect, evidence: Evidence, card: SmuCard) -> Signature:
    """That of the suspect in this probing step; worked out once for sweeps of the same levels and times."""
    curve = evidence.curve
    law = LAWS.get(suspect.fault)
    if curve is None or law is None or evidence.contact_below is not None or curve.settings.source != "voltage":
        return STRAIGHT
    if not _shows(law(1.0), suspect, evidence.landings, curve):
        return STRAIGHT
    key = (suspect.fault, _ohms_of(suspects, suspect, evidence.landings), _programme(curve))
    found = suspects.known.get(key)
    if not isinstance(found, Signature):
        found = _signature(suspects, suspect, evidence, curve, card)
        suspects.known[key] = found
    return found


def _ohms_of(suspects: Suspects, suspect: Suspect, landings: Landings) -> tuple[float, ...]:
    """Low, middle and high decades of ohm between these landings, to a tenth; worked out once."""
    key = ("decades", suspect.fault, landings)
    found = suspects.known.get(key)
    if not isinstance(found, tuple):
        found = suspects.known[key] = tuple(np.quantile(suspect.log_ohm[landings], [0.1, 0.5, 0.9]).round(1).tolist())
    return found  # pyright: ignore[reportUnknownVariableType]


def _shows(law: Law, suspect: Suspect, landings: Landings, curve: Curve) -> bool:
    """Whether the law can change that sweep at all: the mains are averaged away over whole cycles."""
    if isinstance(law, MainsPickUp):
        return not float(curve.settings.nplc).is_integer()
    return isinstance(law, StrayCurrent) or landings in suspect.blocked


def _programme(curve: Curve) -> tuple[object, ...]:
    """What two sweeps must have in common to look alike: levels, whatever their order, and pace."""
    settings = curve.settings
    pace = round(curve.points[-1].time_s / len(curve.points), 2)
    levels = tuple(sorted(point.level for point in curve.points))
    return levels, pace, settings.nplc, settings.compliance_a, settings.current_range_a


def _signature(suspects: Suspects, suspect: Suspect, evidence: Evidence, curve: Curve, card: SmuCard) -> Signature:
    curve = about_rest(curve)
    likely = np.flatnonzero(suspect.weights)
    chance = np.random.default_rng([suspects.seed, 2])
    chosen = likely[:: max(1, len(likely) // SWEEPS)][:SWEEPS]
    readings, shifts = list[Reading](), list[float]()
    for index in chosen:
        plain, size = float(suspect.log_ohm[evidence.landings][index]), float(suspect.sizes[index])
        reading = reading_of(swept(curve, plain, LAWS[suspect.fault](size), card, chance), card)
        readings.append(reading)
        if reading.kind is Kind.VALUE and plain < OPEN:
            shifts.append(reading.middle - plain)
    return Signature(
        kinds={kind: _share(sum(entry.kind is kind for entry in readings), len(readings), len(Kind)) for kind in Kind},
        shapes={shape: _share(sum(shape in entry.shapes for entry in readings), len(readings), 2) for shape in Shape},
        shift=float(np.mean(shifts)) if shifts else 0.0,
        spread=float(np.std(shifts)) if shifts else 0.0,
    )


def _share(count: int, of: int, among: int) -> float:
    """Of few trials, after Krichevsky and Trofimov (half a trial for each outcome), and never quite certain."""
    return min(max((count + 0.5) / (of + 0.5 * among), LEAST), 1.0 - LEAST)


def swept(curve: Curve, plain: float, law: Law, card: SmuCard, chance: np.random.Generator) -> Curve:
    """The same sweep over a resistance of 10**``plain`` ohm at no volts, in which that law is at work."""
    volts = np.array([point.level for point in curve.points])
    moments = np.array([point.time_s for point in curve.points])
    ohm = 10.0**plain
    amps = _amps(law, ohm, (volts, moments), curve.settings.nplc, chance)
    limit = curve.settings.compliance_a or math.inf
    held = np.abs(amps) > limit
    amps = np.where(held, np.copysign(limit, amps), amps)
    offset = range_holding(card.measure_current, curve.settings.current_range_a or float(np.abs(amps).max())).offset
    amps = amps + NOISE * offset * chance.standard_normal(len(amps)) * ~held
    across = np.where(held, amps * min(ohm, 1e18), volts)
    points = tuple(
        CurvePoint.model_construct(
            level=point.level, voltage_v=volt, current_a=amp, time_s=point.time_s, readback=None,
            in_compliance=clamped, in_range_compliance=False, overflow=0,
        )
        for point, volt, amp, clamped in zip(curve.points, across.tolist(), amps.tolist(), held.tolist(), strict=True)
    )  # fmt: skip
    return curve.model_copy(update={"points": points})


def _amps(law: Law, ohm: float, programme: tuple[Reals, Reals], nplc: float, chance: np.random.Generator) -> Reals:
    """At those volts and moments."""
    volts, moments = programme
    match law:
        case TunnelBarrier():
            return _through_barrier(law, ohm, volts)
        case Drift():
            return volts / (ohm + law.ohm_per_s * (chance.uniform(0.0, OLDEST_S) + moments))
        case Intermittence():
            return np.where(_open(law, moments, chance), 0.0, volts / ohm)
        case StrayCurrent():
            return volts / ohm + law.amps
        case MainsPickUp():
            half = math.pi * nplc
            phase = 2.0 * math.pi * (law.frequency_hz * moments + chance.uniform()) + half
            return volts / ohm + law.amplitude_a * np.sin(phase) * math.sin(half) / half
        case _:
            return volts / ohm


def _through_barrier(barrier: TunnelBarrier, whole: float, volts: Reals) -> Reals:
    """Amperes through the barrier and what lies in series with it, by bisection of the voltage on the barrier."""
    series = max(whole - barrier.scale_v / barrier.current_a, 0.0)
    low, high = np.zeros_like(volts), np.abs(volts)
    for _ in range(60):
        middle = (low + high) / 2
        amps = barrier.current_a * np.sinh(np.minimum(middle / barrier.scale_v, 700.0))
        too_much = middle + amps * series > np.abs(volts)
        low, high = np.where(too_much, low, middle), np.where(too_much, middle, high)
    return np.copysign(barrier.current_a * np.sinh(np.minimum(low / barrier.scale_v, 700.0)), volts)


def _open(contact: Intermittence, moments: Reals, chance: np.random.Generator) -> NDArray[np.bool_]:
    """Whether it is open at each moment: once in every slot, somewhere in it."""
    slots = np.floor(moments / contact.every_s).astype(int)
    begins = chance.uniform(0.0, max(contact.every_s - contact.open_s, 0.0), int(slots.max(initial=0)) + 1)
    since = moments - slots * contact.every_s - begins[np.maximum(slots, 0)]
    return (since >= 0.0) & (since < contact.open_s)
