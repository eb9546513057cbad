"""Rules about what an electrical recipe needs: instruments, a bridge that can be good enough, known materials."""

from collections.abc import Iterator

from fibplan.checks.remedy import at_least
from fibplan.checks.rule import ERROR, WARNING, Found, at, rule
from fibplan.layout.clearance import fewest_squares, overlap_um2
from fibplan.model.path import Below
from fibplan.model.plan import Plan
from fibplan.model.recipe import Role
from fibplan.model.steps import Deposit
from fibplan.units import UM, show


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


@rule("criterion-unlikely", WARNING, "FIB-Pt resistivities, see the cards")
def criterion_reachable(plan: Plan) -> Iterator[Found]:
    """The free part of a bridge has, at the expected resistivity, at most half of what a path may have.

    It is counted with the fewest squares that its outline can have: the field in ``fibplan plan`` gives more.
    """
    bridge, gis = plan.recipe.bridge, plan.cards.gis
    process = gis.process("FIBID") if gis is not None else None
    metal = plan.cards.materials[process.material].resistivity if process is not None else None
    if bridge is None or metal is None:
        return
    own = metal.expected * _fewest_squares(plan) / bridge.thickness
    for name, path in plan.recipe.verification.items():
        if isinstance(path.criterion, Below) and own > path.criterion.below / 2:
            message = f"at least {show(own, 'ohm')} of bridge alone, before contacts and tips"
            enough = at_least(bridge.thickness * own / (path.criterion.below / 2), "m")
            remedy = f"make the bridge {enough} thick, or wider, or lay the lamella nearer to the electrode"
            yield Found(("verification", name, "criterion", "below"), message, remedy)


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


def _fewest_squares(plan: Plan) -> float:
    """Of the bridge, from the electrode to the layer that it must reach; zero where the layout does not have them."""
    bridge, layout = plan.recipe.bridge, plan.layout
    assert bridge is not None
    found = [layout.named(name) for name in ("bridge", bridge.start, bridge.end)] if layout is not None else []
    regions = [region for region in found if region is not None]
    return fewest_squares(*regions) if len(regions) == 3 else 0.0
