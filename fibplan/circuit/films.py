"""A plan as films in the lamella's frame: what conducts, where, and how well at given parameter values.

Taken as one potential each: the protective layer with its pad (some 100 ohm before the megaohms under it) and an
electrode whose material states no resistivity. Membrane, barrier and substrate are no films here but edges, see
:mod:`fibplan.circuit.isolation`. Films of one kind have one thickness; the faces of the lamella are as deep as it is
thick when it is measured.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from fibplan.circuit.field.films import (
    GREATEST_CONTACT,
    GREATEST_S,
    LEAST_CONTACT,
    LEAST_S,
    Array,
    FilmStack,
    Joint,
    Sheet,
    Terminal,
    Wall,
)
from fibplan.circuit.outlines import (
    BRIDGE,
    CAP,
    COLLECTOR,
    in_lamella,
    outline_of,
    regions_of,
    through_cuts,
    tip_at,
    tip_on,
)
from fibplan.circuit.parameters import (
    BETWEEN_METALS,
    CONTACT,
    COVERAGE,
    DEPOSIT,
    Values,
    electrode_film,
    resistivity_of,
)
from fibplan.model.layout import Part
from fibplan.model.plan import Plan
from fibplan.model.recipe import Layer, Role
from fibplan.units import UM

WALL_UM = 0.05
"""In plan view a film on a side wall is drawn so wide; its length along the wall is added to that."""
SLIVER_UM2 = 1e-4
"""Parts of a film smaller than this are left out: they are what rounding leaves where outlines abut."""

ELECTRODE, PAD = "electrode", "pad"
START, END = "start", "end"


@dataclass(frozen=True)
class Film:
    """A film with the parameter that it conducts by; on a side wall it climbs so many metres more than it is wide.

    ``edge`` is a line that it steps over within itself, and how high.
    """

    name: str
    outline: BaseGeometry
    resistivity: str
    thickness_m: float
    climbs_m: float = 0.0
    edge: tuple[BaseGeometry, float] | None = None

    def conductance(self, values: Values) -> Array:
        """Siemens per square in plan view, one entry a sample."""
        flat = self.thickness_m / values[self.resistivity]
        if not self.climbs_m:
            return flat
        return flat * WALL_UM / (WALL_UM + self.climbs_m * UM / coverage_of(values))

    def walls(self, values: Values) -> tuple[Wall, ...]:
        """The edge that it steps over, at values of one sample."""
        if self.edge is None:
            return ()
        line, height_m = self.edge
        return (Wall(line, height_m * UM, float(coverage_of(values)[0])),)


def coverage_of(values: Values) -> Array:
    """Thickness on a side wall over that on the flat, never more than it."""
    return np.minimum(values.get(COVERAGE, np.ones(1)), 1.0)


def leading_films(plan: Plan) -> list[Film]:
    """What leads from the electrode's tip to the collector's: electrode, bridge, collector and its pad."""
    bridge = plan.recipe.bridge
    strip = plan.recipe.sample.layer(Role.CURRENT_COLLECTOR)
    assert bridge is not None
    assert strip is not None
    assert plan.measured_thickness_m is not None
    assert plan.layout is not None
    electrode = plan.layout.named(bridge.start)
    assert electrode is not None
    start = Film(ELECTRODE, in_lamella(plan, electrode), electrode_film(plan), electrode.thickness_m)
    collector = outline_of(plan, COLLECTOR).difference(through_cuts(plan))
    films = [start, *_deposit(plan, BRIDGE, outline_of(plan, BRIDGE), bridge.thickness)]
    films.append(Film(COLLECTOR, collector, resistivity_of(strip), plan.measured_thickness_m))
    pad = plan.layout.named(f"pad_{COLLECTOR}")
    return films if pad is None else [*films, *_deposit(plan, PAD, in_lamella(plan, pad), pad.thickness_m)]


def leading_contacts(films: list[Film]) -> list[tuple[str, str]]:
    """Which of the films touch each other face to face."""
    names = {film.name for film in films}
    return [(BRIDGE, ELECTRODE), (BRIDGE, COLLECTOR), *([(PAD, COLLECTOR)] if PAD in names else [])]


def leading_stack(plan: Plan, values: Values) -> FilmStack:
    """The stack that leads from the tip on the electrode to the tip on the collector, at values of one sample."""
    films = leading_films(plan)
    bridge = plan.recipe.bridge
    assert bridge is not None
    tip = tip_at(plan, bridge.end)
    end = PAD if tip is not None and tip.on == f"pad_{COLLECTOR}" else COLLECTOR
    whole = electrode_film(plan) not in values
    return FilmStack(
        tuple(sheet_of(film, values) for film in films),
        leading_joints(films, values),
        (
            Terminal(START, ELECTRODE, None if whole else tip_on(plan, bridge.start)),
            Terminal(END, end, tip_on(plan, bridge.end)),
        ),
    )


def leading_joints(films: list[Film], values: Values) -> tuple[Joint, ...]:
    """Contacts by their conductance, and a film with its own parts on side walls as one."""
    contact = float(np.clip(1.0 / values[CONTACT][0], LEAST_CONTACT, GREATEST_CONTACT))
    walls = [film.name for film in films if film.climbs_m]
    return (
        *(Joint(one, other, contact) for one, other in leading_contacts(films)),
        *(Joint(name.split(" ")[0], name, np.inf) for name in walls),
    )


def sheet_of(film: Film, values: Values) -> Sheet:
    """The film at values of one sample, an insulator or a perfect conductor where a field could not tell it from one.

    One without a resistivity conducts anything, as it is held at one potential.
    """
    siemens = float(film.conductance(values)[0]) if film.resistivity in values else 1.0
    return Sheet(film.name, film.outline, min(siemens, GREATEST_S) if siemens >= LEAST_S else 0.0, film.walls(values))


def films_between(plan: Plan) -> list[tuple[Layer, Film]]:
    """The layers between collector and cap, from the collector up, less what a cut has taken."""
    assert plan.measured_thickness_m is not None
    taken, thickness = through_cuts(plan), plan.measured_thickness_m
    outlines = {region.label: in_lamella(plan, region) for region in regions_of(plan) if region.part is Part.LAYER}
    return [
        (layer, Film(layer.name, outlines[layer.name].difference(taken), resistivity_of(layer), thickness))
        for layer in plan.recipe.sample.stack
        if layer.role in BETWEEN_METALS
    ]


def between_stack(plan: Plan, place: int) -> FilmStack:
    """One layer between the metals, of one siemens per square, from its lower to its upper neighbour."""
    between = films_between(plan)
    rows = [outline_of(plan, COLLECTOR), *(film.outline for _, film in between), outline_of(plan, CAP)]
    film = between[place][1]
    return FilmStack(
        (Sheet(film.name, film.outline, 1.0),),
        (),
        (Terminal(START, film.name, rows[place]), Terminal(END, film.name, rows[place + 2])),
    )


def whole_stack(plan: Plan, values: Values) -> FilmStack:
    """Everything at once, for maps and as a check of the parts: leading films, layers and cap, with three tips."""
    leading = leading_films(plan)
    between = [film for _, film in films_between(plan)]
    top = plan.recipe.sample.layer(Role.PROTECTIVE_LAYER)
    assert top is not None
    assert plan.recipe.bridge is not None
    assert plan.measured_thickness_m is not None
    cap = Film(CAP, outline_of(plan, CAP, f"pad_{CAP}"), DEPOSIT, plan.measured_thickness_m)
    rows = [COLLECTOR, *(film.name for film in between), CAP]
    return FilmStack(
        tuple(sheet_of(film, values) for film in (*leading, *between, cap)),
        (*leading_joints(leading, values), *(Joint(one, other, np.inf) for one, other in pairwise(rows))),
        (*leading_stack(plan, values).terminals, Terminal(CAP, CAP, tip_on(plan, CAP))),
    )


def _deposit(plan: Plan, name: str, outline: BaseGeometry, thickness_m: float) -> list[Film]:
    """The deposit on the flat with its steps over the electrode's edge, and where it climbs the lamella's side wall."""
    assert plan.recipe.bridge is not None
    assert plan.measured_thickness_m is not None
    assert plan.layout is not None
    electrode = plan.layout.named(plan.recipe.bridge.start)
    assert electrode is not None
    lamella = shapely.union_all([in_lamella(plan, region) for region in plan.layout.of(Part.LAYER)])
    beside = lamella.buffer(WALL_UM, join_style="mitre").difference(lamella)
    wall, rest = _without_slivers(outline.intersection(beside)), _without_slivers(outline.difference(beside))
    if wall.is_empty or rest.is_empty:
        wall, rest = shapely.Polygon(), outline
    crossed = in_lamella(plan, electrode).boundary.intersection(rest)
    edge = shapely.union_all([part for part in shapely.get_parts(crossed) if part.length > WALL_UM])
    flat = Film(name, rest, DEPOSIT, thickness_m, edge=None if edge.is_empty else (edge, electrode.thickness_m))
    if wall.is_empty:
        return [flat]
    return [flat, Film(f"{name} on the lamella's wall", wall, DEPOSIT, thickness_m, plan.measured_thickness_m)]


def _without_slivers(shape: BaseGeometry) -> BaseGeometry:
    return shapely.union_all([part for part in shapely.get_parts(shape) if part.area > SLIVER_UM2])
