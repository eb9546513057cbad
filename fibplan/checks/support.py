"""Rules about the welds that hold the lamella on the membrane."""

from collections.abc import Iterator

from fibplan.checks.regions import apart, layers, region
from fibplan.checks.rule import ERROR, Found, rule
from fibplan.layout.clearance import beside_um2, gap_um, margin_um, overlap_um2
from fibplan.layout.support import admissible_position, kept_off, supports_of
from fibplan.model.finding import RecipePath
from fibplan.model.layout import Part, Region
from fibplan.model.plan import Plan
from fibplan.model.recipe import Role, Support


@rule("support-misses-lamella", ERROR)
def support_meets_substrate(plan: Plan) -> Iterator[Found]:
    """Every support lies on the substrate's edge."""
    substrate = region(plan, Role.SUBSTRATE)
    for where, recipe, support in _supports(plan):
        if substrate is None or overlap_um2(support, substrate) <= 0:
            missed = f" by {gap_um(support, substrate):.3g} um" if substrate is not None else ""
            message = f"the support does not reach the substrate{missed}"
            yield Found(where, message, _elsewhere(plan, recipe, support))


@rule("support-off-membrane", ERROR)
def support_on_membrane(plan: Plan) -> Iterator[Found]:
    """Every support lies on the membrane beside the lamella, and stays inside the window."""
    window = region(plan, "window")
    for where, recipe, support in _supports(plan):
        inside = margin_um(support, window) if window is not None else 0.0
        beside = beside_um2(support, layers(plan))
        if inside < 0:
            message = f"the support leaves the window by {-inside:.3g} um"
            yield Found(where, message, _elsewhere(plan, recipe, support))
        elif beside <= 0:
            on = overlap_um2(support, support) - beside
            message = f"all {on:.3g} um2 of the support lie on the lamella, which it holds to nothing"
            yield Found(where, message, "make it wider than its overlap")


@rule("support-touches", ERROR)
def support_clear_of_metal(plan: Plan) -> Iterator[Found]:
    """No support touches an electrode, the bridge, a pad, another support, the collector or the cap."""
    for where, recipe, support in _supports(plan):
        for other in _others(plan, support):
            if gap_um(support, other) <= 0:
                message = f"the support {apart(support, other)}"
                yield Found(where, message, _elsewhere(plan, recipe, support))


def _supports(plan: Plan) -> Iterator[tuple[RecipePath, Support, Region]]:
    """Where each support stands in the recipe, what the recipe says of it, and where it lies."""
    places: dict[str, Region] = {found.name: found for found in plan.layout.of(Part.SUPPORT)} if plan.layout else {}
    first = 0 if plan.recipe.support is None else 1
    for number, support in enumerate(supports_of(plan.recipe)):
        where: RecipePath = ("support",) if number < first else ("supports", number - first)
        name = "support" if number == 0 else f"support_{number + 1}"
        if name in places:
            yield where, support, places[name]


def _others(plan: Plan, support: Region) -> list[Region]:
    regions = plan.layout.regions if plan.layout is not None else ()
    return kept_off(plan.recipe, [entry for entry in regions if entry.name != support.name])


def _elsewhere(plan: Plan, support: Support, lies: Region) -> str:
    """The nearest position along the lamella that is fine, or what else to change."""
    chip = plan.cards.echip
    wanted = support.position if support.position is not None else plan.recipe.lamella.length / 2
    others = _others(plan, lies)
    position = admissible_position(plan.recipe, support, wanted, chip, others) if chip is not None else None
    return f"write position: {position:g} um" if position is not None else "make it smaller"
