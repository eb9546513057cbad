"""What a potentiostat will see of a lamella in a liquid cell: charge and current, and how little of all that it is.

The bare metal of the chip carries current too, most often far more than the lamella: whoever reads a voltammogram
without knowing both takes one for the other.
"""

import math

from shapely import union_all

from fibplan.layout.clearance import polygon
from fibplan.model.base import Frozen
from fibplan.model.hand_off import CyclicVoltammetry, HandOffSettings, Impedance
from fibplan.model.interval import Interval, Status, computed, total
from fibplan.model.plan import Plan
from fibplan.model.recipe import Role
from fibplan.units import UM

LOWEST_WORTH = 0.1
"""Hz: what lies below takes most of the time of a spectrum; told apart."""


class Window(Frozen):
    """The window in volts against the pseudo-reference, and against Li+/Li for one value of the offset."""

    offset_v: float
    against_reference_v: tuple[float, float]
    against_lithium_v: tuple[float, float]


class Cycle(Frozen):
    """A cyclic voltammetry: V/s, seconds, and how far below ``manganese_below_v`` it goes, None where it does not.

    ``shifted`` are the windows on the cell's own reference that keep the window against Li+/Li when the offset is
    another one.
    """

    window: Window
    shifted: tuple[Window, ...]
    scan_rate: float
    sweep_s: float
    cycle_s: float
    manganese_below_v: float | None
    into_manganese_v: float | None
    assumed: tuple[str, ...]


class ExpectedCurrents(Frozen):
    """Coulomb and ampere of the lamella and of the bare metal; ``ratio`` is background over lamella."""

    volume_um3: float
    charge_c: Interval
    lamella_a: Interval
    bare_um2: float | None
    charging_a: Interval | None
    residual_a: Interval | None
    ratio: Interval | None

    @property
    def background_a(self) -> Interval | None:
        if self.charging_a is None or self.residual_a is None:
            return None
        return total([self.charging_a, self.residual_a], "A")


class Spectrum(Frozen):
    """An impedance spectrum: Hz, volts peak to peak, points, and seconds; ``slow_s`` is the part below 0.1 Hz."""

    highest_hz: float
    lowest_hz: float
    amplitude_v: float
    longest_period_s: float
    points: int | None
    seconds: float | None
    slow_s: float | None
    cell_ohm: float | None
    bridge_share: Interval | None
    assumed: tuple[str, ...]


class ElectrochemistrySheet(Frozen):
    """What the operator of the potentiostat has to know."""

    electrolyte: str | None
    cycle: Cycle | None
    currents: ExpectedCurrents | None
    spectrum: Spectrum | None
    drop_v: Interval | None
    """Of the cell's resistance at the lamella's current."""
    bridge_path: str | None
    bridge_ohm: Interval | None


def electrochemistry_sheet(
    plan: Plan, thickness_m: float, bridge: tuple[str, Interval] | None
) -> ElectrochemistrySheet | None:
    """For a lamella of that thickness whose ``bridge`` is the path that joins it, in ohm; None without settings."""
    settings = plan.recipe.hand_off
    if settings is None or (settings.cyclic_voltammetry is None and settings.impedance is None):
        return None
    currents = expected_currents(plan, settings, thickness_m)
    ohm = bridge[1] if bridge is not None else None
    spectrum = _spectrum(settings.impedance, ohm) if settings.impedance is not None else None
    cell = spectrum.cell_ohm if spectrum is not None else None
    return ElectrochemistrySheet(
        electrolyte=settings.electrolyte,
        cycle=_cycle(settings.cyclic_voltammetry) if settings.cyclic_voltammetry is not None else None,
        currents=currents,
        spectrum=spectrum,
        drop_v=currents.lamella_a.scaled(cell, "V") if currents is not None and cell is not None else None,
        bridge_path=bridge[0] if bridge is not None else None,
        bridge_ohm=ohm,
    )


def expected_currents(plan: Plan, settings: HandOffSettings, thickness_m: float) -> ExpectedCurrents | None:
    """Charge is capacity by volume times the volume; the mean current is that over one sweep."""
    cycle, volume = settings.cyclic_voltammetry, active_volume_m3(plan, thickness_m)
    if cycle is None or settings.capacity is None or volume is None:
        return None
    source = plan.recipe.source.citation
    least = (settings.capacity_least or settings.capacity) * volume * (1 - _damaged_share(plan))
    most = settings.capacity * volume
    charge = Interval(low=min(least, most), expected=most, high=most, unit="C", source=source, status=Status.DERIVED)
    lamella = charge.scaled(1 / _sweep_s(cycle), "A")
    bare_um2, metal = bare_area_um2(plan), plan.cards.holder.bare_metal if plan.cards.holder is not None else None
    if bare_um2 is None or metal is None:
        charging = residual = None
    else:
        area = bare_um2 / UM**2
        charging = metal.capacitance.scaled(area * cycle.scan_rate, "A")
        residual = metal.residual_current.scaled(area, "A")
    return ExpectedCurrents(
        volume_um3=volume * UM**3,
        charge_c=charge,
        lamella_a=lamella,
        bare_um2=bare_um2,
        charging_a=charging,
        residual_a=residual,
        ratio=_ratio(total([charging, residual], "A"), lamella)
        if charging is not None and residual is not None
        else None,
    )


def active_volume_m3(plan: Plan, thickness_m: float) -> float | None:
    """Length, less what a notch takes off, times the layer's thickness times the lamella's."""
    recipe = plan.recipe
    layer = recipe.sample.layer(Role.ACTIVE_LAYER)
    if layer is None:
        return None
    notch = recipe.bridge.notch.length if recipe.bridge is not None and recipe.bridge.notch is not None else 0.0
    return (recipe.lamella.length - notch) / UM * layer.thickness * thickness_m


def bare_area_um2(plan: Plan) -> float | None:
    """Of the electrode that the bridge starts from, as the chip's card draws it, less what a film covers; its top."""
    chip, bridge = plan.cards.echip, plan.recipe.bridge
    electrode = chip.electrode(bridge.start) if chip is not None and bridge is not None else None
    if chip is None or electrode is None:
        return None
    covered = union_all([polygon(film.outline_um) for film in chip.passivation])
    return float(polygon(electrode.outline_um).difference(covered).area)


def sweep_time(impedance: Impedance, down_to_hz: float) -> tuple[int, float] | None:
    """Points and seconds of a logarithmic spectrum from its highest frequency down; None where nobody said how fine.

    Each point takes its periods; what the instrument needs beside them is not counted.
    """
    if impedance.points_per_decade is None or impedance.periods is None or down_to_hz > impedance.highest:
        return None
    decades = math.log10(impedance.highest / down_to_hz)
    points = math.floor(decades * impedance.points_per_decade + 1e-9) + 1
    step = 10 ** (1 / impedance.points_per_decade)
    return points, sum(impedance.periods / impedance.highest * step**number for number in range(points))


def _sweep_s(cycle: CyclicVoltammetry) -> float:
    return (cycle.upper - cycle.lower) / cycle.scan_rate


def _cycle(cycle: CyclicVoltammetry) -> Cycle:
    lower, upper = cycle.lower + cycle.reference_offset, cycle.upper + cycle.reference_offset
    shift = cycle.offset_shift
    offsets = () if shift is None else (cycle.reference_offset - shift, cycle.reference_offset + shift)
    limit = cycle.manganese_below
    return Cycle(
        window=_window(lower, upper, cycle.reference_offset),
        shifted=tuple(_window(lower, upper, offset) for offset in offsets),
        scan_rate=cycle.scan_rate,
        sweep_s=_sweep_s(cycle),
        cycle_s=2 * _sweep_s(cycle),
        manganese_below_v=limit,
        into_manganese_v=limit - lower if limit is not None and lower < limit else None,
        assumed=cycle.assumed,
    )


def _window(lower_v: float, upper_v: float, offset_v: float) -> Window:
    """The window against Li+/Li stays; what has to be set against the pseudo-reference goes with the offset."""
    return Window(
        offset_v=offset_v,
        against_reference_v=(lower_v - offset_v, upper_v - offset_v),
        against_lithium_v=(lower_v, upper_v),
    )


def _spectrum(impedance: Impedance, bridge: Interval | None) -> Spectrum:
    whole = sweep_time(impedance, impedance.lowest)
    fast = sweep_time(impedance, max(impedance.lowest, LOWEST_WORTH))
    share = bridge.scaled(1 / impedance.cell, "1") if bridge is not None and impedance.cell is not None else None
    return Spectrum(
        highest_hz=impedance.highest,
        lowest_hz=impedance.lowest,
        amplitude_v=impedance.amplitude,
        longest_period_s=1 / impedance.lowest,
        points=whole[0] if whole is not None else None,
        seconds=whole[1] if whole is not None else None,
        slow_s=whole[1] - fast[1] if whole is not None and fast is not None else None,
        cell_ohm=impedance.cell,
        bridge_share=share,
        assumed=impedance.assumed,
    )


def _damaged_share(plan: Plan) -> float:
    """Of the active layer's thickness, what the ion beam has harmed."""
    return next((min(layer.damaged_share, 1.0) for layer in plan.finish if layer.role is Role.ACTIVE_LAYER), 0.0)


def _ratio(over: Interval, under: Interval) -> Interval:
    ends = (over.low / under.high, over.expected / under.expected, over.high / under.low)
    return computed(ends, "1", [over, under])
