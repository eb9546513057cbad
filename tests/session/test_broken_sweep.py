"""A sweep that breaks off in a session: what is known of it is kept, marked partial, and judged as nothing."""

import pytest
from lamella_case import NOON, ResistorSmu, plan_of, recipe_with

from fibplan.clock import ScriptedClock
from fibplan.session.probing import probe, request_of
from fibplan.smu.protocol import SweepBroken, SweepRequest, Swept
from fibplan.verification.probing import path_steps


class Breaking(ResistorSmu):
    """Loses its connection in its second sweep, of which three points are known."""

    def sweep(self, request: SweepRequest) -> Swept:
        swept = super().sweep(request)
        if len(self.swept) == 2:
            raise SweepBroken("the connection is lost", Swept(swept.settings, swept.points[:3]), where="RESISTOR")
        return swept


class Landing:
    """Lands the tips wherever it is told."""

    def __init__(self, smu: ResistorSmu) -> None:
        self._smu = smu

    def confirm(self, conditions) -> tuple[str, ...]:
        return tuple(conditions)

    def land(self, step) -> None:
        self._smu.land(step.landings)


def test_a_broken_sweep_comes_as_a_partial_curve_before_its_failure() -> None:
    """The curves before it are whole, its own is a marked beginning, and the failure follows."""
    smu = Breaking()
    plan = plan_of(recipe_with())
    measuring = probe(plan, ["protective"], Landing(smu), smu, ScriptedClock(NOON))
    curves = [next(measuring), next(measuring)]
    with pytest.raises(SweepBroken, match="connection is lost"):
        next(measuring)
    assert [(curve.partial, len(curve.points)) for curve in curves] == [(False, 11), (True, 3)]


def test_a_request_is_bounded_by_what_the_plan_says_the_path_stands() -> None:
    """Voltage and power have bounds of their own, so that nothing behind the plan can exceed them."""
    plan = plan_of(recipe_with(), 1e-4)
    for name in plan.recipe.verification:
        limit = plan.limit(name)
        for step in path_steps(plan, name):
            request = request_of(plan, step)
            assert (request.limit_v, request.compliance_a) == (step.voltage_v, step.compliance_a)
            assert limit is not None
            assert request.power_most_w == pytest.approx(step.voltage_v * limit.current_a)
