"""Which further measurement would decide a path that is not decided, with the bounds that it would narrow to.

The gain is computed, not promised: the same parts as in the budget, with the accuracy card's numbers for the other
range, voltage and integration, around the resistance that was read.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

from fibplan.model.cards import SmuCard, range_holding
from fibplan.model.curve import Curve
from fibplan.model.path import Above, Below
from fibplan.model.verdict import Measured
from fibplan.units import show
from fibplan.verification.accuracy import spec_of
from fibplan.verification.budget import SCATTER
from fibplan.verification.propagation import ONE_SIDED, reach

LONGEST_NPLC = 10.0
"""All three instruments integrate so long at most (2400S-900-01, 2450-901-01); a 2600B goes to 25."""
HIGHEST_V = 1.0
"""An active layer is not driven further; chosen, as twice the sweep of the shipped recipes."""
NEAR_LIMIT = 0.9
"""Of the current that the path may carry: beyond, a sweep clamps."""
DIGITS = 5
BEYOND_INSTRUMENT = 2.0
"""Bounds that many times wider than one sweep's own come from what changed between the sweeps."""


class Setting(NamedTuple):
    """Another way to sweep: what is different in words, volts, full scale in amperes, power-line cycles."""

    words: str
    volts: float
    range_a: float
    nplc: float


class Bounds(NamedTuple):
    """Ohm; no upper one where no current would be resolved."""

    low: float
    high: float | None


def decisive(curve: Curve, measured: Measured, criterion: Below | Above, card: SmuCard) -> tuple[str, ...]:
    """Sentences, the most useful first; never empty."""
    if isinstance(criterion, Below) and measured.sample_low_ohm < measured.low_ohm and _bad_tips(measured, criterion):
        return (_without_tips(measured),)
    if _unsteady(measured):
        return ("the sweeps differ by more than the instrument explains: land again, check the contacts and repeat",)
    found = [(setting, _expected(setting, curve, measured, card)) for setting in _settings(curve, measured, card)]
    deciding = [(setting, bounds) for setting, bounds in found if _decides(bounds, criterion)]
    wires = [_without_tips(measured)] if isinstance(criterion, Below) and measured.contacts_ohm != 0.0 else []
    if deciding:
        return (_told(*deciding[0], measured, "which decides it"), *wires)
    if found:
        best = max(found, key=lambda entry: (entry[1].low, -(entry[1].high or math.inf)))
        return (*wires, _told(*best, measured, "which may not decide it: it lies at the limit"))
    return tuple(wires) or ("sweep it again with a limit that does not hold the source back, and check the contacts",)


def _bad_tips(measured: Measured, criterion: Below) -> bool:
    """Whether only the tips keep it from being judged."""
    return measured.low_ohm > criterion.marginal


def _without_tips(measured: Measured) -> str:
    if measured.contacts_ohm is None:
        return "land the tips again and show that each is in contact: until then nothing bounds the path from below"
    high = "no bound" if measured.high_ohm is None else show(measured.high_ohm, "ohm")
    tips, least = show(measured.contacts_ohm, "ohm"), show(measured.sample_low_ohm, "ohm")
    return (
        f"clean the tips and land again, or use four wires: that takes up to {tips} of leads and contacts out of the "
        f"reading, and leaves {least} to {high}"
    )


def _unsteady(measured: Measured) -> bool:
    if measured.high_ohm is None or not measured.budget:
        return False
    own = 2.0 * math.sqrt(sum(row.standard_ohm**2 for row in measured.budget))
    return 0.5 * (measured.high_ohm - measured.low_ohm) > BEYOND_INSTRUMENT * own


def _settings(curve: Curve, measured: Measured, card: SmuCard) -> Iterator[Setting]:
    """What can be changed, the simplest first."""
    settings, ohm = curve.settings, _middle(measured)
    if settings.source != "voltage" or ohm is None:
        return
    volts = max(abs(point.level - curve.about_v) for point in curve.points)
    now = settings.current_range_a or range_holding(card.measure_current, volts / ohm).full_scale
    finest = range_holding(card.measure_current, volts / ohm).full_scale
    nplc = max(settings.nplc, LONGEST_NPLC)
    if nplc > settings.nplc:
        yield Setting(f"NPLC {nplc:g}", volts, now, nplc)
    on_range = f"NPLC {nplc:g} on the {show(finest, 'A')} range"
    if finest < now or nplc > settings.nplc:
        yield Setting(on_range, volts, finest, nplc)
    most = min(HIGHEST_V, NEAR_LIMIT * (settings.compliance_a or 0.0) * ohm)
    if most > volts:
        farther = range_holding(card.measure_current, most / ohm).full_scale
        yield Setting(f"{show(most, 'V')} and NPLC {nplc:g} on the {show(farther, 'A')} range", most, farther, nplc)


def _middle(measured: Measured) -> float | None:
    if measured.expected_ohm is not None:
        return measured.expected_ohm
    if measured.low_ohm <= 0.0:
        return None
    return measured.low_ohm if measured.high_ohm is None else math.sqrt(measured.low_ohm * measured.high_ohm)


def _expected(setting: Setting, curve: Curve, measured: Measured, card: SmuCard) -> Bounds:
    """What such a sweep would read on the resistance that was read, or the bound where it would see nothing."""
    ohm = _middle(measured)
    assert ohm is not None, "without a resistance there are no settings"
    settings = curve.settings.model_copy(update={"nplc": setting.nplc})
    sense = spec_of(card, settings, voltage=False, full_scale=setting.range_a)
    source = spec_of(card, settings, voltage=True, full_scale=curve.settings.voltage_range_v or setting.volts)
    scatter = next((row.standard_ohm / ohm for row in measured.budget if row.source == SCATTER), 0.0)
    volts = max(abs(point.level - curve.about_v) for point in curve.points)
    scatter *= volts / setting.volts * math.sqrt(curve.settings.nplc / setting.nplc)
    hasty = [sense.haste * ohm / setting.volts, source.haste / setting.volts]
    if measured.high_ohm is None:
        unseen = reach([sense.offset, sense.haste], scatter * setting.volts / ohm, ONE_SIDED)
        return Bounds(setting.volts / unseen, None)
    share = reach([sense.gain, source.gain, *hasty], scatter)
    return Bounds(ohm * (1.0 - share), ohm * (1.0 + share))


def _decides(bounds: Bounds, criterion: Below | Above) -> bool:
    """Whether both bounds lie on one side of either limit."""
    high = math.inf if bounds.high is None else bounds.high
    return all(not bounds.low < limit < high for limit in (criterion.limit, criterion.marginal))


def _told(setting: Setting, bounds: Bounds, measured: Measured, verdict: str) -> str:
    now, then = _span(measured.low_ohm, measured.high_ohm), _span(*bounds)
    return f"{setting.words} narrows {now} to {then}, {verdict}"


def _span(low: float, high: float | None) -> str:
    least = show(low, "ohm", DIGITS)
    return f"over {least}" if high is None else f"{least}-{show(high, 'ohm', DIGITS)}"
