"""Recipes as git keeps them: ``GITREV:path``, what they extend, and what is not there."""

from pathlib import Path

import pytest
from git_case import ALONE, Repository, needs_git
from shipped import ROOT, replaced

from fibplan.errors import NotFound
from fibplan.library.load import RecipeFile, load_from
from fibplan.library.revision import origin_of
from fibplan.library.search_path import SearchPath

pytestmark = needs_git


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """The repository of the working folder."""
    for name, value in ALONE.items():
        monkeypatch.setenv(name, value)
    repository = Repository(tmp_path / "lab")
    monkeypatch.chdir(repository.folder)
    return repository


def load(name: str) -> RecipeFile:
    """The recipe as the command line finds it: the working folder first, then the project's own library."""
    search = SearchPath([Path.cwd(), ROOT])
    return load_from(origin_of(name, search), search)


def width(name: str) -> float:
    bridge = load(name).recipe.bridge
    assert bridge is not None
    return bridge.width


def wider(paper_text: str) -> str:
    return replaced(paper_text, "\n  width: 2 um\n", "\n  width: 3 um\n")


def test_a_revision_is_a_commit_a_branch_or_a_tag(repository: Repository, paper_text: str) -> None:
    """Whatever git takes for a revision names the file as it was; the working folder's file is another."""
    commit = repository.commit({"recipes/mine.yaml": paper_text})
    repository.git("tag", "measured")
    repository.commit({"recipes/mine.yaml": wider(paper_text)})
    for revision in (commit, commit[:9], "HEAD~1", "measured", "main^"):
        assert width(f"{revision}:recipes/mine.yaml") == 2.0
    for name in ("HEAD:recipes/mine.yaml", "main:recipes/mine.yaml", "recipes/mine.yaml", "mine"):
        assert width(name) == 3.0


def test_paths_with_a_dot_begin_at_the_working_folder(
    repository: Repository, paper_text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in git itself, others begin at the top of the repository; backslashes are read as Windows writes them."""
    repository.commit({"recipes/mine.yaml": paper_text, "notes/a.txt": "a\n"})
    monkeypatch.chdir(repository.folder / "notes")
    for name in ("HEAD:recipes/mine.yaml", "HEAD:../recipes/mine.yaml", "HEAD:./../recipes/mine.yaml"):
        assert width(name) == 2.0
    assert width(r"HEAD:recipes\mine.yaml") == 2.0


def test_a_base_is_read_from_the_same_revision(repository: Repository, paper_text: str) -> None:
    """A recipe of a revision extends the files of that revision, by path and by name."""
    extending = {"recipes/near.yaml": "extends: ./base.yaml\n", "recipes/named.yaml": "fibplan: 1\nextends: base\n"}
    repository.commit({"recipes/base.yaml": paper_text, **extending})
    repository.commit({"recipes/base.yaml": wider(paper_text)})
    for name in ("near", "named"):
        assert width(f"HEAD~1:recipes/{name}.yaml") == 2.0
        assert width(f"HEAD:recipes/{name}.yaml") == 3.0


def test_a_base_outside_the_repository_is_the_library_s(repository: Repository) -> None:
    """A shipped recipe is found by its name also from a revision."""
    repository.commit({"mine.yaml": "extends: lmno-poseidon-select\nbridge: {width: 3 um}\n"})
    assert width("HEAD:mine.yaml") == 3.0


def test_a_file_that_is_called_so_wins(repository: Repository, paper_text: str) -> None:
    """A file whose name has a colon is that file."""
    repository.commit({"mine.yaml": paper_text})
    try:
        repository.write({"HEAD:mine.yaml": wider(paper_text)})
    except OSError:
        pytest.skip("no colon in the names of this file system")
    if not (repository.folder / "HEAD:mine.yaml").is_file():
        pytest.skip("a colon means something else to this file system")
    assert width("HEAD:mine.yaml") == 3.0


NOT_THERE = {
    "HEAD~7:mine.yaml": "git knows no revision 'HEAD~7'",
    "nobranch:mine.yaml": "git knows no revision 'nobranch'",
    "--output=x:mine.yaml": "git knows no revision '--output=x'",
    ":mine.yaml": "git knows no revision ''",
    "HEAD:yours.yaml": "the revision 'HEAD' has no such file; paths begin at the top of the repository",
    "HEAD:recipes": "the revision 'HEAD' has no such file",
    "HEAD:../mine.yaml": "the revision 'HEAD' has no such file",
    "HEAD:": "the revision 'HEAD' has no such file",
    "HEAD:huge.yaml": "the file is too large to be a recipe",
    r"C:\mine.yaml": "no such file",
    "C:/mine.yaml": "no such file",
}


@pytest.mark.parametrize("name", NOT_THERE)
def test_what_is_not_there_is_one_line(name: str, repository: Repository, paper_text: str) -> None:
    """Which of revision and path is wrong is said; a Windows path is no revision, and no large file is read."""
    repository.commit({"mine.yaml": paper_text, "recipes/other.yaml": paper_text, "huge.yaml": "#" * 2_000_000})
    with pytest.raises(NotFound) as caught:
        load(name)
    (line,) = caught.value.lines()
    assert NOT_THERE[name] in line
    assert not (repository.folder / "x").exists()


def test_outside_any_repository_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a repository there are no revisions."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotFound, match="this folder is in no git repository"):
        load("HEAD:mine.yaml")
