"""``optimise --for yield`` as its users run it: a bridge that gives what is promised, in a recipe that stays itself."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from as_users_run_it import Run
from shipped import PAPER, replaced

from fibplan.advice.design.making import deposition_s, made
from fibplan.advice.design.propose import BridgeProposal, Point
from fibplan.advice.design.space import Design, Landing, Space
from fibplan.cli.design_text import text_with_bridge
from fibplan.errors import Misuse
from fibplan.library.examine import Examined, examine, examine_file
from fibplan.library.load import load_recipe
from fibplan.library.search_path import SearchPath
from fibplan.model.interval import Interval, Status

REFUSED = 2
ARGUMENTS = ("--samples", "64", "--seed", "5", "--workers", "1", "--within", "20 min")


def bad_bridge(text: str) -> str:
    """The paper's recipe with a bridge that is too thin, and drawn, so that little else can move."""
    text = replaced(text, "  thickness: 500 nm\n  overlap_electrode", "  thickness: 80 nm  # thin\n  overlap_electrode")
    drawn = "  outline_um: [[-4, -1.77], [3, -1.77], [3, 0.23], [-4, 0.23]]\n"
    return replaced(text, "  assumed: [width, thickness, overlap_electrode,", f"{drawn}  assumed: [overlap_electrode,")


def test_a_bad_bridge_becomes_a_better_one(run: Run, tmp_path: Path, paper_text: str, materials: list[str]) -> None:
    """The promise is what `plan --yield` says of the new recipe; text, JSON, front and drawing agree; all is kept."""
    (tmp_path / "bad.yaml").write_text(bad_bridge(paper_text), encoding="utf-8")
    told = run("optimise", "bad.yaml", "--for", "yield", *materials, *ARGUMENTS, "--format", "json", "--draw", "drawn")
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)
    assert found["written"] == "bad-for-yield.yaml"
    assert found["after"]["accepted"]["expected"] > found["before"]["accepted"]["expected"] + 0.2
    assert found["after"]["accepted"]["status"] == "unverified"
    assert all(point["deposition_s"] <= found["within_s"] == 1200.0 for point in found["front"])
    assert sum(point["proposed"] for point in found["front"]) == 1
    for name in ("front.png", "front.svg"):
        assert (tmp_path / "drawn" / name).stat().st_size > 1000
    assert any(line.startswith("screened ") for line in told.stderr.splitlines())

    again = run("plan", "bad-for-yield.yaml", *materials, "--yield", "64", "--seed", "5", "--format", "json")
    assert again.returncode == 0, again.stderr
    promised = json.loads(again.stdout)
    assert promised["yield"]["accepted"] == found["after"]["accepted"]
    times = {entry["name"]: entry["duration_s"] for entry in promised["operations"]}
    assert all(times[entry["name"]] == entry["duration_s"] for entry in found["after"]["operations"])

    new, old = (tmp_path / "bad-for-yield.yaml").read_text(encoding="utf-8"), bad_bridge(paper_text)
    assert "# thin" in new
    head = new[: new.index("# The lamella of Bhatia")]
    assert "Optimised for yield by fibplan" in head
    assert "64 samples, seed 5" in head
    assert "unverified: no lamella of this recipe was counted" in head
    assert found["sha256"] in head
    assert re.search(r"No longer the source's: .*bridge\.thickness", head)
    (assumed,) = re.findall(r"assumed: \[overlap_electrode, overlap_lamella.*\]", new)
    assert "thickness" in assumed
    body = new[len(head) :].splitlines()
    kept = [line for line in old.splitlines() if line in body]
    assert len(old.splitlines()) - len(kept) <= len(found["changes"]) + 2


def test_where_nothing_is_better_nothing_is_written(run: Run, tmp_path: Path, materials: list[str]) -> None:
    """That is a result: exit code 0, and one line that says so; here because no bridge is as fast as that.

    A million workers are asked for, and those that the machine can run at once do it.
    """
    told = run(
        "optimise", PAPER.stem, "--for", "yield", *materials, *ARGUMENTS, "--within", "1 min", "--workers", "1000000"
    )
    assert told.returncode == 0, told.stderr
    assert "of 1000000 workers " in told.stderr
    assert "No bridge that keeps the rules is made in" in told.stdout
    assert told.stderr.splitlines()[-1] == "nothing is written"
    assert "as it is" in told.stdout
    assert list(tmp_path.glob("*.yaml")) == []


WRONG: dict[str, tuple[list[str], str]] = {
    "no time": (["--within", "soon"], "--within: 'soon' does not start with a number"),
    "another unit": (["--within", "3 nm"], "--within: '3 nm' is not a time"),
    "less than nothing": (["--within=-3 min"], "--within: this is no time to deposit in"),
    "too few samples": (["--samples", "2"], "2 samples are too few; choose from 64"),
    "a seed below zero": (["--seed=-1"], "--seed: the seed -1 is below zero"),
    "no workers": (["--workers", "0"], "--workers: 0 workers; choose from 1 up"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_number_without_sense_is_one_line(run: Run, case: str) -> None:
    """It is told before anything is sampled."""
    options, said = WRONG[case]
    told = run("optimise", PAPER.stem, "--for", "yield", *options)
    assert (told.returncode, told.stdout) == (REFUSED, "")
    assert len(told.stderr.splitlines()) == 1
    assert said in told.stderr


def test_a_recipe_without_a_bridge_is_one_line(run: Run, tmp_path: Path) -> None:
    """There is no yield to raise."""
    told = run("optimise", "si-lamella-grid", "--for", "yield")
    assert (told.returncode, told.stdout) == (REFUSED, "")
    assert "the recipe has no bridge on a chip that is measured" in told.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_recipe_with_errors_is_told_as_ever(run: Run, tmp_path: Path, paper_text: str) -> None:
    """The error with its place, and exit code 1."""
    wrong = replaced(paper_text, "    beam_current: 20 nA", "    beam_current: 20 A")
    (tmp_path / "wrong.yaml").write_text(wrong, encoding="utf-8")
    told = run("optimise", "wrong.yaml", "--for", "yield")
    assert (told.returncode, told.stdout) == (1, "")
    assert "wrong.yaml:" in told.stderr


@pytest.mark.parametrize("option", [["--within", "20 min"], ["--samples", "64"], ["--seed", "0"], ["--draw", "d"]])
def test_a_ladder_has_no_use_for_them(run: Run, option: list[str]) -> None:
    """An option that would do nothing is refused."""
    told = run("optimise", PAPER.stem, "--for", "time", *option)
    assert (told.returncode, told.stdout) == (REFUSED, "")
    assert told.stderr.startswith(f"{option[0]}: a ladder has no use for this")


def promised(examined: Examined, **changed: object) -> BridgeProposal:
    """A proposal of the recipe's bridge with these values, whatever its yield."""
    plan = examined.sound_plan()
    assert plan.recipe.bridge is not None
    own = Design.of(plan.recipe.bridge)
    design = own._replace(**changed)
    after = made(plan, design)
    assert after is not None
    share = Interval(low=0.4, expected=0.5, high=0.6, unit="1", source="test", status=Status.UNVERIFIED)
    points = [Point(each, made_, deposition_s(made_), share) for each, made_ in ((own, plan), (design, after))]
    space = Space(own, {"thickness_m": (own.thickness_m,)})
    return BridgeProposal(space, 3600.0, points[0], points[1], tuple(points), points[0], 64, 64, 0, 2)


EVERYTHING = {
    "width_um": 2.5, "thickness_m": 4e-7, "overlap_electrode_um": 3.0, "overlap_lamella_um": 1.5,
    "landing": Landing("edge", 4.5), "cut": True,
}  # fmt: skip


def without_marks(text: str) -> str:
    return re.sub(r"(?m)^ *assumed: \[.*\]\n", "", re.sub(r",? *assumed: \[[^]]*\]\}", "}", text))


def in_flow(text: str) -> str:
    """Bridge and its step each in one line, with quotes."""
    head, rest = text.split("bridge:\n  start:", 1)
    tail = rest[rest.index("\nsupport:\n") :]
    flow = "bridge: {start: working_electrode, end: current_collector, width: '2 um', thickness: \"500 nm\", "
    flow += "overlap_electrode: 2 um, overlap_lamella: 2 um, clearance: 100 nm}  # all in one line\n"
    start = tail.index("  - name: bridge\n")
    end = tail.index("  - name: measure")
    step = "  - {name: bridge, kind: deposit, after: [support-weld], process: FIBID, makes: bridge,\n"
    step += "     accelerating_voltage: 30 kV, beam_current: 30 pA, assumed: [process]}\n"
    return head + flow + tail[:start] + step + tail[end:]


TEXTS: dict[str, Callable[[str], str]] = {
    "as shipped": lambda text: text,
    "nothing marked": without_marks,
    "in one line": in_flow,
    "from Windows": lambda text: text.replace("\n", "\r\n"),
    "no last line end": lambda text: text.rstrip("\n"),
    "lists in lines": lambda text: replaced(
        replaced(text, "    after: [bridge]", "    after:\n      - bridge"),
        "  assumed: [width, thickness, overlap_electrode, overlap_lamella, clearance]",
        "  assumed:\n    - thickness\n    - clearance",
    ),
    "an empty list of cuts": lambda text: replaced(text, "\nsteps:\n", "\ncuts: []\n\nsteps:\n"),
}


@pytest.mark.parametrize("case", TEXTS)
def test_every_change_reads_back_and_the_rest_stays(
    library: SearchPath, tmp_path: Path, paper_text: str, case: str
) -> None:
    """Width, outline, cut, steps and marks are in the new text, which is the promised recipe; no comment is lost."""
    old = TEXTS[case](paper_text)
    path = tmp_path / "old.yaml"
    path.write_bytes(old.encode("utf-8"))
    examined = examine_file(load_recipe(path), library)
    proposal = promised(examined, **EVERYTHING)
    assert proposal.after is not None
    text = text_with_bridge(examined.file, proposal, proposal.after)
    new = tmp_path / "new.yaml"
    new.write_bytes(text.encode("utf-8"))
    assert examine(str(new), library).file.recipe == proposal.after.plan.recipe
    comments = re.findall(r"#[^\r\n]*", old)
    assert [comment for comment in re.findall(r"#[^\r\n]*", text) if comment in comments] == comments
    assert text.count("\n") == (text.count("\r\n") or text.count("\n"))
    kept = set(text.splitlines())
    assert len([line for line in old.splitlines() if line not in kept]) <= 12


def test_a_recipe_in_one_flow_is_refused_with_its_place(library: SearchPath, tmp_path: Path, paper_text: str) -> None:
    """Steps that no line can be added between are no place for a cut; what is wrong is said."""
    start, end = paper_text.index("  - name: measure"), paper_text.index("\nverification:")
    text = paper_text[:start].rstrip() + "\n" + paper_text[start:end] + paper_text[end:]
    path = tmp_path / "old.yaml"
    steps = examine_file(load_recipe(PAPER), library).file.data["steps"]
    flow = json.dumps(steps)
    text = paper_text[: paper_text.index("\nsteps:")] + f"\nsteps: {flow}\n" + paper_text[end:]
    path.write_text(text, encoding="utf-8")
    examined = examine_file(load_recipe(path), library)
    proposal = promised(examined, cut=True)
    assert proposal.after is not None
    with pytest.raises(Misuse, match="nothing can be added before this"):
        text_with_bridge(examined.file, proposal, proposal.after)


def test_a_recipe_that_extends_another_becomes_one_that_stands_alone(library: SearchPath, tmp_path: Path) -> None:
    """It holds what both say, with the new bridge and the cuts."""
    path = tmp_path / "mine.yaml"
    over = "fibplan: 1\nextends: lmno-poseidon-select\ntitle: Mine\nbridge: {width: 1.5 um}\n"
    path.write_text(over, encoding="utf-8")
    examined = examine(str(path), library)
    proposal = promised(examined, **EVERYTHING)
    assert proposal.after is not None
    new = tmp_path / "new.yaml"
    new.write_text(text_with_bridge(examined.file, proposal, proposal.after), encoding="utf-8")
    recipe = examine(str(new), library).file.recipe
    assert recipe == proposal.after.plan.recipe
    assert (recipe.extends, recipe.title) == (None, "Mine")
