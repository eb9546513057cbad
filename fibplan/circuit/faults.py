"""What can be wrong with a lamella, as transformations of its network: the one list of named faults.

The simulator builds its device under test from it, and the diagnosis compares with it.
"""

from collections.abc import Callable

import numpy as np

from fibplan.circuit.network import Network, halo_resistance
from fibplan.circuit.parameters import Values
from fibplan.errors import NotFound
from fibplan.model.plan import Plan

Fault = Callable[[Network, Plan, Values], Network]


def open_bridge(network: Network, _plan: Plan, _values: Values) -> Network:
    """The bridge does not reach from the electrode to the collector."""
    broken = network.copy()
    broken.remove_edges_from([edge for edge in network.edges(keys=True) if network.edges[edge]["role"] == "bridge"])
    return broken


def halo_short(network: Network, plan: Plan, values: Values) -> Network:
    """The halo of the bridge is thick enough to conduct all the way to the protective layer."""
    assert plan.recipe.bridge is not None
    shorted = network.copy()
    film = halo_resistance(plan, plan.recipe.bridge, values, closed=True)
    for edge in network.edges(keys=True):
        if network.edges[edge]["role"] == "halo":
            shorted.edges[edge]["resistance"] = np.asarray(film)
    return shorted


FAULTS: dict[str, Fault] = {"open_bridge": open_bridge, "halo_short": halo_short}


def fault_named(name: str) -> Fault:
    """The fault with that name, or :class:`NotFound` with the names there are."""
    if name not in FAULTS:
        raise NotFound(f"no fault is called '{name}'", where="--fault", remedy=f"choose one of {', '.join(FAULTS)}")
    return FAULTS[name]
