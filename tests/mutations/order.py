"""Damage to the order of steps and layers, to the ladder, and to where things lie."""

import random
import re
from collections.abc import Iterator
from itertools import pairwise

from mutations.kind import REFUSED, WARNED, Kind, harmless, legal, refused_somewhere, told
from mutations.spots import Damage, Mutant, Original, Spot, on_containers

AFTER = re.compile(r"^    after: \[(.*)\]\n", re.MULTILINE)


def name_of(step: str) -> str:
    return step.split("name: ", 1)[1].split("\n", 1)[0]


def removed(original: Original) -> Iterator[Mutant]:
    """Each step taken out; those that wait for it wait in vain."""
    for index, step in enumerate(original.steps):
        rest = original.steps[:index] + original.steps[index + 1 :]
        yield original.with_items(original.steps, rest, f"{name_of(step)} removed")


def skipped(original: Original) -> Iterator[Mutant]:
    """Each step taken out and the chain closed over the gap."""
    for index, step in enumerate(original.steps):
        before = AFTER.search(step)
        waited = before[1] if before else ""
        rest = original.steps[:index] + original.steps[index + 1 :]
        mended = [other.replace(f"after: [{name_of(step)}]", f"after: [{waited}]") for other in rest]
        yield original.with_items(original.steps, mended, f"{name_of(step)} skipped")


def doubled(original: Original) -> Iterator[Mutant]:
    """Each step a second time, word for word."""
    for index, step in enumerate(original.steps):
        twice = [*original.steps[: index + 1], step, *original.steps[index + 1 :]]
        yield original.with_items(original.steps, twice, f"{name_of(step)} twice")


def renamed_copy(original: Original) -> Iterator[Mutant]:
    """Each step a second time under another name, with nothing that waits for the copy."""
    for index, step in enumerate(original.steps):
        copy = step.replace(f"name: {name_of(step)}\n", f"name: {name_of(step)}-again\n")
        twice = [*original.steps[: index + 1], copy, *original.steps[index + 1 :]]
        yield original.with_items(original.steps, twice, f"{name_of(step)} again")


def shuffled(original: Original) -> Iterator[Mutant]:
    """The list of steps in another order, each still waiting for the one it waited for."""
    steps = original.steps
    for seed in range(5):
        mixed = random.Random(seed).sample(steps, len(steps))
        yield original.with_items(steps, mixed, f"shuffled by {seed}")
    yield original.with_items(steps, steps[::-1], "reversed")


def exchanged(original: Original) -> Iterator[Mutant]:
    """Each two neighbouring steps done the other way round."""
    for index, (first, second) in enumerate(pairwise(original.steps)):
        one, two = name_of(first), name_of(second)
        before = AFTER.search(first)
        waited = before[1] if before else ""
        late = re.sub(r"(name: .*\n    kind: .*\n)(    after: .*\n)?", rf"\1    after: [{two}]\n", first)
        early = AFTER.sub(f"    after: [{waited}]\n", second)
        rest = [step.replace(f"after: [{two}]", f"after: [{one}]") for step in original.steps[index + 2 :]]
        mixed = [*original.steps[:index], early, late, *rest]
        yield original.with_items(original.steps, mixed, f"{one} and {two} exchanged")


def swapped(key: str) -> Damage:
    """The values of that key in each two rungs that follow one another, exchanged."""

    def damage(original: Original) -> Iterator[Mutant]:
        for first, second in pairwise(_ladder(original, key)):
            if first.text != second.text:
                yield original.replaced([(first, second.text), (second, first.text)], f"{first.name} <-> {second.name}")

    return damage


def layers_removed(original: Original) -> Iterator[Mutant]:
    for index, layer in enumerate(original.layers):
        rest = original.layers[:index] + original.layers[index + 1 :]
        yield original.with_items(original.layers, rest, f"{layer.strip()} removed")


def layers_doubled(original: Original) -> Iterator[Mutant]:
    for index, layer in enumerate(original.layers):
        twice = [*original.layers[: index + 1], layer, *original.layers[index + 1 :]]
        yield original.with_items(original.layers, twice, f"{layer.strip()} twice")


def layers_exchanged(original: Original) -> Iterator[Mutant]:
    for index, (lower, upper) in enumerate(pairwise(original.layers)):
        mixed = [*original.layers[:index], upper, lower, *original.layers[index + 2 :]]
        yield original.with_items(original.layers, mixed, f"{lower.strip()} above {upper.strip()}")


def upside_down(original: Original) -> Iterator[Mutant]:
    yield original.with_items(original.layers, original.layers[::-1], "the stack upside down")


def named_alike(original: Original) -> Iterator[Mutant]:
    """Each layer under the name of the lowest one."""
    first = original.data["sample"]["stack"][0]["name"]
    for index in range(1, len(original.layers)):
        spot = original.at("sample", "stack", index, "name")
        assert spot is not None
        yield original.changed(spot, first)


def crossed(section: str, one: str, other: str) -> Damage:
    """Two values of a section of ``hand_off`` exchanged; a recipe without that section has no such mutant."""

    def damage(original: Original) -> Iterator[Mutant]:
        first, second = (original.at("hand_off", section, key) for key in (one, other))
        if first is not None and second is not None:
            yield original.replaced([(first, second.text), (second, first.text)], f"{one} <-> {other}")

    return damage


def placement(**change: str) -> Damage:
    """The lamella laid elsewhere on the chip; a recipe without a chip has no such mutant."""

    def damage(original: Original) -> Iterator[Mutant]:
        at = {key: original.at("lamella", "placement", key) for key in change}
        present = [(spot, change[key]) for key, spot in at.items() if spot is not None]
        if present:
            yield original.replaced(present, f"placement {change}")

    return damage


def after_written(new: str) -> Damage:
    return on_containers(lambda spot: spot.key == "after", lambda text: new.replace("{}", text.strip("[]")))


def waits_for_itself(original: Original) -> Iterator[Mutant]:
    for spot in original.containers:
        if spot.key == "after":
            name = original.data["steps"][spot.path[1]]["name"]
            yield original.changed(spot, f"{spot.text[:-1]}, {name}]")


def waits_for_the_last(original: Original) -> Iterator[Mutant]:
    for spot in original.containers:
        if spot.key == "after":
            yield original.changed(spot, f"{spot.text[:-1]}, {original.data['steps'][-1]['name']}]")


def _ladder(original: Original, key: str) -> list[Spot]:
    """The values of that key in the steps that say what they leave, in their order."""
    rungs = [index for index, step in enumerate(original.data["steps"]) if "leaves" in step]
    spots = [original.at("steps", index, key) for index in rungs]
    return [spot for spot in spots if spot is not None]


KINDS: dict[str, Kind] = {
    "steps: one removed": told(removed),
    "steps: one skipped": legal(skipped, REFUSED, WARNED, why="a ladder may have fewer rungs", at="^(thin|narrow)"),
    "steps: one twice": refused_somewhere(doubled),
    "steps: one again under another name": refused_somewhere(renamed_copy),
    "steps: the list shuffled": harmless(shuffled),
    "steps: two neighbours exchanged": legal(
        exchanged, REFUSED, why="some may go in either order", at="^(undercut|polish|support-weld|bridge|pad) and"
    ),
    "after: empty": refused_somewhere(after_written("[]")),
    "after: text for a list": refused_somewhere(after_written("{}")),
    "after: the name twice": legal(after_written("[{}, {}]"), why="it says the same twice"),
    "after: a missing step": refused_somewhere(after_written("[{}, nowhere]")),
    "after: itself": refused_somewhere(waits_for_itself),
    "after: the last step": refused_somewhere(waits_for_the_last),
    "ladder: thickness before and after swapped": refused_somewhere(swapped("leaves")),
    "ladder: currents swapped": Kind(swapped("beam_current"), frozenset({WARNED})),
    "ladder: voltages swapped": refused_somewhere(swapped("accelerating_voltage")),
    "stack: a layer removed": legal(
        layers_removed, REFUSED, why="stacks differ", at="barrier|active_layer|electrolyte"
    ),
    "stack: a layer twice": refused_somewhere(layers_doubled),
    "stack: two layers of one name": refused_somewhere(named_alike),
    "stack: two layers exchanged": legal(
        layers_exchanged, REFUSED, WARNED, why="films above the collector have any order", at="LiPON"
    ),
    "stack: upside down": refused_somewhere(upside_down),
    "hand-off: potentials exchanged": refused_somewhere(crossed("cyclic_voltammetry", "lower", "upper")),
    "hand-off: frequencies exchanged": refused_somewhere(crossed("impedance", "lowest", "highest")),
    "placement: a millimetre away": refused_somewhere(placement(x="1 mm")),
    "placement: on the electrode": refused_somewhere(placement(x="-30 um")),
    "placement: turned by 90 deg": refused_somewhere(placement(rotation="90 deg")),
    "placement: turned round": refused_somewhere(placement(rotation="180 deg")),
    "placement: in radians": refused_somewhere(placement(rotation="52 rad")),
}  # fmt: skip
