"""The resistances a plan should show between the tips, as intervals, with what each part adds."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from fibplan.circuit.network import Network, build_network, halo_closes, landed
from fibplan.circuit.parameters import Values, expected_values, parameters, sampled_values
from fibplan.circuit.solve import resistance_between
from fibplan.model.interval import Interval, Status, joined_sources, worst
from fibplan.model.plan import Expected, Plan
from fibplan.model.recipe import Above, VerificationPath

COVERAGE = 0.9
SAMPLES = 4000


def predict(plan: Plan, *, seed: int = 0, samples: int = SAMPLES) -> Expected | None:
    """Predicted two-probe resistances in ohm by path, or None for a plan without a bridge on a chip.

    The cards' intervals are sampled as independent split log-normals; low and high are the 5 % and 95 % quantiles,
    expected is the median. For an insulating path the samples in which the halo closes the gap are counted apart, as
    the probability of a short.
    """
    if plan.layout is None or plan.recipe.bridge is None or plan.measured_thickness_m is None:
        return None
    values = sampled_values(plan, seed, samples)
    network = build_network(plan, values)
    shorted = _shorted(plan, values, samples)
    paths = plan.recipe.verification
    return Expected(
        resistances={name: _resistance(plan, network, values, path, shorted) for name, path in paths.items()},
        contributions={name: _contributions(plan, path) for name, path in paths.items()},
        short_probability={
            name: float(shorted.mean()) for name, path in paths.items() if isinstance(path.criterion, Above)
        },
        seed=seed,
        samples=samples,
    )


def _shorted(plan: Plan, values: Values, samples: int) -> NDArray[np.bool_]:
    if "halo edge fraction" not in values or plan.recipe.bridge is None:
        return np.zeros(samples, dtype=bool)
    return halo_closes(plan, plan.recipe.bridge, values)


def _resistance(
    plan: Plan, network: Network, values: Values, path: VerificationPath, shorted: NDArray[np.bool_]
) -> Interval:
    ohms = resistance_between(landed(network, (path.start, path.end), values), "first tip", "second tip")
    if isinstance(path.criterion, Above) and not shorted.all():
        ohms = ohms[~shorted]
    return _interval(ohms, plan)


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


def _contributions(plan: Plan, path: VerificationPath) -> dict[str, float]:
    """Ohm of each kind of edge with every parameter at its expected value, those in series added up."""
    values = expected_values(plan)
    network = landed(build_network(plan, values), (path.start, path.end), values)
    insulating = isinstance(path.criterion, Above)
    roles: Mapping[str, list[float]] = _by_role(network, insulating=insulating)
    return {role: sum(ohms) for role, ohms in roles.items()}


def _by_role(network: Network, *, insulating: bool) -> dict[str, list[float]]:
    between = {"active_layer", "electrolyte", "halo"}
    found: dict[str, list[float]] = {}
    for _, _, data in network.edges(data=True):
        if insulating or data["role"] not in between:
            found.setdefault(data["role"], []).append(float(data["resistance"][0]))
    return found
