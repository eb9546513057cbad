"""Rules about how a recipe marks what its source leaves open, and what it knowingly accepts."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from fibplan.checks.rule import ERROR, Found, rule
from fibplan.model.finding import RecipePath
from fibplan.model.plan import Plan


@rule("assumed-field-unknown", ERROR)
def assumed_fields_exist(plan: Plan) -> Iterator[Found]:
    """Whatever is marked as assumed is a field of the thing that marks it."""
    for path, part in _parts(plan.recipe, ()):
        known = set(type(part).model_fields) - {"assumed"}
        for index, name in enumerate(getattr(part, "assumed", ())):
            if name not in known:
                message = f"'{name}' is marked as assumed but is no field here"
                yield Found((*path, "assumed", index), message, f"name one of {', '.join(sorted(known))}")


def _parts(value: Any, path: RecipePath) -> Iterator[tuple[RecipePath, BaseModel]]:
    """Every part of the recipe, from the outside in."""
    if isinstance(value, BaseModel):
        yield path, value
        for name in type(value).model_fields:
            yield from _parts(getattr(value, name), (*path, name))
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _parts(item, (*path, name))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _parts(item, (*path, index))
