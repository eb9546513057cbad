"""What to do next: with numbers of the plan, as new operations that a session takes, and never against the truth."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from lamella_case import NOON

from fibplan.advice.diagnosis.diagnose import Belief
from fibplan.advice.rework.rework import rework_for
from fibplan.circuit.faults import FAULTS
from fibplan.clock import ScriptedClock
from fibplan.layout.clearance import polygon
from fibplan.library.examine import Examined, examine
from fibplan.library.search_path import SearchPath
from fibplan.model.diagnosis import Rework
from fibplan.model.plan import Plan
from fibplan.planning.replan import Actual
from fibplan.session.frozen import frozen_sources
from fibplan.session.opening import Who, begin
from fibplan.session.session import Session
from fibplan.session.waiting import Next
from fibplan.units import parse

Believe = Callable[..., Belief]
INVISIBLE = ("mains_noise",)


@pytest.fixture(scope="session")
def examined(library: SearchPath) -> Examined:
    return examine("lmno-poseidon-select", library)


@pytest.fixture
def measured_session(tmp_path: Path, examined: Examined):
    """A session in which all is done up to the measurement."""
    clock = ScriptedClock(NOON)
    who = Who("A. Person", simulated=True)
    sources = frozen_sources(examined)
    with begin(tmp_path / "s", examined.sound_plan(), sources, session="s-001", who=who, clock=clock) as session:
        for operation in session.plan.operations:
            if operation.kind == "hand_off":
                break
            session.start(operation.name)
            session.done(operation.name, Actual(operation.duration_s.expected, operation.thickness_after_m), "as meant")
        yield session


def _first(reworks: tuple[Rework, ...], fault: str) -> Rework:
    return next(entry for entry in reworks if entry.fault == fault)


@pytest.mark.parametrize("fault", [name for name in FAULTS if name not in INVISIBLE])
def test_every_fault_that_is_found_has_a_next_action(fault: str, believe: Believe, paper_plan: Plan) -> None:
    """Its steps end with a measurement of every path, and the resistances expected afterwards pass."""
    found = _first(rework_for(believe(fault)), fault)
    assert found.possible
    assert found.steps[-1]["kind"] == "measure"
    assert tuple(found.steps[-1]["paths"]) == found.measure_again == tuple(paper_plan.recipe.verification)
    assert found.predicted_ohm["bridge"].expected < 300.0
    assert found.predicted_ohm["protective"].expected > 1e6
    for ohm in found.predicted_ohm.values():
        assert 0.0 < ohm.low <= ohm.expected <= ohm.high


@pytest.mark.parametrize("fault", [name for name in FAULTS if name not in INVISIBLE])
def test_a_session_takes_the_steps_as_new_operations(fault: str, believe: Believe, measured_session: Session) -> None:
    """Each step becomes an operation before the hand-off, reckoned like any other; what is past stays as it was."""
    session = measured_session
    past = dict(session.state.done)
    rework = _first(rework_for(believe(fault)), fault)
    steps = rework.steps
    names = session.add(steps, f"rework of {fault}")
    assert len(names) == len(steps)
    assert session.state.done == past
    assert list(session.state.pending)[: len(names)] == list(names)
    for name in names:
        operation = session.operation(name)
        assert operation.duration_s.expected > 0.0
        if operation.kind != "measure":
            assert operation.beam_on_s is not None
            assert operation.beam_on_s.expected > 0.0
    told = " ".join(rework.objections)
    for finding in session.foresight.blocking:
        assert finding.message in told
    if session.foresight.blocking:
        session.accept("the rework is worth it")
    assert isinstance(session.waiting, Next)
    assert session.waiting.operation.name == names[0]


def test_a_bridge_gets_the_platinum_that_it_lacks(believe: Believe, paper_plan: Plan) -> None:
    """A thin bridge lacks most of its thickness; the polygon is the bridge's own, and the time that of the gas card."""
    rework = _first(rework_for(believe("thin_bridge")), "thin_bridge")
    region = paper_plan.layout.named("bridge")
    assert rework.outline_um == region.outline_um
    more = (
        float(rework.steps[0]["thickness"].split()[0])
        * {"nm": 1e-9, "um": 1e-6}[rework.steps[0]["thickness"].split()[1]]
    )
    assert 0.8 * region.thickness_m <= more <= 2.0 * region.thickness_m
    rate = paper_plan.cards.gis.process("FIBID").volume_per_dose.expected
    current = 30e-12
    beam_s = polygon(region.outline_um).area * 1e-12 * more / (rate * current)
    assert rework.duration_s.expected > beam_s
    assert any("halo" in line for line in rework.instructions)


def test_a_cut_goes_through_the_halo_and_not_through_the_membrane(believe: Believe, paper_plan: Plan) -> None:
    """A cut is deeper than the halo is thick, at most half as deep as the membrane is, and clear of the bridge."""
    rework = _first(rework_for(believe("halo_short")), "halo_short")
    halo = paper_plan.cards.gis.process("FIBID").halo
    bridge = paper_plan.layout.named("bridge")
    cuts = [step for step in rework.steps if step["kind"] == "isolation_cut"]
    assert cuts
    for cut in cuts:
        depth = parse(cut["depth"], "m")
        assert halo.edge_fraction.expected * bridge.thickness_m < depth
        assert depth <= paper_plan.cards.echip.window.thickness / 2
    assert polygon(rework.outline_um).disjoint(polygon(bridge.outline_um))


def test_cleaning_says_what_it_costs(believe: Believe, paper_plan: Plan) -> None:
    """The faces are cleaned at low voltage; thickness and cap afterwards are told."""
    rework = _first(rework_for(believe("halo_short")), "skin_short")
    (polish, _) = rework.steps
    assert polish["kind"] == "polish"
    assert polish["accelerating_voltage"] == "5 kV"
    assert any("cap left" in line for line in rework.instructions)
    assert any("100 nm to 80 nm" in line for line in rework.instructions)


def test_a_bridge_open_after_a_second_deposit_is_rejected(believe: Believe, paper_plan: Plan) -> None:
    """What is open then lies behind the bridge, and no platinum mends it."""
    belief = believe("open_bridge")
    last = next(entry for entry in paper_plan.operations if entry.name == "bridge")
    again = last.model_copy(update={"name": "bridge-rework"})
    plan = paper_plan.model_copy(update={"operations": (*paper_plan.operations, again)})
    rework = _first(rework_for(replace(belief, suspects=replace(belief.suspects, plan=plan))), "open_bridge")
    assert not rework.possible
    assert rework.action.startswith("reject")
    assert rework.steps == ()


def test_a_lamella_as_planned_needs_no_rework(believe: Believe) -> None:
    """Nothing is proposed for it."""
    assert rework_for(believe()) == ()


def test_a_lamella_too_thin_to_clean_is_rejected(believe: Believe, paper_plan: Plan) -> None:
    """Where all that cleaning leaves is damaged, the rework says so."""
    belief = believe("skin_short")
    thin = paper_plan.model_copy(update={"measured_thickness_m": 3e-8})
    rework = _first(rework_for(replace(belief, suspects=replace(belief.suspects, plan=thin))), "skin_short")
    assert not rework.possible
    assert "damaged" in rework.action
