"""More platinum: over the whole bridge where it is thin or open, and over its foot where the joint is bad."""

import math
from typing import Any, NamedTuple

import numpy as np

from fibplan.advice.diagnosis.diagnose import Belief
from fibplan.advice.diagnosis.suspects import Reals
from fibplan.advice.rework.after import operations_of, predicted_after, weighed_quantiles
from fibplan.advice.rework.probing_again import measure_again
from fibplan.circuit.faults import THIN_SHARE
from fibplan.circuit.halos import halo_closes, halo_gaps
from fibplan.circuit.network import Network
from fibplan.model.diagnosis import Rework
from fibplan.model.layout import Region
from fibplan.model.path import Below
from fibplan.model.plan import Plan
from fibplan.model.steps import Deposit
from fibplan.planning.expand import expand
from fibplan.units import show

NM = 1e-9
STEP_M = 10 * NM
"""Thicknesses are given in whole tens of nanometres."""
SAFE = 0.75
"""Share of a path's limit that the resistance after a rework should stay below; chosen."""
MOST = 2.0
"""So many planned thicknesses are the most that is put on in one go; chosen."""
TRIES = 2
"""A bridge that is still open after so many deposits is not what is open."""


class Growth(NamedTuple):
    """Metres of platinum to put on, and the share of the planned thickness that is there, one entry a sample."""

    more_m: float
    there: Reals


def redeposit(belief: Belief, fault: str, probability: float) -> Rework:
    """A deposit over the polygon of the bridge; a bridge that stays open after one was added is beyond rework."""
    plan = belief.suspects.plan
    made = [entry.step for entry in plan.operations if isinstance(entry.step, Deposit) and entry.step.makes == "bridge"]
    region = plan.layout.named("bridge") if plan.layout is not None else None
    if region is None or not made or (fault == "open_bridge" and len(made) >= TRIES):
        return _beyond(fault, probability)
    growth = _growth(belief, fault, region)
    steps = (_deposit(made[-1], growth.more_m, fault), measure_again(plan))
    deposit = operations_of(plan, steps)[0]
    dose = deposit.membrane_dose
    instructions = [
        _place(fault, region),
        f"{show(growth.more_m, 'm')} more of Pt at {show(made[-1].beam_current, 'A')}: beam on for {deposit.beam_on_s}",
        f"{_chance(belief, fault, growth.more_m, region):.1%} chance that the halo of all of it reaches the cap",
        *([f"ion dose on the membrane {dose}"] if dose is not None else []),
    ]
    return Rework(
        fault=fault,
        probability=probability,
        possible=True,
        action=ACTIONS[fault],
        instructions=tuple(instructions),
        steps=steps,
        outline_um=region.outline_um,
        duration_s=deposit.duration_s,
        predicted_ohm=predicted_after(belief, fault, lambda network: _thicker(network, growth, region)),
        measure_again=tuple(plan.recipe.verification),
    )


ACTIONS = {
    "open_bridge": "deposit the bridge again over its whole length",
    "thin_bridge": "deposit more Pt on the bridge",
    "drifting_contact": "deposit Pt over the joint of electrode and bridge",
    "intermittent_contact": "deposit Pt over the joint of electrode and bridge",
    "nonlinear_contact": "deposit Pt over the joint of electrode and bridge",
}


def _beyond(fault: str, probability: float) -> Rework:
    return Rework(
        fault=fault,
        probability=probability,
        possible=False,
        action="reject: a bridge that is open after a second deposit is open behind it, at a broken collector",
        instructions=("keep the lamella for an image of the collector; make the next one",),
    )


def _growth(belief: Belief, fault: str, region: Region) -> Growth:
    """What a thin bridge lacks, as the curves tell it; anything else is made as thick as planned, beside what is."""
    ones = np.ones(belief.suspects.samples)
    if fault != "thin_bridge":
        return Growth(region.thickness_m, ones * 0.0 if fault == "open_bridge" else ones)
    there = np.minimum(THIN_SHARE * belief.suspects.of(fault).sizes, 1.0)
    least, _, _ = weighed_quantiles(there, belief.weights[fault])
    more = _tens((1.0 - least) * region.thickness_m)
    while more < MOST * region.thickness_m and not _suffices(belief, fault, Growth(more, there), region):
        more += 5 * STEP_M
    return Growth(more, there)


def _suffices(belief: Belief, fault: str, growth: Growth, region: Region) -> bool:
    after = predicted_after(belief, fault, lambda network: _thicker(network, growth, region))
    paths = belief.suspects.plan.recipe.verification
    limits = {name: path.criterion.below for name, path in paths.items() if isinstance(path.criterion, Below)}
    return all(after[name].expected <= SAFE * limit or after[name].high <= limit for name, limit in limits.items())


def _thicker(network: Network, growth: Growth, region: Region) -> Network:
    """The network with the bridge as thick as it will be: its resistance goes as one over its thickness."""
    thicker = network.copy()
    share = growth.there + growth.more_m / region.thickness_m
    for edge in network.edges(keys=True):
        if network.edges[edge]["role"] == "bridge":
            thicker.edges[edge]["resistance"] = network.edges[edge]["resistance"] / share
    return thicker


def _deposit(like: Deposit, more_m: float, fault: str) -> dict[str, Any]:
    return {
        "name": "bridge-rework",
        "kind": "deposit",
        "process": like.process,
        "makes": "bridge",
        "accelerating_voltage": show(like.accelerating_voltage, "V"),
        "beam_current": show(like.beam_current, "A"),
        "thickness": show(more_m, "m"),
        "why": f"rework: {ACTIONS[fault]}",
    }


def _place(fault: str, region: Region) -> str:
    corners = ", ".join(f"({x:.2f}, {y:.2f})" for x, y in region.outline_um)
    where = "the whole outline of the bridge, its foot on the electrode first" if fault in JOINT else "the bridge"
    return f"pattern {where}: corners in um, chip frame: {corners}"


JOINT = ("drifting_contact", "intermittent_contact", "nonlinear_contact")


def _chance(belief: Belief, fault: str, more_m: float, region: Region) -> float:
    """That the halo conducts to the cap when all of the platinum is there, as it was planned and what is put on."""
    plan = belief.suspects.plan
    thicker = _as_thick(plan, region.thickness_m + more_m)
    if not halo_gaps(thicker):
        return 0.0
    closed = halo_closes(thicker, belief.suspects.values)
    return float((closed * belief.weights[fault]).sum())


def _as_thick(plan: Plan, thickness_m: float) -> Plan:
    assert plan.recipe.bridge is not None
    bridge = plan.recipe.bridge.model_copy(update={"thickness": thickness_m})
    return expand(plan.recipe.model_copy(update={"bridge": bridge}), plan.cards)


def _tens(metres: float) -> float:
    return max(math.ceil(round(metres / STEP_M, 6)), 1) * STEP_M
