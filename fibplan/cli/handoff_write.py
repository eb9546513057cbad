"""``fibplan handoff write``: the package of a session that is over."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fibplan.cli.options import Format, FormatOption, SeedOption
from fibplan.cli.output import say, say_json, tell
from fibplan.cli.sessions import WORKSPACE, SessionArgument, WorkspaceOption

if TYPE_CHECKING:
    from fibplan.clock import Clock
    from fibplan.handoff.contents import PackageContents
    from fibplan.journal.state import SessionState
    from fibplan.session.folder import SessionFolder

REPORT_HELP = "Write why the lamella was not accepted instead: another kind of file, under another name."
NEXUS_HELP = "Write the curves as NeXus (NXiv_temp), too; needs the extra 'nexus'."


def write(
    session: SessionArgument,
    *,
    out: Annotated[Path, typer.Option("--out", help="Folder for the package.")] = Path(),
    failure_report: Annotated[bool, typer.Option("--failure-report", help=REPORT_HELP)] = False,
    nexus: Annotated[bool, typer.Option("--nexus", help=NEXUS_HELP)] = False,
    workspace: WorkspaceOption = WORKSPACE,
    output: FormatOption = Format.TEXT,
    seed: SeedOption = 0,
) -> None:
    """Write NAME.eln for an accepted lamella; for any other one only a failure report, and only when asked for.

    The same session gives the same bytes. Exit code 1 for a lamella that is not accepted, 2 where another package has
    the name. Pictures are drawn once and kept in the session's folder.
    """
    from fibplan.clock import SystemClock
    from fibplan.handoff.package import write_failure_report, write_hand_off
    from fibplan.session.folder import SessionFolder
    from fibplan.session.workspace import find

    folder = SessionFolder(find(workspace, session))
    contents = contents_of(folder, seed, nexus=nexus)
    package = write_failure_report(contents, out) if failure_report else write_hand_off(contents, out)
    record_package(folder, contents.state, package, SystemClock(), failure_report=failure_report)
    told = _told(contents, package, failure_report=failure_report)
    if output is Format.JSON:
        say_json(told)
        return
    for text in contents.marks:
        tell(text)
    say(f"{told['kind']}: {package} ({told['size_bytes'] / 1e6:.1f} MB, sha256 {told['sha256']})")


def contents_of(folder: "SessionFolder", seed: int, *, nexus: bool = False) -> "PackageContents":
    """Everything that the session's package is made of, with its pictures and diagnosis.

    Raises :class:`~fibplan.errors.StorageError` where the folder does not hold what was written.
    """
    from fibplan.cli.pictures import session_pictures
    from fibplan.handoff.contents import gather, until_closed
    from fibplan.journal.file import read
    from fibplan.journal.state import fold
    from fibplan.session.frozen import frozen_plan

    state = fold(record.event for record in until_closed(read(folder.journal)))
    plan = frozen_plan(folder, state.opened).plan
    drawn = session_pictures(folder, plan, state, seed)
    return gather(folder, plan, drawn.files, _name(state), diagnosis=drawn.diagnosis, nexus=nexus)


def write_package(
    contents: "PackageContents", folder: "SessionFolder", state: "SessionState", out: Path, clock: "Clock"
) -> Path:
    """The hand-off of an accepted lamella, or the failure report of another, and its record in the journal."""
    from fibplan.handoff.package import write_failure_report, write_hand_off

    accepted = state.verdict is not None and state.verdict.accepted
    package = write_hand_off(contents, out) if accepted else write_failure_report(contents, out)
    record_package(folder, state, package, clock, failure_report=not accepted)
    return package


def record_package(
    folder: "SessionFolder", state: "SessionState", package: Path, clock: "Clock", *, failure_report: bool
) -> None:
    """The journal of a session that is closed says once that this file was written; an open one stays as it is."""
    from fibplan.journal.events import PackageForm, PackageWritten
    from fibplan.journal.file import Journal, read
    from fibplan.session.folder import sha256

    form = PackageForm.FAILURE_REPORT if failure_report else PackageForm.HAND_OFF
    event = PackageWritten(file=package.name, sha256=sha256(package.read_bytes()), form=form)
    if state.closed is None or any(record.event == event for record in read(folder.journal)):
        return
    with Journal(folder.journal, clock) as journal:
        journal.append(event)


def _name(state: "SessionState") -> str:
    """The session's id in the letters that a package may have."""
    import re

    return re.sub(r"[^a-z0-9_-]+", "-", state.opened.session.lower()).strip("-") or "session"


def _told(contents: "PackageContents", package: Path, *, failure_report: bool) -> dict[str, Any]:
    from fibplan.session.folder import sha256

    content = package.read_bytes()
    return {
        "kind": "failure report" if failure_report else "hand-off",
        "file": str(package),
        "sha256": sha256(content),
        "size_bytes": len(content),
        "session": contents.state.opened.session,
        "simulated": contents.simulated,
        "verdict": contents.verdict.outcome.value if contents.verdict is not None else None,
        "marks": list(contents.marks),
    }
