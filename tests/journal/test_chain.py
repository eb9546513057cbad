"""The chain of records: nothing in it can change or be cut off without being named."""

import hashlib
import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fibplan.journal.chain import GENESIS, Fault, Record, seal, verify
from fibplan.journal.events import Ending, OperationDone, OperationStarted, SessionClosed, SessionOpened

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WHO = "A. Person"
EVENTS = (
    OperationStarted(operation="thin"),
    OperationDone(operation="thin", duration_s=12.5, thickness_m=1e-7, note="R\u00e9glage: d\u00e9rive 3 nm\n\u2028"),
    OperationStarted(operation="measure"),
    SessionClosed(outcome=Ending.NOT_ACCEPTED, reason="the bridge is open"),
)


def chained(events=EVENTS) -> tuple[Record, ...]:
    records: list[Record] = []
    for number, event in enumerate(events):
        records.append(seal(records[-1] if records else None, event, utc=NOON, monotonic_s=number / 3, operator=WHO))
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
        records.append(seal(records[-1] if records else None, event, utc=NOON, monotonic_s=monotonic_s, operator=WHO))
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


def resealed(line: bytes, old: bytes, new: bytes) -> bytes:
    """The line with something else in it and the hash that it would then have."""
    changed = line[: line.rindex(b',"hash"')].replace(old, new)
    assert changed != line[: line.rindex(b',"hash"')]
    return changed + f',"hash":"{hashlib.sha256(changed).hexdigest()}"}}\n'.encode()


LATER = {
    "an event": (b'"operation_started"', b'"teleported"', "'event' is not known to this version"),
    "a field": (b'"operation":"thin"', b'"operation":"thin","colour":"red"', "colour' is not known to this version"),
    "a missing field": (b'"operator":"A. Person",', b"", "'operator' is not known to this version"),
}


@pytest.mark.parametrize("name", LATER)
def test_a_record_of_a_later_version_is_told_apart_from_damage(name):
    """A whole record that this version does not know says that another version wrote it, not that it was altered."""
    old, new, message = LATER[name]
    found = verify(resealed(RECORDS[0].line, old, new))
    assert found.broken is not None
    assert found.broken.fault is Fault.FOREIGN
    assert message in found.broken.message
    assert "version" in str(found.broken.error("journal.jsonl"))


@pytest.mark.parametrize(("number", "told"), [(b"2", "2"), (b"true", "True"), (b'"later"', "later")])
def test_a_journal_of_a_newer_format_is_named_by_its_format(number, told):
    """The first record says the format, and the fault names it and the one that this version reads."""
    opened = SessionOpened(
        session="s", title="t", recipe="r", recipe_sha256=GENESIS, cards_sha256={}, plan_sha256=GENESIS,
        operations=("thin",), version="9.0", simulated=False, operator=WHO,
    )  # fmt: skip
    (record,) = chained([opened])
    found = verify(resealed(record.line, b'"format":1', b'"format":' + number))
    assert found.broken is not None
    assert found.broken.fault is Fault.FOREIGN
    assert f"of format {told}, and this version of fibplan reads format 1" in found.broken.message


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


def test_each_of_200_flipped_bits_is_named():
    """At 200 random places of a journal, one flipped bit is found in its own record and all before it is read."""
    chance = random.Random(0)
    for offset in (chance.randrange(len(JOURNAL)) for _ in range(200)):
        altered = bytearray(JOURNAL)
        altered[offset] ^= 1 << chance.randrange(8)
        found = verify(bytes(altered))
        assert found.broken is not None, offset
        assert (found.broken.fault, found.broken.line) == (Fault.ALTERED, holding(offset) + 1)
        assert found.records == RECORDS[: holding(offset)]


def test_each_of_200_truncations_leaves_the_longest_valid_prefix():
    """Cut at 200 random places, a journal gives every whole record and names the torn one, if there is one."""
    chance = random.Random(1)
    for length in (chance.randrange(len(JOURNAL) + 1) for _ in range(200)):
        found = verify(JOURNAL[:length])
        whole = sum(end <= length for end in ENDS)
        assert found.records == RECORDS[:whole]
        assert (found.broken is None) == (length in (0, *ENDS))
        assert found.broken is None or found.broken.fault is Fault.TORN


def test_a_line_can_be_checked_by_hand():
    """The hash of a line is that of its own bytes before the hash, as any sha256 tool gives it."""
    line = RECORDS[1].line
    sealed, digest = line[: line.rindex(b',"hash"')], RECORDS[1].hash
    assert hashlib.sha256(sealed).hexdigest() == digest
    assert line == sealed + f',"hash":"{digest}"}}\n'.encode()


ASIDE = frozenset({b"operation_started"})


def damaged() -> list[bytes]:
    """The journal with each of 200 flipped bits, each of 200 truncations, lines missing, doubled and exchanged."""
    source = random.Random(7)
    flipped: list[bytes] = []
    for _ in range(200):
        altered = bytearray(JOURNAL)
        altered[source.randrange(len(altered))] ^= 1 << source.randrange(8)
        flipped.append(bytes(altered))
    cut = [JOURNAL[: source.randrange(len(JOURNAL))] for _ in range(200)]
    lines = [record.line for record in RECORDS]
    orders = ([0, 1, 3], [0, 0, 1, 2, 3], [1, 0, 2, 3], [0, 2, 1, 3], [2, 3], [0, 1, 2, 2])
    return [*flipped, *cut, *(b"".join(lines[place] for place in order) for order in orders)]


def test_what_stands_aside_is_checked_as_everything_is() -> None:
    """Whatever is wrong, the same fault is named at the same byte, also in records whose events are not looked at."""
    for journal in (JOURNAL, *damaged()):
        whole, quick = verify(journal), verify(journal, ASIDE)
        assert (quick.broken, quick.intact_bytes) == (whole.broken, whole.intact_bytes)
        kept = [record for record in whole.records if record.event.kind != "operation_started"]
        assert [record for record in quick.records if record.event.kind != "operation_started"] == kept
    assert len(verify(JOURNAL, ASIDE).records) == 2


@given(st.text(min_size=1, max_size=20), st.text(max_size=20), amounts)
def test_no_text_hides_what_stands_aside(operator: str, note: str, monotonic_s: float) -> None:
    """Names and notes with quotation marks, braces or a whole record in them are told from what they stand in."""
    forged = RECORDS[0].line.decode()
    record = seal(
        None, OperationDone(operation="thin", duration_s=1.0, note=note + forged), utc=NOON, monotonic_s=monotonic_s,
        operator=operator + forged,
    )  # fmt: skip
    after = seal(record, EVENTS[0], utc=NOON, monotonic_s=monotonic_s, operator=operator + forged)
    last = seal(after, EVENTS[3], utc=NOON, monotonic_s=monotonic_s, operator=operator)
    found = verify(record.line + after.line + last.line, ASIDE)
    assert found.broken is None
    assert found.records == (record, last)
