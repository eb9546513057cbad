"""``fibplan simulate``: instruments that are not there, on real sockets."""

import math
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fibplan.cli.demo import FAULT_HELP
from fibplan.cli.options import LibraryOption
from fibplan.cli.output import say, tell
from fibplan.errors import Misuse

if TYPE_CHECKING:
    from fibplan.library.search_path import SearchPath
    from fibplan.model.cards import SmuCard
    from fibplan.simulator.device import Resistor
    from fibplan.simulator.specimen import Specimen

app = typer.Typer(help="Serve a simulated instrument.", no_args_is_help=True)

LOOPBACK = "127.0.0.1"
"""Only programs on this computer reach a simulator that listens here."""


class Model(StrEnum):
    """The instruments that can be simulated."""

    KEITHLEY_2400 = "2400"
    KEITHLEY_2450 = "2450"
    KEITHLEY_2636B = "2636B"


@app.callback()
def simulate() -> None:
    """Serve a simulated instrument until interrupted."""


@app.command("smu")
def smu(
    *,
    model: Annotated[Model, typer.Option("--model", help="Which source-measure unit.")] = Model.KEITHLEY_2450,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="TCP port; 0 takes a free one.")] = 0,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = LOOPBACK,
    dut: Annotated[str | None, typer.Option("--dut", help="Resistance between the tips in ohm, or 'open'.")] = None,
    recipe: Annotated[str | None, typer.Option("--recipe", help="Measure the lamella of this recipe instead.")] = None,
    path: Annotated[
        str, typer.Option("--path", help="Which path the tips are on: the recipe's, or isolation-reference_electrode.")
    ] = "bridge",
    fault: Annotated[list[str] | None, typer.Option("--fault", help=FAULT_HELP)] = None,
    time_scale: Annotated[float, typer.Option("--time-scale", min=0.0, help="1 real time, 0 no waiting.")] = 1.0,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the instrument's errors and of loose contacts.")] = 0,
    library: LibraryOption = None,
) -> None:
    """Serve a simulated Keithley until interrupted. The first line on stdout is its VISA resource."""
    from fibplan.clock import SystemClock
    from fibplan.library.search_path import default_search_path
    from fibplan.simulator.server import SimulatedSmu

    search = default_search_path(library or ())
    if dut is not None and recipe is None:
        device = _resistor(dut, fault or [])
    elif recipe is not None and dut is None:
        device = _specimen(recipe, path, fault or [], seed, search)
    else:
        raise Misuse("say what lies between the tips", where="--dut", remedy="give either --dut 150 or --recipe NAME")
    card = smu_card(f"keithley-{model.value.lower()}", search)
    with SimulatedSmu(card, device, seed=seed, time_scale=time_scale, host=host, port=port) as simulated:
        say(simulated.resource)
        if simulated.exposed:
            tell(simulated.exposed)
        wrong = f" with {', '.join(fault)}" if fault else ""
        tell(f"simulated {card.title}, {_told(device)} between the tips{wrong}; Ctrl-C ends it")
        while True:
            SystemClock().sleep(3600.0)


def smu_card(name: str, search: "SearchPath") -> "SmuCard":
    """The card of that name; :class:`NotFound` with the names there are."""
    from fibplan.errors import NotFound
    from fibplan.library.fault_words import nearest
    from fibplan.library.load import load_card
    from fibplan.model.cards import SmuCard

    found = search.card("smu", name)
    if found is None:
        raise NotFound("there is no such SMU card", where=name, remedy=nearest(name, search.cards("smu")))
    card, _ = load_card(Path(found))
    if not isinstance(card, SmuCard):
        raise Misuse(f"this is a {card.kind} card", where=str(found), remedy="name an SMU card")
    return card


def _resistor(dut: str, faults: list[str]) -> "Resistor":
    from fibplan.simulator.device import Resistor

    if faults:
        raise Misuse("a bare resistance has no faults", where="--fault", remedy="give a --recipe instead of --dut")
    return Resistor(_ohms(dut))


def _specimen(recipe: str, path: str, faults: list[str], seed: int, search: "SearchPath") -> "Specimen":
    from fibplan.cli.lamella import SimulatedLamella, expected_of, simulated_truth
    from fibplan.library.examine import examine
    from fibplan.verification.probing import all_paths

    plan = examine(recipe, search).sound_plan()
    truth, paths = simulated_truth(plan, expected_of(plan, seed=0)), all_paths(plan)
    if path not in paths:
        raise Misuse(f"there is no path '{path}'", where="--path", remedy=f"use {', '.join(paths)}")
    entry = paths[path]
    return SimulatedLamella(plan, truth, faults, seed).device((entry.start, entry.end))


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


def _told(device: "Resistor | Specimen") -> str:
    from fibplan.units import show

    return show(device.resistance_ohm + device.leads_ohm, "ohm")
