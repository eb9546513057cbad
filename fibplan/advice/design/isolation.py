"""Isolation cuts where the layout proposes them, with the steps that mill them after the last deposit on the chip."""

import math
from collections.abc import Sequence

from fibplan.checks.instruments import currents_at
from fibplan.layout.clearance import polygon
from fibplan.layout.frame import to_chip
from fibplan.layout.halo import halo_thickness, widest_extent_um
from fibplan.layout.parting import CutOffer, cuts_that_part
from fibplan.layout.sides import electrode_side
from fibplan.model.cards import Halo
from fibplan.model.layout import Region
from fibplan.model.plan import Plan
from fibplan.model.recipe import Cut, Recipe
from fibplan.model.steps import Beamed, Deposit, IsolationCut, Removal, Step, Transfer, Weld
from fibplan.units import parse

THROUGH = 1.5
"""How much deeper than the thickest film a cut goes; chosen."""
SHALLOWEST_M = 1e-8
"""No shallower cut is milled with certainty; chosen."""
LEAST_CURRENT_A = 1e-11
"""Apertures below it are for imaging; chosen."""
UPRIGHT = parse("90 deg", "rad")
WHY = "parts the halo of the bridge from the protective layer"


def may_be_cut(plan: Plan) -> bool:
    """Whether a cut can be added: the recipe has none of its own, and the card says what a halo is."""
    own = plan.recipe.cuts or any(isinstance(step, IsolationCut) for step in plan.recipe.steps)
    return not own and _halo(plan) is not None and _last_deposit(plan) is not None


def with_cuts(plan: Plan, *, marked: bool) -> Recipe | None:
    """The recipe with cuts that the widest halo of its bridge does not lead around; None where there are none.

    ``marked`` says that the recipe marks what is not in its source, as all of a cut is.
    """
    halo, last = _halo(plan), _last_deposit(plan)
    bridge = plan.layout.named("bridge") if plan.layout is not None else None
    if halo is None or last is None or bridge is None or plan.layout is None or plan.recipe.bridge is None:
        return None
    near = electrode_side(plan.layout, plan.recipe.bridge.start)
    offers = cuts_that_part(plan.recipe, bridge, near, widest_extent_um(bridge.thickness_m, halo))
    if not offers:
        return None
    steps = _steps(plan, offers, last, _depth_m(plan, offers, bridge, halo), marked=marked)
    cuts = tuple(_cut(offer, step.name, marked=marked) for offer, step in zip(offers, steps, strict=True))
    return plan.recipe.model_copy(update={"cuts": cuts, "steps": _with_steps(plan.recipe.steps, steps, last.name)})


def _steps(plan: Plan, offers: Sequence[CutOffer], last: Beamed, depth_m: float, *, marked: bool) -> list[IsolationCut]:
    """One step an offer, each after the one before: they differ in size."""
    voltage = max(step.accelerating_voltage for step in plan.recipe.steps if isinstance(step, Removal | Deposit))
    names = _free_names(plan.recipe, len(offers))
    found: list[IsolationCut] = []
    for name, offer in zip(names, offers, strict=True):
        before = found[-1].name if found else last.name
        bare = IsolationCut.model_construct(
            name=name, kind="isolation_cut", after=(before,), why=WHY, accelerating_voltage=voltage,
            length=offer.length, width=offer.width, depth=depth_m,
            assumed=("beam_current", "length", "width", "depth") if marked else (),
        )  # fmt: skip
        fitting = [current for current in currents_at(plan, bare) if current >= LEAST_CURRENT_A]
        found.append(bare.model_copy(update={"beam_current": min(fitting, default=last.beam_current)}))
    return found


def _with_steps(steps: Sequence[Step], cuts: Sequence[IsolationCut], last: str) -> tuple[Step, ...]:
    """The cuts stand behind the last deposit, and what waited for that waits for the last cut."""
    found: list[Step] = []
    for step in steps:
        after = tuple(cuts[-1].name if name == last else name for name in step.after)
        found.append(step.model_copy(update={"after": after}) if after != step.after else step)
        if step.name == last:
            found += cuts
    return tuple(found)


def _cut(offer: CutOffer, step: str, *, marked: bool) -> Cut:
    return Cut.model_construct(
        step=step, x=offer.x, y=offer.y, rotation=UPRIGHT if offer.upright else 0.0,
        assumed=("x", "y") if marked else (),
    )  # fmt: skip


def _depth_m(plan: Plan, offers: Sequence[CutOffer], bridge: Region, halo: Halo) -> float:
    """Through the thickest film that can be there, in whole nanometres."""
    placement = plan.recipe.lamella.placement
    assert placement is not None
    away = min(polygon(bridge.outline_um).distance(to_chip(offer.outline, placement)) for offer in offers)
    thickest = halo_thickness(bridge.thickness_m, away, halo.edge_fraction.high, halo.decay_length.high)
    nanometres = math.ceil(max(THROUGH * thickest, SHALLOWEST_M) * 1e9 - 1e-6)
    return parse(f"{nanometres} nm", "m")


def _last_deposit(plan: Plan) -> Deposit | Weld | None:
    """The last deposit after the lamella is on the chip."""
    steps = [operation.step for operation in plan.operations]
    moved = [place for place, step in enumerate(steps) if isinstance(step, Transfer)]
    grown = [step for step in steps[moved[-1] :] if isinstance(step, Deposit | Weld)] if moved else []
    return grown[-1] if grown else None


def _free_names(recipe: Recipe, count: int) -> list[str]:
    taken = {step.name for step in recipe.steps}
    numbered = (f"isolation-cut-{number}" for number in range(1, count + len(taken) + 1))
    return [name for name in numbered if name not in taken][:count]


def _halo(plan: Plan) -> Halo | None:
    process = plan.cards.gis.process("FIBID") if plan.cards.gis is not None else None
    return process.halo if process is not None else None
