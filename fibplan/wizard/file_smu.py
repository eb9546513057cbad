"""Sweeps that the bench's own software made: each one is read from a file that the person names."""

from collections.abc import Callable
from pathlib import Path
from typing import Self

from fibplan.errors import FibplanError
from fibplan.formats.curves.columns import read_map
from fibplan.formats.curves.reader import Told
from fibplan.formats.curves.registry import open_file, reader_for
from fibplan.model.curve import Curve, Instrument
from fibplan.smu.protocol import SweepRequest, Swept
from fibplan.units import show
from fibplan.verification.probing import ProbingStep
from fibplan.wizard import session_questions as ask
from fibplan.wizard.question import Wrong
from fibplan.wizard.screen import Block, Page, labelled, line
from fibplan.wizard.seat import Seat

WAITING = Instrument(identity="files of the bench's own software", model="files", serial="", simulated=False)


class FileSmu:
    """An SMU that somebody else drives: :meth:`sweep` asks for the file. ``step`` is what the tips stand for now.

    ``columns`` say which is which in a table, as ``fibplan measure --columns`` takes them.
    """

    def __init__(self, seat: Seat, step: Callable[[], ProbingStep], model: str, columns: str = "") -> None:
        self._columns = read_map(columns) if columns else {}
        self._seat = seat
        self._step = step
        self._model = model

    @property
    def instrument(self) -> Instrument:
        return WAITING

    def sweep(self, request: SweepRequest) -> Swept:
        """The curve in the file that the person names, as that file tells it."""
        step = self._step()
        found: list[Curve] = []
        question = ask.curve_file(
            self._seat.measuring, step.path, step.name, lambda text: self._read(text, request, found)
        )

        def screen(page: Page) -> list[Block]:
            least, most = min(request.levels), max(request.levels)
            told = [
                line(f"{step.path}, {step.name.replace('_', ' ')}: sweep it with the bench's own software", "bold"),
                *labelled("from to", f"{show(least, 'V')} to {show(most, 'V')}, {request.points} points", page.width),
                *labelled(
                    "limit",
                    f"{show(request.compliance_a or 0.0, 'A')}: set it before the output is on",
                    page.width,
                    "bold",
                ),
                *labelled(
                    "reads", "Nanonis .dat, Protochips CSV, tables with a header that names its units", page.width
                ),
            ]
            return [Block(tuple(told))]

        self._seat.desk.ask(question, screen)
        curve = found[-1]
        return Swept(curve.settings, curve.points, curve.instrument, curve.source_file)

    def output_off(self) -> None:
        """The person's: no output is driven from here."""

    def close(self) -> None:
        """Nothing is connected."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        return None

    def _read(self, text: str, request: SweepRequest, found: list[Curve]) -> str:
        """The path again, once the file was read; raises :class:`Wrong` with what is wrong with it."""
        path = Path(text.strip().strip("'\"")).expanduser()
        step = self._step()
        told = Told(step.path, step.name, self._columns, model=self._model, compliance_a=request.compliance_a)
        try:
            file = open_file(path)
            curve = reader_for(file, told).read(file, told)
        except FibplanError as failure:
            raise Wrong(str(failure), remedy="name the file of this sweep") from None
        if curve.instrument.simulated:
            raise Wrong("that file says of itself that it is simulated", remedy="practise with --simulate instead")
        found.append(curve)
        return str(path)
