"""The words of one command set: all that differs between the instruments that the driver drives."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from fibplan.model.curve import Instrument, Settings
from fibplan.smu.points import Row
from fibplan.smu.protocol import SweepRequest
from fibplan.smu.readback import Answered, Setting


class Fetched(NamedTuple):
    """How a sweep ended: output state, number of points, complaint (or nothing), and the text of its buffer."""

    output: str
    taken: int
    words: str
    data: str


class Dialect(Protocol):
    """Messages for one family of instruments, and the meaning of their answers.

    A message is one line. Whatever cannot be trusted raises :class:`~fibplan.errors.InstrumentError`, never a number.
    """

    rest: str
    """Resets the instrument, makes its output high-impedance while it is off, and asks for :attr:`rested`."""
    rested: Sequence[str]
    """The answers that say so: tips that land meet neither a voltage nor a charged cable."""
    off: Sequence[str]
    """Sent at once to switch the output off, whatever the instrument is doing; nothing answers."""
    confirm: str
    """The output off once more, and a question that :meth:`output_state` understands the answer to."""
    start: str
    """Starts the configured sweep, at whose end the instrument switches its output off by itself.

    It is answered with the number of points taken: at once where there is a :attr:`progress`, else at the end.
    """
    progress: str | None
    """Asks how many points were taken, where the instrument answers while it sweeps."""
    fetch_lines: int
    """How many lines answer :meth:`fetch`."""
    held: str
    """Asks how many points the buffer holds."""
    columns: int
    """Values a point in the buffer."""
    settling_s: float
    """The most that a point takes beyond integration and delay."""

    def asked(self, request: SweepRequest) -> Sequence[Setting]:
        """Every setting that is read back."""
        ...

    def configure(self, request: SweepRequest) -> str:
        """Everything that a sweep needs from a known state, nothing energised, and the questions of :meth:`ask`."""
        ...

    def ask(self, request: SweepRequest) -> str:
        """The questions alone, first of all for complaints, so that they are heard even where a setting is unknown."""
        ...

    def cut_short(self, reply: str) -> bool:
        """Whether a setting was refused so that only the first question was heard, before the settings.

        Its answer then stands before the answers of :meth:`ask`, which is asked again, and a semicolon between them.
        """
        ...

    def answered(self, reply: str, request: SweepRequest, where: str) -> Answered:
        """The answers to the questions."""
        ...

    def fetch(self, request: SweepRequest) -> str:
        """Asks for the whole sweep when it has ended."""
        ...

    def fetched(self, reply: str, where: str) -> Fetched:
        """What the answer says."""
        ...

    def contents(self, points: int) -> str:
        """Asks for so many points of the buffer; one line answers."""
        ...

    def row(self, level: float, values: Sequence[float], settings: Settings, where: str) -> Row:
        """One row of the buffer; raises for a status that no point of a sweep can have."""
        ...

    def rest_state(self, reply: str) -> Sequence[str]:
        """The answers to :attr:`rest`."""
        ...

    def output_state(self, line: str, instrument: Instrument) -> str | None:
        """``0`` for an output that is off, any other text for one that is not, None for another question's answer."""
        ...
