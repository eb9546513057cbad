"""Rules about what the instruments' cards can do."""

import math
from collections.abc import Iterator

from fibplan.checks.found import at, error
from fibplan.model.cards import Beam
from fibplan.model.finding import Finding
from fibplan.model.plan import Operation, Plan
from fibplan.model.steps import Beamed, Deposit, Weld
from fibplan.units import show


def voltage_on_card(plan: Plan) -> Iterator[Finding]:
    """The column can be set to every accelerating voltage of the recipe."""
    for operation, step in beamed(plan):
        beams = _beams(plan, step)
        if not any(math.isclose(beam.accelerating_voltage, step.accelerating_voltage) for beam in beams):
            known = ", ".join(show(beam.accelerating_voltage, "V") for beam in beams)
            yield error(
                "voltage-not-on-card",
                at(operation, "accelerating_voltage"),
                f"{plan.cards.fib.title} has no {_particle(step)} beam at {show(step.accelerating_voltage, 'V')}",
                f"use {known}" if known else "use an ion-beam process",
            )


def current_on_card(plan: Plan) -> Iterator[Finding]:
    """The column has an aperture for every beam current of the recipe at its voltage."""
    for operation, step in beamed(plan):
        beams = [b for b in _beams(plan, step) if math.isclose(b.accelerating_voltage, step.accelerating_voltage)]
        currents = sorted(aperture.beam_current for beam in beams for aperture in beam.apertures)
        if currents and not any(math.isclose(current, step.beam_current) for current in currents):
            wanted = f"{show(step.beam_current, 'A')} at {show(step.accelerating_voltage, 'V')}"
            nearest = min(currents, key=lambda current: abs(math.log(current / step.beam_current)))
            yield error(
                "current-not-on-card",
                at(operation, "beam_current"),
                f"{plan.cards.fib.title} has no {wanted}",
                f"the nearest aperture is {show(nearest, 'A')}",
            )


def gas_on_card(plan: Plan) -> Iterator[Finding]:
    """Whatever is deposited, the recipe names a gas whose card has that process."""
    for operation, step in beamed(plan):
        if isinstance(step, Deposit | Weld) and (
            plan.cards.gis is None or plan.cards.gis.process(step.process) is None
        ):
            yield error(
                "gas-missing",
                at(operation, "process"),
                f"nothing in the recipe's instruments can deposit by {step.process}",
                "name a gis card under instruments that has this process",
            )


def smu_can_sweep(plan: Plan) -> Iterator[Finding]:
    """The SMU can source every sweep's voltage, limit its current and hold its points."""
    smu = plan.cards.smu
    if smu is None:
        return
    for name, path in plan.recipe.verification.items():
        where = ("verification", name, "sweep")
        sweep = path.sweep
        most = min(smu.voltage_most, smu.interlock_voltage or smu.voltage_most)
        if sweep.voltage > most:
            message = f"{show(sweep.voltage, 'V')} is above what {smu.title} sources without its interlock"
            yield error("sweep-voltage-too-high", (*where, "voltage"), message, f"stay under {show(most, 'V')}")
        if not smu.current_limit_least <= sweep.compliance <= smu.current_limit_most:
            message = f"{smu.title} cannot limit the current to {show(sweep.compliance, 'A')}"
            remedy = f"use {show(smu.current_limit_least, 'A')} to {show(smu.current_limit_most, 'A')}"
            yield error("compliance-not-on-card", (*where, "compliance"), message, remedy)
        if sweep.points > smu.points_most:
            message = f"{smu.title} holds {smu.points_most} points, not {sweep.points}"
            yield error("sweep-too-long", (*where, "points"), message, "use fewer points")


def beamed(plan: Plan) -> Iterator[tuple[Operation, Beamed]]:
    """Every operation that uses a beam, with its step."""
    for operation in plan.operations:
        if isinstance(operation.step, Beamed):
            yield operation, operation.step


def _particle(step: Beamed) -> str:
    return "electron" if isinstance(step, Deposit | Weld) and step.process == "FEBID" else "Ga"


def _beams(plan: Plan, step: Beamed) -> list[Beam]:
    return [beam for beam in plan.cards.fib.beams if beam.particle == _particle(step)]
