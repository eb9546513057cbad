"""``fibplan measure``: one I-V curve with the SMU at a VISA resource."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fibplan.cli.options import Format, FormatOption, LibraryOption
from fibplan.cli.output import say, tell
from fibplan.errors import Misuse

if TYPE_CHECKING:
    from fibplan.library.search_path import SearchPath
    from fibplan.model.cards import SmuCard
    from fibplan.model.curve import Curve
    from fibplan.smu.protocol import SweepRequest


def measure(
    *,
    resource: Annotated[str, typer.Option("--resource", help="VISA resource of the SMU.")],
    path: Annotated[str, typer.Option("--path", help="Which verification path the tips are on.")],
    probing: Annotated[str, typer.Option("--probing", help="Which probing step of that path.")] = "sweep",
    out: Annotated[Path, typer.Option("--out", help="Curve set to append to; made if need be.")],
    model: Annotated[str | None, typer.Option("--model", help="SMU model, such as 2450.")] = None,
    recipe: Annotated[
        str | None, typer.Option("--recipe", help="Take the sweep and its limits from this recipe.")
    ] = None,
    voltage: Annotated[str | None, typer.Option("--voltage", help="Sweep between plus and minus this.")] = None,
    compliance: Annotated[str | None, typer.Option("--compliance", help="Largest current.")] = None,
    points: Annotated[int, typer.Option("--points", min=5, help="Points of a sweep without a recipe.")] = 41,
    visa_library: Annotated[str, typer.Option("--visa-library", help="PyVISA library; @ivi for NI-VISA.")] = "@py",
    library: LibraryOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Sweep once, with the output off before and after, and append the curve to a curve set."""
    from fibplan.cli.curve_file import append_curve, read_curves
    from fibplan.clock import SystemClock
    from fibplan.library.search_path import default_search_path
    from fibplan.model.curve import Curve
    from fibplan.smu.connect import connect

    search = default_search_path(library or ())
    card, request = _asked(recipe, model, (path, probing), (voltage, compliance, points), search)
    if out.exists():
        read_curves(out)
    with connect(resource, card, visa_library=visa_library) as smu:
        started = SystemClock().now()
        swept = smu.sweep(request)
        instrument = smu.instrument
    curve = Curve(
        path=path,
        probing=probing,
        instrument=instrument,
        settings=swept.settings,
        started=started,
        points=swept.points,
    )
    append_curve(out, curve)
    tell(f"appended to {out}" + (" (SIMULATED)" if instrument.simulated else ""))
    if output is Format.JSON:
        say(curve.model_dump_json(indent=2))
    else:
        _print(curve, card)


def _asked(
    recipe: str | None,
    model: str | None,
    step: tuple[str, str],
    explicit: tuple[str | None, str | None, int],
    search: "SearchPath",
) -> "tuple[SmuCard, SweepRequest]":
    """The SMU's card and the sweep, from the recipe or from the explicit voltage and compliance."""
    voltage, compliance, points = explicit
    if recipe is not None:
        if voltage is not None or compliance is not None:
            raise Misuse(
                "the recipe says how to sweep", where="--recipe", remedy="leave out --voltage and --compliance"
            )
        return _from_recipe(recipe, model, step, search)
    if voltage is None or compliance is None:
        remedy = "give --recipe, or both --voltage and --compliance"
        raise Misuse("nothing says how far to sweep", where="--voltage", remedy=remedy)
    return _explicit(model, voltage, compliance, points, search)


def _from_recipe(
    recipe: str, model: str | None, step: tuple[str, str], search: "SearchPath"
) -> "tuple[SmuCard, SweepRequest]":
    from fibplan.cli.simulate import smu_card
    from fibplan.library.examine import examine
    from fibplan.session.probing import allowed_steps
    from fibplan.smu.protocol import SweepRequest

    path, probing = step
    plan = examine(recipe, search).sound_plan()
    steps = {entry.name: entry for entry in allowed_steps(plan, path)}
    if probing not in steps:
        raise Misuse(f"'{path}' has no probing step '{probing}'", where="--probing", remedy=f"use {', '.join(steps)}")
    card = smu_card(f"keithley-{model}".lower(), search) if model is not None else plan.cards.smu
    if card is None:
        raise Misuse("the recipe names no SMU", where=recipe, remedy="add smu under instruments, or give --model")
    found = steps[probing]
    return card, SweepRequest(
        voltage_v=found.voltage_v, compliance_a=found.compliance_a, points=found.points, nplc=found.nplc
    )


def _explicit(
    model: str | None, voltage: str, compliance: str, points: int, search: "SearchPath"
) -> "tuple[SmuCard, SweepRequest]":
    from fibplan.cli.simulate import smu_card
    from fibplan.smu.protocol import SweepRequest

    card = smu_card(f"keithley-{model or '2450'}".lower(), search)
    volts, amperes = _quantity("--voltage", voltage, "V"), _quantity("--compliance", compliance, "A")
    return card, SweepRequest(voltage_v=volts, compliance_a=amperes, points=points)


def _quantity(option: str, text: str, unit: str) -> float:
    from fibplan.units import QuantityError, parse

    try:
        value = parse(text, unit)
    except QuantityError as error:
        raise Misuse(error.problem, where=option, remedy=error.remedy) from None
    if value <= 0:
        raise Misuse(f"'{text}' is not above zero", where=option, remedy="write a positive value")
    return value


def _print(curve: "Curve", card: "SmuCard") -> None:
    from fibplan.units import show
    from fibplan.verification.fit import resistance_of

    mark = "SIMULATED  " if curve.instrument.simulated else ""
    say(f"{mark}{curve.instrument.identity}")
    say("source_v,voltage_v,current_a,time_s,in_compliance,overflow")
    for point in curve.points:
        current = "" if point.current_a is None else f"{point.current_a:.6e}"
        flags = f"{int(point.in_compliance)},{int(point.overflow)}"
        say(f"{point.source_v:.6e},{point.voltage_v:.6e},{current},{point.time_s:.4f},{flags}")
    measured = resistance_of(curve, card)
    high = "no upper bound" if measured.high_ohm is None else show(measured.high_ohm, "ohm", 4)
    say(f"# resistance {show(measured.low_ohm, 'ohm', 4)} to {high}; {measured.source}")
