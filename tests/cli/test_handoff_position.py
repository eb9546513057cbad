"""``fibplan handoff position`` says where the lamella lies on the TEM stage, and writes it for SerialEM."""

import json
import math
from pathlib import Path

import pytest
from as_users_run_it import Run
from shipped import ROOT

CORNERS = {
    "lower left": (-100.0, -25.0),
    "lower right": (100.0, -25.0),
    "upper right": (100.0, 25.0),
    "upper left": (-100.0, 25.0),
}
LAMELLA = (8.5, -1.705)


def on_stage(x: float, y: float) -> tuple[float, float]:
    cosine, sine = math.cos(0.2), math.sin(0.2)
    return cosine * x - sine * y - 812.0, sine * x + cosine * y + 455.0


def marks(folder: Path, *names: str, off: float = 0.0) -> None:
    """The fiducials of those corners as they were found, the last one beside its place by ``off`` um."""
    lines = ["name,x,y"]
    for name in names:
        x, y = on_stage(*CORNERS[name])
        lines.append(f"{name} corner of the window,{x + (off if name == names[-1] else 0):.4f} um,{y:.4f} um")
    (folder / "marks.csv").write_text("\n".join(lines), encoding="utf-8")


def position(run: Run, *options: str) -> dict[str, object]:
    done = run("handoff", "position", "lmno-poseidon-select", "--out", "stage", "--format", "json", *options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("names", "transform", "options"),
    [
        (("lower left",), "shift", ("--accuracy", "1 um")),
        (("lower left", "upper right"), "rigid", ()),
        (("lower left", "lower right", "upper right"), "similarity", ()),
        (tuple(CORNERS), "similarity", ("--accuracy", "500 nm")),
    ],
)
def test_the_lamella_is_found_from_one_fiducial_on(
    names: tuple[str, ...], transform: str, options: tuple[str, ...], run: Run, tmp_path: Path
) -> None:
    """The fit is that of SerialEM's ladder; from two marks on it is where the stage has it, with a radius."""
    marks(tmp_path, *names, off=0.3)
    told = position(run, "--fiducials", "marks.csv", *options)
    registration, (lamella, *_) = told["registration"], told["positions"]
    assert (told["frame"], registration["transform"]) == ("stage", transform)
    assert lamella["radius_90_um"] > 0
    if transform != "shift":
        assert lamella["stage_um"] == pytest.approx(on_stage(*LAMELLA), abs=0.4)
    assert set(registration["residuals_um"]) == {f"{name} corner of the window" for name in names}
    for file in told["files"]:
        assert (tmp_path / file).stat().st_size > 0


def test_without_fiducials_it_is_in_the_chip_frame(run: Run, tmp_path: Path) -> None:
    """Nothing was measured, and the result says so."""
    told = position(run)
    assert (told["frame"], told["registration"]) == ("chip", None)
    assert told["positions"][0] == {
        "name": "lamella", "kind": "lamella", "chip_um": list(LAMELLA), "stage_um": None, "radius_90_um": None,
        "residual_um": None,
    }  # fmt: skip
    assert b"Regis = 2\n" in (tmp_path / "stage" / "handoff.nav").read_bytes()


def test_the_text_says_place_uncertainty_and_residuals(run: Run, tmp_path: Path) -> None:
    """A person reads all of it without opening a file; files are told apart from the result."""
    marks(tmp_path, *CORNERS, off=0.5)
    done = run("handoff", "position", "lmno-poseidon-select", "--fiducials", "marks.csv", "--out", "stage")
    assert done.returncode == 0
    assert "similarity from 4 fiducials" in done.stdout
    assert "9 times in 10 within" in done.stdout
    assert done.stdout.count("residual 0.") == 4
    assert "handoff.nav" in done.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--fiducials", "nothing.csv"), "nothing.csv: it cannot be read"),
        (("--fiducials", "marks.csv"), "marks.csv: one mark leaves no residual"),
        (("--fiducials", "marks.csv", "--accuracy", "1"), "--accuracy: '1' has no unit"),
        (("--fiducials", "marks.csv", "--accuracy", "0 um"), "the stage's accuracy is not above zero"),
        (("--accuracy", "1 um"), "--accuracy: nothing was measured"),
        (("--mirrored",), "--mirrored: nothing was measured"),
    ],
)
def test_what_cannot_be_registered_is_one_line(options: tuple[str, ...], words: str, run: Run, tmp_path: Path) -> None:
    """Exit code 2, a single line on stderr with the remedy, and no file."""
    marks(tmp_path, "lower left")
    done = run("handoff", "position", "lmno-poseidon-select", "--out", "stage", *options)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert words in line
    assert not (tmp_path / "stage").exists()


def test_mirrored_marks_are_told_and_taken_when_said(run: Run, tmp_path: Path) -> None:
    """A chip that lies face down is refused in one line until --mirrored says so."""
    lines = ["name,x,y", *(f"{name} corner of the window,{-x} um,{y} um" for name, (x, y) in CORNERS.items())]
    (tmp_path / "marks.csv").write_text("\n".join(lines), encoding="utf-8")
    done = run("handoff", "position", "lmno-poseidon-select", "--out", "stage", "--fiducials", "marks.csv")
    assert done.returncode == 2
    assert "mirrored" in done.stderr
    told = position(run, "--fiducials", "marks.csv", "--mirrored", "--accuracy", "1 um")
    assert told["positions"][0]["stage_um"] == pytest.approx([-8.5, -1.705])


def test_marks_on_one_line_are_fitted_and_told(run: Run, tmp_path: Path) -> None:
    """Collinear marks cannot show a mirrored axis, and a line says so."""
    card = (ROOT / "instruments" / "echip" / "poseidon-select.yaml").read_text(encoding="utf-8")
    line = "".join(f"  - {{name: mark {place}, x: {place * 40} um, y: -20 um}}\n" for place in range(6))
    folder = tmp_path / "instruments" / "echip"
    folder.mkdir(parents=True)
    (folder / "poseidon-select.yaml").write_text(f"{card.partition('fiducials:')[0]}fiducials:\n{line}", "utf-8")
    found = [f"mark {place},{on_stage(place * 40, -20)[0]} um,{on_stage(place * 40, -20)[1]} um" for place in range(6)]
    (tmp_path / "marks.csv").write_text("\n".join(["name,x,y", *found]), encoding="utf-8")
    told = position(run, "--fiducials", "marks.csv", "--accuracy", "1 um", "--library", ".")
    assert told["registration"]["transform"] == "similarity"
    assert any("lie on one line" in note for note in told["registration"]["notes"])


def test_an_unsound_recipe_is_handed_off_nowhere(run: Run, tmp_path: Path) -> None:
    """Its errors are told, with exit code 1."""
    (tmp_path / "bad.yaml").write_text(
        "fibplan: 1\nextends: lmno-poseidon-select\nlamella:\n  placement: {x: -5 um}\n", encoding="utf-8"
    )
    done = run("handoff", "position", "bad.yaml", "--out", "stage")
    assert done.returncode == 1
    assert "lamella-on-electrode" in done.stderr
