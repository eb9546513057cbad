"""The pages of a package: marks on each, no script, nothing fetched, the numbers of the plan, and the same as JSON."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from lamella_case import ResistorSmu, plan_of, recipe_with
from packed_session import packed
from walked_session import walked

from fibplan.handoff.contents import PackageContents, shortcomings
from fibplan.handoff.electrochemistry_page import electrochemistry_files
from fibplan.handoff.frame import css_text
from fibplan.handoff.package import failure_report, hand_off
from fibplan.handoff.report import report_file
from fibplan.handoff.tem_page import tem_files
from fibplan.model.verdict import Acceptance, Grade

PAGES = ("report.html", "tem-sheet.html", "electrochemistry-sheet.html")


class Page(HTMLParser):
    """Which elements a page has, where they point, and its text."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.feed(content.decode("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "action", "data")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).replace("\u00a0", " ").split())


@pytest.fixture(scope="module")
def pages(contents: PackageContents) -> dict[str, Page]:
    files = hand_off(contents).files
    return {name: Page(files[name]) for name in PAGES}


def marginal(contents: PackageContents) -> PackageContents:
    """The same as if the bridge were marginal, and a person had accepted it."""
    assert contents.verdict is not None
    first, *rest = contents.verdict.paths
    paths = (first.model_copy(update={"grade": Grade.MARGINAL}), *rest)
    acceptance = Acceptance(person="M. Curie", reason="the cell <b>drops</b> a microvolt")
    return replace(contents, verdict=contents.verdict.model_copy(update={"paths": paths, "acceptance": acceptance}))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_self_contained(pages: dict[str, Page], name: str) -> None:
    """No script, no form, and nothing that is fetched: pictures are in the page itself; every element is closed."""
    page = pages[name]
    assert not {"script", "link", "form", "iframe", "object", "embed"} & set(page.tags)
    assert all(link.startswith("data:image/png;base64,") for link in page.links)
    assert page.open == []


@pytest.mark.parametrize("name", PAGES)
def test_every_sheet_of_paper_says_simulated(contents: PackageContents, name: str) -> None:
    """Each section of each page carries the mark, and so does the running line of a printed sheet."""
    text = hand_off(contents).files[name].decode("utf-8")
    sections = text.split('<section class="page">')[1:]
    assert sections
    assert all("SIMULATED: parts of this session were simulated" in section for section in sections)
    assert '@bottom-left { content: "SIMULATED ' in text


def test_a_marginal_acceptance_stands_on_every_page(contents: PackageContents) -> None:
    """Who accepted what is marginal, and why, stands in every section of every page, in the README and in the JSON."""
    told = marginal(contents)
    files = {**tem_files(told), **electrochemistry_files(told), "report.html": report_file(told, ())}
    for name, content in files.items():
        parts = content.decode("utf-8").split('<section class="page">')[1:] or [content.decode("utf-8")]
        assert all("MARGINAL (bridge), accepted by M. Curie" in part for part in parts), name
        assert "<b>drops</b>" not in content.decode("utf-8") or name.endswith(".json")


def test_a_real_session_is_not_marked(real: PackageContents) -> None:
    """A page of a real session that passed has no frame at its head, and no word of simulation."""
    for name in PAGES:
        text = hand_off(real).files[name].decode("utf-8")
        assert "SIMULATED" not in text
        assert '<p class="mark">' not in text


def test_a_failure_report_has_no_sheets(tmp_path: Path) -> None:
    """What to set in the TEM, and where, is in no failure report; its report says not to load it, on every page."""
    files = failure_report(walked(tmp_path / "s", faults=("open_bridge",))).files
    assert not {"tem-sheet.html", "electrochemistry-sheet.html", "handoff.nav", "positions.csv"} & set(files)
    sections = files["report.html"].decode("utf-8").split('<section class="page">')[1:]
    assert all("NOT ACCEPTED - do not load into the TEM" in section for section in sections)


@pytest.mark.parametrize(
    "words",
    [
        "Holder and cell: Protochips Poseidon Select",
        "Inspect the Viton O-ring",
        "Lay the chip with the 5 um spacer into the tip first",
        "Flush the lines and the cell with argon",
        "600 nm high in a gap of 5 um: fits",
        "0.5 uL/min to 5 uL/min",
        "200 kV",
        "10 e/nm2/s = 420000 to 440000 Gy/s in the liquid",
        "100 pA over a disc of 10 um: 7.95 e/nm2/s, 79% of the limit",
        "magnification 10000, spot 9",
        "Beam off during cyclic voltammetry",
        "2 x 1.2 um2 in steps of 2.5 nm: 192000 points each",
        "A dose-rate limit for a parallel beam does not describe a scanned probe",
        "Together 214000 e/nm2",
        "Diffraction maps need a dry or thinned cell: filled, t/lambda is about 36",
        "Chosen by the recipe's author, not in its source: imaging: current",
    ],
)
def test_the_tem_sheet_says(pages: dict[str, Page], words: str) -> None:
    """Assembly, gap, flow, dose rate, budget, t/lambda and beam-off stand on the sheet in the operator's units."""
    assert words in pages["tem-sheet.html"].text


@pytest.mark.parametrize(
    "words",
    [
        "4.1 V to 4.8 V",
        "0.3 V to 1 V",
        "3.8 V against Li+/Li: measure yours",
        "4 V 0.1 V to 0.8 V as far as it was seen to shift",
        "(yours)",
        "1 h 56 min a sweep, 3 h 53 min a cycle",
        "1.6 nC",
        "220 fA",
        "the curve that you see is most likely the bare platinum and the electrolyte, not the lamella",
        "40 kHz down to 0.5 mHz",
        "Share of the cell that it explains 0.015 %",
        "The window enters the Mn region: it goes 0.3 V below 4.4 V",
        "nobody has shown it stable at the upper limit",
        "reference offset",
    ],
)
def test_the_electrochemistry_sheet_says(pages: dict[str, Page], words: str) -> None:
    """Both scales, the offset to edit, times, expected and background currents, EIS and warnings stand on the sheet."""
    assert words in pages["electrochemistry-sheet.html"].text


def test_the_sheets_are_json_too(contents: PackageContents) -> None:
    """The same numbers stand in JSON in SI units, the offset as a number of its own, with marks and statuses."""
    files = hand_off(contents).files
    tem, cell = (json.loads(files[f"{name}-sheet.json"]) for name in ("tem", "electrochemistry"))
    assert tem["imaging"]["dose_rate"] == pytest.approx(7.947e18, rel=1e-3)
    assert tem["dry_or_thinned_cell_for_maps"] is True
    assert tem["flow_m3_s"] == pytest.approx(5e-9 / 60)
    assert len(tem["checklist"]) == 11
    assert cell["reference_offset_v"] == 3.8
    assert cell["cycle"]["window"]["against_lithium_v"] == pytest.approx([4.1, 4.8])
    assert cell["currents"]["ratio"]["status"] == "unverified"
    assert cell["spectrum"]["bridge_share"]["expected"] == pytest.approx(1.5e-4, rel=0.01)
    assert tem["simulated"] is cell["simulated"] is True


def test_the_report_holds_every_picture_and_the_budget(contents: PackageContents, pages: dict[str, Page]) -> None:
    """Each PNG figure is in the report, and each source of uncertainty of each path with its share."""
    page = pages["report.html"]
    assert len(page.links) == sum(name.endswith(".png") for name in contents.figures)
    assert contents.verdict is not None
    for path in contents.verdict.paths:
        assert path.resistance is not None
        for part in path.resistance.budget:
            assert part.source in page.text
    assert "Curves that the verdict follows from" in page.text


def test_a_tall_picture_stands_alone(contents: PackageContents) -> None:
    """On paper a picture that is higher than wide has a sheet of its own; the others stand two a sheet."""

    def png(width: int, height: int) -> bytes:
        return bytes(16) + width.to_bytes(4) + height.to_bytes(4)

    figures = {"chip.png": png(3, 4), "ladder.png": png(4, 3), "resistances.png": png(4, 4), "short.png": b""}
    page = hand_off(replace(contents, figures=figures)).files["report.html"].decode()
    figure_sheets = [part for part in page.split("<section")[1:] if "<figure>" in part]
    assert [part.count("<figure>") for part in figure_sheets] == [2, 1, 1]
    assert ["class='alone'" in part for part in figure_sheets] == [False, False, True]


def test_the_drop_is_said_to_be_that_of_the_cell(contents: PackageContents, pages: dict[str, Page]) -> None:
    """The lamella's current times the cell's resistance: over the bridge alone it would be thousands of times less."""
    files = hand_off(contents).files
    drop = json.loads(files["electrochemistry-sheet.json"])["drop_v"]["expected"]
    assert drop == pytest.approx(2.2e-7, rel=0.05)
    assert "Drop over the whole cell" in pages["electrochemistry-sheet.html"].text


def test_the_stage_position_is_in_the_package(contents: PackageContents) -> None:
    """The lamella's place stands in the package for SerialEM and as a table, in the chip frame."""
    files = hand_off(contents).files
    assert b"AdocVersion" in files["handoff.nav"]
    assert files["positions.csv"].startswith(b"name,kind,chip_x_um")


def test_words_of_a_recipe_stay_words(tmp_path: Path) -> None:
    """Markup in a recipe's title is text on every page, and cannot end the style sheet."""
    title = '</style><script>alert("x")</script> & "quoted" \\ end'
    contents = packed(tmp_path / "s", ResistorSmu(), plan=plan_of(recipe_with(title=title)))
    assert shortcomings(contents) == ()
    for name in PAGES:
        assert "script" not in Page(hand_off(contents).files[name]).tags


def test_a_style_sheet_s_text_cannot_end_it() -> None:
    """Quotes, backslashes, line ends and angle brackets are escaped as CSS asks."""
    assert not re.search(r"[\"'<>\n{}]", css_text("a\"b'c<d>e\nf{g}"))
    assert css_text("A-1 (b)") == "A-1 (b)"


def test_a_recipe_without_a_potentiostat_has_no_such_sheet(tmp_path: Path) -> None:
    """Without settings there is a TEM sheet of what is known, and no electrochemistry sheet."""
    contents = packed(tmp_path / "s", ResistorSmu(), plan=plan_of(recipe_with(hand_off=None)))
    files = hand_off(contents).files
    assert "tem-sheet.html" in files
    assert "electrochemistry-sheet.html" not in files
    assert "Beam off" not in Page(files["tem-sheet.html"]).text
