"""The current-density window of a deposit, and the aperture that lies in it."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from fibplan.model.cards import DepositionProcess
from fibplan.model.fib_card import Aperture


class CurrentWindow(NamedTuple):
    """Amperes between which a deposit of some area grows well: below it is slow, above it mills."""

    least_a: float
    most_a: float


def current_window(process: DepositionProcess, area_um2: float) -> CurrentWindow | None:
    """The window for a footprint of that area, or None where the card gives no current densities."""
    least, most = process.current_density_least, process.current_density_most
    if least is None or most is None or area_um2 <= 0:
        return None
    area = area_um2 * 1e-12
    return CurrentWindow(least.expected * area, most.expected * area)


def recommended_aperture(apertures: Sequence[Aperture], window: CurrentWindow) -> float | None:
    """The aperture nearest to the middle of the window, or None where none lies in it."""
    middle = math.sqrt(window.least_a * window.most_a)
    fitting = [a.beam_current for a in apertures if window.least_a <= a.beam_current <= window.most_a]
    return min(fitting, key=lambda current: abs(math.log(current / middle)), default=None)
