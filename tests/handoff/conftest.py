"""Sessions that ran on a resistor, ready to be packed."""

import pytest
from lamella_case import ResistorSmu
from packed_session import packed
from walked_session import walked

from fibplan.handoff.contents import PackageContents
from fibplan.handoff.package import hand_off


@pytest.fixture
def accepted(tmp_path) -> PackageContents:
    return packed(tmp_path / "accepted", ResistorSmu())


@pytest.fixture
def real(tmp_path) -> PackageContents:
    return packed(tmp_path / "real", ResistorSmu(simulated=False), real=True)


@pytest.fixture
def rejected(tmp_path) -> PackageContents:
    return packed(tmp_path / "rejected", ResistorSmu(bridge_ohm=5e4))


@pytest.fixture(scope="session")
def contents(tmp_path_factory: pytest.TempPathFactory) -> PackageContents:
    """Of a session of the paper's recipe on the simulator, judged in earnest."""
    return walked(tmp_path_factory.mktemp("walked") / "session")


@pytest.fixture(scope="session")
def package(contents: PackageContents) -> bytes:
    """Its hand-off as it would be written."""
    return hand_off(contents).content
