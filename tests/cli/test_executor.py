"""Who does the samples: never more processes than there is work, or than this machine can run at once."""

import os
import sys
from multiprocessing import active_children

import pytest

from fibplan.cli.executor import MOST_ON_WINDOWS, executor, useful_workers
from fibplan.errors import Misuse

HUGE = 1_000_000


def test_a_huge_number_of_workers_is_what_the_machine_can_run(capsys: pytest.CaptureFixture[str]) -> None:
    """A million is no more than one for each processor, the results are in order, and one line says so."""
    with executor(HUGE, None) as found:
        assert list(found.map(abs, range(-20, 0))) == list(range(20, 0, -1))
        assert len(active_children()) <= (os.cpu_count() or 1)
    told = capsys.readouterr()
    assert told.out == ""
    (line,) = told.err.splitlines()
    assert f"of {HUGE} workers {useful_workers(HUGE)} can work at once" in line


def test_there_are_no_more_processes_than_jobs() -> None:
    """One job is done by one process, however many may be started."""
    with executor(HUGE, None) as found:
        assert list(found.map(abs, [-3])) == [3]
        assert len(active_children()) <= 1


def test_windows_waits_for_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with more processors than Windows can wait for has that many workers there, and all elsewhere."""
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 128)
    monkeypatch.setattr(sys, "platform", "win32")
    assert (useful_workers(HUGE), useful_workers(None), useful_workers(2)) == (MOST_ON_WINDOWS, MOST_ON_WINDOWS, 2)
    monkeypatch.setattr(sys, "platform", "linux")
    assert useful_workers(HUGE) == 128


@pytest.mark.parametrize("count", [0, -1])
def test_fewer_than_one_is_misuse(count: int) -> None:
    """Nobody would do the work."""
    with pytest.raises(Misuse, match=f"{count} workers"):
        useful_workers(count)
