"""What a reader of curves is: it recognises a file by its content, and makes a curve of it or says why not."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import PurePath
from typing import Protocol

from fibplan.errors import Fault, InvalidFile
from fibplan.model.curve import Curve

AUTOMATIC = 0.0
"""Stands for a measure range that the instrument chose by itself."""


@dataclass(frozen=True)
class CurveFile:
    """A file's name, its bytes, and when it was changed last."""

    name: str
    content: bytes
    modified: datetime

    @property
    def own_name(self) -> str:
        """Without the folders, which say nothing on another computer."""
        return PurePath(self.name).name

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Column:
    """Which column holds a quantity: its name in the header or its number from 1, and its unit where it is said."""

    name: str
    unit: str = ""


@dataclass(frozen=True)
class Told:
    """What a person says of a file beside what stands in it: amperes, power-line cycles, nothing where not said.

    ``conditions`` and ``about_v`` are those of a curve: what was dark and blanked, and the open-circuit voltage that
    the sweep lies about. A ``current_range_a`` of :data:`AUTOMATIC` is an automatic one. ``zone`` is that of times that
    name none; None is the computer's own.
    """

    path: str
    probing: str
    columns: Mapping[str, Column] = field(default_factory=dict[str, Column])
    decimal_comma: bool = False
    delimiter: str = ""
    model: str = ""
    started: datetime | None = None
    compliance_a: float | None = None
    current_range_a: float | None = None
    nplc: float | None = None
    points: int | None = None
    conditions: tuple[str, ...] = ()
    about_v: float = 0.0
    zone: tzinfo | None = None

    def in_utc(self, local: datetime) -> datetime:
        """The moment of a time without a zone; ValueError for one that this computer cannot place."""
        try:
            return (local if self.zone is None else local.replace(tzinfo=self.zone)).astimezone(UTC)
        except (OverflowError, OSError) as error:
            raise ValueError(str(error)) from None


class CurveReader(Protocol):
    """Reads one format."""

    @property
    def name(self) -> str:
        """By which it is asked for."""
        ...

    @property
    def title(self) -> str:
        """What it reads, in a few words."""
        ...

    def recognises(self, file: CurveFile) -> bool:
        """Whether the beginning of the file is that of this format; it may be damaged further on."""
        ...

    def read(self, file: CurveFile, told: Told) -> Curve:
        """The curve in it; :class:`~fibplan.errors.InvalidFile` with line and column where there is none."""
        ...


def refusal(file: CurveFile, message: str, remedy: str, *, line: int = 1, column: int = 1) -> InvalidFile:
    """The one thing that keeps the file from being a curve."""
    return InvalidFile([Fault(file.name, line, column, "", message, remedy)])
