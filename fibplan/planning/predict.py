"""The resistances a plan should show between the tips, as intervals, with what each part adds."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from fibplan.circuit.halos import halo_closes
from fibplan.circuit.network import LEAKS, TIPS, Network, build_network, landed, leak_ohms
from fibplan.circuit.parameters import Values, expected_values, parameters, sampled_values
from fibplan.circuit.solve import resistance_between
from fibplan.errors import Misuse
from fibplan.model.interval import Interval, Status, joined_sources, worst
from fibplan.model.path import Above, VerificationPath
from fibplan.model.plan import Expected, Plan

COVERAGE = 0.9
SAMPLES = 4000
OPEN_OHM = 1e24
"""What an open counts as, since files hold finite numbers: more than any film of the cards has."""
NUDGE = 1.01
"""By so much each part is made more resistive, to see what the whole makes of it."""


def predict(plan: Plan, *, seed: int = 0, samples: int = SAMPLES) -> Expected | None:
    """Predicted two-probe resistances in ohm by path, or None for a plan without a bridge on a chip.

    The cards' intervals are sampled as independent split log-normals; low and high are the 5 % and 95 % quantiles,
    expected is the median; an open counts as ``OPEN_OHM``. For an insulating path the samples in which the halo closes
    the gap are counted apart, as the probability of a short. Only materials are sampled, on the geometry of the plan:
    misplacement and tolerances are not in these intervals: :mod:`fibplan.planning.tolerance` is about those. Raises
    :class:`Misuse` for a lamella that stands upright, and for a seed below zero.
    """
    if seed < 0:
        raise Misuse(f"the seed {seed} is below zero", where="--seed", remedy="choose one from 0 up")
    if plan.layout is None or plan.recipe.bridge is None or plan.measured_thickness_m is None:
        return None
    values = sampled_values(plan, seed, samples)
    network = build_network(plan, values)
    shorted = halo_closes(plan, values)
    paths = plan.recipe.verification
    return Expected(
        resistances={name: _resistance(plan, network, values, path, shorted) for name, path in paths.items()},
        contributions={name: _contributions(plan, path) for name, path in paths.items()},
        shares={name: resistance_shares(plan, path) for name, path in paths.items()},
        short_probability={
            name: float(shorted.mean()) for name, path in paths.items() if isinstance(path.criterion, Above)
        },
        seed=seed,
        samples=samples,
    )


def _resistance(
    plan: Plan, network: Network, values: Values, path: VerificationPath, shorted: NDArray[np.bool_]
) -> Interval:
    ohms = resistance_between(landed(network, (path.start, path.end), values), *TIPS)
    if isinstance(path.criterion, Above) and not shorted.all():
        ohms = ohms[~shorted]
    return _interval(np.minimum(ohms, OPEN_OHM), plan)


def _interval(ohms: NDArray[np.float64], plan: Plan) -> Interval:
    low, expected, high = np.quantile(ohms, [(1 - COVERAGE) / 2, 0.5, (1 + COVERAGE) / 2], method="lower")
    used = parameters(plan).values()
    status = worst([Status.DERIVED, *(interval.status for interval in used)])
    return Interval(
        low=float(low),
        expected=float(expected),
        high=float(high),
        unit="ohm",
        coverage=COVERAGE,
        source=joined_sources(used),
        status=status,
    )


def resistance_shares(plan: Plan, path: VerificationPath) -> dict[str, float]:
    """``d ln R / d ln r`` of each kind of part with every parameter at its expected value; they sum to one.

    What lies in series counts with its part of the resistance, what lies side by side with its part of the current.
    Empty for an open.
    """
    values = expected_values(plan)
    network = landed(build_network(plan, values), (path.start, path.end), values)
    whole = _between_tips(network)
    if not np.isfinite(whole):
        return {}
    roles = dict.fromkeys(data["role"] for _, _, data in network.edges(data=True))
    return {role: float(np.log(_between_tips(_nudged(network, role)) / whole) / np.log(NUDGE)) for role in roles}


def _nudged(network: Network, role: str) -> Network:
    nudged = network.copy()
    for _, _, data in nudged.edges(data=True):
        if data["role"] == role:
            data["resistance"] = data["resistance"] * NUDGE
    return nudged


def _between_tips(network: Network) -> float:
    return float(resistance_between(network, *TIPS)[0])


def _contributions(plan: Plan, path: VerificationPath) -> dict[str, float]:
    """Ohm of each kind of edge with every parameter at its expected value: series added up, leaks side by side."""
    values = expected_values(plan)
    network = landed(build_network(plan, values), (path.start, path.end), values)
    insulating = isinstance(path.criterion, Above)
    roles: Mapping[str, list[float]] = _by_role(network, insulating=insulating)
    leaks = {role: float(ohm[0]) for role, ohm in leak_ohms(network).items()} if insulating else {}
    found = {**{role: sum(ohms) for role, ohms in roles.items()}, **leaks}
    return {role: min(ohm, OPEN_OHM) for role, ohm in found.items()}


def _by_role(network: Network, *, insulating: bool) -> dict[str, list[float]]:
    between = {"active_layer", "electrolyte", *LEAKS}
    found: dict[str, list[float]] = {}
    for _, _, data in network.edges(data=True):
        if insulating or data["role"] not in between:
            found.setdefault(data["role"], []).append(float(data["resistance"][0]))
    return found
