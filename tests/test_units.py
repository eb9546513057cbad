"""Quantities: what is read is right, what is doubtful is refused, and the message says what to write."""

import math
import re

import pint
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fibplan.units import QuantityError, parse, pattern, show, show_time
from fibplan.units.symbols import EXAMPLES

REFUSED = {
    "decimal comma": ("1,5 um", "m", "write 1.5 um"),
    "decimal comma with sign": ("-1,5 um", "m", "write -1.5 um"),
    "lower-case ampere": ("20 na", "A", "write 20 nA"),
    "upper-case volt prefix": ("30 KV", "V", "write 30 kV"),
    "unknown prefix": ("20 xA", "A", "write 20 A"),
    "doubled unit": ("20 nAA", "A", "write 20 nA"),
    "no unit": ("20", "A", "write the unit, such as 20 nA"),
    "no number": ("nA", "A", "write for example 20 nA"),
    "other dimension": ("20 nm", "A", "write a unit like nA, such as 20 nA"),
    "infinite": ("inf nA", "A", "write for example 20 nA"),
    "too large": ("1e999 A", "A", "write a smaller value, such as 20 nA"),
    "an exponent beyond any decimal": ("1e999999999 um", "m", "write a smaller value, such as 100 nm"),
    "an exponent of 20 digits": ("1e99999999999999999999 um", "m", "write a smaller value, such as 100 nm"),
    "too small": ("1e-400 m", "m", "write a larger value, such as 100 nm"),
    "an exponent of minus 20 digits": ("-1e-99999999999999999999 um", "m", "write a larger value, such as 100 nm"),
    "a text without end": ("x" * 100_000, "m", "write for example 100 nm"),
    "a unit of a million factors": ("5 " + "km9 " * 40_000, "m", "write for example 100 nm"),
    "Arabic digits": ("\u0662\u0660 nA", "A", "write for example 20 nA"),
    "an Arabic exponent": ("5 nm\u0662", "m", "write 5 nm"),
    "the factor 1": ("3 1 1 nm", "m", "write 3 nm"),
    "a power of 1": ("20 12 nA", "A", "write 20 nA"),
    "a division by 1": ("5 nm/1", "m", "write 5 nm"),
    "a percentage of a length": ("3 % nm", "m", "write 3 nm"),
    "the power 0": ("5 m0", "m", "write 5 m"),
    "blanks around a slip": (" 20 na ", "A", "write 20 nA"),
    "two numbers": ("20 30 nA", "A", "write"),
    "centi of anything but metres": ("2 cA", "A", "write"),
    "a product where a unit is wanted": ("20 nA s", "A", "write a unit like nA, such as 20 nA"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_doubtful_quantity_is_refused_with_what_to_write(name: str) -> None:
    """Nothing is guessed: the refusal carries the spelling that would be taken."""
    text, unit, remedy = REFUSED[name]
    with pytest.raises(QuantityError) as caught:
        parse(text, unit)
    assert caught.value.remedy.startswith(remedy)


def test_a_caller_s_own_example_stands_in_the_refusal() -> None:
    """Where the unit's usual size would mislead, the remedy shows the caller's: an SMU sweeps millivolts."""
    for written in ("5", 5, "5 kg", "much"):
        with pytest.raises(QuantityError) as caught:
            parse(written, "V", "5 mV")
        assert caught.value.remedy.endswith("5 mV")


LEGAL = {
    "a quotient of the right dimension": ("2 V/ohm", "A", 2.0),
    "a reciprocal": ("2 1/s", "Hz", 2.0),
    "a plain ratio": ("3 1", "1", 3.0),
    "a percentage": ("20 %", "1", 0.2),
    "zero": ("0e5 deg", "rad", 0.0),
}


@pytest.mark.parametrize("name", LEGAL)
def test_an_odd_but_plain_spelling_is_read(name: str) -> None:
    """Whatever has one number, one unit and the right dimension has one meaning, and is read as that."""
    text, unit, value = LEGAL[name]
    assert parse(text, unit) == value


SHOWN = {
    "0.5 mHz": (5e-4, "Hz"),
    "40 kHz": (4e4, "Hz"),
    "1000 kV": (1e6, "V"),
    "2 mm": (2e-3, "m"),
    "0 m": (0.0, "m"),
    "500 us": (5e-4, "s"),
    "0.2 pS": (2e-13, "S"),
    "1500 uohm cm": (1.5e-5, "ohm m"),
    "50000 uohm cm": (5e-4, "ohm m"),
    "100 mohm cm": (1e-3, "ohm m"),
    "2.5 kohm cm": (25.0, "ohm m"),
    "10 Mohm cm": (1e5, "ohm m"),
    "5 pohm cm": (5e-14, "ohm m"),
    "1 nohm cm2": (1e-13, "ohm m2"),
    "1.2 uohm cm2": (1.2e-10, "ohm m2"),
    "520 Pohm": (5.2e17, "ohm"),
    "1.59 Pohm": (1.59e15, "ohm"),
    "20 Eohm": (2e19, "ohm"),
    "250 nA/um2": (2.5e5, "A/m2"),
    "1e+06 um3": (1e-12, "m3"),
}


@pytest.mark.parametrize("text", SHOWN)
def test_a_quantity_is_shown_with_the_best_prefix_its_unit_takes(text: str) -> None:
    """A value between two prefixes, or beyond the last that its unit may have, gets the nearest that it may."""
    value, unit = SHOWN[text]
    assert show(value, unit) == text
    assert math.isclose(parse(text, unit), value)


@pytest.mark.parametrize("value", [20, 20.0, True, None, ["20 nA"], {"value": 20}])
def test_only_text_is_a_quantity(value: object) -> None:
    """A bare number, a truth value, nothing, a list or a mapping is never taken for a quantity."""
    with pytest.raises(QuantityError):
        parse(value, "A")


@pytest.mark.parametrize(
    "spelling", ["1.5 um", "1.5um", "1.5 \u00b5m", "1.5 \u03bcm", "1.5e0 um", "1500 nm", "+1.5 um"]
)
def test_every_ordinary_spelling_of_a_length_is_the_same(spelling: str) -> None:
    """Both micro signs, the letter u, a missing space and an exponent mean the same length."""
    assert parse(spelling, "m") == 1.5e-6


NUMBERS = st.one_of(
    st.floats(min_value=1e-9, max_value=1e9).map(repr),
    st.integers(min_value=0, max_value=99999).map(str),
    st.sampled_from(
        ["5.", ".5", "+2", "-3.5", "2e3", "-1E-3", "00.10", "1.5.2", "1,5", "", "e5", "1e", "--2", "0", "0e3"]
    ),
)
PREFIXES = ["", "f", "p", "n", "u", "\u00b5", "\u03bc", "m", "c", "k", "M", "G", "T", "P", "E", "x"]
NAMES = ["m", "s", "min", "h", "Hz", "A", "C", "V", "ohm", "\u03a9", "\u2126", "Ohm", "S", "W", "K", "rad", "deg",
         "\u00b0", "g", "L", "e", "%", "1", ""]  # fmt: skip
POWERS = ["", "", "", "1", "2", "-1", "\u00b2", "\u00b3", "0", "12"]
WORDS = st.builds(
    lambda *parts: "".join(parts), st.sampled_from(PREFIXES), st.sampled_from(NAMES), st.sampled_from(POWERS)
)
BETWEEN = st.sampled_from([" ", "/", " / ", "  ", "//", "*"])
SPELLINGS = st.builds(
    lambda first, rest: first + "".join(between + word for between, word in rest),
    WORDS,
    st.lists(st.tuples(BETWEEN, WORDS), max_size=3),
)
TEXTS = st.builds(lambda *parts: "".join(parts), NUMBERS, st.sampled_from(["", " ", "  "]), SPELLINGS)
UNITS = ["A", "m", "V", "ohm", "rad", "s", "Hz", "1", "m2", "m3", "m3/C", "ohm m", "e/m2/s", "V/s", "m3/s", "W/m/K"]


@given(unit=st.sampled_from(UNITS), text=TEXTS)
@example(unit="1", text="21")
@example(unit="e/m2/s", text="1e5/nm2/s")
@example(unit="m3", text="2 nL")
@example(unit="A", text="20 V/\u03a9")
@example(unit="Hz", text="2 1/s")
@example(unit="rad", text="52\u00b0")
@example(unit="m2", text="1.2 \u00b5m\u00b2")
def test_editors_and_the_loader_take_the_same(unit: str, text: str) -> None:
    """What is read matches the pattern; what matches is read, or refused for its size or for a product's dimension."""
    matches = re.search(pattern(unit), text) is not None
    value, problem = read(text, unit)
    if value is not None:
        assert matches
        assert (re.search(pattern(unit, signed=False), text) is not None) == (value > 0)
    if matches and value is None:
        assert "is not a" in problem or "to be meant" in problem


@given(
    number=NUMBERS.filter(lambda number: number != "1e"),
    unit=st.sampled_from(UNITS),
    prefix=st.sampled_from(PREFIXES),
    name=st.sampled_from([name for name in NAMES if name != "1"]),  # after a prefix it would be a power
)
def test_a_single_unit_is_underlined_exactly_where_it_is_refused(
    number: str, unit: str, prefix: str, name: str
) -> None:
    """For one unit without a power, pattern and parser agree on everything, its dimension too."""
    text = f"{number} {prefix}{name}"
    value, problem = read(text, unit)
    assert (re.search(pattern(unit), text) is not None) == (value is not None), problem


def read(text: str, unit: str) -> tuple[float | None, str]:
    """The value, or None and what is wrong."""
    try:
        return parse(text, unit), ""
    except QuantityError as refused:
        return None, refused.problem


# our spelling: (our SI unit, pint's spelling, pint's SI unit)
BOTH_KNOW = {
    "nA": ("A", "nA", "A"),
    "kV": ("V", "kV", "V"),
    "nm": ("m", "nm", "m"),
    "min": ("s", "min", "s"),
    "Mohm": ("ohm", "Mohm", "ohm"),
    "kHz": ("Hz", "kHz", "Hz"),
    "uohm cm": ("ohm m", "uohm * cm", "ohm * m"),
    "ohm cm2": ("ohm m2", "ohm * cm**2", "ohm * m**2"),
    "um3/nC": ("m3/C", "um**3 / nC", "m**3 / C"),
    "pA/um2": ("A/m2", "pA / um**2", "A / m**2"),
    "mV/s": ("V/s", "mV / s", "V / s"),
    "uL/min": ("m3/s", "uL / min", "m**3 / s"),
    "g/cm3": ("kg/m3", "g / cm**3", "kg / m**3"),
}


@given(number=st.floats(min_value=1e-6, max_value=1e6), unit=st.sampled_from(sorted(BOTH_KNOW)))
def test_values_agree_with_an_independent_library(number: float, unit: str) -> None:
    """For units that both know, our SI value is pint's to fourteen digits."""
    ours, spelling, theirs = BOTH_KNOW[unit]
    expected = pint.get_application_registry().Quantity(number, spelling).to(theirs).magnitude
    assert math.isclose(parse(f"{number!r} {unit}", ours), expected, rel_tol=1e-14)


@given(
    decades=st.floats(min_value=-25, max_value=25),
    negative=st.booleans(),
    digits=st.integers(min_value=3, max_value=6),
    unit=st.sampled_from(sorted(EXAMPLES)),
)
def test_what_is_shown_reads_back(decades: float, negative: bool, digits: int, unit: str) -> None:
    """A shown quantity of any size parses to the same value within its digits, and editors take it, too."""
    value = math.copysign(10.0**decades, -1.0 if negative else 1.0)
    text = show(value, unit, digits)
    assert math.isclose(parse(text, unit), value, rel_tol=6 * 10.0**-digits)
    assert re.search(pattern(unit), text)


@given(
    decades=st.floats(min_value=-12, max_value=20),
    unit=st.sampled_from(["ohm", "ohm m"]),
)
def test_no_resistance_or_resistivity_needs_an_exponent(decades: float, unit: str) -> None:
    """From the best conductor to an open circuit some prefix makes the number one that people read."""
    assert re.fullmatch(r"[0-9.]+ [a-zA-Z ]+", show(10.0**decades, unit))


@given(seconds=st.floats(min_value=0, max_value=1e6))
def test_a_shown_duration_is_the_duration(seconds: float) -> None:
    """Hours, minutes and seconds add up to the duration, to the last part that is shown."""
    factors = {"h": 3600, "min": 60, "s": 1}
    words = show_time(seconds).split()
    total = sum(int(number) * factors[name] for number, name in zip(words[::2], words[1::2], strict=True))
    assert abs(total - seconds) <= (60 if seconds >= 3600 else 1)
