"""What may be said at a session's questions: looks, notes, images, skips, redos, pauses, doubts, files."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lamella_case import NOON, ResistorSmu, judge_of
from sitting import DONE, MEASURING, TO_THE_TIPS, Sitting, Typing, events, landed, measured, planned

from fibplan.cli.seating import Setup
from fibplan.clock import ScriptedClock
from fibplan.errors import InstrumentError, Misuse
from fibplan.journal.events import AnswerGiven, Ending, Found, OperationInspected, OperationStarted
from fibplan.journal.file import Journal, JournalLost, read
from fibplan.journal.state import Progress
from fibplan.model.verdict import Grade, Outcome, Verdict
from fibplan.smu.protocol import SweepRequest
from fibplan.wizard.desk import Desk, Left, Manner, Unanswered
from fibplan.wizard.proposal import Counsel, Proposal
from fibplan.wizard.question import Wrong, one_of, quantity
from fibplan.wizard.smu_on_demand import SmuOnDemand
from fibplan.wizard.terminal import Terminal

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


def test_actuals_are_asked_for_and_recorded(tmp_path: Path) -> None:
    """Thickness with how it was measured, times, current, dose and note stand in the journal in SI units."""
    lines = ["begin", "done", "190 nm", "EELS", "12 min", "10 min", "7.1 nA", "2 pC/um2", "some curtains", "record"]
    state = Sitting(tmp_path / "s", [*lines, "begin", "done", "not measured", "3 min", *[""] * 4, "record"]).run()
    done = state.done["first"]
    assert (done.thickness_m, done.thickness_by, done.note) == (pytest.approx(190e-9), "EELS", "some curtains")
    assert (done.duration_s, done.beam_on_s) == (720, 600)
    assert (done.beam_current_a, done.imaging_dose) == (pytest.approx(7.1e-9), pytest.approx(2.0))
    assert state.done["second"].thickness_m is None
    assert state.done["second"].thickness_by == ""


def test_a_thickness_is_not_taken_without_how_it_was_measured(tmp_path: Path) -> None:
    """Nothing, or a dash, is asked again with the reason."""
    sitting = Sitting(tmp_path / "s", ["begin", "done", "190 nm", "", "-", "SEM"])
    with pytest.raises(Left):
        sitting.run()
    assert sitting.said.count("how it was measured is needed") == 2
    answered = [event.question for event in events(tmp_path / "s", "answer_given")]
    assert "operation.first.thickness_by" in answered


def test_every_answer_is_in_the_journal_and_looks_are_not(tmp_path: Path) -> None:
    """What was answered stands there by id, in order; help, more and back leave nothing."""
    root = tmp_path / "s"
    with pytest.raises(Left):
        Sitting(root, ["help", "", "?", "", "begin", *DONE, "back", "", "leaf", "pause", "tea", "continue"]).run()
    answers = [(event.question, event.answer) for event in events(root, "answer_given")]
    assert answers[:3] == [
        ("operation.first.begin", "begin"),
        ("operation.first.end", "done"),
        ("operation.first.thickness", "200 nm"),
    ]
    assert answers[-3:] == [
        ("operation.second.begin", "pause"),
        ("session.pause_reason", "tea"),
        ("session.pause", "continue"),
    ]


def test_looking_back_changes_nothing(tmp_path: Path) -> None:
    """Back shows what was done; the journal has the same records before and after."""
    sitting = Sitting(tmp_path / "s", ["back", "begin", *DONE, "back", "", "back", "", "leave"])
    sitting.seat.story = lambda records: [record.event.kind for record in records]
    state = sitting.run()
    assert "nothing was done yet" in sitting.said
    assert "first: done; only to look at" in sitting.said
    assert state.operations == {"first": Progress.DONE, "second": Progress.PENDING}
    kinds = [record.event.kind for record in read(tmp_path / "s" / "journal.jsonl")]
    assert kinds.count("operation_done") == 1


def test_notes_and_images_are_kept_at_any_moment(tmp_path: Path) -> None:
    """Before, while milling, and with a colon where any text would be an answer."""
    image = tmp_path / "a b.png"
    image.write_bytes(PNG)
    lines = ["note before", "begin", "note while", f"attach '{image}'", "done", "200 nm", ":note in between", "SEM"]
    state = Sitting(tmp_path / "s", [*lines, *[""] * 4, "note is just words", "record", "leave"]).run()
    assert [(note.text, note.operation) for note in state.notes] == [
        ("before", None), ("while", "first"), ("in between", "first"),
    ]  # fmt: skip
    assert [entry.name for entry in state.attached] == ["a b.png"]
    assert state.done["first"].note == "note is just words"


def test_files_that_are_no_images_are_refused_and_the_session_goes_on(tmp_path: Path) -> None:
    """One that is missing, a text, a folder and one of 5 GB: each with its reason, none kept."""
    text, large = tmp_path / "text.png", tmp_path / "large.png"
    text.write_bytes(b"just words")
    with large.open("wb") as file:
        file.truncate(5 * 1024**3)
    lines = [f"attach {path}" for path in (tmp_path / "none.png", text, tmp_path, large)]
    sitting = Sitting(tmp_path / "s", ["attach", *lines, "leave"])
    state = sitting.run()
    assert not state.attached
    for told in ("no such file", "not an image", "not a file", "more than the 200 MB", "which file"):
        assert told in " ".join(sitting.said.split())


def test_a_journal_that_takes_nothing_more_ends_the_session_at_once(tmp_path: Path) -> None:
    """A note that could not be recorded is told with its cause, and nobody is asked anything after it."""
    root = tmp_path / "s"

    def lines() -> Iterator[str]:
        yield "note one"
        with (root / "journal.jsonl").open("ab") as file:
            file.write(b"x")
        yield "note two"
        raise AssertionError("asked again although nothing can be recorded")

    with pytest.raises(JournalLost, match="somebody else has written"):
        Sitting(root, lines()).run()


def test_a_skip_needs_a_reason_and_a_redo_is_a_new_operation(tmp_path: Path) -> None:
    """Both stand in the journal with their reasons; what was done before is left as it is."""
    lines = [
        "begin",
        *DONE,
        "redo",
        "nothing",
        "first",
        "too rough",
        "accept",
        "it is a try",
        "skip",
        "",
        "smooth enough",
        "skip",
        "thin enough",
    ]
    sitting = Sitting(tmp_path / "s", lines)
    state = sitting.run()
    assert "there is no 'nothing' here" in sitting.said
    assert [(event.operation, event.redoes, event.reason) for event in state.added] == [
        ("first-2", "first", "too rough")
    ]
    assert state.skipped == {"first-2": "smooth enough", "second": "thin enough"}
    assert state.operations["first"] is Progress.DONE


def test_what_is_broken_off_is_redone_or_left_out(tmp_path: Path) -> None:
    """Stop asks why and what was done of it; redo is then of that and nothing else, and an error in it stops first."""
    stopped = ["begin", "stop", "the beam drifted", "300 nm", "SEM", "9 min", "8 min", "", "", ""]
    redone = ["redo", "the rest of it", "accept", "it is a try"]
    sitting = Sitting(tmp_path / "s", [*stopped, *redone, "leave"])
    state = sitting.run()
    assert state.stopped["first"].thickness_m == pytest.approx(300e-9)
    assert state.operations["first-2"] is Progress.PENDING
    assert [(event.redoes, event.reason) for event in state.added] == [("first", "the rest of it")]
    assert state.accepted
    assert "BROKEN OFF: first" in sitting.said
    assert "STOP: what was done makes an error of what is left" in sitting.said


def test_what_an_error_blocks_can_be_left_out(tmp_path: Path) -> None:
    """A redo that the rules refuse is skipped with a reason instead of being accepted, and the session goes on."""
    lines = ["begin", *DONE, "redo", "first", "too rough", "skip", "a mistake", "leave"]
    state = Sitting(tmp_path / "s", lines).run()
    assert state.skipped == {"first-2": "a mistake"}
    assert not state.accepted


def test_a_pause_while_milling_holds_the_clock(tmp_path: Path) -> None:
    """The beam time that is offered leaves the pause out, the whole time has it."""
    lines = ["begin", "pause", "coffee", "continue", "done", "200 nm", "SEM", "", "", "", "", "", "record", "leave"]
    done = Sitting(tmp_path / "s", lines).run().done["first"]
    assert done.beam_on_s is not None
    assert done.duration_s - done.beam_on_s == pytest.approx(120)


def test_a_pause_is_thought_over_before_it_ends_the_session(tmp_path: Path) -> None:
    """Abort at a pause, answered with no, is still a pause."""
    lines = ["pause", "", "abort", "no", "continue", "begin", "stop", "x1", "not measured", *[""] * 5]
    with pytest.raises(Left):
        Sitting(tmp_path / "s", lines).run()


@pytest.mark.parametrize("keep", [True, False])
def test_absurd_values_need_a_second_confirmation(tmp_path: Path, keep: bool) -> None:
    """A lamella that grew is kept only with a reason, or given again."""
    grown = ["begin", *DONE, "begin", "done", "400 nm", "SEM", "", "", "", "", "", "record"]
    right = ["100 nm", "SEM", "2 min", "", "", "", "", "record"]
    more = ["keep", "", "the first was misread"] if keep else ["change", *right]
    sitting = Sitting(tmp_path / "s", [*grown, "", "next", *more])
    done = sitting.run().done["second"]
    assert "the lamella grew from 200 nm to 400 nm" in sitting.said
    assert done.reason == ("the first was misread" if keep else "")
    assert done.thickness_m == pytest.approx(400e-9 if keep else 100e-9)


def test_ten_times_the_time_is_doubted(tmp_path: Path) -> None:
    """Twelve hours for a rung of minutes is confirmed with a reason or not recorded."""
    lines = ["begin", "done", "200 nm", "SEM", "12 h", "", "", "", "", "record", "keep", "over night", "leave"]
    sitting = Sitting(tmp_path / "s", lines)
    assert sitting.run().done["first"].reason == "over night"
    assert "is the most that was expected" in sitting.said


def crashed(root: Path, name: str = "first") -> None:
    """A session whose process died while that operation was running."""
    Sitting(root, ["leave"]).run()
    with Journal(root / "journal.jsonl", ScriptedClock(NOON)) as journal:
        journal.append(OperationStarted(operation=name, changes_lamella=True))


@pytest.mark.parametrize("found", ["not begun", "partly done", "finished"])
def test_what_a_crash_left_uncertain_is_inspected(tmp_path: Path, found: str) -> None:
    """Each finding is recorded with its values, and only what was not begun may be begun again."""
    root = tmp_path / "s"
    crashed(root)
    values = {
        "not begun": [],
        "partly done": ["700 nm", "SEM", "2 min", "2 min", "", "", "", "power cut"],
        "finished": ["210 nm", "SEM", "2 min", "2 min", "", "", "", "record"],
    }[found]
    sitting = Sitting(root, ["begin", "", "next", found, *values, "leave"])
    state = sitting.resume()
    assert "UNCERTAIN: first was started" in sitting.said
    assert "not begun again before you say" in sitting.said
    [inspected] = [event for event in events(root, "operation_inspected") if isinstance(event, OperationInspected)]
    assert inspected.found == Found(found)
    progress = {"not begun": Progress.PENDING, "partly done": Progress.STOPPED, "finished": Progress.DONE}[found]
    assert state.operations["first"] is progress


def test_absurd_values_of_an_inspection_are_doubted_too(tmp_path: Path) -> None:
    """Finished with ten times the thickness that was planned: corrected, or kept with a reason."""
    root = tmp_path / "s"
    crashed(root)
    values = ["2 um", "SEM", "2 min", "2 min", "", "", "", "record"]
    state = Sitting(root, ["finished", *values, "keep", "measured twice", "leave"]).resume()
    assert state.done["first"].reason == "measured twice"


def test_tips_are_guided_and_conditions_asked(tmp_path: Path) -> None:
    """Sample, both conditions, then every landing; each curve keeps what was confirmed."""
    sitting = measured([*TO_THE_TIPS, "ready", "yes", "no", *["landed"] * 30], tmp_path / "s", **landed(ResistorSmu()))
    with pytest.raises(Left):
        sitting.run()
    for told in ("land tip 1 on the working electrode", "grounded", "SIMULATED bridge, gentle", "the beams blanked"):
        assert told in " ".join(sitting.said.split()) or told == "the beams blanked"
    curves = sitting.seat.open.curves.curves
    assert curves
    assert {curve.conditions for curve in curves} == {("beam_blanked",)}


def test_a_marginal_lamella_is_accepted_by_name_and_reason(tmp_path: Path) -> None:
    """Only then is accept offered; person and reason stay, and the session ends accepted."""

    def marginal(curves) -> Verdict:
        verdict = judge_of(MEASURING)(curves)
        first, *rest = verdict.paths
        paths = (first.model_copy(update={"grade": Grade.MARGINAL}), *rest)
        return verdict.model_copy(update={"outcome": Outcome.REWORK, "paths": paths})

    end = ["accept", "", "Ada", "", "good enough for a first try", "begin", "done", "", "", "record"]
    lines = [*TO_THE_TIPS, "ready", "yes", "yes", *["landed"] * count_of_landings(), *end]
    sitting = measured(lines, tmp_path / "s", judge=marginal, **landed(ResistorSmu()))
    state = sitting.run()
    assert state.closed is not None
    assert state.closed.outcome is Ending.ACCEPTED
    assert "Ada accepts the lamella" in state.closed.reason
    assert "good enough for a first try" in state.closed.reason


def test_a_proposal_is_taken_up_by_its_number(tmp_path: Path) -> None:
    """Rework 1 does what the first proposal says; a number that there is not is asked again."""
    from fibplan.session.walk import Redo

    def propose(session, verdict) -> Counsel:
        return Counsel(("the bridge is open",), (Proposal("measure again", Redo(["measure"], "tips")),))

    lines = [*TO_THE_TIPS, "ready", "yes", "yes", *["landed"] * count_of_landings(), "rework 2", "accept", "rework 1"]
    smu = ResistorSmu(bridge_ohm=1e9)
    sitting = measured([*lines, "leave"], tmp_path / "s", propose=propose, **landed(smu))
    state = sitting.run()
    assert [(event.operation, event.redoes) for event in state.added] == [("measure-2", "measure")]
    assert "the bridge is open" in sitting.said
    assert "'accept' is no answer here" in sitting.said
    assert any("measure again" in note.text for note in state.notes)


def count_of_landings() -> int:
    from fibplan.verification.probing import protocol

    return sum(bool(step.moved) for step in protocol(planned(MEASURING), ("bridge", "protective")))


def test_nobody_is_asked_where_nobody_may_be(tmp_path: Path) -> None:
    """A question without an answer ends the session, which can be resumed; nothing was started."""
    sitting = Sitting(tmp_path / "s", ["begin"])
    desk = Desk(Terminal(sitting.out, Typing([], sitting.clock), simulated=False), Manner(ask=False))
    sitting.seat.desk = desk
    with pytest.raises(Unanswered, match=r"operation\.first\.begin"):
        sitting.run()
    assert not events(tmp_path / "s", "operation_started")


def test_a_setup_is_kept_as_it_was() -> None:
    """What is written into the journal of a session is read back as the same setup."""
    for setup in (
        Setup(True, faults=("open_bridge", "halo_short"), seed=7, time_scale=0.25),
        Setup(False, "TCPIP::1.2.3.4::5025::SOCKET", "@ivi", seed=3, files=True),
    ):
        kept = {question: [answer] for question, answer in setup.answers().items()}
        assert Setup.kept(setup.simulated, kept) == setup
        assert all(AnswerGiven(question=question, answer=answer) for question, (answer,) in kept.items())


def test_an_smu_that_does_not_answer_yet_holds_nothing_up() -> None:
    """Hours before the sweep it may be off: that is told, and a simulator in a real session is refused."""
    calls: list[int] = []

    def connect() -> ResistorSmu:
        calls.append(1)
        if len(calls) == 1:
            raise InstrumentError("nothing answers")
        return ResistorSmu(simulated=len(calls) == 2)

    smu = SmuOnDemand(connect)
    assert "nothing answers" in smu.instrument.identity
    request = SweepRequest.bipolar(voltage_v=0.005, compliance_a=1e-5, points=5)
    with pytest.raises(InstrumentError, match="simulat"):
        smu.sweep(request)
    swept = smu.sweep(request)
    assert swept.instrument is not None
    assert swept.instrument.identity == "RESISTOR,1,0"


@pytest.mark.parametrize("text", ["", "b", "begi", "begin now", "y", "yes", "nex"])
def test_a_word_is_written_in_full(text: str) -> None:
    """No letter, no beginning of a word and no other word begins anything."""
    with pytest.raises(Wrong):
        one_of({"begin": "", "skip": ""}, {"next": "begin"})(text)


@pytest.mark.parametrize("text", ["next", " BEGIN ", "Begin"])
def test_a_whole_word_counts_in_any_case(text: str) -> None:
    """Blanks and capitals make no difference."""
    assert one_of({"begin": "", "skip": ""}, {"next": "begin"})(text) == "begin"


@pytest.mark.parametrize("text", ["120", "1,5 um", "3 nA", "0 nm", "-1 nm", "", "nan nm", "not", "1e99 nm"])
def test_a_quantity_has_a_number_a_unit_and_a_size(text: str) -> None:
    """Whatever else is typed is refused with what to write."""
    with pytest.raises(Misuse) as caught:
        quantity("m", "120 nm", unknown=True)(text)
    assert caught.value.remedy
