"""``fibplan measure --from-file``: a curve out of another program's file, appended to a curve set."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from fibplan.cli.options import Format, positive
from fibplan.cli.output import say, tell
from fibplan.errors import Misuse

if TYPE_CHECKING:
    from fibplan.formats.curves.reader import CurveReader, Told
    from fibplan.library.search_path import SearchPath
    from fibplan.model.curve import Curve
    from fibplan.verification.probing import ProbingStep

AT_MOST_AHEAD = timedelta(days=1)
"""By how much a file's time may be ahead of this computer's clock."""


FromFile = Annotated[
    Path | None, typer.Option("--from-file", help="Take the curve from this file of another program instead.")
]
ReaderName = Annotated[str | None, typer.Option("--reader", help="Its format; recognised by its content if not said.")]
Columns = Annotated[
    str | None, typer.Option("--columns", help="Its columns, such as 'voltage=Bias:mV,current=3:nA,time=Time:s'.")
]
DecimalComma = Annotated[bool, typer.Option("--decimal-comma", help="Its numbers have decimal commas.")]
Delimiter = Annotated[str | None, typer.Option("--delimiter", help="comma, semicolon or tab; found if not said.")]
CurrentRange = Annotated[
    str | None, typer.Option("--current-range", help="Measure range of the current in the file, or auto.")
]
Cycles = Annotated[float | None, typer.Option("--nplc", help="Integration time in the file, power-line cycles.")]
Started = Annotated[str | None, typer.Option("--started", help="When it was measured, such as 2026-11-20T14:05.")]


class FileAsked(NamedTuple):
    """What the person said of the file on the command line, as text."""

    path: str
    probing: str
    reader: str | None = None
    columns: str | None = None
    decimal_comma: bool = False
    delimiter: str | None = None
    model: str | None = None
    compliance: str | None = None
    current_range: str | None = None
    nplc: float | None = None
    points: int | None = None
    started: str | None = None
    dark: bool = False
    recipe: str | None = None

    @property
    def of_file(self) -> dict[str, object]:
        """What has a meaning for a file alone, by option."""
        return {
            "--reader": self.reader, "--columns": self.columns, "--decimal-comma": self.decimal_comma,
            "--delimiter": self.delimiter, "--current-range": self.current_range, "--nplc": self.nplc,
            "--started": self.started,
        }  # fmt: skip


def list_readers(wanted: bool) -> None:
    """Print the readers' names and what they read, and stop: the callback of ``--list-readers``."""
    if not wanted:
        return
    from fibplan.formats.curves.registry import READERS

    for reader in READERS:
        say(f"{reader.name}: {reader.title}")
    raise typer.Exit


ListReaders = Annotated[
    bool, typer.Option("--list-readers", callback=list_readers, is_eager=True, help="List the formats and stop.")
]


def require_one_origin(from_file: Path | None, instrument: Mapping[str, object], file: Mapping[str, object]) -> None:
    """Raise :class:`~fibplan.errors.Misuse` where options of an instrument and of a file are mixed, or none is there.

    Both map an option to what was said, which counts where it is neither nothing nor False.
    """
    beside = [option for option, value in (instrument if from_file is not None else file).items() if value]
    if beside and from_file is not None:
        raise Misuse("the curve comes from a file", where="--from-file", remedy=f"leave out {', '.join(beside)}")
    if beside:
        raise Misuse("this is said of a file", where=beside[0], remedy="add --from-file, or leave it out")
    if from_file is None and not instrument["--resource"]:
        raise Misuse("nothing says where the curve comes from", where="--resource", remedy="or give --from-file")


def import_curve(source: Path, out: Path, asked: FileAsked, search: "SearchPath", output: Format) -> None:
    """Append the curve in ``source`` to the curve set ``out``, and print what it is and what nobody said of it.

    Raises :class:`~fibplan.errors.Misuse` for a curve that is older than the one it would replace, or, with a recipe,
    one that is not a sweep of its path; :class:`~fibplan.errors.InvalidFile` for a file that holds none.
    """
    from fibplan.cli.curve_file import append_curve, require_appendable
    from fibplan.cli.probing_asked import open_circuit_v
    from fibplan.formats.curves.registry import open_file, reader_for

    step = _planned(asked, search)
    about_v = open_circuit_v(asked.path, out) if step is not None and step.about_open_circuit else None
    told = _told(asked, about_v or 0.0)
    file = open_file(source)
    reader = _reader_called(asked.reader) if asked.reader is not None else reader_for(file, told)
    curve = reader.read(file, told)
    _refuse_another_path_s(curve, step)
    require_appendable(out)
    _refuse_older(curve, out)
    append_curve(out, curve)
    tell(f"read with {reader.name} ({reader.title})" + ("" if asked.reader else ", recognised by its content"))
    tell(f"appended to {out}" + (" (SIMULATED)" if curve.instrument.simulated else ""))
    if output is Format.JSON:
        say(curve.model_dump_json(indent=2))
    else:
        _print(curve)


def _reader_called(name: str) -> "CurveReader":
    from fibplan.formats.curves.registry import reader_called

    return reader_called(name)


def _told(asked: FileAsked, about_v: float) -> "Told":
    from fibplan.formats.curves.columns import read_map
    from fibplan.formats.curves.reader import Told
    from fibplan.verification.probing import CONDITIONS

    return Told(
        path=asked.path,
        probing=asked.probing,
        columns=read_map(asked.columns) if asked.columns is not None else {},
        decimal_comma=asked.decimal_comma,
        delimiter=_delimiter(asked.delimiter),
        model=asked.model or "",
        started=_moment(asked.started),
        compliance_a=_amperes("--compliance", asked.compliance, "40 uA"),
        current_range_a=_range(asked.current_range),
        nplc=_cycles(asked.nplc),
        points=asked.points,
        conditions=tuple(CONDITIONS) if asked.dark else (),
        about_v=about_v,
    )


def _delimiter(name: str | None) -> str:
    from fibplan.formats.curves.delimited import DELIMITERS

    if name is None:
        return ""
    if name not in DELIMITERS:
        raise Misuse(f"'{name}' names no delimiter", where="--delimiter", remedy=f"write {', '.join(DELIMITERS)}")
    return DELIMITERS[name]


def _moment(text: str | None) -> datetime | None:
    """A time without a zone is this computer's."""
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError, OSError):
        remedy = "write for example 2026-11-20T14:05:00+01:00"
        raise Misuse(f"'{text[:60]}' is no time", where="--started", remedy=remedy) from None


def _amperes(option: str, text: str | None, like: str) -> float | None:
    return None if text is None else positive(option, text, "A", like)


def _range(text: str | None) -> float | None:
    from fibplan.formats.curves.reader import AUTOMATIC

    return AUTOMATIC if text == "auto" else _amperes("--current-range", text, "1 uA")


def _cycles(nplc: float | None) -> float | None:
    if nplc is not None and not 0.0 < nplc <= 100.0:
        raise Misuse(f"{nplc:g} power-line cycles cannot be meant", where="--nplc", remedy="write for example 1")
    return nplc


def _planned(asked: FileAsked, search: "SearchPath") -> "ProbingStep | None":
    """The probing step of the recipe, where one was named."""
    if asked.recipe is None:
        return None
    from fibplan.cli.probing_asked import probing_step
    from fibplan.library.examine import examine

    return probing_step(examine(asked.recipe, search).sound_plan(), asked.path, asked.probing)


def _refuse_another_path_s(curve: "Curve", step: "ProbingStep | None") -> None:
    """With a recipe the sweep must be one that this path and probing step can have."""
    from fibplan.verification.run import foreign

    why = "" if step is None else foreign(curve, step)
    if why and curve.source_file is not None:
        raise Misuse(why, where=curve.source_file.name, remedy="check --path, --probing and the units of the columns")


def _refuse_older(curve: "Curve", out: Path) -> None:
    """The latest curve of a step is the one that is judged, so that an earlier one may not come after it."""
    from fibplan.cli.curve_file import read_curves
    from fibplan.clock import SystemClock

    if curve.started > SystemClock().now() + AT_MOST_AHEAD:
        problem = f"it was measured on {curve.started:%Y-%m-%d %H:%M %z}, which is still to come"
        raise Misuse(problem, where="--from-file", remedy="set this computer's clock, or say --started")
    before = read_curves(out).of(curve.path, curve.probing) if out.exists() else None
    if before is not None and curve.started <= before.started:
        problem = f"it was measured on {curve.started:%Y-%m-%d %H:%M %z}, not after the one that is there already"
        remedy = "append curves in the order in which they were measured, or to another set"
        raise Misuse(problem, where=f"{out}: {curve.path} {curve.probing}", remedy=remedy)


def _print(curve: "Curve") -> None:
    mark = "SIMULATED  " if curve.instrument.simulated else ""
    say(f"{mark}{curve.instrument.identity}")
    clamped = sum(point.clamped for point in curve.points)
    lost = sum(point.overflow != 0 for point in curve.points)
    part = ", PARTIAL" if curve.partial else ""
    say(f"{len(curve.points)} points, {clamped} clamped, {lost} overflowed{part}; {curve.path}, {curve.probing}")
    say(f"measured {curve.started.isoformat(timespec='seconds')}")
    file = curve.source_file
    if file is None:
        return
    say(f"sha256 {file.sha256}")
    _say_each("concluded", file.remarks)
    _say_each("not told", file.unknown)


def _say_each(what: str, entries: Sequence[str]) -> None:
    for entry in entries:
        say(f"# {what}: {entry}")
