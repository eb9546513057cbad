"""Writes a session as one file: the hand-off of an accepted lamella, or the failure report of any other."""

import io
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fibplan.errors import Misuse, NotAccepted, StorageError
from fibplan.formats.nav import nav_bytes
from fibplan.formats.nexus import NexusContext, nexus_bytes
from fibplan.formats.positions import positions_csv
from fibplan.handoff.contents import SIMULATED, PackageContents, shortcomings
from fibplan.handoff.crate import METADATA, render_crate
from fibplan.handoff.electrochemistry_page import electrochemistry_files
from fibplan.handoff.provenance import fields_file, provenance_file
from fibplan.handoff.readme import render_failure, render_hand_off
from fibplan.handoff.report import report_file
from fibplan.handoff.table import render_table
from fibplan.handoff.tem_page import tem_files
from fibplan.journal.durable import storage, write_whole
from fibplan.model.base import Frozen
from fibplan.session.folder import CURVES, check_name, curve_content, curve_name, plan_content, sha256

CHECKSUMS = "checksums.sha256"
NOT_ACCEPTED = "-NOT-ACCEPTED-failure-report"

Files = dict[str, bytes]


@dataclass(frozen=True)
class Package:
    """A package that is not on the disk yet: its file name, its root folder, and its files by name below that."""

    file: str
    root: str
    files: Files
    when: datetime

    @property
    def content(self) -> bytes:
        """The whole file; its checksums are those of all other files."""
        lines = "".join(f"{sha256(content)}  {name}\n" for name, content in sorted(self.files.items()))
        return archive(self.root, {**self.files, CHECKSUMS: lines.encode("utf-8")}, self.when)


def write_hand_off(contents: PackageContents, folder: Path) -> Path:
    """``NAME.eln`` in ``folder``: the one thing that may go to the TEM with a lamella.

    Raises :class:`~fibplan.errors.NotAccepted`, with every reason, for anything but an accepted verdict in which each
    path of the recipe passed, or is marginal and accepted by a named person, and which agrees with the journal;
    :class:`~fibplan.errors.Misuse` when another package has that name.
    """
    return _store(hand_off(contents), folder)


def write_failure_report(contents: PackageContents, folder: Path) -> Path:
    """``NAME-NOT-ACCEPTED-failure-report.zip`` in ``folder``: why the lamella stays out of the TEM, and what to do.

    Raises :class:`~fibplan.errors.Misuse` for an accepted lamella, or when another package has that name.
    """
    return _store(failure_report(contents), folder)


def hand_off(contents: PackageContents) -> Package:
    """The hand-off; the errors are those of :func:`write_hand_off`."""
    reasons = shortcomings(contents)
    if reasons:
        remedy = "a failure report can be written instead"
        raise NotAccepted(f"this is no hand-off: {'; '.join(reasons)}", where=contents.name, remedy=remedy)
    files = {**_papers(contents, ()), **_sheets(contents), "README.md": render_hand_off(contents).encode("utf-8")}
    files[METADATA] = render_crate(contents, files, unhashed=CHECKSUMS).encode("utf-8")
    return Package(f"{contents.name}.eln", contents.name, files, contents.when)


def failure_report(contents: PackageContents) -> Package:
    """The failure report; the errors are those of :func:`write_failure_report`."""
    reasons = shortcomings(contents)
    if not reasons:
        raise Misuse("an accepted lamella has no failure report", where=contents.name, remedy="write its hand-off")
    root = f"{contents.name}{NOT_ACCEPTED}"
    files = {**_papers(contents, reasons), "README.md": render_failure(contents, reasons).encode("utf-8")}
    return Package(f"{root}.zip", root, files, contents.when)


def _papers(contents: PackageContents, reasons: tuple[str, ...]) -> Files:
    """What both kinds hold, by name below the package's root."""
    marked = "SIMULATED-" if contents.simulated else ""
    files = {
        "recipe.yaml": contents.sources.recipe.content,
        "plan.json": plan_content(contents.plan),
        "journal.jsonl": contents.journal,
        "report.html": report_file(contents, reasons),
        "provenance.json": provenance_file(contents),
        f"{CURVES}/fields.json": fields_file(contents),
    }
    files |= {f"cards/{card.name}": card.content for card in contents.sources.cards}
    files |= {f"recipe-as-written/{recipe.name}": recipe.content for recipe in contents.sources.written}
    files |= {f"figures/{marked}{name}": figure for name, figure in contents.figures.items()}
    files |= contents.attached
    if contents.verdict is not None:
        files["verdict.json"] = _json(contents.verdict)
    if contents.diagnosis is not None:
        files["diagnosis.json"] = _json(contents.diagnosis)
    if contents.nexus:
        files["curves.nxs"] = nexus_bytes(contents.curves, _context(contents))
    return files | _curves(contents)


def _context(contents: PackageContents) -> NexusContext:
    return NexusContext(contents.name, contents.plan.recipe.title, contents.operator, contents.version)


def _sheets(contents: PackageContents) -> Files:
    """What only a hand-off holds: what to set, and where the lamella lies."""
    files = {**tem_files(contents), **electrochemistry_files(contents)}
    if contents.plan.layout is not None:
        files["handoff.nav"] = nav_bytes(contents.plan, None)
        files["positions.csv"] = positions_csv(contents.plan, None)
    return files


def _json(value: Frozen) -> bytes:
    return (value.model_dump_json(indent=2) + "\n").encode("utf-8")


def _curves(contents: PackageContents) -> Files:
    mark = SIMULATED if contents.simulated else ""
    files: Files = {}
    for stem, curve in zip(_stems(contents), contents.curves.curves, strict=True):
        files[f"{stem}.json"] = curve_content(curve)
        files[f"{stem}.csv"] = render_table(curve, mark).encode("utf-8")
    return files


def _stems(contents: PackageContents) -> list[str]:
    """The name of each curve as the session has it; numbered from the first where its journal does not say."""
    numbered = [f"{CURVES}/{curve_name(number, curve)}" for number, curve in enumerate(contents.curves.curves, start=1)]
    with suppress(StorageError):
        recorded = [check_name(entry.file).removesuffix(".json") for entry in contents.state.curves]
        return recorded if len(recorded) == len(numbered) else numbered
    return numbered


def _store(made: Package, folder: Path) -> Path:
    path, package = folder / made.file, made.content
    with storage(path, "write the package"):
        if path.exists() and path.read_bytes() != package:
            raise Misuse("another package has this name", where=str(path), remedy="choose another name or folder")
        path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, package)
    return path


def archive(root: str, files: Mapping[str, bytes], when: datetime) -> bytes:
    """The ZIP of these files, the same bytes wherever it is made.

    Stored, not compressed: compressed bytes differ from one zlib to the next, and a package must not.
    """
    moment = max(when.astimezone(UTC), datetime(1980, 1, 1, tzinfo=UTC)).timetuple()[:6]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as package:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{root}/{name}", moment)
            entry.create_system = 3  # Unix, whatever wrote it, so that the permissions below mean the same
            entry.external_attr = 0o100644 << 16
            package.writestr(entry, content)
    return stream.getvalue()
