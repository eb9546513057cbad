"""A Navigator file of ours, read by pyserialem."""

from pathlib import Path

import pytest

from fibplan.formats.nav import nav_bytes
from fibplan.layout.registration import Mark, register
from fibplan.model.plan import Plan

pyserialem = pytest.importorskip("pyserialem")


@pytest.mark.parametrize("count", [0, 2, 4])
def test_every_item_is_read_back(count: int, paper_plan: Plan, tmp_path: Path) -> None:
    """Places, registration points, the target, the registration and the notes arrive as they were written."""
    fiducials = paper_plan.layout.fiducials
    marks = [Mark(mark.name, mark.place_um, (mark.place_um[0] + 900.0, mark.place_um[1])) for mark in fiducials[:count]]
    registration = register(marks, 1.0) if marks else None
    path = tmp_path / "handoff.nav"
    path.write_bytes(nav_bytes(paper_plan, registration))
    *found, lamella = pyserialem.read_nav_file(str(path))
    shift = 900.0 if count else 0.0
    assert [item.tag for item in found] == [f"F{number}" for number in range(1, len(fiducials) + 1)]
    for item, mark in zip(found, fiducials, strict=True):
        assert (item.stage_x, item.stage_y) == pytest.approx((mark.place_um[0] + shift, mark.place_um[1]), abs=1e-3)
        assert mark.name in item.Note
    assert [getattr(item, "RegPt", 0) for item in found] == [1, 2, 3, 4] if count != 2 else [1, 2, 0, 0]
    assert (lamella.stage_x, lamella.stage_y) == pytest.approx((8.5 + shift, -1.705), abs=1e-3)
    assert (lamella.Acquire, lamella.Regis, lamella.kind) == (1, 1 if count else 2, "Marker")
