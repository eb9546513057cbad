"""What a design changes in a recipe, value by value, as a recipe is written."""

from collections.abc import Iterator
from typing import NamedTuple

from fibplan.advice.wording import worded
from fibplan.model.base import Frozen
from fibplan.model.finding import RecipePath
from fibplan.model.recipe import Recipe
from fibplan.model.steps import IsolationCut

NOT_TOLD = ("assumed", "after")
"""They follow from the rest."""


class Changed(NamedTuple):
    """One value: its place in the recipe as it is, what it belongs to, and how it is written before and after.

    ``assumed`` says that it was not the source's before either.
    """

    path: RecipePath
    part: str
    field: str
    before: str
    after: str
    assumed: bool

    def __str__(self) -> str:
        if self.field == "outline_um":
            return f"{self.part}: drawn, as an outline of {self.after.count('[') - 1} corners"
        was = f", was {self.before}" if self.before != "None" else ""
        return f"{self.part}: {self.field} {self.after}{was}"


def changes(before: Recipe, after: Recipe) -> list[Changed]:
    """Every value of the bridge and of a step that differs; new steps and cuts are not among them."""
    steps = {step.name: step for step in after.steps}
    found: list[Changed] = []
    if before.bridge is not None and after.bridge is not None:
        found += _between(("bridge",), "bridge", before.bridge, after.bridge)
    for position, step in enumerate(before.steps):
        found += _between(("steps", position), step.name, step, steps[step.name])
    return found


def new_cuts(before: Recipe, after: Recipe) -> list[IsolationCut]:
    """The isolation cuts that only the second recipe has, in their order."""
    known = {step.name for step in before.steps}
    return [step for step in after.steps if isinstance(step, IsolationCut) and step.name not in known]


def _between(path: RecipePath, part: str, before: Frozen, after: Frozen) -> Iterator[Changed]:
    """Names of a step are told as ``step 'name'`` where they would be taken for the bridge itself."""
    told = f"step '{part}'" if path[0] == "steps" else part
    for name, info in type(after).model_fields.items():
        old, new = getattr(before, name), getattr(after, name)
        if old != new and name not in NOT_TOLD:
            assumed = name in getattr(before, "assumed", ())
            yield Changed((*path, name), told, name, worded(old, info), worded(new, info), assumed)
