"""The signs that drawings are made of: where the console knows no Unicode, signs of ASCII that say the same."""

from dataclasses import dataclass

PLAIN = str.maketrans(
    {
        "\u00b5": "u", "\u03bc": "u", "\u03a9": "ohm", "\u2126": "ohm", "\u00b0": "deg", "\u00d7": "x",
        "\u2013": "-", "\u2014": "-", "\u2212": "-", "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"',
        "\u2192": "->", "\u00b1": "+-", "\u2026": "...", "\u00a0": " ",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Glyphs:
    """One sign for each thing that is drawn."""

    rule: str
    upright: str
    removed: str
    added: str
    bar: str
    planned: str
    point: str
    clamped: str
    beam: str
    here: str
    over: str


UNICODE = Glyphs(
    "\u2500", "\u2502", "\u2591", "\u2593", "\u2588", "\u2592", "\u2022", "x", "\u2193", "\u25b6", "\u2713"
)
ASCII = Glyphs("-", "|", ".", "#", "=", ":", "*", "x", "v", ">", "+")


def glyphs_of(encoding: str | None, *, ascii_only: bool = False) -> Glyphs:
    """The signs for a stream of that encoding."""
    return UNICODE if (encoding or "").lower().replace("-", "").startswith("utf") and not ascii_only else ASCII


def written(text: str, encoding: str | None) -> str:
    """``text`` as that encoding can say it: a sign that it has not is spelled out, or a question mark."""
    encoding = encoding or "ascii"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(PLAIN).encode(encoding, "replace").decode(encoding)
    return text


def printable(text: str) -> str:
    """Moves no cursor and rings no bell, whatever somebody wrote."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
