# ruff: noqa: E501 - a table of changes reads best with one change a line
"""Every clearance that a lamella on a chip must keep is checked, and told as it was measured, in um, um2 or nm."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from checks.test_rules import PAPER_TEXT, Change, bridge_with, changed, other_chip, shipped_card
from shipped import ROOT

from fibplan.library.examine import examine_file
from fibplan.library.load import load_recipe
from fibplan.library.search_path import SearchPath
from fibplan.model.finding import Finding

RE = "[[98, -10], [400, -10], [400, 10], [98, 10]]"
CE = "[[-200, 480], [200, 480], [200, 560], [-200, 560]]"
SUPPORT = "  position: 11 um               # along the lamella, away from the bridge\n  length: 3 um\n  width: 1.5 um\n  overlap: 500 nm"


def drawn(outline: str) -> list[Change]:
    return bridge_with(f"outline_um: {outline}")


def support(text: str) -> list[Change]:
    return [(SUPPORT, text)]


def window(size: str) -> dict[str, str]:
    return other_chip(("  width: 200 um\n", f"  width: {size}\n"))


def spacers(*changes: Change) -> dict[str, str]:
    return other_chip(*changes)


LAMELLA = "{x: 1 um, y: -5.7 um, rotation: 0 deg,"
UPRIGHT = [(LAMELLA, "{x: 1 um, y: -50 nm, pose: upright, rotation: 0 deg,")]
THIN = (
    "spacer: 500 nm # SU-8 on this chip, stated\nfacing_spacer: 5 um # on the chip that faces it, stated\n",
    "spacer: 500 nm\nfacing_spacer: 400 nm\n",
)

CHECKED: dict[str, tuple[str, Sequence[Change], dict[str, str], str]] = {
    "the lamella leaves the window": ("lamella-outside-window", [], window("30 um"), r"by 1\.00 um, at \[16, -?[\d.]+\] um"),
    "the lamella is near its edge": ("lamella-near-window-edge", [], window("38 um"), r"3\.00 um from the window's edge, under the margin of 5 um"),
    "the active layer lies on an electrode": ("lamella-on-electrode", [(LAMELLA, "{x: -5 um, y: -5.7 um, rotation: 0 deg,")], {}, r"working electrode, 23\.97 um2"),
    "the bridge covers too little of the electrode": ("bridge-overlap-partial", drawn("[[-2.5, -1.77], [3, -1.77], [3, 0.23], [-2.5, 0.23]]"), {}, r"covers 1 um2 of the working electrode, 4 um2 were meant"),
    "the bridge misses the electrode": ("bridge-misses-electrode", drawn("[[-1.5, -1.77], [3, -1.77], [3, 0.23], [-1.5, 0.23]]"), {}, r"misses the working electrode by 0\.50 um"),
    "the bridge misses the collector": ("bridge-misses-collector", drawn("[[-4, -3], [3, -3], [3, -1], [-4, -1]]"), {}, r"0\.7 um from the current collector"),
    "bridge and active layer": ("bridge-touches", drawn("[[-4, -1.5], [3, -1.5], [3, 0.5], [-4, 0.5]]"), {}, r"covers 0\.34 um2 of the active layer"),
    "bridge and cap": ("bridge-touches", drawn("[[-4, -1.5], [3, -1.5], [3, 1], [-4, 1]]"), {}, r"covers 0\.42 um2 of the protective layer"),
    "bridge and reference electrode": ("bridge-touches", [], other_chip((RE, "[[-1.5, -10], [0.5, -10], [0.5, -1.5], [-1.5, -1.5]]")), r"covers 0\.54 um2 of the reference electrode"),
    "bridge and counter electrode": ("bridge-touches", [], other_chip((CE, "[[-1.5, 0], [0.5, 0], [0.5, 10], [-1.5, 10]]")), r"covers 0\.46 um2 of the counter electrode"),
    "bridge near the active layer": ("bridge-near", drawn("[[-4, -1.72], [3, -1.72], [3, 0.28], [-4, 0.28]]"), {}, r"0\.05 um from the active layer, under its clearance of 0\.1 um"),
    "bridge near the counter electrode": ("bridge-near", [], other_chip((CE, "[[-1.5, 0.29], [0.5, 0.29], [0.5, 10], [-1.5, 10]]")), r"0\.06 um from the counter electrode"),
    "the support misses the substrate": ("support-misses-lamella", support("  position: 20 um\n  length: 3 um\n  width: 1.5 um\n  overlap: 500 nm"), {}, r"by 3\.5 um"),
    "the support leaves the membrane": ("support-off-membrane", support("  position: 11 um\n  length: 3 um\n  width: 25 um\n  overlap: 500 nm"), {}, r"leaves the window by 5\.2 um"),
    "the support lies on the lamella alone": ("support-off-membrane", support("  position: 11 um\n  length: 3 um\n  width: 500 nm\n  overlap: 500 nm"), {}, r"all 1\.5 um2 of the support lie on the lamella"),
    "support and electrode": ("support-touches", support("  position: 500 nm\n  length: 8 um\n  width: 1.5 um\n  overlap: 500 nm"), {}, r"covers 0\.75 um2 of the working electrode"),
    "support and collector": ("support-touches", support("  position: 11 um\n  length: 3 um\n  width: 7 um\n  overlap: 6 um"), {}, r"covers 1\.8 um2 of the current collector"),
    "support and cap": ("support-touches", support("  position: 11 um\n  length: 3 um\n  width: 8 um\n  overlap: 7 um"), {}, r"covers 1\.53 um2 of the protective layer"),
    "support and bridge": ("support-touches", support("  position: 2 um\n  length: 3 um\n  width: 7 um\n  overlap: 5.5 um"), {}, r"of the bridge"),
    "height of the bridge under thin spacers": ("too-high-for-gap", [], spacers(THIN), r"bridge stands 600 nm high in a gap of 500 nm, 200 nm of it kept free"),
    "height of the support under thin spacers": ("too-high-for-gap", [], spacers(THIN), r"support stands 400 nm high in a gap of 500 nm"),
    "height of an upright lamella": ("too-high-for-gap", UPRIGHT, {}, r"the lamella stands 7\.99 um high in a gap of 5 um"),
}  # fmt: skip


def messages(code: str, changes: Sequence[Change], cards: dict[str, str], folder: Path) -> list[str]:
    return [finding.message for finding in found_with(changes, cards, folder) if finding.code == code]


def found_with(changes: Sequence[Change], cards: dict[str, str], folder: Path) -> Sequence[Finding]:
    for file, text in cards.items():
        (folder / "instruments" / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / "instruments" / file).write_text(text, encoding="utf-8")
    path, search = folder / "recipe.yaml", SearchPath([folder, ROOT])
    path.write_text(changed(PAPER_TEXT, changes), encoding="utf-8")
    return examine_file(load_recipe(path, "recipe.yaml", search), search).findings


@pytest.mark.parametrize("name", CHECKED)
def test_a_clearance_that_is_not_kept_is_told_as_measured(name: str, tmp_path: Path) -> None:
    """One message of that rule has the numbers of this geometry."""
    code, changes, cards, words = CHECKED[name]
    told = messages(code, changes, cards, tmp_path)
    assert any(re.search(words, message) for message in told), told


@pytest.mark.parametrize("code", sorted({code for code, *_ in CHECKED.values()}))
def test_the_paper_s_geometry_keeps_them_all(code: str, tmp_path: Path) -> None:
    """As published, none of these is told."""
    assert messages(code, [], {}, tmp_path) == []


@pytest.mark.parametrize(
    "name", ["bridge and active layer", "bridge near the active layer", "the bridge misses the collector"]
)
def test_a_drawn_bridge_is_faulty_in_its_outline(name: str, tmp_path: Path) -> None:
    """The finding stands at the outline, and its remedy is to draw it, since its clearance places nothing."""
    code, changes, cards, _ = CHECKED[name]
    found = [finding for finding in found_with(changes, cards, tmp_path) if finding.code == code]
    assert {finding.path for finding in found} == {("bridge", "outline_um")}
    assert all(finding.remedy.startswith("draw it") for finding in found)


def test_spacers_that_stand_on_one_another_leave_room_for_both(tmp_path: Path) -> None:
    """The gap is the sum then, 900 nm of 500 and 400: bridge and support fit below it less 200 nm."""
    stacked = (THIN[0], f"{THIN[1]}stacking: on_top\n")
    assert messages("too-high-for-gap", [], spacers(stacked), tmp_path) == []


def test_tips_and_pads_lie_on_the_chip(tmp_path: Path) -> None:
    """With its edge on the card, a tip beside the chip is told with how far off and where."""
    die = other_chip(("\nfiducials:\n", "\ndie_um: [[-105, -300], [500, -300], [500, 700], [-105, 700]]\nfiducials:\n"))
    (told,) = messages("off-chip", [], die, tmp_path)
    assert re.search(r"tip for the working electrode lands 5 um beside the chip, at \[-110, ", told)


def test_the_shipped_chips_say_nothing_of_their_edge() -> None:
    """Nobody has published one, and none is made up."""
    for name in ("poseidon-select", "biasing-chip"):
        assert "die_um" not in shipped_card(f"echip/{name}.yaml")
