"""Rules about what the instruments' cards can do."""

import math
from collections.abc import Iterator

from fibplan.checks.remedy import at_most
from fibplan.checks.rule import ERROR, Found, at, rule
from fibplan.model.cards import LONGEST_LIST, SmuCard
from fibplan.model.fib_card import Beam
from fibplan.model.path import VerificationPath
from fibplan.model.plan import Operation, Plan
from fibplan.model.steps import Beamed, Deposit, Weld
from fibplan.units import show
from fibplan.verification.probing import levels_of

CARD = "the instrument's card"


@rule("voltage-not-on-card", ERROR, CARD)
def voltage_on_card(plan: Plan) -> Iterator[Found]:
    """The column can be set to every accelerating voltage of the recipe."""
    for operation, step in beamed(plan):
        beams = _beams(plan, step)
        if not any(math.isclose(beam.accelerating_voltage, step.accelerating_voltage) for beam in beams):
            known = ", ".join(show(beam.accelerating_voltage, "V") for beam in beams)
            yield Found(
                at(operation, "accelerating_voltage"),
                f"{plan.cards.fib.title} has no {particle(step)} beam at {show(step.accelerating_voltage, 'V')}",
                f"use {known}" if known else "use an ion-beam process",
            )


@rule("current-not-on-card", ERROR, CARD)
def current_on_card(plan: Plan) -> Iterator[Found]:
    """The column has an aperture for every beam current of the recipe at its voltage."""
    for operation, step in beamed(plan):
        currents = currents_at(plan, step)
        if currents and not any(math.isclose(current, step.beam_current) for current in currents):
            wanted = f"{show(step.beam_current, 'A')} at {show(step.accelerating_voltage, 'V')}"
            nearest = min(currents, key=lambda current: abs(math.log(current / step.beam_current)))
            yield Found(
                at(operation, "beam_current"),
                f"{plan.cards.fib.title} has no {wanted}",
                f"the nearest aperture is {show(nearest, 'A')}",
            )


@rule("gas-missing", ERROR, CARD)
def gas_on_card(plan: Plan) -> Iterator[Found]:
    """Whatever is deposited, the recipe names a gas whose card has that process."""
    for operation, step in beamed(plan):
        gis = plan.cards.gis
        if isinstance(step, Deposit | Weld) and (gis is None or gis.process(step.process) is None):
            yield Found(
                at(operation, "process"),
                f"nothing in the recipe's instruments can deposit by {step.process}",
                "name a gis card under instruments that has this process",
            )


@rule("milling-rate-unknown", ERROR, "materials.yaml")
def milling_rate_known(plan: Plan) -> Iterator[Found]:
    """Every layer that is milled through has a removal rate on its card, or its time would count as nothing."""
    for index, layer in enumerate(plan.recipe.sample.stack):
        if plan.cards.materials[layer.material].milling is None:
            message = f"the material '{layer.material}' has no milling rate on its card"
            yield Found(("sample", "stack", index, "material"), message, "add it to materials.yaml")


@rule("sweep-voltage-too-high", ERROR, CARD)
def smu_reaches_voltage(plan: Plan) -> Iterator[Found]:
    """The SMU can source every sweep's voltage without its interlock."""
    for smu, name, path in swept(plan):
        most = min(smu.voltage_most, smu.interlock_voltage or smu.voltage_most)
        if path.sweep.voltage > most:
            message = f"{show(path.sweep.voltage, 'V')} is above what {smu.title} sources without its interlock"
            yield Found(("verification", name, "sweep", "voltage"), message, f"stay at {at_most(most, 'V')} or under")


@rule("compliance-not-on-card", ERROR, CARD)
def smu_limits_current(plan: Plan) -> Iterator[Found]:
    """The SMU can limit the current to every sweep's compliance."""
    for smu, name, path in swept(plan):
        if not smu.current_limit_least <= path.sweep.compliance <= smu.current_limit_most:
            message = f"{smu.title} cannot limit the current to {show(path.sweep.compliance, 'A')}"
            remedy = f"use {show(smu.current_limit_least, 'A')} to {show(smu.current_limit_most, 'A')}"
            yield Found(("verification", name, "sweep", "compliance"), message, remedy)


@rule("sweep-too-long", ERROR, CARD)
def smu_holds_points(plan: Plan) -> Iterator[Found]:
    """The SMU takes and holds the list of every sweep's levels."""
    for smu, name, path in swept(plan):
        most, levels = min(smu.points_most, LONGEST_LIST), levels_of(path.sweep.points)
        if levels > most:
            message = f"{smu.title} sweeps a list of {most} levels at most, not {levels}"
            remedy = f"use {4 * ((most - 1) // 4) + 1} or fewer"
            yield Found(("verification", name, "sweep", "points"), message, remedy)


def beamed(plan: Plan) -> Iterator[tuple[Operation, Beamed]]:
    """Every operation that uses a beam, with its step."""
    for operation in plan.operations:
        if isinstance(operation.step, Beamed):
            yield operation, operation.step


def currents_at(plan: Plan, step: Beamed) -> list[float]:
    """Amperes of every aperture that the column has for the step's particle and voltage, smallest first."""
    beams = [b for b in _beams(plan, step) if math.isclose(b.accelerating_voltage, step.accelerating_voltage)]
    return sorted(aperture.beam_current for beam in beams for aperture in beam.apertures)


def particle(step: Beamed) -> str:
    """What the step's beam consists of, as the column's card calls it."""
    return "electron" if isinstance(step, Deposit | Weld) and step.process == "FEBID" else "Ga"


def swept(plan: Plan) -> Iterator[tuple[SmuCard, str, VerificationPath]]:
    """Every path with its name and the SMU that sweeps it; none without an SMU."""
    if plan.cards.smu is not None:
        for name, path in plan.recipe.verification.items():
            yield plan.cards.smu, name, path


def _beams(plan: Plan, step: Beamed) -> list[Beam]:
    return [beam for beam in plan.cards.fib.beams if beam.particle == particle(step)]
