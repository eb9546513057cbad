"""How deep the side walls are harmed, and what a later, gentler step takes away of it."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from fibplan.model.materials import GalliumRange, Material
from fibplan.model.recipe import Layer, Role, Sample


def damage_depth(material: Material, accelerating_voltage_v: float) -> float | None:
    """Expected depth in metres of the damaged side wall, one face, or None where the card does not know.

    Between the card's voltages a power law holds, which for silicon meets 23 nm at 30 kV and 10 nm at 10 kV
    (ISTFA 2004, p. 563); it does not depend on the beam current or the tilt (same source, 30 pA to 1 nA).
    """
    known = [(entry.accelerating_voltage, entry.depth.expected) for entry in material.damage]
    return _power_law(known, accelerating_voltage_v)


def gallium_depth(material: Material, accelerating_voltage_v: float) -> float | None:
    """Metres below which almost no gallium rests: projected range and two stragglings, normal incidence."""
    return _power_law([_deepest(entry) for entry in material.gallium_range], accelerating_voltage_v)


def layer_damage(sample: Sample, materials: Mapping[str, Material], voltage_v: float) -> dict[str, float]:
    """Depth in metres by layer name, for the layers whose card knows; the protective layer does not count."""
    depths = {layer.name: damage_depth(materials[layer.material], voltage_v) for layer in lasting(sample)}
    return {name: depth for name, depth in depths.items() if depth is not None}


def deepest_damage(sample: Sample, materials: Mapping[str, Material], voltage_v: float) -> float:
    """Depth in metres in the layer that is harmed deepest."""
    return max(layer_damage(sample, materials, voltage_v).values(), default=0.0)


def lasting(sample: Sample) -> list[Layer]:
    """The layers that the lamella is made for: all but the protective one."""
    return [layer for layer in sample.stack if layer.role is not Role.PROTECTIVE_LAYER]


def damage_after(before_m: float, removed_per_face_m: float, own_m: float) -> float:
    """What is left of earlier damage under the removed depth, or the step's own damage where that goes deeper."""
    return max(own_m, before_m - removed_per_face_m)


def entry_thickness(target_m: float, before_m: float, own_m: float) -> float:
    """The least thickness a polish must start from so that it ends at ``target_m`` free of earlier damage.

    ``target + 2 (before - own)``: 133 nm for 100 nm in silicon at 5 kV after 30 kV.

    >>> round(entry_thickness(100e-9, 22.5e-9, 6e-9) * 1e9)
    133
    """
    return target_m + 2.0 * max(0.0, before_m - own_m)


def damaged_share(damage_m: float, thickness_m: float) -> float:
    """The part of the thickness that is damaged, both faces together, at most all of it.

    >>> damaged_share(6e-9, 100e-9), damaged_share(60e-9, 100e-9)
    (0.12, 1.0)
    """
    return min(1.0, 2.0 * damage_m / thickness_m)


def _deepest(entry: GalliumRange) -> tuple[float, float]:
    return entry.accelerating_voltage, entry.projected.expected + 2 * entry.straggling.expected


def _power_law(known: Sequence[tuple[float, float]], voltage_v: float) -> float | None:
    """The depth at that voltage through the two nearest known ones; None where none is known."""
    entries = sorted(known)
    if len(entries) < 2:
        return entries[0][1] if entries else None
    pairs = list(pairwise(entries))
    (low, shallow), (high, deep) = next((pair for pair in pairs if voltage_v < pair[1][0]), pairs[-1])
    exponent = math.log(deep / shallow) / math.log(high / low)
    return shallow * (voltage_v / low) ** exponent
