"""The field of one path over everything in plan view, for drawing."""

from dataclasses import dataclass, replace

import numpy as np
from shapely.geometry.base import BaseGeometry

from fibplan.circuit.contributions import RESOLUTION
from fibplan.circuit.field.maps import FilmMap, film_map
from fibplan.circuit.field.paths import path
from fibplan.circuit.field.solution import solve
from fibplan.circuit.films import END, PAD, START, whole_stack
from fibplan.circuit.halo_films import HALO, with_halos
from fibplan.circuit.outlines import BRIDGE, CAP, COLLECTOR, tip_on
from fibplan.circuit.parameters import expected_values
from fibplan.model.base import PointUm
from fibplan.model.plan import Plan

TERMINALS = {COLLECTOR: END, CAP: CAP}


@dataclass(frozen=True)
class PathField:
    """One volt between the two tips of a path, every parameter at its expected value; lamella frame, um.

    ``films`` lie from bottom to top, each with its outline. A halo is among them as far as it conducts; beyond, and
    where the expected one conducts nowhere, it carries next to nothing. ``ohm`` is without the tips' own resistance.
    """

    films: tuple[tuple[FilmMap, BaseGeometry], ...]
    tips: tuple[PointUm, PointUm]
    ohm: float


def path_field(plan: Plan, name: str) -> PathField | None:
    """The field of that verification path; None where it is open.

    None also for a plan without a bridge or a cap, and for a path that does not lead from the one's electrode to
    collector or cap.
    """
    bridge, entry = plan.recipe.bridge, plan.recipe.verification[name]
    drawable = bridge is not None and entry.start == bridge.start and entry.end in TERMINALS
    if not drawable or plan.layout is None or plan.layout.named(CAP) is None or plan.measured_thickness_m is None:
        return None
    end = TERMINALS[entry.end]
    values = expected_values(plan)
    everything = with_halos(whole_stack(plan, values), plan, values)
    tips = tuple(terminal for terminal in everything.terminals if terminal.name in (START, end))
    stack = replace(everything, terminals=tips)
    solution = solve(stack, RESOLUTION.refined(2.0))
    found = path(solution, START, end)
    if not np.isfinite(found.ohm):
        return None
    held = stack.whole()
    free = [sheet for sheet in stack.sheets if sheet.name not in held]
    upper = [sheet for sheet in free if sheet.name.split(" ")[0] in (BRIDGE, PAD, HALO)]
    sheets = [*(sheet for sheet in free if sheet not in upper), *upper]
    films = tuple((film_map(solution.lattice, sheet.name, found.potentials), sheet.outline) for sheet in sheets)
    near, far = (tip_on(plan, terminal).centroid for terminal in (entry.start, entry.end))
    return PathField(films, ((near.x, near.y), (far.x, far.y)), found.ohm)
