"""Screens as text: at every size and with every set of signs they fit, and they say what has to be dialled in."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shipped import RECIPES, ROOT

from fibplan.clock import ScriptedClock
from fibplan.library.examine import examine_file
from fibplan.library.load import load_recipe
from fibplan.library.search_path import SearchPath
from fibplan.model.curve import Curve, CurvePoint, Instrument, Settings
from fibplan.model.interval import Interval, Status
from fibplan.model.plan import Operation, Plan
from fibplan.units import show
from fibplan.verification.probing import protocol
from fibplan.wizard import session_questions as ask
from fibplan.wizard.curve_plot import curve_plot
from fibplan.wizard.glyphs import ASCII, UNICODE, Glyphs, written
from fibplan.wizard.guidance import safe_to_leave
from fibplan.wizard.measuring import ready_screen
from fibplan.wizard.milling_clock import MillingClock
from fibplan.wizard.plan_view import plan_view
from fibplan.wizard.screen import Block, Composed, Lines, Page, Screen, composed, line, rule, wrapped
from fibplan.wizard.step_screen import running_screen, step_screen

PLANS = [examine_file(load_recipe(path), SearchPath([ROOT])).sound_plan() for path in RECIPES]
OPERATIONS = [(plan, operation) for plan in PLANS for operation in plan.operations]
NAMES = [f"{plan.recipe.title[:12]}-{operation.name}" for plan, operation in OPERATIONS]
PAGES = [Page(width, height, glyphs) for width, height in ((80, 24), (120, 30)) for glyphs in (UNICODE, ASCII)]
MINUTES = Interval(low=60, expected=120, high=300, unit="s", source="test", status=Status.DERIVED)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def head(page: Page) -> Lines:
    return (line("fibplan"), line("resume with"), rule(page))


def on(page: Page, screen: Screen, operation: Operation) -> Composed:
    foot = wrapped(ask.begin(operation, simulated=False).line, page.width)
    return composed(head(page), screen(page), foot, page)


def assert_fits(drawn: Composed, page: Page) -> str:
    """The text; its lines leave a row for the prompt, and the signs are the page's."""
    lines = [entry.plain for entry in drawn.lines]
    assert len(lines) <= page.height - 1
    assert max(map(len, lines)) <= page.width
    text = "\n".join(lines)
    assert page.glyphs is UNICODE or text.isascii()
    return text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.width}-{page.glyphs.rule}")
@pytest.mark.parametrize(("plan", "operation"), OPERATIONS, ids=NAMES)
def test_a_step_fits_and_says_what_to_dial_in(plan: Plan, operation: Operation, page: Page) -> None:
    """Every step of every shipped recipe: voltage, current, time and the question are on the screen."""
    text = assert_fits(on(page, step_screen(plan, None, operation), operation), page)
    assert operation.name in text
    assert "What now?" in text
    assert "time" in text
    if operation.accelerating_voltage_v is not None and operation.beam_current_a is not None:
        assert f"{show(operation.accelerating_voltage_v, 'V')}, {show(operation.beam_current_a, 'A')}" in text
        assert "stage tilt" in text or "low, so that" in text or "along the faces" in text
        assert "factor of two" in " ".join(text.split())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.width}-{page.glyphs.rule}")
@pytest.mark.parametrize(("plan", "operation"), OPERATIONS, ids=NAMES)
def test_a_running_step_fits_with_its_clock(plan: Plan, operation: Operation, page: Page) -> None:
    """The live block is drawn again line for line where it stands, and the clock stays on the screen."""
    clock = MillingClock(ScriptedClock(NOON), operation.beam_on_s or operation.duration_s)
    drawn = on(page, running_screen(plan, None, operation, clock), operation)
    text = assert_fits(drawn, page)
    assert "since the start" in text
    assert drawn.live is not None
    again = drawn.live()
    shown = drawn.lines[drawn.live_row : drawn.live_row + len(again)]
    assert [entry.plain for entry in again] == [entry.plain for entry in shown]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.width}-{page.glyphs.rule}")
def test_every_landing_is_drawn(page: Page) -> None:
    """Each conductor that a tip lands on is named with its place, and both numbers stand in the drawing."""
    for plan in PLANS:
        if plan.layout is None:
            continue
        for step in protocol(plan, tuple(plan.recipe.verification)):
            landings = {tip: place for tip, place in zip(step.tips, step.landings, strict=True) if place != "lifted"}
            lines = [entry.plain for entry in plan_view(plan, page, 8, landings)]
            assert max(map(len, lines)) <= page.width
            for number, place in landings.items():
                assert any(str(number) in entry for entry in lines[:8])
                assert place.replace("_", " ") in " ".join(lines)


def test_before_the_first_tip_the_screen_says_what_must_hold() -> None:
    """Grounded while landing, no beam, no light, output off: on the screen before anything is swept."""
    plan = next(plan for plan in PLANS if plan.recipe.verification)
    measure = next(entry for entry in plan.operations if entry.kind == "measure")
    text = assert_fits(on(Page(), ready_screen(plan, measure), measure), Page())
    for word in ("grounded", "no beam", "no light", "output is off"):
        assert word in " ".join(text.split())


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "LOOK in"), (59, "LOOK in"), (61, "LOOK NOW"), (130, "LOOK NOW"), (301, "STOP AND LOOK"), (9000, "STOP AND")],
)
def test_the_clock_calls_for_a_look_from_the_low_end_on(seconds: float, said: str) -> None:
    """It never says that an operation is done, however long it runs."""
    clock = ScriptedClock(NOON)
    milling = MillingClock(clock, MINUTES)
    clock.sleep(seconds)
    text = "\n".join(entry.plain for entry in milling.lines(Page()))
    assert said in text
    assert "done" not in text.lower()
    assert "finished" not in text.lower()


@pytest.mark.parametrize("width", [40, 60, 79, 80, 120])
@pytest.mark.parametrize("beam", [True, False])
def test_a_narrow_clock_loses_no_word_and_keeps_its_place(width: int, beam: bool) -> None:
    """At every moment the same number of lines, each within the page, with all that a wide page says."""
    clock = ScriptedClock(NOON)
    milling = MillingClock(clock, MINUTES, 1000.0, beam)
    counts: set[int] = set()
    for seconds in (0, 0.059, 0.001, 0.07, 0.1, 0.15, 0.2, 300):
        clock.sleep(seconds)
        narrow, wide = milling.lines(Page(width)), milling.lines(Page(500))
        assert max(entry.cell_len for entry in narrow) <= width
        words = [" ".join(entry.plain for entry in lines if "[" not in entry.plain).split() for lines in (narrow, wide)]
        assert words[0] == words[1]
        counts.add(len(narrow))
    assert len(counts) == 1


def test_the_clock_stands_while_it_is_held_and_rings_once() -> None:
    """A pause counts for the whole time and not for the beam; the bell rings once, at the low end."""
    clock = ScriptedClock(NOON)
    milling = MillingClock(clock, MINUTES)
    clock.sleep(30)
    milling.hold()
    clock.sleep(100)
    assert not milling.to_ring()
    milling.go_on()
    assert (milling.seconds, milling.whole_s) == (30, 130)
    clock.sleep(40)
    assert [milling.to_ring(), milling.to_ring()] == [True, False]


def curve_of(points: list[tuple[float, float, bool]], *, simulated: bool = True) -> Curve:
    return Curve(
        path="bridge",
        probing="sweep",
        instrument=Instrument(identity="X", model="X", serial="0", simulated=simulated),
        settings=Settings(voltage_range_v=None, current_range_a=None, nplc=1.0),
        started=NOON,
        points=tuple(
            CurvePoint(level=volt, voltage_v=volt, current_a=ampere, time_s=float(place), in_compliance=held)
            for place, (volt, ampere, held) in enumerate(points)
        ),
    )


VOLT = st.floats(-1, 1, allow_nan=False)


@given(
    st.lists(st.tuples(VOLT, st.floats(-1e-3, 1e-3), st.booleans()), min_size=1, max_size=50), st.sampled_from(PAGES)
)
def test_any_curve_can_be_drawn(points: list[tuple[float, float, bool]], page: Page) -> None:
    """Flat, single-pointed or clamped: it fits, says that it is simulated, and marks what a limit held."""
    lines = [entry.plain for entry in curve_plot(curve_of(points), page)]
    assert max(map(len, lines)) <= page.width
    assert lines[0].startswith("SIMULATED bridge")
    held = sum(clamped for *_, clamped in points)
    assert any(f"{held} points in compliance" in entry for entry in lines) == bool(held)
    assert page.glyphs is UNICODE or "".join(lines).isascii()


@given(
    st.lists(st.tuples(st.integers(1, 12), st.integers(0, 9)), max_size=9),
    st.integers(40, 140),
    st.integers(16, 50),
)
def test_a_screen_never_pushes_its_question_away(sizes: list[tuple[int, int]], width: int, height: int) -> None:
    """Whatever its blocks are, head and foot are whole, and the first block of all loses only its last lines."""
    page = Page(width, height)
    blocks = [
        Block(tuple(line(f"{place}:{row}") for row in range(size)), rank) for place, (size, rank) in enumerate(sizes)
    ]
    foot = (line("what?"),)
    drawn = composed(head(page), blocks, foot, page)
    assert len(drawn.lines) <= height - 1
    assert drawn.lines[-1].plain == "what?"
    assert drawn.lines[2].plain == page.glyphs.rule * width
    shown = {entry.plain for entry in drawn.lines}
    for place, block in enumerate(blocks):
        if block.rank and block not in drawn.gone and sum(size for size, _ in sizes) < height - 5:
            assert f"{place}:0" in shown


@given(st.text(max_size=200), st.integers(10, 100))
def test_a_line_moves_no_cursor(text: str, width: int) -> None:
    """Whatever somebody wrote into a note or a file name, only printable signs reach the terminal."""
    for entry in wrapped(text, width):
        assert entry.plain.isprintable()


@pytest.mark.parametrize(
    ("encoding", "expected"), [("ascii", "5 um, 3 ohm"), ("cp1252", "5 \u00b5m, 3 \u03a9"), ("utf-8", None)]
)
def test_signs_that_a_console_has_not_are_spelled_out(encoding: str, expected: str | None) -> None:
    """A micro sign becomes u and an ohm sign ohm, where the console cannot show them."""
    text = "5 \u00b5m, 3 \u03a9"
    shown = written(text, encoding)
    shown.encode(encoding)
    if expected is not None and encoding == "ascii":
        assert shown == expected
    assert encoding != "utf-8" or shown == text


def test_both_sets_of_signs_have_one_column_each() -> None:
    """A drawing has the same shape in both."""
    for glyphs in (UNICODE, ASCII):
        assert isinstance(glyphs, Glyphs)
        assert all(len(sign) == 1 for sign in vars(glyphs).values())


def test_what_is_safe_to_leave_follows_from_what_was_done(state_after: Callable[[Plan, str], object]) -> None:
    """While the lamella hangs on the needle it is not; before it is cut free below, and on the chip, it is."""
    plan = next(plan for plan in PLANS if "LMNO" in plan.recipe.title)
    for name, safe in {"narrow": True, "needle": False, "lift-out": False, "transfer": True, "measure": True}.items():
        told = " ".join(safe_to_leave(plan, state_after(plan, name)))  # pyright: ignore[reportArgumentType]
        assert ("NOT safe" not in told) == safe, name
        assert "blank both beams" in told
