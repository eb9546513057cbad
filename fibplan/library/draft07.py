"""From the JSON Schema dialect of pydantic (2020-12) to draft-07, which editors understand."""

import re
from typing import Any

NAMED = ("properties", "patternProperties", "definitions", "$defs")
"""Keywords whose value maps names to schemas; the names are no keywords."""

VALUES = ("default", "examples", "enum", "const")
"""Keywords whose value is data, not a schema."""


def as_draft07(schema: dict[str, Any]) -> dict[str, Any]:
    """The same schema in draft-07: definitions, tuples, and nothing beside a reference, which would be ignored there.

    OpenAPI's ``discriminator`` is dropped; the alternatives it chooses between tell themselves apart by a constant.
    Descriptions lose the mark-up of docstrings, and quantities their defaults, which are numbers in the model.
    """
    converted = {key: _converted(key, value) for key, value in schema.items() if key != "discriminator"}
    if "$defs" in converted:
        converted["definitions"] = converted.pop("$defs")
    if "prefixItems" in converted:
        converted["additionalItems"] = converted.pop("items", True)
        converted["items"] = converted.pop("prefixItems")
    if "default" in converted and "pattern" in converted:
        del converted["default"]
    if "description" in converted:
        converted["description"] = _plain(converted["description"])
    return _reference(converted) if "$ref" in converted else converted


def _converted(key: str, value: Any) -> Any:
    if key in VALUES:
        return value
    if key in NAMED:
        return {name: as_draft07(part) for name, part in value.items()}
    if isinstance(value, dict):
        return as_draft07(value)
    return [as_draft07(part) if isinstance(part, dict) else part for part in value] if _is_list(value) else value


def _plain(docstring: str) -> str:
    """A docstring as editors show it: without its mark-up, and with line ends only between paragraphs."""
    return re.sub(r"(?<!\n)\n(?!\n)", " ", docstring.replace("``", "'"))


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _reference(schema: dict[str, Any]) -> dict[str, Any]:
    target = schema.pop("$ref").replace("#/$defs/", "#/definitions/")
    return {"allOf": [{"$ref": target}], **schema} if schema else {"$ref": target}
