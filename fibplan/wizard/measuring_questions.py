"""The questions of a measurement: the sample, the surroundings, every landing, and the file of a sweep."""

from fibplan.model.plan import Operation
from fibplan.verification.probing import ProbingStep
from fibplan.wizard.question import Question, Read, Wrong, quantity, words
from fibplan.wizard.session_questions import choice, id_of

AUTOMATIC, NOT_KNOWN, ANOTHER_FILE = "auto", "not known", "another file"
MOST_CYCLES = 100.0
LANDED = "Do both tips stand there, and does all of this hold?"
LIKE = "voltage=Voltage:V,current=Current:nA,time=Time:s"


def sample_ready(operation: Operation, *, simulated: bool) -> Question:
    known = {"ready": "all of it holds", "leave": "leave; the session can be resumed"}
    text = "Is the sample below the tips, and does all of this hold?"
    return choice(id_of(operation, "ready"), text, known, "ready" if simulated else None, {"next": "ready"})


def condition(operation: str, name: str, clause: str, *, simulated: bool) -> Question:
    known = {"yes": "it holds", "no": "it does not, or nobody knows"}
    default = "yes" if simulated else None
    return choice(f"operation.{operation}.{name}", f"Does this hold: {clause}?", known, default, {"next": "yes"})


def landed(operation: str, step: ProbingStep, *, simulated: bool) -> Question:
    """Where no tip is to touch, the word says so."""
    lifted = "lifted" in step.landings
    word = "lifted" if lifted else "landed"
    text = "Are all tips clear of the sample, and does all of this hold?" if lifted else LANDED
    known = {word: "it is so", "leave": "leave; the session can be resumed"}
    default = word if simulated else None
    return choice(
        f"operation.{operation}.{step.path}.{step.name}", text, known, default, {"next": word, "landed": word}
    )


def curve_file(operation: str, path: str, probing: str, read: Read | None = None) -> Question:
    where = f"operation.{operation}.{path}.{probing}_file"
    return Question(where, "File of this sweep?", "its path", read or words("a file"), free=True)


def instrument(operation: str, path: str, default: str) -> Question:
    """The plan's SMU is only what was meant: an accuracy is that of the instrument which measured."""
    form = f"its model, such as 2450, or: {NOT_KNOWN}"
    read = words("a model")
    return Question(f"operation.{operation}.{path}.instrument", f"Which instrument sweeps {path}?", form, read, default)


def current_range(operation: str, path: str, default: str | None = None) -> Question:
    return Question(
        f"operation.{operation}.{path}.current_range",
        f"Measure range of the current, for {path}?",
        f"such as 100 nA, or: {AUTOMATIC}, or: {NOT_KNOWN}",
        _or_words(quantity("A", "100 nA", zero=False), AUTOMATIC, NOT_KNOWN),
        default,
    )


def cycles(operation: str, path: str, default: str | None = None) -> Question:
    form = f"a number, such as 1, or: {NOT_KNOWN}"
    where = f"operation.{operation}.{path}.nplc"
    text = "Integration time of a reading, in cycles of the mains?"
    return Question(where, text, form, _or_words(_cycles, NOT_KNOWN), default)


def columns(read: Read | None = None) -> Question:
    """A table says neither which column is which nor, mostly, its units."""
    form = f"such as {LIKE}, or: {ANOTHER_FILE}"
    read = read or words("a map of the columns")
    when = "the file of a sweep is a table"
    return Question("session.columns", "Which column is what in this table?", form, read, free=True, when=when)


def _or_words(read: Read, *known: str) -> Read:
    """One of these words, or what ``read`` takes."""

    def either(text: str) -> str:
        word = " ".join(text.lower().split())
        return word if word in known else read(text)

    return either


def _cycles(text: str) -> str:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0.0 < number <= MOST_CYCLES:
        raise Wrong(f"'{text.strip()[:40]}' is no number of cycles", remedy=f"write 1, or 0.1, or: {NOT_KNOWN}")
    return text.strip()
