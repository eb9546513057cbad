"""Curve sets on disk: one JSON file, replaced whole or not at all."""

from pathlib import Path
from tempfile import NamedTemporaryFile

from pydantic import ValidationError

from fibplan.errors import Fault, InvalidFile, NotFound
from fibplan.journal.durable import storage, write_whole
from fibplan.model.base import FormatVersion, Frozen
from fibplan.model.curve import Curve, CurveSet

LARGEST_FILE = 200_000_000
"""Bytes: a sweep of a million points, the longest that an SMU holds, has less."""


class _File(Frozen):
    """A curve set as a file must hold it, with nothing left out."""

    fibplan: FormatVersion
    curves: tuple[Curve, ...]


def read_curves(path: Path) -> CurveSet:
    """The curve set in that file; :class:`InvalidFile` with every fault, or :class:`NotFound`."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise NotFound(f"cannot be read: {error.strerror}", where=str(path), remedy="check the path") from None
    if len(content) > LARGEST_FILE:
        raise InvalidFile([_fault(path, (), f"it has more than {LARGEST_FILE:,} bytes")])
    try:
        return CurveSet(curves=_File.model_validate_json(content).curves)
    except ValidationError as error:
        raise InvalidFile([_fault(path, detail["loc"], detail["msg"]) for detail in error.errors()]) from None


def require_appendable(path: Path) -> None:
    """Return when a curve can be appended to that file, with nothing changed on the disk.

    Raises what :func:`read_curves` raises for a file that is there, and :class:`~fibplan.errors.StorageError` where
    nothing can be written: proved by a file beside it, or in the nearest folder above that exists.
    """
    with storage(path, "write"):
        present = path.exists()
        folder = next(folder for folder in path.absolute().parents if folder.exists())
        with NamedTemporaryFile(dir=folder, prefix=f".{path.name}.", suffix=".partial"):
            pass
    if present:
        read_curves(path)


def append_curve(path: Path, curve: Curve) -> None:
    """The file's curves and this one after them, on the disk; a file that is no curve set stays as it is."""
    with storage(path, "write"):
        curves = read_curves(path) if path.exists() else CurveSet()
        path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, (curves.with_curve(curve).model_dump_json(indent=1) + "\n").encode("utf-8"))


def _fault(path: Path, loc: tuple[str | int, ...], message: str) -> Fault:
    where = ".".join(str(part) for part in loc)
    return Fault(str(path), 1, 1, where, f"this is no curve set: {message}", "name a file that fibplan measure wrote")
