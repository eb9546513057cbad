"""The SENSe subsystem of a 2450: one function at a time is measured, and each keeps settings of its own."""

from collections.abc import Callable
from typing import Literal

from fibplan.model.cards import range_holding
from fibplan.simulator.accuracy import OVERRANGE, Quantity
from fibplan.simulator.events import ScpiError
from fibplan.simulator.scpi import Handler, Parameters, spelling
from fibplan.simulator.scpi2450.access import Bounds, number, switch, user_delays
from fibplan.simulator.scpi2450.source import reach, reconcile
from fibplan.simulator.scpi2450.state import HEADERS, OHM_MOST, SHORT, Function, Measuring, State
from fibplan.simulator.scpi_settings import choice, count
from fibplan.simulator.setup import OTHER

ROOT = "[:SENSe[1]]"
NPLC = Bounds(0.01, 10.0, 1.0)
COUNT_MOST = 300_000
OHM_RANGES = tuple(2.0 * 10.0**decade for decade in range(1, 9))
"""20 ohm to 200 Mohm (SPEC-2450 Rev A)."""
ALL: tuple[Function, ...] = ("V", "A", "R")
FILTERS: dict[str, Literal["REP", "MOV"]] = {"REPeat": "REP", "MOVing": "MOV"}
FILTER_MOST, FILTER_PRESET = 100, 10


def commands(state: State) -> dict[str, Handler]:
    """The whole subsystem."""

    def assign(given: Parameters) -> None:
        state.settings.function = function_named(given.string())

    def assign_count(given: Parameters) -> None:
        state.settings.count = given.whole(1, COUNT_MOST, 1)

    return {
        ROOT + ":FUNCtion[:ON] <function>": assign,
        ROOT + ":FUNCtion[:ON]?": lambda _: f'"{SHORT[state.settings.function]}"',
        ROOT + ":COUNt <n>": assign_count,
        ROOT + ":COUNt?": lambda _: str(state.settings.count),
        ROOT + ":AZERo:ONCE": lambda _: None,
        **_kept(state, ROOT, ALL),
        **{usage: handler for one in ALL for usage, handler in _kept(state, f"{ROOT}:{HEADERS[one]}", (one,)).items()},
        **{
            usage: handler
            for one in ALL
            for usage, handler in user_delays(f"{ROOT}:{HEADERS[one]}", lambda: state.settings.user_delays).items()
        },
        **_range(state, "V"),
        **_range(state, "A"),
        **_ohm_range(state),
    }


def function_named(name: str) -> Function:
    """The measure function that a string names; -224 where there is none."""
    for function, header in HEADERS.items():
        if spelling(header).fullmatch(name.upper()):
            return function
    raise ScpiError(-224)


def _kept(state: State, root: str, functions: tuple[Function, ...]) -> dict[str, Handler]:
    """What each function keeps; without a function in the header it is set for all (2461-901-01 p 6-60)."""

    def write(attribute: str, value: object) -> None:
        for function in functions:
            setattr(state.settings.measuring[function], attribute, value)

    first = functions[0] if len(functions) == 1 else None

    def measuring() -> Function:
        return first or state.settings.function

    return {
        **number(
            root + ":NPLCycles",
            lambda: NPLC,
            lambda: state.settings.measuring[measuring()].nplc,
            lambda cycles: write("nplc", cycles),
        ),
        **switch(
            root + ":RSENse",
            lambda: state.settings.measuring[measuring()].four_wire,
            lambda on: write("four_wire", on),
        ),
        **switch(
            root + ":AZERo[:STATe]",
            lambda: state.settings.measuring[measuring()].autozero,
            lambda on: write("autozero", on),
        ),
        **_filter(root + ":AVERage", lambda: state.settings.measuring[measuring()], write),
    }


def _filter(root: str, read: Callable[[], Measuring], write: Callable[[str, object], None]) -> dict[str, Handler]:
    """The averaging filter (2450-901-01 p 6-43); a moving filter is held, but does not smooth."""
    return {
        **switch(root + "[:STATe]", lambda: read().filtered, lambda on: write("filtered", on)),
        **count(
            root + ":COUNt",
            (1, FILTER_MOST, FILTER_PRESET),
            lambda: read().filter_count,
            lambda conversions: write("filter_count", conversions),
        ),
        **choice(root + ":TCONtrol", FILTERS, lambda: read().filter_kind, lambda kind: write("filter_kind", kind)),
    }


def _range(state: State, quantity: Quantity) -> dict[str, Handler]:
    root = f"{ROOT}:{HEADERS[quantity]}:RANGe"
    meters = state.card.measure_voltage if quantity == "V" else state.card.measure_current
    scales = sorted(entry.full_scale for entry in meters)
    preset = 1e-4 if quantity == "A" else scales[0]

    def in_use() -> float:
        setup = state.meter.setup
        side = setup.side(quantity)
        # Measuring what is sourced uses the source range, whatever is set (2461-901-01 p 6-65).
        return side.source_range if quantity == setup.source else side.measure_range

    def assign(value: float) -> None:
        side = state.meter.setup.side(quantity)
        side.measure_range = range_holding(meters, value, OVERRANGE if value > scales[-1] else 1.0).full_scale
        side.measure_auto = False
        reconcile(state, OTHER[quantity])

    def assign_auto(on: bool) -> None:
        state.meter.setup.side(quantity).measure_auto = on
        reconcile(state, OTHER[quantity])

    def assign_least(value: float) -> None:
        state.meter.setup.side(quantity).measure_least = range_holding(meters, value).full_scale

    return {
        **number(root + "[:UPPer]", lambda: Bounds(0.0, reach(state, quantity), preset), in_use, assign),
        **switch(root + ":AUTO", lambda: state.meter.setup.side(quantity).measure_auto, assign_auto),
        **number(
            root + ":AUTO:LLIMit",
            lambda: Bounds(scales[0], scales[-1], scales[0]),
            lambda: max(scales[0], state.meter.setup.side(quantity).measure_least),
            assign_least,
        ),
    }


def _ohm_range(state: State) -> dict[str, Handler]:
    root = f"{ROOT}:{HEADERS['R']}:RANGe"

    def assign(value: float) -> None:
        state.settings.ohm_range = next((full for full in OHM_RANGES if value <= full), OHM_MOST)
        state.settings.ohm_auto = False

    return {
        **number(root + "[:UPPer]", lambda: Bounds(0.0, OHM_MOST, OHM_MOST), lambda: state.settings.ohm_range, assign),
        **switch(root + ":AUTO", lambda: state.settings.ohm_auto, lambda on: setattr(state.settings, "ohm_auto", on)),
    }
