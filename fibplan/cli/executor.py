"""Who does the samples of a yield: this process, several on this machine, or the workers of a running Dask cluster."""

import os
import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fibplan import __version__
from fibplan.cli.output import tell
from fibplan.errors import ExitCode, FibplanError, Misuse
from fibplan.units import shortened

if TYPE_CHECKING:
    from fibplan.planning.tolerance.sampling import Executor

MOST_ON_WINDOWS = 61
"""Windows waits for no more processes at once (concurrent.futures, ProcessPoolExecutor)."""
CONNECT_S = 10
"""How long a scheduler may take to answer."""


class ClusterError(FibplanError):
    """A cluster, or processes of this machine, that cannot do the work."""

    code = "cluster"
    exit_code = ExitCode.HARDWARE


def require_workers(count: int) -> None:
    """:class:`Misuse` for a number of workers without meaning."""
    if count < 1:
        raise Misuse(f"{count} workers", where="--workers", remedy="choose from 1 up")


def useful_workers(asked: int | None) -> int:
    """The processes that are started at the most: those asked for, but no more than can work at once on this machine.

    Raises :class:`Misuse` for a number of workers without meaning.
    """
    most = _processors()
    if asked is None:
        return most
    require_workers(asked)
    return min(asked, most)


@contextmanager
def executor(workers: int | None, scheduler: str | None) -> Generator["Executor"]:
    """One executor for the samples; by default, and at the most, a process for each processor of this machine.

    A process is started when a job waits for one, and so there are never more of them than jobs.
    Raises :class:`Misuse` for a number of workers without meaning, for both at once, or where the extra ``dask`` is not
    installed, and :class:`ClusterError` for a cluster that cannot be reached, has no worker, or one with another
    fibplan, and for workers that are lost.
    """
    if scheduler is not None:
        if workers is not None:
            raise Misuse(
                "a cluster has its own workers", where="--workers", remedy="give either --workers or --scheduler"
            )
        with _cluster(scheduler) as found:
            yield found
        return
    count = useful_workers(workers)
    if workers is not None and count < workers:
        tell(f"of {workers} workers {count} can work at once on this machine: more are not started")
    if count == 1:
        from fibplan.planning.tolerance.sampling import InProcess

        yield InProcess()
        return
    with _processes(count) as found:
        yield found


@contextmanager
def _processes(count: int) -> Generator["Executor"]:
    """Fresh processes, the same on every system; what has not begun is dropped when something fails here."""
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    pool = ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_leave_stopping_to_the_parent)
    try:
        yield pool
    except BrokenProcessPool:
        raise ClusterError(
            "a worker was lost: killed, or out of memory", where="--workers", remedy="try fewer workers, or one"
        ) from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _leave_stopping_to_the_parent() -> None:
    """A Ctrl-C in the terminal reaches every process of it; only the first one unwinds and says so."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _processors() -> int:
    """Those that this process may use, where the system tells, and on Windows no more than it can wait for."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    count = os.cpu_count() or 1
    return min(count, MOST_ON_WINDOWS) if sys.platform == "win32" else count


@contextmanager
def _cluster(address: str) -> Generator["Executor"]:
    """The executor of a running Dask cluster, whose workers all have this version."""
    import logging

    try:
        from distributed import Client
    except ImportError:
        raise Misuse(
            "Dask is not installed", where="--scheduler", remedy="pip install 'fibplan[dask]', or give --workers"
        ) from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    _require_answer(address)
    try:
        client = Client(address, timeout=CONNECT_S, set_as_default=False)
    except Exception as failure:  # noqa: BLE001  # a wrong address raises anything from ValueError to its own errors
        raise _lost(address, failure) from None
    try:
        _require_same_version(client, address)
        yield client.get_executor()
    except FibplanError:
        raise
    except Exception as failure:
        lost = type(failure).__module__.partition(".")[0] in ("distributed", "tornado", "asyncio", "concurrent")
        if lost or isinstance(failure, OSError):
            raise _lost(address, failure) from None
        raise
    finally:
        client.close(timeout=CONNECT_S)


def _require_answer(address: str) -> None:
    """Somebody listens there: Dask's own client goes on trying, and complains long after."""
    import socket
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(address)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:
        scheme = host = port = None
    if scheme not in ("tcp", "tls") or host is None or port is None:
        raise Misuse(
            f"'{shortened(address)}' is no address of a scheduler",
            where="--scheduler",
            remedy="write it as tcp://host:8786",
        )
    try:
        socket.create_connection((host, port), timeout=CONNECT_S).close()
    except OSError as failure:
        raise _lost(address, failure) from None


def _require_same_version(client: Any, address: str) -> None:
    """Every worker has fibplan, and this version: another one would give other numbers."""
    found = client.run(lambda: __import__("importlib").import_module("fibplan").__version__, on_error="return")
    if not found:
        raise ClusterError("the cluster has no workers", where=address, remedy="start some, as dask worker does")
    for worker, version in sorted(found.items()):
        if isinstance(version, BaseException):
            wrong = "has no fibplan that can be imported"
        elif version != __version__:
            wrong = f"has fibplan {version}"
        else:
            continue
        raise ClusterError(f"worker {worker} {wrong}", where=address, remedy=f"install fibplan {__version__} there")


def _lost(address: str, failure: BaseException) -> ClusterError:
    why = str(failure).strip().partition("\n")[0] or type(failure).__name__
    return ClusterError(
        f"the cluster cannot be reached: {why}", where=address, remedy="check the address and that it runs"
    )
