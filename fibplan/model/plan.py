"""A plan: a recipe bound to its cards, expanded into operations that a person and the instruments can do."""

from enum import StrEnum

from fibplan.model.base import Frozen
from fibplan.model.cards import Cards
from fibplan.model.interval import Interval, total
from fibplan.model.layout import ChipLayout
from fibplan.model.recipe import Recipe, Role
from fibplan.model.steps import Step


class RateBasis(StrEnum):
    """What a removal rate was made from: a calibration of this column, the scan's own, or the material's own rate."""

    CALIBRATED = "calibrated"
    SCAN = "scan"
    MATERIAL = "material"


class RateUsed(Frozen):
    """The rate in m3/C at which a step removes a material, and what it was made from."""

    material: str
    basis: RateBasis
    volume_per_dose: Interval


class Operation(Frozen):
    """One step with its consequences. Lengths in metres, volume in um3, dose in coulomb, durations in seconds.

    ``beam_on_s`` is the time with the beam on the sample, ``duration_s`` adds what the person and the stage take.
    Damage is the depth of the harmed side wall, one face, in the layer that is harmed deepest. ``membrane_dose`` is in
    C/m2, None where the beam does not work over the chip. ``rates`` are those of the materials that it removes.
    """

    name: str
    kind: str
    step: Step
    position: int
    """Where the step stands in the recipe's list, from 0."""
    after: tuple[str, ...]
    accelerating_voltage_v: float | None = None
    beam_current_a: float | None = None
    volume_um3: float | None = None
    beam_on_s: Interval | None = None
    dose_c: Interval | None = None
    duration_s: Interval
    thickness_before_m: float | None = None
    thickness_after_m: float | None = None
    damage_before_m: float | None = None
    damage_m: float | None = None
    cap_left_m: Interval | None = None
    membrane_dose: Interval | None = None
    look_dose: Interval | None = None
    """Of ``membrane_dose``, what the look that places the pattern brings, beside the pattern too."""
    rates: tuple[RateUsed, ...] = ()

    @property
    def calibrated(self) -> tuple[str, ...]:
        """The materials whose rate was measured on this column."""
        return tuple(rate.material for rate in self.rates if rate.basis is RateBasis.CALIBRATED)


class LayerFinish(Frozen):
    """How one layer ends: damage and gallium from each face in metres, and the damaged share of its thickness."""

    layer: str
    role: Role
    damage_m: Interval
    damaged_share: float
    gallium_m: Interval | None


class MembraneDose(Frozen):
    """Ion dose on the membrane in C/m2, summed over all operations at the most exposed place, and what it bears.

    ``heating_k`` is what the strongest of these beams can heat it by, were all its power left in the film.
    """

    total: Interval
    budget: Interval
    perforation: Interval
    heating_k: Interval | None


class PathLimit(Frozen):
    """The largest current a path may carry, and the cross-section that sets it."""

    path: str
    current_a: float
    cross_section_m2: float
    weakest: str
    source: str


class Plan(Frozen):
    """Operations in an order that respects every dependency, where things lie, and what each path may carry."""

    recipe: Recipe
    cards: Cards
    operations: tuple[Operation, ...]
    layout: ChipLayout | None
    limits: tuple[PathLimit, ...]
    measured_thickness_m: float | None
    """The lamella's thickness when it is measured electrically, or None without a measurement."""
    finish: tuple[LayerFinish, ...] = ()
    """How each layer ends, from the substrate up."""
    cap_left_m: Interval | None = None
    membrane: MembraneDose | None = None

    @property
    def duration(self) -> Interval:
        """The whole session, from the first operation to the last."""
        return total((operation.duration_s for operation in self.operations), "s")

    def limit(self, path: str) -> PathLimit | None:
        return next((limit for limit in self.limits if limit.path == path), None)


class Expected(Frozen):
    """What the resistances are predicted to be, in ohm, by verification path."""

    resistances: dict[str, Interval]
    contributions: dict[str, dict[str, float]]
    """For each path, the expected ohm of each kind of part alone: contacts, bridge, collector, probes, films."""
    shares: dict[str, dict[str, float]]
    """For each path, what share of its resistance goes with each kind of part: they sum to one."""
    short_probability: dict[str, float]
    """For each insulating path, the chance that the halo closes the gap; the resistance is given that it does not."""
    seed: int
    samples: int


class Isolation(Frozen):
    """How well the chip's electrodes are isolated from ``start``, in ohm by electrode.

    ``siemens`` are the conductances between every two ``terminals`` with every parameter at its expected value: times
    the volts on the terminals, the amperes into them.
    """

    start: str
    resistances: dict[str, Interval]
    terminals: tuple[str, ...]
    siemens: tuple[tuple[float, ...], ...]
