"""What a path may carry: the estimate by hand, the field, and the tip, whichever allows least."""

from collections.abc import Callable

import pytest
from shipped import replaced

from fibplan.circuit.sections import film_sections
from fibplan.library.examine import Examined
from fibplan.model.cards import TipContact
from fibplan.model.interval import Interval, Status
from fibplan.model.plan import PathLimit, Plan
from fibplan.model.recipe import Cut
from fibplan.model.steps import IsolationCut
from fibplan.planning.expand import expand
from fibplan.planning.field_limits import field_limit, field_limits
from fibplan.planning.limits import path_limits

Examine = Callable[[str], Examined]
DENSITY = 65e7
"""A/m2: De Marzi et al., JAP 96 (2004) 3458."""


def limit_of(plan: Plan, path: str = "bridge") -> PathLimit:
    limit = field_limit(plan, path)
    assert limit is not None
    return limit


def exactly(value: float, unit: str) -> Interval:
    return Interval(low=value, expected=value, high=value, unit=unit, source="test", status=Status.STATED)


def with_bridge(plan: Plan, **changes: object) -> Plan:
    bridge = plan.recipe.bridge
    assert bridge is not None
    return expand(plan.recipe.model_copy(update={"bridge": bridge.model_copy(update=changes)}), plan.cards)


def with_coverage(plan: Plan, coverage: float) -> Plan:
    assert plan.cards.gis is not None
    processes = tuple(
        process.model_copy(update={"step_coverage": exactly(coverage, "1")}) for process in plan.cards.gis.processes
    )
    gis = plan.cards.gis.model_copy(update={"processes": processes})
    return plan.model_copy(update={"cards": plan.cards.model_copy(update={"gis": gis})})


def with_contact(plan: Plan, ampere: float) -> Plan:
    assert plan.cards.probe is not None
    contact = TipContact(width=exactly(2e-7, "m"), safe_current=exactly(ampere, "A"))
    probe = plan.cards.probe.model_copy(update={"contact": contact})
    return expand(plan.recipe, plan.cards.model_copy(update={"probe": probe}))


def drawn(plan: Plan, neck_um: float) -> Plan:
    """The paper's bridge with a notch half-way that leaves a neck; chip frame."""
    assert plan.layout is not None
    bridge = plan.layout.named("bridge")
    assert bridge is not None
    xs, ys = zip(*bridge.outline_um, strict=True)
    x0, x1, y0, y1 = min(xs), max(xs), min(ys), max(ys)
    notched = [(x0, y0), (-1.0, y0), (-1.0, y1 - neck_um), (0.0, y1 - neck_um), (0.0, y0), (x1, y0), (x1, y1), (x0, y1)]
    return with_bridge(plan, outline_um=tuple(notched))


def test_field_and_hand_agree_on_a_plain_bridge(paper_plan: Plan) -> None:
    """The strip of the collector sets both: 0.63 um times 0.1 um, and the limit of the plan holds as it stands."""
    assert field_limits(paper_plan) == paper_plan.limits
    sections = {section.part: section.area_m2 for section in film_sections(paper_plan, "bridge")}
    assert sections["current_collector"] == pytest.approx(0.063e-12, rel=0.01)
    assert limit_of(paper_plan).current_a == pytest.approx(DENSITY * 0.063e-12)


@pytest.mark.parametrize("path", ["bridge", "protective"])
def test_a_notched_bridge_bears_less(path: str, paper_plan: Plan) -> None:
    """A neck of 0.1 um in 0.5 um of Pt is narrower than the collector's strip, and the estimate does not see it."""
    plan = drawn(paper_plan, 0.1)
    by_hand = plan.limit(path)
    assert by_hand is not None
    found = limit_of(plan, path)
    assert found.weakest == "bridge"
    assert found.current_a == pytest.approx(DENSITY * 0.05e-12, rel=0.1)
    assert found.current_a < 0.9 * by_hand.current_a


def test_a_cut_into_the_collector_lowers_its_limit(paper_plan: Plan) -> None:
    """Through the lamella and half across the strip, between the bridge and the tip: half is left."""
    cut = IsolationCut.model_construct(
        kind="isolation_cut", name="slip", after=("bridge",), accelerating_voltage=3e4,
        beam_current=1e-11, length=0.4, width=0.315, depth=2e-7, why=None, assumed=(),
    )  # fmt: skip
    recipe = paper_plan.recipe
    steps = [*recipe.steps[:-2], cut, *recipe.steps[-2:]]
    at = Cut.model_construct(step="slip", x=4.0, y=5.8725, rotation=0.0, assumed=())
    plan = expand(recipe.model_copy(update={"steps": tuple(steps), "cuts": (at,)}), paper_plan.cards)
    found = limit_of(plan)
    assert found.weakest == "Pt"
    assert found.current_a == pytest.approx(DENSITY * 0.0315e-12, rel=0.1)


def test_a_poorly_covered_wall_lowers_the_limit(paper_plan: Plan) -> None:
    """At 5 % on the lamella's wall and over the electrode's edge 25 nm are left of 500 nm."""
    found = limit_of(with_coverage(paper_plan, 0.05))
    assert "wall" in found.weakest or "edge" in found.weakest
    assert found.current_a < limit_of(with_coverage(paper_plan, 0.9)).current_a
    worse = limit_of(with_coverage(paper_plan, 0.025))
    assert worse.current_a == pytest.approx(found.current_a / 2, rel=0.1)


def test_a_small_overlap_lowers_the_limit(examine_text: Examine, paper_text: str) -> None:
    """50 nm on the collector leave 0.027 um2 of contact."""
    plan = examine_text(replaced(paper_text, "overlap_lamella: 2 um", "overlap_lamella: 50 nm")).plan
    assert plan is not None
    found = limit_of(plan)
    assert found.weakest == "contact of bridge and current_collector"
    assert found.current_a == pytest.approx(DENSITY * 0.0265e-12, rel=0.05)


@pytest.mark.parametrize("ampere", [1e-6, 1e-3])
def test_the_tip_has_a_limit_of_its_own(ampere: float, paper_plan: Plan) -> None:
    """Less than the strip bears it holds for every path, with its own source, and more than that it does not matter."""
    plan = with_contact(paper_plan, ampere)
    for limit in field_limits(plan):
        assert limit.current_a == min(ampere, 65e7 * 0.63e-6 * 1e-7)
        assert (limit.source == "test") == (limit.weakest == "contact of a tip") == (ampere < 4e-5)


def test_without_a_field_the_estimate_holds(examine_text: Examine, paper_text: str) -> None:
    """For a bridge that misses and for a lamella that stands upright, of which no field is solved."""
    away, upright = ("y: -5.7 um", "y: -30 um"), ("rotation: 0 deg,", "rotation: 0 deg, pose: upright,")
    for old, new in (away, upright):
        plan = examine_text(replaced(paper_text, old, new)).plan
        assert plan is not None
        assert film_sections(plan, "bridge") == ()
        assert field_limits(plan) == plan.limits != ()


def test_without_a_probe_there_is_no_limit(paper_plan: Plan) -> None:
    """Nobody knows then what density is safe."""
    cards = paper_plan.cards.model_copy(update={"probe": None})
    plan = expand(paper_plan.recipe, cards)
    assert path_limits(plan.recipe, cards, 1e-7) == ()
    assert field_limit(plan, "bridge") is None
