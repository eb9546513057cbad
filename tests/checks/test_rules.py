# ruff: noqa: E501 - a table of changes reads best with one rule a line
"""Every rule: a recipe that breaks it is told so, with its place; the recipes that ship break none."""

from collections.abc import Callable
from pathlib import Path

import pytest
from shipped import RECIPES, replaced

from fibplan.library.examine import Examined, examine_file
from fibplan.library.load import load_recipe
from fibplan.library.search_path import SearchPath

Change = tuple[str, str]

# code: the changes to the paper's recipe that break only this rule, and where it is told
BROKEN: dict[str, tuple[list[Change], str]] = {
    "voltage-not-on-card": (
        [("    kind: mill_trench\n    after: [cap]\n    accelerating_voltage: 30 kV", "    kind: mill_trench\n    after: [cap]\n    accelerating_voltage: 300 kV")],
        "steps[1].accelerating_voltage",
    ),
    "current-not-on-card": ([("    beam_current: 20 nA", "    beam_current: 20 A")], "steps[1].beam_current"),
    "gas-missing": ([("  gis: pt-mecpptme3\n", "")], "steps[0].process"),
    "sweep-voltage-too-high": ([("{voltage: 500 mV", "{voltage: 50 V")], "verification.protective.sweep.voltage"),
    "compliance-not-on-card": ([("compliance: 1 uA", "compliance: 1 fA")], "verification.protective.sweep.compliance"),
    "sweep-too-long": (
        [("  smu: keithley-2450            #", "  smu: keithley-2400            #"),
         ("compliance: 1 uA, points: 41", "compliance: 1 uA, points: 99999")],
        "verification.protective.sweep.points",
    ),
    "ladder-without-trench": (
        [("    kind: mill_trench\n", "    kind: cleaning_cross_section\n"), ("    profile: stair_step\n", ""),
         ("    width: 12 um\n", ""), ("    assumed: [profile, length, width, depth]", "    assumed: [length, depth]")],
        "steps[1]",
    ),
    "thickness-grows": ([("    leaves: 1.2 um", "    leaves: 4 um")], "steps[3].leaves"),
    "thickness-stays": ([("    leaves: 1.2 um", "    leaves: 3 um")], "steps[3].leaves"),
    "ladder-misses-target": ([("    leaves: 100 nm", "    leaves: 90 nm")], "steps[8].leaves"),
    "current-grows": ([("    beam_current: 500 pA", "    beam_current: 5 nA")], "steps[5].beam_current"),
    "polish-leaves-damage": ([("    leaves: 170 nm", "    leaves: 130 nm")], "steps[8].leaves"),
    "too-thick-for-tem": (
        [("  final_thickness: 100 nm", "  final_thickness: 160 nm"), ("    leaves: 100 nm", "    leaves: 160 nm"),
         ("    leaves: 170 nm", "    leaves: 230 nm")],
        "lamella.final_thickness",
    ),
    "lamella-outside-window": ([("  length: 15 um", "  length: 150 um")], "lamella.placement"),
    "lamella-near-window-edge": ([("  length: 15 um", "  length: 95 um")], "lamella.placement"),
    "lamella-on-electrode": ([("{x: 1 um,", "{x: -3 um,")], "lamella.placement"),
    "bridge-misses-electrode": ([("y: -5.7 um,", "y: 8 um,")], "bridge"),
    "bridge-misses-collector": ([("  clearance: 100 nm ", "  clearance: 700 nm ")], "bridge.clearance"),
    "bridge-touches": ([("{x: 1 um, y: -5.7 um, rotation: 0 deg", "{x: 97 um, y: 5.7 um, rotation: 180 deg")], "bridge.clearance"),
    "bridge-long": ([("{x: 1 um,", "{x: 5 um,")], "lamella.placement"),
    "support-misses-lamella": ([("  position: 11 um ", "  position: 30 um ")], "support"),
    "support-off-membrane": ([("  length: 3 um\n  width: 1.5 um", "  length: 3 um\n  width: 25 um")], "support"),
    "support-touches": ([("  length: 3 um\n  width: 1.5 um\n  overlap: 500 nm", "  length: 3 um\n  width: 8 um\n  overlap: 6 um")], "support"),
    "too-high-for-gap": ([("  width: 2 um\n  thickness: 500 nm", "  width: 2 um\n  thickness: 5 um")], "bridge.thickness"),
    "instrument-missing": ([("  probe: w-stm-tip\n", "")], "instruments"),
    "placement-missing": ([("  placement: {x: 1 um, y: -5.7 um, rotation: 0 deg, assumed: [x, y, rotation]}\n", "")], "lamella"),
    "terminal-missing": ([("role: protective_layer", "role: barrier")], "verification.protective.end"),
    "path-goes-nowhere": ([("    end: protective_layer", "    end: working_electrode")], "verification.protective.end"),
    "criterion-out-of-order": ([("marginal: 1 kohm}", "marginal: 1 ohm}")], "verification.bridge.criterion.marginal"),
    "compliance-unsafe": ([("{voltage: 5 mV, compliance: 40 uA", "{voltage: 5 mV, compliance: 50 uA")], "verification.bridge.sweep.compliance"),
    "sweep-clamps": ([("{voltage: 5 mV,", "{voltage: 50 mV,")], "verification.bridge.sweep.voltage"),
    "path-unknown": ([("paths: [bridge, protective]", "paths: [bridge, protective, leak]")], "steps[14].paths[2]"),
    "path-not-measured": ([("paths: [bridge, protective]", "paths: [bridge]")], "verification.protective"),
    "bridge-by-electron-beam": (
        [("    process: FIBID\n    makes: bridge\n    accelerating_voltage: 30 kV\n    beam_current: 30 pA",
          "    process: FEBID\n    makes: bridge\n    accelerating_voltage: 5 kV\n    beam_current: 1.6 nA")],
        "steps[13].process",
    ),
    "order-open": ([("    after: [narrow]\n", "    after: [trenches]\n")], "steps[3].after"),
    "thinned-elsewhere": ([("  thinning: before_transfer", "  thinning: on_chip")], "steps[8].after"),
    "transfer-before-lift-out": (
        [("  - name: lift-out\n    kind: lift_out\n    after: [needle]\n", ""), ("    after: [lift-out]", "    after: [needle]")],
        "steps[10]",
    ),
    "support-not-deposited": ([("    joins: support\n", "    joins: needle\n")], "support"),
    "bridge-not-deposited": ([("    makes: bridge\n", "    makes: protective_layer\n")], "bridge"),
    "support-too-early": ([("    joins: needle\n", "    joins: support\n")], "steps[9].after"),
    "handed-off-unmeasured": (
        [("    after: [measure]", "    after: [repair]"),
         ("  - name: hand-off\n", "  - name: repair\n    kind: deposit\n    after: [measure]\n    process: FIBID\n    makes: bridge\n"
          "    accelerating_voltage: 30 kV\n    beam_current: 30 pA\n  - name: hand-off\n")],
        "steps[16].after",
    ),
    "assumed-field-unknown": ([("    assumed: [profile, length, width, depth]", "    assumed: [profil]")], "steps[1].assumed[0]"),
    "step-missing": ([("    after: [narrow]\n", "    after: [narow]\n")], "steps[3].after[0]"),
    "step-cycle": ([("    after: [cap]\n", "    after: [cap, polish]\n")], "steps[1].after"),
    "step-name-repeated": ([("  - name: narrow\n", "  - name: trenches\n")], "steps[2].name"),
    "material-unknown": ([("material: alumina_ald", "material: alumina")], "sample.stack[1].material"),
    "card-unknown": ([("  fib: strata-db235\n", "  fib: strata-db234\n")], "instruments.fib"),
}  # fmt: skip


@pytest.mark.parametrize("code", BROKEN)
def test_a_broken_rule_is_told_with_its_place_and_remedy(
    code: str, paper_text: str, examine_text: Callable[[str], Examined]
) -> None:
    """The finding has the rule's code, stands at the right place of the recipe, and says what to do."""
    changes, where = BROKEN[code]
    text = paper_text
    for old, new in changes:
        text = replaced(text, old, new)
    examined = examine_text(text)
    told = [examined.located(finding) for finding in examined.findings if finding.code == code]
    assert told, [finding.code for finding in examined.findings]
    assert told[0].where == where
    assert told[0].line > 1
    assert told[0].remedy


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_a_shipped_recipe_breaks_no_rule(recipe: Path, library: SearchPath) -> None:
    """Every recipe that users start from is without errors and without warnings."""
    assert examine_file(load_recipe(recipe), library).findings == ()
