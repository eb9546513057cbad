"""The Keithley 2450 in its native SCPI command set: one sweep is at most four messages, whatever its number of points.

Nothing that is sent while a sweep runs keeps the instrument from listening: the waiting is done here, so that an
interrupt can switch the output off at once. Only when the sweep should be over is the instrument asked to wait for its
end (``*WAI``, which postpones every later command, p B-10). That other commands are executed while the trigger model
runs, if they do not conflict with it, is stated on p 3-107; that ``:TRAC:ACT?`` and ``:OUTP?`` do not is unverified
(2461-901-01 Rev A, section 3, gives reading the buffer as an example), and so is ``:OUTP OFF``: hence it is sent both
before and after ``:ABOR``.

Sources: Model 2450 Reference Manual 2450-901-01, pages of Rev B. ``:MEAS?`` and ``:CONF`` are never used: on this
instrument's relatives they reset the compliance.
"""

import atexit
import math
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple, Self

from fibplan.clock import Clock
from fibplan.errors import InstrumentError
from fibplan.model.cards import SmuCard
from fibplan.model.curve import CurvePoint, Instrument, Settings
from fibplan.smu.interrupts import held_back
from fibplan.smu.limits import require_allowed
from fibplan.smu.pace import expected_s, longest_s, shortest_s
from fibplan.smu.protocol import SweepRequest, Swept
from fibplan.smu.replies import OVERFLOW, event, fields, number, rows, unexpected, whole
from fibplan.smu.visa import SHORT_ANSWER, VisaConnection

LANGUAGE = "SCPI"
BUFFER = '"defbuffer1"'
BUFFER_LEAST = 10
OVER_TEMPERATURE, PROTECTION, LIMITED, OUTPUT_ON = 16, 4, 32, 128
"""Source status bits (2450 reference manual, buffer status)."""
VALUE_BYTES, VALUE_S = 24, 0.001
"""More than a value in a fetch has in characters, and takes to be written."""
SLICE_S = 0.05
"""How long at most the clock is asked to sleep at a time."""
OFF = ":OUTP OFF"
CONFIRM = ":ABOR;:OUTP OFF;*IDN?;:OUTP?"
"""The output off once more: aborting leaves it as it is, and a sweep that was just starting may have switched it on."""
STALE_MOST = 3
"""More than the answers that a broken exchange can have left behind."""
OVERRANGE, HEADROOM = 1.05, 1.1
"""How far beyond its full scale a range sources, and what no source readback exceeds."""
UNKNOWN = "the output state is UNKNOWN"
BY_HAND = "switch the output off on the instrument before anybody touches the tips"


class _Setting(NamedTuple):
    """One setting as it was asked for, and the query that reads it back."""

    name: str
    query: str
    asked: str | float

    def agrees(self, answer: str, where: str) -> bool:
        if isinstance(self.asked, str):
            return answer.strip('"').upper() == self.asked
        return math.isclose(number(answer, where), self.asked, rel_tol=1e-3)


class Keithley2450:
    """A 2450 whose output is on only inside :meth:`sweep`; see :class:`~fibplan.smu.protocol.Smu`."""

    def __init__(self, connection: VisaConnection, card: SmuCard, instrument: Instrument, clock: Clock) -> None:
        self._connection = connection
        self._card = card
        self._instrument = instrument
        self._clock = clock
        self._late_s = 0.0
        self._late_bytes = SHORT_ANSWER
        self._closed = False
        self._known_off = False
        atexit.register(self._close_at_exit)

    @classmethod
    def over(cls, connection: VisaConnection, card: SmuCard, instrument: Instrument, clock: Clock) -> Self:
        """Take over an open connection; raises when the instrument is set to another command set."""
        language = connection.query("*LANG?")
        if language.upper() != LANGUAGE:
            raise InstrumentError(
                f"the instrument is set to the command set '{language[:20]}', not {LANGUAGE}",
                where=connection.resource,
                remedy="choose SCPI under MENU > System > Settings > Command Set, or send *LANG SCPI, and restart it",
            )
        return cls(connection, card, instrument, clock)

    @property
    def instrument(self) -> Instrument:
        """What answered."""
        return self._instrument

    @property
    def _where(self) -> str:
        return self._connection.resource

    def sweep(self, request: SweepRequest) -> Swept:
        """Run one sweep on the instrument; the output is off before and after.

        Raises :class:`~fibplan.errors.InstrumentError` as :meth:`fibplan.smu.protocol.Smu.sweep` says.
        """
        require_allowed(request, self._card)
        if self._closed:
            raise InstrumentError("the connection is closed", where=self._where, remedy="connect again")
        self._known_off = False
        try:
            settings = self._configure(request)
            latest = self._run(request)
            return Swept(settings, self._fetch(request, settings, latest))
        except BaseException as failure:
            # An interrupt, too, must not leave the output on.
            self._make_safe(failure)
            raise

    def output_off(self) -> None:
        """Switch the output off and ask whether it is; raise if it cannot be confirmed.

        An interrupt meanwhile is raised afterwards, when the output is known to be off.
        """
        try:
            self._switch_off()
        except (KeyboardInterrupt, SystemExit):
            # It came before signals were held back, or from something else than a signal.
            if not self._known_off:
                self._switch_off()
            raise

    def close(self) -> None:
        """Output off, connection closed. Closing twice does nothing."""
        with held_back():
            if not self._closed:
                self.output_off()
                self._abandon()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def _configure(self, request: SweepRequest) -> Settings:
        """Set everything up, nothing energised; the settings as the instrument has them.

        Raises when one is not what was asked.
        """
        asked = _asked(request)
        queries = (*(setting.query for setting in asked), ":SOUR:VOLT:RANG?", ":SYST:ERR?", ":SYST:EVEN:NEXT? WARN")
        reply = self._connection.query(";".join((_configuration(request), *queries)))
        complete = ";" in reply
        if not complete:
            # What follows a unit that is refused is discarded: only the question before the settings was answered.
            reply = f"{reply};{self._connection.query(';'.join(queries))}"
        answers = fields(reply, len(queries) + 1, self._where)
        wrong, words = self._faults(request, answers)
        if wrong or words or not complete:
            raise self._refused(wrong, words)
        return self._settings(request, answers)

    def _faults(self, request: SweepRequest, answers: Sequence[str]) -> tuple[list[str], list[str]]:
        """Which settings are not what was asked, and the instrument's own words."""
        at_first, *answered, source_range, error, warning = answers
        words = [text for text in (event(error, self._where), event(warning, self._where)) if text]
        wrong = [
            f"{setting.name}: asked {setting.asked}, set {answer}"
            for setting, answer in zip(_asked(request), answered, strict=True)
            if not setting.agrees(answer, self._where)
        ]
        if at_first != "0":
            wrong.append(f"output after the reset: asked 0, set {at_first[:20]}")
        if number(source_range, self._where) * OVERRANGE < request.voltage_v:
            wrong.append(f"source range: asked {request.voltage_v} V, set {source_range} V")
        return wrong, words

    def _settings(self, request: SweepRequest, answers: Sequence[str]) -> Settings:
        _, *answered, source_range, _, _ = answers
        values = {setting.name: answer for setting, answer in zip(_asked(request), answered, strict=True)}
        return Settings(
            compliance_a=number(values["compliance"], self._where),
            current_range_a=None,
            source_range_v=number(source_range, self._where),
            nplc=number(values["power-line cycles"], self._where),
        )

    def _refused(self, wrong: Sequence[str], words: Sequence[str]) -> InstrumentError:
        said = f"it says {' and '.join(words)}" if words else "it says nothing of it"
        return InstrumentError(
            f"the instrument did not take the settings ({'; '.join([*wrong, said])})",
            where=self._where,
            remedy="change the sweep so that the instrument takes it",
        )

    def _run(self, request: SweepRequest) -> float:
        """Start the sweep and sleep until it should have ended; the moment it must have ended by, on the clock."""
        started = self._clock.monotonic()
        if self._taken(":INIT;:TRAC:ACT?") != request.points:
            self._sleep_until(started + shortest_s(request))
            taken = self._taken(":TRAC:ACT?")
            self._sleep_until(started + expected_s(request, self._clock.monotonic() - started, taken))
        return started + longest_s(request)

    def _taken(self, message: str) -> int:
        return whole(self._connection.query(message), self._where)

    def _sleep_until(self, moment: float) -> None:
        while (left := moment - self._clock.monotonic()) > 0.0:
            self._clock.sleep(min(left, SLICE_S))

    def _fetch(self, request: SweepRequest, settings: Settings, latest: float) -> tuple[CurvePoint, ...]:
        """The points of the sweep, when it has ended; raises unless all were taken and the output is off."""
        output, taken, error, data = fields(self._last_answer(request, latest), 4, self._where)
        words = event(error, self._where)
        if words:
            raise unexpected("the instrument reports an error of the sweep", words, self._where)
        if whole(taken, self._where) != request.points:
            raise unexpected(f"the sweep ended early, of {request.points} points it took", taken, self._where)
        if output != "0":
            raise unexpected("the output is not off after the sweep, it answered", output, self._where)
        levels, table = programmed_levels(request), rows(data, (request.points, 4), self._where)
        return tuple(point(level, row, settings, self._where) for level, row in zip(levels, table, strict=True))

    def _last_answer(self, request: SweepRequest, latest: float) -> str:
        # The status stands last: a line that was cut short then lacks a value or the bit that every point has.
        asked = f"*WAI;:OUTP?;:TRAC:ACT?;:SYST:ERR?;:TRAC:DATA? 1,{request.points},{BUFFER},SOUR,READ,REL,SOURSTAT"
        values, now = request.points * 4, self._clock.monotonic()
        self._late_s, self._late_bytes = values * VALUE_S, SHORT_ANSWER + values * VALUE_BYTES
        busy = max(0.0, latest - now) + self._late_s
        reply = self._connection.query(asked, busy_s=busy, most_bytes=self._late_bytes)
        self._late_s, self._late_bytes = 0.0, SHORT_ANSWER
        return reply

    def _switch_off(self) -> None:
        if self._closed:
            if not self._known_off:
                raise self._unknown("the connection is closed")
            return
        with held_back():
            self._known_off = False
            try:
                answer = self._output_state()
            except InstrumentError as failure:
                self._abandon()
                raise self._unknown(failure.message) from failure
            if answer != "0":
                self._abandon()
                raise self._unknown(f"asked whether the output is on, it answered '{answer[:20]}'")
            self._known_off = True

    def _output_state(self) -> str:
        """Switch off; the answer to ``:OUTP?``, after answers that an interrupted exchange left behind."""
        self._connection.write(OFF)
        self._connection.write(CONFIRM)
        for _ in range(STALE_MOST):
            line = self._connection.read(busy_s=self._late_s, most_bytes=self._late_bytes)
            identity, _, state = line.rpartition(";")
            if identity == self._instrument.identity:
                self._late_s, self._late_bytes = 0.0, SHORT_ANSWER
                return state
        raise InstrumentError("it answers something else than it is asked", where=self._where)

    def _make_safe(self, failure: BaseException) -> None:
        """Output off after ``failure``; one failure is raised where it cannot be confirmed."""
        try:
            self.output_off()
        except InstrumentError as unconfirmed:
            told = failure.message if isinstance(failure, InstrumentError) else type(failure).__name__
            message = unconfirmed.message if told in unconfirmed.message else f"{told}; {unconfirmed.message}"
            raise InstrumentError(message, where=self._where, remedy=BY_HAND) from failure

    def _unknown(self, why: str) -> InstrumentError:
        return InstrumentError(f"{why}: {UNKNOWN}", where=self._where, remedy=BY_HAND)

    def _abandon(self) -> None:
        """Nothing more can be done over this connection."""
        self._closed = True
        atexit.unregister(self._close_at_exit)
        self._connection.close()

    def _close_at_exit(self) -> None:
        try:
            with suppress(KeyboardInterrupt, SystemExit):
                # The program ends anyway; closing once more does nothing unless this was broken off.
                self.close()
            self.close()
        except InstrumentError as failure:
            sys.stderr.write(f"{failure}\n")


def programmed_levels(request: SweepRequest) -> list[float]:
    """The voltages that the sweep steps through: the buffer holds them as read back, not as programmed."""
    step = 2.0 * request.voltage_v / (request.points - 1)
    return [-request.voltage_v + step * index for index in range(request.points)]


def point(level: float, row: Sequence[float], settings: Settings, where: str) -> CurvePoint:
    """One buffer row (source, reading, relative time, source status) as a point.

    With autorange only the programmed limit can hold the source back (2400S-900-01 p 6-2); a current at the limit
    counts as held back even where the instrument does not say so. Raises for a row that no sweep can give.
    """
    source, reading, time_s, status = row
    bits = round(status)
    possible = bits == status and 0 <= bits < 256 and 0.0 <= time_s < OVERFLOW
    if not possible or abs(source) > settings.source_range_v * HEADROOM:
        raise unexpected("this is no point of a sweep", str(list(row)), where)
    if not bits & OUTPUT_ON or bits & OVER_TEMPERATURE:
        raise unexpected("a point was taken with the output off or too hot, source status", str(bits), where)
    overflow = abs(reading) > OVERFLOW
    return CurvePoint(
        source_v=level,
        voltage_v=source,
        current_a=None if overflow else reading,
        time_s=time_s,
        in_compliance=bool(bits & (LIMITED | PROTECTION)) or (not overflow and abs(reading) >= settings.compliance_a),
        overflow=overflow,
    )


def _configuration(request: SweepRequest) -> str:
    """Everything a sweep needs, from a known state: reset, settings, output-off state, buffer, sweep.

    One question comes first: that it alone is answered tells at once that a setting was refused.
    """
    volts, delay = float(request.voltage_v), float(request.delay_s)
    return ";".join(
        (
            "*RST",
            "*CLS",
            ":OUTP?",
            ":SOUR:FUNC VOLT",
            ':SENS:FUNC "CURR"',
            ":OUTP:VOLT:SMOD HIMP",
            f":SOUR:VOLT:RANG {volts!r}",
            f":SOUR:VOLT:ILIM {float(request.compliance_a)!r}",
            ":SOUR:VOLT:READ:BACK ON",
            ":SENS:CURR:RANG:AUTO ON",
            f":SENS:CURR:NPLC {float(request.nplc)!r}",
            ":SENS:CURR:RSEN OFF",
            f":TRAC:POIN {max(request.points, BUFFER_LEAST)},{BUFFER}",
            f":TRAC:CLE {BUFFER}",
            f":SOUR:SWE:VOLT:LIN {-volts!r},{volts!r},{request.points},{delay!r},1,FIX,OFF,OFF,{BUFFER}",
        )
    )


def _asked(request: SweepRequest) -> tuple[_Setting, ...]:
    return (
        _Setting("compliance", ":SOUR:VOLT:ILIM?", request.compliance_a),
        _Setting("power-line cycles", ":SENS:CURR:NPLC?", request.nplc),
        _Setting("source function", ":SOUR:FUNC?", "VOLT"),
        _Setting("measure function", ":SENS:FUNC?", "CURR:DC"),
        _Setting("current autorange", ":SENS:CURR:RANG:AUTO?", "1"),
        _Setting("four-wire sensing", ":SENS:CURR:RSEN?", "0"),
        _Setting("source readback", ":SOUR:VOLT:READ:BACK?", "1"),
        _Setting("output-off state", ":OUTP:VOLT:SMOD?", "HIMP"),
        _Setting("output", ":OUTP?", "0"),
    )
