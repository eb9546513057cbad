"""The curve of one planned sweep out of a file of other software, or why the file is not that of the sweep."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from fibplan.errors import FibplanError
from fibplan.formats.curves.reader import AUTOMATIC, Column, CurveFile, Told
from fibplan.formats.curves.registry import ANY_TABLE, reader_for
from fibplan.model.curve import Curve
from fibplan.session.doubts import refuse_older
from fibplan.smu.protocol import SweepRequest
from fibplan.units import parse
from fibplan.verification.plausible import unlike_planned
from fibplan.verification.probing import ProbingStep
from fibplan.wizard import measuring_questions as ask
from fibplan.wizard.question import Wrong

OTHER_CLOCK = timedelta(days=1)
"""By how much the clock of the bench's computer may differ from this one's."""


@dataclass(frozen=True)
class Wanted:
    """A sweep that a file is to hold: its probing step, what was asked of the SMU, and what the person says of it.

    ``since`` is when this measurement began, ``now`` the present; ``known`` are the curves that came from files before,
    by their files' hashes.
    """

    step: ProbingStep
    request: SweepRequest
    told: Told
    since: datetime
    now: datetime
    known: Mapping[str, str]

    def with_columns(self, columns: Mapping[str, Column]) -> "Wanted":
        return replace(self, told=replace(self.told, columns=columns))

    def is_table(self, file: CurveFile) -> bool:
        """Whether it can only be read with its columns named; raises :class:`Wrong` where nothing reads it."""
        with told_as_wrong():
            return reader_for(file, replace(self.told, columns={})) is ANY_TABLE

    def curve(self, file: CurveFile) -> Curve:
        """The curve; raises :class:`Wrong` for whatever is not this sweep, whole and measured in this session."""
        with told_as_wrong():
            curve = reader_for(file, self.told).read(file, self.told)
            refuse_older(curve, self.since)
        for why, remedy in self._objections(file, curve):
            raise Wrong(why, where=file.own_name, remedy=remedy)
        return curve

    def _objections(self, file: CurveFile, curve: Curve) -> Iterator[tuple[str, str]]:
        assert curve.source_file is not None
        resting = self.step.purpose == "open_circuit"
        if curve.instrument.simulated:
            yield "the file says of itself that it is simulated", "practise with --simulate instead"
        if file.sha256 in self.known:
            yield f"this file was taken for {self.known[file.sha256]} already", "name the file of this sweep"
        if curve.partial and not resting:
            yield "; ".join(curve.source_file.remarks), "export the whole sweep, or sweep again"
        if why := unlike_planned(curve, 0.0 if resting else self.step.voltage_v, self.step.compliance_a):
            yield why, "name the file of this sweep, or check the units of its columns"
        if curve.started > self.now + OTHER_CLOCK:
            begun = f"{curve.started:%Y-%m-%d %H:%M %z}"
            yield f"it was measured on {begun}, which is still to come", "set the bench's clock, and sweep again"


class Said(NamedTuple):
    """Answers about a file: the instrument's model, the measure range of the current, the integration time."""

    model: str
    current_range: str
    cycles: str


def told_of(step: ProbingStep, request: SweepRequest, said: Said, conditions: tuple[str, ...]) -> Told:
    """What the person and the plan say of a file; a sweep about a cell's voltage lies about its levels' middle."""
    middle = (min(request.levels) + max(request.levels)) / 2.0 if request.sources_voltage else 0.0
    return Told(
        step.path,
        step.name,
        model="" if said.model == ask.NOT_KNOWN else said.model,
        compliance_a=request.compliance_a if request.sources_voltage else step.compliance_a,
        current_range_a=_range_of(said.current_range),
        nplc=None if said.cycles == ask.NOT_KNOWN else float(said.cycles),
        conditions=conditions,
        about_v=middle if step.about_open_circuit else 0.0,
    )


def _range_of(answer: str) -> float | None:
    if answer == ask.NOT_KNOWN:
        return None
    return AUTOMATIC if answer == ask.AUTOMATIC else parse(answer, "A")


@contextmanager
def told_as_wrong() -> Generator[None]:
    """A file that cannot be read, or holds no curve, is asked for again."""
    try:
        yield
    except Wrong:
        raise
    except FibplanError as failure:
        raise Wrong("; ".join(failure.lines()), remedy="or name another file") from None
