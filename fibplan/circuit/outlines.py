"""A plan's regions in the lamella's frame: where its films, its cuts and its tips lie, in um."""

from functools import lru_cache

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from fibplan.errors import Misuse
from fibplan.layout.clearance import polygon
from fibplan.layout.frame import to_lamella
from fibplan.layout.lamella import upright
from fibplan.model.base import PointUm
from fibplan.model.layout import Part, Region, TipPlace
from fibplan.model.plan import Plan
from fibplan.model.recipe import Placement
from fibplan.units import UM

TIP_UM = 0.2
"""A tip whose card states no contact touches a square of this side; chosen, as an etched wire ends in about as much."""
DIGITS = 4
"""Coordinates in um are rounded to so many digits, so that the layers of a turned lamella lie along the axes again."""

BRIDGE, COLLECTOR, CAP = "bridge", "current_collector", "protective_layer"
"""Names of regions: what joins the electrode to the lamella, and the layers that a tip can touch."""


def outline_of(plan: Plan, *names: str) -> BaseGeometry:
    """Every region with one of those names in the lamella's frame (um); empty where there is none."""
    return shapely.union_all([in_lamella(plan, region) for region in regions_of(plan) if region.name in names])


def in_lamella(plan: Plan, region: Region) -> BaseGeometry:
    """The region in the lamella's frame, where the layers lie along the axes.

    Raises :class:`Misuse` for a lamella that stands upright: its layers hide one another in plan view.
    """
    placement = plan.recipe.lamella.placement
    assert placement is not None
    if upright(plan.recipe):
        raise Misuse(
            "no field is solved for a lamella that stands upright, whose layers hide one another in plan view",
            where="lamella.placement.pose",
            remedy="lay it flat, or plan it without a bridge",
        )
    return _in_frame(region.outline_um, placement)  # pyright: ignore[reportArgumentType]  # pydantic hashes the frozen


@lru_cache(maxsize=1024)
def _in_frame(outline_um: tuple[PointUm, ...], placement: Placement) -> BaseGeometry:
    """Everything that is asked of a plan begins with the same few regions, so each is turned once."""
    return shapely.transform(to_lamella(polygon(outline_um), placement), lambda points: np.round(points, DIGITS))


def regions_of(plan: Plan) -> tuple[Region, ...]:
    """Every region of a plan that has a layout."""
    assert plan.layout is not None
    return plan.layout.regions


def through_cuts(plan: Plan) -> BaseGeometry:
    """Where a cut goes through the lamella (um); a shallower one parts the halo only."""
    assert plan.measured_thickness_m is not None
    return _cuts(plan, plan.measured_thickness_m)


def cuts(plan: Plan) -> BaseGeometry:
    """Where any cut lies (um)."""
    return _cuts(plan, 0.0)


def tip_at(plan: Plan, terminal: str) -> TipPlace | None:
    """Where the tip for that terminal lands; None where no path names it."""
    assert plan.layout is not None
    return next((tip for tip in plan.layout.tips if tip.terminal == terminal), None)


def tip_on(plan: Plan, terminal: str) -> BaseGeometry:
    """The square that the tip for that terminal touches (um); in the middle of it where no path names it."""
    placement = plan.recipe.lamella.placement
    assert placement is not None
    tip = tip_at(plan, terminal)
    if tip is None:
        spot = outline_of(plan, terminal).difference(outline_of(plan, BRIDGE)).centroid
    else:
        spot = to_lamella(shapely.box(*tip.place_um, *tip.place_um).buffer(TIP_UM / 4), placement).centroid
    return spot.buffer(tip_width_um(plan) / 2, cap_style="square")


def tip_width_um(plan: Plan) -> float:
    """Side of the square that a tip is assumed to touch."""
    contact = plan.cards.probe.contact if plan.cards.probe is not None else None
    return contact.width.expected * UM if contact is not None else TIP_UM


def _cuts(plan: Plan, least_m: float) -> BaseGeometry:
    found = [region for region in regions_of(plan) if region.part is Part.CUT and region.thickness_m >= least_m]
    return shapely.union_all([in_lamella(plan, region) for region in found])
