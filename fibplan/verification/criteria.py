"""How a path's bounds stand against its criterion; always decided on the bounds, never on the middle."""

from fibplan.model.interval import Interval
from fibplan.model.path import Above, Below
from fibplan.model.verdict import Grade, Measured
from fibplan.units import show

Graded = tuple[Grade, str]


def in_ohm(criterion: Below | Above, predicted: Interval | None) -> Below | Above:
    """The criterion with its limits in ohm, where they go with the predicted resistance.

    Without a prediction those that it states in ohm hold.
    """
    if isinstance(criterion, Below) or criterion.relative is None or predicted is None:
        return criterion
    shares = criterion.relative
    limits = {"above": shares.above * predicted.expected, "marginal": shares.marginal * predicted.expected}
    return criterion.model_copy(update={**limits, "relative": None})


def graded(measured: Measured, criterion: Below | Above) -> Graded:
    """The grade of a resistance and the reason in words; the criterion's limits are taken in ohm."""
    if isinstance(criterion, Below):
        return _conducting(measured, criterion)
    return _insulating(measured, criterion)


def _conducting(measured: Measured, criterion: Below) -> Graded:
    """Two wires read the path and its contacts: all of it is an upper bound of the path, and only the rest a lower."""
    high, least = measured.high_ohm, measured.sample_low_ohm
    if high is not None and high <= criterion.below:
        return Grade.PASS, f"at most {show(high, 'ohm')}, under the limit of {show(criterion.below, 'ohm')}"
    if least > criterion.marginal:
        what = "no current flows: the path is open" if high is None else "the path conducts too badly"
        limit = f"over the {show(criterion.marginal, 'ohm')} that could still be argued for"
        return Grade.FAIL, f"at least {show(least, 'ohm')} without leads and contacts, {limit}; {what}"
    if high is not None and high <= criterion.marginal:
        return Grade.MARGINAL, f"at most {show(high, 'ohm')}, over the limit of {show(criterion.below, 'ohm')}"
    if measured.low_ohm > criterion.marginal:
        return Grade.INCONCLUSIVE, f"at least {show(measured.low_ohm, 'ohm')} between the tips, {_contacts(measured)}"
    return Grade.INCONCLUSIVE, f"{_span(measured)} lies on both sides of {show(criterion.marginal, 'ohm')}"


def _insulating(measured: Measured, criterion: Above) -> Graded:
    high, least = measured.high_ohm, show(measured.low_ohm, "ohm")
    if measured.low_ohm >= criterion.above:
        limit = f"over the limit of {show(criterion.above, 'ohm')}"
        return Grade.PASS, f"no metallic short: at least {least}, {limit}, as measured dry"
    if high is not None and high < criterion.marginal:
        limit = f"under the {show(criterion.marginal, 'ohm')} that could still be argued for"
        return Grade.FAIL, f"at most {show(high, 'ohm')}, {limit}; current leaks past what must insulate"
    if measured.low_ohm >= criterion.marginal:
        return Grade.MARGINAL, f"at least {least}, under the limit of {show(criterion.above, 'ohm')}"
    return Grade.INCONCLUSIVE, f"{_span(measured)} lies on both sides of {show(criterion.marginal, 'ohm')}"


def _contacts(measured: Measured) -> str:
    if measured.contacts_ohm is None:
        return "and nothing tells what leads and contacts are of it"
    return f"of which leads and contacts may be {show(measured.contacts_ohm, 'ohm')}"


def _span(measured: Measured) -> str:
    high = "unknown" if measured.high_ohm is None else show(measured.high_ohm, "ohm")
    return f"{show(measured.low_ohm, 'ohm')} to {high}"
