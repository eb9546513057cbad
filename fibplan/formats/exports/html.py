"""Pages of HTML for paper: one file, no script, no picture, nothing fetched; A4 with a break after every page."""

import re
from collections.abc import Iterable
from html import escape

STYLE = """
@page { size: A4; margin: 12mm; }
* { box-sizing: border-box; }
body { font: 12.5pt/1.25 Arial, Helvetica, "Liberation Sans", sans-serif; color: #000; background: #fff; margin: 0 auto;
  max-width: 186mm; }
.page { break-after: page; page-break-after: always; padding: 0 0 4mm; }
.page:last-of-type { break-after: auto; page-break-after: auto; }
header { border-bottom: 1.5pt solid #000; margin-bottom: 3mm; padding-bottom: 1.5mm; }
header p { margin: 0; font-size: 10pt; }
h1 { font-size: 22pt; margin: 0 0 1mm; line-height: 1.15; }
h2 { font-size: 18pt; margin: 0; overflow-wrap: anywhere; }
.mark { border: 1.5pt solid #000; font-weight: bold; padding: 1mm 2mm; margin: 0 0 3mm; font-size: 12pt; }
.step { border: 1pt solid #000; padding: 2mm 3mm; margin: 0 0 3mm; break-inside: avoid; page-break-inside: avoid; }
.top { display: flex; justify-content: space-between; align-items: baseline; gap: 4mm; }
.beam { font-size: 24pt; font-weight: bold; white-space: nowrap; }
dl { display: grid; grid-template-columns: 30mm 1fr; gap: 0.4mm 3mm; margin: 1mm 0; }
dt { font-weight: bold; } dd { margin: 0; overflow-wrap: anywhere; }
.ticks { display: flex; flex-wrap: wrap; gap: 1mm 5mm; margin: 1.5mm 0 0; padding: 0; list-style: none; }
.box { display: inline-block; width: 4.2mm; height: 4.2mm; border: 1.2pt solid #000; margin-right: 1.5mm;
  vertical-align: -0.7mm; }
.line { display: inline-block; min-width: 28mm; border-bottom: 0.8pt solid #000; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 0.6pt solid #000; text-align: left; padding: 1.1mm 2mm 1.1mm 0; vertical-align: top; }
td.big { font-size: 16pt; font-weight: bold; }
td.tick { width: 8mm; } .small { font-size: 11pt; }
"""


def document(title: str, origin: str, pages: Iterable[str]) -> bytes:
    """The whole file; ``origin`` stands in a comment at its head."""
    comment = escape(origin).replace("--", "- -")
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    body = "\n".join(pages)
    text = f'<!DOCTYPE html>\n<!-- {comment} -->\n<html lang="en"><head>{head}</head>\n<body>\n{body}\n</body></html>\n'
    return text.encode("utf-8")


def page(heading: str, lines: Iterable[str], content: str) -> str:
    """One sheet: a heading, small lines under it, and content that is HTML already."""
    small = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return f'<section class="page"><header><h1>{escape(heading)}</h1>{small}</header>\n{content}\n</section>'


def mark(text: str) -> str:
    """A framed line in bold."""
    return f'<p class="mark">{escape(text)}</p>'


def facts(rows: Iterable[tuple[str, str]]) -> str:
    """Names and values, one pair a line."""
    return f"<dl>{''.join(f'<dt>{escape(name)}</dt><dd>{tied(value)}</dd>' for name, value in rows)}</dl>"


def tied(text: str) -> str:
    """No line ends between a number and its unit."""
    return escape(re.sub(r"(?<=[0-9]) (?=[A-Za-z])", "\u00a0", text))


def ticks(labels: Iterable[str]) -> str:
    """A box to tick before each label."""
    items = "".join(f'<li><span class="box"></span>{escape(label)}</li>' for label in labels)
    return f'<ul class="ticks">{items}</ul>'


def blanks(labels: Iterable[str]) -> str:
    """A line to write on after each label."""
    items = "".join(f'<li>{escape(label)} <span class="line">&nbsp;</span></li>' for label in labels)
    return f'<ul class="ticks">{items}</ul>'
