"""Options that several verbs share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How a result is printed."""

    TEXT = "text"
    JSON = "json"


FormatOption = Annotated[Format, typer.Option("--format", help="Print the result as text or as JSON.")]
LibraryOption = Annotated[
    list[Path] | None, typer.Option("--library", help="Look for recipes and cards here first; may be given repeatedly.")
]
SeedOption = Annotated[int, typer.Option("--seed", help="Seed of everything that is drawn by chance.")]
RecipeArgument = Annotated[str, typer.Argument(help="A recipe file, or the name of a recipe in the library.")]
