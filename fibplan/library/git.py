"""Asks git, as a process of its own: no shell, no waiting for ever, and no setting of a hook that runs us."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from fibplan.errors import FibplanError

SECONDS = 10.0
"""After this git is taken to hang, as it does on a network drive that is gone."""

OF_ONE_REPOSITORY = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_CONFIG", "GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS",
    "GIT_DIR", "GIT_GRAFT_FILE", "GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_NAMESPACE", "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_QUARANTINE_PATH", "GIT_REPLACE_REF_BASE", "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
)  # fmt: skip
"""What git tells a hook about the repository that it runs for; the recipe's own may be another."""

QUIETLY = ("--literal-pathspecs", "--no-pager", "-c", "core.fsmonitor=false", "-c", "core.quotepath=false")


class NoGit(FibplanError):
    """Git is not installed, does not answer, or refuses the folder."""

    code = "no-git"


@dataclass(frozen=True)
class Answer:
    """What git wrote, and whether it ended well."""

    good: bool
    content: bytes

    @property
    def line(self) -> str:
        return self.content.decode("utf-8", "replace").strip()


def ask_git(folder: Path, *arguments: str) -> Answer:
    """Git's answer when it is run in ``folder``; :class:`NoGit` where there is none to be had."""
    try:
        ran = subprocess.run(
            ["git", *QUIETLY, *arguments],
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=SECONDS,
        )
    except FileNotFoundError:
        raise NoGit("git is not installed", where=str(folder), remedy="install it, or do without") from None
    except subprocess.TimeoutExpired:
        remedy = "try the same git command by hand"
        raise NoGit(f"git did not answer within {SECONDS:g} s", where=str(folder), remedy=remedy) from None
    except OSError as error:
        raise NoGit(f"git cannot be run: {error.strerror}", where=str(folder), remedy="check git by hand") from None
    complaint = ran.stderr.decode("utf-8", "replace")
    if ran.returncode and ("dubious ownership" in complaint or "unsafe repository" in complaint):
        remedy = "git config --global --add safe.directory FOLDER, if you trust it"
        raise NoGit("git refuses a folder of another owner", where=str(folder), remedy=remedy)
    return Answer(ran.returncode == 0, ran.stdout)


def _environment() -> dict[str, str]:
    """Our own, without what belongs to one repository; git takes no locks, asks nothing and speaks English."""
    inherited = {name: value for name, value in os.environ.items() if name.upper() not in OF_ONE_REPOSITORY}
    quiet = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", "LANGUAGE": "C"}
    return {**inherited, **quiet}
