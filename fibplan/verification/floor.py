"""What flows between lifted tips, against what an insulating path at its limit carries: never taken off silently."""

from fibplan.model.cards import SmuCard, range_holding
from fibplan.model.curve import Curve, CurveSet
from fibplan.model.path import Above, VerificationPath
from fibplan.units import show
from fibplan.verification.plausible import STRAY
from fibplan.verification.probing import CONDITIONS, FLOOR, TIPS

FLOOR_SHARE = 0.1
"""Of the current that a path at its limit carries, at the end of its sweep; chosen."""


AS_FAR = 0.9
"""Of the sweep's voltage: a floor that goes less far says nothing of what leaks there; chosen."""


def floor_of(sweep: Curve, curves: CurveSet) -> Curve | None:
    """The last open-tip floor before that sweep, by its place in the set and by its time, with the same instrument."""
    earlier = curves.curves[: _place(sweep, curves)]
    found = [
        curve
        for curve in earlier
        if (curve.path, curve.probing) == (TIPS, FLOOR)
        and not curve.partial
        and curve.started <= sweep.started
        and curve.instrument == sweep.instrument
    ]
    return found[-1] if found else None


def floor_doubts(path: VerificationPath, sweep: Curve, curves: CurveSet, card: SmuCard) -> list[str]:
    """What forbids an insulating verdict while the tips stand where they did; nothing for a conducting path."""
    if not isinstance(path.criterion, Above):
        return []
    doubts = [words for name, words in CONDITIONS.items() if name not in sweep.conditions]
    dark = [f"nobody confirmed that {' and that '.join(doubts)}"] if doubts else []
    floor = floor_of(sweep, curves)
    if floor is None:
        return [*dark, "the open-tip floor was not measured before it, so stray current cannot be ruled out"]
    if (reach := _reach_v(floor)) < AS_FAR * path.sweep.voltage:
        short = f"the open-tip floor goes to {show(reach, 'V')} and the sweep to {show(path.sweep.voltage, 'V')}"
        return [*dark, f"{short}, so stray current beyond cannot be ruled out"]
    stray = stray_a(floor)
    if stray is None:
        return [
            *dark,
            "the lifted tips carry more than can be read: they touch each other, or a stray current",
        ]
    carried = path.sweep.voltage / path.criterion.limit
    if stray > max(FLOOR_SHARE * carried, STRAY * range_holding(card.measure_current, stray).offset):
        return [
            *dark,
            f"{show(stray, 'A')} flow between the lifted tips where the path at its limit carries "
            f"{show(carried, 'A')}: electron beam, chamber light, or a leak in the cables",
        ]
    return dark


def _reach_v(floor: Curve) -> float:
    """How far the tips were driven in the air, in both signs."""
    levels = [point.level for point in floor.points]
    return min(max(levels), -min(levels))


def stray_a(floor: Curve) -> float | None:
    """The largest current in magnitude; None where a point holds no number or was held back."""
    if any(not point.usable for point in floor.points):
        return None
    return max(abs(point.current_a) for point in floor.points if point.current_a is not None)


def _place(sweep: Curve, curves: CurveSet) -> int:
    return max(place for place, curve in enumerate(curves.curves) if curve is sweep or curve == sweep)
