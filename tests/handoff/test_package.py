"""The package: only an accepted lamella has one, the same session gives the same, and it proves what it holds."""

import csv
import hashlib
import json
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest
from lamella_case import SOURCES, ResistorSmu, plan_of, recipe_with
from packed_session import packed

from fibplan.clock import SystemClock
from fibplan.errors import Misuse, NotAccepted, StorageError
from fibplan.handoff.contents import PackageContents, gather, shortcomings
from fibplan.handoff.package import write_failure_report, write_hand_off
from fibplan.journal.chain import verify
from fibplan.journal.events import PackageForm, PackageWritten
from fibplan.journal.file import Journal
from fibplan.model.curve import Curve, CurveSet
from fibplan.model.verdict import Grade, Outcome, Verdict
from fibplan.session.folder import FrozenText, SessionFolder


def members(path) -> dict[str, bytes]:
    """Every file of a package, by name below its root."""
    with zipfile.ZipFile(path) as package:
        names = package.namelist()
        roots = {name.split("/", 1)[0] for name in names}
        assert len(roots) == 1
        return {name.split("/", 1)[1]: package.read(name) for name in names}


def test_an_accepted_lamella_has_a_hand_off(accepted, tmp_path):
    """An accepted session gives NAME.eln with one root folder NAME that holds all that the TEM operator needs."""
    path = write_hand_off(accepted, tmp_path / "out")
    assert path == tmp_path / "out" / "lamella-7.eln"
    assert [file.name for file in path.parent.iterdir()] == ["lamella-7.eln"]
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        assert all(name.startswith("lamella-7/") for name in package.namelist())
    stems = [
        "001-tips-floor", "002-bridge-contact_start_before", "003-bridge-gentle", "004-bridge-sweep",
        "005-bridge-reversed", "006-bridge-repeat", "007-bridge-contact_end_after",
        "008-protective-contact_start_before", "009-protective-gentle", "010-protective-sweep",
        "011-protective-reversed", "012-protective-repeat", "013-protective-contact_end_between",
        "014-protective-leapfrog", "015-protective-contact_start_after",
    ]  # fmt: skip
    assert sorted(members(path)) == sorted([
        "README.md", "cards/fib/some-fib.yaml", "cards/materials.yaml", "checksums.sha256", "curves/fields.json",
        "electrochemistry-sheet.html", "electrochemistry-sheet.json", "provenance.json", "report.html",
        "tem-sheet.html", "tem-sheet.json",
        *(f"curves/{stem}.{kind}" for stem in stems for kind in ("csv", "json")),
        "figures/SIMULATED-chip.svg", "figures/SIMULATED-curve.png", "journal.jsonl", "plan.json", "recipe.yaml",
        "ro-crate-metadata.json", "verdict.json",
    ])  # fmt: skip


def test_the_same_session_gives_the_same_bytes(accepted, tmp_path):
    """Written twice, at different times and in different places, a package is the same to the byte."""
    first = write_hand_off(accepted, tmp_path / "a")
    shuffled = replace(accepted, figures=dict(reversed(accepted.figures.items())))
    second = write_hand_off(shuffled, tmp_path / "b")
    assert first.read_bytes() == second.read_bytes()
    assert write_hand_off(accepted, tmp_path / "a").read_bytes() == second.read_bytes()


def test_a_package_does_not_change_by_being_written(accepted, tmp_path):
    """The record of a package in the journal leaves a later package of the session as it was."""
    folder = SessionFolder(tmp_path / "accepted")
    path = write_hand_off(accepted, tmp_path / "a")
    with Journal(folder.journal, SystemClock()) as journal:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        journal.append(PackageWritten(file=path.name, sha256=digest, form=PackageForm.HAND_OFF))
    again = gather(folder, accepted.plan, accepted.figures, "lamella-7")
    assert write_hand_off(again, tmp_path / "b").read_bytes() == path.read_bytes()


def test_every_file_has_its_checksum(accepted, tmp_path):
    """checksums.sha256 holds the hash of every other file, as sha256sum writes it."""
    files = members(write_hand_off(accepted, tmp_path / "out"))
    lines = files.pop("checksums.sha256").decode("utf-8").splitlines()
    assert [line.split("  ", 1)[1] for line in lines] == sorted(files)
    assert lines == [f"{hashlib.sha256(files[name]).hexdigest()}  {name}" for name in sorted(files)]


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="the system has no sha256sum")
def test_sha256sum_agrees(accepted, tmp_path):
    """The README's first check, run as it is written, succeeds on the extracted package."""
    with zipfile.ZipFile(write_hand_off(accepted, tmp_path)) as package:
        package.extractall(tmp_path / "x")
    command = ["sha256sum", "-c", "--strict", "checksums.sha256"]
    assert subprocess.run(command, cwd=tmp_path / "x/lamella-7", check=False, capture_output=True).returncode == 0


def test_the_journal_and_the_curves_prove_each_other(accepted, tmp_path):
    """Inside a package the chain is whole and each curve has the hash that the journal recorded for it."""
    files = members(write_hand_off(accepted, tmp_path))
    found = verify(files["journal.jsonl"])
    assert found.broken is None
    measured = [record.event for record in found.records if record.event.kind == "curve_measured"]
    assert len(measured) == 15
    assert all(hashlib.sha256(files[entry.file]).hexdigest() == entry.sha256 for entry in measured)


def test_tables_hold_the_curves_in_full(accepted, tmp_path):
    """A curve's table gives back every number and flag of the curve beside it, under headings with units."""
    files = members(write_hand_off(accepted, tmp_path))
    for name in [name for name in files if name.endswith(".csv")]:
        curve = Curve.model_validate_json(files[name.replace(".csv", ".json")])
        lines = files[name].decode("utf-8").splitlines()
        assert lines[0].startswith("# SIMULATED")
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
        assert [float(row["current [A]"]) for row in rows] == [point.current_a for point in curve.points]
        assert [float(row["voltage [V]"]) for row in rows] == [point.voltage_v for point in curve.points]
        assert [row["in compliance"] == "1" for row in rows] == [point.in_compliance for point in curve.points]


def test_the_notebook_metadata_describes_every_file(accepted, tmp_path):
    """The RO-Crate names every file with size and hash, all of them parts of one root dataset."""
    files = members(write_hand_off(accepted, tmp_path))
    crate = json.loads(files["ro-crate-metadata.json"])
    nodes = {node["@id"]: node for node in crate["@graph"]}
    assert len(nodes) == len(crate["@graph"])
    assert nodes["ro-crate-metadata.json"]["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    parts = {part["@id"] for part in nodes["./"]["hasPart"]}
    assert parts == {f"./{name}" for name in files if name != "ro-crate-metadata.json"}
    for name, content in files.items():
        node = nodes.get(f"./{name}")
        if node is not None and name != "checksums.sha256":
            assert (node["@type"], node["contentSize"]) == ("File", str(len(content)))
            assert node["sha256"] == hashlib.sha256(content).hexdigest()
            assert node["encodingFormat"] != "application/octet-stream"
    assert nodes["#resistance-1"]["value"] == pytest.approx(150)


def test_a_rejected_lamella_has_no_hand_off(rejected, tmp_path):
    """For a verdict that does not accept, the hand-off is refused with every reason and nothing is written."""
    with pytest.raises(NotAccepted, match=r"the verdict is reject; path bridge: fail.*failure report"):
        write_hand_off(rejected, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.ACCEPT])
def test_only_one_outcome_hands_off(accepted, tmp_path, outcome):
    """Of all outcomes only accept has a hand-off, even when every path passed."""
    other = replace(accepted, verdict=accepted.verdict.model_copy(update={"outcome": outcome}))
    with pytest.raises(NotAccepted, match=f"the verdict is {outcome}"):
        write_hand_off(other, tmp_path)


def with_paths(contents, *paths) -> PackageContents:
    return replace(contents, verdict=contents.verdict.model_copy(update={"paths": paths}))


def test_the_word_accept_alone_hands_off_nothing(accepted, tmp_path):
    """A verdict that says accept while a path failed, is missing or is judged twice is no accepted verdict."""
    bridge, protective = accepted.verdict.paths
    failed = bridge.model_copy(update={"grade": Grade.MARGINAL})
    for paths in ((failed, protective), (protective,), (bridge, failed, protective), ()):
        with pytest.raises(NotAccepted, match="path bridge"):
            write_hand_off(with_paths(accepted, *paths), tmp_path)


def test_papers_that_disagree_hand_off_nothing(accepted, tmp_path):
    """Contents whose recipe, cards, plan, curves, verdict or journal are not the session's are refused by name."""
    sources, curves = accepted.sources, accepted.curves.curves
    relabelled = [curve.model_copy(update={"partial": True}) for curve in curves]
    other_verdict = accepted.verdict.model_copy(update={"simulated": False})
    changed = {
        "recipe": replace(accepted, sources=replace(sources, recipe=FrozenText("small.yaml", "other"))),
        "cards": replace(accepted, sources=replace(sources, cards=())),
        "plan": replace(accepted, plan=accepted.plan.model_copy(update={"limits": ()})),
        "curves": replace(accepted, curves=CurveSet(curves=tuple(relabelled))),
        "no curve was measured": replace(accepted, curves=CurveSet()),
        "another verdict": replace(accepted, verdict=other_verdict),
        "altered record": replace(accepted, journal=accepted.journal.replace(b"120.0", b"121.0")),
        "never closed": replace(accepted, journal=accepted.journal[: accepted.journal[:-1].rindex(b"\n") + 1]),
        "torn record": replace(accepted, journal=accepted.journal[:-9]),
        "opens no session": replace(accepted, journal=b""),
        "no verdict": replace(accepted, verdict=None),
    }
    for reason, contents in changed.items():
        with pytest.raises(NotAccepted, match=reason):
            write_hand_off(contents, tmp_path)
        assert members(write_failure_report(contents, tmp_path / reason.replace(" ", "-")))


def test_a_recipe_that_verifies_nothing_hands_off_nothing(tmp_path, accepted):
    """Without a verification path nothing shows that the lamella works, whatever the verdict says."""
    plan = plan_of(recipe_with(verification={}))
    verdict = Verdict(outcome=Outcome.ACCEPT, paths=(), simulated=False)
    assert "the recipe verifies no path" in shortcomings(replace(accepted, plan=plan, verdict=verdict))


def test_a_failure_report_cannot_be_taken_for_a_hand_off(rejected, accepted, tmp_path):
    """A failure report has another file name, ending and root folder, and no metadata that a notebook would import."""
    path = write_failure_report(rejected, tmp_path)
    assert path.name == "lamella-7-NOT-ACCEPTED-failure-report.zip"
    with zipfile.ZipFile(path) as package:
        assert all(name.startswith("lamella-7-NOT-ACCEPTED-failure-report/") for name in package.namelist())
    files = members(path)
    assert "ro-crate-metadata.json" not in files
    assert files["README.md"].startswith(b"# NOT ACCEPTED - do not load into the TEM")
    assert not write_hand_off(accepted, tmp_path).name.startswith(path.stem)


def test_a_failure_report_is_the_same_every_time(rejected, tmp_path):
    """A failure report, too, is reproducible, and holds the hashes of its files."""
    first, second = (write_failure_report(rejected, tmp_path / name) for name in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()
    files = members(first)
    assert files["checksums.sha256"].count(b"\n") == len(files) - 1


def test_an_accepted_lamella_has_no_failure_report(accepted, tmp_path):
    """A lamella that was accepted cannot be reported as failed."""
    with pytest.raises(Misuse, match="has no failure report"):
        write_failure_report(accepted, tmp_path)


@pytest.mark.parametrize("name", ["", "a/b", "../a", "A-NOT-ACCEPTED-failure-report", "a.eln", "-a", "a b", "a\n"])
def test_names_that_mislead_are_refused(accepted, name):
    """A package's name has no folder, ending or capital letter, so that it cannot claim to be the other kind."""
    with pytest.raises(Misuse, match="cannot name a package"):
        replace(accepted, name=name)


def test_figures_stay_in_the_package(accepted):
    """A figure whose name leads out of the package is refused."""
    with pytest.raises(Misuse, match="no name for a file"):
        replace(accepted, figures={"../chip.svg": b""})


def test_another_package_is_not_overwritten(accepted, tmp_path):
    """A file of the same name with other bytes is refused and left as it was."""
    path = write_hand_off(accepted, tmp_path)
    before = path.read_bytes()
    with pytest.raises(Misuse, match="another package has this name"):
        write_hand_off(replace(accepted, when=accepted.when + timedelta(days=1)), tmp_path)
    assert path.read_bytes() == before


def test_a_damaged_session_is_not_gathered(accepted, tmp_path):
    """A session whose journal was changed is refused, naming the line."""
    folder = SessionFolder(tmp_path / "accepted")
    folder.journal.write_bytes(folder.journal.read_bytes().replace(b"120.0", b"121.0"))
    with pytest.raises(StorageError, match=r"journal\.jsonl:3: byte \d+: altered record"):
        gather(folder, accepted.plan, {}, "lamella-7")


def test_nothing_simulated_is_not_marked(real, tmp_path):
    """A package of a real session says nowhere that it is simulated, in no file and no file name."""
    files = members(write_hand_off(real, tmp_path))
    assert not any("SIMULATED" in name for name in files)
    assert not any(b"SIMULATED" in content for content in files.values())


def test_one_simulated_part_marks_everything(real, tmp_path):
    """If only one curve came from a simulator, every page meant for people says so."""
    first, *rest = real.curves.curves
    instrument = first.instrument.model_copy(update={"simulated": True})
    curves = CurveSet(curves=(first.model_copy(update={"instrument": instrument}), *rest))
    files = members(write_failure_report(replace(real, curves=curves), tmp_path))
    assert b"SIMULATED" in files["README.md"].splitlines()[0]
    assert all(files[name].startswith(b"# SIMULATED") for name in files if name.endswith(".csv"))
    assert all("SIMULATED" in name for name in files if name.startswith("figures/"))


def test_an_interrupted_session_can_be_reported(tmp_path):
    """A session that was stopped before any verdict has a failure report that says where it stopped."""
    with pytest.raises(RuntimeError):
        packed(tmp_path / "s", Breaking())
    contents = gather(SessionFolder(tmp_path / "s"), plan_of(recipe_with()), {}, "lamella-7")
    page = members(write_failure_report(contents, tmp_path))["README.md"].decode("utf-8")
    assert "- the session came to no verdict" in page
    assert "- the session was never closed: RuntimeError: bug" in page
    assert contents.sources == SOURCES


class Breaking(ResistorSmu):
    """A resistor whose driver has a bug."""

    def sweep(self, request):
        raise RuntimeError("bug")
