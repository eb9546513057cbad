"""Protocol, drawing and cards: what they say is the plan's, the same every time, and they say whose they are."""

import csv
import json
import math
import re
from html.parser import HTMLParser

import pytest
import yaml
from exported import CELL, GRID, ORIGIN, PAPER, exported, plan_of
from shapely import Polygon

from fibplan.errors import Misuse
from fibplan.formats.exports.catalogue import EXPORTS
from fibplan.formats.exports.export import NothingToExport
from fibplan.formats.exports.gds import layer_of
from fibplan.formats.exports.step_groups import MOST_STEPS, step_groups
from fibplan.model.plan import Plan

MAKES = {"ptf": (PAPER, CELL, GRID), "autolamella": (PAPER, CELL, GRID), "gds": (PAPER, CELL),
         "card": (PAPER, CELL, GRID), "potentiostat": (PAPER,)}  # fmt: skip
PAIRS = [(kind, recipe) for kind, recipes in MAKES.items() for recipe in recipes]


def test_every_export_is_tried_here() -> None:
    """No export is in the list without a case in this file."""
    assert list(MAKES) == [entry.name for entry in EXPORTS]


@pytest.mark.parametrize(("kind", "recipe"), PAIRS)
def test_same_plan_same_bytes_and_the_recipe_is_named(kind: str, recipe: str) -> None:
    """Twice written is byte for byte the same, and the recipe, its hash and the version stand in one of the files."""
    once, again = exported(kind, recipe), exported(kind, recipe)
    assert once.content == again.content
    assert any(ORIGIN.line.encode("ascii") in content for content in once.content.values())


@pytest.mark.parametrize(("kind", "recipe"), [("gds", GRID), ("potentiostat", GRID), ("potentiostat", CELL)])
def test_what_a_recipe_has_nothing_of_is_refused(kind: str, recipe: str) -> None:
    """A recipe without a chip has no drawing, one without electrochemistry no card for a potentiostat."""
    with pytest.raises(NothingToExport) as refused:
        exported(kind, recipe)
    assert refused.value.remedy


def protocol(recipe: str) -> dict:
    return yaml.safe_load(exported("autolamella", recipe).content["autolamella-protocol.yaml"])


def test_the_protocol_mills_what_the_plan_mills() -> None:
    """Each step beside the lamella is one supervised task with the plan's beam, gap and heights; deposits are told."""
    data = protocol(PAPER)
    stages = {name: task["milling"]["milling"]["stages"][0] for name, task in data["tasks"].items()}
    assert list(stages) == [task["name"] for task in data["workflow"]["tasks"]]
    assert all(task["supervise"] for task in data["workflow"]["tasks"])
    trench = stages["02-trenches"]
    assert trench["milling"]["milling_current"] == 20e-9
    assert (trench["pattern"]["spacing"], trench["pattern"]["upper_trench_height"]) == pytest.approx((6e-6, 12e-6))
    polish = stages["09-polish"]
    assert polish["milling"]["milling_voltage"] == 5e3
    assert polish["pattern"]["spacing"] == pytest.approx(100e-9)
    left = [note for note in exported("autolamella", PAPER).notes if note.startswith("left out")]
    assert [note.split(": ")[1] for note in left] == ["cap", "needle", "support-weld", "bridge"]


def test_every_pattern_lies_in_its_field_of_view() -> None:
    """The field is wider than what is milled, and one that fibsem offers."""
    for recipe in MAKES["autolamella"]:
        for task in protocol(recipe)["tasks"].values():
            milling = task["milling"]["milling"]
            shape = milling["stages"][0]["pattern"]
            high = shape.get("spacing", 0) + 2 * shape.get("upper_trench_height", shape.get("height", 0))
            assert max(shape["width"], high) < milling["field_of_view"] <= 950e-6


def drawn(recipe: str) -> dict[tuple[int, int], float]:
    """Area by layer, as gdstk reads the drawing."""
    gdstk = pytest.importorskip("gdstk")
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan-view.gds"
        path.write_bytes(exported("gds", recipe).content["plan-view.gds"])
        (cell,) = gdstk.read_gds(path, unit=1e-6).top_level()
        areas: dict[tuple[int, int], float] = {}
        for polygon in cell.get_polygons():
            key = polygon.layer, polygon.datatype
            areas[key] = areas.get(key, 0.0) + polygon.area()
    return areas


@pytest.mark.parametrize("recipe", MAKES["gds"])
def test_the_drawing_has_every_region_on_its_layer(recipe: str) -> None:
    """Area by layer is that of the layout, to a nanometre along every edge."""
    layout = plan_of(recipe).layout
    assert layout is not None
    areas = drawn(recipe)
    for layer in {layer_of(region) for region in layout.regions}:
        shapes = [Polygon(region.outline_um) for region in layout.regions if layer_of(region) == layer]
        off = 1e-3 * sum(shape.length for shape in shapes)
        assert areas[layer] == pytest.approx(sum(shape.area for shape in shapes), abs=off)


def test_the_layer_map_names_what_is_on_each_layer_and_whose_drawing_it_is() -> None:
    """A line for every region, with its thickness, under a head that disowns the vendor."""
    text = exported("gds", PAPER).content["plan-view-layers.csv"].decode("utf-8")
    assert "not a vendor drawing" in text
    rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    by_name = {row["name"]: row for row in rows}
    assert (by_name["bridge"]["layer"], by_name["bridge"]["datatype"]) == ("30", "0")
    assert float(by_name["bridge"]["thickness or depth [m]"]) == 500e-9


def test_without_the_extra_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where gdstk is not installed the remedy is the command that installs it."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(Misuse) as refused:
        exported("gds", PAPER)
    assert refused.value.remedy == "pip install 'fibplan[layout]'"


class Page(HTMLParser):
    """Tags, attributes and text of a page; a tag that is not closed, or closed twice, fails."""

    VOID = ("meta", "!doctype", "br", "polygon", "rect")

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(content.decode("utf-8"))
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


PAGES = [(recipe, "card", "milling-card.html") for recipe in MAKES["card"]]
PAGES.append((PAPER, "potentiostat", "potentiostat.html"))


@pytest.mark.parametrize(("recipe", "kind", "name"), PAGES)
def test_pages_stand_alone_and_run_nothing(recipe: str, kind: str, name: str) -> None:
    """Well-formed, no script, nothing fetched from anywhere, marked as not verified."""
    content = exported(kind, recipe).content[name]
    page = Page(content)
    assert not {"script", "img", "link", "iframe", "object"} & {tag for tag, _ in page.tags}
    assert not any(key in ("src", "href") or key.startswith("on") for _, attributes in page.tags for key in attributes)
    assert not re.search(rb"url\(|@import|https?:", content)
    assert "NOT VERIFIED" in page.words


@pytest.mark.parametrize("recipe", MAKES["card"])
def test_the_card_has_a_page_for_each_group_and_a_box_for_each_step(recipe: str) -> None:
    """The order, a page a group of few steps, and the chip; every step is there once, with interval and status."""
    plan = plan_of(recipe)
    groups = step_groups(plan)
    assert [entry for group in groups for _, entry in group.operations] == list(plan.operations)
    assert max(len(group.operations) for group in groups) <= MOST_STEPS
    page = Page(exported("card", recipe).content["milling-card.html"])
    sheets = [attributes for tag, attributes in page.tags if tag == "section"]
    assert len(sheets) == len(groups) + (1 if plan.layout is None else 2)
    assert sum(attributes.get("class") == "step" for _, attributes in page.tags) == len(plan.operations)
    for number, operation in enumerate(plan.operations, start=1):
        assert f"{number}. {operation.name}" in page.words
        told = operation.beam_on_s or operation.duration_s
        assert f"{told}, {told.status}" in page.words


def test_the_card_has_a_box_for_every_path_that_is_swept(paper_plan: Plan) -> None:
    """The isolation of the electrodes is measured whether the step names it or not, and stands with its limit."""
    words = Page(exported("card", paper_plan).content["milling-card.html"]).words
    for name, limit in (("isolation-reference_electrode", "over 10 Mohm"), ("bridge", "under 300 ohm")):
        assert f"{name} {limit}" in words


def test_what_the_author_chose_has_an_asterisk(paper_plan: Plan) -> None:
    """A value in the recipe's ``assumed`` is marked, one that its source states is not."""
    words = Page(exported("card", paper_plan).content["milling-card.html"]).words
    assert "30 kV 7 nA*" in words
    assert "30 kV 20 nA " in words
    assert "30 kV 20 nA*" not in words


def test_what_a_recipe_says_cannot_break_out_of_the_page(paper_plan: Plan) -> None:
    """Markup in a recipe's texts is printed as text, also in the comment at the head."""
    hostile = '</title><script>alert(1)</script> --> <b>& "x"'
    step = paper_plan.operations[0].step.model_copy(update={"why": hostile})
    operations = (paper_plan.operations[0].model_copy(update={"step": step}), *paper_plan.operations[1:])
    recipe = paper_plan.recipe.model_copy(update={"title": hostile})
    plan = paper_plan.model_copy(update={"recipe": recipe, "operations": operations})
    for kind, name in (("card", "milling-card.html"), ("potentiostat", "potentiostat.html")):
        page = Page(exported(kind, plan).content[name])
        assert "script" not in {tag for tag, _ in page.tags}
        assert "<script>alert(1)</script>" in page.words


def test_the_potentiostat_gets_both_scales_and_every_form_of_the_amplitude() -> None:
    """Window against the pseudo-reference and against Li+/Li, one cycle, amplitude peak to peak, half and rms."""
    files = exported("potentiostat", PAPER).content
    data = json.loads(files["potentiostat.json"])
    cycle, impedance = data["cyclic_voltammetry"], data["impedance"]
    assert cycle["against_pseudo_reference_v"] == [0.3, 1.0]
    assert cycle["against_li_v"] == [4.1, 4.8]
    assert cycle["reference_offset_v"] == 3.8
    assert cycle["cycle_s"] == pytest.approx(2 * 0.7 / 1e-4)
    assert impedance["amplitude_v"] == pytest.approx(5e-3)
    assert impedance["amplitude_rms_v"] == pytest.approx(5e-3 / math.sqrt(2))
    assert data["electrodes"] == ["working_electrode", "reference_electrode", "counter_electrode"]
    assert data["verified"] is False
    limits = plan_of(PAPER).limits
    assert data["current_most_a"] == min(limit.current_a for limit in limits)
    words = Page(files["potentiostat.html"]).words
    told = re.search(r"([0-9.]+) uA, the most that path", words)
    assert told is not None
    assert 0.9 * data["current_most_a"] < float(told[1]) * 1e-6 <= data["current_most_a"]
    for said in (
        "300 mV to 1 V",
        "4.1 V to 4.8 V",
        "0.1 mV/s",
        "40 kHz to 0.5 mHz",
        "10 mV peak to peak",
        "3 electrodes",
    ):
        assert said in words
