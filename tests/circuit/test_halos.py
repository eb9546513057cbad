"""Halos of everything that is deposited: the rules and the network see the same leaks, and maps draw them."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from fibplan.checks.leakage import halo_keeps_off_cap, halo_surely_keeps_off_cap
from fibplan.circuit.films import whole_stack
from fibplan.circuit.halo_films import HALO, with_halos
from fibplan.circuit.halos import halo_closes, halo_gaps
from fibplan.circuit.maps import path_field
from fibplan.circuit.network import build_network
from fibplan.circuit.outlines import in_lamella
from fibplan.circuit.parameters import expected_values
from fibplan.layout.halo import leads_across, widest_extent_um
from fibplan.layout.sides import cap_side, deposits, electrode_side
from fibplan.model.plan import Plan
from fibplan.model.recipe import Cut, Pad
from fibplan.model.steps import IsolationCut
from fibplan.planning.expand import expand

CAP_PAD = Pad.model_construct(
    terminal="protective_layer", side=10.0, width=2.0, thickness=5e-7, overlap=0.5, clearance=0.3, outline_um=None
)


def with_cuts(plan: Plan, cuts: list[tuple[float, float, float, float]]) -> Plan:
    """With shallow cuts of length, width, x and y (um, lamella frame) after the bridge."""
    recipe = plan.recipe
    made = [
        IsolationCut.model_construct(
            kind="isolation_cut", name=f"cut-{number}", after=("bridge",),
            accelerating_voltage=3e4, beam_current=1e-11, length=length, width=width, depth=1e-8,
            why=None, assumed=(),
        )
        for number, (length, width, _, _) in enumerate(cuts)
    ]  # fmt: skip
    places = [
        Cut.model_construct(step=f"cut-{number}", x=x, y=y, rotation=0.0, assumed=())
        for number, (_, _, x, y) in enumerate(cuts)
    ]
    steps = (*recipe.steps[:-2], *made, *recipe.steps[-2:])
    return expand(recipe.model_copy(update={"steps": steps, "cuts": tuple(places)}), plan.cards)


def with_bridge(plan: Plan, **changes: object) -> Plan:
    bridge = plan.recipe.bridge
    assert bridge is not None
    return expand(plan.recipe.model_copy(update={"bridge": bridge.model_copy(update=changes)}), plan.cards)


def told(plan: Plan) -> set[str]:
    """Which parts of the recipe the rules say may leak to the cap."""
    found = [*halo_keeps_off_cap.findings(plan), *halo_surely_keeps_off_cap.findings(plan)]
    return {str(finding.path[0]) for finding in found}


def reaching(plan: Plan) -> set[str]:
    """Of which parts the network says that their halo at its widest closes a gap."""
    assert plan.layout is not None
    assert plan.cards.gis is not None
    process = plan.cards.gis.process("FIBID")
    assert process is not None
    assert process.halo is not None
    found: set[str] = set()
    for name, gap in halo_gaps(plan).items():
        region = plan.layout.named(name)
        assert region is not None
        if widest_extent_um(region.thickness_m, process.halo) >= gap.closes_at_um:
            found.add("pads" if name.startswith("pad") else name)
    return found


@pytest.mark.parametrize(
    "cuts",
    [
        [],
        [(4.0, 0.2, 0.5, 6.25)],  # beside the bridge alone: around its end
        [(20.0, 0.2, 1.5, 6.25)],  # along all of it, up to the electrode
        [(9.0, 0.2, 4.0, 6.25)],  # long, but the film at the electrode's edge leads around it
    ],
)
def test_rules_and_network_see_the_same_leak(cuts: list[tuple[float, float, float, float]], paper_plan: Plan) -> None:
    """Whether cuts part a halo from the cap is answered alike, also where it begins at the electrode's edge."""
    plan = with_cuts(paper_plan, cuts)
    assert told(plan) == reaching(plan)


@given(x=st.floats(-6, 8), y=st.floats(5.5, 8), length=st.floats(0.5, 20), width=st.floats(0.05, 0.4))
def test_they_agree_wherever_a_cut_lies(x: float, y: float, length: float, width: float, paper_plan: Plan) -> None:
    """For any one cut, within the nanometre that an extent is found to."""
    plan = with_cuts(paper_plan, [(length, width, x, y)])
    assert told(plan) == reaching(plan)


def test_a_film_at_the_electrode_s_edge_leads_around_a_cut(paper_plan: Plan) -> None:
    """A cut that parts the film at the bridge itself leaves the one that begins at the electrode."""
    assert paper_plan.layout is not None
    near = electrode_side(paper_plan.layout, "working_electrode")
    cap = shapely.union_all([in_lamella(paper_plan, region) for region in cap_side(paper_plan.layout)])
    bridge = next(region for region in near if region.name == "bridge")
    metal = in_lamella(paper_plan, bridge)
    wall = metal.buffer(0.05, join_style="mitre").difference(metal.buffer(0.02, join_style="mitre"))
    sides = [shapely.union_all([in_lamella(paper_plan, region) for region in side]) for side in ((bridge,), near)]
    assert [leads_across(metal, side, cap, wall, 4.0) for side in sides] == [False, True]


def test_the_halo_of_a_pad_counts_in_rule_and_network(paper_plan: Plan) -> None:
    """The track of the cap's pad passes by the bridge's side, and its halo may close that gap."""
    plan = expand(paper_plan.recipe.model_copy(update={"pads": (CAP_PAD,)}), paper_plan.cards)
    assert plan.layout is not None
    pad = plan.layout.named("pad_protective_layer")
    assert pad is not None
    assert "pad_protective_layer" in halo_gaps(plan)
    assert told(plan) == reaching(plan) >= {"pads"}
    edges = build_network(plan, expected_values(plan)).edges(data=True)
    assert "pad_protective_layer" in {data.get("deposit") for _, _, data in edges}


def test_a_weld_at_the_substrate_s_edge_is_too_far_to_count(paper_plan: Plan) -> None:
    """6 um from the cap, the support of the paper's lamella is no leak, neither for the rules nor in the network."""
    assert paper_plan.layout is not None
    assert "support" in {deposit.name for deposit in deposits(paper_plan.layout)}
    assert "support" not in told(paper_plan) | set(halo_gaps(paper_plan))


def test_a_halo_that_conducts_nowhere_is_not_drawn(paper_plan: Plan) -> None:
    """The expected halo of 500 nm is as thin as the threshold at its very edge."""
    field = path_field(paper_plan, "protective")
    assert field is not None
    assert not [film.film for film, _ in field.films if film.film.startswith(HALO)]


def test_where_a_halo_shorts_the_map_shows_its_current(paper_plan: Plan) -> None:
    """Around 4 um of deposit it reaches the cap: the field reads kilohms, and the current runs through the film."""
    thick = with_bridge(paper_plan, thickness=4e-6)
    assert halo_closes(thick, expected_values(thick)).all()
    before, after = path_field(paper_plan, "protective"), path_field(thick, "protective")
    assert before is not None
    assert after is not None
    assert after.ohm < 1e4 < before.ohm
    greatest = {film.film: float(np.nanmax(np.hypot(*film.density_a_per_m))) for film, _ in after.films}
    assert greatest["halo of the bridge"] > 10 * greatest["LMNO"]


def test_the_film_of_a_halo_ends_where_it_stops_to_conduct(paper_plan: Plan) -> None:
    """Nothing of it lies beyond, under its deposit or in a cut, and it is joined with its deposit as one."""
    plan = with_cuts(with_bridge(paper_plan, thickness=4e-6), [(3.0, 0.2, 1.5, 6.25)])
    values = expected_values(plan)
    stack = with_halos(whole_stack(plan, values), plan, values)
    [halo] = [sheet for sheet in stack.sheets if sheet.name.startswith(HALO)]
    assert plan.layout is not None
    bridge, cut = (plan.layout.named(name) for name in ("bridge", "cut_0"))
    assert bridge is not None
    assert cut is not None
    metal = in_lamella(plan, bridge)
    assert halo.outline.intersection(metal).area == pytest.approx(0.0, abs=1e-9)
    assert halo.outline.intersection(in_lamella(plan, cut)).area == pytest.approx(0.0, abs=1e-9)
    assert halo.outline.within(metal.buffer(0.63))
    assert np.inf in {joint.conductance_s_per_m2 for joint in stack.joints if halo.name in (joint.first, joint.second)}
