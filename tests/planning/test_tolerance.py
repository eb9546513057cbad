"""The yield of a plan: what strays, how it goes together, what it does to the readings, on any executor."""

import math
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr
from scipy.stats import spearmanr
from straying import exact, materials_only, with_tolerances, within

from fibplan.circuit.contributions import between_squares, leading_ohms
from fibplan.circuit.films import BRIDGE, CAP, COLLECTOR, outline_of
from fibplan.circuit.parameters import parameters, sampled_values
from fibplan.errors import Misuse
from fibplan.library.examine import Examined
from fibplan.model.path import Below
from fibplan.model.plan import Plan
from fibplan.model.recipe import Pose
from fibplan.model.tolerance import LamellaTolerances
from fibplan.planning.predict import predict
from fibplan.planning.tolerance.displaced import displaced
from fibplan.planning.tolerance.draws import correlated, draw
from fibplan.planning.tolerance.readings import readings
from fibplan.planning.tolerance.result import ACCEPTED
from fibplan.planning.tolerance.sampling import InProcess, yield_of
from fibplan.planning.tolerance.spreads import (
    ACROSS,
    ALONG,
    BRIDGE_THICKNESS,
    EDGE,
    LAMELLA_THICKNESS,
    MAKING,
    PAD_THICKNESS,
    PATTERN_ACROSS,
    TURN,
    pairs,
    spreads,
)

Examine = Callable[[str], Examined]

PADS = """
pads:
  - {terminal: current_collector, side: 10 um, width: 2 um, thickness: 500 nm, overlap: 500 nm, clearance: 100 nm}
"""


@pytest.fixture(scope="module")
def materials(paper_plan: Plan) -> Plan:
    return materials_only(paper_plan)


def padded(examine_text: Examine, paper_text: str) -> Plan:
    plan = examine_text(paper_text + PADS).plan
    assert plan is not None
    return plan


def planned(plan: Plan) -> list[float]:
    """What the plan itself reads, path by path."""
    return readings(plan, np.zeros((1, len(spreads(plan))))).ohms[:, 0].tolist()


# What strays


def test_every_number_of_the_network_strays_and_what_is_made_too(paper_plan: Plan) -> None:
    """Resistivities, thicknesses, misplacement, rotation, halo, contact and probe, each with a unit and a status."""
    names = {spread.name for spread in spreads(paper_plan)}
    assert set(parameters(paper_plan)) <= names
    assert {ALONG, ACROSS, TURN, LAMELLA_THICKNESS, PATTERN_ACROSS, EDGE, BRIDGE_THICKNESS} <= names
    assert PAD_THICKNESS not in names, "there are no pads"
    for spread in spreads(paper_plan):
        assert any(character.isalpha() or character == "%" for character in spread.words), spread
        assert spread.how.source
        assert spread.how.status


def test_a_spread_holds_its_interval_with_its_coverage(paper_plan: Plan) -> None:
    """A number that lies within so much of the plan nine times out of ten does so for nine draws out of ten."""
    scores = np.random.default_rng(0).standard_normal(100_000)
    found = {spread.name: spread for spread in spreads(paper_plan)}
    strayed = found[ALONG].at(scores)
    assert (abs(strayed) < 1e-6).mean() == pytest.approx(0.9, abs=0.005)
    assert np.median(strayed) == pytest.approx(0.0, abs=1e-8)
    thickness = found[LAMELLA_THICKNESS].at(scores)
    assert ((thickness > 0.8) & (thickness < 1.25)).mean() == pytest.approx(0.9, abs=0.005)


def test_numbers_that_go_together_have_the_rank_correlation_that_was_asked_for(
    examine_text: Examine, paper_text: str
) -> None:
    """Tips, halo, and bridge with pads, within 0.02; all others are independent within 0.05."""
    plan = padded(examine_text, paper_text)
    found, together = spreads(plan), pairs(plan)
    assert {(pair.first, pair.second) for pair in together} == {
        ("first tip", "second tip"),
        ("halo edge fraction", "halo decay length"),
        (BRIDGE_THICKNESS, PAD_THICKNESS),
    }
    scores = draw(found, together, 8192, 64, seed=1).first
    values = np.stack([spread.at(scores[:, column]) for column, spread in enumerate(found)])
    ranks = spearmanr(values, axis=1).statistic
    names = [spread.name for spread in found]
    asked = np.eye(len(found))
    for pair in together:
        one, other = names.index(pair.first), names.index(pair.second)
        asked[one, other] = asked[other, one] = pair.how.rank
        assert ranks[one, other] == pytest.approx(pair.how.rank, abs=0.02)
    assert np.abs(ranks - asked).max() < 0.05


@given(rank=st.floats(-1, 1))
@settings(max_examples=25)
def test_any_rank_correlation_can_be_had(paper_plan: Plan, rank: float) -> None:
    """From minus one to one, and both numbers stay standard normal."""
    found = spreads(paper_plan)
    tips = [pair for pair in pairs(paper_plan) if pair.first == "first tip"]
    asked = [type(pair)(pair.first, pair.second, pair.how.model_copy(update={"rank": rank})) for pair in tips]
    scores = correlated(np.random.default_rng(0).standard_normal((4000, len(found))), found, tuple(asked))
    columns = [[spread.name for spread in found].index(name) for name in ("first tip", "second tip")]
    assert spearmanr(scores[:, columns]).statistic == pytest.approx(rank, abs=0.04)
    assert scores[:, columns].std(axis=0) == pytest.approx(1.0, abs=0.05)


def test_what_goes_together_is_controlled_together(paper_plan: Plan) -> None:
    """Both of a correlated pair belong to one control: indices are those of independent inputs."""
    by_name = {spread.name: spread.control for spread in spreads(paper_plan)}
    for pair in pairs(paper_plan):
        assert by_name[pair.first] == by_name[pair.second]


def test_samples_fill_every_range_evenly(paper_plan: Plan) -> None:
    """Of 64 Sobol points one falls into each sixty-fourth of every spread that nothing else moves."""
    found = spreads(paper_plan)
    scores = draw(found, (), 64, 64, seed=3).first
    for column in range(len(found)):
        assert sorted((64 * ndtr(scores[:, column])).astype(int)) == list(range(64))


# What the making does


@pytest.mark.parametrize("mirror", [False, True])
def test_a_strayed_lamella_takes_everything_on_it_along(paper_plan: Plan, mirror: bool) -> None:
    """In its own frame nothing has moved but the electrodes, by as much and the other way."""
    placement = paper_plan.recipe.lamella.placement
    assert placement is not None
    lamella = paper_plan.recipe.lamella.model_copy(
        update={"placement": placement.model_copy(update={"mirror": mirror})}
    )
    plan = paper_plan.model_copy(update={"recipe": paper_plan.recipe.model_copy(update={"lamella": lamella})})
    made = displaced(plan, {ALONG: 3e-7, ACROSS: -2e-7, TURN: 0.0})
    for name in (COLLECTOR, CAP, BRIDGE):
        assert outline_of(made, name).symmetric_difference(outline_of(plan, name)).area < 1e-2
    before, after = (outline_of(each, "working_electrode").centroid for each in (plan, made))
    assert (after.x - before.x, after.y - before.y) == pytest.approx((-0.3, 0.2), abs=1e-3)


def test_a_turned_lamella_turns_about_its_corner(paper_plan: Plan) -> None:
    """The corner stays, and the far end moves by length times angle."""
    made = displaced(paper_plan, {TURN: math.radians(2)})
    assert made.layout is not None
    assert paper_plan.layout is not None
    before, after = (
        np.array(plan.layout.named("substrate").outline_um) for plan in (paper_plan, made) if plan.layout is not None
    )
    assert after[0] == pytest.approx(before[0], abs=1e-5)
    assert np.hypot(*(after[1] - before[1])) == pytest.approx(15 * math.radians(2), rel=1e-3)


def test_a_deposit_strays_in_place_and_size(paper_plan: Plan) -> None:
    """Its middle moves by the pattern's error, each side by the edge's, and its thickness by the factor."""
    made = displaced(paper_plan, {PATTERN_ACROSS: -1e-7, EDGE: 5e-8, BRIDGE_THICKNESS: 1.2})
    before, after = outline_of(paper_plan, BRIDGE), outline_of(made, BRIDGE)
    assert np.subtract(after.bounds, before.bounds) == pytest.approx([-0.05, -0.15, 0.05, -0.05], abs=1e-3)
    assert made.recipe.bridge is not None
    assert paper_plan.recipe.bridge is not None
    assert made.recipe.bridge.thickness == pytest.approx(1.2 * paper_plan.recipe.bridge.thickness)
    assert made.layout is not None
    bridge = made.layout.named(BRIDGE)
    assert bridge is not None
    assert bridge.thickness_m == pytest.approx(6e-7)


def test_a_deposit_that_shrinks_away_is_an_open(paper_plan: Plan) -> None:
    """A bridge whose edges come in by more than half its width is not there, and nothing conducts."""
    found = spreads(paper_plan)
    row = np.zeros((1, len(found)))
    row[0, [spread.name for spread in found].index(EDGE)] = -1.5e-6 / 1e-7 * 1.645
    assert np.isinf(readings(paper_plan, row).ohms[0])


def test_a_bridge_on_the_active_layer_shortens_the_way_through_it(paper_plan: Plan) -> None:
    """0.2 um further up it covers 0.1 um of the layer under its 2 um, and less resistance is left."""
    bare = between_squares(paper_plan)[0]
    squares = between_squares(displaced(paper_plan, {PATTERN_ACROSS: 2e-7}))[0]
    parallel = 1 / (2 / 0.36 + 13 / 0.46)
    assert parallel * 0.9 < squares < bare


def test_a_bridge_that_reaches_the_cap_is_a_short_of_its_own(paper_plan: Plan) -> None:
    """It is counted as touching, whatever the halo, and the protective path reads hardly more than the bridge."""
    found = spreads(paper_plan)
    row = np.zeros((1, len(found)))
    row[0, [spread.name for spread in found].index(PATTERN_ACROSS)] = 8e-7 / 1e-7 * 1.645
    read = readings(paper_plan, row)
    assert read.touching.tolist() == [1.0]
    assert read.ohms[1, 0] < 10 * read.ohms[0, 0]


@given(st.data())
@settings(max_examples=20)
def test_no_sample_however_wild_fails(paper_plan: Plan, data: st.DataObject) -> None:
    """Ten times the tolerances still give a reading or an open, never an error or a number that is none."""
    found = spreads(paper_plan)
    scale = data.draw(st.sampled_from([1.0, 3.0, 10.0]))
    scores = np.array([data.draw(st.floats(-2, 2)) * (scale if s.name in MAKING else 1.0) for s in found])
    read = readings(paper_plan, scores[None])
    assert (read.ohms > 0).all()


# Readings


def test_nothing_strayed_gives_the_plan_s_own_numbers(paper_plan: Plan) -> None:
    """Every sample of a plan without tolerances reads what is predicted for it, and it passes or it does not."""
    plan = exact(paper_plan)
    found = yield_of(plan, 64)
    expected = predict(plan)
    assert expected is not None
    assert found.accepted.expected == 1.0
    assert found.ranking == ()
    for name, interval in expected.resistances.items():
        assert found.paths[name].planned == pytest.approx(interval.expected, rel=1e-3)
        assert found.paths[name].quantile(0.05) == pytest.approx(interval.low, rel=1e-3)
        assert found.paths[name].quantile(0.95) == pytest.approx(interval.high, rel=1e-3)


def test_materials_alone_spread_as_predicted(materials: Plan) -> None:
    """Quantiles and the chance of a short agree with the plan's own prediction, whose tips err each for itself."""
    found, expected = yield_of(materials, 4096, ranked=False), predict(materials)
    assert expected is not None
    for name, interval in expected.resistances.items():
        spread = found.paths[name]
        assert math.log(spread.quantile(0.5) / interval.expected) == pytest.approx(0.0, abs=0.15)
        assert math.log(spread.quantile(0.95) / interval.high) == pytest.approx(0.0, abs=0.3)
    assert found.touching == 0.0


def test_the_paper_s_readings_lie_in_what_everything_straying_gives(paper_plan: Plan) -> None:
    """150 ohm and 12.5 Mohm lie in the 90 % ranges, which are no wider than a factor 30 and 1,000."""
    found = yield_of(paper_plan, 64, ranked=False)
    for name, reading, widest in (("bridge", 150.0, 30), ("protective", 1.25e7, 1000)):
        low, high = (found.paths[name].quantile(probability) for probability in (0.05, 0.95))
        assert low < reading < high
        assert high / low < widest


def test_the_reduced_basis_is_within_one_per_cent_of_full_fields(materials: Plan) -> None:
    """Its own error says so, and so do fresh full solves of drawn samples."""
    found = yield_of(materials, 64, ranked=False)
    assert found.basis_error is not None
    assert found.basis_error < 0.01
    values = sampled_values(materials, seed=8, samples=40)
    many = np.sum(list(leading_ohms(materials, values).values()), axis=0)
    for sample in range(6):
        one = {name: entry[sample : sample + 1] for name, entry in values.items()}
        assert many[sample] == pytest.approx(np.sum(list(leading_ohms(materials, one).values())), rel=0.01)


def test_the_yield_falls_as_misplacement_grows(paper_plan: Plan) -> None:
    """With nothing else straying, a lamella that lands further and further off reaches the electrode less often."""
    assert paper_plan.recipe.bridge is not None
    shares = []
    for metres in (1e-7, 3e-6, 8e-6):
        lamella = LamellaTolerances(lamella_placement=within(metres))
        plan = with_tolerances(exact(paper_plan), lamella, None)
        found = yield_of(plan, 64, ranked=False)
        shares.append(found.accepted.expected)
        assert found.paths["bridge"].opened <= 1 - found.paths["bridge"].passed
    assert shares[0] == 1.0
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] < 0.8


def test_the_misplacement_is_what_is_ranked_where_nothing_else_strays(paper_plan: Plan) -> None:
    """It is behind the whole variance."""
    lamella = LamellaTolerances(lamella_placement=within(6e-6))
    found = yield_of(with_tolerances(exact(paper_plan), lamella, None), 64)
    assert [each.control for each in found.ranking] == ["lamella placement"]
    assert found.by == ACCEPTED
    assert found.ranking[0].indices[ACCEPTED].total.value == pytest.approx(1.0, abs=0.35)


def test_a_thicker_deposit_conducts_better_and_its_halo_reaches_further(paper_plan: Plan) -> None:
    """Twice as thick, the bridge has less resistance, and what is short more often is the halo."""
    thick = displaced(paper_plan, {BRIDGE_THICKNESS: 2.0})
    assert planned(materials_only(thick))[0] < planned(materials_only(paper_plan))[0]
    shorts = [yield_of(materials_only(each), 1024, ranked=False).halo_shorts for each in (paper_plan, thick)]
    assert shorts[1] > shorts[0]


# The same numbers whatever does the work


@pytest.mark.slow
def test_the_executor_changes_no_bit(paper_plan: Plan, materials: Plan) -> None:
    """Here, on two processes, with fields of each sample and with the reduced basis."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as workers:
        for plan, ranked in ((paper_plan, False), (materials, True)):
            here, there = (yield_of(plan, 64, 5, each, ranked=ranked) for each in (InProcess(), workers))
            assert here == there


@pytest.mark.slow
def test_a_dask_cluster_changes_no_bit(paper_plan: Plan, materials: Plan) -> None:
    """Two workers of a local cluster give what one process gives."""
    distributed = pytest.importorskip("distributed", reason="needs the extra dask: pip install fibplan[dask]")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        for plan, ranked in ((paper_plan, False), (materials, True)):
            assert yield_of(plan, 64, 5, client.get_executor(), ranked=ranked) == yield_of(plan, 64, 5, ranked=ranked)


def test_a_yield_depends_on_its_seed_alone(materials: Plan) -> None:
    """The same seed gives the same numbers, another seed others, and the ranking changes no sample."""
    one, again, other = (yield_of(materials, 64, seed) for seed in (1, 1, 2))
    assert one == again
    assert one.paths != other.paths
    assert yield_of(materials, 64, 1, ranked=False).paths == one.paths


# The interval, and the ranking


def test_the_interval_of_the_yield_holds_that_of_many_samples(materials: Plan) -> None:
    """Of 64 samples, for nearly every seed; more samples make it narrower."""
    truth = yield_of(materials, 16384, ranked=False).accepted
    few = [yield_of(materials, 64, seed, ranked=False).accepted for seed in range(12)]
    assert sum(truth.expected in each for each in few) >= 9
    assert truth.high - truth.low < min(each.high - each.low for each in few) / 5


def test_the_ranking_of_the_paper_s_bridge(materials: Plan) -> None:
    """Of its materials the resistivity comes first for the bridge, as the swings say too, and halo or active layer for
    the protective path; nothing of the one moves the other's share."""
    found = yield_of(materials, 4096)
    by_control = {each.control: each for each in found.ranking}
    bridge = {name: each.indices["bridge"].total.value for name, each in by_control.items()}
    assert max(bridge, key=lambda name: bridge[name]) == "bridge resistivity"
    assert bridge["LMNO resistivity"] == pytest.approx(0.0, abs=1e-3)
    assert by_control["LMNO resistivity"].indices["protective"].total.value > 0.05
    low, high = by_control["bridge resistivity"].swings["bridge"]
    assert low < found.paths["bridge"].planned < high
    for each in found.ranking:
        for indices in each.indices.values():
            assert 0 <= indices.total.error < 0.25
    assert list(by_control) == sorted(by_control, key=lambda name: -by_control[name].indices[found.by].total.value)


def test_a_plan_that_nothing_helps_is_ranked_by_its_worst_path(materials: Plan) -> None:
    """Where no sample is accepted the acceptance ranks nothing, and the path that never passes is taken."""
    paths = dict(materials.recipe.verification)
    criterion = paths["bridge"].criterion
    assert isinstance(criterion, Below)
    impossible = criterion.model_copy(update={"below": 1.0, "marginal": 2.0})
    paths["bridge"] = paths["bridge"].model_copy(update={"criterion": impossible})
    recipe = materials.recipe.model_copy(update={"verification": paths})
    found = yield_of(materials.model_copy(update={"recipe": recipe}), 256)
    assert found.accepted.expected == found.accepted.low == 0.0
    assert 0 < found.accepted.high < 0.05
    assert found.by == "bridge"


# What has no yield


@pytest.mark.parametrize("samples", [-1, 0, 1, 63, 10**9])
def test_a_number_of_samples_without_sense_is_refused(materials: Plan, samples: int) -> None:
    """Too few to say anything, or too many to wait for."""
    with pytest.raises(Misuse, match=f"{samples} samples are too (few|many)"):
        yield_of(materials, samples)


def test_an_odd_number_of_samples_is_rounded_up(materials: Plan) -> None:
    """To a power of two, which Sobol points come in."""
    assert yield_of(materials, 65, ranked=False).samples == 128


def test_what_has_no_bridge_or_stands_upright_has_no_yield(paper_plan: Plan) -> None:
    """One sentence that says why."""
    recipe = paper_plan.recipe
    for update in ({"bridge": None}, {"verification": {}}):
        bare = paper_plan.model_copy(update={"recipe": recipe.model_copy(update=update)})
        with pytest.raises(Misuse, match="no bridge on a chip that is measured"):
            yield_of(bare, 64)
    assert recipe.lamella.placement is not None
    placement = recipe.lamella.placement.model_copy(update={"pose": Pose.UPRIGHT})
    lamella = recipe.lamella.model_copy(update={"placement": placement})
    upright = paper_plan.model_copy(update={"recipe": recipe.model_copy(update={"lamella": lamella})})
    with pytest.raises(Misuse, match="stands upright"):
        yield_of(upright, 64)
