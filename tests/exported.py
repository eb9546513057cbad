"""Exports of shipped recipes and of single patterns, for tests that read them back."""

from functools import cache
from xml.etree import ElementTree

from shipped import ROOT

from fibplan.formats.exports.catalogue import export_named
from fibplan.formats.exports.export import Files, Origin
from fibplan.formats.exports.pattern import APPLICATIONS, Pattern, Scan, Shape
from fibplan.formats.exports.ptf import pattern_file
from fibplan.library.examine import examine_file
from fibplan.library.load import load_recipe
from fibplan.library.search_path import SearchPath
from fibplan.model.plan import Plan

ORIGIN = Origin("mine.yaml", "ab" * 32, "0.1.0")
PAPER, CELL, GRID = "lmno-poseidon-select", "lco-lipon-biasing-chip", "si-lamella-grid"


@cache
def plan_of(name: str) -> Plan:
    """The plan of a shipped recipe."""
    return examine_file(load_recipe(ROOT / "recipes" / f"{name}.yaml"), SearchPath([ROOT])).sound_plan()


def exported(kind: str, recipe: str | Plan) -> Files:
    """The files of one export."""
    entry = export_named(kind)
    assert entry is not None
    return entry.load()(recipe if isinstance(recipe, Plan) else plan_of(recipe), ORIGIN)


def pattern(shape: Shape = Shape.RECTANGLE, **changes: float | str) -> Pattern:
    """Silicon under 100 pA of a probe of 23 nm, with the given changes; ``current_a`` and so on are the scan's."""
    scan = {"current_a": 1e-10, "volume_per_dose": 2.7e-10, "probe_m": 23e-9}
    scan |= {key: changes.pop(key) for key in list(changes) if key in scan}
    size = {"x_m": 1e-6, "y_m": -2e-6, "width_m": 10e-6, "length_m": 3e-6, "depth_m": 1e-6}
    return Pattern(shape=shape, scan=Scan(APPLICATIONS[shape], **scan), **(size | changes))


def leaves(content: bytes) -> list[dict[str, str]]:
    """Every pattern of a pattern file as its leaves by name, nested ones included, and its own name under ``tag``."""
    root = ElementTree.fromstring(content)
    patterns = [part for part in root if part.tag != "PatternList"]
    return [{"tag": part.tag, **{leaf.tag: (leaf.text or "").strip() for leaf in part.iter()}} for part in patterns]


def one_file(*patterns: Pattern) -> bytes:
    """A pattern file of these, or of one of each shape."""
    return pattern_file(patterns or [pattern(shape) for shape in Shape])
