"""How a session is left: closed, with its package; or open, and then the last line says how it goes on."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from fibplan.cli.options import Format
from fibplan.cli.output import say, say_json, tell
from fibplan.errors import ExitCode, FibplanError

if TYPE_CHECKING:
    from fibplan.journal.state import SessionState
    from fibplan.model.plan import Plan
    from fibplan.wizard.seat import Seat


@contextmanager
def resumable(root: Path, command: str) -> Generator[None]:
    """Whatever ends what is inside, the command that goes on is the last line, if there is anything left to do."""
    try:
        yield
    except typer.Exit:
        raise
    except FibplanError as failure:
        following = command_left(root, command)
        if not following or os.environ.get("FIBPLAN_DEBUG"):
            raise
        for line in failure.lines():
            tell(line)
        tell(following)
        raise typer.Exit(failure.exit_code) from None
    except BaseException:
        if following := command_left(root, command):
            tell(following)
        raise


def conclude(root: Path, plan: "Plan", state: "SessionState", seat: "Seat", *, out: Path, output: Format) -> None:
    """Tell how it ended, with its package; the exit code is that of the verdict."""
    from fibplan.cli.delivery import deliver
    from fibplan.cli.pictures import FOLDER
    from fibplan.journal.events import Ending
    from fibplan.session.probing import measured_paths

    closed, session = state.closed, seat.session
    if closed is None:
        tell("left; everything that was confirmed is kept, and it is resumed with")
        tell(seat.resume)
        raise typer.Exit(ExitCode.NOT_ACCEPTED)
    package = None
    if state.verdict is not None and session is not None and closed.outcome is not Ending.ABORTED:
        package = deliver(root, state, out=out, clock=seat.clock)
        tell(f"pictures: {root / FOLDER}")
    _say_end(root, state, package, seat, output)
    unmeasured = closed.outcome is Ending.UNVERIFIED and not measured_paths(plan)
    fine = closed.outcome is Ending.ACCEPTED or unmeasured
    raise typer.Exit(ExitCode.FINE if fine else ExitCode.NOT_ACCEPTED)


def _say_end(root: Path, state: "SessionState", package: Path | None, seat: "Seat", output: Format) -> None:
    from fibplan.wizard.guidance import safe_to_leave

    assert state.closed is not None
    safe = safe_to_leave(seat.session.plan, state) if seat.session is not None else ()
    if output is Format.JSON:
        say_json(_json(root, state, package))
        return
    mark = "SIMULATED " if state.opened.simulated else ""
    say(f"{mark}session {state.closed.outcome}: {state.closed.reason}")
    if state.closed.outcome == "aborted":
        for text in safe:
            say(f"  {text}")
    if package is not None:
        accepted = state.verdict is not None and state.verdict.accepted
        kind = "hand-off package" if accepted else "failure report (this lamella is not handed off)"
        say(f"{kind}: {package}")
    say(f"journal, curves and images: {root}")


def _json(root: Path, state: "SessionState", package: Path | None) -> dict[str, Any]:
    closed, verdict = state.closed, state.verdict
    return {
        "session": state.opened.session,
        "folder": str(root),
        "simulated": state.opened.simulated,
        "outcome": closed.outcome.value if closed is not None else None,
        "reason": closed.reason if closed is not None else None,
        "verdict": verdict.outcome.value if verdict is not None else None,
        "package": str(package) if package is not None else None,
    }


def command_left(root: Path, resume: str) -> str:
    """What goes on with a session: resuming it, or writing the package that a closed one has not; else nothing."""
    from fibplan.journal.events import Ending
    from fibplan.session.workspace import look

    try:
        state = look(root).state
    except FibplanError:
        return ""
    if state is None:
        return ""
    if state.closed is None:
        return resume
    if state.verdict is None or state.packages or state.closed.outcome is Ending.ABORTED:
        return ""
    report = "" if state.verdict.accepted else " --failure-report"
    return f"fibplan handoff write {resume.removeprefix('fibplan resume ')}{report}"
