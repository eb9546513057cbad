"""A real git repository in a folder of its own, for tests of what fibplan reads from git."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git on this machine")

ALONE = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


class Repository:
    """The folder and what is done in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> str:
        identity = ("-c", "user.name=A Person", "-c", "user.email=person@example.org", "-c", "core.autocrlf=false")
        ran = subprocess.run(
            ["git", *identity, *arguments], cwd=self.folder, env={**os.environ, **ALONE}, check=True,
            capture_output=True, text=True, encoding="utf-8",
        )  # fmt: skip
        return ran.stdout.strip()

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("utf-8"))

    def commit(self, files: dict[str, str]) -> str:
        """Writes and commits these files; the commit's name."""
        self.write(files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "a change")
        return self.git("rev-parse", "HEAD")
