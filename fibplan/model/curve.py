"""A measured I-V curve: every point with its flags, and a set of curves with what they were measured on."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from fibplan.model.base import FormatVersion, Frozen


class CurvePoint(Frozen):
    """One point of a sweep: volts, amperes, seconds since the sweep began.

    ``level`` is what was programmed and ``readback`` what the instrument says of it, where it says so: volts or
    amperes, as :attr:`Settings.source` says. ``in_compliance`` means held back by the programmed limit,
    ``in_range_compliance`` by the end of a fixed measure range. ``overflow`` is the sign of a reading that holds no
    number, which is None then. A point with any of the three may not enter a fit.
    """

    level: float
    voltage_v: float | None
    current_a: float | None
    time_s: float
    readback: float | None = None
    in_compliance: bool = False
    in_range_compliance: bool = False
    overflow: Literal[-1, 0, 1] = 0

    @property
    def clamped(self) -> bool:
        """Whether a limit of either kind held the source back."""
        return self.in_compliance or self.in_range_compliance

    @property
    def usable(self) -> bool:
        """Whether the point says something about the sample rather than about the instrument's limits."""
        return not self.clamped and self.overflow == 0 and self.voltage_v is not None and self.current_a is not None


UNKNOWN_MODEL = "unknown"
"""Of an instrument that neither a file nor a person named."""


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
    """What was set, as the instrument read it back: volts, amperes, power-line cycles.

    A sourced voltage has a ``compliance_a`` and no ``limit_v``, a sourced current the other way round. A range is None
    while the instrument chose it by itself.
    """

    source: Literal["voltage", "current"] = "voltage"
    compliance_a: float | None = None
    limit_v: float | None = None
    voltage_range_v: float | None
    current_range_a: float | None
    nplc: float
    four_wire: bool = False
    autozero: bool = True
    output_off: str = "high impedance"
    """What the terminals are when the output is off."""


MEASURE_RANGE = "measure range of the current"
"""In :attr:`SourceFile.unknown`: without it nothing bounds the error of a current that is not seen."""


class SourceFile(Frozen):
    """The file of another program that a curve was read from, and how much of the curve it does not say."""

    name: str
    sha256: str
    reader: str
    unknown: tuple[str, ...] = ()
    """What neither the file nor the person said; the settings then hold what makes the curve least exact."""
    remarks: tuple[str, ...] = ()
    """What was concluded from the numbers, such as points that were taken for clamped."""


LATER = ("conditions", "about_v", "source_file")
"""Fields of a curve that no curve of format version 1 had at first."""


class Curve(Frozen):
    """One sweep: which path and probing step, by what, with which settings, when, and its points.

    ``source_file`` is None for what fibplan measured itself.
    """

    path: str
    probing: str
    instrument: Instrument
    settings: Settings
    started: datetime
    points: tuple[CurvePoint, ...] = Field(min_length=1)
    partial: bool = False
    conditions: tuple[str, ...] = ()
    """What the person at the microscope confirmed of the surroundings before it, such as ``beam_blanked``."""
    about_v: float = 0.0
    """The open-circuit voltage that its levels lie about."""
    source_file: SourceFile | None = None

    @model_serializer(mode="wrap")
    def _as_before(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """What says nothing is not written: a curve of an earlier release keeps its bytes, and so its hash."""
        return {
            key: value for key, value in write(self).items() if key not in LATER or value not in ((), [], 0.0, None)
        }


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
