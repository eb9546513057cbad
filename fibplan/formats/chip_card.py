"""A chip card with the outlines of a laboratory's own drawing."""

from collections.abc import Mapping, Sequence
from typing import Any

from shapely import MultiPoint, Polygon, get_parts, union_all
from shapely.geometry import polygon as rings

from fibplan.formats.drawing import Drawing, Layer, UnusableDrawing
from fibplan.library.faults import validate
from fibplan.library.source_map import read_yaml
from fibplan.library.written import as_yaml
from fibplan.model.base import PointUm
from fibplan.model.cards import AnyCard
from fibplan.model.echip_card import EchipCard
from fibplan.model.outline import outline_fault
from fibplan.model.path import ELECTRODES

TARGETS = ("window", *ELECTRODES, "passivation", "fiducials")
"""What a layer can be mapped to."""

WINDOW_UM = (5.0, 5000.0)
"""No window of a TEM chip is smaller or larger: outside of it the unit of the file is wrong."""

Data = dict[str, Any]


def chip_card(drawing: Drawing, layers: Mapping[Layer, str], base: Data, name: str) -> str:
    """The new card's text: ``base`` with the outlines of the drawing, moved so that the window's centre is the origin.

    Thicknesses, materials and budgets are those of ``base``, which the drawing cannot say. Raises
    :class:`UnusableDrawing` for outlines that no card can have, with their place in um.
    """
    window = _window(drawing, layers)
    x0, y0, x1, y1 = window.bounds
    middle = (x0 + x1) / 2, (y0 + y1) / 2
    data = {**base, "name": name, **_said(drawing, layers, base)}
    data["window"] = {**base["window"], "width": f"{x1 - x0:.6g} um", "height": f"{y1 - y0:.6g} um"}
    data["electrodes"] = [_electrode(drawing, layer, target, base, middle) for layer, target in _mapped(layers)]
    for key in ("passivation", "fiducials"):
        data.pop(key, None)
    films = [
        outline for layer, target in layers.items() if target == "passivation" for outline in _shapes(drawing, layer)
    ]
    if films:
        data["passivation"] = [{**_film(drawing, base), "outline_um": _corners(film, middle)} for film in films]
    marks = [
        mark for layer, target in layers.items() if target == "fiducials" for mark in _marks(drawing, layer, middle)
    ]
    if marks:
        data["fiducials"] = [{"name": f"mark {place + 1}", **mark} for place, mark in enumerate(marks)]
    text = f"# Made by fibplan chip import from {drawing.file}.\n{as_yaml(data)}"
    card: AnyCard = validate(AnyCard, *read_yaml(text, name))
    assert isinstance(card, EchipCard)
    return text


def _said(drawing: Drawing, layers: Mapping[Layer, str], base: Data) -> Data:
    """Whose drawing it is: the laboratory's, and nobody else's word for it."""
    used = ", ".join(f"{layer}/{datatype} {target}" for (layer, datatype), target in layers.items())
    own = f"the laboratory's own file {drawing.file}, cell {drawing.cell}; not a vendor drawing of ours"
    return {
        "title": f"{base['title']}, outlines of {drawing.file}",
        "source": f"outlines: {drawing.file}, sha256 {drawing.sha256}, layers {used}; the rest: {base['source']}",
        "status": "unverified",
        "drawing": own,
    }


def _mapped(layers: Mapping[Layer, str]) -> list[tuple[Layer, str]]:
    return [(layer, target) for target in ELECTRODES for layer, named in layers.items() if named == target]


def _window(drawing: Drawing, layers: Mapping[Layer, str]) -> Polygon:
    """The window: one rectangle along the axes, of a size that a window can have."""
    layer = next(layer for layer, target in layers.items() if target == "window")
    x0, y0, x1, y1 = MultiPoint([corner for corners in drawing.polygons[layer] for corner in corners]).bounds
    size = f"{x1 - x0:.6g} um x {y1 - y0:.6g} um"
    if not all(WINDOW_UM[0] <= side <= WINDOW_UM[1] for side in (x1 - x0, y1 - y0)):
        message = f"the window is {size}: the unit of the file is not what it was drawn in"
        raise _unusable(
            drawing, message, "set the unit (UNITS of a GDSII file) in your layout editor and save it again"
        )
    window = _only(drawing, layer, "window")
    if abs(window.area - (x1 - x0) * (y1 - y0)) > 1e-6 * window.area:
        message = f"the window, {size} at [{x0:g}, {y0:g}] um, is no rectangle along the axes"
        raise _unusable(drawing, message, "draw it so: the frame of the chip has its axes along the window")
    return window


def _electrode(drawing: Drawing, layer: Layer, target: str, base: Data, middle: PointUm) -> Data:
    """The base card's electrode of that name, or its first one, with the drawing's outline."""
    known = {entry["name"]: entry for entry in base["electrodes"]}
    like = known.get(target, base["electrodes"][0])
    corners = _corners(_only(drawing, layer, target), middle)
    return {**like, "name": target, "outline_um": corners, "status": "unverified"}


def _film(drawing: Drawing, base: Data) -> Data:
    if not base.get("passivation"):
        message = "the card that thicknesses are taken from says nothing of a passivation"
        raise _unusable(drawing, message, "leave its layer out, or start --from a card that has one")
    return {**base["passivation"][0], "status": "unverified"}


def _marks(drawing: Drawing, layer: Layer, middle: PointUm) -> list[Data]:
    """The centre of each polygon, from left to right."""
    centres = sorted((shape.centroid.x - middle[0], shape.centroid.y - middle[1]) for shape in _shapes(drawing, layer))
    return [{"x": f"{x:.6g} um", "y": f"{y:.6g} um"} for x, y in centres]


def _only(drawing: Drawing, layer: Layer, target: str) -> Polygon:
    """The one outline on that layer."""
    shapes = _shapes(drawing, layer)
    if len(shapes) > 1:
        places = " and ".join(f"[{s.bounds[0]:g}, {s.bounds[1]:g}]" for s in shapes[:3])
        message = f"on {layer[0]}/{layer[1]} there are {len(shapes)} pieces apart, at {places} um"
        raise _unusable(drawing, message, f"leave the one that is the {target.replace('_', ' ')}")
    return shapes[0]


def _shapes(drawing: Drawing, layer: Layer) -> list[Polygon]:
    """The layer's polygons, those that touch made one, each simple and without a hole."""
    for corners in drawing.polygons[layer]:
        fault = outline_fault(_counter_clockwise(corners))
        if fault is not None:
            raise _unusable(drawing, f"on {layer[0]}/{layer[1]} {fault[0]}", fault[1])
    merged = get_parts(union_all([Polygon(corners) for corners in drawing.polygons[layer]]))
    shapes = sorted((shape for shape in merged if isinstance(shape, Polygon)), key=lambda shape: shape.bounds)
    for shape in shapes:
        if shape.interiors:
            x, y = shape.interiors[0].coords[0]
            message = f"on {layer[0]}/{layer[1]} an outline has a hole at [{x:g}, {y:g}] um"
            raise _unusable(drawing, message, "draw it open, as one simple outline")
    return shapes


def _counter_clockwise(corners: Sequence[PointUm]) -> tuple[PointUm, ...]:
    """GDSII and OASIS give outlines no direction, so ours is ours to choose."""
    area = sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(corners, [*corners[1:], corners[0]], strict=True))
    return tuple(corners) if area >= 0 else tuple(reversed(corners))


def _corners(shape: Polygon, middle: PointUm) -> list[list[float]]:
    """Relative to the window's centre, counter-clockwise, to a picometre."""
    simple = shape.simplify(1e-6)
    assert isinstance(simple, Polygon)
    ring = rings.orient(simple).exterior
    return [[round(x - middle[0], 6), round(y - middle[1], 6)] for x, y in list(ring.coords)[:-1]]


def _unusable(drawing: Drawing, message: str, remedy: str) -> UnusableDrawing:
    return UnusableDrawing(message, where=drawing.file, remedy=remedy)
