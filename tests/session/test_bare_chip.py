"""The bare chip is measured before the lamella comes, and one that is shorted or noisy never gets it."""

import math
from pathlib import Path

import pytest
from lamella_case import NOON, SOURCES
from shipped import PAPER, replaced

from fibplan.cli.lamella import SimulatedLamella, expected_of, simulated_truth
from fibplan.clock import ScriptedClock
from fibplan.errors import NotAccepted
from fibplan.journal.file import read
from fibplan.journal.state import Progress, SessionState, fold
from fibplan.library.examine import examine
from fibplan.library.search_path import default_search_path
from fibplan.model.plan import Plan
from fibplan.model.verdict import Outcome
from fibplan.session.bare_chip import CODE
from fibplan.session.engine import Crew, run_session
from fibplan.session.operator import Landings, ScriptedOperator
from fibplan.session.session import Session
from fibplan.session.waiting import Blocked, Doubted, Waiting
from fibplan.session.walk import Confirm, Decide, Decision, Redo, as_planned
from fibplan.simulator.device import Resistor
from fibplan.simulator.server import SimulatedSmu
from fibplan.smu.connect import connect
from fibplan.verification.verdict import judge

STEP = """
  - name: bare-chip
    kind: measure
    after: [lift-out]
    paths: [isolation-reference_electrode, isolation-counter_electrode]
  - name: transfer
    kind: transfer
    after: [bare-chip]
"""
TRANSFER = "\n  - name: transfer\n    kind: transfer\n    after: [lift-out]\n"
SHORTED, LEAKING = {"working_electrode", "reference_electrode"}, {"lifted"}


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    path = tmp_path_factory.mktemp("recipe") / "bare.yaml"
    path.write_text(replaced(PAPER.read_text(encoding="utf-8"), TRANSFER, STEP), encoding="utf-8")
    return examine(str(path), default_search_path()).sound_plan()


def walked(root: Path, plan: Plan, between: set[str], ohm: float, decide: Decide = as_planned) -> SessionState:
    """A session in which so many ohm lie between those landings, until an operation is done again."""
    expected, card, clock = expected_of(plan, seed=0), plan.cards.smu, ScriptedClock(NOON)
    lamella, mended = SimulatedLamella(plan, simulated_truth(plan, expected)), list[bool]()
    assert card is not None

    def decided(session: Session, waiting: Waiting | Doubted) -> Decision:
        decision = decide(session, waiting)
        mended.extend([True] if isinstance(decision, Redo) else [])
        return decision

    with SimulatedSmu(card, Resistor(math.inf), seed=3, time_scale=0.0) as simulated:

        def landed(landings: Landings) -> None:
            spoilt = set(landings) == between and not mended
            simulated.connect(Resistor(ohm) if spoilt else lamella.device(landings))

        crew = Crew(
            ScriptedOperator(clock, landed),
            connect(simulated.resource, card),
            lambda curves: judge(plan, curves, card, expected.resistances),
            clock,
            decide=decided,
        )
        return run_session(root, plan, SOURCES, crew, "s-001")


@pytest.mark.parametrize(
    ("between", "ohm", "why"),
    [
        (SHORTED, 50.0, "the isolation of the reference electrode is fail"),
        (LEAKING, 1e6, "flow between the lifted tips"),
        ({"working_electrode"}, 1e9, "so the tip may hang in the air"),
    ],
    ids=["shorted", "leaking", "no contact"],
)
def test_a_bad_chip_stops_the_session_before_the_lamella_is_put_on_it(
    tmp_path: Path, plan: Plan, between: set[str], ohm: float, why: str
) -> None:
    """Its curves are judged at once: the transfer is never begun, the reason is told, and the curves are kept."""
    with pytest.raises(NotAccepted, match=why):
        walked(tmp_path / "s", plan, between, ohm)
    state = fold(record.event for record in read(tmp_path / "s" / "journal.jsonl"))
    assert state.operations["bare-chip"] is Progress.DONE
    assert state.operations["transfer"] is Progress.PENDING
    assert {finding.code for finding in state.findings} == {CODE}
    assert {finding.path for finding in state.findings} == {("steps", "transfer")}
    assert state.verdict is None
    assert state.curves


def test_another_chip_is_measured_again_and_takes_the_lamella(tmp_path: Path, plan: Plan) -> None:
    """Once the check was redone on a sound chip nothing blocks, and all is measured again after the work."""

    def decide(session: Session, waiting: Waiting | Doubted) -> Decision:
        return Redo(["bare-chip"], "another chip") if isinstance(waiting, Blocked) else as_planned(session, waiting)

    state = walked(tmp_path / "s", plan, SHORTED, 50.0, decide)
    assert state.operations["bare-chip-2"] is Progress.DONE
    assert state.findings == ()
    assert state.verdict is not None
    assert state.verdict.outcome is Outcome.ACCEPT


def test_a_person_may_go_on_with_a_reason_and_the_verdict_still_rejects(tmp_path: Path, plan: Plan) -> None:
    """What was accepted of the bare chip accepts nothing of the lamella: its isolation is measured again, and fails."""

    def decide(session: Session, waiting: Waiting | Doubted) -> Decision:
        return Confirm("the only chip there is") if isinstance(waiting, Blocked) else as_planned(session, waiting)

    state = walked(tmp_path / "s", plan, SHORTED, 50.0, decide)
    assert [entry.reason for entry in state.accepted] == ["the only chip there is"]
    assert state.verdict is not None
    assert state.verdict.outcome is Outcome.REJECT


def test_a_sound_chip_is_not_told_of(tmp_path: Path, plan: Plan) -> None:
    """With nothing wrong the check leaves no finding, and its curves do not stand for those after the work."""
    state = walked(tmp_path / "s", plan, set(), 1.0)
    assert state.findings == ()
    assert state.verdict is not None
    assert state.verdict.outcome is Outcome.ACCEPT
    assert len(state.curves) < state.curves_ever
