"""``plan`` says what it was made from, in one line and in JSON."""

import json
from pathlib import Path

from as_users_run_it import Run
from git_case import Repository, needs_git


@needs_git
def test_a_plan_names_commit_and_hashes(run: Run, tmp_path: Path, paper_text: str) -> None:
    """The recipe's commit, whether the file was changed since, its hash, and the hash of every card."""
    commit = Repository(tmp_path).commit({"mine.yaml": paper_text})
    (line,) = [line for line in run("plan", "mine.yaml").stdout.splitlines() if line.startswith("Made from ")]
    assert line.startswith("Made from mine.yaml (sha256 ")
    assert f"git commit {commit[:12]}, unchanged)" in line
    provenance = json.loads(run("plan", "mine.yaml", "--format", "json").stdout)["provenance"]
    assert (provenance["recipe"]["commit"], provenance["recipe"]["dirty"]) == (commit, False)
    assert {len(card["sha256"]) for card in provenance["cards"]} == {64}


def test_a_plan_without_a_commit_says_why(run: Run, tmp_path: Path, paper_text: str) -> None:
    """A folder that git does not know, or a machine without git, is fine and is said."""
    (tmp_path / "mine.yaml").write_text(paper_text, encoding="utf-8")
    told = run("plan", "mine.yaml")
    assert told.returncode == 0
    assert "no git commit: " in told.stdout
