# ruff: noqa: E501 - a table of damage reads best with one kind a line
"""Damage to keys, words, names, whole numbers and sections."""

from collections.abc import Callable, Iterator

from mutations.kind import (
    HARMLESS,
    REFUSED,
    WARNED,
    Kind,
    harmless,
    legal,
    refused,
    refused_each,
    refused_somewhere,
    sampled,
    told,
)
from mutations.spots import Damage, Mutant, Original, Spot, everywhere, keyed, on_containers, on_keys, on_values

CYRILLIC = str.maketrans("aceopxs", "\u0430\u0441\u0435\u043e\u0440\u0445\u0455")
WORDS = keyed("role", "process", "makes", "joins", "profile", "thinning", "start", "end")
REFERENCES = keyed("after", "paths", "material", "fib", "gis", "smu", "probe", "echip", "holder", "tem")
TEXTS = keyed("title", "citation")
FREE_TEXTS = keyed("doi", "why", "electrolyte")
ASSUMED = keyed("assumed")
POINTS = keyed("points")
VERSION = keyed("fibplan")
KIND_OF_STEP = ("deposit", "weld", "mill_trench", "cleaning_cross_section", "undercut", "lift_out", "transfer", "thin",
                "polish", "mill_notch", "isolation_cut", "measure", "hand_off")  # fmt: skip
OPTIONAL = r"^(hand_off\b.*|.*\b(why|doi|assumed|overtilt|rotation|tem|holder|support|sample\.kind|portion|patches|compliance))"
"""What a recipe may leave out."""


def letter_lost(word: str) -> str:
    """``milling_current`` to ``milling_curent``."""
    middle = len(word) // 2
    return word[:middle] + word[middle + 1 :]


def letters_swapped(word: str) -> str:
    middle = len(word) // 2
    return (
        word[: max(middle - 1, 0)] + word[middle : middle + 1] + word[max(middle - 1, 0) : middle] + word[middle + 1 :]
    )


def fixed_key(spot: Spot) -> bool:
    """All but the names of verification paths, which their author chooses, and what tells kinds of steps apart."""
    return not path_name(spot) and not names_a_kind(spot)


def path_name(spot: Spot) -> bool:
    return spot.path[:-1] == ("verification",)


def names_a_kind(spot: Spot) -> bool:
    return spot.path[-1] == "kind"


def step_name(spot: Spot) -> bool:
    return spot.key == "name" and spot.path[0] == "steps"


def other_kinds(original: Original) -> Iterator[Mutant]:
    """Each step as each other kind of step, its fields as they were."""
    for spot in original.values:
        if spot.key == "kind" and spot.path[0] == "steps":
            yield from (original.changed(spot, kind) for kind in KIND_OF_STEP if kind != spot.text)


def other_words(*words: str) -> Callable[[Original], Iterator[Mutant]]:
    """Each of these words in place of each other one."""

    def damage(original: Original) -> Iterator[Mutant]:
        for spot in original.values:
            if spot.text in words and spot.key not in {"name", "after", "paths"}:
                yield from (original.changed(spot, word) for word in words if word != spot.text)

    return damage


def repeated(value: Callable[[str], str]) -> Damage:
    """Each key a second time, with that value."""

    def damage(original: Original) -> Iterator[Mutant]:
        for key, spot in original.pairs:
            column = original.indentation(key)
            again = f"{key.text}: {value(_written(original, spot))}"
            joined = f", {again}" if column is None else f"\n{' ' * column}{again}"
            text = original.text[: spot.end] + joined + original.text[spot.end :]
            yield original.rewritten(text, f"{spot.name} twice", spot.line + (column is not None), spot.key)

    return damage


def lost(original: Original) -> Iterator[Mutant]:
    """Each key with its value, as if somebody had deleted too much."""
    for key, spot in original.pairs:
        before, behind = original.text[: key.start], original.text[spot.end :]
        if original.indentation(key) is None:
            text = before + behind.lstrip(", ") if behind[0] == "," else before.rstrip(", ") + behind
        elif before.endswith("- "):
            text = before + behind.partition("\n")[2].lstrip()
        else:
            text = before.rstrip(" ") + behind.partition("\n")[2]
        yield original.rewritten(text, f"{spot.name} lost")


def separated(by: str) -> Damage:
    """Something else than a colon and a space between each key and its value."""

    def damage(original: Original) -> Iterator[Mutant]:
        for key, spot in original.pairs:
            text = original.text[: key.end] + by + original.text[spot.start :]
            yield original.rewritten(text, f"{spot.name} with {by!r}", group=spot.key)

    return damage


def _written(original: Original, spot: Spot) -> str:
    """The value as it stands in the text, with its quotes."""
    return original.text[spot.start : spot.end]


def text_as(new: str, wanted: Callable[[Spot], bool]) -> Damage:
    return on_values(wanted, lambda _: new)


def each_refused(what: str, wanted: Callable[[Spot], bool], instead: dict[str, str]) -> dict[str, Kind]:
    """A kind for each text, by what it is called, that must be refused in the line where it is written."""
    return {f"{what}: {name}": refused(text_as(new, wanted)) for name, new in instead.items()}


def container_as(new: str) -> Damage:
    return on_containers(everywhere, lambda _: new)


BAD_KEYS: dict[str, Callable[[str], str | None]] = {
    "a letter lost (milling_curent)": letter_lost,
    "two letters swapped": letters_swapped,
    "in capitals": str.upper,
    "with dashes": lambda key: key.replace("_", "-"),
    "with look-alike letters": lambda key: key.translate(CYRILLIC),
    "with a space for the underscore": lambda key: key.replace("_", " "),
    "empty": lambda key: '""',
    "a number": lambda key: "7",
    "null": lambda key: "~",
    "a list": lambda key: f"[{key}]",
    "a mapping": lambda key: f"{{{key}: 1}}",
    "a merge key": lambda key: "<<",
    "with a dot": lambda key: f"{key}.expected",
    "doubled colon": lambda key: f"{key}:",
    "very long": lambda key: key * 500,
    "with a soft hyphen": lambda key: f"{key}\u00ad",
}

KINDS: dict[str, Kind] = {
    **{f"key: {name}": refused(on_keys(fixed_key, change)) for name, change in BAD_KEYS.items()},
    "key: quoted": harmless(on_keys(everywhere, lambda key: f'"{key}"')),
    "key: space before the colon": harmless(on_keys(everywhere, lambda key: f"{key} ")),
    "key: twice, same value": refused(repeated(lambda value: value)),
    "key: twice, other value": refused(repeated(lambda value: "20 pA")),
    "key: lost": legal(lost, REFUSED, WARNED, HARMLESS, why="it may be left out", at=OPTIONAL),
    "key: no colon": sampled(refused_somewhere(separated(" "))),
    "key: no space after the colon": sampled(refused_somewhere(separated(":"))),
    "key: equals sign": sampled(refused_somewhere(separated(" = "))),
    "key: kind with a letter lost": refused_somewhere(on_keys(names_a_kind, letter_lost)),
    "name of a path: a letter lost": refused_somewhere(on_keys(path_name, letter_lost)),
    "word: in capitals": refused(on_values(WORDS, lambda word: word.swapcase())),
    "word: a letter lost": refused(on_values(WORDS, letter_lost)),
    "word: with a dash": refused(on_values(WORDS, lambda word: word.replace("_", "-"))),
    "word: null": refused(text_as("null", WORDS)),
    "word: true": refused(text_as("true", WORDS)),
    "kind: in capitals": refused_somewhere(on_values(names_a_kind, str.upper)),
    "kind: a letter lost": refused_somewhere(on_values(names_a_kind, letter_lost)),
    "kind: of another step": told(other_kinds, WARNED),
    "role: another": legal(
        other_words("substrate", "barrier", "current_collector", "electrolyte", "active_layer", "protective_layer"),
        REFUSED, WARNED, why="a film may be electrolyte or active", at=r"'(active_layer|electrolyte)' -> '(active_layer|electrolyte)'|^pads\.0\.terminal",
    ),
    "terminal: another": legal(
        other_words("working_electrode", "current_collector", "protective_layer"), REFUSED,
        why="the cap must be insulated from the collector too", at=r"protective\.start: .* 'current_collector'|^pads\.0\.terminal",
    ),
    "process: the other": refused_somewhere(other_words("FIBID", "FEBID")),
    "part: the other": refused_somewhere(other_words("bridge", "protective_layer", "needle", "support")),
    "profile: the other": told(other_words("stair_step", "box"), WARNED),
    "thinning: the other place": refused_somewhere(other_words("before_transfer", "on_chip")),
    "electrode: another": refused_somewhere(other_words("working_electrode", "reference_electrode", "counter_electrode")),
    "reference: a letter lost": refused_each(on_values(REFERENCES, letter_lost)),
    "reference: in capitals": refused(on_values(REFERENCES, str.upper)),
    "reference: with look-alike letters": refused(on_values(REFERENCES, lambda name: name.translate(CYRILLIC))),
    "reference: a path": refused(on_values(REFERENCES, lambda name: f"../{name}")),
    "reference: a number": refused(text_as("7", REFERENCES)),
    "reference: quoted": harmless(on_values(REFERENCES, lambda name: f"'{name}'")),
    "material: another": legal(on_values(keyed("material"), lambda name: "tungsten"), why="stacks differ"),
    "name of a step: a letter lost": legal(
        on_values(step_name, letter_lost), REFUSED, why="no step waits for the last one", at="hand-off"
    ),
    "name of a step: with a capital": refused(on_values(step_name, str.capitalize)),
    "name of a step: with a space": refused(on_values(step_name, lambda name: f"{name} 1")),
    "name of a step: with a line break": refused(on_values(step_name, lambda name: f'"{name}\\n"')),
    "name of a step: a number": refused(text_as("7", step_name)),
    "assumed: a letter lost": refused(on_values(ASSUMED, letter_lost)),
    "assumed: a number": refused(text_as("7", ASSUMED)),
    **each_refused("text", TEXTS, {"a number": "7", "empty": '""', "null": "~", "true": "true", "a list": "[a, b]"}),
    **each_refused("free text", FREE_TEXTS, {"a number": "7", "empty": '""'}),
    **each_refused("points", POINTS, {
        "no whole number": "41.5", "negative": "-41", "too few": "1", "too many": "1000000000",
        "hexadecimal": "0x29", "with an underscore": "4_1", "with a unit": "41 V", "true": "true",
        "a number of 5,000 digits": "4" * 5000, ".inf": ".inf",
    }),
    **each_refused("version", VERSION, {"another": "2", "true": "true", "text": "'1'", "v1": "v1"}),
    "section: text": refused_somewhere(container_as("nothing")),
    "section: a number": refused_somewhere(container_as("7")),
    "section: null": legal(container_as("null"), REFUSED, why="it may be left out", at="^(hand_off|support)"),
    "section: an empty list": legal(
        container_as("[]"), REFUSED, why="nothing need be assumed, one weld may hold", at="assumed|^supports"
    ),
    "section: an empty mapping": legal(container_as("{}"), REFUSED, why="it may be left out", at="^hand_off"),
    "section: false": refused_somewhere(container_as("false")),
}  # fmt: skip
