"""Other people's readers on our fixtures: what they read of a Protochips log and of a Nanonis spectrum, we read too.

RosettaSciIO and nanonispy2 know the real files; our fixtures are written after their layout. A package that is not
installed skips its tests.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from curve_files import TOLD, currents, file_of, levels, nanonis, protochips, written

from fibplan.formats.curves.nanonis import Nanonis
from fibplan.formats.curves.protochips import Protochips
from fibplan.model.curve import Curve

VOLTS = levels()
AMPERES, BACK = currents(VOLTS), currents(VOLTS, seed=4)


def numbers(curve: Curve, name: str) -> list[float]:
    return [getattr(point, name) for point in curve.points]


@pytest.mark.parametrize("notes", [(), ("Calibration file = C:\\cal.csv",)])
def test_rosettasciio_reads_our_protochips_log(tmp_path: Path, notes: tuple[str, ...]) -> None:
    """Every current, voltage and time, and the moment when the log began, are the same in both readers."""
    protochips_io: Any = pytest.importorskip("rsciio.protochips", reason="an environment with RosettaSciIO runs this")
    content = protochips(VOLTS, AMPERES, notes=notes)
    signals = protochips_io.file_reader(str(written(tmp_path, content, "log.csv")))
    theirs = {signal["metadata"]["General"]["title"]: signal for signal in signals}
    ours = Protochips().read(file_of(content), TOLD)
    current, voltage = theirs["Channel A Current (Amps)"], theirs["Channel A Voltage (Volts)"]
    assert numbers(ours, "current_a") == list(current["data"])
    assert numbers(ours, "voltage_v") == list(voltage["data"])
    header = current["original_metadata"]["Protochips_header"]
    times = np.asarray(header["Time axis"]["value"]) / 1000.0
    assert numbers(ours, "time_s") == pytest.approx(list(times - times[0]))
    began = datetime.fromisoformat(str(header["Start time"]))
    assert ours.started.replace(tzinfo=None) == began


def test_nanonispy2_reads_our_nanonis_spectrum(tmp_path: Path) -> None:
    """Every bias and current, there and back, is the same in both readers, and so is the header."""
    nanonispy: Any = pytest.importorskip("nanonispy2", reason="an environment with nanonispy2 runs this")
    content = nanonis(VOLTS, {"Current (A)": AMPERES, "Current [bwd] (A)": BACK}, pixels=len(VOLTS))
    spectrum = nanonispy.read.Spec(str(written(tmp_path, content, "bias.dat")))
    ours = Nanonis().read(file_of(content), TOLD)
    there, back = spectrum.signals["Current (A)"], spectrum.signals["Current [bwd] (A)"]
    bias = spectrum.signals["Bias calc (V)"]
    assert numbers(ours, "voltage_v") == [*bias, *reversed(bias)]
    assert numbers(ours, "current_a") == [*there, *reversed(back)]
    assert spectrum.header["Experiment"] == "bias spectroscopy"
    assert spectrum.header["Bias Spectroscopy>Num Pixel"] == str(len(VOLTS))


def test_nanonis_xarray_reads_our_nanonis_spectrum(tmp_path: Path) -> None:
    """A second reader of the format gives the same currents by bias and direction."""
    nanonis_xarray: Any = pytest.importorskip("nanonis_xarray", reason="an environment with nanonis-xarray runs this")
    content = nanonis(VOLTS, {"Current (A)": AMPERES, "Current [bwd] (A)": BACK}, pixels=len(VOLTS))
    dataset = nanonis_xarray.read_dat(written(tmp_path, content, "bias.dat"))
    current = dataset["current"].squeeze()
    ours = Nanonis().read(file_of(content), TOLD)
    theirs = [*current.sel(direction="fw").values, *reversed(current.sel(direction="bw").values)]
    assert numbers(ours, "current_a") == pytest.approx([float(getattr(value, "magnitude", value)) for value in theirs])
