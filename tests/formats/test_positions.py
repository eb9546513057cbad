# ruff: noqa: E501 - a table of bad files reads best with one a line
"""Places of the chip go out as a Navigator file and as a table; marks measured on a stage come in, or one clear line."""

import csv
import io
import math
import os
import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fibplan.errors import FibplanError, Misuse
from fibplan.formats.nav import nav_bytes
from fibplan.formats.positions import UnusableMarks, positions_csv, read_marks, spots
from fibplan.layout.registration import Mark, Registration, register
from fibplan.library.examine import examine_file
from fibplan.library.load import load_recipe
from fibplan.library.search_path import SearchPath
from fibplan.model.plan import Plan

LOWER, RIGHT, UPPER = (f"{name} corner of the window" for name in ("lower left", "lower right", "upper right"))


def on_stage(x: float, y: float) -> tuple[float, float]:
    """A stage that is turned by 30 degrees and shifted."""
    cosine, sine = math.cos(math.pi / 6), math.sin(math.pi / 6)
    return cosine * x - sine * y + 1200.0, sine * x + cosine * y - 340.0


def registered(plan: Plan, count: int) -> Registration:
    marks = [Mark(mark.name, mark.place_um, on_stage(*mark.place_um)) for mark in plan.layout.fiducials[:count]]
    return register(marks, 1.0)


def rows(plan: Plan, registration: Registration | None) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(positions_csv(plan, registration).decode("utf-8"), newline="")))


def items(plan: Plan, registration: Registration | None) -> dict[str, dict[str, str]]:
    """The sections of the Navigator file by label."""
    text = nav_bytes(plan, registration).decode("ascii")
    sections = re.findall(r"^\[Item = (.+)\]\n((?:\w+ = .*\n)+)", text, re.MULTILINE)
    return {label: dict(line.split(" = ", 1) for line in body.splitlines()) for label, body in sections}


def test_without_marks_all_is_in_the_chip_frame(paper_plan: Plan) -> None:
    """The lamella's middle, its active layer and every fiducial, and no word of a stage."""
    found = rows(paper_plan, None)
    assert [row["name"] for row in found[:2]] == ["lamella", "active layer"]
    assert {row["name"] for row in found[2:]} == {mark.name for mark in paper_plan.layout.fiducials}
    assert (found[0]["chip_x_um"], found[0]["chip_y_um"]) == ("8.500", "-1.705")
    assert {row[key] for row in found for key in ("stage_x_um", "radius_90_um", "residual_um")} == {""}


def test_with_marks_the_lamella_is_on_the_stage(paper_plan: Plan) -> None:
    """Measured fiducials stand where they were found, with residuals; the lamella where the fit puts it, with a radius."""
    found = {row["name"]: row for row in rows(paper_plan, registered(paper_plan, 3))}
    x, y = on_stage(8.5, -1.705)
    lamella = found["lamella"]
    assert (float(lamella["stage_x_um"]), float(lamella["stage_y_um"])) == pytest.approx((x, y), abs=2e-3)
    assert float(lamella["radius_90_um"]) > 0
    assert found[LOWER]["residual_um"] == "0.000"
    assert found["upper left corner of the window"]["residual_um"] == ""


@pytest.mark.parametrize(("count", "registration", "points"), [(0, "2", 4), (1, "1", 1), (2, "1", 2), (4, "1", 4)])
def test_the_navigator_has_every_key_it_needs(count: int, registration: str, points: int, paper_plan: Plan) -> None:
    """Items carry what SerialEM requires; what is measured registers, and only the lamella is to be acquired."""
    found = items(paper_plan, registered(paper_plan, count) if count else None)
    for item in found.values():
        assert {"Color", "StageXYZ", "NumPts", "Regis", "Type", "PtsX", "PtsY"} <= set(item)
        assert (item["Type"], item["NumPts"], item["Regis"]) == ("0", "1", registration)
        assert item["StageXYZ"].split()[:2] == [item["PtsX"], item["PtsY"]]
    assert [label for label, item in found.items() if "Acquire" in item] == ["lamella"]
    numbers = [item["RegPt"] for item in found.values() if "RegPt" in item]
    assert numbers == [str(number) for number in range(1, points + 1)]
    assert len({item["MapID"] for item in found.values()}) == len(found)


def test_the_same_place_gives_the_same_bytes(paper_plan: Plan) -> None:
    """Both files are a function of plan and registration alone."""
    for write in (nav_bytes, positions_csv):
        assert write(paper_plan, registered(paper_plan, 3)) == write(paper_plan, registered(paper_plan, 3))


def test_a_recipe_without_a_chip_has_no_place(library: SearchPath) -> None:
    """A lamella on a grid is refused with what to add."""
    grid = examine_file(load_recipe(library.recipe("si-lamella-grid"), search=library), library).sound_plan()
    with pytest.raises(Misuse, match="no place on a chip"):
        spots(grid)


def read(text: str | bytes, plan: Plan, folder: Path) -> list[Mark]:
    path = folder / "marks.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return read_marks(path, plan.layout)


GOOD = {
    "a unit with each number": f"name,x,y\n{LOWER},-1.25 mm,300 um\n",
    "units in the header": f"name,x (mm),y [um]\n{LOWER},-1.25,300\n",
    "semicolons, CR LF and a mark of order": f"\ufeffname;x_um;y_um\r\n{LOWER};-1250;300\r\n",
    "tabs, capitals, comments and blanks": f"# the stage of today\n\nName\tX (um)\tY (um)\n{LOWER.upper()}\t-1250\t3e2\n",
    "another order and more columns": f"z,y,x,name\n0,300 um,-1250 um,{LOWER}\n",
}


@pytest.mark.parametrize("name", GOOD)
def test_a_table_of_marks_is_read_as_people_write_it(name: str, paper_plan: Plan, tmp_path: Path) -> None:
    """All of these say the same."""
    (mark,) = read(GOOD[name], paper_plan, tmp_path)
    assert (mark.name, mark.chip_um) == (LOWER, (-100.0, -25.0))
    assert mark.stage_um == pytest.approx((-1250.0, 300.0))


BAD = {
    "empty": ("", "the file is empty"),
    "only a header": ("name,x,y\n", "no fiducial is in the file"),
    "no y": (f"name,x\n{LOWER},1 um\n", ":1: there is no column y"),
    "no header": (f"{LOWER},1 um,2 um\n", ":1: there is no column name and no column x"),
    "x twice": (f"name,x,x,y\n{LOWER},1 um,2 um,3 um\n", ":1: there are two columns 'x'"),
    "decimal commas between commas": (f"name,x,y\n{LOWER},1,5 um,2 um\n", ":2: the line has 4 columns and the header 3: a decimal comma?"),
    "a decimal comma": (f"name;x;y\n{LOWER};1,5 um;2 um\n", ":2: '1,5 um' has a decimal comma; write 1.5 um"),
    "a decimal comma under a unit": (f"name;x (um);y (um)\n{LOWER};1,5;2\n", ":2: '1,5 um' has a decimal comma"),
    "too few columns": (f"name,x,y\n{LOWER},1 um\n", ":2: the line has 2 columns"),
    "an unknown fiducial": ("name,x,y\nlower lft corner of the window,1 um,2 um\n", ":2: the chip has no fiducial 'lower lft corner of the window'; did you mean"),
    "twice the same": (f"name,x,y\n{LOWER},1 um,2 um\n{LOWER.upper()},1 um,2 um\n", f":3: '{LOWER}' is measured twice"),
    "not a number": (f"name,x,y\n{LOWER},nan um,2 um\n", ":2: 'nan um' does not start with a number"),
    "not a number under a unit": (f"name,x (um),y (um)\n{LOWER},nan,2\n", ":2: 'nan' does not start with a number"),
    "infinite": (f"name,x,y\n{LOWER},1e99 m,2 um\n", ":2: '1e99 m' is too large"),
    "a metre away": (f"name,x,y\n{LOWER},1.2 m,2 um\n", ":2: '1.2 m' is a metre or more away"),
    "no unit": (f"name,x,y\n{LOWER},1,2\n", ":2: '1' has no unit"),
    "no length": (f"name,x,y\n{LOWER},1 V,2 um\n", ":2: '1 V' is not a length"),
    "another alphabet's bytes": (b"name,x,y\n\xe9\xff,1 um,2 um\n", "it is not UTF-8 text"),
    "UTF-16": ("name,x,y\n".encode("utf-16-le"), "UTF-16"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0", "it is not UTF-8 text"),
    "too large": (b"name,x,y\n" + b"#" * 1_000_001, "over 1 MB"),
}  # fmt: skip


def test_what_is_no_file_is_refused_unread(paper_plan: Plan, tmp_path: Path) -> None:
    """A folder, and a pipe that nobody writes to, are told as that instead of waited for."""
    assert paper_plan.layout is not None
    kinds = [tmp_path]
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        kinds.append(tmp_path / "pipe")
    for path in kinds:
        with pytest.raises(UnusableMarks, match="this is not a file"):
            read_marks(path, paper_plan.layout)


@pytest.mark.parametrize("name", BAD)
def test_a_table_that_says_nothing_sure_is_refused_in_one_line(name: str, paper_plan: Plan, tmp_path: Path) -> None:
    """With the file, the line where there is one, what is wrong, and what to write."""
    text, words = BAD[name]
    with pytest.raises(FibplanError) as refused:
        read(text, paper_plan, tmp_path)
    (line,) = refused.value.lines()
    assert "marks.csv" in line
    assert words in line
    assert refused.value.remedy
    assert "\n" not in line


@given(text=st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str, paper_plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever is in the file, it is read or refused."""
    folder = tmp_path_factory.mktemp("marks")
    for content in (text, f"name,x,y\n{text}", f"name,x,y\n{LOWER},{text}"):
        with suppress(FibplanError):
            assert read(content, paper_plan, folder)
