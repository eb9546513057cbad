"""Sessions whose sweeps are read from files of the bench's own software: at the desk, and once in a terminal."""

import os
import re
import signal
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from curve_files import currents, nanonis, protochips, table
from seated import USUAL, Seated, asked_in
from sitting import PAPER, Sitting

from fibplan.model.curve import CurveSet
from fibplan.model.verdict import Grade, Verdict
from fibplan.session.workspace import look
from fibplan.units import parse
from fibplan.verification.probing import ProbingStep, protocol
from fibplan.verification.verdict import judge
from fibplan.wizard.desk import Left
from fibplan.wizard.file_smu import FileSmu
from fibplan.wizard.question import NOT_MEASURED

COMMAND = ("run", "lmno-poseidon-select", "--from-files", "--operator", "Ada")
AS_MEANT = {question: answer for question, answer in USUAL.items() if question != "What now"} | {
    "What now? begin": "next",
    "What now?": "leave",
    "Thickness that is left": NOT_MEASURED,
    "How long did it take": "20 min",
    "How long was the beam on": NOT_MEASURED,
    "Is that so": "keep",
    "Why does it hold": "typed by a test",
    "Which instrument sweeps": "2450",
    "Which column is what": "voltage=voltage [V]:V,current=current [nA]:nA,time=time [s]:s",
    "Measure range of the current": "auto",
    "Integration time": "1",
    "An error is in the way": "accept",
    "Why go on": "a test",
}
"""What somebody types at a real session up to the first file."""
MOST_ANSWERS = 200
Write = Callable[[Sequence[float], Sequence[float], datetime], bytes]


def as_nanonis(volts: Sequence[float], amperes: Sequence[float], now: datetime) -> bytes:
    content = nanonis(volts, {"Current (A)": amperes}, pixels=len(volts))
    return content.replace(b"01.03.2026 12:10:00", f"{now:%d.%m.%Y %H:%M:%S}".encode()).replace(
        b"01.03.2026 12:00:00", f"{now:%d.%m.%Y %H:%M:%S}".encode()
    )


def as_protochips(volts: Sequence[float], amperes: Sequence[float], now: datetime) -> bytes:
    content = protochips(volts, amperes)
    return content.replace(b"2026.03.01", f"{now:%Y.%m.%d}".encode()).replace(
        b"12:00:00.250", f"{now:%H:%M:%S}.999".encode()
    )


def as_table(volts: Sequence[float], amperes: Sequence[float], now: datetime) -> bytes:
    del now
    return table(volts, amperes)


def ohm_of(path: str, probing: str) -> float:
    """What the tips stand on: a sound lamella."""
    if probing.startswith("contact"):
        return 30.0
    if path == "tips":
        return 1e13
    return 160.0 if path == "bridge" else 1.25e7 if path == "protective" else 1e13


class Bench:
    """The other software: sweeps what the screen asks for, and exports it."""

    def __init__(self, folder: Path, write: Write, suffix: str) -> None:
        self._folder = folder
        self._write = write
        self._suffix = suffix
        self._swept = 0

    def file_for(self, screen: str, now: datetime) -> str:
        """The file of the sweep that the screen asks for last."""
        path, probing = re.findall(r"(\S+), ([a-z ]+): sweep it", screen)[-1]
        low, high, points = re.findall(r"from to\s+(.*) to (.*), (\d+) points", screen)[-1]
        most = parse(re.findall(r"limit\s+(.*): set it", screen)[-1], "A")
        volts = _linear(parse(low, "V"), parse(high, "V"), int(points))
        self._swept += 1
        amperes = currents(volts, ohm_of(path, probing), most, seed=self._swept)
        file = self._folder / f"sweep {self._swept}.{self._suffix}"
        file.write_bytes(self._write(volts, amperes, now))
        os.utime(file, (now.timestamp(), now.timestamp()))
        return f"'{file}'"


def _linear(low: float, high: float, points: int) -> list[float]:
    return [round(low + (high - low) * place / (points - 1), 12) for place in range(points)]


WRITERS = {"nanonis": (as_nanonis, "dat"), "protochips": (as_protochips, "csv"), "table": (as_table, "csv")}


class AtTheBench(Sitting):
    """Somebody with two computers: answers at one what the other has swept; ``instead`` are other answers."""

    def __init__(self, folder: Path, kind: str, instead: dict[str, str] | None = None) -> None:
        self._bench = Bench(folder, *WRITERS[kind])
        self._answers = AS_MEANT | (instead or {})
        self._steps: list[ProbingStep] = []
        card = PAPER.cards.smu
        assert card is not None

        def judged(curves: CurveSet) -> Verdict:
            return judge(PAPER, curves, card, {})

        super().__init__(folder / "s", self._lines(), PAPER.recipe, judge=judged, landing=self._steps.append)
        self.plan = PAPER
        self.seat.draw = lambda session: []
        smu = FileSmu(self.seat, lambda: self._steps[-1], card.model)
        object.__setattr__(self.crew, "smu", smu)

    def typed(self, question: str) -> str:
        """The answer to a question, by how it begins."""
        if question == "File of this sweep":
            return self._bench.file_for(self.said, self.clock.now().astimezone())
        return self._answers[question]

    def _lines(self) -> Iterator[str]:
        for _ in range(MOST_ANSWERS):
            yield self.typed(asked_in(self.said, ["File of this sweep", *self._answers]))


@pytest.mark.parametrize("kind", WRITERS)
def test_a_lamella_is_judged_by_files_of_other_software(tmp_path: Path, kind: str) -> None:
    """Every sweep is the file's, with its own time and hash and what the person said of it.

    The verdict accepts, unless the file says that another instrument measured than the one whose accuracy is known.
    """
    sitting = AtTheBench(tmp_path, kind)
    state = sitting.run()
    curves = sitting.seat.open.curves.curves
    assert len(curves) == len(protocol(PAPER, ("bridge", "protective")))
    assert all(curve.source_file is not None and not curve.partial for curve in curves)
    assert {curve.instrument.model for curve in curves} == {"Nanonis" if kind == "nanonis" else "2450"}
    assert {curve.settings.nplc for curve in curves} == {1.0}
    assert {curve.conditions for curve in curves} == {("beam_blanked", "light_off")}
    if kind != "table":
        assert all(curve.started.microsecond in (0, 999000) for curve in curves)
    assert state.verdict is not None
    reasons = [reason for path in state.verdict.paths for reason in path.reasons]
    assert state.verdict.accepted or any("measured with a Nanonis" in reason for reason in reasons), reasons
    assert state.verdict.accepted == (kind != "nanonis")
    assert not state.verdict.simulated


def test_without_the_range_no_verdict_rests_on_files(tmp_path: Path) -> None:
    """The person is told so when asked, and every path is inconclusive."""
    sitting = AtTheBench(tmp_path, "protochips", {"Measure range of the current": "not known"})
    state = sitting.run()
    assert "every verdict that rests on this path is inconclusive" in " ".join(sitting.said.split())
    assert state.verdict is not None
    assert {path.grade for path in state.verdict.paths} == {Grade.INCONCLUSIVE}


def test_files_that_are_not_the_sweep_are_asked_again(tmp_path: Path) -> None:
    """A cut or torn one, another path's, one of before, no table, one taken before, a folder: each with its reason."""
    good = AtTheBench(tmp_path, "protochips")
    wrong: dict[str, str] = {}

    def typed(question: str) -> str:
        if question != "File of this sweep" or len(good.seat.open.curves.curves) < 2:
            return AtTheBench.typed(good, question)
        if not wrong:
            wrong.update(_wrong_files(tmp_path, Path(AtTheBench.typed(good, question).strip("'"))))
            taken = tmp_path / "sweep 1.csv"
            wrong[str(taken)] = "taken for tips, floor already"
            wrong["/"] = "this is not a file"
        left = [path for path, why in wrong.items() if why not in " ".join(good.said.split())]
        if not left:
            raise Left("every one was refused")
        return left[0]

    good.typed = typed
    with pytest.raises(Left, match="every one was refused"):
        good.run()
    assert len(good.seat.open.curves.curves) == 2


def _wrong_files(folder: Path, good: Path) -> dict[str, str]:
    """Files that cannot be that sweep, and why."""
    lines = good.read_text(encoding="utf-8").splitlines(keepends=True)
    notes = lines[: next(place for place, line in enumerate(lines) if "User agreeing" in line) + 1]
    rows = lines[len(notes) :]
    volt_rows = [row.split(", ") for row in rows]
    files = {
        "cut.csv": ("".join(lines[:-4]), "the file may have lost its end"),
        "torn.csv": ("".join(lines)[:-5], "the file breaks off in its last line"),
        "another.csv": (
            "".join([*notes, *(", ".join([*row[:3], str(90 * float(row[3])), *row[4:]]) for row in volt_rows)]),
            "another path's curve, or the wrong unit",
        ),
        "old.csv": ("".join(lines).replace(f" = {_year(lines)}", " = 2019", 1), "the lamella was another one then"),
        "text.csv": ("no table at all", "there is no whole line in it"),
        "empty.csv": ("", "the file is empty"),
    }
    for name, (content, _) in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    return {str(folder / name): why for name, (_, why) in files.items()}


def _year(lines: Sequence[str]) -> str:
    return re.findall(r"Date \(yyyy\.mm\.dd\) = (\d+)", "".join(lines))[0]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="a pseudo-terminal is POSIX's")
def test_files_are_named_in_a_terminal(tmp_path: Path) -> None:
    """A table without a map is asked for its columns once, and another file can be named instead."""
    bench = Bench(tmp_path, *WRITERS["table"])
    seated = Seated(tmp_path, *COMMAND)
    first = bench.file_for(seated.answer(AS_MEANT, "File of this sweep"), datetime.now(UTC))
    seated.say(first)
    screen = seated.answer({}, "Which column is what")
    assert "time [s],voltage [V],current [nA]" in screen
    seated.say("voltage=nothing,current=2:nA")
    assert "no column is called 'nothing'" in " ".join(seated.answer({}, "Which column is what").split())
    seated.say("another file")
    seated.answer({}, "File of this sweep")
    seated.say(first)
    told = AS_MEANT | {"Which column is what": "voltage=2:V,current=3:nA,time=1:s"}
    seated.say(bench.file_for(seated.answer(told, "File of this sweep"), datetime.now(UTC)))
    seated.answer(AS_MEANT, "File of this sweep")
    seated.signal(signal.SIGTERM)
    words = seated.last_words()
    root = next((tmp_path / "sessions").glob("*/journal.jsonl")).parent
    assert words[-1] == f"fibplan resume {root.name}"
    state = look(root).state
    assert state is not None
    assert len(state.curves) == 2
    seated.assert_fit()
