"""The units that are known: dimension, factor to SI, the prefixes they take, and how they are shown."""

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

UM = 1e6
"""Micrometres in a metre."""

PREFIXES = {
    "f": -15, "p": -12, "n": -9, "u": -6, "m": -3, "c": -2, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18,
}  # fmt: skip

ENGINEERING = {
    -15: "f", -12: "p", -9: "n", -6: "u", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P", 18: "E",
}  # fmt: skip

Dimension = tuple[int, ...]
"""Exponents of metre, second, coulomb, volt, kelvin, radian, kilogram, electron."""

NONE: Dimension = (0,) * 8


def _dimension(**exponents: int) -> Dimension:
    names = ("m", "s", "C", "V", "K", "rad", "kg", "e")
    return tuple(exponents.get(name, 0) for name in names)


@dataclass(frozen=True)
class Symbol:
    """One unit: its dimension, its factor to SI, and the letters of the prefixes that it takes."""

    dimension: Dimension
    factor: Decimal
    prefixes: str


_SI = "fpnumkMGT"

SYMBOLS = {
    "m": Symbol(_dimension(m=1), Decimal(1), "pnumck"),
    "s": Symbol(_dimension(s=1), Decimal(1), "pnum"),
    "min": Symbol(_dimension(s=1), Decimal(60), ""),
    "h": Symbol(_dimension(s=1), Decimal(3600), ""),
    "Hz": Symbol(_dimension(s=-1), Decimal(1), "mkM"),
    "A": Symbol(_dimension(C=1, s=-1), Decimal(1), _SI),
    "C": Symbol(_dimension(C=1), Decimal(1), _SI),
    "V": Symbol(_dimension(V=1), Decimal(1), "numk"),
    "ohm": Symbol(_dimension(V=1, s=1, C=-1), Decimal(1), "pnumkMGTPE"),
    "S": Symbol(_dimension(V=-1, s=-1, C=1), Decimal(1), "pnum"),
    "W": Symbol(_dimension(V=1, s=-1, C=1), Decimal(1), "pnum"),
    "K": Symbol(_dimension(K=1), Decimal(1), "m"),
    "rad": Symbol(_dimension(rad=1), Decimal(1), "m"),
    "deg": Symbol(_dimension(rad=1), Decimal(repr(math.pi)) / 180, ""),
    "g": Symbol(_dimension(kg=1), Decimal("0.001"), "umk"),
    "L": Symbol(_dimension(m=3), Decimal("0.001"), "num"),
    "e": Symbol(_dimension(e=1), Decimal(1), ""),
    "%": Symbol(NONE, Decimal("0.01"), ""),
    "1": Symbol(NONE, Decimal(1), ""),
}

ODD_SIGNS = {
    "\u00b5": "u", "\u03bc": "u", "\u03a9": "ohm", "\u2126": "ohm", "\u00b0": "deg", "\u00b2": "2", "\u00b3": "3",
}  # fmt: skip
"""Signs that people write, and what they stand for."""

PURE = ("1", "%")
"""Units without a dimension: each stands alone, or alone before a division, as in ``2 1/nm`` and ``5 %/h``."""

DISPLAYED = {
    "m2": "um2", "m3": "um3", "m3/C": "um3/nC", "A/m2": "pA/um2", "ohm m": "uohm cm", "ohm m2": "ohm cm2",
    "rad": "deg", "C/m2": "pC/um2", "V/s": "mV/s", "m3/s": "uL/min", "e/m2/s": "e/nm2/s", "1": "%", "kg/m3": "g/cm3",
}  # fmt: skip

EXAMPLES = {
    "m": "100 nm", "s": "5 min", "A": "20 nA", "V": "30 kV", "ohm": "300 ohm", "rad": "52 deg", "Hz": "40 kHz",
    "m2": "1.2 um2", "m3": "10 um3", "m3/C": "0.2 um3/nC", "A/m2": "4 pA/um2", "ohm m": "1500 uohm cm",
    "ohm m2": "1.2e-6 ohm cm2", "C/m2": "250 pC/um2", "V/s": "0.1 mV/s", "m3/s": "5 uL/min",
    "e/m2/s": "10 e/nm2/s", "1": "20 %", "kg/m3": "2.33 g/cm3",
}  # fmt: skip


def example(unit: str) -> str:
    """A quantity of that unit's dimension, as somebody at a FIB would write it."""
    return EXAMPLES.get(unit, f"1 {unit}")


@lru_cache(maxsize=512)
def dimension_and_factor(spelling: str) -> tuple[Dimension, Decimal]:
    """Dimension and factor to SI of a unit; KeyError with the part that is not known."""
    total, factor = list(NONE), Decimal(1)
    for place, part in enumerate(spelling.split("/")):
        sign = -1 if place else 1
        if place == 0 and part.strip() in PURE:
            factor *= SYMBOLS[part.strip()].factor
            continue
        for word in part.split() or [""]:
            dimension, scale, power = _word(word)
            total = [have + sign * power * more for have, more in zip(total, dimension, strict=True)]
            factor *= scale ** (sign * power)
    return tuple(total), factor


_FACTOR = re.compile(r"([A-Za-z]+)(-?[1-9])?")


def _word(word: str) -> tuple[Dimension, Decimal, int]:
    match = _FACTOR.fullmatch(word)
    if match is None:
        raise KeyError(word)
    name, power = match.group(1), int(match.group(2) or 1)
    if name in SYMBOLS:
        symbol, scale = SYMBOLS[name], Decimal(1)
    elif name[1:] in SYMBOLS and name[0] in SYMBOLS[name[1:]].prefixes:
        symbol, scale = SYMBOLS[name[1:]], Decimal(10) ** PREFIXES[name[0]]
    else:
        raise KeyError(word)
    return symbol.dimension, symbol.factor * scale, power
