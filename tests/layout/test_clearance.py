"""The length of bridge that lies free: along the strip, whatever way the lamella is turned."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Polygon

from fibplan.layout.clearance import free_length_um, gap_um
from fibplan.layout.frame import rectangle, to_chip
from fibplan.model.layout import Part, Region
from fibplan.model.recipe import Placement

UPRIGHT = Placement.model_construct(x=0.0, y=0.0, rotation=0.0, mirror=False)
ELECTRODE = rectangle(-50, -10, -3, 10)
BARE, COLLECTOR = rectangle(0, -1, 10, 0), rectangle(0, 0, 10, 0.6)
WIDTH = 1.5
STRIP = rectangle(-5, -1, 2, 0.5)


def region(shape: Polygon, placement: Placement = UPRIGHT) -> Region:
    """As the layout has it, rounded to a picometre."""
    corners = [(round(x, 6), round(y, 6)) for x, y in to_chip(shape, placement).exterior.coords]
    return Region(part=Part.LAYER, name="a part", label="", outline_um=tuple(corners[:-1]), thickness_m=1e-7)


def free_length(electrode: Polygon, placement: Placement = UPRIGHT) -> float:
    strip, start, *ends = (region(shape, placement) for shape in (STRIP, electrode, BARE, COLLECTOR))
    return free_length_um(strip, start, ends, WIDTH)


def test_a_straight_strip_is_as_long_as_the_gap() -> None:
    """Where both ends are square to the strip its free length is the distance between them."""
    assert free_length(ELECTRODE) == pytest.approx(3.0)


def test_an_electrode_that_ends_askew_counts_in_the_mean() -> None:
    """At 10 degrees the strip lies free as far as its middle does, and farther than the nearest corners are apart."""
    slope = math.tan(math.radians(10))
    askew = Polygon([(-50, -10), (-3 + 10 * slope, -10), (-3 - 10 * slope, 10), (-50, 10)])
    assert free_length(askew) == pytest.approx(3.0 + slope * (-0.25))
    assert free_length(askew) > gap_um(region(askew), region(COLLECTOR))


def test_a_lamella_against_the_electrode_leaves_nothing_free() -> None:
    """Where they touch the length is zero, and never negative where they overlap."""
    assert free_length(rectangle(-50, -10, 0, 10)) == 0.0
    assert free_length(rectangle(-50, -10, 1, 10)) == 0.0


def test_what_hangs_over_the_far_side_of_a_finger_is_no_way_for_the_current() -> None:
    """An electrode narrower than the overlap leaves strip on both sides; only the side of the lamella counts."""
    assert free_length(rectangle(-4, -10, -3, 10)) == pytest.approx(3.0)


placements = st.builds(
    lambda x, y, rotation, mirror: Placement.model_construct(x=x, y=y, rotation=rotation, mirror=mirror),
    st.floats(-100, 100), st.floats(-100, 100), st.floats(-math.pi, math.pi), st.booleans(),
)  # fmt: skip


@given(placement=placements, gap=st.floats(min_value=0.01, max_value=4))
def test_turning_everything_changes_no_length(placement: Placement, gap: float) -> None:
    """Lamella, bridge and electrode moved, turned or mirrored together keep their distance."""
    assert free_length(rectangle(-50, -10, -gap, 10), placement) == pytest.approx(gap, abs=1e-5)
