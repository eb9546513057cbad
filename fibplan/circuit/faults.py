"""What can be wrong with a lamella and its probing, as transformations of a network: the one list of named faults.

The simulator builds its device under test from it, and the diagnosis compares with it. A fault is applied to a network
on which the tips have landed; what concerns a tip changes nothing where there is none. Faults combine, and their order
changes nothing.

How large a fault is can be given with the values: ``thin_bridge size``, ``skin_short size`` and so on are factors on
what stands here, one entry a sample, and 1 where they are not given.
"""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fibplan.circuit.halos import halo_resistance
from fibplan.circuit.laws import Drift, Intermittence, Law, MainsPickUp, StrayCurrent, TunnelBarrier
from fibplan.circuit.network import TIPS, Network
from fibplan.circuit.parameters import BETWEEN_METALS, Values
from fibplan.errors import Misuse, NotFound
from fibplan.model.plan import Plan
from fibplan.units import UM

Fault = Callable[[Network, Plan, Values], Network]
Edge = tuple[str, str, int]

THIN_SHARE = 0.05
"""What is left of the planned thickness of a thin bridge; chosen: of 500 nm it is 25 nm, and thinner FIBID-Pt conducts
worse than its bulk besides (Fernandez-Pacheco et al., Phys. Rev. B 79 (2009) 174204)."""
SKIN_THICKNESS_M = 5e-9
"""One redeposited film on one face; chosen, unverified: about a third of the gallium's range at 30 kV."""
SKIN_RESISTIVITY_OHM_M = 1e-3
"""Redeposited Pt and Ga, a hundred times as resistive as FIBID-Pt; chosen, no publication located."""
ELECTRODE_SHORT_OHM = 1e3
"""A smear of metal between two electrodes of the chip; chosen."""
OXIDE_OHM = 1e7
"""An oxidised tungsten tip; chosen: known from kohm to Mohm, and this is what makes a short look insulating."""
DRIFT_OHM_PER_S = 1e3
"""Chosen: a good bridge becomes a bad one within a sweep of a second."""
OPENS_EVERY_S = 0.2
OPEN_FOR_S = 0.05
"""Chosen: several openings within a sweep of a second, each longer than one power-line cycle."""
BARRIER_V = 0.05
"""Scale of the barrier's voltage, about 2 kT/q at room temperature; chosen, an oxide's own is larger."""
BARRIER_OHM = 5e3
"""The same barrier at zero volts; chosen: over any limit for a bridge."""
MAINS_HZ = 50.0
MAINS_A = 1e-7
"""Amplitude through 1 pF from an unshielded conductor at 230 V, by 2 pi f C V."""
OFFSET_A = 1e-7
"""Chosen: more than the 40 nA that an insulating path of 12.5 Mohm itself carries at half a volt."""

OTHER_PAD = {"current_collector": "protective_layer", "protective_layer": "current_collector"}


def open_bridge(network: Network, _plan: Plan, _values: Values) -> Network:
    """The bridge does not reach from the electrode to the collector."""
    broken = network.copy()
    broken.remove_edges_from(_with_role(network, "bridge"))
    return broken


def thin_bridge(network: Network, _plan: Plan, values: Values) -> Network:
    """The gas ran out, and the bridge is a small share of its planned thickness: its resistance grows as 1/t."""
    thinned = network.copy()
    share = np.minimum(THIN_SHARE * _size(values, "thin_bridge"), 1.0)
    for edge in _with_role(network, "bridge"):
        thinned.edges[edge]["resistance"] = network.edges[edge]["resistance"] / share
    return thinned


def halo_short(network: Network, plan: Plan, values: Values) -> Network:
    """The halo of the bridge is thick enough to conduct all the way to the protective layer.

    Raises :class:`Misuse` where the gas leaves no halo.
    """
    halos = _with_role(network, "halo")
    if not halos:
        raise Misuse("this gas leaves no halo that could short", where="halo_short", remedy="choose skin_short")
    shorted = network.copy()
    for edge in halos:
        film = halo_resistance(plan, network.edges[edge]["deposit"], values, closed=True)
        shorted.edges[edge]["resistance"] = film
    return shorted


def skin_short(network: Network, plan: Plan, values: Values) -> Network:
    """Redeposited metal and gallium on one face of the lamella join collector and cap: ``rho d / (L t)``.

    Redeposition and leakage over the faces: Fawey et al., Microsc. Res. Tech. 79 (2016) 615.
    """
    height = sum(layer.thickness for layer in plan.recipe.sample.stack if layer.role in BETWEEN_METALS)
    ohm = SKIN_RESISTIVITY_OHM_M * height / (plan.recipe.lamella.length / UM * SKIN_THICKNESS_M)
    return _joined(network, "current_collector", "protective_layer", "skin", ohm * _size(values, "skin_short"))


def resistive_tip(network: Network, _plan: Plan, values: Values) -> Network:
    """The tip on the lamella is oxidised: tungsten in air grows an oxide that a light touch does not break."""
    oxidised = network.copy()
    oxide = OXIDE_OHM * _size(values, "resistive_tip")
    for edge in _tip_on_lamella(network):
        oxidised.edges[edge]["resistance"] = network.edges[edge]["resistance"] + oxide
    return oxidised


def probe_lifted(network: Network, _plan: Plan, _values: Values) -> Network:
    """The tip on the lamella hangs in the air, and whatever it should touch looks perfectly insulating."""
    lifted = network.copy()
    for edge in _tip_on_lamella(network):
        lifted.edges[edge]["resistance"] = np.full_like(network.edges[edge]["resistance"], np.inf)
    return lifted


def wrong_pad(network: Network, _plan: Plan, _values: Values) -> Network:
    """Collector and cap are taken for each other: flat on the chip they lie half a micrometre apart."""
    mistaken = network.copy()
    for a, b, key in _with_role(network, "probe"):
        tip, pad = (a, b) if a in TIPS else (b, a)
        if pad in OTHER_PAD:
            mistaken.remove_edge(a, b, key)
            mistaken.add_edge(tip, OTHER_PAD[pad], **network.edges[a, b, key])
    return mistaken


def electrode_short(network: Network, plan: Plan, values: Values) -> Network:
    """Overspray joins the electrode that the bridge starts from to every other one; no path of a lamella shows it."""
    assert plan.recipe.bridge is not None
    assert plan.cards.echip is not None
    start, ohm = plan.recipe.bridge.start, ELECTRODE_SHORT_OHM * _size(values, "electrode_short")
    for electrode in plan.cards.echip.electrodes:
        if electrode.name != start:
            network = _joined(network, start, electrode.name, "electrode short", ohm)
    return network


def drifting_contact(network: Network, _plan: Plan, values: Values) -> Network:
    """The joint between electrode and bridge gives way while it is looked at."""
    return _in_joint(network, "drifting contact", np.zeros(1), law_of("drifting_contact", values))


def intermittent_contact(network: Network, _plan: Plan, values: Values) -> Network:
    """The joint between electrode and bridge is cracked: it opens and closes at random."""
    return _in_joint(network, "intermittent contact", np.zeros(1), law_of("intermittent_contact", values))


def nonlinear_contact(network: Network, _plan: Plan, values: Values) -> Network:
    """An oxide or carbon film lies between electrode and bridge: electrons tunnel through it."""
    ohm = BARRIER_OHM * _size(values, "nonlinear_contact")
    return _in_joint(network, "nonlinear contact", ohm, law_of("nonlinear_contact", values))


def mains_noise(network: Network, _plan: Plan, values: Values) -> Network:
    """The leads pick up the mains: whole power-line cycles average it away, shorter integrations do not."""
    return _beside(network, "mains noise", law_of("mains_noise", values))


def offset_current(network: Network, _plan: Plan, values: Values) -> Network:
    """The electron beam or the chamber light was left on and drives a current through the tips without a voltage."""
    return _beside(network, "offset current", law_of("offset_current", values))


LAWS: dict[str, Callable[[float], Law]] = {
    "drifting_contact": lambda size: Drift(DRIFT_OHM_PER_S * size),
    "intermittent_contact": lambda size: Intermittence(OPENS_EVERY_S * size, OPEN_FOR_S * size),
    "nonlinear_contact": lambda size: TunnelBarrier(BARRIER_V / (BARRIER_OHM * size), BARRIER_V),
    "mains_noise": lambda size: MainsPickUp(MAINS_A * size, MAINS_HZ),
    "offset_current": lambda size: StrayCurrent(OFFSET_A * size),
}
"""The laws of the faults that are more than a resistance, by the fault's name, for a size as a factor."""


def law_of(name: str, values: Values) -> Law:
    """The law of that fault; its own size where there is more than one sample, since a law has no samples."""
    size = _size(values, name)
    return LAWS[name](float(size[0]) if size.size == 1 else 1.0)


FAULTS: dict[str, Fault] = {
    fault.__name__: fault
    for fault in (
        open_bridge,
        thin_bridge,
        halo_short,
        skin_short,
        resistive_tip,
        probe_lifted,
        wrong_pad,
        electrode_short,
        drifting_contact,
        intermittent_contact,
        nonlinear_contact,
        mains_noise,
        offset_current,
    )
}


def fault_named(name: str) -> Fault:
    """The fault with that name, or :class:`NotFound` with the names there are."""
    if name not in FAULTS:
        raise NotFound(f"no fault is called '{name}'", where="--fault", remedy=f"choose one of {', '.join(FAULTS)}")
    return FAULTS[name]


def with_faults(network: Network, names: Iterable[str], plan: Plan, values: Values) -> Network:
    """The network with every named fault, each once, in the order of the list; raises as :func:`fault_named`."""
    wanted = {name: fault_named(name) for name in names}
    for name in FAULTS:
        if name in wanted:
            network = wanted[name](network, plan, values)
    return network


def _size(values: Values, name: str) -> NDArray[np.float64]:
    return values.get(f"{name} size", np.ones(1))


def _with_role(network: Network, role: str) -> list[Edge]:
    return [edge for edge in network.edges(keys=True) if network.edges[edge]["role"] == role]


def _tip_on_lamella(network: Network) -> list[Edge]:
    """The second tip's edge, where it stands on the lamella; the first tip stands on the chip or is a helper."""
    return [edge for edge in _with_role(network, "probe") if TIPS[1] in edge and set(edge) & set(OTHER_PAD)]


def _joined(network: Network, first: str, second: str, role: str, ohm: NDArray[np.float64]) -> Network:
    joined = network.copy()
    joined.add_edge(first, second, role=role, resistance=ohm)
    return joined


def _in_joint(network: Network, role: str, ohm: NDArray[np.float64], law: Law) -> Network:
    """The same network with one more edge between the electrode and the foot of the bridge, in series."""
    longer = network.copy()
    for a, b, key in _with_role(network, "contact"):
        if "bridge foot" in (a, b):
            electrode = a if b == "bridge foot" else b
            joint: dict[str, Any] = network.edges[a, b, key]
            longer.remove_edge(a, b, key)
            longer.add_edge(electrode, role, role=role, resistance=ohm, law=law)
            longer.add_edge(role, "bridge foot", **joint)
    return longer


def _beside(network: Network, role: str, law: Law) -> Network:
    """The same network with a current into the tips that does not pass through the sample."""
    disturbed = network.copy()
    if set(TIPS) <= set(network):
        disturbed.add_edge(*TIPS, role=role, resistance=np.array([np.inf]), law=law)
    return disturbed
