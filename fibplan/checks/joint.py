"""Rules about the bridge: what it must reach, and what it must keep clear of."""

from collections.abc import Iterator

from fibplan.checks.regions import apart, gap_words, layers, parts, region, words
from fibplan.checks.rule import ERROR, WARNING, Found, rule
from fibplan.layout.clearance import ROUNDING_UM, bare_um2, gap_um, narrowest_um, overlap_um2
from fibplan.layout.joint import bridge_by_nearest_way
from fibplan.layout.lamella import upright
from fibplan.layout.route import SLACK_UM
from fibplan.model.layout import Part, Region
from fibplan.model.plan import Plan
from fibplan.model.recipe import Bridge, Role, Sample
from fibplan.units import UM

LONGEST_GAP_UM = 5.0
"""Beyond this a bridge of ordinary section adds too much resistance (derived from the FIB-Pt resistivities)."""

DRAWN_APART = 0.1
"""Share by which the width of a drawn bridge may differ from what the recipe says."""


@rule("bridge-misses-electrode", ERROR)
def bridge_meets_electrode(plan: Plan) -> Iterator[Found]:
    """The bridge lies on its electrode."""
    for bridge, recipe in _bridge(plan):
        electrode = region(plan, recipe.start)
        if electrode is None or overlap_um2(bridge, electrode) <= 0:
            distance = f" by {gap_um(bridge, electrode):.2f} um" if electrode is not None else ""
            message = f"the bridge misses the {words(recipe.start)}{distance}"
            if recipe.route == "nearest" and recipe.outline_um is None:
                message = f"there is no way for the bridge that keeps {recipe.clearance:g} um clear; straight, it"
                message += f" misses the {words(recipe.start)}{distance}"
            yield Found(("bridge",), message, _other_way(plan, recipe))


@rule("bridge-misses-collector", ERROR)
def bridge_meets_collector(plan: Plan) -> Iterator[Found]:
    """The bridge lies on the current collector."""
    for bridge, recipe in _bridge(plan):
        collector = region(plan, recipe.end)
        if collector is None or overlap_um2(bridge, collector) <= 0:
            apart_by = f", {gap_words(bridge, collector)}" if collector is not None else ""
            message = f"the bridge does not lie on the current collector{apart_by}"
            asked = "use a clearance under the collector's thickness and an overlap_lamella above zero"
            yield Found(*_faulty(recipe, message, asked, "draw it onto the collector"))


@rule("bridge-on-passivation", ERROR)
def bridge_meets_bare_metal(plan: Plan) -> Iterator[Found]:
    """Where the bridge lies on its electrode, some of the metal is bare."""
    for bridge, recipe in _bridge(plan):
        electrode = region(plan, recipe.start)
        films = parts(plan, Part.PASSIVATION)
        covered = overlap_um2(bridge, electrode) if electrode is not None else 0.0
        if electrode is not None and covered > 0 and bare_um2(bridge, electrode, films) <= 0:
            message = f"all {covered:.3g} um2 that the bridge covers of the {words(recipe.start)} are passivated"
            yield Found(("bridge",), message, "let it reach bare metal, or place the lamella nearer to some")


@rule("bridge-overlap-partial", WARNING)
def bridge_lands_in_full(plan: Plan) -> Iterator[Found]:
    """At least half of what the bridge is meant to cover of its electrode and of the collector lies under it."""
    for bridge, recipe in _bridge(plan):
        for key, name, area in _meant(recipe, plan.recipe.sample):
            landing = region(plan, name)
            covered = bare_um2(bridge, landing, parts(plan, Part.PASSIVATION)) if landing is not None else 0.0
            if 0 < covered < area / 2:
                message = f"the bridge covers {covered:.3g} um2 of the {words(name)}, {area:.3g} um2 were meant"
                yield Found(("bridge", key), message, "move or turn the lamella, or make the bridge narrower")


@rule("bridge-touches", ERROR)
def bridge_clear_of_others(plan: Plan) -> Iterator[Found]:
    """The bridge touches neither the active layer, nor the cap, nor another electrode."""
    for bridge, recipe in _bridge(plan):
        for other in _kept_clear_of(plan, recipe):
            if gap_um(bridge, other) <= 0:
                message = f"the bridge {apart(bridge, other)}"
                asked = "give it more clearance, or another end of the lamella"
                yield Found(*_faulty(recipe, message, asked, f"draw it clear of the {words(other.name)}"))


@rule("bridge-near", WARNING)
def bridge_keeps_clearance(plan: Plan) -> Iterator[Found]:
    """The bridge keeps its clearance to active layer, electrolyte, cap and the other electrodes."""
    for bridge, recipe in _bridge(plan):
        for other in _kept_clear_of(plan, recipe):
            if 0 < gap_um(bridge, other) < recipe.clearance - _SLACK_UM:
                message = f"the bridge lies {gap_words(bridge, other)}, under its clearance of {recipe.clearance:g} um"
                yield Found(*_faulty(recipe, message, "write route: nearest, or draw it", "draw it farther away"))


@rule("bridge-long", WARNING, "derived from the FIB-Pt resistivities")
def bridge_short_enough(plan: Plan) -> Iterator[Found]:
    """The collector's end lies within a few micrometres of the electrode."""
    for _, recipe in _bridge(plan):
        electrode, collector = region(plan, recipe.start), region(plan, recipe.end)
        gap = gap_um(electrode, collector) if electrode is not None and collector is not None else 0.0
        if gap > LONGEST_GAP_UM:
            message = f"the collector ends {gap:.1f} um from the electrode"
            yield Found(("lamella", "placement"), message, f"place it within {LONGEST_GAP_UM:g} um")


@rule("bridge-drawn-otherwise", WARNING)
def drawn_as_wide_as_said(plan: Plan) -> Iterator[Found]:
    """A drawn bridge is about as wide as the recipe says, since its resistance is predicted from that."""
    for bridge, recipe in _bridge(plan):
        electrode = region(plan, recipe.start)
        if recipe.outline_um is None or electrode is None:
            continue
        width = narrowest_um(bridge, electrode, layers(plan))
        if width > 0 and abs(width - recipe.width) > DRAWN_APART * recipe.width:
            message = f"the drawn bridge is {width:.3g} um wide at its narrowest; 'width' says {recipe.width:g} um"
            yield Found(("bridge", "width"), message, f"write width: {width:.3g} um, or draw it so")


def _faulty(recipe: Bridge, message: str, asked: str, drawn: str) -> tuple[tuple[str, str], str, str]:
    """The finding at what decides where the bridge lies: its clearance where it is asked for, or its outline."""
    if recipe.outline_um is None:
        return ("bridge", "clearance"), message, asked
    return ("bridge", "outline_um"), message, drawn


_SLACK_UM = 2 * SLACK_UM + ROUNDING_UM
"""A routed bridge may come so much nearer than its clearance."""


def _other_way(plan: Plan, recipe: Bridge) -> str:
    """What to do about a bridge that misses: the shortest way, if there is one, with its numbers."""
    place = "place the lamella so that its collector's near end faces the electrode"
    chip = plan.cards.echip
    if recipe.route == "nearest" or recipe.outline_um is not None or chip is None or plan.layout is None:
        return place
    ground = (Part.ELECTRODE, Part.PASSIVATION, Part.LAYER, Part.SUPPORT)
    placed = [entry for entry in plan.layout.regions if entry.part in ground]
    outline = bridge_by_nearest_way(plan.recipe, recipe, chip, placed)
    if outline is None:
        return place
    return f"{place}, or write route: nearest under bridge: that way it is {outline.area / recipe.width:.1f} um long"


def _kept_clear_of(plan: Plan, recipe: Bridge) -> list[Region]:
    avoided = (Role.ACTIVE_LAYER, Role.ELECTROLYTE, Role.PROTECTIVE_LAYER)
    others = [layer for layer in layers(plan) if layer.name in avoided]
    return others + [electrode for electrode in parts(plan, Part.ELECTRODE) if electrode.name != recipe.start]


def _bridge(plan: Plan) -> Iterator[tuple[Region, Bridge]]:
    """The bridge as it lies and as it is described; nothing where there is none, or none that could be judged."""
    bridge = region(plan, "bridge")
    if bridge is not None and plan.recipe.bridge is not None and not upright(plan.recipe):
        yield bridge, plan.recipe.bridge


def _meant(bridge: Bridge, sample: Sample) -> Iterator[tuple[str, str, float]]:
    """For either end of the bridge its key, what it is meant to lie on, and by how many um2.

    One that comes over the substrate's edge lies on the collector by its width, not by ``overlap_lamella``.
    """
    yield "overlap_electrode", bridge.start, bridge.overlap_electrode * bridge.width
    strip = sample.layer(Role.CURRENT_COLLECTOR)
    if strip is not None:
        across = min(bridge.width, strip.thickness * UM - bridge.clearance)
        along = bridge.overlap_lamella if bridge.route == "straight" else min(bridge.overlap_lamella, bridge.width)
        yield "overlap_lamella", bridge.end, along * across
