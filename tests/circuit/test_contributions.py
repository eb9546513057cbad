"""What each part of a lamella adds: checked against one field over everything, hand calculation and literature."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import shapely
from shapely import Polygon, box
from shipped import replaced

from fibplan.circuit.contributions import between_squares, leading_ohms
from fibplan.circuit.field.contacts import overlap_of
from fibplan.circuit.field.films import FilmStack, Sheet, Terminal
from fibplan.circuit.field.grid import Resolution
from fibplan.circuit.field.halo import Halo
from fibplan.circuit.field.paths import path
from fibplan.circuit.field.solution import Solution, solve
from fibplan.circuit.films import COLLECTOR, leading_stack, outline_of, whole_stack
from fibplan.circuit.halos import halo_closes, halo_extent_um, halo_gaps, halo_resistance
from fibplan.circuit.network import TIPS, build_network, landed
from fibplan.circuit.parameters import expected_values, sampled_values
from fibplan.circuit.solve import resistance_between
from fibplan.errors import Misuse
from fibplan.layout.halo import expected_extent_um, leads_across, widest_extent_um
from fibplan.library.examine import Examined
from fibplan.model.fib_card import Skin
from fibplan.model.interval import Interval, Status
from fibplan.model.plan import Plan
from fibplan.model.recipe import Pad
from fibplan.planning.expand import expand
from fibplan.planning.predict import OPEN_OHM, predict
from fibplan.planning.tolerance.displaced import displaced
from fibplan.planning.tolerance.spreads import EDGE, TURN

WE, CAP = "working_electrode", "protective_layer"

Examine = Callable[[str], Examined]


def plan_of(examine_text: Examine, text: str) -> Plan:
    plan = examine_text(text).plan
    assert plan is not None
    return plan


def exactly(value: float, unit: str) -> Interval:
    return Interval(low=value, expected=value, high=value, unit=unit, source="test", status=Status.STATED)


def ohm(plan: Plan, end: str) -> float:
    """From the electrode to there, without the tips."""
    return float(resistance_between(build_network(plan, expected_values(plan)), WE, end)[0])


@pytest.fixture(scope="module")
def everything(paper_plan: Plan) -> Solution:
    """One field over all films of the paper's lamella, on a fine grid."""
    return solve(whole_stack(paper_plan, expected_values(paper_plan)), Resolution())


@pytest.mark.parametrize(("end", "terminal"), [(COLLECTOR, "end"), (CAP, CAP)])
def test_the_parts_add_up_to_one_field_over_everything(
    end: str, terminal: str, paper_plan: Plan, everything: Solution
) -> None:
    """Within 2 %, for the bridge and for the protective path of the paper's lamella."""
    assert ohm(paper_plan, end) == pytest.approx(path(everything, "start", terminal).ohm, rel=0.02)


def test_the_parts_of_a_sample_add_up_to_its_own_field(paper_plan: Plan) -> None:
    """With materials drawn at random, steps and contacts among them, the parts sum to a converged field, within 1 %."""
    values = sampled_values(paper_plan, seed=2, samples=8)
    found = np.sum(list(leading_ohms(paper_plan, values).values()), axis=0)
    for index in range(8):
        one = {name: drawn[index : index + 1] for name, drawn in values.items()}
        full = path(solve(leading_stack(paper_plan, one), Resolution().refined(2.0)), "start", "end").ohm
        assert found[index] == pytest.approx(full, rel=0.01)


@pytest.mark.parametrize("turn_deg", [-2.0, 0.5])
def test_a_turned_lamella_has_as_good_a_field(turn_deg: float, paper_plan: Plan) -> None:
    """Oblique edges of the contacts change no sample by more than 1 % of its converged field."""
    turned = displaced(paper_plan, {TURN: math.radians(turn_deg), EDGE: 5e-8})
    values = sampled_values(paper_plan, seed=2, samples=8)
    found = np.sum(list(leading_ohms(turned, values).values()), axis=0)
    for index in (0, 3, 7):
        one = {name: drawn[index : index + 1] for name, drawn in values.items()}
        full = path(solve(leading_stack(turned, one), Resolution().refined(1.5)), "start", "end").ohm
        assert found[index] == pytest.approx(full, rel=0.01)


def test_the_active_layer_conducts_across_its_whole_length(paper_plan: Plan) -> None:
    """0.46 um across 15 um are 0.0307 squares."""
    assert between_squares(paper_plan) == pytest.approx([0.46 / 15], rel=1e-6)


def test_a_poorly_covered_wall_adds_its_length(paper_plan: Plan) -> None:
    """On the lamella's wall of 0.1 um and over the electrode's edge of 90 nm, at 15 ohm a micrometre; the film there is
    never thicker than on the flat."""
    values = expected_values(paper_plan)
    bridges = [
        float(leading_ohms(paper_plan, {**values, "step coverage": np.array([coverage])})["bridge"][0])
        for coverage in (0.3, 0.6, 1.0, 2.0)
    ]
    assert bridges[0] - bridges[1] == pytest.approx(15.0 * 0.19 * (1 / 0.3 - 1 / 0.6), rel=0.1)
    assert bridges[1] > bridges[2] == bridges[3]


@pytest.mark.parametrize(("gap_um", "at"), [(0.05, "expected"), (0.1, "expected"), (0.5, "widest"), (2.0, "widest")])
def test_ion_beam_platinum_leaks_across_gaps_as_published(gap_um: float, at: str, paper_plan: Plan) -> None:
    """From 0.05 to 2 um (Brunel et al., Microelectron. Eng. 2011): the halo of a micrometre of deposit on one of two
    electrodes conducts to the other, across the near gaps as expected, across the far ones at the card's own ends."""
    assert paper_plan.cards.gis is not None
    process = paper_plan.cards.gis.process("FIBID")
    assert process is not None
    assert process.halo is not None
    extent = {"expected": expected_extent_um, "widest": widest_extent_um}[at](1e-6, process.halo)
    deposit, other = box(-5, -1, 0, 1), box(gap_um, -5, 9, 5)
    assert leads_across(deposit, deposit, other, Polygon(), extent)


def test_electron_beam_platinum_has_no_halo(paper_plan: Plan) -> None:
    """Its leakage exceeds a megaohm even below 100 nm (Brunel et al.)."""
    assert paper_plan.cards.gis is not None
    process = paper_plan.cards.gis.process("FEBID")
    assert process is not None
    assert process.halo is None


def test_a_halo_that_conducts_across_shorts_the_cap(paper_plan: Plan) -> None:
    """Beyond the gap of 0.56 um the film is counted as a short; it has kilohms, and gigaohms where it stops before."""
    values = {**expected_values(paper_plan), "halo decay length": np.array([0.1, 0.3, 3.0]) * 1e-6}
    values["halo edge fraction"] = np.array([0.02, 0.02, 0.02])
    assert halo_extent_um(paper_plan, "bridge", values) == pytest.approx(math.log(2) * np.array([0.1, 0.3, 3.0]))
    assert halo_closes(paper_plan, values).tolist() == [False, False, True]
    short = halo_resistance(paper_plan, "bridge", values)
    assert short[0] > 1e10
    assert short[1] > 1e10
    assert 10 < short[2] < 1e4


@pytest.mark.parametrize(("edge", "decay_um"), [(0.03, 0.6), (0.02, 1.0), (0.03, 3.0), (0.01, 0.3), (0.02, 0.7)])
def test_the_halo_is_what_a_field_over_its_thickness_gives(edge: float, decay_um: float, paper_plan: Plan) -> None:
    """Closed or open, within a factor 1.7: squares times the fall along the shortest way against the film itself."""
    values = expected_values(paper_plan)
    values |= {"halo edge fraction": np.array([edge]), "halo decay length": np.array([decay_um * 1e-6])}
    bridge, cap = outline_of(paper_plan, "bridge"), outline_of(paper_plan, CAP)
    near = shapely.union_all([bridge, *(outline_of(paper_plan, name) for name in (WE, COLLECTOR))])
    around = bridge.buffer(3.0, join_style="mitre").difference(shapely.union_all([near, cap]))
    assert isinstance(bridge, Polygon)
    film = max(shapely.get_parts(around), key=lambda part: part.length if part.dwithin(cap, 1e-5) else 0.0)
    sheet = Halo(
        bridge,
        edge_s=edge * 500e-9 / float(values["bridge resistivity"][0]),
        decay_um=decay_um,
        conducts_to_um=float(halo_extent_um(paper_plan, "bridge", values)[0]),
        residual_s=1.0 / float(values["halo residual sheet resistance"][0]),
    )
    sides = (Terminal("near", "halo", overlap_of(near, film.envelope.buffer(0.1))), Terminal("far", "halo", cap))
    full = path(solve(FilmStack((Sheet("halo", film, sheet),), (), sides)), "near", "far").ohm
    assert 1 / 1.7 < halo_resistance(paper_plan, "bridge", values)[0] / full < 1.7


def test_a_cut_parts_the_halo(examine_text: Examine, paper_text: str) -> None:
    """One between bridge and cap, one that keeps the electrode's side from the cap: the way around is far."""
    cuts = "  - {step: isolate, x: 1.5 um, y: 6.25 um}\n  - {step: isolate, x: -0.4 um, y: 16.2 um, rotation: 90 deg}"
    step = """  - name: isolate
    kind: isolation_cut
    after: [bridge]
    accelerating_voltage: 30 kV
    beam_current: 10 pA
    length: 20 um
    width: 200 nm
    depth: 20 nm

  - name: measure
    kind: measure
    after: [isolate]
"""
    text = replaced(paper_text, "  - name: measure\n    kind: measure\n    after: [bridge]\n", step)
    text = replaced(text, "\nsteps:\n", f"\ncuts:\n{cuts}\n\nsteps:\n")
    plan = plan_of(examine_text, text)
    assert halo_gaps(plan)["bridge"].closes_at_um > 5.0
    assert between_squares(plan) == pytest.approx([0.46 / 15], rel=1e-6)
    through = plan_of(examine_text, replaced(text, "depth: 20 nm", "depth: 200 nm"))
    assert between_squares(through)[0] > 1.1 * 0.46 / 15


def test_a_skin_of_five_nanometres_shorts_the_layer(examine_text: Examine, paper_text: str) -> None:
    """1e5 uohm cm over 0.46 um and a length of 10 um are 9.2 kohm."""
    plan = plan_of(examine_text, replaced(paper_text, "length: 15 um", "length: 10 um"))
    skin = Skin(thickness=exactly(5e-9, "m"), resistivity=exactly(1e-3, "ohm m"))
    cards = plan.cards.model_copy(update={"fib": plan.cards.fib.model_copy(update={"skin": skin})})
    short = plan.model_copy(update={"cards": cards})
    assert ohm(short, CAP) - ohm(short, COLLECTOR) == pytest.approx(9.2e3, rel=0.01)
    expected = predict(short)
    assert expected is not None
    assert max(expected.shares["protective"].items(), key=lambda entry: entry[1])[0] == "skin"


def test_a_bridge_that_misses_is_open_and_still_predicted(examine_text: Examine, paper_text: str) -> None:
    """Where it ends before the collector the network reads an open, and the prediction its stand-in, not an error."""
    plan = plan_of(examine_text, replaced(paper_text, "x: 1 um, y: -5.7 um", "x: 1 um, y: -30 um"))
    assert ohm(plan, COLLECTOR) == math.inf
    expected = predict(plan)
    assert expected is not None
    assert expected.resistances["bridge"].expected == OPEN_OHM
    assert expected.shares["bridge"] == {}


def test_a_path_that_no_tip_of_the_collector_serves_is_predicted(paper_plan: Plan) -> None:
    """With the protective path alone the collector's tip has no place, and nothing of that path depends on one."""
    recipe = paper_plan.recipe
    alone = recipe.model_copy(update={"verification": {"protective": recipe.verification["protective"]}})
    plan = expand(alone, paper_plan.cards)
    assert plan.layout is not None
    assert COLLECTOR not in {tip.terminal for tip in plan.layout.tips}
    expected, both = predict(plan), predict(paper_plan)
    assert expected is not None
    assert both is not None
    assert expected.resistances["protective"].expected == pytest.approx(
        both.resistances["protective"].expected, rel=1e-3
    )


def test_an_overlap_of_nanometres_is_still_a_contact(examine_text: Examine, paper_text: str) -> None:
    """10 nm on the collector read some kilohms of contact, not an open."""
    plan = plan_of(examine_text, replaced(paper_text, "overlap_lamella: 2 um", "overlap_lamella: 10 nm"))
    assert 500 < ohm(plan, COLLECTOR) < 1e4


def test_a_pad_lies_between_the_tip_and_the_collector(paper_plan: Plan) -> None:
    """Its track comes on top in the bridge path, as an edge of its own role, and not in the protective one."""
    pad = Pad.model_construct(
        terminal=COLLECTOR, side=10.0, width=2.0, thickness=5e-7, overlap=0.5, clearance=0.1, outline_um=None
    )
    plan = expand(paper_plan.recipe.model_copy(update={"pads": (pad,)}), paper_plan.cards)
    assert plan.layout is not None
    assert plan.layout.named("pad_current_collector") is not None
    expected = predict(plan)
    assert expected is not None
    assert expected.contributions["bridge"]["pad"] > 100
    assert expected.shares["bridge"]["pad"] > 0.3
    assert abs(expected.shares["protective"]["pad"]) < 1e-9


def test_a_lamella_that_stands_upright_is_refused_in_words(examine_text: Examine, paper_text: str) -> None:
    """Its layers hide one another, and the message says so and what to do."""
    plan = plan_of(examine_text, replaced(paper_text, "rotation: 0 deg,", "rotation: 0 deg, pose: upright,"))
    with pytest.raises(Misuse, match=r"stands upright.*lay it flat"):
        build_network(plan, expected_values(plan))


def test_shares_of_a_path_sum_to_one(paper_plan: Plan) -> None:
    """For both paths, and what limits them is the bridge here and the active layer there."""
    expected = predict(paper_plan)
    assert expected is not None
    for shares in expected.shares.values():
        assert sum(shares.values()) == pytest.approx(1.0, rel=0.01)
    limits = {name: max(shares, key=lambda part: shares[part]) for name, shares in expected.shares.items()}
    assert limits == {"bridge": "bridge", "protective": "active_layer"}


def test_outlines_lie_along_the_axes_however_the_lamella_is_turned(examine_text: Examine, paper_text: str) -> None:
    """Rounding of the chip frame does not make the layers of a turned lamella slant."""
    plan = plan_of(examine_text, replaced(paper_text, "rotation: 0 deg", "rotation: 10 deg"))
    assert outline_of(plan, COLLECTOR).equals(outline_of(plan, COLLECTOR).envelope)
    assert ohm(plan, CAP) == pytest.approx(1.5333e8, rel=0.01)


def test_networks_of_many_samples_are_those_of_each(paper_plan: Plan) -> None:
    """A sample reads the same alone as among others."""
    values = sampled_values(paper_plan, seed=4, samples=5)
    together = resistance_between(
        landed(build_network(paper_plan, values), (WE, CAP), values), "first tip", "second tip"
    )
    for index in range(5):
        one = {name: drawn[index : index + 1] for name, drawn in values.items()}
        alone = resistance_between(landed(build_network(paper_plan, one), (WE, CAP), one), *TIPS)
        assert alone[0] == pytest.approx(together[index], rel=1e-6)
