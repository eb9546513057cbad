"""Whether a package is what fibplan wrote: its bytes, its hashes, its journal's chain, and its verdict, judged again.

A package is made from a few papers: recipe, cards, journal, curves, figures, images, verdict and diagnosis. It is made
again from those and compared byte by byte, so that nothing else in it can be altered; what can are pictures and
diagnosis, which only the checksums hold. Nothing here is a signature: whoever makes a whole package anew, journal and
all, is found only by the hash of the file, which the sender's own journal has.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from fibplan import __version__
from fibplan.errors import FibplanError, StorageError
from fibplan.handoff.contents import PackageContents, disagreements
from fibplan.handoff.package import CHECKSUMS, NOT_ACCEPTED, Package, archive, failure_report, hand_off
from fibplan.handoff.rebuilt import Unfit, rebuild
from fibplan.handoff.received import Received, read_package
from fibplan.journal.chain import Record
from fibplan.journal.chain import verify as walk
from fibplan.journal.events import SessionOpened
from fibplan.journal.state import SessionState, fold
from fibplan.model.verdict import Measured, Verdict
from fibplan.session.folder import sha256
from fibplan.verification.verdict import judge

JOURNAL = "journal.jsonl"
DIGITS = 6
"""To which a resistance must come out again on another machine."""


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it was written; ``code`` is stable, ``where`` is a file of the package or empty.

    Codes: ``container``, ``checksum``, ``missing``, ``unlisted``, ``chain``, ``paper``, ``disagreement``, ``verdict``,
    ``derived``, ``kind``.
    """

    code: str
    where: str
    message: str


@dataclass(frozen=True)
class Checked:
    """What was found of a package, and who accepted what; the state is None where the journal tells none.

    ``again`` is the verdict that the curves give now. ``unchecked`` says what could not be made again, and why.
    """

    received: Received
    faults: tuple[Fault, ...]
    state: SessionState | None
    records: tuple[Record, ...]
    again: Verdict | None
    unchecked: tuple[str, ...]

    @property
    def whole(self) -> bool:
        return not self.faults

    @property
    def failure_report(self) -> bool:
        """Whether it says of itself that it is no hand-off."""
        return self.received.root.endswith(NOT_ACCEPTED)

    @property
    def accepted(self) -> bool:
        """Whether it is a hand-off, whole, of a lamella that was accepted and is accepted again."""
        verdict = self.state.verdict if self.state is not None else None
        agreed = verdict is not None and verdict.accepted and self.again is not None and self.again.accepted
        return self.whole and agreed and not self.failure_report

    @property
    def simulated(self) -> bool:
        """Whether its journal or its verdict says so."""
        verdict = self.state.verdict if self.state is not None else None
        return self.state is not None and (self.state.opened.simulated or (verdict is not None and verdict.simulated))

    @property
    def sha256(self) -> str:
        """Of the whole file."""
        return sha256(self.received.content)


def verify_package(path: Path) -> Checked:
    """Everything that is wrong with the package, at once.

    Raises :class:`~fibplan.handoff.received.UnreadablePackage` for what cannot be opened as one.
    """
    return check_package(read_package(path))


def check_package(received: Received) -> Checked:
    """The same for one that was read already."""
    faults = list(_checksums(received.files))
    found = walk(received.files.get(JOURNAL, b""))
    if found.broken is not None:
        faults.append(Fault("chain", JOURNAL, str(found.broken.error(JOURNAL))))
    if not found.records or not isinstance(found.records[0].event, SessionOpened):
        faults.append(Fault("chain", JOURNAL, "the journal opens no session"))
        return Checked(received, tuple(faults), None, found.records, None, ())
    try:
        state = fold(record.event for record in found.records)
        contents = rebuild(received.root.removesuffix(NOT_ACCEPTED), received.files, found.records)
    except (Unfit, FibplanError) as error:
        faults.append(Fault("paper", "", str(error)))
        return Checked(received, tuple(faults), _state(found.records), found.records, None, ())
    faults += [Fault("disagreement", "", text) for text in disagreements(contents, state)]
    again = _judged(contents)
    faults += _verdict(contents, state, again)
    derived, unchecked = _made_again(received, contents)
    return Checked(received, (*faults, *derived), state, found.records, again, unchecked)


def _state(records: tuple[Record, ...]) -> SessionState | None:
    try:
        return fold(record.event for record in records)
    except StorageError:
        return None


def _checksums(files: Mapping[str, bytes]) -> Iterator[Fault]:
    listed = _listed(files.get(CHECKSUMS, b""))
    if listed is None:
        yield Fault("checksum", CHECKSUMS, "it is missing or no list of hashes")
        return
    for name, digest in listed.items():
        if name not in files:
            yield Fault("missing", name, "the file is missing")
        elif sha256(files[name]) != digest:
            yield Fault("checksum", name, "the file was changed")
    yield from (
        Fault("unlisted", name, "nobody listed this file") for name in files if name not in listed and name != CHECKSUMS
    )


def _listed(content: bytes) -> dict[str, str] | None:
    try:
        lines = content.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        return None
    pairs = [line.split("  ", 1) for line in lines]
    return {pair[1]: pair[0] for pair in pairs if len(pair) == 2} if pairs else None


def _judged(contents: PackageContents) -> Verdict | None:
    """From curves, recipe and cards as frozen; predictions, a person's acceptance among them, are taken as recorded."""
    card, recorded = contents.plan.cards.smu, contents.verdict
    if card is None or recorded is None or not contents.plan.recipe.verification:
        return None
    predicted = {path.path: path.predicted for path in recorded.paths if path.predicted is not None}
    again = judge(contents.plan, contents.curves, card, predicted)
    accepted = recorded.acceptance
    return again.accepted_by(accepted) if accepted is not None and again.acceptable else again


def _verdict(contents: PackageContents, state: SessionState, again: Verdict | None) -> Iterator[Fault]:
    if contents.verdict != state.verdict:
        yield Fault("verdict", "verdict.json", "the journal holds another verdict")
    if again is None:
        if contents.verdict is not None:
            yield Fault("verdict", "verdict.json", "it does not follow: the recipe measures nothing")
        return
    said = contents.verdict
    assert said is not None
    if again.outcome is not said.outcome:
        yield Fault("verdict", "verdict.json", f"it says {said.outcome}, and the curves give {again.outcome}")
    elif _numbers(again) != _numbers(said) or again.simulated != said.simulated:
        yield Fault("verdict", "verdict.json", "its grades or resistances do not follow from the curves")


def _numbers(verdict: Verdict) -> list[tuple[str, ...]]:
    """Grades and resistances by path, as far as they must agree between versions and machines."""
    return [(path.path, path.grade, *_short(path.resistance)) for path in verdict.paths]


def _short(read: Measured | None) -> tuple[str, ...]:
    ends = (read.low_ohm, read.expected_ohm, read.high_ohm) if read is not None else ()
    return tuple("-" if end is None else f"{end:.{DIGITS}g}" for end in ends)


def _made_again(received: Received, contents: PackageContents) -> tuple[list[Fault], tuple[str, ...]]:
    """The package of these contents, compared file by file, then as a whole."""
    faults = _container(received, contents)
    if contents.version != __version__:
        why = f"pages, tables and metadata: written by fibplan {contents.version}, and this is {__version__}"
        return faults, (why,)
    try:
        made = _package(received, contents)
    except FibplanError as error:
        return [*faults, Fault("kind", "", str(error))], ()
    names = sorted({*made.files, *received.files} - {CHECKSUMS})
    faults += [_differing(name, made, received) for name in names if made.files.get(name) != received.files.get(name)]
    return faults, ()


def _package(received: Received, contents: PackageContents) -> Package:
    return failure_report(contents) if received.root.endswith(NOT_ACCEPTED) else hand_off(contents)


def _differing(name: str, made: Package, received: Received) -> Fault:
    if name not in made.files:
        return Fault("derived", name, "no package of this session has such a file")
    if name not in received.files:
        return Fault("derived", name, "a package of this session has this file, and it is missing")
    return Fault("derived", name, "this is not what follows from the session")


def _container(received: Received, contents: PackageContents) -> list[Fault]:
    """The archive itself: order, dates, permissions, comments, and whatever else stands between the files."""
    if archive(received.root, received.files, contents.when) == received.content:
        return []
    return [Fault("container", "", "the archive was made again or changed: its bytes are not those that were written")]
