# ruff: noqa: E501 - a table of damage reads best with one kind a line
"""Damage to the file as a whole: traps of YAML, of encodings and of editors."""

import json
import re
from collections.abc import Callable, Iterator

import yaml
from mutations.kind import HARMLESS, REFUSED, WARNED, Kind, harmless, legal, refused, refused_somewhere, sampled, told
from mutations.spots import Damage, Mutant, Original, on_values

CURRENT = re.compile(r"^    beam_current: (.*?)(?=\n|  +#)", re.MULTILINE)
"""Where something is inserted: every recipe has a step with a current."""


def whole(change: Callable[[str], str | bytes]) -> Damage:
    """One mutant: the text changed as a whole."""

    def damage(original: Original) -> Iterator[Mutant]:
        content = change(original.text)
        yield Mutant(content.encode() if isinstance(content, str) else content, "the file")

    return damage


def current(written: str, line: int = 0) -> Damage:
    """The first beam current of a step written anew, ``{}`` where its value was; ``line`` further down is the fault."""

    def damage(original: Original) -> Iterator[Mutant]:
        match = CURRENT.search(original.text)
        assert match is not None
        text = original.text[: match.start()] + written.replace("{}", match[1]) + original.text[match.end() :]
        yield original.rewritten(
            text, f"{match[0].strip()} -> {written!r}", original.text[: match.start()].count("\n") + 1 + line
        )

    return damage


def each_line(change: Callable[[str], str]) -> Damage:
    """One line after the other."""

    def damage(original: Original) -> Iterator[Mutant]:
        lines = original.text.splitlines(keepends=True)
        for number, line in enumerate(lines):
            new = change(line)
            if new != line and not line.lstrip().startswith("#"):
                text = "".join([*lines[:number], new, *lines[number + 1 :]])
                yield original.rewritten(text, f"line {number + 1}: {line.strip()}", number + 1, line.split(":")[0])

    return damage


def cut_off(original: Original) -> Iterator[Mutant]:
    """The file ends after each of its lines, as after a broken transfer."""
    lines = original.text.splitlines(keepends=True)
    section = ""
    for number, line in enumerate(lines[:-1]):
        section = section if line[0] in " #\n" else line.strip()
        yield original.rewritten("".join(lines[: number + 1]), f"{section} cut off after {line.strip()!r}")


def before_steps(inserted: str) -> Damage:
    """Lines of their own at the top level, in the middle of the file."""
    return whole(lambda text: text.replace("\nsteps:\n", f"\n{inserted}\nsteps:\n"))


def extending(base: str) -> Damage:
    """The recipe as one that extends ``base``."""
    return whole(lambda text: f"extends: {base}".rstrip() + f"\n{text}")


def as_json(text: str) -> str:
    """The same data in JSON, its whole numbers as numbers."""
    dumped = json.dumps(yaml.load(text, Loader=yaml.BaseLoader), indent=1)
    return re.sub(
        r'"(fibplan|points|points_per_decade|patches|magnification|periods|maps)": "(\d+)"', r'"\1": \2', dumped
    )


HTML = "<!DOCTYPE html>\n<html>\n<body>Sign in to see recipe.yaml</body>\n</html>\n"
CARD = "fibplan: 1\nkind: tem\nname: mine\ntitle: Mine\nsource: me\nstatus: stated\naccelerating_voltage: 200 kV\n"

BASES = {
    "nothing": "",
    "itself": "./recipe.yaml",
    "a missing recipe": "lmno-poseidon-selct",
    "a missing file": "./base.yaml",
    "an absolute path": "/etc/passwd",
    "a folder": "../",
    "two recipes": "[lmno-poseidon-select, si-lamella-grid]",
    "a web page": "https://example.org/recipe.yaml",
    "NUL in the name": '"./a\\0b.yaml"',
    "a very long name": "a" * 5000,
}
"""What a recipe cannot extend."""

KINDS: dict[str, Kind] = {
    # traps of YAML
    "yaml: alias": refused(current("    why: &a text\n    beam_current: *a", 1)),
    "yaml: alias of a whole step": refused_somewhere(whole(lambda text: text.replace("  - name: cap\n", "  - &cap\n    name: cap\n") + "\nbridge2: *cap\n")),
    "yaml: unknown alias": refused(current("    beam_current: *nothing")),
    "yaml: anchor alone": harmless(current("    beam_current: &c {}")),
    "yaml: merge key with an alias": refused_somewhere(current("    beam_current: {}\n    <<: *a")),
    "yaml: merge key with a mapping": refused(current("    beam_current: {}\n    <<: {why: merged}", 1)),
    "yaml: tag !!str": refused(current("    beam_current: !!str {}")),
    "yaml: tag !!float": refused(current("    beam_current: !!float {}")),
    "yaml: tag !": refused(current("    beam_current: ! {}")),
    "yaml: tag of Python": refused(current("    beam_current: !!python/object/apply:os.getcwd []")),
    "yaml: local tag": refused(current("    beam_current: !nA {}")),
    "yaml: tag directive": refused_somewhere(whole(lambda text: f"%TAG ! tag:example.org,2000:\n---\n{text}".replace("title: ", "title: !x ", 1))),
    "yaml: directive YAML 1.1": harmless(whole(lambda text: f"%YAML 1.1\n---\n{text}")),
    "yaml: directive YAML 3.0": refused_somewhere(whole(lambda text: f"%YAML 3.0\n---\n{text}")),
    "yaml: document start": harmless(whole(lambda text: f"---\n{text}")),
    "yaml: document end": harmless(whole(lambda text: f"{text}...\n")),
    "yaml: second document": refused_somewhere(whole(lambda text: f"{text}---\nfibplan: 1\n")),
    "yaml: the recipe twice, as two documents": refused_somewhere(whole(lambda text: f"{text}---\n{text}")),
    "yaml: the recipe twice, one after the other": refused_somewhere(whole(lambda text: text + text)),
    "yaml: text after the end": refused_somewhere(whole(lambda text: f"{text}...\nand so on\n")),
    "yaml: block scalar": harmless(current("    beam_current: |-\n      {}")),
    "yaml: folded scalar": harmless(current("    beam_current: >-\n      {}")),
    "yaml: block scalar with its line break": harmless(current("    beam_current: |\n      {}")),
    "yaml: value in the next line": harmless(current("    beam_current:\n      {}")),
    "yaml: explicit key": harmless(current("    ? beam_current\n    : {}")),
    "yaml: comment without a space": refused(current("    beam_current: {}#often more")),
    "yaml: comment": harmless(current("    beam_current: {} # often more")),
    "yaml: escape in quotes": harmless(current('    "beam\\u005fcurrent": {}')),
    "yaml: unknown escape": refused(current('    beam_current: "\\q{}"')),
    "yaml: value over two lines": harmless(current("    beam_current: {}\n      # a comment")),
    "yaml: two values over two lines": refused(current("    beam_current: {}\n      20 pA")),
    "yaml: quote not closed": refused_somewhere(current('    beam_current: "{}')),
    "yaml: bracket not closed": refused_somewhere(current("    beam_current: [{}")),
    "yaml: brace not closed": refused_somewhere(current("    beam_current: {{}")),
    "yaml: bracket too many": refused_somewhere(current("    beam_current: {}\n    ]")),
    "yaml: percent sign": refused(current("    beam_current: %20")),
    "yaml: backtick": refused(current("    beam_current: `{}`")),
    "yaml: at sign": refused(current("    beam_current: @current")),
    "yaml: variable": refused(current("    beam_current: ${CURRENT}")),
    "yaml: template": refused(current("    beam_current: {{ current }}")),
    # tabs, line ends, indentation
    "tab: indentation": refused(each_line(lambda line: line.replace("    ", "\t", 1) if line.startswith("    ") else line)),
    "tab: after the colon": harmless(current("    beam_current:\t{}")),
    "tab: at the end of a line": harmless(current("    beam_current: {}\t")),
    "tab: between number and unit": harmless(on_values(lambda spot: spot.quantity is not None, lambda text: f'"{text.replace(" ", chr(92) + "t")}"')),
    "lines: CRLF": harmless(whole(lambda text: text.replace("\n", "\r\n"))),
    "lines: CR": harmless(whole(lambda text: text.replace("\n", "\r"))),
    "lines: mixed": harmless(whole(lambda text: text.replace("\n", "\r\n", 40))),
    "lines: no line break at the end": harmless(whole(lambda text: text.rstrip("\n"))),
    "lines: empty lines between": harmless(whole(lambda text: text.replace("\n", "\n\n"))),
    "lines: spaces at the end": harmless(whole(lambda text: text.replace("\n", "   \n"))),
    "lines: all in one": refused_somewhere(whole(lambda text: text.replace("\n", " "))),
    "lines: line separator U+2028": refused_somewhere(current("    beam_current: {}\u2028    beam_current: 20 pA")),
    "lines: next line U+0085": refused_somewhere(current("    beam_current: {}\u0085    beam_current: 20 pA")),
    "indentation: one space more": sampled(told(each_line(lambda line: f" {line}" if line.strip() else line), HARMLESS)),
    "indentation: one space less": told(each_line(lambda line: line.removeprefix(" ")), HARMLESS),
    "indentation: none": sampled(refused_somewhere(each_line(lambda line: line.lstrip(" ")))),
    "dash: lost": refused_somewhere(each_line(lambda line: re.sub(r"^( *)- ", r"\1  ", line))),
    "dash: without a space": refused_somewhere(each_line(lambda line: re.sub(r"^( *)- ", r"\1-", line))),
    "comment: a line commented out": legal(each_line(lambda line: f"# {line}" if line.strip() else line), REFUSED, WARNED, why="it may be left out", at=r"line \d+: (kind: full_cell|support: |portion|patches|why|position|title|overtilt|hand_off|flow|electrolyte|liquid|capacity|imaging|offset_shift|magnification|spot|points_per_decade|periods|cell|dwell|current: 10 pA|probe: 2 nm|maps|manganese_below|dose_rate_most|tem|holder|impedance|diffraction_map|assumed|doi|reference_offset|scan_rate|- )"),
    "conflict: markers of git": refused_somewhere(before_steps("<<<<<<< HEAD\nbridge: {}\n=======\n>>>>>>> theirs")),
    # encodings
    "bytes: byte order mark": harmless(whole(lambda text: b"\xef\xbb\xbf" + text.encode())),
    "bytes: two byte order marks": harmless(whole(lambda text: b"\xef\xbb\xbf" * 2 + text.encode())),
    "bytes: UTF-16": refused_somewhere(whole(lambda text: text.encode("utf-16"))),
    "bytes: UTF-32": refused_somewhere(whole(lambda text: text.encode("utf-32"))),
    "bytes: Latin-1": refused_somewhere(whole(lambda text: text.replace(" um", " \u00b5m").encode("latin-1"))),
    "bytes: half a character": refused_somewhere(whole(lambda text: text.encode() + b"# \xc2")),
    "bytes: surrogate": refused_somewhere(whole(lambda text: text.encode() + b"# \xed\xa0\x80\n")),
    "bytes: overlong": refused_somewhere(whole(lambda text: text.encode() + b"# \xc0\xaf\n")),
    "bytes: NUL in a value": refused_somewhere(current("    beam_current: {}\0")),
    "bytes: NUL in a comment": refused_somewhere(current("    beam_current: {} # \0")),
    "bytes: NUL at the end": refused_somewhere(whole(lambda text: f"{text}\0")),
    "bytes: escape character": refused_somewhere(current("    beam_current: {} # \x1b[31m")),
    "bytes: bell in a text": refused_somewhere(whole(lambda text: text.replace("title: ", "title: \a", 1))),
    "bytes: zero-width space in a value": refused(current("    beam_current: {}\u200b")),
    "bytes: zero-width space in a key": refused(current("    beam_\u200bcurrent: {}")),
    "bytes: text that runs from right to left": refused(current("    beam_current: \u202e{}")),
    "bytes: noncharacter": refused_somewhere(current("    beam_current: {} # \ufffe")),
    "bytes: JPEG": refused_somewhere(whole(lambda text: b"\xff\xd8\xff\xe0\0\x10JFIF" + text.encode())),
    "bytes: gzip": refused_somewhere(whole(lambda text: b"\x1f\x8b\x08" + text.encode())),
    # other files
    "file: empty": refused_somewhere(whole(lambda _: "")),
    "file: white space": refused_somewhere(whole(lambda _: " \n \n")),
    "file: a comment": refused_somewhere(whole(lambda _: "# a recipe\n")),
    "file: null": refused_somewhere(whole(lambda _: "null\n")),
    "file: a list": refused_somewhere(whole(lambda _: "- fibplan: 1\n")),
    "file: HTML": refused_somewhere(whole(lambda _: HTML)),
    "file: a card": refused_somewhere(whole(lambda _: CARD)),
    "file: JSON": harmless(whole(as_json)),
    "file: JSON, not closed": refused_somewhere(whole(lambda text: as_json(text)[:-1])),
    "file: cut off": legal(cut_off, REFUSED, why="what follows may be left out", at="^hand_off|^verification: cut off after ('sweep|'assumed|'')"),
    # recipes that extend others
    **{f"extends: {name}": refused_somewhere(extending(base)) for name, base in BASES.items()},
}  # fmt: skip
