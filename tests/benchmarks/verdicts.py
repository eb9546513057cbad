"""Whether the verdict can be fooled: thousands of simulated lamellae through the real driver, figures and requirements.

Run with ``python tests/benchmarks/verdicts.py --workers 2 --out FILE`` in the environment that fibplan is installed in.
FILE holds a line for each case that was measured and is only appended to: after a kill the same command goes on.
Lamellae of the paper's plan are drawn from its tolerances, materials and tips anew for each and the geometry, whose
field takes long, once for some hundred and twenty. Each has an instrument of its own behind a socket. ``--seed`` draws
other geometries, materials and tips, ``--short`` measures a handful of each.
"""

import argparse
import multiprocessing
import queue
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks.verdict_study.cases import Sizes
from benchmarks.verdict_study.report import report
from benchmarks.verdict_study.results import Log, Result
from benchmarks.verdict_study.workers import bench_of, fingerprint, results_of

TELL_S, PATIENCE_S = 60.0, 5.0
SHORT = Sizes(geometries=2, rows=4, each=2, pairs=4, near=4, diagnosed=2)


def study(log: Log, sizes: Sizes, seed: int, workers: int) -> None:
    """Measures everything that the log does not hold; every process has geometries of its own."""
    spawned = multiprocessing.get_context("spawn")
    found: Any = spawned.Queue()
    jobs = [range(number, sizes.geometries, workers) for number in range(workers)]
    running = [spawned.Process(target=work, args=(found, job, set(log.results), sizes, seed)) for job in jobs]
    for process in running:
        process.daemon = True
        process.start()
    began, told, before = time.monotonic(), time.monotonic(), len(log.results)
    for result in _until_done(found, running):
        log.append(result)
        if time.monotonic() - told >= TELL_S:
            told = time.monotonic()
            _tell(log, before, told - began)


def work(found: Any, job: range, done: set[str], sizes: Sizes, seed: int) -> None:
    """One process: its results, then None."""
    for result in results_of(bench_of(sizes, seed), job, done):
        found.put(result)
    found.put(None)


def _until_done(found: Any, running: list[Any]) -> Iterator[Result]:
    left = len(running)
    while left:
        if any(process.exitcode for process in running):
            raise SystemExit("a process of the study broke off: the same command goes on where it was")
        try:
            entry = found.get(timeout=PATIENCE_S)
        except queue.Empty:
            continue
        if entry is None:
            left -= 1
        else:
            yield entry


def _tell(log: Log, before: int, seconds: float) -> None:
    """How far it is, and whatever was accepted that should not be."""
    count = len(log.results)
    false = [entry.case for entry in log.results.values() if entry.violates and entry.accepted]
    pace = (count - before) / seconds
    print(f"{count:,} cases, {pace:.2f} a second; false accepts: {false or 'none'}", file=sys.stderr, flush=True)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--out", type=Path, required=True)
    asked.add_argument("--workers", type=int, default=1)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--short", action="store_true", help="a handful of each")
    given = asked.parse_args()
    sizes = SHORT if given.short else Sizes()
    log = Log(given.out, {"plan": fingerprint(), "seed": given.seed, **sizes._asdict()})
    try:
        study(log, sizes, given.seed, given.workers)
    finally:
        log.close()
    print("\n".join(report(log.results.values())))


if __name__ == "__main__":
    main()
