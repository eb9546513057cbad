"""``fibplan measure``: one I-V curve with the SMU at a VISA resource."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from fibplan.cli.bench import BaudRateOption, Bench, ResourceOption, VisaLibraryOption, WireLogOption
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
from fibplan.cli.options import Format, FormatOption, LibraryOption, positive
from fibplan.cli.output import say, tell
from fibplan.errors import FibplanError, Misuse

if TYPE_CHECKING:
    from fibplan.library.search_path import SearchPath
    from fibplan.model.cards import SmuCard
    from fibplan.model.curve import Curve
    from fibplan.smu.protocol import SweepRequest

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


PathOption = Annotated[str, typer.Option("--path", help="Which path the tips are on; 'tips' for the open-tip floor.")]
ProbingOption = Annotated[str, typer.Option("--probing", help="Which probing step of that path.")]
DarkOption = Annotated[
    bool, typer.Option("--dark", help="You have seen to it: beams blanked, chamber light and camera off.")
]
OutOption = Annotated[Path, typer.Option("--out", help="Curve set to append to; made if need be.")]
ModelOption = Annotated[str | None, typer.Option("--model", help="SMU model, such as 2450.")]
RecipeOption = Annotated[str | None, typer.Option("--recipe", help="Take the sweep and its limits from this recipe.")]
VoltageOption = Annotated[str | None, typer.Option("--voltage", help="Sweep between plus and minus this.")]
ComplianceOption = Annotated[str | None, typer.Option("--compliance", help="Largest current.")]
PointsOption = Annotated[
    int | None, typer.Option("--points", min=5, help=f"Points of a sweep without a recipe; {POINTS} if not said.")
]


def measure(
    *,
    resource: ResourceOption = None,
    path: PathOption,
    probing: ProbingOption = "sweep",
    dark: DarkOption = False,
    out: OutOption,
    model: ModelOption = None,
    recipe: RecipeOption = None,
    voltage: VoltageOption = None,
    compliance: ComplianceOption = None,
    points: PointsOption = None,
    visa_library: VisaLibraryOption = "@py",
    baud_rate: BaudRateOption = 9600,
    wire_log: WireLogOption = None,
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
    from fibplan.library.search_path import default_search_path

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
    card, curve = _measured(asked, Bench(resource or "", visa_library, baud_rate, wire_log), search)
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


def _measured(asked: Asked, bench: Bench, search: "SearchPath") -> "tuple[SmuCard, Curve]":
    """The curve, which is in the file already, and the card of the SMU that swept it."""
    from functools import partial

    from fibplan.cli.curve_file import require_appendable
    from fibplan.session.probing import curve_of
    from fibplan.verification.probing import CONDITIONS

    card, request, about_v = _sweep_asked(asked, search)
    require_appendable(asked.out)
    conditions = tuple(CONDITIONS) if asked.dark else ()
    taken = partial(curve_of, asked.path, asked.probing, conditions=conditions, about_v=about_v)
    return card, _swept(bench, card, request, asked, taken)


def _swept(
    bench: Bench, card: "SmuCard", request: "SweepRequest", asked: Asked, taken: "Callable[..., Curve]"
) -> "Curve":
    """The curve, kept in the file; what is known of a sweep that broke off is kept before the failure is raised."""
    from fibplan.clock import SystemClock
    from fibplan.smu.protocol import SweepBroken

    with bench.connected(card) as smu:
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


def _from_recipe(asked: Asked, recipe: str, search: "SearchPath") -> "tuple[SmuCard, SweepRequest, float]":
    from fibplan.cli.probing_asked import open_circuit_v, probing_step
    from fibplan.cli.simulate import smu_card
    from fibplan.library.examine import examine
    from fibplan.session.probing import request_of

    plan = examine(recipe, search).sound_plan()
    step = probing_step(plan, asked.path, asked.probing)
    card = smu_card(f"keithley-{asked.model}".lower(), search) if asked.model is not None else plan.cards.smu
    if card is None:
        raise Misuse("the recipe names no SMU", where=recipe, remedy="add smu under instruments, or give --model")
    about_v = open_circuit_v(asked.path, asked.out) if step.about_open_circuit else None
    return card, request_of(plan, step, about_v), about_v or 0.0


def _explicit(asked: Asked, voltage: str, compliance: str, search: "SearchPath") -> "tuple[SmuCard, SweepRequest]":
    from fibplan.cli.simulate import smu_card
    from fibplan.smu.protocol import SweepRequest

    card = smu_card(f"keithley-{asked.model or '2450'}".lower(), search)
    volts = positive("--voltage", voltage, "V", "5 mV")
    amperes = positive("--compliance", compliance, "A", "40 uA")
    return card, SweepRequest.bipolar(voltage_v=volts, compliance_a=amperes, points=asked.points or POINTS)


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
