"""``fibplan optimise``: a faster or a gentler thickness ladder, or a bridge with a better yield, as a new recipe."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fibplan.cli.options import (
    Format,
    FormatOption,
    LibraryOption,
    RecipeArgument,
    SchedulerOption,
    WorkersOption,
    quantity,
)
from fibplan.cli.output import folded, say, say_json, tell
from fibplan.errors import FibplanError, Misuse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fibplan.advice.design.propose import Asked, BridgeProposal
    from fibplan.advice.ladder import Proposal
    from fibplan.library.examine import Examined
    from fibplan.library.load import RecipeFile
    from fibplan.model.plan import Plan

SAMPLES = 512
"""Without ``--samples``: the paper's recipe takes two to three minutes on two processors."""


class Aim(StrEnum):
    """What the recipe is made better for."""

    TIME = "time"
    DAMAGE = "damage"
    YIELD = "yield"


AimOption = Annotated[
    Aim,
    typer.Option(
        "--for",
        help="The ladder: least time, or least damage and then time. The bridge: most lamellae accepted (yield).",
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out", help="The new recipe, which must not be there yet.", show_default="RECIPE-for-GOAL.yaml, here"
    ),
]
WithinOption = Annotated[
    str | None,
    typer.Option(
        "--within",
        help="With --for yield: what bridge and cuts may take, such as '20 min'.",
        show_default="twice what they take",
    ),
]
SamplesOption = Annotated[
    int | None,
    typer.Option("--samples", help="With --for yield: samples of the yield.", show_default=str(SAMPLES)),
]
YieldSeedOption = Annotated[
    int | None, typer.Option("--seed", help="With --for yield: seed of the samples.", show_default="0")
]
FrontOption = Annotated[
    Path | None, typer.Option("--draw", help="With --for yield: write the drawing of the front into this folder.")
]


def optimise(
    recipe: RecipeArgument,
    *,
    aim: AimOption,
    out: OutOption = None,
    library: LibraryOption = None,
    output: FormatOption = Format.TEXT,
    within: WithinOption = None,
    samples: SamplesOption = None,
    seed: YieldSeedOption = None,
    draw: FrontOption = None,
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
) -> None:
    """Propose currents and thicknesses of the thinning steps, or another bridge, and write them as a new recipe.

    Where nothing that keeps the rules is better, it says so and writes nothing.
    """
    from fibplan.advice.design.propose import Asked
    from fibplan.cli.new_file import free
    from fibplan.library.examine import examine
    from fibplan.library.search_path import default_search_path

    options = {
        "--within": within, "--samples": samples, "--seed": seed, "--draw": draw, "--workers": workers,
        "--scheduler": scheduler,
    }  # fmt: skip
    if aim is not Aim.YIELD:
        _require_none(options)
    examined = examine(recipe, default_search_path(library or ()))
    target = free(out or Path(f"{examined.file.path.stem}-for-{aim}.yaml"))
    if aim is Aim.YIELD:
        within_s = None if within is None else quantity("--within", within, "s", "20 min")
        asked = Asked(within_s, SAMPLES if samples is None else samples, seed or 0)
        proposal = _better_bridge(examined.sound_plan(), asked, workers, scheduler)
        _tell_bridge(examined.file, proposal, target, output, draw)
    else:
        _better_ladder(examined, aim, target, output)


def _require_none(options: "Mapping[str, object]") -> None:
    """:class:`Misuse` for an option that means nothing for a ladder."""
    for name, value in options.items():
        if value is not None:
            raise Misuse("a ladder has no use for this", where=name, remedy="give it with --for yield, or leave it out")


def _better_ladder(examined: "Examined", aim: Aim, target: Path, output: Format) -> None:
    from fibplan.advice.ladder import propose
    from fibplan.advice.rungs import Goal
    from fibplan.cli.new_file import write_new
    from fibplan.cli.proposal_report import proposal_json, proposal_lines, trade_off_table
    from fibplan.cli.tables import print_table

    proposal = propose(examined.sound_plan(), Goal(aim.value))
    if proposal.after is not None:
        write_new(target, new_recipe(examined.file, proposal, proposal.after))
    if output is Format.JSON:
        say_json(proposal_json(examined.file, proposal, target))
        return
    for line in proposal_lines(proposal):
        say(folded(line))
    say("\nTime against damage, entry to the last step and cap:\n")
    print_table(trade_off_table(proposal))
    tell(f"wrote {target}" if proposal.after is not None else "nothing is written")


def _better_bridge(plan: "Plan", asked: "Asked", workers: int | None, scheduler: str | None) -> "BridgeProposal":
    from fibplan.advice.design.propose import propose_bridge, require_sense
    from fibplan.cli.executor import executor
    from fibplan.planning.tolerance.sampling import rounded_up

    require_sense(plan, asked)
    count = rounded_up(asked.samples)
    if count != asked.samples:
        tell(f"{asked.samples} samples are rounded up to {count}, a power of two")
    with executor(workers, scheduler) as found:
        return propose_bridge(plan, asked, found, tell)


def _tell_bridge(
    file: "RecipeFile", proposal: "BridgeProposal", target: Path, output: Format, draw: Path | None
) -> None:
    """The new recipe where there is one, the front, and its drawing, also where the recipe cannot be written."""
    from fibplan.cli.design_report import bridge_json, bridge_lines, front_table
    from fibplan.cli.tables import print_table

    failure = _written(file, proposal, target)
    written = target if proposal.after is not None and failure is None else None
    if output is Format.JSON:
        say_json(bridge_json(file, proposal, written))
    else:
        for line in bridge_lines(proposal):
            say(folded(line))
        say("\nYield against the time for bridge and cuts:\n")
        print_table(front_table(proposal))
        tell(f"wrote {written}" if written is not None else "nothing is written")
    if draw is not None:
        for path in _draw_front(proposal, draw):
            tell(f"wrote {path}")
    if failure is not None:
        raise failure


def _written(file: "RecipeFile", proposal: "BridgeProposal", target: Path) -> FibplanError | None:
    """Writes the new recipe, if there is one; returns why it could not, so that the samples are not lost."""
    from fibplan.cli.design_text import text_with_bridge
    from fibplan.cli.new_file import write_new

    if proposal.after is None:
        return None
    try:
        write_new(target, text_with_bridge(file, proposal, proposal.after))
    except FibplanError as failure:
        return failure
    return None


def _draw_front(proposal: "BridgeProposal", folder: Path) -> list[Path]:
    from fibplan.cli.plan import write_pictures
    from fibplan.figures.canvas import pictures
    from fibplan.figures.front import front_figure

    return write_pictures(pictures({"front": front_figure(proposal)}), folder)


def new_recipe(file: "RecipeFile", proposal: "Proposal", after: "Plan") -> str:
    """The recipe's text with the new values, which was read again and gives the promised plan."""
    from fibplan.cli.rewritten import NewText, as_it_stands, rewritten
    from fibplan.library.source_map import read_yaml

    data, _ = read_yaml(file.text, file.path.name)
    paths = [(("steps", value.position, value.field), value.after) for value in proposal.new_values]
    changes = [NewText(path, as_it_stands(data, path), text) for path, text in paths]
    text = rewritten(file.text, file.path.name, changes, _comment(file, proposal, after))
    _prove(text, file.path.name, after)
    return text


def _comment(file: "RecipeFile", proposal: "Proposal", after: "Plan") -> list[str]:
    """What the new recipe was made for, from what, and what in it is no longer the source's."""
    from fibplan import __version__
    from fibplan.units import show_time

    before, source = proposal.before, file.sources[0]
    times = f"{show_time(after.duration.expected)} expected instead of {show_time(before.duration.expected)}"
    values = proposal.new_values
    changed = [f"  {value.step}: {value.field} {value.after}, was {value.before}" for value in values]
    stated = [f"{value.step}.{value.field}" for value in values if not value.assumed]
    marked = any(step.assumed for step in before.recipe.steps)
    return [
        f"Optimised for {proposal.goal} by fibplan {__version__} from {source.origin.path.name}, sha256",
        f"{source.sha256}",
        f"Whole session: {times}.",
        "Changed; step names and comments are the old ones and may speak of the old values:",
        *changed,
        *([f"No longer the source's, though not marked as assumed: {', '.join(stated)}."] if marked and stated else []),
    ]


def _prove(text: str, name: str, promised: "Plan") -> None:
    """The text reads back as a recipe whose plan has the promised operations."""
    from fibplan.library.faults import validate
    from fibplan.library.source_map import read_yaml
    from fibplan.model.recipe import Recipe
    from fibplan.planning.expand import expand

    recipe: Recipe = validate(Recipe, *read_yaml(text, name))
    if expand(recipe, promised.cards).operations != promised.operations:
        raise Misuse("the new values do not read back as promised", where=name, remedy="write the steps plainly")
