"""What the beam of the TEM does to a lamella in its cell: dose rate, dose, gray, and how much of the beam gets through.

A dose is electrons by area. A rate limit for a parallel beam does not describe a scanned probe, whose rate is high for
a moment and nothing otherwise; so a map is told by its mean dose, and by the dose of the area that the probe visits.
"""

import math

from fibplan.layout.lamella import upright
from fibplan.model.base import Frozen
from fibplan.model.cards import Medium
from fibplan.model.hand_off import DiffractionMap, Imaging
from fibplan.model.interval import Interval, computed, exactly, total
from fibplan.model.layout import Part
from fibplan.model.plan import Plan
from fibplan.model.recipe import Role

ELEMENTARY_CHARGE = 1.602176634e-19
"""Coulomb, exact in the SI of 2019."""

DIFFRACTION_MOST = 2.0
"""t/lambda up to which diffraction was good, 3 being poor (Martynowycz et al., PNAS 118 (2021) e2108884118)."""

DIAMETERS_M = (1e-6, 2e-6, 5e-6, 1e-5, 2e-5)
"""Of the illuminated areas in the table of currents."""


class ParallelBeam(Frozen):
    """Imaging: e/m2/s, e/m2, Gy/s in the liquid; ``share`` is that of the dose rate's limit."""

    beam_current_a: float
    illuminated_diameter_m: float
    dose_rate: float
    dose: float
    share: float | None
    gray_per_s: Interval | None


class ScannedProbe(Frozen):
    """One or more maps of the same area; what needs a current or a probe size that nobody stated is None.

    ``mean_dose`` is over the whole area, ``visited_dose`` over what the probe covers, each of all maps together and in
    e/m2. ``visited_share`` is how much of the area the probe covers; above 1 neighbouring positions overlap.
    """

    points: int
    maps: int
    seconds: float | None
    mean_dose: float | None
    visited_share: float | None
    visited_dose: float | None
    rate_in_probe: float | None
    gray_visited: Interval | None


class Crossed(Frozen):
    """A layer that the beam goes through: metres, and metres over the mean free path of inelastic scattering."""

    name: str
    thickness_m: Interval
    mean_free_path_m: Interval
    t_over_lambda: Interval


class TemSheet(Frozen):
    """What the TEM operator has to know of the beam. Dose rates in e/m2/s, doses in e/m2.

    ``currents_a`` are the most for round illuminated areas of these diameters. ``filled`` and ``dry`` are t/lambda of
    windows, lamella and, if filled, liquid; None where a thickness or a mean free path is not known.
    """

    accelerating_voltage_v: float | None
    gap_m: float | None
    height_m: float | None
    """Of the highest thing on the chip: the lamella, or a deposit that lies on it."""
    dose_rate_most: float | None
    dose_most: float | None
    gray_per_s_most: Interval | None
    currents_a: tuple[tuple[float, float], ...]
    imaging: ParallelBeam | None
    scanned: ScannedProbe | None
    budget: tuple[tuple[str, float], ...]
    crossed: tuple[Crossed, ...]
    filled: Interval | None
    dry: Interval | None

    @property
    def dose(self) -> float | None:
        """Of all uses together where they overlap; None while one of them is not known."""
        known = self.scanned is None or self.scanned.mean_dose is not None
        return sum(dose for _, dose in self.budget) if known and self.budget else None

    @property
    def dry_for_maps(self) -> bool:
        """Whether a map needs the liquid out of the way, or thinned."""
        return self.filled is not None and self.filled.expected > DIFFRACTION_MOST


def tem_sheet(plan: Plan, thickness_m: float) -> TemSheet:
    """For a lamella of that thickness."""
    tem, settings = plan.cards.tem, plan.recipe.hand_off
    most = settings.dose_rate_most if settings is not None else None
    liquid = _liquid(plan)
    imaging = _parallel(settings.imaging, most, liquid) if settings is not None and settings.imaging else None
    scan = settings.diffraction_map if settings is not None else None
    scanned = _scanned(scan, _stopping(plan, liquid)) if scan is not None else None
    crossed = _crossed(plan, thickness_m, liquid)
    return TemSheet(
        accelerating_voltage_v=tem.accelerating_voltage if tem is not None else None,
        gap_m=plan.cards.echip.gap if plan.cards.echip is not None else None,
        height_m=height(plan, thickness_m),
        dose_rate_most=most,
        dose_most=settings.dose_most if settings is not None else None,
        gray_per_s_most=_gray_per_s(most, liquid) if most is not None else None,
        currents_a=tuple((width, current_for(most, width)) for width in DIAMETERS_M) if most is not None else (),
        imaging=imaging,
        scanned=scanned,
        budget=_budget(imaging, scanned),
        crossed=crossed,
        filled=_through(crossed, {"window", "facing window", "lamella", "liquid"}),
        dry=_through(crossed, {"window", "facing window", "lamella"}),
    )


def height(plan: Plan, thickness_m: float) -> float | None:
    """Metres from the membrane to the top of what was put on the chip; None without a place on one."""
    if plan.layout is None:
        return None
    stands = plan.recipe.sample.height if upright(plan.recipe) else thickness_m
    deposits = [region for part in (Part.BRIDGE, Part.SUPPORT, Part.PAD) for region in plan.layout.of(part)]
    return max([stands, *(thickness_m + deposit.thickness_m for deposit in deposits)])


def dose_rate_of(beam_current_a: float, area_m2: float) -> float:
    """Electrons by area and time: current over charge and area."""
    return beam_current_a / ELEMENTARY_CHARGE / area_m2


def current_for(dose_rate: float, diameter_m: float) -> float:
    """The ampere that spread over a round area give that dose rate."""
    return dose_rate * ELEMENTARY_CHARGE * disc(diameter_m)


def disc(diameter_m: float) -> float:
    return math.pi / 4 * diameter_m**2


def gray_of(dose: float, stopping_power: Interval, unit: str) -> Interval:
    """Energy by mass that electrons by area leave in a thin layer: dose times collision stopping power by mass.

    The card gives the stopping power over the elementary charge, so that coulomb by area times it is joule by kilogram;
    energy that fast secondary electrons carry off is counted as left, and scattering that lengthens the way is not
    counted. ``unit`` is Gy, or Gy/s for a dose rate.
    """
    return stopping_power.scaled(dose * ELEMENTARY_CHARGE, unit)


def _gray_per_s(dose_rate: float, medium: Medium | None) -> Interval | None:
    if medium is None or medium.stopping_power is None:
        return None
    return gray_of(dose_rate, medium.stopping_power, "Gy/s")


def _parallel(imaging: Imaging, most: float | None, liquid: Medium | None) -> ParallelBeam:
    rate = dose_rate_of(imaging.current, disc(imaging.illuminated_diameter))
    return ParallelBeam(
        beam_current_a=imaging.current,
        illuminated_diameter_m=imaging.illuminated_diameter,
        dose_rate=rate,
        dose=rate * imaging.exposure,
        share=rate / most if most is not None else None,
        gray_per_s=_gray_per_s(rate, liquid),
    )


def _scanned(scan: DiffractionMap, stopping: Interval | None) -> ScannedProbe:
    points = max(1, round(scan.area / scan.step**2))
    visited = disc(scan.probe) if scan.probe is not None else None
    charge = scan.current * scan.dwell if scan.current is not None and scan.dwell is not None else None
    on_visited = _visited_dose(scan, charge, visited)
    return ScannedProbe(
        points=points,
        maps=scan.maps,
        seconds=points * scan.dwell * scan.maps if scan.dwell is not None else None,
        mean_dose=charge * scan.maps / ELEMENTARY_CHARGE / scan.step**2 if charge is not None else None,
        visited_share=visited / scan.step**2 if visited is not None else None,
        visited_dose=on_visited,
        rate_in_probe=dose_rate_of(scan.current, visited) if scan.current is not None and visited is not None else None,
        gray_visited=gray_of(on_visited, stopping, "Gy") if on_visited is not None and stopping is not None else None,
    )


def _visited_dose(scan: DiffractionMap, charge: float | None, visited: float | None) -> float | None:
    """Where positions overlap every place is visited more than once: then it is the mean dose."""
    if charge is None or visited is None:
        return None
    return charge * scan.maps / ELEMENTARY_CHARGE / min(visited, scan.step**2)


def _budget(imaging: ParallelBeam | None, scanned: ScannedProbe | None) -> tuple[tuple[str, float], ...]:
    """Where a map lies in the imaged area, both add up."""
    rows = [("imaging", imaging.dose)] if imaging is not None else []
    if scanned is not None and scanned.mean_dose is not None:
        rows.append((f"{scanned.maps} diffraction map{'s' if scanned.maps > 1 else ''}", scanned.mean_dose))
    return tuple(rows)


def _liquid(plan: Plan) -> Medium | None:
    tem, settings = plan.cards.tem, plan.recipe.hand_off
    return tem.medium(settings.liquid) if tem is not None and settings is not None and settings.liquid else None


def _stopping(plan: Plan, liquid: Medium | None) -> Interval | None:
    """In the active layer, which is what is mapped; else in the liquid."""
    layer, tem = plan.recipe.sample.layer(Role.ACTIVE_LAYER), plan.cards.tem
    medium = tem.medium(layer.material) if layer is not None and tem is not None else None
    found = medium or liquid
    return found.stopping_power if found is not None else None


def _crossed(plan: Plan, thickness_m: float, liquid: Medium | None) -> tuple[Crossed, ...]:
    """From the gun down: the facing window, taken to be as thick as the chip's own, liquid, lamella, window."""
    tem, chip, layer = plan.cards.tem, plan.cards.echip, plan.recipe.sample.layer(Role.ACTIVE_LAYER)
    found: list[Crossed] = []
    window = tem.medium(chip.window.material) if tem is not None and chip is not None else None
    if window is not None and chip is not None:
        thickness = exactly(chip.window.thickness, "m", chip.source, chip.window.status)
        names = ("window", "facing window") if chip.gap is not None else ("window",)
        found += [_cross(name, thickness, window) for name in names]
    depth = liquid_thickness(plan, thickness_m)
    if liquid is not None and depth is not None:
        found.append(_cross("liquid", depth, liquid))
    active = tem.medium(layer.material) if tem is not None and layer is not None else None
    if active is not None:
        found.append(_cross("lamella", exactly(thickness_m, "m", "the lamella as reported"), active))
    return tuple(found)


def liquid_thickness(plan: Plan, thickness_m: float) -> Interval | None:
    """Metres of liquid over the lamella: as measured, or the spacers' gap and the bulge less the lamella."""
    chip, holder, settings = plan.cards.echip, plan.cards.holder, plan.recipe.hand_off
    if settings is not None and settings.liquid_thickness is not None:
        return exactly(settings.liquid_thickness, "m", plan.recipe.source.citation)
    if chip is None or chip.gap is None or settings is None or settings.liquid is None:
        return None
    gap = exactly(chip.gap, "m", chip.source, chip.status)
    wide = total([gap, holder.bulge], "m") if holder is not None and holder.bulge is not None else gap
    ends = (max(0.0, gap.low - thickness_m), max(0.0, wide.expected - thickness_m), max(0.0, wide.high - thickness_m))
    return computed(ends, "m", [wide])


def _cross(name: str, thickness: Interval, medium: Medium) -> Crossed:
    path = medium.mean_free_path
    ends = (thickness.low / path.high, thickness.expected / path.expected, thickness.high / path.low)
    ratio = computed(ends, "1", [thickness, path])
    return Crossed(name=name, thickness_m=thickness, mean_free_path_m=path, t_over_lambda=ratio)


def _through(crossed: tuple[Crossed, ...], names: set[str]) -> Interval | None:
    """The sum over those layers, None where one of them that should be there is not known."""
    parts = [layer.t_over_lambda for layer in crossed if layer.name in names]
    known = {layer.name for layer in crossed}
    missing = {"lamella", "window", *(names & {"liquid"})} - known
    return None if missing or not parts else total(parts, "1")
