"""Sweeps that the bench's own software made: each one is read from a file that the person names."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

from fibplan.errors import FibplanError
from fibplan.formats.curves.columns import read_map
from fibplan.formats.curves.reader import Column, CurveFile
from fibplan.formats.curves.registry import open_file
from fibplan.formats.curves.text import beginning_of
from fibplan.model.curve import Curve, Instrument
from fibplan.smu.protocol import SweepRequest, Swept
from fibplan.units import show
from fibplan.verification.probing import ProbingStep
from fibplan.wizard import measuring_questions as ask
from fibplan.wizard.file_curve import Said, Wanted, told_as_wrong, told_of
from fibplan.wizard.question import Wrong
from fibplan.wizard.screen import Block, Page, Screen, labelled, line, wrapped
from fibplan.wizard.seat import Seat

WAITING = Instrument(identity="files of the bench's own software", model="files", serial="", simulated=False)
READS = "Nanonis .dat, Protochips CSV; of any other table you are asked which column is which"
NOT_IN_FILES = (
    "Files of other software do not say it. Without the model and the range of the current nothing bounds the error of "
    "a reading: every verdict that rests on this path is inconclusive then."
)
ROWS = 6
"""Of a table, shown to name its columns."""


class FileSmu:
    """An SMU that somebody else drives: :meth:`sweep` asks for the file. ``step`` is what the tips stand for now.

    ``columns`` say which is which in a table, as ``fibplan measure --columns`` takes them; where they are not said,
    they are asked for with the first table.
    """

    def __init__(self, seat: Seat, step: Callable[[], ProbingStep], model: str, columns: str = "") -> None:
        self._columns: Mapping[str, Column] = read_map(columns) if columns else {}
        self._seat = seat
        self._step = step
        self._model = model
        self._said: dict[str, Said] = {}

    @property
    def instrument(self) -> Instrument:
        return WAITING

    def sweep(self, request: SweepRequest) -> Swept:
        """The curve in the file that the person names, as that file tells it."""
        wanted = self._wanted(request)
        while True:
            named = self._named(wanted)
            curve = named if isinstance(named, Curve) else self._of_table(wanted, named)
            if curve is not None:
                return Swept(curve.settings, curve.points, curve.instrument, curve.source_file, curve.started)

    def output_off(self) -> None:
        """The person's: no output is driven from here."""

    def close(self) -> None:
        """Nothing is connected."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        return None

    def _wanted(self, request: SweepRequest) -> Wanted:
        step, session = self._step(), self._seat.open
        curves = session.curves.curves
        known = {entry.source_file.sha256: f"{entry.path}, {entry.probing}" for entry in curves if entry.source_file}
        told = told_of(step, request, self._said_of(step.path), self._seat.conditions)
        return Wanted(step, request, told, session.measuring_since, self._seat.clock.now(), known)

    def _said_of(self, path: str) -> Said:
        """Asked once a path; what was said of the path before it is what Enter says."""
        if path not in self._said:
            name, last = self._seat.measuring, self._said.get("", Said(self._model, "", ""))
            questions = (
                ask.instrument(name, path, last.model),
                ask.current_range(name, path, last.current_range or None),
                ask.cycles(name, path, last.cycles or None),
            )
            said = Said(*(self._seat.desk.ask(question, _not_in_files) for question in questions))
            self._said[path] = self._said[""] = said
        return self._said[path]

    def _named(self, wanted: Wanted) -> Curve | CurveFile:
        """The curve in the file that is named, or the file, where it is a table whose columns nobody has named."""
        found: list[Curve | CurveFile] = []

        def read(text: str) -> str:
            path = Path(text.strip().strip("'\"")).expanduser()
            with told_as_wrong():
                file = open_file(path)
            if wanted.is_table(file):
                found.append(self._as_before(wanted, file))
            else:
                found.append(wanted.curve(file))
            return str(path)

        step = wanted.step
        self._seat.desk.ask(ask.curve_file(self._seat.measuring, step.path, step.name, read), _sweep_screen(wanted))
        return found[-1]

    def _as_before(self, wanted: Wanted, file: CurveFile) -> Curve | CurveFile:
        """Read with the columns of the last table; where that fails they are forgotten, and asked for anew."""
        if not self._columns:
            return file
        columns, self._columns = self._columns, {}
        curve = wanted.with_columns(columns).curve(file)
        self._columns = columns
        return curve

    def _of_table(self, wanted: Wanted, file: CurveFile) -> Curve | None:
        """Read with the columns that are asked for, or None where another file is to be named."""
        found: list[Curve] = []

        def read(text: str) -> str:
            if " ".join(text.lower().split()) == ask.ANOTHER_FILE:
                return ask.ANOTHER_FILE
            try:
                columns = read_map(text)
            except FibplanError as failure:
                raise Wrong(failure.message, remedy=f"write {ask.LIKE}, or: {ask.ANOTHER_FILE}") from None
            found.append(wanted.with_columns(columns).curve(file))
            self._columns = columns
            return text

        self._seat.desk.ask(ask.columns(read), _table_screen(file))
        return found[-1] if found else None


def _not_in_files(page: Page) -> list[Block]:
    return [Block((line("What the files do not say", "bold"), *wrapped(NOT_IN_FILES, page.width)))]


def _sweep_screen(wanted: Wanted) -> Screen:
    """What is swept with the other software."""
    step, request = wanted.step, wanted.request

    def screen(page: Page) -> list[Block]:
        title = f"{step.path}, {step.name.replace('_', ' ')}: sweep it with the bench's own software"
        unit = "V" if request.sources_voltage else "A"
        reach = f"{show(min(request.levels), unit)} to {show(max(request.levels), unit)}, {request.points} points"
        told = [
            *wrapped(title, page.width, "bold"),
            *labelled("from to", reach, page.width),
            *labelled("limit", f"{_limit(wanted)}: set it before the output is on", page.width, "bold"),
            *labelled("after", "output off; export the sweep, and name its file here", page.width),
            *labelled("reads", READS, page.width),
        ]
        return [Block(tuple(told))]

    return screen


def _limit(wanted: Wanted) -> str:
    request = wanted.request
    return show(request.compliance_a or 0.0, "A") if request.sources_voltage else show(request.limit_v or 0.0, "V")


def _table_screen(file: CurveFile) -> Screen:
    """The first lines of a table, in which its columns have names or numbers."""

    def screen(page: Page) -> list[Block]:
        rows = [text for text in beginning_of(file).splitlines() if text.strip()][:ROWS]
        title = f"{file.own_name} is a table: which column holds voltage and current, and in which units?"
        told = "A column is called by its name in the header, or by its number from 1."
        shown = (line(text[: page.width], "cyan") for text in rows)
        return [Block((*wrapped(title, page.width, "bold"), *wrapped(told, page.width), *shown))]

    return screen
