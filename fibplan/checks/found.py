"""Short ways to say what a rule found."""

from collections.abc import Callable, Iterable

from fibplan.model.finding import Finding, RecipePath, Severity
from fibplan.model.plan import Operation, Plan

Rule = Callable[[Plan], Iterable[Finding]]


def error(code: str, path: RecipePath, message: str, remedy: str) -> Finding:
    """Something that stops the work."""
    return Finding(code=code, severity=Severity.ERROR, path=path, message=message, remedy=remedy)


def warning(code: str, path: RecipePath, message: str, remedy: str) -> Finding:
    """Something that wants a decision."""
    return Finding(code=code, severity=Severity.WARNING, path=path, message=message, remedy=remedy)


def at(operation: Operation, *keys: str | int) -> RecipePath:
    """The place of an operation's step, or of one of its fields."""
    return ("steps", operation.position, *keys)
