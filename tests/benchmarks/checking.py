"""How long a plan with all its rules takes, and the check of a thousand recipes in one call: figures, not assertions.

Run with ``python tests/benchmarks/checking.py`` in the environment that fibplan is installed in.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from fibplan.checks.rules import check
from fibplan.library.bind import bind
from fibplan.library.load import load_recipe
from fibplan.library.search_path import default_search_path
from fibplan.planning.expand import expand

ROOT = Path(__file__).resolve().parents[2]
PAPER = ROOT / "recipes" / "lmno-poseidon-select.yaml"
RUNS = 200
RECIPES = 1000
AIM_MS = 10.0
AIM_S = 40.0


def in_process() -> dict[str, Callable[[], object]]:
    """Each part of the way from a recipe file to its findings, ready to be timed; cards are read only once."""
    search = default_search_path()
    recipe = load_recipe(PAPER, search=search).recipe
    cards = bind(recipe, search).cards
    assert cards is not None
    plan = expand(recipe, cards)
    return {
        "load": lambda: load_recipe(PAPER, search=search),
        "bind": lambda: bind(recipe, search),
        "expand": lambda: expand(recipe, cards),
        "all rules": lambda: check(plan),
        "expand + all rules": lambda: check(expand(recipe, cards)),
    }


def milliseconds(work: Callable[[], object]) -> list[float]:
    """Of many runs, the first of which does not count."""
    work()
    times: list[float] = []
    for _ in range(RUNS):
        began = time.perf_counter()
        work()
        times.append(1e3 * (time.perf_counter() - began))
    return times


def write_copies(folder: Path) -> list[str]:
    """A thousand recipes, each with a title, a length and a placement of its own; their file names."""
    text = PAPER.read_text(encoding="utf-8")
    for number in range(RECIPES):
        copy = text.replace("title: LMNO", f"title: copy {number}, LMNO")
        copy = copy.replace("  length: 15 um\n", f"  length: {15 + number / 1000:.3f} um\n")
        copy = copy.replace("y: -5.7 um", f"y: {-5.7 + number / 1e4:.4f} um")
        (folder / f"copy-{number:04d}.yaml").write_text(copy, encoding="utf-8")
    return sorted(path.name for path in folder.iterdir())


def one_call() -> float:
    """Wall-clock seconds of one ``fibplan check`` of a thousand recipes, the start of the program included."""
    with tempfile.TemporaryDirectory() as folder:
        names = write_copies(Path(folder))
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "fibplan", "check", *names], cwd=folder, capture_output=True, check=True)
        return time.perf_counter() - began


def main() -> None:
    """Print a table: median and range of each, and its aim."""
    print(f"{'on the recipe of the paper':40s} {'median':>9s} {'min':>9s} {'max':>9s} {'aim':>9s}")
    for name, work in in_process().items():
        times = milliseconds(work)
        aim = f"{AIM_MS:7.1f}ms" if "+" in name else ""
        print(f"{name:40s} {statistics.median(times):7.2f}ms {min(times):7.2f}ms {max(times):7.2f}ms {aim:>9s}")
    print(f"{f'fibplan check of {RECIPES:,} recipes':40s} {one_call():8.1f}s {'':9s} {'':9s} {AIM_S:8.1f}s")


if __name__ == "__main__":
    main()
