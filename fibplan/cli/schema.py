"""``fibplan schema``: the JSON Schema of a recipe, a card or a file of answers, for editors."""

from enum import StrEnum
from typing import Annotated

import typer

from fibplan.cli.output import say_json


class Kind(StrEnum):
    """What there is a schema of."""

    RECIPE = "recipe"
    CARD = "card"
    MATERIALS = "materials"
    ANSWERS = "answers"


def schema(kind: Annotated[Kind, typer.Argument(help="Of which kind of file.")]) -> None:
    """Print the JSON Schema of recipes, cards, the materials file or the answers to a session's questions."""
    from fibplan.library.load import schema_of
    from fibplan.wizard.answers import answers_schema

    say_json(answers_schema() if kind is Kind.ANSWERS else schema_of(kind.value))
