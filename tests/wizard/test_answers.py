"""Sessions without a person: answers from a file or from another session, defaults, and what is missing."""

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
import yaml
from as_users_run_it import ENVIRONMENT, Run
from shipped import ROOT

from fibplan.errors import FibplanError, InvalidFile, NotFound
from fibplan.journal.state import SessionState
from fibplan.library.examine import examine_file
from fibplan.library.load import load_recipe
from fibplan.library.search_path import SearchPath
from fibplan.session.workspace import look
from fibplan.wizard.answers import Answers, answers_given, answers_in
from fibplan.wizard.every_question import questions_of

GRID = ("run", "si-lamella-grid", "--simulate", "--time-scale", "0.001")
PAPER = ("run", "lmno-poseidon-select", "--simulate", "--time-scale", "0.001")


def session_in(folder: Path, workspace: str = "sessions") -> Path:
    return next(journal.parent for journal in (folder / workspace).glob("*/journal.jsonl"))


def state_in(root: Path) -> SessionState:
    state = look(root).state
    assert state is not None
    return state


def plan_of(name: str):
    return examine_file(load_recipe(ROOT / "recipes" / f"{name}.yaml"), SearchPath([ROOT])).sound_plan()


def test_with_all_defaults_a_simulated_session_needs_nobody(tmp_path: Path, run: Run) -> None:
    """It ends accepted with a package, and the result as JSON stands alone on stdout."""
    ran = run(*PAPER, "--no-input", "--accept-defaults", "--format", "json")
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert (told["outcome"], told["verdict"], told["simulated"]) == ("accepted", "accept", True)
    assert (tmp_path / told["package"]).is_file()


def test_without_answers_everything_that_is_missing_is_named(tmp_path: Path, run: Run) -> None:
    """One line a question with its form; nothing is begun; defaults are only taken when that is asked for."""
    ran = run(*GRID, "--no-input")
    assert ran.returncode == 2
    wanted = [entry.id for entry in questions_of(plan_of("si-lamella-grid"), simulated=True) if not entry.when]
    assert [line.partition(":")[0] for line in ran.stderr.splitlines()[1:]] == wanted
    assert f"{len(wanted)} questions" in ran.stderr
    assert not (tmp_path / "sessions").exists()


def test_a_real_session_takes_no_default_for_what_is_done(run: Run) -> None:
    """No default begins, ends or measures anything: these are still missing when defaults are accepted."""
    ran = run("run", "si-lamella-grid", "--no-input", "--accept-defaults")
    assert ran.returncode == 2
    missing = {line.partition(":")[0] for line in ran.stderr.splitlines()[1:]}
    for what in ("begin", "end", "thickness", "thickness_by", "confirm"):
        assert f"operation.thin-to-400.{what}" in missing
    assert "operation.thin-to-400.time" not in missing


def test_the_list_of_questions_is_one_for_answers(tmp_path: Path, run: Run) -> None:
    """Every id that is listed is taken by the schema, and as JSON each has its form, default and condition."""
    told = json.loads(run(*GRID, "--list-questions", "--format", "json").stdout)
    schema = json.loads(run("schema", "answers").stdout)
    answers = {entry["id"]: "x" for entry in told}
    assert len(answers) == len(told)
    jsonschema.Draft7Validator(schema).validate(answers)
    assert {"id", "question", "answer", "default", "asked"} == set(told[0])
    assert any(entry["asked"] != "always" for entry in told)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(schema).validate({"no id": "x"})
    listed = run(*GRID, "--list-questions").stdout
    assert "operation.cap.begin: What now?" in listed
    assert not (tmp_path / "sessions").exists()


def test_a_session_is_replayed_from_the_answers_of_another(tmp_path: Path, run: Run) -> None:
    """With the journal of one session as the answers of the next, the same is done with the same values."""
    answers = {
        "session.operator": "Ada",
        "operation.cap.beam_current": "105 pA",
        "operation.trenches.begin": ["skip"],
        "operation.trenches.skip_reason": "it was milled yesterday",
        "session.blocked": "accept",
        "session.blocked_reason": "the trench is there",
        "operation.thin-to-400.thickness": "380 nm",
        "operation.thin-to-400.thickness_by": "EELS",
        "operation.cap.time": "21 min",
    }
    path = tmp_path / "answers.yaml"
    path.write_text(yaml.safe_dump(answers), encoding="utf-8")
    first = run(*GRID, "--no-input", "--accept-defaults", "--answers", str(path))
    assert first.returncode == 0, first.stderr
    root = session_in(tmp_path)
    again = run(*GRID, "--no-input", "--answers", str(root), "--workspace", "again")
    assert again.returncode == 0, again.stderr
    states = [state_in(root), state_in(session_in(tmp_path, "again"))]
    assert states[0].done["thin-to-400"].thickness_m == pytest.approx(380e-9)
    assert states[0].done["cap"].duration_s == pytest.approx(1260)
    assert states[0].done == states[1].done
    assert states[0].skipped == states[1].skipped == {"trenches": "it was milled yesterday"}
    both = [
        answers_given(record.event for record in look(where).records) for where in (root, session_in(tmp_path, "again"))
    ]
    assert both[0] == both[1]


def test_notes_and_images_are_replayed_where_they_were_given(tmp_path: Path, run: Run) -> None:
    """From a file, then from the journal of that session: the same notes and images at the same operations."""
    image = tmp_path / "the lamella.png"
    image.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\x00" * 40)
    answers = {
        "operation.cap.begin": [":note the stage is cold", "begin"],
        "operation.cap.end": [f":attach {image}", ":note a curtain", "done"],
        "operation.cap.thickness_by": ":note no answer yet",
        "operation.cap.note": [":note one more", "in one go"],
    }
    path = tmp_path / "answers.yaml"
    path.write_text(yaml.safe_dump(answers), encoding="utf-8")
    first = run(*GRID, "--no-input", "--accept-defaults", "--answers", str(path))
    assert first.returncode == 0, first.stderr
    root = session_in(tmp_path)
    image.unlink()
    again = run(*GRID, "--no-input", "--answers", str(root), "--workspace", "again")
    assert again.returncode == 0, again.stderr
    states = [state_in(root), state_in(session_in(tmp_path, "again"))]
    told = [(note.text, note.operation) for note in states[0].notes]
    assert told == [("the stage is cold", None), ("a curtain", "cap"), ("one more", "cap")]
    assert states[1].notes == states[0].notes
    assert [(entry.name, entry.operation) for entry in states[0].attached] == [("the lamella.png", "cap")]
    assert states[1].attached == states[0].attached
    assert states[1].done["cap"].note == "in one go"
    third = run(*GRID, "--no-input", "--answers", str(session_in(tmp_path, "again")), "--workspace", "third")
    assert third.returncode == 0, third.stderr
    assert state_in(session_in(tmp_path, "third")).attached == states[0].attached


def test_an_image_that_was_changed_is_not_replayed(tmp_path: Path, run: Run) -> None:
    """What lies in the first session's folder must be what its journal has the hash of; a file must be there."""
    image = tmp_path / "a.png"
    image.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\x00" * 40)
    path = tmp_path / "answers.yaml"
    path.write_text(yaml.safe_dump({"operation.cap.begin": [f":attach {image}", "begin"]}), encoding="utf-8")
    assert run(*GRID, "--no-input", "--accept-defaults", "--answers", str(path)).returncode == 0
    root = session_in(tmp_path)
    (root / state_in(root).attached[0].file).write_bytes(b"\x89PNG\r\n\x1a\n" + b"\x01" * 40)
    again = run(*GRID, "--no-input", "--answers", str(root), "--workspace", "again")
    assert again.returncode == 2
    assert "changed after it was attached" in again.stderr
    image.unlink()
    missing = run(*GRID, "--no-input", "--accept-defaults", "--answers", str(path), "--workspace", "missing")
    assert missing.returncode == 2
    assert "operation.cap.begin: there is no such file" in missing.stderr


def test_a_note_before_an_answer_is_none() -> None:
    """What comes next is the answer behind it; a question with notes alone has none."""
    answers = Answers({"a.b": [":note x", ":attach y", "skip"], "c.d": [":note z"]})
    assert answers.first("a.b") == "skip"
    assert answers.has("a.b")
    assert not answers.has("c.d")


def test_a_wrong_answer_in_a_file_is_named_and_the_session_can_be_resumed(tmp_path: Path, run: Run) -> None:
    """Where nobody may be asked it ends with file, id, reason and form, and the last line goes on with it."""
    path = tmp_path / "answers.yaml"
    path.write_text("operation.cap.beam_current: 100 nm\n", encoding="utf-8")
    ran = run(*GRID, "--no-input", "--accept-defaults", "--answers", str(path))
    assert ran.returncode == 2
    lines = ran.stderr.splitlines()
    assert "operation.cap.beam_current" in lines[-2]
    assert "is not a current" in lines[-2]
    assert lines[-1] == f"fibplan resume {session_in(tmp_path).name}"


def test_absurd_values_need_a_reason_also_from_a_file(tmp_path: Path, run: Run) -> None:
    """A lamella that grew is doubted: without a reason in the file it stops there, with one it is recorded."""
    grown = {"operation.clean-faces.thickness": "8 um", "operation.clean-faces.thickness_by": "SEM"}
    path = tmp_path / "answers.yaml"
    path.write_text(yaml.safe_dump(grown), encoding="utf-8")
    ran = run(*GRID, "--no-input", "--accept-defaults", "--answers", str(path))
    assert ran.returncode == 2
    assert "operation.clean-faces.doubt" in ran.stderr
    more = {"operation.clean-faces.doubt": "keep", "operation.clean-faces.doubt_reason": "the first was misread"}
    path.write_text(yaml.safe_dump({**grown, **more}), encoding="utf-8")
    run(*GRID, "--no-input", "--accept-defaults", "--answers", str(path), "--workspace", "more")
    done = state_in(session_in(tmp_path, "more")).done["clean-faces"]
    assert done.reason == "the first was misread"
    assert any("grew" in doubt for doubt in done.doubts)


def test_a_real_session_is_run_from_answers_alone(tmp_path: Path, run: Run) -> None:
    """A recipe without a measurement, everything answered: nothing is simulated, and nothing says so."""
    plan = plan_of("si-lamella-grid")
    choose: dict[str, Callable[[str], str]] = {
        "begin": lambda _: "begin", "end": lambda _: "done", "confirm": lambda _: "record",
        "thickness_by": lambda _: "SEM from above", "start": lambda _: "start", "operator": lambda _: "Ada",
        "time": lambda _: "15 min", "beam_on": lambda _: "10 min", "note": lambda _: "",
        "beam_current": lambda _: "not measured", "imaging_dose": lambda _: "not measured",
    }  # fmt: skip
    left = {entry.name: entry.thickness_after_m for entry in plan.operations}
    answers: dict[str, str] = {}
    for question in questions_of(plan, simulated=False):
        what = question.id.rpartition(".")[2]
        if question.when:
            continue
        name = question.id.split(".")[1]
        answers[question.id] = f"{(left[name] or 0) * 1e9:.0f} nm" if what == "thickness" else choose[what]("")
    path = tmp_path / "answers.yaml"
    path.write_text(yaml.safe_dump(answers), encoding="utf-8")
    ran = run("run", "si-lamella-grid", "--no-input", "--answers", str(path))
    assert ran.returncode == 0, ran.stderr
    state = state_in(session_in(tmp_path))
    assert not state.opened.simulated
    assert "SIMULATED" not in ran.stdout
    assert state.opened.operator == "Ada"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- a\n- b\n", "no list of ids"),
        ("a.b: 1\na.b: 2\n", "stands here twice"),
        ("a.b: {c: d}\n", "an answer is a text"),
        ("a.b: [\n", ":"),
        ("\x00", ":"),
    ],
)
def test_a_file_that_is_no_list_of_answers_is_refused_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    """A list, a doubled id, a mapping, torn YAML and binary: each with file and line."""
    path = tmp_path / "answers.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidFile) as caught:
        answers_in(path)
    assert told in str(caught.value)
    assert str(path) in str(caught.value)


def test_files_that_hold_no_answers(tmp_path: Path) -> None:
    """One that is missing, a folder without a journal, Latin-1 and one of 5 GB are refused in one line."""
    latin, large, empty = tmp_path / "latin.yaml", tmp_path / "large.yaml", tmp_path / "empty.yaml"
    latin.write_bytes(b"a.b: \xb5m\n")
    with large.open("wb") as file:
        file.truncate(5 * 1024**3)
    empty.write_text("", encoding="utf-8")
    for path in (tmp_path / "missing.yaml", tmp_path):
        with pytest.raises(NotFound):
            answers_in(path)
    for path in (latin, large):
        with pytest.raises(FibplanError):
            answers_in(path)
    assert answers_in(empty).left == ()


def test_each_answer_is_taken_once() -> None:
    """A question that is asked again takes the next answer of its list, and none when they are used up."""
    answers = Answers({"a.b": ["1", "2"], "c.d": ["3"]})
    assert [answers.take("a.b"), answers.take("a.b"), answers.take("a.b"), answers.take("x.y")] == [
        "1",
        "2",
        None,
        None,
    ]
    assert answers.left == ("c.d",)


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "lmno-poseidon-select", "--simulate", "--resource", "TCPIP::x"),
        ("run", "lmno-poseidon-select", "--fault", "open_bridge"),
        ("run", "lmno-poseidon-select"),
        ("run", "lmno-poseidon-select", "--simulate", "--fault", "no_such_fault"),
        ("run", "no-such-recipe", "--simulate"),
        ("run", "lmno-poseidon-select", "--simulate", "--time-scale", "0"),
        ("resume", "no-such-session"),
    ],
)
def test_misuse_is_one_line_and_begins_nothing(tmp_path: Path, run: Run, arguments: tuple[str, ...]) -> None:
    """Exit code 2 without a traceback, and no session is left behind."""
    ran = run(*arguments)
    assert ran.returncode == 2, ran.stderr
    assert "Traceback" not in ran.stderr
    assert not list(tmp_path.glob("sessions/*"))
    assert ENVIRONMENT


def test_a_session_that_is_over_is_not_resumed(tmp_path: Path, run: Run) -> None:
    """It says how it ended, with exit code 2."""
    run(*GRID, "--no-input", "--accept-defaults")
    ran = run("resume", session_in(tmp_path).name, "--no-input", "--accept-defaults")
    assert ran.returncode == 2
    assert "the session is over" in ran.stderr
