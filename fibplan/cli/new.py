"""``fibplan new``: a commented recipe to begin with, for a stack and a chip, or from somebody's milling patterns."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fibplan.cli.options import Format, FormatOption, LibraryOption
from fibplan.cli.output import finding_json, finding_line, folded, say, say_json, tell
from fibplan.errors import ExitCode, Misuse, NotAccepted, one_line

if TYPE_CHECKING:
    from fibplan.library.examine import Examined
    from fibplan.library.load import RecipeFile
    from fibplan.library.search_path import SearchPath

Layers = Annotated[
    list[str] | None,
    typer.Option("--layer", help="NAME:ROLE:MATERIAL:THICKNESS, from the substrate up; given for each layer."),
]
FROM_HELP = (
    "Begin from this recipe, by file or name, or from milling patterns: an xT pattern file (.ptf) or an AutoLamella "
    "protocol. Given again, pattern files follow one another, and a recipe says the rest."
)


def new(
    file: Annotated[Path, typer.Argument(help="The recipe to write; it must not be there yet.")],
    *,
    chip: Annotated[str | None, typer.Option("--chip", help="An e-chip by its card's name, or none.")] = None,
    begin: Annotated[list[str] | None, typer.Option("--from", help=FROM_HELP)] = None,
    layer: Layers = None,
    title: Annotated[str | None, typer.Option("--title", help="The title of the recipe.")] = None,
    library: LibraryOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Write a new recipe for a stack and a chip, without errors, and never over an old one.

    One begun from patterns is written with what errors it has: they are told, and the exit code is 1.
    """
    from fibplan.cli.new_file import free
    from fibplan.formats.recipes.reading import is_pattern_file
    from fibplan.library.load import recipe_in
    from fibplan.library.search_path import default_search_path
    from fibplan.library.starting_recipe import read_layer, starting_recipe

    search = default_search_path(library or ())
    path = free(file)
    patterns = [name for name in begin or () if is_pattern_file(Path(name))]
    recipes = [name for name in begin or () if name not in patterns]
    if len(recipes) > 1:
        raise Misuse(f"'{recipes[1]}' is a second recipe", where="--from", remedy="begin from one recipe")
    template = _template(chip, recipes[0] if recipes else None, search, patterned=bool(patterns))
    layers = tuple(read_layer(text) for text in layer or ())
    text = starting_recipe(template, layers, title, search)
    start = Start(path, text, template, title, search)
    if patterns:
        raise typer.Exit(_from_patterns(start, [Path(name) for name in patterns], output))
    examined = start.examined(recipe_in(text, path))
    if not examined.sound:
        raise DoesNotFit(examined)
    start.write(text)
    if output is Format.JSON:
        say_json({"file": str(path), "begun_from": str(template.path), "title": examined.file.recipe.title})
    else:
        say(f"{path}: written, begun from {template.path.stem}; look with fibplan check {path}")


@dataclass(frozen=True)
class Start:
    """The recipe that is to be written, and what it begins from."""

    path: Path
    text: str
    template: "RecipeFile"
    title: str | None
    search: "SearchPath"

    def examined(self, file: "RecipeFile") -> "Examined":
        from fibplan.library.examine import examine_file

        return examine_file(file, self.search)

    def write(self, text: str) -> None:
        from fibplan.cli.new_file import write_new

        write_new(self.path, text)


def _from_patterns(start: Start, files: list[Path], output: Format) -> ExitCode:
    """Writes the recipe with the patterns' steps in it, and tells what was not carried over and what is wrong."""
    from fibplan.formats.recipes.begun import begun_from
    from fibplan.formats.recipes.reading import read_patterns
    from fibplan.library.load import recipe_in
    from fibplan.library.source_map import read_yaml
    from fibplan.library.starting_text import commented

    found = [read_patterns(file) for file in files]
    data, _ = read_yaml(start.text, str(start.path))
    begun = begun_from(data, found, _voltage(data, start.search))
    names = ", ".join(file.name for file in files)
    hashes = [f"{file.name}: sha256 {read.sha256}" for file, read in zip(files, found, strict=True)]
    stem = start.template.path.stem
    begun.data["source"] = {"citation": f"none yet; milling from the patterns {names}, the rest begun from {stem}"}
    text = commented(begun.data, stem, [*hashes, *begun.left])
    examined = start.examined(recipe_in(text, start.path))
    start.write(text)
    _report(start, examined, [str(file) for file in files], begun.left, output)
    return ExitCode.FINE if examined.sound else ExitCode.NOT_ACCEPTED


def _voltage(data: dict[str, Any], search: "SearchPath") -> str:
    """The highest of the ion column: pattern files say none, and that is what they are drawn for."""
    from fibplan.library.load import load_card
    from fibplan.model.fib_card import FibCard
    from fibplan.units import show

    path = search.card("fib", data["instruments"]["fib"])
    card = load_card(path)[0] if path is not None else None
    assert isinstance(card, FibCard), "the recipe that is begun from was bound to its cards"
    return show(max(beam.accelerating_voltage for beam in card.beams if beam.particle == "Ga"), "V")


def _report(start: Start, examined: "Examined", files: list[str], left: tuple[str, ...], output: Format) -> None:
    if output is Format.JSON:
        told = {"file": str(start.path), "begun_from": str(start.template.path), "title": examined.file.recipe.title}
        findings = [finding_json(examined, finding) for finding in examined.findings]
        say_json({**told, "patterns": files, "not_carried_over": list(left), "findings": findings})
        return
    say(f"{start.path}: written from {', '.join(files)}, the rest from {start.template.path.stem}")
    say("Not carried over, or taken to be so (also in the file, as comments):")
    for line in left:
        say(folded(f"- {line}"))
    for finding in examined.findings:
        tell(finding_line(examined, finding))
    if not examined.sound:
        tell(f"{start.path}: it has errors, as patterns alone make no recipe: mend them, then fibplan check it")


class DoesNotFit(NotAccepted):
    """The layers and the steps of the recipe that was begun from do not go together; nothing is written."""

    code = "does-not-fit"

    def __init__(self, examined: "Examined") -> None:
        super().__init__("the new recipe would have errors")
        self.examined = examined

    def lines(self) -> list[str]:
        from fibplan.advice.wording import placed
        from fibplan.model.finding import errors_in

        recipe = self.examined.file.recipe
        told = [
            one_line(placed(recipe, error.path), f"{error.message} [{error.code}]", error.remedy)
            for error in errors_in(self.examined.findings)
        ]
        return [*told, "nothing was written: change the layers, or begin from another recipe with --from"]


def _template(chip: str | None, begin: str | None, search: "SearchPath", *, patterned: bool) -> "RecipeFile":
    """The recipe to begin from: the one named, else the first for the chip; patterns alone are for a grid."""
    from fibplan.library.load import load_recipe
    from fibplan.library.starting_recipe import NO_CHIP, template_for

    if begin is None:
        if chip is None and not patterned:
            remedy = f"give --chip {', '.join(search.cards('echip'))} or {NO_CHIP}, or --from a recipe"
            raise Misuse("nothing says which chip it is for", where="fibplan new", remedy=remedy)
        return template_for(chip or NO_CHIP, search)
    template = load_recipe(search.recipe(begin), search=search)
    made_for = template.recipe.instruments.echip or NO_CHIP
    if chip not in (None, made_for):
        raise Misuse(f"'{begin}' is for {made_for}, not for {chip}", where="--chip", remedy="leave one of them out")
    return template
