"""How long an event takes to be durable, a long session to be resumed, and many to be listed: figures, not assertions.

Run with ``python tests/benchmarks/sessions.py [FOLDER]`` in the environment that fibplan is installed in; FOLDER is on
the disk that is timed.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from fibplan.clock import ScriptedClock, SystemClock
from fibplan.journal.events import AnswerGiven, NoteWritten
from fibplan.journal.file import Journal
from fibplan.library.examine import Examined, examine
from fibplan.library.search_path import default_search_path
from fibplan.model.curve import CurveSet
from fibplan.model.verdict import Verdict
from fibplan.session.engine import Crew, run_session
from fibplan.session.folder import SessionFolder
from fibplan.session.frozen import frozen_sources
from fibplan.session.opening import Who, begin, resume
from fibplan.session.operator import ScriptedOperator
from fibplan.session.session import Session
from fibplan.session.waiting import Doubted, Waiting
from fibplan.session.walk import Decision, as_planned
from fibplan.wizard.screen import Page, composed
from fibplan.wizard.step_screen import step_screen

RECIPE = "si-lamella-grid"
CHIP_RECIPE = "lmno-poseidon-select"
EVENTS = 10_000
SESSIONS = 500
APPENDED = 300
ANSWERS = 16
"""To each operation: together with its other records as many as the wizard writes, some 200 a session."""
WHO = Who("A. Person", simulated=True)


def unjudged(curves: CurveSet) -> Verdict:
    raise AssertionError(f"{len(curves.curves)} curves where nothing is measured")


def durable(folder: Path) -> list[float]:
    """Milliseconds that each of many events takes to be on the disk."""
    times: list[float] = []
    with Journal(folder / "durable.jsonl", SystemClock()) as journal:
        for number in range(APPENDED):
            began = time.perf_counter()
            journal.append(NoteWritten(text=f"refocused, drift {number} nm"))
            times.append(1e3 * (time.perf_counter() - began))
    return times


def long_session(folder: Path, examined: Examined) -> Path:
    """A session with many events and everything still to be done."""
    root = folder / "long"
    plan, clock = examined.sound_plan(), ScriptedClock(datetime(2026, 1, 5, 8, tzinfo=UTC))
    with begin(root, plan, frozen_sources(examined), session="long", who=WHO, clock=clock):
        pass
    with Journal(SessionFolder(root).journal, clock) as journal:
        while len(journal.records) < EVENTS:
            journal.append(AnswerGiven(question="operation.cap.note", answer="drift"))
            journal.append(NoteWritten(text=f"refocused, drift {len(journal.records)} nm"))
    return root


def resumed(root: Path) -> list[float]:
    """Seconds from the folder to a session that is open for writing, its plan made again from what was frozen."""
    times: list[float] = []
    for _ in range(5):
        began = time.perf_counter()
        with resume(root, who=WHO, clock=SystemClock()):
            times.append(time.perf_counter() - began)
    return times


def answering(session: Session, waiting: Waiting | Doubted) -> Decision:
    """As planned, with as many answers as a person gives."""
    for number in range(ANSWERS):
        session.answer(f"operation.name-{number}.beam_current", "not measured")
    return as_planned(session, waiting)


def workspace_of(folder: Path, examined: Examined) -> Path:
    """Many finished sessions, copies of one."""
    clock = ScriptedClock(datetime(2026, 1, 5, 8, tzinfo=UTC))
    operator = ScriptedOperator(clock, lambda landings: None)
    workspace = folder / "sessions"
    first = workspace / "s-000"
    workspace.mkdir()
    crew = Crew(operator, None, unjudged, clock, decide=answering)
    run_session(first, examined.sound_plan(), frozen_sources(examined), crew, "s-000")
    for number in range(1, SESSIONS):
        shutil.copytree(first, workspace / f"s-{number:03d}")
    return workspace


def screens(examined: Examined) -> list[float]:
    """Milliseconds that each step's screen takes from plan to lines, at two sizes."""
    plan = examined.sound_plan()
    times: list[float] = []
    for page in (Page(80, 24), Page(120, 40)):
        for operation in plan.operations:
            began = time.perf_counter()
            composed((), step_screen(plan, None, operation)(page), (), page)
            times.append(1e3 * (time.perf_counter() - began))
    return times


def listed(workspace: Path) -> list[float]:
    """Wall-clock seconds of ``fibplan sessions list``, the start of the program included."""
    times: list[float] = []
    for _ in range(5):
        began = time.perf_counter()
        command = [sys.executable, "-m", "fibplan", "sessions", "list", "--workspace", str(workspace)]
        subprocess.run(command, capture_output=True, check=True)
        times.append(time.perf_counter() - began)
    return times


def main() -> None:
    """Print a table: median and range of each, and its aim."""
    place = sys.argv[1] if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory(dir=place) as name:
        folder = Path(name)
        examined = examine(RECIPE, default_search_path())
        rows = {
            "one event durable": (durable(folder), "ms", 5.0),
            f"resume of {EVENTS:,} events": (resumed(long_session(folder, examined)), "s ", 1.0),
            "a step's screen": (screens(examine(CHIP_RECIPE, default_search_path())), "ms", 100.0),
            f"sessions list of {SESSIONS}": (listed(workspace_of(folder, examined)), "s ", 2.0),
        }
        print(f"{'':30s} {'median':>9s} {'min':>9s} {'max':>9s} {'aim':>9s}")
        for what, (times, unit, aim) in rows.items():
            figures = (statistics.median(times), min(times), max(times), aim)
            print(f"{what:30s} " + " ".join(f"{figure:7.3f}{unit}" for figure in figures))


if __name__ == "__main__":
    main()
