"""What joins the conductors of a chip that should be apart: membrane, frame, the lamella's barrier, and halos.

Every number comes from a card; where none does, there is no edge. All of these are leaks: at low voltage the nitride
of a clean chip conducts next to nothing, and what a real one shows beyond is dirt, which no card knows.
"""

from collections.abc import Iterable
from functools import lru_cache

import networkx as nx
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from fibplan.circuit.field.contacts import overlap_of
from fibplan.circuit.field.films import Array, FilmStack, Sheet, Terminal
from fibplan.circuit.field.grid import Resolution
from fibplan.circuit.field.reduction import Network, as_network
from fibplan.circuit.field.solution import solve
from fibplan.circuit.halos import HaloGap, film_resistance, gaps_between
from fibplan.circuit.outlines import BRIDGE, CAP, COLLECTOR, in_lamella, regions_of
from fibplan.circuit.parameters import CONTACT, MEMBRANE, Values, resistivity_of
from fibplan.layout.sides import cap_side, electrode_side
from fibplan.model.layout import Part, Region
from fibplan.model.plan import Plan
from fibplan.model.recipe import Role
from fibplan.units import UM

SUBSTRATE, FRAME = "substrate", "chip frame"
APART_UM = 0.05
"""Conductors that touch on the membrane are taken to be so far apart: what joins them is an edge of its own."""
COARSE = Resolution().refined(0.4)
"""Within 5 %, where the card's own interval spans four decades."""


def with_isolation(network: Network, plan: Plan, values: Values) -> Network:
    """The same network with the leaks between electrodes, cap and substrate, as edges that name what conducts.

    Between the electrode's side and the cap it has the membrane already, see :func:`membrane_ohms`.
    """
    joined = network.copy()
    joined.add_node(FRAME)
    _add_membrane(joined, plan, values)
    _add_substrate(joined, plan, values)
    _add_halos(joined, plan, values)
    return joined


def membrane_ohms(plan: Plan, values: Values) -> Array | None:
    """Ohm along the membrane from the electrode's side to the cap; None where no card has the numbers."""
    assert plan.recipe.bridge is not None
    edges = _along_membrane(plan, values).get_edge_data(plan.recipe.bridge.start, CAP)
    return edges[0]["resistance"] if edges else None


def isolating(plan: Plan) -> set[str]:
    """The parameters that these leaks alone depend on."""
    under = (Role.SUBSTRATE, Role.BARRIER)
    return {MEMBRANE, *(resistivity_of(layer) for layer in plan.recipe.sample.stack if layer.role in under)}


def conductors(plan: Plan) -> dict[str, tuple[Region, ...]]:
    """The regions of each conductor that is apart, by the node that stands for it: the electrodes, cap and substrate.

    Collector and bridge go with the electrode that the bridge starts from.
    """
    layout, bridge = plan.layout, plan.recipe.bridge
    assert layout is not None
    assert bridge is not None
    substrate = tuple(entry for entry in layout.regions if entry.name == Role.SUBSTRATE or entry.part is Part.SUPPORT)
    leading = tuple(entry for entry in electrode_side(layout, bridge.start) if entry not in substrate)
    others = {entry.name: (entry,) for entry in layout.of(Part.ELECTRODE) if entry.name != bridge.start}
    found = {bridge.start: leading, CAP: cap_side(layout), **others, SUBSTRATE: substrate}
    return {node: regions for node, regions in found.items() if regions}


def _add_membrane(network: Network, plan: Plan, values: Values) -> None:
    """Along the window's film from one conductor to another, and through it to the frame beside the window.

    The film is taken to go on over the whole chip, and the frame, a wafer, to be one potential.
    """
    assert plan.recipe.bridge is not None
    for first, second, data in _along_membrane(plan, values).edges(data=True):
        if {first, second} != {plan.recipe.bridge.start, CAP}:
            network.add_edge(first, second, **data)
    film = _film(plan)
    if film is None or MEMBRANE not in values:
        return
    outline, thickness_m = film
    for node, shape in _on_membrane(plan).items():
        area = shape.difference(outline).area / UM**2
        if area > 0:
            network.add_edge(node, FRAME, role="membrane", resistance=values[MEMBRANE] * thickness_m / area)


def _along_membrane(plan: Plan, values: Values) -> Network:
    """Every two conductors that lie on the window's film, as edges of what the film conducts between them."""
    film = _film(plan)
    if film is None or MEMBRANE not in values:
        return nx.MultiGraph()
    outline, thickness_m = film
    shapes = {node: overlap_of(shape, outline) for node, shape in _on_membrane(plan).items()}
    there = {node: shape for node, shape in shapes.items() if shape.area > 0}
    if len(there) == 1 or not there:
        return nx.MultiGraph()
    siemens = thickness_m / values[MEMBRANE]
    return as_network(tuple(there), np.array(_squares(outline, tuple(there.values()))) * siemens[:, None, None],
                      role="membrane")  # fmt: skip


def _film(plan: Plan) -> tuple[BaseGeometry, float] | None:
    """The window's film: its outline (um) and its thickness in metres."""
    window = next((entry for entry in regions_of(plan) if entry.part is Part.WINDOW), None)
    return (in_lamella(plan, window), window.thickness_m) if window is not None else None


def _on_membrane(plan: Plan) -> dict[str, BaseGeometry]:
    """What of each conductor lies on the membrane (um), none touching another."""
    shapes: dict[str, BaseGeometry] = {}
    for node, regions in conductors(plan).items():
        taken = shapely.union_all([shape.buffer(APART_UM) for shape in shapes.values()])
        shapes[node] = shapely.union_all([in_lamella(plan, region) for region in regions]).difference(taken)
    return {node: shape for node, shape in shapes.items() if not shape.is_empty}


@lru_cache(maxsize=64)
def _squares(film: BaseGeometry, conductors: tuple[BaseGeometry, ...]) -> tuple[tuple[float, ...], ...]:
    """The conductance matrix of a film of one siemens per square between conductors that lie on it."""
    terminals = tuple(Terminal(str(number), "membrane", shape) for number, shape in enumerate(conductors))
    found = solve(FilmStack((Sheet("membrane", film, 1.0),), (), terminals), COARSE).conductance
    return tuple(tuple(float(siemens) for siemens in row) for row in found)


def _add_substrate(graph: Network, plan: Plan, values: Values) -> None:
    """The barrier between collector and substrate, and where the bridge lies on the substrate itself."""
    stack, thickness, bridge = plan.recipe.sample.stack, plan.measured_thickness_m, plan.recipe.bridge
    roles = [layer.role for layer in stack]
    assert thickness is not None
    assert bridge is not None
    if Role.SUBSTRATE not in roles or Role.CURRENT_COLLECTOR not in roles:
        return
    between = stack[roles.index(Role.SUBSTRATE) + 1 : roles.index(Role.CURRENT_COLLECTOR)]
    if between and all(resistivity_of(layer) in values for layer in between):
        length_m = plan.recipe.lamella.length / UM
        ohm = [values[resistivity_of(layer)] * layer.thickness / (length_m * thickness) for layer in between]
        graph.add_edge(COLLECTOR, SUBSTRATE, role="barrier", resistance=np.sum(ohm, axis=0))
    area = _bridge_on_substrate(plan) / UM**2
    if area > 0:
        graph.add_edge(BRIDGE, SUBSTRATE, role="substrate", resistance=_into_substrate(plan, values, area))


def _into_substrate(plan: Plan, values: Values, area_m2: float) -> Array:
    """The contact, and the substrate as one square as thick as the lamella where its card knows a resistivity."""
    substrate = plan.recipe.sample.layer(Role.SUBSTRATE)
    assert substrate is not None
    assert plan.measured_thickness_m is not None
    own = values.get(resistivity_of(substrate), np.zeros(1)) / plan.measured_thickness_m
    return values[CONTACT] / area_m2 + own


def _bridge_on_substrate(plan: Plan) -> float:
    assert plan.layout is not None
    bridge, substrate = (plan.layout.named(name) for name in (BRIDGE, Role.SUBSTRATE))
    if bridge is None or substrate is None:
        return 0.0
    return in_lamella(plan, bridge).intersection(in_lamella(plan, substrate)).area


def _add_halos(graph: Network, plan: Plan, values: Values) -> None:
    """Halos that reach from the electrode's side, or from the cap's, to another electrode."""
    sides = conductors(plan)
    assert plan.recipe.bridge is not None
    start = plan.recipe.bridge.start
    others = [node for node in sides if node not in (start, CAP, SUBSTRATE)]
    for near in (start, CAP):
        for far in others if near in sides else ():
            _join(graph, (near, far), gaps_between(plan, sides[near], sides[far]).items(), plan, values)


def _join(
    graph: Network, ends: tuple[str, str], gaps: Iterable[tuple[str, HaloGap]], plan: Plan, values: Values
) -> None:
    for deposit, gap in gaps:
        ohm = film_resistance(plan, deposit, gap, values)
        graph.add_edge(*ends, role="overspray", deposit=deposit, resistance=ohm)
