"""What a request may ask of an instrument; checked before anything is sent, and every fault is told at once."""

from collections.abc import Iterator

from fibplan.errors import InstrumentError
from fibplan.model.cards import LONGEST_LIST, SmuCard
from fibplan.smu.protocol import SweepRequest
from fibplan.smu.shapes import Linear
from fibplan.units import show

ROUNDING = 1.0 + 1e-9
"""Products and sums of limits may exceed them by this much."""


def require_allowed(request: SweepRequest, card: SmuCard) -> None:
    """Return when the request keeps its own bounds and the card allows it.

    Raises :class:`~fibplan.errors.InstrumentError` naming every fault.
    """
    faults = [
        *request.shape.faults,
        *_levels(request, card),
        *_limit(request, card),
        *_power(request, card),
        *_points(request, card),
        *_timing(request),
    ]
    if faults:
        raise InstrumentError(
            f"the sweep was not sent: {'; '.join(faults)}",
            where=card.title,
            remedy="change the sweep in the recipe, or use another instrument",
        )


def sources_list(request: SweepRequest) -> bool:
    """Whether an instrument must be sent each level: it steps by itself only through one linear rise or fall.

    Logarithmic sweeps of their own differ in what they start from (2450-901-01 p 6-87: above zero; 2461-901-01 p 6-130:
    200 mV), and where a sweep to and fro turns is not documented.
    """
    return not isinstance(request.shape, Linear) or request.shape.up_down


def _levels(request: SweepRequest, card: SmuCard) -> Iterator[str]:
    """Faults of the sourced quantity."""
    name, unit = ("voltage", "V") if request.sources_voltage else ("current", "A")
    reach, most = request.shape.reach, card.voltage_most if request.sources_voltage else card.current_limit_most
    asked = show(reach, unit)
    bound = request.limit_v if request.sources_voltage else request.compliance_a
    if reach <= 0.0:
        yield f"the {name} {asked} is not above zero"
    if reach > most:
        yield f"the {name} {asked} is above {show(most, unit)}"
    elif request.sources_voltage:
        yield from _interlocked(reach, card)
    if bound is not None and reach > bound * ROUNDING:
        yield f"the {name} {asked} is above the {show(bound, unit)} that the sample may see"


def _limit(request: SweepRequest, card: SmuCard) -> Iterator[str]:
    """Faults of the limit of the other quantity."""
    limit = request.limit
    if request.sources_voltage:
        name, unit, least, most = "compliance", "A", card.current_limit_least, card.current_limit_most
    else:
        name, unit, least, most = "voltage limit", "V", card.voltage_limit_least, card.voltage_most
    if limit is None:
        yield f"no {name} is given"
    elif least is not None and limit < least:
        yield f"the {name} {show(limit, unit)} is below {show(least, unit)}"
    elif limit > most:
        yield f"the {name} {show(limit, unit)} is above {show(most, unit)}"
    elif not request.sources_voltage:
        yield from _interlocked(limit, card)
    if limit is not None and request.measure_range is not None and request.measure_range > limit * ROUNDING:
        yield f"the measure range {show(request.measure_range, unit)} is above the {name} {show(limit, unit)}"


def _interlocked(volts: float, card: SmuCard) -> Iterator[str]:
    if card.interlock_voltage is not None and volts > card.interlock_voltage:
        asked = f"the voltage {show(volts, 'V')}"
        yield f"{asked} is above {show(card.interlock_voltage, 'V')}, where the interlock begins"


def _power(request: SweepRequest, card: SmuCard) -> Iterator[str]:
    limit, reach = request.limit, request.shape.reach
    if limit is None:
        return
    if request.power_most_w is not None and reach * limit > request.power_most_w * ROUNDING:
        told = f"{show(reach * limit, 'W')} are above the {show(request.power_most_w, 'W')} that the sample may see"
        yield f"level times limit, {told}"
    volts, amperes = (reach, limit) if request.sources_voltage else (limit, reach)
    within = [area for area in card.operating_areas if volts <= area.voltage and amperes <= area.current]
    if card.operating_areas and not within:
        yield f"{show(volts, 'V')} and {show(amperes, 'A')} cannot be had together"


def _points(request: SweepRequest, card: SmuCard) -> Iterator[str]:
    points, most = request.points, card.points_most
    if points > most:
        yield f"{points} points are above {most}"
    elif sources_list(request) and points > LONGEST_LIST:
        yield f"{points} points are above {LONGEST_LIST}, the longest list of levels"


def _timing(request: SweepRequest) -> Iterator[str]:
    if request.nplc <= 0.0:
        yield f"an integration of {request.nplc:g} power-line cycles is not above zero"
    if request.delay_s < 0.0:
        yield f"the delay {show(request.delay_s, 's')} is below zero"
    if request.measure_range is not None and request.measure_range <= 0.0:
        yield f"a measure range of {request.measure_range:g} is not above zero"
