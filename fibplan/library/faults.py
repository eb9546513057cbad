"""From a failed validation to faults in the field's terms, each with its place in the file."""

import difflib
import types
import typing
from collections.abc import Iterable, Mapping
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from fibplan.errors import Fault, InvalidFile
from fibplan.library.source_map import SourceMap, spelled
from fibplan.model.base import Quantity
from fibplan.model.finding import RecipePath
from fibplan.units import QuantityError, example

Loc = tuple[str | int, ...]


def validate(kind: Any, data: Mapping[str, Any], source_map: SourceMap) -> Any:
    """``data`` as a value of the pydantic type ``kind``; every fault at once as :class:`InvalidFile` otherwise."""
    try:
        return TypeAdapter(kind).validate_python(data)
    except ValidationError as error:
        faults = [_fault(kind, data, source_map, detail) for detail in error.errors()]
    raise InvalidFile(in_order(faults, source_map.file))


def in_order(faults: Iterable[Fault], first: str) -> list[Fault]:
    """The faults as they stand in the file called ``first``, then those of other files."""
    return sorted(faults, key=lambda fault: (fault.file != first, fault.file, fault.line, fault.column))


def nearest(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """A remedy that names the closest known word, or all of them while they are few."""
    words = sorted(known)
    close = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{close[0]}'?"
    return otherwise or f"known are {', '.join(words)}" if words else otherwise


def _fault(kind: Any, data: Mapping[str, Any], source_map: SourceMap, detail: ErrorDetails) -> Fault:
    path = _path_in(data, detail["loc"])
    message, remedy = _explained(kind, detail)
    if detail["type"] == "missing":
        return source_map.locate(path[:-1]).fault(spelled(path), message, remedy)
    unknown = detail["type"] == "extra_forbidden"
    return source_map.locate(path, key=unknown).fault(spelled(path), message, remedy)


def _path_in(data: Any, loc: Loc) -> RecipePath:
    """``loc`` without the names of union members that pydantic adds between keys."""
    path: list[str | int] = []
    for position, part in enumerate(loc):
        if _holds(data, part):
            data = data[part]
        elif position < len(loc) - 1:
            continue
        elif not isinstance(data, Mapping):
            break
        path.append(part)
    return tuple(path)


def _holds(data: Any, part: str | int) -> bool:
    if isinstance(data, Mapping):
        return part in data
    return isinstance(data, list) and isinstance(part, int) and part < len(data)


def _explained(kind: Any, detail: ErrorDetails) -> tuple[str, str]:
    last, given = detail["loc"][-1] if detail["loc"] else "", detail.get("input")
    context: dict[str, Any] = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            return f"unknown key '{last}'", nearest(str(last), _fields_at(kind, detail["loc"][:-1]))
        case "missing":
            return f"'{last}' is missing", _how_to_write(str(last), _field_at(kind, detail["loc"]))
        case "value_error" if isinstance(context.get("error"), QuantityError):
            return context["error"].problem, context["error"].remedy
        case "literal_error" | "enum":
            allowed = str(context["expected"])
            return f"'{given}' is not known here", nearest(str(given), _quoted(allowed), f"write {allowed}")
        case "union_tag_invalid":
            return f"unknown kind '{context['tag']}'", nearest(
                str(context["tag"]), _quoted(str(context["expected_tags"]))
            )
        case "union_tag_not_found":
            return "'kind' is missing", "say which kind it is"
        case "string_pattern_mismatch":
            return f"'{given}' is not a name", "use lower-case letters, digits, - and _, such as rough-trench"
        case "string_type":
            return f"'{given}' is not text", f'write it in quotes, such as "{given}"'
        case _:
            return _plain(detail["msg"], given)


def _plain(message: str, given: object) -> tuple[str, str]:
    short = repr(given) if isinstance(given, str | int | float | bool | None) else f"a {type(given).__name__}"
    return f"{short} does not fit here", message.replace("Input should be", "write").replace("dictionary", "mapping")


def _quoted(expected: str) -> list[str]:
    """The words between the quotes of pydantic's ``'a', 'b' or 'c'``."""
    return expected.split("'")[1::2]


def _how_to_write(name: str, info: FieldInfo | None) -> str:
    marks = [mark for mark in info.metadata if isinstance(mark, Quantity)] if info else []
    return f"add {name}: {example(marks[0].unit)}" if marks else f"add {name}"


def _fields_at(kind: Any, loc: Loc) -> list[str]:
    model = _descend(kind, loc)
    return list(model.model_fields) if model else []


def _field_at(kind: Any, loc: Loc) -> FieldInfo | None:
    model = _descend(kind, loc[:-1])
    return model.model_fields.get(str(loc[-1])) if model else None


def _descend(kind: Any, loc: Loc) -> type[BaseModel] | None:
    """The model that holds the key after ``loc``, following fields, list items and union tags."""
    candidates = _models(kind)
    for part in loc:
        if isinstance(part, int):
            continue
        tagged = [model for model in candidates if part in _tags(model)]
        if tagged and not any(part in model.model_fields for model in candidates if len(candidates) == 1):
            candidates = tagged
            continue
        held = [model.model_fields[part].annotation for model in candidates if part in model.model_fields]
        candidates = [model for annotation in held for model in _models(annotation)] or candidates
    return candidates[0] if len(candidates) == 1 else None


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    origin = get_origin(annotation)
    if origin is typing.Annotated:
        return _models(get_args(annotation)[0])
    if origin in (Union, types.UnionType, tuple, dict, list):
        return list(dict.fromkeys(model for argument in get_args(annotation) for model in _models(argument)))
    return []


def _tags(model: type[BaseModel]) -> tuple[Any, ...]:
    info = model.model_fields.get("kind")
    return get_args(info.annotation) if info else ()
