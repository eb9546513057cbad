"""Packages in readers that are not ours: ro-crate-py, pynxtools, and the rules of the ELN consortium."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from walked_session import walked

from fibplan.formats.nexus import NexusContext, nexus_bytes
from fibplan.handoff.contents import PackageContents
from fibplan.handoff.package import write_hand_off

CURVES = 3


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> PackageContents:
    return walked(tmp_path_factory.mktemp("walked") / "session")


@pytest.fixture(scope="module")
def eln(contents: PackageContents, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_hand_off(contents, tmp_path_factory.mktemp("out"))


@pytest.fixture
def unpacked(eln: Path, tmp_path: Path) -> Path:
    """The root folder of the package, as any ZIP program unpacks it."""
    with zipfile.ZipFile(eln) as package:
        package.extractall(tmp_path)
    (root,) = tmp_path.iterdir()
    return root


def test_ro_crate_py_reads_the_package(unpacked: Path, contents: PackageContents) -> None:
    """Every file of the package is an entity of the crate with its media type and size, and the dataset has a name."""
    crate = pytest.importorskip("rocrate.rocrate").ROCrate(str(unpacked))
    assert crate.name.endswith(contents.name)
    assert crate.datePublished is not None
    entities = {entity.id: entity for entity in crate.data_entities}
    there = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    assert {name.removeprefix("./") for name in entities} == there - {"ro-crate-metadata.json"}
    assert all(entity.properties().get("encodingFormat") for entity in entities.values())
    measured = [entity for entity in crate.contextual_entities if entity.type == "PropertyValue"]
    assert len(measured) == len(contents.verdict.paths if contents.verdict else ())


def test_ro_crate_py_writes_it_again(unpacked: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What ro-crate-py has read it can write, and no file is lost on the way."""
    crate = pytest.importorskip("rocrate.rocrate").ROCrate(str(unpacked))
    again = tmp_path_factory.mktemp("again")
    crate.write(str(again))
    there = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    assert there <= {path.relative_to(again).as_posix() for path in again.rglob("*") if path.is_file()}


def test_the_eln_consortium_s_rules_hold(eln: Path) -> None:
    """One root folder named as the archive, metadata in it, its descriptor about './', and every part described."""
    with zipfile.ZipFile(eln) as package:
        names = package.namelist()
        graph = json.loads(package.read(f"{eln.stem}/ro-crate-metadata.json"))["@graph"]
    assert {name.split("/", 1)[0] for name in names} == {eln.stem}
    nodes = {node["@id"]: node for node in graph}
    descriptor = nodes["ro-crate-metadata.json"]
    assert descriptor["@type"] == "CreativeWork"
    assert descriptor["about"] == {"@id": "./"}
    assert {"dateCreated", "sdPublisher", "version", "conformsTo"} <= set(descriptor)
    assert nodes["./"]["@type"] == "Dataset"
    for part in nodes["./"]["hasPart"]:
        node = nodes[part["@id"]]
        assert {"@type", "name", "encodingFormat"} <= set(node)
        assert all(isinstance(node.get(key, ""), str) for key in ("contentSize", "sha256"))
    assert all(isinstance(node["@id"], str) and "@type" in node for node in graph)


def test_h5py_reads_what_was_measured(contents: PackageContents, tmp_path: Path) -> None:
    """Voltage and current of each entry are those of the curve, and the same curves give the same bytes."""
    h5py = pytest.importorskip("h5py")
    context = NexusContext("lamella-7", "title", "script", "0")
    content = nexus_bytes(contents.curves, context)
    assert content == nexus_bytes(contents.curves, context)
    path = tmp_path / "curves.nxs"
    path.write_bytes(content)
    with h5py.File(path) as file:
        assert len(file) == len(contents.curves.curves)
        for entry, curve in zip(file.values(), contents.curves.curves, strict=True):
            assert list(entry["data/current"][0]) == [point.current_a for point in curve.points]
            assert list(entry["data/voltage"]) == [point.voltage_v for point in curve.points]
            assert entry["instrument/settings/simulated"][()] == 1


def test_pynxtools_finds_the_nexus_file_valid(contents: PackageContents, tmp_path: Path) -> None:
    """The validator of the FAIRmat definitions calls every entry valid after NXiv_temp."""
    pytest.importorskip("h5py")
    pytest.importorskip("pynxtools")
    few = contents.curves.model_copy(update={"curves": contents.curves.curves[:CURVES]})
    path = tmp_path / "curves.nxs"
    path.write_bytes(nexus_bytes(few, NexusContext("lamella-7", "title", "script", "0")))
    program = Path(sys.executable).with_name("validate_nexus")
    ran = subprocess.run([program, path], capture_output=True, text=True, check=False, cwd=tmp_path)
    said = ran.stdout + ran.stderr
    assert said.count("is valid according to the `NXiv_temp` application definition") == CURVES
    assert "NOT valid" not in said
