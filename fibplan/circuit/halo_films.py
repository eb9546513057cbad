"""Halos as films of a stack, out to where they conduct: for maps of where a leak runs."""

from dataclasses import replace

import numpy as np
import shapely
from shapely import Polygon

from fibplan.circuit.field.contacts import overlap_of
from fibplan.circuit.field.films import FilmStack, Joint, Sheet
from fibplan.circuit.field.halo import Halo
from fibplan.circuit.films import PAD
from fibplan.circuit.halos import halo_edge_m, halo_extent_um
from fibplan.circuit.outlines import CAP, COLLECTOR, cuts, in_lamella
from fibplan.circuit.parameters import CONTACT, DEPOSIT, Values
from fibplan.layout.sides import deposits
from fibplan.model.layout import Region
from fibplan.model.plan import Plan

HALO = "halo"
LEAST_UM = 0.02
"""A halo that conducts less far is left out: it joins nothing that its deposit does not touch."""
SMALLEST_UM2 = 1e-3
FILM_OF = {f"{PAD}_{COLLECTOR}": PAD, f"{PAD}_{CAP}": CAP}


def with_halos(stack: FilmStack, plan: Plan, values: Values) -> FilmStack:
    """The stack with the halos of its deposits over it, at values of one sample; the same where none conducts.

    A halo is one film with its deposit, and lies on all else with the contact of the deposit.
    """
    assert plan.layout is not None
    if HALO not in {name.split(" ")[0] for name in values}:
        return stack
    names = {sheet.name for sheet in stack.sheets}
    for deposit in deposits(plan.layout):
        sheet = _film(plan, deposit, values)
        own = FILM_OF.get(deposit.name, deposit.name)
        if sheet is not None and own in names:
            stack = _over(stack, sheet, own, float(1.0 / values[CONTACT][0]))
    return stack


def _film(plan: Plan, deposit: Region, values: Values) -> Sheet | None:
    extent = float(halo_extent_um(plan, deposit.name, values)[0])
    metal = in_lamella(plan, deposit)
    if extent < LEAST_UM or not isinstance(metal, Polygon):
        return None
    film = metal.buffer(extent).difference(shapely.union_all([metal, cuts(plan)]))
    edge_s = float((halo_edge_m(plan, deposit.name, values) / values[DEPOSIT])[0])
    decay_um = float(values["halo decay length"][0]) * 1e6
    conductance = Halo(metal, edge_s, decay_um, conducts_to_um=np.inf, residual_s=0.0)
    return Sheet(f"{HALO} of the {deposit.name}", film, conductance)


def _over(stack: FilmStack, halo: Sheet, own: str, contact: float) -> FilmStack:
    parts = [name for name in (sheet.name for sheet in stack.sheets) if name == own or name.startswith(f"{own} on ")]
    under = [
        sheet.name
        for sheet in stack.sheets
        if sheet.name not in parts and overlap_of(sheet.outline, halo.outline).area > SMALLEST_UM2
    ]
    joints = [*(Joint(part, halo.name, np.inf) for part in parts), *(Joint(name, halo.name, contact) for name in under)]
    return replace(stack, sheets=(*stack.sheets, halo), joints=(*stack.joints, *joints))
