"""What is wrong with the tips and their surroundings, and not with the lamella: it is measured again, otherwise."""

from typing import Any

from fibplan.advice.diagnosis.diagnose import Belief
from fibplan.advice.rework.after import predicted_after
from fibplan.model.diagnosis import Rework
from fibplan.model.plan import Plan

AGAIN = {
    "resistive_tip": (
        "clean the tip and land it again",
        ("land both tips on one electrode and scrub until they read under 100 ohm together", "land on the lamella"),
    ),
    "probe_lifted": (
        "land the tip on the lamella again",
        ("lower the tip until its shadow closes and the contact check reads under its limit",),
    ),
    "wrong_pad": (
        "exchange the tip's place on collector and cap",
        ("find the layer by its distance from the substrate in the SEM before the tip is lowered",),
    ),
    "mains_noise": (
        "measure over whole power-line cycles with the leads shielded",
        ("set the integration to one power-line cycle or more", "use triaxial leads and ground the stage"),
    ),
    "offset_current": (
        "blank the electron beam, put out the chamber light, and measure again",
        ("the lifted tips must read next to nothing before anything else is measured",),
    ),
}


def measure_again(plan: Plan) -> dict[str, Any]:
    """The step that measures every path again."""
    return {
        "name": "measure-again",
        "kind": "measure",
        "paths": list(plan.recipe.verification),
        "why": "nothing measured before a change of lamella or tips counts after it",
    }


def probe_again(belief: Belief, fault: str, probability: float) -> Rework:
    """No beam: the same lamella, measured as it should have been."""
    plan = belief.suspects.plan
    action, instructions = AGAIN[fault]
    return Rework(
        fault=fault,
        probability=probability,
        possible=True,
        action=action,
        instructions=instructions,
        steps=(measure_again(plan),),
        predicted_ohm=predicted_after(belief, fault),
        measure_again=tuple(plan.recipe.verification),
    )
