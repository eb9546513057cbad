"""How deep the side walls are harmed, and what a later, gentler step takes away of it."""

import math
from collections.abc import Mapping
from itertools import pairwise

from fibplan.model.materials import Material
from fibplan.model.recipe import Role, Sample


def damage_depth(material: Material, accelerating_voltage_v: float) -> float | None:
    """Expected depth in metres of the damaged side wall, one face, or None where the card does not know.

    Between the card's voltages a power law holds, which for silicon meets 23 nm at 30 kV and 10 nm at 10 kV
    (ISTFA 2004, p. 563); it does not depend on the beam current (same source, 30 pA to 1 nA).
    """
    entries = sorted(material.damage, key=lambda entry: entry.accelerating_voltage)
    if not entries:
        return None
    if len(entries) == 1:
        return entries[0].depth.expected
    pairs = list(pairwise(entries))
    lower, upper = next((pair for pair in pairs if accelerating_voltage_v < pair[1].accelerating_voltage), pairs[-1])
    exponent = math.log(upper.depth.expected / lower.depth.expected) / math.log(
        upper.accelerating_voltage / lower.accelerating_voltage
    )
    return lower.depth.expected * (accelerating_voltage_v / lower.accelerating_voltage) ** exponent


def deepest_damage(sample: Sample, materials: Mapping[str, Material], accelerating_voltage_v: float) -> float:
    """Depth in metres in the layer that is harmed deepest; the protective layer does not count."""
    depths = [
        damage_depth(materials[layer.material], accelerating_voltage_v)
        for layer in sample.stack
        if layer.role is not Role.PROTECTIVE_LAYER
    ]
    return max((depth for depth in depths if depth is not None), default=0.0)


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
