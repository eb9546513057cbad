"""Damaged, foreign and misread files: each is refused in one clear line, and none ever becomes a wrong curve."""

import io
import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta, timezone
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from curve_files import CHANGED, MAP, TOLD, currents, file_of, levels, nanonis, protochips, table
from hypothesis import given
from hypothesis import strategies as st
from lamella_case import ResistorSmu
from packed_session import packed

from fibplan.errors import ExitCode, InvalidFile, Misuse, NotFound
from fibplan.formats.curves.columns import read_map
from fibplan.formats.curves.delimited import Delimited
from fibplan.formats.curves.nanonis import Nanonis
from fibplan.formats.curves.package import Package
from fibplan.formats.curves.protochips import Protochips
from fibplan.formats.curves.reader import CurveReader, Told
from fibplan.formats.curves.registry import MOST_BYTES, READERS, open_file, reader_called, reader_for
from fibplan.handoff.package import write_hand_off
from fibplan.model.curve import Curve

VOLTS = levels()
AMPERES = currents(VOLTS)
BACK = currents(VOLTS, seed=4)
BY_NAME = replace(TOLD, columns=MAP)
BRIDGE = replace(TOLD, path="bridge")


@cache
def package() -> bytes:
    with TemporaryDirectory() as folder:
        contents = packed(Path(folder) / "s", ResistorSmu(simulated=False), real=True)
        return write_hand_off(contents, Path(folder)).read_bytes()


SOUND: dict[str, tuple[CurveReader, Callable[[], bytes], Told]] = {
    "nanonis": (Nanonis(), lambda: nanonis(VOLTS, {"Current (A)": AMPERES}, pixels=len(VOLTS)), TOLD),
    "nanonis there and back": (
        Nanonis(),
        lambda: nanonis(VOLTS, {"Current (A)": AMPERES, "Current [bwd] (A)": BACK}, pixels=len(VOLTS)),
        TOLD,
    ),
    "nanonis without its length": (
        Nanonis(),
        lambda: nanonis(VOLTS, {"Current (A)": AMPERES, "Current [bwd] (A)": BACK}, end="\n"),
        TOLD,
    ),
    "protochips": (Protochips(), lambda: protochips(VOLTS, AMPERES), TOLD),
    "protochips with crlf": (Protochips(), lambda: protochips(VOLTS, AMPERES, end="\r\n"), TOLD),
    "table": (Delimited(), lambda: table(VOLTS, AMPERES), BY_NAME),
    "table with decimal commas": (
        Delimited(),
        lambda: table(VOLTS, AMPERES, delimiter=";", comma=True, end="\r\n"),
        replace(BY_NAME, decimal_comma=True),
    ),
    "package": (Package(), package, BRIDGE),
}
every_format = pytest.mark.parametrize("name", SOUND)
every_text = pytest.mark.parametrize("name", [name for name in SOUND if name != "package"])


def refused(reader: CurveReader, content: bytes, told: Told, message: str = "") -> InvalidFile:
    """The refusal, which is one line with file, line, column, reason and remedy."""
    with pytest.raises(InvalidFile, match=message or None) as caught:
        reader.read(file_of(content), told)
    (fault,) = caught.value.faults
    assert caught.value.exit_code is ExitCode.MISUSE
    assert fault.file == "curve.txt"
    assert fault.line >= 1
    assert fault.column >= 1
    assert fault.message
    assert fault.remedy
    assert "\n" not in caught.value.lines()[0]
    return caught.value


def read_or_refused(reader: CurveReader, content: bytes, told: Told) -> Curve | None:
    """The curve, or None where the file was refused in one line; any other failure is one."""
    try:
        return reader.read(file_of(content), told)
    except InvalidFile as error:
        lines = error.lines()
    assert len(lines) == 1
    return None


def is_beginning(part: Curve, whole: Curve) -> bool:
    """Whether the points are the first ones of the whole curve; a limit is not looked for in the same ones."""

    def bare(curve: Curve) -> list[object]:
        return [point.model_copy(update={"in_compliance": False}) for point in curve.points]

    return bare(part) == bare(whole)[: len(part.points)]


@every_format
def test_empty(name: str) -> None:
    """Nothing is no curve."""
    reader, _, told = SOUND[name]
    refused(reader, b"", told)


@every_format
@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n",
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>\n',
        b'{"fibplan": 1, "curves": []}\n',
        b"hello\n",
        b"\n\n\n",
        b"PK\x05\x06" + bytes(18),
    ],
)
def test_another_kind_of_file(name: str, content: bytes) -> None:
    """An image, a document, XML with an entity, JSON, text and an empty archive are refused by every reader."""
    reader, _, told = SOUND[name]
    refused(reader, content, told)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
@every_format
def test_the_wrong_reader(reader: CurveReader, name: str) -> None:
    """A reader that was chosen by mistake refuses, unless the file is a table whose columns were named."""
    right, content, told = SOUND[name]
    if reader.name != right.name:
        refused(reader, content(), told)


@every_format
def test_cut_at_every_tenth_byte(name: str) -> None:
    """What is left of a file is refused, or is a curve that says it is partial and holds the first points alone."""
    reader, make, told = SOUND[name]
    content = make()
    whole = reader.read(file_of(content), told)
    assert not whole.partial
    for length in [*range(0, len(content), 10 if len(content) < 20_000 else 997), len(content) - 1]:
        part = read_or_refused(reader, content[:length], told)
        if part is not None:
            assert part.partial, length
            assert is_beginning(part, whole), length


@every_text
@given(data=st.data())
def test_cut_at_a_line_end(name: str, data: st.DataObject) -> None:
    """A file that lost whole lines is no less partial than one that was cut within a line."""
    reader, make, told = SOUND[name]
    lines = make().splitlines(keepends=True)
    kept = data.draw(st.integers(1, len(lines) - 1))
    part = read_or_refused(reader, b"".join(lines[:kept]), told)
    assert part is None or part.partial


@every_format
@given(data=st.data())
def test_damaged_anywhere(name: str, data: st.DataObject) -> None:
    """Bytes that were changed, lost or put in give a curve or one refusal, and never another failure.

    In a package no changed byte of a curve goes unnoticed.
    """
    reader, make, told = SOUND[name]
    content = make()
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 20)))
    damaged = content[:start] + data.draw(st.binary(max_size=20)) + content[end:]
    curve = read_or_refused(reader, damaged, told)
    if curve is not None and isinstance(reader, Package):
        assert curve.points == reader.read(file_of(content), told).points


@every_text
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16(name: str, encoding: str) -> None:
    """Text in UTF-16, with its mark or without, is called so."""
    reader, make, told = SOUND[name]
    refused(reader, make().decode().encode(encoding), told, "UTF-16")


@every_text
def test_windows_1252(name: str) -> None:
    """A letter in another encoding is refused at its line and column."""
    reader, make, told = SOUND[name]
    lines = make().splitlines(keepends=True)
    lines[3] = lines[3][:2] + "\u00b5".encode("cp1252") + lines[3][2:]
    error = refused(reader, b"".join(lines), told)
    assert (error.faults[0].line, error.faults[0].column) == (4, 3)
    assert "0xB5 is not UTF-8" in error.faults[0].message


@every_text
def test_a_mark_of_utf_8_changes_nothing(name: str) -> None:
    """The three bytes that Windows programs put before UTF-8 are no part of the first name."""
    reader, make, told = SOUND[name]
    assert reader.read(file_of(b"\xef\xbb\xbf" + make()), told).points == reader.read(file_of(make()), told).points


@every_text
@given(data=st.data())
def test_mixed_line_ends(name: str, data: st.DataObject) -> None:
    """A line that ends otherwise than those before it is refused with its number."""
    reader, make, told = SOUND[name]
    lines = make().splitlines()
    place = data.draw(st.integers(1, len(lines) - 1))
    first, other = data.draw(st.permutations([b"\n", b"\r\n", b"\r"]))[:2]
    mixed = b"".join(line + (other if number == place else first) for number, line in enumerate(lines))
    cut_before_feed = first != b"\r" and other == b"\r" and place == len(lines) - 1
    if cut_before_feed:
        assert reader.read(file_of(mixed), told).partial
    else:
        joined = not lines[place] and (first, other) == (b"\r", b"\n")  # with the end of the line before it
        assert refused(reader, mixed, told, "mixed").faults[0].line == place + (not joined)


NOT_NUMBERS = [
    "NaN",
    "nan",
    "inf",
    "-Infinity",
    "",
    "1e999",
    "--1",
    "1.2.3",
    "0x1F",
    "1_000",
    "\u0661",
    "1e-6 A",
    "9" * 50,
]


@every_text
@pytest.mark.parametrize("text", NOT_NUMBERS)
def test_not_a_number(name: str, text: str) -> None:
    """NaN and everything else that is no decimal number is refused where a current should stand, with its place."""
    reader, make, told = SOUND[name]
    sign = {"n": "\t", "p": ","}.get(name[0], ";" if told.decimal_comma else ",")
    lines = make().decode().splitlines(keepends=True)
    cells = lines[20].split(sign)
    place = 2 if sign in ",;" else 1
    cells[place] = text + ("\r\n" if lines[20].endswith("\r\n") else "\n") * (place == len(cells) - 1)
    lines[20] = sign.join(cells)
    error = refused(reader, "".join(lines).encode(), told)
    assert error.faults[0].line == 21


def test_a_decimal_comma_that_nobody_said() -> None:
    """A number with a comma is never read as another number, whatever parts the columns."""
    for delimiter in (";", "\t"):
        content = table(VOLTS, AMPERES, delimiter=delimiter, comma=True)
        refused(Delimited(), content, BY_NAME, "has a decimal comma; say --decimal-comma")
    refused(Delimited(), table(VOLTS, AMPERES, delimiter=",", comma=True), BY_NAME, "cells where 3 columns are named")
    refused(Nanonis(), nanonis(VOLTS, {"Current (A)": AMPERES}).replace(b".", b","), TOLD, "decimal comma")
    refused(Protochips(), protochips(VOLTS, AMPERES).replace(b".", b","), TOLD, "cells where 8 columns are named")


def test_a_decimal_comma_that_is_not_there() -> None:
    """A point where a comma was said may part thousands, and is refused."""
    content = table(VOLTS, AMPERES, delimiter=";")
    refused(Delimited(), content, replace(BY_NAME, decimal_comma=True), "leave --decimal-comma out")


MISSING: dict[str, tuple[CurveReader, Callable[[], bytes], Told, str]] = {
    "no bias": (Nanonis(), lambda: nanonis(VOLTS, {"Current (A)": AMPERES}, bias="Z rel (m)"), TOLD, "no column is"),
    "no current": (Nanonis(), lambda: nanonis(VOLTS, {"Phase (deg)": AMPERES}), TOLD, "no column is called Current"),
    "no data": (Nanonis(), lambda: nanonis(VOLTS, {"Current (A)": AMPERES}).partition(b"[DATA]")[0], TOLD, "breaks"),
    "no voltage": (
        Protochips(), lambda: protochips(VOLTS, AMPERES).replace(b" Voltage,", b" Flow,"), TOLD, "no electrical log",
    ),
    "both channels": (Protochips(), lambda: protochips(VOLTS, AMPERES, other=1.0), TOLD, "2 channels were used"),
    "neither channel": (
        Protochips(), lambda: protochips([0.0] * 41, [0.0] * 41), TOLD, "no channel read a voltage",
    ),
    "no units": (
        Protochips(), lambda: protochips(VOLTS, AMPERES).replace(b"Current units", b"Currant units"), TOLD, "the unit",
    ),
    "odd units": (
        Protochips(), lambda: protochips(VOLTS, AMPERES).replace(b"= Volts", b"= Ohms"), TOLD, "no unit of a voltage",
    ),
    "a map to nothing": (
        Delimited(), lambda: table(VOLTS, AMPERES), replace(TOLD, columns=read_map("voltage=U:V,current=I:A")),
        "no column is called 'U': there are 'time .s.', 'voltage .V.', 'current .nA.'",
    ),
    "no map": (Delimited(), lambda: table(VOLTS, AMPERES), TOLD, "nothing says which column is what: there are 'time"),
    "no unit": (Delimited(), lambda: table(VOLTS, AMPERES, header="time [s],voltage,current"), BY_NAME, "the unit"),
    "two units": (
        Delimited(), lambda: table(VOLTS, AMPERES), replace(TOLD, columns=read_map("voltage=2,current=3:uA")),
        "in nA in the header and in uA in the map",
    ),
    "a name that is there twice": (
        Delimited(), lambda: table(VOLTS, AMPERES, header="voltage [V],voltage [mV],current [nA]"), BY_NAME,
        "2 columns are called",
    ),
    "one column for both": (
        Delimited(), lambda: table(VOLTS, AMPERES), replace(TOLD, columns=read_map("voltage=2,current=3,level=2")),
        "cannot be both voltage and level",
    ),
    "a column beyond the last": (
        Delimited(), lambda: table(VOLTS, AMPERES), replace(TOLD, columns=read_map("voltage=2,current=4:A")),
        "called '4'",
    ),
    "a header alone": (Delimited(), lambda: table([], []), BY_NAME, "no row of numbers"),
    "time that runs back": (
        Delimited(), lambda: table(VOLTS, AMPERES).replace(b"\n0.2,", b"\n9.2,"), BY_NAME, "time goes back",
    ),
    "columns exchanged": (
        Delimited(), lambda: table(AMPERES, VOLTS, scale=1.0, header="time [s],voltage [V],current [A]"), BY_NAME,
        "columns of voltage and current are exchanged",
    ),
    "microamperes for amperes": (
        Delimited(), lambda: table(VOLTS, currents(VOLTS, 150.0), scale=1e6, header="time [s],voltage [V],current [A]"),
        BY_NAME, "wrong unit",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", MISSING)
def test_what_is_missing_is_named(case: str) -> None:
    """Missing, doubled and misnamed columns and units are each refused in words that name them."""
    reader, make, told, message = MISSING[case]
    refused(reader, make(), told, message)


@pytest.mark.parametrize("columns", ["", "voltage", "voltage=", "volt=1,current=2", "voltage=1", "current=2",
                                     "voltage=1,voltage=2,current=3", "voltage=1;current=2"])  # fmt: skip
def test_a_map_that_says_nothing(columns: str) -> None:
    """A map of columns that cannot be meant is refused with an example of one."""
    with pytest.raises(Misuse, match="--columns voltage=Voltage:V"):
        read_map(columns)


def test_a_gigabyte_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """A file that is too large costs no memory."""
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(1_000_000_000)
    tracemalloc.start()
    with pytest.raises(InvalidFile, match=f"more than {MOST_BYTES:,} bytes"):
        open_file(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000


def test_what_is_no_file(tmp_path: Path) -> None:
    """A folder and a name without a file are refused."""
    with pytest.raises(InvalidFile, match="not a file"):
        open_file(tmp_path)
    with pytest.raises(NotFound, match="cannot be read"):
        open_file(tmp_path / "none.csv")


@every_text
def test_lines_that_do_not_end(name: str) -> None:
    """A line longer than any table has, and more lines than any sweep, are refused."""
    reader, make, told = SOUND[name]
    refused(reader, make() + b"1" * 30_000 + make()[-2:].lstrip(b"0123456789NaN,"), told, "this line has|mixed")


@pytest.mark.parametrize("name", ["../x/checksums.sha256", "a/checksums.sha256", "/a/checksums.sha256"])
def test_an_archive_that_fibplan_did_not_write(name: str) -> None:
    """An archive with other entries is refused, and nothing of it is unpacked."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(name, "x")
    refused(Package(), content.getvalue(), BRIDGE, "fibplan did not write it")


def test_an_archive_that_unpacks_to_too_much() -> None:
    """A bomb is opened no further than the largest entry that a package can have."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a/journal.jsonl", "w") as entry:
        for _ in range(201):
            entry.write(bytes(1_000_000))
    refused(Package(), content.getvalue(), BRIDGE, "more than 200,000,000 bytes")


def test_many_entries_that_each_unpack_to_little() -> None:
    """A bomb of many curves is opened no further than all of a package's curves together can have."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(11):
            archive.writestr(f"a/curves/{number:03d}-x.json", bytes(20_000_000))
    refused(Package(), content.getvalue(), BRIDGE, "more than 200,000,000 bytes")


def test_a_list_of_more_entries_than_a_package_has() -> None:
    """So many entries are counted, not listed: each would take memory of its own."""
    refused(Package(), b"PK\x03\x04" + b"PK\x01\x02" * 10_001, BRIDGE, "more than 10,000 entries")


def rezipped(change: Callable[[str, bytes], bytes]) -> bytes:
    """The package with its entries changed and every archive checksum right again."""
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package())) as old, zipfile.ZipFile(content, "w") as new:
        for entry in old.infolist():
            new.writestr(entry, change(entry.filename, old.read(entry)))
    return content.getvalue()


@pytest.mark.parametrize("part", ["bridge-sweep.json", "journal.jsonl", "checksums.sha256"])
def test_a_package_that_was_changed(part: str) -> None:
    """A changed curve, journal or list of hashes is found, though the archive itself is sound."""
    refused(Package(), rezipped(lambda n, c: c.replace(b"1", b"2") if n.endswith(part) else c), BRIDGE)


def test_a_package_whose_hashes_were_made_again() -> None:
    """A curve that was changed together with its listed hash is found by the journal."""
    with zipfile.ZipFile(io.BytesIO(package())) as archive:
        name = next(name for name in archive.namelist() if name.endswith("bridge-sweep.json"))
        old = archive.read(name)
    new = old.replace(b'"nplc": 1.0', b'"nplc": 9.0')
    assert new != old
    hashes = [file_of(content).sha256.encode() for content in (old, new)]

    def change(entry: str, content: bytes) -> bytes:
        return (
            new
            if entry == name
            else content.replace(hashes[0], hashes[1])
            if entry.endswith("checksums.sha256")
            else content
        )

    refused(Package(), rezipped(change), BRIDGE, "not what its journal says was measured")


def test_a_curve_that_a_package_does_not_hold() -> None:
    """What the package has is named, with the options to say it by."""
    error = refused(Package(), package(), replace(TOLD, path="none"), "holds no curve of 'none'")
    assert "bridge sweep" in error.faults[0].remedy


def test_a_package_needs_no_one_to_say_what_it_says() -> None:
    """An instrument that a person names does not replace the one that measured."""
    refused(Package(), package(), replace(BRIDGE, model="2450"), "says all of its curves itself")


@every_format
def test_a_format_is_recognised_by_its_content(name: str) -> None:
    """Whatever the file is called, one reader is found for it."""
    reader, make, told = SOUND[name]
    assert reader_for(file_of(make(), "data"), replace(told, columns={})).name == reader.name


def test_what_could_be_two_formats_is_refused_with_both() -> None:
    """A log is a table too: where columns are named the person says which it is."""
    with pytest.raises(Misuse, match="protochips-csv, csv could read this file; say which with --reader"):
        reader_for(file_of(protochips(VOLTS, AMPERES)), BY_NAME)
    with pytest.raises(Misuse, match="no reader recognises this file"):
        reader_for(file_of(b"hello\n"), TOLD)
    with pytest.raises(Misuse, match="there is no reader 'xls'"):
        reader_called("xls")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (table(VOLTS, AMPERES).decode().encode("utf-16"), "UTF-16"),
        (table(VOLTS, AMPERES).decode().encode("utf-16-be"), "UTF-16"),
        (
            table(VOLTS, AMPERES, header="time [s],voltage [V],current [\u00b5A]").replace(b"\xc2", b""),
            "0xB5 is not UTF-8",
        ),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "this is no text"),
    ],
)
def test_what_no_reader_recognises_is_told_its_encoding(content: bytes, message: str) -> None:
    """A table in UTF-16 or windows-1252 is refused for its encoding, though nobody said what reads it."""
    with pytest.raises(InvalidFile, match=message):
        reader_for(file_of(content), BY_NAME)


def test_columns_that_a_format_names_itself() -> None:
    """A map of columns is not passed over in silence where the format has no use for it."""
    refused(Nanonis(), nanonis(VOLTS, {"Current (A)": AMPERES}), BY_NAME, "names its columns itself")
    flagged = read_map("voltage=Channel A Voltage,current=Channel A Current,clamped=Notes")
    refused(Protochips(), protochips(VOLTS, AMPERES), replace(TOLD, columns=flagged), "has no clamped")


@pytest.mark.parametrize("date", ["31.02.2026 12:00:00", "01.01.0001 00:00:00", "31.12.9999 23:59:59", "yesterday", ""])
@pytest.mark.parametrize("zone", [timezone(timedelta(hours=-14)), timezone(timedelta(hours=14)), None])
def test_a_date_that_cannot_be_placed_is_not_known(date: str, zone: timezone | None) -> None:
    """An impossible time of measurement is no failure, and is not taken for another one."""
    content = nanonis(VOLTS, {"Current (A)": AMPERES})
    for written_there in (b"01.03.2026 12:00:00", b"01.03.2026 12:10:00"):
        content = content.replace(written_there, date.encode())
    curve = Nanonis().read(file_of(content), replace(TOLD, zone=zone))
    assert curve.started == CHANGED or abs(curve.started.year - int(date[6:10])) <= 1
