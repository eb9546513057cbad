"""A session that is killed at random moments; ``killing.py`` beside this does the same 200 times."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from killing import kill, kill_wizard

KILLS = 6
WIZARD_KILLS = 3


@pytest.mark.slow
def test_a_session_survives_being_killed() -> None:
    """Killed at random moments and resumed, it ends accepted: nothing confirmed is lost, nothing unasked done twice."""
    result = kill(KILLS, seed=6)
    assert result.faults == []
    assert result.kills == KILLS
    assert result.resumed == KILLS


@pytest.mark.slow
def test_the_wizard_survives_being_killed() -> None:
    """``run`` and ``resume`` themselves, killed: what is uncertain stops them until it was inspected; then accepted."""
    result = kill_wizard(WIZARD_KILLS, seed=4)
    assert result.faults == []
    assert result.kills == WIZARD_KILLS
