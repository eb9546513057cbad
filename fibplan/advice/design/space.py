"""What may move in the design of a bridge, and between which values."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from fibplan.model.recipe import Bridge
from fibplan.units import parse

PREFERRED = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
"""Of every decade: what a person writes, each about a quarter more than the one before."""

NARROWEST_UM, WIDEST_UM = 0.2, 10.0
"""Of width and overlaps; what else bounds them say the rules."""

THINNEST_M, THICKEST_M = 5e-8, 3e-6

LEAPS = (3, 1)
"""Places along the values that one move goes, up or down: far ones first."""


class Landing(NamedTuple):
    """Where the bridge lands on the collector.

    ``written`` is as the recipe has it; ``straight`` and ``nearest`` are routes that a recipe can ask for. At the far
    end, and over the substrate's edge at ``x_um`` along the lamella, it is drawn as an outline.
    """

    kind: Literal["written", "straight", "nearest", "far_end", "edge"]
    x_um: float = 0.0

    @property
    def short(self) -> str:
        """For a column of a table."""
        return {"written": "as written", "far_end": "far end", "edge": f"edge, {self.x_um:g} um"}.get(
            self.kind, self.kind
        )

    def __str__(self) -> str:
        match self.kind:
            case "written":
                return "as written"
            case "straight":
                return "straight from the near end"
            case "nearest":
                return "by the shortest way"
            case "far_end":
                return "at the far end"
            case "edge":
                return f"over the substrate's edge at {self.x_um:g} um"


AS_WRITTEN = Landing("written")


class Design(NamedTuple):
    """One bridge: lengths in plan view in um, thickness in metres, and whether its halo is cut."""

    width_um: float
    thickness_m: float
    overlap_electrode_um: float
    overlap_lamella_um: float
    landing: Landing = AS_WRITTEN
    cut: bool = False

    @classmethod
    def of(cls, bridge: Bridge) -> "Design":
        """As the recipe has it."""
        return cls(bridge.width, bridge.thickness, bridge.overlap_electrode, bridge.overlap_lamella)


@dataclass(frozen=True)
class Space:
    """The values that each number of a design can take, the landings, and whether a cut may be added."""

    start: Design
    values: dict[str, tuple[float, ...]]
    landings: tuple[Landing, ...] = (AS_WRITTEN,)
    cut: bool = False
    held: tuple[str, ...] = field(default=())
    """What stays as it is written, and why."""

    def neighbours(self, design: Design, leap: int) -> list[Design]:
        """Every design of which one number is so many values off."""
        return [
            design._replace(**{name: value})
            for name, values in self.values.items()
            for value in _beside(values, getattr(design, name), leap)
        ]

    def others(self, design: Design) -> list[Design]:
        """The design with every other landing, and with or without the cut."""
        landings = [design._replace(landing=other) for other in self.landings if other != design.landing]
        return [*landings, *([design._replace(cut=not design.cut)] if self.cut else [])]

    def smaller(self) -> Iterator[Design]:
        """Designs of less volume than the start, the largest of each width first."""
        widths = [value for value in self.values.get("width_um", ()) if value <= self.start.width_um]
        thicknesses = [value for value in self.values.get("thickness_m", ()) if value <= self.start.thickness_m]
        for width in reversed(widths or [self.start.width_um]):
            for thickness in reversed(thicknesses or [self.start.thickness_m]):
                yield self.start._replace(width_um=width, thickness_m=thickness)


def plan_view_values(own_um: float, most_um: float = WIDEST_UM) -> tuple[float, ...]:
    """Preferred lengths in um, and the recipe's own."""
    decades = (round(base * power, 9) for power in (0.1, 1.0, 10.0) for base in PREFERRED)
    return _between({own_um, *decades}, NARROWEST_UM, min(most_um, WIDEST_UM), own_um)


def thickness_values(own_m: float) -> tuple[float, ...]:
    """Preferred thicknesses in metres, and the recipe's own."""
    decades = (parse(f"{base * power:g} nm", "m") for power in (10, 100, 1000) for base in PREFERRED)
    return _between({own_m, *decades}, THINNEST_M, THICKEST_M, own_m)


def _between(values: Iterable[float], least: float, most: float, own: float) -> tuple[float, ...]:
    return tuple(sorted(value for value in values if least <= value <= most or value == own))


def _beside(values: tuple[float, ...], own: float, leap: int) -> list[float]:
    place = values.index(own)
    return [values[other] for other in (place + leap, place - leap) if 0 <= other < len(values)]
