"""``demo``: the whole main job in one command, accepted when all is well and rejected with the reason when not."""

import hashlib
import json
import zipfile
from pathlib import Path

import pytest
from as_users_run_it import Run


def test_the_paper_s_lamella_is_accepted_and_its_truth_lies_in_the_bounds(run: Run) -> None:
    """150 ohm and 12.5 Mohm, simulated, are measured to within 0.2 % of their bounds, and the lamella is handed off.

    One interval in twenty misses its truth; how often is the business of the coverage study, not of one seed.
    """
    told = run("demo", "--format", "json")
    assert told.returncode == 0, told.stderr
    summary = json.loads(told.stdout)
    assert summary["verdict"] == "accept"
    assert summary["simulated"] is True
    assert summary["faults"] == []
    assert summary["truth_ohm"] == {"bridge": 150.0, "protective": 1.25e7}
    for path, truth in summary["truth_ohm"].items():
        bounds = summary["paths"][path]["resistance_ohm"]
        assert bounds["low"] / 1.002 <= truth <= bounds["high"] * 1.002


FAULTY: dict[tuple[str, ...], tuple[str, str, str, str]] = {
    ("open_bridge",): ("reject", "bridge: fail", "the path is open", "deposit it again"),
    ("halo_short",): ("reject", "protective: fail", "current leaks past what must insulate", "cut the halo"),
    ("offset_current",): ("inconclusive", "protective: inconclusive", "current flows without a voltage", "blank the"),
    ("skin_short", "probe_lifted"): (
        "inconclusive",
        "protective: inconclusive",
        "no contact seen",
        "land the tips again",
    ),
    ("electrode_short",): (
        "reject",
        "isolation-reference_electrode: fail",
        "at most 500 kohm",
        "between the two electrodes",
    ),
    ("resistive_tip",): ("inconclusive", "bridge: inconclusive", "leads and contacts may be", "clean the tips"),
    ("intermittent_contact",): (
        "inconclusive",
        "bridge: inconclusive",
        "jump between two points",
        "land the tips again",
    ),
}


@pytest.mark.parametrize("faults", FAULTY)
def test_a_faulty_lamella_is_not_accepted_with_reason_and_remedy(
    run: Run, tmp_path: Path, faults: tuple[str, ...]
) -> None:
    """The same job ends with 1, names the path it is about, says what to do, and leaves no hand-off package."""
    verdict, path, reason, remedy = FAULTY[faults]
    told = run("demo", *(word for fault in faults for word in ("--fault", fault)))
    assert told.returncode == 1, told.stderr
    assert f"SIMULATED verdict: {verdict}" in told.stdout
    assert f"  {path}" in told.stdout
    assert reason in told.stdout
    assert remedy in told.stdout
    assert not list(tmp_path.rglob("*.eln"))
    assert [package.name for package in tmp_path.rglob("*.zip")] == ["demo-0-NOT-ACCEPTED-failure-report.zip"]


def test_everything_that_is_named_is_there(run: Run, tmp_path: Path) -> None:
    """Pictures, journal, curves and package are where the command says, and the checksums of the package hold."""
    told = run("demo", "--format", "json")
    summary = json.loads(told.stdout)
    figures = {path.name for path in (tmp_path / summary["figures"]).iterdir()}
    named = ("chip", "ladder", "timeline", "iv-bridge", "iv-protective", "iv-isolation-reference_electrode",
             "iv-isolation-counter_electrode", "resistances", "diagnosis")  # fmt: skip
    assert figures == {f"{name}.{kind}" for name in named for kind in ("png", "svg")}
    assert (tmp_path / summary["session"] / "journal.jsonl").is_file()
    with zipfile.ZipFile(tmp_path / summary["package"]) as package:
        root = package.namelist()[0].split("/")[0]
        sums = package.read(f"{root}/checksums.sha256").decode("utf-8")
        for line in sums.splitlines():
            digest, name = line.split("  ", 1)
            assert hashlib.sha256(package.read(f"{root}/{name}")).hexdigest() == digest
        assert "SIMULATED" in package.read(f"{root}/README.md").decode("utf-8").splitlines()[0]


def test_a_second_run_writes_beside_the_first_with_the_same_bytes(run: Run, tmp_path: Path) -> None:
    """Nothing is written over, and the same recipe and seed give the same package."""
    assert run("demo").returncode == 0
    assert run("demo").returncode == 0
    first, second = (tmp_path / name / "demo-0.eln" for name in ("fibplan-demo", "fibplan-demo-2"))
    assert first.read_bytes() == second.read_bytes()


def test_the_solid_state_battery_runs_too(run: Run) -> None:
    """A recipe with an electrolyte goes the same way and is accepted with its expected resistances."""
    told = run("demo", "--recipe", "lco-lipon-biasing-chip")
    assert told.returncode == 0, told.stderr + told.stdout


@pytest.mark.parametrize(
    ("arguments", "told_why"),
    [
        (["--recipe", "si-lamella-grid"], "nothing to measure"),
        (["--fault", "open_bridge", "--fault", "bad_luck"], "choose one of open_bridge, thin_bridge, halo_short"),
        (["--recipe", "nowhere"], "no recipe of that name"),
        (["--out", "a-file"], "a-file"),
    ],
)
def test_what_cannot_be_demonstrated_is_misuse(run: Run, tmp_path: Path, arguments: list[str], told_why: str) -> None:
    """A recipe without electrical part, an unknown fault or recipe, and a file in the way are one line each."""
    (tmp_path / "a-file").write_text("mine", encoding="utf-8")
    told = run("demo", *arguments)
    assert told.returncode == 2
    assert told_why in told.stderr
    assert "Traceback" not in told.stderr
    assert (tmp_path / "a-file").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "fibplan-demo").exists()


@pytest.mark.parametrize(
    ("arguments", "told_why"),
    [
        (["--dut", "150", "--fault", "skin_short"], "a bare resistance has no faults"),
        (["--recipe", "lmno-poseidon-select", "--fault", "bad_luck"], "choose one of open_bridge"),
        (["--recipe", "lmno-poseidon-select", "--path", "nowhere"], "use bridge, protective"),
        (["--recipe", "si-lamella-grid"], "nothing to measure"),
        (["--recipe", "lmno-poseidon-select", "--dut", "150"], "say what lies between the tips"),
    ],
)
def test_what_cannot_be_simulated_is_misuse(run: Run, arguments: list[str], told_why: str) -> None:
    """``simulate smu`` says in one line what lies between no tips, and serves nothing."""
    told = run("simulate", "smu", *arguments)
    assert told.returncode == 2
    assert told_why in told.stderr
    assert told.stdout == ""
