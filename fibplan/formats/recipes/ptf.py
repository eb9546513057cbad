"""Reads xT pattern files (``.ptf``): XML without entities, as ``fibplan.formats.exports.ptf`` describes it."""

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree

from fibplan.formats.exports.pattern import Shape
from fibplan.formats.recipes.found import (
    CURRENTS_A,
    Found,
    FoundGroup,
    FoundPattern,
    UnusablePatterns,
    length,
    place,
    within,
)

AREAS = (Shape.RECTANGLE, Shape.REGULAR, Shape.CLEANING)
LIST = "PatternList"
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d{1,3})?", re.ASCII)
_DECLARED = re.compile(r"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_NUMBERED = re.compile(r"^\d+[-_ ]+")


def read_pattern_file(text: str, file: str) -> Found:
    """The patterns that are switched on, those of one current after another in one group.

    The current is volume rate over volume per dose; the file has no voltage.
    """
    root = _root(text, file)
    left: list[str] = []
    found: list[tuple[float, FoundPattern]] = []
    for number, element in enumerate((part for part in root if part.tag != LIST), start=1):
        reason = _left_out(element)
        if reason:
            left.append(f"{element.tag} {number}: {reason}")
        else:
            found.append(_pattern(element, f"{element.tag} {number}", file))
    if not found and not left:
        raise UnusablePatterns("there is no pattern in it", where=file, remedy="save the patterns again")
    return Found(file, "", tuple(_groups(found, _NUMBERED.sub("", Path(file).stem))), tuple(left))


def _root(text: str, file: str) -> ElementTree.Element:
    """The ``Content`` element; a document type, where entities are declared, is refused unread."""
    if _DECLARED.search(text):
        message = "it declares a document type or entities, which no pattern file does"
        raise UnusablePatterns(message, where=file, remedy="save the patterns again in xT")
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError, RecursionError) as failure:
        line, _ = getattr(failure, "position", (1, 0))
        message = f"it is no whole XML: it breaks off or is damaged in line {line}"
        raise UnusablePatterns(message, where=file, remedy="copy or save it again") from None
    if root.tag != "Content" or "PatternFile" not in root.get("Version", ""):
        message = f"this is XML, but no xT pattern file: it begins with <{root.tag[:40]}>"
        raise UnusablePatterns(message, where=file, remedy="name a file that xT saved patterns to")
    return root


def _left_out(element: ElementTree.Element) -> str:
    """Why a pattern has no place in a recipe; nothing if it has one."""
    if element.tag not in set(Shape):
        return "a pattern of this kind is not known"
    if _said(element, "Enable", "True") != "True":
        return "switched off"
    if _said(element, "ExclusionZone", "False") != "False":
        return "an exclusion zone"
    beam = _said(element, "Beam", "Ion")
    return "" if beam == "Ion" else f"drawn with the beam '{beam[:20]}'"


def _pattern(element: ElementTree.Element, what: str, file: str) -> tuple[float, FoundPattern]:
    """The current in ampere and the pattern."""

    def number(tag: str) -> float:
        return _number(element, tag, what, file)

    shape = Shape(element.tag)
    application = _said(element, "Application", "")
    per_dose = within(number("VolumePerDose"), 1e-15, 1e-6, f"{what}: VolumePerDose", file)
    current = number("TotalVolumeSputterRate") / per_dose
    within(current, *CURRENTS_A, f"{what}: the current, TotalVolumeSputterRate over VolumePerDose,", file)
    across = number("Width") if shape in AREAS else number("Length")
    return current, FoundPattern(
        shape=shape,
        x_m=place(number("CenterX"), f"{what}: CenterX", file),
        y_m=place(number("CenterY"), f"{what}: CenterY", file),
        width_m=length(across, f"{what}: Width", file),
        length_m=length(number("Length"), f"{what}: Length", file),
        depth_m=length(number("Depth"), f"{what}: Depth", file),
        rotation_rad=within(number("Rotation"), -100.0, 100.0, f"{what}: Rotation", file),
        gas="dep" in application.lower() or bool(_said(element, "GasType", "")),
    )


def _said(element: ElementTree.Element, tag: str, otherwise: str) -> str:
    return (element.findtext(tag) or "").strip() or otherwise


def _number(element: ElementTree.Element, tag: str, what: str, file: str) -> float:
    found = element.findall(tag)
    if len(found) != 1:
        many = f"{tag} {len(found)} times" if found else f"no {tag}"
        raise UnusablePatterns(f"{what} has {many}", where=file, remedy="save the patterns again in xT")
    text = "".join(found[0].itertext()) if not len(found[0]) else f"<{found[0][0].tag}>"
    if not _NUMBER.fullmatch(text.strip()):
        shown = " ".join(text.split())[:40]
        message = f"{what}: {tag} is '{shown}', which is no number"
        raise UnusablePatterns(message, where=file, remedy="write it with a decimal point, such as 1.5E-06")
    return float(text)


def _groups(found: list[tuple[float, FoundPattern]], name: str) -> Iterator[FoundGroup]:
    """Neighbours of one current, to six digits, and of one kind of work."""
    for (current, _, _), together in groupby(
        found, key=lambda entry: (f"{entry[0]:.5e}", entry[1].gas, entry[1].shape)
    ):
        yield FoundGroup(name, float(current), tuple(pattern for _, pattern in together))
