"""How long the yield takes: materials only, with geometry, and on more workers: figures, not assertions.

Run with ``python tests/benchmarks/tolerance.py`` in the environment that fibplan is installed in, on a machine that has
nothing else to do: processor time stands beside wall clock and tells whether it had.
"""

import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from shipped import PAPER, ROOT
from straying import materials_only

from fibplan.library.examine import examine_file
from fibplan.library.load import load_recipe
from fibplan.library.search_path import SearchPath
from fibplan.model.plan import Plan
from fibplan.planning.tolerance.result import Tolerance
from fibplan.planning.tolerance.sampling import Executor, yield_of


def timed(name: str, work: Callable[[], Tolerance]) -> None:
    """Wall clock, and processor time of this process."""
    wall, before = time.perf_counter(), os.times()
    found = work()
    seconds, after = time.perf_counter() - wall, os.times()
    here = after.user + after.system - before.user - before.system
    rest = f"basis error {found.basis_error:.1e}" if found.basis_error is not None else ""
    print(f"{name:44s} {seconds:7.2f} s wall {here:7.2f} s here  {found.accepted}  {rest}", flush=True)


def on(plan: Plan, samples: int, executor: Executor | None, *, ranked: bool) -> Callable[[], Tolerance]:
    return lambda: yield_of(plan, samples, executor=executor, ranked=ranked)


def main(samples: int = 1024) -> None:
    """10,000 samples of materials, rounded up, and a thousand with geometry, each with and without the ranking."""
    plan = examine_file(load_recipe(PAPER), SearchPath([ROOT])).sound_plan()
    materials = materials_only(plan)
    timed("materials, 64 (first call)", on(materials, 64, None, ranked=False))
    for ranked in (False, True):
        timed(f"materials, 10,000, {'' if ranked else 'not '}ranked", on(materials, 10_000, None, ranked=ranked))
    for ranked in (False, True):
        timed(f"geometry, {samples}, {'' if ranked else 'not '}ranked, here", on(plan, samples, None, ranked=ranked))
    for count in sorted({2, os.cpu_count() or 2}):
        with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as workers:
            yield_of(plan, 64, executor=workers, ranked=False)
            for ranked in (False, True):
                what = f"geometry, {samples}, {'' if ranked else 'not '}ranked, {count} workers"
                timed(what, on(plan, samples, workers, ranked=ranked))


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
