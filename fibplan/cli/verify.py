"""``fibplan verify``: a verdict from a curve set on disk."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fibplan.cli.options import Format, FormatOption, LibraryOption, SeedOption
from fibplan.cli.output import say, say_json, tell
from fibplan.errors import ExitCode, Misuse

if TYPE_CHECKING:
    from fibplan.library.search_path import SearchPath
    from fibplan.model.cards import SmuCard
    from fibplan.model.curve import CurveSet
    from fibplan.model.verdict import Measured, PathVerdict, Verdict

DEFAULT_RECIPE = "lmno-poseidon-select"
DRY = "measured dry: no metallic short now; with the electrolyte in the cell, ions and what dissolves are not measured"


def verify(
    curves: Annotated[Path, typer.Argument(help="A curve set that fibplan measure wrote.")],
    recipe: Annotated[str | None, typer.Option("--recipe", help="The recipe whose criteria decide.")] = None,
    library: LibraryOption = None,
    output: FormatOption = Format.TEXT,
    seed: SeedOption = 0,
) -> None:
    """Judge the curves against a recipe's criteria: 0 accepted, 1 anything else.

    Without a recipe those of the paper's lamella decide, and the result says so.
    """
    from fibplan.cli.curve_file import read_curves
    from fibplan.cli.diagnosis_report import advice_json, advice_lines, advised_on
    from fibplan.library.examine import examine
    from fibplan.library.search_path import default_search_path
    from fibplan.planning.predict import predict
    from fibplan.verification.verdict import judge

    measured = read_curves(curves)
    name = recipe or DEFAULT_RECIPE
    search = default_search_path(library or ())
    plan = examine(name, search).sound_plan()
    if plan.cards.smu is None:
        raise Misuse("the recipe verifies nothing", where=name, remedy="choose one with a verification section")
    card = card_for(measured, plan.cards.smu, search)
    expected = predict(plan, seed=seed)
    predicted = expected.resistances if expected is not None else {}
    verdict = judge(plan, measured, card, predicted)
    advised = advised_on(plan, measured, card, seed)
    if output is Format.JSON:
        told = {**verdict_json(verdict), **advice_json(advised)}
        say_json({"recipe": name, "recipe_is_default": recipe is None, **told})
    else:
        for line in (*verdict_lines(verdict), *advice_lines(advised)):
            say(line)
        say(f"judged by the criteria of {name}" + (", the default: no --recipe was given" if recipe is None else ""))
    raise typer.Exit(ExitCode.FINE if verdict.accepted else ExitCode.NOT_ACCEPTED)


def card_for(curves: "CurveSet", card: "SmuCard", search: "SearchPath") -> "SmuCard":
    """The card of the model that the last curve was measured with: the recipe's own, or one from the library.

    Where the library has none, the recipe's is given, and the verdict names the one that is needed.
    """
    from fibplan.cli.simulate import smu_card
    from fibplan.errors import NotFound
    from fibplan.model.curve import model_number

    if not curves.curves:
        return card
    model = model_number(curves.curves[-1].instrument.model)
    if model == model_number(card.model):
        return card
    try:
        other = smu_card(f"keithley-{model}".lower(), search)
    except NotFound:
        return card
    tell(f"the curves were measured with a {model}: judged by the card '{other.name}' and not by '{card.name}'")
    return other


def verdict_lines(verdict: "Verdict") -> list[str]:
    """The verdict in words, a path at a time, with what to do."""
    mark = "SIMULATED " if verdict.simulated else ""
    lines = [f"{mark}verdict: {verdict.outcome}"]
    if (who := verdict.acceptance) is not None:
        lines.append(f"  marginal, and accepted by {who.person}: {who.reason}")
    for path in verdict.paths:
        lines.append(f"  {path.path}: {path.grade}{_measured(path)}")
        lines += [f"    {reason}" for reason in path.reasons]
        lines += [f"    to do: {remedy}" for remedy in path.remedies]
    return [*lines, *([f"  {DRY}"] if verdict.accepted else [])]


def verdict_json(verdict: "Verdict") -> dict[str, Any]:
    """The verdict as other programs read it."""
    return {
        "verdict": verdict.outcome.value,
        "simulated": verdict.simulated,
        "accepted_by": None if verdict.acceptance is None else verdict.acceptance.model_dump(),
        "caveat": DRY if verdict.accepted else None,
        "paths": {path.path: _path_json(path) for path in verdict.paths},
    }


def _path_json(path: "PathVerdict") -> dict[str, Any]:
    told = {"grade": path.grade.value, "reasons": list(path.reasons), "to_do": list(path.remedies)}
    return {**_resistance_json(path.resistance), **told}


def _resistance_json(found: "Measured | None") -> dict[str, Any]:
    """The bounds, what spreads them, which points are left out and why, and what leads and contacts may be of it."""
    if found is None:
        return {"resistance_ohm": None}
    return {
        "resistance_ohm": {"low": found.low_ohm, "expected": found.expected_ohm, "high": found.high_ohm},
        "contacts_ohm": found.contacts_ohm,
        "budget": [row.model_dump() for row in found.budget],
        "excluded": [entry.model_dump() for entry in found.excluded],
        "remarks": list(found.remarks),
    }


def _measured(path: "PathVerdict") -> str:
    from fibplan.units import show
    from fibplan.verification.propagation import COVERAGE

    found = path.resistance
    if found is None:
        return ""
    if found.expected_ohm is None:
        high = "" if found.high_ohm is None else f", under {show(found.high_ohm, 'ohm', 4)}"
        return f", over {show(found.low_ohm, 'ohm', 4)}{high}"
    high = "no upper bound" if found.high_ohm is None else show(found.high_ohm, "ohm", 4)
    return f", {show(found.expected_ohm, 'ohm', 4)} ({show(found.low_ohm, 'ohm', 4)} to {high}, {100 * COVERAGE:g} %)"
