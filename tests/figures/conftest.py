"""Plans that lay the lamella differently, and sweeps of devices that a session may meet."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from figures.diagnoses import diagnoses, reliability
from figures.resistor_sweep import sweep
from matplotlib.figure import Figure
from shipped import RECIPES

from fibplan.figures.chip import chip_figure
from fibplan.figures.diagnosis import diagnosis_figure, reliability_figure
from fibplan.figures.iv import iv_figure
from fibplan.figures.ladder import ladder_figure
from fibplan.figures.resistances import resistances_figure
from fibplan.figures.timeline import timeline_figure
from fibplan.library.examine import examine_file
from fibplan.library.load import load_recipe
from fibplan.library.search_path import SearchPath
from fibplan.model.curve import CurveSet
from fibplan.model.plan import Plan
from fibplan.model.recipe import Cut, Notch, Pad, Pose
from fibplan.model.steps import IsolationCut
from fibplan.model.verdict import Verdict
from fibplan.planning.expand import expand
from fibplan.planning.predict import predict
from fibplan.verification.probing import CONTACTS_BEFORE, SWEEP, all_paths, protocol
from fibplan.verification.verdict import judge

OPEN_OHM = 1e13
MEASUREMENTS = {
    "good": {"bridge": 152.0, "protective": 2.2e7},
    "open": {"bridge": 1e13, "protective": 1e13},
    "clamped": {"bridge": 20.0, "protective": 150.0},
    "marginal": {"bridge": 500.0, "protective": 3e6},
}


@dataclass(frozen=True)
class Measured:
    """A plan with curves of all its probing steps and the verdict on them."""

    plan: Plan
    curves: CurveSet
    verdict: Verdict


@pytest.fixture(scope="session")
def plans(library: SearchPath, paper_plan: Plan) -> dict[str, Plan]:
    """The shipped recipes, and the paper's laid out otherwise."""
    shipped = {path.stem: examine_file(load_recipe(path), library).plan for path in RECIPES}
    recipe = paper_plan.recipe
    stack = tuple(
        layer.model_copy(update={"name": f"{layer.name}, a rather long name"}) for layer in recipe.sample.stack
    )
    changes = {
        "rotated": _placed(paper_plan, rotation=math.pi / 6),
        "upright": _placed(paper_plan, rotation=math.pi / 2, x=6.0, y=11.0),
        "standing": _placed(paper_plan, pose=Pose.UPRIGHT),
        "routed": {**_placed(paper_plan, x=6.0, y=-7.5, rotation=math.pi / 2, mirror=True), **_nearest(paper_plan)},
        "padded": _padded(paper_plan),
        "mirrored": _placed(paper_plan, mirror=True, x=97.0),
        "bare": {"bridge": None, "support": None},
        "long-names": {"sample": recipe.sample.model_copy(update={"stack": stack}), "title": "A long title " * 14},
        "halo-free": {"bridge": recipe.bridge.model_copy(update={"thickness": 1e-9})},
    }
    changed = {name: expand(recipe.model_copy(update=update), paper_plan.cards) for name, update in changes.items()}
    return {**shipped, **changed}


def _placed(plan: Plan, **changes: object) -> dict[str, object]:
    placement = plan.recipe.lamella.placement.model_copy(update=changes)
    return {"lamella": plan.recipe.lamella.model_copy(update={"placement": placement})}


def _nearest(plan: Plan) -> dict[str, object]:
    return {"bridge": plan.recipe.bridge.model_copy(update={"route": "nearest"})}


def _padded(plan: Plan) -> dict[str, object]:
    """A notch, a cut and a pad on both conductors of the lamella."""
    size = {"side": 10.0, "width": 2.0, "thickness": 5e-7, "overlap": 0.5, "clearance": 0.1}
    pads = tuple(Pad.model_construct(terminal=name, **size) for name in ("current_collector", "protective_layer"))
    notch = Notch.model_construct(end="near", length=3.7)
    step = IsolationCut.model_construct(
        name="cut",
        kind="isolation_cut",
        length=4.0,
        width=0.3,
        depth=2e-8,
        accelerating_voltage=3e4,
        beam_current=1e-11,
    )
    return {
        "bridge": plan.recipe.bridge.model_copy(update={"notch": notch}),
        "pads": pads,
        "steps": (*plan.recipe.steps, step),
        "cuts": (Cut.model_construct(step="cut", x=7.0, y=6.26),),
    }


@pytest.fixture(scope="session")
def measured(paper_plan: Plan) -> Callable[..., Measured]:
    """Curves over resistors that read what the named case says, with the verdict on them."""

    def measure(case: str, *, simulated: bool = True, overflowed: int = 0) -> Measured:
        steps = protocol(paper_plan, tuple(paper_plan.recipe.verification))
        ohms = {"contact": lambda _: 65.0, "resistance": lambda step: MEASUREMENTS[case].get(step.path, OPEN_OHM)}
        curves = [
            sweep(step, ohms.get(step.purpose, lambda _: OPEN_OHM)(step), simulated, overflowed) for step in steps
        ]
        found = CurveSet(curves=tuple(curves))
        return Measured(paper_plan, found, judge(paper_plan, found, paper_plan.cards.smu))

    return measure


@pytest.fixture(scope="session")
def every_figure(plans: dict[str, Plan], measured: Callable[..., Measured]) -> dict[str, Callable[[], Figure]]:
    """Every kind of figure of every plan and measurement, by name, drawn anew at each call."""
    drawn: dict[str, Callable[[], Figure]] = {}
    shipped = {path.stem for path in RECIPES}
    for name, plan in plans.items():
        drawn[f"ladder {name}"] = lambda plan=plan: ladder_figure(plan)
        drawn[f"timeline {name}"] = lambda plan=plan: timeline_figure(plan)
        expected = predict(plan, samples=200) if name in shipped else None
        drawn[f"predicted {name}"] = lambda plan=plan, expected=expected: resistances_figure(plan, expected, None)
        if plan.layout is not None:
            drawn[f"chip {name}"] = lambda plan=plan: chip_figure(plan)
    for case in MEASUREMENTS:
        for overflowed in (0, 3):
            found = measured(case, overflowed=overflowed)
            drawn |= _of_measurement(f"{case} {overflowed}", found)
    for name, diagnosis in diagnoses().items():
        drawn[f"diagnosis {name}"] = lambda diagnosis=diagnosis: diagnosis_figure(diagnosis, simulated=True)
    drawn["reliability simulated"] = lambda: reliability_figure(reliability())
    return drawn


def _of_measurement(name: str, found: Measured) -> dict[str, Callable[[], Figure]]:
    paths = found.plan.recipe.verification
    drawn: dict[str, Callable[[], Figure]] = {}
    for verdict in found.verdict.paths:
        curve, path = found.curves.of(verdict.path, SWEEP), all_paths(found.plan)[verdict.path]
        drawn[f"iv {name} {verdict.path}"] = lambda c=curve, v=verdict, p=path: iv_figure(c, v, p)
    contact = found.curves.of("protective", CONTACTS_BEFORE[0])
    drawn[f"iv {name} contact"] = lambda: iv_figure(contact, None, paths["protective"])
    drawn[f"resistances {name}"] = lambda: resistances_figure(found.plan, None, found.verdict)
    return drawn
