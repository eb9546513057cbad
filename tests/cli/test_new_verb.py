"""``new`` writes a commented recipe for a stack and a chip that has no errors, and never over an old one."""

import json
from pathlib import Path

import pytest
from as_users_run_it import Run

from fibplan.library.examine import examine_file
from fibplan.library.load import load_recipe, recipe_in
from fibplan.library.search_path import SearchPath
from fibplan.library.source_map import read_yaml
from fibplan.library.starting_recipe import read_layer, starting_recipe, template_for
from fibplan.model.finding import has_errors

Si, PT, LCO, CAP = (
    "Si:substrate:silicon:4.2 um",
    "Pt:current_collector:platinum_film:200 nm",
    "LCO: \u00e9lectrode:active_layer:lico:0.5 um",
    "cap:protective_layer:fib_pt:1.4 um",
)
STACK = (Si, PT, LCO, CAP)


def layers(*specs: str) -> list[str]:
    return [argument for spec in specs for argument in ("--layer", spec)]


CASES = {
    "the chip of the paper": ("poseidon-select", ()),
    "a dry chip": ("biasing-chip", ()),
    "a grid": ("none", ()),
    "another stack": ("poseidon-select", STACK),
    "another stack on a dry chip": ("biasing-chip", STACK),
    "a thin collector": ("poseidon-select", (Si, "Au:current_collector:gold:60 nm", LCO, CAP)),
    "a high stack": ("poseidon-select", ("Si:substrate:silicon:7 um", PT, "LMNO:active_layer:lmno:1.5 um", CAP)),
    "a low stack on a grid": ("none", ("Si:substrate:silicon:3 um", "cap:protective_layer:fib_pt:1.2 um")),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_begun_has_no_errors(name: str, library: SearchPath, tmp_path: Path) -> None:
    """For each chip, with its own layers or with others, the new recipe passes every rule as it is."""
    chip, stack = CASES[name]
    text = starting_recipe(template_for(chip, library), tuple(map(read_layer, stack)), None, library)
    examined = examine_file(recipe_in(text, tmp_path / "mine.yaml"), library)
    recipe = examined.file.recipe
    assert has_errors(list(examined.findings)) is False, examined.findings
    assert (recipe.instruments.echip or "none") == chip
    if stack:
        assert [layer.material for layer in recipe.sample.stack] == [spec.split(":")[-2] for spec in stack]
        assert recipe.hand_off is None


def test_what_is_written_passes_the_check(run: Run) -> None:
    """The command writes the file that it names, and the check finds no errors in it."""
    told = run("new", "mine", "--chip", "poseidon-select", *layers(*STACK))
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.startswith("mine.yaml: written, begun from lmno-poseidon-select")
    assert run("check", "mine.yaml").stdout.endswith("mine.yaml: no errors\n")


def test_the_text_is_commented_and_plain(run: Run, tmp_path: Path) -> None:
    """UTF-8, LF, a comment before every section, no line over 120, nothing of the paper that it was begun from."""
    assert run("new", "mine.yaml", "--chip", "poseidon-select", *layers(*STACK)).returncode == 0
    content = (tmp_path / "mine.yaml").read_bytes()
    text = content.decode("utf-8")
    assert b"\r" not in content
    assert text.endswith("\n")
    assert max(map(len, text.splitlines())) <= 120
    data, _ = read_yaml(text, "mine.yaml")
    lines = text.splitlines()
    for section in data:
        place = next(number for number, line in enumerate(lines) if line.startswith(f"{section}:"))
        assert lines[place - 1].startswith("# "), section
    assert "Bhatia" not in text
    assert "assumed:" not in text
    assert data["sample"]["stack"][2]["name"] == "LCO: \u00e9lectrode"


def test_nothing_is_written_over(run: Run, tmp_path: Path) -> None:
    """A file that is there stays as it is, with and without its ending."""
    (tmp_path / "mine.yaml").write_text("mine\n", encoding="utf-8")
    for name in ("mine", "mine.yaml"):
        told = run("new", name, "--chip", "none")
        assert (told.returncode, told.stdout) == (2, "")
        assert told.stderr == "mine.yaml: it is there already; choose another name; nothing is written over\n"
    assert (tmp_path / "mine.yaml").read_text(encoding="utf-8") == "mine\n"


def test_it_begins_from_any_recipe(run: Run, tmp_path: Path) -> None:
    """``--from`` takes a name or a file, also one that extends another; what it begins from is told."""
    (tmp_path / "short.yaml").write_text(
        "extends: si-lamella-grid\nlamella: {final_thickness: 70 nm}\nsteps: [{name: polish, leaves: 70 nm}]\n",
        encoding="utf-8",
    )
    told = run("new", "mine", "--from", "short.yaml", "--title", "Thin: 70 nm", "--format", "json")
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout) == {"file": "mine.yaml", "begun_from": "short.yaml", "title": "Thin: 70 nm"}
    recipe = load_recipe(tmp_path / "mine.yaml").recipe
    assert recipe.extends is None
    assert recipe.lamella.final_thickness == 70e-9


REFUSED: dict[str, tuple[list[str], int, str]] = {
    "no chip": ([], 2, "nothing says which chip it is for; give --chip biasing-chip, poseidon-select or none"),
    "an unknown chip": (["--chip", "poseidon"], 2, "there is no chip 'poseidon'; did you mean 'poseidon-select'?"),
    "a chip of another recipe": (
        ["--chip", "none", "--from", "lmno-poseidon-select"],
        2,
        "'lmno-poseidon-select' is for poseidon-select, not for none",
    ),
    "an unknown recipe": (["--from", "lmno"], 2, "no recipe of that name"),
    "half a layer": (["--chip", "none", *layers("Si:silicon:5 um")], 2, "'Si:silicon:5 um' is no layer"),
    "an unknown role": (["--chip", "none", *layers("Si:substrat:silicon:5 um")], 2, "did you mean 'substrate'?"),
    "no unit": (["--chip", "none", *layers("Si:substrate:silicon:5")], 2, "'5' has no unit"),
    "no thickness": (["--chip", "none", *layers("Si:substrate:silicon:0 um")], 2, "'0 um' is not above zero"),
    "an unknown material": (["--chip", "none", *layers("Si:substrate:silcon:5 um", CAP)], 1, "did you mean 'silicon'?"),
    "no collector": (["--chip", "poseidon-select", *layers(Si, LCO, CAP)], 2, "the bridge has no layer to end on"),
    "no cap": (["--chip", "poseidon-select", *layers(Si, PT, LCO)], 1, "nothing was written"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_told_and_nothing_is_written(name: str, run: Run, tmp_path: Path) -> None:
    """A mistake in the command is 2, a stack that the steps do not fit is 1; either leaves no file."""
    arguments, code, message = REFUSED[name]
    told = run("new", "mine", *arguments)
    assert (told.returncode, told.stdout) == (code, "")
    assert message in told.stderr
    assert "Traceback" not in told.stderr
    assert not (tmp_path / "mine.yaml").exists()


def test_a_folder_that_is_not_there_is_misuse(run: Run) -> None:
    """No folders are made on the way, and a folder is no recipe."""
    assert run("new", ".", "--chip", "none").stderr == ".: this names no file; give the recipe a name\n"
    told = run("new", "nowhere/mine", "--chip", "none")
    assert (told.returncode, told.stderr) == (2, "nowhere: there is no such folder; make it, or write elsewhere\n")
