"""``fibplan measure --from-file`` as its users run it: what is appended, what is said, and what is refused."""

import hashlib
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from as_users_run_it import ENVIRONMENT
from curve_files import currents, levels, nanonis, protochips, table, written
from lamella_case import ResistorSmu
from packed_session import packed

from fibplan.cli.main import app
from fibplan.errors import ExitCode, FibplanError
from fibplan.handoff.package import write_hand_off

VOLTS = levels()
AMPERES = currents(VOLTS)
COLUMNS = ("--columns", "voltage=voltage,current=current,time=time")
STORY = ("--model", "2450", "--compliance", "1 uA", "--current-range", "1 uA", "--nplc", "1", "--dark")
TO = ("--path", "protective", "--out", "curves.json")


def measure(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """``fibplan measure`` in that folder, at a bench whose clock is in UTC."""
    command = [sys.executable, "-W", "error", "-m", "fibplan", "measure", *arguments]
    environment = {**ENVIRONMENT, "TZ": "UTC"}
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, encoding="utf-8", env=environment, check=False, timeout=120
    )


def curves_in(folder: Path) -> list[Any]:
    return json.loads((folder / "curves.json").read_text(encoding="utf-8"))["curves"]


def refused(told: subprocess.CompletedProcess[str], *words: str) -> None:
    """One line on stderr with those words, exit code 2, and nothing on stdout."""
    assert told.returncode == 2, told.stderr
    assert told.stdout == ""
    assert len(told.stderr.splitlines()) == 1, told.stderr
    for word in words:
        assert word in told.stderr


def test_the_readers_are_listed(tmp_path: Path) -> None:
    """Every format stands on a line of its own, and nothing else is asked for."""
    told = measure(tmp_path, "--list-readers")
    assert told.returncode == 0
    assert [line.partition(":")[0] for line in told.stdout.splitlines()] == [
        "nanonis-dat", "protochips-csv", "fibplan-eln", "csv",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("reader", "content", "options"),
    [
        ("nanonis-dat", nanonis(VOLTS, {"Current (A)": AMPERES}, pixels=len(VOLTS)), ()),
        ("protochips-csv", protochips(VOLTS, AMPERES), ()),
        ("csv", table(VOLTS, AMPERES, delimiter=";", comma=True), (*COLUMNS, "--decimal-comma", *STORY)),
    ],
)
def test_a_file_is_appended_with_its_origin(tmp_path: Path, reader: str, content: bytes, options: Any) -> None:
    """The curve set holds every point, the file's hash and its reader, which was found by the content and is said."""
    written(tmp_path, content, "measured.xyz")
    told = measure(tmp_path, "--from-file", "measured.xyz", *TO, *options)
    assert told.returncode == 0, told.stderr
    assert f"read with {reader}" in told.stderr
    assert "recognised by its content" in told.stderr
    assert f"sha256 {hashlib.sha256(content).hexdigest()}" in told.stdout
    (curve,) = curves_in(tmp_path)
    assert curve["source_file"]["reader"] == reader
    assert curve["source_file"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert [point["voltage_v"] for point in curve["points"]] == VOLTS
    assert [point["current_a"] for point in curve["points"]] == pytest.approx(AMPERES)
    assert not curve["instrument"]["simulated"]


def test_what_is_printed_as_json_is_what_was_appended(tmp_path: Path) -> None:
    """Another program gets the curve as it stands in the set."""
    written(tmp_path, table(VOLTS, AMPERES), "a.csv")
    told = measure(tmp_path, "--from-file", "a.csv", "--reader", "csv", *COLUMNS, *STORY, *TO, "--format", "json")
    assert [json.loads(told.stdout)] == curves_in(tmp_path)


def test_a_curve_out_of_a_package(tmp_path: Path) -> None:
    """A package gives the curve of the path that is asked for, with all that was measured and said of it."""
    package = write_hand_off(packed(tmp_path / "s", ResistorSmu(simulated=False), real=True), tmp_path)
    told = measure(tmp_path, "--from-file", package.name, *TO, "--format", "json")
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["source_file"]["reader"] == "fibplan-eln"
    refused(measure(tmp_path, "--from-file", package.name, "--path", "none", "--out", "c.json"), "holds no curve")


def test_another_path_s_curve_is_refused_by_the_recipe(tmp_path: Path) -> None:
    """With the recipe the sweep must go as far as that of its path, and nothing is appended otherwise."""
    written(tmp_path, table(VOLTS, AMPERES), "a.csv")
    options = ("--from-file", "a.csv", *COLUMNS, "--recipe", "lmno-poseidon-select", "--out", "curves.json")
    refused(measure(tmp_path, *options, "--path", "bridge"), "another path's curve", "a.csv")
    assert not (tmp_path / "curves.json").exists()
    assert measure(tmp_path, *options, "--path", "protective").returncode == 0


def test_an_older_curve_does_not_replace_a_newer_one(tmp_path: Path) -> None:
    """The last curve of a step is judged, so that one that was measured before it, or is it, cannot be appended."""
    options = ("--from-file", "a.csv", *COLUMNS, *TO)
    path = written(tmp_path, table(VOLTS, AMPERES), "a.csv")
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert measure(tmp_path, *options, "--started", noon.isoformat()).returncode == 0
    refused(measure(tmp_path, *options, "--started", noon.isoformat()), "not after the one that is there")
    os.utime(path, (noon.timestamp() - 60, noon.timestamp() - 60))
    refused(measure(tmp_path, *options), "not after the one that is there")
    later = (noon + timedelta(minutes=1)).isoformat()
    assert measure(tmp_path, *options, "--started", later).returncode == 0
    assert len(curves_in(tmp_path)) == 2
    refused(measure(tmp_path, *options, "--started", "2999-01-01T00:00"), "still to come")


def test_a_refused_file_leaves_the_set_as_it_was(tmp_path: Path) -> None:
    """A damaged file is told with its line and column, and the curve set keeps its bytes."""
    written(tmp_path, table(VOLTS, AMPERES), "good.csv")
    written(tmp_path, table(VOLTS, AMPERES).replace(b",0.0,", b",NaN,"), "bad.csv")
    assert measure(tmp_path, "--from-file", "good.csv", *COLUMNS, *TO).returncode == 0
    before = (tmp_path / "curves.json").read_bytes()
    refused(measure(tmp_path, "--from-file", "bad.csv", *COLUMNS, *TO), "bad.csv:22:5: 'NaN' is no number", "take out")
    assert (tmp_path / "curves.json").read_bytes() == before


MISUSED: dict[str, tuple[tuple[str, ...], str]] = {
    "neither": ((), "--resource: nothing says where the curve comes from"),
    "both": (("--from-file", "a.csv", "--resource", "TCPIP::h::5025::SOCKET"), "leave out --resource"),
    "columns of nothing": (("--resource", "ASRL1", *COLUMNS), "--columns: this is said of a file; add --from-file"),
    "no such reader": (("--from-file", "a.csv", "--reader", "excel"), "--reader: there is no reader 'excel'"),
    "no such file": (("--from-file", "b.csv"), "b.csv: cannot be read"),
    "a folder": (("--from-file", "."), "not a file"),
    "no columns": (("--from-file", "a.csv"), "nothing says which column is what"),
    "two readers fit": (("--from-file", "log.csv", *COLUMNS), "protochips-csv, csv could read this file"),
    "the wrong reader": (("--from-file", "a.csv", "--reader", "nanonis-dat"), "no Nanonis spectroscopy file"),
    "a bare limit": (("--from-file", "a.csv", *COLUMNS, "--compliance", "1"), "--compliance: '1' has no unit"),
    "a bad range": (("--from-file", "a.csv", *COLUMNS, "--current-range", "1 V"), "--current-range: '1 V' is not"),
    "a bad time": (("--from-file", "a.csv", *COLUMNS, "--started", "noon"), "--started: 'noon' is no time"),
    "a bad delimiter": (("--from-file", "a.csv", *COLUMNS, "--delimiter", "|"), "--delimiter: '|' names no"),
    "no cycles": (("--from-file", "a.csv", *COLUMNS, "--nplc", "0"), "--nplc: 0 power-line cycles"),
    "half a map": (("--from-file", "a.csv", "--columns", "voltage=1"), "--columns: nothing says which column the"),
    "no such step": (
        ("--from-file", "a.csv", *COLUMNS, "--recipe", "lmno-poseidon-select", "--probing", "none"), "no probing step",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", MISUSED)
def test_misuse_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    """What cannot be meant is refused with exit code 2 and its remedy."""
    written(tmp_path, table(VOLTS, AMPERES), "a.csv")
    written(tmp_path, protochips(VOLTS, AMPERES), "log.csv")
    monkeypatch.chdir(tmp_path)
    options, message = MISUSED[case]
    with pytest.raises(FibplanError) as caught:
        app(["measure", *options, *TO], standalone_mode=False)
    (line,) = caught.value.lines()
    assert message in line
    assert caught.value.remedy or "; " in line
    assert caught.value.exit_code is ExitCode.MISUSE
    assert not (tmp_path / "curves.json").exists()
