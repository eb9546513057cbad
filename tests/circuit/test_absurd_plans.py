"""Plans that make no sense, from recipe to prediction, limits, isolation and maps: numbers or an open, no failure."""

import math
import warnings
from collections.abc import Callable

import pytest
from shipped import replaced

from fibplan.circuit.maps import path_field
from fibplan.library.examine import Examined
from fibplan.model.interval import Interval, Status
from fibplan.model.plan import Plan
from fibplan.planning.expand import expand
from fibplan.planning.field_limits import field_limits
from fibplan.planning.isolation import predict_isolation
from fibplan.planning.predict import OPEN_OHM, predict

Examine = Callable[[str], Examined]

PLACED = "{x: 1 um, y: -5.7 um, rotation: 0 deg,"
PLACES = {
    "off the chip": "{x: 5000 um, y: -5.7 um, rotation: 0 deg,",
    "beside its bridge": "{x: 1 um, y: -30 um, rotation: 0 deg,",
    "on the electrode": "{x: -20 um, y: -5.7 um, rotation: 0 deg,",
    "against the electrode": "{x: -2 um, y: -5.7 um, rotation: 0 deg,",
    "on the other electrode": "{x: 100 um, y: -5.7 um, rotation: 0 deg,",
    "turned away": "{x: 10 um, y: 5 um, rotation: 171.3 deg,",
    "mirrored": "{x: 1 um, y: -5.7 um, rotation: 0 deg, mirror: true,",
}
DRAWN = {
    "touching the electrode at a point": "[[-2, 10], [3, 10], [3, 12], [-2, 12]]",
    "only on the electrode": "[[-6, -2], [-4, -2], [-4, 0], [-6, 0]]",
    "a needle": "[[-4, -0.02], [3, -0.02], [3, 0], [-4, 0]]",
    "a wedge to a point": "[[-4, -2], [3, 0], [-4, 0]]",
    "over everything": "[[-50, -20], [50, -20], [50, 20], [-50, 20]]",
}


def everything(plan: Plan) -> list[float]:
    """Every number that is told of a plan, with the warnings of any solver as errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        expected, isolation = predict(plan, samples=40), predict_isolation(plan, samples=40)
        fields = [path_field(plan, name) for name in plan.recipe.verification]
        limits = field_limits(plan)
    assert expected is not None
    assert isolation is not None
    intervals = [*expected.resistances.values(), *isolation.resistances.values()]
    found = [end for interval in intervals for end in (interval.low, interval.expected, interval.high)]
    found += [limit.current_a for limit in limits] + [field.ohm for field in fields if field is not None]
    return [*found, *(siemens for row in isolation.siemens for siemens in row)]


def with_resistivity(plan: Plan, material: str, ohm_m: float) -> Plan:
    interval = Interval(low=ohm_m, expected=ohm_m, high=ohm_m, unit="ohm m", source="test", status=Status.STATED)
    materials = dict(plan.cards.materials)
    materials[material] = materials[material].model_copy(update={"resistivity": interval})
    return expand(plan.recipe, plan.cards.model_copy(update={"materials": materials}))


@pytest.mark.parametrize("name", PLACES)
def test_a_lamella_anywhere_has_numbers(name: str, examine_text: Examine, paper_text: str) -> None:
    """Wherever it lies, all that is told is a finite number; the rules say what is wrong with the place."""
    examined = examine_text(replaced(paper_text, PLACED, PLACES[name]))
    assert examined.plan is not None
    assert name == "mirrored" or not examined.sound or name == "against the electrode"
    assert all(math.isfinite(number) for number in everything(examined.plan))


@pytest.mark.parametrize("name", DRAWN)
def test_a_bridge_drawn_anyhow_has_numbers(name: str, examine_text: Examine, paper_text: str) -> None:
    """What can be read as a polygon is predicted, an open as the stand-in for one."""
    text = replaced(paper_text, "  clearance: 100 nm ", f"  outline_um: {DRAWN[name]}\n  clearance: 100 nm ")
    examined = examine_text(text)
    assert examined.plan is not None
    assert all(math.isfinite(number) for number in everything(examined.plan))


@pytest.mark.parametrize("material", ["platinum_film", "fib_pt", "lmno", "alumina_ald", "silicon", "silicon_nitride"])
@pytest.mark.parametrize("ohm_m", [1e-32, 1e28])
def test_a_resistivity_beyond_all_bounds_is_a_conductor_or_an_open(
    material: str, ohm_m: float, paper_plan: Plan
) -> None:
    """Of any material: less than a field can tell from none, and more than it can tell from an insulator."""
    assert all(math.isfinite(number) for number in everything(with_resistivity(paper_plan, material, ohm_m)))


@pytest.mark.parametrize("material", ["platinum_film", "fib_pt"])
def test_metal_that_insulates_is_an_open(material: str, paper_plan: Plan) -> None:
    """Either film on the way: nothing joins the two tips, and that is what the prediction says."""
    expected = predict(with_resistivity(paper_plan, material, 1e28), samples=40)
    assert expected is not None
    assert expected.resistances["bridge"].expected == OPEN_OHM
    assert expected.shares["bridge"] == {}
