"""Sessions side by side in one folder: which there are, how far each is, and who has it open."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fibplan.errors import NotFound, StorageError
from fibplan.journal.chain import Fault, Record
from fibplan.journal.events import SessionOpened
from fibplan.journal.file import examine, writer_of
from fibplan.journal.lock import Holder
from fibplan.journal.state import Progress, SessionState, fold
from fibplan.session.folder import SessionFolder


@dataclass(frozen=True)
class Seen:
    """A session as it can be seen without the right to write it; ``fault`` is what is wrong with its journal first.

    A last line that is torn while ``holder`` writes is one that is just being written, and no fault.
    """

    root: Path
    records: tuple[Record, ...]
    state: SessionState | None
    holder: Holder | None
    fault: StorageError | None = None
    torn: bool = False

    @property
    def name(self) -> str:
        """Its id, or its folder's name where the journal does not say."""
        return self.state.opened.session if self.state is not None else self.root.name

    @property
    def begun(self) -> datetime | None:
        return self.records[0].utc if self.records else None

    @property
    def last(self) -> datetime | None:
        return self.records[-1].utc if self.records else None

    @property
    def standing(self) -> str:
        """One or two words: how it ended, or what keeps it from going on."""
        state = self.state
        if self.fault is not None and not self.mendable:
            return "damaged"
        if state is None:
            return "not begun"
        if state.closed is not None:
            return str(state.closed.outcome)
        if self.holder is not None:
            return "open"
        return "uncertain" if state.uncertain else "left"

    @property
    def mendable(self) -> bool:
        """Whether all that is wrong is a last line that a crash tore, which whoever resumes it cuts off."""
        return self.torn and self.fault is not None

    @property
    def progress(self) -> tuple[int, int]:
        """How many operations are over, and how many there are."""
        told = list(self.state.operations.values()) if self.state is not None else []
        return sum(entry not in (Progress.PENDING, Progress.STARTED) for entry in told), len(told)


ASIDE = frozenset({b"answer_given", b"note_written", b"file_attached", b"rules_checked", b"finding_accepted"})
"""Kinds of events that change neither how far a session is nor how it stands: most of a journal."""


def look(root: Path, aside: frozenset[bytes] = frozenset()) -> Seen:
    """The session in that folder, whoever has it open; nothing is changed.

    Records of a kind that stands ``aside`` are checked, and are neither among its records nor in its state.

    Raises :class:`~fibplan.errors.NotFound` where there is none, :class:`~fibplan.errors.StorageError` where it cannot
    be read.
    """
    folder = SessionFolder(root)
    if not folder.journal.is_file():
        raise NotFound(
            "there is no session here", where=str(root), remedy="fibplan sessions list names those there are"
        )
    holder = writer_of(folder.journal)
    found = examine(folder.journal, aside)
    records = found.records
    torn = found.broken is not None and found.broken.fault is Fault.TORN
    being_written = torn and holder is not None
    fault = found.broken.error(str(folder.journal)) if found.broken is not None and not being_written else None
    opened = bool(records) and isinstance(records[0].event, SessionOpened)
    state = fold(record.event for record in records) if opened else None
    return Seen(root, records, state, holder, fault, torn)


def sessions(workspace: Path) -> Iterator[Seen]:
    """Every session in that folder, by the name of its own; one that cannot be read is told as damaged.

    What was answered, noted, attached and said by the rules is left out of them, but not of what is checked.
    """
    if not workspace.is_dir():
        return
    for journal in sorted(workspace.glob("*/journal.jsonl")):
        if journal.parent.name.startswith(".") or not journal.is_file():
            continue
        try:
            yield look(journal.parent, ASIDE)
        except StorageError as fault:
            yield Seen(journal.parent, (), None, None, fault)


def find(workspace: Path, name: str) -> Path:
    """The folder of the session of that id, folder name or path.

    Raises :class:`~fibplan.errors.NotFound`, with those that there are.
    """
    for root in (workspace / name, Path(name)):
        if SessionFolder(root).journal.is_file():
            return root
    there = list(sessions(workspace))
    for seen in there:
        if seen.name == name:
            return seen.root
    known = ", ".join(seen.root.name for seen in there) or "none"
    remedy = f"in {workspace} there are: {known}; name another folder with --workspace"
    raise NotFound(f"there is no session '{name}'", where=str(workspace), remedy=remedy)
