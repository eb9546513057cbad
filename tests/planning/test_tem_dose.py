"""Electrons, gray and mean free paths: the numbers of the TEM sheet follow from current, area and cards."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shipped import PAPER, ROOT

from fibplan.library.examine import examine
from fibplan.library.search_path import SearchPath
from fibplan.model.hand_off import HandOffSettings
from fibplan.model.interval import Status, exactly
from fibplan.model.plan import Plan
from fibplan.planning.tem_dose import (
    DIFFRACTION_MOST,
    current_for,
    disc,
    dose_rate_of,
    gray_of,
    liquid_thickness,
    tem_sheet,
)

PER_NM2 = 1e18
CURRENT = st.floats(1e-13, 1e-8)
WIDTH = st.floats(1e-9, 1e-4)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return examine(str(PAPER), SearchPath([ROOT])).sound_plan()


def with_settings(plan: Plan, **changes: Any) -> Plan:
    """The same with other entries under ``hand_off``, already in SI units."""
    assert plan.recipe.hand_off is not None
    settings = plan.recipe.hand_off.model_copy(update=changes)
    return plan.model_copy(update={"recipe": plan.recipe.model_copy(update={"hand_off": settings})})


def test_the_limit_in_gray_is_the_published_one(plan: Plan) -> None:
    """10 e/nm2/s at 200 kV in water are 4.48e5 Gy/s (stopping power 2.798 MeV cm2/g, as in AuRaCh)."""
    assert plan.cards.tem is not None
    water = plan.cards.tem.medium("water")
    assert water is not None
    assert water.stopping_power is not None
    assert gray_of(10 * PER_NM2, water.stopping_power, "Gy/s").expected == pytest.approx(4.48e5, rel=2e-3)


@given(CURRENT, WIDTH)
def test_current_and_dose_rate_are_each_other_s_inverse(current_a: float, width_m: float) -> None:
    """The current for the dose rate of a current over a disc is that current."""
    assert current_for(dose_rate_of(current_a, disc(width_m)), width_m) == pytest.approx(current_a)


@given(CURRENT, WIDTH, st.floats(1.1, 100))
def test_a_wider_beam_has_a_lower_dose_rate(current_a: float, width_m: float, wider: float) -> None:
    """The same current over a disc that is n times as wide has n squared times less dose rate."""
    ratio = dose_rate_of(current_a, disc(width_m)) / dose_rate_of(current_a, disc(wider * width_m))
    assert ratio == pytest.approx(wider**2)


def test_imaging_is_current_over_the_illuminated_area(plan: Plan) -> None:
    """100 pA over a disc of 10 um are 7.95 e/nm2/s, under the limit of 10; half an hour of them 14,300 e/nm2."""
    imaging = tem_sheet(plan, 1e-7).imaging
    assert imaging is not None
    assert imaging.dose_rate == pytest.approx(7.947 * PER_NM2, rel=1e-3)
    assert imaging.share == pytest.approx(0.7947, rel=1e-3)
    assert imaging.dose == pytest.approx(7.947 * PER_NM2 * 1800, rel=1e-3)


def test_the_currents_keep_the_limit(plan: Plan) -> None:
    """Each current of the table gives exactly the limit over its disc; 1.26 pA over 1 um."""
    found = tem_sheet(plan, 1e-7)
    for width, current in found.currents_a:
        assert dose_rate_of(current, disc(width)) == pytest.approx(10 * PER_NM2)
    assert found.currents_a[0][1] == pytest.approx(1.258e-12, rel=1e-3)


def test_a_map_costs_its_charge_over_its_area(plan: Plan) -> None:
    """Every electron of both maps lies in the area: current x dwell x points over charge and area."""
    scanned = tem_sheet(plan, 1e-7).scanned
    assert scanned is not None
    assert (scanned.points, scanned.maps, scanned.seconds) == (192_000, 2, 3840)
    electrons = 10e-12 * 3840 / 1.602176634e-19
    assert scanned.mean_dose == pytest.approx(electrons / 1.2e-12)


def test_the_visited_area_takes_more_than_the_mean(plan: Plan) -> None:
    """A probe of 2 nm in steps of 2.5 nm visits half of the area, which takes all of the dose."""
    scanned = tem_sheet(plan, 1e-7).scanned
    assert scanned is not None
    assert scanned.mean_dose is not None
    assert scanned.visited_share == pytest.approx(math.pi / 4 * (2 / 2.5) ** 2)
    assert scanned.visited_dose == pytest.approx(scanned.mean_dose / scanned.visited_share)
    assert scanned.rate_in_probe == pytest.approx(dose_rate_of(10e-12, disc(2e-9)))


def test_a_probe_wider_than_its_step_leaves_the_mean_dose(plan: Plan) -> None:
    """Where neighbouring positions overlap the visited area is the whole of it."""
    assert plan.recipe.hand_off is not None
    wide = plan.recipe.hand_off.diffraction_map.model_copy(update={"probe": 1e-8})  # pyright: ignore
    scanned = tem_sheet(with_settings(plan, diffraction_map=wide), 1e-7).scanned
    assert scanned is not None
    assert scanned.visited_share is not None
    assert scanned.visited_share > 1
    assert scanned.visited_dose == pytest.approx(scanned.mean_dose)


def test_the_budget_adds_up(plan: Plan) -> None:
    """Imaging and maps of the same place add up, and the sum is not known while a map's current is not."""
    found = tem_sheet(plan, 1e-7)
    assert found.imaging is not None
    assert found.scanned is not None
    assert found.scanned.mean_dose is not None
    assert found.dose == pytest.approx(found.imaging.dose + found.scanned.mean_dose)
    assert plan.recipe.hand_off is not None
    unsaid = plan.recipe.hand_off.diffraction_map.model_copy(update={"current": None})  # pyright: ignore
    told = tem_sheet(with_settings(plan, diffraction_map=unsaid), 1e-7)
    assert told.dose is None
    assert told.scanned is not None
    assert (told.scanned.mean_dose, told.scanned.visited_dose, told.scanned.gray_visited) == (None, None, None)


def test_maps_through_the_spacers_liquid_need_a_dry_cell(plan: Plan) -> None:
    """Some micrometres of electrolyte are tens of mean free paths, and the dry cell is under the limit."""
    found = tem_sheet(plan, 1e-7)
    assert found.filled is not None
    assert found.dry is not None
    assert found.filled.expected > 20
    assert found.dry.expected < DIFFRACTION_MOST < found.filled.expected
    assert found.dry_for_maps


def test_a_thinned_liquid_needs_none(plan: Plan) -> None:
    """With 50 nm of liquid measured in the loaded cell, the filled cell lets diffraction through."""
    found = tem_sheet(with_settings(plan, liquid_thickness=5e-8), 1e-7)
    assert not found.dry_for_maps


def test_t_over_lambda_is_the_sum_of_the_layers(plan: Plan) -> None:
    """Filled is every layer's thickness over its mean free path, the two windows counted each."""
    found = tem_sheet(plan, 1e-7)
    assert found.filled is not None
    expected = [layer.thickness_m.expected / layer.mean_free_path_m.expected for layer in found.crossed]
    assert [layer.name for layer in found.crossed] == ["window", "facing window", "liquid", "lamella"]
    assert found.filled.expected == pytest.approx(sum(expected))


def test_the_liquid_is_as_thick_as_gap_and_bulge_less_the_lamella(plan: Plan) -> None:
    """A gap of 5 um and a bulge of 1 um leave 5.9 um over a lamella of 100 nm."""
    found = liquid_thickness(plan, 1e-7)
    assert found is not None
    assert found.expected == pytest.approx(5.9e-6)
    assert found.low == pytest.approx(4.9e-6)
    assert found.status is Status.UNVERIFIED


def test_the_gap_holds_what_stands_on_the_chip(plan: Plan) -> None:
    """The bridge of 500 nm on a lamella of 100 nm is the highest thing, far under the gap of 5 um."""
    found = tem_sheet(plan, 1e-7)
    assert found.height_m == pytest.approx(6e-7)
    assert found.gap_m == 5e-6


@pytest.mark.parametrize("recipe", ["si-lamella-grid", "lco-lipon-biasing-chip"])
def test_a_recipe_without_settings_has_a_sheet_of_what_is_known(recipe: str) -> None:
    """Where a recipe says nothing of the beam, nothing is made up."""
    plan = examine(recipe, SearchPath([ROOT])).plan
    assert plan is not None
    bare = plan.model_copy(update={"recipe": plan.recipe.model_copy(update={"hand_off": None})})
    found = tem_sheet(bare, 1e-7)
    assert (found.imaging, found.scanned, found.dose, found.filled) == (None, None, None, None)
    assert not found.dry_for_maps
    assert found.accelerating_voltage_v == 200e3


def bethe_kv_cm2_g(electrons_per_mass: float, excitation_ev: float, kv: float = 200.0) -> float:
    """Collision stopping power over the elementary charge after ICRU Report 37, without the density effect."""
    rest = 510.99895
    tau = kv / rest
    beta2 = tau * (tau + 2) / (tau + 1) ** 2
    shape = 1 - beta2 + (tau**2 / 8 - (2 * tau + 1) * math.log(2)) / (tau + 1) ** 2
    logarithm = math.log(tau**2 * (tau + 2) / 2 / (excitation_ev / 1e3 / rest) ** 2)
    return 1e3 * 0.307075 / 2 * electrons_per_mass / beta2 * (logarithm + shape)


@pytest.mark.parametrize(
    ("material", "electrons_per_mass", "excitation_ev"),
    [("water", 0.5551, 75.0), ("ec_dmc", 0.528, 70.0), ("lmno", 0.4735, 250.0)],
)
def test_stopping_powers_follow_from_the_bethe_formula(
    plan: Plan, material: str, electrons_per_mass: float, excitation_ev: float
) -> None:
    """The card's number is within one per cent of the formula that it names as its source."""
    assert plan.cards.tem is not None
    medium = plan.cards.tem.medium(material)
    assert medium is not None
    assert medium.stopping_power is not None
    # kV cm2/g is 1e3 V x 1e-4 m2 / 1e-3 kg
    assert medium.stopping_power.expected / 100 == pytest.approx(
        bethe_kv_cm2_g(electrons_per_mass, excitation_ev), rel=0.01
    )


@pytest.mark.parametrize(
    ("material", "density"), [("water", 1.0), ("ec_dmc", 1.27), ("silicon_nitride", 3.0), ("lmno", 3.57)]
)
def test_mean_free_paths_follow_from_the_density(plan: Plan, material: str, density: float) -> None:
    """The card's number is within two per cent of Iakoubovskii's formula (2008) for 200 kV and all angles."""
    factor = (1 + 200 / 1022) / (1 + 200 / 511) ** 2
    angle = 5.5 * density**0.3 / (factor * 200)
    path_nm = 1 / (11 * density**0.3 / (200 * factor * 200) * 2 * math.log(20 / angle))
    assert plan.cards.tem is not None
    medium = plan.cards.tem.medium(material)
    assert medium is not None
    assert medium.mean_free_path.expected * 1e9 == pytest.approx(path_nm, rel=0.02)


def test_gray_keeps_source_and_status() -> None:
    """A dose in gray is as well verified as the stopping power that it comes from."""
    power = exactly(2.8e5, "V m2/kg", "somebody", Status.UNVERIFIED)
    found = gray_of(1e18, power, "Gy")
    assert (found.source, found.status, found.unit) == ("somebody", Status.UNVERIFIED, "Gy")


def test_settings_are_read_with_their_units() -> None:
    """What a recipe writes about the beam is read in SI units."""
    settings = HandOffSettings.model_validate(
        {
            "dose_most": "1e5 e/nm2",
            "capacity": "63 uA h/cm2/um",
            "imaging": {"current": "1 nA", "illuminated_diameter": "30 um", "exposure": "10 min"},
        }
    )
    assert settings.dose_most == pytest.approx(1e23)
    assert settings.capacity == pytest.approx(2.268e9)
    assert settings.imaging is not None
    assert settings.imaging.exposure == 600
