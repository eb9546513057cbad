"""Damage to numbers and units: each kind is done to every quantity of a recipe, or to every one with some key."""

from collections.abc import Callable

from mutations.kind import (
    HARMLESS,
    REFUSED,
    WARNED,
    Kind,
    harmless,
    legal,
    refused,
    refused_each,
    refused_somewhere,
    told,
)
from mutations.spots import Damage, Spot, everywhere, keyed, on_values

UP = {
    "pA": "nA", "nA": "uA", "uA": "mA", "nm": "um", "um": "mm", "mV": "V", "V": "kV", "kV": "MV", "ohm": "kohm",
    "kohm": "Mohm", "Mohm": "Gohm", "mHz": "Hz", "kHz": "MHz",
}  # fmt: skip
DOWN = {
    "nA": "pA", "uA": "nA", "pA": "fA", "um": "nm", "nm": "pm", "V": "mV", "kV": "V", "mV": "uV", "kohm": "ohm",
    "Mohm": "kohm", "ohm": "mohm", "kHz": "Hz", "mHz": "uHz",
}  # fmt: skip
OTHER_DIMENSION = {"nm": "nA", "um": "uA", "pA": "pm", "nA": "nm", "uA": "um", "kV": "km", "mV": "mm", "deg": "um"}
CYRILLIC = str.maketrans("AVmkeo", "\u0410\u0474\u043c\u043a\u0435\u043e")
FULL_WIDTH = str.maketrans("0123456789", "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19")
SUPERSCRIPT = str.maketrans("0123456789", "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")

SIGNED = r"(x|y|rotation|overtilt|precession|lower|upper|reference_offset): "
"""Quantities that may be zero or negative."""


def quantities(change: Callable[[str, str], str | None], wanted: Callable[[Spot], bool] = everywhere) -> Damage:
    """Writes number and unit of each wanted quantity anew."""

    def written(text: str) -> str | None:
        number, _, unit = text.partition(" ")
        return change(number, unit)

    return on_values(lambda spot: spot.quantity is not None and wanted(spot), written)


def instead(text: str) -> Damage:
    return quantities(lambda _number, _unit: text)


def times(exponent: str, *names: str) -> Damage:
    """The number with an exponent, such as ``e30``."""
    wanted = keyed(*names) if names else everywhere
    return quantities(lambda number, unit: f"{number}{exponent} {unit}" if number != "0" else None, wanted)


def prefixed(table: dict[str, str], *names: str) -> Damage:
    """The next larger or smaller prefix."""
    return quantities(lambda number, unit: f"{number} {table[unit]}" if unit in table else None, keyed(*names))


def with_comma(number: str) -> str:
    return number.replace(".", ",") if "." in number else f"{number},5"


UNREADABLE: dict[str, Damage] = {
    "no unit": quantities(lambda number, unit: number),
    "no unit, quoted": quantities(lambda number, unit: f"'{number}'"),
    "no number": quantities(lambda number, unit: unit),
    "unit before number": quantities(lambda number, unit: f"{unit} {number}"),
    "unit of another dimension": quantities(lambda number, unit: f"{number} {OTHER_DIMENSION.get(unit, 'g')}"),
    "unknown prefix": quantities(lambda number, unit: f"{number} x{unit}"),
    "two prefixes": quantities(lambda number, unit: f"{number} nu{unit}"),
    "two units": quantities(lambda number, unit: f"{number} {unit} {unit}"),
    "unit in the wrong case": quantities(lambda number, unit: f"{number} {unit.swapcase()}"),
    "unit spelled out": quantities(lambda number, unit: f"{number} nanoampere"),
    "unit with look-alike letters": quantities(lambda number, unit: f"{number} {unit.translate(CYRILLIC)}"),
    "trailing garbage": quantities(lambda number, unit: f"{number} {unit} or so"),
    "trailing bracket": quantities(lambda number, unit: f"'{number} {unit}]'"),
    "decimal comma": quantities(lambda number, unit: f"'{with_comma(number)} {unit}'"),
    "thousands comma": quantities(lambda number, unit: f"'{number},000 {unit}'"),
    "thousands space": quantities(lambda number, unit: f"{number} 000 {unit}"),
    "thousands underscore": quantities(lambda number, unit: f"{number}_000 {unit}"),
    "two decimal points": quantities(lambda number, unit: f"{number}.0.0 {unit}"),
    "a range": quantities(lambda number, unit: f"{number}-{number} {unit}"),
    "a spread": quantities(lambda number, unit: f"{number} \u00b1 1 {unit}"),
    "a fraction": quantities(lambda number, unit: f"{number}/2 {unit}"),
    "an approximation": quantities(lambda number, unit: f"'~{number} {unit}'"),
    "a formula": quantities(lambda number, unit: f"'= {number} {unit}'"),
    "full-width digits": quantities(lambda number, unit: f"{number.translate(FULL_WIDTH)} {unit}"),
    "superscript digits": quantities(lambda number, unit: f"{number.translate(SUPERSCRIPT)} {unit}"),
    "a minus that is a dash": quantities(lambda number, unit: f"\u2212{number.lstrip('-')} {unit}"),
    "hexadecimal": quantities(lambda number, unit: f"0x14 {unit}"),
    "NaN": quantities(lambda number, unit: f"nan {unit}"),
    "NaN of YAML": instead(".nan"),
    "infinity": quantities(lambda number, unit: f"inf {unit}"),
    "infinity of YAML": instead(".inf"),
    "more than a float holds": times("e400"),
    "more than a decimal holds": times("e9999999999999999999"),
    "1e-6 without unit": instead("1e-6"),
    "1:30, a number in YAML 1.1": instead("1:30"),
    "no, false in YAML 1.1": instead("no"),
    "a date": instead("2022-05-05"),
    "true": instead("true"),
    "empty text": instead("''"),
    "a list": quantities(lambda number, unit: f"[{number} {unit}]"),
    "a mapping": quantities(lambda number, unit: f"{{value: {number}, unit: {unit}}}"),
    "a placeholder": instead("TODO"),
}

SPELLINGS: dict[str, Damage] = {
    "quoted": quantities(lambda number, unit: f'"{number} {unit}"'),
    "no space": quantities(lambda number, unit: f"{number}{unit}"),
    "two spaces": quantities(lambda number, unit: f"{number}  {unit}"),
    "no-break space": quantities(lambda number, unit: f"{number}\u00a0{unit}"),
    "micro sign": quantities(lambda number, unit: f"{number} {unit.replace('u', chr(0xB5))}"),
    "Greek mu": quantities(lambda number, unit: f"{number} {unit.replace('u', chr(0x3BC))}"),
    "exponent": times("e0"),
    "trailing zeros": quantities(lambda number, unit: f"{number}{'0' if '.' in number else '.00'} {unit}"),
}

LENGTHS = ("length", "cap_width", "width", "depth", "thickness", "position", "overlap", "clearance", "overlap_lamella")
RESISTANCES = ("below", "above", "marginal")
IN_THE_TEM = (
    r"hand_off\.(capacity|imaging|diffraction_map\.(dwell|probe|current)|impedance\.cell"
    r"|cyclic_voltammetry\.(offset_shift|manganese_below))"
)
"""What the sheets of a package are computed from; most of it may be left out."""
NO_LEAST = rf"{SIGNED}|dose_rate_most|amplitude|{IN_THE_TEM}"
"""Quantities that no rule keeps from being next to nothing."""

ABSENT = {"nothing": "", "null": "null"}


def in_steps(spot: Spot) -> bool:
    return spot.path[0] == "steps"


def in_stack(spot: Spot) -> bool:
    return spot.path[:2] == ("sample", "stack")


def halved(key: str, least: float = 0.0) -> Damage:
    """Half of that size of each step, where it is more than ``least`` in its unit."""

    def half(number: str, unit: str) -> str | None:
        return f"{float(number) / 2} {unit}" if float(number) > least else None

    return quantities(half, lambda spot: spot.key == key and in_steps(spot))


KINDS: dict[str, Kind] = {
    **{f"quantity: {name}": refused(damage) for name, damage in UNREADABLE.items()},
    **{f"quantity: {name}": harmless(damage) for name, damage in SPELLINGS.items()},
    "quantity: negative": legal(
        quantities(lambda number, unit: f"-{number} {unit}" if number[0] != "-" else None),
        REFUSED, WARNED, HARMLESS, why="a position, a tilt or a potential may be negative", at=SIGNED,
    ),
    "quantity: zero": legal(
        quantities(lambda number, unit: f"0 {unit}"),
        REFUSED, why="a position, a tilt or a potential may be zero", at=SIGNED,
    ),
    **{
        f"quantity: {name}": legal(
            instead(text),
            REFUSED, why="it may be left out", at=rf"rotation|dose_rate|flow|support\.position|{IN_THE_TEM}",
        )
        for name, text in ABSENT.items()
    },
    "quantity: 1e30 times": legal(
        times("e30"), REFUSED, WARNED, why="no rule knows the fastest scan", at="scan_rate"
    ),
    "quantity: 1e-30 times": legal(
        times("e-30"), REFUSED, WARNED, why="next to nothing may be meant as nothing", at=NO_LEAST
    ),
    "quantity: 1e290 times": refused(times("e290")),
    "quantity: 1e-290 times": legal(
        times("e-290"), REFUSED, WARNED, why="next to nothing may be meant as nothing", at=NO_LEAST
    ),
    "beam current x1000 (pA to nA)": refused_each(prefixed(UP, "beam_current")),
    "beam current /1000 (nA to pA)": told(prefixed(DOWN, "beam_current"), WARNED),
    "voltage x1000": refused_each(prefixed(UP, "accelerating_voltage")),
    "voltage /1000 (kV to V)": refused_each(prefixed(DOWN, "accelerating_voltage")),
    "compliance x1000 (uA to mA)": refused_each(prefixed(UP, "compliance")),
    "compliance /1000 (uA to nA)": told(prefixed(DOWN, "compliance"), WARNED),
    "sweep x1000 (mV to V)": told(prefixed(UP, "voltage"), WARNED),
    "sweep /1000 (mV to uV)": refused_somewhere(prefixed(DOWN, "voltage")),
    "leaves x1000 (nm to um)": refused_somewhere(prefixed(UP, "leaves")),
    "leaves /1000 (um to nm)": refused_somewhere(prefixed(DOWN, "leaves")),
    "final thickness x1000 (nm to um)": refused_somewhere(prefixed(UP, "final_thickness")),
    "final thickness /1000": refused_somewhere(prefixed(DOWN, "final_thickness")),
    "length x1000 (nm to um)": told(prefixed(UP, *LENGTHS), WARNED),
    "length /1000 (um to nm)": legal(
        prefixed(DOWN, *LENGTHS), REFUSED, WARNED, why="a layer may be thin, a weld at the end", at="stack|position"
    ),
    "length of a cut halved": refused_somewhere(halved("length", 10)),
    "depth of a cut halved": refused_somewhere(halved("depth")),
    "thickness of a layer: an atom": told(quantities(lambda _number, _unit: "100 pm", in_stack), WARNED),
    "thickness of a weld: an atom": Kind(
        quantities(lambda _number, _unit: "100 pm", lambda spot: spot.key == "thickness" and in_steps(spot)),
        frozenset({WARNED}),
    ),
    "flow x10": refused_somewhere(times("e1", "flow")),
    "resistance x1000": told(prefixed(UP, *RESISTANCES), WARNED),
    "resistance /1000": told(prefixed(DOWN, *RESISTANCES), WARNED),
    "angle in radians": told(
        quantities(lambda number, unit: f"{number} rad" if unit == "deg" else None), WARNED, HARMLESS
    ),
}  # fmt: skip
