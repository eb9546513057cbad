"""Rules about the electrical part: what is measured, with what, and what the path may carry."""

from collections.abc import Iterator

from fibplan.checks.found import at, error, warning
from fibplan.model.finding import Finding
from fibplan.model.plan import Plan
from fibplan.model.recipe import Below, Role
from fibplan.model.steps import Deposit, Measure
from fibplan.units import show


def instruments_named(plan: Plan) -> Iterator[Finding]:
    """A recipe that verifies names the chip, the gas, the SMU and the probes it does so with."""
    if not plan.recipe.verification:
        return
    for kind in ("echip", "gis", "smu", "probe"):
        if getattr(plan.cards, kind) is None:
            message = f"the recipe verifies resistances but names no {kind} card"
            yield error("instrument-missing", ("instruments",), message, f"add {kind}: NAME under instruments")


def parts_present(plan: Plan) -> Iterator[Finding]:
    """A recipe that verifies says how the lamella lies and how it is bridged."""
    if not plan.recipe.verification:
        return
    if plan.recipe.bridge is None:
        yield error("bridge-missing", ("verification",), "there is no bridge to verify", "add a bridge section")
    if plan.recipe.lamella.placement is None:
        yield error("placement-missing", ("lamella",), "the lamella has no place on the chip", "add a placement")


def terminals_exist(plan: Plan) -> Iterator[Finding]:
    """Every path ends on a layer that the stack has, and goes from one conductor to another."""
    roles = {layer.role.value for layer in plan.recipe.sample.stack} | {"working_electrode"}
    for name, path in plan.recipe.verification.items():
        for end in ("start", "end"):
            if getattr(path, end) not in roles:
                message = f"the stack has no {getattr(path, end).replace('_', ' ')}"
                yield error("terminal-missing", ("verification", name, end), message, "give a layer that role")
        if path.start == path.end:
            yield error("path-goes-nowhere", ("verification", name, "end"), "the path ends where it starts", "name two")


def criteria_in_order(plan: Plan) -> Iterator[Finding]:
    """The marginal limit lies on the far side of the limit for a pass."""
    for name, path in plan.recipe.verification.items():
        criterion = path.criterion
        where = ("verification", name, "criterion", "marginal")
        if isinstance(criterion, Below) and criterion.marginal < criterion.below:
            message = f"{show(criterion.marginal, 'ohm')} is under the limit of {show(criterion.below, 'ohm')}"
            yield error("criterion-out-of-order", where, message, "marginal is the larger of the two")
        if not isinstance(criterion, Below) and criterion.marginal > criterion.above:
            message = f"{show(criterion.marginal, 'ohm')} is over the limit of {show(criterion.above, 'ohm')}"
            yield error("criterion-out-of-order", where, message, "marginal is the smaller of the two")


def compliance_safe(plan: Plan) -> Iterator[Finding]:
    """No sweep may carry more than its path's weakest cross-section bears."""
    for name, path in plan.recipe.verification.items():
        limit = plan.limit(name)
        if limit is not None and path.sweep.compliance > limit.current_a:
            yield error(
                "compliance-unsafe",
                ("verification", name, "sweep", "compliance"),
                f"{show(path.sweep.compliance, 'A')} is more than the {show(limit.current_a, 'A')} that the "
                f"{limit.weakest} ({show(limit.cross_section_m2, 'm2')}) is known to carry",
                f"use {show(limit.current_a, 'A', 2)} or less",
            )


def sweep_not_clamped(plan: Plan) -> Iterator[Finding]:
    """At its limit of resistance a conducting path leaves most of the sweep out of compliance."""
    for name, path in plan.recipe.verification.items():
        if isinstance(path.criterion, Below) and path.sweep.voltage / path.criterion.below > path.sweep.compliance:
            most = path.criterion.below * path.sweep.compliance
            yield warning(
                "sweep-clamps",
                ("verification", name, "sweep", "voltage"),
                f"{show(path.sweep.voltage, 'V')} drives more than the compliance through a path at its limit",
                f"sweep to {show(most, 'V')} or less",
            )


def every_path_measured(plan: Plan) -> Iterator[Finding]:
    """Each measure step names paths that exist, and each path is measured."""
    measured: set[str] = set()
    for operation in plan.operations:
        step = operation.step
        if isinstance(step, Measure):
            measured |= set(step.paths)
            for index, path in enumerate(step.paths):
                if path not in plan.recipe.verification:
                    remedy = (
                        f"the paths are {', '.join(plan.recipe.verification) or 'none: add a verification section'}"
                    )
                    yield error("path-unknown", at(operation, "paths", index), f"there is no path '{path}'", remedy)
    for name in plan.recipe.verification:
        if name not in measured:
            message = f"no step measures '{name}'"
            yield error("path-not-measured", ("verification", name), message, "name it in a measure step's paths")


def bridge_by_ion_beam(plan: Plan) -> Iterator[Finding]:
    """A bridge is not grown by electron beam: such Pt is four orders of magnitude more resistive."""
    for operation in plan.operations:
        step = operation.step
        if isinstance(step, Deposit) and step.makes == "bridge" and step.process == "FEBID":
            message = "Pt grown by electron beam is about 1e7 uohm cm and does not conduct as a bridge"
            yield error("bridge-by-electron-beam", at(operation, "process"), message, "use FIBID")


def resistivity_known(plan: Plan) -> Iterator[Finding]:
    """Every layer that a path runs through has a resistivity on its card."""
    if not plan.recipe.verification:
        return
    for index, layer in enumerate(plan.recipe.sample.stack):
        needed = layer.role not in (Role.SUBSTRATE, Role.BARRIER)
        if needed and plan.cards.materials[layer.material].resistivity is None:
            message = f"the material '{layer.material}' has no resistivity on its card"
            yield error(
                "resistivity-unknown", ("sample", "stack", index, "material"), message, "add it to materials.yaml"
            )
