"""What is drawn is made: notch, pads and cuts have steps with volume, dose and time, each at its real place."""

from pathlib import Path

import pytest
from checks.test_rules import (
    CUT_STEP,
    NOTCH_STEP,
    PAD_STEP,
    PAPER_TEXT,
    Change,
    bridge_with,
    changed,
    examined,
    step_before,
    with_parts,
)
from shapely import Point

from fibplan.layout.clearance import polygon, required
from fibplan.library.examine import Examined, examine_file
from fibplan.library.load import load_recipe
from fibplan.library.search_path import SearchPath
from fibplan.model.layout import Part
from fibplan.model.plan import Operation, Plan

PADS = "pads:\n" + "".join(
    f"  - {{terminal: {name}, side: 10 um, width: 2 um, thickness: 300 nm, overlap: 500 nm, clearance: 100 nm}}\n"
    for name in ("current_collector", "protective_layer")
)
CUTS = "cuts:\n  - {step: cut, x: 7.5 um, y: 6.26 um}\n  - {step: cut, x: 11.5 um, y: 6.26 um}"
FRAME = PAD_STEP.replace("50 pA", "300 pA").replace("patches: 13", "patches: 2\n    portion: over_frame")
TRACK = PAD_STEP.replace("patches: 13", "patches: 7\n    portion: over_membrane")
PARTS: list[Change] = [
    *bridge_with("notch: {length: 3.7 um}"),
    *step_before("weld", "notch", "polish", NOTCH_STEP),
    *with_parts(PADS + CUTS),
]


def text_with(*steps: tuple[str, str], parts: list[Change] = PARTS) -> str:
    """The paper's recipe with these parts, and these steps between the bridge and the measurement."""
    text, before = changed(PAPER_TEXT, parts), "bridge"
    for name, fields in steps:
        start = f"  - name: measure\n    kind: measure\n    after: [{before}]\n"
        made = f"  - name: {name}\n    after: [{before}]\n{fields}"
        text = changed(text, [(start, made + start.replace(f"[{before}]", f"[{name}]"))])
        before = name
    return text


WHOLE = (("pads", FRAME), ("tracks", TRACK), ("cut", CUT_STEP))


@pytest.fixture
def made(tmp_path: Path) -> Examined:
    return examined(text_with(*WHOLE), tmp_path)


def operation(plan: Plan, name: str) -> Operation:
    return next(found for found in plan.operations if found.name == name)


def codes(found: Examined) -> set[str]:
    return {finding.code for finding in found.findings}


def test_a_recipe_with_a_step_for_every_part_is_sound_and_leaves_nothing_out(made: Examined) -> None:
    """Notch, pads and cuts planned by steps: no error, no part without a step, no budget exceeded."""
    assert made.sound
    assert not codes(made) & {"part-not-planned", "membrane-over-budget", "deposit-mills", "deposit-slow"}


def test_the_notch_takes_all_above_the_collector(made: Examined) -> None:
    """3.7 um by the height of active layer and cap, through the slab as thick as it is then, each by its own rate."""
    plan = made.sound_plan()
    notch = operation(plan, "notch")
    above = sum(layer.thickness for layer in plan.recipe.sample.stack[3:])
    assert notch.volume_um3 == pytest.approx(3.7 * 100e-9 * above * 1e12)
    assert {rate.material for rate in notch.rates} == {"lmno", "fib_pt"}
    assert notch.beam_on_s is not None
    assert notch.beam_on_s.expected > 0
    assert notch.membrane_dose is None


def test_pads_are_deposited_whole(made: Examined) -> None:
    """What lies over the frame and what lies over the membrane add up to the pads as drawn."""
    plan = made.sound_plan()
    drawn = sum(polygon(pad.outline_um).area * pad.thickness_m * 1e6 for pad in plan.layout.of(Part.PAD))
    grown = sum(operation(plan, name).volume_um3 or 0.0 for name in ("pads", "tracks"))
    assert grown == pytest.approx(drawn)


def test_only_what_works_over_the_membrane_exposes_it(made: Examined) -> None:
    """The strong beam on the frame is none over the membrane; tracks cost what closes their film; cuts only a look."""
    plan = made.sound_plan()
    tracks, cut = operation(plan, "tracks"), operation(plan, "cut")
    assert operation(plan, "pads").membrane_dose is None
    assert tracks.membrane_dose is not None
    assert tracks.membrane_dose.expected > tracks.look_dose.expected
    assert cut.membrane_dose == cut.look_dose


def test_a_pad_that_is_deposited_in_one_go_is_too_strong_a_beam(tmp_path: Path) -> None:
    """Without a portion the whole pad's beam works over the membrane too."""
    whole = examined(text_with(("pads", FRAME.replace("    portion: over_frame\n", ""))), tmp_path)
    assert "membrane-current-forbidden" in codes(whole)


def test_doses_are_added_up_where_they_meet(made: Examined, paper_plan: Plan) -> None:
    """Patterns that lie apart do not add up at one place, looks do; the whole is never less than the worst alone."""
    for plan in (made.sound_plan(), paper_plan):
        exposed = [found for found in plan.operations if found.membrane_dose is not None]
        looks = sum(found.look_dose.expected for found in exposed)
        worst = max(found.membrane_dose.expected - found.look_dose.expected for found in exposed)
        assert plan.membrane.total.expected == pytest.approx(looks + worst)


def test_a_step_mills_each_cut_that_names_it(made: Examined) -> None:
    """Two cuts of one step take twice the volume of one."""
    assert operation(made.sound_plan(), "cut").volume_um3 == pytest.approx(2 * 3 * 0.3 * 0.01)


@pytest.mark.parametrize(
    ("place", "costs"),
    {
        "x: 7 um, y: 6.26 um": False,
        "x: 7 um, y: 10 um": True,
        "x: -2 um, y: 10 um": True,
        "x: 2 um, y: 7 um": True,
    }.items(),
)
def test_a_cut_costs_the_membrane_only_where_the_lamella_does_not_lie_over_it(
    place: str, costs: bool, tmp_path: Path
) -> None:
    """On the lamella it is a look, beside it or in the notch the whole dose."""
    parts = [*PARTS[:-1], *with_parts(PADS + f"cuts:\n  - {{step: cut, {place}}}")]
    cut = operation(examined(text_with(*WHOLE, parts=parts), tmp_path).plan, "cut")
    assert (cut.membrane_dose.expected > cut.look_dose.expected) is costs


@pytest.mark.parametrize(("depth", "through"), [("45 nm", False), ("55 nm", True)])
def test_a_cut_beside_the_lamella_does_not_go_through_the_membrane(depth: str, through: bool, tmp_path: Path) -> None:
    """The membrane is 50 nm thick, and the halo on it may be as good as nothing; the message says both depths."""
    parts = [*PARTS[:-1], *with_parts(PADS + "cuts:\n  - {step: cut, x: 7 um, y: 10 um}")]
    steps = (*WHOLE[:2], ("cut", CUT_STEP.replace("depth: 10 nm", f"depth: {depth}")))
    found = examined(text_with(*steps, parts=parts), tmp_path)
    told = [finding.message for finding in found.findings if finding.code == "cut-through"]
    assert told == ([f"the cut goes {depth} deep over 50 nm of membrane"] if through else [])


@pytest.mark.parametrize("left_out", ["pads", "tracks", "notch"])
def test_a_part_without_its_step_is_a_warning_with_its_remedy(left_out: str, tmp_path: Path) -> None:
    """Each part that is drawn and not made is told with what to add; the rest is not."""
    parts = [change for change in PARTS if left_out != "notch" or "mill_notch" not in change[1]]
    steps = tuple(step for step in WHOLE if step[0] != left_out)
    found = examined(text_with(*steps, parts=parts), tmp_path)
    told = [finding for finding in found.findings if finding.code == "part-not-planned"]
    assert len(told) == (1 if left_out == "notch" else 2)
    kind = "mill_notch" if left_out == "notch" else "makes: landing_pad"
    assert all(finding.severity == "warning" and kind in finding.remedy for finding in told)


def test_one_pad_alone_can_be_deposited(tmp_path: Path) -> None:
    """A step that names a terminal makes its pad, and the other is missed."""
    step = PAD_STEP + "    terminal: protective_layer\n"
    found = examined(text_with(("pad", step)), tmp_path)
    told = [finding.path for finding in found.findings if finding.code == "part-not-planned"]
    assert told == [("pads", 0)]


@pytest.mark.parametrize("field", ["portion: over_frame", "terminal: protective_layer"])
def test_what_is_said_of_pads_is_refused_of_another_deposit(field: str, tmp_path: Path) -> None:
    """A bridge has neither a terminal nor a portion: one line, with its place."""
    from fibplan.errors import InvalidFile

    bridge = "    makes: bridge\n"
    with pytest.raises(InvalidFile) as refused:
        examined(changed(PAPER_TEXT, [(bridge, f"{bridge}    {field}\n")]), tmp_path)
    (fault,) = refused.value.faults
    assert fault.where.endswith(field.split(":", maxsplit=1)[0])
    assert "bridge" in fault.message


def test_a_notch_after_the_bridge_comes_too_late(tmp_path: Path) -> None:
    """Its halo is there by then; on the chip the membrane would be milled through besides."""
    parts = [*PARTS[:1], *PARTS[2:]]
    found = examined(text_with(*WHOLE[:2], ("notch", NOTCH_STEP), WHOLE[2], parts=parts), tmp_path)
    assert {"notch-out-of-place", "membrane-perforated"} <= codes(found)


def test_the_shipped_battery_lands_its_tip_on_a_pad_that_is_planned(library: SearchPath) -> None:
    """The biasing recipe's pad is deposited in two portions, and the tip for the cap lands on its middle."""
    found = examine_file(load_recipe(library.recipe("lco-lipon-biasing-chip"), search=library), library)
    plan = found.sound_plan()
    assert "part-not-planned" not in codes(found)
    assert operation(plan, "pad").membrane_dose is None
    tip = next(tip for tip in plan.layout.tips if tip.terminal == "protective_layer")
    pad = required(plan.layout, "pad_protective_layer")
    assert (tip.on, tip.over_membrane) == (pad.name, False)
    assert polygon(pad.outline_um).exterior.distance(Point(tip.place_um)) > 4
