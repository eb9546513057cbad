"""A measured I-V curve: every point with its flags, and a set of curves with what they were measured on."""

from datetime import datetime

from pydantic import Field

from fibplan.model.base import FormatVersion, Frozen


class CurvePoint(Frozen):
    """One point of a sweep: volts, amperes, seconds since the sweep began.

    ``in_compliance`` covers the programmed limit and the limit of the range; an overflowed reading holds no number, so
    ``current_a`` is None. Neither may enter a fit.
    """

    source_v: float
    voltage_v: float
    current_a: float | None
    time_s: float
    in_compliance: bool = False
    overflow: bool = False

    @property
    def usable(self) -> bool:
        """Whether the point says something about the sample rather than about the instrument's limits."""
        return not (self.in_compliance or self.overflow)


def model_number(text: str) -> str:
    """The part of a model's name that two spellings of it share: its last word, in capitals.

    >>> model_number("MODEL 2450"), model_number("Keithley 2636b"), model_number("2450")
    ('2450', '2636B', '2450')
    """
    return text.rsplit(maxsplit=1)[-1].upper() if text.strip() else ""


class Instrument(Frozen):
    """What answered, in its own words, and whether it was a simulator: that mark stays for ever."""

    identity: str
    model: str
    serial: str
    simulated: bool


class Settings(Frozen):
    """What was set, as the instrument read it back: volts, amperes, power-line cycles."""

    compliance_a: float
    current_range_a: float | None
    """None while the instrument chose the range by itself."""
    source_range_v: float
    nplc: float
    four_wire: bool = False


class Curve(Frozen):
    """One sweep: which path and probing step, by what, with which settings, when, and its points."""

    path: str
    probing: str
    instrument: Instrument
    settings: Settings
    started: datetime
    points: tuple[CurvePoint, ...] = Field(min_length=1)
    partial: bool = False


class CurveSet(Frozen):
    """The curves of one lamella, in the order they were measured."""

    fibplan: FormatVersion = 1
    curves: tuple[Curve, ...] = ()

    @property
    def simulated(self) -> bool:
        return any(curve.instrument.simulated for curve in self.curves)

    def of(self, path: str, probing: str) -> Curve | None:
        """The latest curve of that path and probing step, or None."""
        found = [curve for curve in self.curves if (curve.path, curve.probing) == (path, probing)]
        return found[-1] if found else None

    def with_curve(self, curve: Curve) -> "CurveSet":
        return self.model_copy(update={"curves": (*self.curves, curve)})
