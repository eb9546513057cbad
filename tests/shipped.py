"""The project's own recipes, for tests that damage them."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RECIPES = sorted((ROOT / "recipes").glob("*.yaml"))
PAPER = ROOT / "recipes" / "lmno-poseidon-select.yaml"


def replaced(text: str, old: str, new: str) -> str:
    """``text`` with one passage changed, which must be there exactly once."""
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the recipe"
    return text.replace(old, new)
