"""What is known of a material: how fast it mills, how deep the beam harms it, how well it conducts."""

from typing import Annotated, Literal

from pydantic import Field

from fibplan.model.base import Distinct, Frozen, Number, Text, Voltage
from fibplan.model.interval import Conductivity, Fraction, LengthInterval, Resistivity, Spread, Status, VolumePerDose

BY_VOLTAGE = Distinct("accelerating_voltage")


class EnergyRatio(Frozen):
    """Removal rate at another voltage over that at the reference voltage, normal incidence."""

    accelerating_voltage: Voltage
    ratio: Fraction


class AngleDependence(Frozen):
    """Parameters of the Yamamura form ``Y(t)/Y(0) = cos(t)^-f exp(b (1 - 1/cos t))``, and its relative ``spread``."""

    f: Annotated[Number, Field(gt=0, le=5)]
    b: Annotated[Number, Field(gt=0, le=2)]
    spread: Spread
    source: Text
    status: Status


class DamageDepth(Frozen):
    """Depth of the damaged side wall, one face, at one voltage."""

    accelerating_voltage: Voltage
    depth: LengthInterval


class GalliumRange(Frozen):
    """Where the implanted ions come to rest below the surface, normal incidence."""

    accelerating_voltage: Voltage
    projected: LengthInterval
    straggling: LengthInterval


class Milling(Frozen):
    """Volume removed per ion charge at the reference voltage, and how it changes with voltage and angle."""

    ion: Literal["Ga"]
    accelerating_voltage: Voltage
    volume_per_dose: VolumePerDose
    energy_ratios: Annotated[tuple[EnergyRatio, ...], BY_VOLTAGE] = ()
    angle: AngleDependence | None = None


class Material(Frozen):
    """One entry of ``materials.yaml``."""

    title: Text
    resistivity: Resistivity | None = None
    milling: Milling | None = None
    damage: Annotated[tuple[DamageDepth, ...], BY_VOLTAGE] = ()
    gallium_range: Annotated[tuple[GalliumRange, ...], BY_VOLTAGE] = ()
    thermal_conductivity: Conductivity | None = None
