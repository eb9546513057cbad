"""``verify``: judges stored curves as the live run did, by the card of what measured them."""

import json
from pathlib import Path

import pytest
from as_users_run_it import Run
from cli.test_faults_caught import measured
from shipped import smu_card

from fibplan.cli.curve_file import append_curve
from fibplan.cli.lamella import expected_of
from fibplan.model.curve import CurveSet
from fibplan.model.plan import Plan


def stored(curves: CurveSet, path: Path, **instrument: str) -> str:
    for curve in curves.curves:
        changed = curve.instrument.model_copy(update=instrument)
        append_curve(path, curve.model_copy(update={"instrument": changed}))
    return path.name


def test_stored_curves_are_accepted_and_the_pass_is_called_dry(run: Run, tmp_path: Path, paper_plan: Plan) -> None:
    """The interval says its coverage, and the report that nothing wet was measured."""
    curves = measured(paper_plan, expected_of(paper_plan, 0), smu_card("keithley-2450"), [])
    told = run("verify", stored(curves, tmp_path / "c.json"))
    assert told.returncode == 0, told.stderr
    assert "SIMULATED verdict: accept" in told.stdout
    assert ", 95 %)" in told.stdout
    assert "measured dry: no metallic short now" in told.stdout
    assert json.loads(run("verify", "c.json", "--format", "json").stdout)["caveat"].startswith("measured dry")


def test_the_card_of_the_model_that_measured_is_looked_for(run: Run, tmp_path: Path, paper_plan: Plan) -> None:
    """Curves of a 2400 are judged by its card, though the recipe names a 2450, and that is said."""
    curves = measured(paper_plan, expected_of(paper_plan, 0), smu_card("keithley-2400"), [])
    told = run("verify", stored(curves, tmp_path / "c.json"))
    assert told.returncode == 0, told.stdout
    assert "judged by the card 'keithley-2400' and not by 'keithley-2450'" in told.stderr


def test_a_model_without_a_card_is_inconclusive_and_names_the_card(run: Run, tmp_path: Path, paper_plan: Plan) -> None:
    """No other model's accuracy is taken for it."""
    curves = measured(paper_plan, expected_of(paper_plan, 0), smu_card("keithley-2450"), [])
    told = run("verify", stored(curves, tmp_path / "c.json", model="6430"))
    assert told.returncode == 1
    assert "the card of a 6430 is needed" in told.stdout


@pytest.mark.parametrize("fault", ["electrode_short", "offset_current"])
def test_a_fault_is_told_from_the_disk(run: Run, tmp_path: Path, paper_plan: Plan, fault: str) -> None:
    """Exit code 1, and what to do."""
    curves = measured(paper_plan, expected_of(paper_plan, 0), smu_card("keithley-2450"), [fault])
    told = run("verify", stored(curves, tmp_path / "c.json"))
    assert told.returncode == 1
    assert "to do: " in told.stdout
