"""Sessions that ran on a resistor, ready to be packed."""

import pytest
from lamella_case import ResistorSmu
from packed_session import packed

from fibplan.handoff.contents import PackageContents


@pytest.fixture
def accepted(tmp_path) -> PackageContents:
    return packed(tmp_path / "accepted", ResistorSmu())


@pytest.fixture
def real(tmp_path) -> PackageContents:
    return packed(tmp_path / "real", ResistorSmu(simulated=False), real=True)


@pytest.fixture
def rejected(tmp_path) -> PackageContents:
    return packed(tmp_path / "rejected", ResistorSmu(bridge_ohm=5e4))
