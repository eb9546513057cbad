"""``fibplan calibrate``: a new card of a column, with the removal rates that were measured on it."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fibplan.cli.options import Format, FormatOption, LibraryOption
from fibplan.cli.output import folded, say, say_json
from fibplan.errors import Misuse, NotFound

if TYPE_CHECKING:
    from fibplan.advice.calibration import Narrowed
    from fibplan.cli.calibration_input import Told
    from fibplan.cli.calibration_report import CalibrationReport
    from fibplan.library.search_path import SearchPath


DepthUncertainty = Annotated[
    str | None, typer.Option("--depth-uncertainty", help="One sigma.", show_default="5 %, or 20 % for a session")
]


def calibrate(
    *,
    by: Annotated[str, typer.Option("--by", help="Who measured.")],
    name: Annotated[str, typer.Option("--name", help="Name of the new card.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the new card.")] = Path("instruments/fib"),
    fib: Annotated[str | None, typer.Option("--fib", help="Card to start from; a session has its own.")] = None,
    material: Annotated[str | None, typer.Option("--material", help="What the box was milled into.")] = None,
    accelerating_voltage: Annotated[str | None, typer.Option("--accelerating-voltage", help="Such as '30 kV'.")] = None,
    beam_current: Annotated[str | None, typer.Option("--beam-current", help="As measured, such as '1 nA'.")] = None,
    box: Annotated[str | None, typer.Option("--box", help="Length and width, such as '5 um x 5 um'.")] = None,
    depth: Annotated[str | None, typer.Option("--depth", help="As measured, such as '1.2 um'.")] = None,
    time: Annotated[str | None, typer.Option("--time", help="With the beam on, such as '180 s'.")] = None,
    session: Annotated[Path | None, typer.Option("--session", help="Folder of a finished session instead.")] = None,
    depth_uncertainty: DepthUncertainty = None,
    current_uncertainty: Annotated[str, typer.Option("--current-uncertainty", help="One sigma.")] = "5 %",
    time_uncertainty: Annotated[str, typer.Option("--time-uncertainty", help="One sigma.")] = "1 %",
    accept_outlier: Annotated[bool, typer.Option("--accept-outlier", help="Believe a far-off rate.")] = False,
    simulated_too: Annotated[bool, typer.Option("--simulated-too", help="Take a simulated session.")] = False,
    library: LibraryOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Narrow removal rates by a measured box or a session's times: writes a new card, the old one stays as it is."""
    from fibplan.cli.calibration_input import from_box, from_session
    from fibplan.cli.calibration_report import CalibrationReport
    from fibplan.clock import SystemClock
    from fibplan.journal.durable import write_whole
    from fibplan.library.calibrated_card import calibrated_card
    from fibplan.library.search_path import default_search_path

    search = default_search_path(library or ())
    target = _target(out, name, by, search)
    uncertainties = [
        ("--depth-uncertainty", depth_uncertainty or ("5 %" if session is None else "20 %"), "1"),
        ("--current-uncertainty", current_uncertainty, "1"),
        ("--time-uncertainty", time_uncertainty, "1"),
    ]
    options = {
        "--material": material,
        "--accelerating-voltage": accelerating_voltage,
        "--beam-current": beam_current,
        "--box": box,
        "--depth": depth,
        "--time": time,
    }
    if session is None:
        told = from_box({"--fib": fib, **options}, uncertainties, search)
    else:
        _refuse_both(options)
        told = from_session(session, fib, uncertainties, search, simulated_too=simulated_too)
    narrowed = _narrowed(told, accept_outlier=accept_outlier)
    today = SystemClock().now().date().isoformat()
    write_whole(target, calibrated_card(told.card, told.text, narrowed, name=name, by=by, date=today))
    found = search.card("fib", name)
    in_library = found is not None and found.samefile(target)
    _tell(CalibrationReport(told.card, narrowed, told.unusable, target, in_library=in_library), output)


def _tell(report: "CalibrationReport", output: Format) -> None:
    if output is Format.JSON:
        say_json(report.json())
        return
    for line in report.lines():
        say(folded(line))


def _target(out: Path, name: str, by: str, search: "SearchPath") -> Path:
    """The file to write, which does not exist."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
        raise Misuse(f"'{name}' is not a name", where="--name", remedy="use lower-case letters, digits, - and _")
    if not by.strip():
        raise Misuse("nobody is named", where="--by", remedy="write who measured")
    if not out.is_dir():
        raise NotFound("no such folder", where=str(out), remedy="make it, or name another with --out")
    target = out / f"{name}.yaml"
    taken = target if target.exists() else search.card("fib", name)
    if taken is not None:
        raise Misuse("this card exists already", where=str(taken), remedy="give the new card another --name")
    return target


def _refuse_both(options: Mapping[str, str | None]) -> None:
    given = [option for option, text in options.items() if text is not None]
    if given:
        message = f"a session says for itself what {', '.join(given)} would say"
        raise Misuse(message, where="--session", remedy="give either a session or a box")


def _narrowed(told: "Told", *, accept_outlier: bool) -> "list[Narrowed]":
    """Every measured rate after its measurement; outliers are refused unless they are accepted."""
    from fibplan.advice.calibration import OUTLIER, Narrowed, surprise, update
    from fibplan.cli.calibration_input import WrongOptions
    from fibplan.milling.column import Column
    from fibplan.units import show

    narrowed: list[Narrowed] = []
    outliers: list[Misuse] = []
    for (material, voltage), measurement in told.measured.items():
        prior = Column(told.card, told.materials).plain_rate(material, voltage)
        if prior is None:
            remedy = "give it a milling rate in materials.yaml first, with low and high"
            raise Misuse(f"{material} has no milling rate to narrow", where="--material", remedy=remedy)
        far = surprise(prior, measurement)
        if far > OUTLIER and not accept_outlier:
            rate = show(measurement.rate, "m3/C")
            message = f"{rate} lies {far:.1f} combined standard deviations from the card's {prior}"
            remedy = (
                "a measurement that far from the card is more likely a slip: check material, units, current; "
                "give --accept-outlier if it holds"
            )
            outliers.append(Misuse(message, where=material, remedy=remedy))
        narrowed.append(Narrowed(material, voltage, prior, measurement, update(prior, measurement)))
    if outliers:
        raise WrongOptions(outliers)
    return narrowed
