"""The plan that a session follows, made again from the recipe and the cards that it froze when it began."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from fibplan.errors import InvalidFile, StorageError
from fibplan.journal.events import SessionOpened
from fibplan.library.examine import examine_file
from fibplan.library.load import load_recipe
from fibplan.library.search_path import SearchPath
from fibplan.model.plan import Plan
from fibplan.session.folder import FROZEN_CARDS, FROZEN_RECIPE, SessionFolder


@dataclass(frozen=True)
class FrozenPlan:
    """A session's plan, and the text of every card that it was made from, by its name such as ``fib/NAME.yaml``."""

    plan: Plan
    texts: Mapping[str, str]


class FrozenCards(SearchPath):
    """The cards of one session, which lie by kind, and its materials files, numbered from the nearest."""

    def __init__(self, root: Path, names: Iterable[str]) -> None:
        super().__init__([root / FROZEN_CARDS])
        self._materials = [root / FROZEN_CARDS / name for name in sorted(names) if name.startswith("materials")]

    def card(self, kind: str, name: str) -> Path | None:
        return self._first(Path(kind) / f"{name}.yaml")

    def materials(self) -> list[Path]:
        return self._materials


def frozen_plan(folder: SessionFolder, opened: SessionOpened) -> FrozenPlan:
    """The plan that the session followed, from texts that are still what its journal has the hashes of.

    Raises :class:`~fibplan.errors.StorageError` when one of them was changed or cannot be read.
    """
    _refuse_changed(folder, opened)
    search = FrozenCards(folder.root, opened.cards_sha256)
    examined = examine_file(load_recipe(folder.root / FROZEN_RECIPE, search=search), search)
    if examined.plan is None:
        raise InvalidFile([examined.located(finding) for finding in examined.findings])
    return FrozenPlan(examined.plan, examined.binding.texts)


def _refuse_changed(folder: SessionFolder, opened: SessionOpened) -> None:
    sources = folder.sources(opened.cards_sha256, opened.recipe)
    hashes = {opened.recipe: opened.recipe_sha256, **opened.cards_sha256}
    for source in (sources.recipe, *sources.cards):
        if source.sha256 != hashes[source.name]:
            remedy = "restore it from a copy: the journal holds the hash of what was frozen"
            raise StorageError(
                f"{source.name} was changed after the session began", where=str(folder.root), remedy=remedy
            )
