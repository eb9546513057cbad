"""What changed between two recipes, in the words of the field, and what follows from it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from shipped import RECIPES, replaced

from fibplan.advice.consequence import Side, differences, new_errors
from fibplan.advice.difference import Change, Kind
from fibplan.library.examine import Examined
from fibplan.library.load import load_recipe

Compare = Callable[..., list[Change]]


def side(examined: Examined) -> Side:
    return Side(examined.file.recipe, examined.findings, examined.plan)


@pytest.fixture
def compare(paper_text: str, examine_text: Callable[[str], Examined]) -> Compare:
    """The changes from the paper's recipe to the same with these passages replaced."""

    def compare(*replacements: tuple[str, str], backwards: bool = False) -> list[Change]:
        text = paper_text
        for old, new in replacements:
            text = replaced(text, old, new)
        sides = [side(examine_text(each)) for each in (paper_text, text)]
        return differences(*(reversed(sides) if backwards else sides))

    return compare


def written(changes: list[Change]) -> list[str]:
    """The changes of the recipe itself."""
    return [str(change) for change in changes if change.kind is not Kind.CONSEQUENCE]


def followed(changes: list[Change]) -> list[str]:
    return [change.where for change in changes if change.kind is Kind.CONSEQUENCE]


# name: (what stands in the paper's recipe, what is written instead, the change that is told)
CHANGED: dict[str, tuple[str, str, str]] = {
    "a quantity": ("    leaves: 100 nm\n", "    leaves: 90 nm\n", "steps.polish.leaves: 100 nm -> 90 nm"),
    "plan-view length": ("\n  width: 2 um\n", "\n  width: 2.5 um\n", "bridge.width: 2 um -> 2.5 um"),
    "an angle": ("    overtilt: 4 deg\n", "    overtilt: 4.25 deg\n", "steps.polish.overtilt: 4 deg -> 4.25 deg"),
    "a small change": ("  length: 15 um\n", "  length: 15.0001 um\n", "lamella.length: 15 um -> 15.0001 um"),
    "a word": ("profile: stair_step", "profile: box", "steps.trenches.profile: stair_step -> box"),
    "a layer": ("thickness: 460 nm}", "thickness: 400 nm}", "sample.stack.LMNO.thickness: 460 nm -> 400 nm"),
    "a criterion": (
        "{kind: conducting, below: 300 ohm,",
        "{kind: conducting, below: 200 ohm,",
        "verification.bridge.criterion.below: 300 ohm -> 200 ohm",
    ),
    "a list": (
        "paths: [bridge, protective]", "paths: [bridge]", "steps.measure.paths: [bridge, protective] -> [bridge]"
    ),
    "a card": ("  fib: strata-db235", "  fib: other-fib", "instruments.fib: strata-db235 -> other-fib"),
    "something taken out": (
        "    why: minimises the amorphised layer\n", "", "steps.polish.why: removed (minimises the amorphised layer)"
    ),
    "something added": (
        "    joins: needle\n", "    joins: needle\n    why: it is strong\n", "steps.needle.why: added (it is strong)"
    ),
    "a flow": ("  flow: 5 uL/min\n", "  flow: 6 uL/min\n", "hand_off.flow: 5 uL/min -> 6 uL/min"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGED)
def test_one_change_is_told_in_its_unit(name: str, compare: Compare) -> None:
    """Exactly the change that was made is told, by the names of step and layer, in the unit that recipes use."""
    old, new, told = CHANGED[name]
    assert written(compare((old, new))) == [told]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_does_not_differ_from_itself(recipe: Path, examine_text: Callable[[str], Examined]) -> None:
    """No change of the text alone is a difference."""
    text = load_recipe(recipe).text
    assert differences(side(examine_text(text)), side(examine_text("# a remark\n" + text))) == []


def test_another_spelling_of_a_quantity_is_no_change(compare: Compare) -> None:
    """20 nA and 0.02 uA are the same current."""
    assert compare(("    beam_current: 20 nA\n", "    beam_current: 0.02 uA\n")) == []


EXTRA = """\
  - name: extra-polish
    kind: polish
    after: [polish]
    accelerating_voltage: 5 kV
    beam_current: 30 pA
    leaves: 95 nm
"""


def test_a_step_that_was_added_is_told_with_what_it_does(compare: Compare) -> None:
    """An added step stands with its kind, beam and thickness; taken out again it is told as removed."""
    change = ("  - name: needle\n", EXTRA + "  - name: needle\n")
    told = "(polish, accelerating voltage 5 kV, beam current 30 pA, leaves 95 nm"
    assert written(compare(change))[0].startswith(f"steps.extra-polish: added {told}")
    assert written(compare(change, backwards=True))[0].startswith(f"steps.extra-polish: removed {told}")


def test_a_step_in_another_place_is_told_as_moved(compare: Compare, paper_text: str) -> None:
    """Two steps that change places are one move, with the step that comes before it now and then."""
    support = paper_text[paper_text.index("  - name: support-weld\n") : paper_text.index("  - name: bridge\n")]
    bridge = paper_text[paper_text.index("  - name: bridge\n") : paper_text.index("  - name: measure\n")]
    changes = compare((support + bridge, bridge + support))
    assert [change.kind for change in changes] == [Kind.MOVED]
    assert str(changes[0]) in {
        "steps.support-weld: moved from after transfer to after bridge",
        "steps.bridge: moved from after support-weld to after transfer",
    }


def test_an_order_that_only_the_plan_shows_is_told(compare: Compare) -> None:
    """A step that waits for another one now is done elsewhere, though it stands where it stood."""
    support, bridge = "  - name: support-weld\n    kind: weld\n    after: ", "    kind: deposit\n    after: "
    changes = compare(
        (f"{support}[transfer]", f"{support}[bridge]"), (f"{bridge}[support-weld]", f"{bridge}[transfer]")
    )
    assert any(change.kind is Kind.MOVED for change in changes)


def test_consequences_follow_the_change(compare: Compare) -> None:
    """Less left by the ladder's end is a thinner lamella, another time and new findings."""
    changes = compare(("    leaves: 100 nm\n", "    leaves: 80 nm\n"))
    told = {change.where: change for change in changes if change.kind is Kind.CONSEQUENCE}
    assert (told["final thickness"].before, told["final thickness"].after) == ("100 nm", "80 nm")
    assert "time of the whole session" in told
    finding = told["steps.polish.leaves"]
    assert finding.before is None
    assert finding.after is not None
    assert "[ladder-misses-target]" in finding.after
    assert str(finding).startswith("steps.polish.leaves: now error: ")


def test_a_remark_has_no_consequence(compare: Compare) -> None:
    """What is only said changes no time, thickness or finding."""
    assert followed(compare(("title: LMNO", "title: another LMNO"))) == []


def test_without_a_plan_only_its_errors_are_told(compare: Compare) -> None:
    """Steps that wait for one another leave nothing to compute, which is told once, with the error."""
    changes = compare(("    after: [cap]\n", "    after: [cap, polish]\n"))
    assert "plan: can be made -> cannot be made" in map(str, changes)
    assert len(followed(changes)) == 2


def test_only_errors_that_are_new_count(paper_text: str, examine_text: Callable[[str], Examined]) -> None:
    """An error that the first side has in the same place is not new, also when its message is another."""
    first, second = (
        side(examine_text(replaced(paper_text, "    leaves: 100 nm\n", f"    leaves: {left} nm\n")))
        for left in (110, 120)
    )
    sound = side(examine_text(paper_text))
    assert [finding.code for finding in new_errors(sound, first)] == ["ladder-misses-target"]
    assert new_errors(first, second) == []
    assert new_errors(first, sound) == []
