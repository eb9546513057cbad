"""How long a pattern file of a thousand patterns takes, both ways, and each export of the paper's recipe: figures.

Run with ``python tests/benchmarks/exports.py`` in the environment that fibplan is installed in, with the extra
``layout``.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from fibplan.formats.exports.catalogue import EXPORTS
from fibplan.formats.exports.export import Origin
from fibplan.formats.exports.pattern import APPLICATIONS, Pattern, Scan, Shape
from fibplan.formats.exports.ptf import pattern_file
from fibplan.formats.recipes.reading import read_patterns
from fibplan.library.examine import examine
from fibplan.library.search_path import default_search_path

RUNS = 20
PATTERNS = 1000
AIM_MS = 200.0
ORIGIN = Origin("lmno-poseidon-select.yaml", "ab" * 32, "0.1.0")


def many() -> list[Pattern]:
    """Patterns of every shape, each at a place of its own."""
    scan = {shape: Scan(APPLICATIONS[shape], 1e-10, 2.7e-10, 23e-9) for shape in Shape}
    shapes = list(Shape)
    return [
        Pattern(shape, scan[shape], number * 1e-8, -number * 1e-8, 1e-5, 3e-6, 1e-6 + number * 1e-10)
        for number in range(PATTERNS)
        for shape in [shapes[number % len(shapes)]]
    ]


def work(folder: Path) -> dict[str, Callable[[], object]]:
    """What is timed."""
    patterns = many()
    path = folder / "many.ptf"
    path.write_bytes(pattern_file(patterns))
    plan = examine("lmno-poseidon-select", default_search_path()).sound_plan()
    exports = {f"export {entry.name}": lambda entry=entry: entry.load()(plan, ORIGIN) for entry in EXPORTS}
    return {
        f".ptf of {PATTERNS:,} patterns, written": lambda: pattern_file(patterns),
        f".ptf of {PATTERNS:,} patterns, read": lambda: read_patterns(path),
        **exports,
    }


def main() -> None:
    """Print a table: median and range of each, and its aim."""
    print(f"{'':40s} {'median':>9s} {'min':>9s} {'max':>9s} {'aim':>9s}")
    with TemporaryDirectory() as folder:
        for name, run in work(Path(folder)).items():
            run()
            times: list[float] = []
            for _ in range(RUNS):
                began = time.perf_counter()
                run()
                times.append(1e3 * (time.perf_counter() - began))
            aim = f"{AIM_MS:7.1f}ms" if name.endswith("written") else ""
            print(f"{name:40s} {statistics.median(times):7.2f}ms {min(times):7.2f}ms {max(times):7.2f}ms {aim:>9s}")


if __name__ == "__main__":
    main()
