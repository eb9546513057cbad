"""From an SI float to a quantity as people write it."""

import math
import re
from collections.abc import Iterator

from fibplan.units.symbols import DISPLAYED, ENGINEERING, SYMBOLS, dimension_and_factor

LONGEST = 60
"""Characters of a quantity, and of any text that a message quotes whole."""


def show(value: float, unit: str, digits: int = 3) -> str:
    """``value`` with an engineering prefix where ``unit`` takes one.

    >>> show(2e-8, "A"), show(1.25e7, "ohm"), show(1e-7, "m"), show(2e-10, "m3/C")
    ('20 nA', '12.5 Mohm', '100 nm', '0.2 um3/nC')
    >>> show(1.5e-5, "ohm m"), show(25.0, "ohm m"), show(1e-13, "ohm m2")
    ('1500 uohm cm', '2.5 kohm cm', '1 nohm cm2')

    The prefix is one that :func:`parse` takes with that unit: 0.5 mHz, and never 500 uHz. A unit of several words keeps
    its usual prefix as long as the number needs no exponent.
    """
    if not math.isfinite(value):
        return "open" if unit == "ohm" else str(value)
    if unit in DISPLAYED:
        return _show_displayed(value, DISPLAYED[unit], digits)
    symbol = SYMBOLS.get(unit)
    if symbol is None or value == 0.0:
        return f"{_rounded(value, digits)} {unit}"
    allowed = [power for power, prefix in ENGINEERING.items() if power == 0 or prefix in symbol.prefixes]
    exponent = min(allowed, key=lambda power: _mismatch(value, power))
    return f"{_rounded(value / 10.0**exponent, digits)} {ENGINEERING[exponent]}{unit}"


def show_time(seconds: float) -> str:
    """A duration in the two largest of hours, minutes and seconds.

    >>> show_time(42.4), show_time(320), show_time(7500)
    ('42 s', '5 min 20 s', '2 h 05 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def shortened(text: str) -> str:
    """``text`` as a message quotes it: whole, or only its beginning where it is too long for a line."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


_FIRST_WORD = re.compile(r"([A-Za-z]+)(?![A-Za-z0-9-])")
"""Without a power: a prefix of a squared or cubed unit would count twice or thrice."""


def _show_displayed(value: float, usual: str, digits: int) -> str:
    text = _rounded(value / float(dimension_and_factor(usual)[1]), digits)
    if "e" not in text:
        return f"{text} {usual}"
    scaled = {unit: value / float(dimension_and_factor(unit)[1]) for unit in (usual, *_with_other_prefixes(usual))}
    best = min(scaled, key=lambda unit: _mismatch(scaled[unit], 0))
    return f"{_rounded(scaled[best], digits)} {best}"


def _with_other_prefixes(spelling: str) -> Iterator[str]:
    """``spelling`` with each prefix that its first unit takes, where that has no power."""
    first = _FIRST_WORD.match(spelling)
    if first is None:
        return
    name = first[1] if first[1] in SYMBOLS else first[1][1:]
    for prefix in ENGINEERING.values():
        if prefix == "" or prefix in SYMBOLS[name].prefixes:
            yield f"{prefix}{name}{spelling[first.end() :]}"


def _rounded(value: float, digits: int) -> str:
    text = f"{value:.{digits}g}"
    if "e" in text and 1e-4 <= abs(value) < 1e5:
        return f"{float(text):.0f}"
    return text


def _mismatch(value: float, exponent: int) -> float:
    """How far the scaled value is from [1, 1000), in decades."""
    size = math.log10(abs(value)) - exponent
    return -size if size < 0 else max(0.0, size - 2.9999)
