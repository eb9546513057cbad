"""Asks what an operation really was, shows it once more, and lets it be given again before it is recorded."""

from collections.abc import Iterable, Iterator, Mapping

from fibplan.model.plan import Operation
from fibplan.model.steps import Thinning
from fibplan.planning.replan import Actual
from fibplan.units import show, show_time
from fibplan.wizard import session_questions as ask
from fibplan.wizard.question import NOT_MEASURED, Question, number_of
from fibplan.wizard.screen import Block, Page, Screen, labelled, line, wrapped
from fibplan.wizard.seat import Seat


def asked_actual(seat: Seat, operation: Operation, clock_s: float, beam_s: float) -> Actual:
    """What the person says it was; a thickness always with how it was measured."""
    answers = _answers(seat, operation, ask.actual_questions(operation, clock_s, beam_s, simulated=seat.simulated))
    thickness_m = number_of(answers.get("thickness", ""), "m")
    return Actual(
        duration_s=number_of(answers.get("time", ""), "s") or 0.0,
        thickness_m=thickness_m,
        note=answers.get("note", ""),
        thickness_by=answers.get("thickness_by", "") if thickness_m is not None else "",
        beam_on_s=number_of(answers.get("beam_on", ""), "s"),
        beam_current_a=number_of(answers.get("beam_current", ""), "A"),
        imaging_dose=number_of(answers.get("imaging_dose", ""), "C/m2"),
    )


def confirmed_actual(seat: Seat, operation: Operation, clock_s: float, beam_s: float) -> Actual:
    """The same, once the person has seen all of it together and said so."""
    while True:
        actual = asked_actual(seat, operation, clock_s, beam_s)
        question = ask.confirm(operation, simulated=seat.simulated)
        if seat.desk.ask(question, review_screen(operation, actual)) == "record":
            return actual


def review_screen(operation: Operation, actual: Actual, doubts: Iterable[str] = ()) -> Screen:
    """The values beside what was planned, and what looks wrong about them."""

    def screen(page: Page) -> list[Block]:
        lines = [line(f"{operation.name}: to be recorded", "bold"), line("")]
        for label, value in _told(operation, actual):
            lines += labelled(label, value, page.width)
        for text in doubts:
            lines += [line(""), *labelled("doubt", text, page.width, "bold yellow")]
        return [Block(tuple(lines))]

    return screen


def _answers(seat: Seat, operation: Operation, questions: Iterable[Question]) -> dict[str, str]:
    answers: dict[str, str] = {}
    for question in questions:
        what = question.id.rpartition(".")[2]
        if what == "thickness_by" and answers.get("thickness") == NOT_MEASURED:
            continue
        answers[what] = seat.desk.ask(question, _so_far(operation, answers))
    return answers


def _so_far(operation: Operation, answers: Mapping[str, str]) -> Screen:
    """What was planned, and what was answered until now."""

    def screen(page: Page) -> list[Block]:
        lines = [line(f"{operation.name}: what was it really?", "bold")]
        for label, value in _planned(operation):
            lines += labelled(label, value, page.width)
        lines.append(line(""))
        for what, answer in answers.items():
            lines += labelled("", f"{what.replace('_', ' ')}: {answer or 'none'}", page.width, "cyan")
        told = "Nothing is recorded before you have seen all of it. An image is attached with :attach FILE."
        return [Block(tuple(lines)), Block(wrapped(told, page.width, "dim"), 1)]

    return screen


def _planned(operation: Operation) -> Iterator[tuple[str, str]]:
    if operation.thickness_after_m is not None and operation.beam_current_a is not None:
        before = operation.thickness_before_m
        was = f" from {show(before, 'm')}" if before is not None else ""
        yield "planned", f"{show(operation.thickness_after_m, 'm')} left{was}"
    yield "time", f"{operation.duration_s} in all"
    if operation.beam_on_s is not None and operation.beam_current_a is not None:
        yield "beam", f"{operation.beam_on_s} at {show(operation.beam_current_a, 'A')}"


def _told(operation: Operation, actual: Actual) -> list[tuple[str, str]]:
    planned = operation.thickness_after_m
    told = [("time", f"{show_time(actual.duration_s)} in all, planned {operation.duration_s}")]
    if actual.thickness_m is not None:
        wanted = f", planned {show(planned, 'm')}" if planned is not None else ""
        told.insert(0, ("left", f"{show(actual.thickness_m, 'm')} by {actual.thickness_by}{wanted}"))
    elif planned is not None and isinstance(operation.step, Thinning):
        told.insert(0, ("left", f"not measured; the plan goes on from {show(planned, 'm')}"))
    if actual.beam_on_s is not None:
        told.append(("beam", f"on for {show_time(actual.beam_on_s)}, planned {operation.beam_on_s}"))
    if actual.beam_current_a is not None:
        told.append(("current", show(actual.beam_current_a, "A")))
    if actual.imaging_dose is not None:
        told.append(("imaged", show(actual.imaging_dose, "C/m2")))
    if actual.note:
        told.append(("note", actual.note))
    return told
