"""Exports read by other people's readers: klayout for the drawing, fibsem for the AutoLamella protocol."""

import os
from pathlib import Path
from typing import Any

import pytest
from exported import CELL, GRID, ORIGIN, PAPER, exported, plan_of
from shapely import Polygon, union_all

from fibplan.formats.exports.gds import LAYERS, layer_of
from fibplan.formats.exports.step_patterns import step_patterns
from fibplan.model.layout import Part


@pytest.mark.parametrize("recipe", [PAPER, CELL])
def test_klayout_reads_every_polygon_and_the_label(recipe: str, tmp_path: Path) -> None:
    """Merged area and extent of each layer are those of the layout, and the text says which recipe it is of."""
    db: Any = pytest.importorskip("klayout.db")
    pytest.importorskip("gdstk")
    path = tmp_path / "plan-view.gds"
    path.write_bytes(exported("gds", recipe).content["plan-view.gds"])
    layout = db.Layout()
    layout.read(str(path))
    top = layout.top_cell()
    regions = plan_of(recipe).layout
    assert regions is not None
    for layer, datatype in {layer_of(region) for region in regions.regions}:
        shapes = [Polygon(r.outline_um) for r in regions.regions if layer_of(r) == (layer, datatype)]
        ours = union_all(shapes)
        theirs = db.Region(top.begin_shapes_rec(layout.layer(layer, datatype))).merged()
        rounding = 1e-3 * sum(shape.length for shape in shapes)
        assert theirs.area() * layout.dbu**2 == pytest.approx(ours.area, abs=rounding)
        box = theirs.bbox().to_dtype(layout.dbu)
        assert (box.left, box.bottom, box.right, box.top) == pytest.approx(ours.bounds, abs=1e-3)
    labels = [shape.text_string for shape in top.shapes(layout.layer(*LAYERS["text"])).each()]
    assert ORIGIN.line in labels
    assert regions.of(Part.WINDOW)


@pytest.fixture(scope="module")
def protocol_class(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """fibsem's own class, with no home folder of a person's to write its preferences to."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    structures = pytest.importorskip("fibsem.applications.autolamella.structures")
    return structures.AutoLamellaTaskProtocol


@pytest.mark.parametrize("recipe", [PAPER, CELL, GRID])
def test_fibsem_loads_the_protocol_and_draws_the_same_patterns(
    recipe: str, protocol_class: Any, tmp_path: Path
) -> None:
    """Every task is known to it; beam and application are ours, and its shapes lie and are scanned where ours are."""
    path = tmp_path / "protocol.yaml"
    path.write_bytes(exported("autolamella", recipe).content["autolamella-protocol.yaml"])
    tasks = protocol_class.load(str(path)).task_config
    steps = {step.name: step for step in step_patterns(plan_of(recipe)) if step.name in tasks}
    assert list(tasks) == list(steps)
    assert len(steps) >= 6
    for name, task in tasks.items():
        (milling,) = task.milling.values()
        (stage,) = milling.stages
        operation = steps[name].operation
        assert stage.milling.milling_current == operation.beam_current_a
        assert stage.milling.milling_voltage == operation.accelerating_voltage_v
        theirs = sorted(stage.pattern.define(), key=lambda shape: shape.centre_y)
        ours = sorted(steps[name].patterns, key=lambda pattern: pattern.y_m)
        assert len(theirs) == len(ours)
        for shape, pattern in zip(theirs, ours, strict=True):
            drawn = (shape.centre_x, shape.centre_y, shape.width, shape.height, shape.depth)
            size = (pattern.x_m, pattern.y_m, pattern.width_m, pattern.length_m, pattern.depth_m)
            assert drawn == pytest.approx(size, abs=2e-12)
            assert shape.scan_direction == pattern.direction
            assert f"Pattern{shape.cross_section.name}" == pattern.shape.value


def test_a_protocol_that_fibsem_saved_begins_a_recipe(protocol_class: Any, tmp_path: Path) -> None:
    """What its own writer makes of ours holds the same patterns for our reader."""
    from fibplan.formats.recipes.reading import read_patterns

    ours, theirs = tmp_path / "ours.yaml", tmp_path / "theirs.yaml"
    ours.write_bytes(exported("autolamella", PAPER).content["autolamella-protocol.yaml"])
    protocol_class.load(str(ours)).save(str(theirs))
    assert read_patterns(theirs).groups == read_patterns(ours).groups
