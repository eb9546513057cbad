"""A small lamella from recipe to plan, a resistor to measure it on, and a judge: all that a session needs."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Self

from fibplan.clock import ScriptedClock
from fibplan.errors import InstrumentError
from fibplan.model.cards import Cards
from fibplan.model.curve import CurvePoint, CurveSet, Instrument, Settings
from fibplan.model.fib_card import FibCard
from fibplan.model.interval import Interval, Status
from fibplan.model.path import Below, VerificationPath
from fibplan.model.plan import Operation, PathLimit, Plan
from fibplan.model.recipe import Recipe
from fibplan.model.steps import Step
from fibplan.model.verdict import Grade, Measured, Outcome, PathVerdict, Verdict
from fibplan.session.engine import Crew
from fibplan.session.folder import FrozenSources, FrozenText
from fibplan.session.operator import ScriptedOperator
from fibplan.smu.protocol import SweepRequest, Swept
from fibplan.verification.probing import SWEEP

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

RECIPE = {
    "fibplan": 1,
    "title": "A small lamella",
    "source": {"citation": "ordinary practice"},
    "instruments": {"fib": "some-fib"},
    "sample": {
        "name": "Si / Pt",
        "stack": [
            {"name": "Si", "role": "substrate", "material": "silicon", "thickness": "5 um"},
            {"name": "Pt", "role": "current_collector", "material": "platinum_film", "thickness": "630 nm"},
        ],
    },
    "lamella": {"length": "10 um", "final_thickness": "100 nm", "thinning": "before_transfer", "cap_width": "2 um"},
    "steps": [
        {"name": "thin", "kind": "thin", "accelerating_voltage": "30 kV", "beam_current": "30 pA", "leaves": "100 nm"},
        {"name": "measure", "kind": "measure", "after": ["thin"], "paths": ["bridge", "protective"]},
        {"name": "hand-off", "kind": "hand_off", "after": ["measure"]},
    ],
    "verification": {
        "bridge": {
            "start": "working_electrode",
            "end": "current_collector",
            "criterion": {"kind": "conducting", "below": "300 ohm", "marginal": "1 kohm"},
            "sweep": {"voltage": "5 mV", "compliance": "20 uA", "points": 11},
        },
        "protective": {
            "start": "working_electrode",
            "end": "protective_layer",
            "criterion": {
                "kind": "insulating",
                "above": "10 Mohm",
                "marginal": "1 Mohm",
                "contact": {"below": "10 kohm", "voltage": "1 mV", "compliance": "20 uA"},
            },
            "sweep": {"voltage": "500 mV", "compliance": "1 uA", "points": 11},
        },
    },
    "hand_off": {
        "flow": "5 uL/min",
        "electrolyte": "1 M LiClO4 in EC:DMC",
        "dose_rate_most": "10 e/nm2/s",
        "cyclic_voltammetry": {
            "lower": "0.3 V", "upper": "1 V", "reference_offset": "3.8 V", "scan_rate": "0.1 mV/s",
            "assumed": ["reference_offset"],
        },
        "impedance": {"highest": "40 kHz", "lowest": "0.5 Hz", "amplitude": "10 mV"},
        "diffraction_map": {"step": "2 nm", "area": "1.2 um2", "precession": "0.7 deg"},
    },
}  # fmt: skip

OPEN_OHM = 1e15
A_WHILE = {"expected": "1 min", "low": "1 min", "high": "2 min", "source": "ordinary practice", "status": "unverified"}
A_SHARE = {"expected": "50 %", "source": "geometry", "status": "derived"}
OVERHEADS = (
    "current_change", "stage_move", "imaging", "gis_insertion", "lift_out", "transfer", "measurement", "hand_off",
)  # fmt: skip
FIB = {
    "fibplan": 1, "kind": "fib", "name": "some-fib", "title": "Some FIB", "source": "nobody", "status": "unverified",
    "beam_angle": "52 deg",
    "beams": [
        {"particle": "Ga", "accelerating_voltage": "30 kV", "apertures": [{"beam_current": "30 pA"}]},
    ],
    "overheads": dict.fromkeys(OVERHEADS, A_WHILE),
    "patterns": {name: {"volume": A_SHARE, "gain": A_SHARE} for name in ("stair_step", "cleaning_cross_section")},
    "redeposition": [],
    "shape": {"tail": A_SHARE, "edge_offset": A_SHARE, "taper": A_SHARE | {"expected": "2 deg"},
              "least_cap": A_SHARE | {"expected": "200 nm"}},
    "imaging": {"beam_current": "30 pA", "field": "25 um", "time": A_WHILE},
}  # fmt: skip

SOURCES = FrozenSources(
    recipe=FrozenText("small.yaml", "fibplan: 1  # \u00b5\n"),
    cards=(FrozenText("fib/some-fib.yaml", "kind: fib\n"), FrozenText("materials.yaml", "silicon: {}\n")),
)


def recipe_with(**changes: object) -> Recipe:
    return Recipe.model_validate({**RECIPE, **changes})


def plan_of(recipe: Recipe, limit_a: float = 1e-4) -> Plan:
    limits = [
        PathLimit(path=name, current_a=limit_a, cross_section_m2=1e-13, weakest="bridge", source="test")
        for name in recipe.verification
    ]
    return Plan(
        recipe=recipe,
        cards=Cards(fib=FibCard.model_validate(FIB), materials={}),
        operations=tuple(_operation(place, step) for place, step in enumerate(recipe.steps)),
        layout=None,
        limits=tuple(limits),
        measured_thickness_m=1e-7,
    )


def _operation(place: int, step: Step) -> Operation:
    minutes = Interval(low=60, expected=120, high=300, unit="s", source="test", status=Status.DERIVED)
    return Operation(
        name=step.name,
        kind=step.kind,
        step=step,
        position=place,
        after=step.after,
        duration_s=minutes,
        beam_current_a=getattr(step, "beam_current", None),
        thickness_after_m=getattr(step, "leaves", None),
    )


@dataclass
class ResistorSmu:
    """An SMU over the resistor that the tips stand on: computes what an ideal instrument would read."""

    bridge_ohm: float = 150.0
    protective_ohm: float = 1.25e7
    simulated: bool = True
    contact_ohm: float = 50.0
    lost_after: int = 99
    landed: tuple[str, str] = ("", "")
    swept: list[SweepRequest] = field(default_factory=list)
    open: bool = False
    closed: bool = False

    @property
    def instrument(self) -> Instrument:
        return Instrument(identity="RESISTOR,1,0", model="resistor", serial="0", simulated=self.simulated)

    def land(self, landings: tuple[str, str]) -> None:
        self.landed = landings

    def sweep(self, request: SweepRequest) -> Swept:
        if len(self.swept) >= self.lost_after:
            raise InstrumentError("the instrument does not answer", where="RESISTOR")
        self.swept.append(request)
        settings = Settings(
            compliance_a=request.compliance_a, current_range_a=None, voltage_range_v=1.0, nplc=request.nplc
        )
        return Swept(settings, tuple(self._point(place, volt, request) for place, volt in enumerate(request.levels)))

    def _point(self, place: int, volt: float, request: SweepRequest) -> CurvePoint:
        current = volt / self._ohm()
        assert request.compliance_a is not None
        limited = max(-request.compliance_a, min(request.compliance_a, current))
        return CurvePoint(
            level=volt,
            voltage_v=limited * self._ohm(),
            current_a=limited,
            time_s=place * 0.02,
            in_compliance=limited != current,
        )

    def _ohm(self) -> float:
        if "lifted" in self.landed:
            return OPEN_OHM
        if self.landed[0] == self.landed[1]:
            return self.contact_ohm
        return self.protective_ohm if "protective_layer" in self.landed else self.bridge_ohm

    def output_off(self) -> None:
        self.open = False

    def close(self) -> None:
        self.open = False
        self.closed = True

    def __enter__(self) -> Self:
        self.open = True
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()


def judge_of(recipe: Recipe) -> Callable[[CurveSet], Verdict]:
    """Ohm's law at the last point that carries current, against each path's own bound."""

    def judge(curves: CurveSet) -> Verdict:
        paths = tuple(_graded(name, path, curves) for name, path in recipe.verification.items())
        good = all(path.grade is Grade.PASS for path in paths)
        return Verdict(outcome=Outcome.ACCEPT if good else Outcome.REJECT, paths=paths, simulated=curves.simulated)

    return judge


def _graded(name: str, path: VerificationPath, curves: CurveSet) -> PathVerdict:
    curve = curves.of(name, SWEEP)
    if curve is None:
        return PathVerdict(path=name, resistance=None, grade=Grade.INCONCLUSIVE, reasons=("no curve",))
    point = [point for point in curve.points if point.current_a][-1]
    assert point.current_a
    ohm = point.voltage_v / point.current_a
    criterion = path.criterion
    good = ohm < criterion.below if isinstance(criterion, Below) else ohm > criterion.above
    measured = Measured(
        low_ohm=0.9 * ohm, expected_ohm=ohm, high_ohm=1.1 * ohm, points_used=1, points_excluded=0, source="test"
    )
    return PathVerdict(
        path=name,
        resistance=measured,
        grade=Grade.PASS if good else Grade.FAIL,
        reasons=(f"{ohm:.3g} ohm",),
        remedies=() if good else ("deposit more",),
    )


def crew_of(recipe: Recipe, smu: ResistorSmu, clock: ScriptedClock | None = None, **others: object) -> Crew:
    clock = clock or ScriptedClock(NOON)
    operator = ScriptedOperator(clock, smu.land)
    return replace(Crew(operator, smu, judge_of(recipe), clock), **others)
