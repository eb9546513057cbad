"""The words of a 2450, 2460 or 2461 in its native SCPI command set.

Commands that do not conflict with a running trigger model are executed (2450-901-01 Rev B, p 3-107), so the instrument
can be asked for its progress and switched off while it sweeps; that ``:TRAC:ACT?``, ``:OUTP?`` and ``:OUTP OFF`` do
not conflict is unverified (2461-901-01 Rev A, section 3, gives reading the buffer as an example). Hence ``:OUTP OFF``
is sent both before and after ``:ABOR``. Only when the sweep should be over is the instrument asked to wait for its end:
``*WAI`` postpones every later command (p B-10). The sweep's own trigger model switches the output on and off again.
"""

from collections.abc import Sequence

from fibplan.model.curve import Settings
from fibplan.smu.limits import sources_list
from fibplan.smu.points import Row, ends_below_limit
from fibplan.smu.protocol import SweepRequest
from fibplan.smu.readback import LIMIT, MEASURE_RANGE, NPLC, SOURCE_RANGE, Answered, Setting, idle_level
from fibplan.smu.replies import event, fields, unexpected
from fibplan.smu.scpi import ScpiDialect, level_list, switch

BUFFER = '"defbuffer1"'
BUFFER_LEAST = 10
OVER_TEMPERATURE, PROTECTION, LIMITED, OUTPUT_ON = 16, 4, 32, 128
"""Source status bits (2450 reference manual, buffer status)."""
AUTO_DELAY = -1.0
"""Instead of a delay: that of the range, where zero is none (p 6-81); a list has no such choice (p 6-85)."""
OVERRANGE = 1.05
"""How far beyond its full scale a range sources."""


class Scpi2450(ScpiDialect):
    """See :class:`~fibplan.smu.dialect.Dialect`."""

    rest = "*RST;:OUTP:VOLT:SMOD HIMP;:OUTP:CURR:SMOD HIMP;:OUTP:VOLT:SMOD?;:OUTP:CURR:SMOD?;:OUTP?"
    rested: Sequence[str] = ("HIMP", "HIMP", "0")
    off: Sequence[str] = (":OUTP OFF",)
    start = ":INIT;:TRAC:ACT?"
    progress: str | None = ":TRAC:ACT?"
    held = ":TRAC:ACT?"
    # The automatic source delay is 50 ms at most (2450 reference manual, source delay).
    settling_s = 0.1

    def asked(self, request: SweepRequest) -> Sequence[Setting]:
        """See the Protocol."""
        source, sense, limit = _names(request)
        fixed = request.measure_range is not None
        return (
            Setting("output after the reset", ":OUTP?", "0"),
            Setting(LIMIT, f":SOUR:{source}:{limit}?", request.limit or 0.0),
            Setting(NPLC, f":SENS:{sense}:NPLC?", request.nplc),
            Setting("source function", ":SOUR:FUNC?", source),
            Setting("measure function", ":SENS:FUNC?", f"{sense}:DC"),
            Setting("automatic measure range", f":SENS:{sense}:RANG:AUTO?", str(int(not fixed))),
            Setting("four-wire sensing", f":SENS:{sense}:RSEN?", str(int(request.four_wire))),
            Setting("automatic zero", f":SENS:{sense}:AZER?", str(int(request.autozero))),
            Setting("source readback", f":SOUR:{source}:READ:BACK?", "1"),
            Setting("output-off state", f":OUTP:{source}:SMOD?", "HIMP"),
            Setting("output", ":OUTP?", "0"),
            *idle_level(request, f":SOUR:{source}?"),
            *_fixed_range(request, f":SENS:{sense}:RANG?"),
            Setting(SOURCE_RANGE, f":SOUR:{source}:RANG?", request.shape.reach, holds=OVERRANGE),
        )

    def commands(self, request: SweepRequest) -> list[str]:
        """See :class:`~fibplan.smu.scpi.ScpiDialect`."""
        return _commands(request)

    def ask(self, request: SweepRequest) -> str:
        """See the Protocol."""
        queries = [setting.query for setting in self.asked(request)[1:]]
        return ";".join([":SYST:ERR?", ":SYST:EVEN:NEXT? WARN", *queries])

    def answered(self, reply: str, request: SweepRequest, where: str) -> Answered:
        """See the Protocol. ``:SYST:ERR?`` does not show warnings, such as that a limit was changed."""
        first, error, warning, *others = fields(reply, len(self.asked(request)) + 2, where)
        words = [text for text in (event(error, where), event(warning, where)) if text]
        return Answered([first, *others], words)

    def fetch(self, request: SweepRequest) -> str:
        """See the Protocol."""
        return f"*WAI;:OUTP?;:TRAC:ACT?;:SYST:ERR?;{self.contents(request.points)}"

    def contents(self, points: int) -> str:
        """See the Protocol. The status stands last: a row that was cut short lacks it, or the bit that each has."""
        return f":TRAC:DATA? 1,{points},{BUFFER},SOUR,READ,REL,SOURSTAT"

    def row(self, level: float, values: Sequence[float], settings: Settings, where: str) -> Row:
        """See the Protocol: source readback, reading, relative time, source status.

        One bit says that the source is held back; where a fixed measure range ends below the programmed limit, it is
        the range that does it.
        """
        readback, reading, time_s, status = values
        bits = round(status)
        if bits != status or not 0 <= bits < 256:
            raise unexpected("this is no source status", f"{status:g}", where)
        if not bits & OUTPUT_ON or bits & OVER_TEMPERATURE:
            raise unexpected("a point was taken with the output off or too hot, source status", str(bits), where)
        volts, amperes = (readback, reading) if settings.source == "voltage" else (reading, readback)
        limited, ranged = bool(bits & (LIMITED | PROTECTION)), ends_below_limit(settings)
        return Row(level, volts, amperes, time_s, readback, limited and not ranged, limited and ranged)


def _fixed_range(request: SweepRequest, query: str) -> list[Setting]:
    fixed = request.measure_range
    return [] if fixed is None else [Setting(MEASURE_RANGE, query, fixed, holds=OVERRANGE)]


def _names(request: SweepRequest) -> tuple[str, str, str]:
    """The headers of the sourced and of the measured quantity, and of the limit."""
    return ("VOLT", "CURR", "ILIM") if request.sources_voltage else ("CURR", "VOLT", "VLIM")


def _commands(request: SweepRequest) -> list[str]:
    """Everything a sweep needs after a reset: p 6-32 off state, 6-71 limit, 6-77 readback, 6-81 sweep, 6-115 buffer."""
    source, sense, limit = _names(request)
    ranged = "RANG:AUTO ON" if request.measure_range is None else f"RANG {float(request.measure_range)!r}"
    return [
        f":SOUR:FUNC {source}",
        f':SENS:FUNC "{sense}"',
        f":OUTP:{source}:SMOD HIMP",
        f":SOUR:{source}:RANG {request.shape.reach!r}",
        f":SOUR:{source}:{limit} {float(request.limit or 0.0)!r}",
        *([f":SOUR:{source} {request.idle!r}"] if request.idle else []),
        f":SOUR:{source}:READ:BACK ON",
        f":SENS:{sense}:{ranged}",
        f":SENS:{sense}:NPLC {float(request.nplc)!r}",
        f":SENS:{sense}:RSEN {switch(request.four_wire)}",
        f":SENS:{sense}:AZER {switch(request.autozero)}",
        f":TRAC:POIN {max(request.points, BUFFER_LEAST)},{BUFFER}",
        f":TRAC:CLE {BUFFER}",
        *_sweep(request, source),
    ]


def _sweep(request: SweepRequest, source: str) -> list[str]:
    """The sweep itself: never aborted at the limit, since a clamped point is told by its status."""
    delay = float(request.delay_s)
    if sources_list(request):
        run = f":SOUR:SWE:{source}:LIST 1,{delay!r},1,OFF,{BUFFER}"
        return [*level_list(request.levels, f":SOUR:LIST:{source}"), run]
    first, last, after = request.levels[0], request.levels[-1], delay if delay > 0.0 else AUTO_DELAY
    return [f":SOUR:SWE:{source}:LIN {first!r},{last!r},{request.points},{after!r},1,FIX,OFF,OFF,{BUFFER}"]
