"""The resistance between two nodes of a network, for all samples at once."""

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from fibplan.circuit.network import Network


def resistance_between(network: Network, first: str, second: str) -> NDArray[np.float64]:
    """Ohm between the two nodes, one entry a sample; infinite where nothing joins them.

    Kirchhoff's laws with the second node at zero and one ampere into the first. Only the part of the network that the
    edges with a finite resistance join to both nodes is solved, so an open is a result and never a singular matrix.
    """
    joined = nx.MultiGraph()
    joined.add_nodes_from([first, second])
    joined.add_edges_from(
        (a, b, data) for a, b, data in network.edges(data=True) if np.isfinite(data["resistance"]).all()
    )
    part = nx.node_connected_component(joined, first)
    count = max((len(data["resistance"]) for _, _, data in network.edges(data=True)), default=1)
    if second not in part:
        return np.full(count, np.inf)
    if first == second:
        return np.zeros(count)
    nodes = sorted(part - {second})
    admittance = _admittance(joined.subgraph(part), nodes, count)
    current = np.zeros((count, len(nodes), 1))
    current[:, nodes.index(first), 0] = 1.0
    potential = np.linalg.solve(admittance, current)[:, nodes.index(first), 0]
    return np.asarray(potential, dtype=np.float64)


def _admittance(network: Network, nodes: list[str], count: int) -> NDArray[np.float64]:
    """The nodal admittance matrices in siemens, shape (samples, nodes, nodes)."""
    row = {node: index for index, node in enumerate(nodes)}
    matrix = np.zeros((count, len(nodes), len(nodes)))
    for a, b, data in network.edges(data=True):
        conductance = 1.0 / np.asarray(data["resistance"])
        for one, other in ((a, b), (b, a)):
            if one in row and a != b:
                matrix[:, row[one], row[one]] += conductance
                if other in row:
                    matrix[:, row[one], row[other]] -= conductance
    return matrix
