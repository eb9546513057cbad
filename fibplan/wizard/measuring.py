"""The screens of a measurement: which tip on which conductor, what must hold, and the curve that came back."""

from collections.abc import Mapping

from fibplan.model.plan import Operation, Plan
from fibplan.model.steps import Measure
from fibplan.session.session import Session
from fibplan.units import show
from fibplan.verification.probing import ProbingStep, protocol
from fibplan.wizard.curve_plot import curve_plot
from fibplan.wizard.plan_view import plan_view
from fibplan.wizard.screen import WIDE, Block, Lines, Page, Screen, beside, labelled, line, wrapped

WHILE_LANDING = "beams blanked, light off; every electrode grounded until both tips touch"
VIEW_ROWS, CURVE_ROWS = 8, 5


def ready_screen(plan: Plan, operation: Operation) -> Screen:
    """Before the first tip: what will be swept, and what has to hold."""

    def screen(page: Page) -> list[Block]:
        assert isinstance(operation.step, Measure)
        steps = protocol(plan, operation.step.paths)
        names = list(dict.fromkeys(step.path for step in steps))
        landings = sum(bool(step.moved) for step in steps)
        told = [
            line(f"{operation.name}: {', '.join(operation.step.paths)}", "bold"),
            *labelled("sweeps", f"{len(steps)} on {', '.join(names)}; the tips are moved {landings} times", page.width),
            *labelled(
                "sample", "the chip below the tips, in focus; stage locked; no gas needle in the way", page.width
            ),
            *labelled(
                "leads", "guarded and short; the SMU's output is off until you say that both tips touch", page.width
            ),
            *labelled("ground", "all electrodes grounded while a tip lands; unground before the sweep", page.width),
            *labelled("never", "no beam and no light on the sample during a sweep: either drives current", page.width),
        ]
        return [Block(tuple(told)), Block(plan_view(plan, page, VIEW_ROWS), 1, "drawing")]

    return screen


def condition_screen(conditions: Mapping[str, str]) -> Screen:
    """What the verdict asks for, besides the curves."""

    def screen(page: Page) -> list[Block]:
        told = [
            line("Before any sweep", "bold"),
            *wrapped("Each curve keeps what was confirmed; the verdict asks for all of it.", page.width),
        ]
        for clause in conditions.values():
            told += labelled("", clause, page.width)
        return [Block(tuple(told))]

    return screen


def landing_screen(plan: Plan, step: ProbingStep, session: Session, *, simulated: bool) -> Screen:
    """Where the tips go for this sweep, with the drawing, and the last curve."""

    def screen(page: Page) -> list[Block]:
        mark = "SIMULATED " if simulated else ""
        blocks = [
            Block((line(f"{mark}{step.path}, {step.name.replace('_', ' ')}", "bold"),)),
            Block(labelled("tips", step.instruction, page.width, "bold cyan")),
            Block(labelled("sweep", _sweep(step), page.width)),
            Block(labelled("hold", WHILE_LANDING, page.width), 2, "what must hold"),
        ]
        view = _view(plan, step, page)
        last = session.folder.curves(session.state.curves[-1:]).curves
        if page.width >= WIDE and last:
            half = page.narrowed((page.width - 2) // 2)
            view, curve = _view(plan, step, half), curve_plot(last[0], half, VIEW_ROWS)
            return [*blocks, Block(beside(view, curve, half.width), 1, "drawing")]
        blocks.append(Block(view, 1, "drawing"))
        if last:
            blocks.append(Block(curve_plot(last[0], page, CURVE_ROWS), 3, "last curve"))
        return blocks

    return screen


def _view(plan: Plan, step: ProbingStep, page: Page) -> Lines:
    landings = {tip: place for tip, place in zip(step.tips, step.landings, strict=True) if place != "lifted"}
    return plan_view(plan, page, VIEW_ROWS, landings)


def _sweep(step: ProbingStep) -> str:
    wait = f", after {step.pause_s:.0f} s of rest" if step.pause_s else ""
    what = (
        "no current is drawn, the voltage is read"
        if step.purpose == "open_circuit"
        else f"+-{show(step.voltage_v, 'V')}"
    )
    return f"{what}, never above {show(step.compliance_a, 'A')}, {step.points} points{wait}"
