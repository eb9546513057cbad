"""The chain: one record a line, each holding the hash of the one before it.

A line ends with the SHA-256 of all that stands before it in the line, so that not one byte of it can change unnoticed,
and that is checked on the bytes themselves, before anything reads what they mean.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import AwareDatetime, ValidationError

from fibplan.errors import StorageError
from fibplan.journal.events import FORMAT, Event, Sha256
from fibplan.model.base import Frozen, Text

GENESIS = "0" * 64
"""What the first record holds in place of the hash of the one before it."""

_TAIL = re.compile(rb',"hash":"([0-9a-f]{64})"\}\n\Z')
_BEGINS = re.compile(
    rb'\{"sequence":([0-9]+),"utc":"[^"]*","monotonic_s":[^,"]*,"operator":"(?:[^"\\]|\\.)*",'
    rb'"previous":"([0-9a-f]{64})","event":\{"kind":"([a-z_]+)"'
)
_TAIL_BYTES = len(f',"hash":"{GENESIS}"}}\n')


class Record(Frozen):
    """One event with its place in the chain: when in UTC and on a clock that never runs backwards, and by whom.

    ``monotonic_s`` is a process's own: it tells times only between records of one process, which a session's resumption
    separates.
    """

    sequence: int
    utc: AwareDatetime
    monotonic_s: float
    operator: Text
    previous: Sha256
    event: Event
    hash: Sha256

    @property
    def line(self) -> bytes:
        """The record as it stands in the file, its newline included."""
        return self._unsealed + f',"hash":"{self.hash}"}}\n'.encode()

    @property
    def _unsealed(self) -> bytes:
        """All that its hash is of."""
        body = self.model_dump(mode="json", exclude={"hash"})
        text = json.dumps(body, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return text.removesuffix("}").encode("utf-8")

    def sealed(self) -> "Record":
        """The same with the hash of what it says."""
        return self.model_copy(update={"hash": hashlib.sha256(self._unsealed).hexdigest()})


def seal(previous: Record | None, event: Event, *, utc: datetime, monotonic_s: float, operator: str) -> Record:
    """The record of ``event`` that follows ``previous``, or the first of its chain."""
    return Record(
        sequence=previous.sequence + 1 if previous else 0,
        utc=utc,
        monotonic_s=monotonic_s,
        operator=operator,
        previous=previous.hash if previous else GENESIS,
        event=event,
        hash=GENESIS,
    ).sealed()


class Fault(StrEnum):
    """What is wrong with the first record that is wrong."""

    TORN = "torn"
    """The file ends within a line: a crash or a full disk cut it short while it was written."""
    ALTERED = "altered"
    """The line is not what was written."""
    UNLINKED = "unlinked"
    """The line is whole but does not follow the one before it."""
    FOREIGN = "foreign"
    """The line is whole and in its place, and this version of fibplan does not know what it says."""


_WHAT_TO_DO = {
    Fault.TORN: "the records before it are whole: open the session again to cut the torn line off and go on",
    Fault.ALTERED: "restore the journal from a copy; the records before it can be trusted",
    Fault.UNLINKED: "restore the journal from a copy; the records before it can be trusted",
    Fault.FOREIGN: "read it with the version of fibplan that wrote it, or a later one",
}


@dataclass(frozen=True)
class Break:
    """Where the chain breaks first: line from 1, byte offset of that line from 0, and what is wrong there."""

    fault: Fault
    line: int
    offset: int
    message: str

    def error(self, file: str) -> StorageError:
        """The same as an error that names the file."""
        where = f"{file}:{self.line}: byte {self.offset}"
        return StorageError(f"{self.fault} record: {self.message}", where=where, remedy=_WHAT_TO_DO[self.fault])


@dataclass(frozen=True)
class Verified:
    """The records before the first break, in how many bytes they stand, and that break or None."""

    records: tuple[Record, ...]
    intact_bytes: int
    broken: Break | None


def verify(journal: bytes, aside: frozenset[bytes] = frozenset()) -> Verified:
    """Walk the chain from its first record to its end or its first break, whichever comes first.

    Of a record whose event is of a kind that stands ``aside`` only hash and place are checked, not what it says, and
    it is not among the records, unless it is the last one.
    """
    records: list[Record] = []
    offset, last = 0, GENESIS
    for number, line in enumerate(_lines(journal), start=1):
        try:
            found = _sealed(line)
            begins = _BEGINS.match(line) if aside else None
            if begins is None or begins[3] not in aside or offset + len(line) == len(journal):
                record = _opened(line)
                _check_place(record.sequence, record.previous, number - 1, last)
                records.append(record)
            else:
                _check_place(int(begins[1]), begins[2].decode(), number - 1, last)
            last = found
        except _Broken as broken:
            return Verified(tuple(records), offset, Break(broken.fault, number, offset, broken.message))
        offset += len(line)
    return Verified(tuple(records), offset, None)


class _Broken(Exception):
    def __init__(self, fault: Fault, message: str) -> None:
        super().__init__(message)
        self.fault = fault
        self.message = message


def _lines(journal: bytes) -> Iterator[bytes]:
    """Lines with their newline; a last one without it comes as it is."""
    start = 0
    while start < len(journal):
        end = journal.find(b"\n", start) + 1 or len(journal)
        yield journal[start:end]
        start = end


def _sealed(line: bytes) -> str:
    """The hash at its end, which agrees with what stands before it."""
    if not line.endswith(b"\n"):
        raise _unended(line)
    tail = _TAIL.search(line, max(0, len(line) - _TAIL_BYTES))
    if tail is None:
        raise _Broken(Fault.ALTERED, "it does not end as a record does")
    found = tail[1].decode()
    if hashlib.sha256(line[: tail.start()]).hexdigest() != found:
        raise _Broken(Fault.ALTERED, "its hash does not agree with what it says")
    return found


def _opened(line: bytes) -> Record:
    try:
        return Record.model_validate_json(line)
    except ValidationError as error:
        raise _foreign(line, error) from None


def _unended(line: bytes) -> _Broken:
    """A line without its newline is torn, unless a whole record stands before its last byte: then that was changed."""
    if _TAIL.search(line[:-1] + b"\n"):
        return _Broken(Fault.ALTERED, "something else stands where its newline was")
    return _Broken(Fault.TORN, f"the file ends after {len(line)} bytes of it")


def _foreign(line: bytes, error: ValidationError) -> _Broken:
    """What a later version wrote says which format it is in its first record; anything else is named by its place."""
    try:
        written = json.loads(line)["event"]["format"]
    except (ValueError, KeyError, TypeError, RecursionError):
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        return _Broken(Fault.FOREIGN, f"'{place}' is not known to this version of fibplan")
    message = f"the journal is of format {str(written)[:20]}, and this version of fibplan reads format {FORMAT}"
    return _Broken(Fault.FOREIGN, message)


def _check_place(number: int, follows: str, sequence: int, previous: str) -> None:
    if number != sequence:
        raise _Broken(Fault.UNLINKED, f"it is number {number} where {sequence} belongs")
    if follows != previous:
        raise _Broken(Fault.UNLINKED, f"it follows another record than number {sequence - 1} of this file")
