"""``fibplan schema``: the JSON Schema of a recipe or a card, for editors."""

from enum import StrEnum
from typing import Annotated

import typer

from fibplan.cli.output import say_json


class Kind(StrEnum):
    """What there is a schema of."""

    RECIPE = "recipe"
    CARD = "card"
    MATERIALS = "materials"


def schema(kind: Annotated[Kind, typer.Argument(help="Of which kind of file.")]) -> None:
    """Print the JSON Schema of recipes, cards or the materials file."""
    from fibplan.library.load import schema_of

    say_json(schema_of(kind.value))
