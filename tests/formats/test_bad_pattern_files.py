"""Damaged, foreign and hostile pattern files: each is refused in one clear line, none becomes a wrong recipe."""

from pathlib import Path

import pytest
from exported import one_file, pattern
from hypothesis import given
from hypothesis import strategies as st

from fibplan.errors import ExitCode, FibplanError
from fibplan.formats.exports.pattern import Shape
from fibplan.formats.recipes.begun import begun_from
from fibplan.formats.recipes.found import UnusablePatterns
from fibplan.formats.recipes.reading import is_pattern_file, read_patterns

PTF = one_file(pattern(Shape.REGULAR, y_m=-5e-6), pattern(Shape.REGULAR, y_m=5e-6, direction="TopToBottom"))
STAGE = """\
        - name: {name}
          milling: {{milling_current: {current}, milling_voltage: 30000.0, application_file: Si}}
          pattern:
            name: Trench
            point: {{x: 0.0, y: 0.0}}
            width: 2.0e-05
            depth: 9.0e-06
            spacing: {spacing}
            upper_trench_height: {height}
            lower_trench_height: {height}
            cross_section: RegularCrossSection
          strategy: {{name: Standard, config: {{}}}}
"""
PROTOCOL = (
    "name: a lamella\ntasks:\n  Rough Milling:\n    task_type: MILL_ROUGH\n    milling:\n      mill_rough:\n"
    "        stages:\n"
    + STAGE.format(name="trenches", current="2.0e-08", spacing="6.0e-06", height="1.2e-05")
    + STAGE.format(name="narrow", current="7.0e-09", spacing="3.0e-06", height="1.5e-06")
    + "workflow:\n  tasks:\n    - {name: Rough Milling, supervise: true}\n"
).encode()
SOUND = {"trenches.ptf": PTF, "protocol.yaml": PROTOCOL}

LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    b'<Content Version="FEI PatternFile 1.2"><PatternRectangle><CenterX>&b;</CenterX></PatternRectangle></Content>'
)
OUTSIDE = (
    b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><Content Version="FEI PatternFile 1.2">&x;</Content>'
)


def refused(content: bytes, name: str, folder: Path) -> UnusablePatterns:
    """The refusal, which is one line that names the file and says what to do."""
    path = folder / name
    path.write_bytes(content)
    with pytest.raises(UnusablePatterns) as failure:
        read_patterns(path)
    (line,) = failure.value.lines()
    assert str(path) in line
    assert failure.value.exit_code is ExitCode.MISUSE
    assert failure.value.remedy
    return failure.value


CASES: dict[str, tuple[str, bytes, str]] = {
    "empty": ("a.ptf", b"", "empty"),
    "only blanks": ("a.ptf", b" \r\n\t", "empty"),
    "a picture": ("a.ptf", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "UTF-16, or no text"),
    "plain text": ("a.ptf", b"trench 20 um", "neither an xT pattern file nor"),
    "other XML": ("a.ptf", b"<svg xmlns='a'><g/></svg>", "it begins with <{a}svg>"),
    "a wrong root version": ("a.ptf", b"<Content Version='2'><PatternLine/></Content>", "no xT pattern file"),
    "no pattern": ("a.ptf", b'<Content Version="FEI PatternFile 1.2"><PatternList/></Content>', "no pattern in it"),
    "UTF-16": ("a.ptf", PTF.decode("ascii").encode("utf-16"), "UTF-16"),
    "UTF-16 without its mark": ("a.ptf", PTF.decode("ascii").encode("utf-16-le"), "UTF-16"),
    "windows-1252": ("a.ptf", PTF.replace(b">Serial<", b">S\xe9rie<"), "a byte in line 3 is not UTF-8"),
    "billion laughs": ("a.ptf", LAUGHS, "declares a document type"),
    "an entity from outside": ("a.ptf", OUTSIDE, "declares a document type"),
    "deep nesting": ("a.ptf", b"<a>" * 200_000 + b"</a>" * 200_000, "it begins with <a>"),
    "a protocol without stages": ("p.yaml", b"tasks: {}\nworkflow: {}\n", "no milling stage in it"),
    "a protocol of lists": ("p.yaml", b"tasks: [1, 2]\nworkflow: {}\n", "tasks is no mapping"),
    "a protocol that repeats a key": ("p.yaml", b"tasks:\n  a: {}\n  a: {}\n", "'a' stands here again"),
    "a protocol with an alias": ("p.yaml", b"tasks: &t\n  a: *t\n", "alias"),
    "a stage without a pattern": (
        "p.yaml", b"tasks: {a: {milling: {m: {stages: [{name: s}]}}}}\nworkflow: {}\n", "pattern is no mapping"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_no_pattern_file_is_refused(case: str, tmp_path: Path) -> None:
    """Each kind of wrong file has its own words."""
    name, content, message = CASES[case]
    assert message in refused(content, name, tmp_path).message


@pytest.mark.parametrize("name", SOUND)
@pytest.mark.parametrize("tenth", range(10))
def test_a_file_that_breaks_off_is_never_half_a_recipe(name: str, tenth: int, tmp_path: Path) -> None:
    """Cut at every tenth it is refused, unless every stage of it is there."""
    content = SOUND[name]
    path = tmp_path / name
    path.write_bytes(content[: len(content) * tenth // 10])
    try:
        found = read_patterns(path)
    except UnusablePatterns as failure:
        assert len(failure.lines()) == 1  # noqa: PT017 - either outcome is right, each in its own way
    else:
        path.write_bytes(content)
        assert found.groups == read_patterns(path).groups


def changed(tag: str, text: bytes) -> bytes:
    """The pattern file with one leaf of its first pattern said otherwise."""
    start = PTF.index(b"<PatternRegularCrossSection>")
    begin = PTF.index(b">", PTF.index(f"<{tag} ".encode(), start)) + 1
    return PTF[:begin] + text + PTF[PTF.index(b"<", begin) :]


NUMBERS = {
    "NaN": b"NaN", "infinity": b"1E999", "a decimal comma": b"1,5E-06", "words": b"wide", "nothing": b"",
    "hexadecimal": b"0x1p3", "a digit of another script": "\u0663".encode(), "two numbers": b"1 2",
    "an underscore": b"1_0",
}  # fmt: skip


@pytest.mark.parametrize("tag", ["CenterX", "CenterY", "Width", "Length", "Depth", "VolumePerDose", "Rotation"])
@pytest.mark.parametrize("number", NUMBERS)
def test_what_is_no_number_is_refused_with_its_place(tag: str, number: str, tmp_path: Path) -> None:
    """The pattern and the field are named."""
    failure = refused(changed(tag, NUMBERS[number]), "a.ptf", tmp_path)
    assert "PatternRegularCrossSection 1" in failure.message
    assert tag in failure.message


def test_a_number_that_is_said_twice_is_refused(tmp_path: Path) -> None:
    """Neither of two depths is taken, nor what stands before an element within a depth."""
    start = PTF.index(b"<Depth")
    end = PTF.index(b"</Depth>") + len(b"</Depth>")
    twice = PTF[:end] + b"<Depth>9E-07</Depth>" + PTF[end:]
    assert "has Depth 2 times" in refused(twice, "a.ptf", tmp_path).message
    within = PTF[:start] + b"<Depth>9E-06<x/>7</Depth>" + PTF[end:]
    assert "Depth is '<x>', which is no number" in refused(within, "a.ptf", tmp_path).message


@pytest.mark.parametrize(("tag", "text"), [("Width", b"20"), ("Depth", b"-1E-06"), ("TotalVolumeSputterRate", b"1")])
def test_sizes_and_currents_that_nobody_means_are_refused(tag: str, text: bytes, tmp_path: Path) -> None:
    """Twenty metres, a depth below zero, a current of gigaamperes."""
    assert "which is not between" in refused(changed(tag, text), "a.ptf", tmp_path).message


@pytest.mark.parametrize("value", [".nan", ".inf", "1e400", "wide", "true", "[1]", "null", "2,0e-06", "-1", "20"])
def test_a_stage_with_a_wrong_number_is_refused(value: str, tmp_path: Path) -> None:
    """The stage and the field are named."""
    content = PROTOCOL.replace(b"width: 2.0e-05", f"width: {value}".encode(), 1)
    failure = refused(content, "p.yaml", tmp_path)
    assert "stage 'trenches'" in failure.message
    assert "width" in failure.message


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("name", SOUND)
def test_line_ends_do_not_matter(name: str, end: bytes, tmp_path: Path) -> None:
    """LF, CR LF, CR, and a byte order mark: the same patterns."""
    lines = SOUND[name].replace(b"\r\n", b"\n").split(b"\n")
    found = []
    for number, content in enumerate((SOUND[name], b"\xef\xbb\xbf" + end.join(lines), mixed(lines))):
        path = tmp_path / f"{number}-{name}"
        path.write_bytes(content)
        found.append([group.patterns for group in read_patterns(path).groups])
    assert found[0] == found[1] == found[2]


def mixed(lines: list[bytes]) -> bytes:
    ends = (b"\n", b"\r\n")
    return b"".join(line + ends[place % 2] for place, line in enumerate(lines))


@pytest.mark.parametrize("name", SOUND)
def test_a_gigabyte_is_refused_without_reading_it(name: str, tmp_path: Path) -> None:
    """Only as much is read as a pattern file can have."""
    path = tmp_path / name
    with path.open("wb") as file:
        file.write(SOUND[name])
        file.truncate(1_000_000_000)
    with pytest.raises(UnusablePatterns, match="larger than 10 MB"):
        read_patterns(path)


@pytest.mark.parametrize("name", SOUND)
@given(data=st.data())
def test_no_damage_ends_otherwise_than_in_patterns_or_a_refusal(
    name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Bytes changed, cut out or put in at random: a refusal in one line, or patterns within bounds."""
    content = bytearray(SOUND[name])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        piece = data.draw(st.binary(max_size=6))
        content[place : place + data.draw(st.integers(0, 20))] = piece
    path = tmp_path_factory.mktemp("damaged") / name
    path.write_bytes(content)
    try:
        found = read_patterns(path)
    except FibplanError as failure:
        assert all("\n" not in line for line in failure.lines())  # noqa: PT017 - either outcome is right
    else:
        drawn = [entry for group in found.groups for entry in group.patterns]
        assert all(1e-9 <= entry.width_m <= 1e-3 and entry.depth_m > 0 for entry in drawn)


def test_what_is_no_pattern_file_is_left_to_the_recipe_reader(tmp_path: Path) -> None:
    """A recipe, a missing file and a folder are none; one of ours is none even with ``milling:`` somewhere in it."""
    recipe = tmp_path / "mine.yaml"
    recipe.write_text("fibplan: 1\ntitle: x\nmilling: y\n", encoding="utf-8")
    assert not is_pattern_file(recipe)
    assert not is_pattern_file(tmp_path)
    assert not is_pattern_file(tmp_path / "nowhere.yaml")


def test_patterns_without_a_place_in_a_recipe_are_told_one_by_one(tmp_path: Path) -> None:
    """Unknown kinds and what is switched off are in the list."""
    path = tmp_path / "odd.ptf"
    off = one_file().replace(b">True<", b">False<", 1)
    path.write_bytes(off.replace(b"PatternLine>", b"PatternPolygon>"))
    told = ("PatternRectangle 1: switched off", "PatternPolygon 4: a pattern of this kind is not known")
    assert read_patterns(path).left == told


@pytest.mark.parametrize("shape", [Shape.LINE, Shape.RECTANGLE])
def test_patterns_that_free_no_lamella_begin_no_recipe(shape: Shape, tmp_path: Path) -> None:
    """A line, and a box where the lamella should be: refused, with what each of them is."""
    path = tmp_path / "odd.ptf"
    path.write_bytes(one_file(pattern(shape, y_m=0.0)))
    recipe = {"steps": [], "lamella": {"length": "10 um"}, "sample": {"stack": [{"thickness": "5 um"}]}}
    with pytest.raises(UnusablePatterns, match="no pattern in it mills a lamella free: odd: "):
        begun_from(recipe, [read_patterns(path)], "30 kV")
