"""Curves that came from files: whatever is wrong with one, it is refused or left undecided, and the reason is told."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from curve_files import CHANGED, MAP, TOLD, currents, file_of, levels, table
from hypothesis import given
from hypothesis import strategies as st
from shipped import smu_card

from fibplan.errors import InvalidFile
from fibplan.formats.curves.delimited import Delimited
from fibplan.formats.curves.reader import AUTOMATIC, Column, Told
from fibplan.model.curve import Curve, CurveSet
from fibplan.model.plan import Plan
from fibplan.model.verdict import Grade, PathVerdict
from fibplan.verification.fit import resistance_of
from fibplan.verification.plausible import impossible, unlike_planned
from fibplan.verification.verdict import judge

CARD = smu_card("keithley-2450")
OHM = 1.25e7
VOLTS = levels()
AMPERES = currents(VOLTS, OHM)
ZEROS = [0.0] * len(VOLTS)
TOLD_ALL = replace(
    TOLD, columns=MAP, model="2450", compliance_a=1e-6, current_range_a=1e-6, nplc=1.0, points=len(VOLTS),
    conditions=("beam_blanked", "light_off"), started=CHANGED,
)  # fmt: skip
UNTIMED = replace(TOLD_ALL, columns={key: MAP[key] for key in ("voltage", "current")})
IN_AMPERES = "time [s],voltage [V],current [A]"


def read(content: bytes, told: Told = TOLD_ALL) -> Curve:
    return Delimited().read(file_of(content), told)


def read_or_refused(content: bytes, told: Told = TOLD_ALL) -> Curve | str:
    """The curve, or why there is none."""
    try:
        return read(content, told)
    except InvalidFile as error:
        return str(error)


def judged(plan: Plan, curve: Curve) -> PathVerdict:
    """What that curve alone says of its path."""
    return next(path for path in judge(plan, CurveSet(curves=(curve,)), CARD).paths if path.path == curve.path)


def clamped_table(limit_told: bool) -> Curve:
    """A table whose every point is flagged as clamped."""
    rows = [f"{level!r},{1e-6 if level > 0 else -1e-6!r},1" for level in VOLTS]
    content = "\n".join(["voltage [V],current [A],clamped", *rows, ""]).encode()
    columns = {**UNTIMED.columns, "clamped": Column("clamped")}
    return read(
        content, replace(UNTIMED, columns=columns, compliance_a=1e-6 if limit_told else None, current_range_a=AUTOMATIC)
    )


def test_a_sound_file_gives_the_resistance() -> None:
    """With everything told the interval holds the truth, and nothing is doubted."""
    measured = resistance_of(read(table(VOLTS, AMPERES)), CARD)
    assert measured.doubts == ()
    assert measured.low_ohm < OHM < (measured.high_ohm or 0.0)


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "empty"),
    "no row": (lambda: table([], []), "no row of numbers"),
    "not a number": (lambda: table(VOLTS, AMPERES).replace(b"-0.5,", b"NaN,"), "'NaN' is no number"),
    "decimal commas": (lambda: table(VOLTS, AMPERES, delimiter=";", comma=True), "decimal comma"),
    "rows that are not in order": (
        lambda: table(VOLTS, AMPERES).replace(b"\n0.0,", b"\n99.0,"), "time goes back",
    ),
    "columns exchanged": (lambda: table(AMPERES, VOLTS, scale=1.0, header=IN_AMPERES), "are exchanged"),
    "nanoamperes taken for amperes": (lambda: table(VOLTS, AMPERES, header=IN_AMPERES), "wrong unit"),
    "beyond the limit that was said": (lambda: table(VOLTS, currents(VOLTS, 1e4)), "beyond the limit"),
    "microamperes of a bridge taken for amperes": (
        lambda: table(levels(reach=5e-3), currents(levels(reach=5e-3), 150.0), scale=1e6, header=IN_AMPERES),
        "wrong unit",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_it_does_not_become_a_curve(case: str) -> None:
    """The file is refused where what is wrong can be seen in it."""
    make, message = REFUSED[case]
    with pytest.raises(InvalidFile) as caught:
        read(make())
    assert message in str(caught.value)


DOUBTED: dict[str, tuple[Callable[[], Curve], str]] = {
    "one point": (lambda: read(table(VOLTS[:1], AMPERES[:1]), replace(TOLD_ALL, points=1)), "too few points"),
    "all clamped, limit not told": (lambda: clamped_table(limit_told=False), "not told"),
    "no current at all": (lambda: read(table(VOLTS, ZEROS)), "was not measured"),
    "one voltage": (lambda: read(table([0.5] * 41, AMPERES)), "never changes"),
    "one direction": (lambda: read(table(levels()[21:], AMPERES[21:]), replace(TOLD_ALL, points=20)), "one direction"),
    "leads exchanged": (lambda: read(table(VOLTS, [-a for a in AMPERES])), "runs against the voltage"),
    "microamperes that were amperes": (
        lambda: read(table(VOLTS, currents(VOLTS, 1e6), scale=1.0, header="time [s],voltage [V],current [uA]")),
        "wrong unit",
    ),
    "nobody said the range": (
        lambda: read(table(VOLTS, AMPERES), replace(TOLD_ALL, current_range_a=None)), "--current-range",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", DOUBTED)
def test_it_decides_nothing(case: str, paper_plan: Plan) -> None:
    """The resistance is doubted for its own reason, and the path is left undecided with that reason."""
    make, reason = DOUBTED[case]
    curve = make()
    assert any(reason in doubt for doubt in resistance_of(curve, CARD).doubts)
    found = judged(paper_plan, curve)
    assert found.grade is Grade.INCONCLUSIVE
    assert any(reason in why for why in found.reasons)


def test_all_clamped_at_a_limit_that_is_told_bounds_from_above() -> None:
    """A sweep that never left its limit says that there is at most so much resistance, and gives no value."""
    measured = resistance_of(clamped_table(limit_told=True), CARD)
    assert (measured.low_ohm, measured.expected_ohm) == (0.0, None)
    assert measured.high_ohm == pytest.approx(0.5 / 1e-6, rel=0.01)


@given(kept=st.integers(1, len(VOLTS) - 1), points=st.sampled_from([None, len(VOLTS)]))
def test_a_file_that_lost_its_end_is_never_judged(paper_plan: Plan, kept: int, points: int | None) -> None:
    """However many rows are left, and whether anybody said how many there were or not, the sweep broke off."""
    curve = read(table(VOLTS[:kept], AMPERES[:kept]), replace(TOLD_ALL, points=points))
    assert curve.partial
    found = judged(paper_plan, curve)
    assert found.reasons == ("the sweep broke off before its end",)


@given(order=st.permutations(range(len(VOLTS))))
def test_an_unsorted_file_gives_the_same_resistance_or_none(order: list[int]) -> None:
    """The order of the rows changes no resistance; with times, rows out of order are refused."""
    volts, amperes = [VOLTS[place] for place in order], [AMPERES[place] for place in order]
    measured = resistance_of(read(table(volts, amperes), UNTIMED), CARD)
    assert measured.low_ohm < OHM < (measured.high_ohm or OHM * 2)
    if order != sorted(order):
        rows = table(VOLTS, AMPERES).splitlines(keepends=True)
        with pytest.raises(InvalidFile, match="time goes back"):
            read(b"".join([rows[0], *(rows[place + 1] for place in order)]))


def test_duplicated_voltages_are_no_fault() -> None:
    """Every level read twice is a better sweep, not a worse one."""
    volts = [level for level in VOLTS for _ in range(2)]
    measured = resistance_of(read(table(volts, currents(volts, OHM)), replace(TOLD_ALL, points=len(volts))), CARD)
    assert measured.doubts == ()
    assert measured.low_ohm < OHM < (measured.high_ohm or 0.0)


@pytest.mark.parametrize("path", ["bridge", "protective"])
def test_another_path_s_curve_is_not_like_the_plan(paper_plan: Plan, path: str) -> None:
    """The sweep of one path is recognised as none of the other, by how far it goes."""
    sweeps = {name: entry.sweep for name, entry in paper_plan.recipe.verification.items()}
    (other,) = {"bridge", "protective"} - {path}
    volts = levels(reach=sweeps[other].voltage)
    content = table(volts, currents(volts, 150.0 if other == "bridge" else OHM))
    curve = read(content, replace(TOLD_ALL, compliance_a=None))
    assert not unlike_planned(curve, sweeps[other].voltage, sweeps[other].compliance)
    assert "another path's curve" in unlike_planned(curve, sweeps[path].voltage, sweeps[path].compliance)


@pytest.mark.parametrize("factor", [1e-9, 1e-6, 1e-3, 1e3, 1e6])
def test_a_wrong_unit_of_the_voltage_is_not_like_the_plan(factor: float) -> None:
    """Volts that are millivolts, or the other way round, are found by how far the sweep is planned to go."""
    found = read_or_refused(table([factor * level for level in VOLTS], AMPERES))
    assert "wrong unit" in (found if isinstance(found, str) else unlike_planned(found, 0.5, 1e-6))


@given(
    ohm=st.floats(20.0, 1e10),
    factor=st.sampled_from([1e3, 1e6, 1e9, 1e12]),
    volts=st.sampled_from([5e-3, 0.5, 20.0]),
)
def test_a_current_that_reads_too_large_is_found_by_its_limit(ohm: float, factor: float, volts: float) -> None:
    """A path that reads 1000 times more than it carried is found where it was driven near its limit."""
    limit = 2.0 * volts / ohm
    swept = levels(reach=volts)
    content = table(swept, [factor * value for value in currents(swept, ohm)])
    found = read_or_refused(content, replace(TOLD_ALL, compliance_a=None))
    assert "wrong unit" in (found if isinstance(found, str) else unlike_planned(found, volts, limit))


def test_no_ordinary_curve_is_impossible() -> None:
    """From a good bridge to a perfect insulator, and at rest, nothing is taken for exchanged columns."""
    assert not impossible(read(table(ZEROS, currents(ZEROS))))
    for ohm in np.geomspace(2.0, 1e14, 40):
        for volts in (5e-3, 0.5, 100.0):
            swept = levels(reach=volts)
            held = currents(swept, float(ohm), limit=1.0)
            assert not impossible(read(table(swept, held), replace(TOLD_ALL, compliance_a=None)))
