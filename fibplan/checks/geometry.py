"""Rules about where things lie on the chip."""

from collections.abc import Iterator

from fibplan.checks.found import error, warning
from fibplan.layout.clearance import gap_um, margin_um, overlap_um2
from fibplan.model.finding import Finding
from fibplan.model.layout import Part, Region
from fibplan.model.plan import Plan
from fibplan.model.recipe import Role
from fibplan.units import show

LONGEST_GAP_UM = 5.0
"""Beyond this a bridge of ordinary section adds too much resistance (derived from the FIB-Pt resistivities)."""

HEAD_ROOM = 200e-9
"""Metres kept free under the facing chip."""


def lamella_in_window(plan: Plan) -> Iterator[Finding]:
    """The whole lamella lies over the window, with the chip's margin."""
    window, margin = _region(plan, "window"), plan.cards.echip.window.margin if plan.cards.echip else 0.0
    if window is None:
        return
    inside = min((margin_um(layer, window) for layer in _layers(plan)), default=margin)
    if inside < 0:
        yield error(
            "lamella-outside-window",
            ("lamella", "placement"),
            f"the lamella sticks out of the window by {-inside:.2f} um",
            "make it smaller or place it nearer to the window's centre",
        )
    elif inside < margin:
        yield warning(
            "lamella-near-window-edge",
            ("lamella", "placement"),
            f"the lamella lies {inside:.2f} um from the window's edge, under the margin of {margin:g} um",
            "place it nearer to the window's centre",
        )


def layers_off_electrodes(plan: Plan) -> Iterator[Finding]:
    """No electrode lies under the lamella: it would hide the active layer from the beam and short it."""
    for electrode in _parts(plan, Part.ELECTRODE):
        covered = sum(overlap_um2(layer, electrode) for layer in _layers(plan))
        if covered > 0:
            yield error(
                "lamella-on-electrode",
                ("lamella", "placement"),
                f"{covered:.2f} um2 of the lamella lie on the {_words(electrode)}",
                "move the lamella off the electrode",
            )


def bridge_meets_both(plan: Plan) -> Iterator[Finding]:
    """The bridge lies on its electrode and on the current collector."""
    bridge, recipe = _region(plan, "bridge"), plan.recipe.bridge
    if bridge is None or recipe is None:
        return
    electrode, collector = _region(plan, recipe.start), _region(plan, recipe.end)
    if electrode is None or overlap_um2(bridge, electrode) <= 0:
        distance = f" by {gap_um(bridge, electrode):.2f} um" if electrode is not None else ""
        yield error(
            "bridge-misses-electrode",
            ("bridge",),
            f"the bridge misses the {recipe.start.replace('_', ' ')}{distance}",
            "place the lamella so that its collector's near end faces the electrode",
        )
    if collector is None or overlap_um2(bridge, collector) <= 0:
        yield error(
            "bridge-misses-collector",
            ("bridge", "clearance"),
            "the bridge does not lie on the current collector",
            "use a clearance under the collector's thickness and an overlap_lamella above zero",
        )


def bridge_clear_of_others(plan: Plan) -> Iterator[Finding]:
    """The bridge touches neither the active layer, nor the cap, nor another electrode."""
    bridge, recipe = _region(plan, "bridge"), plan.recipe.bridge
    if bridge is None or recipe is None:
        return
    forbidden = [
        layer for layer in _layers(plan) if layer.name in (Role.ACTIVE_LAYER, Role.ELECTROLYTE, Role.PROTECTIVE_LAYER)
    ]
    forbidden += [electrode for electrode in _parts(plan, Part.ELECTRODE) if electrode.name != recipe.start]
    for other in forbidden:
        if gap_um(bridge, other) <= 0:
            yield error(
                "bridge-touches",
                ("bridge", "clearance"),
                f"the bridge covers {overlap_um2(bridge, other):.2f} um2 of the {_words(other)}",
                "give it more clearance, or another end of the lamella",
            )


def bridge_short_enough(plan: Plan) -> Iterator[Finding]:
    """The collector's end lies within a few micrometres of the electrode."""
    recipe = plan.recipe.bridge
    electrode, collector = _region(plan, recipe.start if recipe else ""), _region(plan, Role.CURRENT_COLLECTOR)
    if recipe is None or electrode is None or collector is None:
        return
    gap = gap_um(electrode, collector)
    if gap > LONGEST_GAP_UM:
        message = f"the collector ends {gap:.1f} um from the electrode"
        yield warning("bridge-long", ("lamella", "placement"), message, f"place it within {LONGEST_GAP_UM:g} um")


def support_holds(plan: Plan) -> Iterator[Finding]:
    """The support joins the substrate's edge to the membrane and touches no metal that matters."""
    support = _region(plan, "support")
    if support is None:
        return
    substrate, window = _region(plan, Role.SUBSTRATE), _region(plan, "window")
    if substrate is None or overlap_um2(support, substrate) <= 0:
        yield error(
            "support-misses-lamella", ("support",), "the support does not reach the substrate", "give it an overlap"
        )
    if window is None or margin_um(support, window) < 0:
        yield error("support-off-membrane", ("support",), "the support leaves the window", "move it along the lamella")
    metals = [*_parts(plan, Part.ELECTRODE), *_parts(plan, Part.BRIDGE)]
    metals += [layer for layer in _layers(plan) if layer.name in (Role.CURRENT_COLLECTOR, Role.PROTECTIVE_LAYER)]
    for other in metals:
        if gap_um(support, other) <= 0:
            message = f"the support touches the {_words(other)}"
            yield error("support-touches", ("support",), message, "move it away, or make it smaller")


def fits_under_facing_chip(plan: Plan) -> Iterator[Finding]:
    """Lamella and deposits fit under the facing chip, whose spacer keeps at least its own thickness."""
    chip = plan.cards.echip
    if chip is None or chip.gap is None or plan.layout is None:
        return
    gap = chip.gap - HEAD_ROOM
    thickness = plan.recipe.lamella.final_thickness
    for deposit in (*_parts(plan, Part.BRIDGE), *_parts(plan, Part.SUPPORT)):
        height = deposit.thickness_m + thickness
        if height > gap:
            message = f"the {_words(deposit)} stands {show(height, 'm')} high in a gap of {show(gap, 'm')}"
            yield error("too-high-for-gap", (str(deposit.part), "thickness"), message, "make it thinner")


def _region(plan: Plan, name: str) -> Region | None:
    return plan.layout.named(name) if plan.layout is not None else None


def _parts(plan: Plan, part: Part) -> tuple[Region, ...]:
    return plan.layout.of(part) if plan.layout is not None else ()


def _layers(plan: Plan) -> tuple[Region, ...]:
    return _parts(plan, Part.LAYER)


def _words(region: Region) -> str:
    return region.name.replace("_", " ")
