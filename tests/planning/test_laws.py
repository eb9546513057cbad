"""Laws that every plan obeys, whatever its numbers: nothing here knows a material's value."""

import math
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shipped import RECIPES

from fibplan.library.bind import bind
from fibplan.library.load import load_recipe
from fibplan.library.search_path import SearchPath
from fibplan.milling.beam import probe_diameter
from fibplan.milling.column import Column
from fibplan.milling.damage import damage_after, damage_depth, damaged_share, entry_thickness, gallium_depth
from fibplan.milling.duration import dose
from fibplan.milling.rates import between, energy_ratio, redeposition_factor, removal_rate, side_wall_gain
from fibplan.milling.removal import removed_by
from fibplan.model.cards import Cards
from fibplan.model.fib_card import Aperture
from fibplan.model.interval import Interval, Status, exactly, product, total
from fibplan.model.materials import Material, Milling
from fibplan.model.plan import Operation, Plan
from fibplan.model.recipe import Layer, Recipe, Role, Sample
from fibplan.model.steps import Beamed, IsolationCut, MillTrench, Polish
from fibplan.planning.expand import expand
from fibplan.planning.membrane import membrane_dose

BOUNDS = ("low", "expected", "high")
KEV = 1e3

few = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
positive = st.floats(min_value=1e-3, max_value=1e3)
voltages = st.floats(min_value=0.5 * KEV, max_value=60 * KEV)
currents = st.floats(min_value=1e-12, max_value=1e-7)
lengths = st.floats(min_value=1e-9, max_value=1e-5)


@st.composite
def intervals(draw: st.DrawFn, unit: str = "1") -> Interval:
    low, expected, high = sorted(draw(st.tuples(positive, positive, positive)))
    return Interval(low=low, expected=expected, high=high, unit=unit, source="a test", status=Status.DERIVED)


def ordered(interval: Interval) -> bool:
    return interval.low <= interval.expected <= interval.high


def nowhere_above(smaller: Interval, larger: Interval) -> bool:
    """Whether each end of the first is at most that of the second, but for rounding."""
    return all(getattr(smaller, end) <= getattr(larger, end) * (1 + 1e-9) for end in BOUNDS)


def with_step(recipe: Recipe, index: int, **change: object) -> Recipe:
    """The recipe with one step changed."""
    changed = recipe.steps[index].model_copy(update=change)
    steps = (*recipe.steps[:index], changed, *recipe.steps[index + 1 :])
    return recipe.model_copy(update={"steps": steps})


def with_cap(recipe: Recipe, thickness_m: float) -> Recipe:
    """The recipe with a protective layer of that thickness."""
    stack = tuple(
        layer.model_copy(update={"thickness": thickness_m}) if layer.role is Role.PROTECTIVE_LAYER else layer
        for layer in recipe.sample.stack
    )
    return recipe.model_copy(update={"sample": recipe.sample.model_copy(update={"stack": stack})})


def beamed(plan: Plan) -> list[Operation]:
    return [operation for operation in plan.operations if isinstance(operation.step, Beamed)]


@pytest.fixture(scope="module", params=RECIPES, ids=lambda path: path.stem)
def bound(request: pytest.FixtureRequest, library: SearchPath) -> tuple[Recipe, Cards]:
    """Each shipped recipe with its cards."""
    recipe = load_recipe(request.param, search=library).recipe
    cards = bind(recipe, library).cards
    assert cards is not None
    return recipe, cards


@few
@given(data=st.data(), factor=st.floats(min_value=1.0, max_value=1e3))
def test_more_current_never_takes_longer(bound: tuple[Recipe, Cards], data: st.DataObject, factor: float) -> None:
    """A step done with more current has its beam on for less time or as long, and no other step for longer."""
    recipe, cards = bound
    before = beamed(expand(recipe, cards))
    chosen = data.draw(st.sampled_from(before))
    stronger = with_step(recipe, chosen.position, beam_current=(chosen.beam_current_a or 0.0) * factor)
    for slow, fast in zip(before, beamed(expand(stronger, cards)), strict=True):
        assert slow.beam_on_s is not None
        assert fast.beam_on_s is not None
        assert nowhere_above(fast.beam_on_s, slow.beam_on_s)


@given(one=voltages, other=voltages)
def test_higher_voltage_never_damages_less(paper_plan: Plan, one: float, other: float) -> None:
    """Neither the damage nor the gallium of any material becomes shallower with the voltage."""
    low, high = sorted((one, other))
    compared = 0
    for material in paper_plan.cards.materials.values():
        for depth in (damage_depth, gallium_depth):
            gentle, harsh = depth(material, low), depth(material, high)
            if gentle is not None and harsh is not None:
                assert nowhere_above(gentle, harsh), material.title
                compared += 1
    assert compared >= len(paper_plan.cards.materials)


@few
@given(thin=st.floats(min_value=1e-7, max_value=5e-6), more=st.floats(min_value=0.0, max_value=5e-6))
def test_a_thicker_cap_never_leaves_less(bound: tuple[Recipe, Cards], thin: float, more: float) -> None:
    """What is left of the cap at the end grows with what was deposited, though it takes longer to mill through."""
    recipe, cards = bound
    left = expand(with_cap(recipe, thin), cards).cap_left_m
    left_of_more = expand(with_cap(recipe, thin + more), cards).cap_left_m
    assert left is not None
    assert left_of_more is not None
    assert nowhere_above(left, left_of_more)


@given(
    rate_um3_nc=st.floats(min_value=0.01, max_value=10),
    length_um=st.floats(min_value=0.1, max_value=100),
    width_um=st.floats(min_value=0.1, max_value=100),
    depth_m=lengths,
    current_a=currents,
)
def test_a_box_takes_its_volume_over_rate_times_current(
    paper_plan: Plan, *, rate_um3_nc: float, length_um: float, width_um: float, depth_m: float, current_a: float
) -> None:
    """The vendor's bookkeeping, from the step to its beam-on time: t = area x depth / (volume per dose x current)."""
    rate = rate_um3_nc * 1e-9
    milling = Milling.model_construct(ion="Ga", accelerating_voltage=30 * KEV, volume_per_dose=exactly(rate, "m3/C"))
    fib = paper_plan.cards.fib.model_copy(update={"redeposition": (), "calibrations": ()})
    column = Column(fib, {"bulk": Material.model_construct(title="bulk", milling=milling)})
    layer = Layer.model_construct(name="bulk", role=Role.SUBSTRATE, material="bulk", thickness=1.0)
    recipe = paper_plan.recipe.model_copy(update={"sample": Sample.model_construct(name="bulk", stack=(layer,))})
    step = MillTrench.model_construct(
        name="box", kind="mill_trench", profile="box", sides=1, accelerating_voltage=30 * KEV,
        beam_current=current_a, length=length_um, width=width_um, depth=depth_m, leaves=1e-6,
    )  # fmt: skip
    removed = removed_by(step, recipe, None, patterns=fib.patterns, deposited="bulk")
    time = column.milling_time(removed, step)
    seconds = length_um * 1e-6 * width_um * 1e-6 * depth_m / (rate * current_a)
    assert time.low == time.expected == time.high == pytest.approx(seconds, rel=3e-4)


def test_a_polish_to_100_nm_of_silicon_starts_at_133_nm(paper_plan: Plan) -> None:
    """The cards' damage at 30 and at 5 kV gives the 133 nm of the literature, to the nanometre."""
    silicon = paper_plan.cards.materials["silicon"]
    before, own = damage_depth(silicon, 30 * KEV), damage_depth(silicon, 5 * KEV)
    assert before is not None
    assert own is not None
    assert round(entry_thickness(100e-9, before.expected, own.expected) * 1e9) == 133


@given(target=lengths, before=lengths, own=lengths, more=lengths)
def test_the_entry_thickness_leaves_no_earlier_damage(target: float, before: float, own: float, more: float) -> None:
    """From that thickness on a polish takes away all earlier damage; it grows with target and damage, not with own."""
    entry = entry_thickness(target, before, own)
    off = (entry - target) / 2
    assert entry >= target
    assert max(own, before - off) == pytest.approx(own)
    assert entry_thickness(target + more, before, own) >= entry
    assert entry_thickness(target, before + more, own) >= entry
    assert entry_thickness(target, before, own + more) <= entry


@given(one=st.floats(min_value=0.01, max_value=100), other=st.floats(min_value=0.01, max_value=100))
def test_a_more_confined_cut_is_never_faster(paper_plan: Plan, one: float, other: float) -> None:
    """What redeposition leaves of the rate falls with depth over width, and is never more than all of it."""
    shallow, deep = sorted((one, other))
    table = paper_plan.cards.fib.redeposition
    open_cut, confined = redeposition_factor(table, shallow), redeposition_factor(table, deep)
    assert nowhere_above(confined, open_cut)
    assert open_cut.high <= 1.0


@few
@given(data=st.data(), narrower=st.floats(min_value=0.05, max_value=1.0))
def test_more_redeposition_never_mills_faster(paper_plan: Plan, data: st.DataObject, narrower: float) -> None:
    """The same volume in a narrower trench takes as long or longer."""
    index, trench = next(
        (place, step) for place, step in enumerate(paper_plan.recipe.steps) if isinstance(step, MillTrench)
    )
    shape = {"width": trench.width * narrower, "length": trench.length / narrower}
    wide = paper_plan.operations[index]
    narrow = expand(with_step(paper_plan.recipe, index, **shape), paper_plan.cards).operations[index]
    assert wide.beam_on_s is not None
    assert narrow.beam_on_s is not None
    assert narrow.volume_um3 == pytest.approx(wide.volume_um3)
    assert nowhere_above(wide.beam_on_s, narrow.beam_on_s)


@given(one=currents, other=currents)
def test_the_probe_grows_with_the_current(paper_plan: Plan, one: float, other: float) -> None:
    """A stronger beam is never narrower, also between and beyond the apertures of the card."""
    small, large = sorted((one, other))
    for beam in paper_plan.cards.fib.beams:
        narrow, wide = probe_diameter(beam.apertures, small), probe_diameter(beam.apertures, large)
        assert (narrow is None) == (wide is None)
        assert narrow is None or wide is None or 0 < narrow <= wide * (1 + 1e-9)


@given(
    table=st.dictionaries(currents, lengths, min_size=1, max_size=8).filter(
        lambda table: all(low * 1.05 < high for low, high in pairwise(sorted(table)))
    ),
    one=currents,
    other=currents,
)
def test_the_probe_of_any_growing_table_grows(table: dict[float, float], one: float, other: float) -> None:
    """Whatever apertures a card has: where their diameters grow with the current, the probe does."""
    pairs = zip(sorted(table), sorted(table.values()), strict=True)
    apertures = [Aperture.model_construct(beam_current=a, probe_diameter=d) for a, d in pairs]
    narrow, wide = (probe_diameter(apertures, current) for current in sorted((one, other)))
    assert narrow is not None
    assert wide is not None
    assert narrow <= wide * (1 + 1e-9)


@given(time=intervals("s"), factor=st.floats(min_value=1.0, max_value=1e3))
def test_the_membrane_s_dose_grows_with_the_dose(paper_plan: Plan, time: Interval, factor: float) -> None:
    """More charge on a cut or a lamella over the window is more dose there, under a deposit never less."""
    recipe, cards = paper_plan.recipe, paper_plan.cards
    little, much = dose(time, 30e-12), dose(time, 30e-12 * factor)
    cut = IsolationCut.model_construct(name="cut", kind="isolation_cut", length=2.0, width=1.0, depth=1e-8)
    polish = next(operation.step for operation in paper_plan.operations if isinstance(operation.step, Polish))
    for step in (cut, polish):
        weak, strong = (membrane_dose(step, charge, recipe, cards) for charge in (little, much))
        assert nowhere_above(weak, strong)
        assert factor < 1.001 or weak.expected < strong.expected
    for operation in beamed(paper_plan):
        if operation.membrane_dose is not None:
            assert isinstance(operation.step, Beamed)
            weak, strong = (membrane_dose(operation.step, charge, recipe, cards) for charge in (little, much))
            assert nowhere_above(weak, strong)


@given(damage=st.floats(min_value=0, max_value=1e-6), thickness=st.floats(min_value=1e-9, max_value=1e-6))
def test_the_damaged_share_is_a_share(damage: float, thickness: float) -> None:
    """It lies within 0 and 1, grows with the damage, and falls with the thickness."""
    share = damaged_share(damage, thickness)
    assert 0.0 <= share <= 1.0
    assert damaged_share(damage * 2, thickness) >= share
    assert damaged_share(damage, thickness * 2) <= share


@few
@given(final=st.floats(min_value=1e-8, max_value=1.5e-7))
def test_no_plan_has_more_damage_than_lamella(bound: tuple[Recipe, Cards], final: float) -> None:
    """Whatever the last step leaves, every layer's damaged share lies within 0 and 1."""
    recipe, cards = bound
    index = max(place for place, step in enumerate(recipe.steps) if isinstance(step, Polish))
    plan = expand(with_step(recipe, index, leaves=final), cards)
    assert plan.finish
    assert all(0.0 <= layer.damaged_share <= 1.0 for layer in plan.finish)


@given(one=intervals(), other=intervals(), share=st.floats(min_value=0, max_value=1), factor=positive)
def test_the_arithmetic_of_intervals_keeps_their_order(
    one: Interval, other: Interval, share: float, factor: float
) -> None:
    """Sums, products, quotients, and what lies between two intervals: low <= expected <= high."""
    made = [total([one, other], "1"), product([one, other], "1"), one.scaled(factor, "1"), one.dividing(factor, "1")]
    made += [between(one, other, share), damage_after(one, factor, other)]
    assert all(ordered(interval) for interval in made)


@given(voltage=voltages, overtilt=st.floats(min_value=-math.pi / 2, max_value=math.pi / 2))
def test_every_interval_of_the_cards_is_in_order(paper_plan: Plan, voltage: float, overtilt: float) -> None:
    """At any voltage and tilt the rates, gains and depths that follow from the cards are intervals."""
    taper = paper_plan.cards.fib.shape.taper
    for material in paper_plan.cards.materials.values():
        depths = [damage_depth(material, voltage), gallium_depth(material, voltage)]
        made = [depth for depth in depths if depth is not None]
        if material.milling is not None:
            made += [removal_rate(material.milling, voltage), energy_ratio(material.milling, voltage)]
            if material.milling.angle is not None:
                made.append(side_wall_gain(material.milling.angle, overtilt, taper))
        assert all(ordered(interval) for interval in made)


@few
@given(data=st.data(), factor=st.floats(min_value=0.1, max_value=10))
def test_every_interval_of_a_plan_is_in_order(bound: tuple[Recipe, Cards], data: st.DataObject, factor: float) -> None:
    """Whatever one step's current is changed to, no number of the plan has its low above its high."""
    recipe, cards = bound
    chosen = data.draw(st.sampled_from(beamed(expand(recipe, cards))))
    plan = expand(with_step(recipe, chosen.position, beam_current=(chosen.beam_current_a or 0.0) * factor), cards)
    parts = [*plan.operations, *plan.finish, plan, *([plan.membrane] if plan.membrane is not None else [])]
    held = [value for part in parts for _, value in part if isinstance(value, Interval)]
    assert held
    assert all(ordered(interval) for interval in held)
