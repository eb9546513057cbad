"""Values of a recipe in the words and units that a recipe is written in."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from fibplan.model.base import Quantity
from fibplan.model.finding import RecipePath
from fibplan.model.recipe import Recipe
from fibplan.units import show

DIGITS = 6
"""More than any recipe is written with, so that no two values that differ read the same."""

UNSUMMED = ("name", "kind", "why", "assumed", "after")
"""Fields that do not help to recognise what was added or removed."""


def worded(value: Any, info: FieldInfo) -> str:
    """One value of a field as a recipe writes it: ``100 nm``, ``[cap, trenches]``, ``stair_step``."""
    mark = quantity_of(info)
    if mark is not None and isinstance(value, float):
        return show(value / mark.scale, mark.unit, DIGITS)
    return _plain(value)


def summary(part: BaseModel) -> str:
    """A part of a recipe in one line: its kind, then its fields, those that are parts themselves by name only."""
    head = [str(part.kind)] if hasattr(part, "kind") else []  # pyright: ignore[reportAttributeAccessIssue]
    return ", ".join([*head, *_fields(part)])


def quantity_of(info: FieldInfo) -> Quantity | None:
    """The unit that a field is written in, where it is a quantity, also one that may be left out."""
    marks = [*info.metadata, *_metadata(info.annotation)]
    return next((mark for mark in marks if isinstance(mark, Quantity)), None)


def placed(recipe: Recipe, path: RecipePath) -> str:
    """A place in a recipe with names for list positions: ``steps.polish.leaves``."""
    words: list[str] = []
    here: Any = recipe
    for part in path:
        here = _below(here, part)
        words.append(str(getattr(here, "name", f"[{part}]")) if isinstance(part, int) else part)
    return ".".join(words).replace(".[", "[")


def _below(here: Any, part: str | int) -> Any:
    if isinstance(part, str):
        return here.get(part) if isinstance(here, dict) else getattr(here, part, None)
    return here[part] if isinstance(here, tuple) and part < len(here) else None


def _fields(part: BaseModel) -> Iterator[str]:
    for name, info in type(part).model_fields.items():
        value = getattr(part, name)
        if name in UNSUMMED or value in (None, ()):
            continue
        yield name.replace("_", " ") if _is_part(value) else f"{name.replace('_', ' ')} {worded(value, info)}"


def _is_part(value: Any) -> bool:
    parts = value if isinstance(value, tuple) else (value,)
    return any(isinstance(part, BaseModel | dict) for part in parts)


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_plain(item) for item in value)}]"
    if isinstance(value, BaseModel):
        return summary(value)
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _metadata(annotation: Any) -> list[Any]:
    """The marks inside ``Annotated[float, mark] | None``."""
    return [mark for argument in get_args(annotation) for mark in getattr(argument, "__metadata__", ())]
