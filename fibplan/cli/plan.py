"""``fibplan plan``: operations, times, doses, thickness and damage ladder, geometry, predicted resistances."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fibplan.cli.options import (
    Format,
    FormatOption,
    LibraryOption,
    RecipeArgument,
    SchedulerOption,
    SeedOption,
    WorkersOption,
)
from fibplan.cli.output import finding_json, finding_line, folded, say, say_json, tell
from fibplan.errors import ExitCode, Misuse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fibplan.library.examine import Examined
    from fibplan.model.interval import Interval
    from fibplan.model.plan import Expected, Operation, Plan, RateUsed
    from fibplan.planning.tolerance.result import Tolerance


def plan(
    recipe: RecipeArgument,
    *,
    draw: Annotated[Path | None, typer.Option("--draw", help="Write the drawings into this folder.")] = None,
    library: LibraryOption = None,
    output: FormatOption = Format.TEXT,
    seed: SeedOption = 0,
    samples: Annotated[
        int | None,
        typer.Option("--yield", help="Predict how many are accepted, from so many samples of everything that strays."),
    ] = None,
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
) -> None:
    """Expand a recipe into operations with times, doses, damage, geometry and predicted resistances.

    Exit code 0 fine, 1 a rule found an error. A file that is not readable as a recipe is told on stderr and ends with
    2, without a JSON result, and so does a yield of what has none; 3 tells of a cluster that cannot do it.
    """
    from fibplan.library.examine import examine
    from fibplan.library.provenance import provenance_of
    from fibplan.library.search_path import default_search_path
    from fibplan.planning.predict import predict

    _require_samples(samples, workers, scheduler)
    examined = examine(recipe, default_search_path(library or ()))
    drawn = examined.plan if examined.sound else None
    expected = predict(drawn, seed=seed) if drawn is not None else None
    tolerance = _tolerance(drawn, samples, seed, (workers, scheduler)) if drawn is not None and samples else None
    provenance = provenance_of(examined.file, examined.binding)
    if samples and drawn is None:
        tell("no yield is predicted while the recipe has errors")
    if output is Format.JSON:
        say_json({**_json(examined, expected, tolerance), "provenance": provenance.model_dump(mode="json")})
    else:
        for finding in examined.findings:
            tell(finding_line(examined, finding))
        if examined.plan is not None:
            _print_tables(examined.plan, expected, tolerance)
            say()
            say(folded(f"{provenance}."))
    if draw is not None and drawn is not None:
        spread = write_tolerance(drawn, tolerance, draw) if tolerance is not None else []
        for path in [*write_drawings(drawn, draw), *write_fields(drawn, draw), *spread]:
            tell(f"wrote {path}")
    elif draw is not None:
        tell("nothing is drawn while the recipe has errors")
    raise typer.Exit(ExitCode.FINE if examined.sound else ExitCode.NOT_ACCEPTED)


def write_drawings(plan: "Plan", folder: Path) -> list[Path]:
    """Chip, ladder and timeline as PNG and SVG in that folder, which is made if need be."""
    from fibplan.figures.canvas import pictures
    from fibplan.figures.chip import chip_figure
    from fibplan.figures.ladder import ladder_figure
    from fibplan.figures.timeline import timeline_figure

    figures = {"ladder": ladder_figure(plan), "timeline": timeline_figure(plan)}
    if plan.layout is not None:
        figures["chip"] = chip_figure(plan)
    return write_pictures(pictures(figures), folder)


def write_fields(plan: "Plan", folder: Path) -> list[Path]:
    """Potential and current density of each path that has a field, as PNG and SVG in that folder."""
    from fibplan.circuit.maps import path_field
    from fibplan.figures.canvas import pictures
    from fibplan.figures.maps import maps_figure

    fields = {name: path_field(plan, name) for name in plan.recipe.verification}
    figures = {
        f"field-{name}": maps_figure(plan.recipe.title, name, field)
        for name, field in fields.items()
        if field is not None
    }
    return write_pictures(pictures(figures), folder)


def write_tolerance(plan: "Plan", tolerance: "Tolerance", folder: Path) -> list[Path]:
    """What each control does to each path, and how the resistances spread, as PNG and SVG in that folder."""
    from fibplan.figures.canvas import pictures
    from fibplan.figures.spread import spread_figure
    from fibplan.figures.tornado import tornado_figure

    figures = {"tornado": tornado_figure(plan, tolerance), "spread": spread_figure(plan, tolerance)}
    return write_pictures(pictures(figures), folder)


def write_pictures(pictures: "Mapping[str, bytes]", folder: Path) -> list[Path]:
    """The files, all of them, in that folder; :class:`StorageError` where one cannot be written."""
    from fibplan.journal.durable import storage

    with storage(folder, "write the drawings"):
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in pictures.items():
            (folder / name).write_bytes(content)
    return [folder / name for name in pictures]


def _require_samples(samples: int | None, workers: int | None, scheduler: str | None) -> None:
    """:class:`Misuse` for a number that makes no sense, or for workers without work."""
    if samples is not None:
        from fibplan.cli.executor import require_workers
        from fibplan.planning.tolerance.sampling import rounded_up

        rounded_up(samples)
        if workers is not None:
            require_workers(workers)
    elif workers is not None or scheduler is not None:
        given = "--workers" if workers is not None else "--scheduler"
        raise Misuse("there is nothing to share out", where=given, remedy="give it with --yield N, or leave it out")


def _tolerance(plan: "Plan", samples: int, seed: int, where: tuple[int | None, str | None]) -> "Tolerance":
    from fibplan.cli.executor import executor
    from fibplan.planning.tolerance.sampling import require_fields, rounded_up, yield_of

    require_fields(plan)
    count = rounded_up(samples)
    if count != samples:
        tell(f"{samples} samples are rounded up to {count}, a power of two")
    with executor(*where) as workers:
        return yield_of(plan, count, seed, workers)


def _json(examined: "Examined", expected: "Expected | None", tolerance: "Tolerance | None") -> dict[str, Any]:
    operations = examined.plan.operations if examined.plan is not None else ()
    return {
        "title": examined.file.recipe.title,
        "operations": [_operation_json(operation) for operation in operations],
        "duration_s": _interval_json(examined.plan.duration) if examined.plan is not None else None,
        **(_outcome_json(examined.plan) if examined.plan is not None else {}),
        "expected": {
            name: {**_interval_json(interval), "coverage": interval.coverage, "status": interval.status.value}
            for name, interval in (expected.resistances.items() if expected else ())
        },
        "short_probability": expected.short_probability if expected else {},
        "contributions_ohm": expected.contributions if expected else {},
        "contribution_shares": expected.shares if expected else {},
        **_network_json(examined.plan if expected is not None else None),
        "yield": _yield_json(tolerance) if tolerance is not None else None,
        "findings": [finding_json(examined, finding) for finding in examined.findings],
    }


def _network_json(plan: "Plan | None") -> dict[str, Any]:
    from fibplan.cli.network_report import network_json

    return network_json(plan)


def _yield_json(tolerance: "Tolerance") -> dict[str, Any]:
    from fibplan.cli.yield_report import yield_json

    return yield_json(tolerance)


def _operation_json(operation: "Operation") -> dict[str, Any]:
    return {
        "name": operation.name,
        "kind": operation.kind,
        "accelerating_voltage_v": operation.accelerating_voltage_v,
        "beam_current_a": operation.beam_current_a,
        "duration_s": _interval_json(operation.duration_s),
        "beam_on_s": _interval_json(operation.beam_on_s) if operation.beam_on_s else None,
        "dose_c": _interval_json(operation.dose_c) if operation.dose_c else None,
        "volume_um3": operation.volume_um3,
        "thickness_before_m": operation.thickness_before_m,
        "thickness_after_m": operation.thickness_after_m,
        "damage_before_m": operation.damage_before_m,
        "damage_m": operation.damage_m,
        "cap_left_m": _interval_json(operation.cap_left_m) if operation.cap_left_m else None,
        "membrane_dose_c_m2": _interval_json(operation.membrane_dose) if operation.membrane_dose else None,
        "rates": [_rate_json(rate) for rate in operation.rates],
        "calibrated": list(operation.calibrated),
        "after": list(operation.after),
    }


def _rate_json(used: "RateUsed") -> dict[str, Any]:
    rate = used.volume_per_dose
    return {"material": used.material, "basis": used.basis.value, "volume_per_dose_m3_c": _sourced_json(rate)}


def _outcome_json(plan: "Plan") -> dict[str, Any]:
    """What is left in the end: cap, damage and gallium by layer, dose on the membrane, with their sources."""
    membrane = plan.membrane
    return {
        "cap_left_m": _sourced_json(plan.cap_left_m) if plan.cap_left_m else None,
        "finish": [layer.model_dump(mode="json") for layer in plan.finish],
        "membrane_c_m2": None
        if membrane is None
        else {name: _sourced_json(getattr(membrane, name)) for name in ("total", "budget", "perforation")},
    }


def _sourced_json(interval: "Interval") -> dict[str, Any]:
    return {**_interval_json(interval), "source": interval.source, "status": interval.status.value}


def _interval_json(interval: "Interval") -> dict[str, float]:
    return {"low": interval.low, "expected": interval.expected, "high": interval.high}


def _print_tables(plan: "Plan", expected: "Expected | None", tolerance: "Tolerance | None") -> None:
    from fibplan.cli.tables import (
        limit_lines,
        operations_table,
        outcome_lines,
        print_table,
        resistances_table,
        source_lines,
    )

    say(plan.recipe.title)
    say()
    print_table(operations_table(plan))
    say()
    for line in outcome_lines(plan):
        say(folded(line))
    if expected is not None:
        say("\nResistance between the tips, two-probe:\n")
        print_table(resistances_table(plan, expected))
        for line in limit_lines(expected):
            say(folded(line))
        _print_network(plan)
    elif plan.recipe.verification:
        say("Nothing is predicted while the recipe has errors.")
    else:
        say("No electrical part: nothing is predicted or measured.")
    if tolerance is not None:
        _print_yield(plan, tolerance)
    say()
    for line in source_lines(plan):
        say(folded(line))


def _print_network(plan: "Plan") -> None:
    from fibplan.cli.network_report import network_lines

    say()
    for line in network_lines(plan):
        say(folded(line))


def _print_yield(plan: "Plan", tolerance: "Tolerance") -> None:
    from fibplan.cli.tables import print_table
    from fibplan.cli.yield_report import ranking_lines, ranking_table, yield_lines

    say()
    for line in yield_lines(plan, tolerance):
        say(folded(line))
    if tolerance.ranking:
        say()
        print_table(ranking_table(tolerance))
        for line in ranking_lines(tolerance):
            say(folded(line))
