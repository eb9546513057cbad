"""What a session leaves behind: pictures of plan and curves, and the package of an accepted lamella."""

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from fibplan.cli.handoff_write import contents_of, record_package
from fibplan.cli.plan import write_drawings, write_pictures
from fibplan.clock import Clock
from fibplan.handoff.package import write_failure_report, write_hand_off
from fibplan.journal.state import SessionState
from fibplan.model.curve import CurveSet
from fibplan.model.interval import Interval
from fibplan.model.plan import Expected, Plan
from fibplan.model.verdict import Verdict
from fibplan.session.folder import SessionFolder
from fibplan.verification.probing import SWEEP, all_paths


def draw_session(
    plan: Plan, expected: Expected | None, curves: CurveSet, verdict: Verdict | None, folder: Path
) -> list[Path]:
    """Plan, curves, and predicted against measured, as PNG and SVG in that folder."""
    drawn = write_drawings(plan, folder)
    if verdict is not None:
        drawn += write_pictures(_results(plan, expected, curves, verdict), folder)
    return drawn


def deliver(root: Path, state: SessionState, *, out: Path, clock: Clock) -> Path:
    """The hand-off of an accepted lamella, or the failure report of another, and its record in the journal."""
    session = SessionFolder(root)
    contents = contents_of(session, seed=0)
    accepted = state.verdict is not None and state.verdict.accepted
    package = write_hand_off(contents, out) if accepted else write_failure_report(contents, out)
    record_package(session, state, package, clock, failure_report=not accepted)
    return package


def open_picture(path: Path) -> None:
    """Show it with whatever this system shows pictures with; where there is nothing, nothing happens."""
    with suppress(OSError):
        if sys.platform == "win32":
            os.startfile(path)
        elif sys.platform == "darwin":
            _begin(["open", str(path)])
        elif os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
            _begin(["xdg-open", str(path)])


def _begin(command: list[str]) -> None:
    nowhere = subprocess.DEVNULL
    subprocess.Popen(command, stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True)


def _results(plan: Plan, expected: Expected | None, curves: CurveSet, verdict: Verdict) -> Mapping[str, bytes]:
    from fibplan.figures.iv import draw_iv
    from fibplan.figures.resistances import draw_resistances

    pictures: dict[str, bytes] = {}
    paths = all_paths(plan)
    for file_format in ("png", "svg"):
        for judged in verdict.paths:
            curve = curves.of(judged.path, SWEEP)
            if curve is not None:
                pictures[f"iv-{judged.path}.{file_format}"] = draw_iv(curve, judged, paths[judged.path], file_format)
        if expected is not None:
            pictures[f"resistances.{file_format}"] = draw_resistances(plan, expected, verdict, file_format)
    return pictures


def predicted(expected: Expected | None) -> Mapping[str, Interval]:
    """What the resistances are predicted to be, where anything is."""
    return expected.resistances if expected is not None else {}
