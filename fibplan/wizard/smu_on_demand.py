"""An SMU that is connected when the first sweep is due: hours lie before it, and others may need the instrument."""

from collections.abc import Callable
from typing import Self

from fibplan.errors import InstrumentError
from fibplan.model.curve import UNKNOWN_MODEL, Instrument
from fibplan.smu.protocol import Smu, SweepRequest, Swept


class SmuOnDemand:
    """Asks once who answers, lets go, and connects again for the first sweep.

    ``instrument`` is what answered, or that nothing did: it may still be off when a session begins.
    """

    def __init__(self, connect: Callable[[], Smu]) -> None:
        self._connect = connect
        self._smu: Smu | None = None
        self._instrument = self._asked()

    @property
    def instrument(self) -> Instrument:
        return self._instrument

    def sweep(self, request: SweepRequest) -> Swept:
        """Errors as :meth:`fibplan.smu.protocol.Smu.sweep` and whatever connects raise them.

        Raises :class:`~fibplan.errors.InstrumentError` for a simulator where the session began without one.
        """
        if self._smu is None:
            self._smu = self._connected()
        swept = self._smu.sweep(request)
        return swept if swept.instrument is not None else swept._replace(instrument=self._smu.instrument)

    def output_off(self) -> None:
        if self._smu is not None:
            self._smu.output_off()

    def close(self) -> None:
        """Output off, connection closed; the next sweep connects again."""
        smu, self._smu = self._smu, None
        if smu is not None:
            smu.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def _asked(self) -> Instrument:
        try:
            with self._connect() as smu:
                return smu.instrument
        except InstrumentError as failure:
            told = f"DOES NOT ANSWER: {failure.message}"
            return Instrument(identity=told, model=UNKNOWN_MODEL, serial="", simulated=False)

    def _connected(self) -> Smu:
        smu = self._connect()
        if smu.instrument.simulated != self._instrument.simulated:
            smu.close()
            remedy = "connect the instrument, or begin a session with --simulate"
            raise InstrumentError(
                "a simulator answers in a session that is not simulated", where=smu.instrument.identity, remedy=remedy
            )
        return smu
