"""The plan view as GDSII: chip, lamella, bridge, support, pads, notches and cuts, each on a layer of its own.

Written by gdstk (the extra ``layout``) after the GDSII Stream Format Manual, release 6.0 (Calma, 1987): one cell,
micrometres, corners on a grid of 1 nm, a fixed date. It is a drawing of ours from the chip's card, and says so.
"""

import importlib.util
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from fibplan.errors import Misuse
from fibplan.formats.exports.export import Files, NothingToExport, Origin
from fibplan.model.base import PointUm
from fibplan.model.layout import ChipLayout, Part, Region
from fibplan.model.path import ELECTRODES
from fibplan.model.plan import Plan
from fibplan.model.recipe import Role

CELL = "FIBPLAN"
DATE = datetime(2000, 1, 1)  # noqa: DTZ001 - GDSII knows no time zone
"""The date of every file: the same plan gives the same bytes."""

Layer = tuple[int, int]

LAYERS: dict[str, Layer] = {
    **{name: (number, 0) for number, name in enumerate(ELECTRODES, start=1)},
    "die": (9, 0),
    Part.WINDOW: (10, 0),
    **{role: (20, number) for number, role in enumerate(Role)},
    Part.NOTCH: (21, 0),
    Part.BRIDGE: (30, 0),
    Part.SUPPORT: (31, 0),
    Part.PAD: (32, 0),
    Part.PASSIVATION: (40, 0),
    Part.CUT: (50, 0),
    Part.HALO: (60, 0),
    "fiducials": (61, 0),
    "text": (63, 0),
}
"""Layer and datatype of everything that can be drawn; ``fibplan chip import`` reads the chip's back with ``--map``."""

MARK_UM = 1.0
"""The side of the square that stands for a fiducial."""

SAID = {"die": "edge of the chip", "fiducials": f"squares of {MARK_UM:g} um on the marks"}

OURS = "drawn by fibplan from the chip's card; not a vendor drawing"


def write(plan: Plan, origin: Origin) -> Files:
    """``plan-view.gds`` and ``plan-view-layers.csv``."""
    if plan.layout is None:
        message = "it says nothing of a chip, or of the lamella's place on it"
        raise NothingToExport(message, where=origin.recipe, remedy="write instruments.echip and lamella.placement")
    if importlib.util.find_spec("gdstk") is None:
        remedy = "pip install 'fibplan[layout]'"
        raise Misuse("GDSII is written with gdstk, which is not installed", where="--to gds", remedy=remedy)
    table = "".join(f"{line}\n" for line in _table(plan.layout, origin))
    content = {"plan-view.gds": _stream(plan.layout, origin), "plan-view-layers.csv": table.encode("utf-8")}
    return Files(content, (f"{OURS} ({plan.layout.drawing})", "corners are rounded to 1 nm"))


def layer_of(region: Region) -> Layer:
    """An electrode and a layer of the lamella by its name, everything else by what it is."""
    return LAYERS[region.name] if region.part in (Part.ELECTRODE, Part.LAYER) else LAYERS[region.part]


def _outlines(layout: ChipLayout) -> Iterator[tuple[Layer, Sequence[PointUm]]]:
    """Every polygon with its layer, from bottom to top."""
    if layout.die_um is not None:
        yield LAYERS["die"], layout.die_um
    for region in layout.regions:
        yield layer_of(region), region.outline_um
    half = MARK_UM / 2
    for mark in layout.fiducials:
        x, y = mark.place_um
        yield (
            LAYERS["fiducials"],
            [(x + dx, y + dy) for dx, dy in ((-half, -half), (half, -half), (half, half), (-half, half))],
        )


def _stream(layout: ChipLayout, origin: Origin) -> bytes:
    import gdstk  # pyright: ignore[reportMissingImports]

    library: Any = gdstk.Library("FIBPLAN", unit=1e-6, precision=1e-9)
    cell: Any = library.new_cell(CELL)
    for (layer, datatype), outline in _outlines(layout):
        cell.add(gdstk.Polygon(outline, layer=layer, datatype=datatype))
    layer, texttype = LAYERS["text"]
    for number, line in enumerate((origin.line, OURS)):
        place = 0.0, -100.0 - 10.0 * number
        cell.add(gdstk.Label(_ascii(line), place, layer=layer, texttype=texttype))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan-view.gds"
        library.write_gds(path, timestamp=DATE)
        return path.read_bytes()


def _ascii(text: str) -> str:
    """What GDSII allows in a string: ASCII, 512 characters at the most."""
    return text.encode("ascii", "replace").decode("ascii")[:512]


def _table(layout: ChipLayout, origin: Origin) -> Iterator[str]:
    """What is on each layer, and how thick it is."""
    yield f"# {origin.line}"
    yield f"# {OURS} ({layout.drawing})"
    yield "layer,datatype,part,name,label,thickness or depth [m]"
    for region in layout.regions:
        layer, datatype = layer_of(region)
        yield f'{layer},{datatype},{region.part},{region.name},"{_cell(region.label)}",{region.thickness_m:g}'
    for name, there in (("die", layout.die_um), ("fiducials", layout.fiducials)):
        layer, datatype = LAYERS[name]
        if there:
            yield f'{layer},{datatype},{name},{name},"{SAID[name]}",'


def _cell(text: str) -> str:
    return " ".join(text.split()).replace('"', '""')
