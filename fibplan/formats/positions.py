"""Places of the chip in and out of tables: fiducials as measured on a stage, and what follows for the lamella.

Both are comma-separated tables after RFC 4180, with a header line. Read are ``name``, ``x`` and ``y``, each number
with its unit, or without one where the header has it, as in ``x (um)``; written are micrometres.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from shapely import union_all

from fibplan.errors import FibplanError, Misuse
from fibplan.layout.clearance import polygon
from fibplan.layout.registration import Mark, Registration
from fibplan.library.fault_words import nearest
from fibplan.model.base import FARTHEST, PointUm
from fibplan.model.layout import ChipLayout, FiducialPlace, Part
from fibplan.model.plan import Plan
from fibplan.model.recipe import Role
from fibplan.units import UM, QuantityError, parse

LARGEST_BYTES = 1_000_000
"""A table of some marks has a few hundred."""

EXAMPLE = "the first line is 'name,x,y', each further one such as 'lower left corner,-812.4 um,1.31 mm'"

COLUMNS = ("name", "kind", "chip_x_um", "chip_y_um", "stage_x_um", "stage_y_um", "radius_90_um", "residual_um")


class UnusableMarks(FibplanError):
    """A file does not tell where fiducials were found on a stage."""

    code = "fiducials"


@dataclass(frozen=True)
class Spot:
    """A place to go to, um in the chip frame: a ``lamella``, its ``active layer``, or a ``fiducial``."""

    name: str
    kind: str
    chip_um: PointUm


class OnStage(NamedTuple):
    """um: a place on the stage, the radius that holds it 9 times in 10, or the residual of what was measured there."""

    stage_um: PointUm
    radius_um: float | None
    residual_um: float | None


def spots(plan: Plan) -> list[Spot]:
    """The middle of the lamella, that of its active layer, and the fiducials; :class:`Misuse` without a placement."""
    layout = plan.layout
    if layout is None:
        remedy = "name a chip under instruments, and give the lamella a placement"
        raise Misuse("the lamella of this recipe has no place on a chip", where="lamella.placement", remedy=remedy)
    lamella = union_all([polygon(layer.outline_um) for layer in layout.of(Part.LAYER)])
    found = [Spot("lamella", "lamella", _rounded(lamella.centroid.x, lamella.centroid.y))]
    active = layout.named(Role.ACTIVE_LAYER)
    if active is not None:
        middle = polygon(active.outline_um).centroid
        found.append(Spot("active layer", "active layer", _rounded(middle.x, middle.y)))
    return [*found, *(Spot(mark.name, "fiducial", mark.place_um) for mark in layout.fiducials)]


def positions_csv(plan: Plan, registration: Registration | None) -> bytes:
    """Every spot in the chip frame and, with a registration, on the stage: UTF-8, CR LF after every line.

    A measured fiducial stands where it was found, with its residual; the rest where the fit puts it, with the radius
    that holds it 9 times in 10.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    for spot in spots(plan):
        writer.writerow([spot.name, spot.kind, *(f"{x:.3f}" for x in spot.chip_um), *_cells(spot, registration)])
    return stream.getvalue().encode("utf-8")


def _cells(spot: Spot, registration: Registration | None) -> list[str]:
    """Place, radius and residual, as far as they are known."""
    if registration is None:
        return ["", "", "", ""]
    place = on_stage(spot, registration)
    numbers = (*place.stage_um, place.radius_um, place.residual_um)
    return ["" if number is None else f"{number:.3f}" for number in numbers]


def on_stage(spot: Spot, registration: Registration) -> OnStage:
    """Where the spot lies on the stage: a measured fiducial where it was found, the rest where the fit puts it."""
    found = {mark.name: mark.stage_um for mark in registration.marks}
    if spot.kind == "fiducial" and spot.name in found:
        return OnStage(found[spot.name], None, registration.residuals_um[spot.name])
    place = registration.place(spot.chip_um)
    return OnStage((place.x_um, place.y_um), place.radius_um, None)


def read_marks(path: Path, layout: ChipLayout) -> list[Mark]:
    """The fiducials of the chip with where they were found; separated by commas, semicolons or tabs.

    Raises :class:`UnusableMarks` in one line with file and line number for whatever else the file is.
    """
    rows = _rows(_text(path), str(path))
    if not rows:
        raise UnusableMarks("the file is empty", where=str(path), remedy=EXAMPLE)
    columns = _columns(rows[0])
    for row in rows[1:]:
        _refuse_ragged(row, len(rows[0].cells))
    marks = [_mark(row, columns, layout.fiducials) for row in rows[1:]]
    for place, mark in enumerate(marks):
        if mark.name in {earlier.name for earlier in marks[:place]}:
            raise rows[place + 1].fault(f"'{mark.name}' is measured twice", "keep one of the two lines")
    if not marks:
        raise UnusableMarks("no fiducial is in the file", where=str(path), remedy=EXAMPLE)
    return marks


class _Row(NamedTuple):
    """A line of the table with its place."""

    file: str
    line: int
    cells: list[str]

    def fault(self, message: str, remedy: str) -> UnusableMarks:
        return UnusableMarks(message, where=f"{self.file}:{self.line}", remedy=remedy)


def _text(path: Path) -> str:
    if path.exists() and not path.is_file():  # a pipe nobody writes to would never end
        raise UnusableMarks("this is not a file", where=str(path), remedy="give a text file")
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise UnusableMarks(
            f"it cannot be read: {error.strerror}", where=str(path), remedy="give a text file"
        ) from None
    if len(content) > LARGEST_BYTES:
        raise UnusableMarks("it is over 1 MB and no table of fiducials", where=str(path), remedy=EXAMPLE)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnusableMarks("it is not UTF-8 text", where=str(path), remedy="save it as UTF-8, or as CSV") from None
    if "\0" in text:
        raise UnusableMarks("it is no text, or text in UTF-16", where=str(path), remedy="save it as UTF-8, or as CSV")
    return text


def _rows(text: str, file: str) -> list[_Row]:
    """The lines that hold something and are no comment, split as the header is."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip(" \t,;")]
    lines = [(number, line) for number, line in lines if not line.lstrip().startswith("#")]
    if not lines:
        return []
    separator = next((mark for mark in (";", "\t") if mark in lines[0][1]), ",")
    return [
        _Row(file, number, [cell.strip() for cell in next(csv.reader([line], delimiter=separator))])
        for number, line in lines
    ]


Columns = dict[str, tuple[int, str]]
"""For each of name, x and y where it stands, and the unit that the header gives it."""


def _columns(header: _Row) -> Columns:
    found: Columns = {}
    for place, cell in enumerate(header.cells):
        match = re.fullmatch(r"(name|x|y)(?:[ _]*[(\[]?([^\W\d_]+)[)\]]?)?", cell.strip().lower())
        if match is not None:
            if match[1] in found:
                raise header.fault(f"there are two columns '{match[1]}'", "keep one of them")
            found[match[1]] = (place, match[2] or "")
    missing = [name for name in ("name", "x", "y") if name not in found]
    if missing:
        raise header.fault(f"there is no column {' and no column '.join(missing)}", EXAMPLE)
    return found


def _refuse_ragged(row: _Row, width: int) -> None:
    """A line with another number of columns than the header; more of them are most often decimal commas."""
    count = len(row.cells)
    if count != width:
        why = ": a decimal comma?" if count > width else ""
        message = f"the line has {count} columns and the header {width}{why}"
        raise row.fault(message, "write decimal points, and one value a column")


def _mark(row: _Row, columns: Columns, fiducials: Sequence[FiducialPlace]) -> Mark:
    name = row.cells[columns["name"][0]]
    known = {mark.name.casefold(): mark for mark in fiducials}
    mark = known.get(name.casefold())
    if mark is None:
        remedy = nearest(name, [entry.name for entry in fiducials], "the chip's card has no fiducials")
        raise row.fault(f"the chip has no fiducial '{name}'", remedy)
    x, y = (_place_um(row, columns[axis]) for axis in "xy")
    return Mark(mark.name, mark.place_um, (x, y))


def _place_um(row: _Row, column: tuple[int, str]) -> float:
    place, unit = column
    written = row.cells[place]
    bare = re.fullmatch(r"[-+0-9.,eE]+", written) is not None
    try:
        metres = parse(f"{written} {unit}" if unit and bare else written, "m", "12.5 um")
    except QuantityError as error:
        raise row.fault(error.problem, error.remedy) from None
    if abs(metres) >= FARTHEST:
        raise row.fault(f"'{written}' is a metre or more away", "look at the unit")
    return metres * UM


def _rounded(x: float, y: float) -> PointUm:
    return round(x, 6), round(y, 6)
