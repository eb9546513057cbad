"""The named faults: what each does to what the tips read, and the laws that all of them keep."""

import math
from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fibplan.circuit.faults import (
    BARRIER_OHM,
    ELECTRODE_SHORT_OHM,
    FAULTS,
    OXIDE_OHM,
    THIN_SHARE,
    Fault,
    fault_named,
    with_faults,
)
from fibplan.circuit.laws import Drift, Intermittence, MainsPickUp, StrayCurrent, TunnelBarrier
from fibplan.circuit.network import TIPS, Network, build_network, landed
from fibplan.circuit.parameters import expected_values, sampled_values
from fibplan.circuit.solve import resistance_between
from fibplan.circuit.truth import values_reading
from fibplan.errors import Misuse, NotFound
from fibplan.model.plan import Plan

WE, COLLECTOR, CAP = "working_electrode", "current_collector", "protective_layer"
BRIDGE, PROTECTIVE = (WE, COLLECTOR), (WE, CAP)
SHORTS = ("halo_short", "skin_short", "electrode_short")
IN_SERIES = (
    "open_bridge", "thin_bridge", "resistive_tip", "probe_lifted", "drifting_contact", "intermittent_contact",
    "nonlinear_contact",
)  # fmt: skip
LANDINGS = (BRIDGE, PROTECTIVE, (WE, WE), (COLLECTOR, COLLECTOR), (CAP, CAP), (COLLECTOR, CAP))

Probe = Callable[..., Network]
Read = Callable[..., float]


@pytest.fixture(scope="session")
def probe(paper_plan: Plan) -> Probe:
    """The paper's lamella, 150 ohm and 12.5 Mohm, with faults and the tips somewhere."""
    values = values_reading(paper_plan, {"bridge": 150.0, "protective": 1.25e7})
    sound = build_network(paper_plan, values)

    def probed(landings: tuple[str, str], *names: str) -> Network:
        return with_faults(landed(sound, landings, values), names, paper_plan, values)

    return probed


@pytest.fixture(scope="session")
def read(probe: Probe) -> Read:
    """Ohm between tips that have landed there, with those faults."""

    def resistance(landings: tuple[str, str], *names: str) -> float:
        return _ohm(probe(landings, *names))

    return resistance


def _ohm(network: Network) -> float:
    return float(resistance_between(network, *TIPS)[0])


def test_an_open_bridge_opens_whatever_starts_at_the_electrode(read: Read) -> None:
    """Both paths read open; the lamella's own tips still touch."""
    assert read(BRIDGE, "open_bridge") == math.inf
    assert read(PROTECTIVE, "open_bridge") == math.inf
    assert read((CAP, CAP), "open_bridge") == read((CAP, CAP))


def test_a_thin_bridge_is_as_much_more_resistive_as_it_is_thinner(read: Read, probe: Probe) -> None:
    """A twentieth of the thickness is twenty times the resistance of the bridge, and over 1 kohm between the tips."""
    [own] = [data["resistance"][0] for *_, data in probe(BRIDGE).edges(data=True) if data["role"] == "bridge"]
    assert read(BRIDGE, "thin_bridge") == pytest.approx(150.0 + own * (1 / THIN_SHARE - 1))
    assert read(BRIDGE, "thin_bridge") > 1000.0


def test_a_halo_short_leaves_the_bridge_alone_and_shorts_the_cap(read: Read) -> None:
    """The insulating path falls from 12.5 Mohm under 100 kohm."""
    assert read(BRIDGE, "halo_short") == pytest.approx(150.0, rel=1e-3)
    assert read(PROTECTIVE, "halo_short") < 1e5


def test_a_skin_shorts_collector_and_cap_by_its_sheet(read: Read) -> None:
    """A skin of 5 nm and 1e-3 ohm m over 460 nm of height and 15 um of length has 6.1 kohm."""
    assert read((COLLECTOR, CAP), "skin_short") - read((CAP, CAP)) == pytest.approx(
        1e-3 * 460e-9 / (15e-6 * 5e-9), rel=2e-3
    )
    assert read(PROTECTIVE, "skin_short") < 1e5
    assert read(BRIDGE, "skin_short") == pytest.approx(150.0, rel=1e-3)


def test_an_oxidised_tip_is_in_both_paths_and_in_its_own_contact_check(read: Read) -> None:
    """Its resistance comes on top, also on top of a short, but not where no tip stands on the lamella."""
    assert read(BRIDGE, "resistive_tip") == pytest.approx(150.0 + OXIDE_OHM)
    assert read(PROTECTIVE, "resistive_tip", "halo_short") > 1e7
    assert read((CAP, CAP), "resistive_tip") > OXIDE_OHM
    assert read((WE, WE), "resistive_tip") == read((WE, WE))


def test_a_lifted_tip_reads_open_wherever_it_should_stand(read: Read) -> None:
    """Both paths and the contact check of the tip on the lamella are open, that of the tip on the chip is not."""
    for landings in (BRIDGE, PROTECTIVE, (CAP, CAP), (COLLECTOR, COLLECTOR)):
        assert read(landings, "probe_lifted") == math.inf
    assert read((WE, WE), "probe_lifted") == read((WE, WE))


def test_the_wrong_pad_exchanges_what_the_two_paths_read(read: Read) -> None:
    """The bridge path reads 12.5 Mohm and the insulating one 150 ohm, while every contact check is good."""
    assert read(BRIDGE, "wrong_pad") == pytest.approx(1.25e7)
    assert read(PROTECTIVE, "wrong_pad") == pytest.approx(150.0)
    assert read((CAP, CAP), "wrong_pad") == pytest.approx(read((CAP, CAP)), rel=1e-12)


def test_an_electrode_short_shows_only_between_electrodes(read: Read) -> None:
    """Both paths read as before; from the working to either other electrode there is now a short."""
    assert read(BRIDGE, "electrode_short") == pytest.approx(150.0)
    assert read(PROTECTIVE, "electrode_short") == pytest.approx(1.25e7)
    tips = read((WE, WE))
    for other in ("reference_electrode", "counter_electrode"):
        assert read((WE, other)) == math.inf
        assert read((WE, other), "electrode_short") == pytest.approx(ELECTRODE_SHORT_OHM + tips)


@pytest.mark.parametrize(
    ("name", "law", "ohm"),
    [
        ("drifting_contact", Drift, 0.0),
        ("intermittent_contact", Intermittence, 0.0),
        ("nonlinear_contact", TunnelBarrier, BARRIER_OHM),
    ],
)
def test_a_bad_joint_lies_between_electrode_and_bridge(
    name: str, law: type, ohm: float, read: Read, probe: Probe
) -> None:
    """Both paths have it in series, with its resistance at no volts; the law that it follows stands on its edge."""
    laws = [found for *_, found in probe(BRIDGE, name).edges(data="law") if found]
    assert [type(found) for found in laws] == [law]
    assert read(BRIDGE, name) == pytest.approx(150.0 + ohm)
    assert read(PROTECTIVE, name) == pytest.approx(1.25e7 + ohm)
    assert read((CAP, CAP), name) == read((CAP, CAP))


@pytest.mark.parametrize(("name", "law"), [("mains_noise", MainsPickUp), ("offset_current", StrayCurrent)])
def test_a_stray_current_is_no_resistance(name: str, law: type, read: Read, probe: Probe) -> None:
    """It comes in between the tips of every landing and changes the resistance of none."""
    for landings in LANDINGS:
        laws = [found for *_, found in probe(landings, name).edges(data="law") if found]
        assert [type(found) for found in laws] == [law]
        assert read(landings, name) == read(landings)


@pytest.mark.parametrize("landings", LANDINGS)
def test_the_order_of_faults_changes_nothing(landings: tuple[str, str], paper_plan: Plan) -> None:
    """Any two faults, one after the other, read as the other way round."""
    values = expected_values(paper_plan)
    probed = landed(build_network(paper_plan, values), landings, values)

    def after(*faults: Fault) -> float:
        network = probed
        for fault in faults:
            network = fault(network, paper_plan, values)
        return _ohm(network)

    for one, other in permutations(FAULTS.values(), 2):
        assert after(one, other) == pytest.approx(after(other, one), rel=1e-12), (one, other)


subsets = st.sets(st.sampled_from(sorted(FAULTS)), max_size=5)
landing = st.sampled_from(LANDINGS)


@given(others=subsets, short=st.sampled_from(SHORTS), landings=landing)
def test_a_short_never_raises_a_resistance(others: set[str], short: str, landings: tuple[str, str], read: Read) -> None:
    """Whatever else is wrong, joining two conductors lets at least as much current through."""
    assert read(landings, *others, short) <= read(landings, *others) * (1 + 1e-9)


@given(others=subsets, fault=st.sampled_from(IN_SERIES), landings=landing)
def test_a_fault_in_series_never_lowers_a_resistance(
    others: set[str], fault: str, landings: tuple[str, str], read: Read
) -> None:
    """Whatever else is wrong, a break or a resistance more in the path lets no more current through."""
    assert read(landings, *others, fault) >= read(landings, *others) * (1 - 1e-9)


@given(names=st.lists(st.sampled_from(sorted(FAULTS)), max_size=6), landings=landing)
def test_a_fault_that_is_named_twice_happens_once(names: list[str], landings: tuple[str, str], read: Read) -> None:
    """Repeating names, in whatever order, changes nothing."""
    assert read(landings, *names, *reversed(names)) == read(landings, *names)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_leaves_the_sound_network_as_it_was(name: str, paper_plan: Plan) -> None:
    """It returns a network of its own: what was sound still reads the same."""
    values = expected_values(paper_plan)
    sound = landed(build_network(paper_plan, values), BRIDGE, values)
    edges, before = sound.number_of_edges(), _ohm(sound)
    FAULTS[name](sound, paper_plan, values)
    assert (sound.number_of_edges(), _ohm(sound)) == (edges, before)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_holds_for_all_samples_at_once(name: str, paper_plan: Plan) -> None:
    """On a network of many samples it gives what it gives on each of them."""
    values = sampled_values(paper_plan, seed=1, samples=12)
    faulty = FAULTS[name](landed(build_network(paper_plan, values), PROTECTIVE, values), paper_plan, values)
    together = resistance_between(faulty, *TIPS)
    for index in range(12):
        one = {parameter: drawn[index : index + 1] for parameter, drawn in values.items()}
        alone = landed(build_network(paper_plan, one), PROTECTIVE, one)
        expected = _ohm(FAULTS[name](alone, paper_plan, one))
        assert np.broadcast_to(together, 12)[index] == pytest.approx(expected)


def test_an_unknown_fault_is_answered_with_all_names() -> None:
    """The remedy lists every fault there is."""
    with pytest.raises(NotFound) as found:
        fault_named("bad_luck")
    assert all(name in str(found.value) for name in FAULTS)


def test_a_gas_without_a_halo_cannot_short_by_it(paper_plan: Plan) -> None:
    """A lamella on which no halo lies is told so instead of being called faulty while it is sound."""
    values = expected_values(paper_plan)
    bare = landed(build_network(paper_plan, values), PROTECTIVE, values)
    bare.remove_edges_from([edge for edge in bare.edges(keys=True) if bare.edges[edge]["role"] == "halo"])
    with pytest.raises(Misuse, match="no halo"):
        with_faults(bare, ["halo_short"], paper_plan, values)
