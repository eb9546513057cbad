"""The command as its users run it: a process of its own in a folder of its own."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from as_users_run_it import ENVIRONMENT, Run
from shipped import ROOT


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs ``fibplan`` with these arguments in an empty folder."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "fibplan", *arguments],
            cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", env=ENVIRONMENT, check=False, timeout=120,
        )  # fmt: skip

    return run


@pytest.fixture
def materials(tmp_path: Path) -> list[str]:
    """Options for a library whose making does not stray, so that a yield takes seconds instead of minutes."""
    for card in ("fib/strata-db235", "gis/pt-mecpptme3"):
        target = tmp_path / "mine" / "instruments" / f"{card}.yaml"
        target.parent.mkdir(parents=True)
        text = (ROOT / "instruments" / f"{card}.yaml").read_text(encoding="utf-8")
        target.write_text(re.sub(r"(?m)^( *)tolerances:\n(?:\1 +.*\n)*", "", text), encoding="utf-8")
    return ["--library", "mine"]
