"""What a plan was made from: hashes of all texts, the commit of the recipe, and why there is none."""

import hashlib
import os
import sys
from pathlib import Path

import pytest
from git_case import ALONE, Repository, needs_git

from fibplan.library import git
from fibplan.library.bind import bind
from fibplan.library.load import load_recipe
from fibplan.library.provenance import provenance_of
from fibplan.library.search_path import SearchPath
from fibplan.model.provenance import Provenance, RecipeSource


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's own git settings matter here."""
    for name, value in ALONE.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "recipes of a lab")


def made_from(path: Path, library: SearchPath) -> Provenance:
    file = load_recipe(path, search=library)
    return provenance_of(file, bind(file.recipe, library))


def source_of(path: Path, library: SearchPath) -> RecipeSource:
    return made_from(path, library).recipe


@needs_git
def test_a_committed_recipe_has_its_commit(repository: Repository, library: SearchPath, paper_text: str) -> None:
    """The commit is the one that is checked out, and the file is as it is there."""
    commit = repository.commit({"recipes/mine.yaml": paper_text})
    source = source_of(repository.folder / "recipes" / "mine.yaml", library)
    assert (source.commit, source.dirty, source.note) == (commit, False, "")
    assert source.sha256 == hashlib.sha256(paper_text.encode()).hexdigest()
    assert f"git commit {commit[:12]}, unchanged" in str(source)


@needs_git
@pytest.mark.parametrize("staged", [True, False])
def test_a_changed_recipe_is_dirty(staged: bool, repository: Repository, library: SearchPath, paper_text: str) -> None:
    """A change that is not committed shows, staged or not; a change of another file does not."""
    repository.commit({"mine[1].yaml": paper_text, "mine1.yaml": paper_text})
    repository.write({"mine[1].yaml": paper_text + "# one more line\n"})
    if staged:
        repository.git("add", "--all")
    assert source_of(repository.folder / "mine[1].yaml", library).dirty is True
    assert source_of(repository.folder / "mine1.yaml", library).dirty is False
    assert "changed since" in str(source_of(repository.folder / "mine[1].yaml", library))


@needs_git
@pytest.mark.parametrize("ignored", [True, False])
def test_a_file_that_git_does_not_have_has_no_commit(
    ignored: bool, repository: Repository, library: SearchPath, paper_text: str
) -> None:
    """A commit says nothing of a file that is not in it, and neither is told."""
    repository.commit({".gitignore": "mine.yaml\n" if ignored else "\n"})
    repository.write({"mine.yaml": paper_text})
    source = source_of(repository.folder / "mine.yaml", library)
    assert (source.commit, source.dirty, source.note) == (None, None, "git does not have this file")


@needs_git
def test_a_repository_without_a_commit_says_so(repository: Repository, library: SearchPath, paper_text: str) -> None:
    """Before the first commit there is none to name."""
    repository.write({"mine.yaml": paper_text})
    assert source_of(repository.folder / "mine.yaml", library).note == "the repository has no commit yet"


@needs_git
def test_a_folder_outside_any_repository_says_so(tmp_path: Path, library: SearchPath, paper_text: str) -> None:
    """No repository is fine and is said."""
    (tmp_path / "mine.yaml").write_bytes(paper_text.encode())
    source = source_of(tmp_path / "mine.yaml", library)
    assert source.commit is None
    assert source.note == "not in a git repository"
    assert "no git commit: not in a git repository" in str(source)


@needs_git
def test_a_repository_of_another_owner_counts_as_no_git(
    repository: Repository, library: SearchPath, paper_text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git refuses to look there, which is said and stops nothing."""
    repository.commit({"mine.yaml": paper_text})
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert source_of(repository.folder / "mine.yaml", library).note == "git refuses a folder of another owner"


@needs_git
def test_the_repository_of_a_hook_is_not_taken_for_the_recipe_s(
    repository: Repository, library: SearchPath, paper_text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run by a hook of another repository, git is asked about the recipe's own."""
    commit = repository.commit({"mine.yaml": paper_text})
    other = Repository(tmp_path / "other")
    other.commit({"mine.yaml": "other\n"})
    monkeypatch.setenv("GIT_DIR", str(other.folder / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.folder))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.folder / ".git" / "index"))
    source = source_of(repository.folder / "mine.yaml", library)
    assert (source.commit, source.dirty) == (commit, False)


@needs_git
def test_a_program_that_the_repository_names_is_not_run(
    repository: Repository, library: SearchPath, paper_text: str
) -> None:
    """Looking at somebody's repository does not start the file watcher that its settings name."""
    repository.commit({"mine.yaml": paper_text})
    trace = repository.folder / "it-was-run"
    repository.git("config", "core.fsmonitor", f"touch '{trace.as_posix()}' #")
    assert source_of(repository.folder / "mine.yaml", library).dirty is False
    assert not trace.exists()


def test_a_machine_without_git_is_fine(
    tmp_path: Path, library: SearchPath, paper_text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hashes are there, the commit is not, and the reason is said."""
    (tmp_path / "mine.yaml").write_bytes(paper_text.encode())
    monkeypatch.setenv("PATH", str(tmp_path))
    source = source_of(tmp_path / "mine.yaml", library)
    assert (source.commit, source.note) == (None, "git is not installed")
    assert len(source.sha256) == 64


@pytest.mark.skipif(os.name == "nt", reason="the git that hangs is a script for a POSIX shell")
def test_a_git_that_hangs_is_left(
    tmp_path: Path, library: SearchPath, paper_text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After its time git is given up, and the plan says so."""
    (tmp_path / "mine.yaml").write_bytes(paper_text.encode())
    slow = tmp_path / "git"
    slow.write_text(f"#!{sys.executable}\nimport time\ntime.sleep(60)\n", encoding="utf-8")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(git, "SECONDS", 0.3)
    assert source_of(tmp_path / "mine.yaml", library).note == "git did not answer within 0.3 s"


@needs_git
def test_every_file_of_a_recipe_that_extends_others_is_named(
    repository: Repository, library: SearchPath, paper_text: str, tmp_path: Path
) -> None:
    """Each has its own hash and its own commit, since they may lie in different repositories."""
    commit = repository.commit({"base.yaml": paper_text})
    (tmp_path / "mine.yaml").write_text("extends: ./recipes of a lab/base.yaml\n", encoding="utf-8")
    provenance = made_from(tmp_path / "mine.yaml", library)
    assert provenance.recipe.commit is None
    (base,) = provenance.extends
    assert (base.commit, base.dirty) == (commit, False)
    assert "extending" in str(provenance)


def test_every_card_is_hashed(library: SearchPath, paper_text: str, tmp_path: Path) -> None:
    """The hash of a card is that of its file."""
    (tmp_path / "mine.yaml").write_bytes(paper_text.encode())
    cards = {card.name: card.sha256 for card in made_from(tmp_path / "mine.yaml", library).cards}
    path = library.card("fib", "strata-db235")
    assert path is not None
    assert cards["fib/strata-db235.yaml"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert any(name.startswith("materials") for name in cards)
