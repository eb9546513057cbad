"""Files that are no recipe: one line a fault with its place and remedy, all of them at once, exit code 2."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from shipped import replaced

from fibplan.errors import ExitCode, InvalidFile
from fibplan.library.examine import Examined
from fibplan.library.load import load_recipe

CURRENT = "    beam_current: 20 nA\n"
CURRENT_LINE = "@+0:19: steps[1].beam_current: "

# name: (what stands in the paper's recipe, what is written instead, the line that is told);
# @+1 is the place one line below the change
DAMAGED: dict[str, tuple[str, str, str]] = {
    "wrong dimension": (
        CURRENT,
        "    beam_current: 20 nm\n",
        CURRENT_LINE + "'20 nm' is not a current; write a unit like nA, such as 20 nA",
    ),
    "wrong case of a unit": (
        CURRENT,
        "    beam_current: 20 na\n",
        CURRENT_LINE + "unknown unit 'na' in '20 na'; write 20 nA",
    ),
    "bare number": (
        CURRENT,
        "    beam_current: 20\n",
        CURRENT_LINE + "'20' is not a quantity; write a number with its unit, such as 20 nA",
    ),
    "bare number in quotes": (
        CURRENT,
        "    beam_current: '20'\n",
        CURRENT_LINE + "'20' has no unit; write the unit, such as 20 nA",
    ),
    "negative": (
        CURRENT,
        "    beam_current: -20 nA\n",
        CURRENT_LINE + "'-20 nA' is not above zero; write a positive value, such as 20 nA",
    ),
    "zero": (
        CURRENT,
        "    beam_current: 0 nA\n",
        CURRENT_LINE + "'0 nA' is not above zero; write a positive value, such as 20 nA",
    ),
    "not a number": (
        CURRENT,
        "    beam_current: .nan\n",
        CURRENT_LINE + "'.nan' does not start with a number; write for example 20 nA",
    ),
    "NaN with a unit": (
        CURRENT,
        "    beam_current: NaN nA\n",
        CURRENT_LINE + "'NaN nA' does not start with a number; write for example 20 nA",
    ),
    "nothing": (
        CURRENT,
        "    beam_current:\n",
        "@+0:5: steps[1].beam_current: nothing is not a quantity; write a number with its unit, such as 20 nA",
    ),
    "decimal comma": (
        "    width: 12 um\n",
        "    width: 1,5 um\n",
        "@+0:12: steps[1].width: '1,5 um' has a decimal comma; write 1.5 um",
    ),
    "unknown key": (
        CURRENT,
        "    beam_curent: 20 nA\n",
        "@+0:5: steps[1].beam_curent: unknown key 'beam_curent'; did you mean 'beam_current'?",
    ),
    "missing key": (
        CURRENT,
        "",
        "@-4:5: steps[1].beam_current: 'beam_current' is missing; add beam_current: 20 nA",
    ),
    "unknown kind of step": (
        "    kind: undercut\n",
        "    kind: undrecut\n",
        "@-1:5: steps[4]: unknown kind 'undrecut'; did you mean 'undercut'?",
    ),
    "duplicate key": (
        CURRENT,
        CURRENT + "    beam_current: 20 pA\n",
        "@+1:5: steps[1].beam_current: 'beam_current' stands here again; keep one; the first is in line @",
    ),
    "tab": (
        CURRENT,
        "\tbeam_current: 20 nA\n",
        "@+0:1: a tab stands where YAML wants spaces; indent with spaces",
    ),
    "alias": (
        "    after: [cap]\n",
        "    after: &a [cap]\n    why: *a\n",
        "@+1:10: steps[1].why: an alias (*name) repeats a value; write the value out",
    ),
    "newer format": (
        "\nfibplan: 1\n",
        "\nfibplan: 2\n",
        "@+1:10: fibplan: '2' is not known here; write 1",
    ),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_recipe_is_refused_with_place_and_remedy(
    name: str, paper_text: str, examine_text: Callable[[str], Examined]
) -> None:
    """The line that is told names the file, line and column, what is wrong, and what to write instead."""
    old, new, told = DAMAGED[name]
    with pytest.raises(InvalidFile) as caught:
        examine_text(replaced(paper_text, old, new))
    assert _placed(told, paper_text[: paper_text.index(old)].count("\n") + 1) in caught.value.lines()
    assert caught.value.exit_code is ExitCode.MISUSE


def _placed(told: str, line: int) -> str:
    shifted = re.sub(r"^@([+-]\d+)", lambda shift: f"recipe.yaml:{line + int(shift[1])}", told)
    return shifted.replace("@", str(line))


UNREADABLE = {
    "empty": (b"", "the file is empty"),
    "only a comment": (b"# nothing\n", "the file is empty"),
    "a list": (b"- a\n- b\n", "the file is not a mapping of keys to values"),
    "a sentence": (b"mill it\n", "the file is not a mapping of keys to values"),
    "not YAML": (b"a: [1, 2\nb: }\n", "not YAML"),
    "two documents": (b"a: 1\n---\nb: 2\n", "a second document begins"),
    "binary": (bytes(range(256)), "not UTF-8"),
    "control characters": (b"a: \x07\n", "not YAML"),
    "UTF-16": ("fibplan: 1\n".encode("utf-16"), "not UTF-8"),
    "too large": (b"a: 1\n" * 100_000, "characters"),
    "too deep": (b"[" * 100_000, "nested too deeply"),
    "a key that is a list": (b"? [a, b]\n: 1\n", "a key is not text"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_recipe_at_all_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    """A file that cannot be read as YAML or as a mapping says so, with its name and a place."""
    content, told = UNREADABLE[name]
    path = tmp_path / "recipe.yaml"
    path.write_bytes(content)
    with pytest.raises(InvalidFile) as caught:
        load_recipe(path)
    assert told in caught.value.lines()[0]
    assert all(line.startswith(f"{path}:") for line in caught.value.lines())


def test_all_faults_are_told_at_once(paper_text: str, examine_text: Callable[[str], Examined]) -> None:
    """Four faults in four places give four lines, in the order of the file."""
    text = replaced(paper_text, CURRENT, "    beam_current: 20 nm\n")
    text = replaced(text, "    width: 12 um\n", "    width: 1,5 um\n")
    text = replaced(text, "title: LMNO", "titel: LMNO")
    with pytest.raises(InvalidFile) as caught:
        examine_text(text)
    lines = [fault.line for fault in caught.value.faults]
    assert len(lines) == 4
    assert lines == sorted(lines)
