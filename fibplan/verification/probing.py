"""Which sweeps prove what: the probing protocol of a lamella on its chip, as data.

Before any path: the surroundings are dark and the tips, lifted, read next to nothing. Then, after the FIB work, the
electrode that the bridge starts from is still insulated from every other one. A path is approached from low voltage,
swept from rest to both signs and back, swept again with the signs exchanged, and once more after a pause.

An insulating reading proves nothing while the tips may hang in the air. With three tips or more each tip, unmoved,
shows continuity to a helper tip on its own conductor before and after. Two tips leapfrog: tip 2 goes from the first
conductor to the second while tip 1 stays, then tip 1 follows while tip 2 stays, and back again, so that each of two
readings has either tip proved on one side of it.
"""

from collections.abc import Sequence
from typing import Literal

from fibplan.model.base import Frozen
from fibplan.model.path import Above, ContactCheck, Landing, Terminal, VerificationPath
from fibplan.model.plan import Plan

Purpose = Literal["floor", "contact", "open_circuit", "resistance"]

SWEEP, GENTLE, REVERSED, REPEAT, LEAPFROG = "sweep", "gentle", "reversed", "repeat", "leapfrog"
CONTACTS_BEFORE = ("contact_start_before", "contact_end_before")
CONTACTS_AFTER = ("contact_start_after", "contact_end_after")
CONTACT_BETWEEN = "contact_end_between"
FLOOR, OPEN_CIRCUIT = "floor", "open_circuit"
TIPS = "tips"
"""The path's name in what concerns the tips alone."""

CONTACT_POINTS = 11
GENTLE_SHARE = 0.2
"""Of the sweep's voltage: where a path is touched first; chosen."""
PAUSE_S = 30.0
"""Between a sweep and its repetition; chosen: a contact that creeps moves within that, and a person waits it out."""
OPEN_CIRCUIT_V = 6.0
"""A volt more than any cell of lithium has between its ends."""
OPEN_CIRCUIT_POINTS = 5
LEAST_TIPS = 2

BEAM_BLANKED, LIGHT_OFF = "beam_blanked", "light_off"
CONDITIONS = {
    BEAM_BLANKED: "the electron beam is blanked, and so is the ion beam",
    LIGHT_OFF: "the chamber light is off, the infrared camera's too",
}
"""What the person at the microscope confirms before any sweep: beam and light alone drive hundreds of nA."""


class ProbingStep(Frozen):
    """One sweep between two tips: volts, amperes, power-line cycles, seconds.

    ``landings`` is where the two tips stand that the SMU is connected to, ``tips`` their numbers from 1. ``moved`` are
    the numbers of the tips that are landed anew for this step (or lifted): every other one must stay exactly where it
    is. ``path`` is a verification path, an isolation between two electrodes, or :data:`TIPS`.
    """

    path: str
    name: str
    purpose: Purpose
    landings: tuple[Landing, Landing]
    tips: tuple[int, int] = (1, 2)
    moved: tuple[int, ...] = ()
    voltage_v: float
    """Largest distance from rest, which is the open-circuit voltage where ``about_open_circuit``."""
    compliance_a: float
    points: int
    nplc: float
    from_zero: bool = False
    """0, plus, 0, minus, 0: up and down in both signs; otherwise from minus to plus."""
    reversed: bool = False
    """Minus comes first."""
    pause_s: float = 0.0
    """To wait before it, with the output off."""
    about_open_circuit: bool = False
    """Its levels lie about what the ``open_circuit`` step of this path has read."""

    @property
    def instruction(self) -> str:
        """What the person at the tips has to do before it, in one line."""
        if "lifted" in self.landings:
            return "lift every tip clear of the sample, and leave the leads as they are for the sweeps"
        moves = [
            f"land tip {tip} on the {_words(place)}"
            for tip, place in zip(self.tips, self.landings, strict=True)
            if tip in self.moved
        ]
        stays = [
            f"tip {tip} stays on the {_words(place)}"
            for tip, place in zip(self.tips, self.landings, strict=True)
            if tip not in self.moved
        ]
        leads = "" if self.tips == (1, 2) else f"; connect the SMU to tips {self.tips[0]} and {self.tips[1]}"
        return "; ".join([*moves, *stays]) + leads


def protocol(plan: Plan, paths: Sequence[str]) -> tuple[ProbingStep, ...]:
    """Everything that is swept when these paths are measured: the floor, the electrodes' isolation, then each path."""
    steps = [step for name in swept_paths(plan, paths) for step in path_steps(plan, name)]
    return (*floor_steps(plan), *steps)


def swept_paths(plan: Plan, paths: Sequence[str]) -> dict[str, VerificationPath]:
    """What is swept when these paths are measured, in order: the isolation of the chip's electrodes comes first."""
    known = all_paths(plan)
    return {name: known[name] for name in dict.fromkeys([*isolation_paths(plan), *paths]) if name in known}


def all_paths(plan: Plan) -> dict[str, VerificationPath]:
    """The recipe's paths, and the isolation of the chip's electrodes from each other."""
    return {**plan.recipe.verification, **isolation_paths(plan)}


def isolation_paths(plan: Plan) -> dict[str, VerificationPath]:
    """From the electrode that the bridge starts from to each other one of the chip: overspray must not join them.

    Held against the criterion in ohm of the recipe's first insulating path, and swept like that one. A path of the
    recipe between the same two electrodes stands in its place.
    """
    like, bridge, chip = _first_insulating(plan), plan.recipe.bridge, plan.cards.echip
    if like is None or bridge is None or chip is None:
        return {}
    stated = [{path.start, path.end} for path in plan.recipe.verification.values()]
    others: list[Terminal] = [entry.name for entry in chip.electrodes if entry.name != bridge.start]
    return {
        f"isolation-{other}": _isolation(like, bridge.start, other)
        for other in others
        if {bridge.start, other} not in stated
    }


def path_steps(plan: Plan, name: str) -> tuple[ProbingStep, ...]:
    """The sweeps of one path of :func:`all_paths` in order; none carries more than the plan's limit for it."""
    path = all_paths(plan)[name]
    sweep = _sweep_of(plan, name, path)
    check = _contact_of(plan, path)
    contact = check.model_copy(update={"compliance": _carried(plan, name, check.compliance)})
    swept = [sweep] if name in isolation_paths(plan) else _swept(plan, path, sweep)
    if tips_of(plan) > LEAST_TIPS:
        return _helped(swept, contact)
    return _leapfrogged(swept, contact) if isinstance(path.criterion, Above) else _followed(swept, contact)


def floor_steps(plan: Plan) -> tuple[ProbingStep, ...]:
    """What the tips read in the air, as far as the insulating sweeps go; nothing without one."""
    like = _first_insulating(plan)
    if like is None:
        return ()
    paths = [path.sweep for path in plan.recipe.verification.values() if isinstance(path.criterion, Above)]
    floor = ProbingStep(
        path=TIPS,
        name=FLOOR,
        purpose="floor",
        landings=("lifted", "lifted"),
        moved=(1, 2),
        voltage_v=max(sweep.voltage for sweep in paths),
        compliance_a=min(sweep.compliance for sweep in paths),
        points=CONTACT_POINTS,
        nplc=like.sweep.nplc,
    )
    return (floor,)


def tips_of(plan: Plan) -> int:
    """How many tips are used, as the probe card says."""
    return plan.cards.probe.tips if plan.cards.probe is not None else LEAST_TIPS


def through_cell(plan: Plan, path: VerificationPath) -> bool:
    """Whether a cell with a voltage of its own lies between the path's ends."""
    across = isinstance(path.criterion, Above) and "protective_layer" in (path.start, path.end)
    return plan.recipe.sample.has_voltage and across


def _swept(plan: Plan, path: VerificationPath, sweep: ProbingStep) -> list[ProbingStep]:
    """From the gentlest on; a charged cell is asked for its voltage first, and never swept but about that."""
    own = through_cell(plan, path)
    sweep = sweep.model_copy(update={"about_open_circuit": own})
    gentle = sweep.model_copy(update={"name": GENTLE, "voltage_v": GENTLE_SHARE * sweep.voltage_v})
    swept = [
        gentle,
        sweep,
        sweep.model_copy(update={"name": REVERSED, "reversed": True}),
        sweep.model_copy(update={"name": REPEAT, "pause_s": PAUSE_S}),
    ]
    return [_open_circuit(sweep), *swept] if own else swept


def _open_circuit(sweep: ProbingStep) -> ProbingStep:
    """No current is drawn, and the voltage is read; nothing above what a cell may have is waited for."""
    return sweep.model_copy(
        update={
            "name": OPEN_CIRCUIT,
            "purpose": "open_circuit",
            "voltage_v": OPEN_CIRCUIT_V,
            "points": OPEN_CIRCUIT_POINTS,
            "from_zero": False,
            "about_open_circuit": False,
        }
    )


def _leapfrogged(swept: list[ProbingStep], contact: ContactCheck) -> tuple[ProbingStep, ...]:
    """Two tips: start and start, start and end, end and end, start and end again, start and start again."""
    sweep = _whole(swept)
    first, *rest = swept
    before, between, after = CONTACTS_BEFORE[0], CONTACT_BETWEEN, CONTACTS_AFTER[0]
    return (
        _contact(sweep, contact, before, 0, moved=(1, 2)),
        first.model_copy(update={"moved": (2,)}),
        *rest,
        _contact(sweep, contact, between, 1, moved=(1,)),
        sweep.model_copy(update={"name": LEAPFROG, "moved": (1,)}),
        _contact(sweep, contact, after, 0, moved=(2,)),
    )


def _followed(swept: list[ProbingStep], contact: ContactCheck) -> tuple[ProbingStep, ...]:
    """Two tips on a path that conducts: what leads and tips have, one tip's landing before and the other's after."""
    sweep = _whole(swept)
    first, *rest = swept
    return (
        _contact(sweep, contact, CONTACTS_BEFORE[0], 0, moved=(1, 2)),
        first.model_copy(update={"moved": (2,)}),
        *rest,
        _contact(sweep, contact, CONTACTS_AFTER[1], 1, moved=(1,)),
    )


def _helped(swept: list[ProbingStep], contact: ContactCheck) -> tuple[ProbingStep, ...]:
    """Three tips or more: the third goes to and fro between the conductors, and the two that are swept never move."""
    sweep = _whole(swept)
    with_1, with_2 = (1, 3), (3, 2)
    return (
        _contact(sweep, contact, CONTACTS_BEFORE[0], 0, moved=(1, 3), tips=with_1),
        _contact(sweep, contact, CONTACTS_BEFORE[1], 1, moved=(2, 3), tips=with_2),
        *swept,
        _contact(sweep, contact, CONTACTS_AFTER[0], 0, moved=(3,), tips=with_1),
        _contact(sweep, contact, CONTACTS_AFTER[1], 1, moved=(3,), tips=with_2),
    )


def _whole(swept: list[ProbingStep]) -> ProbingStep:
    return next(step for step in swept if step.name == SWEEP)


def _contact(
    sweep: ProbingStep,
    check: ContactCheck,
    name: str,
    end: int,
    *,
    moved: tuple[int, ...],
    tips: tuple[int, int] = (1, 2),
) -> ProbingStep:
    """Two tips on the conductor at that end: the one that stands there, and a helper or the other of two."""
    terminal = sweep.landings[end]
    return sweep.model_copy(
        update={
            "name": name,
            "purpose": "contact",
            "landings": (terminal, terminal),
            "tips": tips,
            "moved": moved,
            "voltage_v": check.voltage,
            "compliance_a": check.compliance,
            "points": CONTACT_POINTS,
            "from_zero": False,
            "about_open_circuit": False,
        }
    )


def levels_of(points: int) -> int:
    """How many levels a sweep from rest to both ends and back has that is to have about so many: 4 n + 1."""
    return 4 * max(round((points - 1) / 4), 2) + 1


def _sweep_of(plan: Plan, name: str, path: VerificationPath) -> ProbingStep:
    return ProbingStep(
        path=name,
        name=SWEEP,
        purpose="resistance",
        landings=(path.start, path.end),
        voltage_v=path.sweep.voltage,
        compliance_a=_carried(plan, name, path.sweep.compliance),
        points=levels_of(path.sweep.points),
        nplc=path.sweep.nplc,
        from_zero=True,
    )


def _carried(plan: Plan, name: str, asked_a: float) -> float:
    """The lower of what the recipe asks for and what the plan lets this path carry: the one place that asks."""
    limit = plan.limit(name)
    return asked_a if limit is None else min(asked_a, limit.current_a)


def _contact_of(plan: Plan, path: VerificationPath) -> ContactCheck:
    """The path's own check, or that of the first insulating one."""
    if isinstance(path.criterion, Above):
        return path.criterion.contact
    like = _first_insulating(plan)
    if like is not None and isinstance(like.criterion, Above):
        return like.criterion.contact
    return NO_STATED_CHECK


NO_STATED_CHECK = ContactCheck.model_construct(below=1e4, voltage=1e-3, compliance=2e-5, assumed=())
"""For a recipe without an insulating path, which says how its contacts are checked: a rule refuses it."""


def _isolation(like: VerificationPath, start: Terminal, end: Terminal) -> VerificationPath:
    criterion = like.criterion.model_copy(update={"relative": None})
    why = "overspray of metal joins the electrodes of the chip"
    return like.model_copy(update={"start": start, "end": end, "criterion": criterion, "why": why})


def _first_insulating(plan: Plan) -> VerificationPath | None:
    paths = plan.recipe.verification.values()
    return next((path for path in paths if isinstance(path.criterion, Above)), None)


def _words(landing: Landing) -> str:
    return landing.replace("_", " ")
