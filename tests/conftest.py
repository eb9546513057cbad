"""What every test may use: the project's own library, the paper's recipe as text, and plans made from either."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from shipped import PAPER, ROOT

from fibplan.library.examine import Examined, examine_file
from fibplan.library.load import load_recipe
from fibplan.library.search_path import SearchPath
from fibplan.model.plan import Plan

# A slow machine is no failure; CI tries the same examples every time.
settings.register_profile("fibplan", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "fibplan")


@pytest.fixture(scope="session")
def library() -> SearchPath:
    return SearchPath([ROOT])


@pytest.fixture(scope="session")
def paper_text() -> str:
    return PAPER.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def paper_plan(library: SearchPath) -> Plan:
    return examine_file(load_recipe(PAPER), library).sound_plan()


@pytest.fixture
def examine_text(library: SearchPath, tmp_path: Path) -> Callable[[str], Examined]:
    """Examines a recipe given as text, as if it stood in ``recipe.yaml``."""

    def examine(text: str) -> Examined:
        path = tmp_path / "recipe.yaml"
        path.write_text(text, encoding="utf-8")
        return examine_file(load_recipe(path, shown_as="recipe.yaml"), library)

    return examine
