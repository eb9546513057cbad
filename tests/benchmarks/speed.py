"""How long the commands take and how large the installed environment is: figures, not assertions.

Run with ``python tests/benchmarks/speed.py`` in the environment that fibplan is installed in.
"""

import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

RUNS = 5
COMMANDS = {
    "fibplan --help": (["--help"], 0.25),
    "fibplan check lmno-poseidon-select": (["check", "lmno-poseidon-select"], 0.5),
    "fibplan plan lmno-poseidon-select --format json": (["plan", "lmno-poseidon-select", "--format", "json"], 1.5),
    "fibplan demo": (["demo"], 20.0),
}


def seconds(arguments: list[str]) -> float:
    """Wall-clock seconds of one whole process in an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "fibplan", *arguments], cwd=folder, capture_output=True, check=True)
        return time.perf_counter() - began


def installed_megabytes() -> float:
    """Size of the environment's packages."""
    root = Path(sysconfig.get_paths()["purelib"])
    return sum(path.stat().st_size for path in root.rglob("*") if path.is_file()) / 1e6


def main() -> None:
    """Print a table: median and range of each command, and its aim."""
    print(f"{'command':50s} {'median':>8s} {'min':>8s} {'max':>8s} {'aim':>8s}")
    for name, (arguments, aim) in COMMANDS.items():
        seconds(arguments)
        times = [seconds(arguments) for _ in range(RUNS)]
        print(f"{name:50s} {statistics.median(times):7.2f}s {min(times):7.2f}s {max(times):7.2f}s {aim:7.2f}s")
    print(f"{'installed packages':50s} {installed_megabytes():6.0f}MB {'':8s} {'':8s} {450:6d}MB")


if __name__ == "__main__":
    main()
