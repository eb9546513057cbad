"""The plan view shows the layout itself: outlines, scale bars and gaps are its coordinates."""

import math
import re

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle
from matplotlib.text import Text
from shapely import Polygon as Area

from fibplan.figures.canvas import round_length
from fibplan.figures.chip import chip_figure
from fibplan.layout.clearance import gap_um, margin_um, required
from fibplan.model.layout import Part
from fibplan.model.plan import Plan
from fibplan.units import parse

DRAWN = [
    "lmno-poseidon-select", "lco-lipon-biasing-chip", "rotated", "upright", "mirrored", "bare", "halo-free", "standing",
    "routed", "padded",
]  # fmt: skip


def panel(figure: Figure, name: str) -> Axes:
    return next(axes for axes in figure.axes if axes.get_gid() == name)


def outlines(axes: Axes) -> dict[str, list[tuple[float, float]]]:
    patches = [patch for patch in axes.patches if isinstance(patch, Polygon)]
    return {str(patch.get_gid()): [tuple(map(float, xy)) for xy in patch.get_xy()[:-1]] for patch in patches}


@pytest.mark.parametrize("name", DRAWN)
def test_drawn_outlines_are_those_of_the_layout(plans: dict[str, Plan], name: str) -> None:
    """Every region appears in both panels with exactly its corners; the window only frames the detail."""
    layout = plans[name].layout
    figure = chip_figure(plans[name])
    for view in ("overview", "detail"):
        wanted = {
            f"{view}-{index}-{region.name}": [tuple(map(float, xy)) for xy in region.outline_um]
            for index, region in enumerate(layout.regions)
            if view == "overview" or region.part is not Part.WINDOW
        }
        assert outlines(panel(figure, view)) == wanted


@pytest.mark.parametrize("name", DRAWN)
def test_detail_shows_the_whole_lamella(plans: dict[str, Plan], name: str) -> None:
    """Layers, bridge, support and halo lie inside the view of the detail, which has one scale along both axes."""
    axes = panel(chip_figure(plans[name]), "detail")
    (x0, x1), (y0, y1) = axes.get_xlim(), axes.get_ylim()
    for region in plans[name].layout.regions:
        if region.part not in (Part.WINDOW, Part.ELECTRODE, Part.PAD) and not region.name.startswith("pad"):
            left, lower, right, upper = Area(region.outline_um).bounds
            assert x0 < left < right < x1
            assert y0 < lower < upper < y1
    box = axes.get_window_extent()
    assert math.isclose(box.width / (x1 - x0), box.height / (y1 - y0), rel_tol=1e-6)


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("view", ["overview", "detail"])
def test_scale_bars_are_as_long_as_they_say(plans: dict[str, Plan], name: str, view: str) -> None:
    """The bar's length in the panel's micrometres is the length written on it, and a round one."""
    axes = panel(chip_figure(plans[name]), view)
    (bar,) = [patch for patch in axes.patches if patch.get_gid() == f"scale-bar-{view}"]
    assert isinstance(bar, Rectangle)
    plate = axes.patches[list(axes.patches).index(bar) - 1]
    lengths = [text for text in axes.texts if re.fullmatch(r"[\d.]+ [µn]m", text.get_text())]
    label = next(text for text in lengths if plate.get_bbox().contains(*text.get_position()))
    assert math.isclose(bar.get_width(), parse(label.get_text(), "m") * 1e6, rel_tol=1e-9)
    assert round_length(bar.get_width()) == bar.get_width()


@pytest.mark.parametrize("name", DRAWN)
def test_scale_bars_hide_nothing_of_the_lamella(plans: dict[str, Plan], name: str) -> None:
    """The plate of the detail's scale bar covers neither a layer nor a deposit nor its halo."""
    axes = panel(chip_figure(plans[name]), "detail")
    (bar,) = [patch for patch in axes.patches if patch.get_gid() == "scale-bar-detail"]
    plate = axes.patches[list(axes.patches).index(bar) - 1].get_bbox()
    area = Area([(plate.x0, plate.y0), (plate.x1, plate.y0), (plate.x1, plate.y1), (plate.x0, plate.y1)])
    for region in plans[name].layout.regions:
        if region.part not in (Part.WINDOW, Part.ELECTRODE):
            assert Area(region.outline_um).intersection(area).area == 0.0


def test_every_layer_is_named_with_its_thickness(paper_plan: Plan) -> None:
    """Each layer of the stack is written beside the detail with its own thickness, thin ones too."""
    texts = {text.get_text() for text in panel(chip_figure(paper_plan), "detail").texts}
    assert {"Si 5.3 µm", "Al2O3 100 nm", "Pt 630 nm", "LMNO 460 nm", "FIB-Pt cap 1.5 µm"} <= texts


def test_gaps_are_measured_in_the_layout(paper_plan: Plan) -> None:
    """The dimension lines are as long as the clearances of the layout, in the detail and to the window's edge."""
    figure, layout = chip_figure(paper_plan), paper_plan.layout
    window = required(layout, "window")
    wanted = {
        "gap-WE-to-lamella": gap_um(required(layout, "working_electrode"), required(layout, "substrate")),
        "gap-bridge-to-active-layer": gap_um(required(layout, "bridge"), required(layout, "active_layer")),
        "gap-bridge-to-cap": gap_um(required(layout, "bridge"), required(layout, "protective_layer")),
        "gap-support-to-collector": gap_um(required(layout, "support"), required(layout, "current_collector")),
        "gap-lamella-to-window-edge": min(margin_um(layer, window) for layer in layout.of(Part.LAYER)),
    }
    texts = [text for axes in figure.axes for text in axes.texts if str(text.get_gid()).startswith("gap")]
    assert {text.get_gid(): math.dist(text.xy, text.xyann) for text in texts} == pytest.approx(wanted)


def test_tips_are_drawn_where_they_land(paper_plan: Plan) -> None:
    """Every tip of the layout has its ring in the overview, at its own place."""
    axes = panel(chip_figure(paper_plan), "overview")
    rings = {str(line.get_gid()): line for line in axes.lines if "-tip-" in str(line.get_gid())}
    wanted = {f"overview-tip-{tip.terminal}": tip.place_um for tip in paper_plan.layout.tips}
    assert {name: tuple(map(float, line.get_xydata()[0])) for name, line in rings.items()} == wanted
    assert len(wanted) == 5


def test_a_detail_without_a_bridge_has_no_gap_to_it(plans: dict[str, Plan]) -> None:
    """Dimension lines are drawn only between what is there."""
    texts = [text for axes in chip_figure(plans["bare"]).axes for text in axes.texts]
    gaps = {str(text.get_gid()) for text in texts if str(text.get_gid()).startswith("gap")}
    assert gaps == {"gap-lamella-to-window-edge"}


def test_the_drawing_says_whose_it_is(paper_plan: Plan) -> None:
    """The chip card's word on its outlines stands on the picture."""
    figure = chip_figure(paper_plan)
    assert any(paper_plan.layout.drawing in text.get_text() for text in figure.findobj(Text))


def test_what_is_missing_is_not_in_the_legend(plans: dict[str, Plan]) -> None:
    """A lamella without bridge and support has neither in its legend, one without a halo no halo."""

    def entries(name: str) -> set[str]:
        return {text.get_text() for text in chip_figure(plans[name]).legends[0].get_texts()}

    assert not {"Pt bridge", "support weld", "halo at its widest"} & entries("bare")
    assert {"Pt bridge", "support weld"} <= entries("halo-free")


@pytest.mark.parametrize("name", ["lmno-poseidon-select", "lco-lipon-biasing-chip"])
def test_fiducials_are_marked_where_they_are_and_named_below(plans: dict[str, Plan], name: str) -> None:
    """Each has a cross at its place and a number, which a note under the legend explains with name and place."""
    figure = chip_figure(plans[name])
    axes = panel(figure, "overview")
    crosses = {
        (float(line.get_xdata()[0]), float(line.get_ydata()[0])) for line in axes.lines if line.get_marker() == "+"
    }
    fiducials = plans[name].layout.fiducials
    assert crosses == {mark.place_um for mark in fiducials}
    numbers = [text.get_text() for text in axes.texts if str(text.get_gid()).startswith("fiducial-")]
    assert numbers == [str(number) for number in range(1, len(fiducials) + 1)]
    notes = " ".join(text.get_text() for text in figure.texts).replace("\u00a0", " ")
    for number, mark in enumerate(fiducials, 1):
        assert f"{number} {mark.name} (x {mark.place_um[0]:g}".replace("-", "\u2212") in notes.replace("-", "\u2212")


def test_the_chip_ends_at_its_edge_where_that_is_known(paper_plan: Plan) -> None:
    """With the edge on the card the ground around the window is its outline, and its size stands in the heading."""
    edge = ((-110.0, -30.0), (300.0, -30.0), (300.0, 400.0), (-110.0, 400.0))
    layout = paper_plan.layout.model_copy(update={"die_um": edge})
    figure = chip_figure(paper_plan.model_copy(update={"layout": layout}))
    drawn = outlines(panel(figure, "overview"))
    assert drawn["overview-chip"] == list(edge)
    assert any("chip 410 \u00b5m \u00d7 430 \u00b5m" in text.get_text() for text in figure.texts)


def test_supports_that_are_alike_are_named_once(plans: dict[str, Plan]) -> None:
    """Two welds of one size have one label that counts them."""
    axes = panel(chip_figure(plans["lco-lipon-biasing-chip"]), "detail")
    named = [text.get_text() for text in axes.texts if "support weld" in text.get_text()]
    assert len(named) == 1
    assert named[0].startswith("2 \u00d7 support weld")
