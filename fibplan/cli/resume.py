"""``fibplan resume``: goes on with a session that was left, by whatever it was left."""

import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from fibplan.cli.options import Format, FormatOption
from fibplan.cli.output import tell
from fibplan.cli.run import (
    AnswersOption,
    AsciiOption,
    DefaultsOption,
    NoInputOption,
    OperatorOption,
    OutOption,
    ResourceOption,
    VisaOption,
    asked_to_start,
    manner_of,
    resume_command,
)
from fibplan.cli.sessions import WORKSPACE, SessionArgument, WorkspaceOption
from fibplan.errors import ExitCode, Misuse, StorageError

if TYPE_CHECKING:
    from fibplan.cli.seating import Setup
    from fibplan.journal.events import SessionOpened
    from fibplan.model.plan import Plan
    from fibplan.session.engine import Crew
    from fibplan.session.workspace import Seen
    from fibplan.wizard.desk import Manner
    from fibplan.wizard.seat import Seat
    from fibplan.wizard.start_screen import Outlook


def resume(
    session: SessionArgument,
    *,
    resource: ResourceOption = None,
    visa_library: VisaOption = None,
    answers: AnswersOption = None,
    no_input: NoInputOption = False,
    accept_defaults: DefaultsOption = False,
    operator: OperatorOption = None,
    ascii_only: AsciiOption = False,
    out: OutOption = None,
    workspace: WorkspaceOption = WORKSPACE,
    output: FormatOption = Format.TEXT,
) -> None:
    """Go on with a session. What was started and never confirmed is inspected first: it is not begun again unseen.

    A simulated session goes on simulated, a real one real. Exit codes are those of ``fibplan run``.
    """
    from fibplan.cli.session_end import command_left
    from fibplan.session.workspace import find, look

    root = find(workspace, session)
    seen = look(root)
    if seen.state is not None and seen.state.closed is not None:
        tell(f"the session is over: {seen.state.closed.outcome}, {seen.state.closed.reason}")
        if following := command_left(root, resume_command(root.name, workspace)):
            tell("its package was not written")
            tell(following)
        raise typer.Exit(ExitCode.MISUSE)
    manner = manner_of(answers, no_input=no_input, accept_defaults=accept_defaults)
    opened = _opened(seen)
    setup = _setup(seen, opened, resource, visa_library)
    command = resume_command(root.name, workspace)
    resumption = Resumption(root, seen, setup, command, out or workspace, output)
    resumption.run(manner, operator or opened.operator, ascii_only=ascii_only)


@dataclass(frozen=True)
class Resumption:
    """A session that is about to be gone on with."""

    root: Path
    seen: "Seen"
    setup: "Setup"
    command: str
    out: Path
    output: Format

    def run(self, manner: "Manner", operator: str, *, ascii_only: bool) -> None:
        """From the first screen to the package; the process ends with the session's exit code."""
        from fibplan.cli.seating import crewed, seat_of
        from fibplan.cli.session_end import conclude, resumable
        from fibplan.session.engine import resume_session
        from fibplan.session.folder import SessionFolder
        from fibplan.session.frozen import frozen_plan
        from fibplan.wizard.start_screen import start_screen

        plan = frozen_plan(SessionFolder(self.root), _opened(self.seen)).plan
        stream = sys.stderr if self.output is Format.JSON else sys.stdout
        seat = seat_of(stream, manner, self.setup, operator=operator, resume=self.command, ascii_only=ascii_only)
        with resumable(self.root, self.command), crewed(plan, seat, self.setup) as crew:
            screen = start_screen(self._outlook(plan, crew, seat))
            if not asked_to_start(seat, screen):
                tell("nothing was gone on with")
                raise typer.Exit(ExitCode.NOT_ACCEPTED)
            state = resume_session(self.root, crew, plan)
            conclude(self.root, plan, state, seat, out=self.out, output=self.output)

    def _outlook(self, plan: "Plan", crew: "Crew", seat: "Seat") -> "Outlook":
        from fibplan.cli.seating import smu_words
        from fibplan.model.interval import total
        from fibplan.session.foresight import foresee
        from fibplan.wizard.start_screen import Outlook

        state = self.seen.state
        assert state is not None
        foresight = foresee(plan, state)
        due = {*state.pending, *state.uncertain}
        left = total((entry.duration_s for entry in foresight.plan.operations if entry.name in due), "s")
        opened = state.opened
        return Outlook(
            plan, opened.recipe, foresight.findings, sorted(opened.cards_sha256), smu_words(crew), self.root,
            shutil.disk_usage(self.root).free, seat.clock.now(), left, seat.speed, resumed=True,
            torn=self.seen.fault.message if self.seen.fault is not None else "", uncertain=state.uncertain,
        )  # fmt: skip


def _opened(seen: "Seen") -> "SessionOpened":
    """What the session began with.

    Raises what is wrong with its journal, and :class:`~fibplan.journal.lock.Locked` while somebody else writes it.
    """
    from fibplan.journal.lock import Locked

    if seen.holder is not None:
        remedy = "close it there; until then it can be looked at with 'fibplan sessions show'"
        raise Locked(f"the session is being written by {seen.holder}", seen.holder, where=str(seen.root), remedy=remedy)
    if seen.fault is not None and not seen.mendable:
        raise seen.fault
    if seen.state is None:
        raise StorageError("the journal opens no session", where=str(seen.root), remedy="begin a new one")
    return seen.state.opened


def _setup(seen: "Seen", opened: "SessionOpened", resource: str | None, visa_library: str | None) -> "Setup":
    """As it was begun, but for the instrument's address, which may have changed."""
    from fibplan.cli.seating import Setup
    from fibplan.wizard.answers import answers_given

    if opened.simulated and resource:
        raise Misuse("a simulated session has no instrument", where="--resource", remedy="leave it out")
    kept = Setup.kept(opened.simulated, answers_given(record.event for record in seen.records))
    return replace(kept, resource=resource or kept.resource, visa_library=visa_library or kept.visa_library)
