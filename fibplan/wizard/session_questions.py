"""The questions of a session, by the ids that files of answers and journals use."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from fibplan.model.plan import Operation, Plan
from fibplan.model.steps import Beamed, HandOff, Measure, Thinning
from fibplan.units import show
from fibplan.verification.probing import CONDITIONS, protocol
from fibplan.wizard.question import NOT_MEASURED, Question, Read, names_from, one_of, quantity, words

BEGIN = {
    "begin": "start this operation",
    "skip": "leave it out, with a reason",
    "redo": "do something again, as a new operation",
    "pause": "nothing is begun until you go on",
    "leave": "leave; the session can be resumed",
    "abort": "end the session for good",
}
END = {
    "done": "it is over: record what it was",
    "stop": "it was broken off",
    "pause": "the beam is off for a while",
    "abort": "break it off and end the session",
}
GO_ON = {"continue": "go on", "leave": "leave; the session can be resumed", "abort": "end the session for good"}
KEEP = {"keep": "the values hold, for a reason", "change": "they are given again"}
RECORD = {"record": "write it into the journal", "change": "give the values again"}
FOUND = {
    "not begun": "the lamella is as it was before",
    "partly done": "some of it was done",
    "finished": "it is as it should be",
    "leave": "leave; the session can be resumed",
}
UNFINISHED = {
    "redo": "do it again, as a new operation",
    "skip": "leave out the rest of it, with a reason",
    "leave": "leave; the session can be resumed",
    "abort": "end the session for good",
}
BLOCKED = {
    "accept": "go on in spite of it, for a reason",
    "skip": "leave out what is next, for a reason",
    "redo": "do something again, as a new operation",
    "leave": "leave; the session can be resumed",
    "abort": "end the session for good",
}
AFTER_VERDICT = {
    "redo": "do something again, as a new operation",
    "finish": "end the session with this verdict",
    "leave": "leave; the session can be resumed",
    "abort": "end the session for good",
}
FORWARD = {"next": "begin"}
BESIDE = "back note attach draw help"
CLOCK = "what the clock says"
"""In a list of questions, for a default that is not known before."""


def operator_name(default: str | None) -> Question:
    return Question("session.operator", "Who works?", "your name", words("a name"), default)


def go(*, simulated: bool) -> Question:
    known = {"start": "open the session", "leave": "do nothing"}
    return _choice("session.start", "Start the session?", known, "start" if simulated else None, {"next": "start"})


def begin(operation: Operation, *, simulated: bool) -> Question:
    default = "begin" if simulated else None
    return replace(_choice(_id(operation, "begin"), "What now?", BEGIN, default, FORWARD), beside=BESIDE)


def end(operation: Operation, *, simulated: bool) -> Question:
    default = "done" if simulated else None
    return replace(_choice(_id(operation, "end"), "Over?", END, default, {"next": "done"}), beside=BESIDE)


def go_on(where: str = "session.pause") -> Question:
    return _choice(where, "Paused.", GO_ON, None, {"next": "continue"}, when="after pause")


def beam_off() -> Question:
    known = {"continue": "the beam is on again"}
    return _choice(
        "session.beam_off", "Paused: the beam is off. Go on with", known, None, {"next": "continue"}, when="after pause"
    )


def pause_reason() -> Question:
    return _free("session.pause_reason", "Why the pause?", "", when="after pause")


def thickness(operation: Operation, *, simulated: bool) -> Question:
    planned = operation.thickness_after_m
    default = show(planned, "m") if simulated and planned is not None else None
    return Question(
        _id(operation, "thickness"),
        "Thickness that is left, as measured?",
        f"such as 120 nm, or: {NOT_MEASURED}",
        quantity("m", "120 nm", unknown=True),
        default,
    )


def thickness_by(operation: Operation, *, simulated: bool) -> Question:
    return Question(
        _id(operation, "thickness_by"),
        "How was it measured?",
        "such as: SEM from above, EELS, intensity in STEM",
        words("how it was measured"),
        "simulated SEM from above" if simulated else None,
        free=True,
    )


def time(operation: Operation, clock_s: float) -> Question:
    read = quantity("s", "12 min", zero=True)
    return Question(
        _id(operation, "time"), "How long did it take in all?", "such as 12 min", read, seconds_text(clock_s)
    )


def beam_on(operation: Operation, clock_s: float) -> Question:
    read = quantity("s", "12 min", zero=True, unknown=True)
    form = f"such as 10.5 min, or: {NOT_MEASURED}"
    return Question(_id(operation, "beam_on"), "How long was the beam on?", form, read, seconds_text(clock_s))


def beam_current(operation: Operation) -> Question:
    planned = operation.beam_current_a or 0.0
    form = f"such as {show(planned, 'A')}, or: {NOT_MEASURED}"
    read = quantity("A", show(planned, "A"), unknown=True)
    return Question(_id(operation, "beam_current"), "Beam current, as measured?", form, read, NOT_MEASURED)


def imaging_dose(operation: Operation) -> Question:
    form = f"such as 2 pC/um2, or: {NOT_MEASURED}"
    read = quantity("C/m2", "2 pC/um2", zero=True, unknown=True)
    return Question(_id(operation, "imaging_dose"), "Dose it was imaged with?", form, read, NOT_MEASURED)


def note(operation: Operation) -> Question:
    return _free(_id(operation, "note"), "Anything to remember?", "")


def confirm(operation: Operation, *, simulated: bool) -> Question:
    default = "record" if simulated else None
    return _choice(_id(operation, "confirm"), "Record this?", RECORD, default, {"next": "record"})


def doubt(operation: Operation, doubts: Sequence[str] = ()) -> Question:
    text = f"Is that so: {'; '.join(doubts)}?" if doubts else "Is that so?"
    return _choice(_id(operation, "doubt"), text, KEEP, when="values look wrong")


def found(operation: Operation) -> Question:
    when = "a crash left it uncertain"
    return _choice(_id(operation, "found"), "What do you find?", FOUND, None, when=when)


def unfinished(name: str) -> Question:
    return _choice(f"operation.{name}.unfinished", "And now?", UNFINISHED, None, when="it was broken off")


def reason(where: str, why: str, when: str) -> Question:
    """The written reason for a decision; it has no default."""
    return Question(f"{where}_reason", why, "a few words", words("a reason"), free=True, when=when)


def blocked() -> Question:
    return _choice("session.blocked", "An error is in the way.", BLOCKED, None, when="the rules find an error")


def sure(what: str) -> Question:
    """A second answer, in full, before something ends for good."""
    known = {"abort": "end the session for good", "no": "go back"}
    return _choice("session.abort", f"{what} Really?", known, None, when="after abort")


def redo(known: Callable[[], Mapping[str, str]], default: str | None = None) -> Question:
    form = "names of operations that are over, with blanks between"
    return Question("session.redo", "What is done again?", form, names_from(known), default, when="after redo")


def sample_ready(operation: Operation, *, simulated: bool) -> Question:
    known = {"ready": "all of it holds", "leave": "leave; the session can be resumed"}
    text = "Is the sample below the tips, and does all of this hold?"
    return _choice(_id(operation, "ready"), text, known, "ready" if simulated else None, {"next": "ready"})


def condition(operation: str, name: str, clause: str, *, simulated: bool) -> Question:
    known = {"yes": "it holds", "no": "it does not, or nobody knows"}
    default = "yes" if simulated else None
    return _choice(f"operation.{operation}.{name}", f"Does this hold: {clause}?", known, default, {"next": "yes"})


def landed(operation: str, path: str, probing: str, *, simulated: bool) -> Question:
    known = {"landed": "both tips touch", "leave": "leave; the session can be resumed"}
    text = "Do both tips stand there, and does all of this hold?"
    default = "landed" if simulated else None
    return _choice(f"operation.{operation}.{path}.{probing}", text, known, default, {"next": "landed"})


def curve_file(operation: str, path: str, probing: str, read: Read | None = None) -> Question:
    where = f"operation.{operation}.{path}.{probing}_file"
    return Question(where, "File of this sweep?", "its path", read or words("a file"), free=True)


def accepted_by(default: str | None) -> Question:
    """A marginal lamella is accepted by a person with a name."""
    when = "after accept"
    return Question("verdict.accepted_by", "Who accepts it?", "a name", words("a name"), default, free=True, when=when)


def after_verdict(proposals: int, *, acceptable: bool = False) -> Question:
    """Every proposal is taken up by its number; what is only marginal can be accepted."""
    reworks = {f"rework {number}": "take it up" for number in range(1, proposals + 1)}
    accept = {"accept": "accept what is marginal, by name and with a reason"} if acceptable else {}
    known = reworks | accept | AFTER_VERDICT
    return _choice("verdict.decision", "What now?", known, when="the verdict does not accept")


def questions_of(plan: Plan, *, simulated: bool, files: bool = False) -> Iterator[Question]:
    """Every question of a session that goes as planned, and then those that may come up."""
    yield operator_name(None)
    yield go(simulated=simulated)
    measured = any(isinstance(operation.step, Measure) for operation in plan.operations)
    for operation in plan.operations:
        asked = _asked_of(plan, operation, simulated=simulated, files=files)
        if isinstance(operation.step, HandOff) and not measured:
            asked = (replace(question, when="the lamella is accepted") for question in asked)
        yield from asked
    yield from _may_come(plan)


def _asked_of(plan: Plan, operation: Operation, *, simulated: bool, files: bool) -> Iterator[Question]:
    yield begin(operation, simulated=simulated)
    if isinstance(operation.step, Measure):
        yield sample_ready(operation, simulated=simulated)
        yield from (condition(operation.name, *entry, simulated=simulated) for entry in CONDITIONS.items())
        for step in protocol(plan, operation.step.paths):
            if step.moved:
                yield landed(operation.name, step.path, step.name, simulated=simulated)
            if files:
                yield curve_file(operation.name, step.path, step.name)
        return
    yield end(operation, simulated=simulated)
    for question in actual_questions(operation, 0.0, 0.0, simulated=simulated):
        timed = question.id.endswith((".time", ".beam_on"))
        yield replace(question, default=CLOCK) if timed else question
    yield confirm(operation, simulated=simulated)


def actual_questions(operation: Operation, clock_s: float, beam_s: float, *, simulated: bool) -> Iterator[Question]:
    """What is asked of an operation that is over."""
    if isinstance(operation.step, Thinning):
        yield thickness(operation, simulated=simulated)
        yield replace(thickness_by(operation, simulated=simulated), when="")
    yield time(operation, clock_s)
    if isinstance(operation.step, Beamed):
        yield beam_on(operation, beam_s)
        yield beam_current(operation)
        yield imaging_dose(operation)
    yield note(operation)


def _may_come(plan: Plan) -> Iterator[Question]:
    for operation in plan.operations:
        yield doubt(operation)
        yield found(operation)
        yield unfinished(operation.name)
        for what, why in (
            ("skip", "Why is it left out?"),
            ("stop", "Why was it broken off?"),
            ("doubt", "Why does it hold?"),
        ):
            yield reason(_id(operation, what), why, f"after {what}" if what != "doubt" else "after keep")
    yield from (go_on(), pause_reason(), blocked(), reason("session.blocked", "Why go on?", "after accept"))
    yield after_verdict(1, acceptable=True)
    yield accepted_by(None)
    yield reason("verdict.accepted", "Why is it accepted?", "after accept")
    yield redo(dict)
    yield reason("session.redo", "Why is it done again?", "after redo")
    yield reason("session.abort", "Why does it end here?", "after abort")
    yield sure("This ends the session.")


def seconds_text(seconds: float) -> str:
    """A duration as an answer: one number, one unit."""
    return f"{seconds:.0f} s" if seconds < 180 else f"{seconds / 60:.1f} min"


def _choice(
    where: str,
    text: str,
    known: Mapping[str, str],
    default: str | None = None,
    same: Mapping[str, str] | None = None,
    *,
    when: str = "",
) -> Question:
    return Question(where, text, ", ".join(known), one_of(known, same), default, enter=False, when=when)


def _free(where: str, text: str, default: str, when: str = "") -> Question:
    return Question(where, text, "a few words", words(needed=False), default, free=True, when=when)


def _id(operation: Operation, what: str) -> str:
    return f"operation.{operation.name}.{what}"
