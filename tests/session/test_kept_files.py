"""What lies beside the journal: attached images, and whether every file is still what was recorded."""

import os
import struct
import zlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from lamella_case import NOON, SOURCES, ResistorSmu, crew_of, plan_of, recipe_with

from fibplan.clock import ScriptedClock
from fibplan.errors import FibplanError, Misuse, NotFound
from fibplan.journal.file import lock_of, read
from fibplan.model.curve import Curve, CurvePoint, Settings, SourceFile
from fibplan.session.doubts import refuse_older
from fibplan.session.engine import run_session
from fibplan.session.folder import SessionFolder, sha256
from fibplan.session.integrity import verify_session
from fibplan.session.opening import Who, begin
from fibplan.session.session import Session

PLAN = plan_of(recipe_with())


def png() -> bytes:
    """One white pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\x00\xff")) + chunk(b"IEND", b"")


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    who = Who("A. Person", simulated=True)
    with begin(tmp_path / "s", PLAN, SOURCES, session="s-001", who=who, clock=ScriptedClock(NOON)) as begun:
        yield begun


def test_an_image_is_copied_by_what_it_holds(session: Session, tmp_path: Path) -> None:
    """The copy outlives the original, is named by its hash, and the record says what it was called and when it was."""
    original = tmp_path / "end view \u00b5.png"
    original.write_bytes(png())
    session.start("thin")
    name = session.attach(original, "before the polish")
    original.unlink()
    assert (session.folder.root / name).read_bytes() == png()
    (kept,) = session.state.attached
    assert (kept.file, kept.sha256, kept.size_bytes) == (name, sha256(png()), len(png()))
    assert (kept.name, kept.media_type, kept.note, kept.operation) == (
        "end view \u00b5.png", "image/png", "before the polish", "thin",
    )  # fmt: skip
    assert kept.sha256.startswith(Path(name).stem)


def test_one_image_attached_twice_is_stored_once(session: Session, tmp_path: Path) -> None:
    """Two records name one file."""
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(png())
        session.attach(tmp_path / name)
    assert len(session.state.attached) == 2
    assert len(list((session.folder.root / "attached").iterdir())) == 1


KINDS = {
    "image/jpeg": b"\xff\xd8\xff\xe0" + bytes(20), "image/tiff": b"II*\x00" + bytes(20), "image/bmp": b"BM" + bytes(20),
    "image/gif": b"GIF89a" + bytes(20),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_what_an_image_is_does_not_depend_on_its_name(session: Session, tmp_path: Path, kind: str) -> None:
    """Microscopes write all of these; the first bytes say which it is."""
    (tmp_path / "image.dat").write_bytes(KINDS[kind])
    session.attach(tmp_path / "image.dat")
    assert session.state.attached[0].media_type == kind


def unlike(folder: Path) -> dict[str, tuple[Path, type[FibplanError], str]]:
    """Files that cannot be attached: where, and how each is refused."""
    (folder / "notes.png").write_text("this is text, whatever its name says", encoding="utf-8")
    (folder / "empty.png").write_bytes(b"")
    (folder / "stub.bmp").write_bytes(b"BM")
    with (folder / "huge.tif").open("wb") as huge:
        huge.write(b"II*\x00")
        huge.truncate(5 * 1024**3)
    return {
        "missing": (folder / "none.png", NotFound, "there is no such file"),
        "text": (folder / "notes.png", Misuse, "not an image"),
        "empty": (folder / "empty.png", Misuse, "not an image"),
        "nothing but a signature": (folder / "stub.bmp", Misuse, "not an image"),
        "folder": (folder, Misuse, "not a file"),
        "5 GB": (folder / "huge.tif", Misuse, "more than the 200 MB"),
    }


def test_what_is_no_image_is_refused_and_leaves_nothing(session: Session, tmp_path: Path) -> None:
    """A missing file, a text, a folder and 5 GB are each named with a remedy; nothing is copied or recorded."""
    before = read(session.folder.journal)
    for path, error, message in unlike(tmp_path).values():
        with pytest.raises(error, match=message) as refused:
            session.attach(path)
        assert str(path) in str(refused.value)
        assert refused.value.remedy
    assert read(session.folder.journal) == before
    assert list((session.folder.root / "attached").glob("*")) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_is_not_waited_for(session: Session, tmp_path: Path) -> None:
    """What would never end is refused before it is opened."""
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(Misuse, match="not a file"):
        session.attach(tmp_path / "pipe.png")


@pytest.fixture
def walked(tmp_path: Path) -> Path:
    """A finished session with a curve of each kind, and an image."""
    root = tmp_path / "s"
    recipe = recipe_with()
    (tmp_path / "image.png").write_bytes(png())
    crew = crew_of(recipe, ResistorSmu())

    def attach_once(session: Session, waiting: object):
        if not session.state.attached:
            session.attach(tmp_path / "image.png")
        return crew.decide(session, waiting)  # pyright: ignore[reportArgumentType]

    run_session(root, PLAN, SOURCES, crew_of(recipe, ResistorSmu(), decide=attach_once), "s-001")
    return root


def test_a_whole_session_is_whole(walked: Path) -> None:
    """Every file that the journal names is there with its hash: plan, recipe, two cards, 15 curves, one image."""
    found = verify_session(walked)
    assert (found.whole, found.files, found.unrecorded) == (True, 2 + 2 + 15 + 1, ())
    assert found.records == len(read(SessionFolder(walked).journal))


FILES = [
    "plan.json", "frozen/recipe.yaml", "frozen/cards/fib/some-fib.yaml", "frozen/cards/materials.yaml",
    "curves/001-tips-floor.json", "curves/015-protective-contact_start_after.json", "attached/*.png",
]  # fmt: skip


@pytest.mark.parametrize("pattern", FILES)
@pytest.mark.parametrize("how", ["changed", "missing"])
def test_each_file_that_is_not_as_written_is_named(walked: Path, pattern: str, how: str) -> None:
    """One changed or missing file, whichever it is, is the one that is named."""
    (path,) = walked.glob(pattern)
    if how == "missing":
        path.unlink()
    else:
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(bytes(content))
    found = verify_session(walked)
    assert found.fault.startswith(path.relative_to(walked).as_posix())
    assert how in found.fault
    assert found.remedy


def test_the_journal_is_looked_at_first(walked: Path) -> None:
    """Where the chain is broken, its line and byte are named, and no file that only it could vouch for."""
    journal = SessionFolder(walked).journal
    journal.write_bytes(journal.read_bytes().replace(b'"thin"', b'"thix"', 1))
    (walked / "plan.json").unlink()
    found = verify_session(walked)
    assert found.fault.startswith("journal.jsonl:1: byte 0: altered record")
    assert found.broken is not None
    assert (found.records, found.files) == (0, 0)


def test_a_file_that_nobody_recorded_is_told_and_no_fault(walked: Path) -> None:
    """A crash between writing a curve and its record leaves a file that nothing relies on."""
    (walked / "curves" / "016-bridge-sweep.json").write_bytes(b"{}")
    found = verify_session(walked)
    assert found.whole
    assert found.unrecorded == ("curves/016-bridge-sweep.json",)


def test_curves_of_a_session_with_rework_all_stay(tmp_path: Path) -> None:
    """Curves measured after a change have names of their own, so that the earlier ones stay what was recorded."""
    thin, measure, hand_off = recipe_with().steps
    steps = [
        thin,
        measure,
        thin.model_copy(update={"name": "again"}),
        measure.model_copy(update={"name": "after"}),
        hand_off,
    ]
    recipe = recipe_with().model_copy(update={"steps": tuple(steps)})
    run_session(tmp_path / "s", plan_of(recipe), SOURCES, crew_of(recipe, ResistorSmu()), "s-001")
    found = verify_session(tmp_path / "s")
    assert found.whole
    assert len(list((tmp_path / "s" / "curves").iterdir())) == 30


def test_an_open_session_can_be_verified(session: Session) -> None:
    """The line that is just being written is no fault while somebody writes, and one as soon as nobody does."""
    journal = session.folder.journal
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"sequence":1,')
    assert verify_session(session.folder.root).whole
    lock_of(journal).rename(session.folder.root / "kept")
    assert "torn record" in verify_session(session.folder.root).fault
    (session.folder.root / "kept").rename(lock_of(journal))
    journal.write_bytes(whole)


def test_a_file_s_curve_that_is_older_than_the_measurement_is_refused() -> None:
    """What another program measured before this measurement began is refused, and what it swept itself never is."""
    file = SourceFile(name="sweep.dat", sha256="0" * 64, reader="nanonis-dat")
    settings = Settings(voltage_range_v=1.0, current_range_a=None, nplc=1.0)
    point = CurvePoint(level=0.0, voltage_v=0.0, current_a=0.0, time_s=0.0)
    curve = Curve(
        path="bridge", probing="sweep", instrument=ResistorSmu().instrument, settings=settings, started=NOON,
        points=(point,), source_file=file,
    )  # fmt: skip
    refuse_older(curve, NOON)
    with pytest.raises(Misuse, match="the lamella was another one then"):
        refuse_older(curve, NOON + timedelta(seconds=1))
    refuse_older(curve.model_copy(update={"source_file": None}), NOON + timedelta(seconds=1))
