"""Curves that other programs wrote are read as they were measured, and say what nobody told of them."""

import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from curve_files import CHANGED, MAP, TOLD, currents, file_of, levels, nanonis, protochips, table
from hypothesis import given
from hypothesis import strategies as st
from lamella_case import ResistorSmu
from packed_session import packed
from shipped import smu_card

from fibplan.formats.curves.delimited import Delimited
from fibplan.formats.curves.nanonis import Nanonis
from fibplan.formats.curves.package import Package
from fibplan.formats.curves.protochips import Protochips
from fibplan.formats.curves.reader import Column, Told
from fibplan.handoff.package import write_hand_off
from fibplan.handoff.table import render_table
from fibplan.model.curve import MEASURE_RANGE, Curve
from fibplan.verification.fit import resistance_of

VOLTS = levels()
AMPERES = currents(VOLTS)
WHOLE_STORY = replace(
    TOLD, model="2450", current_range_a=1e-6, nplc=1.0, compliance_a=1e-6, points=len(VOLTS), conditions=("light_off",)
)


def read_volts(curve: Curve) -> list[float | None]:
    return [point.voltage_v for point in curve.points]


def read_amperes(curve: Curve) -> list[float | None]:
    return [point.current_a for point in curve.points]


def test_nanonis_forward_and_backward() -> None:
    """The way back follows the way there, from its last bias to its first, with the controller's own times."""
    back = currents(VOLTS, seed=4)
    content = nanonis(VOLTS, {"Current (A)": AMPERES, "Current [bwd] (A)": back}, pixels=len(VOLTS))
    curve = Nanonis().read(file_of(content), TOLD)
    assert read_volts(curve) == pytest.approx([*VOLTS, *reversed(VOLTS)])
    assert read_amperes(curve) == pytest.approx([*AMPERES, *reversed(back)], rel=1e-8)
    assert [point.level for point in curve.points] == read_volts(curve)
    assert all(b.time_s - a.time_s == pytest.approx(0.025) for a, b in pairwise(curve.points))
    assert curve.started == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert (curve.instrument.model, curve.instrument.simulated, curve.partial) == ("Nanonis", False, False)


def test_nanonis_numbered_sweeps_come_before_their_mean() -> None:
    """Where every sweep was saved, all are taken one after the other, and the mean and filtered values are not."""
    second = currents(VOLTS, seed=5)
    columns = {
        "Current [AVG] (A)": [0.0] * len(VOLTS), "Current [00001] (A)": AMPERES, "LI Demod 1 X (A)": [1.0] * len(VOLTS),
        "Current [00002] (A)": second, "Current (A) [filt]": [0.0] * len(VOLTS),
    }  # fmt: skip
    curve = Nanonis().read(file_of(nanonis(VOLTS, columns, pixels=len(VOLTS))), TOLD)
    assert read_amperes(curve) == pytest.approx([*AMPERES, *second], rel=1e-8)


def test_a_nanonis_mean_says_that_it_is_one() -> None:
    """A mean hides jumps, so that the curve remembers it."""
    curve = Nanonis().read(file_of(nanonis(VOLTS, {"Current [AVG] (A)": AMPERES})), TOLD)
    assert curve.source_file is not None
    assert "each current is a mean of several sweeps" in curve.source_file.remarks


def test_protochips_log() -> None:
    """The channel that was used is taken, in the units of the log's own notes, from the log's own time on."""
    curve = Protochips().read(file_of(protochips(VOLTS, AMPERES, notes=["Operator = A. Person"])), TOLD)
    assert read_volts(curve) == VOLTS
    assert read_amperes(curve) == AMPERES
    assert [point.time_s for point in curve.points] == pytest.approx([0.1 * place for place in range(len(VOLTS))])
    assert curve.started == datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
    assert not curve.partial


def test_protochips_units_are_those_of_its_notes() -> None:
    """A log in milliamperes is read as one."""
    content = protochips(VOLTS, [1e3 * ampere for ampere in AMPERES]).replace(b"units = Amps", b"units = Milliamps")
    assert read_amperes(Protochips().read(file_of(content), TOLD)) == pytest.approx(AMPERES)


@pytest.mark.parametrize(("delimiter", "comma"), [(",", False), (";", False), (";", True), ("\t", True), ("\t", False)])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_tables_of_every_dialect(delimiter: str, comma: bool, end: str) -> None:
    """Delimiter and line end are found, and the decimal comma is read where it is said."""
    content = table(VOLTS, AMPERES, delimiter=delimiter, comma=comma, end=end)
    curve = Delimited().read(file_of(content), replace(TOLD, columns=MAP, decimal_comma=comma))
    assert read_volts(curve) == VOLTS
    assert read_amperes(curve) == pytest.approx(AMPERES)
    assert not curve.partial


def test_columns_by_number_without_a_header() -> None:
    """A table of bare numbers is read by the numbers of its columns, with units from the map."""
    content = table(VOLTS, AMPERES).partition(b"\n")[2]
    columns = {"voltage": Column("2", "V"), "current": Column("3", "nA")}
    curve = Delimited().read(file_of(content), replace(TOLD, columns=columns))
    assert read_amperes(curve) == pytest.approx(AMPERES)


@pytest.mark.parametrize("unit", ["[nA]", "(nA)", "/nA", "[nanoamps]"])
def test_units_of_a_header(unit: str) -> None:
    """A unit stands in brackets or after a slash, in letters or in words."""
    header = f"time [s],voltage (V),current {unit}"
    curve = Delimited().read(file_of(table(VOLTS, AMPERES, header=header)), replace(TOLD, columns=MAP))
    assert read_amperes(curve) == pytest.approx(AMPERES)


def test_lines_above_the_header_are_passed_over() -> None:
    """What a program writes of itself above the table does not matter."""
    content = b"Program,9.1\nOperator,A. Person\n\n" + table(VOLTS, AMPERES)
    assert read_volts(Delimited().read(file_of(content), replace(TOLD, columns=MAP))) == VOLTS


def test_our_own_table_is_read_again_and_stays_simulated() -> None:
    """The CSV of a package gives its points and flags back, and the mark of a simulator is not lost on the way."""
    told = replace(WHOLE_STORY, columns=MAP)
    measured = Delimited().read(file_of(table(VOLTS, AMPERES)), told)
    flagged = measured.points[0].model_copy(update={"in_compliance": True})
    measured = measured.model_copy(update={"points": (flagged, *measured.points[1:])})
    columns = {**MAP, "level": Column("source"), "clamped": Column("in compliance")}
    content = render_table(measured, "SIMULATED: no hardware").encode()
    again = Delimited().read(file_of(content), replace(TOLD, columns=columns))
    assert again.points == measured.points
    assert again.instrument.simulated
    assert not measured.instrument.simulated


def test_what_nobody_said_is_listed() -> None:
    """A bare table says nothing of its instrument: the curve lists that, and its settings are the least exact ones."""
    columns = {key: MAP[key] for key in ("voltage", "current")}
    curve = Delimited().read(file_of(table(VOLTS, AMPERES)), replace(TOLD, columns=columns))
    assert curve.source_file is not None
    assert len(curve.source_file.unknown) == 10
    assert MEASURE_RANGE in curve.source_file.unknown
    assert (curve.settings.compliance_a, curve.settings.nplc, curve.started) == (None, 0.001, CHANGED)
    assert curve.source_file.sha256 == file_of(table(VOLTS, AMPERES)).sha256


def test_what_the_person_said_is_in_the_curve() -> None:
    """Model, limit, range, integration and time come from the person where the file has none, and then are known."""
    told = replace(WHOLE_STORY, columns=MAP, started=CHANGED - timedelta(hours=1))
    curve = Delimited().read(file_of(table(VOLTS, AMPERES)), told)
    assert curve.source_file is not None
    assert curve.source_file.unknown == ("programmed voltages", "two or four wires (taken for two)")
    assert curve.instrument.model == "2450"
    assert "as the person said" in curve.instrument.identity
    assert curve.started == CHANGED - timedelta(hours=1)
    measured = resistance_of(curve, smu_card("keithley-2450"))
    assert measured.doubts == ()
    assert measured.high_ohm is not None
    assert measured.low_ohm < 1.25e7 < measured.high_ohm


def test_without_its_range_a_file_decides_nothing() -> None:
    """The same curve without the measure range is doubted, with what to do."""
    curve = Delimited().read(file_of(table(VOLTS, AMPERES)), replace(WHOLE_STORY, columns=MAP, current_range_a=None))
    doubts = resistance_of(curve, smu_card("keithley-2450")).doubts
    assert doubts == ("curve.txt does not say the measure range: read it again with --current-range",)


def test_a_flat_top_is_taken_for_clamped() -> None:
    """Where the programmed voltage goes on and the current does not, and nobody said a limit, points are clamped."""
    held = currents(VOLTS, ohm=1e5, limit=2e-6)
    curve = Nanonis().read(file_of(nanonis(VOLTS, {"Current (A)": held})), TOLD)
    marked = [point.level for point in curve.points if point.clamped]
    assert marked == [level for level in VOLTS if abs(level) >= 0.2]
    assert curve.source_file is not None
    assert any("flat top" in remark for remark in curve.source_file.remarks)


@given(ohm=st.floats(1e3, 1e9), points=st.integers(5, 2001), seed=st.integers(0, 99))
def test_no_resistor_has_a_flat_top(ohm: float, points: int, seed: int) -> None:
    """However many points it has, a straight line is never taken for clamped."""
    volts = levels(points)
    curve = Nanonis().read(file_of(nanonis(volts, {"Current (A)": currents(volts, ohm, seed=seed)})), TOLD)
    assert not any(point.clamped for point in curve.points)


def test_points_at_the_limit_that_was_said_are_clamped() -> None:
    """With a limit that the person said no guess is made: what reaches it is clamped."""
    held = currents(VOLTS, ohm=1e5, limit=2e-6)
    told = replace(TOLD, columns=MAP, compliance_a=2e-6)
    curve = Delimited().read(file_of(table(VOLTS, held)), told)
    assert sum(point.clamped for point in curve.points) == sum(abs(level) >= 0.198 for level in VOLTS)


def test_an_overflowed_reading_holds_no_number() -> None:
    """What Keithley instruments write for too much is no current of 1e37 A."""
    content = table(VOLTS, [*AMPERES[:-1], 9.9e37], header="time [s],voltage [V],current [A]", scale=1.0)
    curve = Delimited().read(file_of(content), replace(TOLD, columns=MAP))
    assert (curve.points[-1].current_a, curve.points[-1].overflow) == (None, 1)
    assert curve.points[-2].overflow == 0


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return write_hand_off(packed(tmp_path / "s", ResistorSmu(simulated=False), real=True), tmp_path)


def test_our_own_package(package: Path, tmp_path: Path) -> None:
    """Every curve comes out of a package as it was measured, with the package's hash."""
    told = Told(path="bridge", probing="sweep")
    curve = Package().read(file_of(package.read_bytes(), package.name), told)
    with zipfile.ZipFile(package) as archive:
        names = [name for name in archive.namelist() if name.endswith("bridge-sweep.json")]
        measured = Curve.model_validate_json(archive.read(names[-1]))
    assert curve.model_copy(update={"source_file": None}) == measured
    assert curve.source_file is not None
    assert curve.source_file.sha256 == file_of(package.read_bytes()).sha256
