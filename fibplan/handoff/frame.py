"""What every page of a package has in common: its marks, who and what it is about, and numbers in JSON."""

import json
from collections.abc import Iterable
from html import escape
from typing import Any

from fibplan.formats.exports.html import document, mark, page
from fibplan.handoff.contents import PackageContents
from fibplan.model.base import Frozen
from fibplan.model.interval import Interval, joined_sources, worst

Row = tuple[str, str]

_RUNNING = """<style>
@page {{ margin: 14mm 12mm 16mm; @bottom-left {{ content: "{left}"; font: bold 8.5pt Arial, sans-serif; }}
  @bottom-right {{ content: counter(page) " / " counter(pages); font: 8.5pt Arial, sans-serif; }} }}
body {{ font-size: 10.5pt; }} h1 {{ font-size: 18pt; }} h3 {{ font-size: 12pt; margin: 3mm 0 1mm; break-after: avoid; }}
table {{ margin: 0.5mm 0 1.5mm; }} th, td {{ padding: 0.5mm 2mm 0.5mm 0; border-bottom-width: 0.4pt; }}
li {{ margin: 0.8mm 0; }}
.boxes {{ list-style: none; padding: 0; }} .boxes li {{ padding-left: 6mm; text-indent: -6mm; }}
.small {{ font-size: 8.5pt; }} tr, figure {{ break-inside: avoid; }} td.number, th.number {{ text-align: right; }}
p, ul, ol {{ margin: 1mm 0; }} ul, ol {{ padding-left: 6mm; }} figure {{ margin: 2mm 0; text-align: center; }}
figure img {{ max-width: 100%; max-height: 100mm; }} .alone img {{ max-height: 200mm; }}
.mark {{ font-size: 10.5pt; margin: 0 0 2mm; padding: 0.8mm 2mm; }}
.warn {{ border-left: 3pt solid #000; padding-left: 2mm; }} .facts td:first-child {{ width: 62mm; }}
code {{ overflow-wrap: anywhere; }}
</style>"""


def html_file(contents: PackageContents, title: str, sheets: Iterable[str]) -> bytes:
    """The whole page file; a browser that knows page margins repeats the marks on every sheet of paper."""
    left = css_text(" | ".join([*(mark.split(":")[0] for mark in contents.marks), f"{title}, {contents.name}"]))
    origin = f"{title} of {contents.name}, fibplan {contents.version}"
    return document(f"{title}: {contents.name}", origin, [_RUNNING.format(left=left), *sheets])


def css_text(text: str) -> str:
    """Text that ends neither the string of a style sheet nor the sheet itself."""
    plain = " ".join(text.split())
    return "".join(
        character if character.isalnum() or character in " -_,.;:()|+*/" else f"\\{ord(character):06x}"
        for character in plain
    )


def sheet(contents: PackageContents, heading: str, content: str) -> str:
    """One page with every mark, the lamella's name, its recipe and the end of its session."""
    about = f"Lamella {contents.name}: {contents.plan.recipe.title}"
    when = f"Session over at {contents.when:%Y-%m-%d %H:%M %Z}, by {contents.operator}, fibplan {contents.version}"
    return page(heading, [about, when], "".join(mark(text) for text in contents.marks) + content)


def table(rows: Iterable[Row]) -> str:
    """Names and values; a value is HTML already."""
    body = "".join(f"<tr><td>{escape(name)}</td><td>{value}</td></tr>" for name, value in rows)
    return f'<table class="facts">{body}</table>'


def grid(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table with a header; cells are HTML already."""
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{body}</table>"


def listed(items: Iterable[str], *, numbered: bool = False) -> str:
    """A list of plain lines."""
    kind = "ol" if numbered else "ul"
    return f"<{kind}>{''.join(f'<li>{escape(item)}</li>' for item in items)}</{kind}>"


def ticked(items: Iterable[str]) -> str:
    """A box before each line."""
    rows = (f'<li><span class="box"></span>{escape(item)}</li>' for item in items)
    return f'<ul class="boxes">{"".join(rows)}</ul>'


def warning(text: str) -> str:
    return f'<p class="warn"><b>{escape(text)}</b></p>'


def sourced(*intervals: Interval | None) -> str:
    """Every source once, and how far the least verified of them is verified."""
    known = [interval for interval in intervals if interval is not None]
    if not known:
        return ""
    said = f"Sources: {joined_sources(known)}. The least verified of these numbers is {worst(n.status for n in known)}."
    return f'<p class="small">{escape(said)}</p>'


def short(value: float, digits: int = 3) -> str:
    """To so many digits, without an exponent while it is under a million.

    >>> short(356.7, 2), short(199728.3), short(1.99e7), short(0.3571, 2)
    ('360', '200000', '1.99e+07', '0.36')
    """
    text = f"{value:.{digits}g}"
    return f"{float(text):.0f}" if "e+" in text and abs(value) < 1e6 else text


def json_file(contents: PackageContents, what: str, value: Frozen | None, **more: Any) -> bytes:
    """The same numbers for a program: SI units, to ten digits, with the marks of the package."""
    told = {
        "what": what,
        "lamella": contents.name,
        "recipe": contents.plan.recipe.title,
        "made_by": f"fibplan {contents.version}",
        "simulated": contents.simulated,
        "marks": list(contents.marks),
        **more,
        **(value.model_dump(mode="json") if value is not None else {}),
    }
    return (json.dumps(ten_digits(told), indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8")


def ten_digits(value: Any) -> Any:
    """The same without the last digits of its numbers, which depend on the machine's mathematics."""
    if isinstance(value, float):
        return float(f"{value:.10g}")
    if isinstance(value, dict):
        return {key: ten_digits(entry) for key, entry in value.items()}
    return [ten_digits(entry) for entry in value] if isinstance(value, list | tuple) else value
