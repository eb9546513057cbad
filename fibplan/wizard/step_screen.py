"""The screens of one operation: what and why, what to dial in, a drawing, how long, what to look for and to record."""

from collections.abc import Callable, Iterator

from rich.text import Text

from fibplan.journal.state import Progress, SessionState
from fibplan.model.layout import Part
from fibplan.model.plan import Operation, Plan
from fibplan.model.steps import Deposit, HandOff, IsolationCut, Measure, Transfer, Weld
from fibplan.units import show, show_time
from fibplan.wizard.cross_section import cross_section
from fibplan.wizard.guidance import inspect_at, look_for, record, reminders
from fibplan.wizard.ladder import ladder
from fibplan.wizard.milling_clock import MillingClock
from fibplan.wizard.plan_view import plan_view
from fibplan.wizard.screen import WIDE, Block, Lines, Page, Screen, beside, labelled, line, wrapped
from fibplan.wizard.settings import settings_of, task_of

WORDS_SHARE = 0.55
VIEW_ROWS = 6


def step_screen(plan: Plan, state: SessionState | None, operation: Operation) -> Screen:
    """Before it is begun."""

    def screen(page: Page) -> list[Block]:
        return _with_drawing(lambda part: _words(plan, operation, part), plan, state, operation, page)

    return screen


def running_screen(plan: Plan, state: SessionState | None, operation: Operation, clock: MillingClock | None) -> Screen:
    """While it is done: what to press, and the clock."""

    def screen(page: Page) -> list[Block]:
        return _with_drawing(lambda part: _running(plan, operation, clock, part, page), plan, state, operation, page)

    return screen


def history_screen(plan: Plan, state: SessionState, told: Callable[[str], list[str]], name: str) -> Screen:
    """What was done at an operation, as the journal says: looked at, never changed."""

    def screen(page: Page) -> list[Block]:
        operation = next((entry for entry in plan.operations if entry.name == name), None)
        title = f"{name}: {state.operations.get(name, Progress.PENDING)}; only to look at, redo does it again"
        lines = [entry for text in told(name) for entry in wrapped(text, page.width, indent="  ")]
        words = Block((line(title, "bold"), *lines))
        return [words] if operation is None else [words, Block(drawing(plan, state, operation, page), 1, "drawing")]

    return screen


def drawing(plan: Plan, state: SessionState | None, operation: Operation, page: Page) -> Lines:
    """The lamella where the beam works on it, and the ladder: beside each other on a narrow page, else above."""
    if _is_on_chip(plan, operation) and plan.layout is not None:
        return plan_view(plan, page, VIEW_ROWS, beam=_worked(operation))
    half = page.narrowed((page.width - 2) // 2)
    lamella, rungs = cross_section(plan, operation, half), ladder(plan, state, operation.name, half)
    return beside(lamella, rungs, half.width) if rungs else lamella


def _with_drawing(
    words: Callable[[Page], Iterator[Block]], plan: Plan, state: SessionState | None, operation: Operation, page: Page
) -> list[Block]:
    if page.width < WIDE:
        return [*words(page), Block(drawing(plan, state, operation, page), 1, "drawing")]
    left = page.narrowed(int(page.width * WORDS_SHARE))
    right = page.narrowed(page.width - left.width - 2)
    blocks = list(words(left))
    drawn = _stacked(plan, state, operation, right)
    return _joined(blocks, drawn, left.width)


def _stacked(plan: Plan, state: SessionState | None, operation: Operation, page: Page) -> Lines:
    if _is_on_chip(plan, operation) and plan.layout is not None:
        return plan_view(plan, page, VIEW_ROWS + 4, beam=_worked(operation))
    rungs = ladder(plan, state, operation.name, page)
    return (*cross_section(plan, operation, page), line(""), *rungs)


def _joined(blocks: list[Block], drawn: Lines, width: int) -> list[Block]:
    """The drawing beside the words; what is live has the whole width, below the title."""
    title, *others = blocks
    live = [block for block in others if block.live is not None]
    joined: list[Block] = [title, *live]
    place = 0
    for block in (block for block in others if block.live is None):
        count = len(block.lines)
        joined.append(Block(beside(block.lines, drawn[place : place + count], width), 0, block.name))
        place += count
    if place < len(drawn):
        joined.append(Block(beside((), drawn[place:], width), 1, "drawing"))
    return joined


def _words(plan: Plan, operation: Operation, page: Page) -> Iterator[Block]:
    yield Block((_title(plan, operation),))
    if operation.step.why is not None:
        yield Block(labelled("why", operation.step.why, page.width), 4, "why")
    for label, value in settings_of(plan, operation):
        yield Block(labelled(label, value, page.width, "cyan"), 5 if label == "dwell" else 0, label)
    yield Block(labelled("time", _time(operation), page.width))
    if remind := reminders(plan, operation):
        yield Block(labelled("before", remind, page.width), 3, "reminders")
    yield Block(labelled("look", look_for(operation), page.width), 2, "what to look for")
    yield Block(labelled("record", record(operation), page.width), 3, "what to record")
    if operation.damage_m and operation.beam_current_a is not None:
        cap = f"; cap left {operation.cap_left_m}" if operation.cap_left_m is not None else ""
        yield Block(
            labelled("after", f"{show(operation.damage_m, 'm')} of damage on each face{cap}", page.width), 6, "damage"
        )


def _running(plan: Plan, operation: Operation, clock: MillingClock | None, page: Page, whole: Page) -> Iterator[Block]:
    yield Block((_title(plan, operation),))
    for label, value in settings_of(plan, operation):
        yield Block(labelled(label, value, page.width, "cyan"), 5 if label in ("dwell", "tilt") else 0, label)
    press = "start the pattern on the column" if operation.beam_on_s is not None else "begin"
    yield Block(labelled("NOW", f"{press}: that it was started is in the journal", page.width, "bold"), 1)
    if clock is not None:
        yield Block(clock.lines(whole), live=lambda: clock.lines(whole))
    yield Block(labelled("look", look_for(operation), page.width))


def _title(plan: Plan, operation: Operation) -> Text:
    names = [entry.name for entry in plan.operations]
    place = f"{names.index(operation.name) + 1}/{len(names)}  " if operation.name in names else ""
    return line(f"{place}{operation.name}: {task_of(operation)}", "bold")


def _time(operation: Operation) -> str:
    beam = operation.beam_on_s
    if beam is None:
        return f"{operation.duration_s}"
    spread = f"{show_time(beam.expected)} of beam ({show_time(beam.low)} to {show_time(beam.high)})"
    return f"{spread}, {show_time(operation.duration_s.expected)} in all; {inspect_at(operation)}"


def _is_on_chip(plan: Plan, operation: Operation) -> bool:
    """Whether it happens once the lamella lies on the chip, where the view from above says more."""
    names = [entry.name for entry in plan.operations]
    if operation.name not in names:
        return False
    earlier = plan.operations[: names.index(operation.name) + 1]
    kinds = (Deposit, Weld, IsolationCut, Measure, HandOff, Transfer)
    return isinstance(operation.step, kinds) and any(isinstance(entry.step, Transfer) for entry in earlier)


def _worked(operation: Operation) -> Part | None:
    """What the beam makes or cuts."""
    match operation.step:
        case Deposit():
            return Part.BRIDGE
        case Weld():
            return Part.SUPPORT
        case IsolationCut():
            return Part.CUT
        case _:
            return None
