"""How long a package takes to be written and to be verified, and how large it is: figures, not assertions.

Run with ``python tests/benchmarks/handoff.py`` in the environment that fibplan is installed in. The targets are 3 s and
20 MB for the package of a full session whose pictures are drawn, and 2 s for its verification.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 5
COMMAND = [sys.executable, "-m", "fibplan"]


def seconds(folder: Path, *arguments: str) -> float:
    """That the command takes as its user sees it, start of the process included."""
    began = time.perf_counter()
    subprocess.run([*COMMAND, *arguments], cwd=folder, capture_output=True, check=True)
    return time.perf_counter() - began


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([*COMMAND, "demo", "--out", "demo"], cwd=folder, capture_output=True, check=True)
        write = ("handoff", "write", "demo/session", "--out", "out")
        first = seconds(folder, *write)
        written = [seconds(folder, *write) for _ in range(RUNS)]
        verified = [seconds(folder, "handoff", "verify", "out/demo-0.eln") for _ in range(RUNS)]
        size = (folder / "out" / "demo-0.eln").stat().st_size
        same = (folder / "out" / "demo-0.eln").read_bytes() == (folder / "demo" / "demo-0.eln").read_bytes()
    print(f"write, pictures still to be drawn   {first:6.2f} s")
    print(f"write, pictures drawn (target 3 s)  {min(written):6.2f} s at the least, {max(written):.2f} s at the most")
    print(f"verify (target 2 s)                 {min(verified):6.2f} s at the least, {max(verified):.2f} s at the most")
    print(f"size (target 20 MB)                 {size / 1e6:6.2f} MB")
    print(f"the demo wrote the same bytes       {'yes' if same else 'NO'}")


if __name__ == "__main__":
    main()
