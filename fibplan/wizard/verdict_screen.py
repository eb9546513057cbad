"""The verdict in a terminal: why, with the curves it is made from."""

from fibplan.model.curve import Curve, CurveSet
from fibplan.model.verdict import Grade, PathVerdict, Verdict
from fibplan.units import show
from fibplan.verification.probing import SWEEP
from fibplan.wizard.curve_plot import curve_plot
from fibplan.wizard.screen import Block, Lines, Page, Screen, beside, line, wrapped

STYLES = {Grade.PASS: "green", Grade.MARGINAL: "yellow", Grade.FAIL: "bold red", Grade.INCONCLUSIVE: "yellow"}
CURVE_ROWS = 6
COUNSEL = "diagnosis and rework"
LAST = 99
"""Of details: they make room first."""


def verdict_screen(verdict: Verdict, curves: CurveSet, counsel: tuple[tuple[str, str], ...] = ()) -> Screen:
    """Outcome, grade and reasons of each path, what may be done with its details, and the sweeps side by side."""

    def screen(page: Page) -> list[Block]:
        mark = "SIMULATED " if verdict.simulated else ""
        style = "bold green" if verdict.accepted else "bold red"
        blocks = [Block((line(f"{mark}verdict: {verdict.outcome}", style),))]
        blocks += [_path(path, page) for path in verdict.paths]
        for place, (first, detail) in enumerate(counsel):
            blocks.append(Block(wrapped(first, page.width, indent="    "), 1 + place, COUNSEL))
            blocks += [Block(wrapped(f"    {detail}", page.width, indent="    "), LAST, COUNSEL)] if detail else []
        drawn = _curves(verdict, curves, page)
        return [*blocks, Block(drawn, 9, "curves")] if drawn else blocks

    return screen


def _path(path: PathVerdict, page: Page) -> Block:
    """A path that passes takes a line; one that does not is told in full."""
    head = wrapped(f"{path.path}: {path.grade}{_reading(path)}", page.width, STYLES[path.grade], "  ")
    told = [entry for reason in path.reasons for entry in wrapped(f"  {reason}", page.width, indent="    ")]
    if path.grade is Grade.PASS:
        return Block(head[:1], 0)
    return Block((*head, *told), 0, f"reasons of {path.path}")


def _reading(path: PathVerdict) -> str:
    found = path.resistance
    if found is None:
        return ""
    high = "no upper bound" if found.high_ohm is None else show(found.high_ohm, "ohm")
    if found.expected_ohm is None:
        under = f", under {high}" if found.high_ohm is not None else ""
        return f", over {show(found.low_ohm, 'ohm')}{under}"
    return f", {show(found.expected_ohm, 'ohm')} ({show(found.low_ohm, 'ohm')} to {high}, 95 %)"


def _curves(verdict: Verdict, curves: CurveSet, page: Page) -> Lines:
    """The sweeps of the worst two paths, or of the first two."""
    ranked = sorted(verdict.paths, key=lambda path: path.grade is Grade.PASS)
    found = [curve for path in ranked if (curve := curves.of(path.path, SWEEP)) is not None][:2]
    if not found:
        return ()
    if len(found) == 1:
        return curve_plot(found[0], page, CURVE_ROWS)
    return _pair(found[0], found[1], page)


def _pair(first: Curve, second: Curve, page: Page) -> Lines:
    half = page.narrowed((page.width - 2) // 2)
    return beside(curve_plot(first, half, CURVE_ROWS), curve_plot(second, half, CURVE_ROWS), half.width)
