"""What must stay apart on a chip: the metal that is joined to the electrode, and the cap with its pad."""

from collections.abc import Iterable

from fibplan.layout.clearance import overlap_um2
from fibplan.model.layout import ChipLayout, Part, Region
from fibplan.model.recipe import Role

BRIDGE, COLLECTOR, CAP = "bridge", Role.CURRENT_COLLECTOR.value, Role.PROTECTIVE_LAYER.value


def electrode_side(layout: ChipLayout, start: str) -> tuple[Region, ...]:
    """That electrode, the bridge, the collector and its pad; the substrate and its welds where any of these lies on it.

    The substrate is a semiconductor, but a leak through it is still a short.
    """
    metal = tuple(entry for entry in layout.regions if entry.name in (start, BRIDGE, COLLECTOR, f"pad_{COLLECTOR}"))
    under = layout.named(Role.SUBSTRATE)
    if under is None or not lies_on(metal, under):
        return metal
    return (*metal, under, *layout.of(Part.SUPPORT))


def cap_side(layout: ChipLayout) -> tuple[Region, ...]:
    """The cap and its pad."""
    return tuple(entry for entry in layout.regions if entry.name in (CAP, f"pad_{CAP}"))


def lies_on(metal: Iterable[Region], under: Region) -> bool:
    """Whether any of the metal covers some of it; the layers of a lamella lie beside one another."""
    return any(entry.part is not Part.LAYER and overlap_um2(entry, under) > 0 for entry in metal)


def deposits(layout: ChipLayout) -> tuple[Region, ...]:
    """Everything that a halo surrounds: bridge, pads and support welds."""
    return tuple(entry for part in (Part.BRIDGE, Part.PAD, Part.SUPPORT) for entry in layout.of(part))
