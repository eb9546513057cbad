"""The text of a starting recipe: its data in YAML, with a comment before every part."""

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from fibplan.library.written import as_yaml

HEAD = """\
# Begun from the recipe {template} by fibplan new.
# Nothing in it comes from a publication: go through every value, then look with fibplan check and fibplan plan.
# A warning that you mean to live with is named under `accepts`, with the reason.
#
# For completion and hover in an editor: fibplan schema recipe > recipe-schema.json, and as the first line here
# # yaml-language-server: $schema=recipe-schema.json
"""

REMARKS = "# Of the patterns that its milling was taken from:\n"

SECTIONS = {
    "fibplan": "The version of the format, not of the program.",
    "title": "Stands on every sheet and picture.",
    "source": "Where the values come from. Name what you choose yourself in a list `assumed` beside it.",
    "instruments": "Cards by name, from instruments/KIND/NAME.yaml.",
    "sample": "The layers from the substrate up; of the substrate, what the lamella keeps.",
    "lamella": "The slab that is cut out, and where it lies on the chip (origin at the centre of the window).",
    "bridge": "The metal that joins the chip's electrode to the current collector.",
    "support": "The weld that holds the substrate's edge to the membrane.",
    "supports": "Further welds; without a position each finds its own place on the substrate's edge.",
    "cuts": "Where the cuts of the steps below lie, in the lamella's frame.",
    "pads": "Thick metal over the frame for a tip to land on, with a track to a conductor of the lamella.",
    "steps": "Each step waits for those in its `after`. `leaves` is the thickness that is left between the faces.",
    "verification": "What is measured between the tips, and what decides. Set the limits for your own cell.",
    "hand_off": "What the TEM operator has to set. It stands here as it was for the sample of the recipe above.",
}

STEPS = {
    "deposit": "Metal grown from the gas.",
    "mill_trench": "From here on the currents fall with the thickness.",
    "undercut": "Frees the lamella below and at one side.",
    "polish": "Low voltage takes away what the steps before have damaged, so it needs enough to take off.",
    "lift_out": "Done by hand.",
    "mill_notch": "Cap and active layer are milled back where the bridge will land, before the lift-out.",
    "isolation_cut": "Shallow: it must not go through the membrane.",
    "measure": "The bare chip before it takes a lamella; the lamella after the last step that mills or deposits.",
}
"""Said before the first step of a kind."""


def commented(data: dict[str, Any], template: str, remarks: Iterable[str] = ()) -> str:
    """The recipe as text, LF at the end of every line; remarks on patterns stand as comments at its head."""
    sections = {key: data[key] for key in [*SECTIONS, *data] if key in data}
    said = "".join(_remark(remark) for remark in remarks)
    head = HEAD.format(template=template) + (f"#\n{REMARKS}{said}" if said else "")
    return head + "".join(_section(key, value) for key, value in sections.items())


def _remark(text: str) -> str:
    """One remark, folded; no sign of it can end the comment."""
    plain = "".join(sign if sign.isprintable() else " " for sign in text)
    return textwrap.fill(plain, 120, initial_indent="# - ", subsequent_indent="#   ", break_on_hyphens=False) + "\n"


def _section(key: str, value: Any) -> str:
    comment = f"# {SECTIONS[key]}\n" if key in SECTIONS else ""
    body = "steps:\n" + "".join(_steps(value)) if key == "steps" else as_yaml({key: value})
    return f"\n{comment}{body}"


def _steps(steps: list[dict[str, Any]]) -> Iterator[str]:
    told: set[str] = set()
    for step in steps:
        kind = step["kind"]
        if kind in STEPS and kind not in told:
            told.add(kind)
            yield f"  # {STEPS[kind]}\n"
        yield textwrap.indent(as_yaml([step]), "  ")
