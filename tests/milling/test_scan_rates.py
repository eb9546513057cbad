"""Which rate a step is planned with: this column's calibration, the scan's own, or the material's times the gain."""

from pathlib import Path

import pytest
from shipped import ROOT, replaced

from fibplan.cli.tables import outcome_lines
from fibplan.errors import InvalidFile
from fibplan.library.load import load_card
from fibplan.milling.column import Column
from fibplan.milling.rates import redeposition_factor
from fibplan.milling.removal import aspect_ratio
from fibplan.model.cards import Cards
from fibplan.model.fib_card import Calibration, FibCard
from fibplan.model.interval import Interval, Status, product
from fibplan.model.plan import Operation, Plan, RateBasis
from fibplan.model.steps import Removal
from fibplan.planning.expand import expand

FIB = ROOT / "instruments" / "fib" / "strata-db235.yaml"
ENTRY = (
    "      - material: silicon\n        accelerating_voltage: 30 kV\n        volume_per_dose: {expected: 0.38 um3/nC"
)


def named(plan: Plan, name: str) -> Operation:
    return next(operation for operation in plan.operations if operation.name == name)


def bases(operation: Operation) -> dict[str, RateBasis]:
    return {rate.material: rate.basis for rate in operation.rates}


def with_calibration(plan: Plan, material: str) -> Plan:
    """The plan on a column where that material was measured at 30 kV."""
    rate = Interval(low=1.6e-10, expected=1.7e-10, high=1.8e-10, unit="m3/C", source="a box", status=Status.DERIVED)
    said = {"measured": "a box", "date": "now", "by": "me"}
    measured = Calibration.model_validate(
        {"material": material, "accelerating_voltage": "30 kV", "volume_per_dose": rate, **said}
    )
    fib = plan.cards.fib.model_copy(update={"calibrations": (measured,)})
    return expand(plan.recipe, plan.cards.model_copy(update={"fib": fib}))


def test_a_scan_s_own_rate_replaces_rate_and_gain(paper_plan: Plan) -> None:
    """What the card gives for the scan in that material counts, and of the factors only redeposition."""
    trenches = named(paper_plan, "trenches")
    assert isinstance(trenches.step, Removal)
    used = next(rate for rate in trenches.rates if rate.material == "silicon")
    fib = paper_plan.cards.fib
    (own,) = fib.patterns.stair_step.rates
    confined = redeposition_factor(fib.redeposition, aspect_ratio(trenches.step))
    assert used.basis is RateBasis.SCAN
    assert used.volume_per_dose == product([own.volume_per_dose, confined], "m3/C")


def test_every_other_material_and_scan_keeps_rate_and_gain(paper_plan: Plan) -> None:
    """The scan's own rate holds for its material alone, and no plain cut and no side wall has one."""
    trenches, undercut = named(paper_plan, "trenches"), named(paper_plan, "undercut")
    assert [name for name, basis in bases(trenches).items() if basis is not RateBasis.MATERIAL] == ["silicon"]
    assert len(bases(trenches)) > 1
    assert bases(undercut) == {"silicon": RateBasis.MATERIAL}
    assert set(bases(named(paper_plan, "polish")).values()) == {RateBasis.MATERIAL}


def test_a_scan_s_own_rate_holds_at_its_voltage_alone(paper_plan: Plan) -> None:
    """At 5 kV nothing is known of the scan itself, so that the material's rate and the gain count."""
    step = named(paper_plan, "clean-faces").step
    assert isinstance(step, Removal)
    column = Column(paper_plan.cards.fib, paper_plan.cards.materials)
    slower = step.model_copy(update={"accelerating_voltage": 5e3})
    assert column.base_rate("silicon", step) != column.base_rate("silicon", slower)
    assert column.base_rate("silicon", slower) == (RateBasis.MATERIAL, column.plain_rate("silicon", 5e3))


def test_a_calibration_of_the_column_comes_before_both(paper_plan: Plan) -> None:
    """What was measured here counts more than what a vendor's file says of a scan, and is known better."""
    before, after = (named(plan, "trenches") for plan in (paper_plan, with_calibration(paper_plan, "silicon")))
    assert bases(after)["silicon"] is RateBasis.CALIBRATED
    assert after.calibrated == ("silicon",)
    guessed, measured = (
        next(rate.volume_per_dose for rate in operation.rates if rate.material == "silicon")
        for operation in (before, after)
    )
    assert measured.high / measured.low < guessed.high / guessed.low


def test_the_plan_says_which_rates_it_took(paper_plan: Plan) -> None:
    """One line names what was calibrated, one the scans with rates of their own."""
    said = outcome_lines(paper_plan)
    assert "Rates calibrated on this column: none." in said
    assert "Rates on the card for the way of scanning: silicon in trenches, narrow, clean-faces." in said
    said = outcome_lines(with_calibration(paper_plan, "silicon"))
    assert "Rates calibrated on this column: silicon." in said
    assert "Rates on the card for the way of scanning: none." in said


def test_one_scan_has_one_rate_for_a_material_at_a_voltage(tmp_path: Path) -> None:
    """Two entries for the same material and voltage are refused, whatever they are written like."""
    text = FIB.read_text(encoding="utf-8")
    line = "        volume_per_dose: {expected: 0.38 um3/nC, status: unverified, source: twice}\n"
    twice = "      - material: silicon\n        accelerating_voltage: 30000 V\n" + line
    broken = tmp_path / "strata-db235.yaml"
    broken.write_text(replaced(text, ENTRY, twice + ENTRY), encoding="utf-8")
    with pytest.raises(InvalidFile) as told:
        load_card(broken)
    assert "patterns.stair_step.rates: 2 entries have the conditions silicon at 30 kV" in str(told.value.lines())


def test_a_column_without_such_rates_plans_as_before(paper_plan: Plan) -> None:
    """They may be left out; the shipped ones lie where the gain puts them, so that only the interval is theirs."""
    fib: FibCard = paper_plan.cards.fib
    patterns = fib.patterns.model_copy(
        update={
            name: getattr(fib.patterns, name).model_copy(update={"rates": ()})
            for name in ("stair_step", "cleaning_cross_section")
        }
    )
    cards: Cards = paper_plan.cards.model_copy(update={"fib": fib.model_copy(update={"patterns": patterns})})
    plain = expand(paper_plan.recipe, cards)
    assert plain.duration.expected == pytest.approx(paper_plan.duration.expected)
    assert all(rate.basis is RateBasis.MATERIAL for operation in plain.operations for rate in operation.rates)
