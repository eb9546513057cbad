"""Archives that would write elsewhere, grow without end or deceive are refused, and nothing is ever unpacked."""

import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from zipped import zipped

from fibplan.errors import FibplanError, NotFound
from fibplan.handoff.received import UnreadablePackage, received
from fibplan.handoff.verify import verify_package


def linked(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3
    entry.external_attr = 0o120777 << 16
    return entry


def lying(declared: int) -> bytes:
    """An archive whose list of contents says that its file has so many bytes."""
    content = bytearray(zipped(("a/b.txt", b"x" * 10)))
    place = content.index(b"PK\x01\x02")
    content[place + 20 : place + 28] = struct.pack("<II", declared, declared)
    return bytes(content)


def encrypted() -> bytes:
    content = bytearray(zipped(("a/b.txt", b"x" * 10)))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


BOMB = zipped(*((f"a/{number}.zip", b"\0" * 10**6) for number in range(5)), compression=zipfile.ZIP_DEFLATED)

HARMFUL = {
    "a path that climbs": zipped(("a/../../etc/passwd", b"x")),
    "an absolute path": zipped(("/etc/passwd", b"x")),
    "a drive": zipped(("C:/x", b"x")),
    "a backslash": zipped(("a\\..\\b", b"x")),
    "a link": zipped((linked("a/link"), b"/etc/passwd")),
    "a compressed bomb": BOMB,
    "a bomb in a package": zipped(("a/README.md", b"x"), ("a/42.zip", BOMB), ("b/x", b"")),
    "another case": zipped(("a/x", b"1"), ("a/X", b"2")),
    "two roots": zipped(("a/x", b"1"), ("b/x", b"2")),
    "no root": zipped(("x", b"1")),
    "a folder": zipped(("a/", b"")),
    "nothing": zipped(),
    "a size that lies": lying(10**9),
    "an encrypted file": encrypted(),
    "a control character": zipped(("a/x\ny", b"1")),
    "no ZIP": b"not a ZIP" * 100,
    "an empty file": b"",
    "a bad CRC": zipped(("a/x", b"hello")).replace(b"hello", b"hullo", 1),
}


@pytest.mark.parametrize("content", HARMFUL.values(), ids=HARMFUL)
def test_harmful_archives_are_refused(content: bytes) -> None:
    """What could write elsewhere, grow without end, or deceive is refused in one line before anything is unpacked."""
    with pytest.raises(UnreadablePackage) as refusal:
        received(content, "x.eln")
    assert len(refusal.value.lines()) == 1
    assert refusal.value.remedy


def test_a_name_twice_is_refused() -> None:
    """Two entries of one name, of which readers show one or the other, are refused."""
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = zipped(("a/x", b"1"), ("a/x", b"2"))
    with pytest.raises(UnreadablePackage, match="2 times"):
        received(twice, "x.eln")


@pytest.mark.parametrize("tenth", range(10))
def test_a_truncated_package_is_refused(package: bytes, tenth: int) -> None:
    """Cut off at any tenth it is no package."""
    with pytest.raises(UnreadablePackage):
        received(package[: len(package) * tenth // 10], "x.eln")


def test_a_list_of_more_files_than_a_package_has() -> None:
    """So many files are counted, not listed: each would take memory of its own."""
    with pytest.raises(UnreadablePackage, match="more than 20,000 files"):
        received(b"PK\x03\x04" + b"PK\x01\x02" * 20_001, "x.eln")


def test_a_gigabyte_that_is_no_archive_costs_no_memory(tmp_path: Path) -> None:
    """What does not begin as a ZIP file is read no further, and an empty file is called so."""
    path = tmp_path / "large.eln"
    with path.open("wb") as file:
        file.truncate(1_000_000_000)
    tracemalloc.start()
    with pytest.raises(UnreadablePackage, match="no ZIP file"):
        verify_package(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000
    path.write_bytes(b"")
    with pytest.raises(UnreadablePackage, match="the file is empty"):
        verify_package(path)


def test_a_file_without_a_folder_is_told_as_that() -> None:
    """An archive of somebody else's table leads nowhere: it has no root folder."""
    with pytest.raises(UnreadablePackage, match=r"'t\.csv' stands in no folder"):
        received(zipped(("t.csv", b"1")), "x.zip")


def test_nothing_is_written(package: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Verifying leaves the folder that it runs in as it was."""
    path = tmp_path / "x.eln"
    path.write_bytes(package)
    monkeypatch.chdir(tmp_path)
    assert verify_package(path).accepted
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.eln"]


def test_what_is_not_there_or_no_file_is_refused(tmp_path: Path) -> None:
    """A missing file and a folder are told as that."""
    with pytest.raises(NotFound):
        verify_package(tmp_path / "none.eln")
    with pytest.raises(FibplanError, match="not a file"):
        verify_package(tmp_path)
