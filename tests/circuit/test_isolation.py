"""What should be apart on a chip and leaks: membrane, frame, barrier, substrate and halos, by number and by law."""

from collections.abc import Callable

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shipped import replaced

from fibplan.circuit.isolation import FRAME, SUBSTRATE, conductors, isolating, with_isolation
from fibplan.circuit.network import build_network, leak_ohms
from fibplan.circuit.parameters import MEMBRANE, Values, expected_values, parameters, sampled_values
from fibplan.circuit.solve import conductance_matrix, resistance_between
from fibplan.library.examine import Examined
from fibplan.model.interval import Status
from fibplan.model.plan import Plan
from fibplan.planning.expand import expand
from fibplan.planning.isolation import predict_isolation
from fibplan.planning.predict import OPEN_OHM

WE, RE, CE = "working_electrode", "reference_electrode", "counter_electrode"
CAP, COLLECTOR = "protective_layer", "current_collector"
CHIP = (WE, RE, CE, COLLECTOR, CAP, SUBSTRATE)


def with_outline(plan: Plan, name: str, outline_um: tuple[tuple[float, float], ...]) -> Plan:
    """The plan on a chip whose electrode of that name lies there."""
    chip = plan.cards.echip
    assert chip is not None
    electrodes = tuple(
        one.model_copy(update={"outline_um": outline_um}) if one.name == name else one for one in chip.electrodes
    )
    cards = plan.cards.model_copy(update={"echip": chip.model_copy(update={"electrodes": electrodes})})
    return expand(plan.recipe, cards)


def leaks(plan: Plan, values: Values) -> nx.MultiGraph:
    return with_isolation(nx.MultiGraph(), plan, values)


def whole(plan: Plan, values: Values) -> nx.MultiGraph:
    """The lamella's network with them."""
    return with_isolation(build_network(plan, values), plan, values)


def edge(graph: nx.MultiGraph, first: str, second: str, role: str) -> float:
    edges = (graph.get_edge_data(first, second) or {}).values()
    return 1.0 / sum(1.0 / float(data["resistance"][0]) for data in edges if data["role"] == role)


def test_the_matrix_over_all_terminals_is_that_of_a_network(paper_plan: Plan) -> None:
    """Symmetric, nothing but leaks off the diagonal, and the current into all terminals sums to zero."""
    matrix = conductance_matrix(whole(paper_plan, expected_values(paper_plan)), CHIP)[0]
    assert (matrix == matrix.T).all()
    assert (matrix[~np.eye(len(CHIP), dtype=bool)] <= 0).all()
    assert (np.abs(matrix.sum(axis=1)) <= 1e-12 * matrix.diagonal()).all()
    assert (matrix.diagonal() > 0).all()


def test_the_film_leaks_through_to_the_frame_by_its_thickness_over_the_area(paper_plan: Plan) -> None:
    """300 um of a finger 20 um wide lie over the frame: rho t / A."""
    values = expected_values(paper_plan)
    rho = float(values[MEMBRANE][0])
    through = rho * 50e-9 / (300e-6 * 20e-6)
    assert edge(leaks(paper_plan, values), RE, FRAME, "membrane") == pytest.approx(through)


def test_two_fingers_across_a_window_have_the_squares_of_their_gap(paper_plan: Plan) -> None:
    """As wide as the window and 90 um apart: 90 / 50 squares, but for the lamella between them."""
    plan = with_outline(paper_plan, WE, ((-400.0, -25.0), (-2.0, -25.0), (-2.0, 25.0), (-400.0, 25.0)))
    plan = with_outline(plan, RE, ((88.0, -25.0), (400.0, -25.0), (400.0, 25.0), (88.0, 25.0)))
    values = expected_values(plan)
    sheet = float(values[MEMBRANE][0]) / 50e-9
    matrix = conductance_matrix(_membrane_alone(plan, values), (WE, RE))[0]
    assert -1 / matrix[0, 1] / sheet == pytest.approx(90 / 50, rel=0.1)


def _membrane_alone(plan: Plan, values: Values) -> nx.MultiGraph:
    graph = leaks(plan, values)
    graph.remove_edges_from([entry for entry in graph.edges(keys=True) if graph.edges[entry]["role"] != "membrane"])
    graph.remove_node(FRAME)
    return graph


def test_the_barrier_and_the_bridge_on_the_substrate_are_edges(paper_plan: Plan) -> None:
    """100 nm of alumina under a strip 15 um long and 0.1 um deep; and metal on silicon, a square of it."""
    values = expected_values(paper_plan)
    graph = leaks(paper_plan, values)
    alumina = float(values["Al2O3 resistivity"][0])
    assert edge(graph, COLLECTOR, SUBSTRATE, "barrier") == pytest.approx(alumina * 100e-9 / (15e-6 * 100e-9))
    silicon = float(values["Si resistivity"][0]) / 100e-9
    assert edge(graph, "bridge", SUBSTRATE, "substrate") == pytest.approx(silicon, rel=0.01)


@given(factor=st.floats(1.5, 1e3), name=st.sampled_from([MEMBRANE, "Al2O3 resistivity", "Si resistivity"]))
def test_a_better_insulator_never_lowers_an_isolation(factor: float, name: str, paper_plan: Plan) -> None:
    """Rayleigh's law, for both electrodes and each material."""
    values = expected_values(paper_plan)
    better = {**values, name: values[name] * factor}
    for other in (RE, CE):
        before, after = (resistance_between(whole(paper_plan, those), WE, other) for those in (values, better))
        assert after[0] >= before[0] * (1 - 1e-9)


def test_overspray_joins_an_electrode_within_reach(paper_plan: Plan) -> None:
    """A reference electrode that begins 1 um from the bridge is joined by its halo, which shows in the isolation."""
    far = leaks(paper_plan, expected_values(paper_plan))
    assert "overspray" not in {data["role"] for _, _, data in far.edges(data=True)}
    assert paper_plan.layout is not None
    bridge = paper_plan.layout.named("bridge")
    assert bridge is not None
    top = max(y for _, y in bridge.outline_um) + 1.0
    near = with_outline(paper_plan, RE, ((-1.5, top), (0.5, top), (0.5, top + 5.0), (-1.5, top + 5.0)))
    values = expected_values(near)
    wide = {**values, "halo decay length": values["halo decay length"] * 10, "halo edge fraction": np.array([0.03])}
    graph = leaks(near, wide)
    assert edge(graph, WE, RE, "overspray") < 1e5
    assert edge(leaks(near, values), WE, RE, "overspray") > 1e9


def test_the_isolation_is_an_interval_that_holds_what_is_expected(paper_plan: Plan) -> None:
    """For both other electrodes, of every sample, and with the sources of what leaks."""
    found = predict_isolation(paper_plan, samples=400)
    assert found is not None
    assert (found.start, set(found.resistances), found.terminals) == (WE, {RE, CE}, CHIP)
    for name, interval in found.resistances.items():
        expected = resistance_between(whole(paper_plan, expected_values(paper_plan)), WE, name)[0]
        assert interval.low < expected < interval.high
        assert interval.expected == pytest.approx(expected, rel=0.3)
        assert interval.low > 1e9
        assert interval.status is Status.UNVERIFIED
        assert "no publication located" in interval.source
    again = predict_isolation(paper_plan, samples=400)
    assert again == found
    assert predict_isolation(paper_plan, seed=1, samples=400) != found


def test_without_numbers_nothing_is_joined(paper_plan: Plan) -> None:
    """A window of a material without a resistivity leaves the electrodes open, and the matrix has zeros there."""
    materials = dict(paper_plan.cards.materials)
    materials["silicon_nitride"] = materials["silicon_nitride"].model_copy(update={"resistivity": None})
    plan = paper_plan.model_copy(update={"cards": paper_plan.cards.model_copy(update={"materials": materials})})
    found = predict_isolation(plan, samples=100)
    assert found is not None
    assert {interval.expected for interval in found.resistances.values()} == {OPEN_OHM}
    assert (np.array(found.siemens)[1:3] == 0).all()


def test_every_conductor_is_there_once(paper_plan: Plan) -> None:
    """No region of the layout stands for two conductors."""
    regions = [region for entries in conductors(paper_plan).values() for region in entries]
    assert len({region.name for region in regions}) == len(regions)
    assert isolating(paper_plan) <= set(parameters(paper_plan))


def test_a_sample_isolates_alone_as_among_others(paper_plan: Plan) -> None:
    """All samples at once are what each is."""
    values = sampled_values(paper_plan, seed=3, samples=4)
    together = resistance_between(whole(paper_plan, values), WE, RE)
    for index in range(4):
        one = {name: drawn[index : index + 1] for name, drawn in values.items()}
        assert resistance_between(whole(paper_plan, one), WE, RE)[0] == pytest.approx(together[index], rel=1e-3)


def test_a_weld_that_reaches_the_cap_leads_there_from_the_bridge(
    examine_text: Callable[[str], Examined], paper_text: str
) -> None:
    """The bridge lies on the substrate, so that a support near the cap is on its side: a halo of the network."""
    near = replaced(paper_text, "  overlap: 500 nm\n  thickness: 300 nm", "  overlap: 5.9 um\n  thickness: 300 nm")
    plan = examine_text(replaced(near, "  width: 1.5 um\n  overlap: 5.9", "  width: 7 um\n  overlap: 5.9")).plan
    assert plan is not None
    edges = build_network(plan, expected_values(plan)).edges(data=True)
    assert ("halo", "support") in {(data["role"], data.get("deposit")) for _, _, data in edges}


def test_the_membrane_counts_beside_the_active_layer(paper_plan: Plan) -> None:
    """As an edge of its own from collector to cap, reported apart, and as part of what the protective path reads."""
    values = expected_values(paper_plan)
    apart = leak_ohms(build_network(paper_plan, values))
    assert set(apart) == {"halo", "membrane"}
    assert apart["membrane"][0] > 1e14
    before = resistance_between(build_network(paper_plan, values), WE, CAP)[0]
    leaky = {**values, MEMBRANE: values[MEMBRANE] * 1e8 / apart["membrane"][0]}
    assert leak_ohms(build_network(paper_plan, leaky))["membrane"][0] == pytest.approx(1e8)
    assert resistance_between(build_network(paper_plan, leaky), WE, CAP)[0] == pytest.approx(
        1 / (1 / before + 1 / 1e8), rel=0.01
    )
