"""Rules about the electrical part: what is measured, with what, and what the path may carry."""

from collections.abc import Iterator

from fibplan.checks.rule import ERROR, WARNING, Found, at, rule
from fibplan.layout.clearance import overlap_um2
from fibplan.model.cards import AccuracyRange
from fibplan.model.plan import Plan
from fibplan.model.recipe import Above, Below, Role
from fibplan.model.steps import Deposit, Measure
from fibplan.units import UM, show

DE_MARZI = "De Marzi et al., JAP 96 (2004) 3458"
RESOLVED = 3.0
"""A current counts as resolved from three times the offset specification on."""


@rule("instrument-missing", ERROR)
def instruments_named(plan: Plan) -> Iterator[Found]:
    """A recipe that verifies names the chip, the gas, the SMU and the probes it does so with."""
    if not plan.recipe.verification:
        return
    for kind in ("echip", "gis", "smu", "probe"):
        if getattr(plan.cards, kind) is None:
            message = f"the recipe verifies resistances but names no {kind} card"
            yield Found(("instruments",), message, f"add {kind}: NAME under instruments")


@rule("bridge-missing", ERROR)
def bridge_described(plan: Plan) -> Iterator[Found]:
    """A recipe that verifies has a bridge."""
    if plan.recipe.verification and plan.recipe.bridge is None:
        yield Found(("verification",), "there is no bridge to verify", "add a bridge section")


@rule("placement-missing", ERROR)
def placement_described(plan: Plan) -> Iterator[Found]:
    """A recipe that verifies says how the lamella lies on the chip."""
    if plan.recipe.verification and plan.recipe.lamella.placement is None:
        yield Found(("lamella",), "the lamella has no place on the chip", "add a placement")


@rule("terminal-missing", ERROR)
def terminals_exist(plan: Plan) -> Iterator[Found]:
    """Every path ends on a layer that the stack has."""
    roles = {layer.role.value for layer in plan.recipe.sample.stack} | {"working_electrode"}
    for name, path in plan.recipe.verification.items():
        for end in ("start", "end"):
            if getattr(path, end) not in roles:
                message = f"the stack has no {getattr(path, end).replace('_', ' ')}"
                yield Found(("verification", name, end), message, "give a layer that role")


@rule("path-goes-nowhere", ERROR)
def paths_lead_somewhere(plan: Plan) -> Iterator[Found]:
    """Every path goes from one conductor to another."""
    for name, path in plan.recipe.verification.items():
        if path.start == path.end:
            yield Found(("verification", name, "end"), "the path ends where it starts", "name two conductors")


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
        criterion = path.criterion
        where = ("verification", name, "criterion", "marginal")
        if isinstance(criterion, Below) and criterion.marginal < criterion.below:
            message = f"{show(criterion.marginal, 'ohm')} is under the limit of {show(criterion.below, 'ohm')}"
            yield Found(where, message, "marginal is the larger of the two")
        if isinstance(criterion, Above) and criterion.marginal > criterion.above:
            message = f"{show(criterion.marginal, 'ohm')} is over the limit of {show(criterion.above, 'ohm')}"
            yield Found(where, message, "marginal is the smaller of the two")


@rule("criterion-unlikely", WARNING, "FIB-Pt resistivities, see the cards")
def criterion_reachable(plan: Plan) -> Iterator[Found]:
    """A bridge's own resistance at the expected resistivity leaves room under the limit."""
    bridge, gis = plan.recipe.bridge, plan.cards.gis
    process = gis.process("FIBID") if gis is not None else None
    metal = plan.cards.materials[process.material].resistivity if process is not None else None
    if bridge is None or metal is None:
        return
    squares = (bridge.overlap_electrode + bridge.overlap_lamella) / bridge.width
    own = metal.expected / bridge.thickness * squares
    for name, path in plan.recipe.verification.items():
        if isinstance(path.criterion, Below) and own > path.criterion.below / 2:
            message = f"{show(own, 'ohm')} of bridge alone, before contacts and tips"
            yield Found(("verification", name, "criterion", "below"), message, "make the bridge wider or thicker")


@rule("contact-resistive", WARNING, "contact resistivity of the gas's card")
def contacts_small_enough(plan: Plan) -> Iterator[Found]:
    """Neither contact of the bridge takes half of what a conducting path may have, at the expected resistivity."""
    bridge, layout, gis = plan.recipe.bridge, plan.layout, plan.cards.gis
    process = gis.process("FIBID") if gis is not None else None
    limits = [path.criterion.below for path in plan.recipe.verification.values() if isinstance(path.criterion, Below)]
    if bridge is None or layout is None or process is None or not limits:
        return
    for key, name in (("overlap_electrode", bridge.start), ("overlap_lamella", bridge.end)):
        strip, landing = layout.named("bridge"), layout.named(name)
        area = overlap_um2(strip, landing) if strip is not None and landing is not None else 0.0
        own = process.contact_resistivity.expected / (area / UM**2) if area > 0 else 0.0
        if own > min(limits) / 2:
            message = f"{area:.3g} um2 of contact to the {name.replace('_', ' ')} have {show(own, 'ohm')}"
            message += f" of the {show(min(limits), 'ohm')} that a path may have"
            yield Found(("bridge", key), message, "let more of the bridge lie on it")


@rule("compliance-unsafe", ERROR, DE_MARZI)
def compliance_safe(plan: Plan) -> Iterator[Found]:
    """No sweep may carry more than its path's weakest cross-section bears."""
    for name, path in plan.recipe.verification.items():
        limit = plan.limit(name)
        if limit is not None and path.sweep.compliance > limit.current_a:
            message = (
                f"{show(path.sweep.compliance, 'A')} is more than the {show(limit.current_a, 'A')} that the "
                f"{limit.weakest} ({show(limit.cross_section_m2, 'm2')}) is known to carry"
            )
            remedy = f"use {show(limit.current_a, 'A', 2)} or less"
            yield Found(("verification", name, "sweep", "compliance"), message, remedy)


@rule("contact-compliance-unsafe", ERROR, DE_MARZI)
def contact_compliance_safe(plan: Plan) -> Iterator[Found]:
    """No contact check may carry more than its path's weakest cross-section bears."""
    for name, path in plan.recipe.verification.items():
        limit, criterion = plan.limit(name), path.criterion
        if limit is not None and isinstance(criterion, Above) and criterion.contact.compliance > limit.current_a:
            message = f"{show(criterion.contact.compliance, 'A')} is more than {show(limit.current_a, 'A')}"
            where = ("verification", name, "criterion", "contact", "compliance")
            yield Found(where, message, f"use {show(limit.current_a, 'A', 2)} or less")


@rule("contact-undecidable", ERROR)
def contact_decidable(plan: Plan) -> Iterator[Found]:
    """A contact at its limit drives less than the compliance, and a current that the SMU resolves."""
    for name, path in plan.recipe.verification.items():
        criterion = path.criterion
        if not isinstance(criterion, Above):
            continue
        current = criterion.contact.voltage / criterion.contact.below
        least = _resolved_current(plan.cards.smu.measure_current, current) if plan.cards.smu else 0.0
        if not least <= current <= criterion.contact.compliance:
            message = f"a contact at its limit drives {show(current, 'A')}"
            where = ("verification", name, "criterion", "contact", "voltage")
            remedy = f"choose a voltage that drives {show(least, 'A')} to {show(criterion.contact.compliance, 'A')}"
            yield Found(where, message, remedy)


@rule("sweep-clamps", WARNING)
def sweep_not_clamped(plan: Plan) -> Iterator[Found]:
    """At its limit of resistance a conducting path leaves most of the sweep out of compliance."""
    for name, path in plan.recipe.verification.items():
        if isinstance(path.criterion, Below) and path.sweep.voltage / path.criterion.below > path.sweep.compliance:
            most = path.criterion.below * path.sweep.compliance
            message = f"{show(path.sweep.voltage, 'V')} drives more than the compliance through a path at its limit"
            yield Found(("verification", name, "sweep", "voltage"), message, f"sweep to {show(most, 'V')} or less")


@rule("criterion-not-resolved", ERROR, "accuracy tables of the SMU's card")
def criterion_resolved(plan: Plan) -> Iterator[Found]:
    """At its limit of resistance every path drives a current that the SMU resolves."""
    if plan.cards.smu is None:
        return
    for name, path in plan.recipe.verification.items():
        criterion = path.criterion
        limit = criterion.below if isinstance(criterion, Below) else criterion.above
        current = path.sweep.voltage / limit
        least = _resolved_current(plan.cards.smu.measure_current, current)
        if current < least:
            message = f"{show(limit, 'ohm')} at {show(path.sweep.voltage, 'V')} is {show(current, 'A')}, under the "
            message += f"{show(least, 'A')} that {plan.cards.smu.title} resolves"
            remedy = f"sweep to {show(least * limit, 'V')} or more"
            yield Found(("verification", name, "sweep", "voltage"), message, remedy)


@rule("path-unknown", ERROR)
def measured_paths_exist(plan: Plan) -> Iterator[Found]:
    """Every path that a step measures is described."""
    for operation in plan.operations:
        if isinstance(operation.step, Measure):
            for index, path in enumerate(operation.step.paths):
                if path not in plan.recipe.verification:
                    known = ", ".join(plan.recipe.verification) or "none: add a verification section"
                    yield Found(at(operation, "paths", index), f"there is no path '{path}'", f"the paths are {known}")


@rule("path-not-measured", ERROR)
def every_path_measured(plan: Plan) -> Iterator[Found]:
    """Every path that is described is measured."""
    steps = [operation.step for operation in plan.operations]
    measured = {path for step in steps if isinstance(step, Measure) for path in step.paths}
    for name in plan.recipe.verification:
        if name not in measured:
            yield Found(("verification", name), f"no step measures '{name}'", "name it in a measure step's paths")


@rule("bridge-by-electron-beam", ERROR, "De Teresa et al., J. Nanomaterials 2009, 936863")
def bridge_by_ion_beam(plan: Plan) -> Iterator[Found]:
    """A bridge is not grown by electron beam: such Pt is four orders of magnitude more resistive."""
    for operation in plan.operations:
        step = operation.step
        if isinstance(step, Deposit) and step.makes == "bridge" and step.process == "FEBID":
            message = "Pt grown by electron beam is about 1e7 uohm cm and does not conduct as a bridge"
            yield Found(at(operation, "process"), message, "use FIBID")


@rule("resistivity-unknown", ERROR, "materials.yaml")
def resistivity_known(plan: Plan) -> Iterator[Found]:
    """Every layer that a path runs through has a resistivity on its card."""
    if not plan.recipe.verification:
        return
    for index, layer in enumerate(plan.recipe.sample.stack):
        needed = layer.role not in (Role.SUBSTRATE, Role.BARRIER)
        if needed and plan.cards.materials[layer.material].resistivity is None:
            message = f"the material '{layer.material}' has no resistivity on its card"
            yield Found(("sample", "stack", index, "material"), message, "add it to materials.yaml")


def _resolved_current(ranges: tuple[AccuracyRange, ...], current_a: float) -> float:
    """Amperes from which a current of that size counts as resolved, in the most sensitive range that holds it."""
    fitting = [entry for entry in ranges if entry.full_scale >= current_a]
    return RESOLVED * min(entry.offset for entry in fitting) if fitting else 0.0
