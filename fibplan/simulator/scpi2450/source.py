"""The SOURce and OUTPut subsystems of a 2450: function, levels, ranges, limits, protection, interlock."""

import math
from collections.abc import Callable
from functools import partial

from fibplan.model.cards import range_holding
from fibplan.simulator.accuracy import OVERRANGE, Quantity
from fibplan.simulator.scpi import Handler, Parameters
from fibplan.simulator.scpi2450.access import Bounds, number, switch, user_delays
from fibplan.simulator.scpi2450.state import AUTO_DELAY_S, LIMIT_A, LIMIT_V, LIMIT_V_LEAST, State, auto_delay_s
from fibplan.simulator.scpi_settings import flag, nr3
from fibplan.simulator.setup import OTHER, OffState
from fibplan.simulator.sourcemeter import Limit

ROOTS: dict[Quantity, str] = {"V": ":SOURce[1]:VOLTage", "A": ":SOURce[1]:CURRent"}
LIMIT_HEADERS: dict[Quantity, str] = {"V": ":ILIMit[:LEVel]", "A": ":VLIMit[:LEVel]"}
FUNCTIONS: dict[str, Quantity] = {"VOLTage[:DC]": "V", "CURRent[:DC]": "A"}
OFF_STATES: dict[str, OffState] = {"NORMal": "NORM", "HIMPedance": "HIMP", "ZERO": "ZERO", "GUARd": "GUAR"}
PROTECTIONS = {f"PROT{volts}": float(volts) for volts in (2, 5, 10, 20, 40, 60, 80, 100, 120, 140, 160, 180)}
LIMIT_SHARE = 0.106
"""The least limit, as a share of a fixed measure range (2450-901-01, source limits)."""
LIMIT_CHANGED = 5053
"""The number of that warning is unverified; its severity and effect are from the manual."""
INTERLOCK = 5074
"""The number of that event is unverified."""
POWER_W = 22.05
"""210 V at 105 mA or 21 V at 1.05 A, and not both (SPEC-2450 Rev A, p 1)."""


def commands(state: State) -> dict[str, Handler]:
    """Both subsystems."""

    def assign(given: Parameters) -> None:
        state.meter.setup.source = given.name(FUNCTIONS)

    return {
        ":SOURce[1]:FUNCtion[:MODE] <function>": assign,
        ":SOURce[1]:FUNCtion[:MODE]?": lambda _: "VOLT" if state.meter.setup.source == "V" else "CURR",
        **_sourcing(state, "V"),
        **_sourcing(state, "A"),
        **_protection(state),
        **_output(state),
    }


def reach(state: State, quantity: Quantity) -> float:
    """The largest level there is, volts or amperes."""
    return state.card.voltage_most if quantity == "V" else state.card.current_limit_most


def refuse_interlocked(state: State, level_v: float) -> None:
    """Log an event where the output goes on above what the open interlock allows (2450-901-01, interlock)."""
    safe = state.card.interlock_voltage
    if safe is not None and not state.interlock_closed and abs(level_v) > safe:
        state.log.error(INTERLOCK)


def highest_v(state: State, levels_most: float) -> float:
    """The voltage that the output can come to when levels up to this are sourced."""
    setup = state.meter.setup
    return levels_most if setup.source == "V" else setup.volts.limit


def reconcile(state: State, source: Quantity) -> None:
    """Change a limit that does not suit a fixed measure range or the source range, and warn of it.

    ``:SYST:ERR?`` never shows the warning. The limit is of what ``source`` does not source.
    """
    setup = state.meter.setup
    limited, sourced = setup.side(OTHER[source]), setup.side(source)
    least = 0.0 if limited.measure_auto else limited.measure_range * LIMIT_SHARE
    most = max(least, min(reach(state, OTHER[source]), POWER_W / (sourced.source_range * OVERRANGE)))
    suitable = min(max(limited.limit, least), most)
    if suitable != limited.limit:
        limited.limit = suitable
        which = "measure" if suitable == least else "source"
        state.log.warning(LIMIT_CHANGED, f"Source limit changed to {nr3(suitable)} to suit the {which} range")


def _sourcing(state: State, quantity: Quantity) -> dict[str, Handler]:
    root = ROOTS[quantity]
    return {
        **_level(state, quantity, root),
        **_limit(state, quantity, root + LIMIT_HEADERS[quantity]),
        **_delay(state, quantity, root),
        **_off_state(state, quantity),
        **user_delays(root, lambda: state.settings.user_delays),
        **switch(
            root + ":READ:BACK",
            lambda: state.settings.sourcing[quantity].readback,
            lambda on: setattr(state.settings.sourcing[quantity], "readback", on),
        ),
    }


def _level(state: State, quantity: Quantity, root: str) -> dict[str, Handler]:
    ranges = state.card.source_voltage if quantity == "V" else state.card.source_current

    def bounds() -> Bounds:
        side, most = state.meter.setup.side(quantity), reach(state, quantity)
        most = most if side.source_auto else min(most, side.source_range * OVERRANGE)
        return Bounds(-most, most, 0.0)

    def assign(level: float) -> None:
        side = state.meter.setup.side(quantity)
        side.level = level
        if side.source_auto:
            fit(level)
        if state.meter.output_on and state.meter.setup.source == quantity:
            refuse_interlocked(state, highest_v(state, level))

    def fit(value: float) -> None:
        side = state.meter.setup.side(quantity)
        side.source_range = range_holding(ranges, value, OVERRANGE).full_scale
        reconcile(state, quantity)

    def assign_range(value: float) -> None:
        fit(value)
        state.meter.setup.side(quantity).source_auto = False

    def assign_auto(on: bool) -> None:
        state.meter.setup.side(quantity).source_auto = on
        if on:
            fit(state.meter.setup.side(quantity).level)

    most, lowest = reach(state, quantity), min(entry.full_scale for entry in ranges)
    return {
        **number(
            root + "[:LEVel][:IMMediate][:AMPLitude]", bounds, lambda: state.meter.setup.side(quantity).level, assign
        ),
        **number(
            root + ":RANGe",
            lambda: Bounds(-most, most, lowest),
            lambda: state.meter.setup.side(quantity).source_range,
            assign_range,
        ),
        **switch(root + ":RANGe:AUTO", lambda: state.meter.setup.side(quantity).source_auto, assign_auto),
    }


def _limit(state: State, source: Quantity, header: str) -> dict[str, Handler]:
    least, preset = (state.card.current_limit_least, LIMIT_A) if source == "V" else (LIMIT_V_LEAST, LIMIT_V)

    def assign(limit: float) -> None:
        state.meter.setup.side(OTHER[source]).limit = limit
        reconcile(state, source)

    def tripped(_: Parameters) -> str:
        return flag(state.meter.setup.source == source and state.meter.limit_now() is not Limit.NONE)

    return {
        **number(
            header,
            lambda: Bounds(least, reach(state, OTHER[source]), preset),
            lambda: state.meter.setup.side(OTHER[source]).limit,
            assign,
        ),
        header + ":TRIPped?": tripped,
    }


def _delay(state: State, quantity: Quantity, root: str) -> dict[str, Handler]:
    def sourcing() -> float:
        own = state.settings.sourcing[quantity]
        return auto_delay_s(state.meter.setup.amps.measure_range) if own.delay_auto else own.delay_s

    def assign(seconds: float) -> None:
        own = state.settings.sourcing[quantity]
        own.delay_s, own.delay_auto = seconds, False

    return {
        **number(root + ":DELay", lambda: Bounds(0.0, 10_000.0, AUTO_DELAY_S), sourcing, assign),
        **switch(
            root + ":DELay:AUTO",
            lambda: state.settings.sourcing[quantity].delay_auto,
            lambda on: setattr(state.settings.sourcing[quantity], "delay_auto", on),
        ),
    }


def _off_state(state: State, quantity: Quantity) -> dict[str, Handler]:
    header = f":OUTPut[1]:{'VOLTage' if quantity == 'V' else 'CURRent'}[:DC]:SMODe"

    def assign(given: Parameters) -> None:
        state.meter.setup.off_states[quantity] = given.name(OFF_STATES)

    return {header + " <state>": assign, header + "?": lambda _: state.meter.setup.off_states[quantity]}


def _protection(state: State) -> dict[str, Handler]:
    header = ":SOURce[1]:VOLTage:PROTection[:LEVel]"

    def assign(given: Parameters) -> None:
        state.settings.protection_v = given.name({**PROTECTIONS, "NONE": math.inf})

    def ask(_: Parameters) -> str:
        most = state.settings.protection_v
        return "NONE" if math.isinf(most) else f"PROT{most:g}"

    def tripped(_: Parameters) -> str:
        setup = state.meter.setup
        beyond = setup.source == "V" and abs(setup.volts.level) > state.settings.protection_v
        return flag(state.meter.output_on and beyond)

    return {header + " <level>": assign, header + "?": ask, header + ":TRIPped?": tripped}


def _output(state: State) -> dict[str, Handler]:
    def assign(on: bool) -> None:
        state.meter.switch(on=on)
        if on:
            refuse_interlocked(state, highest_v(state, state.meter.setup.sourced.level))

    def every_off_state(given: Parameters) -> None:
        chosen = given.name(OFF_STATES)
        state.meter.setup.off_states.update({"V": chosen, "A": chosen})

    def terminals(front: bool, _: Parameters | None = None) -> None:
        if front != state.settings.front:
            state.settings.front = front
            state.meter.switch(on=False)

    names: dict[str, Callable[[], None]] = {"FRONt": partial(terminals, True), "REAR": partial(terminals, False)}
    return {
        **switch(":OUTPut[1][:STATe]", lambda: state.meter.output_on, assign),
        ":OUTPut[1]:SMODe <state>": every_off_state,
        ":OUTPut[1]:INTerlock:TRIPped?": lambda _: flag(state.interlock_closed),
        ":ROUTe:TERMinals <location>": lambda given: given.name(names)(),
        ":ROUTe:TERMinals?": lambda _: "FRON" if state.settings.front else "REAR",
    }
