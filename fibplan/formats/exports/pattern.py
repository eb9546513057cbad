"""A milling pattern as FIB software knows it: a shape, how it is scanned, and the dose and time that follow."""

import math
from dataclasses import dataclass
from enum import StrEnum


class Shape(StrEnum):
    """The kinds of pattern, by their names in xT pattern files."""

    RECTANGLE = "PatternRectangle"
    REGULAR = "PatternRegularCrossSection"
    CLEANING = "PatternCleaningCrossSection"
    LINE = "PatternLine"


@dataclass(frozen=True)
class Application:
    """What an application file of the vendor's sets: its name, dwell time, and overlaps of neighbouring spots in %."""

    name: str
    dwell_s: float
    overlap_x: float
    overlap_y: float
    verified: bool = True
    """Whether a pattern file written by the vendor's software was read that has it."""


APPLICATIONS = {
    Shape.RECTANGLE: Application("Si", 1e-6, 50.0, 50.0),
    Shape.REGULAR: Application("Si-multipass", 1e-6, 50.0, 50.0),
    Shape.CLEANING: Application("Si-ccs", 1e-6, 85.0, 50.0),
    Shape.LINE: Application("Si", 1e-6, 50.0, 50.0),
}
"""For milling: as in pattern files that xT wrote (github sklumpe/SerialFIB, TemplatePatterns; for the line
CraignRush/beamshape-manuscript). The same names by shape are in OpenFIBSEM, ``microscope.py``."""

PLATINUM = Application("Pt dep", 2e-7, 0.0, 0.0, verified=False)
"""For deposits. No public pattern file with a gas was found: name, dwell time and overlap are operator practice."""


@dataclass(frozen=True)
class Scan:
    """How a pattern is scanned: amperes, removal or growth in m3/C, and the probe's diameter in metres."""

    application: Application
    current_a: float
    volume_per_dose: float
    probe_m: float

    @property
    def pitch_x_m(self) -> float:
        """Between neighbouring spots: the probe's diameter less the overlap."""
        return self.probe_m * (1 - self.application.overlap_x / 100)

    @property
    def pitch_y_m(self) -> float:
        return self.probe_m * (1 - self.application.overlap_y / 100)

    @property
    def volume_rate(self) -> float:
        """m3/s."""
        return self.volume_per_dose * self.current_a

    @property
    def beam_area_m2(self) -> float:
        return math.pi / 4 * self.probe_m**2


@dataclass(frozen=True)
class Pattern:
    """One pattern: its centre and size in metres, x to the right and y up from the centre of the field.

    ``length_m`` is the height of an area and the length of a line; a line is as wide as the probe. ``depth_m`` is asked
    for; what whole passes make of it is ``milled_m``. The rotation is counter-clockwise.
    """

    shape: Shape
    scan: Scan
    x_m: float
    y_m: float
    width_m: float
    length_m: float
    depth_m: float
    rotation_rad: float = 0.0
    direction: str = "BottomToTop"

    @property
    def across_m(self) -> float:
        return self.scan.probe_m if self.shape is Shape.LINE else self.width_m

    @property
    def depth_per_pass_m(self) -> float:
        """``rate current dwell / pitch area``; of a line the area of a spot is its pitch times the probe's diameter."""
        spot = self.scan.pitch_x_m * (self.scan.probe_m if self.shape is Shape.LINE else self.scan.pitch_y_m)
        return self.scan.volume_rate * self.scan.application.dwell_s / spot

    @property
    def passes(self) -> int:
        """Whole passes, at least one, that come nearest to the depth."""
        return max(1, round(self.depth_m / self.depth_per_pass_m))

    @property
    def milled_m(self) -> float:
        """The depth that the passes make."""
        return self.passes * self.depth_per_pass_m

    @property
    def dose_per_area(self) -> float:
        """C/m2: passes, current and dwell time over the area of the pitch, which for a line is its square."""
        pitch_y = self.scan.pitch_x_m if self.shape is Shape.LINE else self.scan.pitch_y_m
        return self.passes * self.scan.current_a * self.scan.application.dwell_s / (self.scan.pitch_x_m * pitch_y)

    @property
    def time_s(self) -> float:
        """Volume over rate times current."""
        return self.milled_m * self.across_m * self.length_m / self.scan.volume_rate
