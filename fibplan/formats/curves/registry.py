"""The readers by name, the one that fits a file, and the file's bytes."""

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

from fibplan.errors import Fault, InvalidFile, Misuse, NotFound
from fibplan.formats.curves.delimited import Delimited
from fibplan.formats.curves.nanonis import Nanonis
from fibplan.formats.curves.package import Package
from fibplan.formats.curves.protochips import Protochips
from fibplan.formats.curves.reader import CurveFile, CurveReader, Told
from fibplan.formats.curves.text import lines_of

MOST_BYTES = 100_000_000
"""A table of a million points, the longest sweep of an SMU, has less."""

ANY_TABLE = Delimited()
READERS: tuple[CurveReader, ...] = (Nanonis(), Protochips(), Package(), ANY_TABLE)


def reader_called(name: str) -> CurveReader:
    """The reader of that name; :class:`~fibplan.errors.Misuse` for any other."""
    found = [reader for reader in READERS if reader.name == name]
    if not found:
        raise Misuse(f"there is no reader '{name}'", where="--reader", remedy=f"use {_names(READERS)}")
    return found[0]


def reader_for(file: CurveFile, told: Told) -> CurveReader:
    """The one reader that recognises the content.

    A table of any kind is one of its own only where columns are named, or where nothing else recognises it. Raises
    :class:`~fibplan.errors.Misuse` where none or more than one fits, and :class:`~fibplan.errors.InvalidFile` where
    none does and the file is no text in UTF-8.
    """
    if not file.content.strip():
        raise Misuse("the file is empty", where=file.name, remedy="export the curve again")
    fitting = [reader for reader in READERS if reader.recognises(file)]
    if len(fitting) > 1 and not told.columns:
        fitting = [reader for reader in fitting if reader is not ANY_TABLE]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        lines_of(file)
        raise Misuse("no reader recognises this file", where=file.name, remedy=f"say --reader {_names(READERS)}")
    raise Misuse(f"{_names(fitting)} could read this file", where=file.name, remedy="say which with --reader")


def open_file(path: Path) -> CurveFile:
    """The file's bytes.

    Raises :class:`~fibplan.errors.NotFound` where it cannot be read, and :class:`~fibplan.errors.InvalidFile` for what
    is no file, which could be endless, and for one that is too large, before any of it is read.
    """
    try:
        told = path.stat()
        if not stat.S_ISREG(told.st_mode):
            raise _unfit(path, "this is not a file", "name a file that a measuring program wrote")
        if told.st_size > MOST_BYTES:
            raise _too_large(path)
        with path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except OSError as error:
        problem = f"cannot be read: {error.strerror or os.strerror(error.errno or 0)}"
        raise NotFound(problem, where=str(path), remedy="check the path") from None
    if len(content) > MOST_BYTES:
        raise _too_large(path)
    try:
        modified = datetime.fromtimestamp(told.st_mtime, UTC)
    except (ValueError, OverflowError, OSError):
        raise _unfit(path, "the time of its last change is no time", "copy the file, and name the copy") from None
    return CurveFile(str(path), content, modified)


def _too_large(path: Path) -> InvalidFile:
    return _unfit(path, f"it has more than {MOST_BYTES:,} bytes: no sweep is so long", "export one curve alone")


def _unfit(path: Path, message: str, remedy: str) -> InvalidFile:
    return InvalidFile([Fault(str(path), 1, 1, "", message, remedy)])


def _names(readers: tuple[CurveReader, ...] | list[CurveReader]) -> str:
    return ", ".join(reader.name for reader in readers)
