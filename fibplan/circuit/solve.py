"""The resistance between two nodes of a network, for all samples at once."""

import numpy as np
from numpy.typing import NDArray

from fibplan.circuit.network import Network

Conductances = NDArray[np.float64]
"""Siemens between every two nodes, shape (nodes, nodes, samples), zero on the diagonal."""

LEAST_OHM = 1e-15
"""An edge without any resistance, such as a bridge of no length, counts as this: it conducts, and 1/0 is avoided."""


def resistance_between(network: Network, first: str, second: str) -> NDArray[np.float64]:
    """Ohm between the two nodes, one entry a sample; infinite where nothing joins them.

    All other nodes are eliminated by the star-mesh transformation (A. Rosen, J. IEE 62 (1924) 916). It only adds and
    multiplies positive numbers, so a milliohm beside a petaohm loses no digit, and an open is a result and never a
    singular matrix.
    """
    nodes = [first, second, *sorted(set(network) - {first, second})]
    mesh = _conductances(network, nodes)
    for last in range(len(nodes) - 1, 1, -1):
        mesh = _without_last(mesh[: last + 1, : last + 1])
    with np.errstate(divide="ignore"):
        return 1.0 / mesh[0, 1]


def _conductances(network: Network, nodes: list[str]) -> Conductances:
    row = {node: index for index, node in enumerate(nodes)}
    edges = [(row[a], row[b], np.asarray(data["resistance"])) for a, b, data in network.edges(data=True)]
    samples = max((resistance.size for _, _, resistance in edges), default=1)
    mesh = np.zeros((len(nodes), len(nodes), samples))
    for a, b, resistance in edges:
        if a != b:
            mesh[a, b] += 1.0 / np.maximum(resistance, LEAST_OHM)
            mesh[b, a] = mesh[a, b]
    return mesh


def _without_last(mesh: Conductances) -> Conductances:
    """The same network without its last node: each pair of its neighbours gains ``g_i g_j / sum(g)``."""
    star = mesh[-1, :-1]
    through = star.sum(axis=0)
    gained = star[:, None] * star[None, :] / np.where(through > 0, through, 1.0)
    rest = mesh[:-1, :-1] + gained
    diagonal = np.arange(len(rest))
    rest[diagonal, diagonal] = 0.0
    return rest
