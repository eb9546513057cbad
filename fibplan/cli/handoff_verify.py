"""``fibplan handoff verify``: whether a package is what was written, and who accepted what."""

from collections.abc import Sized
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fibplan.cli.options import Format, FormatOption
from fibplan.cli.output import folded, say, say_json
from fibplan.errors import ExitCode

if TYPE_CHECKING:
    from fibplan.handoff.verify import Checked

FileArgument = Annotated[Path, typer.Argument(help="A package, NAME.eln, or a failure report.")]


def verify(file: FileArgument, *, output: FormatOption = Format.TEXT) -> None:
    """Check hashes, journal and archive, judge the curves again, and say who accepted what, when, with which version.

    Nothing is unpacked. Exit code 0: a hand-off, whole, whose verdict follows from its curves; 1: something was
    changed, or it is a failure report; 2: it cannot be read as a package, or would do harm; 3: it cannot be read.

    With --format json, always these keys: file, sha256, kind (hand-off, failure report), whole, accepted, simulated,
    session, title, operator, begun, ended, version, verdict, recomputed (the outcome that the curves give now),
    acceptance ({person, reason, when}, or null), paths ([{path, grade, low_ohm, expected_ohm, high_ohm}]), files,
    records, faults ([{code, where, message}]), unchecked ([text]).
    """
    from fibplan.handoff.verify import verify_package

    checked = verify_package(file)
    if output is Format.JSON:
        say_json(_json(checked, file))
    else:
        for line in _lines(checked, file):
            say(folded(line))
    raise typer.Exit(ExitCode.FINE if checked.accepted else ExitCode.NOT_ACCEPTED)


def _json(checked: "Checked", file: Path) -> dict[str, Any]:
    state, records = checked.state, checked.records
    verdict = state.verdict if state is not None else None
    return {
        "file": str(file),
        "sha256": checked.sha256,
        "kind": _kind(checked),
        "whole": checked.whole,
        "accepted": checked.accepted,
        "simulated": checked.simulated,
        "session": state.opened.session if state is not None else None,
        "title": state.opened.title if state is not None else None,
        "operator": state.opened.operator if state is not None else None,
        "begun": records[0].utc.isoformat() if records else None,
        "ended": records[-1].utc.isoformat() if records else None,
        "version": state.opened.version if state is not None else None,
        "verdict": verdict.outcome.value if verdict is not None else None,
        "recomputed": checked.again.outcome.value if checked.again is not None else None,
        "acceptance": _acceptance(checked),
        "paths": [] if verdict is None else [_path(path) for path in verdict.paths],
        "files": len(checked.received.files),
        "records": len(records),
        "faults": [{"code": entry.code, "where": entry.where, "message": entry.message} for entry in checked.faults],
        "unchecked": list(checked.unchecked),
    }


def _acceptance(checked: "Checked") -> dict[str, str] | None:
    """The person who accepted what is marginal, and when the journal says so."""
    for record in checked.records:
        if record.event.kind == "marginal_accepted":
            accepted = record.event.acceptance
            return {"person": accepted.person, "reason": accepted.reason, "when": record.utc.isoformat()}
    return None


def _path(path: Any) -> dict[str, Any]:
    read = path.resistance
    ends = {name: getattr(read, name, None) for name in ("low_ohm", "expected_ohm", "high_ohm")}
    return {"path": path.path, "grade": path.grade.value, **ends}


def _kind(checked: "Checked") -> str:
    return "failure report" if checked.failure_report else "hand-off"


def _lines(checked: "Checked", file: Path) -> list[str]:
    mark = "SIMULATED " if checked.simulated else ""
    head = "is as it was written" if checked.whole else f"is NOT as it was written: {_counted(checked.faults, 'fault')}"
    lines = [f"{file}: {mark}{_kind(checked)}, {_counted(checked.received.files, 'file')}, {head}"]
    lines += [f"  {fault.code}: {fault.where or file.name}: {fault.message}" for fault in checked.faults]
    if not checked.whole:
        lines.append("do not rely on it: ask whoever sent it for the original file")
    lines += _said(checked)
    lines += [f"not checked: {text}" for text in checked.unchecked]
    return [*lines, f"sha256 {checked.sha256}: compare it with what the sender's session says it wrote"]


def _counted(things: Sized, name: str) -> str:
    return f"{len(things)} {name}" + ("" if len(things) == 1 else "s")


def _said(checked: "Checked") -> list[str]:
    state, records = checked.state, checked.records
    if state is None:
        return []
    opened = state.opened
    lines = [
        f"{opened.session}: {opened.title}",
        f"by {opened.operator}, {records[0].utc:%Y-%m-%d %H:%M} to {records[-1].utc:%Y-%m-%d %H:%M} UTC, "
        f"fibplan {opened.version}",
    ]
    accepted = _acceptance(checked)
    if accepted is not None:
        lines.append(f"MARGINAL, accepted by {accepted['person']} at {accepted['when']}: {accepted['reason']}")
    if state.verdict is not None:
        again = checked.again.outcome.value if checked.again is not None else "nothing"
        lines.append(f"verdict: {state.verdict.outcome}; judged again from the curves: {again}")
        lines += [f"  {path.path}: {path.grade}" for path in state.verdict.paths]
    return lines
