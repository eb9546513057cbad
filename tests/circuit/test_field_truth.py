"""Fields of thin films against what is known in closed form."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.special import expi
from shapely import LineString, Point, Polygon, box
from shapely.affinity import rotate
from shapely.geometry.base import BaseGeometry

from fibplan.circuit.field.films import FilmStack, Joint, Sheet, SheetConductance, Terminal, Wall
from fibplan.circuit.field.grid import Resolution
from fibplan.circuit.field.halo import Halo
from fibplan.circuit.field.paths import path
from fibplan.circuit.field.solution import Solution, solve

L_SHAPE = Polygon([(0, 0), (4.5, 0), (4.5, 1), (1, 1), (1, 4.5), (0, 4.5)])
CORNER = 0.5589
"""Squares of the corner of two equal arms, by conformal mapping; the arms of this L have 3.5 squares each."""


def ohm(solution: Solution) -> float:
    return path(solution, "a", "b").ohm


def single(
    outline: BaseGeometry, a: BaseGeometry, b: BaseGeometry, conductance: SheetConductance = 1.0, *walls: Wall
) -> FilmStack:
    return FilmStack(
        (Sheet("film", outline, conductance, walls),), (), (Terminal("a", "film", a), Terminal("b", "film", b))
    )


def end(x: float, y: float = 1.0) -> LineString:
    return LineString([(x, 0), (x, y)])


def disc(radius: float) -> Polygon:
    return Point(0, 0).buffer(radius, quad_segs=128)


def test_a_straight_strip_is_exact() -> None:
    """Nine squares of 2 ohm are 18 ohm, whatever the grid."""
    assert ohm(solve(single(box(0, 0, 9, 1), end(0), end(9), 0.5))) == pytest.approx(18.0, rel=1e-12)


@pytest.mark.parametrize("degrees", [3, 30, 45, 71, 90, 200])
def test_a_turned_strip_is_as_exact(degrees: float) -> None:
    """A straight strip has its squares at any angle, also on a coarse grid."""
    outline, a, b = (
        rotate(s, degrees, origin=(0, 0)) for s in (box(-1, 0, 10, 1), box(-2, -1, 0, 2), box(9, -1, 11, 2))
    )
    for factor in (0.4, 1.0):
        stack = single(outline, a, b)
        assert ohm(solve(stack, Resolution().refined(factor))) == pytest.approx(9.0, rel=1e-9)


def test_an_l_shape_has_its_squares() -> None:
    """The corner of two equal arms counts 0.559 squares, to a thousandth of the whole."""
    stack = single(L_SHAPE, LineString([(0, 4.5), (1, 4.5)]), end(4.5))
    assert ohm(solve(stack, Resolution().refined(1.5))) == pytest.approx(7 + CORNER, rel=1e-3)


def test_refining_the_grid_halves_the_error_or_better() -> None:
    """The error of the L-shape falls from grid to grid."""
    stack = single(L_SHAPE, LineString([(0, 4.5), (1, 4.5)]), end(4.5))
    errors = [abs(ohm(solve(stack, Resolution().refined(factor))) - 7 - CORNER) for factor in (0.5, 1.0, 2.0, 4.0)]
    assert all(finer < 0.6 * coarser for coarser, finer in pairwise(errors))


def test_a_ring_conducts_from_its_inner_to_its_outer_edge() -> None:
    """``ln(b/a) / 2 pi`` squares from a = 1 to b = 3, the terminals overlapping the ring."""
    stack = single(disc(3.4).difference(disc(0.7)), disc(1), disc(4).difference(disc(3)))
    assert ohm(solve(stack)) == pytest.approx(math.log(3) / (2 * math.pi), rel=1e-3)


def test_half_a_ring_conducts_around() -> None:
    """``pi / ln(b/a)`` squares around half a ring."""
    half = disc(3).difference(disc(1)).intersection(box(-4, 0, 4, 4))
    stack = single(half, LineString([(-3, 0), (-1, 0)]), LineString([(1, 0), (3, 0)]))
    assert ohm(solve(stack)) == pytest.approx(math.pi / math.log(3), rel=2e-3)


def test_a_disc_with_four_contacts_obeys_van_der_pauw() -> None:
    """Small contacts anywhere on the edge: ``exp(-pi R1) + exp(-pi R2) = 1``; L. J. van der Pauw, Philips Res. Rep. 13
    (1958) 1."""
    plate = Point(0, 0).buffer(1.0, quad_segs=256)
    tips = [Point(math.cos(t), math.sin(t)).buffer(0.01, quad_segs=4) for t in (0.2, 1.1, 3.0, 4.9)]
    terminals = tuple(Terminal(name, "film", tip) for name, tip in zip("abcd", tips, strict=True))
    solution = solve(FilmStack((Sheet("film", plate, 1.0),), (), terminals))

    def transfer(current: tuple[int, int], voltage: tuple[int, int]) -> float:
        driven = np.zeros(4)
        driven[list(current)] = 1.0, -1.0
        volts = np.linalg.lstsq(solution.conductance, driven, rcond=None)[0]
        return float(volts[voltage[0]] - volts[voltage[1]])

    total = math.exp(-math.pi * transfer((0, 1), (3, 2))) + math.exp(-math.pi * transfer((1, 2), (0, 3)))
    assert total == pytest.approx(1.0, abs=5e-3)


@pytest.mark.parametrize("transfer_um", [5.0, 1.0, 0.2, 0.05])
def test_two_strips_exchange_their_current_within_the_transfer_length(transfer_um: float) -> None:
    """An overlap of two films has the resistance of two coupled lines, with sinh and cosh of overlap over transfer
    length: the solution of the two equations ``G1 v1'' = g (v1 - v2)`` and ``G2 v2'' = g (v2 - v1)``."""
    r1, r2, overlap = 2.0, 3.0, 3.0
    s_per_um2 = 1 / (transfer_um**2 * (r1 + r2))
    stack = FilmStack(
        (Sheet("lower", box(0, 0, 5 + overlap, 1), 1 / r1), Sheet("upper", box(5, 0, 9 + overlap, 1), 1 / r2)),
        (Joint("lower", "upper", s_per_um2 * 1e12),),
        (Terminal("a", "lower", end(0)), Terminal("b", "upper", end(9 + overlap))),
    )
    u = overlap / transfer_um
    coupled = (r1**2 + r2**2) / math.tanh(u) + r1 * r2 * (2 / math.sinh(u) + u)
    contact = transfer_um / (r1 + r2) * coupled
    assert ohm(solve(stack)) - 5 * r1 - 4 * r2 == pytest.approx(contact, rel=6e-3)


def test_a_contact_to_a_film_at_one_potential_follows_coth() -> None:
    """``R L_T coth(l / L_T)`` per width, the end resistance of a contact; H. H. Berger, Solid-State Electronics 15
    (1972) 145."""
    sheet, transfer_um, length = 4.0, 0.5, 1.5
    stack = FilmStack(
        (Sheet("strip", box(0, 0, 2 + length, 1), 1 / sheet), Sheet("metal", box(2, -1, 9, 2), 1.0)),
        (Joint("strip", "metal", 1e12 / (sheet * transfer_um**2)),),
        (Terminal("a", "strip", end(0)), Terminal("b", "metal")),
    )
    expected = 2 * sheet + sheet * transfer_um / math.tanh(length / transfer_um)
    assert ohm(solve(stack)) == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize("degrees", [0, 20])
def test_an_ideal_joint_makes_the_overlap_one_film(degrees: float) -> None:
    """Two overlapping strips in ideal contact are side by side in the overlap, 1/G each elsewhere."""
    outlines = [
        rotate(s, degrees, origin=(0, 0))
        for s in (box(0, 0, 5, 1), box(3, 0, 8, 1), box(-1, -1, 1, 2), box(7, -1, 9, 2))
    ]
    stack = FilmStack(
        (Sheet("lower", outlines[0], 0.5), Sheet("upper", outlines[1], 0.25)),
        (Joint("lower", "upper", math.inf),),
        (Terminal("a", "lower", outlines[2]), Terminal("b", "upper", outlines[3])),
    )
    assert ohm(solve(stack)) == pytest.approx(2 * 2 + 2 / 0.75 + 2 * 4, rel=1e-9 if degrees == 0 else 0.01)


@pytest.mark.parametrize("degrees", [0, 2, 5, 20])
def test_films_that_abut_conduct_through_their_seam(degrees: float) -> None:
    """Layers side by side with an ideal joint are resistors in series, though they share no area."""
    shapes = (box(0, 0, 1, 3), box(1, 0, 1.5, 3), box(1.5, 0, 4, 3), box(-1, -1, 0.2, 4), box(3.5, -1, 5, 4))
    metal, poor, other, a, b = (rotate(s, degrees, origin=(0, 0)) for s in shapes)
    stack = FilmStack(
        (Sheet("metal", metal, 1.0), Sheet("poor", poor, 1e-6), Sheet("other", other, 1.0)),
        (Joint("metal", "poor", math.inf), Joint("poor", "other", math.inf)),
        (Terminal("a", "metal", a), Terminal("b", "other", b)),
    )
    expected = (0.5 / 1e-6 + 0.8 + 2.0) / 3
    found = ohm(solve(stack, Resolution(oblique=32)))
    assert found == pytest.approx(expected, rel=1e-9 if degrees == 0 else 0.02)


def test_a_halo_that_decays_is_a_wedge() -> None:
    """A film that falls as exp(-d/l) from the edge of a deposit: ``l (exp(L/l) - 1) / G0`` per width."""
    deposit = box(-2, -5, 0, 6)
    halo = Halo(deposit, edge_s=1e-3, decay_um=0.4, conducts_to_um=10.0, residual_s=0.0)
    expected = 0.4 * (math.exp(2 / 0.4) - 1) / 1e-3
    assert ohm(solve(single(box(0, 0, 2, 1), end(0), end(2), halo))) == pytest.approx(expected, rel=3e-3)


def test_a_halo_around_a_round_deposit_is_a_wedge_of_a_ring() -> None:
    """The same around a disc of radius a: ``exp(-a/l) (Ei(b/l) - Ei(a/l)) / 2 pi G0`` out to radius b."""
    inner, outer, decay = 1.0, 2.0, 0.5
    halo = Halo(disc(inner), edge_s=1e-3, decay_um=decay, conducts_to_um=10.0, residual_s=0.0)
    stack = single(disc(2.4).difference(disc(0.8)), disc(inner), disc(3).difference(disc(outer)), halo)
    expected = math.exp(-inner / decay) * (expi(outer / decay) - expi(inner / decay)) / (2 * math.pi * 1e-3)
    assert ohm(solve(stack)) == pytest.approx(expected, rel=5e-3)


def test_beyond_percolation_only_the_residual_is_left() -> None:
    """A halo that stops conducting after 1 um is its conducting part and then the residual, in series."""
    halo = Halo(box(-2, -5, 0, 6), edge_s=1e-3, decay_um=0.5, conducts_to_um=1.0, residual_s=1e-9)
    expected = 0.5 * (math.exp(2) - 1) / 1e-3 + 1 / 1e-9
    assert ohm(solve(single(box(0, 0, 2, 1), end(0), end(2), halo))) == pytest.approx(expected, rel=0.03)
    none = Halo(box(-2, -5, 0, 6), edge_s=1e-3, decay_um=0.5, conducts_to_um=1.0, residual_s=0.0)
    assert ohm(solve(single(box(0, 0, 2, 1), end(0), end(2), none))) == math.inf


@pytest.mark.parametrize("degrees", [0, 90, 25])
def test_a_wall_adds_its_height_over_its_coverage(degrees: float) -> None:
    """A film that climbs 0.6 um at half its thickness is 1.2 um longer."""
    shapes = (box(-1, 0, 10, 2), box(-2, -1, 0, 3), box(9, -1, 11, 3), LineString([(4.3, -1), (4.3, 3)]))
    outline, a, b, line = (rotate(s, degrees, origin=(0, 0)) for s in shapes)
    stack = single(outline, a, b, 1.0, Wall(line, height_um=0.6, coverage=0.5))
    assert ohm(solve(stack)) == pytest.approx((9 + 1.2) / 2, rel=1e-9 if degrees in (0, 90) else 0.02)


def test_a_small_tip_on_a_wide_film_spreads_its_current() -> None:
    """From a disc of radius a to a ring of radius b: ``ln(b/a) / 2 pi``, also where a is a hundredth of the film."""
    far = Point(0, 0).buffer(10, quad_segs=64)
    stack = single(box(-12, -12, 12, 12), Point(0, 0).buffer(0.1, quad_segs=16), box(-12, -12, 12, 12).difference(far))
    assert ohm(solve(stack)) == pytest.approx(math.log(100) / (2 * math.pi), rel=0.01)


def test_a_leak_keeps_its_digits_past_a_floating_film() -> None:
    """Femtosiemens in series through a good conductor that nothing else holds: 1/(1/a + 1/b)."""
    a, b = 1e-12, 1e-15
    names, values = ("A", "thin", "B", "thinner", "C"), (1.0, a, 1.0, b, 1.0)
    sheets = tuple(
        Sheet(name, box(k, 0, k + 1, 1), value) for k, (name, value) in enumerate(zip(names, values, strict=True))
    )
    joints = tuple(Joint(one, other, math.inf) for one, other in pairwise(names))
    stack = FilmStack(sheets, joints, (Terminal("a", "A", end(0)), Terminal("b", "C", end(5))))
    assert ohm(solve(stack)) == pytest.approx(1 / a + 1 / b, rel=1e-6)


def test_an_insulated_crossing_does_not_conduct() -> None:
    """A film over another without a joint, or with one of zero, changes nothing and conducts nothing to it."""
    sheets = (Sheet("lower", box(0, 0, 9, 1), 1.0), Sheet("upper", box(4, -3, 5, 4), 1.0))
    terminals = (
        Terminal("a", "lower", end(0)),
        Terminal("b", "lower", end(9)),
        Terminal("c", "upper", box(4, 3, 5, 4)),
    )
    for joints in ((), (Joint("lower", "upper", 0.0),)):
        solution = solve(FilmStack(sheets, joints, terminals))
        assert ohm(solution) == pytest.approx(9.0, rel=1e-12)
        assert (solution.conductance[2] == 0).all()
        assert path(solution, "a", "c").ohm == math.inf


def test_two_parts_of_a_film_closer_than_a_cell_are_no_short() -> None:
    """A cut narrower than any cell separates a film, at any angle."""
    for degrees in (0, 33):
        cut = rotate(box(0, 0, 4, 1).union(box(4.0005, 0, 9, 1)), degrees, origin=(0, 0))
        a, b = (rotate(s, degrees, origin=(0, 0)) for s in (box(-1, -1, 1, 2), box(8, -1, 10, 2)))
        assert ohm(solve(single(cut, a, b), Resolution(least_um=0.01))) == math.inf
