"""What every exporter is given and gives back, and how an exporter is described."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from fibplan.errors import Misuse
from fibplan.model.plan import Plan
from fibplan.model.provenance import SHOWN


class NothingToExport(Misuse):
    """The recipe has nothing in it that this kind of file could hold."""

    code = "nothing-to-export"


@dataclass(frozen=True)
class Origin:
    """Which recipe and which fibplan made a file; ``sha256`` is that of the recipe's text."""

    recipe: str
    sha256: str
    version: str

    @property
    def line(self) -> str:
        """One line for a comment."""
        return f"made by fibplan {self.version} from {self.recipe}, sha256 {self.sha256}"

    @property
    def short(self) -> str:
        """The same for a sheet of paper, with the beginning of the hash."""
        return f"made by fibplan {self.version} from {self.recipe}, sha256 {self.sha256[:SHOWN]}"


@dataclass(frozen=True)
class Files:
    """The files of an export by name, and what they could not carry or nobody has verified."""

    content: Mapping[str, bytes]
    notes: tuple[str, ...] = field(default_factory=tuple)

    def hashes(self) -> dict[str, str]:
        """The SHA-256 of each file."""
        return {name: hashlib.sha256(content).hexdigest() for name, content in self.content.items()}


class Writer(Protocol):
    """Makes the files of one format; the same plan and origin give the same bytes.

    Raises :class:`NothingToExport` where the plan has nothing for it, and :class:`~fibplan.errors.Misuse` where the
    package that it needs is not installed.
    """

    def __call__(self, plan: Plan, origin: Origin) -> Files: ...


@dataclass(frozen=True)
class Export:
    """One entry of ``fibplan export --list``."""

    name: str
    what: str
    spec: str
    """Where the format is described."""
    confirmed: str
    """Which reader that is not ours has read it."""
    extra: str | None
    """The extra of fibplan that it needs."""
    module: str
    """Of this package, where its ``write`` stands; imported only when it is used."""

    def load(self) -> Writer:
        """The writer."""
        from importlib import import_module

        writer: Writer = import_module(f"fibplan.formats.exports.{self.module}").write
        return writer
