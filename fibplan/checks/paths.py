"""Rules about the verification paths: between which conductors, and what decides."""

from collections.abc import Iterator

from fibplan.checks.rule import ERROR, PRACTICE, WARNING, Found, at, rule
from fibplan.model.path import ELECTRODES, Above, Below, VerificationPath
from fibplan.model.plan import Plan
from fibplan.model.steps import Measure, Transfer
from fibplan.units import show
from fibplan.verification.probing import all_paths, isolation_paths

FARTHEST_MARGINAL = 100.0
"""A marginal limit farther than this factor from the limit for a pass tells nothing apart."""


@rule("terminal-missing", ERROR)
def terminals_exist(plan: Plan) -> Iterator[Found]:
    """Every path ends on a layer that the stack has, or on an electrode that the chip has."""
    chip, layers = plan.cards.echip, {layer.role.value for layer in plan.recipe.sample.stack}
    for name, end, terminal in _ends(plan):
        if terminal not in ELECTRODES and terminal not in layers:
            yield Found(("verification", name, end), f"the stack has no {_words(terminal)}", "give a layer that role")
        if terminal in ELECTRODES and chip is not None and chip.electrode(terminal) is None:
            message = f"{chip.title} has no {_words(terminal)}"
            yield Found(("verification", name, end), message, "name a chip that has one")


@rule("path-goes-nowhere", ERROR)
def paths_lead_somewhere(plan: Plan) -> Iterator[Found]:
    """Every path goes from one conductor to another."""
    for name, path in plan.recipe.verification.items():
        if path.start == path.end:
            yield Found(("verification", name, "end"), "the path ends where it starts", "name two conductors")


@rule("path-beside-bridge", ERROR)
def conducting_through_bridge(plan: Plan) -> Iterator[Found]:
    """A path that must conduct leads over the bridge: no other metal joins two terminals."""
    bridge = plan.recipe.bridge
    for name, path in plan.recipe.verification.items():
        if isinstance(path.criterion, Below) and bridge is not None and _joined(path) != {bridge.start, bridge.end}:
            message = f"no metal leads from the {_words(path.start)} to the {_words(path.end)}"
            remedy = f"measure from the {_words(bridge.start)} to the {_words(bridge.end)}, which the bridge joins"
            yield Found(("verification", name, "end"), message, remedy)


@rule("path-shorted", ERROR)
def insulating_between_conductors(plan: Plan) -> Iterator[Found]:
    """A path that must insulate ends on what the bridge joins, but does not lead over it, which is one conductor."""
    bridge = plan.recipe.bridge
    for name, path in plan.recipe.verification.items():
        ends = _joined(path)
        beside = bridge is not None and not ends & {bridge.start, bridge.end} and not ends <= set(ELECTRODES)
        if isinstance(path.criterion, Above) and bridge is not None and beside:
            message = f"nothing of the bridge is on the way from the {_words(path.start)} to the {_words(path.end)}"
            remedy = f"measure from the {_words(bridge.start)}, or the path insulates whatever leaks"
            yield Found(("verification", name, "start"), message, remedy)
        if isinstance(path.criterion, Above) and bridge is not None and _joined(path) == {bridge.start, bridge.end}:
            message = f"the bridge joins the {_words(path.start)} to the {_words(path.end)}"
            yield Found(("verification", name, "end"), message, "measure to the protective layer")


@rule("path-missing", ERROR, "Bhatia et al., Small Methods 6 (2022) 2100891: both paths decide")
def both_paths_verified(plan: Plan) -> Iterator[Found]:
    """A lamella on a chip is accepted only on both paths: one that must conduct and one that must insulate."""
    kinds = {path.criterion.kind for path in plan.recipe.verification.values()}
    for kind in ("conducting", "insulating"):
        if kinds and kind not in kinds:
            yield Found(("verification",), f"no path must be {kind}", f"add a path whose criterion is {kind}")


@rule("criterion-out-of-order", ERROR)
def criteria_in_order(plan: Plan) -> Iterator[Found]:
    """The marginal limit lies on the far side of the limit for a pass."""
    for name, path in plan.recipe.verification.items():
        limit, marginal = path.criterion.limit, path.criterion.marginal
        where = ("verification", name, "criterion", "marginal")
        if isinstance(path.criterion, Below) and marginal < limit:
            message = f"{show(marginal, 'ohm')} is under the limit of {show(limit, 'ohm')}"
            yield Found(where, message, "marginal is the larger of the two")
        if isinstance(path.criterion, Above) and marginal > limit:
            message = f"{show(marginal, 'ohm')} is over the limit of {show(limit, 'ohm')}"
            yield Found(where, message, "marginal is the smaller of the two")


@rule("marginal-far", WARNING, PRACTICE)
def marginal_near_limit(plan: Plan) -> Iterator[Found]:
    """The marginal limit lies within a factor of 100 of the limit for a pass."""
    for name, path in plan.recipe.verification.items():
        limit, marginal = path.criterion.limit, path.criterion.marginal
        if not limit / FARTHEST_MARGINAL <= marginal <= limit * FARTHEST_MARGINAL:
            message = f"{show(marginal, 'ohm')} is marginal where {show(limit, 'ohm')} is the limit"
            remedy = f"keep them within a factor of {FARTHEST_MARGINAL:g}"
            yield Found(("verification", name, "criterion", "marginal"), message, remedy)


@rule("path-unknown", ERROR)
def measured_paths_exist(plan: Plan) -> Iterator[Found]:
    """Every path that a step measures is there then: before the transfer only those between the chip's electrodes."""
    transfers = [place for place, entry in enumerate(plan.operations) if isinstance(entry.step, Transfer)]
    for place, operation in enumerate(plan.operations):
        if isinstance(operation.step, Measure):
            bare = bool(transfers) and place < transfers[0]
            paths = isolation_paths(plan) if bare else all_paths(plan)
            for index, path in enumerate(operation.step.paths):
                if path not in paths:
                    when = " before the transfer" if bare and path in plan.recipe.verification else ""
                    known = ", ".join(paths) or "none: add a verification section"
                    message = f"there is no path '{path}'{when}"
                    yield Found(at(operation, "paths", index), message, f"the paths are {known}")


@rule("path-not-measured", ERROR)
def every_path_measured(plan: Plan) -> Iterator[Found]:
    """Every path that is described is measured."""
    steps = [operation.step for operation in plan.operations]
    measured = {path for step in steps if isinstance(step, Measure) for path in step.paths}
    for name in plan.recipe.verification:
        if name not in measured:
            yield Found(("verification", name), f"no step measures '{name}'", "name it in a measure step's paths")


def _ends(plan: Plan) -> Iterator[tuple[str, str, str]]:
    """The name of every path, which of its ends, and the terminal there."""
    for name, path in plan.recipe.verification.items():
        yield name, "start", path.start
        yield name, "end", path.end


def _joined(path: VerificationPath) -> set[str]:
    return {path.start, path.end}


def _words(terminal: str) -> str:
    return terminal.replace("_", " ")
