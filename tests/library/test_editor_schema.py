"""The schema for editors and the loader agree: what one takes the other takes, what is damaged both refuse."""

import copy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from shipped import PAPER, RECIPES, ROOT

from fibplan.errors import InvalidFile
from fibplan.library.load import load_recipe, schema_of
from fibplan.library.search_path import SearchPath
from fibplan.library.source_map import read_yaml
from fibplan.library.written import as_yaml
from fibplan.model import steps

CARDS = sorted((ROOT / "instruments").glob("*/*.yaml"))

Data = dict[str, Any]


@pytest.fixture(scope="module")
def schema() -> Draft7Validator:
    return Draft7Validator(schema_of("recipe"))


def data_of(path: Path) -> Data:
    return read_yaml(path.read_text(encoding="utf-8"), path.name)[0]


def told(validator: Draft7Validator, data: Data) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(data)]


@pytest.mark.parametrize("kind", ["recipe", "card", "materials"])
def test_the_dialect_is_draft_07(kind: str) -> None:
    """The schema says its dialect, is valid in it, and has nothing that only later dialects know."""
    schema = schema_of(kind)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    Draft7Validator.check_schema(schema)
    words = set(_keywords(schema))
    assert not words & {"$defs", "prefixItems", "discriminator", "unevaluatedProperties", "dependentSchemas"}
    assert all(set(node) == {"$ref"} for node in _nodes(schema) if "$ref" in node)


def _nodes(value: Any) -> list[Data]:
    inside = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return [*([value] if isinstance(value, dict) else []), *(node for part in inside for node in _nodes(part))]


def _keywords(value: Any) -> list[str]:
    return [key for node in _nodes(value) for key in node]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_every_shipped_recipe_obeys(recipe: Path, schema: Draft7Validator) -> None:
    """No editor underlines anything in a recipe of the library."""
    assert told(schema, data_of(recipe)) == []


@pytest.mark.parametrize("card", CARDS, ids=lambda path: path.stem)
def test_every_shipped_card_obeys(card: Path) -> None:
    """The same for cards, whose numbers are intervals with a source."""
    assert told(Draft7Validator(schema_of("card")), data_of(card)) == []


def test_the_materials_obey() -> None:
    """The same for the materials."""
    assert told(Draft7Validator(schema_of("materials")), data_of(ROOT / "instruments" / "materials.yaml")) == []


# name: (path in the paper's recipe, what is written there; None takes the key away)
DAMAGED: dict[str, tuple[tuple[str | int, ...], Any]] = {
    "wrong dimension": (("steps", 1, "beam_current"), "20 nm"),
    "wrong case of a unit": (("steps", 1, "beam_current"), "20 na"),
    "bare number": (("steps", 1, "beam_current"), 20),
    "bare number as text": (("steps", 1, "beam_current"), "20"),
    "decimal comma": (("lamella", "length"), "15,5 um"),
    "negative": (("steps", 1, "beam_current"), "-20 nA"),
    "zero": (("steps", 1, "beam_current"), "0.0 nA"),
    "zero of a unit that begins like an exponent": (("hand_off", "dose_rate_most"), "0 e/nm2/s"),
    "an unknown unit in a quotient": (("hand_off", "dose_rate_most"), "10 e/nm2/sec"),
    "not a number": (("bridge", "width"), ".nan um"),
    "infinite": (("bridge", "width"), "inf um"),
    "nothing": (("bridge", "width"), ""),
    "null": (("bridge", "width"), None),
    "unknown key": (("steps", 1, "beam_curent"), "20 nA"),
    "unknown section": (("brigde",), {}),
    "missing key": (("steps", 1, "beam_current"), ...),
    "missing section": (("sample",), ...),
    "no steps": (("steps",), []),
    "steps that are none": (("steps",), "mill it"),
    "unknown kind": (("steps", 4, "kind"), "undrecut"),
    "unknown role": (("sample", "stack", 0, "role"), "substrat"),
    "another format": (("fibplan",), 2),
    "format as text": (("fibplan",), "1"),
    "a name with blanks": (("steps", 0, "name"), "the cap"),
    "a truth value as text": (("title",), True),
    "too few points": (("verification", "bridge", "sweep", "points"), 1),
    "points as text": (("verification", "bridge", "sweep", "points"), "forty"),
    "three sides": (("steps", 1, "sides"), 3),
    "angle without a unit": (("steps", 8, "overtilt"), 4),
    "a list for a text": (("source", "citation"), ["a", "b"]),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_loader_and_schema_refuse_the_same(name: str, schema: Draft7Validator, tmp_path: Path) -> None:
    """A damaged value is underlined in the editor, and refused by the loader."""
    data = damaged(*DAMAGED[name])
    assert told(schema, data)
    path = tmp_path / "damaged.yaml"
    path.write_text(as_yaml(data), encoding="utf-8")
    with pytest.raises(InvalidFile):
        load_recipe(path)


def damaged(path: tuple[str | int, ...], value: Any) -> Data:
    data: Any = data_of(PAPER)
    here = data
    for part in path[:-1]:
        here = here[part]
    if value is ...:
        del here[path[-1]]
    else:
        here[path[-1]] = value
    return data


def test_every_field_is_explained(schema: Draft7Validator) -> None:
    """An editor that hovers over any key of a recipe says what it means, and not only that it wants a quantity."""
    definitions = schema.schema["definitions"]
    parts = {name: part for name, part in definitions.items() if "properties" in part and not name.endswith("Override")}
    assert {"Polish", "Bridge", "Placement", "Accepted", "Recipe"} < set(parts)
    for part, fields in parts.items():
        for name, field in fields["properties"].items():
            said = field.get("description", "A number with its unit")
            assert not said.startswith("A number with its unit"), f"{part}.{name}"


def test_an_override_explains_its_fields_in_the_same_words(schema: Draft7Validator) -> None:
    """Whoever extends a recipe reads the same of a step's key as whoever wrote it."""
    definitions = schema.schema["definitions"]
    kinds = [kind for kind in vars(steps).values() if isinstance(kind, type) and kind.__name__ in definitions]
    assert len(kinds) == 13
    for kind in kinds:
        for name, field in definitions[kind.__name__]["properties"].items():
            assert definitions[kind.__name__ + "Override"]["properties"][name]["description"] == field["description"]


SPELLED = ["2 \u00b5m", "2 \u03bcm", "2um", "2.5 um", ".5 um", "+2 um", "2e0 um", "2000 nm", "0.002 mm"]


@pytest.mark.parametrize("text", SPELLED)
def test_both_take_every_ordinary_spelling(text: str, schema: Draft7Validator, tmp_path: Path) -> None:
    """What people write for a length is right in the editor and for the loader."""
    data = damaged(("bridge", "width"), text)
    assert told(schema, data) == []
    path = tmp_path / "spelled.yaml"
    path.write_text(as_yaml(data), encoding="utf-8")
    assert load_recipe(path).recipe.bridge is not None


OVERRIDES: dict[str, Data] = {
    "nothing": {},
    "a key deep inside": {"verification": {"bridge": {"criterion": {"below": "200 ohm"}}}},
    "a step by name": {"steps": [{"name": "polish", "leaves": "90 nm"}]},
    "a removed step": {"steps": [{"name": "hand-off", "remove": True}]},
    "a removed section": {"hand_off": {"remove": True}},
    "a removed path": {"verification": {"protective": {"remove": True}}},
    "a replaced list": {"lamella": {"assumed": ["length"]}},
}


@pytest.mark.parametrize("name", OVERRIDES)
def test_a_recipe_that_extends_another_may_leave_the_rest_out(
    name: str, schema: Draft7Validator, library: SearchPath, tmp_path: Path
) -> None:
    """The editor asks for nothing that the base has, and the loader agrees."""
    data = {"fibplan": 1, "extends": "lmno-poseidon-select", **copy.deepcopy(OVERRIDES[name])}
    assert told(schema, data) == []
    path = tmp_path / "mine.yaml"
    path.write_text(as_yaml(data), encoding="utf-8")
    assert load_recipe(path, search=library).recipe.extends == "lmno-poseidon-select"


BAD_OVERRIDES: dict[str, Data] = {
    "unknown key": {"lamella": {"lenght": "15 um"}},
    "unknown section": {"lamela": {"length": "15 um"}},
    "bad quantity": {"steps": [{"name": "polish", "leaves": "90 nA"}]},
    "unknown key of a step": {"steps": [{"name": "polish", "leave": "90 nm"}]},
    "half a list item": {"sample": {"stack": [{"name": "Si"}]}},
    "removal and more": {"bridge": {"remove": True, "width": "2 um"}},
    "removal by another word": {"bridge": {"remove": "yes"}},
}


@pytest.mark.parametrize("name", BAD_OVERRIDES)
def test_both_refuse_a_bad_override(name: str, schema: Draft7Validator, library: SearchPath, tmp_path: Path) -> None:
    """A mistake in the few lines of a recipe that extends another is underlined and refused as well."""
    data = {"fibplan": 1, "extends": "lmno-poseidon-select", **BAD_OVERRIDES[name]}
    assert told(schema, data)
    path = tmp_path / "mine.yaml"
    path.write_text(as_yaml(data), encoding="utf-8")
    with pytest.raises(InvalidFile):
        load_recipe(path, search=library)


def test_hover_has_something_to_say() -> None:
    """Parts are described by their docstrings, fields by theirs, quantities by an example."""
    definitions = schema_of("recipe")["definitions"]
    assert definitions["Bridge"]["description"].startswith("The metal that joins an electrode of the chip")
    polish = definitions["Polish"]["properties"]
    assert polish["assumed"]["description"].startswith("Names of fields whose values are not in the recipe's source")
    assert polish["leaves"]["examples"] == ["100 nm"]
    assert definitions["Recipe"]["properties"]["extends"]["description"].startswith("The recipe that this one builds")
