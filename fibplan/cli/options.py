"""Options that several verbs share, and the quantities that are written after options."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fibplan.errors import Misuse


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
WorkersOption = Annotated[
    int | None,
    typer.Option("--workers", help="Processes for the samples of a yield.", show_default="one for each processor"),
]
SchedulerOption = Annotated[
    str | None,
    typer.Option("--scheduler", help="A running Dask cluster for the samples of a yield, such as tcp://host:8786."),
]


def quantity(option: str, text: str, unit: str, like: str) -> float:
    """The SI value of what is written after that option; :class:`~fibplan.errors.Misuse` where it is none."""
    from fibplan.units import QuantityError, parse

    try:
        return parse(text, unit, like)
    except QuantityError as error:
        raise Misuse(error.problem, where=option, remedy=error.remedy) from None


def positive(option: str, text: str, unit: str, like: str) -> float:
    """The same of what must be above zero."""
    value = quantity(option, text, unit, like)
    if value <= 0:
        raise Misuse(f"'{text}' is not above zero", where=option, remedy=f"write a positive value, such as {like}")
    return value
