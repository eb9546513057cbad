"""Recipe, card and material files as validated values."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from fibplan.errors import Fault, InvalidFile, NotFound
from fibplan.library.faults import validate
from fibplan.library.source_map import LARGEST_FILE, SourceMap, read_yaml
from fibplan.model.base import CardName, Frozen
from fibplan.model.cards import AnyCard
from fibplan.model.materials import Material
from fibplan.model.recipe import Recipe


@dataclass(frozen=True)
class RecipeFile:
    """A recipe with the text it came from and the place of every value in it."""

    path: Path
    text: str
    recipe: Recipe
    source_map: SourceMap


class Materials(Frozen):
    """The whole of a ``materials.yaml``."""

    fibplan: Literal[1]
    materials: Annotated[dict[CardName, Material], Field(min_length=1)]


def load_recipe(path: Path, shown_as: str | None = None) -> RecipeFile:
    """The recipe in that file; :class:`InvalidFile` with every fault, or :class:`NotFound`."""
    name = shown_as or str(path)
    text = read_text(path)
    data, source_map = read_yaml(text, name)
    recipe: Recipe = validate(Recipe, data, source_map)
    return RecipeFile(path, text, recipe, source_map)


@lru_cache(maxsize=256)
def load_card(path: Path) -> tuple[AnyCard, str]:
    """The card in that file and its text. Cards do not change while a command runs, so each is read once."""
    text = read_text(path)
    data, source_map = read_yaml(text, str(path))
    card: AnyCard = validate(AnyCard, data, source_map)
    return card, text


@lru_cache(maxsize=16)
def load_materials(path: Path) -> tuple[dict[str, Material], str]:
    """All materials of that file by name, and its text."""
    text = read_text(path)
    data, source_map = read_yaml(text, str(path))
    materials: Materials = validate(Materials, data, source_map)
    return materials.materials, text


def read_text(path: Path) -> str:
    """The file as UTF-8 text; a byte that is not, a folder, or a file that cannot be read is one clear failure."""
    try:
        with path.open("rb") as stream:
            content = stream.read(4 * LARGEST_FILE + 1)
    except FileNotFoundError:
        raise NotFound("no such file", where=str(path), remedy="check the path") from None
    except OSError as error:
        raise NotFound(f"cannot be read: {error.strerror}", where=str(path), remedy="check the permissions") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - (content.rfind(b"\n", 0, error.start) + 1) + 1
        fault = Fault(str(path), line, column, "", "a byte here is not UTF-8", "save the file as UTF-8 text")
        raise InvalidFile([fault]) from None


def schema_of(kind: str) -> dict[str, Any]:
    """The JSON Schema of a recipe or a card."""

    kinds: dict[str, Any] = {"recipe": Recipe, "card": AnyCard, "materials": Materials}
    return TypeAdapter(kinds[kind]).json_schema()
