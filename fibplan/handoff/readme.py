"""The page that is read first: what this is, what was measured, what to set, and what to check before anything."""

from collections.abc import Iterator

from fibplan.handoff.contents import PackageContents
from fibplan.model.hand_off import CyclicVoltammetry, HandOffSettings
from fibplan.model.interval import Interval
from fibplan.model.path import Below, VerificationPath
from fibplan.model.provenance import made_from
from fibplan.model.verdict import Grade, Measured, PathVerdict
from fibplan.planning.field_limits import field_limit
from fibplan.units import show, show_time
from fibplan.verification.probing import all_paths

DIGITS = 4
"""Of a measured resistance: with three, the bounds of a good measurement look like its value."""


def render_hand_off(contents: PackageContents) -> str:
    """The README of an accepted lamella."""
    mark = "SIMULATED - " if contents.simulated else ""
    sections = [
        f"# {mark}TEM hand-off: {_plain(contents.plan.recipe.title)}",
        *(f"**{_plain(mark)}.**" for mark in contents.marks),
        _about(contents),
        *_thickness(contents),
        "## Verdict: accepted",
        _resistances(contents),
        "## Check first",
        _numbered(_checks(contents)),
        "## Settings",
        _bulleted(_settings(contents)),
        *_accepted_warnings(contents),
        "## Files",
        _SHEETS + _FILES,
    ]
    return "\n\n".join(sections) + "\n"


def _accepted_warnings(contents: PackageContents) -> list[str]:
    """What the recipe's author let stand, in his own words."""
    accepted = [f"{entry.code}: {entry.reason}" for entry in contents.plan.recipe.accepts]
    return ["## Warnings that were accepted", _bulleted(accepted)] if accepted else []


def render_failure(contents: PackageContents, reasons: tuple[str, ...]) -> str:
    """The README of a lamella that was not accepted: ``reasons`` and what to do about them."""
    mark = " (SIMULATED)" if contents.simulated else ""
    failed = [path for path in _judged(contents) if path.grade is not Grade.PASS]
    remedies = [remedy for path in failed for remedy in path.remedies]
    sections = [
        f"# NOT ACCEPTED - do not load into the TEM{mark}",
        *(f"**{_plain(mark)}.**" for mark in contents.marks),
        f"Failure report: {_plain(contents.plan.recipe.title)}",
        _about(contents),
        "## Why",
        _bulleted([*reasons, *(f"{path.path}: {reason}" for path in failed for reason in path.reasons)]),
        "## What to do",
        _bulleted(remedies or ["no remedy is known: look at the curves and the journal"]),
        "## Measured",
        _resistances(contents),
        "## Files",
        _FILES,
    ]
    return "\n\n".join(sections) + "\n"


_SHEETS = """\
- `tem-sheet.html`, `electrochemistry-sheet.html` (and `.json`): what to set, how much the lamella bears; print them
- `handoff.nav`, `positions.csv`: where the lamella lies, for SerialEM and as a table
"""

_FILES = """\
- `report.html`: verdict with its uncertainty, diagnosis, what was done, every figure; opens in any browser
- `recipe.yaml`, `cards/`, `plan.json`: what was to be done, as it stood when the session began
- `recipe-as-written/`, where the recipe extends others: the files that `recipe.yaml` was put together from
- `curves/`: every sweep as a table (`.csv`) and with its instrument and settings (`.json`, units in `fields.json`)
- `verdict.json`, `figures/`, `attached/`, `journal.jsonl`: what was found and seen, and every step with its time
- `provenance.json`: which files, commits and versions all this was made from
- `checksums.sha256`: the SHA-256 of every other file"""


def _about(contents: PackageContents) -> str:
    when = f"{contents.when:%Y-%m-%d %H:%M %Z}"
    source = _plain(contents.plan.recipe.source.citation)
    about = f"Lamella `{contents.name}`, session over at {when}, fibplan {contents.version}. Recipe after: {source}"
    sources = contents.sources
    if not sources.made_from:
        return about
    return f"{about}\n\n{_plain(made_from(sources.made_from, len(sources.cards)))}."


def _thickness(contents: PackageContents) -> Iterator[str]:
    thickness_m = contents.state.thickness_m
    if thickness_m is not None:
        yield f"Lamella thickness, as last reported: {show(thickness_m, 'm')}"


def _judged(contents: PackageContents) -> tuple[PathVerdict, ...]:
    return contents.verdict.paths if contents.verdict else ()


def _resistances(contents: PackageContents) -> str:
    head = ["| path | between | must be | measured | predicted | grade |", "|---|---|---|---|---|---|"]
    known = all_paths(contents.plan)
    rows = [_row(path, known.get(path.path)) for path in _judged(contents)]
    return "\n".join([*head, *rows]) if rows else "Nothing was judged."


def _row(judged: PathVerdict, path: VerificationPath | None) -> str:
    between = f"{_words(path.start)} and {_words(path.end)}" if path else "-"
    cells = [
        _plain(judged.path), between, criterion_words(path) if path else "-", measured_words(judged.resistance),
        _predicted(judged.predicted), judged.grade.value,
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def criterion_words(path: VerificationPath) -> str:
    """What the path must read."""
    if isinstance(path.criterion, Below):
        return f"below {show(path.criterion.below, 'ohm')}"
    return f"above {show(path.criterion.above, 'ohm')}"


def measured_words(resistance: Measured | None) -> str:
    """The number with its interval, or the bounds that are known."""
    if resistance is None:
        return "-"
    low = show(resistance.low_ohm, "ohm", DIGITS)
    high = "no upper bound" if resistance.high_ohm is None else show(resistance.high_ohm, "ohm", DIGITS)
    if resistance.expected_ohm is None:
        return f"above {low}" if resistance.high_ohm is None else f"{low} to {high}"
    return f"{show(resistance.expected_ohm, 'ohm', DIGITS)} ({low} to {high})"


def _predicted(predicted: Interval | None) -> str:
    return "-" if predicted is None else str(predicted)


def _checks(contents: PackageContents) -> Iterator[str]:
    yield "In this folder, `sha256sum -c checksums.sha256` says OK to every line."
    yield f"The chip or grid is the one that was labelled `{contents.name}`."
    for name, path in contents.plan.recipe.verification.items():
        if isinstance(path.criterion, Below):
            yield _remeasure(contents, name, path)
    if contents.plan.cards.holder is not None:
        yield from (_plain(item) for item in contents.plan.cards.holder.checklist)


def _remeasure(contents: PackageContents, name: str, path: VerificationPath) -> str:
    limit = field_limit(contents.plan, name)
    bound = f"; never drive more than {show(limit.current_a, 'A')} through it" if limit else ""
    return f"Before the holder is closed, path {_plain(name)} still reads {criterion_words(path)}{bound}."


def _settings(contents: PackageContents) -> list[str]:
    tem, settings = contents.plan.cards.tem, contents.plan.recipe.hand_off
    voltage = [f"accelerating voltage: {show(tem.accelerating_voltage, 'V')}"] if tem else []
    rest = [*_conditions(settings), *_electrochemistry(settings)] if settings else []
    return [*voltage, *rest] or ["the recipe names none"]


def _conditions(settings: HandOffSettings) -> Iterator[str]:
    if settings.flow is not None:
        yield f"flow: {show(settings.flow, 'm3/s')}"
    if settings.electrolyte is not None:
        yield f"electrolyte: {_plain(settings.electrolyte)}"
    if settings.dose_rate_most is not None:
        yield f"dose rate: at most {show(settings.dose_rate_most, 'e/m2/s')}"
    if (scan := settings.diffraction_map) is not None:
        step, area, precession = show(scan.step, "m"), show(scan.area, "m2"), show(scan.precession, "rad")
        yield f"diffraction map: step {step}, area {area}, precession {precession}"


def _electrochemistry(settings: HandOffSettings) -> Iterator[str]:
    if settings.cyclic_voltammetry is not None:
        yield from _voltammetry(settings.cyclic_voltammetry)
    if (impedance := settings.impedance) is not None:
        highest, lowest = show(impedance.highest, "Hz"), show(impedance.lowest, "Hz")
        amplitude = show(impedance.amplitude, "V")
        yield f"impedance: {highest} to {lowest}, {amplitude} peak to peak"


def _voltammetry(cv: CyclicVoltammetry) -> Iterator[str]:
    lower, upper, offset = show(cv.lower, "V"), show(cv.upper, "V"), show(cv.reference_offset, "V")
    against_lithium = f"{show(cv.lower + cv.reference_offset, 'V')} to {show(cv.upper + cv.reference_offset, 'V')}"
    sweep_s = (cv.upper - cv.lower) / cv.scan_rate
    yield f"cyclic voltammetry: {lower} to {upper} against the pseudo-reference"
    yield f"the same against Li+/Li: {against_lithium}, when the pseudo-reference lies {offset} above it"
    yield (
        f"scan rate: {show(cv.scan_rate, 'V/s')}: {show_time(sweep_s)} a sweep, {show_time(2 * sweep_s)} a cycle, "
        "electron beam off"
    )
    if cv.assumed:
        yield f"chosen by the recipe's author, not in its source: {', '.join(_words(name) for name in cv.assumed)}"


def _bulleted(lines: list[str]) -> str:
    return "\n".join(f"- {_plain(line)}" for line in lines)


def _numbered(lines: Iterator[str]) -> str:
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))


def _words(name: str) -> str:
    return _plain(name.replace("_", " "))


def _plain(text: str) -> str:
    """On one line, and unable to end a table's cell."""
    return " ".join(text.split()).replace("\\|", "|").replace("|", "\\|")
