"""Devices under test: what flows through a specimen at a voltage and a moment, and what a network makes of it."""

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fibplan.circuit.faults import BARRIER_OHM, DRIFT_OHM_PER_S, FAULTS, OFFSET_A, OPEN_FOR_S, OPENS_EVERY_S, OXIDE_OHM
from fibplan.circuit.laws import (
    Drift,
    Intermittence,
    Law,
    MainsPickUp,
    SchottkyPair,
    StrayCurrent,
    TunnelBarrier,
)
from fibplan.circuit.network import Network
from fibplan.circuit.solve import resistance_between
from fibplan.cli.lamella import SimulatedLamella
from fibplan.model.path import Terminal
from fibplan.model.plan import Plan
from fibplan.simulator.device import Loop
from fibplan.simulator.disturbances import Polarisation
from fibplan.simulator.specimen import SAME_PAD_OHM, Specimen, between_tips

WE, COLLECTOR, CAP = "working_electrode", "current_collector", "protective_layer"
BRIDGE, PROTECTIVE = (WE, COLLECTOR), (WE, CAP)
TRUTH = {"bridge": 150.0, "protective": 1.25e7}

positive = st.floats(min_value=1e-3, max_value=1e3)
laws = st.one_of(
    st.builds(TunnelBarrier, st.floats(1e-12, 1e-3), st.floats(1e-3, 1.0)),
    st.builds(SchottkyPair, st.floats(1e-12, 1e-3), st.floats(1e-3, 1.0)),
    st.builds(Drift, st.floats(0.0, 1e6)),
    st.builds(Intermittence, positive, positive),
    st.builds(StrayCurrent, st.floats(-1e-6, 1e-6)),
    st.builds(MainsPickUp, st.floats(0.0, 1e-6), st.floats(10.0, 100.0)),
)
specimens = st.builds(
    Specimen,
    st.one_of(st.floats(1e-15, 1e15), st.just(math.inf)),
    st.floats(0.0, 1e7),
    st.lists(laws, max_size=4).map(tuple),
    st.one_of(st.floats(1e6, 1e15), st.just(math.inf)),
    st.one_of(st.none(), st.builds(Polarisation, st.floats(1.0, 1e12), positive)),
    st.integers(min_value=0, max_value=2**32),
)
volts = st.floats(min_value=-210.0, max_value=210.0)
moments = st.floats(min_value=0.0, max_value=1e6)


@given(specimen=specimens, low=volts, high=volts, moment=moments, history=st.lists(volts, max_size=3))
def test_the_current_grows_with_the_voltage(
    specimen: Specimen, low: float, high: float, moment: float, history: list[float]
) -> None:
    """At any moment and after any history more voltage never gives less current, and every current is finite."""
    for place, borne in enumerate(history):
        specimen.settled(borne, float(place))
    low, high = sorted((low, high))
    less, more = specimen.current(low, moment), specimen.current(high, moment)
    assert math.isfinite(less)
    assert math.isfinite(more)
    assert less <= more + 1e-12 * max(abs(less), abs(more))


@given(specimen=specimens, level=volts, four_wire=st.booleans())
def test_a_source_always_finds_its_operating_point(specimen: Specimen, level: float, four_wire: bool) -> None:
    """Whatever lies between the tips, a limited source settles on finite volts and amperes."""
    point = Loop(specimen, four_wire, 0.1).sourcing_voltage(level, 1e-4)
    assert math.isfinite(point.volts)
    assert math.isfinite(point.amps)


@given(ohm=st.floats(1.0, 1e9), barrier=laws.filter(lambda law: isinstance(law, TunnelBarrier)), across=volts)
def test_resistance_and_barrier_share_the_voltage(ohm: float, barrier: TunnelBarrier, across: float) -> None:
    """The current is the one at which both voltages add up to the whole, and its sign is that of the voltage."""
    amps = Specimen(ohm, laws=(barrier,)).current(across, 0.0)
    shared = math.copysign(barrier.volts(abs(amps)), across) + amps * ohm
    assert shared == pytest.approx(across, rel=1e-9, abs=1e-12)


def test_a_barrier_is_ohmic_at_few_volts_and_not_at_many() -> None:
    """``V0 / I0`` at a hundredth of ``V0``; at twice ``V0`` sinh(2) / 2 times as conductive."""
    barrier = Specimen(1e-3, laws=(TunnelBarrier(1e-6, 0.05),))
    assert 5e-4 / barrier.current(5e-4, 0.0) == pytest.approx(5e4, rel=1e-4)
    assert 0.1 / barrier.current(0.1, 0.0) == pytest.approx(5e4 * 2 / math.sinh(2), rel=1e-4)


def test_two_diodes_back_to_back_saturate() -> None:
    """No voltage of either sign drives more than the saturation current."""
    pair = Specimen(1e3, laws=(SchottkyPair(1e-6, 0.05),))
    assert pair.current(20.0, 0.0) == pytest.approx(1e-6)
    assert pair.current(-20.0, 0.0) == pytest.approx(-1e-6)
    assert pair.current(1e-4, 0.0) == pytest.approx(1e-4 / (1e3 + 5e4), rel=1e-4)


def test_drift_adds_ohm_by_ohm() -> None:
    """A resistance that drifts by 300 ohm a second is 300 ohm larger a second later."""
    drifting = Specimen(150.0, laws=(Drift(300.0),))
    assert [1.0 / drifting.current(1.0, moment) for moment in (0.0, 1.0, 2.0)] == pytest.approx([150.0, 450.0, 750.0])


def test_an_intermittent_contact_opens_at_moments_of_its_seed() -> None:
    """It is open a quarter of the time, once in every slot and not periodically; one seed gives the same moments."""

    def opened(seed: int) -> list[bool]:
        contact = Specimen(150.0, laws=(Intermittence(0.2, 0.05),), seed=seed)
        return [contact.current(1.0, moment) == 0.0 for moment in np.arange(0.0, 100.0, 0.001)]

    first = opened(1)
    assert np.mean(first) == pytest.approx(0.25, abs=0.005)
    slots = [first[begin : begin + 200] for begin in range(0, len(first), 200)]
    assert all(any(slot) for slot in slots)
    assert len({slot.index(True) for slot in slots}) > 50
    assert first == opened(1)
    assert first != opened(2)


def test_whole_cycles_average_the_mains_away() -> None:
    """Nothing is left over 1 or 10 cycles; a tenth of a cycle picks up what the sine is on average there."""
    hum = Specimen(math.inf, laws=(MainsPickUp(1e-7, 50.0),))
    for moment in (0.0, 0.0037, 1234.5678):
        for cycles in (1, 10):
            assert abs(hum.pickup(moment, cycles / 50.0)) < 1e-18
        samples = moment + (np.arange(1000) + 0.5) / 1000 * 0.1 / 50.0
        mean = float(np.mean(1e-7 * np.sin(2 * np.pi * 50.0 * samples)))
        assert hum.pickup(moment, 0.1 / 50.0) == pytest.approx(mean, rel=1e-4)
    assert hum.pickup(0.005, 0.0) == pytest.approx(1e-7)
    assert hum.current(1.0, 0.005) == 0.0


def test_leakage_and_stray_current_come_beside_the_sample() -> None:
    """An open specimen still carries what the cable leaks and what the beam drives."""
    assert Specimen(math.inf, leakage_ohm=1e12).current(2.0, 0.0) == pytest.approx(2e-12)
    assert Specimen(math.inf, laws=(StrayCurrent(1e-7),)).current(0.0, 0.0) == 1e-7


def test_a_polarisation_makes_an_up_down_sweep_a_loop() -> None:
    """On the way down less current flows at the same voltage than on the way up."""
    specimen = Specimen(1e6, polarisation=Polarisation(1e6, 1.0))
    amps: list[float] = []
    for step, level in enumerate((0.0, 0.5, 1.0, 0.5)):
        amps.append(specimen.current(level, step * 0.5))
        specimen.settled(level, step * 0.5)
    assert amps[3] < amps[1]


@pytest.mark.parametrize("steps", [1, 7])
def test_a_polarisation_charges_exponentially(steps: int) -> None:
    """After one time constant 1/e of the charging current is left, however often it is looked at on the way."""
    specimen = Specimen(math.inf, polarisation=Polarisation(1e6, 2.0))
    for step in range(steps + 1):
        specimen.settled(0.5, 100.0 + 2.0 * step / steps)
    assert specimen.current(0.5, 102.0) == pytest.approx(0.5e-6 / math.e)
    specimen.settled(0.5, 1000.0)
    assert specimen.current(0.5, 1000.0) == pytest.approx(0.0, abs=1e-20)


@pytest.mark.parametrize(
    "bad",
    [
        {"resistance_ohm": 0.0}, {"resistance_ohm": math.nan}, {"resistance_ohm": -1.0},
        {"resistance_ohm": 1.0, "leads_ohm": math.inf}, {"resistance_ohm": 1.0, "leads_ohm": -1.0},
        {"resistance_ohm": 1.0, "leakage_ohm": 0.0},
    ],
)  # fmt: skip
def test_an_impossible_specimen_is_refused(bad: dict[str, Any]) -> None:
    """No resistance is zero, negative or no number, and leads always conduct."""
    with pytest.raises(ValueError, match=r"above zero|no leads"):
        Specimen(**bad)


Device = Callable[..., Specimen]


@pytest.fixture(scope="module")
def device(paper_plan: Plan) -> Device:
    """The paper's lamella under the tips, with faults."""

    @cache
    def lamella(names: tuple[str, ...], seed: int) -> SimulatedLamella:
        return SimulatedLamella(paper_plan, TRUTH, names, seed)

    def probed(landings: tuple[Terminal, Terminal], *names: str, seed: int = 0) -> Specimen:
        return lamella(names, seed).device(landings)

    return probed


def _sensed(specimen: Specimen, level: float, *, four_wire: bool, moment: float = 0.0) -> float:
    point = Loop(specimen, four_wire, moment).sourcing_voltage(level, 1.0)
    return point.volts / point.amps


def test_four_wires_take_the_tips_out(device: Device) -> None:
    """Two wires read 150 ohm; four read what is left without both tips, even where one of them is oxidised."""
    sound, oxidised = device(BRIDGE), device(BRIDGE, "resistive_tip")
    assert sound.leads_ohm > 20.0
    assert _sensed(sound, 0.005, four_wire=False) == pytest.approx(150.0)
    assert _sensed(sound, 0.005, four_wire=True) == pytest.approx(150.0 - sound.leads_ohm)
    assert _sensed(oxidised, 0.005, four_wire=False) == pytest.approx(150.0 + OXIDE_OHM)
    assert _sensed(oxidised, 0.005, four_wire=True) == pytest.approx(150.0 - sound.leads_ohm)


def test_two_tips_on_one_pad_read_the_tips(device: Device) -> None:
    """A contact check sees both tips and a square of film, and a lifted tip as open."""
    check = device((CAP, CAP))
    assert _sensed(check, 1e-3, four_wire=False) == pytest.approx(check.leads_ohm + SAME_PAD_OHM)
    assert device((CAP, CAP), "probe_lifted").current(1.0, 0.0) == 0.0


def test_the_joint_s_faults_are_the_device_s(device: Device) -> None:
    """A drifting joint is in both paths, four wires or two, and not in a contact check."""
    for path, ohm in ((BRIDGE, 150.0), (PROTECTIVE, 1.25e7)):
        drifting = device(path, "drifting_contact")
        later = _sensed(drifting, 0.005, four_wire=True, moment=10.0) + drifting.leads_ohm
        assert later == pytest.approx(ohm + 10.0 * DRIFT_OHM_PER_S)
    assert device((CAP, CAP), "drifting_contact").laws == ()


def test_a_barrier_in_the_joint_counts_once(device: Device) -> None:
    """At a few microvolts the bridge reads what it has without the barrier and the barrier's own resistance."""
    tunnelling = device(BRIDGE, "nonlinear_contact")
    assert _sensed(tunnelling, 5e-6, four_wire=False) == pytest.approx(150.0 + BARRIER_OHM)
    assert _sensed(tunnelling, 0.5, four_wire=False) < (150.0 + BARRIER_OHM) / 2


def test_faults_of_one_joint_combine(device: Device) -> None:
    """A joint may drift, open and tunnel at once."""
    laws: set[type[Law]] = {
        type(law) for law in device(BRIDGE, "drifting_contact", "intermittent_contact", "nonlinear_contact").laws
    }
    assert laws == {Drift, Intermittence, TunnelBarrier}
    assert device(BRIDGE, "drifting_contact", "open_bridge").current(1.0, 1.0) < 1e-15


def test_an_offset_hides_the_insulating_path(device: Device) -> None:
    """The stray current is larger than the path's own at half a volt, on a lifted tip too."""
    assert device(PROTECTIVE).current(0.5, 0.0) < OFFSET_A
    assert device(PROTECTIVE, "offset_current").current(0.0, 0.0) == pytest.approx(OFFSET_A)
    assert device(PROTECTIVE, "offset_current", "probe_lifted").current(0.5, 0.0) == pytest.approx(OFFSET_A)


def test_an_intermittent_joint_opens_by_the_seed_of_the_lamella(device: Device) -> None:
    """One seed opens it at the same moments on every landing."""

    def opened(seed: int, landings: tuple[str, str]) -> list[bool]:
        joint = device(landings, "intermittent_contact", seed=seed)
        return [joint.current(1.0, moment) == 0.0 for moment in np.arange(0.0, 10 * OPENS_EVERY_S, OPEN_FOR_S / 5)]

    assert opened(3, BRIDGE) == opened(3, PROTECTIVE)
    assert opened(3, BRIDGE) != opened(4, BRIDGE)


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_makes_a_device_on_every_landing(name: str, device: Device) -> None:
    """Whatever is wrong, the source finds finite volts and amperes on both paths and their contact checks."""
    for landings in (BRIDGE, PROTECTIVE, (WE, WE), (COLLECTOR, COLLECTOR), (CAP, CAP)):
        specimen = device(landings, name)
        for moment in (0.0, 0.7, 1e5):
            point = Loop(specimen, False, moment).sourcing_voltage(0.5, 1e-6)
            assert math.isfinite(point.volts)
            assert math.isfinite(point.amps)


def network_of(*edges: tuple[str, str, float, object]) -> Network:
    """Tips on a and b, and these edges: two nodes, ohm and a law or None."""
    network: Network = nx.MultiGraph()
    for tip, pad in (("first tip", "a"), ("second tip", "b")):
        network.add_edge(tip, pad, role="probe", resistance=np.array([30.0]))
    for first, second, ohm, law in edges:
        network.add_edge(first, second, role="part", resistance=np.array([ohm]), **({"law": law} if law else {}))
    return network


@given(st.lists(st.floats(1.0, 1e9), min_size=5, max_size=5), st.floats(0.0, 1e6))
def test_a_joint_with_other_paths_beside_it_conducts_as_the_network_does(ohms: list[float], grown: float) -> None:
    """What has grown in a drifting joint changes the device exactly as a resistance in its place would."""
    mesh = [("a", "c", ohms[0]), ("d", "b", ohms[1]), ("a", "d", ohms[2]), ("c", "b", ohms[3]), ("a", "b", ohms[4])]
    device = between_tips(network_of(*((*edge, None) for edge in mesh), ("c", "d", 0.0, Drift(grown))))
    ohmic = network_of(*((*edge, None) for edge in mesh), ("c", "d", grown, None))
    truth = float(resistance_between(ohmic, "a", "b")[0])
    assert device.current(0.5, 1.0) == pytest.approx(0.5 / truth, rel=1e-5)


def test_contacts_in_different_places_are_refused() -> None:
    """Two barriers that do not carry the same current cannot be taken out of the network together."""
    law = TunnelBarrier(1e-6, 1e-4)
    with pytest.raises(ValueError, match="do not lie in series"):
        between_tips(network_of(("a", "c", 100.0, law), ("c", "b", 50.0, None), ("a", "b", 100.0, law)))
