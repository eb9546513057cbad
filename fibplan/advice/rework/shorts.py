"""What joins what should be apart: the halo is cut, the faces are cleaned, metal between electrodes is cut away."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from fibplan.advice.diagnosis.diagnose import Belief
from fibplan.advice.rework.after import operations_of, predicted_after
from fibplan.advice.rework.probing_again import measure_again
from fibplan.circuit.faults import SKIN_THICKNESS_M
from fibplan.circuit.network import Network
from fibplan.layout.clearance import polygon
from fibplan.layout.frame import to_chip
from fibplan.layout.halo import halo_thickness, widest_extent_um
from fibplan.layout.parting import CUT_WIDTH_UM, CutOffer, cuts_that_part
from fibplan.layout.sides import electrode_side
from fibplan.model.base import PointUm
from fibplan.model.cards import Halo
from fibplan.model.diagnosis import Rework
from fibplan.model.fib_card import Beam, FibCard
from fibplan.model.interval import Interval, total
from fibplan.model.layout import Region
from fibplan.model.plan import Operation, Plan
from fibplan.model.steps import Polish
from fibplan.units import UM, show

THROUGH = 1.5
"""How much deeper than the thickest film a cut goes; chosen."""
MEMBRANE_SHARE = 0.5
"""Of the membrane's thickness that no cut goes beyond; chosen."""
CLEANED = 2.0
"""How many times the skin's thickness is taken off each face; chosen."""
CLEAN_V = 5e3
"""Accelerating voltage of the cleaning: the damage it leaves is a few nanometres."""
LEAST_CURRENT_A = 1e-11
"""Apertures below it are for imaging; chosen."""


class Cuts(NamedTuple):
    """Where to cut, in the lamella frame, and how deep."""

    offers: Sequence[CutOffer]
    depth_m: float


def cut_halo(belief: Belief, probability: float) -> Rework:
    """Isolation cuts between bridge and cap, through the thickest halo and at most half through the membrane."""
    fault, plan = "halo_short", belief.suspects.plan
    cuts = _cuts(plan)
    if cuts is None:
        return _beyond(fault, probability, "no cut between bridge and cap parts the halo without harming the membrane")
    steps = (*_cut_steps(plan, cuts), measure_again(plan))
    milled = operations_of(plan, steps)[:-1]
    outlines = _outlines(plan, cuts.offers)
    places = [f"cut {offer.words} in the lamella's frame, {_depth(plan, cuts.depth_m)}" for offer in cuts.offers]
    return Rework(
        fault=fault,
        probability=probability,
        possible=True,
        action="cut the halo between the bridge and the protective layer",
        instructions=(*places, *_costs(milled), "look after each pass: stop when the grey veil is gone in the cut"),
        steps=steps,
        outline_um=outlines[0],
        duration_s=_time(milled),
        predicted_ohm=predicted_after(belief, fault, _without_halo),
        measure_again=tuple(plan.recipe.verification),
    )


def clean_faces(belief: Belief, probability: float) -> Rework:
    """A polish at low voltage of the faces that the beam reaches; beyond rework where too little lamella is left."""
    fault, plan = "skin_short", belief.suspects.plan
    thickness = plan.measured_thickness_m or 0.0
    leaves = thickness - 2.0 * CLEANED * SKIN_THICKNESS_M
    damaged = max((finish.damage_m.expected for finish in plan.finish), default=0.0)
    if leaves <= 2.0 * damaged:
        return _beyond(fault, probability, f"cleaning would leave {show(max(leaves, 0.0), 'm')}, all of it damaged")
    steps = (_polish(plan, leaves), measure_again(plan))
    polished = operations_of(plan, steps)[0]
    return Rework(
        fault=fault,
        probability=probability,
        possible=True,
        action="clean the faces that the beam reaches, at low voltage",
        instructions=(
            "flat on the chip only the upper face is reached; a skin on the lower one stays",
            f"from {show(thickness, 'm')} to {show(leaves, 'm')}: {show(thickness - leaves, 'm')} of the lamella go",
            *_costs([polished]),
        ),
        steps=steps,
        outline_um=_lamella(plan),
        duration_s=polished.duration_s,
        predicted_ohm=predicted_after(belief, fault),
        measure_again=tuple(plan.recipe.verification),
    )


def cut_electrodes(belief: Belief, probability: float) -> Rework:
    """A cut through the overspray beside the electrode that the bridge starts from, at most half into the membrane."""
    fault, plan = "electrode_short", belief.suspects.plan
    start = plan.recipe.bridge.start if plan.recipe.bridge is not None else ""
    electrode = plan.layout.named(start) if plan.layout is not None else None
    depth = _deepest(plan)
    if electrode is None or depth is None:
        return _beyond(fault, probability, "nothing says how deep a cut may go")
    length = _facing_um(electrode)
    steps = (_cut_step(plan, "electrode-cut", (length, CUT_WIDTH_UM), depth, f"{fault}: beside the {start}"),)
    milled = operations_of(plan, steps)
    return Rework(
        fault=fault,
        probability=probability,
        possible=True,
        action="find the metal between the electrodes in the SEM and cut it",
        instructions=(
            f"at most {show(length / UM, 'm')} along the edge of the {start.replace('_', ' ')}, {_depth(plan, depth)}",
            *_costs(milled),
        ),
        steps=(*steps, measure_again(plan)),
        outline_um=electrode.outline_um,
        duration_s=_time(milled),
        predicted_ohm=predicted_after(belief, fault),
        measure_again=tuple(plan.recipe.verification),
    )


def _beyond(fault: str, probability: float, why: str) -> Rework:
    return Rework(
        fault=fault,
        probability=probability,
        possible=False,
        action=f"reject: {why}",
        instructions=("make the next one",),
    )


def _cuts(plan: Plan) -> Cuts | None:
    """Cuts that no halo leads around, and a depth through the halo that the membrane bears; None where none is."""
    halo, bridge, deepest = _halo(plan), _region(plan, "bridge"), _deepest(plan)
    if halo is None or bridge is None or deepest is None or plan.layout is None or plan.recipe.bridge is None:
        return None
    near = electrode_side(plan.layout, plan.recipe.bridge.start)
    offers = cuts_that_part(plan.recipe, bridge, near, widest_extent_um(bridge.thickness_m, halo))
    placement = plan.recipe.lamella.placement
    if not offers or placement is None:
        return None
    away = min(polygon(bridge.outline_um).distance(to_chip(offer.outline, placement)) for offer in offers)
    thickest = halo_thickness(bridge.thickness_m, away, halo.edge_fraction.high, halo.decay_length.high)
    depth = math.ceil(THROUGH * thickest * 1e9) * 1e-9
    return Cuts(offers, depth) if depth <= deepest else None


def _cut_steps(plan: Plan, cuts: Cuts) -> tuple[dict[str, Any], ...]:
    return tuple(
        _cut_step(plan, f"halo-cut-{number}", (offer.length, offer.width), cuts.depth_m, f"halo_short: {offer.words}")
        for number, offer in enumerate(cuts.offers, 1)
    )


def _cut_step(plan: Plan, name: str, size_um: tuple[float, float], depth_m: float, why: str) -> dict[str, Any]:
    beam = _beam(plan.cards.fib, max(beam.accelerating_voltage for beam in _ion_beams(plan.cards.fib)))
    length, width = size_um
    return {
        "name": name,
        "kind": "isolation_cut",
        "accelerating_voltage": show(beam.accelerating_voltage, "V"),
        "beam_current": show(_least_current(beam), "A"),
        "length": show(length / UM, "m"),
        "width": show(width / UM, "m"),
        "depth": show(depth_m, "m"),
        "why": f"rework of {why}",
    }


def _polish(plan: Plan, leaves_m: float) -> dict[str, Any]:
    """As the recipe polishes, or at the voltage of the card nearest to 5 kV with its smallest current."""
    own = [entry.step for entry in plan.operations if isinstance(entry.step, Polish)]
    beam = _beam(plan.cards.fib, CLEAN_V)
    voltage = own[-1].accelerating_voltage if own else beam.accelerating_voltage
    current = own[-1].beam_current if own else _least_current(beam)
    return {
        "name": "clean-faces-again",
        "kind": "polish",
        "accelerating_voltage": show(voltage, "V"),
        "beam_current": show(current, "A"),
        "leaves": show(leaves_m, "m"),
        "why": "rework of skin_short: takes redeposited metal off the faces",
    }


def _ion_beams(fib: FibCard) -> list[Beam]:
    return [beam for beam in fib.beams if beam.particle == "Ga"]


def _beam(fib: FibCard, voltage_v: float) -> Beam:
    return min(_ion_beams(fib), key=lambda beam: abs(beam.accelerating_voltage - voltage_v))


def _least_current(beam: Beam) -> float:
    currents = [aperture.beam_current for aperture in beam.apertures]
    return min((current for current in currents if current >= LEAST_CURRENT_A), default=max(currents))


def _halo(plan: Plan) -> Halo | None:
    process = plan.cards.gis.process("FIBID") if plan.cards.gis is not None else None
    return process.halo if process is not None else None


def _region(plan: Plan, name: str) -> Region | None:
    return plan.layout.named(name) if plan.layout is not None else None


def _deepest(plan: Plan) -> float | None:
    return MEMBRANE_SHARE * plan.cards.echip.window.thickness if plan.cards.echip is not None else None


def _depth(plan: Plan, depth_m: float) -> str:
    assert plan.cards.echip is not None
    return f"{show(depth_m, 'm')} deep: the membrane under it is {show(plan.cards.echip.window.thickness, 'm')} thick"


def _costs(operations: Sequence[Operation]) -> list[str]:
    """Beam, time, and what goes of cap and membrane."""
    found: list[str] = []
    for entry in operations:
        at = f"{show(entry.accelerating_voltage_v or 0.0, 'V')}, {show(entry.beam_current_a or 0.0, 'A')}"
        found.append(f"{entry.name}: {at}, beam on for {entry.beam_on_s}")
        if entry.kind == "polish" and entry.cap_left_m is not None:
            found.append(f"cap left {entry.cap_left_m}; damage of each face {show(entry.damage_m or 0.0, 'm')}")
        if entry.membrane_dose is not None:
            found.append(f"ion dose on the membrane {entry.membrane_dose}")
    return found


def _time(operations: Sequence[Operation]) -> Interval:
    return total((entry.duration_s for entry in operations), "s")


def _outlines(plan: Plan, offers: Sequence[CutOffer]) -> list[tuple[PointUm, ...]]:
    placement = plan.recipe.lamella.placement
    assert placement is not None
    shapes = [to_chip(offer.outline, placement) for offer in offers]
    return [tuple((float(x), float(y)) for x, y in shape.exterior.coords[:-1]) for shape in shapes]


def _lamella(plan: Plan) -> tuple[PointUm, ...]:
    """The rectangle around all layers, in the chip frame, that a cleaning pattern covers."""
    assert plan.layout is not None
    corners = [point for region in plan.layout.regions if region.part == "layer" for point in region.outline_um]
    if not corners:
        return ()
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return ((min(xs), min(ys)), (max(xs), min(ys)), (max(xs), max(ys)), (min(xs), max(ys)))


def _facing_um(electrode: Region) -> float:
    """The shorter side of the electrode, which faces the others."""
    west, south, east, north = polygon(electrode.outline_um).bounds
    return min(east - west, north - south)


def _without_halo(network: Network) -> Network:
    parted = network.copy()
    parted.remove_edges_from([edge for edge in network.edges(keys=True) if network.edges[edge]["role"] == "halo"])
    return parted
