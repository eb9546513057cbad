"""The journal's file: appended one line at a time, each on the disk before anything relies on it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Self

from fibplan.clock import Clock
from fibplan.errors import StorageError
from fibplan.journal.chain import Fault, Record, Verified, seal, verify
from fibplan.journal.durable import storage, sync_folder
from fibplan.journal.events import Event
from fibplan.journal.lock import Lock, take
from fibplan.journal.process import Process, is_running, this_process

Running = Callable[[int], bool]


def examine(path: Path) -> Verified:
    """What the file holds up to its first fault, and that fault.

    Raises :class:`~fibplan.errors.StorageError` only when the file itself cannot be read.
    """
    with storage(path, "read the journal"):
        return verify(path.read_bytes())


def read(path: Path) -> tuple[Record, ...]:
    """Every record of a journal that is whole.

    Raises :class:`~fibplan.errors.StorageError` with file, line and byte offset of the first fault.
    """
    found = examine(path)
    if found.broken:
        raise found.broken.error(str(path))
    return found.records


class Journal:
    """The one writer of a journal. What :meth:`append` has returned survives a crash.

    A journal that exists is gone on with; a line that was torn when its writer died is cut off first, since nothing
    that it says was relied on. Any other fault is refused. Raises :class:`~fibplan.errors.StorageError`.
    """

    def __init__(
        self, path: Path, clock: Clock, *, process: Process | None = None, running: Running = is_running
    ) -> None:
        self._path = path
        self._clock = clock
        lock_path = path.with_name(f"{path.name}.lock")
        self._lock: Lock | None = take(lock_path, process or this_process(), clock.now(), running)
        self._usable = False
        try:
            self._records = list(_continued(path))
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

        After one failure nothing more is accepted: what the disk then holds is known only to who reads it afresh.
        """
        if not self._usable:
            raise StorageError("the journal is closed or failed before", where=str(self._path), remedy="open it again")
        previous = self._records[-1] if self._records else None
        record = seal(previous, event, utc=self._clock.now(), monotonic_s=self._clock.monotonic())
        self._usable = False
        with storage(self._path, "write the journal"), self._path.open("ab") as file:
            file.write(record.line)
            file.flush()
            os.fsync(file.fileno())
        self._usable = True
        self._records.append(record)
        return record

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


def _continued(path: Path) -> tuple[Record, ...]:
    with storage(path, "open the journal"):
        path.touch()
        sync_folder(path.parent)
    found = examine(path)
    if found.broken is None:
        return found.records
    if found.broken.fault is not Fault.TORN:
        raise found.broken.error(str(path))
    with storage(path, "cut the torn line off the journal"), path.open("r+b") as file:
        file.truncate(found.intact_bytes)
        os.fsync(file.fileno())
    return found.records
