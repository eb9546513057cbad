"""Curves as other people's programs write them, made by writers of our own: no third party's file is kept here."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from fibplan.formats.curves.reader import Column, CurveFile, Told

CHANGED = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
TOLD = Told(path="protective", probing="sweep", zone=UTC)
MAP = {"voltage": Column("voltage"), "current": Column("current"), "time": Column("time")}
POINTS = 41


def levels(points: int = POINTS, reach: float = 0.5) -> list[float]:
    """Evenly from one end to the other."""
    return [round(float(level), 9) for level in np.linspace(-reach, reach, points)]


def currents(volts: Sequence[float], ohm: float = 1.25e7, limit: float = math.inf, seed: int = 3) -> list[float]:
    """What a quiet instrument reads of a resistor, held back at the limit."""
    chance = np.random.default_rng(seed)
    held = [max(-limit, min(limit, level / ohm)) for level in volts]
    return [value + 1e-13 * float(chance.standard_normal()) for value in held]


def engineering(value: float) -> str:
    """As Nanonis writes numbers: an exponent that three divides."""
    power = 0 if value == 0.0 else 3 * math.floor(math.log10(abs(value)) / 3)
    return f"{value / 10.0**power:.9g}E{power:d}" if power < 0 else f"{value / 10.0**power:.9g}E+{power:d}"


def nanonis(
    volts: Sequence[float],
    columns: dict[str, Sequence[float]],
    *,
    pixels: int | None = None,
    bias: str = "Bias calc (V)",
    end: str = "\r\n",
) -> bytes:
    """A bias spectrum with those columns of currents; ``pixels`` is what its header says of its length."""
    head = [
        "Experiment\tbias spectroscopy\t",
        "Saved Date\t01.03.2026 12:10:00\t",
        "User\tA. Person\t",
        "X (m)\t-890.5E-12\t",
        "Integration time (s)\t20E-3\t",
        "Settling time (s)\t5E-3\t",
        "Z-Ctrl hold\tTRUE\t",
        "Start time\t01.03.2026 12:00:00\t",
    ]
    if pixels is not None:
        head.append(f"Bias Spectroscopy>Num Pixel\t{pixels}\t")
    rows = [
        "\t".join([engineering(level), *(engineering(column[place]) for column in columns.values())])
        for place, level in enumerate(volts)
    ]
    lines = [*head, "", "[DATA]", "\t".join([bias, *columns]), *rows]
    return "".join(f"{line}{end}" for line in lines).encode("utf-8")


def protochips(
    volts: Sequence[float], amperes: Sequence[float], *, other: float = 0.0, notes: Sequence[str] = (), end: str = "\n"
) -> bytes:
    """A log of two channels of which the first was swept, a reading every 100 ms."""
    titles = [f"Channel {c} {q}" for c in "AB" for q in ("Current", "Voltage", "Resistance")]
    told = [
        "Date (yyyy.mm.dd) = 2026.03.01",
        "Time (hh:mm:ss.ms) = 12:00:00.250",
        "Time units = Milliseconds",
        "Temperature units = Degrees C",
        "Current units = Amps",
        "Voltage units = Volts",
        "Resistance units = Ohms",
        *notes,
        "User agreeing to terms = A. Person",
    ]
    head = [", ".join(["Time", "Notes", *titles]), *(f"0, {note}, 0, 0, NaN, 0, 0, NaN" for note in told)]
    rows = [
        f"{100 * place}, , {ampere!r}, {level!r}, {level / ampere if ampere else math.nan!r}, 0, {other!r}, NaN"
        for place, (level, ampere) in enumerate(zip(volts, amperes, strict=True))
    ]
    return "".join(f"{line}{end}" for line in [*head, *rows]).encode("utf-8")


def table(
    volts: Sequence[float],
    amperes: Sequence[float],
    *,
    header: str = "time [s],voltage [V],current [nA]",
    scale: float = 1e9,
    delimiter: str = ",",
    comma: bool = False,
    end: str = "\n",
) -> bytes:
    """Time, voltage and current; ``scale`` makes amperes what the header says."""
    rows = [
        delimiter.join(
            f"{value!r}".replace(".", "," if comma else ".") for value in (0.1 * place, level, scale * ampere)
        )
        for place, (level, ampere) in enumerate(zip(volts, amperes, strict=True))
    ]
    return "".join(f"{line}{end}" for line in [header.replace(",", delimiter), *rows]).encode("utf-8")


def file_of(content: bytes, name: str = "curve.txt") -> CurveFile:
    """The content as a file that was changed at a known time."""
    return CurveFile(name, content, CHANGED)


def written(folder: Path, content: bytes, name: str) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path
