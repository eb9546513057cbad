"""A SerialEM Navigator file: the chip's fiducials as registration points, the lamella as a point to acquire at.

Written after SerialEM's help, File Formats, Navigator Files (hlp/html/about_formats.htm, AdocVersion 2.00): IMOD
autodoc text with two global values, then one section an item. Lengths are micrometres of the stage. What an item needs
is Color, StageXYZ, NumPts, Regis and Type (0 is a point); RegPt numbers a registration point, Acquire marks a target.
"""

from fibplan.formats.positions import Spot, on_stage, spots
from fibplan.layout.registration import Registration
from fibplan.model.plan import Plan

HEADER = "AdocVersion = 2.00\nLastSavedAs = handoff.nav\n"

STAGE, CHIP = 1, 2
"""Registrations: on the stage as it stands (1), or in the chip frame, which is still to be transformed (2)."""

FIDUCIAL_COLOR, LAMELLA_COLOR = 2, 0
"""Of the Navigator's six: blue and red."""


def nav_bytes(plan: Plan, registration: Registration | None) -> bytes:
    """The file, ASCII. The height is not known and is 0; the same plan and registration give the same bytes.

    With a registration all items are in stage coordinates, registration 1; measured fiducials stand where they were
    found, the others are plain points. Without one they are in the chip frame, registration 2: whoever adds the same
    registration points in registration 1 lets SerialEM transform them (help, Registrations). Raises
    :class:`~fibplan.errors.Misuse` for a recipe whose lamella has no place on a chip.
    """
    found = spots(plan)
    lamella = next(spot for spot in found if spot.kind == "lamella")
    fiducials = [spot for spot in found if spot.kind == "fiducial"]
    items = [_item(spot, number, registration) for number, spot in enumerate(fiducials, 1)]
    items.append(_item(lamella, 0, registration))
    return "\n".join([HEADER, *items]).encode("ascii", "replace")


def _item(spot: Spot, number: int, registration: Registration | None) -> str:
    """One section; ``number`` is that of a registration point, zero for the lamella."""
    (x, y), told = _place(spot, registration)
    entries = {
        "Color": FIDUCIAL_COLOR if number else LAMELLA_COLOR,
        "StageXYZ": f"{x:.3f} {y:.3f} 0",
        "NumPts": 1,
        "Regis": STAGE if registration is not None else CHIP,
        "Type": 0,
        "Note": " ".join(f"{spot.name}: {told}".split()),
        **_role(spot, number, registration),
        "MapID": 1000 + number,
        "PtsX": f"{x:.3f}",
        "PtsY": f"{y:.3f}",
    }
    label = f"F{number}" if number else "lamella"
    return f"[Item = {label}]\n" + "".join(f"{key} = {value}\n" for key, value in entries.items())


def _role(spot: Spot, number: int, registration: Registration | None) -> dict[str, int]:
    """The target or a registration point, but for a fiducial that was only computed: it would register on the fit."""
    if not number:
        return {"Acquire": 1}
    known = registration is None or on_stage(spot, registration).residual_um is not None
    return {"RegPt": number} if known else {}


def _place(spot: Spot, registration: Registration | None) -> tuple[tuple[float, float], str]:
    """Where the item lies, in um, and how that is known."""
    if registration is None:
        return spot.chip_um, "chip frame, not measured on this stage"
    place = on_stage(spot, registration)
    if place.residual_um is not None:
        return place.stage_um, f"measured, residual {place.residual_um:.2f} um"
    return place.stage_um, f"computed, 9 times in 10 within {place.radius_um:.2f} um"
