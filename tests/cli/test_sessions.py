"""``fibplan sessions`` as a person uses it: which there are, what happened, and whether it is still so."""

import json
import os
import shutil
from pathlib import Path

import pytest
from as_users_run_it import Run
from lamella_case import NOON, SOURCES, ResistorSmu, crew_of, plan_of, recipe_with

from fibplan.clock import ScriptedClock
from fibplan.journal.events import NoteWritten, OperationStarted
from fibplan.journal.file import Journal
from fibplan.session.engine import run_session
from fibplan.session.walk import Leave, as_planned

RECIPE = recipe_with()


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """An accepted session, one that was left, one that a crash ended while it milled, and one that is open."""
    place = tmp_path / "sessions"
    place.mkdir()
    plan = plan_of(RECIPE)
    run_session(place / "a", plan, SOURCES, crew_of(RECIPE, ResistorSmu()), "s-001")
    leave = lambda session, waiting: Leave() if session.state.done else as_planned(session, waiting)  # noqa: E731
    run_session(place / "b", plan, SOURCES, crew_of(RECIPE, ResistorSmu(), decide=leave), "s-002")
    shutil.copytree(place / "b", place / "c")
    with Journal(place / "c" / "journal.jsonl", ScriptedClock(NOON), operator="A. Person") as journal:
        journal.append(NoteWritten(text="bell\x07, \x1b[2J and\nlines"))
        journal.append(OperationStarted(operation="measure"))
    (place / "no-session").mkdir()
    (place / "odd" / "journal.jsonl").mkdir(parents=True)
    return place


def test_every_session_is_listed(run: Run, workspace: Path) -> None:
    """One line each: id, standing, how far, since when, what; the simulated ones say so."""
    told = run("sessions", "list")
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.splitlines() == [
        "s-001  accepted   3/3  2026-03-01 12:00 UTC  SIMULATED A small lamella",
        "s-002  left       1/3  2026-03-01 12:00 UTC  SIMULATED A small lamella",
        "s-002  uncertain  1/3  2026-03-01 12:00 UTC  SIMULATED A small lamella",
    ]


def test_the_list_as_json(run: Run, workspace: Path) -> None:
    """The same for scripts, with the verdict, what is uncertain, and who has it open."""
    with Journal(workspace / "b" / "journal.jsonl", ScriptedClock(NOON)):
        listed = json.loads(run("sessions", "list", "--format", "json", "--workspace", "sessions").stdout)
    assert [entry["standing"] for entry in listed] == ["accepted", "open", "uncertain"]
    assert [entry["verdict"] for entry in listed] == ["accept", None, None]
    assert listed[2]["uncertain"] == ["measure"]
    assert listed[1]["open"]["pid"] == os.getpid()
    assert listed[0]["folder"] == str(Path("sessions/a"))


def test_an_empty_workspace_is_no_error(run: Run) -> None:
    """Nothing is listed, and how to look elsewhere is said."""
    told = run("sessions", "list", "--workspace", "nowhere")
    assert (told.returncode, told.stdout) == (0, "")
    assert told.stderr == "no sessions in nowhere; name another folder with --workspace\n"


def test_the_story_of_a_session(run: Run, workspace: Path) -> None:
    """Every event in order with its time, what was measured, and who it is by where that changes."""
    told = run("sessions", "show", "s-001")
    assert (told.returncode, told.stderr) == (0, "")
    lines = told.stdout.splitlines()
    assert lines[:3] == ["SIMULATED s-001: A small lamella", "accepted, 3 of 3 operations over, recipe small.yaml", ""]
    assert lines[3] == "2026-03-01 (UTC)"
    assert lines[4].startswith("12:00:00  begun with small.yaml, fibplan ")
    assert lines[4].endswith(" (script)")
    assert lines[6] == "12:02:00  thin: done, 2 min 00 s, 100 nm left (as planned)"
    assert "12:04:00  measured bridge, sweep: curves/004-bridge-sweep.json" in lines
    assert lines[-1] == "12:07:00  closed, accepted: the verdict accepts the lamella"


def test_a_session_can_be_named_by_its_folder(run: Run, workspace: Path) -> None:
    """By its path or by its folder's name in the workspace; what is uncertain is said first."""
    for name in ("sessions/c", "c"):
        told = run("sessions", "show", name)
        assert told.returncode == 0
        assert "uncertain: measure was started and never confirmed" in told.stdout
        assert told.stdout.splitlines()[-2:] == [
            "12:00:00  note: bell ,  [2J and lines (A. Person)", "12:00:00  measure: started",
        ]  # fmt: skip


def test_the_story_as_json_is_the_journal(run: Run, workspace: Path) -> None:
    """Scripts have every record as it stands in the file."""
    told = json.loads(run("sessions", "show", "c", "--format", "json").stdout)
    lines = (workspace / "c" / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    assert told["records"] == [json.loads(line) for line in lines]


def test_an_unknown_session_is_named_with_those_there_are(run: Run, workspace: Path) -> None:
    """A slip in a name ends with 2 and the names to choose from."""
    told = run("sessions", "show", "s-009")
    assert told.returncode == 2
    assert told.stderr == (
        "sessions: there is no session 's-009'; in sessions there are: a, b, c; name another folder with --workspace\n"
    )


def test_a_whole_session_is_verified(run: Run, workspace: Path) -> None:
    """What was walked is counted."""
    told = run("sessions", "verify", "a")
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout == f"{Path('sessions/a')}: 24 records and 19 files are as they were written\n"
    said = json.loads(run("sessions", "verify", "a", "--format", "json").stdout)
    assert (said["whole"], said["records"], said["files"], said["fault"]) == (True, 24, 19, None)


def test_the_first_thing_that_is_wrong_is_named(run: Run, workspace: Path) -> None:
    """A changed curve, and a changed journal before it, with exit code 1 and where it is."""
    curve = workspace / "a" / "curves" / "008-protective-contact_start_before.json"
    curve.write_bytes(curve.read_bytes() + b" ")
    told = run("sessions", "verify", "a")
    assert told.returncode == 1
    assert "curves/008-protective-contact_start_before.json: the file was changed after it was recorded" in told.stdout
    journal = workspace / "a" / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b'"duration_s":120.0', b'"duration_s":121.0', 1))
    told = run("sessions", "verify", "a", "--format", "json")
    assert told.returncode == 1
    fault = json.loads(told.stdout)["fault"]
    assert (fault["line"], fault["message"].split(":")[0]) == (3, "journal.jsonl")


def test_a_damaged_session_is_listed_and_shown_as_far_as_it_goes(run: Run, workspace: Path) -> None:
    """Its standing says damaged, the fault is named on stderr with exit code 1, and what precedes it is told."""
    journal = workspace / "a" / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b'"duration_s":120.0', b'"duration_s":121.0', 1))
    told = run("sessions", "list")
    assert told.returncode == 1
    assert told.stdout.splitlines()[0].startswith("s-001  damaged    0/3")
    assert "journal.jsonl:3: byte " in told.stderr
    shown = run("sessions", "show", "a")
    assert shown.returncode == 1
    assert shown.stdout.splitlines()[-1] == "12:00:00  thin: started"
    assert "altered record" in shown.stderr


def test_a_torn_line_is_told_and_mended_by_resuming(run: Run, workspace: Path) -> None:
    """What a power cut tore is named, and the session is not called damaged for it."""
    journal = workspace / "b" / "journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-20])
    told = run("sessions", "list")
    assert told.stdout.splitlines()[1].startswith("s-002  left ")
    assert "torn record" in told.stderr
    assert "to cut the torn line off" in told.stderr
