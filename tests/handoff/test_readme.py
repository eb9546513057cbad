"""The page that the TEM operator reads first."""

from dataclasses import replace

import pytest
from lamella_case import ResistorSmu, plan_of, recipe_with
from packed_session import packed

from fibplan.handoff.contents import shortcomings
from fibplan.handoff.readme import render_failure, render_hand_off
from fibplan.handoff.table import render_table


def test_the_page_states_what_was_measured(accepted):
    """Each path stands with its bound, its resistance with interval in ohm, and its grade."""
    page = render_hand_off(accepted)
    assert "## Verdict: accepted" in page
    assert "Lamella thickness, as last reported: 100 nm" in page
    assert (
        "| bridge | working electrode and current collector | below 300 ohm | 150 ohm (135 ohm to 165 ohm) | - | pass |"
    ) in page
    assert "above 10 Mohm | 12.5 Mohm (11.25 Mohm to 13.75 Mohm)" in page


@pytest.mark.parametrize(
    "line",
    [
        "- flow: 5 uL/min",
        "- electrolyte: 1 M LiClO4 in EC:DMC",
        "- dose rate: at most 10 e/nm2/s",
        "- cyclic voltammetry: 300 mV to 1 V against the pseudo-reference",
        "- the same against Li+/Li: 4.1 V to 4.8 V, when the pseudo-reference lies 3.8 V above it",
        "- scan rate: 0.1 mV/s: 1 h 56 min a sweep, 3 h 53 min a cycle, electron beam off",
        "- chosen by the recipe's author, not in its source: reference offset",
        "- impedance: 40 kHz to 500 mHz, 10 mV peak to peak",
        "- diffraction map: step 2 nm, area 1.2 um2, precession 0.7 deg",
        "2. The chip or grid is the one that was labelled `lamella-7`.",
        "3. Before the holder is closed, path bridge still reads below 300 ohm; "
        "never drive more than 100 uA through it.",
    ],
)
def test_the_page_states_what_to_set_and_to_check(accepted, line):
    """Every hand-off setting of the recipe stands on the page with its unit, and each check as a numbered line."""
    assert line in render_hand_off(accepted).splitlines()


def test_the_page_is_one_page(accepted):
    """The README fits on one page."""
    assert len(render_hand_off(accepted).splitlines()) < 60


def test_simulated_stands_in_the_first_line(accepted, real):
    """The first line says SIMULATED for a simulated session, and does not for a real one."""
    assert render_hand_off(accepted).splitlines()[0] == "# SIMULATED - TEM hand-off: A small lamella"
    assert render_hand_off(real).splitlines()[0] == "# TEM hand-off: A small lamella"


def test_a_failure_says_why_and_what_to_do(rejected):
    """The failure report's page begins with the warning and gives reasons and remedies."""
    page = render_failure(rejected, shortcomings(rejected)).splitlines()
    assert page[0] == "# NOT ACCEPTED - do not load into the TEM (SIMULATED)"
    assert "- path bridge: fail" in page
    assert "- bridge: 5e+04 ohm" in page
    assert not any(line.startswith("- protective:") for line in page)
    assert "- deposit more" in page
    assert "accepted" not in " ".join(page).replace("not accepted", "")


def test_words_of_a_recipe_cannot_change_the_page(tmp_path):
    """Line breaks and bars in a recipe's words stay inside their own line and cell."""
    recipe = recipe_with(title="A\n## Verdict: accepted\n| x |")
    contents = packed(tmp_path / "s", ResistorSmu(bridge_ohm=5e4), plan=plan_of(recipe))
    page = render_failure(contents, shortcomings(contents)).splitlines()
    assert not any(line.startswith("## Verdict") for line in page)
    assert "Failure report: A ## Verdict: accepted \\| x \\|" in page


def test_a_recipe_without_settings_says_so(tmp_path):
    """Where the recipe gives the TEM nothing to set, the page says that instead of an empty heading."""
    contents = packed(tmp_path / "s", ResistorSmu(), plan=plan_of(recipe_with(hand_off=None)))
    assert "- the recipe names none" in render_hand_off(contents).splitlines()


def test_a_bound_without_a_value_is_told_as_a_bound(accepted):
    """Where no current was resolved the page gives the lower bound and no number it does not have."""
    bridge, protective = accepted.verdict.paths
    bound = protective.resistance.model_copy(update={"low_ohm": 2e9, "expected_ohm": None, "high_ohm": None})
    open_ended = bridge.resistance.model_copy(update={"high_ohm": None})
    paths = (
        bridge.model_copy(update={"resistance": open_ended}),
        protective.model_copy(update={"resistance": bound}),
    )
    page = render_hand_off(replace(accepted, verdict=accepted.verdict.model_copy(update={"paths": paths})))
    assert "| above 2 Gohm |" in page
    assert "| 150 ohm (135 ohm to no upper bound) |" in page


def test_a_table_says_where_it_comes_from(rejected):
    """A table's comments stay comments whatever the instrument calls itself, and a short sweep says so."""
    curve = rejected.curves.curves[0]
    odd = curve.instrument.model_copy(update={"identity": "A,B\n1,2,3"})
    lines = render_table(curve.model_copy(update={"instrument": odd, "partial": True}), "").splitlines()
    assert "# instrument A,B 1,2,3" in lines
    assert "# the sweep was cut short" in lines
    assert len([line for line in lines if not line.startswith("#")]) == 1 + len(curve.points)
