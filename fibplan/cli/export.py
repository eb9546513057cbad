"""``fibplan export``: files for other people's tools, made from a recipe without errors."""

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fibplan.cli.options import Format, FormatOption, LibraryOption
from fibplan.cli.output import finding_line, folded, say, say_json, tell
from fibplan.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fibplan.formats.exports.export import Export, Files, Origin
    from fibplan.library.examine import Examined

Kinds = Annotated[
    list[str] | None, typer.Option("--to", help="What is written: a name that --list prints. May be given repeatedly.")
]


def export(
    recipe: Annotated[
        str | None, typer.Argument(help="A recipe file, or the name of a recipe in the library.", show_default=False)
    ] = None,
    *,
    to: Kinds = None,
    out: Annotated[Path, typer.Option("--out", help="Folder for the files.")] = Path("fibplan-export"),
    listed: Annotated[bool, typer.Option("--list", help="Say what can be written, and stop.")] = False,
    library: LibraryOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Write files for other people's tools: patterns, protocols, drawings, cards to print.

    Nothing is written over: a file that is there already with another content ends with 2.
    """
    from fibplan.library.examine import examine
    from fibplan.library.search_path import default_search_path

    if listed:
        _print_list(output)
        return
    if recipe is None or not to:
        remedy = "fibplan export RECIPE --to NAME; fibplan export --list says which there are"
        raise Misuse("no recipe or nothing to write is named", where="fibplan export", remedy=remedy)
    wanted = [_export(name) for name in dict.fromkeys(to)]
    examined = examine(recipe, default_search_path(library or ()))
    plan = examined.sound_plan()
    for finding in examined.findings:
        tell(finding_line(examined, finding))
    origin = _origin(examined)
    made = {entry.name: entry.load()(plan, origin) for entry in wanted}
    content = {name: content for files in made.values() for name, content in files.content.items()}
    manifests = {f"export-{name}.json": _manifest(name, files, origin) for name, files in made.items()}
    _write({**content, **manifests}, out)
    _report(made, manifests, out, output, origin)


def _export(name: str) -> "Export":
    from fibplan.formats.exports.catalogue import EXPORTS, export_named
    from fibplan.library.fault_words import nearest

    found = export_named(name)
    if found is None:
        remedy = nearest(name, [entry.name for entry in EXPORTS])
        raise Misuse(f"there is no export '{name}'", where="--to", remedy=remedy)
    return found


def _origin(examined: "Examined") -> "Origin":
    """The recipe by its file's name, and the hash of the text that alone gives it again."""
    from fibplan import __version__
    from fibplan.formats.exports.export import Origin

    text = examined.file.text.encode("utf-8")
    return Origin(examined.file.path.name, hashlib.sha256(text).hexdigest(), __version__)


def _manifest(name: str, files: "Files", origin: "Origin") -> bytes:
    """Where the files come from, what each is by its hash, and what they do not say."""
    told = {
        "export": name,
        "recipe": {"name": origin.recipe, "sha256": origin.sha256},
        "fibplan": origin.version,
        "files": files.hashes(),
        "notes": list(files.notes),
    }
    return (json.dumps(told, indent=2, ensure_ascii=True) + "\n").encode("ascii")


def _write(content: "Mapping[str, bytes]", folder: Path) -> None:
    """All of them or, where one is there already with another content, none."""
    from fibplan.journal.durable import storage, write_whole

    with storage(folder, "write the files"):
        if folder.exists() and not folder.is_dir():
            raise Misuse("this is a file", where=str(folder), remedy="name a folder with --out")
        there = [folder / name for name, new in content.items() if _differs(folder / name, new)]
        if there:
            remedy = "choose another folder with --out; nothing is written over"
            raise Misuse("it is there already", where=str(there[0]), remedy=remedy)
        folder.mkdir(parents=True, exist_ok=True)
    for name, new in content.items():
        if not (folder / name).exists():
            write_whole(folder / name, new)


def _differs(path: Path, content: bytes) -> bool:
    return path.exists() and (not path.is_file() or path.read_bytes() != content)


def _report(
    made: "Mapping[str, Files]", manifests: "Mapping[str, bytes]", folder: Path, output: Format, origin: "Origin"
) -> None:
    if output is Format.JSON:
        exports = [_json(name, files, folder) for name, files in made.items()]
        say_json({"recipe": origin.recipe, "sha256": origin.sha256, "fibplan": origin.version, "exports": exports})
        return
    for files, manifest in zip(made.values(), manifests, strict=True):
        for name in (*files.content, manifest):
            say(str(folder / name))
        for note in files.notes:
            tell(f"note: {note}")


def _json(name: str, files: "Files", folder: Path) -> dict[str, Any]:
    written = [{"file": str(folder / file), "sha256": sha256} for file, sha256 in files.hashes().items()]
    return {"to": name, "files": written, "manifest": str(folder / f"export-{name}.json"), "notes": list(files.notes)}


def _print_list(output: Format) -> None:
    from fibplan.formats.exports.catalogue import EXPORTS

    if output is Format.JSON:
        say_json([_entry(entry) for entry in EXPORTS])
        return
    for entry in EXPORTS:
        needs = f" Needs the extra: pip install 'fibplan[{entry.extra}]'." if entry.extra else ""
        say(folded(f"{entry.name}: {entry.what}.{needs}"))
        say(folded(f"    format: {entry.spec}"))
        say(folded(f"    confirmed: {entry.confirmed}"))


def _entry(entry: "Export") -> dict[str, str | None]:
    return {
        "name": entry.name, "what": entry.what, "spec": entry.spec, "confirmed": entry.confirmed, "extra": entry.extra,
    }  # fmt: skip
