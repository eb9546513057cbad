"""A laboratory's own GDSII or OASIS file becomes a chip card, or is refused with words and coordinates."""

import math
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from as_users_run_it import ENVIRONMENT
from shapely import Polygon

from fibplan.library.load import load_card
from fibplan.model.echip_card import EchipCard

gdstk = pytest.importorskip("gdstk")

WINDOW, WORKING, REFERENCE, MARKS, FILM = 10, 1, 2, 20, 30
MAP = ("--map", "10/0=window", "--map", "1/0=working_electrode", "--map", "2/0=reference_electrode")


class Chip:
    """A drawing with the window away from the origin, its electrodes in a cell below, turned and set there twice."""

    def __init__(self, unit: float = 1e-6) -> None:
        self.library = gdstk.Library("chip", unit=unit, precision=1e-9)
        self.top, self.finger = self.library.new_cell("CHIP"), self.library.new_cell("FINGER")
        self.top.add(gdstk.rectangle((1900, 975), (2100, 1025), layer=WINDOW))
        self.finger.add(gdstk.rectangle((0, -10), (298, 10), layer=WORKING))
        self.top.add(gdstk.Reference(self.finger, (1998, 1000), rotation=math.pi))
        self.top.add(gdstk.rectangle((2098, 990), (2250, 1010), layer=REFERENCE))
        self.top.add(gdstk.rectangle((2200, 990), (2400, 1010), layer=REFERENCE))
        for x in (1900, 2100):
            self.top.add(gdstk.rectangle((x - 5, 1095), (x + 5, 1105), layer=MARKS))

    def written(self, folder: Path, kind: str = "gds") -> Path:
        path = folder / f"chip.{kind}"
        self.library.write_gds(path) if kind == "gds" else self.library.write_oas(path)
        return path


def fibplan(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The command as users run it."""
    command = [sys.executable, "-m", "fibplan", *arguments]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, encoding="utf-8", env=ENVIRONMENT, check=False
    )


def imported(folder: Path, drawing: Path, *options: str) -> Any:
    return fibplan("chip", "import", str(drawing), *(options or MAP), "--out", str(folder / "ours.yaml"), cwd=folder)


def card_of(folder: Path) -> EchipCard:
    card, _ = load_card(folder / "ours.yaml")
    assert isinstance(card, EchipCard)
    return card


@pytest.mark.parametrize("kind", ["gds", "oas"])
def test_a_drawing_becomes_a_card(kind: str, tmp_path: Path) -> None:
    """Outlines are flattened, merged, moved to the window's centre, and counter-clockwise; the rest is the base's."""
    ran = imported(tmp_path, Chip().written(tmp_path, kind), *MAP, "--map", "20=fiducials")
    assert ran.returncode == 0, ran.stderr
    card = card_of(tmp_path)
    assert (card.name, card.window.width, card.window.height) == ("ours", 200.0, 50.0)
    outlines = {entry.name: Polygon(entry.outline_um) for entry in card.electrodes}
    assert outlines["working_electrode"].bounds == pytest.approx((-300, -10, -2, 10))
    assert outlines["reference_electrode"].bounds == pytest.approx((98, -10, 400, 10))
    assert all(outline.exterior.is_ccw for outline in outlines.values())
    assert [(mark.x, mark.y) for mark in card.fiducials] == [(-100.0, 100.0), (100.0, 100.0)]
    assert card.window.dose_budget.expected == 0.1


def test_the_card_says_whose_drawing_it_is(tmp_path: Path) -> None:
    """The laboratory's own file is named with its digest, and nothing of it is called verified."""
    imported(tmp_path, Chip().written(tmp_path))
    card = card_of(tmp_path)
    assert "own file chip.gds" in card.drawing
    assert "sha256" in card.source
    assert {card.status, *(entry.status for entry in card.electrodes)} == {"unverified"}


def test_passivation_is_taken_from_the_drawing_and_its_thickness_from_the_base(tmp_path: Path) -> None:
    """Each piece of film is an entry of its own, of the base card's material."""
    from shipped import ROOT

    base = (ROOT / "instruments" / "echip" / "biasing-chip.yaml").read_text(encoding="utf-8")
    corners = "outline_um: [[0, 0], [1, 0], [1, 1]]"
    film = f"passivation:\n  - {{material: SU-8, thickness: 1 um, status: unverified, {corners}}}\n"
    (tmp_path / "instruments" / "echip").mkdir(parents=True)
    path = tmp_path / "instruments" / "echip" / "covered.yaml"
    path.write_text(base.replace("name: biasing-chip", "name: covered") + film, encoding="utf-8")
    chip = Chip()
    for x in (1600, 2300):
        chip.top.add(gdstk.rectangle((x, 900), (x + 250, 1100), layer=FILM))
    options = (*MAP, "--map", "30=passivation", "--from", "covered", "--library", str(tmp_path))
    ran = imported(tmp_path, chip.written(tmp_path), *options)
    assert ran.returncode == 0, ran.stderr
    films = card_of(tmp_path).passivation
    assert [(film.material, film.thickness) for film in films] == [("SU-8", 1e-6)] * 2
    assert [Polygon(film.outline_um).bounds for film in films] == [(-400, -100, -150, 100), (300, -100, 550, 100)]


def test_our_own_drawings_say_that_they_are_not_the_vendors() -> None:
    """Every shipped chip is labelled as parametric."""
    from shipped import ROOT

    for path in (ROOT / "instruments" / "echip").glob("*.yaml"):
        card, _ = load_card(path)
        assert "not a vendor drawing" in card.drawing


def test_a_recipe_runs_on_an_imported_chip(tmp_path: Path) -> None:
    """The paper's recipe has no errors on the same chip, drawn by somebody else."""
    from shipped import PAPER

    (tmp_path / "instruments" / "echip").mkdir(parents=True)
    imported(tmp_path, Chip().written(tmp_path))
    (tmp_path / "ours.yaml").rename(tmp_path / "instruments" / "echip" / "ours.yaml")
    text = PAPER.read_text(encoding="utf-8").replace("echip: poseidon-select", "echip: ours")
    (tmp_path / "recipe.yaml").write_text(text, encoding="utf-8")
    ran = fibplan("check", "recipe.yaml", "--library", str(tmp_path), cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout


def looped(chip: Chip) -> None:
    chip.finger.add(gdstk.Reference(chip.top, (0, 0)))


def dangling(chip: Chip) -> None:
    chip.top.add(gdstk.Reference("GONE", (0, 0)))


def crowded(chip: Chip) -> None:
    chip.top.add(gdstk.Reference(chip.finger, (0, 0), columns=3000, rows=3000, spacing=(1, 1)))


def second_top(chip: Chip) -> None:
    chip.library.new_cell("OTHER").add(gdstk.rectangle((0, 0), (1, 1), layer=5))


def bow_tie(chip: Chip) -> None:
    chip.top.add(gdstk.Polygon([(3000, 0), (3010, 10), (3010, 0), (3000, 10)], layer=WORKING))


def sliver(chip: Chip) -> None:
    chip.top.add(gdstk.rectangle((3000, 0), (3100, 0.002), layer=WORKING))


def apart(chip: Chip) -> None:
    chip.top.add(gdstk.rectangle((3000, 0), (3100, 20), layer=WORKING))


def ring(chip: Chip) -> None:
    for corners in (
        ((2500, 0), (2600, 10)),
        ((2500, 90), (2600, 100)),
        ((2500, 0), (2510, 100)),
        ((2590, 0), (2600, 100)),
    ):
        chip.top.add(gdstk.rectangle(*corners, layer=REFERENCE))
    chip.top.add(gdstk.rectangle((2380, 20), (2520, 40), layer=REFERENCE))
    chip.top.add(gdstk.rectangle((2380, 1000), (2390, 20), layer=REFERENCE))


def round_window(chip: Chip) -> None:
    chip.top.add(gdstk.ellipse((2000, 1025), 30, layer=WINDOW))


def traced(chip: Chip) -> None:
    corners = [(3000 + 500 * math.cos(i / 5e4), 500 * math.sin(i / 5e4)) for i in range(300_000)]
    chip.top.add(gdstk.Polygon(corners, layer=WORKING))


DAMAGED: dict[str, tuple[Callable[[Chip], None], str]] = {
    "a loop of cells": (looped, "loop: "),
    "a cell that is missing": (dangling, "refers to 'GONE'"),
    "millions of copies": (crowded, "polygons"),
    "two top cells": (second_top, "2 cells are on top"),
    "an outline that crosses itself": (bow_tie, "self-intersection at [3005, 5]"),
    "a sliver": (sliver, "sliver"),
    "pieces apart": (apart, "2 pieces apart, at [1700, 990] and [3000, 0]"),
    "a hole": (ring, "a hole at ["),
    "a window that is no rectangle": (round_window, "no rectangle"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_drawing_that_no_chip_can_be_made_of_is_refused(name: str, tmp_path: Path) -> None:
    """What is wrong is said in one line, with its place, and no card is written."""
    chip = Chip()
    damage, words = DAMAGED[name]
    damage(chip)
    ran = imported(tmp_path, chip.written(tmp_path))
    assert (ran.returncode, ran.stdout) == (2, "")
    assert words in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    assert not (tmp_path / "ours.yaml").exists()


def test_a_polygon_that_was_traced_is_refused_with_its_place(tmp_path: Path) -> None:
    """Three hundred thousand corners are refused in seconds, with the first of them."""
    chip = Chip()
    traced(chip)
    ran = imported(tmp_path, chip.written(tmp_path, "oas"))
    assert ran.returncode == 2
    assert "300,000 corners, the first at [3500, 0] um" in ran.stderr


@pytest.mark.parametrize("unit", [1e-9, 1e-3])
def test_a_wrong_unit_is_noticed(unit: float, tmp_path: Path) -> None:
    """A window of 0.2 um or of 200 mm is no window: the unit is named as the reason."""
    ran = imported(tmp_path, Chip(unit).written(tmp_path))
    assert ran.returncode == 2
    assert "unit of the file" in ran.stderr


def test_a_layer_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    """Whoever mistypes a layer is told which layers the cell has."""
    ran = imported(tmp_path, Chip().written(tmp_path), "--map", "10=window", "--map", "7/1=working_electrode")
    assert ran.returncode == 2
    assert "nothing on layer 7/1" in ran.stderr
    assert "1/0, 2/0, 10/0, 20/0" in ran.stderr


MISUSED = {
    "no window": ("--map", "1/0=working_electrode"),
    "no electrode": ("--map", "10/0=window"),
    "an unknown part": ("--map", "10/0=windwo"),
    "a layer that is none": ("--map", "10/0=window", "--map", "a=working_electrode"),
    "a layer beyond GDSII": ("--map", "10/0=window", "--map", "70000=working_electrode"),
    "a layer twice": (*MAP, "--map", "2/0=counter_electrode"),
    "an electrode twice": (*MAP, "--map", "3/0=working_electrode"),
    "an unknown base": (*MAP, "--from", "poseidon"),
    "an unknown cell": (*MAP, "--cell", "CHIPS"),
    "passivation that the base knows nothing of": (*MAP, "--map", "20/0=passivation"),
}


@pytest.mark.parametrize("name", MISUSED)
def test_options_that_cannot_be_meant_are_refused(name: str, tmp_path: Path) -> None:
    """Each misuse is one line with exit code 2, and nothing is written."""
    ran = imported(tmp_path, Chip().written(tmp_path), *MISUSED[name])
    assert (ran.returncode, ran.stdout) == (2, "")
    assert len(ran.stderr.splitlines()) == 1
    assert not (tmp_path / "ours.yaml").exists()


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """A card that is there stays as it is."""
    (tmp_path / "ours.yaml").write_text("mine", encoding="utf-8")
    assert imported(tmp_path, Chip().written(tmp_path)).returncode == 2
    assert (tmp_path / "ours.yaml").read_text(encoding="utf-8") == "mine"


def test_what_is_no_drawing_is_refused(tmp_path: Path) -> None:
    """A missing file, a folder, a text, and the half of either format are told in one line."""
    (tmp_path / "text.gds").write_text("hello", encoding="utf-8")
    for kind in ("gds", "oas"):
        whole = Chip().written(tmp_path, kind).read_bytes()
        (tmp_path / f"half.{kind}").write_bytes(whole[: len(whole) // 2])
    for name in ("gone.gds", ".", "text.gds", "half.gds", "half.oas"):
        ran = imported(tmp_path, tmp_path / name)
        assert ran.returncode in (2, 3), name
        assert len(ran.stderr.splitlines()) == 1, ran.stderr
        assert "Traceback" not in ran.stderr


@pytest.mark.slow
def test_damaged_bytes_never_end_us(tmp_path: Path) -> None:
    """Whatever bytes are changed, also where gdstk itself is ended by them, the answer is a card or one line."""
    random.seed(5)
    for round_ in range(12):
        kind = ("gds", "oas")[round_ % 2]
        content = bytearray(Chip().written(tmp_path, kind).read_bytes())
        for _ in range(4):
            content[random.randrange(20, len(content))] = random.randrange(256)
        path = tmp_path / f"damaged.{kind}"
        path.write_bytes(content)
        ran = imported(tmp_path, path)
        assert "Traceback" not in ran.stderr
        assert ran.returncode == 0 or len(ran.stderr.splitlines()) >= 1
        (tmp_path / "ours.yaml").unlink(missing_ok=True)
