"""Curves as NeXus, for programs that read HDF5: one entry of the application definition NXiv_temp a curve.

Written after NXiv_temp and NXsensor_scan of the FAIRmat NeXus definitions (contributed_definitions, 2026). Both ask for
a temperature, which no nanoprobe of ours measures: it is not a number, and says so. What a curve has beside voltage and
current (flags, settings, time) stands in the same entry. A sample would have to list its elements, which no recipe
does: its name is the entry's identifier. Needs the extra ``nexus`` (h5py).
"""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fibplan.errors import Misuse
from fibplan.model.curve import Curve, CurveSet, Settings

DEFINITION, DEFINITION_VERSION = "NXiv_temp", "contributed_definitions 2026"
UNMEASURED = "not measured: room temperature, or whatever the nanoprobe's chamber has"


@dataclass(frozen=True)
class NexusContext:
    """What curves were measured on, by whom, and which fibplan says so."""

    sample: str
    title: str
    operator: str
    version: str


def nexus_bytes(curves: CurveSet, context: NexusContext) -> bytes:
    """The file; the same curves give the same bytes with the same h5py. :class:`Misuse` where that is missing."""
    h5py = _h5py()
    stream = io.BytesIO()
    with h5py.File(stream, "w", libver=("earliest", "v110")) as file:
        file.attrs["NX_class"] = "NXroot"
        names = [f"entry_{number:03d}" for number in range(1, len(curves.curves) + 1)]
        if names:
            file.attrs["default"] = names[0]
        for name, curve in zip(names, curves.curves, strict=True):
            _entry(_group(file, name, "NXentry"), curve, context)
    return stream.getvalue()


def _h5py() -> Any:
    try:
        import h5py  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise Misuse("h5py is not installed", where="NeXus", remedy="pip install 'fibplan[nexus]'") from None
    return h5py


def _entry(entry: Any, curve: Curve, context: NexusContext) -> None:
    entry.attrs["default"] = "data"
    _field(entry, "definition", DEFINITION, version=DEFINITION_VERSION)
    _field(entry, "title", f"{'SIMULATED ' if curve.instrument.simulated else ''}{curve.path}, {curve.probing}")
    _field(entry, "identifier_experiment", context.sample)
    _field(entry, "experiment_description", context.title)
    _field(entry, "start_time", curve.started.isoformat())
    process = _group(entry, "process", "NXprocess")
    _field(process, "program", "fibplan", version=context.version, program_url="")
    _field(_group(entry, "user", "NXuser"), "name", context.operator)
    _instrument(_group(entry, "instrument", "NXinstrument"), curve)
    _data(_group(entry, "data", "NXdata"), curve)


def _instrument(instrument: Any, curve: Curve) -> None:
    _field(instrument, "name", curve.instrument.identity)
    place = _group(instrument, "environment", "NXenvironment")
    _field(place, "independent_controllers", "voltage_controller, temperature_controller")
    _field(place, "measurement_sensors", "current_sensor")
    sensors = {
        "voltage_controller": ([point.voltage_v for point in curve.points], "V"),
        "temperature_controller": ([None] * len(curve.points), "K"),
        "current_sensor": ([point.current_a for point in curve.points], "A"),
    }
    for name, (values, unit) in sensors.items():
        _sensor(_group(place, name, "NXsensor"), values, unit, curve)
    settings = _group(instrument, "settings", "NXcollection")
    _settings(settings, curve.settings)
    _field(settings, "simulated", int(curve.instrument.simulated))


def _sensor(sensor: Any, values: Sequence[float | None], unit: str, curve: Curve) -> None:
    _field(sensor, "value", _numbers(values), units=unit)
    _field(sensor, "value_timestamp", curve.started.isoformat())
    _field(sensor, "run_control", "sweep", description="set, wait, read, repeat, by the instrument or by fibplan")


def _settings(group: Any, settings: Settings) -> None:
    """As the instrument read them back; what it chose by itself is left out."""
    for name, value in settings.model_dump().items():
        if value is not None:
            _field(group, name, int(value) if isinstance(value, bool) else value)


def _data(data: Any, curve: Curve) -> None:
    data.attrs["signal"] = "current"
    data.attrs["axes"] = ["temperature", "voltage"]
    points = curve.points
    _field(data, "temperature", _numbers([None]), units="K", long_name=UNMEASURED)
    _field(data, "voltage", _numbers([point.voltage_v for point in points]), units="V")
    _field(data, "current", [_numbers([point.current_a for point in points])], units="A")
    _field(data, "level", [point.level for point in points], units="V" if curve.settings.source == "voltage" else "A")
    _field(data, "time", [point.time_s for point in points], units="s")
    flags = ("in_compliance", "in_range_compliance", "overflow")
    for name in flags:
        _field(data, name, [int(getattr(point, name)) for point in points])


def _numbers(values: Sequence[float | None]) -> list[float]:
    return [math.nan if value is None else value for value in values]


def _group(parent: Any, name: str, kind: str) -> Any:
    group = parent.create_group(name)
    group.attrs["NX_class"] = kind
    return group


def _field(group: Any, name: str, value: Any, **attributes: str) -> None:
    """Without times of writing, which would make every file another one."""
    dataset = group.create_dataset(name, data=value, track_times=False)
    for key, text in attributes.items():
        dataset.attrs[key] = text
