"""Networks: hand-solved cases, laws that hold for every network, and what the paper's lamella should read."""

import math
from collections.abc import Callable

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shipped import replaced

from fibplan.circuit.network import build_network, landed
from fibplan.circuit.parameters import at_scores, expected_values
from fibplan.circuit.solve import resistance_between
from fibplan.circuit.truth import values_reading
from fibplan.errors import Misuse
from fibplan.library.examine import Examined
from fibplan.model.interval import Interval, Status
from fibplan.model.plan import Plan
from fibplan.planning.predict import predict
from fibplan.units import parse


def network(*edges: tuple[str, str, float]) -> nx.MultiGraph:
    graph = nx.MultiGraph()
    for a, b, ohms in edges:
        graph.add_edge(a, b, role="part", resistance=np.array([ohms]))
    return graph


HAND_SOLVED = {
    "one resistor": (network(("a", "b", 150.0)), 150.0),
    "two in series": (network(("a", "m", 100.0), ("m", "b", 50.0)), 150.0),
    "two in parallel": (network(("a", "b", 300.0), ("a", "b", 300.0)), 150.0),
    "a dangling branch": (network(("a", "b", 150.0), ("b", "c", 1.0)), 150.0),
    "balanced bridge": (
        network(("a", "m", 1.0), ("a", "n", 1.0), ("m", "n", 7.0), ("m", "b", 1.0), ("n", "b", 1.0)),
        1.0,
    ),
    "cube along its diagonal": (
        network(*((f"{i:03b}", f"{i ^ bit:03b}", 1.0) for i in range(8) for bit in (1, 2, 4) if i < i ^ bit)),
        5 / 6,
    ),
    "a megaohm beside a petaohm": (network(("a", "m", 1e-3), ("m", "n", 1e15), ("n", "b", 1e-3)), 1e15),
    "open": (network(("a", "m", 1.0), ("n", "b", 1.0)), math.inf),
    "a part of no resistance": (network(("a", "m", 0.0), ("m", "b", 150.0)), 150.0),
    "two parts of no resistance": (network(("a", "m", 0.0), ("m", "b", 0.0), ("a", "b", 1.0)), 0.0),
    "open by an infinite edge": (network(("a", "m", 1.0), ("m", "b", math.inf)), math.inf),
}


@pytest.mark.parametrize("name", HAND_SOLVED)
def test_a_hand_solved_network_is_right(name: str) -> None:
    """The resistance between the ends is what Ohm and Kirchhoff give by hand."""
    graph, ohms = HAND_SOLVED[name]
    first, second = ("000", "111") if "cube" in name else ("a", "b")
    assert resistance_between(graph, first, second)[0] == pytest.approx(ohms)


def _bridge_alone(plan: Plan) -> float:
    network = build_network(plan, expected_values(plan))
    [ohms] = [data["resistance"][0] for _, _, data in network.edges(data=True) if data["role"] == "bridge"]
    return float(ohms)


def test_a_turned_lamella_s_bridge_counts_along_the_strip(
    examine_text: Callable[[str], Examined], paper_text: str, paper_plan: Plan
) -> None:
    """At 10 degrees 2.18 um of the strip lie free, although the nearest corners are 1.95 um apart; upright it is 3.

    Its sheet has 30 ohm per square and it is 2 um wide.
    """
    turned = examine_text(replaced(paper_text, "rotation: 0 deg", "rotation: 10 deg")).plan
    assert turned is not None
    assert _bridge_alone(paper_plan) - _bridge_alone(turned) == pytest.approx(15.0 * (3.0 - 2.177), rel=0.03)


def test_a_bridge_without_length_is_still_metal(
    examine_text: Callable[[str], Examined], paper_text: str, paper_plan: Plan
) -> None:
    """A lamella against the electrode is an error of a rule, and is predicted with less than a free bridge adds."""
    touching = examine_text(replaced(paper_text, "{x: 1 um,", "{x: -2 um,"))
    assert "lamella-on-electrode" in {finding.code for finding in touching.findings}
    assert touching.plan is not None
    assert 0 < _bridge_alone(touching.plan) < _bridge_alone(paper_plan) / 3
    before, after = predict(paper_plan, seed=0), predict(touching.plan, seed=0)
    assert before is not None
    assert after is not None
    assert 0 < after.resistances["bridge"].expected < before.resistances["bridge"].expected


random_networks = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef"), st.floats(min_value=1e-3, max_value=1e12)),
    min_size=1,
    max_size=14,
)


@given(edges=random_networks)
def test_a_network_reads_the_same_both_ways(edges: list[tuple[str, str, float]]) -> None:
    """Reciprocity: exchanging the tips changes nothing."""
    graph = network(*edges, ("a", "b", 1e6))
    there, back = resistance_between(graph, "a", "b")[0], resistance_between(graph, "b", "a")[0]
    assert there == pytest.approx(back, rel=1e-9)


@given(edges=random_networks, more=st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")))
def test_another_edge_never_raises_a_resistance(edges: list[tuple[str, str, float]], more: tuple[str, str]) -> None:
    """Rayleigh's monotony: joining two nodes never makes a network more resistive."""
    before = resistance_between(network(*edges, ("a", "b", 1e6)), "a", "b")[0]
    after = resistance_between(network(*edges, ("a", "b", 1e6), (*more, 10.0)), "a", "b")[0]
    assert after <= before * (1 + 1e-9)


@given(edges=random_networks, factor=st.floats(min_value=1e-3, max_value=1e3))
def test_resistance_scales_with_every_edge(edges: list[tuple[str, str, float]], factor: float) -> None:
    """Multiplying every edge multiplies the whole."""
    scaled = [(a, b, ohms * factor) for a, b, ohms in edges]
    whole = resistance_between(network(*edges, ("a", "b", 1e6)), "a", "b")[0]
    assert resistance_between(network(*scaled, ("a", "b", 1e6 * factor)), "a", "b")[0] == pytest.approx(factor * whole)


def test_all_samples_are_solved_as_if_alone() -> None:
    """A network of arrays gives, sample by sample, what each sample alone gives."""
    ohms = np.random.default_rng(1).lognormal(5, 3, size=(5, 50))
    pairs = [("a", "m"), ("m", "b"), ("a", "n"), ("n", "b"), ("m", "n")]
    together = nx.MultiGraph()
    for (a, b), values in zip(pairs, ohms, strict=True):
        together.add_edge(a, b, role="part", resistance=values)
    alone = [
        resistance_between(network(*((a, b, float(v)) for (a, b), v in zip(pairs, column, strict=True))), "a", "b")[0]
        for column in ohms.T
    ]
    assert resistance_between(together, "a", "b") == pytest.approx(alone)


def test_samples_keep_an_interval_s_median_and_ends() -> None:
    """Half the samples lie below the expected value, and the coverage between low and high."""
    interval = Interval(low=700, expected=1500, high=7700, unit="ohm", source="test", status=Status.STATED)
    values = at_scores(interval, np.random.default_rng(0).standard_normal(200_000))
    assert (values < 1500).mean() == pytest.approx(0.5, abs=0.005)
    assert ((values > 700) & (values < 7700)).mean() == pytest.approx(0.9, abs=0.005)


@pytest.mark.parametrize("thickness", ["100 nm", "300 nm", "1 um"])
def test_the_predictions_hold_the_paper_s_readings(
    thickness: str, examine_text: Callable[[str], Examined], paper_text: str
) -> None:
    """150 ohm and 12.5 Mohm lie in intervals no wider than a factor 30 and 1,000, however thick it is when measured.

    The chance of a short is told apart and small, and in the protective path nothing counts but the active layer.
    """
    plan = examine_text(paper_text).plan
    assert plan is not None
    metres = parse(thickness, "m")
    expected = predict(plan.model_copy(update={"measured_thickness_m": metres}), seed=0)
    assert expected is not None
    bridge, protective = expected.resistances["bridge"], expected.resistances["protective"]
    assert (bridge.coverage, protective.coverage) == (0.9, 0.9)
    assert 150.0 in bridge
    assert bridge.high / bridge.low <= 30
    assert 1.25e7 in protective
    assert protective.high / protective.low <= 1000
    assert set(expected.short_probability) == {"protective"}
    assert 0 < expected.short_probability["protective"] < 0.3
    assert expected.shares["protective"]["active_layer"] > 0.9


def test_a_prediction_depends_on_its_seed_alone(paper_plan: Plan) -> None:
    """The same seed gives the same numbers, another seed others."""
    assert predict(paper_plan, seed=3) == predict(paper_plan, seed=3)
    assert predict(paper_plan, seed=3) != predict(paper_plan, seed=4)


@pytest.mark.parametrize(("bridge", "protective"), [(150.0, 1.25e7), (100.0, 1e8), (300.0, 2e9)])
def test_a_simulated_truth_reads_what_was_asked_for(paper_plan: Plan, bridge: float, protective: float) -> None:
    """Between the tips the network reads exactly the two given resistances."""
    values = values_reading(paper_plan, {"bridge": bridge, "protective": protective})
    sound = build_network(paper_plan, values)
    first = landed(sound, ("working_electrode", "current_collector"), values)
    second = landed(sound, ("working_electrode", "protective_layer"), values)
    assert resistance_between(first, "first tip", "second tip")[0] == pytest.approx(bridge)
    assert resistance_between(second, "first tip", "second tip")[0] == pytest.approx(protective)


def test_an_impossible_truth_is_refused(paper_plan: Plan) -> None:
    """A bridge of a milliohm is not what any card allows, and is said so."""
    with pytest.raises(Misuse, match="no lamella of this plan reads"):
        values_reading(paper_plan, {"bridge": 1e-3})
