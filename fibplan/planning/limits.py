"""The largest current each verification path may carry: its weakest cross-section times the safe current density."""

from fibplan.model.cards import Cards
from fibplan.model.plan import PathLimit
from fibplan.model.recipe import Recipe, Role

Section = tuple[str, float]
"""What is crossed, and its cross-section in m2."""


def path_limits(recipe: Recipe, cards: Cards, measured_thickness_m: float | None) -> tuple[PathLimit, ...]:
    """A limit for every path of a recipe that is measured electrically."""
    if cards.probe is None or measured_thickness_m is None:
        return ()
    density = cards.probe.safe_current_density
    limits: list[PathLimit] = []
    for name, path in recipe.verification.items():
        weakest, section = min(
            _sections(recipe, {path.start, path.end}, measured_thickness_m), key=lambda part: part[1]
        )
        limits.append(
            PathLimit(
                path=name,
                current_a=density.low * section,
                cross_section_m2=section,
                weakest=weakest,
                source=density.source,
            )
        )
    return tuple(limits)


def _sections(recipe: Recipe, terminals: set[str], thickness_m: float) -> list[Section]:
    """Every metal cross-section on the way; the strips of the lamella are as deep as it is thick."""
    sections: list[Section] = []
    if recipe.bridge is not None:
        sections.append(("bridge", recipe.bridge.width * 1e-6 * recipe.bridge.thickness))
    strips = {Role.CURRENT_COLLECTOR} | ({Role.PROTECTIVE_LAYER} if "protective_layer" in terminals else set())
    strips_met = [layer for layer in recipe.sample.stack if layer.role in strips]
    return [*sections, *((layer.name, layer.thickness * thickness_m) for layer in strips_met)]
