"""The TEM sheet: how the cell is put together, and how many electrons the lamella may see."""

from collections.abc import Iterator
from html import escape

from fibplan.formats.exports.html import blanks, tied
from fibplan.handoff.contents import PackageContents
from fibplan.handoff.frame import Row, grid, html_file, json_file, sheet, short, sourced, table, ticked, warning
from fibplan.model.hand_off import DiffractionMap
from fibplan.model.interval import Interval
from fibplan.planning.tem_dose import DIFFRACTION_MOST, ParallelBeam, ScannedProbe, TemSheet, tem_sheet
from fibplan.units import show, show_time

PER_NM2 = 1e-18
TITLE = "TEM sheet"
UNKNOWN = "not stated in the recipe: fill in before the session"

BEAM_OFF = "Beam off during cyclic voltammetry: blank it, or close the column valves, before the first sweep."
SCANNED = (
    "A dose-rate limit for a parallel beam does not describe a scanned probe: its rate is high for one dwell and zero "
    "for the rest. Compare the dose of the visited area with what the material is known to bear."
)


def tem_files(contents: PackageContents) -> dict[str, bytes]:
    """``tem-sheet.html`` and ``tem-sheet.json``."""
    found = tem_sheet(contents.plan, contents.thickness_m)
    holder = contents.plan.cards.holder
    settings = contents.plan.recipe.hand_off
    flow = {
        "flow_m3_s": settings.flow if settings is not None else None,
        "checklist": list(holder.checklist) if holder is not None else [],
        "lamella_thickness_m": contents.thickness_m,
        "dose_total": found.dose,
        "dry_or_thinned_cell_for_maps": found.dry_for_maps,
    }
    return {
        "tem-sheet.html": html_file(contents, TITLE, [_first(contents, found), _second(contents, found)]),
        "tem-sheet.json": json_file(contents, TITLE, found, **flow),
    }


def _first(contents: PackageContents, found: TemSheet) -> str:
    holder = contents.plan.cards.holder
    scan = _scan(contents)
    checklist = [f"The chip or grid is the one that was labelled {contents.name}.", *_checklist(contents)]
    parts = [
        f"<h3>Holder and cell{escape(f': {holder.title}') if holder is not None else ''}</h3>",
        ticked(checklist),
        "<h3>Gap and flow</h3>",
        table(_cell(contents, found)),
        "<h3>How much of the beam gets through</h3>" + _through(found) if found.crossed else "",
        warning(_dry(found)) if found.dry_for_maps and scan is not None else "",
        sourced(*(layer.t_over_lambda for layer in found.crossed)),
        blanks(["gap looked at, by", "leak test, mbar", "date"]),
    ]
    return sheet(contents, TITLE, "".join(parts))


def _checklist(contents: PackageContents) -> tuple[str, ...]:
    holder = contents.plan.cards.holder
    return holder.checklist if holder is not None else ("The recipe names no holder: follow its manual.",)


def _cell(contents: PackageContents, found: TemSheet) -> Iterator[Row]:
    plan, settings = contents.plan, contents.plan.recipe.hand_off
    chip, holder = plan.cards.echip, plan.cards.holder
    yield "Lamella thickness", tied(show(contents.thickness_m, "m"))
    if chip is not None:
        spacers = [show(spacer, "m") for spacer in (chip.spacer, chip.facing_spacer) if spacer is not None]
        how = "on top of one another" if chip.stacking == "on_top" else "beside one another"
        yield "Spacers", tied(f"{' and '.join(spacers)}, {how}" if spacers else "none: no chip faces this one")
    if found.gap_m is not None and found.height_m is not None:
        room = "fits" if found.height_m < found.gap_m else "DOES NOT FIT: do not close the cell"
        yield "Gap check", tied(f"{show(found.height_m, 'm')} high in a gap of {show(found.gap_m, 'm')}: {room}")
    if settings is not None and settings.flow is not None:
        yield "Flow", tied(show(settings.flow, "m3/s"))
    if holder is not None and holder.flow_least is not None and holder.flow_most is not None:
        ends = [show(flow.expected, "m3/s") for flow in (holder.flow_least, holder.flow_most)]
        yield "The holder takes", tied(" to ".join(ends))
    if settings is not None and settings.electrolyte is not None:
        yield "Electrolyte", tied(settings.electrolyte)


def _scan(contents: PackageContents) -> DiffractionMap | None:
    settings = contents.plan.recipe.hand_off
    return settings.diffraction_map if settings is not None else None


def _second(contents: PackageContents, found: TemSheet) -> str:
    parts = [
        "<h3>Beam</h3>",
        table(_beam(contents, found)),
        warning(BEAM_OFF) if contents.plan.recipe.hand_off is not None else "",
        _currents(found),
        "<h3>Maps with a scanned probe</h3>" + table(_maps(contents, found.scanned)) if found.scanned else "",
        f"<p>{escape(SCANNED)}</p>" if found.scanned else "",
        "<h3>Dose budget where everything overlaps</h3>" + table(_budget(found)) if found.budget else "",
        _assumed(contents),
        sourced(found.gray_per_s_most, found.scanned.gray_visited if found.scanned is not None else None),
        blanks(["screen current, pA", "illuminated diameter, um", "dose rate, e/nm2/s", "exposed so far, min"]),
    ]
    return sheet(contents, f"{TITLE}: electron dose", "".join(parts))


def _beam(contents: PackageContents, found: TemSheet) -> Iterator[Row]:
    settings = contents.plan.recipe.hand_off
    voltage = found.accelerating_voltage_v
    yield "Accelerating voltage", tied(show(voltage, "V")) if voltage is not None else UNKNOWN
    if found.dose_rate_most is not None:
        gray = f" = {_span(found.gray_per_s_most)} in the liquid" if found.gray_per_s_most is not None else ""
        yield "Dose rate, at most", tied(f"{_rate(found.dose_rate_most)}{gray}")
    imaging = settings.imaging if settings is not None else None
    if imaging is None or found.imaging is None:
        yield "Imaging", UNKNOWN
        return
    told = [f"magnification {imaging.magnification:g}" if imaging.magnification is not None else ""]
    told += [f"spot {imaging.spot}" if imaging.spot is not None else ""]
    yield "Imaging", tied(", ".join(text for text in [*told, f"{show_time(imaging.exposure)} in all"] if text))
    yield from _parallel(found.imaging)


def _parallel(imaging: ParallelBeam) -> Iterator[Row]:
    where = f"{show(imaging.beam_current_a, 'A')} over a disc of {show(imaging.illuminated_diameter_m, 'm')}"
    share = f", {imaging.share:.0%} of the limit" if imaging.share is not None else ""
    over = " - TOO MUCH" if imaging.share is not None and imaging.share > 1 else ""
    yield "Dose rate (current over area)", tied(f"{where}: {_rate(imaging.dose_rate)}{share}{over}")
    if imaging.gray_per_s is not None:
        yield "The same in the liquid", tied(_span(imaging.gray_per_s))


def _currents(found: TemSheet) -> str:
    if not found.currents_a:
        return ""
    head = ["illuminated diameter", *(show(width, "m") for width, _ in found.currents_a)]
    cells = ["beam current, at most", *(tied(show(current, "A")) for _, current in found.currents_a)]
    return grid(head, [cells])


def _maps(contents: PackageContents, scanned: ScannedProbe | None) -> Iterator[Row]:
    scan = _scan(contents)
    if scan is None or scanned is None:
        return
    times = f"{scanned.maps} x " if scanned.maps > 1 else ""
    area, step, precession = show(scan.area, "m2"), show(scan.step, "m"), show(scan.precession, "rad")
    yield "Map", tied(f"{times}{area} in steps of {step}: {scanned.points} points each, precession {precession}")
    dwell = show(scan.dwell, "s") if scan.dwell is not None else None
    took = f"{dwell} a point: {show_time(scanned.seconds)} in all" if scanned.seconds is not None else UNKNOWN
    yield "Dwell", tied(took)
    current = show(scan.current, "A") if scan.current is not None else "current not stated"
    probe = f"{show(scan.probe, 'm')} wide" if scan.probe is not None else "width not stated"
    yield "Probe", tied(f"{current}, {probe}")
    yield "Mean dose over the area", _dose(scanned.mean_dose) if scanned.mean_dose is not None else UNKNOWN
    yield from _visited(scanned)


def _visited(scanned: ScannedProbe) -> Iterator[Row]:
    if scanned.visited_share is not None:
        much = f"{scanned.visited_share:.0%} of it" if scanned.visited_share < 1 else "all of it, with overlap"
        yield "Area that the probe visits", much
    if scanned.visited_dose is None or scanned.rate_in_probe is None:
        yield "Dose of the visited area", UNKNOWN
        return
    gray = f" = {_span(scanned.gray_visited)}" if scanned.gray_visited is not None else ""
    yield "Dose of the visited area", f"{_dose(scanned.visited_dose)}{tied(gray)}"
    yield "Rate inside the probe", tied(_rate(scanned.rate_in_probe))


def _budget(found: TemSheet) -> Iterator[Row]:
    yield from ((name.capitalize(), _dose(dose)) for name, dose in found.budget)
    yield "Together", _dose(found.dose) if found.dose is not None else "not known while a map's current or dwell is not"
    if found.dose_most is not None:
        over = found.dose is not None and found.dose > found.dose_most
        yield "At most", f"{_dose(found.dose_most)}{' - TOO MUCH' if over else ''}"
    else:
        yield "At most", "no limit is stated: note what the material is known to bear"


def _through(found: TemSheet) -> str:
    rows = [
        (layer.name, tied(_thick(layer.thickness_m)), tied(_thick(layer.mean_free_path_m)), _ratio(layer.t_over_lambda))
        for layer in found.crossed
    ]
    rows += [("together, cell filled", "", "", _ratio(found.filled))] if found.filled is not None else []
    rows += [("together, cell dry", "", "", _ratio(found.dry))] if found.dry is not None else []
    return grid(["layer", "thickness", "mean free path", "t/lambda"], rows)


def _dry(found: TemSheet) -> str:
    assert found.filled is not None
    dry = f" (dry: {found.dry.expected:.2g})" if found.dry is not None else ""
    return (
        "Diffraction maps need a dry or thinned cell: filled, "
        f"t/lambda is about {short(found.filled.expected, 2)}{dry}, and diffraction was good up to "
        f"{DIFFRACTION_MOST:g} (Martynowycz et al., PNAS 118 (2021) e2108884118)."
    )


def _assumed(contents: PackageContents) -> str:
    settings = contents.plan.recipe.hand_off
    if settings is None:
        return ""
    told = [(settings.imaging, "imaging"), (settings.diffraction_map, "map")]
    said = [f"{name}: {', '.join(entry.assumed).replace('_', ' ')}" for entry, name in told if entry and entry.assumed]
    return f"<p>Chosen by the recipe's author, not in its source: {escape('; '.join(said))}.</p>" if said else ""


def _rate(rate: float) -> str:
    return f"{short(rate * PER_NM2)} e/nm2/s"


def _dose(dose: float) -> str:
    return tied(f"{short(dose * PER_NM2)} e/nm2")


def _span(interval: Interval) -> str:
    low, high = short(interval.low, 2), short(interval.high, 2)
    return f"{low} {interval.unit}" if low == high else f"{low} to {high} {interval.unit}"


def _thick(interval: Interval) -> str:
    expected = show(interval.expected, "m", 2)
    if interval.low == interval.high:
        return expected
    return f"{expected} ({show(interval.low, 'm', 2)} to {show(interval.high, 'm', 2)})"


def _ratio(interval: Interval) -> str:
    return f"{interval.expected:.2g} ({interval.low:.2g} to {interval.high:.2g})"
