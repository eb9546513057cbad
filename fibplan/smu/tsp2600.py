"""The words of the 2600B series (2636B first) in TSP: one line of Lua a message, channel A.

The sweep runs as a chunk on the instrument that ends with the output off, whatever becomes of the computer; until then
nothing else is executed, so it answers at its end, and ``abort`` breaks the chunk off (that a raw socket hears it
while ``waitcomplete()`` runs is unverified). Levels and limits that are out of range leave an entry in the error queue
and the chunk goes on; only a runtime error ends it, and that is caught, so that the output goes off all the same.

Source: Series 2600B Reference Manual 2600BS-901-01, sections 2 and 7.
"""

from collections.abc import Sequence

from fibplan.model.curve import Instrument, Settings
from fibplan.smu.dialect import Fetched
from fibplan.smu.limits import sources_list
from fibplan.smu.points import Row
from fibplan.smu.protocol import SweepRequest
from fibplan.smu.readback import LIMIT, MEASURE_RANGE, NPLC, SOURCE_RANGE, Answered, Setting, idle_level
from fibplan.smu.replies import number, unexpected, whole

OVER_TEMPERATURE, COMPLIANCE = 0x02, 0x40
"""Bits of a reading's status."""
PRECISION = 16
"""Digits of a printed number; the default of 6 loses some."""
OVERRANGE = 1.01
"""How far beyond its full scale a range sources."""
MARK = "output"
"""Begins the answer to the question for the output state."""
TABLES = (
    "nvbuffer1.timestamps",
    "nvbuffer1.sourcevalues",
    "nvbuffer2.readings",
    "nvbuffer1.readings",
    "nvbuffer1.statuses",
)
ON, OFF, VOLTS, AMPERES, REMOTE, LOCAL, ZERO_AUTO, ZERO_OFF, HIGH_Z = 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 2.0, 0.0, 2.0
"""What the constants of the instrument are as numbers."""


class Tsp2600:
    """See :class:`~fibplan.smu.dialect.Dialect`."""

    rest = (
        "smua.abort() smua.reset() smua.source.offmode = smua.OUTPUT_HIGH_Z "
        "print(smua.source.offmode == smua.OUTPUT_HIGH_Z, smua.source.output == smua.OUTPUT_OFF)"
    )
    rested: Sequence[str] = ("true", "true")
    off: Sequence[str] = ("abort", "smua.source.output = 0")
    confirm = f'smua.abort() smua.source.output = 0 print("{MARK}", smua.source.output)'
    start = (
        "smua.source.output = 1 pcall(function() smua.trigger.initiate() waitcomplete() end) "
        "smua.source.output = 0 print(smua.nvbuffer1.n)"
    )
    progress: str | None = None
    held = "print(smua.nvbuffer1.n)"
    fetch_lines = 2
    columns = len(TABLES)
    # On the lowest current ranges the automatic measure delay is long (unverified how long).
    settling_s = 0.5

    def asked(self, request: SweepRequest) -> Sequence[Setting]:
        """See the Protocol."""
        source, sense = _letters(request)
        fixed = request.measure_range is not None
        return (
            Setting(LIMIT, f"smua.source.limit{sense}", request.limit or 0.0),
            Setting(NPLC, "smua.measure.nplc", request.nplc),
            Setting("source function", "smua.source.func", VOLTS if request.sources_voltage else AMPERES),
            Setting("automatic measure range", f"smua.measure.autorange{sense}", OFF if fixed else ON),
            Setting("four-wire sensing", "smua.sense", REMOTE if request.four_wire else LOCAL),
            Setting("automatic zero", "smua.measure.autozero", ZERO_AUTO if request.autozero else ZERO_OFF),
            Setting("output-off state", "smua.source.offmode", HIGH_Z),
            Setting("delay", "smua.source.delay", request.delay_s),
            Setting("trigger count", "smua.trigger.count", request.points),
            Setting("points in the buffer", "smua.nvbuffer1.n", 0.0),
            Setting("output", "smua.source.output", OFF),
            *idle_level(request, f"smua.source.level{source}"),
            *_fixed_range(request, sense),
            Setting(SOURCE_RANGE, f"smua.source.range{source}", request.shape.reach, holds=OVERRANGE),
        )

    def configure(self, request: SweepRequest) -> str:
        """See the Protocol."""
        return f"{' '.join(_commands(request))} {self.ask(request)}"

    def ask(self, request: SweepRequest) -> str:
        """See the Protocol."""
        return f"print({', '.join(setting.query for setting in self.asked(request))}, errorqueue.next())"

    def cut_short(self, reply: str) -> bool:
        """See the Protocol: a chunk is executed as a whole."""
        del reply
        return False

    def answered(self, reply: str, request: SweepRequest, where: str) -> Answered:
        """See the Protocol."""
        count = len(self.asked(request))
        found = reply.split("\t")
        words = _words(found[count:], reply, where)
        return Answered(found[:count], [words] if words else [])

    def fetch(self, request: SweepRequest) -> str:
        """See the Protocol: executed when the sweep has ended."""
        state = "print(smua.source.output, smua.nvbuffer1.n, errorqueue.next())"
        return f'{state} if smua.nvbuffer1.n > 0 then {self.contents(request.points)} else print("") end'

    def contents(self, points: int) -> str:
        """See the Protocol."""
        return f"printbuffer(1, {points}, {', '.join(f'smua.{table}' for table in TABLES)})"

    def fetched(self, reply: str, where: str) -> Fetched:
        """See the Protocol."""
        state, _, data = reply.partition("\n")
        output, taken, *error = f"{state}\t".split("\t")[:-1] if state.count("\t") >= 1 else ("", "")
        words = _words(error, state, where)
        return Fetched(_zero(output, where), whole(taken, where), words, data)

    def row(self, level: float, values: Sequence[float], settings: Settings, where: str) -> Row:
        """See the Protocol: seconds since the first point, programmed level, volts, amperes, status."""
        time_s, source, volts, amperes, status = values
        bits = round(status)
        if bits != status or not 0 <= bits < 256 or bits & OVER_TEMPERATURE:
            raise unexpected("a point was taken too hot, or this is no status", f"{status:g}", where)
        span = settings.voltage_range_v if settings.source == "voltage" else settings.current_range_a
        if abs(source - level) > 1e-3 * (span or 0.0):
            raise unexpected(f"a point was taken at another level than {level:g}", f"{source:g}", where)
        limited = bool(bits & COMPLIANCE)
        return Row(level, volts, amperes, time_s, source, limited)

    def rest_state(self, reply: str) -> Sequence[str]:
        """See the Protocol."""
        return reply.split("\t")

    def output_state(self, line: str, instrument: Instrument) -> str | None:
        """See the Protocol."""
        mark, _, state = line.partition("\t")
        return _zero(state, instrument.identity) if mark == MARK else None


def _letters(request: SweepRequest) -> tuple[str, str]:
    """The endings of attributes of the sourced and of the measured quantity."""
    return ("v", "i") if request.sources_voltage else ("i", "v")


def _fixed_range(request: SweepRequest, sense: str) -> list[Setting]:
    fixed = request.measure_range
    return [] if fixed is None else [Setting(MEASURE_RANGE, f"smua.measure.range{sense}", fixed, holds=OVERRANGE)]


def _commands(request: SweepRequest) -> list[str]:
    """Everything a sweep needs, from a reset channel with its output off."""
    source, sense = _letters(request)
    fixed = request.measure_range
    ranged = f"autorange{sense} = 1" if fixed is None else f"range{sense} = {float(fixed)!r}"
    return [
        "smua.abort()",
        "smua.reset()",
        "errorqueue.clear()",
        "format.data = format.ASCII",
        f"format.asciiprecision = {PRECISION}",
        "smua.source.offmode = smua.OUTPUT_HIGH_Z",
        f"smua.source.func = smua.OUTPUT_DC{'VOLTS' if source == 'v' else 'AMPS'}",
        f"smua.sense = smua.SENSE_{'REMOTE' if request.four_wire else 'LOCAL'}",
        f"smua.source.range{source} = {float(request.shape.reach)!r}",
        f"smua.source.limit{sense} = {float(request.limit or 0.0)!r}",
        *([f"smua.source.level{source} = {request.idle!r}"] if request.idle else []),
        f"smua.source.delay = {float(request.delay_s)!r}",
        f"smua.measure.{ranged}",
        f"smua.measure.nplc = {float(request.nplc)!r}",
        f"smua.measure.autozero = smua.AUTOZERO_{'AUTO' if request.autozero else 'OFF'}",
        "smua.measure.delay = smua.DELAY_AUTO",
        *_buffers(),
        *_sweep(request, source),
    ]


def _buffers() -> list[str]:
    """Both buffers empty; what is stored beside a reading can be chosen only then."""
    buffers = "smua.nvbuffer1", "smua.nvbuffer2"
    settings = ("clear()", "appendmode = 1", "collecttimestamps = 1", "collectsourcevalues = 1")
    return [f"{buffer}.{setting}" for buffer in buffers for setting in settings]


def _sweep(request: SweepRequest, source: str) -> list[str]:
    """One trigger a level; the source stays at its level between them and goes to its idle level at the end."""
    return [
        _levels(request, source),
        "smua.trigger.source.action = smua.ENABLE",
        "smua.trigger.measure.iv(smua.nvbuffer1, smua.nvbuffer2)",
        "smua.trigger.measure.action = smua.ENABLE",
        "smua.trigger.endpulse.action = smua.SOURCE_HOLD",
        "smua.trigger.endsweep.action = smua.SOURCE_IDLE",
        f"smua.trigger.count = {request.points}",
        "smua.trigger.arm.count = 1",
    ]


def _levels(request: SweepRequest, source: str) -> str:
    levels = [repr(float(level)) for level in request.levels]
    if sources_list(request):
        return f"smua.trigger.source.list{source}({{{', '.join(levels)}}})"
    return f"smua.trigger.source.linear{source}({levels[0]}, {levels[-1]}, {len(levels)})"


def _words(error: Sequence[str], reply: str, where: str) -> str:
    """The oldest entry of the error queue, which prints as code, text, severity and node; empty where there is none."""
    if len(error) != 4:
        raise unexpected("an entry of the error queue was expected at the end", reply, where)
    code = whole(error[0], where)
    return "" if code == 0 else f"{code} {error[1]}"


def _zero(state: str, where: str) -> str:
    """``0`` for any way to print zero, else the text as it came."""
    return "0" if state and number(state, where) == 0.0 else state
