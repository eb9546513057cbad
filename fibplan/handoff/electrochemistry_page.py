"""The electrochemistry sheet: what to set at the potentiostat, and how little of what it shows is the lamella."""

from collections.abc import Iterator
from html import escape

from fibplan.formats.exports.html import blanks, tied
from fibplan.handoff.contents import PackageContents
from fibplan.handoff.frame import Row, grid, html_file, json_file, sheet, short, sourced, table, warning
from fibplan.model.interval import Interval, Status
from fibplan.planning.electrochemistry import (
    LOWEST_WORTH,
    Cycle,
    ElectrochemistrySheet,
    ExpectedCurrents,
    Spectrum,
    Window,
    electrochemistry_sheet,
)
from fibplan.units import show, show_time

TITLE = "Electrochemistry sheet"

FIB_PT = (
    "FIB-deposited platinum holds carbon and gallium; nobody has shown it stable at the upper limit of this window. "
    "Watch for: a current at the upper limit that grows from cycle to cycle, a resistance that rises between spectra, "
    "bubbles or thinning at the bridge in the image, and gallium or carbon where there was none. After the session, "
    "measure the bridge again."
)


def electrochemistry_files(contents: PackageContents) -> dict[str, bytes]:
    """``electrochemistry-sheet.html`` and ``.json``; nothing where the recipe sets no potentiostat."""
    found = electrochemistry_sheet(contents.plan, contents.thickness_m, measured_bridge(contents))
    if found is None:
        return {}
    notes = {
        "offset_is": "potential of the pseudo-reference against Li+/Li; edit reference_offset_v to the measured value "
        "and subtract it from the window against Li+/Li",
        "reference_offset_v": found.cycle.window.offset_v if found.cycle is not None else None,
        "beam_during_cycling": "off",
        "notes": [FIB_PT],
    }
    return {
        "electrochemistry-sheet.html": html_file(
            contents, TITLE, [_cycling(contents, found), _measuring(contents, found)]
        ),
        "electrochemistry-sheet.json": json_file(contents, TITLE, found, **notes),
    }


def measured_bridge(contents: PackageContents) -> tuple[str, Interval] | None:
    """The path that joins the lamella to the chip, in ohm, as it was measured; None where it has no number."""
    bridge = contents.bridge
    if bridge is None or bridge[1].expected_ohm is None or bridge[1].high_ohm is None:
        return None
    path, read = bridge
    low, expected, high = read.low_ohm, read.expected_ohm, read.high_ohm
    assert expected is not None
    assert high is not None
    source = f"measured in this session, path {path}"
    return path, Interval(
        low=low, expected=expected, high=high, unit="ohm", coverage=0.95, source=source, status=Status.COMPUTED
    )


def _cycling(contents: PackageContents, found: ElectrochemistrySheet) -> str:
    currents, cycle = found.currents, found.cycle
    parts = [
        table([("Electrolyte", tied(found.electrolyte))]) if found.electrolyte is not None else "",
        "<h3>Cyclic voltammetry</h3>" + table(_cycle(cycle)) + _offsets(cycle) if cycle is not None else "",
        _manganese(cycle) if cycle is not None else "",
        "<h3>What the lamella carries, and what the bare platinum does</h3>" if currents is not None else "",
        table(_currents(currents)) + _mistake(currents) if currents is not None else "",
        _sources(found),
        blanks(["offset measured, V", "how", "open circuit, V", "beam off, by", "date"]),
    ]
    return sheet(contents, TITLE, "".join(parts))


def _measuring(contents: PackageContents, found: ElectrochemistrySheet) -> str:
    parts = [
        "<h3>Impedance</h3>" + table(_spectrum(found, found.spectrum)) if found.spectrum is not None else "",
        f"<h3>FIB-Pt</h3><p>{escape(FIB_PT)}</p>" if contents.plan.recipe.bridge is not None else "",
        _assumed(found),
        blanks(["cell read, ohm", "bridge after the session, ohm", "date"]),
    ]
    return sheet(contents, f"{TITLE}: impedance and the joint", "".join(parts))


def _cycle(cycle: Cycle) -> Iterator[Row]:
    yield "Window against Li+/Li", f"<b>{_window(cycle.window.against_lithium_v)}</b>"
    yield "Window against the pseudo-reference", f"<b>{_window(cycle.window.against_reference_v)}</b>"
    yield "Offset of the pseudo-reference", tied(f"{cycle.window.offset_v:.4g} V against Li+/Li: measure yours, below")
    yield "Scan rate", tied(show(cycle.scan_rate, "V/s"))
    yield "Time", tied(f"{show_time(cycle.sweep_s)} a sweep, {show_time(cycle.cycle_s)} a cycle")
    yield "Electron beam", "<b>off</b>"


def _offsets(cycle: Cycle) -> str:
    """The table by which an offset that was measured is put in place of the assumed one."""
    windows = sorted([cycle.window, *cycle.shifted], key=lambda window: window.offset_v)
    rows = [(_volts(window.offset_v), _window(window.against_reference_v), _set(window, cycle)) for window in windows]
    blank = '<span class="line">&nbsp;</span>'
    rows.append((f"{blank} (yours)", f"{blank} to {blank}", "window against Li+/Li, less the offset"))
    return grid(["if the offset is", "set against the pseudo-reference", ""], rows)


def _set(window: Window, cycle: Cycle) -> str:
    return "as in the recipe" if window.offset_v == cycle.window.offset_v else "as far as it was seen to shift"


def _manganese(cycle: Cycle) -> str:
    if cycle.into_manganese_v is None or cycle.manganese_below_v is None:
        return ""
    return warning(
        f"The window enters the Mn region: it goes {_plain_volts(cycle.into_manganese_v)} below "
        f"{_plain_volts(cycle.manganese_below_v)} against Li+/Li, where manganese takes part as well, and may dissolve."
    )


def _currents(currents: ExpectedCurrents) -> Iterator[Row]:
    yield "Active volume", tied(f"{currents.volume_um3:.3g} um3")
    yield "Charge of the lamella, one sweep", tied(_span(currents.charge_c))
    yield "Mean current of the lamella", f"<b>{tied(_span(currents.lamella_a))}</b>"
    if currents.bare_um2 is None or currents.charging_a is None or currents.residual_a is None:
        yield "Background of bare metal", "not known: the cards give no wetted area or no capacitance"
        return
    yield "Bare electrode in the liquid", tied(f"{short(currents.bare_um2)} um2, as the chip's card draws it")
    yield "Charging of its double layer", tied(_span(currents.charging_a))
    yield "What it carries besides", tied(_span(currents.residual_a))


def _mistake(currents: ExpectedCurrents) -> str:
    background, ratio = currents.background_a, currents.ratio
    if background is None or ratio is None:
        return ""
    times = f"about {short(ratio.expected, 2)} times ({short(ratio.low, 2)} to {short(ratio.high, 2)})"
    return warning(
        f"Expect {show(background.expected, 'A', 2)} of background, {times} the lamella's own "
        f"{show(currents.lamella_a.expected, 'A', 2)}: the curve that you see is most likely the bare platinum and the "
        "electrolyte, not the lamella. Run the same cycle on a chip without a lamella before you assign a peak."
    )


def _spectrum(found: ElectrochemistrySheet, spectrum: Spectrum) -> Iterator[Row]:
    yield "Range", tied(f"{show(spectrum.highest_hz, 'Hz')} down to {show(spectrum.lowest_hz, 'Hz')}")
    yield "Amplitude", tied(f"{show(spectrum.amplitude_v, 'V')} peak to peak")
    yield "One period at the lowest", tied(show_time(spectrum.longest_period_s))
    if spectrum.seconds is not None and spectrum.points is not None:
        slow = f", of which {show_time(spectrum.slow_s)} below {show(LOWEST_WORTH, 'Hz')}" if spectrum.slow_s else ""
        yield "Time", tied(f"{show_time(spectrum.seconds)} for {spectrum.points} points{slow}")
    if spectrum.cell_ohm is not None:
        yield "The cell in all, expected", tied(show(spectrum.cell_ohm, "ohm"))
    if found.bridge_ohm is not None:
        yield f"Path {found.bridge_path}, measured dry", tied(f"{show(found.bridge_ohm.expected, 'ohm', 4)}")
    if spectrum.bridge_share is not None:
        share = spectrum.bridge_share
        yield "Share of the cell that it explains", f"<b>{short(100 * share.expected, 2)} %</b>"
    if found.drop_v is not None:
        yield "Drop over the whole cell at the lamella's current", tied(show(found.drop_v.expected, "V", 2))


def _assumed(found: ElectrochemistrySheet) -> str:
    names = [*(found.cycle.assumed if found.cycle else ()), *(found.spectrum.assumed if found.spectrum else ())]
    said = escape(", ".join(names).replace("_", " "))
    return f"<p>Chosen by the recipe's author, not in its source: {said}.</p>" if names else ""


def _sources(found: ElectrochemistrySheet) -> str:
    currents = found.currents
    if currents is None:
        return sourced(found.bridge_ohm)
    return sourced(currents.charge_c, currents.charging_a, currents.residual_a, found.bridge_ohm)


def _window(ends: tuple[float, float]) -> str:
    return tied(f"{ends[0]:.4g} V to {ends[1]:.4g} V")


def _volts(value: float) -> str:
    return tied(_plain_volts(value))


def _plain_volts(value: float) -> str:
    return f"{value:.4g} V"


def _span(interval: Interval) -> str:
    low, expected, high = (show(value, interval.unit, 2) for value in (interval.low, interval.expected, interval.high))
    return f"{expected} ({low} to {high})"
