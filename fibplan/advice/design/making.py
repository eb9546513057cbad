"""From a design to the plan that makes it: the bridge, the current that its area wants, and its cuts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TypeVar

from fibplan.advice.design.isolation import may_be_cut, with_cuts
from fibplan.advice.design.landings import drawn_outline, possible_landings
from fibplan.advice.design.space import AS_WRITTEN, Design, Landing, Space, plan_view_values, thickness_values
from fibplan.advice.wording import placed
from fibplan.checks.instruments import currents_at
from fibplan.checks.rules import check
from fibplan.layout.clearance import polygon
from fibplan.layout.lamella import layer_span_um
from fibplan.milling.deposition import current_window, recommended_aperture
from fibplan.model.fib_card import Aperture
from fibplan.model.finding import Finding, Severity
from fibplan.model.layout import Part
from fibplan.model.plan import Operation, Plan
from fibplan.model.recipe import Bridge, Recipe, Role
from fibplan.model.steps import Deposit, IsolationCut, StepBase
from fibplan.planning.deposits import pattern_um2
from fibplan.planning.expand import expand
from fibplan.planning.tolerance.spreads import MAKING, spreads

Marking = TypeVar("Marking", Bridge, Deposit)

MOST_PATCHES = 8
"""Into so many patterns a bridge is divided at the most; chosen."""

WRITTEN = {
    "width_um": "width",
    "thickness_m": "thickness",
    "overlap_electrode_um": "overlap_electrode",
    "overlap_lamella_um": "overlap_lamella",
}
"""The numbers of a design as a recipe calls them."""


@dataclass(frozen=True)
class Workshop:
    """Makes plans of designs for one plan, and says whether the rules let them pass."""

    plan: Plan

    @cached_property
    def known(self) -> frozenset[tuple[str, str]]:
        """Errors and warnings of the recipe as it is."""
        return troubles(self.plan.recipe, check(self.plan))

    def allowed(self, design: Design) -> Plan | None:
        """The plan of the design; None where it cannot be made, or brings an error or a warning that was not there."""
        plan = made(self.plan, design)
        if plan is None or not troubles(plan.recipe, check(plan)) <= self.known:
            return None
        return plan

    def space(self) -> Space:
        """What may move: of a drawn bridge only its thickness, overlaps only where something is known to stray.

        No bridge is made wider than what lies under it from the substrate's edge to the collector.
        """
        bridge, length = self.plan.recipe.bridge, self.plan.recipe.lamella.length
        assert bridge is not None
        _, top = layer_span_um(self.plan.recipe.sample, Role.CURRENT_COLLECTOR) or (0.0, 0.0)
        stated = any(
            _is_bridge(step) and getattr(step, "thickness", None) is not None for step in self.plan.recipe.steps
        )
        values = {} if stated else {"thickness_m": thickness_values(bridge.thickness)}
        drawn = bridge.outline_um is not None
        strays = any(spread.name in MAKING for spread in spreads(self.plan))
        if not drawn:
            values["width_um"] = plan_view_values(bridge.width, top - bridge.clearance)
            if strays:
                values["overlap_electrode_um"] = plan_view_values(bridge.overlap_electrode)
                values["overlap_lamella_um"] = plan_view_values(bridge.overlap_lamella, length / 2)
        held = [
            *(["thickness: the step that deposits the bridge writes its own"] if stated else []),
            *(["width, overlaps and landing: the bridge is drawn"] if drawn else []),
            *(["overlaps: no card says how far anything strays when it is made"] if not strays else []),
            *(["cuts: the recipe has its own"] if not may_be_cut(self.plan) else []),
        ]
        landings = (AS_WRITTEN,) if drawn else tuple(self._landings(bridge))
        return Space(Design.of(bridge), values, landings, may_be_cut(self.plan), tuple(held))

    def _landings(self, bridge: Bridge) -> Iterator[Landing]:
        """Those that lay the bridge differently, and that the rules let pass."""
        seen: set[str] = set()
        for landing in possible_landings(self.plan):
            plan = self.allowed(Design.of(bridge)._replace(landing=landing))
            outline = outline_of(plan) if plan is not None else None
            if landing == AS_WRITTEN or (outline is not None and outline not in seen):
                yield landing
            seen.add(outline or "")


def made(plan: Plan, design: Design) -> Plan | None:
    """The plan with that bridge; the plan itself for the design that it has. None where there is no such way or cut."""
    bridge = plan.recipe.bridge
    assert bridge is not None
    if design == Design.of(bridge):
        return plan
    marked = marks(plan.recipe)
    changed = _bridge(plan, bridge, design)
    if changed is None:
        return None
    recipe = plan.recipe.model_copy(update={"bridge": _marked(bridge, changed) if marked else changed})
    grown = _with_current(expand(recipe, plan.cards), marked=marked)
    if not design.cut:
        return grown
    cut = with_cuts(grown, marked=marked)
    return expand(cut, plan.cards) if cut is not None else None


def deposition_s(plan: Plan) -> float:
    """Expected seconds for the bridge and its cuts, with what person and stage take."""
    return sum(operation.duration_s.expected for operation in deposition(plan))


def deposition(plan: Plan) -> tuple[Operation, ...]:
    """The operations that deposit the bridge, and every isolation cut."""
    return tuple(entry for entry in plan.operations if _is_bridge(entry.step) or isinstance(entry.step, IsolationCut))


def outline_of(plan: Plan) -> str:
    """The bridge as it is laid out, whichever corner it begins at."""
    assert plan.layout is not None
    return ", ".join(polygon(entry.outline_um).normalize().wkt for entry in plan.layout.of(Part.BRIDGE))


def troubles(recipe: Recipe, findings: Iterable[Finding]) -> frozenset[tuple[str, str]]:
    """Errors and warnings by code and place, with names for places in lists."""
    told = (found for found in findings if found.severity is not Severity.NOTE)
    return frozenset((found.code, placed(recipe, found.path)) for found in told)


def marks(recipe: Recipe) -> bool:
    """Whether the recipe marks what is not in its source."""
    parts = [*recipe.steps, *recipe.sample.stack, recipe.lamella, recipe.bridge, recipe.support]
    return any(part is not None and part.assumed for part in parts)


def _bridge(plan: Plan, bridge: Bridge, design: Design) -> Bridge | None:
    numbers = {key: getattr(design, name) for name, key in WRITTEN.items()}
    changed = bridge.model_copy(update=numbers)
    match design.landing.kind:
        case "written":
            return changed
        case "straight" | "nearest":
            return changed.model_copy(update={"route": design.landing.kind})
        case "far_end" | "edge":
            outline = drawn_outline(plan, changed, design.landing)
            return changed.model_copy(update={"outline_um": outline}) if outline is not None else None


def _with_current(plan: Plan, *, marked: bool) -> Plan:
    """The plan with a current that the bridge's area bears, in as few patterns as can be, where its own is not one."""
    own = [operation.step for operation in plan.operations if _is_bridge(operation.step)]
    if len(own) != 1 or not isinstance(own[0], Deposit):
        return plan
    step = own[0]
    changed = next(_fitting(plan, step), step)
    if changed == step:
        return plan
    new = _marked(step, changed) if marked else changed
    steps = tuple(new if each.name == step.name else each for each in plan.recipe.steps)
    return expand(plan.recipe.model_copy(update={"steps": steps}), plan.cards)


def _fitting(plan: Plan, step: Deposit) -> Iterator[Deposit]:
    """The step as it is where its current density is in the card's window, or else with other currents and patterns."""
    process = plan.cards.gis.process(step.process) if plan.cards.gis is not None else None
    most = plan.cards.echip.window.beam_current_advised if plan.cards.echip is not None else 0.0
    currents = [current for current in currents_at(plan, step) if current <= max(most, step.beam_current)]
    for patches, others in product(range(step.patches, MOST_PATCHES + 1), (False, True)):
        divided = step.model_copy(update={"patches": patches})
        area = pattern_um2(divided, plan.recipe, plan.layout)
        window = current_window(process, area) if process is not None else None
        if window is None:
            yield step
            return
        current = recommended_aperture(_apertures(currents if others else [step.beam_current]), window)
        if current is not None:
            yield divided.model_copy(update={"beam_current": current})


def _apertures(currents: Sequence[float]) -> list[Aperture]:
    return [Aperture.model_construct(beam_current=amperes) for amperes in currents]


def _marked(before: Marking, after: Marking) -> Marking:
    """With every field that changed among those that are not the source's."""
    names = [name for name in type(after).model_fields if getattr(before, name) != getattr(after, name)]
    assumed = (*after.assumed, *(name for name in names if name not in after.assumed))
    return after.model_copy(update={"assumed": assumed})


def _is_bridge(step: StepBase) -> bool:
    return isinstance(step, Deposit) and step.makes == "bridge"
