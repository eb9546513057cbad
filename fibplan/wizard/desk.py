"""Where questions are asked: from a file of answers, from defaults where they are accepted, or from a person."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from fibplan.errors import ExitCode, FibplanError, Misuse, NotFound
from fibplan.journal.file import JournalLost
from fibplan.wizard.answers import Answers, Kept, is_aside
from fibplan.wizard.keyboard import Gone
from fibplan.wizard.question import Question, Wrong
from fibplan.wizard.screen import Block, Composed, Lines, Page, Screen, composed, wrapped
from fibplan.wizard.terminal import NEEDED, Changed, Terminal

Record = Callable[[str, str], None]
Command = Callable[[str], "Lines | Screen"]
"""What a word does that may be said at any moment, with the rest of its line: it tells something, or shows a screen."""


LONGEST = 4000
"""Bytes of a line that is taken: a terminal silently drops what comes after the 4095th."""
NARROW = f"The drawings need {NEEDED} columns: make the window wider, or the letters smaller."


class Unanswered(Misuse):
    """Nobody is asked, and an answer is missing or wrong."""

    code = "unanswered"


class Left(FibplanError):
    """The person has gone; the session can be resumed."""

    code = "left"
    exit_code = ExitCode.INTERRUPTED


class Head(Protocol):
    """The lines at the top of every screen."""

    def __call__(self, page: Page) -> Lines: ...


@dataclass(frozen=True)
class Manner:
    """How questions are answered: from where first, whether by defaults, and whether a person may be asked."""

    answers: Answers = field(default_factory=lambda: Answers({}))
    accept_defaults: bool = False
    ask: bool = True


def no_head(page: Page) -> Lines:
    """The top of a screen that has none."""
    del page
    return ()


def unrecorded(question: str, answer: str) -> None:
    """Where no session is open yet."""
    del question, answer


class Desk:
    """Asks until there is an answer that counts, and has it recorded.

    Commands work at every question: as a bare word, or after a colon where any text would be an answer.
    """

    def __init__(self, terminal: Terminal, manner: Manner, commands: Mapping[str, Command] | None = None) -> None:
        self._terminal = terminal
        self._manner = manner
        self.commands: dict[str, Command] = dict(commands or {})
        self.head: Head = no_head
        self.record: Record = unrecorded
        self.ring: Callable[[], bool] = lambda: False
        self._gone: tuple[Block, ...] = ()
        self._told_narrow = False
        self.commands["more"] = self._more

    @property
    def page(self) -> Page:
        return self._terminal.page

    def kept(self, typed: str) -> Kept | None:
        """The image that these words attached to the session that is replayed."""
        return self._manner.answers.kept.get(typed)

    @property
    def over(self) -> bool:
        """Whether a person sits before a terminal that is drawn over."""
        return self._terminal.over

    def ask(self, question: Question, screen: Screen) -> str:
        """The answer, after it was recorded.

        Raises :class:`Unanswered` where nobody may be asked, and :class:`Left` where nobody is there.
        """
        notice: Lines = ()
        try:
            given = self._given(question)
            if given is not None:
                return self._taken(question, given)
        except (Misuse, NotFound) as refused:
            if not self._manner.ask:
                raise self._unanswered(question, refused) from None
            notice = self._told(f"{self._manner.answers.source} says: {refused}")
        if not self._manner.ask:
            raise self._unanswered(question, None)
        return self._asked(question, screen, notice)

    def show(self, screen: Screen) -> Composed:
        """Draw it; nothing is asked."""
        page = self._terminal.page
        drawn = composed(self.head(page), screen(page), (), page)
        self._terminal.show(drawn)
        return drawn

    def _given(self, question: Question) -> str | None:
        """After the notes and images that stand before it were kept."""
        given = self._manner.answers.take(question.id)
        while given is not None and is_aside(given):
            self._set_aside(question, given)
            given = self._manner.answers.take(question.id)
        if given is None and self._manner.accept_defaults:
            return question.default
        return given

    def _set_aside(self, question: Question, text: str) -> None:
        word, _, rest = text.removeprefix(":").partition(" ")
        self._obeyed(question, word, rest)

    def _obeyed(self, question: Question, word: str, rest: str) -> "Lines | Screen":
        """What a command says; a note and an image are in the journal with the words that gave them."""
        told = self.commands[word](_legible(rest))
        if is_aside(said := f":{word} {rest}"):
            self.record(question.id, said)
        return told

    def _asked(self, question: Question, screen: Screen, notice: Lines) -> str:
        shown: Composed | None = None
        while True:
            if shown is None or self._terminal.over:
                shown = self._drawn(question, screen, notice)
            else:
                self._terminal.tell((*notice, *wrapped(question.line, self.page.width)))
            try:
                text = self._typed(shown)
            except Changed:
                continue
            screened = self._commanded(question, text)
            if screened is not None:
                notice = screened
                continue
            try:
                return self._taken(question, self._or_default(question, text))
            except Wrong as wrong:
                notice = self._told(str(wrong))

    def _drawn(self, question: Question, screen: Screen, notice: Lines) -> Composed:
        page = self._terminal.page
        foot = (*self._narrow(page), *notice, *wrapped(question.line, page.width, "bold"))
        drawn = composed(self.head(page), screen(page), foot, page)
        self._gone = drawn.gone
        self._terminal.show(drawn)
        return drawn

    def _narrow(self, page: Page) -> Lines:
        """Once in a session, where the window is narrower than the screens are made for."""
        if self._told_narrow or not self._terminal.narrow:
            return ()
        self._told_narrow = True
        return wrapped(NARROW, page.width, "yellow")

    def _more(self, rest: str) -> Screen:
        """What found no room."""
        del rest
        gone = [Block(block.lines, 0, block.name) for block in self._gone]
        if not gone:
            raise Misuse("everything is on the screen")

        def screen(page: Page) -> list[Block]:
            del page
            return gone

        return screen

    def _typed(self, shown: Composed) -> str:
        try:
            return self._terminal.line(shown, self.ring)
        except Gone:
            raise Left("nobody answers any more: the input has ended") from None

    def _commanded(self, question: Question, text: str) -> Lines | None:
        """What a command said, or None where the text is none."""
        head, _, rest = text.strip().partition(" ")
        word = head.removeprefix(":").lower()
        if (question.free and not head.startswith(":")) or word not in self.commands:
            return None
        try:
            told = self._obeyed(question, word, rest.strip())
        except (Left, JournalLost):
            raise
        except FibplanError as failure:
            return self._told(str(failure))
        if callable(told):
            self._look(told)
            return ()
        return told

    def _look(self, screen: Screen) -> None:
        """Shows it until Enter."""
        while True:
            page = self._terminal.page
            foot = wrapped("Enter: back to the question", page.width, "bold")
            drawn = composed(self.head(page), screen(page), foot, page)
            self._terminal.show(drawn)
            with suppress(Changed):
                self._typed(drawn)
                return

    def _taken(self, question: Question, text: str) -> str:
        answer = question.read(_legible(text))
        self.record(question.id, answer)
        return answer

    def _told(self, text: str) -> Lines:
        return wrapped(text, self.page.width, "red")

    def _or_default(self, question: Question, text: str) -> str:
        if not text.strip() and question.enter and question.default is not None:
            return question.default
        return text

    def _unanswered(self, question: Question, refused: FibplanError | None) -> Unanswered:
        if refused is not None:
            where = f"{self._manner.answers.source}: {question.id}"
            return Unanswered(refused.message, where=where, remedy=refused.remedy)
        return Unanswered(
            f"nothing answers: {question.text}", where=question.id, remedy=f"give it in --answers: {question.form}"
        )


def _legible(text: str) -> str:
    """Raises :class:`Wrong` for keys that are no text, such as an arrow, and for what may have been cut off."""
    said = text.strip()
    if len(said.encode()) > LONGEST:
        raise Wrong(f"that has more than {LONGEST} bytes, of which a terminal drops some", remedy="write it in parts")
    if any(not sign.isprintable() and sign != "\t" for sign in said):
        raise Wrong("that has signs that are no text, as an arrow key leaves them", remedy="type it again")
    return said
