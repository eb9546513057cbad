"""A commented recipe to begin with: the steps of one in the library, fitted to another stack of layers."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fibplan.errors import FibplanError, Misuse, NotFound
from fibplan.library.bind import bind
from fibplan.library.fault_words import nearest
from fibplan.library.faults import validate
from fibplan.library.load import RecipeFile, load_recipe
from fibplan.library.search_path import SearchPath
from fibplan.library.source_map import SourceMap
from fibplan.library.starting_text import commented
from fibplan.model.plan import Plan
from fibplan.model.recipe import Recipe, Role
from fibplan.planning.expand import expand
from fibplan.planning.order import order_findings
from fibplan.units import QuantityError, parse, show
from fibplan.verification.probing import isolation_paths

NO_CHIP = "none"
BARE_CHIP = "bare-chip"
"""The step that measures the chip before a lamella lies on it."""

OF_ITS_SOURCE = ("assumed", "why", "extends", "accepts")
"""Keys that say something of the publication or the sample that a recipe was written for."""

Data = dict[str, Any]


@dataclass(frozen=True)
class NewLayer:
    """One layer as it is asked for; ``thickness_m`` in metres."""

    name: str
    role: Role
    material: str
    thickness: str
    thickness_m: float


def read_layer(text: str) -> NewLayer:
    """The layer in ``NAME:ROLE:MATERIAL:THICKNESS``; :class:`Misuse` says what is wrong with it."""
    parts = [part.strip() for part in text.rsplit(":", 3)]
    if len(parts) != 4 or not all(parts):
        remedy = "write NAME:ROLE:MATERIAL:THICKNESS, such as 'Pt:current_collector:platinum_film:630 nm'"
        raise Misuse(f"'{text}' is no layer", where="--layer", remedy=remedy)
    name, role, material, thickness = parts
    if role not in set(Role):
        raise Misuse(f"'{role}' is no role of a layer", where=f"--layer {text}", remedy=nearest(role, set(Role)))
    try:
        thickness_m = parse(thickness, "m")
    except QuantityError as error:
        raise Misuse(error.problem, where=f"--layer {text}", remedy=error.remedy) from None
    if thickness_m <= 0:
        raise Misuse(f"'{thickness}' is not above zero", where=f"--layer {text}", remedy="write a positive thickness")
    return NewLayer(name, Role(role), material, thickness, thickness_m)


def template_for(chip: str, search: SearchPath) -> RecipeFile:
    """The first recipe of the library, by name, for that chip; ``none`` is for a lamella on a grid."""
    chips = [*search.cards("echip"), NO_CHIP]
    if chip not in chips:
        raise NotFound(f"there is no chip '{chip}'", where="--chip", remedy=nearest(chip, chips))
    for name in search.recipes():
        try:
            file = load_recipe(search.recipe(name), search=search)
        except FibplanError:
            continue
        if (file.recipe.instruments.echip or NO_CHIP) == chip:
            return file
    raise NotFound(f"no recipe in the library is for '{chip}'", where="--chip", remedy="name a recipe with --from")


def starting_recipe(template: RecipeFile, layers: tuple[NewLayer, ...], title: str | None, search: SearchPath) -> str:
    """The text of a new recipe: the template's steps for these layers, or for its own where none are given.

    Depths, the place on the chip, the bridge's clearance and the currents of the sweeps follow from the layers. What
    the template's source says stays behind. Whether rules find errors in it is for the caller to see.
    """
    data: Data = _without_source(template.data)
    data["source"] = {"citation": f"none yet; begun from the recipe {template.path.stem}"}
    if layers:
        _fit(data, template.recipe, layers)
        _limit_currents(data, search)
    _check_bare_chip(data, search)
    data["title"] = title or _title(data)
    return commented(data, template.path.stem)


def _without_source(value: Any) -> Any:
    if isinstance(value, dict):
        kept: Mapping[str, Any] = {key: part for key, part in value.items() if key not in OF_ITS_SOURCE}
        return {key: _without_source(part) for key, part in kept.items()}
    return [_without_source(part) for part in value] if isinstance(value, list) else value


def _title(data: Data) -> str:
    chip = data["instruments"].get("echip")
    place = f"the chip {chip}" if chip else "a TEM grid"
    return f"{data['sample']['name']} lamella on {place}"


def _fit(data: Data, template: Recipe, layers: tuple[NewLayer, ...]) -> None:
    """Puts the layers into ``data`` and changes what follows from their thickness."""
    stack = [
        {"name": layer.name, "role": layer.role.value, "material": layer.material, "thickness": layer.thickness}
        for layer in layers
    ]
    data["sample"] = {"name": " / ".join(layer.name for layer in layers), "stack": stack}
    data.pop("hand_off", None)
    higher = sum(layer.thickness_m for layer in layers) - template.sample.height
    for step in data["steps"]:
        if step["kind"] in ("mill_trench", "cleaning_cross_section"):
            step["depth"] = _longer(step["depth"], higher)
    if "bridge" in data and "placement" in data["lamella"]:
        _move_collector(data, template, layers)


def _longer(written: str, by: float) -> str:
    """The depth and what is added to it in metres, rounded up to 100 nm, and never less than that."""
    tenths = math.ceil(round((parse(written, "m") + by) * 1e7, 3))
    return show(max(1, tenths) * 1e-7, "m", 4)


def _move_collector(data: Data, template: Recipe, layers: tuple[NewLayer, ...]) -> None:
    """Places the lamella so that the top of the collector lies where the template's lies; the bridge ends on it."""
    roles = [layer.role for layer in layers]
    place = template.lamella.placement
    if Role.CURRENT_COLLECTOR not in roles or place is None:
        remedy = "give a layer the role current_collector, or use --chip none"
        raise Misuse("the bridge has no layer to end on", where="--layer", remedy=remedy)
    collector = roles.index(Role.CURRENT_COLLECTOR)
    top = sum(layer.thickness_m for layer in layers[: collector + 1])
    shift_um = (_collector_top(template) - top) * 1e6
    placement: Data = data["lamella"]["placement"]
    placement["x"] = f"{round(place.x - shift_um * math.sin(place.rotation), 3):g} um"
    placement["y"] = f"{round(place.y + shift_um * math.cos(place.rotation), 3):g} um"
    clearance = min(parse(data["bridge"]["clearance"], "m"), layers[collector].thickness_m / 2)
    data["bridge"]["clearance"] = show(clearance, "m")


def _collector_top(recipe: Recipe) -> float:
    roles = [layer.role for layer in recipe.sample.stack]
    below = roles.index(Role.CURRENT_COLLECTOR) + 1 if Role.CURRENT_COLLECTOR in roles else 0
    return sum(layer.thickness for layer in recipe.sample.stack[:below])


def _check_bare_chip(data: Data, search: SearchPath) -> None:
    """Before anything else the electrodes of the chip are measured: one that is shorted is no place for a lamella."""
    plan, steps = _planned(data, search), data["steps"]
    paths = list(isolation_paths(plan)) if plan is not None else []
    measured = any(set(step.get("paths", ())) & set(paths) for step in steps)
    if measured or not paths or not any(step["kind"] == "transfer" for step in steps):
        return
    for step in steps:
        if not step.get("after"):
            step["after"] = [BARE_CHIP]
    steps.insert(0, {"name": BARE_CHIP, "kind": "measure", "paths": paths})


def _planned(data: Data, search: SearchPath) -> Plan | None:
    """The plan of what stands there so far, where it can have one."""
    recipe: Recipe = validate(Recipe, data, SourceMap("the new recipe"))
    cards = bind(recipe, search).cards
    return None if cards is None or order_findings(recipe.steps) else expand(recipe, cards)


def _limit_currents(data: Data, search: SearchPath) -> None:
    """No sweep may carry more than the thinnest part of its path bears."""
    plan = _planned(data, search)
    for name, path in data.get("verification", {}).items():
        limit, criterion, sweep = plan and plan.limit(name), path["criterion"], path["sweep"]
        if limit is None:
            continue
        for limited in (sweep, *(part for part in (criterion.get("contact"),) if part)):
            limited["compliance"] = _at_most(limited["compliance"], limit.current_a, "A")
        if criterion["kind"] == "conducting":
            most = parse(criterion["below"], "ohm") * parse(sweep["compliance"], "A")
            sweep["voltage"] = _at_most(sweep["voltage"], most, "V")


def _at_most(written: str, most: float, unit: str) -> str:
    """The quantity as it is written, or two digits of a value under ``most`` where that is less."""
    if parse(written, unit) <= most:
        return written
    step = 10.0 ** (math.floor(math.log10(most)) - 1)
    return show(math.floor(most / step * (1 - 1e-6)) * step, unit)
