"""The recipe with another bridge: its text with the new values, cuts and steps, proved by reading it again."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from fibplan.advice.design.changes import Changed, changes, new_cuts
from fibplan.advice.design.making import marks
from fibplan.cli.rewritten import Edit, NewItem, NewKey, NewLines, NewText, as_it_stands, rewritten
from fibplan.cli.yield_report import percent
from fibplan.errors import Misuse
from fibplan.model.finding import RecipePath
from fibplan.model.recipe import Cut, Recipe
from fibplan.model.steps import IsolationCut
from fibplan.units import show, show_time

if TYPE_CHECKING:
    from fibplan.advice.design.propose import BridgeProposal, Point
    from fibplan.library.load import RecipeFile
    from fibplan.model.plan import Plan

DIGITS = 9
BESIDE = {"bridge": "clearance", "steps": "beam_current"}
"""Behind which value of a bridge or a step new keys are written."""


def text_with_bridge(file: "RecipeFile", proposal: "BridgeProposal", after: "Point") -> str:
    """The recipe's text with the new bridge, which was read again and is the promised recipe."""
    from fibplan.library.source_map import read_yaml

    data, _ = read_yaml(file.text, file.path.name)
    edits = list(_edits(data, proposal.before.plan.recipe, after.plan.recipe))
    text = rewritten(file.text, file.path.name, edits, _comment(file, proposal, after))
    _prove(text, file.path.name, after.plan)
    return text


def _edits(data: Any, before: Recipe, after: Recipe) -> Iterator[Edit]:
    changed, cuts = changes(before, after), new_cuts(before, after)
    for value in changed:
        yield _edit(data, value)
    if marks(before):
        yield from _assumed(data, changed)
    if cuts:
        yield from _cut_edits(data, before, after, cuts)


def _edit(data: Any, value: Changed) -> Edit:
    part, field = value.path[:-1], value.field
    if field in _at(data, part):
        return NewText(value.path, as_it_stands(data, value.path), value.after)
    beside = (*part, BESIDE[str(part[0])])
    return NewKey(beside, as_it_stands(data, beside), field, value.after)


def _assumed(data: Any, changed: Sequence[Changed]) -> Iterator[Edit]:
    """The names of what changed among those that are not the source's."""
    parts = dict.fromkeys(value.path[:-1] for value in changed)
    for part in parts:
        names = tuple(value.field for value in changed if value.path[:-1] == part and not value.assumed)
        if names:
            yield _named(data, part, names)


def _named(data: Any, part: RecipePath, names: tuple[str, ...]) -> Edit:
    listed = _at(data, part).get("assumed")
    if listed:
        last = (*part, "assumed", len(listed) - 1)
        return NewItem(last, as_it_stands(data, last), names)
    text = f"[{', '.join(names)}]"
    if listed is not None:
        return NewText((*part, "assumed"), "[]", text)
    beside = (*part, BESIDE[str(part[0])])
    return NewKey(beside, as_it_stands(data, beside), "assumed", text)


def _cut_edits(data: Any, before: Recipe, after: Recipe, cuts: Sequence[IsolationCut]) -> Iterator[Edit]:
    """The cuts before the steps, their steps behind the last deposit, and who waited for that waits for them."""
    last = cuts[0].after[0]
    for position, step in enumerate(before.steps):
        for place, name in enumerate(step.after):
            if name == last:
                yield NewText(("steps", position, "after", place), last, cuts[-1].name)
    position = [step.name for step in before.steps].index(last) + 1
    lines = [line for cut in cuts for line in _step_lines(cut)]
    yield NewLines(("steps", position), tuple(lines), item=True)
    if "cuts" in data:
        yield NewText(("cuts",), "[]", f"[{', '.join(map(_cut_text, after.cuts))}]")
    else:
        yield NewLines(("steps",), ("", "cuts:", *(f"  - {_cut_text(cut)}" for cut in after.cuts)))


def _step_lines(cut: IsolationCut) -> list[str]:
    values = {
        "kind": cut.kind,
        "after": f"[{', '.join(cut.after)}]",
        "accelerating_voltage": show(cut.accelerating_voltage, "V", DIGITS),
        "beam_current": show(cut.beam_current, "A", DIGITS),
        "length": show(cut.length / 1e6, "m", DIGITS),
        "width": show(cut.width / 1e6, "m", DIGITS),
        "depth": show(cut.depth, "m", DIGITS),
        "why": cut.why,
        **({"assumed": f"[{', '.join(cut.assumed)}]"} if cut.assumed else {}),
    }
    return [f"- name: {cut.name}", *(f"  {key}: {value}" for key, value in values.items())]


def _cut_text(cut: Cut) -> str:
    values = {"step": cut.step, "x": show(cut.x / 1e6, "m", DIGITS), "y": show(cut.y / 1e6, "m", DIGITS)}
    if cut.rotation:
        values["rotation"] = "90 deg"
    if cut.assumed:
        values["assumed"] = f"[{', '.join(cut.assumed)}]"
    return f"{{{', '.join(f'{key}: {value}' for key, value in values.items())}}}"


def _at(data: Any, path: Sequence[str | int]) -> Any:
    for part in path:
        data = data[part]
    return data


def _comment(file: "RecipeFile", proposal: "BridgeProposal", after: "Point") -> list[str]:
    """What the new recipe was made for, from what, what it changes, and what is promised of it."""
    from fibplan import __version__

    before, source = proposal.before, file.sources[0]
    changed = changes(before.plan.recipe, after.plan.recipe)
    cuts = new_cuts(before.plan.recipe, after.plan.recipe)
    stated = [f"{value.part}.{value.field}" for value in changed if not value.assumed]
    return [
        f"Optimised for yield by fibplan {__version__} from {source.origin.path.name}, sha256",
        f"{source.sha256}",
        f"Accepted: {span(after)} instead of {span(before)};",
        f"90 % intervals of {proposal.samples} samples, seed {proposal.seed}, over the tolerances and spreads of the",
        f"cards; {after.accepted.status}: no lamella of this recipe was counted.",
        f"Deposition of the bridge, with its cuts: {show_time(after.time_s)} expected instead of "
        f"{show_time(before.time_s)};",
        f"{show_time(proposal.most_s)} were allowed.",
        "Changed; step names and comments are the old ones and may speak of the old values:",
        *(f"  {value}" for value in changed),
        *(f"  new: {cut.name}" for cut in cuts),
        *([f"No longer the source's: {', '.join(stated)}."] if stated and marks(before.plan.recipe) else []),
    ]


def span(point: "Point") -> str:
    """The share that is accepted, with its interval."""
    share = point.accepted
    return f"{percent(share.expected)} ({percent(share.low)} to {percent(share.high)})"


def _prove(text: str, name: str, promised: "Plan") -> None:
    """The text reads back as the promised recipe, with the promised operations."""
    from fibplan.library.faults import validate
    from fibplan.library.source_map import read_yaml
    from fibplan.planning.expand import expand

    recipe: Recipe = validate(Recipe, *read_yaml(text, name))
    same = recipe.model_copy(update={"extends": None}) == promised.recipe.model_copy(update={"extends": None})
    if not same or expand(recipe, promised.cards).operations != promised.operations:
        raise Misuse("the new values do not read back as promised", where=name, remedy="write bridge and steps plainly")
