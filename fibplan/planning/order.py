"""The order of the steps, and what is wrong with it."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import networkx as nx

from fibplan.model.finding import Finding, Severity
from fibplan.model.steps import Step


def ordered(steps: Sequence[Step]) -> list[Step]:
    """The steps so that each comes after all it waits for; steps that may go in either order keep the recipe's."""
    position = {step.name: index for index, step in enumerate(steps)}
    names = nx.lexicographical_topological_sort(_graph(steps), key=position.__getitem__)
    return [steps[position[name]] for name in names]


def order_findings(steps: Sequence[Step]) -> list[Finding]:
    """Errors that leave no order: a name used twice, a step that waits for a missing one, a cycle by its names."""
    return [*_repeated(steps), *_missing(steps), *_cycles(steps)]


def _graph(steps: Sequence[Step]) -> Any:
    graph = nx.DiGraph()
    graph.add_nodes_from(step.name for step in steps)
    known = set(graph)
    graph.add_edges_from((before, step.name) for step in steps for before in step.after if before in known)
    return graph


def _repeated(steps: Sequence[Step]) -> list[Finding]:
    counts = Counter(step.name for step in steps)
    return [
        Finding(
            code="step-name-repeated",
            severity=Severity.ERROR,
            path=("steps", index, "name"),
            message=f"two steps are called '{step.name}'",
            remedy="give each step a name of its own",
        )
        for index, step in enumerate(steps)
        if counts[step.name] > 1 and step.name in {earlier.name for earlier in steps[:index]}
    ]


def _missing(steps: Sequence[Step]) -> list[Finding]:
    known = {step.name for step in steps}
    return [
        Finding(
            code="step-missing",
            severity=Severity.ERROR,
            path=("steps", index, "after", place),
            message=f"'{step.name}' waits for '{before}', which is not in the recipe",
            remedy=f"the steps are {', '.join(sorted(known))}",
        )
        for index, step in enumerate(steps)
        for place, before in enumerate(step.after)
        if before not in known
    ]


def _cycles(steps: Sequence[Step]) -> list[Finding]:
    position = {step.name: index for index, step in enumerate(steps)}
    loops = [sorted(part, key=position.__getitem__) for part in nx.strongly_connected_components(_graph(steps))]
    return [
        Finding(
            code="step-cycle",
            severity=Severity.ERROR,
            path=("steps", position[loop[0]], "after"),
            message=f"{' -> '.join([*loop, loop[0]])} wait for one another",
            remedy="take one of these names out of an 'after'",
        )
        for loop in sorted(loops, key=lambda names: position[names[0]])
        if len(loop) > 1 or loop[0] in steps[position[loop[0]]].after
    ]
