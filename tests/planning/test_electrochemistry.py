"""Charge, currents and times of the electrochemistry sheet follow from geometry, recipe and cards."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shipped import PAPER, ROOT

from fibplan.library.examine import examine
from fibplan.library.search_path import SearchPath
from fibplan.model.echip_card import Passivation
from fibplan.model.hand_off import Impedance
from fibplan.model.interval import Status, exactly
from fibplan.model.plan import Plan
from fibplan.model.recipe import Notch
from fibplan.planning.electrochemistry import (
    ElectrochemistrySheet,
    active_volume_m3,
    bare_area_um2,
    electrochemistry_sheet,
    sweep_time,
)

BRIDGE = ("bridge", exactly(150.0, "ohm"))


@pytest.fixture(scope="module")
def plan() -> Plan:
    return examine(str(PAPER), SearchPath([ROOT])).sound_plan()


def paper_lamella(plan: Plan, **lamella: Any) -> Plan:
    """The same 10 um long, which is the length that the numbers of the paper belong to."""
    changed = plan.recipe.lamella.model_copy(update={"length": 10.0, **lamella})
    return plan.model_copy(update={"recipe": plan.recipe.model_copy(update={"lamella": changed})})


def sheet_of(plan: Plan, thickness_m: float = 1e-7) -> ElectrochemistrySheet:
    found = electrochemistry_sheet(plan, thickness_m, BRIDGE)
    assert found is not None
    return found


def test_the_paper_s_lamella_holds_a_nanocoulomb(plan: Plan) -> None:
    """10 x 0.46 x 0.1 um3 at 63 uAh/cm2/um are 1.04 nC, and 0.15 pA on the average at 0.1 mV/s over 0.7 V."""
    currents = sheet_of(paper_lamella(plan)).currents
    assert currents is not None
    assert currents.volume_um3 == pytest.approx(0.46)
    assert currents.charge_c.expected == pytest.approx(1.04e-9, rel=5e-3)
    assert currents.lamella_a.expected == pytest.approx(0.149e-12, rel=5e-3)
    assert currents.charge_c.low < 0.7e-9


def test_a_micrometre_holds_ten_times_as_much(plan: Plan) -> None:
    """The same lamella 1 um thick carries 1.5 pA."""
    currents = sheet_of(paper_lamella(plan), 1e-6).currents
    assert currents is not None
    assert currents.lamella_a.expected == pytest.approx(1.49e-12, rel=5e-3)


def test_bare_platinum_hides_the_lamella(plan: Plan) -> None:
    """The background of the bare electrode is far above the lamella's current, even at its least."""
    currents = sheet_of(paper_lamella(plan)).currents
    assert currents is not None
    assert currents.background_a is not None
    assert currents.ratio is not None
    assert currents.ratio.low > 10
    assert currents.background_a.low > currents.lamella_a.high
    assert currents.ratio.status is Status.UNVERIFIED


def test_charging_is_capacitance_times_area_times_rate(plan: Plan) -> None:
    """20 uF/cm2 on the bare electrode of the card at 0.1 mV/s."""
    currents = sheet_of(plan).currents
    assert currents is not None
    assert currents.bare_um2 == pytest.approx(398 * 20)
    assert currents.charging_a is not None
    assert currents.charging_a.expected == pytest.approx(20e-6 * 7960e-8 * 1e-4)


def test_what_a_film_covers_is_not_bare(plan: Plan) -> None:
    """A film over half of the electrode leaves half of its area in the liquid."""
    assert plan.cards.echip is not None
    corners = [[-400, -10], [-201, -10], [-201, 10], [-400, 10]]
    film = Passivation.model_validate(
        {"material": "SU-8", "thickness": "500 nm", "outline_um": corners, "status": "unverified"}
    )
    chip = plan.cards.echip.model_copy(update={"passivation": (film,)})
    covered = plan.model_copy(update={"cards": plan.cards.model_copy(update={"echip": chip})})
    assert bare_area_um2(covered) == pytest.approx(3980)


def test_both_scales_and_the_times(plan: Plan) -> None:
    """0.3 to 1 V against Pt are 4.1 to 4.8 V against Li+/Li with 3.8 V; 7000 s a sweep, 14000 s a cycle."""
    cycle = sheet_of(plan).cycle
    assert cycle is not None
    assert cycle.window.against_reference_v == pytest.approx((0.3, 1.0))
    assert cycle.window.against_lithium_v == pytest.approx((4.1, 4.8))
    assert (cycle.sweep_s, cycle.cycle_s) == (pytest.approx(7000), pytest.approx(14000))
    assert cycle.assumed == ("reference_offset",)


def test_another_offset_keeps_the_window_against_lithium(plan: Plan) -> None:
    """With the offset 200 mV up, what has to be set goes 200 mV down, and the window against Li+/Li stays."""
    cycle = sheet_of(plan).cycle
    assert cycle is not None
    low, high = cycle.shifted
    assert (low.offset_v, high.offset_v) == (pytest.approx(3.6), pytest.approx(4.0))
    assert high.against_reference_v == pytest.approx((0.1, 0.8))
    assert low.against_lithium_v == high.against_lithium_v == cycle.window.against_lithium_v


def test_the_window_is_told_to_enter_the_manganese_region(plan: Plan) -> None:
    """4.1 V is 0.3 V below 4.4 V; a window from 4.5 V on is not warned of."""
    cycle = sheet_of(plan).cycle
    assert cycle is not None
    assert cycle.into_manganese_v == pytest.approx(0.3)
    assert plan.recipe.hand_off is not None
    above = plan.recipe.hand_off.cyclic_voltammetry.model_copy(update={"lower": 0.7})  # pyright: ignore
    settings = plan.recipe.hand_off.model_copy(update={"cyclic_voltammetry": above})
    changed = plan.model_copy(update={"recipe": plan.recipe.model_copy(update={"hand_off": settings})})
    cycle = sheet_of(changed).cycle
    assert cycle is not None
    assert cycle.into_manganese_v is None


def test_the_bridge_explains_next_to_nothing_of_the_cell(plan: Plan) -> None:
    """150 ohm of 1e6 ohm are 0.015 %, and the lamella's own current drops under a microvolt over it."""
    found = sheet_of(plan)
    assert found.spectrum is not None
    assert found.spectrum.bridge_share is not None
    assert found.spectrum.bridge_share.expected == pytest.approx(1.5e-4)
    assert found.drop_v is not None
    assert found.drop_v.high < 1e-6


def test_a_bridge_without_a_number_explains_nothing(plan: Plan) -> None:
    """Where the bridge's resistance has no number, no share is told."""
    found = electrochemistry_sheet(plan, 1e-7, None)
    assert found is not None
    assert found.spectrum is not None
    assert found.spectrum.bridge_share is None


@given(st.floats(1e-4, 1e2), st.floats(0.1, 5), st.integers(1, 50), st.floats(0.5, 10))
def test_a_spectrum_takes_its_periods(lowest: float, decades: float, fineness: int, periods: float) -> None:
    """No spectrum is shorter than its lowest point, or longer than all points at the lowest frequency."""
    impedance = Impedance.model_construct(
        highest=lowest * 10**decades, lowest=lowest, amplitude=0.01, points_per_decade=fineness, periods=periods
    )
    told = sweep_time(impedance, lowest)
    assert told is not None
    points, seconds = told
    assert points == int(decades * fineness + 1e-9) + 1
    assert periods / impedance.highest <= seconds <= points * periods / lowest * (1 + 1e-6)


def test_the_slow_part_is_most_of_the_paper_s_spectrum(plan: Plan) -> None:
    """Down to 0.5 mHz takes hours, nearly all of them below 0.1 Hz."""
    spectrum = sheet_of(plan).spectrum
    assert spectrum is not None
    assert spectrum.seconds is not None
    assert spectrum.slow_s is not None
    assert 2 * 3600 < spectrum.seconds < 4 * 3600
    assert spectrum.slow_s / spectrum.seconds > 0.99
    assert spectrum.longest_period_s == pytest.approx(2000)


def test_a_notch_takes_its_length_off(plan: Plan) -> None:
    """Where the active layer is milled back by 3 um, 12 of 15 um are left."""
    assert plan.recipe.bridge is not None
    bridge = plan.recipe.bridge.model_copy(update={"notch": Notch(length="3 um")})  # pyright: ignore
    notched = plan.model_copy(update={"recipe": plan.recipe.model_copy(update={"bridge": bridge})})
    whole, less = active_volume_m3(plan, 1e-7), active_volume_m3(notched, 1e-7)
    assert whole is not None
    assert less == pytest.approx(whole * 12 / 15)


def test_a_recipe_without_a_potentiostat_has_no_sheet(plan: Plan) -> None:
    """Without voltammetry and impedance there is nothing to set."""
    bare = plan.model_copy(update={"recipe": plan.recipe.model_copy(update={"hand_off": None})})
    assert electrochemistry_sheet(bare, 1e-7, BRIDGE) is None
