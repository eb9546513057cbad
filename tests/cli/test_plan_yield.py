"""``plan --yield``: the numbers in JSON and in words, the pictures, and every way in which it cannot be had."""

import json
import socket
from pathlib import Path

import pytest
from as_users_run_it import Run
from shipped import replaced

PAPER = "lmno-poseidon-select"
"""Its making strays: every sample has a field of its own."""
REFUSED = 2


def test_the_yield_as_other_programs_read_it(run: Run, materials: list[str]) -> None:
    """Interval, paths with quantiles, shorts and the ranking with standard errors; the same for any workers."""
    told = [
        run("plan", PAPER, *materials, "--yield", "64", "--workers", workers, "--format", "json")
        for workers in ("1", "1000000")
    ]
    assert [each.returncode for each in told] == [0, 0]
    assert told[0].stdout == told[1].stdout
    found = json.loads(told[0].stdout)["yield"]
    assert found["samples"] == 64
    assert found["accepted"]["low"] <= found["accepted"]["expected"] <= found["accepted"]["high"]
    assert found["accepted"]["status"] == "unverified"
    assert set(found["paths"]) == {"bridge", "protective"}
    quantiles = list(found["paths"]["bridge"]["quantiles_ohm"].values())
    assert quantiles == sorted(quantiles)
    assert 0 <= found["short_probability"]["halo"] < 0.3
    assert found["basis_error"] < 0.01
    first = found["ranking"][0]
    assert first["strays"]
    assert first["indices"][found["ranked_by"]]["total"]["error"] > 0


def test_the_yield_in_words_and_pictures(run: Run, materials: list[str], tmp_path: Path) -> None:
    """How many are accepted, how likely a short is, and what to control first; tornado and distributions are drawn."""
    told = run("plan", PAPER, *materials, "--yield", "100", "--workers", "1", "--draw", "drawn")
    assert told.returncode == 0
    assert "100 samples are rounded up to 128, a power of two" in told.stderr
    assert "90 % interval of 128 samples); unverified." in told.stdout
    assert "Chance of a short from collector to cap: through the halo" in told.stdout
    assert "Control first: " in told.stdout
    assert "the reduced basis is within" in told.stdout
    for name in ("tornado.png", "tornado.svg", "spread.png", "spread.svg"):
        assert (tmp_path / "drawn" / name).stat().st_size > 1000


def test_without_it_there_is_no_yield(run: Run) -> None:
    """The key is there for scripts, and empty."""
    told = run("plan", PAPER, "--format", "json")
    assert json.loads(told.stdout)["yield"] is None


@pytest.mark.parametrize("samples", ["0", "1", "-64", "1000000000"])
def test_a_number_without_sense_is_one_line(run: Run, samples: str) -> None:
    """It says what to choose from, before anything is computed."""
    told = run("plan", PAPER, f"--yield={samples}")
    assert told.returncode == REFUSED
    assert told.stdout == ""
    assert told.stderr.splitlines() == [
        f"yield: {samples} samples are too {'many' if len(samples) > 3 else 'few'}; choose from 64 to 1048576"
    ]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--workers", "2"], "nothing to share out"),
        (["--scheduler", "tcp://127.0.0.1:1"], "nothing to share out"),
        (["--yield", "64", "--workers", "0"], "0 workers"),
        (["--yield", "64", "--workers=-3"], "-3 workers"),
        (["--yield", "64", "--workers", "2", "--scheduler", "tcp://127.0.0.1:1"], "its own workers"),
        (["--yield", "64", "--seed", "-1"], "below zero"),
    ],
)
def test_workers_without_sense_are_one_line(run: Run, options: list[str], said: str) -> None:
    """Without work, none or fewer, and on a cluster besides."""
    told = run("plan", PAPER, *options)
    assert told.returncode == REFUSED
    assert told.stdout == ""
    assert len(told.stderr.splitlines()) == 1
    assert said in told.stderr


def test_what_has_no_bridge_has_no_yield(run: Run) -> None:
    """One line that says so."""
    told = run("plan", "si-lamella-grid", "--yield", "64")
    assert told.returncode == REFUSED
    assert told.stderr.splitlines()[-1].startswith("yield: there is no yield to predict: the recipe has no bridge")


def test_a_recipe_with_errors_has_no_yield(run: Run, tmp_path: Path, paper_text: str) -> None:
    """The errors are told as ever, and that nothing is predicted."""
    wrong = replaced(paper_text, "    beam_current: 20 nA", "    beam_current: 20 A")
    (tmp_path / "wrong.yaml").write_text(wrong, encoding="utf-8")
    told = run("plan", "wrong.yaml", "--yield", "64", "--format", "json")
    assert told.returncode == 1
    assert json.loads(told.stdout)["yield"] is None
    assert "no yield is predicted while the recipe has errors" in told.stderr.splitlines()


def test_a_cluster_that_is_not_there_is_one_line(run: Run) -> None:
    """It ends with 3, as whatever else does not answer."""
    pytest.importorskip("distributed", reason="needs the extra dask: pip install fibplan[dask]")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    told = run("plan", PAPER, "--yield", "64", "--scheduler", address, "--format", "json")
    assert told.returncode == 3, told.stderr
    assert told.stdout == ""
    assert told.stderr.splitlines()[-1].startswith(f"{address}: the cluster cannot be reached: ")


@pytest.mark.parametrize("address", ["nonsense", "tcp://[::1:99", "http://127.0.0.1:8786", "tcp://127.0.0.1"])
def test_an_address_that_is_none_is_misuse(run: Run, address: str) -> None:
    """It says how to write one."""
    pytest.importorskip("distributed", reason="needs the extra dask: pip install fibplan[dask]")
    told = run("plan", PAPER, "--yield", "64", "--scheduler", address)
    assert told.returncode == REFUSED
    assert "write it as tcp://host:8786" in told.stderr.splitlines()[-1]
