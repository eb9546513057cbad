"""The process that is killed: walks one session on a simulated SMU, resuming it where there is one to resume.

It speaks in lines with whoever started it: ``ready`` once everything is loaded, then waits for a line; ``record HASH``
for every record once it is durable; ``land A B`` before the tips move, then waits for a line; ``end OUTCOME``.
What really happens to the lamella stands in the world's own file, a line when an operation begins and one when it ends.
"""

import shutil
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from fibplan.clock import SystemClock
from fibplan.journal.chain import Record
from fibplan.journal.events import Found
from fibplan.journal.file import examine as examine_journal
from fibplan.library.examine import examine
from fibplan.library.search_path import SearchPath
from fibplan.model.curve import CurveSet
from fibplan.model.plan import Operation
from fibplan.model.steps import Measure
from fibplan.model.verdict import Verdict
from fibplan.planning.replan import Actual
from fibplan.session.engine import Crew, resume_session, run_session
from fibplan.session.folder import SessionFolder
from fibplan.session.frozen import frozen_sources
from fibplan.session.session import Session
from fibplan.session.waiting import Doubted, Uncertain, Unfinished, Waiting
from fibplan.session.walk import Decision, Inspected, Redo, as_planned
from fibplan.smu.connect import connect
from fibplan.verification.probing import ProbingStep
from fibplan.verification.verdict import judge
from fibplan.wizard.practice import PracticeClock

LIBRARY = Path(__file__).resolve().parents[2]
RECIPE = "lmno-poseidon-select"
PERFORMING_S = 0.01
WAITING_SPEED = 100.0
"""Pauses between sweeps are over that many times as early."""


class World:
    """What really happened, whatever the journal says."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def note(self, what: str, name: str) -> None:
        with self._path.open("ab", buffering=0) as file:
            file.write(f"{what} {name}\n".encode())

    def happened(self, what: str, name: str) -> bool:
        return self._path.exists() and f"{what} {name}" in self._path.read_text(encoding="utf-8").splitlines()


class Pressing:
    """Presses the button as soon as it is told to, and reports what was planned."""

    name = "A. Person"
    simulated = True

    def __init__(self, world: World) -> None:
        self._world = world

    def perform(self, operation: Operation) -> Actual:
        self._world.note("begin", operation.name)
        time.sleep(PERFORMING_S)
        self._world.note("end", operation.name)
        return as_meant(operation)

    def confirm(self, conditions: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(conditions)

    def land(self, step: ProbingStep) -> None:
        tell(f"land {' '.join(step.landings)}")
        sys.stdin.readline()


def as_meant(operation: Operation) -> Actual:
    return Actual(operation.duration_s.expected, operation.thickness_after_m, thickness_by="SEM")


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def looking_at(world: World):
    """Decides as planned, and after a crash by what is to be seen of the lamella."""

    def decide(session: Session, waiting: Waiting | Doubted) -> Decision:
        match waiting:
            case Uncertain(operation) if not world.happened("begin", operation.name):
                return Inspected(Found.NOT_BEGUN, Actual(0.0))
            case Uncertain(operation) if world.happened("end", operation.name) and not isinstance(
                operation.step, Measure
            ):
                return Inspected(Found.FINISHED, as_meant(operation))
            case Uncertain(operation, at_most_s=at_most_s):
                return Inspected(Found.PARTLY, Actual(at_most_s), "the process was killed")
            case Unfinished(name):
                return Redo([name], "it was broken off")
            case _:
                return as_planned(session, waiting)

    return decide


def main(root: Path, world: World, resource: str) -> None:
    examined = examine(RECIPE, SearchPath([LIBRARY]))
    plan = examined.sound_plan()
    card = plan.cards.smu
    assert card is not None

    def judged(curves: CurveSet) -> Verdict:
        return judge(plan, curves, card, {})

    def report(record: Record) -> None:
        tell(f"record {record.hash}")

    tell("ready")
    sys.stdin.readline()
    crew = Crew(
        Pressing(world),
        connect(resource, card),
        judged,
        PracticeClock(SystemClock(), WAITING_SPEED),
        report,
        looking_at(world),
    )
    folder = SessionFolder(root)
    if folder.journal.exists() and examine_journal(folder.journal).records:
        state = resume_session(root, crew)
    else:
        shutil.rmtree(root, ignore_errors=True)
        state = run_session(root, plan, frozen_sources(examined), crew, f"crash-{datetime.now(UTC):%H%M%S}")
    assert state.closed is not None
    tell(f"end {state.closed.outcome}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), World(Path(sys.argv[2])), sys.argv[3])
