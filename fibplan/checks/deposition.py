"""Rules about deposits, and about what the membrane under them bears."""

from collections.abc import Iterator, Sequence

from fibplan.checks.instruments import beamed, currents_at, particle
from fibplan.checks.remedy import at_most
from fibplan.checks.rule import ERROR, NOTE, PRACTICE, WARNING, Found, at, rule
from fibplan.layout.clearance import beside_um2, overlap_um2
from fibplan.milling.deposition import CurrentWindow, current_window, recommended_aperture
from fibplan.model.echip_card import Window
from fibplan.model.fib_card import Aperture
from fibplan.model.layout import Part, Region
from fibplan.model.plan import Operation, Plan
from fibplan.model.steps import Deposit, IsolationCut, Polish, Weld
from fibplan.planning.deposits import pattern_um2
from fibplan.planning.membrane import SLIVER_UM2, cuts_of
from fibplan.units import show

WINDOW = "FEI operator guideline of 2 to 6 pA/um2, unverified"
MEMBRANE = "derived from the removal rate of Si3N4; nobody has published what a membrane survives"
HEATING = "Shukla 2009 and Knauss, ISTFA 2005, in globalsino.com EM page 4519"


@rule("deposit-mills", WARNING, WINDOW)
def deposit_not_too_dense(plan: Plan) -> Iterator[Found]:
    """No deposit uses more current than its area bears: beyond the window the beam mills what it should grow."""
    for operation, window, area in _windows(plan):
        if (operation.beam_current_a or 0.0) > window.most_a * (1 + 1e-9):
            yield _outside(plan, operation, window, area)


@rule("deposit-slow", WARNING, WINDOW)
def deposit_not_too_thin(plan: Plan) -> Iterator[Found]:
    """No deposit uses less current than its area wants."""
    for operation, window, area in _windows(plan):
        if (operation.beam_current_a or 0.0) < window.least_a * (1 - 1e-9):
            yield _outside(plan, operation, window, area)


@rule("deposit-without-size", ERROR)
def deposit_has_size(plan: Plan) -> Iterator[Found]:
    """Every deposit says how large it is, itself or through the part it makes."""
    for operation, step in beamed(plan):
        if isinstance(step, Deposit | Weld) and not operation.volume_um3:
            message = f"nothing says how large '{operation.name}' is"
            yield Found(at(operation), message, "give it length, width and thickness, or the section it makes")


@rule("membrane-perforated", ERROR, MEMBRANE)
def membrane_survives(plan: Plan) -> Iterator[Found]:
    """No operation brings the ion dose onto the membrane that would mill through it."""
    if plan.membrane is None:
        return
    limit = plan.membrane.perforation.low
    for operation in plan.operations:
        dose = operation.membrane_dose
        if dose is not None and dose.expected >= limit:
            message = f"'{operation.name}' brings {dose} onto a membrane that {show(limit, 'C/m2')} perforate"
            yield Found(at(operation), message, "do it before the transfer, off the window, or with less dose")


@rule("cut-through", ERROR)
def cuts_end_above_membrane(plan: Plan) -> Iterator[Found]:
    """No cut goes through what lies under it: the lamella, or beside it the membrane, were there no halo on top."""
    layout, chip = plan.layout, plan.cards.echip
    if layout is None or chip is None:
        return
    for operation in plan.operations:
        if isinstance(operation.step, IsolationCut) and operation.membrane_dose is not None:
            under = _least_under(cuts_of(operation.step, plan.recipe, layout), layout.of(Part.LAYER), chip.window)
            depth = operation.step.depth
            if depth >= under[1]:
                message = f"the cut goes {show(depth, 'm')} deep over {show(under[1], 'm')} of {under[0]}"
                yield Found(at(operation, "depth"), message, f"cut {at_most(under[1] / 2, 'm')} or less")


@rule("membrane-over-budget", WARNING, MEMBRANE)
def membrane_in_budget(plan: Plan) -> Iterator[Found]:
    """All operations together stay within the dose that the membrane is allowed, imaging included."""
    summary = plan.membrane
    if summary is not None and summary.budget.expected < summary.total.expected:
        worst = max(plan.operations, key=lambda op: op.membrane_dose.expected if op.membrane_dose else 0.0)
        message = f"the membrane takes {summary.total} of a budget of {show(summary.budget.expected, 'C/m2')}"
        yield Found(at(worst), message, f"'{worst.name}' brings most: use less dose, or do it off the window")


@rule("membrane-current-high", WARNING, PRACTICE)
def membrane_current_advised(plan: Plan) -> Iterator[Found]:
    """No ion beam over the window is stronger than advised."""
    for operation, advised, most in _currents_on_membrane(plan):
        if advised < (operation.beam_current_a or 0.0) <= most:
            yield _too_strong(operation, advised)


@rule("membrane-current-forbidden", ERROR, PRACTICE)
def membrane_current_allowed(plan: Plan) -> Iterator[Found]:
    """No ion beam over the window is stronger than the membrane is known to bear."""
    for operation, advised, most in _currents_on_membrane(plan):
        if (operation.beam_current_a or 0.0) > most:
            yield _too_strong(operation, advised)


@rule("beam-parked-on-window", NOTE, "Byrne et al., arXiv 2503.05199")
def park_beam(plan: Plan) -> Iterator[Found]:
    """Between patterns the beam is parked off the window: neutral clusters pass the blanker and make holes."""
    exposed = [operation for operation in plan.operations if operation.membrane_dose is not None]
    if exposed:
        message = "from here on a blanked beam still sends neutral clusters through the window"
        yield Found(at(exposed[0]), message, "park the beam off the window between patterns")


@rule("bridge-heats", NOTE, HEATING)
def deposit_heats(plan: Plan) -> Iterator[Found]:
    """A deposit warms what it grows on by 50 to 330 K, depending on what conducts the heat away."""
    for operation in plan.operations:
        if isinstance(operation.step, Deposit) and operation.step.makes == "bridge":
            yield Found(
                at(operation), "the bridge warms up by 50 to 330 K while it grows", "pause if the lamella drifts"
            )


@rule("deposit-after-polish", NOTE, "Fawey et al., Microsc. Res. Tech. 79 (2016) 615")
def faces_dirty_after_polish(plan: Plan) -> Iterator[Found]:
    """What is deposited after the last polish leaves a film on the faces; the underside cannot be cleaned any more."""
    polished = [index for index, operation in enumerate(plan.operations) if isinstance(operation.step, Polish)]
    if not polished or not plan.recipe.verification:
        return
    for operation in plan.operations[polished[-1] + 1 :]:
        if isinstance(operation.step, Deposit) and operation.step.makes == "bridge":
            message = "its halo settles on the polished faces; the underside of a lamella that lies flat stays as it is"
            yield Found(at(operation), message, "measure after it; clean the upper face within the membrane's budget")


def _least_under(cuts: list[Region], lamella: Sequence[Region], window: Window) -> tuple[str, float]:
    """What is thinnest under those cuts, and how thick in metres; under one that is drawn nowhere the membrane."""
    on = [layer for layer in lamella if any(overlap_um2(cut, layer) > SLIVER_UM2 for cut in cuts)]
    beside = not on or any(beside_um2(cut, lamella) > SLIVER_UM2 for cut in cuts)
    membrane = [("membrane", window.thickness)] if beside else []
    return min([*membrane, *(("lamella", layer.thickness_m) for layer in on)], key=lambda entry: entry[1])


def _windows(plan: Plan) -> Iterator[tuple[Operation, CurrentWindow, float]]:
    """Each deposit whose card gives current densities, with its window and the area in um2 of one of its patterns."""
    for operation, step in beamed(plan):
        if isinstance(step, Deposit | Weld) and plan.cards.gis is not None:
            process = plan.cards.gis.process(step.process)
            area = pattern_um2(step, plan.recipe, plan.layout)
            window = current_window(process, area) if process is not None else None
            if window is not None:
                yield operation, window, area


def _outside(plan: Plan, operation: Operation, window: CurrentWindow, area_um2: float) -> Found:
    current = operation.beam_current_a or 0.0
    step = next(step for found, step in beamed(plan) if found is operation)
    apertures = [Aperture.model_construct(beam_current=amperes) for amperes in currents_at(plan, step)]
    better = recommended_aperture(apertures, window)
    span = f"{show(window.least_a, 'A')} to {show(window.most_a, 'A')}"
    message = f"{show(current, 'A')} on {area_um2:.3g} um2 is {show(current / (area_um2 * 1e-12), 'A/m2')}"
    remedy = f"use {show(better, 'A')}" if better is not None else f"use {span}, or change the area or its patches"
    return Found(at(operation, "beam_current"), message, remedy)


def _currents_on_membrane(plan: Plan) -> Iterator[tuple[Operation, float, float]]:
    if plan.cards.echip is None:
        return
    window = plan.cards.echip.window
    for operation, step in beamed(plan):
        if operation.membrane_dose is not None and particle(step) == "Ga":
            yield operation, window.beam_current_advised, window.beam_current_most


def _too_strong(operation: Operation, advised_a: float) -> Found:
    message = f"'{operation.name}' brings {show(operation.beam_current_a or 0.0, 'A')} onto the membrane"
    return Found(at(operation, "beam_current"), message, f"use {at_most(advised_a, 'A')} or less over the window")
