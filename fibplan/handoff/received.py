"""A package from somebody else, read in memory and never unpacked: whatever is not a plain package is refused.

A package of fibplan is stored, not compressed, so that no file in it can be larger than the package itself; files
inside files are never opened.
"""

import io
import stat
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fibplan.errors import FibplanError, Misuse, NotFound
from fibplan.journal.durable import storage
from fibplan.session.folder import check_name

MOST_BYTES = 1 << 30
"""Of a package, images included."""
MOST_FILES = 20_000
_LOCAL, _LISTED = b"PK\x03\x04", b"PK\x01\x02"
"""Stand before each file, and before each entry of the list of contents (APPNOTE.TXT 6.3.10, 4.3.7 and 4.3.12)."""
ASK = "ask whoever sent it for the original file"


class UnreadablePackage(FibplanError):
    """A file that cannot be read as a package, or that would do harm if it were unpacked."""

    code = "unreadable-package"


@dataclass(frozen=True)
class Received:
    """The bytes of a package, its one root folder, and its files by name below that, in the order of the archive."""

    content: bytes
    root: str
    files: dict[str, bytes]


def read_package(path: Path) -> Received:
    """What the file holds.

    Raises :class:`UnreadablePackage` for what is no ZIP, is cut short or damaged, or has a name that leads elsewhere, a
    link, a name twice (also in another case), a compressed or encrypted file, or more than one root folder;
    :class:`~fibplan.errors.NotFound` and :class:`~fibplan.errors.StorageError` where there is nothing to read.
    """
    return received(_content(path), str(path))


def received(content: bytes, where: str) -> Received:
    """The same from bytes; ``where`` names them in messages."""
    try:
        _refuse_too_many(content)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _refuse_harmful(entries, len(content))
            root = _root(entries)
            files = {entry.filename.removeprefix(f"{root}/"): archive.read(entry) for entry in entries}
    except _Harmful as harm:
        raise UnreadablePackage(f"this is no package: {harm}", where=where, remedy=ASK) from None
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, OSError) as error:
        raise UnreadablePackage(f"the file is damaged or no ZIP: {error}", where=where, remedy=ASK) from None
    except (ValueError, RuntimeError, IndexError, OverflowError, MemoryError) as error:
        raise UnreadablePackage(f"the file is damaged: {type(error).__name__}", where=where, remedy=ASK) from None
    return Received(content, root, files)


class _Harmful(Exception):
    """Why an archive is not even looked into."""


def _content(path: Path) -> bytes:
    if not path.exists():
        raise NotFound("there is no such file", where=str(path), remedy="check the path")
    if not path.is_file():
        raise Misuse("this is not a file", where=str(path), remedy="name a package, NAME.eln")
    with storage(path, "read the package"), path.open("rb") as file:
        begin = file.read(len(_LOCAL))
        content = begin + file.read(MOST_BYTES) if begin == _LOCAL else b""
    if not content:
        what = "this is no ZIP file, as packages are" if begin else "the file is empty"
        raise UnreadablePackage(what, where=str(path), remedy=ASK)
    if len(content) > MOST_BYTES:
        raise UnreadablePackage("it has more than 1 GB and is no package", where=str(path), remedy=ASK)
    return content


def _refuse_too_many(content: bytes) -> None:
    """Before they are listed, which takes memory for each."""
    if content.count(_LISTED) > MOST_FILES:
        raise _Harmful(f"it has more than {MOST_FILES:,} files")


def _refuse_harmful(entries: list[zipfile.ZipInfo], size: int) -> None:
    """Before anything is read: from the archive's list of contents alone."""
    if not entries:
        raise _Harmful("there is no file in it")
    for fault in _faults(entries):
        raise _Harmful(fault)
    if sum(entry.file_size for entry in entries) > size:
        raise _Harmful("its files are together larger than it is")


def _faults(entries: list[zipfile.ZipInfo]) -> Iterator[str]:
    counts = Counter(entry.filename.casefold() for entry in entries)
    yield from (f"'{_legible(name)}' is in it {count} times" for name, count in counts.items() if count > 1)
    for entry in entries:
        name = _legible(entry.filename)
        if "/" not in entry.filename:
            yield f"'{name}' stands in no folder"
        if not _stays_below(entry):
            yield f"'{name}' leads out of its folder"
        if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
            yield f"'{name}' is a link or no file"
        if entry.flag_bits & 0x1:
            yield f"'{name}' is encrypted"
        if entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size:
            yield f"'{name}' is compressed, which no file of a package is"


def _stays_below(entry: zipfile.ZipInfo) -> bool:
    """Whether the name, as it stands in the archive, is one that a package may have on every system."""
    try:
        check_name(entry.orig_filename)
    except Misuse:
        return False
    return entry.orig_filename == entry.filename


def _root(entries: list[zipfile.ZipInfo]) -> str:
    roots = sorted({entry.filename.split("/", 1)[0] for entry in entries})
    if len(roots) != 1:
        raise _Harmful(f"it has {len(roots)} root folders")
    return roots[0]


def _legible(name: str) -> str:
    return name.encode("ascii", "backslashreplace").decode("ascii").translate(dict.fromkeys(range(32), "?"))[:80]
