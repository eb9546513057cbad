"""A repository of recipes can run ``fibplan check`` before every commit."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from as_users_run_it import ENVIRONMENT, Run
from git_case import ALONE, Repository, needs_git
from shipped import ROOT, replaced

from fibplan.library.source_map import LOADER

HOOKS = ROOT / ".pre-commit-hooks.yaml"


@pytest.fixture(scope="module")
def hook() -> dict[str, Any]:
    import yaml

    (only,) = yaml.load(HOOKS.read_text(encoding="utf-8"), Loader=LOADER)
    return only


def test_the_hook_is_described_as_pre_commit_wants_it(hook: dict[str, Any]) -> None:
    """Its name, language and the files it is for are those that a recipe repository relies on."""
    assert (hook["id"], hook["language"], hook["types"]) == ("fibplan-check", "python", ["yaml"])
    assert re.search(hook["files"], "recipes/mine.yaml")
    assert not re.search(hook["files"], "instruments/fib/mine.yaml")


def test_the_hook_s_command_checks_all_files_at_once(
    hook: dict[str, Any], run: Run, tmp_path: Path, paper_text: str
) -> None:
    """Files are given behind the command, and a wrong one stops the commit."""
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes" / "right.yaml").write_text(paper_text, encoding="utf-8")
    wrong = replaced(paper_text, "    beam_current: 20 nA", "    beam_current: 20 A")
    (tmp_path / "recipes" / "wrong.yaml").write_text(wrong, encoding="utf-8")
    program, *arguments = hook["entry"].split()
    assert program == "fibplan"
    assert run(*arguments, "recipes/right.yaml").returncode == 0
    assert run(*arguments, "recipes/right.yaml", "recipes/wrong.yaml").returncode == 1


@needs_git
@pytest.mark.skipif(shutil.which("sh") is None, reason="git runs hooks with a POSIX shell")
def test_a_commit_hook_stops_a_wrong_recipe(tmp_path: Path, paper_text: str) -> None:
    """Inside a real commit, with all that git tells a hook, a right recipe goes through and a wrong one does not."""
    repository = Repository(tmp_path / "lab")
    command = f'"{Path(sys.executable).as_posix()}" -m fibplan check recipes/*.yaml'
    script = repository.folder / ".git" / "hooks" / "pre-commit"
    script.parent.mkdir(exist_ok=True)
    script.write_text(f"#!/bin/sh\nexec {command}\n", encoding="utf-8")
    script.chmod(0o755)
    repository.commit({"recipes/mine.yaml": paper_text})
    wrong = replaced(paper_text, "    beam_current: 20 nA", "    beam_current: 20 na")
    repository.write({"recipes/mine.yaml": wrong})
    repository.git("add", "--all")
    refused = subprocess.run(
        ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "--message", "wrong"],
        cwd=repository.folder, env={**ENVIRONMENT, **ALONE}, capture_output=True, text=True, encoding="utf-8",
        check=False,
    )  # fmt: skip
    assert refused.returncode != 0
    assert "write 20 nA" in refused.stdout + refused.stderr
