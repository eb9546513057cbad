"""Finds the cards and materials that a recipe names, and says which are missing."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fibplan.errors import Fault, InvalidFile
from fibplan.library.fault_words import nearest
from fibplan.library.load import load_card, load_materials
from fibplan.library.search_path import SearchPath
from fibplan.model.cards import Cards, GisCard
from fibplan.model.echip_card import EchipCard
from fibplan.model.finding import Finding, RecipePath, Severity
from fibplan.model.materials import Material
from fibplan.model.recipe import Recipe


@dataclass
class Binding:
    """What was found for a recipe: cards (None while something is missing), their texts, and what is missing."""

    cards: Cards | None = None
    texts: dict[str, str] = field(default_factory=dict[str, str])
    """File name below ``instruments/`` to content, for freezing; materials files are numbered, the nearest first."""
    findings: list[Finding] = field(default_factory=list[Finding])
    faults: list[Fault] = field(default_factory=list[Fault])
    """What is wrong in the files that were found."""


def bind(recipe: Recipe, search: SearchPath) -> Binding:
    """The cards of ``recipe``; a card or material that does not exist is a finding, all of them at once.

    Raises :class:`InvalidFile` with every fault of every card and materials file that cannot be read as one.
    """
    binding = Binding()
    found: dict[str, Any] = {}
    for kind, name in recipe.instruments.model_dump(exclude_none=True).items():
        card = _card(kind, name, search, binding)
        if card is not None:
            found[kind] = card
    materials = _materials(recipe, found, search, binding)
    if binding.faults:
        raise InvalidFile(binding.faults)
    if not binding.findings:
        binding.cards = Cards.model_construct(**found, materials=materials)
    return binding


def _card(kind: str, name: str, search: SearchPath, binding: Binding) -> Any:
    path = search.card(kind, name)
    if path is None:
        remedy = nearest(name, search.cards(kind))
        binding.findings.append(
            _missing("card-unknown", ("instruments", kind), f"there is no {kind} card '{name}'", remedy)
        )
        return None
    try:
        card, text = load_card(path)
    except InvalidFile as broken:
        binding.faults += broken.faults
        return None
    if card.kind != kind:
        message = f"the card '{name}' is of kind {card.kind}, not {kind}"
        binding.findings.append(_missing("card-of-other-kind", ("instruments", kind), message, f"name a {kind} card"))
        return None
    binding.texts[f"{kind}/{path.name}"] = text
    return card


def _materials(recipe: Recipe, found: dict[str, Any], search: SearchPath, binding: Binding) -> dict[str, Material]:
    known = _all_materials(search.materials(), binding)
    used: dict[str, Material] = {}
    for name, path in _named_materials(recipe, found):
        if name in known:
            used[name] = known[name]
        else:
            message = f"there is no material '{name}'"
            binding.findings.append(_missing("material-unknown", path, message, nearest(name, known)))
    return used


def _all_materials(files: list[Path], binding: Binding) -> dict[str, Material]:
    known: dict[str, Material] = {}
    for number, path in enumerate(files):
        try:
            materials, text = load_materials(path)
        except InvalidFile as broken:
            binding.faults += broken.faults
            continue
        known = {**materials, **known}
        binding.texts[f"materials-{number + 1:02d}.yaml"] = text
    return known


def _named_materials(recipe: Recipe, found: dict[str, Any]) -> list[tuple[str, RecipePath]]:
    """Every material that the stack or a card names, with where the recipe leads to it."""
    names: list[tuple[str, RecipePath]] = [
        (layer.material, ("sample", "stack", index, "material")) for index, layer in enumerate(recipe.sample.stack)
    ]
    gis, chip = found.get("gis"), found.get("echip")
    if isinstance(gis, GisCard):
        names += [(process.material, ("instruments", "gis")) for process in gis.processes]
    if isinstance(chip, EchipCard):
        names.append((chip.window.material, ("instruments", "echip")))
        names += [(electrode.material, ("instruments", "echip")) for electrode in chip.electrodes]
    return names


def _missing(code: str, path: RecipePath, message: str, remedy: str) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, path=path, message=message, remedy=remedy)
