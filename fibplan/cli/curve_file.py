"""Curve sets on disk: one JSON file, replaced whole or not at all."""

from pathlib import Path

from pydantic import ValidationError

from fibplan.errors import Fault, InvalidFile, NotFound
from fibplan.journal.durable import write_whole
from fibplan.model.curve import Curve, CurveSet

LARGEST_FILE = 200_000_000


def read_curves(path: Path) -> CurveSet:
    """The curve set in that file; :class:`InvalidFile` with every fault, or :class:`NotFound`."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise NotFound(f"cannot be read: {error.strerror}", where=str(path), remedy="check the path") from None
    try:
        return CurveSet.model_validate_json(content)
    except ValidationError as error:
        raise InvalidFile([_fault(path, detail["loc"], detail["msg"]) for detail in error.errors()]) from None


def append_curve(path: Path, curve: Curve) -> CurveSet:
    """The file's curves and this one after them, on the disk; a file that is no curve set stays as it is."""
    curves = read_curves(path) if path.exists() else CurveSet()
    extended = curves.with_curve(curve)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, (extended.model_dump_json(indent=1) + "\n").encode("utf-8"))
    return extended


def _fault(path: Path, loc: tuple[str | int, ...], message: str) -> Fault:
    where = ".".join(str(part) for part in loc)
    return Fault(str(path), 1, 1, where, f"this is no curve set: {message}", "name a file that fibplan measure wrote")
