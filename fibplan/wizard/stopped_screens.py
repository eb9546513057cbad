"""Screens for what stands still: an operation that nobody confirmed, one that was broken off, an error in the way."""

from fibplan.model.steps import Beamed
from fibplan.session.waiting import Blocked, Uncertain, Unfinished
from fibplan.units import show_time
from fibplan.wizard.screen import Block, Page, Screen, labelled, line, wrapped


def uncertain_screen(waiting: Uncertain) -> Screen:
    """What was running, for how long at most, and what to look at: it is never begun again unseen."""
    operation = waiting.operation

    def screen(page: Page) -> list[Block]:
        beam = isinstance(operation.step, Beamed)
        told = [
            line(f"UNCERTAIN: {operation.name} was started, and nobody confirmed its end", "bold red"),
            line(""),
            *labelled("started", f"{waiting.started.astimezone():%Y-%m-%d %H:%M:%S}", page.width),
            *labelled("sign", f"the last sign of life was at {waiting.seen_last.astimezone():%H:%M:%S}", page.width),
            *labelled(
                "ran", f"{show_time(waiting.at_most_s)} at the most, if nobody switched the beam off", page.width
            ),
            *labelled("planned", f"{waiting.expected_s}; most columns blank the beam when a pattern ends", page.width),
            line(""),
        ]
        look = "BLANK THE BEAM if it is on. Then look at the lamella at low dose, and measure what is left."
        if not beam:
            look = "Look where lamella, needle and tips are before anything moves."
        told += labelled("inspect", look, page.width, "bold")
        told += labelled("", "It is not begun again before you say what you find.", page.width)
        return [Block(tuple(told))]

    return screen


def unfinished_screen(waiting: Unfinished) -> Screen:
    """It was broken off, and why."""

    def screen(page: Page) -> list[Block]:
        why = getattr(waiting.ended, "reason", "") or "a crash"
        return [
            Block(
                (
                    line(f"BROKEN OFF: {waiting.name}", "bold yellow"),
                    *labelled("why", why, page.width),
                    *labelled("redo", "does it again as a new operation, from the thickness that you gave", page.width),
                    *labelled("skip", "leaves out the rest of it; what is left is planned anew", page.width),
                )
            )
        ]

    return screen


def blocked_screen(waiting: Blocked) -> Screen:
    """The errors that the rules found in what is left, and what mends them."""

    def screen(page: Page) -> list[Block]:
        told = [line("STOP: what was done makes an error of what is left", "bold red")]
        for finding in waiting.findings:
            told += [line(""), *wrapped(f"{finding.message} [{finding.code}]", page.width)]
            told += labelled("to do", finding.remedy, page.width) if finding.remedy else ()
        return [Block(tuple(told))]

    return screen
