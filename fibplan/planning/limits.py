"""The largest current each verification path may carry, by hand: its weakest cross-section and its tips.

A plan holds this estimate, which costs nothing and which the rules go by. Before anything is energised the field has
its say too, see :mod:`fibplan.planning.field_limits`.
"""

from fibplan.model.cards import Cards, ProbeCard
from fibplan.model.plan import PathLimit
from fibplan.model.recipe import Recipe, Role

Section = tuple[str, float]
"""What is crossed, and its cross-section in m2."""


def path_limits(recipe: Recipe, cards: Cards, measured_thickness_m: float | None) -> tuple[PathLimit, ...]:
    """A limit for every path of a recipe that is measured electrically."""
    probe = cards.probe
    if probe is None or measured_thickness_m is None:
        return ()
    return tuple(
        least_of(
            [
                *(
                    limit_of(probe, name, part)
                    for part in _sections(recipe, {path.start, path.end}, measured_thickness_m)
                ),
                *_tip_limits(probe, name),
            ]
        )
        for name, path in recipe.verification.items()
    )


def limit_of(probe: ProbeCard, path: str, section: Section) -> PathLimit:
    """What a cross-section bears at the safe current density, its low end."""
    weakest, area_m2 = section
    density = probe.safe_current_density
    return PathLimit(
        path=path,
        current_a=density.low * area_m2,
        cross_section_m2=area_m2,
        weakest=weakest,
        source=density.source,
    )


def least_of(limits: list[PathLimit]) -> PathLimit:
    """The one that allows least."""
    return min(limits, key=lambda limit: limit.current_a)


def _tip_limits(probe: ProbeCard, path: str) -> list[PathLimit]:
    """What the assumed contact of a tip stands, its low end."""
    contact = probe.contact
    if contact is None:
        return []
    area = contact.width.expected**2
    return [
        PathLimit(
            path=path,
            current_a=contact.safe_current.low,
            cross_section_m2=area,
            weakest="contact of a tip",
            source=contact.safe_current.source,
        )
    ]


def _sections(recipe: Recipe, terminals: set[str], thickness_m: float) -> list[Section]:
    """Every metal cross-section on the way; the strips of the lamella are as deep as it is thick."""
    sections: list[Section] = []
    if recipe.bridge is not None:
        sections.append(("bridge", recipe.bridge.width * 1e-6 * recipe.bridge.thickness))
    strips = {Role.CURRENT_COLLECTOR} | ({Role.PROTECTIVE_LAYER} if "protective_layer" in terminals else set())
    strips_met = [layer for layer in recipe.sample.stack if layer.role in strips]
    return [*sections, *((layer.name, layer.thickness * thickness_m) for layer in strips_met)]
