"""The TCP server that simulated instruments listen on: several clients, bounded lines, and it never dies of garbage."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Protocol, Self

from fibplan.clock import Clock, SystemClock
from fibplan.errors import InstrumentError
from fibplan.model.cards import SmuCard
from fibplan.simulator.device import DeviceUnderTest
from fibplan.simulator.keithley2450 import Keithley2450

LINE_BYTES = 65_536
"""A longer line is dropped whole and leaves an error in the log."""
CHUNK_BYTES = 4096
CLIENTS_MOST = 16
ACCEPT_S = 0.02

INSTRUMENTS = {"scpi-2450": Keithley2450}
"""The simulated instrument of each dialect a card may name."""


class SimulatedInstrument(Protocol):
    """An instrument that is spoken to line by line, by several clients at a time."""

    @property
    def output_enabled(self) -> bool:
        """Whether the output is on at this moment."""
        ...

    def answer(self, message: str) -> str | None:
        """The line that answers one message, None where it asks nothing; waits as long as the instrument would."""
        ...

    def overrun(self) -> None:
        """A line was too long and is lost."""
        ...

    def connect(self, device: DeviceUnderTest) -> None:
        """Put the tips on another device."""
        ...

    def halt(self) -> None:
        """Let nobody wait for a sweep any longer."""
        ...

    def resume(self) -> None:
        """Let clients wait for sweeps again."""
        ...


class LineServer:
    """Listens from its creation until :meth:`stop`, a thread a client; ``address`` is what it is bound to."""

    def __init__(self, host: str, port: int, instrument: SimulatedInstrument) -> None:
        self._instrument = instrument
        self._clients: dict[socket.socket, Thread] = {}
        self._lock = Lock()
        self._stopping = Event()
        self._listening = socket.create_server((host, port), backlog=CLIENTS_MOST)
        self._listening.settimeout(ACCEPT_S)
        self.address: tuple[str, int] = self._listening.getsockname()[:2]
        self._accepting = Thread(target=self._accept, daemon=True, name="simulated-smu")
        self._accepting.start()

    def stop(self) -> None:
        """Close the port and every connection, and return when every thread has ended."""
        self._stopping.set()
        self._accepting.join()
        self._listening.close()
        with self._lock:
            clients = dict(self._clients)
        for client, thread in clients.items():
            _hang_up(client)
            thread.join()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                client, _ = self._listening.accept()
            except TimeoutError:
                continue
            self._admit(client)

    def _admit(self, client: socket.socket) -> None:
        with self._lock:
            if len(self._clients) >= CLIENTS_MOST:
                client.close()
                return
            thread = Thread(target=self._serve, args=(client,), daemon=True, name="simulated-smu-client")
            self._clients[client] = thread
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        try:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for line in self._lines(client):
                self._reply(client, line)
        except OSError:
            return
        finally:
            with self._lock:
                del self._clients[client]
            client.close()

    def _lines(self, client: socket.socket) -> Iterator[bytes]:
        """Complete lines as they come; one that is too long is dropped whole."""
        pending, dropping = bytearray(), False
        while chunk := _received(client):
            *lines, pending = (pending + chunk).split(b"\n")
            for line in lines:
                if not dropping:
                    yield bytes(line)
                dropping = False
            if len(pending) > LINE_BYTES:
                if not dropping:
                    self._instrument.overrun()
                dropping, pending = True, bytearray()

    def _reply(self, client: socket.socket, line: bytes) -> None:
        answer = self._instrument.answer(line.decode("ascii", errors="replace").strip())
        if answer is not None:
            client.sendall(answer.encode("ascii", errors="replace") + b"\n")


def _received(client: socket.socket) -> bytes:
    # The kernel switches quick acknowledgement off again by itself; without it every write that is followed by a query
    # waits about 40 ms in the client.
    quick = getattr(socket, "TCP_QUICKACK", None)
    if quick is not None:
        client.setsockopt(socket.IPPROTO_TCP, quick, 1)
    return client.recv(CHUNK_BYTES)


def _hang_up(client: socket.socket) -> None:
    # The client may have gone first.
    with suppress(OSError):
        client.shutdown(socket.SHUT_RDWR)


class SimulatedSmu:
    """A simulated source-measure unit that any VISA client can reach at :attr:`resource` while it is started.

    ``time_scale`` 1 sweeps as slowly as the instrument, 0 does not wait. ``port`` 0 takes a free one. The same seed
    gives the same instrument.
    """

    def __init__(
        self,
        card: SmuCard,
        device: DeviceUnderTest,
        *,
        seed: int = 0,
        time_scale: float = 1.0,
        clock: Clock | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        model = INSTRUMENTS.get(card.dialect)
        if model is None:
            raise InstrumentError(
                f"there is no simulator for the dialect {card.dialect}",
                where=card.title,
                remedy=f"use a card with the dialect {' or '.join(INSTRUMENTS)}",
            )
        self.instrument: SimulatedInstrument = model(
            card, device, clock or SystemClock(), seed=seed, time_scale=time_scale
        )
        self._address = (host, port)
        self._server: LineServer | None = None

    def start(self) -> None:
        """Listen; raises :class:`~fibplan.errors.InstrumentError` when the port cannot be had."""
        if self._server is not None:
            return
        self.instrument.resume()
        host, port = self._address
        try:
            self._server = LineServer(host, port, self.instrument)
        except (OSError, OverflowError) as failure:
            raise InstrumentError(
                f"cannot listen: {failure}", where=f"{host}:{port}", remedy="use another port, or 0 for any"
            ) from failure

    def stop(self) -> None:
        """Close every connection and the port. Stopping twice does nothing."""
        server, self._server = self._server, None
        if server is not None:
            self.instrument.halt()
            server.stop()

    @property
    def resource(self) -> str:
        """The VISA resource name of the running server."""
        if self._server is None:
            raise InstrumentError("the simulator is not started", where="simulator", remedy="start it first")
        host, port = self._server.address
        return f"TCPIP::{host}::{port}::SOCKET"

    @property
    def output_enabled(self) -> bool:
        """Whether the output is on at this moment."""
        return self.instrument.output_enabled

    def connect(self, device: DeviceUnderTest) -> None:
        """Put the tips on another device, whenever."""
        self.instrument.connect(device)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self.stop()
