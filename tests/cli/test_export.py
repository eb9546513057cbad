"""``export`` writes files for other people's tools, never over others; what it wrote begins a recipe again."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from as_users_run_it import Run
from exported import GRID, PAPER, plan_of
from shapely import Polygon
from shipped import ROOT

from fibplan.library.load import load_card
from fibplan.model.echip_card import EchipCard

ALL = ("ptf", "autolamella", "gds", "card", "potentiostat")


def to(*kinds: str) -> list[str]:
    return [argument for kind in kinds for argument in ("--to", kind)]


def test_the_list_says_what_there_is_where_it_is_described_and_what_confirmed_it(run: Run) -> None:
    """Text for people, JSON for programs; the extra is named with the command that installs it."""
    told = run("export", "--list")
    assert told.returncode == 0
    assert "pip install 'fibplan[layout]'" in told.stdout
    entries = json.loads(run("export", "--list", "--format", "json").stdout)
    assert tuple(entry["name"] for entry in entries) == ALL
    assert all(entry["spec"] and entry["confirmed"] for entry in entries)


def test_everything_is_written_once_and_told(run: Run, tmp_path: Path) -> None:
    """All files are there with the hashes that are told, beside a manifest each; a second run changes nothing."""
    pytest.importorskip("gdstk")
    told = run("export", PAPER, *to(*ALL), "--out", "files", "--format", "json")
    assert told.returncode == 0, told.stderr
    result = json.loads(told.stdout)
    text = (ROOT / "recipes" / f"{PAPER}.yaml").read_bytes()
    assert (result["recipe"], result["sha256"]) == (f"{PAPER}.yaml", hashlib.sha256(text).hexdigest())
    names = {entry["file"] for export in result["exports"] for entry in export["files"]}
    manifests = {export["manifest"] for export in result["exports"]}
    assert {str(path.relative_to(tmp_path)) for path in (tmp_path / "files").iterdir()} == names | manifests
    for export in result["exports"]:
        for entry in export["files"]:
            assert hashlib.sha256((tmp_path / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
        manifest = json.loads((tmp_path / export["manifest"]).read_text(encoding="utf-8"))
        assert manifest["recipe"] == {"name": f"{PAPER}.yaml", "sha256": result["sha256"]}
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "files").iterdir()}
    again = run("export", PAPER, *to(*ALL), "--out", "files", "--format", "json")
    assert (again.returncode, again.stdout) == (0, told.stdout)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "files").iterdir()} == before


def test_nothing_is_written_over(run: Run, tmp_path: Path) -> None:
    """A file with another content stays, and none of the others is written either."""
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "potentiostat.json").write_text("mine\n", encoding="utf-8")
    told = run("export", PAPER, *to("card", "potentiostat"), "--out", "files")
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.splitlines()[-1].endswith(
        "it is there already; choose another folder with --out; nothing is written over"
    )
    assert [path.name for path in (tmp_path / "files").iterdir()] == ["potentiostat.json"]


REFUSED: dict[str, tuple[list[str], int, str]] = {
    "no recipe": (to("card"), 2, "fibplan export --list says which there are"),
    "nothing to write": ([PAPER], 2, "fibplan export --list says which there are"),
    "an unknown export": ([PAPER, *to("gdsii")], 2, "there is no export 'gdsii'; did you mean 'gds'?"),
    "an unknown recipe": (["lmno", *to("card")], 2, "no recipe of that name"),
    "no electrochemistry": ([GRID, *to("potentiostat")], 2, "names neither cyclic_voltammetry nor impedance"),
    "no chip": ([GRID, *to("gds")], 2, "says nothing of a chip"),
    "a file for a folder": ([PAPER, *to("card"), "--out", "taken"], 2, "taken: this is a file"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_one_line_and_leaves_nothing(name: str, run: Run, tmp_path: Path) -> None:
    """A slip ends with its exit code, one clear last line, and no file."""
    (tmp_path / "taken").write_text("", encoding="utf-8")
    arguments, code, message = REFUSED[name]
    told = run("export", *arguments)
    assert (told.returncode, told.stdout) == (code, "")
    assert message in told.stderr.splitlines()[-1]
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_a_recipe_with_errors_is_not_exported(run: Run, tmp_path: Path) -> None:
    """It ends with 1, tells the errors, and writes nothing."""
    text = (ROOT / "recipes" / f"{PAPER}.yaml").read_text(encoding="utf-8")
    (tmp_path / "thin.yaml").write_text(text.replace("leaves: 170 nm", "leaves: 120 nm"), encoding="utf-8")
    told = run("export", "thin.yaml", *to("ptf"))
    assert (told.returncode, told.stdout) == (1, "")
    assert "polish-leaves-damage" in told.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thin.yaml"]


def test_the_drawing_becomes_a_chip_card_again(run: Run, tmp_path: Path) -> None:
    """``chip import`` reads the window and the electrodes back as the card has them."""
    pytest.importorskip("gdstk")
    run("export", PAPER, *to("gds"), "--out", "files")
    layers = ("10/0=window", "1/0=working_electrode", "2/0=reference_electrode", "3/0=counter_electrode")
    mapped = [argument for layer in layers for argument in ("--map", layer)]
    told = run("chip", "import", "files/plan-view.gds", *mapped, "--out", "again.yaml")
    assert told.returncode == 0, told.stderr
    (again, _), own = load_card(tmp_path / "again.yaml"), plan_of(PAPER).cards.echip
    assert isinstance(again, EchipCard)
    assert own is not None
    assert (again.window.width, again.window.height) == (own.window.width, own.window.height)
    for electrode in own.electrodes:
        found = again.electrode(electrode.name)
        assert found is not None
        assert Polygon(found.outline_um).symmetric_difference(Polygon(electrode.outline_um)).area < 1.0


def milled(index: Path) -> list[str]:
    """The patterns of the milling steps, without their passes, which follow from the cards' rates."""
    text = index.read_text(encoding="utf-8")
    lines = [
        line.partition(" deep, ")[0] + line.partition(" deep,")[2].rpartition(",")[0] for line in text.splitlines()
    ]
    return [line for line in lines if "Section:" in line or "Rectangle:" in line]


@pytest.mark.parametrize(("recipe", "code"), [(PAPER, 0), (GRID, 1)])
def test_exported_patterns_begin_the_same_recipe_again(recipe: str, code: int, run: Run, tmp_path: Path) -> None:
    """Every pattern file in order, the rest from the recipe: the plan of the new one draws the same patterns.

    They say no voltage, so all is milled at 30 kV; a lamella of 80 nm is then damaged through half of it, an error.
    """
    assert run("export", recipe, *to("ptf"), "--out", "there").returncode == 0
    files = sorted(path.relative_to(tmp_path) for path in (tmp_path / "there").glob("*.ptf"))
    begun = [argument for file in files for argument in ("--from", str(file))]
    told = run("new", "back", "--from", recipe, *begun)
    assert told.returncode == code, told.stderr
    for said in ("overtilt", "accelerating voltage", "its first deposit", "which part a deposit makes is not said"):
        assert said in told.stdout
    if code == 0:
        assert run("export", "back.yaml", *to("ptf"), "--out", "back").returncode == 0
        assert milled(tmp_path / "back" / "patterns.txt") == milled(tmp_path / "there" / "patterns.txt")


def test_an_exported_protocol_begins_the_same_recipe_again(run: Run, tmp_path: Path) -> None:
    """With its voltages, so that the polish is one again: the same protocol comes of it, but for names and numbers."""
    assert run("export", PAPER, *to("autolamella"), "--out", "there").returncode == 0
    told = run("new", "back", "--from", "there/autolamella-protocol.yaml", "--from", PAPER, "--format", "json")
    assert told.returncode == 0, told.stderr
    assert any("taken to be the undercut" in line for line in json.loads(told.stdout)["not_carried_over"])
    assert run("export", "back.yaml", *to("autolamella"), "--out", "back").returncode == 0

    def stages(folder: str) -> list[str]:
        text = (tmp_path / folder / "autolamella-protocol.yaml").read_text(encoding="utf-8")
        return re.findall(
            r"( +(?:name|milling|pattern|[a-z_]+_height|width|depth|spacing): .+)", text.split("workflow")[0]
        )

    assert stages("back") == stages("there")


def test_what_was_not_carried_over_stands_in_the_recipe(run: Run, tmp_path: Path) -> None:
    """As comments, with the hash of each file; voltages that no file says are named as assumed."""
    run("export", PAPER, *to("ptf"), "--out", "there")
    told = run("new", "mine", "--from", "there/02-trenches.ptf", "--from", "there/03-narrow.ptf")
    text = (tmp_path / "mine.yaml").read_text(encoding="utf-8")
    comments = " ".join(line.lstrip("# ") for line in text.splitlines() if line.startswith("#"))
    listed = [line[2:] for line in told.stdout.splitlines() if line.startswith("- ")]
    assert listed
    assert all(" ".join(line.split()) in " ".join(comments.split()) for line in listed)
    content = (tmp_path / "there" / "02-trenches.ptf").read_bytes()
    assert hashlib.sha256(content).hexdigest() in comments
    assert text.count("assumed: [accelerating_voltage]") == 2
    assert max(map(len, text.splitlines())) <= 120


def test_a_file_that_no_recipe_can_begin_from_is_misuse(run: Run, tmp_path: Path) -> None:
    """One line, exit code 2, no recipe; a second recipe beside the first is refused as well."""
    (tmp_path / "bad.ptf").write_bytes(b"\x00\x01")
    told = run("new", "mine", "--from", "bad.ptf")
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr == "bad.ptf: this is UTF-16, or no text; save it as ASCII or UTF-8\n"
    two = run("new", "mine", "--from", PAPER, "--from", GRID)
    assert (two.returncode, f"'{GRID}' is a second recipe" in two.stderr) == (2, True)
    assert not (tmp_path / "mine.yaml").exists()
