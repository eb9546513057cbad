"""The journal's file: appended one line at a time, each on the disk before anything relies on it."""

import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Self

from fibplan.clock import Clock
from fibplan.errors import StorageError
from fibplan.journal.chain import Fault, Record, Verified, seal, verify
from fibplan.journal.durable import storage, sync_folder
from fibplan.journal.events import Event
from fibplan.journal.lock import Holder, Lock, Running, holder_of, take
from fibplan.journal.process import Process, is_running, this_host, this_process

PROGRAM = "fibplan"
"""Who writes an event that no person is the author of."""


def examine(path: Path, aside: frozenset[bytes] = frozenset()) -> Verified:
    """What the file holds up to its first fault, and that fault; ``aside`` as :func:`~fibplan.journal.chain.verify`.

    Raises :class:`~fibplan.errors.StorageError` only when the file itself cannot be read.
    """
    with storage(path, "read the journal"):
        return verify(path.read_bytes(), aside)


def read(path: Path) -> tuple[Record, ...]:
    """Every record of a journal that is whole.

    Raises :class:`~fibplan.errors.StorageError` with file, line and byte offset of the first fault.
    """
    found = examine(path)
    if found.broken:
        raise found.broken.error(str(path))
    return found.records


def lock_of(path: Path) -> Path:
    """Where the lock of that journal lies while somebody writes it."""
    return path.with_name(f"{path.name}.lock")


def writer_of(path: Path, running: Running = is_running) -> Holder | None:
    """Who writes that journal now, as far as this computer can tell, or None."""
    return holder_of(lock_of(path), this_host(), running)


class JournalLost(StorageError):
    """The journal takes nothing more, so that nothing more may be done: what it holds is what was confirmed."""


class Journal:
    """The one writer of a journal. What :meth:`append` has returned survives a crash.

    A journal that exists is gone on with; a line that was torn when its writer died is cut off first, since nothing
    that it says was relied on. Any other fault is refused. Raises :class:`~fibplan.errors.StorageError`.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        operator: str = PROGRAM,
        process: Process | None = None,
        running: Running = is_running,
    ) -> None:
        self._path = path
        self._clock = clock
        self._operator = operator
        self._lock: Lock | None = take(lock_of(path), process or this_process(), clock.now(), running)
        self._usable = False
        try:
            found = _continued(path)
            self._records, self._size = list(found.records), found.intact_bytes
            self._usable = True
        finally:
            if not self._usable:
                self.close()

    @property
    def records(self) -> tuple[Record, ...]:
        """Every record that is durable, the first first."""
        return tuple(self._records)

    def append(self, event: Event) -> Record:
        """Write ``event`` as the next record; it is on the disk when this returns.

        After one failure, which raises :class:`JournalLost`, nothing more is accepted: what the disk then holds is
        known only to who reads it afresh.
        """
        if not self._usable:
            raise JournalLost("the journal is closed or failed before", where=str(self._path), remedy="open it again")
        previous = self._records[-1] if self._records else None
        now, monotonic_s = self._clock.now(), self._clock.monotonic()
        record = seal(previous, event, utc=now, monotonic_s=monotonic_s, operator=self._operator)
        line = record.line
        self._usable = False
        try:
            with storage(self._path, "write the journal"), self._path.open("r+b", buffering=0) as file:
                self._refuse_other_writer(file)
                self._write(file, line)
        except StorageError as lost:
            raise JournalLost(lost.message, where=lost.where, remedy=lost.remedy) from lost
        self._usable = True
        self._size += len(line)
        self._records.append(record)
        return record

    def _refuse_other_writer(self, file: BinaryIO) -> None:
        """The lock keeps others away, but not a person who removes it, nor another program."""
        if file.seek(0, os.SEEK_END) != self._size:
            remedy = "find out who writes it, then resume the session"
            raise StorageError("somebody else has written the journal", where=str(self._path), remedy=remedy)

    def _write(self, file: BinaryIO, line: bytes) -> None:
        """All of the line, or none where the disk still lets it be taken back."""
        try:
            written = 0
            while written < len(line):
                written += file.write(line[written:])
            os.fsync(file.fileno())
        except OSError:
            with suppress(OSError):
                file.truncate(self._size)
                os.fsync(file.fileno())
            raise

    def close(self) -> None:
        """Nothing more is written here and the lock is free. Closing twice does nothing."""
        self._usable = False
        if self._lock is not None:
            lock, self._lock = self._lock, None
            lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()


def _continued(path: Path) -> Verified:
    with storage(path, "open the journal"):
        path.touch()
        sync_folder(path.parent)
    found = examine(path)
    if found.broken is None:
        return found
    if found.broken.fault is not Fault.TORN:
        raise found.broken.error(str(path))
    with storage(path, "cut the torn line off the journal"), path.open("r+b") as file:
        file.truncate(found.intact_bytes)
        os.fsync(file.fileno())
    return found
