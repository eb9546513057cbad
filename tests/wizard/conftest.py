"""States of sessions, and the command as its users run it."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from as_users_run_it import ENVIRONMENT, Run

from fibplan.journal.events import OperationDone, SessionOpened
from fibplan.journal.state import SessionState, fold
from fibplan.model.plan import Plan

NOTHING = "0" * 64


@pytest.fixture
def state_after() -> Callable[[Plan, str], SessionState]:
    """The state of a session of that plan in which everything up to that operation is done."""

    def after(plan: Plan, last: str) -> SessionState:
        names = [operation.name for operation in plan.operations]
        opened = SessionOpened(
            session="s", title="t", recipe="r.yaml", recipe_sha256=NOTHING, cards_sha256={}, plan_sha256=NOTHING,
            operations=tuple(names), version="0", simulated=True, operator="Ada",
        )  # fmt: skip
        done = [OperationDone(operation=name, duration_s=1.0) for name in names[: names.index(last) + 1]]
        return fold([opened, *done])

    return after


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs ``fibplan`` with these arguments in an empty folder, with nobody at its input."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "fibplan", *arguments],
            cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", env=ENVIRONMENT, check=False, timeout=120,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip

    return run
