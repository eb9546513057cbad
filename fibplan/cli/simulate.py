"""``fibplan simulate``: instruments that are not there, on real sockets."""

import math
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fibplan.cli.options import LibraryOption
from fibplan.cli.output import say, tell
from fibplan.errors import Misuse

if TYPE_CHECKING:
    from fibplan.library.search_path import SearchPath
    from fibplan.model.cards import SmuCard
    from fibplan.simulator.device import Resistor

app = typer.Typer(help="Serve a simulated instrument.", no_args_is_help=True)


class Model(StrEnum):
    """The instruments that can be simulated."""

    KEITHLEY_2450 = "2450"


@app.callback()
def simulate() -> None:
    """Serve a simulated instrument until interrupted."""


@app.command("smu")
def smu(
    *,
    model: Annotated[Model, typer.Option("--model", help="Which source-measure unit.")] = Model.KEITHLEY_2450,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="TCP port; 0 takes a free one.")] = 0,
    dut: Annotated[str | None, typer.Option("--dut", help="Resistance between the tips in ohm, or 'open'.")] = None,
    recipe: Annotated[str | None, typer.Option("--recipe", help="Measure the lamella of this recipe instead.")] = None,
    path: Annotated[str, typer.Option("--path", help="Which of the recipe's paths the tips are on.")] = "bridge",
    fault: Annotated[str | None, typer.Option("--fault", help="What is wrong with the lamella.")] = None,
    time_scale: Annotated[float, typer.Option("--time-scale", min=0.0, help="1 real time, 0 no waiting.")] = 1.0,
    seed: Annotated[int, typer.Option("--seed", help="Serial number of the instrument's errors.")] = 0,
    library: LibraryOption = None,
) -> None:
    """Serve a simulated Keithley until interrupted. The first line on stdout is its VISA resource."""
    from fibplan.clock import SystemClock
    from fibplan.library.search_path import default_search_path
    from fibplan.simulator.server import SimulatedSmu

    search = default_search_path(library or ())
    device = _device(dut, recipe, path, fault, search)
    card = smu_card(f"keithley-{model.value}", search)
    with SimulatedSmu(card, device, seed=seed, time_scale=time_scale, port=port) as simulated:
        say(simulated.resource)
        tell(f"simulated {card.title}, {_told(device)} between the tips; Ctrl-C ends it")
        while True:
            SystemClock().sleep(3600.0)


def smu_card(name: str, search: "SearchPath") -> "SmuCard":
    """The card of that name; :class:`NotFound` with the names there are."""
    from fibplan.errors import NotFound
    from fibplan.library.faults import nearest
    from fibplan.library.load import load_card
    from fibplan.model.cards import SmuCard

    found = search.card("smu", name)
    if found is None:
        raise NotFound("there is no such SMU card", where=name, remedy=nearest(name, search.cards("smu")))
    card, _ = load_card(Path(found))
    if not isinstance(card, SmuCard):
        raise Misuse(f"this is a {card.kind} card", where=str(found), remedy="name an SMU card")
    return card


def _device(dut: str | None, recipe: str | None, path: str, fault: str | None, search: "SearchPath") -> "Resistor":
    from fibplan.cli.lamella import SimulatedLamella, expected_of, simulated_truth
    from fibplan.library.examine import examine
    from fibplan.simulator.device import Resistor

    if (dut is None) == (recipe is None):
        raise Misuse("say what lies between the tips", where="--dut", remedy="give either --dut 150 or --recipe NAME")
    if dut is not None:
        if fault is not None:
            raise Misuse("a bare resistance has no faults", where="--fault", remedy="give a --recipe instead of --dut")
        return Resistor(_ohms(dut))
    plan = examine(recipe or "", search).sound_plan()
    if path not in plan.recipe.verification:
        raise Misuse(f"there is no path '{path}'", where="--path", remedy=f"use {', '.join(plan.recipe.verification)}")
    truth = simulated_truth(plan, expected_of(plan, seed=0))
    entry = plan.recipe.verification[path]
    return SimulatedLamella(plan, truth, fault).device((entry.start, entry.end))


def _ohms(text: str) -> float:
    from fibplan.units import QuantityError, parse

    if text == "open":
        return math.inf
    try:
        value = parse(f"{text} ohm" if text[-1:].isdigit() else text, "ohm")
    except QuantityError as error:
        raise Misuse(error.problem, where="--dut", remedy=error.remedy) from None
    if value <= 0:
        raise Misuse(f"'{text}' is not above zero", where="--dut", remedy="write --dut 150")
    return value


def _told(device: "Resistor") -> str:
    from fibplan.units import show

    return show(device.resistance_ohm, "ohm")
