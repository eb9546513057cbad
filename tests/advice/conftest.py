"""Diagnoses of simulated lamellae of the paper's plan: its suspects are sampled once for all tests."""

from collections.abc import Callable

import pytest
from faulty_lamella import curves_of, drawn
from shipped import smu_card

from fibplan.advice.diagnosis.diagnose import Belief, belief_of, suspects_for
from fibplan.advice.diagnosis.suspects import Suspects
from fibplan.circuit.halos import halo_closes
from fibplan.model.cards import SmuCard
from fibplan.model.plan import Plan


@pytest.fixture(scope="session")
def card() -> SmuCard:
    return smu_card("keithley-2450")


@pytest.fixture(scope="session")
def suspects(paper_plan: Plan) -> Suspects:
    found = suspects_for(paper_plan)
    assert found is not None
    return found


@pytest.fixture(scope="session")
def sound_seed(paper_plan: Plan) -> int:
    """The first lamella drawn whose own halo closes no gap."""
    return next(seed for seed in range(20, 99) if not halo_closes(paper_plan, drawn(paper_plan, seed)).any())


@pytest.fixture(scope="session")
def believe(paper_plan: Plan, card: SmuCard, suspects: Suspects, sound_seed: int) -> Callable[..., Belief]:
    """What is believed of a lamella with those faults, after the whole protocol or the steps that are ``wanted``."""

    def believed(*faults: str, wanted: tuple[str, ...] = (), seed: int | None = None, **sizes: float) -> Belief:
        chosen = sound_seed if seed is None else seed
        values = drawn(paper_plan, chosen, **sizes)
        curves = curves_of(paper_plan, card, values, faults, seed=chosen, wanted=wanted)
        found = belief_of(paper_plan, curves, card, suspects=suspects)
        assert found is not None
        return found

    return believed
