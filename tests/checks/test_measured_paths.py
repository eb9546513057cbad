"""Which paths a measurement may name: before the transfer only what the bare chip has."""

from pathlib import Path

import pytest
from shipped import PAPER, replaced

from fibplan.library.examine import examine
from fibplan.library.search_path import default_search_path

TRANSFER = "\n  - name: transfer\n    kind: transfer\n    after: [lift-out]\n"


def errors(tmp_path: Path, paths: str) -> list[tuple[str, str, str]]:
    """Code, message and remedy of every error, with a measurement of those paths before the transfer."""
    step = f"\n  - {{name: bare-chip, kind: measure, after: [lift-out], paths: [{paths}]}}"
    recipe = tmp_path / "bare.yaml"
    text = replaced(PAPER.read_text(encoding="utf-8"), TRANSFER, step + TRANSFER.replace("lift-out", "bare-chip"))
    recipe.write_text(text, encoding="utf-8")
    found = examine(str(recipe), default_search_path()).findings
    return [(entry.code, entry.message, entry.remedy) for entry in found if entry.severity == "error"]


@pytest.mark.parametrize("other", ["reference", "counter"])
def test_the_bare_chip_s_electrodes_may_be_measured_before_the_transfer(tmp_path: Path, other: str) -> None:
    """An isolation of the chip is a path, although no verification section describes it."""
    assert errors(tmp_path, f"isolation-{other}_electrode") == []


@pytest.mark.parametrize(("path", "when"), [("bridge", " before the transfer"), ("isolation-cap", "")])
def test_no_path_of_the_lamella_is_there_before_the_transfer(tmp_path: Path, path: str, when: str) -> None:
    """A path that leads to the lamella cannot be measured on a bare chip; the paths that can are named."""
    remedy = "the paths are isolation-reference_electrode, isolation-counter_electrode"
    assert errors(tmp_path, path) == [("path-unknown", f"there is no path '{path}'{when}", remedy)]
