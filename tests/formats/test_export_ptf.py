"""xT pattern files: the structure of the vendor's files, their laws, and the plan's own sizes and times."""

import math
from xml.etree import ElementTree

import pytest
from exported import CELL, GRID, PAPER, exported, leaves, one_file, pattern, plan_of
from hypothesis import given
from hypothesis import strategies as st
from shapely import Polygon, box, transform, union_all
from shapely.affinity import rotate, translate
from shapely.geometry.base import BaseGeometry

from fibplan.formats.exports.outlines import STRIP_UM, Box, boxes
from fibplan.formats.exports.pattern import Pattern, Shape
from fibplan.formats.exports.ptf import number
from fibplan.formats.exports.step_patterns import step_patterns
from fibplan.model.steps import Beamed, Deposit, Weld

FIELDS = {Shape.RECTANGLE: 45, Shape.REGULAR: 45, Shape.CLEANING: 42, Shape.LINE: 37}
"""Children of each pattern in files that xT wrote."""

DATATYPE = "{urn:schemas-microsoft-com:datatypes}dt"


def sizes(least: float, most: float) -> st.SearchStrategy[float]:
    return st.floats(math.log(least), math.log(most)).map(math.exp)


PATTERNS = st.builds(
    pattern,
    st.sampled_from(Shape),
    current_a=sizes(1e-12, 65e-9),
    volume_per_dose=sizes(1e-11, 3e-9),
    probe_m=sizes(5e-9, 1e-6),
    x_m=st.floats(-1e-4, 1e-4),
    y_m=st.floats(-1e-4, 1e-4),
    width_m=sizes(5e-8, 1e-4),
    length_m=sizes(5e-8, 1e-4),
    depth_m=sizes(1e-8, 2e-5),
)


def test_the_file_is_built_as_the_vendors_are() -> None:
    """ASCII, CR LF only, no declaration, no line end at the end, every leaf typed, the known number of fields."""
    content = one_file()
    assert content.isascii()
    assert content.startswith(b'<Content Version="FEI PatternFile 1.2">\r\n  <PatternList>\r\n    <Mode xmlns:dt=')
    assert content.endswith(b"\r\n</Content>")
    assert content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r")
    root = ElementTree.fromstring(content)
    assert [len(part) for part in root] == [8, *(FIELDS[shape] for shape in Shape)]
    bare = [leaf.tag for leaf in root.iter() if len(leaf) == 0 and leaf.get(DATATYPE) not in ("string", "r8")]
    assert bare == []
    assert b'<GasType xmlns:dt="urn:schemas-microsoft-com:datatypes" dt:dt="string">\r\n    </GasType>' in content


@given(st.floats(1e-25, 1e9) | st.floats(-1e3, -1e-20) | st.just(0.0))
def test_numbers_keep_fifteen_digits(value: float) -> None:
    """A number read back differs by less than its fifteenth digit, and is written as xT writes numbers."""
    text = number(value)
    assert float(text) == pytest.approx(value, rel=1e-14)
    mantissa = text.partition("E")[0]
    assert "e" not in text
    assert mantissa[-1] != "0" or "." not in mantissa
    assert len(mantissa.partition(".")[2]) <= 15


@given(PATTERNS)
def test_dose_depth_time_and_area_obey_the_vendors_laws(drawn) -> None:
    """Dose = passes current dwell / pitch area, depth = passes depth-per-pass, time = volume / (rate current)."""
    (read,) = leaves(one_file(drawn))
    value = {name: float(text) for name, text in read.items() if text[:1] in "0123456789-" and text}
    current = value["TotalVolumeSputterRate"] / value["VolumePerDose"]
    line = drawn.shape is Shape.LINE
    pitch_x, pitch_y = (value["Pitch"],) * 2 if line else (value["PitchX"], value["PitchY"])
    across = value["TotalDiameter"] if line else value["Width"]
    passes = value["PassCount"]
    assert current == pytest.approx(drawn.scan.current_a)
    assert value["Dose"] == pytest.approx(passes * current * value["DwellTime"] / (pitch_x * pitch_y) * 1e-12)
    assert value["Depth"] == pytest.approx(passes * value["DepthPerPass"])
    assert value["TotalTime"] == pytest.approx(
        value["Depth"] * across * value["Length"] / value["TotalVolumeSputterRate"]
    )
    assert value["TotalBeamArea"] == pytest.approx(math.pi / 4 * value["TotalDiameter"] ** 2)
    overlap = value["Overlap"] if line else value["OverlapX"]
    assert pitch_x == pytest.approx(value["TotalDiameter"] * (1 - overlap / 100))


@given(PATTERNS)
def test_whole_passes_come_within_half_a_pass_of_the_depth(drawn) -> None:
    """What is milled differs from what was asked for by half a pass, or is the one pass that there must be."""
    half = 0.5 * drawn.depth_per_pass_m
    assert drawn.passes == 1 or abs(drawn.milled_m - drawn.depth_m) <= half * (1 + 1e-9)
    assert drawn.passes >= 1


@pytest.mark.parametrize("recipe", [PAPER, CELL, GRID])
def test_every_step_with_a_beam_has_its_file_in_the_plans_order(recipe: str) -> None:
    """Files are numbered as the plan's operations are, and a step without a file says why."""
    plan = plan_of(recipe)
    files = exported("ptf", recipe)
    wanted = [
        f"{place:02d}-{entry.name}.ptf"
        for place, entry in enumerate(plan.operations, start=1)
        if isinstance(entry.step, Beamed)
    ]
    assert [name for name in files.content if name.endswith(".ptf")] == wanted == sorted(wanted)
    index = files.content["patterns.txt"].decode("utf-8")
    assert all(name in index for name in wanted)


@pytest.mark.parametrize("recipe", [PAPER, CELL, GRID])
def test_the_files_take_the_time_that_the_plan_expects(recipe: str) -> None:
    """The times of a file add up to the plan's expected time with the beam on, but for the rounding to whole passes."""
    for step in step_patterns(plan_of(recipe)):
        assert step.operation.beam_on_s is not None
        allowed = 0.51 / min(drawn.passes for drawn in step.patterns)
        total = sum(drawn.time_s for drawn in step.patterns)
        assert total == pytest.approx(step.operation.beam_on_s.expected, rel=allowed), step.name


def test_trenches_stand_about_the_lamella_and_are_scanned_towards_it() -> None:
    """Both sides, as wide, deep and far apart as the recipe says; the lower one upwards, the upper one downwards."""
    lower, upper = leaves(exported("ptf", PAPER).content["02-trenches.ptf"])
    assert (lower["tag"], lower["Application"]) == ("PatternRegularCrossSection", "Si-multipass")
    assert (float(lower["Width"]), float(lower["Length"])) == pytest.approx((20e-6, 12e-6))
    assert (float(lower["CenterY"]), float(upper["CenterY"])) == pytest.approx((-9e-6, 9e-6))
    assert float(lower["Depth"]) == pytest.approx(9e-6, rel=1e-4)
    assert (lower["ScanDirection"], upper["ScanDirection"]) == ("BottomToTop", "TopToBottom")


def test_gas_patterns_say_that_they_are_not_verified() -> None:
    """Every deposit is marked in the list and in the notes, and carries the gas in its application only."""
    files = exported("ptf", PAPER)
    gas = [step for step in step_patterns(plan_of(PAPER)) if isinstance(step.operation.step, Deposit | Weld)]
    assert [step.operation.name for step in gas] == ["cap", "needle", "support-weld", "bridge"]
    for step in gas:
        (read,) = leaves(files.content[f"{step.name}.ptf"])
        assert (read["Application"], read["GasType"]) == ("Pt dep", "")
        assert any(note.startswith(f"{step.operation.name}: gas pattern: not verified") for note in files.notes)


def test_the_bridge_is_drawn_where_it_lies_on_the_chip() -> None:
    """Its pattern, moved by the centre of the field, has the outline of the layout."""
    plan = plan_of(PAPER)
    assert plan.layout is not None
    bridge = plan.layout.named("bridge")
    assert bridge is not None
    step = next(step for step in step_patterns(plan) if step.operation.name == "bridge")
    place = step.view.partition("[")[2].partition("]")[0].split(", ")
    drawn = union_all([_area(entry) for entry in step.patterns])
    moved = translate(drawn, *(float(coordinate) for coordinate in place))
    assert _apart_um2(moved, Polygon(bridge.outline_um)) < 0.02


def _area(drawn: Pattern) -> Polygon:
    x, y, width, height = (1e6 * value for value in (drawn.x_m, drawn.y_m, drawn.width_m, drawn.length_m))
    return _area_um(Box(x, y, width, height, drawn.rotation_rad))


def _apart_um2(one: BaseGeometry, other: BaseGeometry) -> float:
    """Area that only one of them covers, on a grid of 1 pm: overlays of edges 1e-15 apart cannot be relied on."""
    first, second = (transform(shape, lambda points: points.round(6)) for shape in (one, other))
    return first.symmetric_difference(second).area


def _area_um(drawn: Box) -> Polygon:
    plain = box(-drawn.width / 2, -drawn.height / 2, drawn.width / 2, drawn.height / 2)
    return translate(rotate(plain, drawn.rotation, origin=(0, 0), use_radians=True), drawn.x, drawn.y)


def test_a_cut_no_wider_than_the_probe_is_a_line(examine_text, paper_text: str) -> None:
    """Its pattern is a line as long as the cut; a wider cut is a rectangle."""
    from shipped import replaced

    for width, tag in (("10 nm", "PatternLine"), ("300 nm", "PatternRectangle")):
        cut = (
            "  - name: part\n    kind: isolation_cut\n    after: [bridge]\n    accelerating_voltage: 30 kV\n"
            f"    beam_current: 10 pA\n    length: 2 um\n    width: {width}\n    depth: 20 nm\n"
        )
        text = replaced(paper_text, "  - name: measure\n", f"{cut}  - name: measure\n").replace(
            "after: [bridge]\n    paths", "after: [part]\n    paths"
        )
        examined = examine_text(text)
        assert examined.plan is not None
        step = next(step for step in step_patterns(examined.plan) if step.operation.name == "part")
        (read,) = leaves(one_file(*step.patterns))
        assert read["tag"] == tag
        assert max(float(read["Length"]), float(read.get("Width", "0"))) == pytest.approx(2e-6)


@st.composite
def outlines(draw) -> Polygon:
    """A simple polygon about the origin, with three to nine corners."""
    count = draw(st.integers(3, 9))
    turns = sorted(draw(st.lists(st.floats(0.05, 0.95), min_size=count, max_size=count)))
    radii = draw(st.lists(st.floats(0.5, 8.0), min_size=count, max_size=count))
    step = 2 * math.pi / count
    corners = [
        (radius * math.cos(step * (place + 0.8 * turn)), radius * math.sin(step * (place + 0.8 * turn)))
        for place, (radius, turn) in enumerate(zip(radii, turns, strict=True))
    ]
    return Polygon(corners)


@given(outlines())
def test_strips_have_the_area_of_the_outline_and_stay_on_it(outline: Polygon) -> None:
    """Any outline becomes rectangles of the same area that leave it by no more than a strip is high."""
    covered = boxes(outline)
    assert sum(entry.width * entry.height for entry in covered) == pytest.approx(outline.area, rel=1e-3, abs=1e-3)
    drawn = union_all([_area_um(entry) for entry in covered])
    assert _apart_um2(drawn, outline) <= STRIP_UM * outline.length


@given(st.floats(-89, 89), st.floats(0.1, 20), st.floats(0.1, 20))
def test_a_turned_rectangle_stays_one_pattern(degrees: float, width: float, height: float) -> None:
    """Whatever its rotation, it is one box with the rectangle's corners."""
    turned = rotate(box(-width / 2, -height / 2, width / 2, height / 2), degrees)
    (found,) = boxes(turned)
    assert _apart_um2(_area_um(found), turned) < 1e-3


def test_a_right_angle_is_two_rectangles() -> None:
    """An outline with upright edges is not cut into more strips than it has heights."""
    bent = Polygon([(0, 0), (10, 0), (10, 2), (2, 2), (2, 8), (0, 8)])
    assert [(b.x, b.y, b.width, b.height) for b in boxes(bent)] == [(5, 1, 10, 2), (1, 5, 2, 6)]
