"""Whole sessions in a real terminal on the simulator: to the package, through a rework, after a kill, and aborted."""

import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from as_users_run_it import ENVIRONMENT
from seated import USUAL, Seated, plain

from fibplan.journal.events import Ending, OperationStarted
from fibplan.session.integrity import verify_session
from fibplan.session.workspace import look

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="a pseudo-terminal is POSIX's"),
    pytest.mark.slow,
]
PAPER = ("run", "lmno-poseidon-select", "--simulate", "--time-scale", "0.001")
GRID = ("run", "si-lamella-grid", "--simulate", "--time-scale", "0.001")


def session_in(folder: Path) -> Path:
    return next(journal.parent for journal in (folder / "sessions").glob("*/journal.jsonl"))


@pytest.mark.parametrize("columns", [80, 120])
def test_the_happy_path_ends_with_a_package(tmp_path: Path, columns: int) -> None:
    """Every question typed, the lamella is accepted, the package there, and no screen outgrew the terminal."""
    seated = Seated(tmp_path, *PAPER, columns=columns)
    said = seated.to_end(USUAL)
    assert "SIMULATED session accepted" in said
    assert seated.code == 0
    root = session_in(tmp_path)
    assert (tmp_path / "sessions" / f"{root.name}.eln").is_file()
    assert verify_session(root).whole
    assert all(any("SIMULATED" in line for line in screen) for screen in seated.screens())
    seated.assert_fit()


def test_a_rework_loop_ends_accepted(tmp_path: Path) -> None:
    """A lamella with an open bridge is rejected, reworked by the first proposal, measured again, and accepted."""
    seated = Seated(tmp_path, *PAPER, "--fault", "open_bridge", "--accept-defaults", columns=120)
    screen = seated.answer({}, "What now? rework 1")
    assert "the bridge is open" in screen
    assert "bridge: fail" in screen
    seated.say("rework")
    assert "write rework 1" in seated.answer({}, "What now? rework 1")
    seated.say("rework 1")
    assert "SIMULATED session accepted" in seated.to_end({})
    assert seated.code == 0
    state = look(session_in(tmp_path)).state
    assert state is not None
    assert [event.operation for event in state.added][:1] == ["bridge-rework"]
    seated.assert_fit()


def test_after_a_kill_nothing_is_milled_again_unseen(tmp_path: Path) -> None:
    """SIGKILL while milling: resumed, the wizard asks for an inspection first, and only then does it go on."""
    seated = Seated(tmp_path, *GRID)
    seated.answer({**USUAL, "What now": "begin"}, "Over?")
    seated.signal(signal.SIGKILL)
    seated.wait()
    root = session_in(tmp_path)
    again = Seated(tmp_path, "resume", root.name)
    screen = again.answer({"Start the session": "start"}, "What do you find?")
    assert "UNCERTAIN: cap was started" in screen
    assert "at the most" in screen
    for stray in ("", "begin", "next", "done"):
        again.say(stray)
        assert "UNCERTAIN" in again.answer({}, "What do you find?")
    again.say("not begun")
    again.answer(USUAL, "What now")
    again.say("leave")
    assert again.last_words()[-1] == f"fibplan resume {root.name}"
    starts = [record for record in look(root).records if isinstance(record.event, OperationStarted)]
    assert len(starts) == 1
    again.assert_fit()


def test_a_killed_measurement_is_inspected_and_done_again(tmp_path: Path) -> None:
    """SIGKILL with the tips down: partly done, redone as a new operation, accepted, and the package is written."""
    seated = Seated(tmp_path, *PAPER, "--accept-defaults", "--answers", str(_until_measuring(tmp_path)))
    seated.answer({}, "Does this hold")
    seated.signal(signal.SIGKILL)
    seated.wait()
    root = session_in(tmp_path)
    again = Seated(tmp_path, "resume", root.name, "--accept-defaults")
    answers = {
        "What do you find?": "partly done",
        "What happened?": "the computer was switched off",
        "And now?": "redo",
        "What is done again?": "measure",
        "Why is it done again?": "the tips were down when it stopped",
    }
    assert "SIMULATED session accepted" in again.to_end(answers)
    state = look(root).state
    assert state is not None
    assert [(event.operation, event.redoes) for event in state.added] == [("measure-2", "measure")]


def _until_measuring(folder: Path) -> Path:
    """An answer that is none, so that the person is asked there."""
    path = folder / "answers.yaml"
    path.write_text("operation.measure.beam_blanked: perhaps\n", encoding="utf-8")
    return path


def test_an_abort_says_what_is_safe_and_is_said_twice(tmp_path: Path) -> None:
    """Abort names what is safe to leave, is reconsidered by a no, needs a reason, and ends the session for good."""
    seated = Seated(tmp_path, *GRID)
    seated.answer(USUAL | {"What now": "next"}, "Over?")
    seated.say("abort")
    screen = seated.answer({}, "This ends the session.")
    assert "safe to leave" in screen
    seated.say("no")
    seated.answer({}, "Over?")
    seated.say("abort")
    seated.answer({}, "This ends the session.")
    seated.say("abort")
    said = seated.to_end({**USUAL, "Why does it end here?": "the needle broke"})
    assert "session aborted: the needle broke" in said
    assert seated.code == 1
    state = look(session_in(tmp_path)).state
    assert state is not None
    assert state.closed is not None
    assert state.closed.outcome is Ending.ABORTED
    assert "cap" in state.stopped
    seated.assert_fit()


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_a_signal_ends_in_a_session_that_can_be_resumed(tmp_path: Path, number: str) -> None:
    """Ctrl-C and SIGTERM while milling: exit code 130, and the last line is the command that resumes the session."""
    seated = Seated(tmp_path, *GRID)
    seated.answer(USUAL | {"What now": "begin"}, "Over?")
    seated.signal(getattr(signal, number))
    root = session_in(tmp_path)
    assert seated.last_words()[-1] == f"fibplan resume {root.name}"
    assert seated.code == 130
    seen = look(root)
    assert seen.state is not None
    assert seen.state.uncertain == ("cap",)
    assert seen.state.left is not None
    words = {"SIGINT": "stopped by Ctrl-C (SIGINT)", "SIGTERM": "stopped by the system (SIGTERM)"}
    assert seen.state.left.reason == words[number]
    assert seen.holder is None


def test_a_closed_window_leaves_a_session_that_can_be_resumed(tmp_path: Path) -> None:
    """SIGHUP: the journal says that it was left, nobody holds it, and it is resumed."""
    seated = Seated(tmp_path, *GRID)
    seated.answer(USUAL, "What now")
    seated.hang_up()
    seated.wait()
    root = session_in(tmp_path)
    state = look(root).state
    assert state is not None
    assert state.left is not None
    assert state.left.reason == "terminal closed (SIGHUP)"
    again = Seated(tmp_path, "resume", root.name)
    again.answer({"Start the session": "start"}, "What now")
    again.say("leave")
    again.last_words()


MARGINAL = """\
fibplan: 1
extends: lmno-poseidon-select
title: A bridge that has to be better than the paper's
verification:
  bridge:
    criterion: {kind: conducting, below: 100 ohm, marginal: 1 kohm}
"""


def test_a_marginal_lamella_is_accepted_by_name_and_with_a_reason(tmp_path: Path) -> None:
    """Enter alone accepts nothing, an empty name or reason is asked again, and the package says who and why."""
    (tmp_path / "marginal.yaml").write_text(MARGINAL, encoding="utf-8")
    seated = Seated(
        tmp_path, "run", "marginal.yaml", "--simulate", "--time-scale", "0.001", "--accept-defaults",
        "--operator", "Ada",
    )  # fmt: skip
    screen = seated.answer({}, "What now? rework 1")
    assert "bridge: marginal" in screen
    assert "over the limit of 100 ohm" in " ".join(screen.split())
    for stray in ("", "a", "yes", "next"):
        seated.say(stray)
        assert "accept" in seated.answer({}, "What now? rework 1")
    seated.say("accept")
    seated.answer({}, "Who accepts it?")
    for empty in ("", "   ", "-"):
        seated.say(empty)
        assert "a name is needed" in seated.answer({}, "Who accepts it?")
    seated.say("Grace Hopper")
    seated.answer({}, "Why is it accepted?")
    for empty in ("", "   ", "."):
        seated.say(empty)
        assert "a reason is needed" in seated.answer({}, "Why is it accepted?")
    root = session_in(tmp_path)
    state = look(root).state
    assert state is not None
    assert state.verdict is not None
    assert not state.verdict.accepted
    seated.say("150 ohm is what the paper read")
    said = seated.to_end({})
    assert seated.code == 0
    assert "Grace Hopper accepts the lamella" in " ".join(said.split())
    assert "150 ohm is what the paper read" in " ".join(said.split())
    with zipfile.ZipFile(tmp_path / "sessions" / f"{root.name}.eln") as package:
        texts = {name: package.read(name).decode("utf-8", "replace") for name in package.namelist()}
    told = [name for name, text in texts.items() if "Grace Hopper" in text and "150 ohm is what the paper" in text]
    assert any(name.endswith((".md", ".html", ".json")) for name in told), list(texts)
    seated.assert_fit()


def test_a_narrow_window_loses_nothing_and_is_told_once(tmp_path: Path) -> None:
    """At 60 columns the clock's lines are folded, nothing is cut, and that 80 are needed is said one time."""
    seated = Seated(tmp_path, *GRID, columns=60)
    seated.answer(USUAL, "Over?")
    running = " ".join(seated.screens()[-1])
    for told in ("since the start", "LOOK", "ends between", "look at the drift"):
        assert told in running
    seated.say("nothing")
    seated.answer({}, "Over?")
    assert plain(seated.shown).count("need 80 columns") == 1
    seated.signal(signal.SIGTERM)
    seated.last_words()
    seated.assert_fit()


def test_what_a_terminal_cuts_off_is_refused(tmp_path: Path) -> None:
    """A note of 10,000 characters is not kept in part: it is refused with the reason, and the session goes on."""
    seated = Seated(tmp_path, *GRID)
    seated.answer(USUAL, "What now")
    seated.say("note " + "x" * 9_995)
    assert "more than 4000 bytes" in " ".join(seated.answer({}, "What now").split())
    seated.say("note " + "x" * 3_900)
    seated.answer({}, "What now")
    seated.say("leave")
    seated.last_words()
    state = look(session_in(tmp_path)).state
    assert state is not None
    assert [len(note.text) for note in state.notes] == [3_900]


def test_after_ctrl_z_the_screen_is_drawn_anew(tmp_path: Path) -> None:
    """Stopped and gone on with, the whole screen with its question is there again without a key."""
    seated = Seated(tmp_path, *GRID)
    seated.answer(USUAL, "Over?")
    seated.signal(signal.SIGSTOP)
    seated.signal(signal.SIGCONT)
    assert "since the start" in seated.answer({}, "Over?")
    seated.signal(signal.SIGTERM)
    seated.last_words()


def test_a_window_of_ten_rows_keeps_its_question(tmp_path: Path) -> None:
    """40 by 10: nothing scrolls, the question stands above the prompt, and the clock draws over no other line."""
    seated = Seated(tmp_path, *GRID, columns=40, rows=10)
    seated.answer(USUAL | {"What now": "begin"}, "Over?")
    seated.say("nothing")
    seated.answer({}, "Over?")
    seated.assert_fit()
    seated.resize(80, 24)
    seated.answer({}, "Over?")
    seated.signal(signal.SIGTERM)
    seated.last_words()


def test_enter_alone_burns_nothing(tmp_path: Path) -> None:
    """Enter, a single letter, or a stray word starts no operation and ends none; a whole word does."""
    seated = Seated(tmp_path, *GRID)
    seated.answer(USUAL, "What now")
    for stray in ("", "b", "n", "yes", "\x1b[A", "y" * 200):
        seated.say(stray)
        seated.answer({}, "What now")
    root = session_in(tmp_path)
    assert not any(isinstance(record.event, OperationStarted) for record in look(root).records)
    seated.say("begin")
    seated.answer({}, "Over?")
    for stray in ("", "d", "record", "yes"):
        seated.say(stray)
        seated.answer({}, "Over?")
    seated.say("done")
    answers = {question: "" for question in USUAL if question not in ("Over?", "Record this")}
    seated.answer(answers, "Record this")
    seated.say("")
    seated.answer({}, "Record this")
    state = look(root).state
    assert state is not None
    assert not state.done
    seated.signal(signal.SIGTERM)
    seated.last_words()
    seated.assert_fit()


def test_wrong_answers_are_asked_again_with_the_reason(tmp_path: Path) -> None:
    """A bare number, a comma, another unit and nothing at all are refused, each with the form that is taken."""
    seated = Seated(tmp_path, *GRID)
    seated.answer(USUAL | {"Over?": "done"}, "Thickness that is left")
    for wrong, told in {
        "120": "has no unit",
        "1,5 um": "write 1.5 um",
        "3 nA": "is not a length",
        "0 nm": "is not above zero",
        "-2 um": "is not above zero",
        "20 mm2": "is not a length",
    }.items():
        seated.say(wrong)
        assert told in " ".join(seated.answer({}, "Thickness that is left").split())
    seated.say("60 um")
    seated.answer(USUAL | {"How was it measured": "a ruler"}, "Is that so")
    seated.say("change")
    seated.answer({}, "Thickness that is left")
    seated.signal(signal.SIGTERM)
    seated.last_words()
    seated.assert_fit()


def test_the_clock_goes_on_while_nobody_types(tmp_path: Path) -> None:
    """While milling the clock is drawn again without a key, it calls for a look, and it never says done."""
    seated = Seated(tmp_path, "run", "si-lamella-grid", "--simulate", "--time-scale", "0.002")
    seated.answer(USUAL, "Over?")
    drawn = seated.wait_for("LOOK NOW") + seated.wait_for("STOP AND LOOK")
    assert "done" not in drawn.replace("done, stop", "")
    seated.signal(signal.SIGTERM)
    seated.last_words()


@pytest.mark.parametrize("running", [False, True])
def test_a_resized_window_is_drawn_anew(tmp_path: Path, running: bool) -> None:
    """Without a key, at a question and while the clock goes on: the screen has the new width, and the question."""
    seated = Seated(tmp_path, *GRID)
    seated.answer(USUAL, "What now")
    if running:
        seated.say("begin")
        seated.answer({}, "Over?")
    for columns, rows in ((110, 30), (80, 24)):
        seated.resize(columns, rows)
        screen = seated.answer({}, "Over?" if running else "What now")
        assert columns in map(len, screen.splitlines())
        assert max(map(len, screen.splitlines())) <= columns
    seated.signal(signal.SIGTERM)
    seated.last_words()


@pytest.mark.parametrize(
    "environment",
    [{"NO_COLOR": "1"}, {"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "cp1252"}, {"TERM": "dumb"}],
)
def test_it_works_without_colour_and_without_unicode(tmp_path: Path, environment: dict[str, str]) -> None:
    """Without colours no colour is sent, without Unicode only ASCII, and a dumb terminal is only written to."""
    told = {"PYTHONUTF8": "0", **environment}
    seated = Seated(tmp_path, *GRID, **told)
    screen = seated.answer(USUAL, "Over?")
    assert "since the start" in screen
    if "PYTHONIOENCODING" in environment:
        assert all(line.isascii() for shown in seated.screens() for line in shown)
    if "NO_COLOR" in environment:
        assert "\x1b[1;" not in seated.shown
        assert "\x1b[3" not in seated.shown
    if environment.get("TERM") == "dumb":
        assert "\x1b" not in seated.shown
    seated.signal(signal.SIGTERM)
    seated.last_words()


def test_answers_from_a_pipe_and_its_end(tmp_path: Path) -> None:
    """Piped answers are taken in turn; where the pipe ends, the session is left and the last line resumes it."""
    ran = subprocess.run(
        [sys.executable, "-m", "fibplan", *GRID, "--operator", "Ada"], cwd=tmp_path, input="start\nnext\n",
        capture_output=True, text=True, encoding="utf-8", env=ENVIRONMENT, check=False, timeout=90,
    )  # fmt: skip
    assert ran.returncode == 130, ran.stderr
    root = session_in(tmp_path)
    assert ran.stderr.splitlines()[-1] == f"fibplan resume {root.name}"
    assert "\x1b" not in ran.stdout
    assert "1/9  cap" in ran.stdout or "cap: deposit" in ran.stdout
