"""How much of which material a step removes, layer by layer, from its geometry and the sample's stack."""

from typing import NamedTuple

from fibplan.model.fib_card import Pattern, Patterns
from fibplan.model.recipe import Recipe, Role, Sample
from fibplan.model.steps import (
    CleaningCrossSection,
    IsolationCut,
    MillNotch,
    MillTrench,
    Polish,
    Removal,
    Thin,
    Undercut,
)
from fibplan.units import UM


class Removed(NamedTuple):
    """A volume of one material, in um3."""

    material: str
    volume_um3: float


def scan_of(step: Removal, patterns: Patterns) -> Pattern | None:
    """How the step's way of scanning differs from a plain box, or None where it does not."""
    match step:
        case MillTrench(profile="stair_step"):
            return patterns.stair_step
        case CleaningCrossSection():
            return patterns.cleaning_cross_section
        case _:
            return None


def removed_by(
    step: Removal, recipe: Recipe, before_m: float | None, *, patterns: Patterns, deposited: str
) -> list[Removed]:
    """What ``step`` takes away.

    ``before_m`` is the lamella's thickness when the step begins (None while it is still bulk), ``deposited`` the
    material of the film that an isolation cut goes through.
    """
    sample, scan = recipe.sample, scan_of(step, patterns)
    share = scan.volume.expected if scan is not None else 1.0
    match step:
        case MillTrench():
            area = step.length * step.width * step.sides * share
            return [Removed(name, area * depth) for name, depth in below_surface(sample, step.depth)]
        case CleaningCrossSection():
            area = step.length * thickness_off(step.leaves, before_m) * share
            return [Removed(name, area * depth) for name, depth in below_surface(sample, step.depth)]
        case Thin() | Polish():
            area = recipe.lamella.length * thickness_off(step.leaves, before_m)
            return [Removed(layer.material, area * layer.thickness * UM) for layer in sample.stack]
        case Undercut():
            return [Removed(sample.stack[0].material, step.length * step.width * step.depth * UM)]
        case MillNotch():
            return _notched(recipe, before_m or 0.0)
        case IsolationCut():
            return [Removed(deposited, step.length * step.width * step.depth * UM)]


def _notched(recipe: Recipe, thickness_m: float) -> list[Removed]:
    """All that lies above the collector, over the length of the bridge's notch, through a slab of that thickness."""
    notch = recipe.bridge.notch if recipe.bridge is not None else None
    roles = [layer.role for layer in recipe.sample.stack]
    if notch is None or Role.CURRENT_COLLECTOR not in roles:
        return []
    face = min(notch.length, recipe.lamella.length) * thickness_m * UM
    above = recipe.sample.stack[roles.index(Role.CURRENT_COLLECTOR) + 1 :]
    return [Removed(layer.material, face * layer.thickness * UM) for layer in above]


def aspect_ratio(step: Removal) -> float:
    """Depth over width of a confined cut; a cut that is open to a trench is not confined, its ratio is zero."""
    if isinstance(step, MillTrench | Undercut | IsolationCut):
        return step.depth * UM / min(step.width, step.length)
    return 0.0


def thickness_off(leaves_m: float, before_m: float | None) -> float:
    """Micrometres taken off both faces together; none where the step would leave more than there is."""
    return max(0.0, (before_m or leaves_m) - leaves_m) * UM


def below_surface(sample: Sample, depth_m: float) -> list[tuple[str, float]]:
    """Material and depth in um of each layer from the sample's surface down, beside the cap.

    A cut deeper than the stack goes on in the substrate.
    """
    left = depth_m * UM
    cut: list[tuple[str, float]] = []
    for layer in reversed(sample.stack):
        if layer.role is Role.PROTECTIVE_LAYER:
            continue
        through = left if layer is sample.stack[0] else min(left, layer.thickness * UM)
        if through > 0:
            cut.append((layer.material, through))
        left -= through
    return cut
