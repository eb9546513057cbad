"""JSON Schemas, draft-07, for editors: completion, hover and early warnings while a recipe is written.

What the loader refuses may still obey a schema (unique keys, units of odd dimensions); what the loader accepts does so
in every ordinary spelling.
"""

import ast
import inspect
import re
import textwrap
from functools import cache
from itertools import pairwise
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from fibplan.library.draft07 import as_draft07
from fibplan.library.override_schema import overriding
from fibplan.model.base import Quantity
from fibplan.model.interval import IntervalText, Status
from fibplan.model.recipe import Recipe
from fibplan.units import pattern

DRAFT = "http://json-schema.org/draft-07/schema#"

Json = dict[str, Any]


def file_schema(kind: Any) -> Json:
    """The schema of a file that holds one value of that pydantic type."""
    adapter: TypeAdapter[Any] = TypeAdapter(kind)
    return {"$schema": DRAFT, **as_draft07(adapter.json_schema(schema_generator=_AsWritten))}


def recipe_schema() -> Json:
    """The schema of a recipe: whole, or only what differs from the one that it extends."""
    whole = file_schema(Recipe)
    definitions: Json = whole.pop("definitions")
    del whole["$schema"]
    definitions["Recipe"] = whole
    return {
        "$schema": DRAFT,
        "title": "fibplan recipe, format version 1",
        "type": "object",
        "if": {"required": ["extends"]},
        "then": {"$ref": "#/definitions/RecipeOverride"},
        "else": {"$ref": "#/definitions/Recipe"},
        "definitions": {**definitions, **overriding(definitions)},
    }


class _AsWritten(GenerateJsonSchema):
    """Describes values as files write them: quantities as text with a unit, fields with their documentation."""

    def generate_inner(self, schema: Any) -> Json:
        mark = _bound_to(schema)
        return _quantity(mark) if isinstance(mark, Quantity) else super().generate_inner(schema)

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> Json:
        mark = _bound_to(schema)
        return _interval(mark) if isinstance(mark, IntervalText) else super().function_before_schema(schema)

    def model_schema(self, schema: core_schema.ModelSchema) -> Json:
        described = super().model_schema(schema)
        documented = _field_docs(schema["cls"])
        for name, field in described.get("properties", {}).items():
            if name in documented:
                field["description"] = documented[name]
        return described

    def field_title_should_be_set(self, schema: Any) -> bool:
        del schema
        return False


def _bound_to(schema: Any) -> object:
    """The object whose method validates here, if one does."""
    function = schema.get("function")
    return getattr(function.get("function"), "__self__", None) if isinstance(function, dict) else None


def _quantity(mark: Quantity) -> Json:
    above_zero = "" if mark.signed else r"(?!-)(?!\+?0*\.?0*([eE][+-]?[0-9]+)? ?[^0-9.eE+-])"
    spelled = _with_symbols(pattern(mark.unit)).removeprefix("^")
    return {
        "type": "string",
        "pattern": f"^{above_zero}{spelled}",
        "examples": [mark.example],
        "description": f"A number with its unit, such as {mark.example}.",
        "patternErrorMessage": f"Write a number with its unit, such as {mark.example}.",
    }


def _with_symbols(spelled: str) -> str:
    """The pattern of a quantity, also with the micro, ohm and degree signs that the loader reads."""
    micro = re.sub(r"(?<=[(|])u(?=[A-Za-z])", "[u\u00b5\u03bc]", spelled)
    return micro.replace("ohm", "(ohm|\u03a9|\u2126)").replace("|deg", "|deg|\u00b0")


def _interval(mark: IntervalText) -> Json:
    quantity = _quantity(Quantity(mark.unit, signed=True))
    return {
        "type": "object",
        "description": "A number that is not exactly known; low and high may be left out where no spread is given.",
        "properties": {
            **dict.fromkeys(("expected", "low", "high"), quantity),
            "coverage": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
            "source": {"type": "string", "minLength": 1},
            "status": {"enum": [status.value for status in Status]},
        },
        "required": ["expected", "source", "status"],
        "additionalProperties": False,
    }


@cache
def _field_docs(cls: type) -> dict[str, str]:
    """The docstrings below the fields of a class and of those that it is derived from."""
    inherited = {name: text for base in reversed(cls.__bases__) for name, text in _field_docs(base).items()}
    if not cls.__module__.startswith("fibplan."):
        return inherited
    body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    statements = body.body if isinstance(body, ast.ClassDef) else []
    for field, text in pairwise(statements):
        match field, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(said))):
                inherited[name] = inspect.cleandoc(said)
            case _:
                continue
    return inherited
