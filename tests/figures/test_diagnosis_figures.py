"""Pictures of a diagnosis and of its reliability: bars and marks stand where the numbers are."""

import pytest
from figures.diagnoses import diagnoses, reliability

from fibplan.figures.diagnosis import (
    diagnosis_figure,
    diagnosis_pictures,
    draw_diagnosis,
    draw_reliability,
    reliability_figure,
)


def test_bars_are_as_long_as_the_probabilities() -> None:
    """Each of the first groups has its bar and the mark of its prior; what is left over is one bar."""
    diagnosis = diagnoses()["open"]
    axes = diagnosis_figure(diagnosis).axes[0]
    bars = {patch.get_gid(): patch.get_width() for patch in axes.patches if str(patch.get_gid()).startswith("group")}
    assert [bars[f"group-{place}"] for place in range(5)] == [group.probability for group in diagnosis.groups[:5]]
    assert sum(bars.values()) == pytest.approx(1.0)
    priors = {line.get_gid(): line.get_xdata()[0] for line in axes.lines if str(line.get_gid()).startswith("prior")}
    assert priors["prior-0"] == diagnosis.suspicions[0].prior


def test_the_picture_says_what_it_was_calibrated_on() -> None:
    """Both pictures say that simulated lamellae stand behind the probabilities."""
    for figure in (diagnosis_figure(diagnoses()["clear"]), reliability_figure(reliability())):
        assert any("simulated" in text.get_text() for text in figure.texts)


def test_marks_of_the_reliability_stand_at_claim_and_rate() -> None:
    """Each bin has a mark at what was claimed and what was so, with the ends of its interval."""
    found = reliability()
    axes = reliability_figure(found).axes[0]
    marks = {line.get_gid(): (line.get_xdata()[0], line.get_ydata()[0]) for line in axes.lines if line.get_gid()}
    for entry in found.bins:
        assert marks[f"bin-{entry.claimed:.3f}"] == (entry.claimed, entry.rate)


def test_both_formats_are_drawn() -> None:
    """The pictures of both formats are those that are drawn one by one, the same each time."""
    diagnosis = diagnoses()["clear"]
    assert diagnosis_pictures(diagnosis) == {name: draw_diagnosis(diagnosis, name) for name in ("png", "svg")}
    assert draw_reliability(reliability(), "svg") == draw_reliability(reliability(), "svg")
