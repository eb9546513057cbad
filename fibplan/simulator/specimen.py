"""The device under test between two landed tips: what a network reads, with everything that is not a resistance."""

import math
from dataclasses import dataclass

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
        return self._through(volts - self.emf_v, moment_s) + volts / self.leakage_ohm + charging + self._stray_a

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

    A contact that is not ohmic must carry all the current between the tips, or none of it, but for a millionth:
    :class:`ValueError` where it has another path beside it.
    """
    tips = [edge for edge in network.edges(keys=True) if network.edges[edge]["role"] == "probe"]
    leads = sum(float(network.edges[edge]["resistance"][0]) for edge in tips)
    pads = [next(end for end in edge[:2] if end not in TIPS) for edge in tips]
    beside = tuple(law for _, _, law in network.edges(data="law") if isinstance(law, ParallelLaw))
    if math.isinf(leads):
        return Specimen(math.inf, laws=beside, seed=seed)
    if pads[0] == pads[1]:
        return Specimen(SAME_PAD_OHM, leads, beside, seed=seed)
    ohmic, in_series = _taken_out(network, pads[0], pads[1])
    return Specimen(_ohm(ohmic, pads[0], pads[1]), leads, (*in_series, *beside), seed=seed)


def _taken_out(network: Network, first: str, second: str) -> tuple[Network, list[Law]]:
    """The network with its non-ohmic contacts short, and the laws of those that carry the current."""
    ohmic, laws = network.copy(), list[Law]()
    for edge in network.edges(keys=True):
        law: Law | None = network.edges[edge].get("law")
        if law is None or isinstance(law, ParallelLaw):
            continue
        ohmic.edges[edge]["resistance"] = np.zeros(1)
        without = ohmic.copy()
        without.remove_edge(*edge)
        whole, apart = _ohm(ohmic, first, second), _ohm(without, first, second)
        if math.isfinite(whole) and whole < NEGLIGIBLE * apart:
            laws.append(law)
        elif not math.isclose(whole, apart, rel_tol=NEGLIGIBLE):
            raise ValueError(f"the {network.edges[edge]['role']} has another path beside it")
    return ohmic, laws


def _ohm(network: Network, first: str, second: str) -> float:
    return float(resistance_between(network, first, second)[0])
