"""What the person's side of a session shares: desk, clock, how fast practice goes, and the session once it is open."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from rich.text import Text

from fibplan.clock import Clock
from fibplan.errors import Misuse
from fibplan.journal.chain import Record
from fibplan.model.interval import Interval, total
from fibplan.session.session import Session
from fibplan.units import show_time
from fibplan.wizard.desk import Desk
from fibplan.wizard.milling_clock import MillingClock
from fibplan.wizard.screen import Block, Lines, Page, Screen, labelled, line, rule, wrapped

HELP = (
    ("next", "go on: the same as begin, done, ready, landed, record"),
    ("begin", "start the operation; Enter alone never does"),
    ("done", "it is over: you are asked what it was, then it is recorded"),
    ("back", "look at what was done, step by step; nothing is changed"),
    ("skip", "leave an operation out, with a reason"),
    ("redo", "do something again, as a new operation"),
    ("pause", "nothing is begun until you continue"),
    ("note", "note TEXT: write something into the journal"),
    ("attach", "attach FILE: keep a copy of an image (PNG, JPEG, TIFF, BMP, GIF)"),
    ("draw", "draw the plan and what was measured as PNG files"),
    ("more", "show what found no room on this screen"),
    ("leave", "leave, as Ctrl-C does: the session can be resumed"),
    ("abort", "end the session for good; says first what is safe to leave"),
)
Draw = Callable[["Session"], list[Path]]
Story = Callable[[list[Record]], list[str]]


def no_pictures(session: "Session") -> list[Path]:
    """Draws nothing."""
    del session
    return []


def untold(records: list[Record]) -> list[str]:
    """Tells nothing of them."""
    del records
    return []


@dataclass
class Seat:
    """``speed`` is how many times as fast as real time simulated work goes; ``resume`` is the command that goes on.

    ``abort`` is the reason that was given while an operation was running, ``conditions`` are those that held when they
    were asked for last.
    """

    desk: Desk
    clock: Clock
    operator: str
    simulated: bool
    resume: str
    speed: float = 1.0
    draw: Draw = no_pictures
    story: Story = untold
    session: Session | None = None
    abort: str | None = None
    running: MillingClock | None = None
    conditions: tuple[str, ...] = ()
    _history: int = field(default=0, repr=False)
    _before: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]], repr=False)

    def __post_init__(self) -> None:
        self.desk.head = self.head
        self.desk.record = self._record
        self.desk.ring = lambda: self.running is not None and self.running.to_ring()
        self.desk.commands |= {
            "help": self._help, "?": self._help, "note": self._note, "attach": self._attach, "back": self._back,
            "draw": self._draw,
        }  # fmt: skip

    def take(self, session: Session) -> None:
        """The session is open; what was answered before is recorded now."""
        if self.session is session:
            return
        self.session = session
        for question, answer in self._before:
            session.answer(question, answer)
        self._before.clear()

    @property
    def open(self) -> Session:
        """The session, which nothing here is asked without."""
        if self.session is None:
            raise Misuse("the session is not open yet", remedy="answer first")
        return self.session

    @property
    def measuring(self) -> str:
        """The name of the operation that is running."""
        return self.open.state.uncertain[0]

    def head(self, page: Page) -> Lines:
        """Which session, how far it is, what is left of it, and how to go on after whatever happens."""
        if self.session is None:
            title = _both(" fibplan ", "SIMULATED " if self.simulated else "", "", page)
            return (title, rule(page))
        state = self.session.state
        over = len(state.operations) - len(state.pending) - len(state.uncertain)
        right = f"{over} of {len(state.operations)} over, left {in_hours(left_of(self.session))}"
        title = _both(" fibplan ", "SIMULATED " if self.simulated else "", right, page, self.session.plan.recipe.title)
        return (title, *wrapped(f"resume with: {self.resume}", page.width, "dim"), rule(page))

    def _record(self, question: str, answer: str) -> None:
        if self.session is None:
            self._before.append((question, answer))
        elif self.session.state.closed is None:
            self.session.answer(question, answer)

    def _help(self, rest: str) -> Screen:
        del rest

        def screen(page: Page) -> list[Block]:
            told = "Words are written in full; where any text is an answer, put a colon before them, as in :note TEXT."
            return [Block((*(_help_line(page, *entry) for entry in HELP), *wrapped(told, page.width, "dim")))]

        return screen

    def _note(self, text: str) -> Lines:
        if not text:
            raise Misuse("a note needs words", remedy="note TEXT")
        self.open.note(text)
        return (line("noted", "green"),)

    def _attach(self, path: str) -> Lines:
        if not path:
            raise Misuse("which file", remedy="attach FILE")
        kept = self.desk.kept(path)
        if kept is not None:
            name = self.open.attach(kept.path, name=kept.name, sha256=kept.sha256)
        else:
            name = self.open.attach(Path(path.strip("'\"")).expanduser())
        return (line(f"attached as {name}", "green"),)

    def _draw(self, rest: str) -> Lines:
        del rest
        drawn = self.draw(self.open)
        names = ", ".join(path.name for path in drawn)
        folder = f" in {drawn[0].parent}" if drawn else ""
        return wrapped(f"drew {names}{folder}" if drawn else "there is nothing to draw", self.desk.page.width, "green")

    def _back(self, rest: str) -> Screen:
        """The operation that was done last; again, the one before it."""
        from fibplan.wizard.step_screen import history_screen

        session = self.open
        over = [name for name in session.state.operations if name not in session.state.pending]
        if not over:
            raise Misuse("nothing was done yet, so there is nothing to look back at")
        if rest and rest in over:
            self._history = len(over) - over.index(rest) - 1
        name = over[-1 - self._history % len(over)]
        self._history += 1
        return history_screen(session.plan, session.state, self._told_of, name)

    def _told_of(self, name: str) -> list[str]:
        records = [record for record in self.open.records if getattr(record.event, "operation", None) == name]
        return self.story(records)

    def forward(self) -> None:
        """The next look back begins at the operation that was done last."""
        self._history = 0


def remaining(interval: Interval) -> str:
    return f"{show_time(interval.expected)} ({show_time(interval.low)} to {show_time(interval.high)})"


def left_of(session: Session) -> Interval:
    """Seconds that everything takes that is not over, what is running included."""
    due = {*session.state.pending, *session.state.uncertain}
    return total((entry.duration_s for entry in session.plan.operations if entry.name in due), "s")


def in_hours(interval: Interval) -> str:
    """The same in few columns."""
    low, expected, high = (f"{seconds / 3600:.1f}" for seconds in (interval.low, interval.expected, interval.high))
    return f"{expected} h ({low} to {high})"


def _both(name: str, mark: str, right: str, page: Page, title: str = "") -> Text:
    right = right[: max(page.width - len(name) - len(mark) - 2, 0)]
    room = max(page.width - len(name) - len(mark) - len(right) - 2, 0)
    shown = title if len(title) <= room else title[: max(room - 3, 0)] + "..."[:room]
    return Text.assemble(
        (name, "bold reverse"), (mark, "bold reverse red"), (f" {shown.ljust(room)} ", ""), (right, "bold"), end=""
    )


def _help_line(page: Page, word: str, text: str) -> Text:
    return labelled(word, text, 500)[0][: page.width]
