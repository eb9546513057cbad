"""What may be wrong with the lamella of one plan: each fault with its chance, and sampled resistances between tips."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from fibplan.circuit.faults import FAULTS, LAWS, with_faults
from fibplan.circuit.halos import halo_closes, halo_gaps
from fibplan.circuit.isolation import with_isolation
from fibplan.circuit.network import TIPS, Network, build_network, landed
from fibplan.circuit.parameters import Values, sampled_values
from fibplan.circuit.solve import resistance_between
from fibplan.model.card import FaultChance
from fibplan.model.diagnosis import AS_PLANNED, SOMETHING_ELSE
from fibplan.model.plan import Plan

Reals = NDArray[np.float64]
Landings = tuple[str, str]

SAMPLES = 1200
OPEN = 24.0
"""Decimal logarithm of the ohm that an open counts as, as in a prediction."""
PARTED = 6.0
"""Decades over the plan's own from which on a path is parted: the membrane may still carry a millionth; chosen."""
NORMAL_90 = 1.645
"""Standard deviations to either end of the 90 % interval of a normal distribution."""
HALO_SHORT = "halo_short"
LEAK = 1.0
"""Decades by which what lies beside a contact must be more resistive than the path, to be no more than a leak."""
UNTOLD = 0.01
"""The chance of every fault where no card tells one at all; chosen."""


@dataclass(frozen=True)
class Suspect:
    """One thing that the lamella may be: what the tips would read on it.

    ``log_ohm`` holds one entry a sample for each pair of landings; samples with weight 0 are no such lamella.
    ``sizes`` are those of the fault as factors. ``blocked`` are the landings between which its law carries all of the
    current.
    """

    fault: str
    prior: float
    weights: Reals
    sizes: Reals
    log_ohm: Mapping[Landings, Reals]
    blocked: frozenset[Landings] = frozenset()


@dataclass(frozen=True)
class Suspects:
    """All that one plan allows, on the same samples of materials and tips."""

    plan: Plan
    seed: int
    values: Values
    network: Network
    entries: tuple[Suspect, ...]
    known: dict[object, object] = field(default_factory=dict[object, object], compare=False)
    """What has been worked out for these suspects already: the shapes of their sweeps."""

    @property
    def samples(self) -> int:
        return len(self.entries[0].weights)

    def of(self, fault: str) -> Suspect:
        return next(entry for entry in self.entries if entry.fault == fault)

    def parted(self, suspect: Suspect, landings: Landings) -> NDArray[np.bool_]:
        """In which samples this fault parts what the plan joins there, but for leaks."""
        return suspect.log_ohm[landings] - self.of(AS_PLANNED).log_ohm[landings] >= PARTED


def suspects_of(plan: Plan, landings: Iterable[Landings], seed: int = 0, samples: int = SAMPLES) -> Suspects | None:
    """Everything that may be wrong, on sampled networks; None for a plan whose tips read nothing.

    A fault's chance is that of the cards; that of a halo short is how often the halo of the sampled networks closes the
    gap. Raises :class:`~fibplan.errors.Misuse` for a lamella that stands upright.
    """
    if plan.layout is None or plan.recipe.bridge is None or plan.measured_thickness_m is None:
        return None
    chances = _chances(plan)
    drawn = sampled_values(plan, seed, samples)
    values = {**drawn, **_sizes(chances, seed, samples)}
    closed = halo_closes(plan, values)
    odds = _exclusive(_odds(chances, closed, has_halo=bool(halo_gaps(plan))))
    network = with_isolation(build_network(plan, values), plan, values)
    sampled = _Sampled(plan, values, network, tuple(dict.fromkeys(landings)), closed)
    entries = tuple(_suspect(sampled, name, prior) for name, prior in odds.items())
    return Suspects(plan, seed, values, sampled.network, entries)


class _Sampled(NamedTuple):
    """The networks of all samples, where the tips may land on them, and in which of them the halo closes the gap."""

    plan: Plan
    values: Values
    network: Network
    landings: tuple[Landings, ...]
    closed: NDArray[np.bool_]

    def with_fault(self, name: str, landings: Landings) -> Network:
        """With the tips there; in the air where one of the landings is no conductor."""
        probed = self.network
        if set(landings) <= set(probed):
            probed = landed(probed, landings, self.values)
        return with_faults(probed, [name] if name in FAULTS else [], self.plan, self.values)


def _suspect(sampled: _Sampled, name: str, prior: float) -> Suspect:
    count = len(sampled.closed)
    probed = {pair: sampled.with_fault(name, pair) for pair in sampled.landings}
    whole = name in (HALO_SHORT, SOMETHING_ELSE) or bool(sampled.closed.all())
    weights = np.ones(count) if whole else (~sampled.closed).astype(np.float64)
    return Suspect(
        fault=name,
        prior=prior,
        weights=weights / weights.sum(),
        sizes=sampled.values.get(f"{name} size", np.ones(count)),
        log_ohm={pair: log_ohm(net, count) for pair, net in probed.items()},
        blocked=frozenset(pair for pair, net in probed.items() if name in LAWS and _blocks(net, name, count)),
    )


def log_ohm(network: Network, samples: int) -> Reals:
    """Decimal logarithm of the ohm between the tips, one entry a sample; what neither tip is joined to is left out."""
    first, second = TIPS
    joined = nx.node_connected_component(network, first) if set(TIPS) <= set(network) else set[str]()
    if second not in joined:
        return np.full(samples, OPEN)
    with np.errstate(divide="ignore"):
        ohms = np.log10(resistance_between(network.subgraph(joined), first, second))
    return np.broadcast_to(np.minimum(ohms, OPEN), (samples,)).astype(np.float64)


def _blocks(network: Network, name: str, samples: int) -> bool:
    """Whether what flows between the tips flows through the edge that the fault put in, but for a leak beside it."""
    role = name.replace("_", " ")
    edges = [edge for edge in network.edges(keys=True) if network.edges[edge]["role"] == role]
    if not edges:
        return False
    without = network.copy()
    without.remove_edges_from(edges)
    whole, apart = (float(np.median(log_ohm(entry, samples))) for entry in (network, without))
    return apart - whole > LEAK


def _chances(plan: Plan) -> dict[str, FaultChance | None]:
    """What the cards tell of each fault, and of what has no name."""
    cards = plan.cards
    told = {
        entry.fault: entry
        for card in (cards.fib, cards.gis, cards.echip, cards.probe, cards.smu, cards.holder)
        if card is not None
        for entry in card.faults
    }
    return {name: told.get(name) for name in (*FAULTS, SOMETHING_ELSE)}


def _odds(chances: Mapping[str, FaultChance | None], closed: NDArray[np.bool_], *, has_halo: bool) -> dict[str, float]:
    """The chance of each fault by itself; what no card tells has the least that one does."""
    told = [entry.chance.expected for entry in chances.values() if entry is not None]
    least = min(told, default=UNTOLD)
    odds = {name: entry.chance.expected if entry is not None else least for name, entry in chances.items()}
    if not has_halo:
        return {name: chance for name, chance in odds.items() if name != HALO_SHORT}
    return {**odds, HALO_SHORT: (float(closed.sum()) + 1.0) / (len(closed) + 2.0)}


def _exclusive(odds: Mapping[str, float]) -> dict[str, float]:
    """Exactly one of these, or none, given that not several are: probabilities that sum to one."""
    shares = {AS_PLANNED: 1.0, **{name: chance / (1.0 - chance) for name, chance in odds.items()}}
    whole = sum(shares.values())
    return {name: share / whole for name, share in shares.items()}


def _sizes(chances: Mapping[str, FaultChance | None], seed: int, samples: int) -> dict[str, Reals]:
    """A factor on each fault's size for every sample, log-normal about one."""
    draws = np.random.default_rng([seed, 1]).standard_normal((len(chances), samples))
    return {
        f"{name} size": np.exp(draw * math.log(entry.spread) / NORMAL_90)
        for (name, entry), draw in zip(chances.items(), draws, strict=True)
        if entry is not None and entry.spread > 1.0
    }
