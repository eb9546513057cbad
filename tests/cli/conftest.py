"""The command as its users run it: a process of its own in a folder of its own."""

import subprocess
import sys
from pathlib import Path

import pytest
from as_users_run_it import ENVIRONMENT, Run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs ``fibplan`` with these arguments in an empty folder."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "fibplan", *arguments],
            cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", env=ENVIRONMENT, check=False, timeout=120,
        )  # fmt: skip

    return run
