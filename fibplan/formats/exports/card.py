"""The milling card: every step on paper, for a FIB whose computer takes no files. HTML 5 without scripts.

The numbers are those of the plan; an interval says how far it is verified, a value that the recipe's author chose has
an asterisk.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape

from fibplan.formats.exports.card_words import look_for, ticks_of, what_of
from fibplan.formats.exports.export import Files, Origin
from fibplan.formats.exports.html import blanks, document, facts, mark, page, ticks
from fibplan.formats.exports.pattern import Pattern, Shape
from fibplan.formats.exports.plan_view import plan_view
from fibplan.formats.exports.step_groups import StepGroup, step_groups
from fibplan.formats.exports.step_patterns import StepPatterns, step_patterns
from fibplan.model.interval import Interval
from fibplan.model.plan import Operation, Plan
from fibplan.model.steps import Thinning
from fibplan.units import show

NAME = "milling-card.html"
UNVERIFIED = (
    "A PLAN, NOT VERIFIED ON A TOOL: nothing on this card was measured. Trust what you see more than the times."
)
CHOSEN = "* chosen by the recipe's author, not in its source"
FEW = 3
"""Patterns of a step that are written out one by one."""

KINDS = {
    Shape.RECTANGLE: "rectangle",
    Shape.REGULAR: "regular cross-section",
    Shape.CLEANING: "cleaning cross-section",
    Shape.LINE: "line",
}


def write(plan: Plan, origin: Origin) -> Files:
    """``milling-card.html``: the order on the first page, a page for each group of steps, the chip on the last."""
    groups = step_groups(plan)
    drawn = {step.number: step for step in step_patterns(plan)}
    pages = len(groups) + (1 if plan.layout is None else 2)
    sheets = [_first(plan, groups, origin, pages)]
    sheets += [_sheet(plan, group, drawn, origin, (number, pages)) for number, group in enumerate(groups, start=2)]
    if plan.layout is not None:
        lines = [f"Milling card, page {pages} of {pages}: {plan.recipe.title}", origin.short]
        sheets.append(page("Where things lie on the chip", lines, f"{mark(UNVERIFIED)}{plan_view(plan.layout)}"))
    return Files({NAME: document(f"Milling card: {plan.recipe.title}", origin.line, sheets)}, (UNVERIFIED,))


def _first(plan: Plan, groups: Sequence[StepGroup], origin: Origin, pages: int) -> str:
    """The order of all steps, with a box for each."""
    rows = "".join(_row(number, operation) for group in groups for number, operation in group.operations)
    head = "<tr><th></th><th></th><th>step</th><th>beam</th><th>leaves</th><th>time</th></tr>"
    recipe = plan.recipe
    about = facts(
        [
            ("Sample", recipe.sample.name),
            ("Column", plan.cards.fib.title),
            *([("Chip", plan.cards.echip.title)] if plan.cards.echip is not None else []),
            (
                "Lamella",
                f"{recipe.lamella.length:g} um long, {show(recipe.lamella.final_thickness, 'm')} thick at last",
            ),
            ("Session", _verified(plan.duration)),
        ]
    )
    who = blanks(["Sample no.", "Date", "Operator"])
    lines = [f"Milling card, page 1 of {pages}", origin.short]
    return page(recipe.title, lines, f"{mark(UNVERIFIED)}{about}{who}<table class='small'>{head}{rows}</table>")


def _row(number: int, operation: Operation) -> str:
    leaves = operation.thickness_after_m if isinstance(operation.step, Thinning) else None
    cells = [
        str(number),
        operation.name,
        _beam(operation),
        show(leaves, "m") if leaves is not None else "",
        str(operation.duration_s),
    ]
    told = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    return f"<tr><td class='tick'><span class='box'></span></td>{told}</tr>"


def _sheet(
    plan: Plan, group: StepGroup, drawn: dict[int, StepPatterns], origin: Origin, numbers: tuple[int, int]
) -> str:
    shared = _shared_view([drawn[number] for number, _ in group.operations if number in drawn])
    steps = "".join(_step(plan, number, operation, drawn.get(number), shared) for number, operation in group.operations)
    place = facts([("Place", shared)]) if shared else ""
    chosen = [CHOSEN] if any(operation.step.assumed for _, operation in group.operations) else []
    lines = [f"Milling card, page {numbers[0]} of {numbers[1]}: {plan.recipe.title}", origin.short, *chosen]
    return page(group.title, lines, f"{mark(UNVERIFIED)}{place}{steps}")


def _shared_view(drawn: Sequence[StepPatterns]) -> str:
    """Where the patterns of most steps of a sheet lie: said once, at its head."""
    views = Counter(step.view for step in drawn if step.patterns)
    return views.most_common(1)[0][0] if views else ""


def _step(plan: Plan, number: int, operation: Operation, drawn: StepPatterns | None, shared: str) -> str:
    """Settings, size, time, what to look for, and boxes."""
    beam = f'<span class="beam">{escape(_beam(operation, stars=True))}</span>' if _beam(operation) else ""
    heading = f'<div class="top"><h2>{number}. {escape(operation.name)}</h2>{beam}</div>'
    rows = [("What", what_of(operation)), *_sizes(drawn, shared), *_times(operation)]
    rows += [("Look for", sight) for sight in [look_for(operation, plan)] if sight]
    rows += [("Why", operation.step.why)] if operation.step.why else []
    boxes = ticks(ticks_of(operation, plan))
    left = ["left, nm"] if isinstance(operation.step, Thinning) else []
    return f'<div class="step">{heading}{facts(rows)}{boxes}{blanks(["began", "ended", *left])}</div>'


def _beam(operation: Operation, *, stars: bool = False) -> str:
    volts, amperes = operation.accelerating_voltage_v, operation.beam_current_a
    if volts is None or amperes is None:
        return ""
    star = {
        name: "*" if stars and name in operation.step.assumed else ""
        for name in ("accelerating_voltage", "beam_current")
    }
    electrons = "electron beam " if getattr(operation.step, "process", "") == "FEBID" else ""
    return f"{electrons}{show(volts, 'V')}{star['accelerating_voltage']}  {show(amperes, 'A')}{star['beam_current']}"


def _sizes(drawn: StepPatterns | None, shared: str) -> Iterator[tuple[str, str]]:
    """The patterns in words, and where they lie; a pair that mirrors is told once."""
    if drawn is None:
        return
    patterns = drawn.patterns
    if len(patterns) == 2 and patterns[0].y_m == -patterns[1].y_m and patterns[0].y_m:
        lower, upper = patterns
        gap = upper.y_m - lower.y_m - upper.length_m
        yield "Pattern", f"2 x {_size(lower)}, {show(gap, 'm')} apart"
    elif 0 < len(patterns) <= FEW:
        for pattern in patterns:
            yield "Pattern", f"{_size(pattern)}; middle at x {show(pattern.x_m, 'm')}, y {show(pattern.y_m, 'm')}"
    elif patterns:
        yield "Pattern", f"{len(patterns)} rectangles, {show(patterns[0].depth_m, 'm')} deep: see the last page"
    if patterns and drawn.view != shared:
        yield "Place", drawn.view
    if not patterns:
        yield "Pattern", "; ".join(drawn.notes)


def _size(pattern: Pattern) -> str:
    if pattern.shape is Shape.LINE:
        return f"line {show(pattern.length_m, 'm')} long, {show(pattern.depth_m, 'm')} deep"
    size = f"{show(pattern.width_m, 'm')} x {show(pattern.length_m, 'm')}"
    return f"{KINDS[pattern.shape]} {size}, {show(pattern.depth_m, 'm')} deep"


def _times(operation: Operation) -> Iterator[tuple[str, str]]:
    if operation.beam_on_s is not None:
        yield "Beam on", _verified(operation.beam_on_s)
    else:
        yield "Time", _verified(operation.duration_s)


def _verified(interval: Interval) -> str:
    return f"{interval}, {interval.status}"
