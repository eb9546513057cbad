"""A lamella whose paths are marginal: accepted by a named person with a reason, or not at all."""

from pathlib import Path

import pytest
from lamella_case import NOON, SOURCES, ResistorSmu, crew_of, plan_of, recipe_with

from fibplan.clock import ScriptedClock
from fibplan.errors import Misuse, StorageError
from fibplan.handoff.contents import gather, shortcomings
from fibplan.handoff.package import write_hand_off
from fibplan.journal.events import Ending, MarginalAccepted
from fibplan.journal.file import read
from fibplan.journal.state import fold
from fibplan.model.curve import CurveSet
from fibplan.model.verdict import Acceptance, Grade, Outcome, PathVerdict, Verdict
from fibplan.session.engine import run_session
from fibplan.session.folder import SessionFolder
from fibplan.session.session import Session
from fibplan.session.waiting import Unaccepted
from fibplan.session.walk import AcceptMarginal, Decision, as_planned

RECIPE = recipe_with()
WHO = ("A. Person", "the lamella is 1 um thick")


def verdict_of(*grades: Grade, outcome: Outcome = Outcome.REWORK) -> Verdict:
    paths = [
        PathVerdict(path=name, resistance=None, grade=grade, reasons=("test",))
        for name, grade in zip(RECIPE.verification, grades, strict=True)
    ]
    return Verdict(outcome=outcome, paths=tuple(paths), simulated=True)


MARGINAL = verdict_of(Grade.PASS, Grade.MARGINAL)


def walked(root: Path, verdict: Verdict, person: str, reason: str):
    """A session that comes to that verdict, which that person accepts."""

    def judge(_: CurveSet) -> Verdict:
        return verdict

    def decide(session: Session, waiting) -> Decision:
        return AcceptMarginal(person, reason) if isinstance(waiting, Unaccepted) else as_planned(session, waiting)

    crew = crew_of(RECIPE, ResistorSmu(), ScriptedClock(NOON), judge=judge, decide=decide)
    return run_session(root, plan_of(RECIPE), SOURCES, crew, "s-001")


def test_a_marginal_lamella_is_handed_off_once_a_person_accepts_it(tmp_path: Path) -> None:
    """Name, reason and the marginal paths stay in the journal, the end says who, and the hand-off may be written."""
    state = walked(tmp_path / "s", MARGINAL, *WHO)
    assert state.closed is not None
    assert state.closed.outcome is Ending.ACCEPTED
    assert "A. Person accepts" in state.closed.reason
    assert state.verdict is not None
    assert state.verdict.acceptance == Acceptance(person=WHO[0], reason=WHO[1])
    assert [path.grade for path in state.verdict.paths] == [Grade.PASS, Grade.MARGINAL]
    (event,) = [r.event for r in read(tmp_path / "s" / "journal.jsonl") if isinstance(r.event, MarginalAccepted)]
    assert event.paths == ("protective",)
    contents = gather(SessionFolder(tmp_path / "s"), plan_of(RECIPE), {}, "lamella-7")
    assert shortcomings(contents) == ()
    assert write_hand_off(contents, tmp_path / "out").suffix == ".eln"


@pytest.mark.parametrize(
    ("person", "reason", "missing"),
    [
        ("", "why not", "a name is missing"), ("A. Person", " ", "a reason is missing"),
        ("\u200b", "why not", "a name is missing"), ("A. Person", "-", "a reason is missing"),
        ("A" * 10_000, "why not", "a name may have 200 characters, not 10000"),
    ],
)  # fmt: skip
def test_nobody_accepts_without_a_name_and_a_reason(tmp_path: Path, person: str, reason: str, missing: str) -> None:
    """An empty name or reason, one that cannot be seen and one without end are refused, and nothing is accepted."""
    with pytest.raises(Misuse, match=missing):
        walked(tmp_path / "s", MARGINAL, person, reason)
    state = fold(record.event for record in read(tmp_path / "s" / "journal.jsonl"))
    assert state.verdict == MARGINAL


NOT_ACCEPTABLE = {
    "rejected": verdict_of(Grade.FAIL, Grade.MARGINAL, outcome=Outcome.REJECT),
    "inconclusive": verdict_of(Grade.INCONCLUSIVE, Grade.MARGINAL, outcome=Outcome.INCONCLUSIVE),
    "said to be rework": verdict_of(Grade.FAIL, Grade.MARGINAL),
}


@pytest.mark.parametrize("name", NOT_ACCEPTABLE)
def test_what_fails_or_is_undecided_is_nobody_s_to_accept(tmp_path: Path, name: str) -> None:
    """Only marginal paths can be accepted; no name makes a pass of anything else."""
    with pytest.raises(Misuse, match="nobody's to accept"):
        walked(tmp_path / "s", NOT_ACCEPTABLE[name], *WHO)


def test_an_acceptance_of_another_verdict_is_a_damaged_journal(tmp_path: Path) -> None:
    """A record that accepts what nobody may accept is not folded into an accepted lamella."""
    walked(tmp_path / "s", MARGINAL, *WHO)
    events = [record.event for record in read(tmp_path / "s" / "journal.jsonl")]
    without = [event for event in events if event.kind != "verdict_reached"]
    with pytest.raises(StorageError, match="nobody may accept"):
        fold(without)
