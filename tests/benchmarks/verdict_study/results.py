"""The file of results: one JSON line a case, only ever appended to, so that a kill loses nothing that was measured."""

import json
from pathlib import Path
from typing import Any, NamedTuple, Self

from benchmarks.verdict_study.lamellae import Truth

from fibplan.model.verdict import Outcome


class Result(NamedTuple):
    """One case: ``kind/number``, the instrument, what the lamella truly is and what the verdict says.

    ``place`` and ``optimal`` are those of the right group in the diagnosis and by the classifier beside it, None where
    the case is not diagnosed; ``why`` holds the first reason of each path that does not pass.
    """

    case: str
    instrument: str
    faults: tuple[str, ...]
    truth: str
    ohms: dict[str, float]
    outcome: str
    why: dict[str, str]
    place: int | None = None
    optimal: int | None = None
    group: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        return self.case.split("/")[0]

    @property
    def violates(self) -> bool:
        return self.truth == Truth.VIOLATES

    @property
    def accepted(self) -> bool:
        return self.outcome == Outcome.ACCEPT

    @classmethod
    def read(cls, entry: dict[str, Any]) -> Self:
        entry["faults"], entry["group"] = tuple(entry["faults"]), tuple(entry["group"])
        return cls(**entry)


class Log:
    """The results that a file holds, and more as they come; ``study`` says of which study it must be.

    Raises :class:`SystemExit` for the file of another study. A last line that a kill cut short is measured again.
    """

    def __init__(self, path: Path, study: dict[str, Any]) -> None:
        self.results: dict[str, Result] = {}
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        whole = text[: text.rfind("\n") + 1]
        first, *rest = whole.splitlines() or [json.dumps(study)]
        if json.loads(first) != study:
            raise SystemExit(f"{path} holds another study: {first}\nname another file with --out")
        for line in rest:
            self._keep(Result.read(json.loads(line)))
        if whole != text or not whole:
            path.write_text(whole or json.dumps(study) + "\n", encoding="utf-8", newline="\n")
        self._file = path.open("a", encoding="utf-8", newline="\n")

    def append(self, result: Result) -> None:
        self._file.write(json.dumps(result._asdict()) + "\n")
        self._file.flush()
        self._keep(result)

    def close(self) -> None:
        self._file.close()

    def _keep(self, result: Result) -> None:
        self.results[result.case] = result
