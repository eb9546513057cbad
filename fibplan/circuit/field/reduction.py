"""Conductances between terminals as edges of a network, as :mod:`fibplan.circuit.network` builds them."""

from collections.abc import Sequence
from typing import Any

import networkx as nx
import numpy as np

from fibplan.circuit.field.films import Array

Network = Any
"""A networkx MultiGraph: nodes are conductors, edges have ``role`` and ``resistance`` (ohm, one entry a sample).

An edge that is more than a resistance has a ``law`` too, see :mod:`fibplan.circuit.laws`. A halo's edge names the
``deposit`` that it surrounds.
"""


def as_network(terminals: Sequence[str], conductance: Array, *, role: str = "films") -> Network:
    """A MultiGraph with every terminal as a node and ``-1/G`` ohm on an edge between any two that conduct.

    ``conductance`` has shape (terminals, terminals), or (samples, terminals, terminals) for an array on each edge. Two
    terminals that conduct in no sample have no edge; in some samples only, infinite ohm in the others.
    """
    samples = conductance.reshape(-1, len(terminals), len(terminals))
    graph = nx.MultiGraph()
    graph.add_nodes_from(terminals)
    for row, first in enumerate(terminals):
        for column, second in enumerate(terminals[:row]):
            siemens = -samples[:, row, column]
            if (siemens > 0).any():
                ohm = np.divide(1.0, siemens, out=np.full_like(siemens, np.inf), where=siemens > 0)
                graph.add_edge(second, first, role=role, resistance=ohm)
    return graph
