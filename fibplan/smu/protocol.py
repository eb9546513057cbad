"""What anything that sweeps must do, whatever the instrument behind it."""

from typing import NamedTuple, Protocol, Self

from fibplan.model.base import Frozen
from fibplan.model.curve import CurvePoint, Instrument, Settings


class SweepRequest(Frozen):
    """A bipolar linear voltage sweep: from ``-voltage_v`` to ``+voltage_v``, never above ``compliance_a``.

    Volts, amperes, power-line cycles, seconds.
    """

    voltage_v: float
    compliance_a: float
    points: int
    nplc: float = 1.0
    delay_s: float = 0.0


class Swept(NamedTuple):
    """What came back: settings as read back, and the points in the order they were taken."""

    settings: Settings
    points: tuple[CurvePoint, ...]


class Smu(Protocol):
    """A source-measure unit whose output is on only inside :meth:`sweep`."""

    @property
    def instrument(self) -> Instrument:
        """What answered."""
        ...

    def sweep(self, request: SweepRequest) -> Swept:
        """Run one sweep on the instrument; the output is off before and after.

        Raises :class:`~fibplan.errors.InstrumentError` when the instrument refuses, answers something that cannot be
        trusted, or is lost; and when the request exceeds what its card allows, before anything is sent.
        """
        ...

    def output_off(self) -> None:
        """Switch the output off and ask whether it is; raise if it cannot be confirmed."""
        ...

    def close(self) -> None:
        """Output off, connection closed. Closing twice does nothing."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *failure: object) -> None: ...
