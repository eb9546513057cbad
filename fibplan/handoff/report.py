"""The report: verdict, uncertainty, diagnosis, what was done, and every figure, in one file that any browser prints."""

import base64
from collections.abc import Iterator
from html import escape

from fibplan.errors import StorageError
from fibplan.formats.exports.html import tied
from fibplan.handoff.contents import PackageContents
from fibplan.handoff.frame import Row, grid, html_file, listed, sheet, table
from fibplan.handoff.readme import criterion_words, measured_words
from fibplan.journal.events import Actuals
from fibplan.journal.state import Progress
from fibplan.model.curve import Curve
from fibplan.model.provenance import SHOWN
from fibplan.model.verdict import Measured, PathVerdict
from fibplan.units import show, show_time
from fibplan.verification.probing import all_paths

LIKELY = 0.01
"""Groups of a diagnosis that are less probable are in ``diagnosis.json`` only."""

CAPTIONS = {
    "chip": "The lamella on the chip, as planned",
    "ladder": "The thickness ladder, as planned",
    "timeline": "The session's time, as planned",
    "resistances": "Resistances, predicted and measured",
    "diagnosis": "What it probably is",
}
PER_SHEET = 2


def report_file(contents: PackageContents, reasons: tuple[str, ...]) -> bytes:
    """``report.html``; ``reasons`` why this is no hand-off, none for one."""
    title = "Report: NOT ACCEPTED - do not load into the TEM" if reasons else "Report"
    sheets = [
        sheet(contents, title, _verdict(contents, reasons)),
        sheet(contents, f"{title}: uncertainty and diagnosis", _uncertainty(contents)),
        sheet(contents, f"{title}: what was done", _done(contents)),
        *(sheet(contents, f"{title}: figures", figures) for figures in _figures(contents)),
        sheet(contents, f"{title}: where it comes from", _origin(contents)),
    ]
    return html_file(contents, title, sheets)


def _verdict(contents: PackageContents, reasons: tuple[str, ...]) -> str:
    verdict = contents.verdict
    outcome = verdict.outcome.value if verdict is not None else "none"
    rows: list[Row] = [("Verdict", f"<b>{escape(outcome)}</b>"), ("Operator", escape(contents.operator))]
    if verdict is not None and verdict.acceptance is not None:
        rows.append(("Accepted by", escape(f"{verdict.acceptance.person}: {verdict.acceptance.reason}")))
    rows.append(("Lamella thickness", tied(show(contents.thickness_m, "m"))))
    judged = [_path(contents, path) for path in verdict.paths] if verdict is not None else []
    return "".join(
        [
            table(rows),
            f"<h3>Why it is not accepted</h3>{listed(reasons)}" if reasons else "",
            "<h3>Resistances</h3>",
            grid(["path", "must be", "measured", "predicted", "grade"], judged) if judged else "<p>None judged.</p>",
            "".join(_reasons(path) for path in (verdict.paths if verdict is not None else ())),
        ]
    )


def _path(contents: PackageContents, judged: PathVerdict) -> tuple[str, ...]:
    path = all_paths(contents.plan).get(judged.path)
    predicted = str(judged.predicted) if judged.predicted is not None else "-"
    return (
        escape(judged.path),
        tied(criterion_words(path)) if path is not None else "-",
        tied(measured_words(judged.resistance)),
        tied(predicted),
        f"<b>{escape(judged.grade.value)}</b>",
    )


def _reasons(path: PathVerdict) -> str:
    todo = [f"to do: {remedy}" for remedy in path.remedies]
    return f"<h3>{escape(path.path)}</h3>{listed([*path.reasons, *todo])}"


def _uncertainty(contents: PackageContents) -> str:
    judged = contents.verdict.paths if contents.verdict is not None else ()
    budgets = [_budget(path.path, path.resistance) for path in judged if path.resistance is not None]
    diagnosis = _diagnosis(contents)
    return "".join(budgets) + diagnosis or "<p>Nothing was measured.</p>"


def _budget(name: str, read: Measured) -> str:
    """What spreads the number, after the GUM; a resistance without a number has bounds alone."""
    head = f"<h3>{escape(name)}: {tied(measured_words(read))}</h3>"
    rows = [
        (escape(part.source), part.distribution, tied(show(part.standard_ohm, "ohm")), f"{part.share:.1%}")
        for part in read.budget
    ]
    used = f"{read.points_used} points used, {read.points_excluded} left out"
    why = "".join(f"; {entry.points}: {entry.why}" for entry in read.excluded)
    body = grid(["source", "distribution", "standard uncertainty", "share of the variance"], rows) if rows else ""
    return f"{head}{body}<p class='small'>{escape(f'{used}{why}. {read.source}')}</p>"


def _diagnosis(contents: PackageContents) -> str:
    found = contents.diagnosis
    if found is None:
        return ""
    rows = [
        (f"{group.probability:.1%}", escape(group.name), escape(group.split_by))
        for group in found.groups
        if group.probability >= LIKELY
    ]
    note = f"Probabilities are calibrated on {found.calibrated_on}."
    told = listed([*found.notes, note])
    return f"<h3>Diagnosis</h3>{grid(['probability', 'what', 'what would split it'], rows)}{told}"


def _done(contents: PackageContents) -> str:
    try:
        state = contents.state
    except StorageError as error:
        return f"<p>{escape(str(error))}</p>"
    rows = [
        (escape(name), escape(str(state.operations[name])), *_actuals(state.done.get(name) or state.stopped.get(name)))
        for name in state.operations
    ]
    skipped = [
        f"{name} was skipped: {reason}"
        for name, reason in state.skipped.items()
        if state.operations[name] is not Progress.DONE
    ]
    notes = [f"{note.operation}: {note.text}" if note.operation else note.text for note in state.notes]
    images = [f"{entry.file}: {entry.name} {entry.note}".strip() for entry in state.attached]
    accepted = [f"{entry.finding.message}: {entry.reason}" for entry in state.accepted]
    lets = [f"{entry.code}: {entry.reason}" for entry in contents.plan.recipe.accepts]
    sections = {
        "Skipped": skipped, "Errors of the rules that were accepted": accepted, "Warnings that were accepted": lets,
        "Notes": notes, "Images": images,
    }  # fmt: skip
    table_ = grid(["operation", "state", "time", "thickness", "note"], rows)
    return table_ + "".join(f"<h3>{name}</h3>{listed(lines)}" for name, lines in sections.items() if lines)


def _actuals(done: Actuals | None) -> tuple[str, str, str]:
    if done is None:
        return "", "", ""
    thickness = show(done.thickness_m, "m") if done.thickness_m is not None else ""
    return tied(show_time(done.duration_s)), tied(thickness), escape(done.note)


def _figures(contents: PackageContents) -> Iterator[str]:
    """The pictures, inside the page itself: two a sheet, and then each tall one alone, whose letters stay legible."""
    pictures = [(name, content) for name, content in sorted(contents.figures.items()) if name.endswith(".png")]
    wide = [picture for picture in pictures if not _tall(picture[1])]
    for first in range(0, len(wide), PER_SHEET):
        yield "".join(_figure(name, content) for name, content in wide[first : first + PER_SHEET])
    for name, content in pictures:
        if _tall(content):
            yield f"<div class='alone'>{_figure(name, content)}</div>"


def _tall(png: bytes) -> bool:
    """Whether it is higher than wide: both stand in the header (PNG, third edition, 11.2.1)."""
    return int.from_bytes(png[20:24]) > int.from_bytes(png[16:20])


def _figure(name: str, content: bytes) -> str:
    stem = name.removesuffix(".png")
    caption = CAPTIONS.get(stem, stem.replace("-", " ", 1).replace("iv ", "I-V curve: ", 1).replace("_", " "))
    data = base64.b64encode(content).decode("ascii")
    alt = escape(caption)
    return f'<figure><img alt="{alt}" src="data:image/png;base64,{data}"><figcaption>{alt}</figcaption></figure>'


def _origin(contents: PackageContents) -> str:
    sources, rows = contents.sources, [("fibplan", escape(contents.version))]
    rows += [("Recipe", f"{escape(sources.recipe.name)}, SHA-256 <code>{sources.recipe.sha256}</code>")]
    rows += [("Made from", escape(str(source))) for source in sources.made_from]
    rows += [("Recipe after", escape(contents.plan.recipe.source.citation))]
    rows += [(f"Card {card.name}", f"SHA-256 <code>{card.sha256[:SHOWN]}</code>...") for card in sources.cards]
    curves = [tuple(map(escape, _curve_words(curve))) for curve in contents.curves.curves]
    measured = grid(["path", "sweep", "points", "begun"], curves) if curves else "<p>No curve counts.</p>"
    measured = f"<h3>Curves that the verdict follows from</h3>{measured}"
    rows += [("Measured with", escape(name)) for name in dict.fromkeys(_identities(contents))]
    return f"<div class='small'>{table(rows)}{measured}</div>"


def _curve_words(curve: Curve) -> tuple[str, ...]:
    return curve.path, curve.probing.replace("_", " "), str(len(curve.points)), f"{curve.started:%Y-%m-%d %H:%M:%S %Z}"


def _identities(contents: PackageContents) -> list[str]:
    return [curve.instrument.identity for curve in contents.curves.curves]
