"""Rules about where the lamella lies on the chip, and how high it stands."""

from collections.abc import Iterator
from itertools import combinations

from fibplan.checks.regions import apart, layers, parts, region, words
from fibplan.checks.rule import ERROR, PRACTICE, WARNING, Found, rule
from fibplan.layout.clearance import farthest_out, gap_um, margin_um, overlap_um2
from fibplan.layout.lamella import upright
from fibplan.model.layout import Part
from fibplan.model.plan import Plan
from fibplan.units import show

HEAD_ROOM = 200e-9
"""Metres kept free under the facing chip."""


@rule("lamella-outside-window", ERROR)
def lamella_in_window(plan: Plan) -> Iterator[Found]:
    """The whole lamella lies over the window."""
    inside, window = _least_margin_um(plan), region(plan, "window")
    if inside is not None and window is not None and inside < 0:
        x, y = max((farthest_out(layer, window) for layer in layers(plan)), key=lambda found: found[0])[1]
        message = f"the lamella sticks out of the window by {-inside:.2f} um, at [{x:g}, {y:g}] um"
        yield Found(("lamella", "placement"), message, "make it smaller or place it nearer to the window's centre")


@rule("lamella-near-window-edge", WARNING, PRACTICE)
def lamella_well_in_window(plan: Plan) -> Iterator[Found]:
    """The lamella keeps the chip's margin to the window's edge."""
    inside, chip = _least_margin_um(plan), plan.cards.echip
    if inside is not None and chip is not None and 0 <= inside < chip.window.margin:
        message = (
            f"the lamella lies {inside:.2f} um from the window's edge, under the margin of {chip.window.margin:g} um"
        )
        yield Found(("lamella", "placement"), message, "place it nearer to the window's centre")


@rule("lamella-on-electrode", ERROR)
def layers_off_electrodes(plan: Plan) -> Iterator[Found]:
    """The lamella touches no electrode: that would short its layers, and hide them from the beam."""
    for electrode in parts(plan, Part.ELECTRODE):
        covered = sum(overlap_um2(layer, electrode) for layer in layers(plan))
        if any(gap_um(layer, electrode) <= 0 for layer in layers(plan)):
            message = f"the lamella touches the {words(electrode.name)}, {covered:.2f} um2 of it lie on it"
            yield Found(("lamella", "placement"), message, "move the lamella off the electrode")


@rule("chip-electrodes-touch", ERROR)
def electrodes_apart(plan: Plan) -> Iterator[Found]:
    """No electrode of the chip touches another."""
    for one, other in combinations(parts(plan, Part.ELECTRODE), 2):
        if gap_um(one, other) <= 0:
            message = f"on the chip's card the {words(one.name)} {apart(one, other)}"
            yield Found(("instruments", "echip"), message, "correct the outlines on the card")


@rule("bridge-to-upright", ERROR)
def bridge_only_to_flat(plan: Plan) -> Iterator[Found]:
    """A lamella that is joined lies flat: upright, a bridge would lie on all of its layers at once."""
    if upright(plan.recipe) and plan.recipe.bridge is not None:
        message = "the lamella stands upright, where a bridge joins the collector to every other layer"
        yield Found(("lamella", "placement", "pose"), message, "lay it flat, or leave the bridge out")


@rule("upright-not-transparent", WARNING)
def beam_crosses_thickness(plan: Plan) -> Iterator[Found]:
    """The electron beam crosses the lamella's thickness, and not its whole stack."""
    tem = plan.cards.tem
    if not upright(plan.recipe) or tem is None or plan.layout is None:
        return
    height, limit = plan.recipe.sample.height, tem.transparent_thickness.high
    if height > limit:
        message = f"upright, the electron beam crosses {show(height, 'm')} of stack; {show(limit, 'm')} are transparent"
        yield Found(("lamella", "placement", "pose"), message, "lay it flat")


@rule("too-high-for-gap", ERROR, "derived from the spacers of the chips")
def fits_under_facing_chip(plan: Plan) -> Iterator[Found]:
    """Lamella and deposits fit under the facing chip, at the distance that the spacers keep."""
    chip = plan.cards.echip
    if chip is None or chip.gap is None or plan.layout is None:
        return
    gap = chip.gap - HEAD_ROOM
    room = f"in a gap of {show(chip.gap, 'm')}, {show(HEAD_ROOM, 'm')} of it kept free"
    recipe = plan.recipe
    stands = recipe.sample.height if upright(recipe) else recipe.lamella.final_thickness
    if stands > gap:
        path = ("lamella", "placement", "pose") if upright(recipe) else ("lamella", "final_thickness")
        yield Found(path, f"the lamella stands {show(stands, 'm')} high {room}", "lay it flat, or make it thinner")
    for deposit in (*parts(plan, Part.BRIDGE), *parts(plan, Part.SUPPORT), *parts(plan, Part.PAD)):
        height = deposit.thickness_m + recipe.lamella.final_thickness
        if height > gap:
            key = ("pads",) if deposit.part is Part.PAD else (str(deposit.part), "thickness")
            message = f"the {words(deposit.name)} stands {show(height, 'm')} high {room}"
            yield Found(key, message, f"make it {show(max(height - gap, 1e-9), 'm')} thinner")


def _least_margin_um(plan: Plan) -> float | None:
    """How far the lamella stays inside the window, negative by how far it sticks out; None without a layout."""
    window = region(plan, "window")
    return min((margin_um(layer, window) for layer in layers(plan)), default=None) if window is not None else None
