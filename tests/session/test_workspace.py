"""A list of sessions reads less of each than who looks at one, and says the same."""

from pathlib import Path

from lamella_case import NOON, SOURCES, ResistorSmu, crew_of, plan_of, recipe_with

from fibplan.clock import ScriptedClock
from fibplan.session.engine import run_session
from fibplan.session.opening import Who, begin
from fibplan.session.workspace import look, sessions

RECIPE = recipe_with()
WHO = Who("A. Person", simulated=True)


def test_a_list_reads_less_and_says_the_same(tmp_path: Path) -> None:
    """Name, standing, progress, begin and end are those of the whole journal, whatever was noted and answered."""
    crew = crew_of(RECIPE, ResistorSmu(), ScriptedClock(NOON))
    run_session(tmp_path / "s", plan_of(RECIPE), SOURCES, crew, "s")
    with begin(tmp_path / "t", plan_of(RECIPE), SOURCES, session="t", who=WHO, clock=ScriptedClock(NOON)) as session:
        session.note("a note")
        session.answer("a.b", "c")
        session.start(session.state.pending[0])
        session.note("another note")
    for listed in sessions(tmp_path):
        whole = look(listed.root)
        for part in ("name", "standing", "progress", "begun", "last", "fault", "holder"):
            assert getattr(listed, part) == getattr(whole, part)
        assert listed.state is not None
        assert whole.state is not None
        assert listed.state.uncertain == whole.state.uncertain
        assert listed.state.verdict == whole.state.verdict
        assert len(listed.records) == len(whole.records) - (3 if listed.name == "t" else 0)
