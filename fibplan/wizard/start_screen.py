"""Before a session: what the rules say, with which cards, who answers, whether there is room, and when it would end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath

from fibplan.model.finding import Finding, Severity
from fibplan.model.interval import Interval
from fibplan.model.plan import Plan
from fibplan.wizard.screen import Block, Page, Screen, labelled, line
from fibplan.wizard.seat import remaining

LEAST_BYTES = 1 << 30
"""What a session with its images may need: below that the person is warned."""


@dataclass(frozen=True)
class Outlook:
    """All that the first screen tells, looked up beforehand."""

    plan: Plan
    recipe: str
    findings: Sequence[Finding]
    cards: Sequence[str]
    smu: str
    folder: Path
    free_bytes: int
    now: datetime
    left: Interval
    speed: float = 1.0
    resumed: bool = False
    torn: str = ""
    """What a crash left at the end of the journal that is no record, in words."""
    uncertain: Sequence[str] = ()
    """Operations that were started and that nobody confirmed."""


def start_screen(outlook: Outlook) -> Screen:
    """One screen; the findings come last, and the first of them that there is room for."""

    def screen(page: Page) -> list[Block]:
        verb = "resume" if outlook.resumed else "start"
        told = [
            line(f"{verb}: {outlook.plan.recipe.title}", "bold"),
            *labelled("recipe", outlook.recipe, page.width),
            *labelled("cards", ", ".join(PurePosixPath(name).stem for name in outlook.cards), page.width),
            *labelled("SMU", outlook.smu, page.width),
            *labelled("folder", f"{outlook.folder}, {_room(outlook.free_bytes)}", page.width),
            *labelled(
                "clock",
                f"{outlook.now.astimezone():%Y-%m-%d %H:%M:%S %Z}; check it against the laboratory's",
                page.width,
            ),
            *labelled("end", _end(outlook), page.width, "bold"),
        ]
        if outlook.torn:
            told += labelled("torn", f"{outlook.torn}; it is left out, all before it is whole", page.width, "yellow")
        if outlook.uncertain:
            first = f"{', '.join(outlook.uncertain)} was started and never confirmed: it is inspected before anything"
            told += labelled("first", first, page.width, "bold yellow")
        if page.simulated:
            fast = f"SIMULATED: milling, tips and SMU; one real second is {outlook.speed:g} s of beam"
            told += labelled("note", fast, page.width, "bold red")
        return [Block(tuple(told)), *_findings(outlook.findings, page)]

    return screen


def _findings(findings: Sequence[Finding], page: Page) -> list[Block]:
    counts = [f"{sum(entry.severity is severity for entry in findings)} {severity}s" for severity in Severity]
    blocks = [Block((*labelled("rules", ", ".join(counts), page.width, "bold"),))]
    ranked = sorted(findings, key=lambda entry: list(Severity).index(entry.severity))
    for place, finding in enumerate(ranked):
        text = f"{finding.severity}: {finding.message} [{finding.code}]"
        blocks.append(Block(labelled("", text, page.width), 2 + place, "findings"))
    return blocks


def _room(free_bytes: int) -> str:
    text = f"{free_bytes / 1e9:.1f} GB free"
    return text if free_bytes >= LEAST_BYTES else f"ONLY {text}: images may not fit"


def _end(outlook: Outlook) -> str:
    """The interval of the end, and of the time until then."""
    low, high = (_at(outlook.now, seconds) for seconds in (outlook.left.low, outlook.left.high))
    form = "%H:%M" if low.date() == high.date() == outlook.now.astimezone().date() else "%a %H:%M"
    return f"between {low:{form}} and {high:{form}}; takes {remaining(outlook.left)}"


def _at(now: datetime, seconds: float) -> datetime:
    return (now + timedelta(seconds=seconds)).astimezone()
