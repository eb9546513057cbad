"""A proposed bridge in words, as a table of the front and as JSON."""

from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table

from fibplan.advice.design.changes import changes, new_cuts
from fibplan.advice.design.making import deposition
from fibplan.advice.design.propose import BridgeProposal, Point
from fibplan.cli.design_text import span
from fibplan.library.load import RecipeFile
from fibplan.model.plan import Plan
from fibplan.planning.tolerance.spreads import MAKING, spreads
from fibplan.units import show, show_time


def bridge_lines(proposal: BridgeProposal) -> list[str]:
    """What is proposed and why, or that nothing better was found."""
    before, after = proposal.before, proposal.after
    if after is None:
        return [before.plan.recipe.title, "", *_nothing(proposal), *_leaning(proposal)]
    cuts = new_cuts(before.plan.recipe, after.plan.recipe)
    return [
        before.plan.recipe.title,
        "",
        f"Accepted: {span(after)} instead of {span(before)}; 90 % intervals of {proposal.samples} samples, "
        f"seed {proposal.seed}; {after.accepted.status}.",
        f"Deposition: {show_time(after.time_s)} expected instead of {show_time(before.time_s)}, with what person and "
        f"stage take; {show_time(proposal.most_s)} allowed.",
        "",
        *(str(value) for value in changes(before.plan.recipe, after.plan.recipe)),
        *(f"new: {cut.name}, {cut_words(cut.length, cut.width, cut.depth)}" for cut in cuts),
        "",
        *_leaning(proposal),
    ]


def cut_words(length_um: float, width_um: float, depth_m: float) -> str:
    """How large a cut is."""
    return f"{length_um:g} um x {width_um:g} um, {show(depth_m, 'm')} deep"


def front_table(proposal: BridgeProposal) -> Table:
    """One row a design that no other beats in yield and time, the recipe's own last."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("bridge", no_wrap=True)
    for heading in ("minutes", "accepted %", "90 % interval", "width um", "thick nm", "on electrode", "on lamella"):
        table.add_column(heading, justify="right")
    table.add_column("landing", no_wrap=True)
    for point in proposal.front:
        own = point.design == proposal.present.design
        table.add_row("proposed" if point is proposal.chosen else "as it is" if own else "", *_row(point))
    if all(point.design != proposal.present.design for point in proposal.front):
        table.add_row("as it is", *_row(proposal.present))
    return table


def bridge_json(file: RecipeFile, proposal: BridgeProposal, out: Path | None) -> dict[str, Any]:
    """The proposal as other programs read it: SI units, ``written`` null where nothing was."""
    before, after, source = proposal.before, proposal.after, file.sources[0]
    recipes = (before.plan.recipe, after.plan.recipe) if after is not None else None
    return {
        "recipe": source.origin.shown,
        "sha256": source.sha256,
        "for": "yield",
        "written": str(out) if out is not None else None,
        "within_s": proposal.most_s,
        "seed": proposal.seed,
        "samples": proposal.samples,
        "front_samples": proposal.front_samples,
        "screened": proposal.screened,
        "before": _point_json(before),
        "after": _point_json(after) if after is not None else None,
        "changes": [_change_json(value) for value in changes(*recipes)] if recipes else [],
        "new_steps": [cut.name for cut in new_cuts(*recipes)] if recipes else [],
        "held": list(proposal.space.held),
        "front": [{**_point_json(point), "proposed": point is proposal.chosen} for point in proposal.front],
    }


def _nothing(proposal: BridgeProposal) -> list[str]:
    before = proposal.before
    if not proposal.front:
        return [f"No bridge that keeps the rules is made in {show_time(proposal.most_s)}; the recipe stays as it is."]
    return [
        f"No bridge that keeps the rules and takes {show_time(proposal.most_s)} at most is clearly accepted more often "
        f"than {span(before)} ({proposal.samples} samples, seed {proposal.seed}; {before.accepted.status}); the recipe "
        "stays as it is.",
    ]


def _leaning(proposal: BridgeProposal) -> list[str]:
    """What the yield is taken over, what was moved, and what was not."""
    plan = proposal.before.plan
    making = [spread.name for spread in spreads(plan) if spread.name in MAKING]
    strays = "nothing that is made strays" if not making else f"{len(making)} lengths and thicknesses stray"
    return [
        "A sample is accepted if its true two-probe resistance passes every path. The yield is taken over what the "
        f"cards state: {strays}, and {len(spreads(plan)) - len(making)} material numbers. It is "
        f"{proposal.before.accepted.status}: no lamella of this recipe was counted.",
        f"{proposal.screened} designs were screened; those of the front have {proposal.front_samples} samples each. No "
        "design has an error or a warning that the recipe does not have.",
        *(f"Held: {why}." for why in proposal.space.held),
    ]


def _row(point: Point) -> tuple[str, ...]:
    design, share = point.design, point.accepted
    return (
        f"{point.time_s / 60:.1f}",
        f"{100 * share.expected:.0f}",
        f"{100 * share.low:.0f}-{100 * share.high:.0f}",
        f"{design.width_um:g}",
        f"{design.thickness_m * 1e9:g}",
        f"{design.overlap_electrode_um:g}",
        f"{design.overlap_lamella_um:g}",
        f"{design.landing.short}{', cut' if design.cut else ''}",
    )


def _point_json(point: Point) -> dict[str, Any]:
    design, share = point.design, point.accepted
    return {
        "deposition_s": point.time_s,
        "accepted": {
            "low": share.low, "expected": share.expected, "high": share.high, "coverage": share.coverage,
            "status": share.status.value,
        },
        "width_m": round(design.width_um * 1e-6, 15),
        "thickness_m": design.thickness_m,
        "overlap_electrode_m": round(design.overlap_electrode_um * 1e-6, 15),
        "overlap_lamella_m": round(design.overlap_lamella_um * 1e-6, 15),
        "landing": str(design.landing),
        "cut": design.cut,
        "operations": _operations_json(point.plan),
    }  # fmt: skip


def _operations_json(plan: Plan) -> list[dict[str, Any]]:
    return [
        {
            "name": entry.name,
            "beam_current_a": entry.beam_current_a,
            "duration_s": {
                "low": entry.duration_s.low, "expected": entry.duration_s.expected, "high": entry.duration_s.high,
            },
        }
        for entry in deposition(plan)
    ]  # fmt: skip


def _change_json(value: Any) -> dict[str, Any]:
    return {
        "part": value.part,
        "field": value.field,
        "before": None if value.before == "None" else value.before,
        "after": value.after,
        "assumed": value.assumed,
    }
