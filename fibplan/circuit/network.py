"""The network of a lamella on a chip: what the fields of its films give, part by part, between the tips' places."""

from itertools import pairwise

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from fibplan.circuit.contributions import FOOT, LANDING, between_squares, leading_ohms
from fibplan.circuit.field.reduction import Network
from fibplan.circuit.films import ELECTRODE, PAD, films_between
from fibplan.circuit.halos import film_resistance, halo_gaps
from fibplan.circuit.isolation import SUBSTRATE, membrane_ohms
from fibplan.circuit.outlines import BRIDGE, CAP, COLLECTOR, outline_of
from fibplan.circuit.parameters import Values, resistivity_of
from fibplan.model.plan import Plan

Samples = NDArray[np.float64]
TIPS = ("first tip", "second tip")
PAD_FOOT = "pad foot"
LEAKS = ("halo", "skin", "membrane")
"""Films beside the layers, each of which leads from the electrode's side to the cap by itself."""


def build_network(plan: Plan, values: Values, *, membrane_of: Plan | None = None) -> Network:
    """Electrode, bridge, collector and cap where the tips land, joined by what lies between them.

    Nothing leads to the other electrodes and the substrate before :func:`fibplan.circuit.isolation.with_isolation`. The
    plan must have a layout with a bridge, and a thickness at which it is measured. ``membrane_of`` is a plan that lies
    on the same membrane in nearly the same way, whose field of it serves for this one too. Raises :class:`Misuse` for a
    lamella that stands upright.
    """
    assert plan.layout is not None
    assert plan.cards.echip is not None
    graph = nx.MultiGraph()
    graph.add_nodes_from([*(electrode.name for electrode in plan.cards.echip.electrodes), SUBSTRATE])
    _add_leading(graph, plan, values)
    if not outline_of(plan, CAP).is_empty:
        _add_between(graph, plan, values)
    for deposit, gap in halo_gaps(plan).items():
        start = BRIDGE if deposit == BRIDGE else _strip(graph)
        graph.add_edge(start, CAP, role="halo", deposit=deposit, resistance=film_resistance(plan, deposit, gap, values))
    membrane = membrane_ohms(plan if membrane_of is None else membrane_of, values)
    if membrane is not None:
        graph.add_edge(_strip(graph), CAP, role="membrane", resistance=membrane)
    return graph


def landed(network: Network, landings: tuple[str, str], values: Values) -> Network:
    """The same network with a tip on each landing, which is a conductor of the lamella or an electrode of the chip."""
    probed = network.copy()
    for tip, conductor in zip(TIPS, landings, strict=True):
        probed.add_edge(tip, conductor, role="probe", resistance=values[tip])
    return probed


def _add_leading(graph: Network, plan: Plan, values: Values) -> None:
    """From the electrode's tip to the collector's."""
    assert plan.recipe.bridge is not None
    ohms = leading_ohms(plan, values)
    pad = plan.layout is not None and plan.layout.named(f"pad_{COLLECTOR}") is not None
    steps = [("electrode end", ELECTRODE, ELECTRODE), ("bridge foot", "contact", FOOT), (BRIDGE, "bridge", BRIDGE),
             ("strip end", "contact", LANDING), (PAD_FOOT if pad else COLLECTOR, "collector", COLLECTOR),
             *([(COLLECTOR, "pad", PAD)] if pad else [])]  # fmt: skip
    nodes = [plan.recipe.bridge.start, *(node for node, _, _ in steps)]
    for (first, second), (_, role, part) in zip(pairwise(nodes), steps, strict=True):
        graph.add_edge(first, second, role=role, resistance=ohms[part])


def leak_ohms(network: Network) -> dict[str, Samples]:
    """Ohm from the electrode's side to the cap through each kind of film that lies beside the layers, by its role."""
    siemens: dict[str, Samples] = {}
    for role in LEAKS if CAP in network else ():
        edges = [data["resistance"] for _, _, data in network.edges(CAP, data=True) if data["role"] == role]
        if edges:
            siemens[role] = np.sum([1.0 / ohm for ohm in edges], axis=0)
    return {role: 1.0 / total for role, total in siemens.items()}


def _strip(graph: Network) -> str:
    """The node of the collector itself: before its pad, where it has one."""
    return PAD_FOOT if PAD_FOOT in graph else COLLECTOR


def _add_between(graph: Network, plan: Plan, values: Values) -> None:
    """The layers from collector to cap in series, and the skin over all of them beside."""
    layers = [layer for layer, _ in films_between(plan)]
    squares = between_squares(plan)
    nodes = [_strip(graph), *(f"above {layer.name}" for layer in layers[:-1]), CAP]
    for (first, second), layer, number in zip(pairwise(nodes), layers, squares, strict=True):
        assert plan.measured_thickness_m is not None
        sheet = values[resistivity_of(layer)] / plan.measured_thickness_m
        graph.add_edge(first, second, role=str(layer.role), resistance=sheet * number)
    if "skin thickness" in values and layers:
        sheet = values["skin resistivity"] / values["skin thickness"]
        graph.add_edge(_strip(graph), CAP, role="skin", resistance=sheet * sum(squares))
