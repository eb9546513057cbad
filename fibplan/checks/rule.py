"""What a rule is: a code, a severity, a source, and a function that looks at a plan."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from fibplan.model.finding import Finding, RecipePath, Severity
from fibplan.model.plan import Operation, Plan

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
PRACTICE = "operator practice, unverified"
DEFINITION = "definition"
"""The source of a rule that follows from what the words mean."""


class Found(NamedTuple):
    """One place where a plan breaks a rule."""

    path: RecipePath
    message: str
    remedy: str


@dataclass(frozen=True)
class Rule:
    """Looks at a plan; ``summary`` says in one sentence what must hold."""

    code: str
    severity: Severity
    source: str
    look: Callable[[Plan], Iterable[Found]]

    @property
    def summary(self) -> str:
        return (self.look.__doc__ or "").strip().split("\n")[0]

    def findings(self, plan: Plan) -> Iterator[Finding]:
        """Everything that it finds in the plan."""
        for found in self.look(plan):
            yield Finding(code=self.code, severity=self.severity, **found._asdict())


def rule(
    code: str, severity: Severity, source: str = DEFINITION
) -> Callable[[Callable[[Plan], Iterable[Found]]], Rule]:
    """Makes a rule of the function below it; its docstring is the rule's summary."""

    def made(look: Callable[[Plan], Iterable[Found]]) -> Rule:
        return Rule(code, severity, source, look)

    return made


def at(operation: Operation, *keys: str | int) -> RecipePath:
    """The place of an operation's step, or of one of its fields."""
    return ("steps", operation.position, *keys)
