"""What is probably wrong, as bars; and whether such probabilities mean what they say."""

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from fibplan.figures.canvas import (
    FORMATS,
    SMALL_PT,
    WIDTH_MM,
    FileFormat,
    axes_at,
    headed_sheet,
    legend_at_foot,
    printed,
    render,
    watermark,
    wrapped,
    write_at,
)
from fibplan.model.diagnosis import Diagnosis, Reliability

SHOWN = 5
"""So many groups are drawn; the rest is one bar."""
ROW_MM, FOOT_MM = 9.0, 24.0
WORDS_MM, CHART_MM = 3.0, (52.0, 60.0)
LABEL_MM = CHART_MM[0] - WORDS_MM - 2.0
SQUARE_MM = 70.0
ALMOST_ALL, LEAST = 0.8, 1e-3
"""A bar longer than the first has its number inside; one less probable than the second has no digits."""


def draw_diagnosis(diagnosis: Diagnosis, file_format: FileFormat, *, simulated: bool = False) -> bytes:
    """A bar for the probability of each group, with what it was before anything was measured."""
    return render(diagnosis_figure(diagnosis, simulated=simulated), file_format)


def diagnosis_pictures(diagnosis: Diagnosis, *, simulated: bool = False) -> dict[FileFormat, bytes]:
    """The same picture in every format, drawn once."""
    figure = diagnosis_figure(diagnosis, simulated=simulated)
    return {file_format: render(figure, file_format) for file_format in FORMATS}


@printed()
def diagnosis_figure(diagnosis: Diagnosis, *, simulated: bool = False) -> Figure:
    """The same as a figure: one row a group, the most probable at the top."""
    bars = _bars(diagnosis)
    rows = len(bars)
    subject = f"from {len(diagnosis.evidence)} sweeps; calibrated on {diagnosis.calibrated_on}, not on real ones"
    figure = headed_sheet("What it probably is", subject, 2.0 + ROW_MM * rows + FOOT_MM)
    axes = axes_at(figure, CHART_MM[0], FOOT_MM, CHART_MM[1], ROW_MM * rows)
    _prepare(axes, rows)
    for place, bar in enumerate(bars):
        _draw_bar(axes, place, bar)
        write_at(figure, WORDS_MM, FOOT_MM + ROW_MM * (rows - place) - 2.0, wrapped(bar.words, LABEL_MM))
    legend_at_foot(figure, _legend(), above_mm=10.5)
    note = diagnosis.notes[0] if diagnosis.notes else diagnosis.groups[0].split_by
    if note:
        words = wrapped(note if diagnosis.notes else f"What would tell more: {note}", WIDTH_MM - 6.0)
        write_at(figure, WORDS_MM, 8.8, "\n".join(words.split("\n")[:3]), size=SMALL_PT)
    if simulated:
        watermark(figure)
    return figure


class Bar(NamedTuple):
    """A group or the rest of them: its name, and its probability after and before the curves."""

    words: str
    chance: float
    prior: float


def _bars(diagnosis: Diagnosis) -> list[Bar]:
    groups, rest = diagnosis.groups[:SHOWN], diagnosis.groups[SHOWN:]
    bars = [Bar(group.name, group.probability, _prior(diagnosis, group.members)) for group in groups]
    if rest:
        others = [name for group in rest for name in group.members]
        chance = sum(group.probability for group in rest)
        bars.append(Bar(f"{len(rest)} others", chance, _prior(diagnosis, others)))
    return bars


def _prior(diagnosis: Diagnosis, members: Sequence[str]) -> float:
    return sum(entry.prior for entry in diagnosis.suspicions if entry.fault in members)


def _prepare(axes: Axes, rows: int) -> None:
    axes.set_gid("diagnosis")
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(rows, 0)
    axes.set_yticks([])
    axes.set_xticks([0.0, 0.25, 0.5, 0.75, 1.0], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    axes.set_xlabel("probability", labelpad=1.5)
    for share in (0.25, 0.5, 0.75):
        axes.axvline(share, color="#cccccc", linewidth=0.4, zorder=0)


def _draw_bar(axes: Axes, place: int, bar: Bar) -> None:
    (drawn,) = axes.barh([place + 0.5], [bar.chance], height=0.5, facecolor="#8c8c8c", edgecolor="black", zorder=3)
    drawn.set_gid(f"group-{place}")
    (tick,) = axes.plot([bar.prior, bar.prior], [place + 0.16, place + 0.84], color="black", linewidth=1.4, zorder=4)
    tick.set_gid(f"prior-{place}")
    end = max(bar.chance, bar.prior)
    inside = end > ALMOST_ALL
    axes.text(
        (0.98 if bar.chance > ALMOST_ALL else end - 0.02) if inside else end + 0.02,
        place + 0.5,
        f"{bar.chance:.1%}" if bar.chance >= LEAST else f"under {LEAST:.1%}",
        ha="right" if inside else "left",
        va="center",
        zorder=5,
        size=SMALL_PT,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
    )


def _legend() -> list[Artist]:
    return [
        Patch(facecolor="#8c8c8c", edgecolor="black", label="after the curves"),
        Line2D([], [], color="black", linewidth=1.4, label="before, from the cards"),
    ]


def draw_reliability(reliability: Reliability, file_format: FileFormat) -> bytes:
    """Of the claims of each probability, how many were right."""
    return render(reliability_figure(reliability), file_format)


@printed()
def reliability_figure(reliability: Reliability) -> Figure:
    """The same as a figure: on the diagonal a probability means what it says; bars are 95 %, numbers are counts."""
    subject = f"{reliability.lamellae} lamellae; {reliability.made_on}: real ones may differ"
    figure = headed_sheet("Of the cases given so much, how many were so", subject, 4.0 + SQUARE_MM + 12.0)
    axes = axes_at(figure, (WIDTH_MM - SQUARE_MM) / 2, 12.0, SQUARE_MM, SQUARE_MM)
    axes.set_gid("reliability")
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(0.0, 1.0)
    shares = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    axes.set_xticks(shares, [f"{share:.0%}" for share in shares])
    axes.set_yticks(shares, [f"{share:.0%}" for share in shares])
    axes.set_xlabel("probability that was given", labelpad=1.5)
    axes.set_ylabel("share that was so", labelpad=1.5)
    axes.plot([0.0, 1.0], [0.0, 1.0], "--", color="black", linewidth=0.6)
    for entry in reliability.bins:
        axes.plot([entry.claimed] * 2, [entry.low, entry.high], "-_", color="black", linewidth=0.8, clip_on=False)
        (mark,) = axes.plot([entry.claimed], [entry.rate], "o", color="black", markersize=3.6, clip_on=False, zorder=5)
        mark.set_gid(f"bin-{entry.claimed:.3f}")
        _count(axes, entry.claimed, entry.rate, f"{entry.right} of {entry.cases}")
    if "simulated" in reliability.made_on:
        watermark(figure)
    return figure


def _count(axes: Axes, x: float, y: float, words: str) -> None:
    right = x < 0.7
    paper = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
    x, y = x + (0.02 if right else -0.02), min(y, 0.97)
    axes.text(x, y, words, ha="left" if right else "right", va="center", size=SMALL_PT, bbox=paper, zorder=4)
