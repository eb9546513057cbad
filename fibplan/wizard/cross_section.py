"""The lamella seen along its length, in signs: its layers, what is milled off either face, and where the beam works."""

from rich.text import Text

from fibplan.model.plan import Operation, Plan
from fibplan.model.recipe import Layer, Role
from fibplan.model.steps import Deposit, Thinning, Undercut
from fibplan.units import show
from fibplan.wizard.screen import Lines, Page, line

NAMES = 11
"""Columns of the layers' names."""
STYLES = {
    Role.SUBSTRATE: "blue", Role.BARRIER: "white", Role.CURRENT_COLLECTOR: "yellow", Role.ELECTROLYTE: "cyan",
    Role.ACTIVE_LAYER: "magenta", Role.PROTECTIVE_LAYER: "green",
}  # fmt: skip


def cross_section(plan: Plan, operation: Operation, page: Page) -> Lines:
    """One row a layer, the cap on top; not to scale across the layers, to scale across the faces."""
    room = max(page.width - NAMES, 12)
    kept = _kept(operation, room)
    rows = [_layer(layer, operation, page, room, kept) for layer in reversed(plan.recipe.sample.stack)]
    return (_beam(operation, page, room, kept), *rows, _foot(operation, room))


def _kept(operation: Operation, room: int) -> int:
    """Columns that are left of the slab, at least two; of a slab that was never cut before a third stays."""
    before, after = operation.thickness_before_m, operation.thickness_after_m
    if not isinstance(operation.step, Thinning):
        return room
    if before is None or after is None:
        return room // 3
    return max(2, min(room, round(room * after / before)))


def _beam(operation: Operation, page: Page, room: int, kept: int) -> Text:
    step, arrow = operation.step, page.glyphs.beam
    side = (room - kept) // 2
    if isinstance(step, Thinning):
        arrows = arrow * min(side, 3)
        text = f"{arrows.rjust(side)}{' ' * kept}{arrows}"
    elif isinstance(step, Undercut):
        text = "the beam comes in below"
    else:
        text = (arrow * 3).center(room)
    return Text.assemble(("beam".ljust(NAMES), "dim"), (text[:room], "bold red"), end="")


def _layer(layer: Layer, operation: Operation, page: Page, room: int, kept: int) -> Text:
    glyphs, step = page.glyphs, operation.step
    side = (room - kept) // 2
    sign = glyphs.bar
    if isinstance(step, Deposit) and layer.role is Role.PROTECTIVE_LAYER:
        sign = glyphs.added
    cut = isinstance(step, Undercut) and layer.role is Role.SUBSTRATE
    slab = (glyphs.removed if cut else sign) * kept
    name = layer.name if len(layer.name) < NAMES else layer.name[: NAMES - 2] + "."
    gone = glyphs.removed
    return Text.assemble(
        name.ljust(NAMES),
        (gone * side, "dim"),
        (slab, "dim" if cut else STYLES[layer.role]),
        (gone * (room - kept - side), "dim"),
        end="",
    )


def _foot(operation: Operation, room: int) -> Text:
    before, after = operation.thickness_before_m, operation.thickness_after_m
    if isinstance(operation.step, Thinning) and after is not None:
        was = f", was {show(before, 'm')}" if before is not None else ""
        text = f"{show(after, 'm')} left{was}"
    else:
        text = f"{show(after, 'm')} thick" if after is not None else "not cut yet"
    return line(" " * NAMES + text[:room], "dim")
