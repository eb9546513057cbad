"""Rules about landing pads and about where the tips land."""

from collections.abc import Iterator

from shapely import Point

from fibplan.checks.regions import apart, layers, parts, region, words
from fibplan.checks.rule import ERROR, NOTE, PRACTICE, Found, rule
from fibplan.layout.clearance import gap_um, overlap_um2, polygon
from fibplan.model.base import PointUm
from fibplan.model.finding import RecipePath
from fibplan.model.layout import Part, Region, TipPlace
from fibplan.model.plan import Plan
from fibplan.model.recipe import Pad, Role

PROPOSED = "side: 10 um, width: 2 um, thickness: 500 nm, overlap: 500 nm, clearance: 100 nm"
"""Of a pad: a tip is placed to a few micrometres."""


@rule("pad-unroutable", ERROR)
def pads_have_a_way(plan: Plan) -> Iterator[Found]:
    """Every pad that is asked for has a way from its conductor to the chip's frame."""
    for index, pad in enumerate(plan.recipe.pads):
        if plan.layout is not None and region(plan, f"pad_{pad.terminal}") is None:
            message = (
                f"there is no way from the {words(pad.terminal)} to the frame that keeps {pad.clearance:g} um clear"
            )
            yield Found(("pads", index), message, "make the track narrower, place the lamella otherwise, or draw it")


@rule("pad-misses", ERROR)
def pads_meet_conductor(plan: Plan) -> Iterator[Found]:
    """Every pad lies on the conductor that it is for."""
    for index, pad, made in _pads(plan):
        conductor = region(plan, pad.terminal)
        if conductor is None or overlap_um2(made, conductor) <= 0:
            missed = f" by {gap_um(made, conductor):.3g} um" if conductor is not None else ""
            yield Found(("pads", index), f"the pad misses the {words(pad.terminal)}{missed}", "draw it onto it")


@rule("pad-touches", ERROR)
def pads_clear_of_others(plan: Plan) -> Iterator[Found]:
    """No pad touches an electrode, the bridge, the support, another pad or a conductor that it is not for."""
    for index, pad, made in _pads(plan):
        cap = pad.terminal == "protective_layer"
        strips = (Role.CURRENT_COLLECTOR,) if cap else (Role.ACTIVE_LAYER, Role.ELECTROLYTE, Role.PROTECTIVE_LAYER)
        others = [layer for layer in layers(plan) if layer.name in strips]
        for part in (Part.ELECTRODE, Part.BRIDGE, Part.SUPPORT, Part.PAD):
            others += [other for other in parts(plan, part) if other.name != made.name]
        for other in others:
            if gap_um(made, other) <= 0:
                message = f"the pad of the {words(pad.terminal)} {apart(made, other)}"
                yield Found(("pads", index), message, "draw it farther away")


@rule("tip-off-conductor", ERROR)
def tips_meet_conductor(plan: Plan) -> Iterator[Found]:
    """A tip whose place the recipe states lands on bare metal of its own conductor."""
    places = {tip.terminal: tip for tip in plan.layout.tips} if plan.layout is not None else {}
    for index, tip in enumerate(plan.recipe.tips):
        place = places.get(tip.terminal)
        if place is not None and not place.on:
            message = f"at [{tip.x:g}, {tip.y:g}] um there is no bare metal of the {words(tip.terminal)}"
            yield Found(("tips", index), message, "move it, or leave its place to the layout")


@rule("off-chip", ERROR)
def pads_and_tips_on_chip(plan: Plan) -> Iterator[Found]:
    """Pads and tips lie on the chip, where its card says how large that is."""
    if plan.layout is None or plan.layout.die_um is None:
        return
    die = polygon(plan.layout.die_um)
    for index, pad, made in _pads(plan):
        off = max((die.distance(Point(corner)), corner) for corner in made.outline_um)
        if off[0] > 0:
            message = f"the pad of the {words(pad.terminal)} leaves the chip by {off[0]:.3g} um, at {_at(off[1])}"
            yield Found(("pads", index), message, "draw it nearer to the window, or make it smaller")
    stated = {tip.terminal: index for index, tip in enumerate(plan.recipe.tips)}
    for place in plan.layout.tips:
        off_um = die.distance(Point(place.place_um))
        if off_um > 0:
            where = ("tips", stated[place.terminal]) if place.terminal in stated else _where(plan, place.terminal)
            message = f"the tip for the {words(place.terminal)} lands {off_um:.3g} um beside the chip"
            message += f", at {_at(place.place_um)}"
            yield Found(where, message, "give it a place on the chip under tips")


@rule("tip-over-membrane", NOTE, PRACTICE)
def tips_land_on_frame(plan: Plan) -> Iterator[Found]:
    """No tip lands where there is only the membrane under the metal: it may push through."""
    for place in plan.layout.tips if plan.layout is not None else ():
        if place.over_membrane:
            x, y = place.place_um
            message = f"the tip for the {words(place.terminal)} lands at [{x:.1f}, {y:.1f}] um, over the membrane"
            yield Found(_where(plan, place.terminal), message, _to_frame(plan, place))


def _where(plan: Plan, terminal: str) -> RecipePath:
    """The first path that names that terminal."""
    for name, path in plan.recipe.verification.items():
        for key in ("start", "end"):
            if getattr(path, key) == terminal:
                return "verification", name, key
    return ("verification",)


def _at(place_um: PointUm) -> str:
    x, y = place_um
    return f"[{x:g}, {y:g}] um"


def _to_frame(plan: Plan, place: TipPlace) -> str:
    """How that tip comes to land on the frame; for a conductor of the lamella a pad in the words of a recipe."""
    gently = "or approach in steps of some nanometres, with the membrane's sag in view"
    window = region(plan, "window")
    if place.terminal not in set(Role) or window is None:
        return f"give it a place over the frame under tips, {gently}"
    if any(pad.terminal == place.terminal for pad in plan.recipe.pads):
        return f"let its pad reach the frame, {gently}"
    track = polygon(window.outline_um).exterior.distance(Point(place.place_um))
    pad = f"pads: [{{terminal: {place.terminal}, {PROPOSED}}}]"
    adds = " and adds to what the bridge reads" if place.terminal == Role.CURRENT_COLLECTOR else ""
    return f"add a landing pad, whose track is {track:.0f} um long at the least{adds}: {pad}; {gently}"


def _pads(plan: Plan) -> Iterator[tuple[int, Pad, Region]]:
    for index, pad in enumerate(plan.recipe.pads):
        made = region(plan, f"pad_{pad.terminal}")
        if made is not None:
            yield index, pad, made
