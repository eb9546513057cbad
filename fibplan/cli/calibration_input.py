"""What a calibration is made from: a measured box, or the times of a finished session."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fibplan.advice.calibration import Accuracy, Box, Measurement, Rated, measured_box
from fibplan.advice.session_rates import Actual, session_rates
from fibplan.errors import Misuse, NotFound
from fibplan.journal.file import read
from fibplan.journal.state import fold
from fibplan.library.calibrated_card import SIMULATED
from fibplan.library.fault_words import nearest
from fibplan.library.load import load_card, load_materials
from fibplan.library.search_path import SearchPath
from fibplan.model.fib_card import FibCard
from fibplan.model.materials import Material
from fibplan.session.folder import SessionFolder
from fibplan.session.frozen import frozen_plan
from fibplan.units import QuantityError, example, parse, show

Given = tuple[str, str, str]
"""An option, the quantity that was given for it, and the unit it must have."""


@dataclass(frozen=True)
class Told:
    """The card to start from, with its text and the materials, and what was measured on its column."""

    card: FibCard
    text: str
    materials: Mapping[str, Material]
    measured: Mapping[Rated, Measurement]
    unusable: Mapping[str, str] = field(default_factory=dict[str, str])


class WrongOptions(Misuse):
    """Several options are wrong; one line each."""

    def __init__(self, faults: Sequence[Misuse]) -> None:
        super().__init__(f"{len(faults)} fault(s)")
        self.faults = tuple(faults)

    def lines(self) -> list[str]:
        return [line for fault in self.faults for line in fault.lines()]


def from_box(options: Mapping[str, str | None], uncertainties: Sequence[Given], search: SearchPath) -> Told:
    """The rate that a box tells; ``options`` are those that describe it, by name, and the card.

    Raises :class:`~fibplan.errors.Misuse` with every option that is missing, or every one that is wrong.
    """
    texts = {option: text for option, text in options.items() if text is not None}
    missing = [option for option in options if option not in texts]
    if missing:
        remedy = f"add {', '.join(missing)} for a box, or give --session"
        raise Misuse("the measurement is incomplete", where="fibplan calibrate", remedy=remedy)
    measures = [("--accelerating-voltage", "V"), ("--beam-current", "A"), ("--depth", "m"), ("--time", "s")]
    given = [(option, texts[option], unit) for option, unit in measures]
    sides = [("--box", side, "m") for side in _sides(texts["--box"])]
    voltage, current, depth, time, length, width, *relative = _quantities([*given, *sides, *uncertainties])
    card, text = _fib_card(texts["--fib"], search)
    materials, material = _materials(search), texts["--material"]
    if material not in materials:
        raise NotFound(f"there is no material '{material}'", where="--material", remedy=nearest(material, materials))
    measured = measured_box(Box(length, width, depth, current, time), card, Accuracy(*relative))
    return Told(card, text, materials, {(material, _on_card(card, voltage)): measured})


def from_session(
    root: Path, fib: str | None, uncertainties: Sequence[Given], search: SearchPath, *, simulated_too: bool
) -> Told:
    """The rates that the times of the session in that folder tell, for its own card or for the one that is named."""
    accuracy = Accuracy(*_quantities(uncertainties))
    folder = SessionFolder(root)
    if not folder.journal.is_file():
        raise NotFound("there is no session here", where=str(root), remedy="name the folder with its journal.jsonl")
    records = read(folder.journal)
    state = fold(record.event for record in records)
    if state.closed is None:
        raise Misuse("the session is not over", where=str(root), remedy="finish it first")
    simulated = state.opened.simulated
    if simulated and not simulated_too:
        remedy = "take a real one, or give --simulated-too for a card that says SIMULATED"
        raise Misuse("a simulated session measured no column", where=str(root), remedy=remedy)
    frozen = frozen_plan(folder, state.opened)
    plan, mark = frozen.plan, f"journal {records[0].hash[:12]}"
    named = f"session {state.opened.session} ({mark})"
    actuals = {name: Actual(done.duration_s, done.thickness_m) for name, done in state.done.items()}
    rates = session_rates(plan, actuals, accuracy, f"{SIMULATED} {named}" if simulated else named)
    if not rates.measured:
        why = "; ".join(f"{name}: {reason}" for name, reason in rates.unusable.items()) or "nothing was milled"
        raise Misuse(f"this session tells no rate ({why})", where=str(root), remedy="mill and measure a box")
    card, text = plan.cards.fib, frozen.texts[f"fib/{plan.recipe.instruments.fib}.yaml"]
    if fib is not None:
        card, text = _fib_card(fib, search)
        _refuse_other_column(card, plan.cards.fib, mark)
    return Told(card, text, plan.cards.materials, rates.measured, rates.unusable)


def _sides(box: str) -> list[str]:
    """Length and width, as they are written around an ``x``."""
    sides = re.split(r"\s*[xX\u00d7]\s*", box.strip())
    if len(sides) != 2:
        remedy = "write '5 um x 5 um', and the depth with --depth"
        raise Misuse(f"'{box}' is not a length by a width", where="--box", remedy=remedy)
    return sides


def _materials(search: SearchPath) -> dict[str, Material]:
    materials: dict[str, Material] = {}
    for path in search.materials():
        materials = {**load_materials(path)[0], **materials}
    return materials


def _quantities(given: Sequence[Given]) -> list[float]:
    """The SI values; every one that is wrong is told."""
    faults: list[Misuse] = []
    values = [_quantity(option, text, unit, faults) for option, text, unit in given]
    if faults:
        raise WrongOptions(faults)
    return values


def _quantity(option: str, text: str, unit: str, faults: list[Misuse]) -> float:
    try:
        return _positive(text, unit)
    except QuantityError as error:
        faults.append(Misuse(error.problem, where=option, remedy=error.remedy))
        return math.nan


def _positive(text: str, unit: str) -> float:
    value = parse(text, unit)
    if value <= 0:
        raise QuantityError(f"'{text}' is not above zero", f"write a positive value, such as {example(unit)}")
    if unit == "1" and value >= 1:
        raise QuantityError(f"'{text}' is no measurement", "write one sigma below 100 %, such as 5 %")
    return value


def _fib_card(name: str, search: SearchPath) -> tuple[FibCard, str]:
    path = search.card("fib", name)
    if path is None:
        raise NotFound(f"there is no fib card '{name}'", where="--fib", remedy=nearest(name, search.cards("fib")))
    card, text = load_card(path)
    if not isinstance(card, FibCard):
        raise Misuse(f"this is a {card.kind} card", where=str(path), remedy="name a fib card")
    return card, text


def _on_card(card: FibCard, voltage_v: float) -> float:
    """The card's own value of that ion voltage."""
    known = [beam.accelerating_voltage for beam in card.beams if beam.particle == "Ga"]
    found = [voltage for voltage in known if math.isclose(voltage, voltage_v)]
    if not found:
        message = f"{card.title} mills at no {show(voltage_v, 'V')}"
        remedy = f"use {' or '.join(show(voltage, 'V') for voltage in known)}"
        raise Misuse(message, where="--accelerating-voltage", remedy=remedy)
    return found[0]


def _refuse_other_column(card: FibCard, sessions: FibCard, mark: str) -> None:
    if (card.beam_angle, card.beams) != (sessions.beam_angle, sessions.beams):
        remedy = f"start from {sessions.name} or a card calibrated from it"
        raise Misuse(f"{card.name} is not the column of this session", where="--fib", remedy=remedy)
    if any(mark in old.measured for old in card.calibrations):
        raise Misuse(f"{card.name} has used this session already", where="--fib", remedy="a session counts only once")
