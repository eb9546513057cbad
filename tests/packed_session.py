"""Walks a session on a resistor and gathers what a package is made of."""

from dataclasses import replace

from lamella_case import NOON, SOURCES, ResistorSmu, crew_of, plan_of, recipe_with

from fibplan.clock import ScriptedClock
from fibplan.handoff.contents import PackageContents, gather
from fibplan.session.engine import run_session
from fibplan.session.folder import SessionFolder
from fibplan.session.operator import ScriptedOperator

FIGURES = {"chip.svg": b"<svg/>", "curve.png": b"\x89PNG"}


class Person(ScriptedOperator):
    """The scripted operator in a session that counts as real."""

    @property
    def simulated(self) -> bool:
        return False


def packed(root, smu: ResistorSmu, *, real=False, plan=None) -> PackageContents:
    """The contents of a session walked in ``root``."""
    plan = plan or plan_of(recipe_with())
    clock = ScriptedClock(NOON)
    crew = crew_of(plan.recipe, smu, clock)
    if real:
        crew = replace(crew, operator=Person(clock, smu.land, "A. Person"))
    run_session(root, plan, SOURCES, crew, "s-001")
    return gather(SessionFolder(root), plan, FIGURES, "lamella-7")
