"""Files that are wholly there or not there at all, whatever happens while they are written."""

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from fibplan.errors import StorageError


@contextmanager
def storage(path: Path, doing: str) -> Generator[None]:
    """Whatever the file system refuses inside becomes a StorageError that names ``path``."""
    try:
        yield
    except OSError as error:
        remedy = "check that the disk is there, has room and may be written to"
        raise StorageError(f"cannot {doing}: {error.strerror or error}", where=str(path), remedy=remedy) from error


def write_whole(path: Path, content: bytes) -> None:
    """``path`` holds ``content`` on the disk when this returns; when it raises it holds what it held before.

    Raises :class:`~fibplan.errors.StorageError`.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.partial")
    with storage(path, "write"):
        try:
            with beside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        finally:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """The names in ``folder`` are on the disk. Windows writes them with the file and has no such call."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
