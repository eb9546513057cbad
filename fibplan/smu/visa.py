"""One open VISA resource: messages out, lines in, every failure told as what, where and what to do."""

from contextlib import suppress

import pyvisa
from pyvisa.constants import StatusCode
from pyvisa.resources import MessageBasedResource

from fibplan.clock import Clock, SystemClock
from fibplan.errors import InstrumentError

CHUNK_BYTES = 1024
TIMEOUT_MOST_S = 4_000_000.0
"""A VISA timeout is 32 bits of milliseconds."""
OPEN_TIMEOUT_S = 5.0
SHORT_ANSWER = 4096
"""More bytes than any answer but a fetch has."""


class VisaConnection:
    """A line-based instrument at a VISA resource; ``patience_s`` is how long an idle instrument may take to answer."""

    def __init__(self, resource: str, *, visa_library: str, patience_s: float, clock: Clock | None = None) -> None:
        self.resource = resource
        self.patience_s = patience_s
        self._clock = clock or SystemClock()
        self._opened = _open(resource, visa_library)

    def write(self, message: str) -> None:
        """Send one message; raises :class:`~fibplan.errors.InstrumentError` when the connection is lost."""
        try:
            self._opened.write(message)
        except (pyvisa.Error, OSError) as failure:
            raise self._lost(failure) from failure

    def query(self, message: str, *, busy_s: float = 0.0, most_bytes: int = SHORT_ANSWER) -> str:
        """Send one message and return the one line it is answered with.

        ``busy_s`` is how long the instrument may work before it answers, beyond its patience. Raises
        :class:`~fibplan.errors.InstrumentError` for silence, a lost connection, an endless line or one that is no text.
        """
        self.write(message)
        return self.read(busy_s=busy_s, most_bytes=most_bytes)

    def read(self, *, busy_s: float = 0.0, most_bytes: int = SHORT_ANSWER) -> str:
        """The next line; raises as :meth:`query` does."""
        allowed_s = min(self.patience_s + busy_s, TIMEOUT_MOST_S)
        try:
            self._opened.timeout = allowed_s * 1000.0
            line = self._line(self._clock.monotonic() + allowed_s, most_bytes)
            return line.decode("ascii").strip()
        except (pyvisa.Error, OSError) as failure:
            raise self._lost(failure) from failure
        except UnicodeDecodeError as failure:
            raise self._untrusted("it answered bytes that are no text") from failure

    def close(self) -> None:
        """Close the resource. Closing twice does nothing."""
        # The other end may have gone first.
        with suppress(pyvisa.Error, OSError):
            self._opened.close()

    def _line(self, deadline: float, most_bytes: int) -> bytes:
        line = bytearray()
        while not line.endswith(b"\n"):
            if len(line) > most_bytes or self._clock.monotonic() > deadline + self.patience_s:
                raise self._untrusted(f"its answer does not end after {len(line)} bytes")
            line += self._opened.read_bytes(CHUNK_BYTES, chunk_size=CHUNK_BYTES, break_on_termchar=True)
        return bytes(line)

    def _lost(self, failure: Exception) -> InstrumentError:
        if isinstance(failure, pyvisa.VisaIOError) and failure.error_code == StatusCode.error_timeout:
            return InstrumentError(
                f"no answer within {self._opened.timeout / 1000.0:g} s",
                where=self.resource,
                remedy="check that the instrument is on, the cable, the address, and that nothing else talks to it",
            )
        return InstrumentError(
            f"the connection is lost ({_words(failure)})",
            where=self.resource,
            remedy="check the cable and the address, and that the instrument is on",
        )

    def _untrusted(self, what: str) -> InstrumentError:
        return InstrumentError(what, where=self.resource, remedy="check that this address is the source-measure unit")


def _open(resource: str, visa_library: str) -> MessageBasedResource:
    try:
        opened = pyvisa.ResourceManager(visa_library).open_resource(resource, open_timeout=round(OPEN_TIMEOUT_S * 1000))
    except Exception as failure:
        # pyvisa-py raises a bare Exception for a host that cannot be reached and ValueError for a missing backend.
        raise InstrumentError(
            f"cannot open the VISA resource ({_words(failure)})",
            where=resource,
            remedy=f"check the resource name, such as TCPIP::192.168.0.5::5025::SOCKET, and the VISA library "
            f"'{visa_library}'",
        ) from failure
    if not isinstance(opened, MessageBasedResource):
        opened.close()
        raise InstrumentError(
            "this resource does not take messages",
            where=resource,
            remedy="name the instrument, such as TCPIP::192.168.0.5::5025::SOCKET",
        )
    opened.read_termination = opened.write_termination = "\n"
    return opened


def _words(failure: Exception) -> str:
    return " ".join(str(failure).split()) or type(failure).__name__
