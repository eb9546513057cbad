"""What came over the wire, turned into values; whatever is not exactly as expected is refused, never guessed."""

import math
import re
from collections.abc import Sequence

from fibplan.errors import InstrumentError

OVERFLOW = 9e36
"""Beyond this, of either sign, a number stands for overflow or no reading: 9.9e37 and 9.91e37 both occur."""

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_FIELD = re.compile(r'(?:[^;"]+|"[^"]*")+')
_EVENT = re.compile(r'\s*([+-]?\d+)\s*,\s*"([^";]*)[^"]*"\s*')


def fields(reply: str, count: int, where: str) -> list[str]:
    """The answers to ``count`` queries of one message; raises when there are more or fewer."""
    found = [field.strip() for field in _FIELD.findall(reply)]
    if len(found) != count:
        raise unexpected(f"{count} answers were expected and {len(found)} came", reply, where)
    return found


def number(text: str, where: str) -> float:
    """The finite number that ``text`` is; raises otherwise."""
    if _NUMBER.fullmatch(text.strip()) is None or not math.isfinite(float(text)):
        raise unexpected("a number was expected", text, where)
    return float(text)


def whole(text: str, where: str) -> int:
    """The whole number that ``text`` is, however it is written; raises otherwise."""
    value = number(text, where)
    if value != round(value):
        raise unexpected("a whole number was expected", text, where)
    return round(value)


def rows(reply: str, shape: tuple[int, int], where: str) -> list[Sequence[float]]:
    """The numbers of a buffer, row by row; raises unless there are exactly as many as ``shape`` says."""
    points, columns = shape
    texts = reply.split(",")
    if len(texts) != points * columns:
        raise unexpected(f"{points * columns} values were expected and {len(texts)} came", reply, where)
    values = [number(text, where) for text in texts]
    return [values[start : start + columns] for start in range(0, len(values), columns)]


def event(text: str, where: str) -> str:
    """The instrument's own words for the oldest event in its log, empty where there is none."""
    match = _EVENT.fullmatch(text)
    if match is None:
        raise unexpected("an entry of the event log was expected", text, where)
    code, words = match.groups()
    return "" if int(code) == 0 else f"{code} {words}"


def unexpected(what: str, reply: str, where: str) -> InstrumentError:
    """The failure of an answer that cannot be trusted, quoting how it begins."""
    return InstrumentError(
        f"{what}: '{reply[:80]}'",
        where=where,
        remedy="restart the instrument and check that nothing else talks to it",
    )
