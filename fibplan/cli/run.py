"""``fibplan run``: a session with a person at a terminal, or without one from a file of answers."""

import getpass
import re
import shutil
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fibplan.cli.options import Format, FormatOption, LibraryOption, RecipeArgument, SeedOption
from fibplan.cli.output import folded, say, say_json, tell
from fibplan.cli.sessions import WORKSPACE, WorkspaceOption
from fibplan.errors import ExitCode, Misuse
from fibplan.units import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fibplan.cli.seating import Setup
    from fibplan.library.examine import Examined
    from fibplan.model.plan import Plan
    from fibplan.session.engine import Crew
    from fibplan.wizard.desk import Manner
    from fibplan.wizard.question import Question
    from fibplan.wizard.screen import Screen
    from fibplan.wizard.seat import Seat
    from fibplan.wizard.start_screen import Outlook

AnswersOption = Annotated[
    Path | None, typer.Option("--answers", help="Take answers from this YAML file, or from another session's folder.")
]
NoInputOption = Annotated[bool, typer.Option("--no-input", help="Ask nobody: fail with a list of what is missing.")]
DefaultsOption = Annotated[
    bool, typer.Option("--accept-defaults", help="Take a question's default where there is one and no answer.")
]
OperatorOption = Annotated[str | None, typer.Option("--operator", help="Who works, for the journal.")]
AsciiOption = Annotated[bool, typer.Option("--ascii", help="Draw with ASCII signs, whatever the console says it can.")]
DrawOption = Annotated[bool, typer.Option("--draw", help="Draw the plan as pictures first, and open one.")]
ResourceOption = Annotated[str | None, typer.Option("--resource", help="VISA resource of the SMU.")]
VisaOption = Annotated[str | None, typer.Option("--visa-library", help="PyVISA library; @ivi for NI-VISA.")]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="Folder for the package; beside the session if not said.")
]
FAULT_HELP = "With --simulate: what is wrong until it is reworked, such as open_bridge; may be given again."


def run(
    recipe: RecipeArgument,
    *,
    simulate: Annotated[
        bool, typer.Option("--simulate", help="Practise: nothing is real, and everything says so.")
    ] = False,
    resource: ResourceOption = None,
    visa_library: VisaOption = None,
    from_files: Annotated[
        bool, typer.Option("--from-files", help="Read each sweep from a file of the bench's own software.")
    ] = False,
    columns: Annotated[
        str | None, typer.Option("--columns", help="With --from-files: as 'fibplan measure --columns' takes them.")
    ] = None,
    answers: AnswersOption = None,
    no_input: NoInputOption = False,
    accept_defaults: DefaultsOption = False,
    list_questions: Annotated[bool, typer.Option("--list-questions", help="Name every question, and stop.")] = False,
    operator: OperatorOption = None,
    draw: DrawOption = False,
    ascii_only: AsciiOption = False,
    fault: Annotated[list[str] | None, typer.Option("--fault", help=FAULT_HELP)] = None,
    time_scale: Annotated[
        float,
        typer.Option("--time-scale", min=0.001, max=1.0, help="Real seconds for a simulated one, with --simulate."),
    ] = 0.02,
    out: OutOption = None,
    workspace: WorkspaceOption = WORKSPACE,
    library: LibraryOption = None,
    output: FormatOption = Format.TEXT,
    seed: SeedOption = 0,
) -> None:
    """Walk through a session: mill, lift out, join, measure, judge, hand off; every step is in its journal.

    Exit code 0 accepted, or a recipe without a measurement came to its end; 1 not accepted, aborted or left; 130
    interrupted. Whatever ends it early, the last line says how it is resumed.
    """
    from fibplan.cli.seating import Setup
    from fibplan.library.examine import examine
    from fibplan.library.search_path import default_search_path

    examined = examine(recipe, default_search_path(library or ()))
    plan = examined.sound_plan()
    if list_questions:
        _list(plan, simulated=simulate, files=from_files, output=output)
        return
    _refuse_mixed(simulate=simulate, faults=fault, bench=bool(resource or from_files))
    bench = (resource or "", visa_library or "@py")
    setup = Setup(simulate, *bench, tuple(fault or ()), seed, time_scale, from_files, columns or "")
    manner = manner_of(answers, no_input=no_input, accept_defaults=accept_defaults)
    _refuse_missing(plan, manner, simulated=simulate, files=from_files, named=operator is not None)
    _tell_unknown(plan, manner, simulated=simulate, files=from_files)
    name = _free_name(workspace, examined, setup.clock.now())
    resume = resume_command(name, workspace)
    opening = Opening(examined, plan, setup, workspace / name, resume, out or workspace, output, draw)
    opening.run(manner, operator, ascii_only=ascii_only)


@dataclass(frozen=True)
class Opening:
    """A session that is about to be begun."""

    examined: "Examined"
    plan: "Plan"
    setup: "Setup"
    root: Path
    resume: str
    out: Path
    output: Format
    draw: bool

    def run(self, manner: "Manner", operator: str | None, *, ascii_only: bool) -> None:
        """From the first screen to the package; the process ends with the session's exit code."""
        from fibplan.cli.seating import crewed, seat_of
        from fibplan.cli.session_end import conclude, resumable
        from fibplan.session.engine import run_session
        from fibplan.session.frozen import frozen_sources
        from fibplan.wizard.start_screen import start_screen

        stream = sys.stderr if self.output is Format.JSON else sys.stdout
        who = operator or ""
        seat = seat_of(stream, manner, self.setup, operator=who, resume=self.resume, ascii_only=ascii_only)
        with resumable(self.root, self.resume), crewed(self.plan, seat, self.setup) as crew:
            screen = start_screen(outlook_of(self.plan, self.examined, crew, seat, self.root))
            if not asked_to_start(seat, screen):
                tell("nothing was begun")
                raise typer.Exit(ExitCode.NOT_ACCEPTED)
            for question, answer in self.setup.answers().items():
                seat.desk.record(question, answer)
            self._prepare()
            state = run_session(self.root, self.plan, frozen_sources(self.examined), crew, self.root.name)
            conclude(self.root, self.plan, state, seat, out=self.out, output=self.output)

    def _prepare(self) -> None:
        from fibplan.cli.delivery import open_picture
        from fibplan.cli.plan import write_drawings
        from fibplan.journal.durable import storage

        with storage(self.root.parent, "make the workspace"):
            self.root.parent.mkdir(parents=True, exist_ok=True)
        if self.draw:
            drawn = write_drawings(self.plan, self.root.with_name(f"{self.root.name}-figures"))
            open_picture(drawn[0])
            tell(f"drew {drawn[0].parent}")


def asked_to_start(seat: "Seat", screen: "Screen") -> bool:
    """Who works, and whether the session is begun; an operator that was named is not asked for."""
    from fibplan.wizard import session_questions as ask

    if not seat.operator:
        seat.operator = seat.desk.ask(ask.operator_name(login_name()), screen)
    return seat.desk.ask(ask.go(simulated=seat.simulated), screen) == "start"


def outlook_of(plan: "Plan", examined: "Examined", crew: "Crew", seat: "Seat", root: Path) -> "Outlook":
    """What the first screen tells."""
    from fibplan.cli.seating import smu_words
    from fibplan.wizard.start_screen import Outlook

    free = shutil.disk_usage(next(folder for folder in root.absolute().parents if folder.exists())).free
    return Outlook(
        plan, examined.file.path.name, examined.findings, sorted(examined.binding.texts), smu_words(crew), root, free,
        seat.clock.now(), plan.duration, seat.speed,
    )  # fmt: skip


def login_name() -> str | None:
    """Who is logged in, as far as the system says."""
    try:
        return getpass.getuser() or None
    except (OSError, KeyError, ImportError):
        return None


def resume_command(name: str, workspace: Path) -> str:
    """The command that goes on with a session, as it is typed in this folder."""
    elsewhere = "" if workspace == WORKSPACE else f" --workspace {_quoted(str(workspace))}"
    return f"fibplan resume {name}{elsewhere}"


def manner_of(answers: Path | None, *, no_input: bool, accept_defaults: bool) -> "Manner":
    """Where answers come from."""
    from fibplan.wizard.answers import Answers, answers_in
    from fibplan.wizard.desk import Manner

    given = answers_in(answers) if answers is not None else Answers({})
    return Manner(given, accept_defaults=accept_defaults, ask=not no_input)


def _quoted(text: str) -> str:
    return f'"{text}"' if " " in text else text


def _free_name(workspace: Path, examined: "Examined", now: datetime) -> str:
    """Date and recipe, in letters that name a package, too; with a number where that is taken."""
    stem = re.sub(r"[^a-z0-9]+", "-", examined.file.path.stem.lower()).strip("-")
    name = f"{now:%Y%m%d}-{stem}"
    number = 1
    free = name
    while (workspace / free).exists():
        number += 1
        free = f"{name}-{number}"
    return free


def _refuse_mixed(*, simulate: bool, faults: list[str] | None, bench: bool) -> None:
    if simulate and bench:
        raise Misuse("a simulated session has no bench", where="--simulate", remedy="leave out one of the two")
    if faults and not simulate:
        raise Misuse("a real lamella has its own faults", where="--fault", remedy="add --simulate")


def _refuse_missing(plan: "Plan", manner: "Manner", *, simulated: bool, files: bool, named: bool) -> None:
    """Everything that is always asked and that nothing answers, told at once before anything is begun."""
    if manner.ask or manner.answers.replayed:
        return
    missing = [
        question
        for question in _questions(plan, simulated=simulated, files=files)
        if not question.when
        and not manner.answers.has(question.id)
        and not (manner.accept_defaults and question.default is not None)
        and not (named and question.id == "session.operator")
        and not _is_skipped(question, manner)
    ]
    if missing:
        raise Unanswerable(missing)


def _tell_unknown(plan: "Plan", manner: "Manner", *, simulated: bool, files: bool) -> None:
    """Ids that no question of the recipe has: of an operation that is yet to be added, or misspelt."""
    from difflib import get_close_matches

    if manner.answers.replayed:
        return
    known = [question.id for question in _questions(plan, simulated=simulated, files=files)]
    for name in manner.answers.left:
        if name not in known:
            near = get_close_matches(name, known, 1)
            like = f"; is {near[0]} meant?" if near else ""
            tell(f"{manner.answers.source}: the recipe has no question '{shortened(name)}'{like}")


def _questions(plan: "Plan", *, simulated: bool, files: bool) -> "Iterator[Question]":
    from dataclasses import replace

    from fibplan.wizard.every_question import questions_of

    for question in questions_of(plan, simulated=simulated, files=files):
        yield replace(question, default=login_name()) if question.id == "session.operator" else question


def _is_skipped(question: "Question", manner: "Manner") -> bool:
    """Whether it belongs to an operation that the answers leave out."""
    operation, _, what = question.id.rpartition(".")
    return what != "begin" and manner.answers.first(f"{operation}.begin") == "skip"


class Unanswerable(Misuse):
    """Nobody may be asked, and these questions have no answer; one line each."""

    code = "unanswered"

    def __init__(self, missing: "Sequence[Question]") -> None:
        super().__init__(f"{len(missing)} questions have no answer")
        self._missing = tuple(missing)

    def lines(self) -> list[str]:
        told = [f"{question.id}: {question.text} {question.form}{_default(question)}" for question in self._missing]
        return [f"--no-input: {self.message}; give them in --answers FILE:", *told]


def _default(question: "Question") -> str:
    return f" [--accept-defaults takes: {question.default or 'none'}]" if question.default is not None else ""


def _list(plan: "Plan", *, simulated: bool, files: bool, output: Format) -> None:
    questions = list(_questions(plan, simulated=simulated, files=files))
    if output is Format.JSON:
        say_json([_question_json(question) for question in questions])
        return
    for question in questions:
        condition = f" (only {question.when})" if question.when else ""
        say(folded(f"{question.id}: {question.text} {question.form}{_default(question)}{condition}"))


def _question_json(question: "Question") -> dict[str, Any]:
    asked = question.when or "always"
    return {
        "id": question.id, "question": question.text, "answer": question.form, "default": question.default,
        "asked": asked,
    }  # fmt: skip
