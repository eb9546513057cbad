"""The study of verdicts, short: the same lamellae, driver, simulator and counting, a handful of each."""

import json
from pathlib import Path

import pytest
from benchmarks.verdict_study.cases import DRAWN, NAMED, Sizes
from benchmarks.verdict_study.diagnosing import places_of
from benchmarks.verdict_study.lamellae import Lamella, Truth
from benchmarks.verdict_study.named import CASES, PAPER, lamella_of
from benchmarks.verdict_study.probing import curves_of
from benchmarks.verdict_study.report import THE_PAPERS, report, required
from benchmarks.verdict_study.results import Log, Result
from benchmarks.verdict_study.workers import Bench, bench_of, results_of

from fibplan.circuit.faults import FAULTS
from fibplan.circuit.isolation import with_isolation
from fibplan.circuit.network import build_network
from fibplan.circuit.parameters import MEMBRANE
from fibplan.circuit.truth import values_reading
from fibplan.model.plan import Plan
from fibplan.model.verdict import Outcome

SIZES = Sizes(geometries=1, rows=4, each=1, pairs=3, near=3, diagnosed=1)
STUDY = {"seed": 3, "each": 1}


@pytest.fixture(scope="module")
def bench() -> Bench:
    return bench_of(SIZES, 3, finer=1, samples=300)


@pytest.fixture(scope="module")
def found(bench: Bench) -> list[Result]:
    return list(results_of(bench, range(1), set()))


def test_the_study_runs_short(found: list[Result]) -> None:
    """Nothing that truly violates a criterion is accepted, every fault is measured, what is clearly good passes."""
    assert {entry.kind for entry in found} >= {DRAWN, NAMED, *FAULTS}
    assert not [entry.case for entry in found if entry.violates and entry.accepted]
    drawn = [entry for entry in found if entry.kind == DRAWN and entry.truth == Truth.CLEAR]
    assert drawn
    assert all(entry.accepted for entry in drawn)
    assert sum(entry.place == 1 for entry in found) >= 0.8 * sum(entry.place is not None for entry in found)


def test_the_named_cases_are_as_they_must_be(found: list[Result]) -> None:
    """The paper's own lamella is accepted on each instrument, and nothing that is wrong with it."""
    accepted = [entry.case.split("/")[1] for entry in found if entry.kind == NAMED and entry.accepted]
    assert accepted == [THE_PAPERS] * 3
    assert sum(entry.kind == NAMED for entry in found) == 3 * len(CASES)


def test_the_report_counts_every_case_and_every_fault(found: list[Result]) -> None:
    """The matrix adds up to the cases, each fault has its row, and too few cases hold no requirement on counts."""
    lines = report(found)
    rows = [line for line in lines for truth in Truth if line.startswith(f"| {truth} |")]
    assert sum(int(row.split("|")[2]) for row in rows) == sum(entry.kind != NAMED for entry in found)
    assert all(any(line.startswith(f"| {name.replace('_', ' ')} |") for line in lines) for name in FAULTS)
    assert any("at least 2,000 good" in line and line.endswith("NO |") for line in required(found))


def test_a_false_accept_is_told_by_its_case(found: list[Result]) -> None:
    """One lamella that violates and is accepted breaks the requirement, and the report names it."""
    bad = next(entry for entry in found if entry.violates and entry.kind != NAMED)
    lines = required([*found, bad._replace(case="open_bridge/99", outcome=Outcome.ACCEPT)])
    assert any(line.startswith("| no false accept") and line.endswith("NO |") for line in lines)
    assert any("open_bridge/99" in line for line in lines)


def test_a_kill_loses_nothing(found: list[Result], tmp_path: Path) -> None:
    """A file whose last line was cut short is read up to there, and goes on with a whole line."""
    path = tmp_path / "results.jsonl"
    log = Log(path, STUDY)
    for entry in found[:3]:
        log.append(entry)
    log.close()
    text = path.read_text(encoding="utf-8")
    path.write_text(text[:-40], encoding="utf-8")
    again = Log(path, STUDY)
    assert list(again.results.values()) == found[:2]
    again.append(found[2])
    again.close()
    assert path.read_text(encoding="utf-8") == text
    assert json.loads(text.splitlines()[0]) == STUDY


def test_another_study_s_file_is_refused(tmp_path: Path) -> None:
    """Results of other sizes or another seed are never mixed."""
    path = tmp_path / "results.jsonl"
    Log(path, STUDY).close()
    with pytest.raises(SystemExit, match="another study"):
        Log(path, {**STUDY, "seed": 4})


def test_the_same_case_is_measured_again_the_same(bench: Bench, found: list[Result]) -> None:
    """What a case gives depends on nothing that was measured before it."""
    wanted = "skin_short/0"
    others = {entry.case for entry in found if entry.case != wanted}
    (again,) = results_of(bench, range(1), others)
    assert again == next(entry for entry in found if entry.case == wanted)


def test_the_truth_is_the_network_s_own(paper_plan: Plan) -> None:
    """A fault of the probing leaves the lamella what it is, and a short of 9 kohm is one behind any tip."""
    sound = lamella_of(paper_plan, CASES[THE_PAPERS])
    assert sound.truth is Truth.GOOD
    assert sound.ohms["protective"] == pytest.approx(PAPER["protective"], rel=1e-3)
    lifted = Lamella(sound.plan, sound.sound, sound.values, ("probe_lifted",))
    assert lifted.ohms == sound.ohms
    hidden = lamella_of(paper_plan, CASES["oxidised tip (10 Mohm) before a short of 9 kohm"])
    assert hidden.ohms["protective"] == pytest.approx(9e3, rel=0.02)
    assert hidden.truth is Truth.VIOLATES


def test_a_meter_that_resolves_a_sound_isolation_suspects_no_smear(bench: Bench, paper_plan: Plan) -> None:
    """What the membrane lets through between two electrodes is as planned, and hides no open bridge."""
    usual = values_reading(paper_plan, PAPER)
    values = {**usual, MEMBRANE: usual[MEMBRANE] / 30.0}
    sound = with_isolation(build_network(paper_plan, values), paper_plan, values)
    lamella, card = Lamella(paper_plan, sound, values, ("open_bridge",)), bench.cards[2]
    curves = curves_of(bench.plan, card, lamella.device, 1)
    assert 1e10 < lamella.ohms["isolation-reference_electrode"] < 2e12
    assert places_of("open_bridge", curves, card, bench.suspects, bench.finer).diagnosis == 1
