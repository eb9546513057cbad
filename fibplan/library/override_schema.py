"""The schema of a recipe that extends another, made from that of a whole one: all may be left out, much taken away."""

from typing import Any

Json = dict[str, Any]

REMOVED: Json = {
    "description": "Takes what stands here in the extended recipe away.",
    "type": "object",
    "properties": {"remove": {"const": True}},
    "required": ["remove"],
    "additionalProperties": False,
}
SUFFIX = "Override"
HEAD = "#/definitions/"


def overriding(definitions: Json) -> Json:
    """For each definition of a mapping a second one, called so with ``Override`` at its end.

    Nothing in it is required, mappings in it override in the same way, and lists replace, so they stay whole; only
    ``steps`` override by name.
    """
    mappings = {name: schema for name, schema in definitions.items() if "properties" in schema}
    overrides = {name + SUFFIX: _mapping(schema, set(mappings)) for name, schema in mappings.items()}
    recipe = overrides["Recipe" + SUFFIX]
    recipe["required"] = ["extends"]
    recipe["properties"]["steps"] = _steps(definitions["Recipe"]["properties"]["steps"], overrides)
    return overrides


def _mapping(schema: Json, mappings: set[str]) -> Json:
    properties = {name: _value(part, mappings) for name, part in schema["properties"].items()}
    return {**{key: value for key, value in schema.items() if key != "required"}, "properties": properties}


def _value(schema: Json, mappings: set[str]) -> Json:
    """A value that may be overridden: a reference to a mapping becomes one to its override, or its removal."""
    name = str(schema.get("$ref", "")).removeprefix(HEAD)
    if name in mappings:
        return {"anyOf": [{"$ref": f"{HEAD}{name}{SUFFIX}"}, REMOVED]}
    within = dict(schema)
    for key in ("anyOf", "oneOf", "allOf"):
        if key in within:
            parts = [_value(part, mappings) for part in within.pop(key)]
            within["allOf" if key == "allOf" else "anyOf"] = parts
    if isinstance(within.get("additionalProperties"), dict):
        within["additionalProperties"] = _value(within["additionalProperties"], mappings)
    return within


def _steps(steps: Json, overrides: Json) -> Json:
    """Steps by name: of any kind, in part, or removed."""
    kinds = [str(kind["$ref"]).removeprefix(HEAD) + SUFFIX for kind in steps["items"]["oneOf"]]
    for kind in kinds:
        overrides[kind] = {**overrides[kind], "required": ["name"]}
    removed = {**REMOVED, "properties": {**REMOVED["properties"], "name": {"type": "string"}}}
    removed["required"] = ["name", "remove"]
    alternatives = [{"$ref": HEAD + kind} for kind in kinds]
    return {"type": "array", "items": {"anyOf": [*alternatives, removed]}}
