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
        CURRENT_LINE + "20 is not a quantity; write a number with its unit, such as 20 nA",
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
        "@+0:11: steps[4].kind: unknown kind 'undrecut'; did you mean 'undercut'?",
    ),
    "no kind of step": (
        "    kind: lift_out\n",
        "",
        "@-1:5: steps[10].kind: 'kind' is missing; add kind: and one of deposit, weld, mill_trench, "
        "cleaning_cross_section, undercut, lift_out, transfer, thin, polish, mill_notch, isolation_cut, measure, "
        "hand_off",
    ),
    "a kind in other letters": (
        "kind: conducting, below: 300 ohm",
        "kind: Conducting, below: 300 ohm",
        "@+0:23: verification.bridge.criterion.kind: unknown kind 'Conducting'; did you mean 'conducting'?",
    ),
    "a part of a key": (
        CURRENT,
        "    current: 20 nA\n",
        "@+0:5: steps[1].current: unknown key 'current'; did you mean 'beam_current'?",
    ),
    "a missing voltage of a sweep": (
        "sweep: {voltage: 5 mV, ",
        "sweep: {",
        "@+0:12: verification.bridge.sweep.voltage: 'voltage' is missing; add voltage: 5 mV",
    ),
    "a missing mapping": (
        "\nsource:\n",
        "\naccepts:\n  - code: halo\nsource:\n",
        "@+2:5: accepts[0].reason: 'reason' is missing; add reason: and a text",
    ),
    "a path with a blank": (
        "\nverification:\n  bridge:\n",
        "\nverification:\n  The bridge:\n",
        "@+2:3: verification.The bridge: 'The bridge' is not a name; "
        "use lower-case letters, digits, - and _, such as the-bridge",
    ),
    "a name beyond all bounds": (
        "name: trenches",
        f"name: {'t' * 5000}",
        f"@+0:11: steps[1].name: '{'t' * 57}...' has 5000 characters; write at most 100 characters",
    ),
    "an entry that is no list": (
        "    after: [trenches]\n",
        "    after: trenches\n",
        "@+0:12: steps[2].after: 'trenches' stands where a list is wanted; write [trenches]",
    ),
    "a text that is no mapping": (
        "    - {name: Al2O3, role: barrier, material: alumina_ald, thickness: 100 nm}\n",
        "    - Al2O3\n",
        "@+0:7: sample.stack[1]: 'Al2O3' stands where a mapping is wanted; "
        "write instead name:, role:, material: and thickness:",
    ),
    "an optional list with nothing": (
        "    after: [trenches]\n",
        "    after:\n",
        "@+0:5: steps[2].after: there is nothing here; write after: [...], or leave after out",
    ),
    "an empty list": (
        "    paths: [bridge, protective]\n",
        "    paths: []\n",
        "@+0:12: steps[14].paths: the list is empty; write 1 or more entries",
    ),
    "a fraction of a point": (
        "compliance: 40 uA, points: 41,",
        "compliance: 40 uA, points: 41.5,",
        "@+0:55: verification.bridge.sweep.points: 41.5 is not a whole number; write one, such as 41",
    ),
    "too few points": (
        "compliance: 40 uA, points: 41,",
        "compliance: 40 uA, points: 3,",
        "@+0:55: verification.bridge.sweep.points: 3 is too small; write 5 or more",
    ),
    "a choice in other letters": (
        "    process: FIBID\n    makes: protective_layer\n",
        "    process: fibid\n    makes: protective_layer\n",
        "@+0:14: steps[0].process: 'fibid' is not known here; did you mean 'FIBID'?",
    ),
    "the format in quotes": (
        "\nfibplan: 1\n",
        "\nfibplan: '1'\n",
        "@+1:10: fibplan: '1' is not known here; write 1 without quotes",
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
        "@+1:10: fibplan: 2 is not known here; write 1",
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
    "not YAML": (b"a: [1, 2\nb: }\n", ":1:4: not YAML: a list that is opened here is not closed; write ] at its end"),
    "a brace left open": (b"a: 1\nb: {c: 2\nd: 3\n", ":2:4: not YAML: a { that is opened here is not closed"),
    "a quote left open": (b'a: 1\nb: "c\n', ":2:4: not YAML: a text that begins here has no closing quote"),
    "no colon": (b"a: 1\nbeam 2\nc: 3\n", ":2:1: not YAML: this line has no 'key: value'"),
    "two colons": (b"a: b: c\n", ":1:5: not YAML: a colon stands where none can be; put a text with a colon in quotes"),
    "a sign of its own": (b"a: @b\n", ":1:4: not YAML: this sign cannot begin a value; put the value in quotes"),
    "a Windows path": (b'a: "C:\\data"\n', "a backslash in double quotes has a meaning of its own; use single quotes"),
    "uneven": (b"a:\n  - b\n c: 1\n", ":3:2: not YAML: this does not fit what stands above"),
    "two documents": (b"a: 1\n---\nb: 2\n", "a second document begins"),
    "binary": (bytes(range(256)), "not UTF-8"),
    "control characters": ("b: \U0001f52c\na: \x07\n".encode(), ":2:4: not YAML: a control character stands here"),
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


STEPS = re.compile(r"^steps:\n(?:[ #].*\n|\n)+", re.MULTILINE)

NO_STEPS = {
    "nothing": (
        "steps:\n", ["1:1: steps: there is nothing here; write steps: and below it its entries, each after a dash"],
    ),
    "none": ("steps: []\n", ["1:8: steps: the list is empty; write 1 or more entries"]),
    "a text": (
        "steps: mill\n", ["1:8: steps: 'mill' stands where a list is wanted; write its entries, each after a dash"],
    ),
    "a mapping": (
        "steps:\n  cap: {kind: deposit}\n",
        ["2:3: steps: a mapping stands where a list is wanted; write its entries, each after a dash"],
    ),
    "an empty entry": (
        "steps:\n  -\n", ["2:4: steps[0]: there is nothing here; write an entry after the dash, or take the dash away"],
    ),
    "names": (
        "steps: [cap]\n", ["1:9: steps[0]: 'cap' stands where a mapping is wanted; write instead name: and kind:"],
    ),
    "one of a kind that is none": (
        "steps:\n  - {name: a, kind: polsh}\n", ["2:21: steps[0].kind: unknown kind 'polsh'; did you mean 'polish'?"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_STEPS)
def test_what_is_wrong_with_all_steps_is_told_once(
    name: str, paper_text: str, examine_text: Callable[[str], Examined]
) -> None:
    """One line for each fault, and none that only follows from another, such as that of a list without good steps."""
    written, told = NO_STEPS[name]
    begins = paper_text[: paper_text.index("\nsteps:")].count("\n") + 2
    with pytest.raises(InvalidFile) as caught:
        examine_text(STEPS.sub(written, paper_text))
    lines = [line.removeprefix("recipe.yaml:") for line in caught.value.lines()]
    shifted = [re.sub(r"^\d+", lambda line: str(int(line[0]) + begins - 1), line) for line in told]
    assert lines == shifted


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
