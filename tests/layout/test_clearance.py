"""The squares that the free part of a bridge has at the least, whatever way the lamella is turned."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Polygon

from fibplan.circuit.field.films import FilmStack, Sheet, Terminal
from fibplan.circuit.field.grid import Resolution
from fibplan.circuit.field.solution import solve
from fibplan.layout.clearance import fewest_squares, gap_um
from fibplan.layout.frame import rectangle, to_chip
from fibplan.model.layout import Part, Region
from fibplan.model.recipe import Placement

UPRIGHT = Placement.model_construct(x=0.0, y=0.0, rotation=0.0, mirror=False)
ELECTRODE = rectangle(-50, -10, -3, 10)
COLLECTOR = rectangle(0, -1, 10, 0.6)
WIDTH = 1.5
STRIP = rectangle(-5, -1, 2, 0.5)


def region(shape: Polygon, placement: Placement = UPRIGHT) -> Region:
    """As the layout has it, rounded to a picometre."""
    corners = [(round(x, 6), round(y, 6)) for x, y in to_chip(shape, placement).exterior.coords]
    return Region(part=Part.LAYER, name="a part", label="", outline_um=tuple(corners[:-1]), thickness_m=1e-7)


def squares(electrode: Polygon, placement: Placement = UPRIGHT) -> float:
    return fewest_squares(*(region(shape, placement) for shape in (STRIP, electrode, COLLECTOR)))


def test_a_straight_strip_has_its_length_over_its_width() -> None:
    """Where both ends are square to the strip: 3 um free, 1.5 um wide, and all of its width comes to the collector."""
    assert squares(ELECTRODE) == pytest.approx(3.0 / WIDTH)


def test_an_electrode_that_ends_askew_counts_with_its_nearest_corner() -> None:
    """At 10 degrees there are fewer squares than the strip's middle has, and hardly fewer than the corners allow."""
    slope = math.tan(math.radians(10))
    askew = Polygon([(-50, -10), (-3 + 10 * slope, -10), (-3 - 10 * slope, 10), (-50, 10)])
    nearest = gap_um(region(askew), region(COLLECTOR))
    assert 0.95 * nearest / WIDTH < squares(askew) < (3.0 + slope * 0.25) / WIDTH


def test_a_lamella_against_the_electrode_leaves_nothing_free() -> None:
    """Where they touch there are no squares, and never fewer where they overlap."""
    assert squares(rectangle(-50, -10, 0, 10)) == 0.0
    assert squares(rectangle(-50, -10, 1, 10)) == 0.0


def test_a_strip_that_misses_has_no_squares() -> None:
    """Either end: the rule that says so is another one."""
    assert squares(rectangle(-50, -10, -30, 10)) == 0.0


@given(neck=st.floats(0.1, 1.5), at=st.floats(-2.5, -0.5))
def test_no_field_has_fewer_squares(neck: float, at: float) -> None:
    """A strip with a neck anywhere conducts no better than the bound says, as a field over it shows."""
    points = [(-5, 0), (at - 0.2, 0), (at - 0.2, 1.5 - neck), (at + 0.2, 1.5 - neck), (at + 0.2, 0), (2, 0), (2, 1.5),
              (-5, 1.5)]  # fmt: skip
    strip, collector = Polygon(points), rectangle(0, -1, 10, 2)
    bound = fewest_squares(region(strip), region(ELECTRODE), region(collector))
    ends = (Terminal("near", "strip", ELECTRODE), Terminal("far", "strip", collector))
    film = solve(FilmStack((Sheet("strip", strip, 1.0),), (), ends), Resolution().refined(0.3))
    assert 0 < bound <= 1.01 / -film.conductance[0, 1]


placements = st.builds(
    lambda x, y, rotation, mirror: Placement.model_construct(x=x, y=y, rotation=rotation, mirror=mirror),
    st.floats(-100, 100), st.floats(-100, 100), st.floats(-math.pi, math.pi), st.booleans(),
)  # fmt: skip


@given(placement=placements, gap=st.floats(min_value=0.01, max_value=4))
def test_turning_everything_changes_no_squares(placement: Placement, gap: float) -> None:
    """Lamella, bridge and electrode moved, turned or mirrored together keep them."""
    assert squares(rectangle(-50, -10, -gap, 10), placement) == pytest.approx(gap / WIDTH, rel=1e-3)
