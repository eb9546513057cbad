"""``fibplan measure``: one I-V curve with the SMU at a VISA resource."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from fibplan.cli.curve_import import (
    Columns,
    CurrentRange,
    Cycles,
    DecimalComma,
    Delimiter,
    FileAsked,
    FromFile,
    ListReaders,
    ReaderName,
    Started,
    import_curve,
    require_one_origin,
)
from fibplan.cli.options import Format, FormatOption, LibraryOption
from fibplan.cli.output import say, tell
from fibplan.errors import FibplanError, Misuse

if TYPE_CHECKING:
    from fibplan.library.search_path import SearchPath
    from fibplan.model.cards import SmuCard
    from fibplan.model.curve import Curve
    from fibplan.model.plan import Plan
    from fibplan.smu.protocol import Smu, SweepRequest
    from fibplan.smu.visa import Overheard
    from fibplan.verification.probing import ProbingStep

POINTS = 41
"""Of a sweep that no recipe describes."""

NO_PLAN = "no plan limits this current: without --recipe nothing knows what the path bears"


class Asked(NamedTuple):
    """What the person said of the sweep."""

    recipe: str | None
    model: str | None
    path: str
    probing: str
    voltage: str | None
    compliance: str | None
    points: int | None
    dark: bool
    out: Path


class Bench(NamedTuple):
    """How the instrument is reached, and where the conversation is written."""

    resource: str
    visa_library: str
    baud_rate: int
    wire_log: Path | None


def measure(
    *,
    resource: Annotated[str | None, typer.Option("--resource", help="VISA resource of the SMU.")] = None,
    path: Annotated[str, typer.Option("--path", help="Which path the tips are on; 'tips' for the open-tip floor.")],
    probing: Annotated[str, typer.Option("--probing", help="Which probing step of that path.")] = "sweep",
    dark: Annotated[
        bool, typer.Option("--dark", help="You have seen to it: beams blanked, chamber light and camera off.")
    ] = False,
    out: Annotated[Path, typer.Option("--out", help="Curve set to append to; made if need be.")],
    model: Annotated[str | None, typer.Option("--model", help="SMU model, such as 2450.")] = None,
    recipe: Annotated[
        str | None, typer.Option("--recipe", help="Take the sweep and its limits from this recipe.")
    ] = None,
    voltage: Annotated[str | None, typer.Option("--voltage", help="Sweep between plus and minus this.")] = None,
    compliance: Annotated[str | None, typer.Option("--compliance", help="Largest current.")] = None,
    points: Annotated[
        int | None, typer.Option("--points", min=5, help=f"Points of a sweep without a recipe; {POINTS} if not said.")
    ] = None,
    visa_library: Annotated[str, typer.Option("--visa-library", help="PyVISA library; @ivi for NI-VISA.")] = "@py",
    baud_rate: Annotated[int, typer.Option("--baud-rate", min=300, help="Of a serial line, such as ASRL3.")] = 9600,
    wire_log: Annotated[
        Path | None, typer.Option("--wire-log", help="Write the conversation to this new file, one JSON line each.")
    ] = None,
    from_file: FromFile = None,
    reader: ReaderName = None,
    columns: Columns = None,
    decimal_comma: DecimalComma = False,
    delimiter: Delimiter = None,
    current_range: CurrentRange = None,
    nplc: Cycles = None,
    started: Started = None,
    list_readers: ListReaders = False,
    library: LibraryOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Sweep once, with the output off before and after, and append the curve to a curve set.

    Without a recipe any name is taken for path and probing step, and no plan limits the current. A curve that cannot
    be written in the end is printed as JSON, so that nothing is lost. What is known of a sweep whose connection broke
    is appended, marked partial, and the exit code is that of a hardware fault. A step about the open-circuit voltage
    takes that from the curve set, where its step was measured before.

    With --from-file nothing is measured: the curve of that file is appended, with its hash and what it does not say.
    """
    del list_readers
    from functools import partial

    from fibplan.cli.curve_file import require_appendable
    from fibplan.library.search_path import default_search_path
    from fibplan.session.probing import curve_of
    from fibplan.verification.probing import CONDITIONS

    search = default_search_path(library or ())
    told = FileAsked(
        path, probing, reader, columns, decimal_comma, delimiter, model, compliance, current_range, nplc, points,
        started, dark, recipe,
    )  # fmt: skip
    require_one_origin(from_file, {"--resource": resource, "--voltage": voltage, "--wire-log": wire_log}, told.of_file)
    if from_file is not None:
        import_curve(from_file, out, told, search, output)
        return
    asked = Asked(recipe, model, path, probing, voltage, compliance, points, dark, out)
    card, request, about_v = _sweep_asked(asked, search)
    require_appendable(out)
    taken = partial(curve_of, path, probing, conditions=tuple(CONDITIONS) if dark else (), about_v=about_v)
    curve = _swept(Bench(resource or "", visa_library, baud_rate, wire_log), card, request, asked, taken)
    tell(f"appended to {out}" + (" (SIMULATED)" if curve.instrument.simulated else ""))
    if output is Format.JSON:
        say(curve.model_dump_json(indent=2))
    else:
        _print(curve, card)


def keep(curve: "Curve", out: Path) -> None:
    """The curve after the others in that file; where it cannot be written it is printed before the failure is told."""
    from fibplan.cli.curve_file import append_curve

    try:
        append_curve(out, curve)
    except FibplanError:
        say(curve.model_dump_json(indent=2))
        raise


def _swept(
    bench: Bench, card: "SmuCard", request: "SweepRequest", asked: Asked, taken: "Callable[..., Curve]"
) -> "Curve":
    """The curve, kept in the file; what is known of a sweep that broke off is kept before the failure is raised."""
    from fibplan.clock import SystemClock
    from fibplan.smu.protocol import SweepBroken

    with _overhearing(bench.wire_log) as overheard, _connected(bench, card, overheard) as smu:
        if asked.recipe is None:
            tell(NO_PLAN)
        started = SystemClock().now()
        try:
            curve = taken(smu.instrument, started, smu.sweep(request))
        except SweepBroken as broken:
            keep(taken(smu.instrument, started, broken.taken, partial=True), asked.out)
            raise
        # Hanging up can fail, too, and a curve that was taken must not be lost with it.
        keep(curve, asked.out)
        return curve


@contextmanager
def _overhearing(path: Path | None) -> Generator["Overheard | None"]:
    """What is told of every message, where a log is wanted."""
    from fibplan.clock import SystemClock
    from fibplan.smu.wire_log import WireLog

    if path is None:
        yield None
        return
    with WireLog.new(path, SystemClock()) as log:
        yield log.heard


def _connected(bench: Bench, card: "SmuCard", overheard: "Overheard | None") -> "Smu":
    from fibplan.smu.connect import connect

    return connect(
        bench.resource, card, visa_library=bench.visa_library, baud_rate=bench.baud_rate, overheard=overheard
    )


def _sweep_asked(asked: Asked, search: "SearchPath") -> "tuple[SmuCard, SweepRequest, float]":
    """The SMU's card, the sweep as the recipe or the person says it, and the volts that it lies about."""
    if asked.recipe is not None:
        _require_nothing_beside_recipe(asked)
        return _from_recipe(asked, asked.recipe, search)
    if asked.voltage is None or asked.compliance is None:
        remedy = "give --recipe, or both --voltage and --compliance"
        raise Misuse("nothing says how far to sweep", where="--voltage", remedy=remedy)
    return (*_explicit(asked, asked.voltage, asked.compliance, search), 0.0)


def _require_nothing_beside_recipe(asked: Asked) -> None:
    beside = {"--voltage": asked.voltage, "--compliance": asked.compliance, "--points": asked.points}
    given = [option for option, value in beside.items() if value is not None]
    if given:
        raise Misuse("the recipe says how to sweep", where="--recipe", remedy=f"leave out {' and '.join(given)}")


def _rest_v(asked: Asked) -> float | None:
    """The open-circuit voltage of the path that the curve set holds, or None where nobody measured it."""
    from fibplan.cli.curve_file import read_curves
    from fibplan.verification.open_circuit import open_circuit_of
    from fibplan.verification.probing import OPEN_CIRCUIT

    resting = read_curves(asked.out).of(asked.path, OPEN_CIRCUIT) if asked.out.exists() else None
    return None if resting is None else open_circuit_of(resting).volts


def _from_recipe(asked: Asked, recipe: str, search: "SearchPath") -> "tuple[SmuCard, SweepRequest, float]":
    from fibplan.cli.simulate import smu_card
    from fibplan.library.examine import examine
    from fibplan.session.probing import request_of

    plan = examine(recipe, search).sound_plan()
    step = _probing_step(plan, asked)
    card = smu_card(f"keithley-{asked.model}".lower(), search) if asked.model is not None else plan.cards.smu
    if card is None:
        raise Misuse("the recipe names no SMU", where=recipe, remedy="add smu under instruments, or give --model")
    about_v = _rest_v(asked) if step.about_open_circuit else None
    return card, request_of(plan, step, about_v), about_v or 0.0


def _probing_step(plan: "Plan", asked: Asked) -> "ProbingStep":
    from fibplan.session.probing import allowed_steps

    steps = {entry.name: entry for entry in allowed_steps(plan, asked.path)}
    if asked.probing not in steps:
        problem = f"'{asked.path}' has no probing step '{asked.probing}'"
        raise Misuse(problem, where="--probing", remedy=f"use {', '.join(steps)}")
    return steps[asked.probing]


def _explicit(asked: Asked, voltage: str, compliance: str, search: "SearchPath") -> "tuple[SmuCard, SweepRequest]":
    from fibplan.cli.simulate import smu_card
    from fibplan.smu.protocol import SweepRequest

    card = smu_card(f"keithley-{asked.model or '2450'}".lower(), search)
    volts = _quantity("--voltage", voltage, "V", "5 mV")
    amperes = _quantity("--compliance", compliance, "A", "40 uA")
    return card, SweepRequest.bipolar(voltage_v=volts, compliance_a=amperes, points=asked.points or POINTS)


def _quantity(option: str, text: str, unit: str, like: str) -> float:
    from fibplan.units import QuantityError, parse

    try:
        value = parse(text, unit, like)
    except QuantityError as error:
        raise Misuse(error.problem, where=option, remedy=error.remedy) from None
    if value <= 0:
        raise Misuse(f"'{text}' is not above zero", where=option, remedy=f"write a positive value, such as {like}")
    return value


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.6e}"


def _print(curve: "Curve", card: "SmuCard") -> None:
    from fibplan.units import show
    from fibplan.verification.fit import resistance_of

    mark = "SIMULATED  " if curve.instrument.simulated else ""
    say(f"{mark}{curve.instrument.identity}")
    unit = "v" if curve.settings.source == "voltage" else "a"
    say(f"level_{unit},voltage_v,current_a,time_s,in_compliance,in_range_compliance,overflow")
    for point in curve.points:
        flags = f"{int(point.in_compliance)},{int(point.in_range_compliance)},{point.overflow}"
        say(f"{point.level:.6e},{_shown(point.voltage_v)},{_shown(point.current_a)},{point.time_s:.4f},{flags}")
    measured = resistance_of(curve, card)
    high = "no upper bound" if measured.high_ohm is None else show(measured.high_ohm, "ohm", 4)
    say(f"# resistance {show(measured.low_ohm, 'ohm', 4)} to {high}; {measured.source}")
