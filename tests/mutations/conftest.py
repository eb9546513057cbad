"""Counts what became of the mutants, and prints it at the end of a run."""

from collections import Counter
from collections.abc import Iterator

import pytest
from mutations.kind import Outcome

COUNTS = pytest.StashKey[dict[str, Counter[Outcome]]]()


@pytest.fixture(scope="session")
def counts(pytestconfig: pytest.Config) -> dict[str, Counter[Outcome]]:
    """By kind of damage, how many mutants had which outcome."""
    return pytestconfig.stash.setdefault(COUNTS, {})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    counts = config.stash.get(COUNTS, {})
    if counts:
        terminalreporter.section("mutants of the shipped recipes")
        for line in _table(counts):
            terminalreporter.write_line(line)


def _table(counts: dict[str, Counter[Outcome]]) -> Iterator[str]:
    yield _row(f"{len(counts)} kinds of damage", ["mutants", *Outcome])
    for kind, count in counts.items():
        yield _row(kind, [count.total(), *(count[outcome] for outcome in Outcome)])
    everything = sum(counts.values(), Counter[Outcome]())
    yield _row("all", [everything.total(), *(everything[outcome] for outcome in Outcome)])


def _row(name: str, cells: list[object]) -> str:
    return f"{name:55s}" + "".join(f"{cell!s:>10s}" for cell in cells)
