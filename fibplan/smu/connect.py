"""From a VISA resource and a card to a driver: what answers must be what the card says, or nothing is driven."""

from fibplan.clock import Clock, SystemClock
from fibplan.errors import InstrumentError
from fibplan.model.cards import SmuCard
from fibplan.model.curve import Instrument, model_number
from fibplan.smu.keithley2450 import Keithley2450
from fibplan.smu.protocol import Smu
from fibplan.smu.visa import VisaConnection

DIALECTS = {"scpi-2450": Keithley2450.over}
"""How to take over an open connection, for each dialect a card may name."""

SIMULATED = "SIM"
"""What the serial number of every simulated instrument begins with."""


def connect(
    resource: str,
    card: SmuCard,
    *,
    visa_library: str = "@py",
    patience_s: float = 5.0,
    clock: Clock | None = None,
) -> Smu:
    """The driver for the instrument at ``resource``, of which nothing has been changed yet.

    ``patience_s`` is how long the idle instrument may take to answer; ``clock`` is what the driver waits by while the
    instrument sweeps. Raises :class:`~fibplan.errors.InstrumentError` when nothing answers, or another model or command
    set than the card's.
    """
    take_over = DIALECTS.get(card.dialect)
    if take_over is None:
        raise InstrumentError(
            f"there is no driver for the dialect {card.dialect}",
            where=card.title,
            remedy=f"use an instrument whose card has the dialect {' or '.join(DIALECTS)}",
        )
    connection = VisaConnection(resource, visa_library=visa_library, patience_s=patience_s)
    try:
        instrument = identified(connection.query("*IDN?"), resource)
        _require_model(instrument, card, resource)
        return take_over(connection, card, instrument, clock or SystemClock())
    except BaseException:
        connection.close()
        raise


def identified(identity: str, resource: str) -> Instrument:
    """What an answer to ``*IDN?`` says: maker, model, serial number and firmware, separated by commas."""
    fields = [field.strip() for field in identity.split(",")]
    if len(fields) != 4 or not all(fields):
        raise InstrumentError(
            f"this is no identity: '{identity[:80]}'",
            where=resource,
            remedy="check that this address is the source-measure unit",
        )
    return Instrument(
        identity=identity,
        model=model_number(fields[1]),
        serial=fields[2],
        simulated=fields[2].startswith(SIMULATED),
    )


def _require_model(instrument: Instrument, card: SmuCard, resource: str) -> None:
    wanted = model_number(card.model)
    if instrument.model != wanted:
        raise InstrumentError(
            f"this is a model {instrument.model}, and the card '{card.name}' is for a {wanted}",
            where=resource,
            remedy="name the card of this instrument in the recipe, or connect the other instrument",
        )
