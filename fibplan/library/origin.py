"""Where the text of a recipe comes from, and where a recipe that it extends is found from there."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fibplan.errors import Fault, InvalidFile, NotFound
from fibplan.library.search_path import SearchPath
from fibplan.library.source_map import LARGEST_FILE

LARGEST_CONTENT = 4 * LARGEST_FILE
"""Bytes: no character of UTF-8 takes more than four."""


class Origin(Protocol):
    """One recipe's place: on the disk, or in a revision that git keeps. Equal places are equal values."""

    @property
    def shown(self) -> str:
        """How messages call the file."""
        ...

    @property
    def path(self) -> Path:
        """Its path; the last part is the file's name."""
        ...

    @property
    def on_disk(self) -> bool: ...

    def read(self) -> str:
        """The text; :class:`InvalidFile` or :class:`NotFound` where there is none."""
        ...

    def beside(self, relative: str) -> "Origin | None":
        """The file that a relative path leads to from this one, or None."""
        ...

    def in_library(self, name: str, search: SearchPath) -> "Origin | None":
        """The recipe of that name in the library, or None."""
        ...


@dataclass(frozen=True)
class OnDisk:
    """A file on the disk."""

    path: Path
    shown: str
    on_disk = True

    def read(self) -> str:
        return read_text(self.path)

    def beside(self, relative: str) -> "OnDisk | None":
        path = self.path.parent / relative
        try:
            found = path.is_file()
        except OSError:
            return None
        return OnDisk(path, os.path.normpath(Path(self.shown).parent / relative)) if found else None

    def in_library(self, name: str, search: SearchPath) -> "OnDisk | None":
        return library_recipe(name, search)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OnDisk) and self.path.resolve() == other.path.resolve()

    def __hash__(self) -> int:
        return hash(self.path.resolve())


def library_recipe(name: str, search: SearchPath) -> OnDisk | None:
    """The recipe of that bare name on the search path, or None."""
    path = search.named_recipe(name)
    return OnDisk(path, str(path)) if path is not None else None


def read_text(path: Path) -> str:
    """The file as UTF-8 text; a byte that is not, a folder, or a file that cannot be read is one clear failure."""
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_CONTENT + 1)
    except FileNotFoundError:
        raise NotFound("no such file", where=str(path), remedy="check the path") from None
    except OSError as error:
        raise NotFound(f"cannot be read: {error.strerror}", where=str(path), remedy="check the permissions") from None
    return decoded(content, str(path))


def decoded(content: bytes, file: str) -> str:
    """``content`` as text without a byte order mark; a byte that is not UTF-8 is one fault of ``file``."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - (content.rfind(b"\n", 0, error.start) + 1) + 1
        fault = Fault(file, line, column, "", "a byte here is not UTF-8", "save the file as UTF-8 text")
        raise InvalidFile([fault]) from None
