"""A package that was received is checked in memory: whole and following from its curves, or every fault is told."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from lamella_case import ResistorSmu
from packed_session import packed
from walked_session import walked
from zipped import zipped

from fibplan import __version__
from fibplan.handoff.contents import PackageContents
from fibplan.handoff.package import CHECKSUMS, archive, failure_report, hand_off
from fibplan.handoff.received import UnreadablePackage, received
from fibplan.handoff.verify import Checked, check_package
from fibplan.journal.chain import seal, verify
from fibplan.journal.events import VerdictReached
from fibplan.model.verdict import Outcome
from fibplan.session.folder import sha256

TAMPERINGS = 100
Files = dict[str, bytes]


def check(content: bytes) -> Checked:
    return check_package(received(content, "test.eln"))


def files_of(package: bytes) -> Files:
    return dict(received(package, "test.eln").files)


def made(contents: PackageContents, files: Files, *, honest: bool = True) -> bytes:
    """An archive of these files as fibplan would write it; with ``honest`` its checksums are those of the files."""
    if honest:
        rest = {name: content for name, content in files.items() if name != CHECKSUMS}
        lines = "".join(f"{sha256(content)}  {name}\n" for name, content in sorted(rest.items()))
        files = {**rest, CHECKSUMS: lines.encode()}
    return archive("lamella-7", files, contents.when)


def codes(checked: Checked) -> set[str]:
    return {fault.code for fault in checked.faults}


def test_what_was_written_is_whole(package: bytes) -> None:
    """A hand-off as written has no fault, is accepted, and its verdict follows from its curves."""
    checked = check(package)
    assert checked.faults == ()
    assert checked.unchecked == ()
    assert checked.accepted
    assert checked.again is not None
    assert checked.again.outcome is Outcome.ACCEPT
    assert checked.simulated


def test_a_failure_report_is_whole_and_not_accepted(tmp_path: Path) -> None:
    """The report of a lamella with an open bridge has no fault, and is no hand-off."""
    report = failure_report(walked(tmp_path / "s", faults=("open_bridge",)))
    checked = check(report.content)
    assert checked.faults == ()
    assert checked.failure_report
    assert checked.again is not None
    assert checked.again.outcome is not Outcome.ACCEPT
    assert not checked.accepted


# --- random damage


def flipped(package: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(package))
    return package[:place] + bytes([package[place] ^ (1 << chance.randrange(8))]) + package[place + 1 :]


def cut(package: bytes, chance: random.Random) -> bytes:
    return package[: chance.randrange(len(package))]


def longer(package: bytes, chance: random.Random) -> bytes:
    more = chance.randbytes(chance.randrange(1, 50))
    return chance.choice((package + more, more + package))


def with_byte(content: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(content))
    return content[:place] + bytes([(content[place] + chance.randrange(1, 256)) % 256]) + content[place + 1 :]


class Forger:
    """Damages the files of a package, and hides it: the checksums are made again, so that every one of them holds."""

    def __init__(self, contents: PackageContents, package: bytes, chance: random.Random) -> None:
        self.contents, self.chance = contents, chance
        self.files = files_of(package)

    def _papers(self) -> list[str]:
        """Files that a session proves; figures are what no hash but the checksums' holds."""
        kept = ("figures/", CHECKSUMS)
        return sorted(name for name in self.files if not name.startswith(kept[0]) and name != kept[1])

    def _done(self, *, honest: bool = True) -> bytes:
        return made(self.contents, self.files, honest=honest)

    def edited(self) -> bytes:
        """One byte of any paper, its hash made again."""
        name = self.chance.choice(self._papers())
        self.files[name] = with_byte(self.files[name], self.chance)
        return self._done()

    def swapped(self) -> bytes:
        """The contents of two files exchanged, hashes made again."""
        different = [(a, b) for a in self._papers() for b in self._papers() if a < b and self.files[a] != self.files[b]]
        one, other = self.chance.choice(different)
        self.files[one], self.files[other] = self.files[other], self.files[one]
        return self._done()

    def curves_exchanged(self) -> bytes:
        """Two measured curves exchanged with their tables, hashes made again."""
        curves = [name for name in self.files if name.startswith("curves/") and name.endswith("p.json")]
        one, other = self.chance.sample(sorted(curves), 2)
        for ending in ("json", "csv"):
            a, b = one.replace("json", ending), other.replace("json", ending)
            self.files[a], self.files[b] = self.files[b], self.files[a]
        return self._done()

    def better_verdict(self) -> bytes:
        """A resistance of the verdict made smaller, its hash made again."""
        verdict = json.loads(self.files["verdict.json"])
        path = self.chance.choice(verdict["paths"])
        path["resistance"]["low_ohm"] *= self.chance.uniform(0.1, 0.9)
        self.files["verdict.json"] = (json.dumps(verdict, indent=2) + "\n").encode()
        return self._done()

    def journal_reordered(self) -> bytes:
        """Two lines of the journal exchanged, its hash made again."""
        lines = self.files["journal.jsonl"].splitlines(keepends=True)
        one, other = self.chance.sample(range(len(lines)), 2)
        lines[one], lines[other] = lines[other], lines[one]
        self.files["journal.jsonl"] = b"".join(lines)
        return self._done()

    def journal_shortened(self) -> bytes:
        """A line taken out of the journal, its hash made again."""
        lines = self.files["journal.jsonl"].splitlines(keepends=True)
        del lines[self.chance.randrange(len(lines))]
        self.files["journal.jsonl"] = b"".join(lines)
        return self._done()

    def removed(self) -> bytes:
        """A paper left out, and out of the checksums."""
        del self.files[self.chance.choice(self._papers())]
        return self._done()

    def added(self) -> bytes:
        """A file that no session has, with its hash."""
        self.files[f"note-{self.chance.randrange(99)}.txt"] = self.chance.randbytes(20)
        return self._done()

    def figure(self) -> bytes:
        """A figure painted over; the checksums are not those of the new one."""
        name = self.chance.choice(sorted(name for name in self.files if name.startswith("figures/")))
        self.files[name] = with_byte(self.files[name], self.chance)
        return self._done(honest=False)

    def renamed(self) -> bytes:
        """A file in another case."""
        name = self.chance.choice(self._papers())
        self.files[name.swapcase()] = self.files.pop(name)
        return self._done()


FORGERIES = [name for name in vars(Forger) if not name.startswith("_")]
OUTSIDE: list[Callable[[bytes, random.Random], bytes]] = [flipped, flipped, flipped, cut, longer]


@pytest.mark.parametrize("seed", range(TAMPERINGS))
def test_every_tampering_is_found(contents: PackageContents, package: bytes, seed: int) -> None:
    """Each of a hundred random tamperings is refused or has at least one fault, and none is accepted."""
    chance = random.Random(seed)
    if seed % 2:
        damaged = chance.choice(OUTSIDE)(package, chance)
    else:
        damaged = getattr(Forger(contents, package, chance), FORGERIES[seed // 2 % len(FORGERIES)])()
    assert damaged != package
    try:
        checked = check(damaged)
    except UnreadablePackage:
        return
    assert checked.faults
    assert not checked.accepted


def test_every_kind_of_forgery_is_tried() -> None:
    """The hundred seeds reach each of the forger's ways."""
    assert {FORGERIES[seed // 2 % len(FORGERIES)] for seed in range(0, TAMPERINGS, 2)} == set(FORGERIES)


# --- forgeries that hide themselves well


def test_a_verdict_that_does_not_follow_is_found(contents: PackageContents, tmp_path: Path) -> None:
    """A whole journal made anew around a better verdict does not help: the curves are judged again."""
    rejected = walked(tmp_path / "s", faults=("open_bridge",))
    assert rejected.verdict is not None
    assert contents.verdict is not None
    events = [record.event for record in verify(rejected.journal).records]
    claims = [
        VerdictReached(verdict=contents.verdict) if event.kind == "verdict_reached" else event for event in events
    ]
    closed = next(record.event for record in verify(contents.journal).records if record.event.kind == "session_closed")
    claims = [closed if event.kind == "session_closed" else event for event in claims]
    lines, previous = [], None
    for event in claims:
        previous = seal(previous, event, utc=contents.when, monotonic_s=0.0, operator="forger")
        lines.append(previous.line)
    forged = replace(rejected, verdict=contents.verdict, journal=b"".join(lines), when=contents.when)
    checked = check(hand_off(forged).content)
    assert codes(checked) == {"verdict"}
    assert "the curves give" in checked.faults[0].message
    assert not checked.accepted


def test_another_version_s_pages_are_not_made_again(contents: PackageContents) -> None:
    """A package of another fibplan is checked but for its pages, and says so."""
    events = [record.event for record in verify(contents.journal).records]
    events[0] = events[0].model_copy(update={"version": f"{__version__}.post1"})
    lines, previous = [], None
    for event in events:
        previous = seal(previous, event, utc=contents.when, monotonic_s=0.0, operator="script")
        lines.append(previous.line)
    older = replace(contents, journal=b"".join(lines), version=f"{__version__}.post1", when=contents.when)
    checked = check(hand_off(older).content)
    assert checked.faults == ()
    assert len(checked.unchecked) == 1
    assert f"written by fibplan {__version__}.post1" in checked.unchecked[0]


def test_a_verdict_of_somebody_else_s_judge_is_found(tmp_path: Path) -> None:
    """Papers that are no recipe and no cards give no plan, and that is a fault, not a crash."""
    checked = check(hand_off(packed(tmp_path / "s", ResistorSmu())).content)
    assert "paper" in codes(checked)
    assert checked.again is None
    assert not checked.accepted


def test_all_faults_are_told_at_once(contents: PackageContents, package: bytes) -> None:
    """Each changed file is named, not the first one alone."""
    files = files_of(package)
    for name in ("README.md", "tem-sheet.json"):
        files[name] += b" "
    checked = check(made(contents, files, honest=False))
    changed = {fault.where for fault in checked.faults if fault.code == "checksum"}
    assert changed == {"README.md", "tem-sheet.json"}


def test_a_zip_made_again_is_told(package: bytes) -> None:
    """The same files in an archive of another program are told as such: nobody can know what else was changed."""
    files = files_of(package)
    again = zipped(*((f"lamella-7/{name}", content) for name, content in files.items()))
    assert codes(check(again)) == {"container"}
