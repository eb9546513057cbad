"""The settings card for the potentiostat, from the recipe's ``hand_off``: HTML to print, JSON (SI units) for programs.

Both scales of the cyclic voltammetry stand side by side, with the offset between them; the amplitude of the impedance
is given peak to peak, as amplitude and as rms, since instruments ask for one or the other.
"""

import json
import math
from collections.abc import Iterator
from html import escape
from typing import Any

from fibplan.formats.exports.export import Files, NothingToExport, Origin
from fibplan.formats.exports.html import blanks, document, mark, page, ticks, tied
from fibplan.model.hand_off import CyclicVoltammetry, HandOffSettings, Impedance
from fibplan.model.plan import Plan
from fibplan.planning.field_limits import field_limits
from fibplan.units import show, show_time

UNVERIFIED = "SETTINGS FROM A RECIPE, NOT VERIFIED: check the reference on your own cell before you apply a potential."
CHOSEN = "chosen by the recipe's author, not in its source"

Data = dict[str, Any]


def write(plan: Plan, origin: Origin) -> Files:
    """``potentiostat.html`` and ``potentiostat.json``."""
    settings = plan.recipe.hand_off
    if settings is None or (settings.cyclic_voltammetry is None and settings.impedance is None):
        message = "its hand_off names neither cyclic_voltammetry nor impedance"
        raise NothingToExport(message, where=origin.recipe, remedy="write them into the recipe")
    html = document(f"Potentiostat: {plan.recipe.title}", origin.line, [_card(plan, settings, origin)])
    data = json.dumps(_data(plan, settings, origin), indent=2, ensure_ascii=True, allow_nan=False) + "\n"
    return Files({"potentiostat.html": html, "potentiostat.json": data.encode("ascii")}, (UNVERIFIED,))


def cell_type(plan: Plan) -> str:
    """Two or three electrodes, by the chip's."""
    chip = plan.cards.echip
    if chip is None:
        return "not said: the recipe names no chip"
    names = [electrode.name.replace("_", " ") for electrode in chip.electrodes]
    return f"{len(names)} electrodes: {', '.join(names)}"


def current_most(plan: Plan) -> tuple[float, str] | None:
    """The least of what the measured paths may carry, in ampere, and which path that is; None if none is known."""
    limits = sorted((limit.current_a, limit.path) for limit in field_limits(plan))
    return limits[0] if limits else None


def _card(plan: Plan, settings: HandOffSettings, origin: Origin) -> str:
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td class='big'>{tied(value)}</td></tr>" for name, value in _rows(plan, settings)
    )
    assumed = settings.cyclic_voltammetry.assumed if settings.cyclic_voltammetry is not None else ()
    chosen = f"<p>{escape(', '.join(assumed).replace('_', ' '))}: {CHOSEN}.</p>" if assumed else ""
    boxes = ticks(["cell connected as above", "limit set", "open circuit noted", "electron beam off"])
    noted = blanks(["open-circuit potential, V", "date", "operator"])
    lines = ["Settings card for the potentiostat", origin.short]
    return page(plan.recipe.title, lines, f"{mark(UNVERIFIED)}<table>{rows}</table>{chosen}{boxes}{noted}")


def _rows(plan: Plan, settings: HandOffSettings) -> Iterator[tuple[str, str]]:
    yield "Cell", cell_type(plan)
    limit = current_most(plan)
    if limit is not None:
        yield "Current limit (compliance)", f"{show(_down(limit[0]), 'A')}, the most that path {limit[1]} may carry"
    if settings.electrolyte is not None:
        yield "Electrolyte", settings.electrolyte
    if settings.cyclic_voltammetry is not None:
        yield from _cycle_rows(settings.cyclic_voltammetry)
    if settings.impedance is not None:
        yield from _impedance_rows(settings.impedance)


def _down(limit: float) -> float:
    """To two digits, and never up: a limit that is rounded up is none."""
    step = 10.0 ** (math.floor(math.log10(limit)) - 1)
    return math.floor(limit / step * (1 + 1e-9)) * step


def _cycle_rows(cycle: CyclicVoltammetry) -> Iterator[tuple[str, str]]:
    offset = cycle.reference_offset
    yield "CV window against the pseudo-reference", f"{show(cycle.lower, 'V')} to {show(cycle.upper, 'V')}"
    yield "CV window against Li+/Li", f"{show(cycle.lower + offset, 'V')} to {show(cycle.upper + offset, 'V')}"
    yield "Reference offset against Li+/Li", f"{show(offset, 'V')}: measure yours and correct the window by it"
    yield "Scan rate", show(cycle.scan_rate, "V/s")
    yield "One cycle", show_time(_cycle_s(cycle))


def _impedance_rows(impedance: Impedance) -> Iterator[tuple[str, str]]:
    half = impedance.amplitude / 2
    yield "EIS range", f"{show(impedance.highest, 'Hz')} to {show(impedance.lowest, 'Hz')}"
    amplitude, rms = show(half, "V"), show(half / math.sqrt(2), "V")
    yield "EIS amplitude", f"{show(impedance.amplitude, 'V')} peak to peak = {amplitude} amplitude = {rms} rms"
    yield "One period at the lowest frequency", show_time(1 / impedance.lowest)


def _cycle_s(cycle: CyclicVoltammetry) -> float:
    return 2 * (cycle.upper - cycle.lower) / cycle.scan_rate


def _data(plan: Plan, settings: HandOffSettings, origin: Origin) -> Data:
    limit = current_most(plan)
    chip = plan.cards.echip
    return {
        "made_by": origin.line,
        "verified": False,
        "recipe": plan.recipe.title,
        "electrodes": [electrode.name for electrode in chip.electrodes] if chip is not None else [],
        "current_most_a": limit[0] if limit is not None else None,
        "electrolyte": settings.electrolyte,
        "cyclic_voltammetry": _cycle_data(settings.cyclic_voltammetry),
        "impedance": _impedance_data(settings.impedance),
    }


def _cycle_data(cycle: CyclicVoltammetry | None) -> Data | None:
    if cycle is None:
        return None
    offset = cycle.reference_offset
    return {
        "against_pseudo_reference_v": [cycle.lower, cycle.upper],
        "against_li_v": [round(cycle.lower + offset, 9), round(cycle.upper + offset, 9)],
        "reference_offset_v": offset,
        "scan_rate_v_s": cycle.scan_rate,
        "cycle_s": round(_cycle_s(cycle), 6),
        "assumed": list(cycle.assumed),
    }


def _impedance_data(impedance: Impedance | None) -> Data | None:
    if impedance is None:
        return None
    return {
        "highest_hz": impedance.highest,
        "lowest_hz": impedance.lowest,
        "amplitude_peak_to_peak_v": impedance.amplitude,
        "amplitude_v": impedance.amplitude / 2,
        "amplitude_rms_v": impedance.amplitude / (2 * math.sqrt(2)),
    }
