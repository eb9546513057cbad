"""How the SMU of a single sweep is reached, and where the conversation with it is written."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

if TYPE_CHECKING:
    from fibplan.model.cards import SmuCard
    from fibplan.smu.protocol import Smu
    from fibplan.smu.visa import Overheard

ResourceOption = Annotated[str | None, typer.Option("--resource", help="VISA resource of the SMU.")]
VisaLibraryOption = Annotated[str, typer.Option("--visa-library", help="PyVISA library; @ivi for NI-VISA.")]
BaudRateOption = Annotated[int, typer.Option("--baud-rate", min=300, help="Of a serial line, such as ASRL3.")]
WireLogOption = Annotated[
    Path | None, typer.Option("--wire-log", help="Write the conversation to this new file, one JSON line each.")
]


class Bench(NamedTuple):
    """What the person said of the instrument."""

    resource: str
    visa_library: str
    baud_rate: int
    wire_log: Path | None

    @contextmanager
    def connected(self, card: "SmuCard") -> Generator["Smu"]:
        """The SMU, with its output off before and after, and every message in the log where one is wanted."""
        from fibplan.smu.connect import connect

        resource, visa_library, baud_rate, _ = self
        with (
            self._overhearing() as overheard,
            connect(resource, card, visa_library=visa_library, baud_rate=baud_rate, overheard=overheard) as smu,
        ):
            yield smu

    @contextmanager
    def _overhearing(self) -> Generator["Overheard | None"]:
        """What is told of every message, where a log is wanted."""
        from fibplan.clock import SystemClock
        from fibplan.smu.wire_log import WireLog

        if self.wire_log is None:
            yield None
            return
        with WireLog.new(self.wire_log, SystemClock()) as log:
            yield log.heard
