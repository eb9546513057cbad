"""One sweep on any instrument: at most four messages, whatever its number of points, and the output off around it.

Set up and read back, start, look once where the instrument answers while it sweeps, fetch. The waiting is done here, so
that an interrupt can switch the output off at once. The instrument switches its output off itself at the end of the
sweep, so a computer that dies cannot leave it on.
"""

from typing import Self

from fibplan.clock import Clock
from fibplan.errors import InstrumentError
from fibplan.model.cards import SmuCard
from fibplan.model.curve import CurvePoint, Instrument, Settings
from fibplan.smu.dialect import Dialect
from fibplan.smu.guard import BY_HAND, OutputGuard
from fibplan.smu.limits import require_allowed
from fibplan.smu.pace import expected_s, longest_s, shortest_s
from fibplan.smu.points import checked_point
from fibplan.smu.protocol import SweepBroken, SweepRequest, Swept
from fibplan.smu.readback import differences, refused, settings_of, wider_than_needed
from fibplan.smu.replies import complete_rows, rows, unexpected, whole
from fibplan.smu.wire import SHORT_ANSWER, Connection, ConnectionLost

VALUE_BYTES, VALUE_S = 24, 0.001
"""More than a value in a fetch has in characters, and takes to be written."""
SLICE_S = 0.05
"""How long at most the clock is asked to sleep at a time."""


class Driver:
    """An instrument whose output is on only inside :meth:`sweep`; see :class:`~fibplan.smu.protocol.Smu`."""

    def __init__(
        self, connection: Connection, card: SmuCard, instrument: Instrument, dialect: Dialect, clock: Clock
    ) -> None:
        self._connection = connection
        self._card = card
        self._instrument = instrument
        self._dialect = dialect
        self._clock = clock
        self._guard = OutputGuard(connection, dialect, instrument)
        self._settings: Settings | None = None
        self._begun = ""

    @property
    def instrument(self) -> Instrument:
        """What answered."""
        return self._instrument

    def rest(self) -> None:
        """Bring the instrument into the state in which tips may land: output off, high impedance.

        Raises :class:`~fibplan.errors.InstrumentError` when it does not say that it is.
        """
        reply = self._connection.query(self._dialect.rest)
        if list(self._dialect.rest_state(reply)) != list(self._dialect.rested):
            raise unexpected("the output is not off and high-impedance after a reset, it answered", reply, self._where)

    def sweep(self, request: SweepRequest) -> Swept:
        """Run one sweep on the instrument; see :meth:`fibplan.smu.protocol.Smu.sweep`."""
        require_allowed(request, self._card)
        self._guard.expose()
        self._settings, self._begun, self._connection.remnant = None, "", ""
        try:
            settings = self._configure(request)
            self._settings = settings
            latest = self._run(request)
            return Swept(settings, self._fetch(request, settings, latest))
        except BaseException as failure:
            # An interrupt, too, must not leave the output on.
            self._make_safe(failure, request)
            raise

    def output_off(self) -> None:
        """Switch the output off and ask whether it is; raise if it cannot be confirmed.

        An interrupt meanwhile is raised afterwards, when the output is known to be off.
        """
        self._guard.off()

    def close(self) -> None:
        """Output off, connection closed. Closing twice does nothing."""
        self._guard.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    @property
    def _where(self) -> str:
        return self._connection.resource

    def _configure(self, request: SweepRequest) -> Settings:
        """Set everything up, nothing energised; the settings as the instrument has them.

        Raises when one is not what was asked.
        """
        reply = self._connection.query(self._dialect.configure(request))
        cut = self._dialect.cut_short(reply)
        if cut:
            reply = f"{reply};{self._connection.query(self._dialect.ask(request))}"
        asked = self._dialect.asked(request)
        answered = self._dialect.answered(reply, request, self._where)
        wrong = differences(asked, answered, self._where)
        settings = settings_of(request, asked, answered, self._where)
        wrong += wider_than_needed(request, settings, self._card)
        if wrong or answered.words or cut:
            raise refused(wrong, answered.words, self._where)
        return settings

    def _run(self, request: SweepRequest) -> float:
        """Start the sweep and wait until it should have ended; the moment it must have ended by, on the clock."""
        started, progress, settling_s = self._clock.monotonic(), self._dialect.progress, self._dialect.settling_s
        latest = started + longest_s(request, settling_s)
        if progress is None:
            self._await_end(request, latest)
        elif self._taken(self._dialect.start) != request.points:
            self._sleep_until(started + shortest_s(request))
            taken, elapsed_s = self._taken(progress), self._clock.monotonic() - started
            self._sleep_until(started + expected_s(request, elapsed_s, taken, settling_s))
        return latest

    def _await_end(self, request: SweepRequest, latest: float) -> None:
        """Start a sweep whose only answer comes at its end."""
        started = self._clock.monotonic()
        self._connection.write(self._dialect.start)
        if not self._connection.interruptible:
            self._sleep_until(started + shortest_s(request))
        whole(self._connection.read(busy_s=max(0.0, latest - self._clock.monotonic())), self._where)

    def _taken(self, message: str) -> int:
        return whole(self._connection.query(message), self._where)

    def _sleep_until(self, moment: float) -> None:
        while (left := moment - self._clock.monotonic()) > 0.0:
            self._clock.sleep(min(left, SLICE_S))

    def _fetch(self, request: SweepRequest, settings: Settings, latest: float) -> tuple[CurvePoint, ...]:
        """The points of the sweep, when it has ended; raises unless all were taken and the output is off."""
        found = self._dialect.fetched(self._last_answer(request, latest), self._where)
        if found.words:
            raise unexpected("the instrument reports an error of the sweep", found.words, self._where)
        if found.taken != request.points:
            what = f"the sweep ended early, of {request.points} points it took"
            raise unexpected(what, str(found.taken), self._where)
        if found.output != "0":
            raise unexpected("the output is not off after the sweep, it answered", found.output, self._where)
        table = rows(found.data, (request.points, self._dialect.columns), self._where)
        return self._points(request, settings, table)

    def _points(
        self, request: SweepRequest, settings: Settings, table: list[tuple[float, ...]]
    ) -> tuple[CurvePoint, ...]:
        """The rows as points, time counted from the first; raises for one that no sweep can give."""
        found = [
            self._dialect.row(level, values, settings, self._where)
            for level, values in zip(request.levels, table, strict=False)
        ]
        return tuple(checked_point(row, found[0].time_s, settings, self._where) for row in found)

    def _last_answer(self, request: SweepRequest, latest: float) -> str:
        values = request.points * self._dialect.columns
        late_s, late_bytes = values * VALUE_S, SHORT_ANSWER + values * VALUE_BYTES
        self._guard.expect(late_s, late_bytes)
        busy_s = max(0.0, latest - self._clock.monotonic()) + late_s
        first = self._connection.query(self._dialect.fetch(request), busy_s=busy_s, most_bytes=late_bytes)
        self._begun = f"{first}\n"
        others = (
            self._connection.read(busy_s=late_s, most_bytes=late_bytes) for _ in range(1, self._dialect.fetch_lines)
        )
        reply = "\n".join([first, *others])
        self._guard.settle()
        return reply

    def _make_safe(self, failure: BaseException, request: SweepRequest) -> None:
        """Output off after ``failure``; one failure is raised where it cannot be confirmed, or the connection broke."""
        lost = isinstance(failure, ConnectionLost)
        told = failure.message if isinstance(failure, InstrumentError) else type(failure).__name__
        remnant = self._connection.remnant if lost else ""
        try:
            self._guard.off()
        except InstrumentError as unconfirmed:
            message = unconfirmed.message if told in unconfirmed.message else f"{told}; {unconfirmed.message}"
            raise self._broken(message, BY_HAND, self._complete(remnant, request)) from failure
        if lost:
            rescued = self._held(request) or self._complete(remnant, request)
            by = "a new connection" if self._guard.reconnected else "the instrument"
            message = f"{told}; {by} confirmed that the output is off"
            raise self._broken(message, "check the cable, then sweep again", rescued) from failure

    def _broken(self, message: str, remedy: str, points: tuple[CurvePoint, ...]) -> InstrumentError:
        if self._settings is None or not points:
            return InstrumentError(message, where=self._where, remedy=remedy)
        told = f"{message}; {len(points)} points of the sweep are kept, marked partial"
        return SweepBroken(told, Swept(self._settings, points), where=self._where, remedy=remedy)

    def _complete(self, remnant: str, request: SweepRequest) -> tuple[CurvePoint, ...]:
        """The points of every whole row in an answer that broke off."""
        if self._settings is None or not remnant:
            return ()
        try:
            data = self._dialect.fetched(self._begun + remnant, self._where).data
            return self._points(request, self._settings, complete_rows(data, self._dialect.columns, self._where))
        except InstrumentError:
            return ()

    def _held(self, request: SweepRequest) -> tuple[CurvePoint, ...]:
        """The points that the instrument's buffer still has; none where it cannot be read."""
        if self._settings is None:
            return ()
        try:
            taken = min(self._taken(self._dialect.held), request.points)
            shape = (taken, self._dialect.columns)
            values = taken * self._dialect.columns
            if taken <= 0:
                return ()
            data = self._connection.query(
                self._dialect.contents(taken), busy_s=values * VALUE_S, most_bytes=SHORT_ANSWER + values * VALUE_BYTES
            )
            return self._points(request, self._settings, rows(data, shape, self._where))
        except InstrumentError:
            return ()
