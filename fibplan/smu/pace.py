"""How long a sweep takes: at least, at most, and by what it has done so far.

An integration is counted in cycles of the mains, which are 50 or 60 Hz; the bounds hold for both.
"""

from fibplan.smu.protocol import SweepRequest

SLOWEST_LINE_HZ, FASTEST_LINE_HZ = 50.0, 60.0
MARGIN = 1.1
"""How much longer the rest of a sweep is expected to take than its beginning tells."""


def shortest_s(request: SweepRequest) -> float:
    """The least that the sweep can take: every point integrates once and waits for its delay."""
    return request.points * (request.nplc / FASTEST_LINE_HZ + request.delay_s)


def longest_s(request: SweepRequest) -> float:
    """The longest that the sweep may take.

    A point is a reading and a source readback, each with the two references of the automatic zero, with a third in
    reserve; then the delay, and range changes and the automatic source delay, which is 50 ms at most.
    """
    return request.points * (8.0 * request.nplc / SLOWEST_LINE_HZ + 0.1 + request.delay_s)


def expected_s(request: SweepRequest, elapsed_s: float, taken: int) -> float:
    """How long the whole sweep should take that has ``taken`` points after ``elapsed_s``; a little more rather."""
    rest = (request.points - taken) * elapsed_s / max(taken, 1)
    return min(elapsed_s + MARGIN * rest, longest_s(request))
