"""A package of fibplan, ``.eln``: its curves, each checked against the package's hashes and against its journal.

A ZIP file with one root folder, in it ``checksums.sha256``, ``journal.jsonl`` and ``curves/NNN-PATH-PROBING.json``, as
:mod:`fibplan.handoff.package` writes it. It is read in memory and nothing is unpacked onto the disk.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator

from pydantic import ValidationError

from fibplan.formats.curves.reader import CurveFile, Told, refusal
from fibplan.journal.chain import verify
from fibplan.journal.events import CurveMeasured
from fibplan.model.curve import Curve, SourceFile

CHECKSUMS, JOURNAL = "checksums.sha256", "journal.jsonl"
MOST_ENTRIES = 10_000
MOST_BYTES = 200_000_000
"""Of all that is unpacked, together."""
_LISTED = b"PK\x01\x02"
"""Stands before each entry of an archive's list of contents (APPNOTE.TXT 6.3.10, 4.3.12)."""
WHOLE = "ask for the package again: this one is not as it was written"


class Package:
    """The reader."""

    name = "fibplan-eln"
    title = "a package that fibplan wrote (.eln)"

    def recognises(self, file: CurveFile) -> bool:
        return file.content.startswith(b"PK\x03\x04")

    def read(self, file: CurveFile, told: Told) -> Curve:
        """The latest curve of the path and probing step that were told, as it was measured."""
        measured, contents = _contents(file)
        wanted = [entry for entry in measured if (entry.path, entry.probing) == (told.path, told.probing)]
        if not wanted:
            there = ", ".join(f"{entry.path} {entry.probing}" for entry in measured) or "none"
            message = f"it holds no curve of '{told.path}', probing step '{told.probing}'"
            raise refusal(file, message, f"name one that it has with --path and --probing: {there}")
        _refuse_what_it_says_itself(file, told)
        curve = _curve(file, contents, wanted[-1])
        source = SourceFile(name=file.own_name, sha256=file.sha256, reader=self.name, remarks=(wanted[-1].file,))
        return curve if curve.source_file is not None else curve.model_copy(update={"source_file": source})


def _contents(file: CurveFile) -> tuple[list[CurveMeasured], dict[str, bytes]]:
    """The curves that its journal names, and its entries below the root whose hashes agree."""
    if file.content.count(_LISTED) > MOST_ENTRIES:
        raise refusal(file, f"it has more than {MOST_ENTRIES:,} entries", "name a package that fibplan wrote")
    try:
        with zipfile.ZipFile(io.BytesIO(file.content)) as package:
            contents = dict(_entries(file, package))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise refusal(file, f"this is no whole ZIP file ({error})", WHOLE) from None
    if CHECKSUMS not in contents or JOURNAL not in contents:
        message = f"there is no {CHECKSUMS} or no {JOURNAL} in it: fibplan did not write it"
        raise refusal(file, message, "name a package that fibplan wrote")
    _check_hashes(file, contents)
    return _measured(file, contents[JOURNAL]), contents


def _entries(file: CurveFile, package: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    entries = package.infolist()
    roots = {entry.filename.partition("/")[0] for entry in entries}
    if len(roots) != 1 or len({entry.filename for entry in entries}) != len(entries):
        message = "its entries are not in one root folder, or two have one name"
        raise refusal(file, message, "name a package that fibplan wrote")
    left = MOST_BYTES
    for entry in entries:
        name = entry.filename.partition("/")[2]
        if name in (CHECKSUMS, JOURNAL) or (name.startswith("curves/") and name.endswith(".json")):
            content = _unpacked(file, package, entry, left)
            left -= len(content)
            yield name, content


def _unpacked(file: CurveFile, package: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    """No more is unpacked than is allowed, whatever the entry says of its size."""
    with package.open(entry) as stream:
        content = stream.read(most + 1)
    if len(content) > most:
        message = f"its journal and curves, unpacked, have more than {MOST_BYTES:,} bytes"
        raise refusal(file, message, "name a package that fibplan wrote")
    return content


def _check_hashes(file: CurveFile, contents: dict[str, bytes]) -> None:
    listed = dict(_listed(contents[CHECKSUMS]))
    for name, content in contents.items():
        if name != CHECKSUMS and listed.get(name) != CurveFile(name, content, file.modified).sha256:
            raise refusal(file, f"'{name[:60]}' does not agree with its hash in {CHECKSUMS}", WHOLE)


def _listed(checksums: bytes) -> Iterator[tuple[str, str]]:
    for line in checksums.decode("utf-8", "replace").splitlines():
        digest, _, name = line.partition("  ")
        yield name, digest


def _measured(file: CurveFile, journal: bytes) -> list[CurveMeasured]:
    found = verify(journal)
    if found.broken is not None:
        raise refusal(file, f"{JOURNAL}, line {found.broken.line}: {found.broken.message}", WHOLE)
    return [record.event for record in found.records if isinstance(record.event, CurveMeasured)]


def _curve(file: CurveFile, contents: dict[str, bytes], entry: CurveMeasured) -> Curve:
    content = contents.get(entry.file)
    if content is None:
        message = f"'{entry.file[:60]}' is not in it: it was measured before the lamella was changed"
        raise refusal(file, message, "name another curve, or the session's own folder")
    if CurveFile(entry.file, content, file.modified).sha256 != entry.sha256:
        raise refusal(file, f"'{entry.file[:60]}' is not what its journal says was measured", WHOLE)
    try:
        return Curve.model_validate_json(content)
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        message = f"'{entry.file[:60]}' is no curve that this version of fibplan reads ({place})"
        raise refusal(file, message, "read it with the version of fibplan that wrote it, or a later one") from None


def _refuse_what_it_says_itself(file: CurveFile, told: Told) -> None:
    given = {
        "--columns": told.columns, "--model": told.model, "--compliance": told.compliance_a,
        "--current-range": told.current_range_a, "--nplc": told.nplc, "--started": told.started,
    }  # fmt: skip
    said = [option for option, value in given.items() if value not in ({}, "", None)]
    if said:
        raise refusal(file, "the package says all of its curves itself", f"leave out {', '.join(said)}")
