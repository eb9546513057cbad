"""The chain of records: nothing in it can change or be cut off without being named."""

import hashlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fibplan.journal.chain import Fault, Record, seal, verify
from fibplan.journal.events import Ending, OperationDone, OperationStarted, SessionClosed

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVENTS = (
    OperationStarted(operation="thin"),
    OperationDone(operation="thin", duration_s=12.5, thickness_m=1e-7, note="R\u00e9glage: d\u00e9rive 3 nm\n\u2028"),
    OperationStarted(operation="measure"),
    SessionClosed(outcome=Ending.NOT_ACCEPTED, reason="the bridge is open"),
)


def chained(events=EVENTS) -> tuple[Record, ...]:
    records: list[Record] = []
    for number, event in enumerate(events):
        records.append(seal(records[-1] if records else None, event, utc=NOON, monotonic_s=number / 3))
    return tuple(records)


RECORDS = chained()
JOURNAL = b"".join(record.line for record in RECORDS)
ENDS = [sum(len(record.line) for record in RECORDS[: count + 1]) for count in range(len(RECORDS))]


def holding(offset: int) -> int:
    """The place of the record that the byte at ``offset`` belongs to, from 0."""
    return next(place for place, end in enumerate(ENDS) if offset < end)


notes = st.text(max_size=30)
amounts = st.floats(allow_nan=False, allow_infinity=False)
done = st.builds(OperationDone, operation=st.text(min_size=1, max_size=9), duration_s=amounts, note=notes)


@given(st.lists(done, max_size=6), amounts)
def test_what_was_written_is_read_back(events, monotonic_s):
    """Any events at all come back as they were, whatever their text and numbers."""
    records: list[Record] = []
    for event in events:
        records.append(seal(records[-1] if records else None, event, utc=NOON, monotonic_s=monotonic_s))
    found = verify(b"".join(record.line for record in records))
    assert found.broken is None
    assert found.records == tuple(records)


@given(st.integers(0, len(JOURNAL) - 1), st.integers(1, 255))
def test_any_changed_byte_is_named(offset, change):
    """One changed byte anywhere is found in its own record, never taken for a torn line, and what precedes is read."""
    altered = bytearray(JOURNAL)
    altered[offset] ^= change
    found = verify(bytes(altered))
    place = holding(offset)
    assert found.broken is not None
    assert (found.broken.line, found.broken.fault) == (place + 1, Fault.ALTERED)
    assert found.broken.offset == (ENDS[place - 1] if place else 0) == found.intact_bytes
    assert found.records == RECORDS[:place]


@given(st.integers(0, len(JOURNAL)))
def test_any_truncation_leaves_the_longest_valid_prefix(length):
    """A journal cut anywhere gives every whole record; the torn line is named unless the cut fell between two."""
    found = verify(JOURNAL[:length])
    whole = sum(end <= length for end in ENDS)
    assert found.records == RECORDS[:whole]
    assert found.intact_bytes == (ENDS[whole - 1] if whole else 0)
    if length == found.intact_bytes:
        assert found.broken is None
    else:
        assert found.broken is not None
        assert (found.broken.fault, found.broken.line) == (Fault.TORN, whole + 1)


@pytest.mark.parametrize(
    ("order", "line"), [((0, 2, 3), 2), ((1, 0, 2, 3), 1), ((0, 1, 1, 2), 3), ((1, 2, 3), 1)],
    ids=["removed", "swapped", "repeated", "beginning lost"],
)  # fmt: skip
def test_records_out_of_their_place_are_named(order, line):
    """A record removed, moved or repeated breaks the chain at the first line that does not follow."""
    found = verify(b"".join(RECORDS[place].line for place in order))
    assert found.broken is not None
    assert (found.broken.fault, found.broken.line) == (Fault.UNLINKED, line)


def test_a_record_from_another_chain_is_named():
    """A record with the right number that follows another record is not part of this chain."""
    other = chained((*EVENTS[1:2], *EVENTS[1:]))
    found = verify(RECORDS[0].line + other[1].line)
    assert found.broken is not None
    assert (found.broken.fault, found.broken.line) == (Fault.UNLINKED, 2)


def test_an_event_of_a_later_version_is_told_apart_from_damage():
    """A whole record with an unknown event says that another version wrote it, not that it was altered."""
    body = json.loads(RECORDS[0].line)
    body["event"] = {"kind": "teleported", "operation": "thin"}
    del body["hash"]
    text = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    body["hash"] = hashlib.sha256(text).hexdigest()
    found = verify(json.dumps(body, sort_keys=True, separators=(",", ":")).encode() + b"\n")
    assert found.broken is not None
    assert found.broken.fault is Fault.FOREIGN
    assert "version" in str(found.broken.error("journal.jsonl"))


@pytest.mark.parametrize("text", [b"[]\n", b"7\n", b"NaN\n", b"\xff\xfe\n", b"{}\n", b"\n", b"[" * 100_000 + b"\n"])
def test_lines_that_are_no_records_are_named(text):
    """A line that holds something else than a record is a fault of its own line, never a traceback."""
    found = verify(JOURNAL + text)
    assert found.records == RECORDS
    assert found.broken is not None
    assert (found.broken.fault, found.broken.line) == (Fault.ALTERED, len(RECORDS) + 1)


def test_a_break_tells_file_line_byte_and_remedy():
    """The error made of a break names file, line and byte offset, and what to do."""
    found = verify(JOURNAL[:-5])
    assert found.broken is not None
    error = found.broken.error("run/journal.jsonl")
    assert str(error).startswith(f"run/journal.jsonl:4: byte {ENDS[2]}: torn record:")
    assert error.remedy
