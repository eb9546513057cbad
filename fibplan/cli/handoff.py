"""``fibplan handoff``: what the TEM operator gets."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fibplan.cli.handoff_verify import verify
from fibplan.cli.handoff_write import write
from fibplan.cli.options import Format, FormatOption, LibraryOption, RecipeArgument
from fibplan.cli.output import say, say_json, tell
from fibplan.errors import Misuse

if TYPE_CHECKING:
    from fibplan.formats.positions import Spot
    from fibplan.layout.registration import Registration
    from fibplan.model.plan import Plan

app = typer.Typer(help="What the TEM operator gets.", no_args_is_help=True)


@app.callback()
def common() -> None:
    """What the TEM operator gets."""


app.command("write", short_help="Write the package of a session.")(write)
app.command("verify", short_help="Check a package that was received.")(verify)


@app.command("position")
def position(
    recipe: RecipeArgument,
    *,
    out: Annotated[Path, typer.Option("--out", help="Write handoff.nav and positions.csv into this folder.")],
    fiducials: Annotated[
        Path | None, typer.Option("--fiducials", help="Where marks were found on the stage: a table name,x,y.")
    ] = None,
    accuracy: Annotated[
        str, typer.Option("--accuracy", help="One sigma of the stage, such as '1 um'.", show_default="from residuals")
    ] = "",
    mirrored: Annotated[
        bool, typer.Option("--mirrored", help="The chip lies face down, or an axis of the stage runs backwards.")
    ] = False,
    library: LibraryOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Say where the lamella lies on the TEM stage, and write it for SerialEM and as a table.

    From one fiducial on it is in stage coordinates, with its uncertainty; without any it is in the chip frame.
    """
    from fibplan.formats.nav import nav_bytes
    from fibplan.formats.positions import positions_csv
    from fibplan.journal.durable import storage, write_whole
    from fibplan.library.examine import examine
    from fibplan.library.search_path import default_search_path

    plan = examine(recipe, default_search_path(library or ())).sound_plan()
    if fiducials is None and (accuracy or mirrored):
        option = "--accuracy" if accuracy else "--mirrored"
        raise Misuse("nothing was measured", where=option, remedy="give the marks with --fiducials FILE")
    registration = _registered(plan, fiducials, accuracy, mirrored=mirrored) if fiducials is not None else None
    files = {"handoff.nav": nav_bytes(plan, registration), "positions.csv": positions_csv(plan, registration)}
    with storage(out, "make the folder"):
        out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        write_whole(out / name, content)
    if output is Format.JSON:
        say_json({**_json(plan, registration), "files": [str(out / name) for name in files]})
        return
    _tell_positions(plan, registration)
    for name in files:
        tell(f"wrote {out / name}")


def _registered(plan: "Plan", file: Path, accuracy: str, *, mirrored: bool) -> "Registration":
    from fibplan.formats.positions import read_marks, spots
    from fibplan.layout.registration import RegistrationError, register

    spots(plan)
    assert plan.layout is not None
    marks = read_marks(file, plan.layout)
    try:
        return register(marks, _accuracy_um(accuracy), mirrored=mirrored)
    except RegistrationError as error:
        raise RegistrationError(error.message, where=str(file), remedy=error.remedy) from None


def _accuracy_um(text: str) -> float | None:
    from fibplan.units import UM, QuantityError, parse

    if not text:
        return None
    try:
        return parse(text, "m", "1 um") * UM
    except QuantityError as error:
        raise Misuse(error.problem, where="--accuracy", remedy=error.remedy) from None


def _tell_positions(plan: "Plan", registration: "Registration | None") -> None:
    from fibplan.formats.positions import on_stage, spots

    if registration is None:
        say("No fiducial was measured: all places are in the chip frame, origin at the window's centre.")
        for spot in spots(plan):
            x, y = spot.chip_um
            say(f"{spot.name}: x {x:.2f} um, y {y:.2f} um")
        return
    say(
        f"{registration.transform} from {_counted(len(registration.marks))}: rotation "
        f"{math.degrees(registration.rotation):.3f} deg, scale {registration.scale:.5f}; one sigma of a mark "
        f"{registration.sigma_um:.2f} um ({registration.sigma_source})"
    )
    for spot in spots(plan):
        (x, y), radius, residual = on_stage(spot, registration)
        known = (
            f"9 times in 10 within {radius:.2f} um" if radius is not None else f"measured, residual {residual:.2f} um"
        )
        say(f"{spot.name}: x {x:.2f} um, y {y:.2f} um, {known}")
    for note in registration.notes:
        say(f"note: {note}")


def _counted(marks: int) -> str:
    return f"{marks} fiducial{'s' if marks > 1 else ''}"


def _json(plan: "Plan", registration: "Registration | None") -> dict[str, Any]:
    from fibplan.formats.positions import spots

    return {
        "frame": "chip" if registration is None else "stage",
        "registration": None
        if registration is None
        else {
            "transform": registration.transform.value,
            "rotation_rad": registration.rotation,
            "scale": registration.scale,
            "sigma_um": registration.sigma_um,
            "sigma_source": registration.sigma_source,
            "residuals_um": registration.residuals_um,
            "notes": list(registration.notes),
        },
        "positions": [
            {"name": spot.name, "kind": spot.kind, "chip_um": list(spot.chip_um), **_stage_json(spot, registration)}
            for spot in spots(plan)
        ],
    }


def _stage_json(spot: "Spot", registration: "Registration | None") -> dict[str, Any]:
    from fibplan.formats.positions import on_stage

    if registration is None:
        return {"stage_um": None, "radius_90_um": None, "residual_um": None}
    place = on_stage(spot, registration)
    return {"stage_um": list(place.stage_um), "radius_90_um": place.radius_um, "residual_um": place.residual_um}
