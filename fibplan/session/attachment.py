"""Images that are kept with a session: copied into its folder under the hash of what they hold."""

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from fibplan.errors import Misuse, NotFound
from fibplan.journal.durable import storage, sync_folder
from fibplan.journal.events import FileAttached

ATTACHED = "attached"
MOST_BYTES = 200 * 1024 * 1024
CHUNK = 1 << 20

SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"II*\x00", "image/tiff", "tif"),
    (b"MM\x00*", "image/tiff", "tif"),
    (b"II+\x00", "image/tiff", "tif"),
    (b"MM\x00+", "image/tiff", "tif"),
    (b"BM", "image/bmp", "bmp"),
    (b"GIF8", "image/gif", "gif"),
)
"""How the images begin that microscopes and cameras write, BigTIFF included; what the name says does not count."""


def attach_image(
    root: Path,
    source: Path,
    note: str,
    operation: str | None,
    *,
    most: int = MOST_BYTES,
    name: str = "",
    sha256: str | None = None,
) -> FileAttached:
    """A copy of ``source`` is on the disk in the session folder; what is returned goes into the journal.

    ``name`` is what it was called before, where its file is not called so.

    Raises :class:`~fibplan.errors.NotFound` where there is no file, :class:`~fibplan.errors.Misuse` for one that is no
    image, has more than ``most`` bytes or another hash than ``sha256``, and
    :class:`~fibplan.errors.StorageError` where it cannot be copied.
    """
    _refuse_unlike(source, most)
    folder = root / ATTACHED
    with storage(source, "copy the image"):
        folder.mkdir(exist_ok=True)
        beside = folder / f".{os.getpid()}.partial"
        try:
            with source.open("rb") as file, beside.open("wb") as copy:
                media_type, ending = _kind(file, source)
                digest, size = _copied(file, copy, source, most)
            if sha256 not in (None, digest):
                raise _altered(source)
            kept = f"{ATTACHED}/{digest[:16]}.{ending}"
            beside.replace(root / kept)
        finally:
            beside.unlink(missing_ok=True)
        sync_folder(folder)
    return FileAttached(
        file=kept,
        sha256=digest,
        size_bytes=size,
        media_type=media_type,
        name=_legible(name or source.name),
        note=note,
        operation=operation,
    )


def _refuse_unlike(source: Path, most: int) -> None:
    """A pipe or a device would never end, so that it is not even opened."""
    if not source.exists():
        raise NotFound("there is no such file", where=_legible(str(source)), remedy="check the path")
    if not source.is_file():
        raise Misuse("this is not a file", where=_legible(str(source)), remedy="name an image file")
    if source.stat().st_size > most:
        raise _too_large(source, most)


def _too_large(source: Path, most: int) -> Misuse:
    message = f"the file has more than the {most / 1024**2:.0f} MB that are kept with a session"
    remedy = "attach a smaller image and name the large file in a note"
    return Misuse(message, where=_legible(str(source)), remedy=remedy)


def _altered(source: Path) -> Misuse:
    remedy = "restore it from a copy: the journal of its session holds the hash of what was attached"
    return Misuse("the image was changed after it was attached", where=_legible(str(source)), remedy=remedy)


def _kind(file: BinaryIO, source: Path) -> tuple[str, str]:
    begins = file.read(16)
    file.seek(0)
    for signature, media_type, ending in SIGNATURES:
        if begins.startswith(signature) and len(begins) == 16:
            return media_type, ending
    remedy = "attach a PNG, JPEG, TIFF, BMP or GIF file"
    raise Misuse("this is not an image", where=_legible(str(source)), remedy=remedy)


def _copied(file: BinaryIO, copy: BinaryIO, source: Path, most: int) -> tuple[str, int]:
    """Hash and size of what was written, which is what was read even if the source changes meanwhile."""
    digest, size = hashlib.sha256(), 0
    for chunk in _chunks(file):
        size += len(chunk)
        if size > most:
            raise _too_large(source, most)
        digest.update(chunk)
        copy.write(chunk)
    copy.flush()
    os.fsync(copy.fileno())
    return digest.hexdigest(), size


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def _legible(name: str) -> str:
    """The name as text that can be written, whatever bytes it has."""
    return re.sub(r"[\x00-\x1f]", "?", name.encode("utf-8", "backslashreplace").decode("utf-8"))
