"""The contents of a package that was received, put together again from the papers that everything else follows from."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fibplan.errors import FibplanError
from fibplan.handoff.contents import PackageContents
from fibplan.journal.chain import Record
from fibplan.journal.events import SessionOpened
from fibplan.journal.state import SessionState, fold
from fibplan.library.faults import validate
from fibplan.library.load import Materials, recipe_in
from fibplan.library.source_map import read_yaml
from fibplan.model.cards import AnyCard, Cards
from fibplan.model.curve import Curve, CurveSet
from fibplan.model.diagnosis import Diagnosis
from fibplan.model.plan import Plan
from fibplan.model.verdict import Verdict
from fibplan.planning.expand import expand
from fibplan.session.folder import FrozenSources, FrozenText

SIMULATED_FIGURE = "SIMULATED-"


class Unfit(Exception):
    """A paper that is missing or cannot be read as what it should be; its text says which, and why."""


def rebuild(name: str, files: Mapping[str, bytes], records: tuple[Record, ...]) -> PackageContents:
    """The contents from recipe, cards, journal, curves, verdict, diagnosis, figures and images alone.

    Raises :class:`Unfit`. Nothing is read from this computer's own library.
    """
    state = fold(record.event for record in records)
    sources = _sources(files, state.opened)
    return PackageContents(
        name=name,
        plan=_plan(files, sources),
        curves=CurveSet(curves=tuple(_read(Curve, entry.file, files) for entry in state.curves)),
        verdict=_read(Verdict, "verdict.json", files) if "verdict.json" in files else None,
        sources=sources,
        figures=_figures(files),
        journal=files["journal.jsonl"],
        when=records[-1].utc,
        version=state.opened.version,
        diagnosis=_read(Diagnosis, "diagnosis.json", files) if "diagnosis.json" in files else None,
        attached=_attached(files, state),
        nexus="curves.nxs" in files,
    )


def _sources(files: Mapping[str, bytes], opened: SessionOpened) -> FrozenSources:
    written = [source.name for source in opened.made_from] if len(opened.made_from) > 1 else []
    return FrozenSources(
        recipe=FrozenText(opened.recipe, _text("recipe.yaml", files)),
        cards=tuple(FrozenText(name, _text(f"cards/{name}", files)) for name in opened.cards_sha256),
        made_from=opened.made_from,
        written=tuple(FrozenText(name, _text(f"recipe-as-written/{name}", files)) for name in written),
    )


def _plan(files: Mapping[str, bytes], sources: FrozenSources) -> Plan:
    """Expanded from the frozen texts, with the materials that the plan in the package names."""
    try:
        recipe = recipe_in(sources.recipe.text, Path("recipe.yaml")).recipe
        cards: dict[str, Any] = {card.kind: card for card in map(_card, _cards(sources))}
        known: dict[str, Any] = {}
        for text in _materials(sources):
            known = {**_yaml(Materials, text).materials, **known}
        used = json.loads(_text("plan.json", files))["cards"]["materials"]
        materials = {name: known[name] for name in used}
        return expand(recipe.model_copy(update={"extends": None}), Cards.model_construct(**cards, materials=materials))
    except FibplanError as error:
        raise Unfit(f"recipe and cards: {error}") from None
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise Unfit(f"recipe and cards give no plan: {type(error).__name__}: {error}") from None


def _cards(sources: FrozenSources) -> list[FrozenText]:
    return [text for text in sources.cards if not text.name.startswith("materials")]


def _materials(sources: FrozenSources) -> list[FrozenText]:
    """The nearest first, as they are numbered."""
    return sorted((text for text in sources.cards if text.name.startswith("materials")), key=lambda text: text.name)


def _card(text: FrozenText) -> AnyCard:
    return _yaml(AnyCard, text)


def _yaml(kind: Any, text: FrozenText) -> Any:
    data, places = read_yaml(text.text, text.name)
    return validate(kind, data, places)


def _figures(files: Mapping[str, bytes]) -> dict[str, bytes]:
    figures = {name.removeprefix("figures/"): content for name, content in files.items() if name.startswith("figures/")}
    return {name.removeprefix(SIMULATED_FIGURE): content for name, content in figures.items()}


def _attached(files: Mapping[str, bytes], state: SessionState) -> dict[str, bytes]:
    missing = [entry.file for entry in state.attached if entry.file not in files]
    if missing:
        raise Unfit(f"{missing[0]} is missing")
    return {entry.file: files[entry.file] for entry in state.attached}


def _read(kind: Any, name: str, files: Mapping[str, bytes]) -> Any:
    try:
        return kind.model_validate_json(_content(name, files))
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise Unfit(f"{name}: it cannot be read ({place or 'no JSON'})") from None


def _text(name: str, files: Mapping[str, bytes]) -> str:
    try:
        return _content(name, files).decode("utf-8")
    except UnicodeDecodeError:
        raise Unfit(f"{name} is not UTF-8 text") from None


def _content(name: str, files: Mapping[str, bytes]) -> bytes:
    if name not in files:
        raise Unfit(f"{name} is missing")
    return files[name]
