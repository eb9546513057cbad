# ruff: noqa: E501 - a table of changes reads best with one change a line
"""Every rule: a recipe that breaks it, and as far as can be only it, is told so with its place and a remedy."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from shipped import PAPER, RECIPES, ROOT, replaced

from fibplan.checks.rules import catalogue
from fibplan.errors import InvalidFile
from fibplan.library.examine import Examined, examine_file
from fibplan.library.load import load_recipe
from fibplan.library.search_path import SearchPath
from fibplan.model.finding import Severity

GRID = ROOT / "recipes" / "si-lamella-grid.yaml"
SEVERITIES = {code: severity for code, severity, _, _ in catalogue()}
WORST_FIRST = list(Severity)

Change = tuple[str, str]
"""What stands there exactly once, and what is written instead."""


@dataclass(frozen=True)
class Case:
    """Changes of a shipped recipe that break one rule, where it is told, and what has to come along, with the reason."""

    where: str
    changes: Sequence[Change] = ()
    recipe: Path = PAPER
    library: dict[str, str] = field(default_factory=dict)
    """Cards that are found before the shipped ones: file below ``instruments/`` to text."""
    along: dict[str, str] = field(default_factory=dict)

    def examined(self, folder: Path) -> Examined:
        """The changed recipe, examined with the cards of this case in ``folder``."""
        for file, text in self.library.items():
            target = folder / "instruments" / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        return examined(changed(self.recipe.read_text(encoding="utf-8"), self.changes), folder)


def changed(text: str, changes: Sequence[Change]) -> str:
    for old, new in changes:
        text = replaced(text, old, new)
    return text


def examined(text: str, folder: Path) -> Examined:
    """The recipe of that text, with cards from ``folder`` first."""
    path = folder / "recipe.yaml"
    path.write_text(text, encoding="utf-8")
    search = SearchPath([folder, ROOT])
    return examine_file(load_recipe(path, "recipe.yaml", search), search)


PAPER_TEXT = PAPER.read_text(encoding="utf-8")


def passage(pattern: str) -> str:
    """The lines of the paper's recipe that match."""
    found = re.search(pattern, PAPER_TEXT, re.MULTILINE)
    assert found is not None, pattern
    return found[0]


def step(name: str) -> str:
    return passage(rf"^  - name: {name}\n(    .*\n)+")


def section(name: str) -> str:
    return passage(rf"^{name}:\n(  .*\n)+")


CAP = "    makes: protective_layer\n    accelerating_voltage: 30 kV\n    beam_current: 100 pA\n"
BRIDGE = "    makes: bridge\n    accelerating_voltage: 30 kV\n    beam_current: 30 pA\n"
SUPPORT = "    joins: support\n    accelerating_voltage: 30 kV\n    beam_current: 10 pA\n"
SIZE = "    length: 2 um\n    width: 1 um\n    thickness: 300 nm\n"
LMNO = passage("^    - {name: LMNO, .*\n")
CAP_LAYER = passage("^    - {name: FIB-Pt cap, .*\n")

STRANGE = """\
fibplan: 1
materials:
  strange:
    title: Strange
"""
RESISTIVITY = "    resistivity: {expected: 5e4 ohm cm, status: unverified, source: a test}\n"
MILLING = """\
    milling:
      ion: Ga
      accelerating_voltage: 30 kV
      volume_per_dose: {expected: 0.2 um3/nC, status: unverified, source: a test}
"""

ORDINARY = "a note that every recipe with a bridge on a membrane is told"

ORDINARY_NOTES = (
    "beam-parked-on-window",
    "bridge-heats",
    "deposit-after-polish",
    "halo-may-reach-cap",
    "tip-over-membrane",
)


def ordinary_but(code: str) -> dict[str, str]:
    """The other notes that come along with that one."""
    return {other: ORDINARY for other in ORDINARY_NOTES if other != code}


def shipped_card(file: str, *changes: Change) -> str:
    return changed((ROOT / "instruments" / file).read_text(encoding="utf-8"), changes)


def waits(kind: str, before: str, instead: str) -> Change:
    """Lets the step of that kind that waits for ``before`` wait for another one."""
    start = f"    kind: {kind}\n    after: "
    return f"{start}[{before}]\n", f"{start}[{instead}]\n"


def cut_after_bridge(depth: str) -> list[Change]:
    """A cut through the halo, between the bridge and the measurement."""
    cut = "  - name: cut\n    kind: isolation_cut\n    after: [bridge]\n    accelerating_voltage: 30 kV\n    beam_current: 30 pA\n"
    cut += f"    length: 2 um\n    width: 1 um\n    depth: {depth}\n"
    return [waits("measure", "bridge", "cut"), ("  - name: measure\n", f"{cut}  - name: measure\n")]


CUT_STEP = "    kind: isolation_cut\n    accelerating_voltage: 30 kV\n    beam_current: 10 pA\n    length: 3 um\n    width: 300 nm\n    depth: 10 nm\n"
NOTCH_STEP = "    kind: mill_notch\n    accelerating_voltage: 30 kV\n    beam_current: 30 pA\n"
PAD_STEP = "    kind: deposit\n    process: FIBID\n    makes: landing_pad\n    accelerating_voltage: 30 kV\n    beam_current: 50 pA\n    patches: 13\n"


def step_before(kind: str, name: str, before: str, fields: str) -> list[Change]:
    """A step between ``before`` and the step of that kind that waits for it."""
    start = f"    kind: {kind}\n    after: [{before}]\n"
    later = passage(rf"^  - name: .*\n{re.escape(start)}")
    return [(later, f"  - name: {name}\n    after: [{before}]\n{fields}{later.replace(f'[{before}]', f'[{name}]')}")]


def notch_before(later: str) -> list[Change]:
    """A step that mills the notch, before the weld to the needle or before the measurement."""
    kind, before = {"needle": ("weld", "polish"), "measure": ("measure", "bridge")}[later]
    return step_before(kind, "notch", before, NOTCH_STEP)


def with_parts(text: str) -> list[Change]:
    """Parts of a recipe that have no section there yet."""
    return [("\nhand_off:\n", f"\n{text}\nhand_off:\n")]


def bridge_with(line: str) -> list[Change]:
    return [("  clearance: 100 nm ", f"  {line}\n  clearance: 100 nm ")]


def other_chip(*changes: Change) -> dict[str, str]:
    """The paper's chip, changed."""
    return {"echip/poseidon-select.yaml": shipped_card("echip/poseidon-select.yaml", *changes)}


UPRIGHT = [("{x: 1 um, y: -5.7 um, rotation: 0 deg,", "{x: 1 um, y: -50 nm, pose: upright, rotation: 0 deg,")]
NOT_JOINED = [
    (section("bridge"), ""), (section("verification"), ""), (step("bridge"), ""), (step("measure"), ""),
    waits("hand_off", "measure", "support-weld"),
]  # fmt: skip
WIDE_GAP = ("facing_spacer: 5 um", "facing_spacer: 20 um")
PAD = "terminal: protective_layer, width: 2 um, thickness: 500 nm, overlap: 500 nm, clearance: 100 nm"


def accepting(entry: str) -> list[Change]:
    return [("\nfibplan: 1\n", f"\nfibplan: 1\naccepts:\n  - {entry}\n")]


CASES: dict[str, Case] = {
    # what the recipe names
    "card-unknown": Case("instruments.fib", [("  fib: strata-db235\n", "  fib: strata-db234\n")]),
    "card-of-other-kind": Case("instruments.fib", [("  fib: strata-db235\n", "  fib: microscope\n")], library={"fib/microscope.yaml": shipped_card("tem/tecnai-g2.yaml", ("\nname: tecnai-g2\n", "\nname: microscope\n"))}),
    "material-unknown": Case("sample.stack[1].material", [("material: alumina_ald", "material: alumina")]),
    "step-name-repeated": Case("steps[16].name", [(step("hand-off"), step("hand-off") + "  - name: measure\n    kind: hand_off\n    after: [bridge]\n")]),
    "step-missing": Case("steps[3].after[0]", [waits("cleaning_cross_section", "narrow", "narow")]),
    "step-cycle": Case("steps[1].after", [waits("mill_trench", "cap", "cap, polish")]),
    # what the instruments can do
    "voltage-not-on-card": Case("steps[1].accelerating_voltage", [("    after: [cap]\n    accelerating_voltage: 30 kV\n", "    after: [cap]\n    accelerating_voltage: 40 kV\n")]),
    "current-not-on-card": Case("steps[1].beam_current", [("    beam_current: 20 nA", "    beam_current: 25 nA")]),
    "gas-missing": Case("steps[0].process", [("  gis: pt-mecpptme3\n", "")], GRID),
    "milling-rate-unknown": Case("sample.stack[3].material", [("material: lmno,", "material: strange,")], library={"materials.yaml": STRANGE + RESISTIVITY}),
    "sweep-voltage-too-high": Case("verification.protective.sweep.voltage", [("{voltage: 500 mV", "{voltage: 50 V")]),
    "compliance-not-on-card": Case("verification.protective.sweep.compliance", [("compliance: 1 uA", "compliance: 100 pA")]),
    "sweep-too-long": Case("verification.protective.sweep.points", [("compliance: 1 uA, points: 41", "compliance: 1 uA, points: 2500")]),
    # the sample
    "substrate-not-first": Case("sample.stack[0].role", [("role: substrate", "role: barrier")], GRID),
    "cap-not-last": Case("sample.stack[3].role", [(LMNO + CAP_LAYER, CAP_LAYER + LMNO)]),
    "cap-missing": Case("sample.stack", [("role: protective_layer", "role: active_layer"), ("    makes: protective_layer\n", "    makes: protective_layer\n    thickness: 1.5 um\n")], GRID),
    "role-repeated": Case("sample.stack[1].role", [("role: barrier", "role: substrate")]),
    "layer-name-repeated": Case("sample.stack[1].name", [("name: Al2O3", "name: Si")]),
    "layer-out-of-place": Case("sample.stack[3].role", [("role: active_layer", "role: barrier")]),
    "layer-too-thin": Case("sample.stack[1].thickness", [("thickness: 100 nm}", "thickness: 100 pm}")]),
    # the ladder
    "ladder-without-trench": Case("steps[1]", [("    kind: mill_trench\n", "    kind: cleaning_cross_section\n"), ("    profile: stair_step\n", ""), ("    width: 12 um\n", ""), ("    assumed: [profile, length, width, depth]", "    assumed: [length, depth]")]),
    "trench-too-shallow": Case("steps[3].depth", [("    depth: 8.5 um\n", "    depth: 5 um\n")]),
    "thickness-grows": Case("steps[5].leaves", [("    leaves: 600 nm", "    leaves: 1.3 um")]),
    "thickness-stays": Case("steps[5].leaves", [("    leaves: 600 nm", "    leaves: 1.2 um")]),
    "ladder-misses-target": Case("steps[8].leaves", [("    leaves: 100 nm", "    leaves: 110 nm")]),
    "current-grows": Case("steps[5].beam_current", [("    beam_current: 3 nA", "    beam_current: 300 pA")]),
    "voltage-grows": Case("steps[7].accelerating_voltage", [("    after: [thin-to-600]\n    accelerating_voltage: 30 kV\n", "    after: [thin-to-600]\n    accelerating_voltage: 5 kV\n")]),
    "edge-offset-none": Case("steps[6].leaves", [("    after: [thin-to-600]\n    accelerating_voltage: 30 kV\n    beam_current: 100 pA\n", "    after: [thin-to-600]\n    accelerating_voltage: 30 kV\n    beam_current: 5 nA\n")]),
    "edge-offset-small": Case("steps[7].leaves", [("    after: [thin-to-300]\n    accelerating_voltage: 30 kV\n    beam_current: 30 pA\n", "    after: [thin-to-300]\n    accelerating_voltage: 30 kV\n    beam_current: 100 pA\n")]),
    "overtilt-steep": Case("steps[5].overtilt", [("    overtilt: 1.2 deg", "    overtilt: 12 deg")]),
    "too-thick-for-tem": Case("lamella.final_thickness", [("  final_thickness: 100 nm", "  final_thickness: 160 nm"), ("    leaves: 100 nm", "    leaves: 160 nm"), ("    leaves: 170 nm", "    leaves: 230 nm")]),
    # sizes of cuts and deposits
    "trench-too-short": Case("steps[2].length", [("    length: 18 um\n", "    length: 14 um\n")]),
    "trench-too-narrow": Case("steps[1].width", [("    width: 12 um\n", "    width: 6 um\n")]),
    "undercut-too-short": Case("steps[4].length", [("    length: 17 um\n    width: 1 um\n", "    length: 14 um\n    width: 1 um\n")]),
    "undercut-too-shallow": Case("steps[4].depth", [("    depth: 1.5 um\n", "    depth: 1.1 um\n")]),
    "pattern-under-probe": Case("steps[4].width", [("    length: 17 um\n    width: 1 um\n", "    length: 17 um\n    width: 40 nm\n")]),
    "weld-thin": Case("steps[9].thickness", [(SIZE, SIZE.replace("300 nm", "30 nm"))]),
    "overlap-too-fine": Case("bridge.clearance", [("  clearance: 100 nm ", "  clearance: 20 nm ")]),
    "operation-long": Case("steps[4]", [("    beam_current: 1 nA\n", "    beam_current: 1 pA\n")]),
    # what the beam leaves behind
    "polish-leaves-damage": Case("steps[8].leaves", [("    after: [thin-to-300]\n    accelerating_voltage: 30 kV\n    beam_current: 30 pA\n    leaves: 170 nm", "    after: [thin-to-300]\n    accelerating_voltage: 30 kV\n    beam_current: 10 pA\n    leaves: 130 nm")]),
    "polish-at-full-voltage": Case("steps[8].accelerating_voltage", [("    after: [thin-to-300]\n    accelerating_voltage: 30 kV\n", "    after: [thin-to-300]\n    accelerating_voltage: 5 kV\n")]),
    "no-polish": Case("steps[10]", [("    kind: polish\n", "    kind: thin\n")], GRID),
    "mostly-damaged": Case("lamella.final_thickness", [("  final_thickness: 80 nm", "  final_thickness: 20 nm"), ("    leaves: 80 nm", "    leaves: 20 nm")], GRID),
    "cap-lost": Case("sample.stack[1].thickness", [("thickness: 1.5 um}", "thickness: 750 nm}")], GRID),
    "cap-doubtful": Case("sample.stack[1].thickness", [("thickness: 1.5 um}", "thickness: 960 nm}")], GRID),
    # deposits
    "deposit-without-size": Case("steps[9]", [(SIZE, "")]),
    "deposit-mills": Case("steps[0].beam_current", [(CAP, CAP.replace("100 pA", "300 pA"))]),
    "deposit-slow": Case("steps[0].beam_current", [(CAP, CAP.replace("100 pA", "30 pA"))]),
    "membrane-perforated": Case("steps[14]", cut_after_bridge("200 nm"), along={"cut-through": "what mills through is as deep"}),
    "cut-through": Case("steps[14].depth", [*cut_after_bridge("110 nm"), *with_parts("cuts:\n  - {step: cut, x: 8 um, y: 7.2 um}")], along={"membrane-perforated": "a cut through the lamella meets the membrane"}),
    "membrane-over-budget": Case("steps[14]", cut_after_bridge("10 nm")),
    "membrane-current-forbidden": Case("steps[13].beam_current", [(BRIDGE, BRIDGE.replace("30 pA", "300 pA"))]),
    "membrane-current-high": Case("steps[13].beam_current", [(BRIDGE, BRIDGE.replace("30 pA", "100 pA")), ("  width: 2 um\n  thickness: 500 nm\n", "  width: 3 um\n  thickness: 500 nm\n")]),
    "beam-parked-on-window": Case("steps[12]", along=ordinary_but("beam-parked-on-window")),
    "bridge-heats": Case("steps[13]", along=ordinary_but("bridge-heats")),
    "deposit-after-polish": Case("steps[13]", along=ordinary_but("deposit-after-polish")),
    # where things lie
    "lamella-outside-window": Case("lamella.placement", library={"echip/poseidon-select.yaml": shipped_card("echip/poseidon-select.yaml", ("  width: 200 um\n", "  width: 30 um\n"))}),
    "lamella-near-window-edge": Case("lamella.placement", library={"echip/poseidon-select.yaml": shipped_card("echip/poseidon-select.yaml", ("  width: 200 um\n", "  width: 38 um\n"))}),
    "chip-electrodes-touch": Case("instruments.echip", library=other_chip(("[[98, -10], [400, -10], [400, 10], [98, 10]]", "[[-90, -20], [400, -20], [400, -10], [-90, -10]]"))),
    "lamella-on-electrode": Case("lamella.placement", [("{x: 1 um,", "{x: -3 um,")]),
    "bridge-misses-electrode": Case("bridge", [("y: -5.7 um,", "y: 8 um,")]),
    "bridge-misses-collector": Case("bridge.clearance", [("  clearance: 100 nm ", "  clearance: 700 nm ")]),
    "bridge-overlap-partial": Case("bridge.overlap_electrode", [("y: -5.7 um,", "y: 5.3 um,")]),
    "bridge-touches": Case("bridge.clearance", [("  overlap_lamella: 2 um\n", "  overlap_lamella: 98 um\n")]),
    "bridge-long": Case("lamella.placement", [("{x: 1 um,", "{x: 5 um,"), (BRIDGE, BRIDGE.replace("30 pA", "50 pA"))]),
    "support-misses-lamella": Case("support", [("  position: 11 um ", "  position: 30 um ")]),
    "support-off-membrane": Case("support", [("  length: 3 um\n  width: 1.5 um", "  length: 3 um\n  width: 25 um")]),
    "support-touches": Case("support", [("  length: 3 um\n  width: 1.5 um\n  overlap: 500 nm", "  length: 3 um\n  width: 8 um\n  overlap: 6 um")]),
    "too-high-for-gap": Case("bridge.thickness", [("  width: 2 um\n  thickness: 500 nm", "  width: 2 um\n  thickness: 5 um")]),
    "bridge-to-upright": Case("lamella.placement.pose", UPRIGHT, library=other_chip(WIDE_GAP)),
    "upright-not-transparent": Case("lamella.placement.pose", [*UPRIGHT, *NOT_JOINED], library=other_chip(WIDE_GAP)),
    "bridge-on-passivation": Case("bridge", library=other_chip(("\nfiducials:\n", "\npassivation:\n  - {material: SU-8, thickness: 500 nm, status: unverified, outline_um: [[-300, -12], [-1, -12], [-1, 12], [-300, 12]]}\nfiducials:\n"))),
    "bridge-near": Case("bridge.clearance", library=other_chip(("[[98, -10], [400, -10], [400, 10], [98, 10]]", "[[-1.5, -10], [0.5, -10], [0.5, -1.82], [-1.5, -1.82]]"))),
    "bridge-drawn-otherwise": Case("bridge.width", bridge_with("outline_um: [[-4, -1.27], [3, -1.27], [3, 0.23], [-4, 0.23]]")),
    # what leaks, and what parts it
    "halo-reaches-cap": Case("bridge", [("  width: 2 um\n  thickness: 500 nm", "  width: 2 um\n  thickness: 3.5 um")]),
    "halo-may-reach-cap": Case("bridge", along=ordinary_but("halo-may-reach-cap")),
    "notch-too-long": Case("bridge.notch.length", bridge_with("notch: {length: 15 um}")),
    "notch-elsewhere": Case("bridge.notch.end", bridge_with("notch: {end: far, length: 3 um}"), along={"part-not-planned": "no step mills it"}),
    "part-not-planned": Case("bridge.notch", bridge_with("notch: {length: 3.7 um}")),
    "notch-undescribed": Case("steps[9]", notch_before("needle")),
    "notch-out-of-place": Case("steps[1].after", [*bridge_with("notch: {length: 3.7 um}"), *step_before("mill_trench", "notch", "cap", NOTCH_STEP)]),
    "cut-without-step": Case("cuts[0].step", with_parts("cuts:\n  - {step: polish, x: 5 um, y: 6.3 um}")),
    "cut-severs": Case("cuts[0]", [*cut_after_bridge("10 nm"), *with_parts("cuts:\n  - {step: cut, x: 5 um, y: 5.8 um}")]),
    # where tips land
    "pad-unroutable": Case("pads[0]", with_parts(f"pads:\n  - {{side: 500 um, {PAD}}}")),
    "pad-misses": Case("pads[0]", with_parts(f"pads:\n  - {{side: 20 um, {PAD}, outline_um: [[20, 30], [40, 30], [40, 50], [20, 50]]}}")),
    "pad-touches": Case("pads[0]", with_parts(f"pads:\n  - {{side: 3 um, {PAD}, outline_um: [[2, -1], [5, -1], [5, 40], [2, 40]]}}")),
    "off-chip": Case("pads[0]", with_parts(f"pads:\n  - {{side: 20 um, {PAD}}}"), library=other_chip(("\nfiducials:\n", "\ndie_um: [[-390, -30], [390, -30], [390, 35], [-390, 35]]\nfiducials:\n"))),
    "tip-off-conductor": Case("tips[0]", with_parts("tips:\n  - {terminal: working_electrode, x: 50 um, y: 20 um}")),
    "tip-over-membrane": Case("verification.bridge.end", along=ordinary_but("tip-over-membrane")),
    # the electrical part
    "instrument-missing": Case("instruments", [("  probe: w-stm-tip\n", "")]),
    "bridge-missing": Case("verification", [(section("bridge"), ""), (step("bridge"), ""), waits("measure", "bridge", "support-weld")]),
    "placement-missing": Case("lamella", [(passage("^  placement: .*\n"), "")], along={"deposit-without-size": "only the layout knows the bridge's and the support's area"}),
    "terminal-missing": Case("verification.protective.end", [("role: protective_layer", "role: barrier"), (CAP, CAP + "    thickness: 1.5 um\n")]),
    "path-goes-nowhere": Case("verification.protective.end", [("    end: protective_layer", "    end: working_electrode")]),
    "path-beside-bridge": Case("verification.bridge.end", [("    end: current_collector\n    criterion", "    end: protective_layer\n    criterion")]),
    "path-shorted": Case("verification.protective.end", [("    end: protective_layer", "    end: current_collector")]),
    "path-missing": Case("verification", [(passage(r"^  protective:\n(    .*\n)+"), ""), ("paths: [bridge, protective]", "paths: [bridge]")]),
    "criterion-out-of-order": Case("verification.bridge.criterion.marginal", [("marginal: 1 kohm}", "marginal: 1 ohm}")]),
    "marginal-far": Case("verification.bridge.criterion.marginal", [("marginal: 1 kohm}", "marginal: 1 Mohm}")]),
    "criterion-unlikely": Case("verification.bridge.criterion.below", [("  width: 2 um\n  thickness: 500 nm", "  width: 2 um\n  thickness: 140 nm")]),
    "contact-resistive": Case("bridge.overlap_lamella", [("  overlap_lamella: 2 um\n", "  overlap_lamella: 100 nm\n")]),
    "compliance-unsafe": Case("verification.bridge.sweep.compliance", [("{voltage: 5 mV, compliance: 40 uA", "{voltage: 5 mV, compliance: 50 uA")]),
    "contact-compliance-unsafe": Case("verification.protective.criterion.contact.compliance", [("voltage: 1 mV, compliance: 40 uA", "voltage: 1 mV, compliance: 50 uA")]),
    "contact-undecidable": Case("verification.protective.criterion.contact.voltage", [("voltage: 1 mV, compliance: 40 uA", "voltage: 1 mV, compliance: 50 nA")]),
    "contact-below-offset": Case("verification.protective.criterion.contact.voltage", [("voltage: 1 mV, compliance: 40 uA", "voltage: 100 uV, compliance: 40 uA")]),
    "sweep-shorts-cell": Case(
        "verification.protective.sweep.voltage",
        [("FIB-Pt\n  stack", "FIB-Pt\n  kind: full_cell\n  stack"), ("{voltage: 500 mV,", "{voltage: 600 mV,")],
    ),
    "sweep-below-offset": Case("verification.bridge.sweep.voltage", [("{voltage: 5 mV,", "{voltage: 500 uV,")]),
    "sweep-clamps": Case("verification.bridge.sweep.voltage", [("{voltage: 5 mV,", "{voltage: 50 mV,")]),
    "criterion-not-resolved": Case("verification.protective.sweep.voltage", [("{voltage: 500 mV", "{voltage: 1 mV")]),
    "path-unknown": Case("steps[14].paths[2]", [("paths: [bridge, protective]", "paths: [bridge, protective, leak]")]),
    "path-not-measured": Case("verification.protective", [("paths: [bridge, protective]", "paths: [bridge]")], along={"handed-off-unmeasured": "what is never measured is not measured last"}),
    "bridge-by-electron-beam": Case("steps[13].process", [("    process: FIBID\n" + BRIDGE, "    process: FEBID\n" + BRIDGE.replace("30 kV", "5 kV").replace("30 pA", "0.4 nA"))]),
    "resistivity-unknown": Case("sample.stack[3].material", [("material: lmno,", "material: strange,")], library={"materials.yaml": STRANGE + MILLING}),
    # what comes before what
    "order-open": Case("steps[3].after", [waits("cleaning_cross_section", "narrow", "trenches")]),
    "thinned-elsewhere": Case("steps[8].after", [("  thinning: before_transfer", "  thinning: on_chip")]),
    "milled-without-cap": Case("steps[0].after", [(step("cap"), ""), ("    after: [cap]\n", "")]),
    "lift-out-before-undercut": Case("steps[10]", [("    kind: undercut\n", "    kind: isolation_cut\n")]),
    "lift-out-without-needle": Case("steps[9]", [(step("needle"), ""), ("    after: [needle]\n", "    after: [polish]\n")]),
    "transfer-before-lift-out": Case("steps[10]", [(step("lift-out"), ""), ("    after: [lift-out]", "    after: [needle]")]),
    "transferred-without-weld": Case("steps[8]", [waits("weld", "transfer", "thin-to-160"), waits("thin", "grid-weld", "transfer"), waits("polish", "thin-to-160", "grid-weld")], GRID),
    "bridge-not-deposited": Case("bridge", [("    makes: bridge\n", "    makes: protective_layer\n")]),
    "support-not-deposited": Case("support", [(SUPPORT, SUPPORT.replace("support", "needle") + SIZE)]),
    "bridge-too-early": Case("steps[13].after", [waits("lift_out", "needle", "bridge"), waits("deposit", "support-weld", "needle"), waits("measure", "bridge", "support-weld")]),
    "support-too-early": Case("steps[12].after", [waits("lift_out", "needle", "support-weld"), waits("weld", "transfer", "needle"), waits("deposit", "support-weld", "transfer")]),
    "pad-too-early": Case("steps[10].after", [*with_parts(f"pads:\n  - {{side: 20 um, {PAD}}}"), *step_before("lift_out", "pads", "needle", PAD_STEP)]),
    "cut-too-early": Case("steps[13].after", [*step_before("deposit", "cut", "support-weld", CUT_STEP), *with_parts("cuts:\n  - {step: cut, x: 7 um, y: 6.26 um}")]),
    "cleaning-not-last": Case("steps[12].after", [("  thinning: before_transfer", "  thinning: on_chip"), waits("polish", "thin-to-170", "transfer"), waits("weld", "polish", "thin-to-170"), waits("weld", "transfer", "polish")], library=other_chip(("  thickness: 50 nm #", "  thickness: 500 nm #"))),
    "handed-off-unmeasured": Case("steps[15].after", [waits("measure", "bridge", "support-weld"), waits("deposit", "support-weld", "measure"), waits("hand_off", "measure", "bridge")]),
    "changed-after-hand-off": Case("steps[16].after", [(step("hand-off"), step("hand-off") + "  - name: again\n    kind: hand_off\n    after: [hand-off]\n")]),
    "not-handed-off": Case("steps[14]", [(step("hand-off"), "")]),
    # what the TEM operator sets
    "potentials-out-of-order": Case("hand_off.cyclic_voltammetry.lower", [("    lower: 300 mV ", "    lower: 1.2 V ")]),
    "potential-unlikely": Case("hand_off.cyclic_voltammetry.lower", [("    reference_offset: 3.8 V ", "    reference_offset: -0.38 V ")]),
    "frequencies-out-of-order": Case("hand_off.impedance.lowest", [("lowest: 0.5 mHz", "lowest: 50 kHz")]),
    "amplitude-large": Case("hand_off.impedance.amplitude", [("amplitude: 10 mV", "amplitude: 10 V")]),
    "measurement-endless": Case("hand_off.impedance.lowest", [("lowest: 0.5 mHz", "lowest: 0.001 mHz")]),
    "flow-not-on-card": Case("hand_off.flow", [("  flow: 5 uL/min\n", "  flow: 50 uL/min\n")]),
    "map-without-points": Case("hand_off.diffraction_map.step", [("step: 2.5 nm", "step: 2.5 um")]),
    "precession-steep": Case("hand_off.diffraction_map.precession", [("precession: 0.7 deg", "precession: 0.7 rad")]),
    # honesty
    "assumed-field-unknown": Case("steps[1].assumed[0]", [("    assumed: [profile, length, width, depth]", "    assumed: [profil]")]),
    "accepted-unknown": Case("accepts[0].code", accepting("{code: bridge-short, reason: a test}")),
    "accepted-error": Case("accepts[0].code", accepting("{code: compliance-unsafe, reason: a test}")),
    "accepted-nothing": Case("accepts[0].code", accepting("{code: bridge-long, reason: a test}")),
}  # fmt: skip


def test_every_rule_has_its_case() -> None:
    """The table above names exactly the codes that fibplan check --list-rules prints."""
    assert set(CASES) == set(SEVERITIES)


@pytest.mark.parametrize("code", CASES)
def test_a_broken_rule_is_told_with_its_place_and_remedy(code: str, tmp_path: Path) -> None:
    """The finding has the rule's severity, stands at the right place of the recipe, and says what to do."""
    case = CASES[code]
    examined = case.examined(tmp_path)
    found = [finding for finding in examined.findings if finding.code == code]
    assert found, [finding.code for finding in examined.findings]
    told = examined.located(found[0])
    assert (told.where, found[0].severity) == (case.where, SEVERITIES[code])
    assert told.line > 1
    assert told.message
    assert told.remedy


@pytest.mark.parametrize("code", CASES)
def test_only_that_rule_is_broken(code: str, tmp_path: Path) -> None:
    """Nothing else as severe is found, but for what the case names with its reason."""
    as_severe = WORST_FIRST[: WORST_FIRST.index(SEVERITIES[code]) + 1]
    findings = CASES[code].examined(tmp_path).findings
    others = {finding.code for finding in findings if finding.severity in as_severe} - {code}
    assert others == set(CASES[code].along)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_a_shipped_recipe_breaks_no_rule(recipe: Path, library: SearchPath) -> None:
    """Every recipe that users start from is without errors and without warnings."""
    findings = examine_file(load_recipe(recipe, search=library), library).findings
    assert {finding.severity for finding in findings} <= {Severity.NOTE}


def test_an_accepted_warning_becomes_a_note_with_its_reason(tmp_path: Path) -> None:
    """What the author lets stand is still told, with the written reason and without a remedy, and stops nothing."""
    case = CASES["overtilt-steep"]
    reason = "the faces are tapered by hand"
    text = changed(PAPER_TEXT, case.changes)
    text = changed(text, accepting(f"{{code: overtilt-steep, reason: {reason}}}"))
    result = examined(text, tmp_path)
    [accepted] = [finding for finding in result.findings if finding.code == "overtilt-steep"]
    assert accepted.severity is Severity.NOTE
    assert reason in accepted.message
    assert accepted.remedy == ""
    assert {finding.severity for finding in result.findings} == {Severity.NOTE}


def test_an_accepted_error_stays_an_error(tmp_path: Path) -> None:
    """Accepting an error neither mends nor hides it, and is an error of its own."""
    text = changed(PAPER_TEXT, CASES["compliance-unsafe"].changes)
    text = changed(text, accepting("{code: compliance-unsafe, reason: a test}"))
    errors = [finding.code for finding in examined(text, tmp_path).findings if finding.severity is Severity.ERROR]
    assert errors == ["compliance-unsafe", "accepted-error"]


@pytest.mark.parametrize("entry", ["{code: overtilt-steep}", "{code: overtilt-steep, reason: ''}", "overtilt-steep"])
def test_nothing_is_accepted_without_a_reason(entry: str, tmp_path: Path) -> None:
    """An entry of 'accepts' without a written reason is no recipe."""
    with pytest.raises(InvalidFile) as caught:
        examined(changed(PAPER_TEXT, accepting(entry)), tmp_path)
    assert [fault.where.startswith("accepts[0]") for fault in caught.value.faults] == [True]


@pytest.mark.parametrize("code", [code for code, severity in SEVERITIES.items() if severity is not Severity.ERROR])
def test_warnings_and_notes_never_fail_a_check(code: str, tmp_path: Path) -> None:
    """Only an error makes a recipe unsound: a warning or a note leaves it fit to be planned."""
    result = CASES[code].examined(tmp_path)
    assert result.sound
    assert result.sound_plan() is result.plan


def test_a_rule_says_what_must_hold_and_where_that_comes_from() -> None:
    """Every entry of the catalogue has a summary that is a sentence, and a source; there are at least forty."""
    assert len(catalogue()) >= 40
    for code, _, summary, source in catalogue():
        assert summary.endswith("."), code
        assert source, code
