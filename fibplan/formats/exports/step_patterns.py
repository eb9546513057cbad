"""The patterns of every step that works with a beam, in the plan's order, as somebody at the FIB draws them."""

from dataclasses import dataclass, replace

from fibplan.formats.exports.drawn import AT_SAMPLE, Drawn, Piece, drawn_by
from fibplan.formats.exports.pattern import APPLICATIONS, PLATINUM, Pattern, Scan, Shape
from fibplan.milling.beam import probe_diameter, probe_of
from fibplan.model.fib_card import FibCard
from fibplan.model.plan import Operation, Plan
from fibplan.model.steps import Beamed, Deposit, IsolationCut, Weld
from fibplan.units import UM, show

NOT_VERIFIED = "gas pattern: not verified on a tool; no gas is written into it, choose the gas and needle by hand"


@dataclass(frozen=True)
class StepPatterns:
    """What one operation draws; ``number`` is its place in the plan, from 1. Without patterns the notes say why."""

    number: int
    operation: Operation
    patterns: tuple[Pattern, ...]
    view: str
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Number and name, as files are called."""
        return f"{self.number:02d}-{self.operation.name}"


def step_patterns(plan: Plan) -> list[StepPatterns]:
    """One entry for every operation with a beam, in order."""
    numbered = enumerate(plan.operations, start=1)
    return [_of(number, operation, plan) for number, operation in numbered if isinstance(operation.step, Beamed)]


def _of(number: int, operation: Operation, plan: Plan) -> StepPatterns:
    step = operation.step
    drawn = drawn_by(operation, plan)
    if isinstance(drawn, str):
        return StepPatterns(number, operation, (), "", (drawn,))
    probe = _probe(plan.cards.fib, operation)
    if probe is None:
        return StepPatterns(number, operation, (), drawn.view, (f"no probe diameter is known for '{operation.name}'",))
    drawn = _narrowed(drawn, step, probe)
    scan = _scan(operation, drawn, probe)
    if isinstance(scan, str):
        return StepPatterns(number, operation, (), drawn.view, (scan,))
    gas = isinstance(step, Deposit | Weld)
    patterns = tuple(_pattern(piece, drawn, scan) for piece in drawn.pieces)
    several = f"drawn as {len(patterns)} rectangles" if gas and len(patterns) > 1 else ""
    notes = [NOT_VERIFIED if gas else "", several, _probe_note(plan.cards.fib, operation)]
    return StepPatterns(number, operation, patterns, drawn.view, tuple(note for note in notes if note))


def _pattern(piece: Piece, drawn: Drawn, scan: Scan) -> Pattern:
    """The box as a pattern, scanned towards the lamella where it lies above it."""
    box, line = piece.box, drawn.shape is Shape.LINE
    return Pattern(
        shape=drawn.shape,
        scan=scan,
        x_m=box.x / UM,
        y_m=box.y / UM,
        width_m=box.width / UM,
        length_m=(box.width if line else box.height) / UM,
        depth_m=piece.depth_m,
        rotation_rad=box.rotation,
        direction="TopToBottom" if box.y > 0 and drawn.view == AT_SAMPLE else "BottomToTop",
    )


def _narrowed(drawn: Drawn, step: object, probe_m: float) -> Drawn:
    """A cut that is no wider than the probe is a line, as wide as the probe."""
    narrow = isinstance(step, IsolationCut) and all(piece.box.height / UM <= probe_m for piece in drawn.pieces)
    if not narrow:
        return drawn
    lines = [piece._replace(box=piece.box._replace(height=probe_m * UM)) for piece in drawn.pieces]
    return replace(drawn, shape=Shape.LINE, pieces=lines)


def _scan(operation: Operation, drawn: Drawn, probe_m: float) -> Scan | str:
    """The rate is what the plan expects of the whole step: the volume of its boxes over its expected dose.

    So the time of the patterns is the plan's expected time with the beam on.
    """
    current, dose = operation.beam_current_a, operation.dose_c
    volume = sum(piece.box.width * piece.box.height * piece.depth_m for piece in drawn.pieces) / UM**2
    if current is None or dose is None or dose.expected <= 0 or volume <= 0:
        return f"no rate is known for '{operation.name}': its time and passes cannot be told"
    gas = isinstance(operation.step, Deposit | Weld)
    application = PLATINUM if gas else APPLICATIONS[drawn.shape]
    return Scan(application, current, volume / dose.expected, probe_m)


def _probe(fib: FibCard, operation: Operation) -> float | None:
    """At the step's voltage, else at the nearest higher one of the ion beam whose diameters are known."""
    assert isinstance(operation.step, Beamed)
    voltage, current = operation.step.accelerating_voltage, operation.step.beam_current
    own = probe_of(fib, voltage, current)
    if own is not None:
        return own
    others = sorted((beam for beam in fib.beams if beam.particle == "Ga"), key=lambda beam: beam.accelerating_voltage)
    known = [probe_diameter(beam.apertures, current) for beam in others if beam.accelerating_voltage > voltage]
    return next((diameter for diameter in known if diameter is not None), None)


def _probe_note(fib: FibCard, operation: Operation) -> str:
    assert isinstance(operation.step, Beamed)
    voltage, current = operation.step.accelerating_voltage, operation.step.beam_current
    if probe_of(fib, voltage, current) is not None:
        return ""
    return f"the probe diameter at {show(voltage, 'V')} is not known: the pitch is that of a higher voltage"
