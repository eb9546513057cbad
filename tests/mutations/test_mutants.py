"""Every kind of damage to every shipped recipe is refused with its line, warned of, or provably harmless.

A fourth class is honest: some damage gives another recipe that somebody may mean. Such kinds say so, and why.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from mutations import files, order, quantities, words
from mutations.kind import HARMLESS, LEGAL, REFUSED, WARNED, Kind, Outcome
from mutations.spots import Mutant, Original
from shipped import RECIPES

from fibplan.errors import Fault, InvalidFile
from fibplan.library.examine import Examined, examine_file
from fibplan.library.load import load_recipe
from fibplan.library.search_path import SearchPath
from fibplan.model.finding import Severity
from fibplan.model.plan import Plan

pytestmark = pytest.mark.slow

KINDS: dict[str, Kind] = {**quantities.KINDS, **words.KINDS, **files.KINDS, **order.KINDS}
ORIGINALS = [Original(file) for file in RECIPES]


@dataclass(frozen=True)
class Fate:
    """What became of a mutant, and what was told with it; no outcome for a crash."""

    outcome: Outcome | None
    told: tuple[Fault, ...] = ()
    crash: str = ""

    @property
    def lines(self) -> set[int]:
        return {fault.line for fault in self.told}


class Bench:
    """Examines mutants of one original."""

    def __init__(self, original: Original, library: SearchPath, folder: Path) -> None:
        self.path = folder / "recipe.yaml"
        self.library = library
        sound = examine_file(load_recipe(original.file, search=library), library)
        self.plan = consequences(sound.sound_plan())

    def fate(self, mutant: Mutant) -> Fate:
        """Any failure that is not a defined one is a crash."""
        self.path.write_bytes(mutant.content)
        try:
            return self._examined(examine_file(load_recipe(self.path, "recipe.yaml", self.library), self.library))
        except InvalidFile as refusal:
            return Fate(REFUSED, refusal.faults)
        except Exception as bug:  # noqa: BLE001 - every other failure is what is looked for here
            return Fate(None, crash=f"{type(bug).__name__}: {bug}".split("\n")[0])

    def _examined(self, examined: Examined) -> Fate:
        for outcome, severity in ((REFUSED, Severity.ERROR), (WARNED, Severity.WARNING)):
            found = [finding for finding in examined.findings if finding.severity is severity]
            if found:
                return Fate(outcome, tuple(examined.located(finding) for finding in found))
        assert examined.plan is not None
        return Fate(HARMLESS if consequences(examined.plan) == self.plan else LEGAL)


def consequences(plan: Plan) -> dict[str, Any]:
    """The whole plan but for where in the file its steps stand."""
    steps = tuple(sorted(plan.recipe.steps, key=lambda step: step.name))
    operations = tuple(operation.model_copy(update={"position": 0}) for operation in plan.operations)
    recipe = plan.recipe.model_copy(update={"steps": steps})
    return plan.model_copy(update={"recipe": recipe, "operations": operations}).model_dump()


def mutants(name: str, original: Original) -> Iterator[Mutant]:
    """The mutants of that kind that are tried."""
    kind = KINDS[name]
    if not kind.sampled:
        yield from kind.damage(original)
        return
    groups: dict[str, list[Mutant]] = {}
    for mutant in kind.damage(original):
        groups.setdefault(mutant.group, []).append(mutant)
    for group, alike in groups.items():
        yield alike[crc32(f"{name} {group}".encode()) % len(alike)]


def objection(kind: Kind, mutant: Mutant, fate: Fate) -> str:
    """What is wrong with the fate of a mutant of that kind; empty where nothing is."""
    last = mutant.content.count(b"\n") + mutant.content.count(b"\r") + 1
    if fate.crash:
        return f"crashed: {fate.crash}"
    if fate.outcome not in kind.may:
        return f"was {fate.outcome}"
    if fate.outcome is LEGAL and not re.search(kind.legal_at, mutant.what):
        return "was legal here"
    if not all(fault.message and fault.remedy for fault in fate.told):
        return "was told without a message or a remedy"
    if not all(1 <= line <= last for line in fate.lines):
        return f"was told in lines {fate.lines} of {last}"
    if kind.exact and mutant.line is not None and mutant.line not in fate.lines:
        return f"was refused in lines {fate.lines} instead of {mutant.line}"
    return ""


@pytest.fixture(scope="session")
def benches(library: SearchPath, tmp_path_factory: pytest.TempPathFactory) -> list[Bench]:
    """One for each of the shipped recipes."""
    return [Bench(original, library, tmp_path_factory.mktemp(original.file.stem)) for original in ORIGINALS]


@pytest.mark.parametrize("name", KINDS)
def test_no_mutant_gets_away(name: str, benches: list[Bench], counts: dict[str, Counter[Outcome]]) -> None:
    """Each mutant of the kind has an outcome that the kind may have, and each such outcome does occur."""
    kind = KINDS[name]
    counts[name] = Counter()
    objections: list[str] = []
    for original, bench in zip(ORIGINALS, benches, strict=True):
        for mutant in mutants(name, original):
            fate = bench.fate(mutant)
            counts[name].update([fate.outcome] if fate.outcome else [])
            wrong = objection(kind, mutant, fate)
            objections += [f"{original.file.stem}: {mutant.what}: {wrong}"] if wrong else []
    assert not objections, "\n".join(objections)
    assert set(counts[name]) == set(kind.may)


def test_there_are_enough_kinds_of_damage() -> None:
    """At least sixty, and every one that may be legal says why."""
    assert len(KINDS) >= 60
    assert all(kind.legal for kind in KINDS.values() if LEGAL in kind.may)
