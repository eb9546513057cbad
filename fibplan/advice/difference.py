"""What changed between two recipes, in the field's terms, and what follows from it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from fibplan.advice.wording import summary, worded
from fibplan.model.base import Frozen
from fibplan.model.recipe import Recipe


class Kind(StrEnum):
    """What sort of difference it is: one in the recipe, or one that follows."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    CONSEQUENCE = "consequence"


class Change(Frozen):
    """One difference: where, and how it reads before and after; None where it is not there."""

    kind: Kind
    where: str
    before: str | None = None
    after: str | None = None

    def __str__(self) -> str:
        match self.kind:
            case Kind.ADDED:
                return f"{self.where}: added ({self.after})"
            case Kind.REMOVED:
                return f"{self.where}: removed ({self.before})"
            case Kind.MOVED:
                return f"{self.where}: moved from {self.before} to {self.after}"
            case Kind.CONSEQUENCE if self.before is None:
                return f"{self.where}: now {self.after}"
            case Kind.CONSEQUENCE if self.after is None:
                return f"{self.where}: no longer {self.before}"
            case Kind.CHANGED | Kind.CONSEQUENCE:
                return f"{self.where}: {self.before} -> {self.after}"


def recipe_changes(first: Recipe, second: Recipe) -> list[Change]:
    """Every field, step and layer in which two recipes differ, in the order in which recipes are written."""
    return list(_parts(first, second, ""))


def _parts(first: BaseModel, second: BaseModel, where: str) -> Iterator[Change]:
    """Differences of two parts of a recipe; parts of different kinds share only the fields of either."""
    fields = {**type(first).model_fields, **type(second).model_fields}
    for name, info in fields.items():
        before, after = _there(first, name), _there(second, name)
        if before == after:
            continue
        below = f"{where}.{name}".removeprefix(".")
        if _is_composed(before) or _is_composed(after):
            yield from _composed(before, after, below)
        else:
            yield _changed(below, *(None if value is None else worded(value, info) for value in (before, after)))


def _there(part: BaseModel, name: str) -> Any:
    """The field's value; None where it is empty or the part has no such field."""
    value = getattr(part, name, None)
    return None if value in ((), {}) else value


def _is_composed(value: Any) -> bool:
    return isinstance(value, BaseModel | dict) or _is_named_list(value)


def _is_named_list(value: Any) -> bool:
    return isinstance(value, tuple) and any(isinstance(item, BaseModel) for item in value)


def _composed(before: Any, after: Any, where: str) -> Iterator[Change]:
    if _is_named_list(before) or _is_named_list(after):
        yield from _items(_named(before or ()), _named(after or ()), where)
        yield from moves(list(_named(before or ())), list(_named(after or ())), where)
    elif isinstance(before, dict) or isinstance(after, dict):
        yield from _items(before or {}, after or {}, where)
    else:
        yield from _items({"": before}, {"": after}, where)


def _items(before: dict[str, Any], after: dict[str, Any], where: str) -> Iterator[Change]:
    """Parts by name: those that differ, then those that only one of the two has."""
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        below = f"{where}.{name}".removesuffix(".")
        if old is not None and new is not None:
            yield from _parts(old, new, below)
        elif new is not None:
            yield Change(kind=Kind.ADDED, where=below, after=summary(new))
        elif old is not None:
            yield Change(kind=Kind.REMOVED, where=below, before=summary(old))


def _named(items: Sequence[Any]) -> dict[str, Any]:
    """List items by their names; a name that is there already gets a number, and so does what has none."""
    named: dict[str, Any] = {}
    count: Counter[str] = Counter()
    for item in items:
        name = str(getattr(item, "name", getattr(item, "code", "")))
        count[name] += 1
        named[f"{name}#{count[name]}" if count[name] > 1 else name] = item
    return named


def moves(before: list[str], after: list[str], where: str) -> Iterator[Change]:
    """The names that both lists have but that do not come in the same order."""
    old, new = [name for name in before if name in after], [name for name in after if name in before]
    kept = {
        name
        for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
        for name in old[block.a : block.a + block.size]
    }
    for name in new:
        if name not in kept:
            yield Change(kind=Kind.MOVED, where=f"{where}.{name}", before=_after(old, name), after=_after(new, name))


def _after(names: list[str], name: str) -> str:
    position = names.index(name)
    return f"after {names[position - 1]}" if position else "the beginning"


def _changed(where: str, before: str | None, after: str | None) -> Change:
    if before is None:
        return Change(kind=Kind.ADDED, where=where, after=after)
    return Change(kind=Kind.CHANGED if after else Kind.REMOVED, where=where, before=before, after=after)
