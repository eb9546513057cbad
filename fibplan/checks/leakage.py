"""Rules about what the halo joins that must stay apart, and about the notches and cuts that part it."""

from collections.abc import Iterator

from fibplan.checks.regions import apart, gap_words, parts, region, words
from fibplan.checks.rule import ERROR, NOTE, WARNING, Found, rule
from fibplan.layout.clearance import gap_um, overlap_um2
from fibplan.layout.halo import expected_extent_um, halo_joins, widest_extent_um
from fibplan.layout.lamella import LONGEST_NOTCH, upright
from fibplan.layout.parting import cuts_that_part, notch_that_parts
from fibplan.layout.sides import cap_side, deposits, electrode_side
from fibplan.model.cards import Halo
from fibplan.model.layout import Part, Region
from fibplan.model.plan import Plan
from fibplan.model.recipe import Role
from fibplan.model.steps import IsolationCut
from fibplan.units import UM

HALO_SOURCE = "Brunel et al., Microelectron. Eng. 2011; Notargiacomo et al., Superlattices Microstruct. 46 (2009) 149"


@rule("halo-reaches-cap", WARNING, HALO_SOURCE)
def halo_keeps_off_cap(plan: Plan) -> Iterator[Found]:
    """No halo of bridge, pad or support is expected to conduct from the electrode's side to the protective layer."""
    for deposit, halo in _halos(plan):
        extent = expected_extent_um(deposit.thickness_m, halo)
        for other in _reached(plan, deposit, extent):
            message = f"{_lies(plan, deposit, other)}, and its halo conducts over {extent:.2g} um"
            yield Found(_where(plan, deposit), f"{message}: they are shorted", _offer(plan, deposit, extent))


@rule("halo-may-reach-cap", NOTE, HALO_SOURCE)
def halo_surely_keeps_off_cap(plan: Plan) -> Iterator[Found]:
    """Even at its widest, no halo conducts from the electrode's side to the protective layer."""
    for deposit, halo in _halos(plan):
        extent = widest_extent_um(deposit.thickness_m, halo)
        expected = {other.name for other in _reached(plan, deposit, expected_extent_um(deposit.thickness_m, halo))}
        for other in _reached(plan, deposit, extent):
            if other.name not in expected:
                message = f"{_lies(plan, deposit, other)}, and its halo may conduct over {extent:.2g} um"
                yield Found(_where(plan, deposit), message, _offer(plan, deposit, extent))


@rule("notch-too-long", ERROR)
def notch_leaves_something(plan: Plan) -> Iterator[Found]:
    """The notch leaves some of the active layer."""
    bridge, length = plan.recipe.bridge, plan.recipe.lamella.length
    if bridge is not None and bridge.notch is not None and bridge.notch.length >= LONGEST_NOTCH * length:
        message = f"a notch of {bridge.notch.length:g} um takes away all of a lamella {length:g} um long"
        yield Found(("bridge", "notch", "length"), message, "make it shorter than the lamella")


@rule("notch-elsewhere", WARNING)
def notch_beside_bridge(plan: Plan) -> Iterator[Found]:
    """The notch is at the end of the lamella where the bridge lands."""
    bridge, notch = region(plan, "bridge"), region(plan, "notch")
    strip = region(plan, Role.CURRENT_COLLECTOR)
    if bridge is None or notch is None or strip is None or overlap_um2(bridge, strip) <= 0:
        return
    if gap_um(bridge, notch) > plan.recipe.sample.height_under_cap * UM:
        message = f"the bridge lands {gap_words(bridge, notch)}"
        yield Found(("bridge", "notch", "end"), message, "mill it at the end where the bridge lands, or leave it out")


@rule("cut-without-step", ERROR)
def cuts_are_milled(plan: Plan) -> Iterator[Found]:
    """Every cut is milled by an isolation cut among the steps, which says how large it is."""
    steps = {step.name: step for step in plan.recipe.steps}
    made = [step.name for step in plan.recipe.steps if isinstance(step, IsolationCut)]
    for index, cut in enumerate(plan.recipe.cuts):
        if not isinstance(steps.get(cut.step), IsolationCut):
            remedy = f"name {' or '.join(made)}" if made else "add a step of kind isolation_cut with that name"
            yield Found(("cuts", index, "step"), f"no isolation cut is called '{cut.step}'", remedy)


@rule("cut-severs", ERROR)
def cuts_clear_of_metal(plan: Plan) -> Iterator[Found]:
    """No cut goes through the bridge, a pad, an electrode or the collector."""
    strips = [layer for layer in parts(plan, Part.LAYER) if layer.name == Role.CURRENT_COLLECTOR]
    metals = [*strips, *(found for part in (Part.BRIDGE, Part.PAD, Part.ELECTRODE) for found in parts(plan, part))]
    for cut in parts(plan, Part.CUT):
        for metal in metals:
            if overlap_um2(cut, metal) > 0:
                index = int(cut.name.rpartition("_")[2])
                yield Found(("cuts", index), f"the cut {apart(cut, metal)}", "move it, or make its step's cut smaller")


def _halos(plan: Plan) -> Iterator[tuple[Region, Halo]]:
    """Each deposit and what is known of its halo; nothing without a bridge, or for a lamella that stands upright."""
    gis = plan.cards.gis
    process = gis.process("FIBID") if gis is not None else None
    if region(plan, "bridge") is None or process is None or process.halo is None or upright(plan.recipe):
        return
    assert plan.layout is not None
    for deposit in deposits(plan.layout):
        yield deposit, process.halo


def _near(plan: Plan) -> tuple[Region, ...]:
    assert plan.layout is not None
    assert plan.recipe.bridge is not None
    return electrode_side(plan.layout, plan.recipe.bridge.start)


def _reached(plan: Plan, deposit: Region, extent_um: float) -> list[Region]:
    """The cap and its pad, where a halo of that extent leads to them; what touches is told elsewhere."""
    assert plan.layout is not None
    near, cuts = _near(plan), parts(plan, Part.CUT)
    apart_ = [far for far in cap_side(plan.layout) if all(gap_um(side, far) > 0 for side in near)]
    return [far for far in apart_ if halo_joins(deposit, extent_um, cuts, near, far)]


def _lies(plan: Plan, deposit: Region, other: Region) -> str:
    """``the bridge lies 0.56 um from the cap``; of what lies on the cap's side, how far from the nearest metal."""
    on_cap = gap_um(deposit, other) <= 0
    facing = min(_near(plan), key=lambda side: gap_um(deposit, side)) if on_cap else other
    name = f"pad of the {words(deposit.name[4:])}" if deposit.part is Part.PAD else words(deposit.name)
    return f"the {name} lies {gap_words(deposit, facing)}"


def _where(plan: Plan, deposit: Region) -> tuple[str | int, ...]:
    """Where the recipe asks for the deposit."""
    if deposit.part is Part.PAD:
        return "pads", [f"pad_{pad.terminal}" for pad in plan.recipe.pads].index(deposit.name)
    if deposit.part is Part.BRIDGE:
        return ("bridge",)
    assert plan.layout is not None
    number = plan.layout.of(Part.SUPPORT).index(deposit)
    first = 0 if plan.recipe.support is None else 1
    return ("support",) if number < first else ("supports", number - first)


def _offer(plan: Plan, deposit: Region, extent_um: float) -> str:
    """A notch or cuts that part what a halo of that extent joins, in the words of a recipe."""
    if deposit.part is not Part.BRIDGE:
        return "make it thinner, or lay it farther away; or part it by an isolation cut"
    offers: list[str] = []
    notch = notch_that_parts(plan.recipe, deposit, _near(plan), extent_um)
    if notch is not None:
        offers.append(f"mill cap and active layer back: notch: {{end: {notch.end}, length: {notch.length:g} um}}")
    cuts = cuts_that_part(plan.recipe, deposit, _near(plan), extent_um)
    if cuts:
        offers.append(f"part it by isolation cuts: {' and '.join(cut.words for cut in cuts)}")
    return ", or ".join(offers) or "make the bridge thinner, or land it farther from the cap"
