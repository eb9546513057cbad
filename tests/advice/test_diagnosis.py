"""What is probably wrong: every named fault comes first on a typical lamella, and probability behaves as it must."""

import random
from collections.abc import Callable
from typing import get_args

import pytest
from faulty_lamella import curves_of, drawn

from fibplan.advice.diagnosis.diagnose import Belief, belief_of, diagnose, suspects_for
from fibplan.advice.diagnosis.suspects import Suspects
from fibplan.advice.diagnosis.words import CALLED, IN_AN_IMAGE
from fibplan.circuit.faults import FAULTS
from fibplan.model.card import FaultName
from fibplan.model.cards import SmuCard
from fibplan.model.curve import CurveSet
from fibplan.model.diagnosis import AS_PLANNED, SOMETHING_ELSE, Diagnosis
from fibplan.model.plan import Plan
from fibplan.planning.expand import expand

Believe = Callable[..., Belief]


def _sums_to_one(diagnosis: Diagnosis) -> bool:
    singles = sum(entry.probability for entry in diagnosis.suspicions)
    groups = sum(group.probability for group in diagnosis.groups)
    return singles == pytest.approx(1.0) and groups == pytest.approx(1.0)


@pytest.mark.parametrize("fault", list(FAULTS))
def test_the_right_group_comes_first(fault: str, believe: Believe) -> None:
    """On a typical lamella with that fault, the group that holds it is the most probable one."""
    diagnosis = believe(fault).diagnosis
    assert fault in diagnosis.groups[0].members, [(g.members, g.probability) for g in diagnosis.groups[:3]]
    assert _sums_to_one(diagnosis)


def test_a_lamella_as_planned_is_called_so(believe: Believe) -> None:
    """Nothing wrong is the most probable, and more so than before it was measured."""
    first = believe().diagnosis.suspicions[0]
    assert first.fault == AS_PLANNED
    assert first.probability > first.prior > 0.5


@pytest.mark.parametrize("fault", ["open_bridge", "resistive_tip", "wrong_pad", "drifting_contact", "offset_current"])
def test_faults_of_other_sizes_are_found_too(fault: str, believe: Believe) -> None:
    """Twice as large or half as large as the named fault's own size it still comes first."""
    for size in (0.5, 2.0):
        assert fault in believe(fault, **{fault: size}).diagnosis.groups[0].members


def test_without_evidence_the_prior_stays(paper_plan: Plan, card: SmuCard, suspects: Suspects) -> None:
    """No curve leaves every chance of the cards as it was, and says so."""
    found = belief_of(paper_plan, CurveSet(), card, suspects=suspects)
    assert found is not None
    assert all(entry.probability == pytest.approx(entry.prior) for entry in found.diagnosis.suspicions)
    assert "nothing usable was measured" in found.diagnosis.notes[0]
    assert found.diagnosis.groups[0].members[0] == AS_PLANNED
    assert len(found.diagnosis.groups) == 2, "everything looks alike but what has no name"


def test_the_order_of_the_curves_changes_nothing(
    paper_plan: Plan, card: SmuCard, suspects: Suspects, sound_seed: int
) -> None:
    """A shuffled curve set gives the same diagnosis to the last digit."""
    curves = curves_of(paper_plan, card, drawn(paper_plan, sound_seed), ["thin_bridge"], seed=1)
    mixed = list(curves.curves)
    random.Random(3).shuffle(mixed)
    found = [belief_of(paper_plan, entry, card, suspects=suspects) for entry in (curves, CurveSet(curves=tuple(mixed)))]
    assert found[0] is not None
    assert found[1] is not None
    assert found[0].diagnosis == found[1].diagnosis


def test_the_same_seed_gives_the_same_diagnosis(
    paper_plan: Plan, card: SmuCard, suspects: Suspects, sound_seed: int
) -> None:
    """Suspects that were used before give what fresh ones give."""
    curves = curves_of(paper_plan, card, drawn(paper_plan, sound_seed), ["drifting_contact"], seed=1)
    used = belief_of(paper_plan, curves, card, suspects=suspects)
    assert used is not None
    assert used.diagnosis == diagnose(paper_plan, curves, card)


def test_measuring_again_decides_nothing_by_itself(believe: Believe) -> None:
    """The sweeps of a path that repeat its main one do not change what is first, nor make it much surer."""
    for fault in ("thin_bridge", "open_bridge"):
        once = believe(fault, wanted=("sweep",)).diagnosis
        often = believe(fault, wanted=("sweep", "reversed", "repeat")).diagnosis
        assert once.groups[0].members[0] == often.groups[0].members[0]
        assert often.groups[0].probability == pytest.approx(once.groups[0].probability, abs=0.1)


def test_a_halo_and_a_skin_short_are_one_named_group(believe: Believe) -> None:
    """The tips cannot tell them apart, the group says why and that an image would."""
    group = believe("halo_short").diagnosis.groups[0]
    assert set(group.members) == {"halo_short", "skin_short"}
    assert group.name == "halo or skin short"
    assert "overlap" in group.reason
    assert "image" in group.split_by


def test_an_open_without_contact_checks_may_be_a_tip_in_the_air(believe: Believe) -> None:
    """With the main sweeps alone, open bridge and lifted tip are one group; the contact checks split it."""
    bare = believe("open_bridge", wanted=("sweep",)).diagnosis
    assert {"open_bridge", "probe_lifted"} <= set(bare.groups[0].members)
    assert bare.groups[0].name == "open somewhere behind the electrode"
    assert any("no contact check" in note for note in bare.notes)
    whole = believe("open_bridge").diagnosis
    assert whole.groups[0].members == ("open_bridge",)
    assert any("behind an open" in note for note in whole.notes)


def test_what_the_sweeps_cannot_show_is_grouped_with_the_plan(believe: Believe) -> None:
    """Over whole power-line cycles the mains are averaged away: no claim is made against or for them."""
    diagnosis = believe("mains_noise").diagnosis
    assert diagnosis.groups[0].members == (AS_PLANNED, "mains_noise")
    assert "mains" in diagnosis.groups[0].split_by
    assert diagnosis.probability("mains_noise") == pytest.approx(
        next(entry.prior for entry in diagnosis.suspicions if entry.fault == "mains_noise"), rel=0.7
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [("nonlinear_contact", "halo_short"), ("thin_bridge", "skin_short"), ("halo_short", "thin_bridge")],
)
def test_a_second_fault_is_told_beside_the_first(first: str, second: str, believe: Believe) -> None:
    """Of two faults on two paths one comes first, and the path that it does not explain points at the other."""
    diagnosis = believe(first, second).diagnosis
    told = {name for fault in diagnosis.besides for name in diagnosis.group_of(fault).members}
    told |= set(diagnosis.groups[0].members)
    assert {first, second} <= told
    assert any("two things" in note for note in diagnosis.notes)


def test_a_single_fault_has_nothing_beside_it(believe: Believe) -> None:
    """One fault explains both paths, so nothing more is suspected."""
    for fault in FAULTS:
        assert believe(fault).diagnosis.besides == ()
    assert believe().diagnosis.besides == ()


def test_the_chance_of_a_halo_short_is_that_of_the_sampled_network(paper_plan: Plan, suspects: Suspects) -> None:
    """A bridge of a tenth of the thickness has a thinner halo, and so a smaller prior of a halo short."""
    bridge = paper_plan.recipe.bridge.model_copy(update={"thickness": 5e-8})
    thin = suspects_for(expand(paper_plan.recipe.model_copy(update={"bridge": bridge}), paper_plan.cards))
    assert thin is not None
    assert thin.of("halo_short").prior < suspects.of("halo_short").prior


def test_a_plan_without_a_bridge_has_no_diagnosis(paper_plan: Plan, card: SmuCard) -> None:
    """There is nothing between the tips that a network could predict."""
    assert diagnose(paper_plan.model_copy(update={"layout": None}), CurveSet(), card) is None


def test_a_curve_of_another_instrument_or_a_broken_one_says_nothing(
    paper_plan: Plan, card: SmuCard, suspects: Suspects, sound_seed: int
) -> None:
    """Such curves leave the prior."""
    curves = curves_of(paper_plan, card, drawn(paper_plan, sound_seed), ["open_bridge"], seed=1)
    broken = CurveSet(curves=tuple(curve.model_copy(update={"partial": True}) for curve in curves.curves))
    found = belief_of(paper_plan, broken, card, suspects=suspects)
    assert found is not None
    assert found.diagnosis.evidence == ()


def test_every_fault_has_its_words_and_its_place_in_the_cards() -> None:
    """The names in the cards are those of the list of faults, and each has a name in words."""
    assert set(get_args(FaultName)) == {*FAULTS, SOMETHING_ELSE}
    assert set(CALLED) == {*FAULTS, SOMETHING_ELSE, AS_PLANNED}
    assert set(IN_AN_IMAGE) <= set(FAULTS)
