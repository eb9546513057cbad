"""A question with an id: what it asks, which answers it takes, and why it takes no other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fibplan.errors import Misuse
from fibplan.units import QuantityError, example, parse

NOT_MEASURED = "not measured"


class Wrong(Misuse):
    """That is no answer: the message says why, the remedy what one looks like."""

    code = "wrong-answer"


Read = Callable[[str], str]
"""The answer as it is recorded; raises :class:`Wrong`."""


@dataclass(frozen=True)
class Question:
    """One thing that is asked.

    ``default`` is what ``--accept-defaults`` takes, and Enter alone where ``enter`` says so: never where the answer
    starts, ends or discards anything. ``free`` is text in which no word is a command. ``when`` is the condition under
    which it is asked at all, empty where it is asked in every session.
    """

    id: str
    text: str
    form: str
    read: Read
    default: str | None = None
    enter: bool = True
    free: bool = False
    when: str = ""
    beside: str = ""
    """Commands that are worth naming here, besides the answers."""

    @property
    def line(self) -> str:
        """The question with the form of its answer, and what Enter alone says."""
        told = f"{self.text} {self.form}" + (f"; or {self.beside}" if self.beside else "")
        if self.default is None or not self.enter:
            return told
        return f"{told} [Enter: {self.default or 'none'}]"


def one_of(words: Mapping[str, str], same: Mapping[str, str] | None = None) -> Read:
    """Reads one of the words, written in full; ``same`` are other words for some of them."""
    others = dict(same or {})

    def read(text: str) -> str:
        word = " ".join(text.lower().split())
        word = others.get(word, word)
        if word in words:
            return word
        near = [known for known in words if word and known.startswith(word)]
        remedy = f"write the whole word: {near[0]}" if len(near) == 1 else f"write {listed(words)}"
        raise Wrong(
            f"'{text.strip()[:40]}' is no answer here" if word else "Enter alone does nothing here", remedy=remedy
        )

    return read


def listed(words: Mapping[str, str]) -> str:
    """``a, b or c``."""
    names = list(words)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def quantity(unit: str, like: str = "", *, zero: bool = False, unknown: bool = False) -> Read:
    """Reads a quantity of that dimension above zero, or ``not measured`` where it may be ``unknown``."""

    def read(text: str) -> str:
        if unknown and " ".join(text.lower().split()) == NOT_MEASURED:
            return NOT_MEASURED
        otherwise = f", or: {NOT_MEASURED}" if unknown else ""
        try:
            value = parse(text.strip() or None, unit, like)
        except QuantityError as error:
            raise Wrong(error.problem, remedy=f"{error.remedy}{otherwise}") from None
        if value < 0 or (value == 0 and not zero):
            raise Wrong(
                f"'{text.strip()}' is not above zero", remedy=f"write for example {like or example(unit)}{otherwise}"
            )
        return " ".join(text.split())

    return read


def number_of(answer: str, unit: str) -> float | None:
    """The SI value of a recorded answer; None for what was not measured."""
    return None if answer in (NOT_MEASURED, "") else parse(answer, unit)


def words(what: str = "a few words", *, needed: bool = True) -> Read:
    """Reads any text; at least one letter or digit where it is ``needed``."""

    def read(text: str) -> str:
        said = " ".join(text.split())
        if needed and not any(sign.isalnum() for sign in said):
            raise Wrong(
                f"{what} is needed" if what != "a few words" else "nothing was said", remedy="write a few words"
            )
        return said

    return read


def names_from(known: Callable[[], Mapping[str, str]]) -> Read:
    """Reads one or more of the names that are known when it is read, with blanks between them."""

    def read(text: str) -> str:
        wanted = text.replace(",", " ").split()
        there = known()
        missing = [name for name in wanted if name not in there]
        if missing or not wanted:
            told = f"there is no '{missing[0]}' here" if missing else "nothing was named"
            raise Wrong(told, remedy=f"there are {', '.join(there) or 'none'}")
        return " ".join(wanted)

    return read
