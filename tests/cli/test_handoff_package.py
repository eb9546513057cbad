"""``fibplan handoff write`` and ``verify``: the package of a session that is over, and what its receiver is told."""

import json
import os
import shutil
from pathlib import Path

import pytest
from as_users_run_it import Run
from walked_session import walked

from fibplan.cli.handoff_write import contents_of
from fibplan.session.folder import SessionFolder

KEYS = {
    "file", "sha256", "kind", "whole", "accepted", "simulated", "session", "title", "operator", "begun", "ended",
    "version", "verdict", "recomputed", "acceptance", "paths", "files", "records", "faults", "unchecked",
}  # fmt: skip


@pytest.fixture(scope="module")
def walked_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with an accepted session and one with an open bridge, their pictures drawn."""
    workspace = tmp_path_factory.mktemp("workspace")
    walked(workspace / "good", "good")
    walked(workspace / "bad", "bad", faults=("open_bridge",))
    for name in ("good", "bad"):
        contents_of(SessionFolder(workspace / name), seed=0)
    return workspace


@pytest.fixture
def sessions(walked_once: Path, tmp_path: Path) -> Path:
    """A copy of it as the workspace of this test, in the folder that commands run in."""
    shutil.copytree(walked_once, tmp_path / "sessions")
    return tmp_path / "sessions"


@pytest.fixture
def written(run: Run, sessions: Path, tmp_path: Path) -> Path:
    """The package of the accepted session."""
    done = run("handoff", "write", "good", "--out", "out")
    assert done.returncode == 0, done.stderr
    return tmp_path / "out" / "good.eln"


def test_a_package_is_written_once_and_again(run: Run, sessions: Path, written: Path) -> None:
    """The same session gives the same bytes, told with kind, size and hash; its journal says once that it was."""
    before = written.read_bytes()
    again = run("handoff", "write", "good", "--out", "out", "--format", "json")
    told = json.loads(again.stdout)
    assert (again.returncode, told["kind"], told["size_bytes"]) == (0, "hand-off", len(before))
    assert written.read_bytes() == before
    events = (sessions / "good" / "journal.jsonl").read_text(encoding="utf-8")
    assert events.count('"package_written"') == 1
    assert told["sha256"] in events


def test_pictures_are_drawn_once(run: Run, sessions: Path, written: Path) -> None:
    """The second time the pictures of the session's folder are taken, and altered ones are drawn anew."""
    figures = sessions / "good" / "figures"
    chip = figures / "chip.png"
    os.utime(chip, (1, 1))
    assert run("handoff", "write", "good", "--out", "second").returncode == 0
    assert chip.stat().st_mtime == 1
    chip.write_bytes(b"painted over")
    assert run("handoff", "write", "good", "--out", "third").returncode == 0
    assert (written.parent.parent / "third" / "good.eln").read_bytes() == written.read_bytes()


def test_what_was_written_verifies(run: Run, written: Path) -> None:
    """Exit code 0, with who accepted what and when, every documented key, and no fault."""
    done = run("handoff", "verify", "out/good.eln", "--format", "json")
    told = json.loads(done.stdout)
    assert done.returncode == 0
    assert set(told) == KEYS
    assert (told["kind"], told["whole"], told["accepted"], told["simulated"]) == ("hand-off", True, True, True)
    assert (told["verdict"], told["recomputed"], told["faults"], told["unchecked"]) == ("accept", "accept", [], [])
    assert told["acceptance"] is None
    assert {path["path"]: path["grade"] for path in told["paths"]}["bridge"] == "pass"
    text = run("handoff", "verify", "out/good.eln")
    assert "SIMULATED hand-off" in text.stdout
    assert "verdict: accept; judged again from the curves: accept" in text.stdout


def test_every_key_is_documented(run: Run) -> None:
    """The help of the verb names each key of its JSON and each exit code."""
    words = run("handoff", "verify", "--help").stdout
    assert all(key in words for key in KEYS)
    assert "Exit code 0" in words


def test_a_rejected_lamella_is_not_handed_off(run: Run, sessions: Path, tmp_path: Path) -> None:
    """Exit code 1 with the reason, nothing is written; a report only when it is asked for, and it verifies with 1."""
    refused = run("handoff", "write", "bad", "--out", "out")
    assert refused.returncode == 1
    assert "this is no hand-off" in refused.stderr
    assert "failure report" in refused.stderr
    assert not (tmp_path / "out").exists()
    assert run("handoff", "write", "bad", "--out", "out", "--failure-report").returncode == 0
    checked = run("handoff", "verify", "out/bad-NOT-ACCEPTED-failure-report.zip", "--format", "json")
    told = json.loads(checked.stdout)
    assert (checked.returncode, told["kind"], told["whole"], told["accepted"]) == (1, "failure report", True, False)


def test_an_accepted_lamella_has_no_failure_report(run: Run, sessions: Path) -> None:
    """Asking for one is misuse."""
    refused = run("handoff", "write", "good", "--failure-report")
    assert refused.returncode == 2
    assert "has no failure report" in refused.stderr


def test_a_changed_package_is_told(run: Run, written: Path) -> None:
    """One byte of a curve: exit code 1, the file named, and what to do; JSON has the same."""
    content = written.read_bytes()
    place = content.index(b"working electrode and current collector")
    written.write_bytes(content[:place] + b"W" + content[place + 1 :])
    done = run("handoff", "verify", "out/good.eln")
    assert done.returncode in (1, 2)
    assert "original file" in done.stdout + done.stderr


@pytest.mark.parametrize("content", [b"", b"not a ZIP", b"PK\x05\x06" + bytes(18)], ids=["empty", "text", "no files"])
def test_no_package_is_misuse(run: Run, tmp_path: Path, content: bytes) -> None:
    """What cannot be read as a package is exit code 2 and one line on stderr, without a traceback."""
    (tmp_path / "x.eln").write_bytes(content)
    done = run("handoff", "verify", "x.eln")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_session_that_is_not_there_is_told(run: Run, sessions: Path) -> None:
    """An unknown session is misuse, with those that there are."""
    done = run("handoff", "write", "nosuch")
    assert done.returncode == 2
    assert "good" in done.stderr


def test_an_altered_session_is_not_packed(run: Run, sessions: Path) -> None:
    """A curve that was changed after it was measured is an I/O fault, exit code 3, and nothing is written."""
    curve = next((sessions / "good" / "curves").glob("*bridge-sweep.json"))
    curve.write_bytes(curve.read_bytes() + b" ")
    done = run("handoff", "write", "good", "--out", "out")
    assert done.returncode == 3
    assert "changed after it was measured" in done.stderr


def test_nexus_without_h5py_is_told(run: Run, sessions: Path) -> None:
    """The extra is asked for by name where it is missing, and written where it is there."""
    done = run("handoff", "write", "good", "--nexus", "--out", "out")
    try:
        import h5py  # noqa: F401
    except ImportError:
        assert done.returncode == 2
        assert "fibplan[nexus]" in done.stderr
    else:
        assert done.returncode == 0
