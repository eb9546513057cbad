"""A file of patterns from the disk: its kind by its content, its text, and the patterns in it."""

import hashlib
import re
from dataclasses import replace
from pathlib import Path

from fibplan.errors import NotFound
from fibplan.formats.recipes.found import Found, Reader, UnusablePatterns

LARGEST_MB = 10
"""A pattern takes 5 kB in an xT pattern file: nobody draws 2,000 of them for a lamella."""

ENDING = ".ptf"
_PROTOCOL = re.compile(r"^(tasks|milling)[ \t]*:", re.MULTILINE)
_OURS = re.compile(r"^(fibplan|extends)[ \t]*:", re.MULTILINE)


def is_pattern_file(path: Path) -> bool:
    """Whether a recipe that begins from this file begins from patterns, and not from another recipe."""
    if not path.is_file():
        return False
    return path.suffix.lower() == ENDING or _reader(_beginning(path)) is not None


def read_patterns(path: Path) -> Found:
    """The patterns of an xT pattern file or an AutoLamella protocol.

    Raises :class:`UnusablePatterns` for what is neither, damaged, too large, or in another encoding.
    """
    content = _content(path)
    text = _text(content, path)
    if not text.strip():
        raise UnusablePatterns("the file is empty", where=str(path), remedy="save the patterns again")
    reader = _reader(text)
    if reader is None:
        message = "this is neither an xT pattern file nor an AutoLamella protocol"
        raise UnusablePatterns(message, where=str(path), remedy="save patterns in xT, or a protocol in AutoLamella")
    return replace(reader(text, str(path)), sha256=hashlib.sha256(content).hexdigest())


def _reader(text: str) -> Reader | None:
    from fibplan.formats.recipes.autolamella import read_protocol
    from fibplan.formats.recipes.ptf import read_pattern_file

    plain = text.replace("\r", "\n").lstrip()
    if plain.startswith("<"):
        return read_pattern_file
    return read_protocol if _PROTOCOL.search(plain) and not _OURS.search(plain) else None


def _beginning(path: Path) -> str:
    """Of a file that may be anything; nothing where it cannot be read."""
    try:
        with path.open("rb") as stream:
            return stream.read(1_000_000).decode("utf-8-sig", "replace")
    except OSError:
        return ""


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_MB * 1_000_000 + 1)
    except OSError as failure:
        raise NotFound(f"it cannot be read: {failure.strerror}", where=str(path), remedy="check the path") from failure
    if len(content) > LARGEST_MB * 1_000_000:
        remedy = "save only the patterns of one lamella"
        raise UnusablePatterns(f"the file is larger than {LARGEST_MB} MB", where=str(path), remedy=remedy)
    return content


def _text(content: bytes, path: Path) -> str:
    """ASCII or UTF-8; what has zero bytes in it is UTF-16 or no text at all."""
    if b"\0" in content or content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise UnusablePatterns("this is UTF-16, or no text", where=str(path), remedy="save it as ASCII or UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        line = content.count(b"\n", 0, failure.start) + 1
        message = f"a byte in line {line} is not UTF-8"
        raise UnusablePatterns(message, where=str(path), remedy="save it as ASCII or UTF-8") from None
