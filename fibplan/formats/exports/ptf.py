"""xT pattern files (``.ptf``) of FEI and Thermo Fisher columns, one for each step that works with the ion beam.

No specification is published. The structure is that of four files written by xT (github sklumpe/SerialFIB,
TemplatePatterns, three of them; CraignRush/beamshape-manuscript): ASCII, CR LF, no declaration and no line end at the
end, every leaf with its own namespace. Their numbers obey dose = passes current dwell / (pitch_x pitch_y),
depth = passes depth-per-pass, time = volume / (volume-per-dose current), and so do ours; the depth per pass of xT also
has the pitch of its digital scan in it, which depends on the field of view and is not known here.

No file of xT holds a comment, so ours hold none: which recipe they are of stands in ``patterns.txt`` beside them.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from fibplan.formats.exports.export import Files, NothingToExport, Origin
from fibplan.formats.exports.pattern import Pattern, Shape
from fibplan.formats.exports.step_patterns import StepPatterns, step_patterns
from fibplan.model.plan import Plan
from fibplan.units import UM, show, show_time

VERSION = "FEI PatternFile 1.2"
NAMESPACE = "urn:schemas-microsoft-com:datatypes"
INDEX = "patterns.txt"

FINEST_DECIMALS = 15
"""xT writes a number with more decimals than this as mantissa and exponent."""

DIGITAL_STEPS = 65536
"""Across the field of view: the files of xT agree with a pitch in whole steps of that size."""

Leaf = tuple[str, str | float]
Branch = tuple[str, list[Leaf]]

NOT_VERIFIED = (
    "not verified on a tool: load each file with the beam blanked, compare sizes and times with this list, and know "
    "that xT sets rate, depth and time anew when you choose an application file"
)


def write(plan: Plan, origin: Origin) -> Files:
    """One file a step, in the recipe's order, and ``patterns.txt`` that says how each is used."""
    steps = step_patterns(plan)
    drawn = [step for step in steps if step.patterns]
    if not drawn:
        raise NothingToExport("no step of it has a pattern", where=origin.recipe, remedy="look with fibplan plan")
    content = {f"{step.name}.ptf": pattern_file(step.patterns) for step in drawn}
    notes = [f"{step.operation.name}: {note}" for step in steps for note in step.notes]
    index = "".join(f"{line}\n" for line in _index(plan, steps, origin))
    return Files({**content, INDEX: index.encode("utf-8")}, (NOT_VERIFIED, *notes))


def pattern_file(patterns: Iterable[Pattern]) -> bytes:
    """The patterns as one file, milled one after the other in this order."""
    lines = [f'<Content Version="{VERSION}">', *_element("PatternList", _LIST)]
    for pattern in patterns:
        lines += _element(pattern.shape.value, _fields(pattern))
    return "\r\n".join([*lines, "</Content>"]).encode("ascii")


def number(value: float) -> str:
    """A number as xT writes it, in at most 15 digits.

    >>> number(1e-6), number(4.05e-22), number(189303.076352), number(0.0), number(-3.9e-5)
    ('0.000001', '4.05E-22', '189303.076352', '0', '-0.000039')
    """
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.14E}".split("E")
    digits = mantissa.rstrip("0").rstrip(".")
    power = int(exponent)
    decimals = max(0, len(digits.lstrip("-").replace(".", "")) - 1 - power)
    if decimals <= FINEST_DECIMALS and power < FINEST_DECIMALS:
        return f"{value:.{decimals}f}"
    return f"{digits}E{power:+03d}"


_GAS: list[Leaf] = [("GasType", ""), ("GasSetpoint", ""), ("GasNeedlePosition", "")]
_LIST: list[Leaf | Branch] = [
    ("Mode", "Serial"), ("Beam", "Ion"), *_GAS, ("Defocus", 0.0), ("PassCount", 0.0), ("Blur", 0.0),
]  # fmt: skip
_SELECTIVE: Branch = (
    "SelectiveMilling",
    [
        ("IsSelectiveMillingEnabled", "False"), ("TimeIntervalBeforeAdjust", 2.0),
        ("ContrastThresholdMinimum", 0.0), ("ContrastThresholdMaximum", 1.0),
    ],
)  # fmt: skip
_ENDPOINT: Branch = (
    "EndpointDetection",
    [
        ("IsEndpointDetectionEnabled", "False"), ("EndpointDetectionSignalType", "Intensity"),
        ("EndpointDetectionEndpointType", "Peak"), ("EndpointNum", 0.0),
    ],
)  # fmt: skip


def _fields(pattern: Pattern) -> list[Leaf | Branch]:
    """All fields of a pattern in the order of xT's files; what fibplan has nothing to say of is as xT leaves it."""
    match pattern.shape:
        case Shape.RECTANGLE:
            return [*_common(pattern), *_area(pattern), ("FillStyle", "Solid"), _SELECTIVE, _ENDPOINT]
        case Shape.REGULAR:
            multiple: list[Leaf] = [("ScanMethod", "MultiScan"), ("MultiScanPassCount", 4.0), ("ScanRatio", 0.3)]
            return [*_common(pattern), *_area(pattern), *multiple]
        case Shape.CLEANING:
            return [*_common(pattern), *_area(pattern)]
        case Shape.LINE:
            scan = pattern.scan
            line: list[Leaf] = [
                ("Length", pattern.length_m), ("Pitch", scan.pitch_x_m), ("Overlap", scan.application.overlap_x),
            ]  # fmt: skip
            return [*_common(pattern), *line, _SELECTIVE]


def _common(pattern: Pattern) -> list[Leaf]:
    scan = pattern.scan
    return [
        ("Application", scan.application.name), ("Beam", "Ion"), ("DwellTime", scan.application.dwell_s),
        ("CenterX", pattern.x_m), ("CenterY", pattern.y_m), ("Rotation", pattern.rotation_rad), *_GAS,
        ("Defocus", 0.0), ("RefreshTime", 0.0), ("TotalTime", pattern.time_s), ("PassCount", float(pattern.passes)),
        ("Enable", "True"), ("ExclusionZone", "False"), ("Depth", pattern.milled_m), ("Blur", 0.0),
        ("InteractionDiameter", 0.0), ("RelativeInteractionDiameter", 0.0), ("TotalDiameter", scan.probe_m),
        ("VolumePerDose", scan.volume_per_dose), ("Dose", pattern.dose_per_area / UM**2),
        ("SaturationSputterRate", 0.0), ("TotalVolumeSputterRate", scan.volume_rate),
        ("SaturationCurrentDensity", 1.0), ("MaximumDosePerArea", 0.0), ("VolumeEtchRate", scan.volume_rate),
        ("VolumeGasAssistedRate", 0.0), ("VolumeDoseLimitedRate", 0.0),
        ("TotalLinearSputterRate", scan.volume_rate / scan.beam_area_m2), ("TotalBeamArea", scan.beam_area_m2),
        ("DepthPerPass", pattern.depth_per_pass_m), ("AreaCalculation", "Pattern"),
    ]  # fmt: skip


def _area(pattern: Pattern) -> list[Leaf]:
    scan, application = pattern.scan, pattern.scan.application
    return [
        ("Width", pattern.width_m), ("Length", pattern.length_m), ("ScanDirection", pattern.direction),
        ("ScanType", "Serpentine"), ("PitchX", scan.pitch_x_m), ("PitchY", scan.pitch_y_m),
        ("EqualPitch", str(application.overlap_x == application.overlap_y)),
        ("OverlapX", application.overlap_x), ("OverlapY", application.overlap_y),
    ]  # fmt: skip


def _element(name: str, fields: Iterable[Leaf | Branch], indent: str = "  ") -> Iterator[str]:
    yield f"{indent}<{name}>"
    for tag, value in fields:
        if isinstance(value, list):
            yield from _element(tag, value, f"{indent}  ")
        else:
            yield _leaf(tag, value, f"{indent}  ")
    yield f"{indent}</{name}>"


@lru_cache(maxsize=4096)
def _leaf(tag: str, value: str | float, indent: str) -> str:
    kind, text = ("string", value) if isinstance(value, str) else ("r8", number(value))
    content = text or f"\r\n{indent}"
    return f'{indent}<{tag} xmlns:dt="{NAMESPACE}" dt:dt="{kind}">{content}</{tag}>'


def _index(plan: Plan, steps: list[StepPatterns], origin: Origin) -> Iterator[str]:
    yield f"xT pattern files of: {plan.recipe.title}"
    yield origin.line
    yield f"NOT VERIFIED: {NOT_VERIFIED}."
    for step in steps:
        yield ""
        yield from _entry(step)


def _entry(step: StepPatterns) -> Iterator[str]:
    """How one file is used: the beam that the format does not carry, where it goes, and what it draws."""
    operation = step.operation
    volts, amperes = operation.accelerating_voltage_v, operation.beam_current_a
    assert volts is not None
    assert amperes is not None
    yield f"{step.name}.ptf" if step.patterns else f"{step.name}: no file"
    yield f"  beam: {show(volts, 'V')}, {show(amperes, 'A')}"
    if step.view:
        yield f"  place: {step.view}"
    for pattern in step.patterns:
        yield f"  {_words(pattern)}"
    if step.patterns:
        finest = min(min(pattern.scan.pitch_x_m, pattern.scan.pitch_y_m) for pattern in step.patterns)
        yield f"  field of view: at most {show(finest * DIGITAL_STEPS, 'm', 2)}, or xT makes the pitch wider"
    if step.patterns and operation.beam_on_s is not None:
        total = sum(pattern.time_s for pattern in step.patterns)
        yield f"  time: {show_time(total)} in the file; the plan expects {operation.beam_on_s}"
    for note in step.notes:
        yield f"  note: {note}"


def _words(pattern: Pattern) -> str:
    size = f"{show(pattern.width_m, 'm')} x {show(pattern.length_m, 'm')}"
    size = f"{show(pattern.length_m, 'm')} long" if pattern.shape is Shape.LINE else size
    place = f"at x {show(pattern.x_m, 'm')}, y {show(pattern.y_m, 'm')}"
    kind = pattern.shape.value.removeprefix("Pattern")
    return f"{kind}: {size}, {show(pattern.depth_m, 'm')} deep, {place}, {pattern.passes} passes"
