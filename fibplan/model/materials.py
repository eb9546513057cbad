"""What is known of a material: how fast it mills, how deep the beam harms it, how well it conducts."""

from typing import Literal

from fibplan.model.base import Frozen, Text, Voltage
from fibplan.model.interval import Fraction, LengthInterval, Resistivity, VolumePerDose


class EnergyRatio(Frozen):
    """Removal rate at another voltage over that at the reference voltage, normal incidence."""

    accelerating_voltage: Voltage
    ratio: Fraction


class DamageDepth(Frozen):
    """Depth of the damaged side wall, one face, at one voltage."""

    accelerating_voltage: Voltage
    depth: LengthInterval


class Milling(Frozen):
    """Volume removed per ion charge at the reference voltage, and how it changes with voltage."""

    ion: Literal["Ga"]
    accelerating_voltage: Voltage
    volume_per_dose: VolumePerDose
    energy_ratios: tuple[EnergyRatio, ...] = ()


class Material(Frozen):
    """One entry of ``materials.yaml``."""

    title: Text
    resistivity: Resistivity | None = None
    milling: Milling | None = None
    damage: tuple[DamageDepth, ...] = ()
