"""What a request may ask of an instrument; checked before anything is sent, and every fault is told at once."""

from fibplan.errors import InstrumentError
from fibplan.model.cards import SmuCard
from fibplan.smu.protocol import SweepRequest
from fibplan.units import show


def require_allowed(request: SweepRequest, card: SmuCard) -> None:
    """Return when the card allows the sweep; raise :class:`~fibplan.errors.InstrumentError` naming every fault."""
    faults = [*_voltage(request, card), *_current(request, card), *_timing(request, card)]
    if faults:
        raise InstrumentError(
            f"the sweep was not sent: {'; '.join(faults)}",
            where=card.title,
            remedy="change the sweep in the recipe, or use another instrument",
        )


def _voltage(request: SweepRequest, card: SmuCard) -> list[str]:
    asked = show(request.voltage_v, "V")
    if request.voltage_v <= 0.0:
        return [f"the voltage {asked} is not above zero"]
    if request.voltage_v > card.voltage_most:
        return [f"the voltage {asked} is above {show(card.voltage_most, 'V')}"]
    if card.interlock_voltage is not None and request.voltage_v > card.interlock_voltage:
        return [f"the voltage {asked} is above {show(card.interlock_voltage, 'V')}, where the interlock begins"]
    return []


def _current(request: SweepRequest, card: SmuCard) -> list[str]:
    asked = show(request.compliance_a, "A")
    if request.compliance_a < card.current_limit_least:
        return [f"the compliance {asked} is below {show(card.current_limit_least, 'A')}"]
    if request.compliance_a > card.current_limit_most:
        return [f"the compliance {asked} is above {show(card.current_limit_most, 'A')}"]
    return []


def _timing(request: SweepRequest, card: SmuCard) -> list[str]:
    faults: list[str] = []
    if not 2 <= request.points <= card.points_most:
        faults.append(f"{request.points} points are not between 2 and {card.points_most}")
    if request.nplc <= 0.0:
        faults.append(f"an integration of {request.nplc:g} power-line cycles is not above zero")
    if request.delay_s < 0.0:
        faults.append(f"the delay {show(request.delay_s, 's')} is below zero")
    return faults
