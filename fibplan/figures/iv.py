"""One I-V curve with what was made of it: points, slope, the criterion it stands against, and a second look below."""

from collections.abc import Callable, Sequence
from functools import partial

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fibplan.figures.canvas import (
    FORMATS,
    LINE_MM,
    WIDTH_MM,
    FileFormat,
    axes_at,
    head,
    heading_mm,
    new_figure,
    printed,
    quantity,
    render,
    watermark,
    wrapped,
    write_at,
)
from fibplan.figures.iv_panels import (
    Limits,
    Reading,
    draw_magnitudes,
    draw_main,
    draw_residuals,
    has_residuals,
    name_voltage,
    reading_of,
)
from fibplan.figures.words import resistance
from fibplan.model.cards import SmuCard
from fibplan.model.curve import Curve, Settings
from fibplan.model.path import Above, VerificationPath
from fibplan.model.verdict import PathVerdict
from fibplan.verification.probing import TIPS

LEFT_MM, PLOT_MM = 17.0, 98.0
MAIN_MM, MAGNITUDES_MM, RESIDUALS_MM, BETWEEN_MM = 52.0, 28.0, 18.0, 4.0
FOOT_MM = 25.0
CONTACT = "contact_"
"""What the names of contact checks begin with."""


def draw_iv(
    curve: Curve,
    verdict: PathVerdict | None,
    path: VerificationPath | None,
    file_format: FileFormat,
    card: SmuCard | None = None,
) -> bytes:
    """The curve with its verdict, and the limits that its path sets, as far as there are any.

    With the ``card`` of the instrument the points that the fit leaves out are told apart.
    """
    return render(iv_figure(curve, verdict, path, card), file_format)


def iv_pictures(
    curve: Curve, verdict: PathVerdict | None, path: VerificationPath | None, card: SmuCard | None = None
) -> dict[FileFormat, bytes]:
    """The same picture in every format, drawn once."""
    figure = iv_figure(curve, verdict, path, card)
    return {file_format: render(figure, file_format) for file_format in FORMATS}


@printed()
def iv_figure(
    curve: Curve, verdict: PathVerdict | None, path: VerificationPath | None, card: SmuCard | None = None
) -> Figure:
    """The same as a figure: current over voltage, |I| on a log scale, and residuals where a slope was seen."""
    subject, words = _subject(curve), wrapped(_in_words(curve, verdict), WIDTH_MM - 12.0)
    reading, limits = reading_of(curve, card), _limits(curve, path)
    measured = verdict.resistance if verdict is not None else None
    shown = partial(draw_magnitudes, reading=reading, measured=measured, limits=limits)
    panels: list[tuple[float, Callable[[Axes], None]]] = [(MAGNITUDES_MM, shown)]
    if has_residuals(reading, measured):
        panels.append((RESIDUALS_MM, partial(draw_residuals, reading=reading)))
    below = sum(height + BETWEEN_MM for height, _ in panels)
    head_mm = heading_mm(subject) + LINE_MM * (words.count("\n") + 1) + 2.5
    height = head_mm + MAIN_MM + below + FOOT_MM
    figure = new_figure(height)
    head(figure, f"Path {curve.path}, {curve.probing.replace('_', ' ')}", subject)
    write_at(figure, 3.0, height - heading_mm(subject) - 0.8, words, bold=True)
    main = axes_at(figure, LEFT_MM, FOOT_MM + below, PLOT_MM, MAIN_MM)
    draw_main(main, reading, measured, limits)
    _draw_below(figure, reading, panels, FOOT_MM + below)
    handles, labels = main.get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="upper left", ncols=2, bbox_to_anchor=(0.01, (FOOT_MM - 8.5) / height), borderaxespad=0
    )
    if curve.instrument.simulated:
        watermark(figure)
    return figure


def _draw_below(
    figure: Figure, reading: Reading, panels: Sequence[tuple[float, Callable[[Axes], None]]], top_mm: float
) -> None:
    """One panel under another; only the lowest names the voltage that all of them share."""
    for number, (height, draw) in enumerate(panels, 1):
        top_mm -= height + BETWEEN_MM
        axes = axes_at(figure, LEFT_MM, top_mm, PLOT_MM, height)
        draw(axes)
        if number == len(panels):
            name_voltage(axes, reading)
        else:
            axes.tick_params(labelbottom=False)


def _limits(curve: Curve, path: VerificationPath | None) -> Limits | None:
    """The path's criterion, or the limit of a contact check; the tips in the air stand against nothing."""
    if path is None or curve.path == TIPS:
        return None
    if not curve.probing.startswith(CONTACT):
        return path.criterion
    return path.criterion.contact if isinstance(path.criterion, Above) else None


def _subject(curve: Curve) -> str:
    """What measured it, when, and how."""
    settings = curve.settings
    wires = "four-wire" if settings.four_wire else "two-wire"
    return (
        f"{curve.instrument.identity}; {curve.started.isoformat(sep=' ', timespec='seconds')}; {wires}, "
        f"{_bound(settings)}, NPLC {settings.nplc:g}"
    )


def _bound(settings: Settings) -> str:
    """The limit and the range of what was measured."""
    if settings.source == "voltage":
        name, limit, span, unit = "compliance", settings.compliance_a, settings.current_range_a, "A"
    else:
        name, limit, span, unit = "voltage limit", settings.limit_v, settings.voltage_range_v, "V"
    measured = "current" if unit == "A" else "voltage"
    ranged = "automatic" if span is None else quantity(span, unit)
    return f"{name} {'not told' if limit is None else quantity(limit, unit)}, {measured} range {ranged}"


def _in_words(curve: Curve, verdict: PathVerdict | None) -> str:
    if verdict is None:
        return "Not judged: the sweep broke off before its end." if curve.partial else "Not judged."
    measured = verdict.resistance
    value = f"{resistance(measured)}. " if measured is not None and measured.expected_ohm is not None else ""
    return f"{value}{verdict.grade.upper()}: {'; '.join(verdict.reasons)}".replace("ohm", "Ω")
