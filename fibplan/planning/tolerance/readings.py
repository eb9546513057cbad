"""The two-probe resistance of every path for samples of everything that strays, and what is short."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely

from fibplan.circuit.films import BRIDGE, CAP, COLLECTOR, PAD, SLIVER_UM2, outline_of
from fibplan.circuit.halos import halo_closes
from fibplan.circuit.network import TIPS, Network, build_network, landed
from fibplan.circuit.parameters import CONTACT, Values, expected_values
from fibplan.circuit.solve import resistance_between
from fibplan.model.plan import Plan
from fibplan.planning.tolerance.displaced import displaced
from fibplan.planning.tolerance.spreads import MAKING, Array, Spread, spreads
from fibplan.units import UM


@dataclass(frozen=True)
class Readings:
    """Ohm between the tips, shape (paths, samples), infinite where open; what shorts the cap in which sample.

    The halo conducts all the way, or a deposit lies on both sides.
    """

    ohms: Array
    halo: Array
    touching: Array

    def of(self, samples: slice) -> "Readings":
        return Readings(self.ohms[:, samples], self.halo[samples], self.touching[samples])


def readings(plan: Plan, scores: Array) -> Readings:
    """What two tips would read on each sample; ``scores`` has a row a sample and a column a spread of the plan.

    Samples that differ in materials only share a geometry, and its field. All share the field of the plan's membrane:
    what is made elsewhere changes it by some 2 %, and the membrane's card spans four decades.
    """
    found = spreads(plan)
    making = [column for column, spread in enumerate(found) if spread.name in MAKING]
    paths = len(plan.recipe.verification)
    result = Readings(np.empty((paths, len(scores))), np.empty(len(scores)), np.empty(len(scores)))
    for geometry in _different(scores[:, making]):
        rows = np.flatnonzero((scores[:, making] == geometry).all(axis=1))
        one = _of_one_geometry(plan, found, scores[rows])
        result.ohms[:, rows], result.halo[rows], result.touching[rows] = one.ohms, one.halo, one.touching
    return result


def _different(rows: Array) -> list[Array]:
    """Every row once, in the order of first mention."""
    return [np.array(row) for row in dict.fromkeys(map(tuple, rows.tolist()))]


def _of_one_geometry(plan: Plan, found: tuple[Spread, ...], scores: Array) -> Readings:
    drawn = {spread.name: spread.at(scores[:, column]) for column, spread in enumerate(found)}
    made = displaced(plan, {name: float(drawn[name][0]) for name in MAKING if name in drawn})
    materials = {name: entry for name, entry in drawn.items() if name not in MAKING}
    values: Values = {**_broadcast(expected_values(plan), len(scores)), **materials}
    network = build_network(made, values, membrane_of=plan)
    area_um2 = _joined_um2(made)
    if area_um2 > SLIVER_UM2:
        across = values[CONTACT] / (area_um2 / UM**2)
        network.add_edge(COLLECTOR, CAP, role="touching", resistance=across)
    touching = np.full(len(scores), float(area_um2 > SLIVER_UM2))
    return Readings(_ohms(plan, network, values), halo_closes(made, values).astype(float), touching)


def _broadcast(values: Values, size: int) -> Mapping[str, Array]:
    return {name: np.broadcast_to(entry, size) for name, entry in values.items()}


def _ohms(plan: Plan, network: Network, values: Values) -> Array:
    size = max(entry.size for entry in values.values())
    paths = plan.recipe.verification.values()
    found = [resistance_between(landed(network, (path.start, path.end), values), *TIPS) for path in paths]
    return np.stack([np.broadcast_to(ohms, size) for ohms in found])


def _joined_um2(plan: Plan) -> float:
    """How much of bridge and collector's pad lies on cap and its pad."""
    near, far = (
        shapely.union_all([outline_of(plan, name) for name in names])
        for names in ((BRIDGE, COLLECTOR, f"{PAD}_{COLLECTOR}"), (CAP, f"{PAD}_{CAP}"))
    )
    return float(near.intersection(far).area)
