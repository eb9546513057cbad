"""The current ladder in signs: a bar for the thickness that each rung leaves, on a logarithmic scale."""

import math

from rich.text import Text

from fibplan.journal.state import Progress, SessionState
from fibplan.model.plan import Operation, Plan
from fibplan.model.steps import Beamed, Thinning
from fibplan.units import show
from fibplan.wizard.screen import Lines, Page, line

NAME, BEAM, LEFT = 12, 7, 8
"""Columns of the rung's name, its beam current, and the thickness it leaves."""


def ladder(plan: Plan, state: SessionState | None, here: str, page: Page) -> Lines:
    """One row a rung: how far it is, its name and current, and the thickness that it left or is to leave."""
    rungs = [operation for operation in plan.operations if isinstance(operation.step, Thinning)]
    values = [operation.thickness_after_m for operation in rungs if operation.thickness_after_m]
    if not values:
        return ()
    room = max(page.width - NAME - BEAM - LEFT - 5, 4)
    low, high = math.log(min(values)), math.log(max(values))
    head = line(f"  {'rung'.ljust(NAME)} {'current'.rjust(BEAM)} {'leaves'.rjust(LEFT)}", "dim")
    return (head, *(_rung(operation, state, here, page, (low, high, room)) for operation in rungs))


def _rung(
    operation: Operation, state: SessionState | None, here: str, page: Page, scale: tuple[float, float, int]
) -> Text:
    low, high, room = scale
    progress = state.operations.get(operation.name) if state is not None else Progress.PENDING
    done = state.done.get(operation.name) if state is not None else None
    measured = done.thickness_m if done is not None else None
    left = measured or operation.thickness_after_m or math.exp(low)
    share = (math.log(left) - low) / (high - low) if high > low else 1.0
    length = max(1, min(room, round(1 + share * (room - 1))))
    mark = page.glyphs.here if operation.name == here else _mark(progress, page)
    style = "bold" if operation.name == here else "" if progress is Progress.DONE else "dim"
    current = show(operation.step.beam_current, "A") if isinstance(operation.step, Beamed) else ""
    name = operation.name if len(operation.name) <= NAME else operation.name[: NAME - 1] + "."
    sign = page.glyphs.bar if progress is Progress.DONE else page.glyphs.planned
    text = f"{mark} {name.ljust(NAME)} {current.rjust(BEAM)} {show(left, 'm').rjust(LEFT)} "
    return Text.assemble((text, style), (sign * length, "green" if progress is Progress.DONE else "cyan"), end="")


def _mark(progress: Progress | None, page: Page) -> str:
    match progress:
        case Progress.DONE:
            return page.glyphs.over
        case Progress.SKIPPED | Progress.STOPPED:
            return "-"
        case _:
            return " "
