"""What anything that sweeps must do, whatever the instrument behind it."""

from datetime import datetime
from typing import Literal, NamedTuple, Protocol, Self

from fibplan.errors import InstrumentError
from fibplan.model.base import Frozen
from fibplan.model.curve import CurvePoint, Instrument, Settings, SourceFile
from fibplan.smu.shapes import Linear, Shape


class SweepRequest(Frozen):
    """One sweep and its bounds: volts, amperes, watts, power-line cycles, seconds.

    The bound of the quantity that is not sourced is what the instrument is told to hold, and must be there. The bound
    of the sourced one, and the power, are held by refusing levels beyond them.
    """

    source: Literal["voltage", "current"] = "voltage"
    shape: Shape
    """Its levels are volts or amperes, as ``source`` says."""
    compliance_a: float | None = None
    """The current that is never exceeded."""
    limit_v: float | None = None
    """The voltage that is never exceeded."""
    power_most_w: float | None = None
    """The largest level times the instrument's limit stays below this."""
    nplc: float = 1.0
    delay_s: float = 0.0
    measure_range: float | None = None
    """Volts or amperes that the range of the measured quantity must hold; None leaves it to the instrument."""
    four_wire: bool = False
    autozero: bool = True

    @classmethod
    def bipolar(
        cls, *, voltage_v: float, compliance_a: float, points: int, nplc: float = 1.0, delay_s: float = 0.0
    ) -> Self:
        """A linear voltage sweep from ``-voltage_v`` to ``+voltage_v``, never above ``compliance_a``."""
        shape = Linear(start=-voltage_v, stop=voltage_v, points=points)
        return cls(shape=shape, compliance_a=compliance_a, nplc=nplc, delay_s=delay_s)

    @property
    def sources_voltage(self) -> bool:
        return self.source == "voltage"

    @property
    def levels(self) -> tuple[float, ...]:
        """Every programmed level, in order; volts or amperes."""
        return self.shape.levels

    @property
    def points(self) -> int:
        return self.shape.count

    @property
    def idle(self) -> float:
        """Where the source stands as the output goes on and off: at zero, unless the sweep never comes there.

        A sweep about the voltage of a charged cell would short the cell at zero; it stands at its first level.
        """
        levels = self.levels
        return 0.0 if min(levels) <= 0.0 <= max(levels) else levels[0]

    @property
    def limit(self) -> float | None:
        """What the instrument is told to hold of the quantity that is not sourced."""
        return self.compliance_a if self.sources_voltage else self.limit_v


class Swept(NamedTuple):
    """What came back: settings as read back, and the points in the order they were taken.

    ``instrument``, ``source_file`` and ``started`` are those of a sweep that another program made and that was read
    from its file.
    """

    settings: Settings
    points: tuple[CurvePoint, ...]
    instrument: Instrument | None = None
    source_file: SourceFile | None = None
    started: datetime | None = None


class SweepBroken(InstrumentError):
    """A sweep did not come to its end; ``taken`` is what is known of it, a beginning and never the whole."""

    code = "instrument-lost"

    def __init__(self, message: str, taken: Swept, *, where: str = "", remedy: str = "") -> None:
        super().__init__(message, where=where, remedy=remedy)
        self.taken = taken


class Smu(Protocol):
    """A source-measure unit whose output is on only inside :meth:`sweep`."""

    @property
    def instrument(self) -> Instrument:
        """What answered."""
        ...

    def sweep(self, request: SweepRequest) -> Swept:
        """Run one sweep on the instrument; the output is off before and after.

        Raises :class:`~fibplan.errors.InstrumentError` when the instrument refuses, answers something that cannot be
        trusted, or is lost; and when the request exceeds what its card allows, before anything is sent. Where points of
        a sweep that broke off are known, it is a :class:`SweepBroken` that has them.
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
