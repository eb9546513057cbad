"""The questions of a session, by the ids that files of answers and journals use."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from fibplan.model.plan import Operation
from fibplan.model.steps import Beamed, Thinning
from fibplan.units import show
from fibplan.wizard.question import NOT_MEASURED, Question, names_from, one_of, quantity, words

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


def operator_name(default: str | None) -> Question:
    return Question("session.operator", "Who works?", "your name", words("a name"), default)


def go(*, simulated: bool) -> Question:
    known = {"start": "open the session", "leave": "do nothing"}
    return choice("session.start", "Start the session?", known, "start" if simulated else None, {"next": "start"})


def begin(operation: Operation, *, simulated: bool) -> Question:
    default = "begin" if simulated else None
    return replace(choice(id_of(operation, "begin"), "What now?", BEGIN, default, FORWARD), beside=BESIDE)


def end(operation: Operation, *, simulated: bool) -> Question:
    default = "done" if simulated else None
    return replace(choice(id_of(operation, "end"), "Over?", END, default, {"next": "done"}), beside=BESIDE)


def go_on(where: str = "session.pause") -> Question:
    return choice(where, "Paused.", GO_ON, None, {"next": "continue"}, when="after pause")


def beam_off() -> Question:
    known = {"continue": "the beam is on again"}
    return choice(
        "session.beam_off", "Paused: the beam is off. Go on with", known, None, {"next": "continue"}, when="after pause"
    )


def pause_reason() -> Question:
    return free("session.pause_reason", "Why the pause?", "", when="after pause")


def thickness(operation: Operation, *, simulated: bool) -> Question:
    planned = operation.thickness_after_m
    default = show(planned, "m") if simulated and planned is not None else None
    return Question(
        id_of(operation, "thickness"),
        "Thickness that is left, as measured?",
        f"such as 120 nm, or: {NOT_MEASURED}",
        quantity("m", "120 nm", unknown=True),
        default,
    )


def thickness_by(operation: Operation, *, simulated: bool) -> Question:
    return Question(
        id_of(operation, "thickness_by"),
        "How was it measured?",
        "such as: SEM from above, EELS, intensity in STEM",
        words("how it was measured"),
        "simulated SEM from above" if simulated else None,
        free=True,
    )


def time(operation: Operation, clock_s: float) -> Question:
    read = quantity("s", "12 min", zero=True)
    return Question(
        id_of(operation, "time"), "How long did it take in all?", "such as 12 min", read, seconds_text(clock_s)
    )


def beam_on(operation: Operation, clock_s: float) -> Question:
    read = quantity("s", "12 min", zero=True, unknown=True)
    form = f"such as 10.5 min, or: {NOT_MEASURED}"
    return Question(id_of(operation, "beam_on"), "How long was the beam on?", form, read, seconds_text(clock_s))


def beam_current(operation: Operation) -> Question:
    planned = operation.beam_current_a or 0.0
    form = f"such as {show(planned, 'A')}, or: {NOT_MEASURED}"
    read = quantity("A", show(planned, "A"), unknown=True)
    return Question(id_of(operation, "beam_current"), "Beam current, as measured?", form, read, NOT_MEASURED)


def imaging_dose(operation: Operation) -> Question:
    form = f"such as 2 pC/um2, or: {NOT_MEASURED}"
    read = quantity("C/m2", "2 pC/um2", zero=True, unknown=True)
    return Question(id_of(operation, "imaging_dose"), "Dose it was imaged with?", form, read, NOT_MEASURED)


def note(operation: Operation) -> Question:
    return free(id_of(operation, "note"), "Anything to remember?", "")


def confirm(operation: Operation, *, simulated: bool) -> Question:
    default = "record" if simulated else None
    return choice(id_of(operation, "confirm"), "Record this?", RECORD, default, {"next": "record"})


def doubt(operation: Operation, doubts: Sequence[str] = ()) -> Question:
    text = f"Is that so: {'; '.join(doubts)}?" if doubts else "Is that so?"
    return choice(id_of(operation, "doubt"), text, KEEP, when="values look wrong")


def found(operation: Operation) -> Question:
    when = "a crash left it uncertain"
    return choice(id_of(operation, "found"), "What do you find?", FOUND, None, when=when)


def unfinished(name: str) -> Question:
    return choice(f"operation.{name}.unfinished", "And now?", UNFINISHED, None, when="it was broken off")


def reason(where: str, why: str, when: str) -> Question:
    """The written reason for a decision; it has no default."""
    return Question(f"{where}_reason", why, "a few words", words("a reason"), free=True, when=when)


def blocked() -> Question:
    return choice("session.blocked", "An error is in the way.", BLOCKED, None, when="the rules find an error")


def sure(what: str) -> Question:
    """A second answer, in full, before something ends for good."""
    known = {"abort": "end the session for good", "no": "go back"}
    return choice("session.abort", f"{what} Really?", known, None, when="after abort")


def redo(known: Callable[[], Mapping[str, str]]) -> Question:
    form = "names of operations that are over, with blanks between"
    return Question("session.redo", "What is done again?", form, names_from(known), None, when="after redo")


def accepted_by() -> Question:
    """A marginal lamella is accepted by a person who writes a name: nobody's is offered."""
    return Question("verdict.accepted_by", "Who accepts it?", "a name", words("a name"), free=True, when="after accept")


def after_verdict(proposals: int, *, acceptable: bool = False) -> Question:
    """Every proposal is taken up by its number; what is only marginal can be accepted."""
    reworks = {f"rework {number}": "take it up" for number in range(1, proposals + 1)}
    accept = {"accept": "accept what is marginal, by name and with a reason"} if acceptable else {}
    known = reworks | accept | AFTER_VERDICT
    return choice("verdict.decision", "What now?", known, when="the verdict does not accept")


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


def seconds_text(seconds: float) -> str:
    """A duration as an answer: one number, one unit."""
    return f"{seconds:.0f} s" if seconds < 180 else f"{seconds / 60:.1f} min"


def choice(
    where: str,
    text: str,
    known: Mapping[str, str],
    default: str | None = None,
    same: Mapping[str, str] | None = None,
    *,
    when: str = "",
) -> Question:
    return Question(where, text, ", ".join(known), one_of(known, same), default, enter=False, when=when)


def free(where: str, text: str, default: str, when: str = "") -> Question:
    return Question(where, text, "a few words", words(needed=False), default, free=True, when=when)


def id_of(operation: Operation, what: str) -> str:
    return f"operation.{operation.name}.{what}"
