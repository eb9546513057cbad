"""One writer at a time: a file beside the journal that says who writes it, from which computer and since when."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fibplan.errors import StorageError
from fibplan.journal.durable import storage
from fibplan.journal.process import Process, is_running

Running = Callable[[int], bool]


@dataclass(frozen=True)
class Holder:
    """Who holds a lock, and since when (UTC)."""

    process: Process
    since: datetime

    @property
    def content(self) -> bytes:
        text = {"host": self.process.host, "pid": self.process.pid, "since": self.since.isoformat()}
        return json.dumps(text, ensure_ascii=False).encode("utf-8")


@dataclass(frozen=True)
class Lock:
    """The right to write, until it is released."""

    path: Path
    holder: Holder

    def release(self) -> None:
        """The next writer may come; a lock that is no longer this one is left where it is."""
        with storage(self.path, "remove the lock"):
            if _content(self.path) == self.holder.content:
                self.path.unlink()


def take(path: Path, process: Process, since: datetime, running: Running = is_running) -> Lock:
    """The lock at ``path``; one left behind by a process of this computer that has ended is taken over.

    Raises :class:`~fibplan.errors.StorageError`, naming the holder, while somebody else has it.
    """
    lock = Lock(path, Holder(process, since))
    with storage(path, "lock the session"):
        if not _created(lock):
            _remove_stale(path, process, running)
            if not _created(lock):
                raise _held(path, _content(path))
    return lock


def _created(lock: Lock) -> bool:
    try:
        file = lock.path.open("xb")
    except FileExistsError:
        return False
    with file:
        file.write(lock.holder.content)
        file.flush()
        os.fsync(file.fileno())
    return True


def _remove_stale(path: Path, process: Process, running: Running) -> None:
    """Moved aside before it is removed: what was moved may be the new lock of another who took it over as well."""
    content = _content(path)
    if content is None:
        return
    holder = _read(content)
    if holder is None or holder.process.host != process.host or running(holder.process.pid):
        raise _held(path, content)
    aside = path.with_name(f"{path.name}.{process.pid}.stale")
    path.replace(aside)
    if aside.read_bytes() != content:
        aside.replace(path)
        raise _held(path, _content(path))
    aside.unlink()


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _read(content: bytes) -> Holder | None:
    try:
        text = json.loads(content.decode("utf-8"))
        return Holder(Process(str(text["host"]), int(text["pid"])), datetime.fromisoformat(text["since"]))
    except (ValueError, KeyError, TypeError):
        return None


def _held(path: Path, content: bytes | None) -> StorageError:
    holder = _read(content or b"")
    if holder is None:
        remedy = "if no fibplan writes this session, remove that file"
        return StorageError("the session is locked by somebody who left no name", where=str(path), remedy=remedy)
    who = f"process {holder.process.pid} on {holder.process.host} since {holder.since:%Y-%m-%d %H:%M:%S %Z}"
    remedy = "close it there, or remove that file once that process is known to have ended"
    return StorageError(f"the session is being written by {who}", where=str(path), remedy=remedy)
