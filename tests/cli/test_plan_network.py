"""What ``fibplan plan`` tells of the network: currents that the paths bear, and how the electrodes are isolated."""

import json
from pathlib import Path

import pytest
from as_users_run_it import Run
from shipped import PAPER, replaced

PARTS = ("active layer", "halo", "membrane")


def told(run: Run, recipe: Path) -> str:
    return " ".join(run("plan", str(recipe)).stdout.split())


def test_currents_and_isolation_are_told_in_words(run: Run) -> None:
    """For each path what it bears, why, and what the SMU is limited to; for each other electrode an interval."""
    text = told(run, PAPER)
    assert "protective: at most 41 uA, since the Pt has 0.063 um2" in text
    assert "the SMU is limited to 1 uA." in text
    for electrode in ("reference electrode", "counter electrode"):
        assert f"working electrode to {electrode}: " in text
    assert "what dirt or moisture on the chip adds is on no card" in text
    for part in PARTS:
        assert part in text


def test_they_are_in_the_json(run: Run) -> None:
    """The same numbers, with the six terminals and a symmetric matrix of conductances between them."""
    found = json.loads(run("plan", str(PAPER), "--format", "json").stdout)
    assert found["limits"]["protective"]["compliance_a"] == 1e-6
    assert found["limits"]["bridge"]["current_a"] == pytest.approx(4.095e-5)
    isolation = found["isolation"]
    assert isolation["from"] == "working_electrode"
    assert set(isolation["resistances_ohm"]) == {"reference_electrode", "counter_electrode"}
    for interval in isolation["resistances_ohm"].values():
        assert 1e9 < interval["low"] < interval["expected"] < interval["high"]
        assert interval["status"] == "unverified"
    matrix = isolation["conductance_s"]
    assert len(isolation["terminals"]) == len(matrix) == 6
    assert all(matrix[i][j] == matrix[j][i] for i in range(6) for j in range(6))
    assert set(found["contributions_ohm"]["protective"]) >= {"active_layer", "halo", "membrane"}


def test_a_compliance_that_is_left_out_is_a_microampere(run: Run, tmp_path: Path) -> None:
    """Of the protective path, as the recipe says nothing else."""
    recipe = tmp_path / "recipe.yaml"
    text = PAPER.read_text(encoding="utf-8")
    old = "{voltage: 500 mV, compliance: 1 uA, points: 41, assumed: [voltage, compliance, points]}"
    recipe.write_text(
        replaced(text, old, "{voltage: 500 mV, points: 41, assumed: [voltage, points]}"), encoding="utf-8"
    )
    found = json.loads(run("plan", str(recipe), "--format", "json").stdout)
    assert found["limits"]["protective"]["compliance_a"] == 1e-6


def test_an_open_path_is_called_open(run: Run, tmp_path: Path) -> None:
    """Where a card makes the bridge an insulator, with neither a warning nor a number of ohm for it."""
    materials = tmp_path / "instruments" / "materials.yaml"
    materials.parent.mkdir()
    shipped = (PAPER.parent.parent / "instruments" / "materials.yaml").read_text(encoding="utf-8")
    old = "resistivity: {expected: 1500 uohm cm, low: 700 uohm cm, high: 7700 uohm cm"
    materials.write_text(replaced(shipped, old, old.replace("1500 u", "1e30 ").replace("700 u", "1e30 ", 1)
                                  .replace("7700 u", "1e30 ")), encoding="utf-8")  # fmt: skip
    done = run("plan", str(PAPER), "--library", str(tmp_path))
    assert "Traceback" not in done.stderr
    assert "bridge: open, nothing joins its two tips." in done.stdout
