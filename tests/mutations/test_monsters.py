# ruff: noqa: E501 - a table of monsters reads best with one a line
"""No input makes fibplan use more than 500 MB or 5 s: files made to be huge, deep, long or slow."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from shipped import PAPER, ROOT

MOST_MEGABYTES = 500
MOST_SECONDS = 5
HANGS_AFTER = 60
MEGABYTE = 1_000_000
PAPER_TEXT = PAPER.read_text(encoding="utf-8")

EXAMINE = """
import json, sys, time
from pathlib import Path
from fibplan.errors import FibplanError
from fibplan.library.examine import examine
from fibplan.library.search_path import SearchPath

def told(file):
    try:
        examined = examine(file, search)
        return [examined.located(finding).place for finding in examined.findings]
    except FibplanError as failure:
        return failure.lines()

search = SearchPath([Path(sys.argv[1])])
for file in sys.argv[2:]:
    began = time.perf_counter()
    try:
        lines, crash = told(file), ""
    except Exception as bug:
        lines, crash = [], repr(bug)[:200]
    seconds = time.perf_counter() - began
    print(json.dumps({"file": file, "seconds": seconds, "told": len(lines), "crash": crash}))
"""

# What getrusage says of a process counts the peak of the one that started it; this one in between is small.
MEASURE = """
import subprocess, sys
ran = subprocess.run([sys.executable, "-c", *sys.argv[1:]])
if sys.platform == "win32":
    print(0)
else:
    import resource
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(peak / (1e6 if sys.platform == "darwin" else 1e3))
sys.exit(ran.returncode)
"""


def nested_block(levels: int) -> str:
    return "".join(f"{' ' * level}a:\n" for level in range(levels))


def laughs(levels: int) -> str:
    """Billion laughs: each line names the one before ten times."""
    lines = ["a0: &a0 [lol]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, levels)]
    return "\n".join(lines) + "\n"


def paper_with(steps: str) -> str:
    """The paper's recipe with other steps."""
    begin, end = PAPER_TEXT.index("steps:\n"), PAPER_TEXT.index("verification:\n")
    return f"{PAPER_TEXT[:begin]}steps:\n{steps}{PAPER_TEXT[end:]}"


def thinning(count: int, after: Callable[[int], str]) -> str:
    """That many steps, each of which waits for what ``after`` says."""
    step = (
        "  - {{name: s{0}, kind: thin, after: [{1}], accelerating_voltage: 5 kV, beam_current: 30 pA, leaves: 1 um}}\n"
    )
    return "".join(step.format(number, after(number)) for number in range(count))


def with_current(value: str) -> str:
    return PAPER_TEXT.replace("beam_current: 20 nA", f"beam_current: {value}")


LONG = 150_000

HUGE = {
    "one letter": b"a" * MEGABYTE,
    "keys": b"key: value\n" * (MEGABYTE // 11),
    "comments": b"# comment\n" * (MEGABYTE // 10),
    "empty lines": b"\n" * MEGABYTE,
    "brackets": b"[" * MEGABYTE,
    "NUL bytes": b"\0" * MEGABYTE,
    "bytes that are not UTF-8": b"\xb5" * MEGABYTE,
}
"""A hundredth of each file."""

MONSTERS: dict[str, Callable[[], str]] = {
    "deep lists in brackets": lambda: "[" * 199_000,
    "deep mappings in braces": lambda: "{a: " * 49_000,
    "deep lists of dashes": lambda: "- " * 99_000,
    "deep block mappings": lambda: nested_block(600),
    "deep keys": lambda: "? " * 99_000,
    "deep braces, closed": lambda: "a: " + "{a: " * 20_000 + "1" + "}" * 20_000,
    "billion laughs": lambda: laughs(30),
    "10,000 keys": lambda: "".join(f"key{number}: 1\n" for number in range(10_000)),
    "25,000 keys": lambda: "".join(f"{number}: \n" for number in range(25_000)),
    "one key 20,000 times": lambda: "key: 1\n" * 20_000,
    "9,000 unknown keys beside a recipe": lambda: PAPER_TEXT + "".join(f"titel{number}: 1\n" for number in range(9_000)),
    "9,000 steps that are nothing": lambda: paper_with("  - {}\n" * 9_000),
    "9,000 steps that are text": lambda: paper_with("  - a\n" * 9_000),
    "4,000 steps of a kind that does not exist": lambda: paper_with("  - {name: a, kind: undrecut}\n" * 4_000),
    "1,000 steps in a chain": lambda: paper_with(thinning(1_000, lambda number: f"s{number - 1}" if number else "")),
    "1,000 steps that wait for nothing": lambda: paper_with(thinning(1_000, lambda _: "")),
    "1,000 steps that wait for missing ones": lambda: paper_with(thinning(1_000, lambda number: f"t{number}")),
    "1,000 steps of one name": lambda: paper_with(thinning(1, lambda _: "") * 1_000),
    "1,000 steps in a circle": lambda: paper_with(thinning(1_000, lambda number: f"s{(number + 1) % 1_000}")),
    "150 steps that wait for all before": lambda: paper_with(thinning(150, lambda number: ", ".join(f"s{other}" for other in range(number)))),
    "1,500 layers": lambda: PAPER_TEXT.replace("  stack: ", "  stack:\n" + "    - {name: a, role: barrier, material: silicon, thickness: 1 nm}\n" * 1_500 + "    # "),
    "a very long text": lambda: with_current("a" * LONG),
    "a very long key": lambda: "a" * LONG + ": 1\n",
    "a very long number": lambda: with_current("1" * LONG),
    "a very long number with its unit": lambda: with_current("1" * LONG + " nA"),
    "a very long fraction": lambda: with_current("0." + "1" * LONG + " nA"),
    "a very long exponent": lambda: with_current("1e" + "1" * LONG + " nA"),
    "a very long unit": lambda: with_current("1 " + "m" * LONG),
    "a unit of very many factors": lambda: with_current("1 " + "m " * (LONG // 2) + "m"),
    "a unit of very many divisions": lambda: with_current("1 m" + "/m" * (LONG // 2)),
    "very many signs": lambda: with_current("'" + "+-" * (LONG // 2) + "1 nA'"),
    "very many spaces": lambda: with_current("1" + " " * LONG + "nA"),
    "a very long name of a card": lambda: PAPER_TEXT.replace("strata-db235", "s" * LONG),
    "a very long name of a material": lambda: PAPER_TEXT.replace("alumina_ald", "a" * LONG),
    "a very long name of a step": lambda: PAPER_TEXT.replace("name: narrow", "name: " + "n" * LONG),
    "a quote that is never closed": lambda: 'a: "' + "b\n" * 90_000,
    "a block scalar": lambda: "a: |\n" + " b\n" * 60_000,
    "49,000 documents": lambda: "---\n" * 49_000,
    "20,000 anchors": lambda: "a: [" + "&a 1, " * 20_000 + "]\n",
    "20,000 aliases": lambda: "a: &a 1\nb: [" + "*a, " * 20_000 + "]\n",
    "20,000 tags": lambda: "a: [" + "!!x 1, " * 20_000 + "]\n",
    "20,000 lines of tabs": lambda: "\ta\n" * 20_000,
    "3,000 accepted warnings": lambda: PAPER_TEXT + "accepts:\n" + "  - {code: a, reason: b}\n" * 3_000,
    "5,000 paths to measure": lambda: PAPER_TEXT.replace("paths: [bridge, protective]", f"paths: [{'leak, ' * 5_000}]"),
    "4,000 fields assumed": lambda: PAPER_TEXT.replace("assumed: [beam_current, leaves, overtilt]", f"assumed: [{'leak, ' * 4_000}]", 1),
}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """What fibplan did with one file."""

    file: str
    seconds: float
    told: int
    crash: str


def examined(folder: Path, files: list[str]) -> tuple[list[Answer], float]:
    """What one process says of these files, and its peak of memory in MB; without one on Windows."""
    command = [sys.executable, "-c", MEASURE, EXAMINE, str(ROOT), *files]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=HANGS_AFTER, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    lines = ran.stdout.splitlines()
    return [Answer(**json.loads(line)) for line in lines[: len(files)]], float(lines[-1])


def objection(answer: Answer) -> str:
    if answer.crash:
        return f"{answer.file} crashed: {answer.crash}"
    if answer.seconds > MOST_SECONDS:
        return f"{answer.file} took {answer.seconds:.1f} s"
    return "" if answer.told else f"{answer.file}: nothing was told"


@pytest.mark.parametrize("name", HUGE)
def test_a_huge_file_takes_neither_time_nor_memory(name: str, tmp_path: Path) -> None:
    """A file of 100 MB is told of, in 5 s and 500 MB; the start of the program does not count as time."""
    with (tmp_path / "huge.yaml").open("wb") as stream:
        stream.writelines([HUGE[name]] * 100)
    [answer], peak = examined(tmp_path, ["huge.yaml"])
    assert not objection(answer)
    assert peak < MOST_MEGABYTES


def test_no_file_takes_much_time_or_memory(tmp_path: Path) -> None:
    """Each file is told of, in 5 s, and all of them in one process in 500 MB."""
    names = {f"{name.replace(' ', '-')}.yaml": make for name, make in MONSTERS.items()}
    for file, make in names.items():
        (tmp_path / file).write_text(make(), encoding="utf-8")
    answers, peak = examined(tmp_path, list(names))
    assert [wrong for answer in answers if (wrong := objection(answer))] == []
    assert peak < MOST_MEGABYTES
