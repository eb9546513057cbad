"""What holds for every picture: it can be read, it is the same each time, and it says where it comes from."""

import itertools
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from fibplan.figures.canvas import new_figure, printed, render, write_at

Figures = dict[str, Callable[[], Figure]]


Written = dict[str, list[tuple[Text, Bbox]]]


@pytest.fixture(scope="module")
def every_text(every_figure: Figures) -> Written:
    """Every text that really gets drawn in every figure with the box it takes, except the watermark."""
    return {name: written(draw()) for name, draw in every_figure.items()}


def written(figure: Figure) -> list[tuple[Text, Bbox]]:
    drawn: dict[int, Text] = {}
    draw = Text.draw

    def noting(self: Text, *args: object, **kwargs: object) -> object:
        if self.get_text().strip() and self.get_visible() and self.get_gid() != "simulated":
            drawn[id(self)] = self
        return draw(self, *args, **kwargs)

    with printed(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(Text, "draw", noting)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        renderer = canvas.get_renderer()
        return [(text, text.get_window_extent(renderer)) for text in drawn.values()]


def overlapping(texts: list[tuple[Text, Bbox]]) -> list[tuple[str, str]]:
    def overlap(one: Bbox, other: Bbox) -> bool:
        width = min(one.x1, other.x1) - max(one.x0, other.x0)
        height = min(one.y1, other.y1) - max(one.y0, other.y0)
        return width > 0.5 and height > 0.5

    pairs = itertools.combinations(texts, 2)
    return [(one.get_text(), other.get_text()) for (one, a), (other, b) in pairs if overlap(a, b)]


def test_the_test_sees_overlapping_labels() -> None:
    """Two labels in one place are reported, two beside each other are not."""
    figure = new_figure(50.0)
    write_at(figure, 10.0, 30.0, "one")
    write_at(figure, 60.0, 30.0, "beside")
    assert overlapping(written(figure)) == []
    write_at(figure, 11.0, 30.5, "other")
    assert overlapping(written(figure)) == [("one", "other")]


def test_no_two_texts_overlap(every_text: Written) -> None:
    """No label of any picture lies on another."""
    found = {name: overlapping(texts) for name, texts in every_text.items()}
    assert {name: pairs for name, pairs in found.items() if pairs} == {}


def test_no_text_leaves_the_sheet(every_text: Written) -> None:
    """Every label of every picture lies inside the sheet."""
    outside = [
        (name, text.get_text())
        for name, texts in every_text.items()
        for text, box in texts
        for sheet in [text.get_figure(root=True).bbox]
        if box.x0 < sheet.x0 or box.y0 < sheet.y0 or box.x1 > sheet.x1 or box.y1 > sheet.y1
    ]
    assert outside == []


def test_letters_are_large_enough_to_read(every_text: Written) -> None:
    """At the printed width of 120 mm no letter is smaller than 6 points."""
    for texts in every_text.values():
        assert all(round(text.get_figure(root=True).get_figwidth() * 25.4) == 120 for text, _ in texts)
        assert min(text.get_fontsize() for text, _ in texts) >= 6.0


@pytest.mark.parametrize(("file_format", "magic"), [("png", b"\x89PNG\r\n\x1a\n"), ("svg", b"<?xml")])
def test_bytes_are_those_of_the_format_and_always_the_same(
    every_figure: Figures, file_format: str, magic: bytes
) -> None:
    """Drawn twice, each kind of picture gives the same bytes, of the format asked for, without a date or a version."""
    kinds = {name.split()[0]: draw for name, draw in every_figure.items()}
    for draw in kinds.values():
        first, second = render(draw(), file_format), render(draw(), file_format)
        assert first == second
        assert first.startswith(magic)
        assert b"matplotlib version" not in first.lower()
        assert b"dc:date" not in first
        assert b"Software" not in first[:200]


def test_names_in_an_svg_are_its_own(every_figure: Figures) -> None:
    """Every SVG is well-formed, and no two elements of one share an id."""
    kinds = {name.split()[0]: draw for name, draw in every_figure.items()}
    for draw in kinds.values():
        ids = [
            element.get("id") for element in ElementTree.fromstring(render(draw(), "svg")).iter() if element.get("id")
        ]
        assert len(ids) == len(set(ids))


def test_a_matplotlibrc_changes_nothing(every_figure: Figures) -> None:
    """What the person at the desk has set for matplotlib does not reach the pictures."""
    import matplotlib

    draw = every_figure["ladder lmno-poseidon-select"]
    plain = render(draw(), "svg")
    with matplotlib.rc_context(
        {"font.size": 20.0, "axes.facecolor": "red", "svg.hashsalt": None, "lines.color": "red"}
    ):
        assert render(draw(), "svg") == plain


def test_only_what_a_simulator_measured_is_marked(measured: Callable[..., object]) -> None:
    """SIMULATED stands across a picture if and only if a simulator gave one of its readings."""
    from fibplan.figures.iv import iv_figure
    from fibplan.figures.resistances import resistances_figure

    for simulated in (True, False):
        found = measured("good", simulated=simulated)
        curve = found.curves.of("bridge", "sweep")
        path = found.plan.recipe.verification[curve.path]
        for figure in (
            iv_figure(curve, found.verdict.paths[0], path),
            iv_figure(curve, None, None),
            resistances_figure(found.plan, None, found.verdict),
        ):
            marks = [text.get_text() for text in figure.texts if text.get_gid() == "simulated"]
            assert marks == (["SIMULATED"] if simulated else [])


def test_a_plan_alone_is_never_marked(every_figure: Figures) -> None:
    """Nothing was measured for a picture of a plan, so none says SIMULATED."""
    for name, draw in every_figure.items():
        if name.split()[0] in ("chip", "ladder", "timeline", "predicted"):
            assert all(text.get_gid() != "simulated" for text in draw().texts)
