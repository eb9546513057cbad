"""Rules about the sizes of cuts and deposits: against the lamella, against the beam, and against a working day."""

from collections.abc import Iterator

from fibplan.checks.instruments import beamed, particle
from fibplan.checks.ladder import SLACK, rungs
from fibplan.checks.remedy import at_least
from fibplan.checks.rule import ERROR, PRACTICE, WARNING, Found, at, rule
from fibplan.milling.beam import probe_of
from fibplan.model.finding import RecipePath
from fibplan.model.plan import Operation, Plan
from fibplan.model.recipe import Support
from fibplan.model.steps import CleaningCrossSection, MillTrench, Undercut, Weld
from fibplan.units import UM, show

WORKING_DAY = 8.0
"""Hours."""

THINNEST_WELD = 100e-9
"""Metres that hold a lamella."""

FINEST_PLACE_UM = 0.05
"""Drift and the halo of a deposit are as large."""


@rule("trench-too-short", ERROR)
def cut_as_long_as_lamella(plan: Plan) -> Iterator[Found]:
    """Trenches and cleaning cross-sections are as long as the lamella, or its ends stay in the bulk."""
    for rung in rungs(plan):
        if isinstance(rung.step, MillTrench | CleaningCrossSection):
            yield from _shorter_than_lamella(plan, rung, rung.step.length)


@rule("trench-too-narrow", WARNING, "seen at 45 deg, as the undercut is")
def trench_shows_foot(plan: Plan) -> Iterator[Found]:
    """A trench is as wide as the lamella is high, so that a tilted beam reaches the lamella's foot."""
    height = plan.recipe.sample.height_under_cap
    for rung in rungs(plan):
        if isinstance(rung.step, MillTrench) and rung.step.width / UM < height - SLACK:
            message = f"'{rung.name}' is {show(rung.step.width / UM, 'm')} wide, the lamella {show(height, 'm')} high"
            yield Found(at(rung, "width"), message, f"mill {at_least(height, 'm')} or more")


@rule("undercut-too-short", ERROR)
def undercut_as_long_as_lamella(plan: Plan) -> Iterator[Found]:
    """An undercut is as long as the lamella, or an end of it stays in the bulk."""
    for operation, step in _undercuts(plan):
        yield from _shorter_than_lamella(plan, operation, step.length)


@rule("undercut-too-shallow", ERROR)
def undercut_goes_through(plan: Plan) -> Iterator[Found]:
    """An undercut goes through the whole thickness that the lamella has by then."""
    for operation, step in _undercuts(plan):
        thickness = operation.thickness_before_m
        if thickness is not None and step.depth < thickness - SLACK:
            message = f"'{operation.name}' goes {show(step.depth, 'm')} into a lamella of {show(thickness, 'm')}"
            yield Found(at(operation, "depth"), message, f"cut {at_least(thickness, 'm')} or deeper, or thin it before")


@rule("pattern-under-probe", WARNING, "probe diameters of the column's card")
def patterns_larger_than_probe(plan: Plan) -> Iterator[Found]:
    """No cut and no weld is narrower than the probe that makes it."""
    for operation, step in beamed(plan):
        probe = probe_of(plan.cards.fib, step.accelerating_voltage, step.beam_current)
        if probe is None or particle(step) != "Ga":
            continue
        for key in ("length", "width"):
            size_um = getattr(step, key, None)
            if size_um is not None and size_um / UM < probe:
                message = f"{show(size_um / UM, 'm')} with a probe of {show(probe, 'm')}"
                yield Found(at(operation, key), message, f"make it {at_least(probe, 'm')} or more")


@rule("weld-thin", WARNING, PRACTICE)
def welds_hold(plan: Plan) -> Iterator[Found]:
    """Every weld, and every pad that a tip lands on, is at least 100 nm thick."""
    for where, support in _supports(plan):
        if support.thickness < THINNEST_WELD:
            yield _thin((*where, "thickness"), support.thickness)
    for index, pad in enumerate(plan.recipe.pads):
        if pad.thickness < THINNEST_WELD:
            yield _thin(("pads", index, "thickness"), pad.thickness, "pad")
    for operation, step in beamed(plan):
        if isinstance(step, Weld) and step.thickness is not None and step.thickness < THINNEST_WELD:
            yield _thin(at(operation, "thickness"), step.thickness)


@rule("overlap-too-fine", WARNING, PRACTICE)
def overlaps_can_be_met(plan: Plan) -> Iterator[Found]:
    """What a deposit must overlap or stay clear of, it does by more than patterns can be placed to: 50 nm."""
    bridge = plan.recipe.bridge
    for key in ("overlap_electrode", "overlap_lamella", "clearance") if bridge is not None else ():
        yield from _too_fine(("bridge", key), getattr(bridge, key))
    for where, support in _supports(plan):
        yield from _too_fine((*where, "overlap"), support.overlap)
    for index, pad in enumerate(plan.recipe.pads):
        for key in ("overlap", "clearance"):
            yield from _too_fine(("pads", index, key), getattr(pad, key))


@rule("operation-long", WARNING, PRACTICE)
def within_working_day(plan: Plan) -> Iterator[Found]:
    """No operation is expected to have its beam on for more than eight hours."""
    for operation in plan.operations:
        hours = operation.beam_on_s.expected / 3600 if operation.beam_on_s is not None else 0.0
        if hours > WORKING_DAY:
            message = f"'{operation.name}' is expected to take {hours:.3g} h of beam"
            yield Found(at(operation), message, "use more current or a smaller pattern, or look for a slip in a unit")


def _supports(plan: Plan) -> Iterator[tuple[RecipePath, Support]]:
    """Every support with its place in the recipe."""
    if plan.recipe.support is not None:
        yield ("support",), plan.recipe.support
    for index, support in enumerate(plan.recipe.supports):
        yield ("supports", index), support


def _too_fine(where: RecipePath, size_um: float) -> Iterator[Found]:
    if size_um < FINEST_PLACE_UM:
        message = f"{show(size_um / UM, 'm')} are less than patterns can be placed to"
        yield Found(where, message, f"use {show(FINEST_PLACE_UM / UM, 'm')} or more")


def _undercuts(plan: Plan) -> Iterator[tuple[Operation, Undercut]]:
    for operation in plan.operations:
        if isinstance(operation.step, Undercut):
            yield operation, operation.step


def _shorter_than_lamella(plan: Plan, operation: Operation, length_um: float) -> Iterator[Found]:
    wanted = plan.recipe.lamella.length
    if length_um < wanted:
        message = f"'{operation.name}' is {show(length_um / UM, 'm')} long, the lamella {show(wanted / UM, 'm')}"
        yield Found(at(operation, "length"), message, f"mill {at_least(wanted / UM, 'm')} or longer")


def _thin(where: RecipePath, thickness_m: float, what: str = "weld") -> Found:
    message = f"a {what} of {show(thickness_m, 'm')} does not hold"
    return Found(where, message, f"make it {show(THINNEST_WELD, 'm')} or more")
