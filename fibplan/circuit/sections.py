"""Where each metal film on a path is narrowest to the current that the field drives through it.

A cross-section is averaged along a line of one potential, so that a sharp corner, where the density grows without
limit as the grid is refined, counts only with its part. What spreads around the assumed tips is left out: the tip's
own contact has a limit of its own.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import shapely

from fibplan.circuit.contributions import RESOLUTION
from fibplan.circuit.field.films import FilmStack, Terminal
from fibplan.circuit.field.paths import Path, path
from fibplan.circuit.field.solution import solve
from fibplan.circuit.films import (
    ELECTRODE,
    END,
    PAD,
    START,
    Film,
    coverage_of,
    leading_contacts,
    leading_films,
    leading_stack,
)
from fibplan.circuit.outlines import CAP, COLLECTOR, tip_on
from fibplan.circuit.parameters import COVERAGE, Values, expected_values, parameters
from fibplan.layout.lamella import upright
from fibplan.model.plan import Plan
from fibplan.units import UM

SPREAD_UM = 1.0
"""So far around a tip its current spreads in the film under it; chosen: more than the collector's strip is wide."""


@dataclass(frozen=True)
class FilmSection:
    """The section in m2 that the whole current of a path would cross as densely as it does where ``part`` is
    narrowest."""

    part: str
    area_m2: float


def film_sections(plan: Plan, name: str) -> tuple[FilmSection, ...]:
    """Of every metal film, step and contact from the electrode to the collector, each where it is narrowest.

    Whatever flows to the cap came that way, over its leak or over a short. Materials are at their expected values, side
    walls as poorly covered as the card allows. None where there is no field: without a bridge, for an upright lamella,
    for a path between other conductors, or where the bridge is open.
    """
    found = _field(plan, name)
    if found is None or not np.isfinite(found.ohm):
        return ()
    beside_pad = plan.recipe.verification[name].end == CAP
    films = [film for film in leading_films(plan) if not (beside_pad and film.name.startswith(PAD))]
    coverage = float(coverage_of(_worst_covered(plan))[0])
    sections = [_narrowest(found, film, coverage) for film in films if film.name != ELECTRODE]
    steps = [_step(film, coverage) for film in films if film.edge is not None]
    contacts = [_contact(films, pair) for pair in leading_contacts(films)]
    return tuple(section for section in (*sections, *steps, *contacts) if section is not None)


def _field(plan: Plan, name: str) -> Path | None:
    """One volt from the whole electrode to where the tip's current has spread in the collector or its pad."""
    bridge, entry = plan.recipe.bridge, plan.recipe.verification[name]
    if bridge is None or plan.layout is None or plan.measured_thickness_m is None or upright(plan.recipe):
        return None
    if entry.start != bridge.start or entry.end not in (COLLECTOR, CAP) or plan.layout.named(COLLECTOR) is None:
        return None
    stack = leading_stack(plan, _worst_covered(plan))
    around = tip_on(plan, COLLECTOR).buffer(SPREAD_UM, join_style="mitre")
    ends = (Terminal(START, ELECTRODE), replace(stack.terminals[1], region=around))
    return _path(replace(stack, terminals=ends))


@lru_cache(maxsize=4)
def _path(stack: FilmStack) -> Path:
    """Both paths of a plan, and every probing step of each, ask for the same one."""
    return path(solve(stack, RESOLUTION), START, END)


def _worst_covered(plan: Plan) -> Values:
    values, found = expected_values(plan), parameters(plan)
    return {**values, COVERAGE: np.array([found[COVERAGE].low])} if COVERAGE in found else values


def _narrowest(found: Path, film: Film, coverage: float) -> FilmSection | None:
    section = found.narrowest(film.name)
    if section is None:
        return None
    thickness = film.thickness_m * (coverage if film.climbs_m else 1.0)
    return FilmSection(film.name, section.width_um / UM * thickness)


def _step(film: Film, coverage: float) -> FilmSection:
    """Where the film steps over an edge, as long as the shortest run of that edge under it."""
    assert film.edge is not None
    line, _ = film.edge
    runs = shapely.get_parts(shapely.line_merge(line))
    length = min(float(run.length) for run in runs)
    return FilmSection(f"{film.name} over the electrode's edge", length / UM * film.thickness_m * coverage)


def _contact(films: list[Film], pair: tuple[str, str]) -> FilmSection | None:
    """The overlap of the two films; None where one of them is left out, or they do not touch."""
    outlines = [film.outline for film in films if film.name in pair]
    if len(outlines) < len(pair):
        return None
    area = outlines[0].intersection(outlines[1]).area
    return FilmSection(f"contact of {' and '.join(pair)}", area / UM**2) if area > 0 else None
