"""What a session leaves behind: pictures of plan and curves, and the package of an accepted lamella."""

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from fibplan.cli.handoff_write import contents_of, write_package
from fibplan.cli.plan import write_drawings, write_pictures
from fibplan.clock import Clock
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
    return write_package(contents_of(session, seed=0), session, state, out, clock)


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
    from fibplan.figures.canvas import pictures
    from fibplan.figures.iv import iv_figure
    from fibplan.figures.resistances import resistances_figure

    paths = all_paths(plan)
    swept = {judged.path: (curves.of(judged.path, SWEEP), judged) for judged in verdict.paths}
    figures = {
        f"iv-{path}": iv_figure(curve, judged, paths[path])
        for path, (curve, judged) in swept.items()
        if curve is not None
    }
    if expected is not None:
        figures["resistances"] = resistances_figure(plan, expected, verdict)
    return pictures(figures)


def predicted(expected: Expected | None) -> Mapping[str, Interval]:
    """What the resistances are predicted to be, where anything is."""
    return expected.resistances if expected is not None else {}
