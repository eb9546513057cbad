"""Answers that are given beforehand: a YAML file, or what the journal of another session says was answered.

A note or an image that was given at a question stands before its answer, as it is typed: ``:note TEXT``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from fibplan.errors import Fault, InvalidFile, Misuse, NotFound
from fibplan.journal.chain import Record
from fibplan.journal.events import AnswerGiven, FileAttached
from fibplan.journal.file import read as read_journal
from fibplan.session.folder import check_name

LARGEST_FILE = 5_000_000
TYPED = "As somebody would type it; a quantity has its unit."
IN_ORDER = "For a question that is asked again, in that order; ':note TEXT' and ':attach FILE' stand before an answer."
ID = r"^[a-z][a-z0-9_]*(\.[A-Za-z0-9_-]+)+$"

ASIDES = (":note ", ":attach ")
"""How that begins which is said at a question and answers it not, and is kept all the same."""

Given = dict[str, list[str]]
"""The answers to each question, in the order in which it is asked again."""


def is_aside(text: str) -> bool:
    """Whether it is a note or an image that stands before an answer."""
    return text.startswith(ASIDES)


class Answers:
    """What is given beforehand: each answer is taken once, and the last one of a question never twice."""

    def __init__(
        self,
        given: Mapping[str, Iterable[str]],
        source: str = "",
        *,
        replayed: bool = False,
        kept: Mapping[str, "Kept"] | None = None,
    ) -> None:
        self._left = {question: list(answers) for question, answers in given.items()}
        self.source = source
        self.replayed = replayed
        """Whether they are those of another session, which was asked no question that it did not answer."""
        self.kept = dict(kept or {})
        """Images of that session, by what was typed to attach them."""

    def take(self, question: str) -> str | None:
        """The next answer to that question, or None where there is none left."""
        left = self._left.get(question)
        return left.pop(0) if left else None

    def first(self, question: str) -> str | None:
        """The answer that comes next, whatever notes and images stand before it."""
        return next((text for text in self._left.get(question, ()) if not is_aside(text)), None)

    def has(self, question: str) -> bool:
        return self.first(question) is not None

    @property
    def left(self) -> tuple[str, ...]:
        """Ids of questions that have answers which nobody took."""
        return tuple(question for question, answers in self._left.items() if answers)


def answers_in(path: Path) -> Answers:
    """The answers in a YAML file, in a journal, or in the journal of a session's folder.

    Raises :class:`~fibplan.errors.NotFound`, and :class:`~fibplan.errors.InvalidFile` with every fault.
    """
    journal = path / "journal.jsonl" if path.is_dir() else path
    if journal.suffix == ".jsonl":
        if not journal.is_file():
            raise NotFound("there is no journal here", where=str(path), remedy="name a session's folder or a YAML file")
        records = read_journal(journal)
        given = answers_given(record.event for record in records)
        return Answers(given, str(path), replayed=True, kept=_kept(records, journal.parent))
    return Answers(_of_yaml(_text(path), str(path)), str(path))


def answers_given(events: Iterable[object]) -> Given:
    """What a session was answered, by the ids of its questions."""
    given: Given = {}
    for event in events:
        if isinstance(event, AnswerGiven):
            given.setdefault(event.question, []).append(event.answer)
    return given


@dataclass(frozen=True)
class Kept:
    """An image that lies in a session's folder, the name that it had before, and the hash in the journal."""

    path: Path
    name: str
    sha256: str


def _kept(records: Sequence[Record], root: Path) -> dict[str, Kept]:
    """An image is in the journal directly before what was typed to attach it."""
    kept: dict[str, Kept] = {}
    for attached, typed in pairwise(record.event for record in records):
        if isinstance(attached, FileAttached) and isinstance(typed, AnswerGiven) and is_aside(typed.answer):
            file = root / check_name(attached.file)
            kept[typed.answer.partition(" ")[2]] = Kept(file, attached.name, attached.sha256)
    return kept


def answers_schema() -> dict[str, Any]:
    """JSON Schema, draft-07, of an answers file."""
    text = {"type": "string", "description": TYPED}
    several = {"type": "array", "items": text, "description": IN_ORDER}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "fibplan answers",
        "description": "Answers to the questions of 'fibplan run RECIPE --list-questions', by their ids.",
        "type": "object",
        "patternProperties": {ID: {"anyOf": [text, several]}},
        "additionalProperties": False,
    }


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise Misuse("this is too large for a file of answers", where=str(path), remedy="name a YAML file")
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InvalidFile([Fault(str(path), 1, 1, "", "this is not UTF-8 text", "save it as UTF-8")]) from None
    except OSError as error:
        raise NotFound(f"cannot be read: {error.strerror}", where=str(path), remedy="check the path") from None


def _of_yaml(text: str, file: str) -> Given:
    from fibplan.library.yaml_faults import syntax_fault

    try:
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise InvalidFile([syntax_fault(error, text, file)]) from None
    if node is None:
        return {}
    faults: list[Fault] = []
    given = _of_node(node, file, faults)
    if faults:
        raise InvalidFile(faults)
    return given


def _of_node(node: yaml.Node, file: str, faults: list[Fault]) -> Given:
    given: Given = {}
    if not isinstance(node, yaml.MappingNode):
        faults.append(_fault(node, file, "", "this is no list of ids with answers"))
        return given
    for key, value in node.value:
        name = str(key.value)
        if not isinstance(key, yaml.ScalarNode):
            faults.append(_fault(key, file, "", "this is no id of a question"))
        elif name in given:
            faults.append(_fault(key, file, name, "the id stands here twice; give a list of answers"))
        else:
            given[name] = _texts(value, file, name, faults)
    return given


def _texts(node: yaml.Node, file: str, name: str, faults: list[Fault]) -> list[str]:
    parts = node.value if isinstance(node, yaml.SequenceNode) else [node]
    if not all(isinstance(part, yaml.ScalarNode) for part in parts):
        faults.append(_fault(node, file, name, "an answer is a text, or a list of texts"))
        return []
    return [str(part.value) for part in parts]


def _fault(node: yaml.Node, file: str, where: str, message: str) -> Fault:
    mark = node.start_mark
    remedy = "write   id: answer   as 'fibplan run RECIPE --list-questions' names them"
    return Fault(file, mark.line + 1, mark.column + 1, where, message, remedy)
