"""The words of the 2400 family (2400, 2401, 2410, 2420, 2430, 2440, 6430) in SCPI.

While it sweeps it executes nothing but device clear, ``*RST``, ``*RCL``, ``*TRG``, ``:SYST:PRES`` and ``:ABOR``; every
other command waits for the end of the sweep (2400S-900-01 p 16-3). So it answers when the sweep has
ended, and switching off begins with the abort. That an abort is heard behind a question that already waits is
unverified; on GPIB a device clear comes first.

The instrument clears its output itself when the trigger count has expired (``:SOUR:CLE:AUTO``, mode ``TCO``, p 18-72):
a command at the end of a message would be lost after an error. ``:MEAS?`` and ``:CONF`` are never used: they reset the
compliance (p 17-2).
"""

from collections.abc import Sequence

from fibplan.model.curve import Settings
from fibplan.smu.limits import sources_list
from fibplan.smu.points import Row
from fibplan.smu.protocol import SweepRequest
from fibplan.smu.readback import LIMIT, MEASURE_RANGE, NPLC, SOURCE_RANGE, Answered, Setting, idle_level
from fibplan.smu.replies import event, fields, unexpected
from fibplan.smu.scpi import ScpiDialect, level_list, switch

REAL_COMPLIANCE, PROTECTION, VOLTS_MEASURED, AMPERES_MEASURED = 1 << 3, 1 << 4, 1 << 11, 1 << 12
SOURCES_VOLTAGE, SOURCES_CURRENT, RANGE_COMPLIANCE = 1 << 14, 1 << 15, 1 << 16
STATUS_BITS = 24
"""The status word of a reading (p 18-50)."""
OVERRANGE = 1.05
"""A range is answered with its overrange: 21 for the 20 V range."""
RESET_LIMITS = {"CURR": 1.0e-4, "VOLT": 20.0}
"""The measure ranges after a reset, which a limit must not be below 0.1 % of (p 18-68)."""


class Scpi2400(ScpiDialect):
    """See :class:`~fibplan.smu.dialect.Dialect`."""

    rest = "*RST;:OUTP:SMOD HIMP;:OUTP:SMOD?;:OUTP?"
    rested: Sequence[str] = ("HIMP", "0")
    off: Sequence[str] = (":ABOR", ":OUTP OFF")
    start = ":INIT;:TRAC:POIN:ACT?"
    progress: str | None = None
    held = ":TRAC:POIN:ACT?"
    # The automatic source delay is 3 ms at most, a change of range 40 ms (SPEC-2400 Rev L p 3).
    settling_s = 0.1

    def asked(self, request: SweepRequest) -> Sequence[Setting]:
        """See the Protocol."""
        source, sense = _names(request)
        fixed = request.measure_range is not None
        return (
            Setting("output after the reset", ":OUTP?", "0"),
            Setting(LIMIT, f":SENS:{sense}:PROT?", request.limit or 0.0),
            Setting(NPLC, f":SENS:{sense}:NPLC?", request.nplc),
            Setting("source function", ":SOUR:FUNC?", source),
            Setting("source mode", f":SOUR:{source}:MODE?", _mode(request)),
            Setting("concurrent measurement", ":SENS:FUNC:CONC?", "1"),
            Setting("measure functions", ":SENS:FUNC?", "VOLT:DC,CURR:DC"),
            Setting("automatic measure range", f":SENS:{sense}:RANG:AUTO?", str(int(not fixed))),
            Setting("four-wire sensing", ":SYST:RSEN?", str(int(request.four_wire))),
            Setting("automatic zero", ":SYST:AZER?", str(int(request.autozero))),
            Setting("output-off state", ":OUTP:SMOD?", "HIMP"),
            Setting("output cleared by itself", ":SOUR:CLE:AUTO?", "1"),
            Setting("output cleared at", ":SOUR:CLE:AUTO:MODE?", "TCO"),
            *_delay(request),
            Setting("trigger count", ":TRIG:COUN?", request.points),
            Setting("buffer size", ":TRAC:POIN?", request.points),
            Setting("output", ":OUTP?", "0"),
            *idle_level(request, f":SOUR:{source}?"),
            *_fixed_range(request, f":SENS:{sense}:RANG?"),
            Setting(SOURCE_RANGE, f":SOUR:{source}:RANG?", request.shape.reach, scale=OVERRANGE, holds=OVERRANGE),
        )

    def commands(self, request: SweepRequest) -> list[str]:
        """See :class:`~fibplan.smu.scpi.ScpiDialect`."""
        return _commands(request)

    def ask(self, request: SweepRequest) -> str:
        """See the Protocol."""
        return ";".join([":SYST:ERR?", *(setting.query for setting in self.asked(request)[1:])])

    def answered(self, reply: str, request: SweepRequest, where: str) -> Answered:
        """See the Protocol."""
        first, error, *others = fields(reply, len(self.asked(request)) + 1, where)
        words = event(error, where)
        return Answered([first, *others], [words] if words else [])

    def fetch(self, request: SweepRequest) -> str:
        """See the Protocol: executed when the sweep has ended (p 16-3)."""
        return f":OUTP?;:TRAC:POIN:ACT?;:SYST:ERR?;{self.contents(request.points)}"

    def contents(self, points: int) -> str:
        """See the Protocol: the buffer gives what it holds, its elements in a fixed order (p 18-49)."""
        del points
        return ":TRAC:DATA?"

    def row(self, level: float, values: Sequence[float], settings: Settings, where: str) -> Row:
        """See the Protocol: volts, amperes, seconds since the first point, status word.

        Both are measured, so there is no source readback apart from them.
        """
        volts, amperes, time_s, status = values
        bits = round(status)
        sources = SOURCES_VOLTAGE if settings.source == "voltage" else SOURCES_CURRENT
        needed = VOLTS_MEASURED | AMPERES_MEASURED | sources
        if bits != status or not 0 <= bits < 1 << STATUS_BITS or bits & needed != needed:
            raise unexpected("this is no status of such a sweep", f"{status:g}", where)
        limited, ranged = bool(bits & (REAL_COMPLIANCE | PROTECTION)), bool(bits & RANGE_COMPLIANCE)
        return Row(level, volts, amperes, time_s, None, limited, ranged)


def _names(request: SweepRequest) -> tuple[str, str]:
    """The headers of the sourced and of the limited quantity."""
    return ("VOLT", "CURR") if request.sources_voltage else ("CURR", "VOLT")


def _mode(request: SweepRequest) -> str:
    return "LIST" if sources_list(request) else "SWE"


def _delay(request: SweepRequest) -> list[Setting]:
    if request.delay_s > 0.0:
        return [Setting("delay", ":SOUR:DEL?", request.delay_s)]
    return [Setting("automatic delay", ":SOUR:DEL:AUTO?", "1")]


def _fixed_range(request: SweepRequest, query: str) -> list[Setting]:
    fixed = request.measure_range
    return [] if fixed is None else [Setting(MEASURE_RANGE, query, fixed, scale=OVERRANGE, holds=OVERRANGE)]


def _commands(request: SweepRequest) -> list[str]:
    """Everything a sweep needs after a reset, which leaves the buffer as it was (table 18-10)."""
    source, sense = _names(request)
    return [
        ":TRAC:FEED:CONT NEV",
        ":TRAC:CLE",
        ":FORM:DATA ASC",
        ":FORM:ELEM VOLT,CURR,TIME,STAT",
        f":SYST:AZER {switch(request.autozero)}",
        f":SYST:RSEN {switch(request.four_wire)}",
        ":OUTP:SMOD HIMP",
        ":SOUR:CLE:AUTO ON",
        ":SOUR:CLE:AUTO:MODE TCO",
        f":SOUR:FUNC {source}",
        ":SENS:FUNC:CONC ON",
        ":SENS:FUNC 'VOLT','CURR'",
        f":SOUR:{source}:RANG {float(request.shape.reach)!r}",
        *_limit(request, sense),
        *([f":SOUR:{source} {request.idle!r}"] if request.idle else []),
        f":SENS:{sense}:NPLC {float(request.nplc)!r}",
        f":SOUR:DEL {float(request.delay_s)!r}" if request.delay_s > 0.0 else ":SOUR:DEL:AUTO ON",
        *_levels(request, source),
        ":ARM:COUN 1",
        f":TRIG:COUN {request.points}",
        f":TRAC:POIN {request.points}",
        ":TRAC:TST:FORM ABS",
        ":TRAC:FEED SENS",
        ":TRAC:FEED:CONT NEXT",
    ]


def _limit(request: SweepRequest, sense: str) -> list[str]:
    """Limit and measure range in an order in which neither is ever out of the other's reach.

    A limit below 0.1 % of the measure range is refused, and so is a range above that of the limit (p 18-68).
    """
    limit = float(request.limit or 0.0)
    ranged = "RANG:AUTO ON" if request.measure_range is None else f"RANG {float(request.measure_range)!r}"
    return [
        f":SENS:{sense}:PROT {max(limit, RESET_LIMITS[sense])!r}",
        f":SENS:{sense}:RANG {limit!r}",
        f":SENS:{sense}:PROT {limit!r}",
        f":SENS:{sense}:{ranged}",
    ]


def _levels(request: SweepRequest, source: str) -> list[str]:
    """The sweep on its one range, never aborted in compliance; the mode is chosen last (tables 10-3 to 10-5)."""
    fixed = [":SOUR:SWE:RANG FIX", ":SOUR:SWE:CAB NEV"]
    if sources_list(request):
        return [*fixed, *level_list(request.levels, f":SOUR:LIST:{source}"), f":SOUR:{source}:MODE LIST"]
    return [
        *fixed,
        ":SOUR:SWE:SPAC LIN",
        f":SOUR:{source}:STAR {float(request.levels[0])!r}",
        f":SOUR:{source}:STOP {float(request.levels[-1])!r}",
        f":SOUR:SWE:POIN {request.points}",
        f":SOUR:{source}:MODE SWE",
    ]
