"""The device under test between two landed tips: what a network reads, with everything that is not a resistance."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from fibplan.circuit.laws import (
    Drift,
    Intermittence,
    Law,
    MainsPickUp,
    ParallelLaw,
    SchottkyPair,
    StrayCurrent,
    TunnelBarrier,
)
from fibplan.circuit.network import TIPS, Network
from fibplan.circuit.solve import resistance_between
from fibplan.simulator.contacts import current_through, is_open
from fibplan.simulator.disturbances import Polarisation, picked_up

SAME_PAD_OHM = 1.0
"""What lies between two tips on one conductor: about one square of a metal film; chosen."""

NEGLIGIBLE = 1e-6
"""A share of the current that is left out: the membrane joins everything to everything, through petaohms; chosen."""


@dataclass
class Specimen:
    """A resistance behind leads, with the laws of its contacts and of its surroundings; ``inf`` is open.

    ``leakage_ohm`` is that of the cable, in parallel. Barriers, drifts and breaks lie in series with the resistance;
    stray currents and the mains come in beside it. The ``seed`` decides when a contact opens.
    """

    resistance_ohm: float
    leads_ohm: float = 0.0
    laws: tuple[Law, ...] = ()
    leakage_ohm: float = math.inf
    polarisation: Polarisation | None = None
    seed: int = 0
    emf_v: float = 0.0
    """What it reads between its ends while no current is drawn, as a charged cell does."""
    share: float = 1.0
    """Of the voltage, what lies across the resistance with its laws; of their current, what flows in the tips."""

    def __post_init__(self) -> None:
        if not (self.resistance_ohm > 0.0 and self.leakage_ohm > 0.0):
            raise ValueError("a resistance is not above zero")
        if not (math.isfinite(self.leads_ohm) and self.leads_ohm >= 0.0):
            raise ValueError(f"leads of {self.leads_ohm} ohm are no leads")
        self._barriers = [law for law in self.laws if isinstance(law, TunnelBarrier | SchottkyPair)]
        self._drifts = [law for law in self.laws if isinstance(law, Drift)]
        self._breaks = [law for law in self.laws if isinstance(law, Intermittence)]
        self._mains = [law for law in self.laws if isinstance(law, MainsPickUp)]
        self._stray_a = sum(law.amps for law in self.laws if isinstance(law, StrayCurrent))

    def current(self, volts: float, moment_s: float) -> float:
        """Amperes at that voltage and moment; grows with the voltage."""
        charging = self.polarisation.current(volts) if self.polarisation else 0.0
        through = self.share * self._through(self.share * (volts - self.emf_v), moment_s)
        return through + volts / self.leakage_ohm + charging + self._stray_a

    def settled(self, volts: float, moment_s: float) -> None:
        """Only a polarisation remembers what it has borne."""
        if self.polarisation:
            self.polarisation.settled(volts, moment_s)

    def pickup(self, moment_s: float, integration_s: float) -> float:
        """Amperes of the mains that an integration begun at that moment does not average away."""
        return sum(picked_up(mains, moment_s, integration_s) for mains in self._mains)

    def _through(self, volts: float, moment_s: float) -> float:
        if any(is_open(contact, self.seed, moment_s) for contact in self._breaks):
            return 0.0
        ohm = self.resistance_ohm + sum(drift.ohm(moment_s) for drift in self._drifts)
        return current_through(ohm, self._barriers, volts)


def between_tips(network: Network, seed: int = 0) -> Specimen:
    """The specimen that the landed tips of a network of one sample stand on; the tips' own resistances are its leads.

    Contacts that are not ohmic must lie in series with each other: :class:`ValueError` where they do not. What lies
    beside them is the specimen's leakage.
    """
    tips = [edge for edge in network.edges(keys=True) if network.edges[edge]["role"] == "probe"]
    leads = sum(float(network.edges[edge]["resistance"][0]) for edge in tips)
    pads = [next(end for end in edge[:2] if end not in TIPS) for edge in tips]
    beside = tuple(law for _, _, law in network.edges(data="law") if isinstance(law, ParallelLaw))
    if math.isinf(leads):
        return Specimen(math.inf, laws=beside, seed=seed)
    if pads[0] == pads[1]:
        return Specimen(SAME_PAD_OHM, leads, beside, seed=seed)
    found = _parted(network, pads[0], pads[1])
    return Specimen(found.ohm, leads, (*found.laws, *beside), found.leakage_ohm, seed=seed, share=found.share)


class _Parted(NamedTuple):
    """A resistance in series with laws, what lies beside both, and the share of the voltage that they have."""

    ohm: float
    laws: tuple[Law, ...] = ()
    leakage_ohm: float = math.inf
    share: float = 1.0


def _parted(network: Network, first: str, second: str) -> _Parted:
    """By Thevenin's theorem for the place of the contacts that are not ohmic, which are taken to be open and short.

    Where they carry all of the current, or none, but for a millionth, the rest is left out.
    """
    edges = [edge for edge in network.edges(keys=True) if _in_series(network.edges[edge].get("law"))]
    short, apart = network.copy(), network.copy()
    for edge in edges:
        short.edges[edge]["resistance"] = np.zeros(1)
    apart.remove_edges_from(edges)
    whole, beside = _ohm(short, first, second), _ohm(apart, first, second)
    if math.isclose(whole, beside, rel_tol=NEGLIGIBLE):
        return _Parted(whole)
    laws = tuple(network.edges[edge]["law"] for edge in edges)
    ends = _ends_of_chain(network, edges)
    if whole < NEGLIGIBLE * beside:
        return _Parted(whole, laws)
    apart.add_edge(first, second, role="short", resistance=np.zeros(1))
    inner = _ohm(apart, *ends)
    share = math.sqrt(inner * (1.0 / whole - 1.0 / beside))
    return _Parted(inner, laws, beside, min(share, 1.0))


def _in_series(law: Law | None) -> bool:
    return law is not None and not isinstance(law, ParallelLaw)


def _ends_of_chain(network: Network, edges: Sequence[tuple[str, str, int]]) -> tuple[str, str]:
    """Between which nodes these edges lie, one after the other."""
    counts = Counter(node for edge in edges for node in edge[:2])
    ends = [node for node, count in counts.items() if count == 1]
    between = [node for node in counts if node not in ends]
    if len(ends) != 2 or any(network.degree(node) != 2 for node in between):
        roles = " and the ".join(network.edges[edge]["role"] for edge in edges)
        raise ValueError(f"the {roles} do not lie in series")
    return ends[0], ends[1]


def _ohm(network: Network, first: str, second: str) -> float:
    return float(resistance_between(network, first, second)[0])
