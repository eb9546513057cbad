"""Maps of a path's field: values of the field itself, drawn where the films lie."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure
from matplotlib.text import Text

from fibplan.circuit.maps import PathField, path_field
from fibplan.figures.canvas import pictures
from fibplan.figures.maps import maps_figure
from fibplan.model.plan import Plan


def field_of(plan: Plan, path: str) -> PathField:
    field = path_field(plan, path)
    assert field is not None
    return field


def panel(figure: Figure, name: str) -> Axes:
    return next(axes for axes in figure.axes if axes.get_gid() == name)


@pytest.mark.parametrize("path", ["bridge", "protective"])
def test_a_map_shows_the_potential_of_each_film(paper_plan: Plan, path: str) -> None:
    """Every film once, its values those of the field, between 0 and 1 V, and both ends are reached."""
    field = field_of(paper_plan, path)
    figure = maps_figure("title", path, field)
    meshes = [part for part in panel(figure, "potential").collections if isinstance(part, QuadMesh)]
    assert len(meshes) == len(field.films)
    for mesh, (film, _) in zip(meshes, field.films, strict=True):
        drawn = mesh.get_array()
        assert drawn is not None
        assert np.ma.getdata(drawn) == pytest.approx(film.volts, nan_ok=True)
    volts = np.concatenate([film.volts[~np.isnan(film.volts)] for film, _ in field.films])
    assert volts.min() == pytest.approx(0.0, abs=1e-9)
    assert volts.max() == pytest.approx(1.0)


def test_the_whole_voltage_of_a_leak_lies_across_the_active_layer(paper_plan: Plan) -> None:
    """On the protective path the collector stays at 1 V and the cap at 0 V within a thousandth."""
    films = {film.film: film.volts[~np.isnan(film.volts)] for film, _ in field_of(paper_plan, "protective").films}
    assert films["current_collector"].min() > 0.999
    assert films["protective_layer"].max() < 0.001


@pytest.mark.parametrize("name", ["lmno-poseidon-select", "lco-lipon-biasing-chip", "rotated", "routed", "padded"])
def test_no_two_names_overlap(plans: dict[str, Plan], name: str) -> None:
    """Neither in the panels nor beside them."""
    figure = maps_figure("title", "bridge", field_of(plans[name], "bridge"))
    figure.draw_without_rendering()
    for view in ("potential", "density"):
        axes = panel(figure, view)
        boxes = [Text.get_window_extent(text) for text in axes.texts if text.get_text()]  # without leader lines
        for index, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[index + 1 :])


def test_the_same_field_gives_the_same_bytes(paper_plan: Plan) -> None:
    """As PNG and as SVG."""
    first, second = (pictures({"it": maps_figure("title", "bridge", field_of(paper_plan, "bridge"))}) for _ in range(2))
    assert first == second


def test_what_is_open_or_not_laid_out_has_no_map(plans: dict[str, Plan]) -> None:
    """An electrolyte that insulates, and a lamella without a bridge."""
    assert path_field(plans["lco-lipon-biasing-chip"], "protective") is None
    assert path_field(plans["bare"], "bridge") is None
