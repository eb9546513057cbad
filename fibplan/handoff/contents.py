"""What goes into a package, and what stands between it and being a hand-off."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from fibplan.errors import Misuse, StorageError
from fibplan.journal.chain import Record, verify
from fibplan.journal.durable import storage
from fibplan.journal.events import Ending, FileAttached, SessionClosed
from fibplan.journal.file import read
from fibplan.journal.state import SessionState, fold
from fibplan.model.curve import CurveSet
from fibplan.model.diagnosis import Diagnosis
from fibplan.model.path import Below
from fibplan.model.plan import Plan
from fibplan.model.verdict import Grade, Measured, Verdict
from fibplan.session.folder import FrozenSources, SessionFolder, check_name, curve_content, plan_content, sha256
from fibplan.verification.probing import SWEEP, all_paths

SIMULATED = "SIMULATED: parts of this session were simulated; nothing in it is evidence about a real lamella"

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


@dataclass(frozen=True)
class PackageContents:
    """Everything a package is made of; ``when`` is the session's own last time, so that a package can be made again.

    ``name`` has lower-case letters only, which keeps it apart from the words that mark a failure report. ``verdict``
    is None where the session came to none, ``diagnosis`` where nobody asked for one. ``attached`` are the session's
    images, by the name that its journal has for each. With ``nexus`` the curves are written in that format too.
    Raises :class:`~fibplan.errors.Misuse` for a name that cannot be used.
    """

    name: str
    plan: Plan
    curves: CurveSet
    verdict: Verdict | None
    sources: FrozenSources
    figures: Mapping[str, bytes]
    journal: bytes
    when: datetime
    version: str
    diagnosis: Diagnosis | None = None
    attached: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    nexus: bool = False

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            remedy = "use lower-case letters, digits, '-' and '_'"
            raise Misuse(f"'{self.name}' cannot name a package", remedy=remedy)
        for name in (*self.figures, *self.attached):
            check_name(name)

    @property
    def state(self) -> SessionState:
        """What the journal says.

        Raises :class:`~fibplan.errors.StorageError` when it is damaged or opens no session.
        """
        found = verify(self.journal)
        if found.broken:
            raise found.broken.error("journal.jsonl")
        return fold(record.event for record in found.records)

    @property
    def operator(self) -> str:
        """Who opened the session; nobody where the journal is damaged."""
        with suppress(StorageError):
            return " ".join(self.state.opened.operator.split())
        return "nobody known"

    @property
    def thickness_m(self) -> float:
        """Of the lamella, as last reported; as planned where nobody did, or where the journal is damaged."""
        with suppress(StorageError):
            if self.state.thickness_m is not None:
                return self.state.thickness_m
        return self.plan.recipe.lamella.final_thickness

    @property
    def bridge(self) -> tuple[str, Measured] | None:
        """The path that joins the lamella to the chip, and what it read; None where nothing says so."""
        known = self.plan.recipe.verification
        for judged in self.verdict.paths if self.verdict is not None else ():
            path = known.get(judged.path)
            if path is not None and isinstance(path.criterion, Below) and judged.resistance is not None:
                return judged.path, judged.resistance
        return None

    @property
    def marks(self) -> tuple[str, ...]:
        """What every page must say: that it is simulated, and who accepted what is marginal."""
        simulated = (SIMULATED,) if self.simulated else ()
        acceptance = self.verdict.acceptance if self.verdict is not None else None
        if self.verdict is None or acceptance is None:
            return simulated
        paths = ", ".join(path.path for path in self.verdict.paths if path.grade is Grade.MARGINAL)
        who, why = (" ".join(text.split()) for text in (acceptance.person, acceptance.reason))
        return (*simulated, f"MARGINAL ({paths}), accepted by {who}: {why}")

    @property
    def simulated(self) -> bool:
        """Whether anything in it was simulated, by whoever says so: curves, verdict or journal."""
        said = self.curves.simulated or (self.verdict is not None and self.verdict.simulated)
        return said or any(
            record.event.kind == "session_opened" and record.event.simulated for record in verify(self.journal).records
        )


def gather(
    folder: SessionFolder,
    plan: Plan,
    figures: Mapping[str, bytes],
    name: str,
    *,
    diagnosis: Diagnosis | None = None,
    nexus: bool = False,
) -> PackageContents:
    """The contents of the session in ``folder``, up to its close; ``plan`` is expanded from its frozen texts.

    Raises :class:`~fibplan.errors.StorageError` when the journal or a curve is not what was written.
    """
    records = until_closed(read(folder.journal))
    state = fold(record.event for record in records)
    return PackageContents(
        name=name,
        plan=plan,
        curves=folder.curves(state.curves),
        verdict=state.verdict,
        sources=folder.sources(state.opened),
        figures=figures,
        journal=b"".join(record.line for record in records),
        when=records[-1].utc,
        version=state.opened.version,
        diagnosis=diagnosis,
        attached=dict(_attached(folder, state.attached)),
        nexus=nexus,
    )


def _attached(folder: SessionFolder, entries: Iterable[FileAttached]) -> Iterator[tuple[str, bytes]]:
    for entry in entries:
        path = folder.root / check_name(entry.file)
        with storage(path, "read the image"):
            content = path.read_bytes()
        if sha256(content) != entry.sha256:
            remedy = "restore the file from a copy: the journal holds the hash of what was attached"
            raise StorageError("the image was changed after it was attached", where=str(path), remedy=remedy)
        yield entry.file, content


def until_closed(records: tuple[Record, ...]) -> tuple[Record, ...]:
    """What follows the close tells of packages, and a package cannot hold the record of itself."""
    ends = [place for place, record in enumerate(records, start=1) if isinstance(record.event, SessionClosed)]
    return records[: ends[-1]] if ends else records


def shortcomings(contents: PackageContents) -> tuple[str, ...]:
    """Why this is no hand-off, each in one line; empty for an accepted lamella whose papers agree with each other."""
    return (*_verdict_shortcomings(contents), *_journal_shortcomings(contents))


def _verdict_shortcomings(contents: PackageContents) -> Iterator[str]:
    verdict = contents.verdict
    if verdict is None:
        yield "the session came to no verdict"
        return
    if not verdict.accepted:
        yield f"the verdict is {verdict.outcome}"
    if not contents.plan.recipe.verification:
        yield "the recipe verifies no path"
    for name in all_paths(contents.plan):
        grades = [path.grade for path in verdict.paths if path.path == name]
        if grades != [Grade.PASS] and not (grades == [Grade.MARGINAL] and verdict.acceptance is not None):
            yield f"path {name}: {', '.join(grades) or 'not judged'}"
        if contents.curves.of(name, SWEEP) is None:
            yield f"path {name}: no curve was measured"


def _journal_shortcomings(contents: PackageContents) -> Iterator[str]:
    try:
        state = contents.state
    except StorageError as error:
        yield str(error)
        return
    if state.closed is None:
        yield f"the session was never closed{f': {state.left.reason}' if state.left else ''}"
    elif state.closed.outcome is not Ending.ACCEPTED:
        yield f"the session ended {state.closed.outcome}: {state.closed.reason}"
    if state.verdict != contents.verdict:
        yield "the journal holds another verdict"
    yield from disagreements(contents, state)


def disagreements(contents: PackageContents, state: SessionState) -> Iterator[str]:
    """Every paper whose hash is not the one that the journal has of it, in one line each."""
    opened, sources = state.opened, contents.sources
    if opened.recipe_sha256 != sources.recipe.sha256:
        yield "the recipe is not the one that the session followed"
    if opened.cards_sha256 != {card.name: card.sha256 for card in sources.cards}:
        yield "the cards are not those that the session followed"
    if sources.made_from != opened.made_from or not _as_written(sources):
        yield "the files that the recipe was put together from are not those that the session followed"
    if opened.plan_sha256 != sha256(plan_content(contents.plan)):
        yield f"the plan is not the one that the session followed (it was made by fibplan {opened.version})"
    if [entry.sha256 for entry in state.curves] != [sha256(curve_content(curve)) for curve in contents.curves.curves]:
        yield "the curves are not those that the session measured"
    if {entry.file: entry.sha256 for entry in state.attached} != {
        name: sha256(content) for name, content in contents.attached.items()
    }:
        yield "the images are not those that the session attached"


def _as_written(sources: FrozenSources) -> bool:
    """Whether a recipe that extends others comes with the texts of them all, and any other with none."""
    named = {source.name: source.sha256 for source in sources.made_from} if len(sources.made_from) > 1 else {}
    return {recipe.name: recipe.sha256 for recipe in sources.written} == named
